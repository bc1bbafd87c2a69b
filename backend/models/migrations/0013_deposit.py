"""Batches: what their lines said and wait to become, the outcome of each, the figures of the last rehearsal."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from backend.database.operations import AddChecks, AddColumn, AddIndex, DialectSQL, Together


def _refers(
    name: str, model: str, on_delete: OnDelete, *, unique: bool = False, db_index: bool = False
) -> tuple[str, Any]:
    field = fields.ForeignKeyField(
        f"peps.{model}",
        source_field=f"{name}_id",
        unique=unique,
        db_index=db_index or None,
        db_constraint=True,
        to_field="id" if model != "Fund" else "code",
        on_delete=on_delete,
    )
    return name, field


_OUTCOME = (
    "UPDATE deposit_lines SET outcome = CASE WHEN courrier_id IS NOT NULL THEN 'PUBLISHED' "
    "WHEN rejection_code IS NOT NULL THEN 'REJECTED' ELSE 'READY' END"
)


class Migration(migrations.Migration):
    """Two tables, three columns, their checks and indexes."""

    dependencies = [("peps", "0012_search")]

    operations = [
        Together(
            ops.CreateModel(
                name="DepositContent",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    _refers("line", "DepositLine", OnDelete.CASCADE, unique=True),
                    _refers("batch", "DepositBatch", OnDelete.CASCADE),
                    _refers("establishment", "Establishment", OnDelete.RESTRICT),
                    _refers("type", "CourrierType", OnDelete.RESTRICT),
                    _refers("fund", "Fund", OnDelete.RESTRICT),
                    ("reference", fields.CharField(max_length=64)),
                    ("content_hash", fields.CharField(max_length=64)),
                    ("said", fields.TextField(unique=False)),
                ],
                options={
                    "table": "deposit_contents",
                    "app": "peps",
                    "unique_together": (("batch_id", "fund_id", "reference"),),
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            ops.CreateModel(
                name="DepositDocument",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    _refers("content", "DepositContent", OnDelete.CASCADE),
                    _refers("document", "Document", OnDelete.RESTRICT, db_index=True),
                    ("file_name", fields.CharField(max_length=200)),
                    ("position", fields.SmallIntField()),
                ],
                options={
                    "table": "deposit_documents",
                    "app": "peps",
                    "unique_together": (("content_id", "position"),),
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            AddIndex("deposit_contents_line", "deposit_contents (line_id)", unique=True),
            AddColumn(
                "DepositBatch",
                "deposit_batches",
                "rehearsal",
                fields.TextField(null=True, unique=False),
                sqlite="TEXT",
                postgres="TEXT",
            ),
            AddColumn(
                "DepositLine",
                "deposit_lines",
                "reference",
                fields.CharField(null=True, max_length=64),
                sqlite="VARCHAR(64)",
                postgres="VARCHAR(64)",
            ),
            AddColumn(
                "DepositLine",
                "deposit_lines",
                "outcome",
                fields.CharField(default="READY", max_length=9),
                sqlite="VARCHAR(9) NOT NULL DEFAULT 'READY'",
                postgres="VARCHAR(9) NOT NULL DEFAULT 'READY'",
            ),
            DialectSQL(sqlite=[_OUTCOME], postgres=[_OUTCOME], sqlite_backward=[], postgres_backward=[]),
            AddChecks(
                "deposit_lines",
                {
                    "deposit_lines_known_outcome": "outcome IN ('READY', 'REJECTED', 'ALREADY', 'PUBLISHED')",
                    "deposit_lines_rejected": "(outcome = 'REJECTED') = (rejection_code IS NOT NULL)",
                    "deposit_lines_deposited": "(outcome IN ('ALREADY', 'PUBLISHED')) = (courrier_id IS NOT NULL)",
                },
            ),
            AddIndex("deposit_lines_by_outcome", "deposit_lines (batch_id, outcome, line)"),
        )
    ]
