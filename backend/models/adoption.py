"""Adoption: figures kept where they take long to count, and the reminders of those who never read."""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField


class AdoptionFigures(Model):
    """The figures of a period as they were counted at an instant: nothing that could not be counted again."""

    id = fields.BigIntField(primary_key=True)
    period = fields.CharField(max_length=40, unique=True)
    """What is counted, its first and its last day, as the read that counts it writes them."""
    counted_at: datetime = InstantField()
    body = fields.TextField()

    class Meta:
        table = "adoption_figures"


class ReadingCampaign(Model):
    """A reminder to establishments that never opened a letter: who decided it, when it was all sent (R-ADO-02)."""

    id = fields.BigIntField(primary_key=True)
    started_by_id: int
    started_by = fields.ForeignKeyField("peps.User", on_delete=fields.RESTRICT, db_index=True)
    started_at: datetime = InstantField()
    finished_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "reading_campaigns"


class ReadingReminder(Model):
    """One establishment of a campaign: WAITING for its turn, SENT, or left out: it had OPENED a letter meanwhile, or
    has NOBODY to write to.
    """

    id = fields.BigIntField(primary_key=True)
    campaign_id: int
    campaign = fields.ForeignKeyField("peps.ReadingCampaign", on_delete=fields.CASCADE)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.CASCADE)
    outcome = fields.CharField(max_length=8, default="WAITING")
    emails = fields.IntField(default=0)
    told_at: datetime | None = InstantField(null=True)

    class Meta:
        table = "reading_reminders"
        unique_together = (("campaign_id", "establishment_id"),)
        indexes = (Index(fields=("establishment_id", "told_at"), name="reading_reminders_by_establishment"),)
