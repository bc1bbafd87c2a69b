"""What was and is no more: rights, memberships, usable accounts, services of models, each with its period (R-JRN-04).

What is now stays where it is; what ends comes here in the same transaction, and is never changed afterwards. Numbers
and instants only: these rows say nothing of a person once the account they name is erased.
"""

from datetime import datetime

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import InstantField


class PastRight(Model):
    """A level that an account held on a service, from an instant to another."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.RESTRICT)
    service_id: int
    service = fields.ForeignKeyField("peps.Service", on_delete=fields.RESTRICT, db_index=True)
    level = fields.SmallIntField()
    since: datetime = InstantField()
    until: datetime = InstantField()

    class Meta:
        table = "past_rights"
        indexes = (Index(fields=("user_id", "service_id"), name="past_rights_by_user"),)


class PastMember(Model):
    """Somebody who acted through a delegation, and does no more."""

    id = fields.BigIntField(primary_key=True)
    delegation_id: int
    delegation = fields.ForeignKeyField("peps.Delegation", on_delete=fields.RESTRICT)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.RESTRICT, db_index=True)
    since: datetime = InstantField()
    until: datetime = InstantField()

    class Meta:
        table = "past_members"
        indexes = (Index(fields=("delegation_id", "user_id"), name="past_members_by_delegation"),)


class PastAccount(Model):
    """An account that could be used, under a profile, until it expired, was deleted, or changed its profile."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.RESTRICT)
    is_administrator = fields.BooleanField()
    since: datetime = InstantField()
    until: datetime = InstantField()

    class Meta:
        table = "past_accounts"
        indexes = (Index(fields=("user_id",), name="past_accounts_by_user"),)


class PastTypeService(Model):
    """The service on which the letters of a model took a right, until it was another."""

    id = fields.BigIntField(primary_key=True)
    type_id: int
    type = fields.ForeignKeyField("peps.CourrierType", on_delete=fields.RESTRICT)
    service_id: int
    service = fields.ForeignKeyField("peps.Service", on_delete=fields.RESTRICT, db_index=True)
    until: datetime = InstantField()

    class Meta:
        table = "past_type_services"
        indexes = (Index(fields=("type_id", "until"), name="past_type_services_by_type"),)
