"""Views of the list of courriers, by the names people gave them."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class SavedView(Model):
    """A list of courriers a person has named: the filters and the order of its address (R-COU-07)."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE)
    name = fields.CharField(max_length=60)
    query = fields.CharField(max_length=1000)
    saved_at: datetime = InstantField()

    class Meta:
        table = "saved_views"
        unique_together = (("user_id", "name"),)
