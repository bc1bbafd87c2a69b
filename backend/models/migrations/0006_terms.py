"""What was published as terms, and what was accepted, never changes (R-CGU-01, R-CGU-03)."""

from tortoise import migrations

from backend.database.operations import AppendOnly, Together


class Migration(migrations.Migration):
    """Versions of the terms and acceptances are append-only."""

    dependencies = [("peps", "0005_journal_lists")]

    operations = [Together(AppendOnly("terms"), AppendOnly("terms_acceptances"))]
