"""Selections of courriers asked for as a file."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class CourrierExport(Model):
    """A selection asked for as a ZIP or a spreadsheet: fetched by a signed address, judged again then (R-COU-08)."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, db_index=True)
    form = fields.CharField(max_length=3)
    courriers = fields.TextField()
    """Their numbers, in the order of the list, separated by commas."""
    asked_at: datetime = InstantField()

    class Meta:
        table = "courrier_exports"
