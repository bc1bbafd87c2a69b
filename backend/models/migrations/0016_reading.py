"""Views of the list that people keep, selections asked for as a file, calendars; the list by subject."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from backend.database.fields import InstantField
from backend.database.operations import AddChecks, AddIndex, Together


def _id() -> tuple[str, Any]:
    return "id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)


def _user(*, unique: bool = False, db_index: bool | None = None) -> tuple[str, Any]:
    field = fields.ForeignKeyField(
        "peps.User",
        source_field="user_id",
        unique=unique,
        db_index=db_index,
        db_constraint=True,
        to_field="id",
        on_delete=OnDelete.CASCADE,
    )
    return "user", field


class Migration(migrations.Migration):
    """Three tables, their checks, and the indexes of the order by subject."""

    dependencies = [("peps", "0015_adoption")]

    operations = [
        Together(
            ops.CreateModel(
                name="SavedView",
                fields=[
                    _id(),
                    _user(),
                    ("name", fields.CharField(max_length=60)),
                    ("query", fields.CharField(max_length=1000)),
                    ("saved_at", InstantField()),
                ],
                options={
                    "table": "saved_views",
                    "app": "peps",
                    "unique_together": (("user_id", "name"),),
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            ops.CreateModel(
                name="CourrierExport",
                fields=[
                    _id(),
                    _user(db_index=True),
                    ("form", fields.CharField(max_length=3)),
                    ("courriers", fields.TextField(unique=False)),
                    ("asked_at", InstantField()),
                ],
                options={"table": "courrier_exports", "app": "peps", "pk_attr": "id"},
                bases=["Model"],
            ),
            ops.CreateModel(
                name="DueCalendar",
                fields=[
                    _id(),
                    _user(unique=True),
                    ("token_hash", fields.CharField(max_length=64, unique=True)),
                    ("opened_at", InstantField()),
                ],
                options={"table": "due_calendars", "app": "peps", "pk_attr": "id"},
                bases=["Model"],
            ),
            # Tortoise's migrations forget that a foreign key is unique.
            AddIndex("due_calendars_of_user", "due_calendars (user_id)", unique=True),
            AddChecks("saved_views", {"saved_views_name": "name <> ''"}),
            AddChecks("courrier_exports", {"courrier_exports_form": "form IN ('ZIP', 'CSV')"}),
            AddIndex("courriers_by_subject", "courriers (establishment_id, search_text, id)"),
            AddIndex("courriers_by_subject_of_all", "courriers (search_text, id)"),
        )
    ]
