"""What a delegation's life asks for: steps told once, reminders by hand, the establishments one switches to first."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from backend.database.fields import InstantField, LegalDateField
from backend.database.operations import AddChecks, AddColumn, AddIndex, ChangeCheck, Together

_KINDS = (
    "INVITATION",
    "PASSWORD_RESET",
    "ACCOUNT_EXPIRING",
    "ACCOUNT_EXPIRED",
    "NEW_COURRIER",
    "COURRIER_DIGEST",
    "DELEGATION_REQUESTED",
    "DELEGATION_DECIDED",
    "DELEGATION_ENDED",
    "NEW_SERVICE",
    "NEW_TERMS",
    "READ_REMINDER",
    "SECURITY_ALERT",
    "EMAIL_CONFIRMATION",
    "IDENTIFIER_REMINDER",
    "ACCOUNT_UNLOCKED",
    "SECOND_ADMINISTRATOR",
)


def _one_of(column: str, *values: str) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


class Migration(migrations.Migration):
    """Two tables, a column, one more kind of e-mail, and the indexes of the two sides' lists."""

    dependencies = [("peps", "0006_terms")]

    operations = [
        Together(
            ops.CreateModel(
                name="DelegationStep",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    (
                        "delegation",
                        fields.ForeignKeyField(
                            "peps.Delegation",
                            source_field="delegation_id",
                            db_constraint=True,
                            to_field="id",
                            on_delete=OnDelete.CASCADE,
                        ),
                    ),
                    ("kind", fields.CharField(max_length=8)),
                    ("due_on", LegalDateField(generated=False, null=False, unique=False)),
                    ("days_before", fields.IntField()),
                    ("told_at", InstantField(generated=False, null=False, unique=False)),
                ],
                options={
                    "table": "delegation_steps",
                    "app": "peps",
                    "unique_together": (("delegation_id", "kind", "due_on", "days_before"),),
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            ops.CreateModel(
                name="Switch",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "peps.User",
                            source_field="user_id",
                            db_constraint=True,
                            to_field="id",
                            on_delete=OnDelete.CASCADE,
                        ),
                    ),
                    (
                        "establishment",
                        fields.ForeignKeyField(
                            "peps.Establishment",
                            source_field="establishment_id",
                            db_index=True,
                            db_constraint=True,
                            to_field="id",
                            on_delete=OnDelete.CASCADE,
                        ),
                    ),
                    ("at", InstantField(generated=False, null=False, unique=False)),
                ],
                options={
                    "table": "switches",
                    "app": "peps",
                    "unique_together": (("user_id", "establishment_id"),),
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            AddChecks(
                "delegation_steps",
                {
                    "delegation_steps_kind": _one_of("kind", "ANSWER", "END", "LIST"),
                    "delegation_steps_days": "days_before IN (60, 45, 15, 1, 0)",
                    "delegation_steps_due_on": "due_on LIKE '____-__-__'",
                },
            ),
            AddColumn(
                "Delegation",
                "delegations",
                "reminded_at",
                InstantField(null=True, generated=False, unique=False),
                sqlite="BIGINT",
                postgres="BIGINT",
            ),
            AddIndex("delegations_requested", "delegations (centralisateur_id, requested_at, id)"),
            AddIndex("delegations_received", "delegations (delegataire_id, requested_at, id)"),
            AddIndex("delegations_pending", "delegations (requested_at)", where="status = 'PENDING'"),
            AddIndex("delegations_lapsed", "delegations (ended_at)", where="status = 'EXPIRED' AND decided_at IS NULL"),
            ChangeCheck(
                "notifications",
                "notifications_kind",
                before=_one_of("kind", *_KINDS),
                after=_one_of("kind", *_KINDS, "DELEGATION_MEMBER"),
            ),
        )
    ]
