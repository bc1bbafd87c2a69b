"""Services of the platform, the funds they concern, and their review by each establishment."""

from datetime import date, datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField, LegalDateField


class Service(Model):
    """One function of the platform, open since a date; closed ones hide their rights (R-RGT-05)."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(max_length=64, unique=True)
    label = fields.CharField(max_length=200)
    description = fields.TextField()
    theme = fields.CharField(max_length=100)
    position = fields.IntField()
    is_delegable = fields.BooleanField(default=True)
    online_since: date = LegalDateField()
    closed_on: date | None = LegalDateField(null=True)

    class Meta:
        table = "services"


class ServiceFund(Model):
    """A fund that a service concerns."""

    id = fields.BigIntField(primary_key=True)
    service_id: int
    service = fields.ForeignKeyField("peps.Service", on_delete=fields.CASCADE)
    fund_id: str
    fund = fields.ForeignKeyField("peps.Fund", on_delete=fields.RESTRICT, db_index=True)

    class Meta:
        table = "service_funds"
        unique_together = (("service_id", "fund_id"),)


class ServiceReview(Model):
    """An establishment's administrators have reviewed the rights on a service (R-RGT-04)."""

    id = fields.BigIntField(primary_key=True)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.RESTRICT)
    service_id: int
    service = fields.ForeignKeyField("peps.Service", on_delete=fields.RESTRICT, db_index=True)
    reviewed_by_id: int
    reviewed_by = fields.ForeignKeyField("peps.User", on_delete=fields.RESTRICT, db_index=True)
    reviewed_at: datetime = InstantField()

    class Meta:
        table = "service_reviews"
        unique_together = (("establishment_id", "service_id"),)
