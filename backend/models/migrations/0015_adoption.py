"""Adoption: figures kept where they take long to count; reminders of those who never read, and their campaigns."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from backend.database.fields import InstantField
from backend.database.operations import AddChecks, AddIndex, Together


def _refers(name: str, model: str, on_delete: OnDelete, *, db_index: bool = False) -> tuple[str, Any]:
    field = fields.ForeignKeyField(
        f"peps.{model}",
        source_field=f"{name}_id",
        db_index=db_index or None,
        db_constraint=True,
        to_field="id",
        on_delete=on_delete,
    )
    return name, field


def _id() -> tuple[str, Any]:
    return "id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


class Migration(migrations.Migration):
    """Three tables, their checks and indexes."""

    dependencies = [("peps", "0014_notifications")]

    operations = [
        Together(
            ops.CreateModel(
                name="AdoptionFigures",
                fields=[
                    _id(),
                    ("period", fields.CharField(unique=True, max_length=40)),
                    ("counted_at", InstantField()),
                    ("body", fields.TextField(unique=False)),
                ],
                options={"table": "adoption_figures", "app": "peps", "pk_attr": "id"},
                bases=["Model"],
            ),
            ops.CreateModel(
                name="ReadingCampaign",
                fields=[
                    _id(),
                    _refers("started_by", "User", OnDelete.RESTRICT, db_index=True),
                    ("started_at", InstantField()),
                    ("finished_at", InstantField(null=True)),
                ],
                options={"table": "reading_campaigns", "app": "peps", "pk_attr": "id"},
                bases=["Model"],
            ),
            ops.CreateModel(
                name="ReadingReminder",
                fields=[
                    _id(),
                    _refers("campaign", "ReadingCampaign", OnDelete.CASCADE),
                    _refers("establishment", "Establishment", OnDelete.CASCADE),
                    ("outcome", fields.CharField(default="WAITING", max_length=8)),
                    ("emails", fields.IntField(default=0)),
                    ("told_at", InstantField(null=True)),
                ],
                options={
                    "table": "reading_reminders",
                    "app": "peps",
                    "unique_together": (("campaign_id", "establishment_id"),),
                    "indexes": [
                        Index(fields=["establishment_id", "told_at"], name="reading_reminders_by_establishment")
                    ],
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            AddChecks(
                "reading_reminders",
                {
                    "reading_reminders_outcome": "outcome IN ('WAITING', 'SENT', 'OPENED', 'NOBODY')",
                    "reading_reminders_told": "(outcome = 'WAITING') = (told_at IS NULL)",
                    "reading_reminders_emails": "(outcome = 'SENT') = (emails > 0)",
                },
            ),
            AddIndex("reading_reminders_waiting", "reading_reminders (id)", where="outcome = 'WAITING'"),
            AddIndex(
                "courriers_adopted",
                "courriers (establishment_id, type_id, available_at, first_opened_at, batch_id)",
                where="withdrawn_at IS NULL AND available_at IS NOT NULL",
            ),
        )
    ]
