"""Accounts (comptes utilisateurs), the identifiers ever given, and failed sign-ins under unknown ones."""

from datetime import date, datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField, LegalDateField


class IssuedIdentifier(Model):
    """Every identifier ever given: it is never given again (R-ACC-12)."""

    value = fields.CharField(max_length=32, primary_key=True)
    issued_at: datetime = InstantField()

    class Meta:
        table = "issued_identifiers"


class User(Model):
    """One person at one establishment (R-ACC-01). Its status is derived from these facts, never stored."""

    id = fields.BigIntField(primary_key=True)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.RESTRICT)
    identifier = fields.CharField(max_length=32, unique=True)
    civility = fields.CharField(max_length=8, null=True)
    first_name = fields.CharField(max_length=100)
    last_name = fields.CharField(max_length=100)
    sort_name = fields.CharField(max_length=210)
    search_text = fields.TextField()
    email = fields.CharField(max_length=254)
    email_key = fields.CharField(max_length=254)
    phone = fields.CharField(max_length=32, null=True)
    is_administrator = fields.BooleanField(default=False)
    is_operator = fields.BooleanField(default=False)
    password_hash = fields.CharField(max_length=200, null=True)
    created_at: datetime = InstantField()
    invited_at: datetime | None = InstantField(null=True)
    in_use_since: datetime | None = InstantField(null=True)
    """Since when it can be used as it is: its first password, its reopening, its last change of profile; null: since it
    was made. What was before is in `past_accounts`.
    """
    last_login_at: datetime | None = InstantField(null=True)
    renewed_at: datetime | None = InstantField(null=True)
    expires_on: date = LegalDateField()
    failed_sign_ins = fields.IntField(default=0)
    locked_at: datetime | None = InstantField(null=True)
    rights_to_review_since: datetime | None = InstantField(null=True)
    deleted_at: datetime | None = InstantField(null=True)
    erased_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "users"
        indexes = (
            Index(fields=("establishment_id", "sort_name", "id"), name="users_by_name"),
            Index(fields=("establishment_id", "expires_on", "id"), name="users_by_expiry"),
            Index(fields=("expires_on",), name="users_expiring"),
            Index(fields=("email_key",), name="users_by_email"),
            Index(fields=("sort_name", "id"), name="users_everywhere_by_name"),
        )


class ExpiryStep(Model):
    """A step told once on the way to an account's expiry: 14, 7 and 1 day before, 0 for what happened (R-ACC-09, 11).

    The date is part of what is told: an account whose expiry has moved is told anew.
    """

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE)
    expires_on: date = LegalDateField()
    days_before = fields.IntField()
    told_at: datetime = InstantField()

    class Meta:
        table = "expiry_steps"
        unique_together = (("user_id", "expires_on", "days_before"),)


class StrangerSignIn(Model):
    """Failed sign-ins under an identifier nobody has: answered, counted and locked like a real one (R-ACC-14)."""

    identifier_hash = fields.CharField(max_length=64, primary_key=True)
    failed_sign_ins = fields.IntField(default=0)
    locked_at: datetime | None = InstantField(null=True)
    last_at: datetime = InstantField(db_index=True)

    class Meta:
        table = "stranger_sign_ins"
