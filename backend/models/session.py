"""Sessions and the links that set passwords."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField


class Session(Model):
    """Somebody is signed in: the cookie or bearer token is known by its SHA-256 only."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    transport = fields.CharField(max_length=8)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE)
    acting_for_id: int | None
    acting_for = fields.ForeignKeyField(
        "peps.Establishment", on_delete=fields.SET_NULL, null=True, db_index=True, related_name="acting_sessions"
    )
    created_at: datetime = InstantField()
    last_seen_at: datetime = InstantField()
    expires_at: datetime = InstantField(db_index=True)
    ended_at: datetime | None = InstantField(null=True)
    second_factor_at: datetime | None = InstantField(null=True)
    user_agent = fields.CharField(max_length=300, null=True)
    address = fields.CharField(max_length=64, null=True)

    class Meta:
        table = "sessions"
        indexes = (Index(fields=("user_id", "id"), name="sessions_by_user"),)


class Link(Model):
    """A link sent by e-mail, that works once: invitation, password reset, confirmation of an address."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    purpose = fields.CharField(max_length=24)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE)
    new_email = fields.CharField(max_length=254, null=True)
    created_at: datetime = InstantField()
    expires_at: datetime = InstantField(db_index=True)
    used_at: datetime | None = InstantField(null=True)
    revoked_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "links"
        indexes = (Index(fields=("user_id", "purpose"), name="links_by_user"),)


class Switch(Model):
    """The last time a person began to act for an establishment: those they switch to first (R-DEL-06)."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.CASCADE, db_index=True)
    at: datetime = InstantField()

    class Meta:
        table = "switches"
        unique_together = (("user_id", "establishment_id"),)
