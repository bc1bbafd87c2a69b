"""Mails nobody needs any more, refused addresses, who goes first; digests' ends; the steps of the safety net."""

from tortoise import fields, migrations

from backend.database.fields import InstantField
from backend.database.operations import AddChecks, AddColumn, AddIndex, ChangeCheck, DialectSQL, Together

_BEFORE = "status IN ('QUEUED', 'SENT', 'FAILED', 'GIVEN_UP')"
_AFTER = "status IN ('QUEUED', 'SENT', 'FAILED', 'GIVEN_UP', 'DROPPED')"

_DROPPED = "UPDATE notifications SET status = 'GIVEN_UP' WHERE status = 'DROPPED'"
_BULK = (
    "UPDATE notifications SET is_bulk = TRUE WHERE status IN ('QUEUED', 'FAILED') "
    "AND kind IN ('NEW_COURRIER', 'COURRIER_DIGEST', 'READ_REMINDER')"
)


def _days(name: str, default: int) -> AddColumn:
    return AddColumn(
        "CourrierType",
        "courrier_types",
        name,
        fields.SmallIntField(default=default),
        sqlite=f"SMALLINT NOT NULL DEFAULT {default}",
        postgres=f"SMALLINT NOT NULL DEFAULT {default}",
    )


class Migration(migrations.Migration):
    """Seven columns, their checks and indexes."""

    dependencies = [("peps", "0013_deposit")]

    operations = [
        Together(
            DialectSQL(sqlite=[], postgres=[], sqlite_backward=[_DROPPED], postgres_backward=[_DROPPED]),
            AddColumn(
                "Notification",
                "notifications",
                "is_bulk",
                fields.BooleanField(default=False),
                sqlite="BOOL NOT NULL DEFAULT 0",
                postgres="BOOL NOT NULL DEFAULT FALSE",
            ),
            AddColumn(
                "Notification",
                "notifications",
                "bounced_at",
                InstantField(null=True),
                sqlite="BIGINT",
                postgres="BIGINT",
            ),
            DialectSQL(sqlite=[_BULK], postgres=[_BULK], sqlite_backward=[], postgres_backward=[]),
            ChangeCheck("notifications", "notifications_status", before=_BEFORE, after=_AFTER),
            AddChecks("notifications", {"notifications_bounced": "bounced_at IS NULL OR status = 'GIVEN_UP'"}),
            AddIndex(
                "notifications_in_order",
                "notifications (is_bulk, next_attempt_at, id)",
                where="status IN ('QUEUED', 'FAILED')",
            ),
            AddIndex("notifications_by_status", "notifications (status, queued_at, id)"),
            AddColumn(
                "NotificationPreference",
                "notification_preferences",
                "digested_until",
                InstantField(null=True),
                sqlite="BIGINT",
                postgres="BIGINT",
            ),
            _days("remind_after", 7),
            _days("escalate_after", 21),
            _days("follow_up_after", 45),
            AddChecks(
                "courrier_types",
                {
                    "courrier_types_safety_net": "remind_after BETWEEN 0 AND 365 AND escalate_after BETWEEN 0 AND 365 "
                    "AND follow_up_after BETWEEN 0 AND 365"
                },
            ),
            AddColumn(
                "Courrier",
                "courriers",
                "net_step",
                fields.SmallIntField(default=0),
                sqlite="SMALLINT NOT NULL DEFAULT 0",
                postgres="SMALLINT NOT NULL DEFAULT 0",
            ),
            AddChecks("courriers", {"courriers_net_step": "net_step BETWEEN 0 AND 3"}),
            AddIndex(
                "courriers_unopened",
                "courriers (type_id, available_at)",
                where="first_opened_at IS NULL AND withdrawn_at IS NULL",
            ),
            AddIndex(
                "courriers_to_follow_up",
                "courriers (available_at, id)",
                where="net_step = 3 AND first_opened_at IS NULL",
            ),
        )
    ]
