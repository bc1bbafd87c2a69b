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
    rehearsal = fields.TextField(null=True)
    """What the last rehearsal found, as JSON; none since a line was loaded."""

    class Meta:
        table = "deposit_batches"


class DepositLine(Model):
    """One line of a batch: READY to be published, REJECTED with a reason, ALREADY deposited before, or PUBLISHED."""

    id = fields.BigIntField(primary_key=True)
    batch_id: int
    batch = fields.ForeignKeyField("peps.DepositBatch", on_delete=fields.CASCADE)
    line = fields.IntField()
    reference = fields.CharField(max_length=64, null=True)
    outcome = fields.CharField(max_length=9, default="READY")
    courrier_id: int | None
    courrier = fields.ForeignKeyField("peps.Courrier", on_delete=fields.RESTRICT, null=True, db_index=True)
    rejection_code = fields.CharField(max_length=40, null=True)
    rejection_message = fields.TextField(null=True)

    class Meta:
        table = "deposit_lines"
        unique_together = (("batch_id", "line"),)


class DepositContent(Model):
    """What a line that is READY will become; gone once it is published, or its batch cancelled.

    `said` is what the deposit says, as JSON, but for its files.
    """

    id = fields.BigIntField(primary_key=True)
    line_id: int
    line = fields.ForeignKeyField("peps.DepositLine", on_delete=fields.CASCADE, unique=True)
    batch_id: int
    batch = fields.ForeignKeyField("peps.DepositBatch", on_delete=fields.CASCADE)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.RESTRICT)
    type_id: int
    type = fields.ForeignKeyField("peps.CourrierType", on_delete=fields.RESTRICT)
    fund_id: str
    fund = fields.ForeignKeyField("peps.Fund", on_delete=fields.RESTRICT)
    reference = fields.CharField(max_length=64)
    content_hash = fields.CharField(max_length=64)
    said = fields.TextField()

    class Meta:
        table = "deposit_contents"
        unique_together = (("batch_id", "fund_id", "reference"),)


class DepositDocument(Model):
    """A file of a line that is READY: the letter's at position 0, its attachments after it."""

    id = fields.BigIntField(primary_key=True)
    content_id: int
    content = fields.ForeignKeyField("peps.DepositContent", on_delete=fields.CASCADE)
    document_id: int
    document = fields.ForeignKeyField("peps.Document", on_delete=fields.RESTRICT, db_index=True)
    file_name = fields.CharField(max_length=200)
    position = fields.SmallIntField()

    class Meta:
        table = "deposit_documents"
        unique_together = (("content_id", "position"),)
