"""Letters whose paper copy was handed over to the printer."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class PostalCopy(Model):
    """The one paper copy of a letter, and the hand-over file it left in (R-COU-09)."""

    id = fields.BigIntField(primary_key=True)
    courrier_id: int
    courrier = fields.ForeignKeyField("peps.Courrier", on_delete=fields.CASCADE, unique=True)
    file_name = fields.CharField(max_length=100, db_index=True)
    handed_over_at: datetime = InstantField()

    class Meta:
        table = "postal_copies"
