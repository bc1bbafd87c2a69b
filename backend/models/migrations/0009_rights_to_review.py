"""An account that was reopened has rights to be reviewed, until an administrator says so (R-ACC-11)."""

from tortoise import migrations

from backend.database.fields import InstantField
from backend.database.operations import AddColumn, AddIndex, Together


class Migration(migrations.Migration):
    """A column, and the index that finds the few where it says something."""

    dependencies = [("peps", "0008_post")]

    operations = [
        Together(
            AddColumn(
                "User",
                "users",
                "rights_to_review_since",
                InstantField(null=True, generated=False, unique=False),
                sqlite="BIGINT",
                postgres="BIGINT",
            ),
            AddIndex("users_to_review", "users (establishment_id)", where="rights_to_review_since IS NOT NULL"),
        )
    ]
