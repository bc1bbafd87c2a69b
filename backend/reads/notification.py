"""The e-mails the platform sends, and what became of them (R-NOT-02)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import like
from backend.reads import by_ids
from backend.reads.page import Listing, Order
from backend.rules import access
from backend.rules.viewer import Viewer

COLUMNS = "n.id, n.kind, n.rule, n.recipient, n.subject, n.status, n.attempts, n.queued_at, n.sent_at, n.last_error"

NEWEST = Order("notification-newest", ("n.queued_at", "n.id"), (int, int), descending=True)


def mine(viewer: Viewer) -> Listing:
    """Every message the platform tried to send to the viewer."""

    def conditions(sql: Sql) -> list[str]:
        return [access.NOTHING if viewer.user_id is None else f"n.user_id = {sql.bind(viewer.user_id)}"]

    return Listing(COLUMNS, "notifications n", conditions, NEWEST)


@dataclass(frozen=True)
class Filter:
    """What a list of messages is narrowed to: these states, these kinds, an address that has this text."""

    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    search: str = ""

    def conditions(self, sql: Sql) -> list[str]:
        """The same, of rows named `n`."""
        kept = []
        if self.statuses:
            kept.append(f"n.status IN ({sql.bind_all(self.statuses)})")
        if self.kinds:
            kept.append(f"n.kind IN ({sql.bind_all(self.kinds)})")
        if self.search.strip():
            kept.append(f"lower(n.recipient) LIKE {sql.bind(like(self.search.strip().lower()))} ESCAPE '!'")
        return kept


def listing(viewer: Viewer, given: Filter) -> Listing:
    """The messages the viewer sees."""

    def conditions(sql: Sql) -> list[str]:
        return [access.notifications(sql, viewer, "n"), *given.conditions(sql)]

    return Listing(COLUMNS, "notifications n", conditions, NEWEST)


LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Outbox:
    """What waits to leave, what failed, and what became of the last day's messages."""

    counts: Mapping[str, int]
    oldest_due_at: int | None
    """Since when the message that has waited longest should have left, in microseconds."""


async def outbox() -> Outbox:
    """How sending goes, for operators (R-NOT-01). What was sent is counted over the last day, the rest in all."""
    now = clock.now()
    sql = Sql("SELECT n.status, count(*) AS messages FROM notifications n")
    sql.add("WHERE n.status IN ('QUEUED', 'FAILED', 'GIVEN_UP')")
    sql.add("OR (n.status IN ('SENT', 'NOT_NEEDED')")
    sql.add(f"AND n.queued_at >= {sql.bind(int(clock.to_microseconds(now - LATELY)))})")
    counts = {one["status"]: int(one["messages"]) for one in await db.rows(sql.add("GROUP BY n.status"))}
    sql = Sql("SELECT min(n.next_attempt_at) AS due FROM notifications n WHERE n.status IN ('QUEUED', 'FAILED')")
    found = await db.row(sql.add(f"AND n.next_attempt_at <= {sql.bind(int(clock.to_microseconds(now)))}"))
    return Outbox(counts, found["due"] if found else None)


async def bounces(ids: Sequence[int]) -> list[bool]:
    """For each account, whether the last message to its present address was given up or refused (R-NOT-02)."""
    rows = await by_ids.fetch(
        "u.id AS user_id",
        "users u JOIN notifications n ON n.id = (SELECT o.id FROM notifications o WHERE o.user_id = u.id "
        "AND o.recipient = u.email AND o.status IN ('SENT', 'GIVEN_UP') ORDER BY o.queued_at DESC, o.id DESC LIMIT 1)",
        "u.id",
        ids,
        "n.status = 'GIVEN_UP'",
    )
    bouncing = {one["user_id"] for one in rows}
    return [one in bouncing for one in ids]
