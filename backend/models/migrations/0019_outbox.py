"""The outbox of a campaign: what nobody waits for lets the rest pass; what is no longer needed; the board's lists."""

from tortoise import migrations

from backend.database.operations import AddIndex, ChangeCheck, Together

_STATES = ("QUEUED", "SENT", "FAILED", "GIVEN_UP")
_MANY = (
    "NEW_COURRIER",
    "COURRIER_DIGEST",
    "READ_REMINDER",
    "NEW_SERVICE",
    "NEW_TERMS",
    "COURRIER_WITHDRAWN",
    "SECOND_ADMINISTRATOR",
)


def _one_of(column: str, *values: str) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


class Migration(migrations.Migration):
    """A state of messages, two indexes."""

    dependencies = [("peps", "0013_deposit")]

    operations = [
        Together(
            ChangeCheck(
                "notifications",
                "notifications_status",
                before=_one_of("status", *_STATES),
                after=_one_of("status", *_STATES, "NOT_NEEDED"),
            ),
            AddIndex(
                "notifications_awaited",
                "notifications (next_attempt_at, id)",
                where=f"status IN ('QUEUED', 'FAILED') AND NOT ({_one_of('kind', *_MANY)})",
            ),
            AddIndex("notifications_by_status", "notifications (status, queued_at, id)"),
        )
    ]
