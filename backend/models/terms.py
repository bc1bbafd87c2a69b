"""Terms (CGU) and their acceptance."""

from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField, LegalDateField


class Terms(Model):
    """A version of the CGU; immutable once published (R-CGU-01)."""

    id = fields.BigIntField(primary_key=True)
    version = fields.CharField(max_length=32, unique=True)
    published_on: date = LegalDateField(db_index=True)
    changes = fields.TextField(null=True)
    body = fields.TextField()
    body_sha256 = fields.CharField(max_length=64)

    class Meta:
        table = "terms"


class TermsAcceptance(Model):
    """Who accepted which version, when, for which establishment, and the hash of its text (R-CGU-03)."""

    id = fields.BigIntField(primary_key=True)
    terms_id: int
    terms = fields.ForeignKeyField("peps.Terms", on_delete=fields.RESTRICT, db_index=True)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.RESTRICT)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.RESTRICT, db_index=True)
    accepted_at: datetime = InstantField()
    body_sha256 = fields.CharField(max_length=64)

    class Meta:
        table = "terms_acceptances"
        unique_together = (("establishment_id", "terms_id"),)
