"""Inboxes over many establishments: counts kept so that thousands of letters are not counted at each screen."""

from datetime import date

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import LegalDateField


class Inbox(Model):
    """How a person's kept counts stand: right while `counted_version` is `version`, on that day, under that epoch.

    Triggers make one for every account, and raise `version` with whatever changes what the person reaches through
    delegations or has marked; the epoch, a fact of the platform, with letters that are read no more.
    """

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, unique=True)
    version = fields.BigIntField(default=0)
    counted_version = fields.BigIntField(null=True)
    counted_on: date | None = LegalDateField(null=True)
    counted_epoch = fields.BigIntField(null=True)
    counted_services = fields.TextField(null=True)
    """The services on which the person held a right, by number, separated by commas."""
    counted_to = fields.BigIntField(null=True)
    """Up to where in the feed letters were counted: those fed since are counted when asked."""
    places = fields.BigIntField(null=True)
    """The establishments reached through delegations."""

    class Meta:
        table = "inboxes"


class InboxCount(Model):
    """The letters of one fund in an inbox, archived ones left out, when it was last counted."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE)
    fund_id: str
    fund = fields.ForeignKeyField("peps.Fund", on_delete=fields.CASCADE)
    total = fields.BigIntField()
    unread = fields.BigIntField()

    class Meta:
        table = "inbox_counts"
        unique_together = (("user_id", "fund_id"),)
