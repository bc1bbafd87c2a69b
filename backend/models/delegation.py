"""Delegations (accès multi-comptes), the services they cover, and the users who act through them."""

from datetime import date, datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField, LegalDateField


class Delegation(Model):
    """The agreement between a centralisateur, which asks, and a délégataire, which accepts or refuses."""

    id = fields.BigIntField(primary_key=True)
    centralisateur_id: int
    centralisateur = fields.ForeignKeyField(
        "peps.Establishment", on_delete=fields.RESTRICT, related_name="delegations_requested"
    )
    delegataire_id: int
    delegataire = fields.ForeignKeyField(
        "peps.Establishment", on_delete=fields.RESTRICT, related_name="delegations_received"
    )
    status = fields.CharField(max_length=12)
    message = fields.TextField(null=True)
    requested_by_id: int
    requested_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.RESTRICT, related_name="delegations_requested", db_index=True
    )
    requested_at: datetime = InstantField()
    decided_by_id: int | None
    decided_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.RESTRICT, null=True, related_name="delegations_decided", db_index=True
    )
    decided_at: datetime | None = InstantField(null=True)
    refusal_reason = fields.TextField(null=True)
    starts_on: date | None = LegalDateField(null=True)
    ends_on: date | None = LegalDateField(null=True)
    ended_by_id: int | None
    ended_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.RESTRICT, null=True, related_name="delegations_ended", db_index=True
    )
    ended_at: datetime | None = InstantField(null=True)
    end_reason = fields.TextField(null=True)
    reminded_at: datetime | None = InstantField(null=True)
    """When the asker last had the délégataire reminded, by hand."""

    class Meta:
        table = "delegations"
        indexes = (
            Index(fields=("centralisateur_id", "status", "id"), name="delegations_by_centralisateur"),
            Index(fields=("delegataire_id", "status", "id"), name="delegations_by_delegataire"),
            Index(fields=("status", "ends_on"), name="delegations_ending"),
        )


class DelegationService(Model):
    """A service asked for, with the level asked and the level granted (null until decided)."""

    id = fields.BigIntField(primary_key=True)
    delegation_id: int
    delegation = fields.ForeignKeyField("peps.Delegation", on_delete=fields.CASCADE)
    service_id: int
    service = fields.ForeignKeyField("peps.Service", on_delete=fields.RESTRICT, db_index=True)
    level_asked = fields.SmallIntField()
    level_granted = fields.SmallIntField(null=True)

    class Meta:
        table = "delegation_services"
        unique_together = (("delegation_id", "service_id"),)


class DelegationMember(Model):
    """A user of the centralisateur who acts through the delegation (R-DEL-05)."""

    id = fields.BigIntField(primary_key=True)
    delegation_id: int
    delegation = fields.ForeignKeyField("peps.Delegation", on_delete=fields.CASCADE)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, db_index=True)
    added_at: datetime = InstantField()
    added_by_id: int
    added_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.RESTRICT, related_name="delegation_members_added", db_index=True
    )

    class Meta:
        table = "delegation_members"
        unique_together = (("delegation_id", "user_id"),)


class DelegationStep(Model):
    """A step on the way to the end of a request or a delegation, told once (R-DEL-04).

    `kind` says what of and to whom: ANSWER, a request that waits, to the délégataire; END, the end ahead, to the
    délégataire; LIST, the end ahead (60, 15, 1) or come (0), to the centralisateur in one list. `due_on` is that last
    day: another end makes new steps.
    """

    id = fields.BigIntField(primary_key=True)
    delegation_id: int
    delegation = fields.ForeignKeyField("peps.Delegation", on_delete=fields.CASCADE)
    kind = fields.CharField(max_length=8)
    due_on: date = LegalDateField()
    days_before = fields.IntField()
    told_at: datetime = InstantField()

    class Meta:
        table = "delegation_steps"
        unique_together = (("delegation_id", "kind", "due_on", "days_before"),)
