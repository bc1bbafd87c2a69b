"""The e-mails the platform sends, and what became of them (R-NOT-02)."""

from collections.abc import Sequence

from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids
from backend.reads.page import Listing, Order
from backend.rules import access, replay
from backend.rules.viewer import Viewer

COLUMNS = (
    "n.id, n.kind, n.rule, n.recipient, n.subject, n.status, n.attempts, n.queued_at, n.sent_at, n.last_error, "
    "n.next_attempt_at, n.bounced_at"
)

NEWEST = Order("notification-newest", ("n.queued_at", "n.id"), (int, int), descending=True)


def mine(viewer: Viewer) -> Listing:
    """Every message the platform tried to send to the viewer."""

    def conditions(sql: Sql) -> list[str]:
        return [access.NOTHING if viewer.user_id is None else f"n.user_id = {sql.bind(viewer.user_id)}"]

    return Listing(COLUMNS, "notifications n", conditions, NEWEST)


def listing(viewer: Viewer, given: replay.Filter) -> Listing:
    """The messages the viewer sees, narrowed."""

    def conditions(sql: Sql) -> list[str]:
        return [access.notifications(sql, viewer, "n"), *replay.conditions(sql, given, "n")]

    return Listing(COLUMNS, "notifications n", conditions, NEWEST)


async def counts(viewer: Viewer) -> dict[str, int]:
    """How many of the messages the viewer sees are in each state."""
    sql = Sql("SELECT n.status, count(*) AS n FROM notifications n")
    sql.add(f"WHERE {access.notifications(sql, viewer, 'n')} GROUP BY n.status")
    return {one["status"]: int(one["n"]) for one in await db.rows(sql)}


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
