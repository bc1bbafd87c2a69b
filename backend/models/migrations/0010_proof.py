"""What proof asks for: letters removed with their trace, withdrawals told, letters that wait to be acknowledged."""

from tortoise import migrations

from backend.database.fields import InstantField
from backend.database.operations import AddChecks, AddColumn, AddIndex, ChangeCheck, Together

_FACTS = (
    "AVAILABLE",
    "NOTIFIED",
    "NOTIFICATION_FAILED",
    "OPENED",
    "DOWNLOADED",
    "ACKNOWLEDGED",
    "REMINDED",
    "WITHDRAWN",
)
_MAILS = (
    "INVITATION",
    "PASSWORD_RESET",
    "ACCOUNT_EXPIRING",
    "ACCOUNT_EXPIRED",
    "NEW_COURRIER",
    "COURRIER_DIGEST",
    "DELEGATION_REQUESTED",
    "DELEGATION_DECIDED",
    "DELEGATION_ENDED",
    "NEW_SERVICE",
    "NEW_TERMS",
    "READ_REMINDER",
    "SECURITY_ALERT",
    "EMAIL_CONFIRMATION",
    "IDENTIFIER_REMINDER",
    "ACCOUNT_UNLOCKED",
    "SECOND_ADMINISTRATOR",
    "DELEGATION_MEMBER",
)


def _one_of(column: str, *values: str) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


class Migration(migrations.Migration):
    """Two columns, two checks, a kind of fact, a kind of e-mail, three indexes."""

    dependencies = [("peps", "0009_rights_to_review")]

    operations = [
        Together(
            *(
                AddColumn(
                    model,
                    table,
                    "removed_at",
                    InstantField(null=True, generated=False, unique=False),
                    sqlite="BIGINT",
                    postgres="BIGINT",
                )
                for model, table in (("Courrier", "courriers"), ("Document", "documents"))
            ),
            AddChecks(
                "courriers",
                {
                    "courriers_withdrawn": "withdrawn_at IS NOT NULL OR (withdrawn_by_id IS NULL AND withdrawal_reason IS NULL)",
                    "courriers_removed_is_withdrawn": "removed_at IS NULL OR withdrawn_at IS NOT NULL",
                },
            ),
            ChangeCheck(
                "courrier_facts",
                "courrier_facts_kind",
                before=_one_of("kind", *_FACTS),
                after=_one_of("kind", *_FACTS, "REMOVED"),
            ),
            ChangeCheck(
                "notifications",
                "notifications_kind",
                before=_one_of("kind", *_MAILS),
                after=_one_of("kind", *_MAILS, "COURRIER_WITHDRAWN"),
            ),
            AddIndex("courriers_withdrawn", "courriers (withdrawn_at, id)", where="withdrawn_at IS NOT NULL"),
            AddIndex("courriers_removed", "courriers (removed_at)", where="removed_at IS NOT NULL"),
            AddIndex(
                "courriers_to_acknowledge",
                "courriers (establishment_id, available_at, id)",
                where="acknowledgement_required AND acknowledged_at IS NULL",
            ),
        )
    ]
