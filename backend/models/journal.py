"""The journal: append-only events, each chained to the one before by hash, sealed daily (R-JRN-01)."""

from datetime import date, datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField, LegalDateField


class AuditEvent(Model):
    """Who did what, for whom, through what, when. Holds no personal data: those are in the detail.

    References are plain numbers, not foreign keys: the journal outlives what it speaks of.
    """

    id = fields.BigIntField(primary_key=True)
    occurred_at: datetime = InstantField()
    action = fields.CharField(max_length=48)
    actor_id = fields.BigIntField(null=True)
    api_client_id = fields.BigIntField(null=True)
    establishment_id = fields.BigIntField(null=True)
    on_behalf_of_id = fields.BigIntField(null=True)
    delegation_id = fields.BigIntField(null=True)
    subject_type = fields.CharField(max_length=32, null=True)
    subject_id = fields.BigIntField(null=True)
    detail_hash = fields.CharField(max_length=64)
    previous_hash = fields.CharField(max_length=64)
    hash = fields.CharField(max_length=64)

    class Meta:
        table = "audit_events"
        indexes = (
            Index(fields=("establishment_id", "id"), name="audit_events_by_establishment"),
            Index(fields=("actor_id", "id"), name="audit_events_by_actor"),
            Index(fields=("on_behalf_of_id", "id"), name="audit_events_by_beneficiary"),
            Index(fields=("delegation_id", "id"), name="audit_events_by_delegation"),
            Index(fields=("subject_type", "subject_id", "id"), name="audit_events_by_subject"),
        )


class AuditDetail(Model):
    """Before, after and origin of an event, salted: erasable without breaking the chain (R-JRN-03)."""

    id = fields.BigIntField(primary_key=True)
    event_id: int
    event = fields.OneToOneField("peps.AuditEvent", on_delete=fields.RESTRICT)
    salt = fields.CharField(max_length=32)
    body = fields.TextField()

    class Meta:
        table = "audit_details"


class AuditSeal(Model):
    """The day's last hash, signed."""

    day: date = LegalDateField(primary_key=True)
    event_id: int
    event = fields.ForeignKeyField("peps.AuditEvent", on_delete=fields.RESTRICT, db_index=True)
    hash = fields.CharField(max_length=64)
    signature = fields.TextField()
    sealed_at: datetime = InstantField()

    class Meta:
        table = "audit_seals"
