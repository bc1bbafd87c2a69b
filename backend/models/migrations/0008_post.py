"""Paper copies handed over to the printer, each once (R-COU-09)."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from backend.database.fields import InstantField
from backend.database.operations import AddIndex, Together


class Migration(migrations.Migration):
    """One table, and the index that finds the letters still to hand over."""

    dependencies = [("peps", "0007_delegations")]

    operations = [
        Together(
            ops.CreateModel(
                name="PostalCopy",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    (
                        "courrier",
                        fields.ForeignKeyField(
                            "peps.Courrier",
                            source_field="courrier_id",
                            unique=True,
                            db_constraint=True,
                            to_field="id",
                            on_delete=OnDelete.CASCADE,
                        ),
                    ),
                    ("file_name", fields.CharField(db_index=True, max_length=100)),
                    ("handed_over_at", InstantField(generated=False, null=False, unique=False)),
                ],
                options={"table": "postal_copies", "app": "peps", "pk_attr": "id"},
                bases=["Model"],
            ),
            AddIndex("postal_copies_courrier", "postal_copies (courrier_id)", unique=True),
            AddIndex("courriers_by_post", "courriers (id)", where="sent_by_post"),
        )
    ]
