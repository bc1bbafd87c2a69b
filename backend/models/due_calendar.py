"""Calendars of due dates that people subscribe to."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class DueCalendar(Model):
    """The secret address at which a person's calendar reads the due dates of their courriers."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, unique=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    opened_at: datetime = InstantField()

    class Meta:
        table = "due_calendars"
