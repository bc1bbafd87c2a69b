"""What finds events of the journal by action and by date, for the operators' list and every list's dates."""

from tortoise import migrations

from backend.database.operations import AddIndex, Together


class Migration(migrations.Migration):
    """Two indexes."""

    dependencies = [("peps", "0004_expiry_steps")]

    operations = [
        Together(
            AddIndex("audit_events_by_action", "audit_events (action, id)"),
            AddIndex("audit_events_by_time", "audit_events (occurred_at, id)"),
        )
    ]
