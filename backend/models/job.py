"""Jobs: what runs by itself, once, whatever the number of processes."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class JobRun(Model):
    """A job's last run and the lease of the process that runs it now."""

    name = fields.CharField(max_length=64, primary_key=True)
    leased_until: datetime | None = InstantField(null=True)
    leased_by = fields.CharField(max_length=64, null=True)
    last_started_at: datetime | None = InstantField(null=True)
    last_finished_at: datetime | None = InstantField(null=True)
    last_error = fields.TextField(null=True)

    class Meta:
        table = "job_runs"
