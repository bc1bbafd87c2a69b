"""Deposit batches: many letters opened, loaded, rehearsed, then published as a whole or cancelled (R-COU-04)."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class DepositBatch(Model):
    """One batch."""

    id = fields.BigIntField(primary_key=True)
    label = fields.CharField(max_length=200)
    status = fields.CharField(max_length=12, db_index=True)
    opened_by_id: int | None
    opened_by = fields.ForeignKeyField("peps.User", on_delete=fields.RESTRICT, null=True, db_index=True)
    opened_by_client_id: int | None
    opened_by_client = fields.ForeignKeyField("peps.ApiClient", on_delete=fields.RESTRICT, null=True, db_index=True)
    opened_at: datetime = InstantField()
    published_at: datetime | None = InstantField(null=True)
    cancelled_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "deposit_batches"


class DepositLine(Model):
    """One line of a batch: loaded, then accepted as a courrier or rejected with a reason."""

    id = fields.BigIntField(primary_key=True)
    batch_id: int
    batch = fields.ForeignKeyField("peps.DepositBatch", on_delete=fields.CASCADE)
    line = fields.IntField()
    courrier_id: int | None
    courrier = fields.ForeignKeyField("peps.Courrier", on_delete=fields.RESTRICT, null=True, db_index=True)
    rejection_code = fields.CharField(max_length=40, null=True)
    rejection_message = fields.TextField(null=True)

    class Meta:
        table = "deposit_lines"
        unique_together = (("batch_id", "line"),)
