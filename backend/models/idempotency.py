"""Requests that may be sent again without harm: what the first one was answered."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class IdempotencyKey(Model):
    """A client's key, what it asked with it (hashed), and what it was answered: asking again is answered the same."""

    id = fields.BigIntField(primary_key=True)
    owner = fields.CharField(max_length=32)
    operation = fields.CharField(max_length=48)
    key = fields.CharField(max_length=100)
    request_hash = fields.CharField(max_length=64)
    answer = fields.TextField()
    created_at: datetime = InstantField(db_index=True)

    class Meta:
        table = "idempotency_keys"
        unique_together = (("owner", "operation", "key"),)
