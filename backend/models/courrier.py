"""Courriers: metadata, attachments, each reader's marks, and the facts that are never overwritten."""

from datetime import date, datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField, LegalDateField


class Courrier(Model):
    """An official letter of a fund to an establishment (R-COU-01)."""

    id = fields.BigIntField(primary_key=True)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.RESTRICT)
    type_id: int
    type = fields.ForeignKeyField("peps.CourrierType", on_delete=fields.RESTRICT)
    fund_id: str
    fund = fields.ForeignKeyField("peps.Fund", on_delete=fields.RESTRICT)
    reference = fields.CharField(max_length=64)
    subject = fields.CharField(max_length=200)
    search_text = fields.TextField()
    letter_date: date = LegalDateField()
    fiscal_year = fields.SmallIntField(null=True)
    due_on: date | None = LegalDateField(null=True)
    document_id: int
    document = fields.ForeignKeyField("peps.Document", on_delete=fields.RESTRICT, db_index=True)
    file_name = fields.CharField(max_length=200)
    content_hash = fields.CharField(max_length=64)
    acknowledgement_required = fields.BooleanField(default=False)
    sent_by_post = fields.BooleanField(default=False)
    replaces_id: int | None
    replaces = fields.ForeignKeyField("peps.Courrier", on_delete=fields.RESTRICT, null=True, related_name="replaced_by")
    batch_id: int | None
    batch = fields.ForeignKeyField("peps.DepositBatch", on_delete=fields.RESTRICT, null=True, db_index=True)
    deposited_by_id: int | None
    deposited_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.RESTRICT, null=True, related_name="courriers_deposited"
    )
    deposited_by_client_id: int | None
    deposited_by_client = fields.ForeignKeyField(
        "peps.ApiClient", on_delete=fields.RESTRICT, null=True, related_name="courriers_deposited"
    )
    deposited_at: datetime = InstantField()
    publish_at: datetime = InstantField()
    available_at: datetime | None = InstantField(null=True)
    first_opened_at: datetime | None = InstantField(null=True)
    first_opened_by_id: int | None
    first_opened_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.RESTRICT, null=True, related_name="courriers_first_opened"
    )
    acknowledged_at: datetime | None = InstantField(null=True)
    acknowledged_by_id: int | None
    acknowledged_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.RESTRICT, null=True, related_name="courriers_acknowledged"
    )
    withdrawn_at: datetime | None = InstantField(null=True)
    """Since when nobody reads it any more: withdrawn by who deposited it, or removed at the end of its retention."""
    withdrawn_by_id: int | None
    withdrawn_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.RESTRICT, null=True, related_name="courriers_withdrawn"
    )
    withdrawal_reason = fields.TextField(null=True)
    removed_at: datetime | None = InstantField(null=True)
    """When its content went, at the end of its retention: what is left is a trace (R-COU-14)."""

    net_step = fields.SmallIntField(default=0)
    """How far the safety net has gone for it: 1 its readers, 2 its administrators, 3 the operators (R-COU-11)."""

    class Meta:
        table = "courriers"
        unique_together = (("fund_id", "reference"),)
        indexes = (
            Index(fields=("establishment_id", "available_at", "id"), name="courriers_by_establishment"),
            Index(fields=("available_at", "id"), name="courriers_by_availability"),
            Index(fields=("type_id", "available_at"), name="courriers_by_type"),
            Index(fields=("establishment_id", "letter_date", "id"), name="courriers_by_letter_date"),
        )


class CourrierAttachment(Model):
    """A further document of a courrier."""

    id = fields.BigIntField(primary_key=True)
    courrier_id: int
    courrier = fields.ForeignKeyField("peps.Courrier", on_delete=fields.CASCADE)
    document_id: int
    document = fields.ForeignKeyField("peps.Document", on_delete=fields.RESTRICT, db_index=True)
    file_name = fields.CharField(max_length=200)
    position = fields.SmallIntField()

    class Meta:
        table = "courrier_attachments"
        unique_together = (("courrier_id", "position"),)


class CourrierMark(Model):
    """What a courrier is for one reader: read, archived. Personal; erases no fact (R-COU-06)."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE)
    courrier_id: int
    courrier = fields.ForeignKeyField("peps.Courrier", on_delete=fields.CASCADE, db_index=True)
    read_at: datetime | None = InstantField(null=True)
    archived_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "courrier_marks"
        unique_together = (("user_id", "courrier_id"),)


class CourrierFact(Model):
    """Something that happened to a courrier: append-only (R-COU-06). `link_nonce` makes one fact of one link."""

    id = fields.BigIntField(primary_key=True)
    courrier_id: int
    courrier = fields.ForeignKeyField("peps.Courrier", on_delete=fields.RESTRICT)
    kind = fields.CharField(max_length=20)
    occurred_at: datetime = InstantField()
    actor_id: int | None
    actor = fields.ForeignKeyField("peps.User", on_delete=fields.RESTRICT, null=True, db_index=True)
    delegation_id: int | None
    delegation = fields.ForeignKeyField("peps.Delegation", on_delete=fields.RESTRICT, null=True, db_index=True)
    notification_id: int | None
    notification = fields.ForeignKeyField("peps.Notification", on_delete=fields.SET_NULL, null=True, db_index=True)
    detail = fields.CharField(max_length=300, null=True)
    link_nonce = fields.CharField(max_length=32, null=True, unique=True)

    class Meta:
        table = "courrier_facts"
        indexes = (Index(fields=("courrier_id", "occurred_at", "id"), name="courrier_facts_by_courrier"),)
