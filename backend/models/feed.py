"""The feed: what open screens are told, in the order it was committed."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField


class FeedEntry(Model):
    """A letter became available. Ids follow the order of commits, so that a cursor misses nothing (R-COU-16)."""

    id = fields.BigIntField(primary_key=True)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.CASCADE)
    courrier_id: int
    courrier = fields.ForeignKeyField("peps.Courrier", on_delete=fields.CASCADE, unique=True)
    occurred_at: datetime = InstantField()

    class Meta:
        table = "feed_entries"
        indexes = (Index(fields=("establishment_id", "id"), name="feed_entries_by_establishment"),)
