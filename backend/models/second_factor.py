"""Second factors (R-ACC-16): applications, passkeys, recovery codes, trusted devices."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class SecondFactor(Model):
    """A TOTP application or a passkey enrolled by its owner."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, db_index=True)
    kind = fields.CharField(max_length=8)
    label = fields.CharField(max_length=100)
    secret = fields.TextField()
    credential_id = fields.CharField(max_length=400, null=True, unique=True)
    counter = fields.BigIntField(default=0)
    enrolled_at: datetime = InstantField()
    confirmed_at: datetime | None = InstantField(null=True)
    last_used_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "second_factors"


class RecoveryCode(Model):
    """A code shown once, that works once, when the second factor is lost."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, db_index=True)
    code_hash = fields.CharField(max_length=200)
    created_at: datetime = InstantField()
    used_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "recovery_codes"


class Challenge(Model):
    """What a second factor is asked for: a sign-in whose password was right, an action, an enrolment (R-ACC-16).

    Known by the SHA-256 of the secret its client carries; `nonce` is what a passkey signs. It works once.
    """

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    purpose = fields.CharField(max_length=12)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, db_index=True)
    nonce = fields.CharField(max_length=200, null=True)
    created_at: datetime = InstantField()
    expires_at: datetime = InstantField(db_index=True)
    failures = fields.IntField(default=0)
    used_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "challenges"


class TrustedDevice(Model):
    """A device on which the second factor is not asked again for 7 days."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, db_index=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    user_agent = fields.CharField(max_length=300, null=True)
    trusted_at: datetime = InstantField()
    expires_at: datetime = InstantField(db_index=True)

    class Meta:
        table = "trusted_devices"
