"""Models of letter (modèles de courrier): the published catalogue is made of these."""

from datetime import date

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import LegalDateField


class CourrierType(Model):
    """A model of letter: reading letters of this type takes a right on its service."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(max_length=64, unique=True)
    label = fields.CharField(max_length=200)
    fund_id: str
    fund = fields.ForeignKeyField("peps.Fund", on_delete=fields.RESTRICT, db_index=True)
    service_id: int
    service = fields.ForeignKeyField("peps.Service", on_delete=fields.RESTRICT, db_index=True)
    channel = fields.CharField(max_length=16)
    notifies_by_email = fields.BooleanField(default=True)
    retention_months = fields.IntField(default=120)
    available_since: date = LegalDateField()
    remind_after = fields.SmallIntField(default=7)
    """Days unread until its readers are reminded, then its administrators told, then operators; 0 for never."""
    escalate_after = fields.SmallIntField(default=21)
    follow_up_after = fields.SmallIntField(default=45)

    class Meta:
        table = "courrier_types"
