"""Notifications: every e-mail is a row before it is a message (R-NOT-01); and each person's preferences."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField


class Notification(Model):
    """An e-mail: queued in the transaction that causes it, sent by a worker, its state kept."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(max_length=24)
    rule = fields.CharField(max_length=16)
    once_key = fields.CharField(max_length=120, null=True, unique=True)
    establishment_id: int | None
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.CASCADE, null=True, db_index=True)
    user_id: int | None
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, null=True)
    courrier_id: int | None
    courrier = fields.ForeignKeyField(
        "peps.Courrier", on_delete=fields.CASCADE, null=True, db_index=True, related_name="notifications"
    )
    recipient = fields.CharField(max_length=254)
    subject = fields.CharField(max_length=200)
    body_text = fields.TextField()
    body_html = fields.TextField()
    status = fields.CharField(max_length=12)
    attempts = fields.IntField(default=0)
    queued_at: datetime = InstantField()
    next_attempt_at: datetime = InstantField()
    leased_until: datetime | None = InstantField(null=True)
    sent_at: datetime | None = InstantField(null=True)
    last_error = fields.CharField(max_length=500, null=True)
    is_bulk = fields.BooleanField(default=False)
    """Sent after what somebody waits for, and as slowly as the deployment says."""
    bounced_at: datetime | None = InstantField(null=True)
    """When the mail server refused its address for good (R-NOT-02)."""

    class Meta:
        table = "notifications"
        indexes = (
            Index(fields=("user_id", "id"), name="notifications_by_user"),
            Index(fields=("queued_at", "id"), name="notifications_by_date"),
        )


class NotificationPreference(Model):
    """How often a person is told of new courriers, and for which funds (R-COU-10)."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.OneToOneField("peps.User", on_delete=fields.CASCADE)
    new_courriers = fields.CharField(max_length=16, default="IMMEDIATE")
    muted_funds = fields.CharField(max_length=200, default="")
    account_expiry = fields.BooleanField(default=True)
    digested_until: datetime | None = InstantField(null=True)
    """Letters made available until then have been in a digest, or needed none."""

    class Meta:
        table = "notification_preferences"
