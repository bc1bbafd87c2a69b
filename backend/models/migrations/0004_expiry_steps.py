"""The steps told on the way to an account's expiry, each once (R-ACC-09, R-ACC-11)."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from backend.database.fields import InstantField, LegalDateField
from backend.database.operations import AddChecks, Together


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("peps", "0003_accounts")]

    operations = [
        Together(
            ops.CreateModel(
                name="ExpiryStep",
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
                    ("expires_on", LegalDateField(generated=False, null=False, unique=False)),
                    ("days_before", fields.IntField()),
                    ("told_at", InstantField(generated=False, null=False, unique=False)),
                ],
                options={
                    "table": "expiry_steps",
                    "app": "peps",
                    "unique_together": (("user_id", "expires_on", "days_before"),),
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            AddChecks(
                "expiry_steps",
                {
                    "expiry_steps_days": "days_before IN (14, 7, 1, 0)",
                    "expiry_steps_expires_on": "expires_on LIKE '____-__-__'",
                },
            ),
        )
    ]
