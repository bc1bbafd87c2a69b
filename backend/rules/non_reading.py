"""Which establishments never opened a letter, and why as far as it can be told: asked by the list and its reminder.

Never: letters were made available to them, and none of those that are not withdrawn was opened, by whomever (R-ADO-02).
"""

from dataclasses import dataclass

from backend import clock
from backend.database.sql import Sql
from backend.rules import access

REASONS = (
    "NO_ACCOUNT", "ACCOUNTS_EXPIRED", "NO_READER", "NEVER_SIGNED_IN", "ADDRESS_BOUNCES", "NOT_SINCE", "NOT_OPENED"
)  # fmt: skip
"""The first thing that lacks: no account, all expired, nobody with the right; readers who never signed in, whose e-mail
does not arrive, who have not come since the first letter, or who came and opened nothing.
"""


@dataclass(frozen=True)
class Filter:
    """What the list is narrowed to."""

    categories: tuple[str, ...] = ()
    departements: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    reminded: bool | None = None


LETTERS = "c.establishment_id = e.id AND c.available_at IS NOT NULL AND c.withdrawn_at IS NULL"


def never_opened(alias: str = "e") -> str:
    """The condition: letters, and none of them opened."""
    letters = LETTERS.replace("= e.id", f"= {alias}.id")
    return (
        f"(EXISTS (SELECT 1 FROM courriers c WHERE {letters}) "
        f"AND NOT EXISTS (SELECT 1 FROM courriers c WHERE {letters} AND c.first_opened_at IS NOT NULL))"
    )


def reason(sql: Sql) -> str:
    """The first thing that lacks for letters to be read, as an expression: one of REASONS."""
    there = "EXISTS (SELECT 1 FROM users u WHERE u.establishment_id = e.id AND u.deleted_at IS NULL"
    lasting = f"{there} AND u.expires_on >= {sql.bind(clock.today().isoformat())}"
    reader = f"{lasting} AND {access.reads_at_home(sql, 'u')}"
    bounced = (
        "EXISTS (SELECT 1 FROM notifications n WHERE n.id = (SELECT max(m.id) FROM notifications m "
        "WHERE m.user_id = u.id AND m.recipient = u.email AND m.status IN ('SENT', 'GIVEN_UP')) "
        "AND n.status = 'GIVEN_UP')"
    )
    first = f"(SELECT min(c.available_at) FROM courriers c WHERE {LETTERS})"
    return (
        f"CASE WHEN NOT {there}) THEN 'NO_ACCOUNT' WHEN NOT {lasting}) THEN 'ACCOUNTS_EXPIRED' "
        f"WHEN NOT {reader}) THEN 'NO_READER' WHEN NOT {reader} AND u.last_login_at IS NOT NULL) "
        f"THEN 'NEVER_SIGNED_IN' WHEN {reader} AND {bounced}) THEN 'ADDRESS_BOUNCES' "
        f"WHEN NOT {reader} AND u.last_login_at >= {first}) THEN 'NOT_SINCE' ELSE 'NOT_OPENED' END"
    )


def conditions(sql: Sql, given: Filter) -> list[str]:
    """The conditions of the list, on establishments `e`."""
    kept = ["NOT e.is_platform", never_opened()]
    if given.categories:
        kept.append(f"e.category IN ({sql.bind_all(given.categories)})")
    if given.departements:
        kept.append(f"e.departement IN ({sql.bind_all(given.departements)})")
    if given.reasons:
        kept.append(f"{reason(sql)} IN ({sql.bind_all(given.reasons)})")
    if given.reminded is not None:
        told = "EXISTS (SELECT 1 FROM reading_reminders r WHERE r.establishment_id = e.id AND r.outcome = 'SENT')"
        kept.append(told if given.reminded else f"NOT {told}")
    return kept
