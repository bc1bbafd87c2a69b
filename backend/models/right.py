"""Rights (droits): one level per user and service (R-RGT-01)."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField

READ = 1
MODIFY = 2


class Right(Model):
    """A level given to a user on a service: READ (1) or MODIFY (2). NONE is no row; the journal keeps the past."""

    id = fields.BigIntField(primary_key=True)
    user_id: int
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE)
    service_id: int
    service = fields.ForeignKeyField("peps.Service", on_delete=fields.RESTRICT, db_index=True)
    level = fields.SmallIntField()
    granted_at: datetime = InstantField()
    granted_by_id: int | None
    granted_by = fields.ForeignKeyField(
        "peps.User", on_delete=fields.SET_NULL, null=True, related_name="rights_granted", db_index=True
    )

    class Meta:
        table = "rights"
        unique_together = (("user_id", "service_id"),)
