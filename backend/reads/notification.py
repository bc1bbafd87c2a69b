"""The e-mails the platform sends, and what became of them (R-NOT-02)."""

from collections.abc import Sequence

from backend.database.sql import Sql
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


def listing(viewer: Viewer, statuses: Sequence[str] = ()) -> Listing:
    """The messages the viewer sees, in these states."""

    def conditions(sql: Sql) -> list[str]:
        kept = [access.notifications(sql, viewer, "n")]
        if statuses:
            kept.append(f"n.status IN ({sql.bind_all(list(statuses))})")
        return kept

    return Listing(COLUMNS, "notifications n", conditions, NEWEST)


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
