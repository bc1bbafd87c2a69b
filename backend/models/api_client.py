"""API clients (clients techniques): programs with their own token."""

from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField, LegalDateField


class ApiClient(Model):
    """A program: the funds' production chain, an employer's HR software. Its token is known by its SHA-256 only."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(max_length=100, unique=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    scopes = fields.CharField(max_length=200)
    created_at: datetime = InstantField()
    last_used_at: datetime | None = InstantField(null=True)
    expires_on: date | None = LegalDateField(null=True)
    revoked_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "api_clients"
