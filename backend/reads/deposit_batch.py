"""Deposit batches, as far as the viewer sees them (R-COU-04)."""

from collections.abc import Sequence

from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids
from backend.reads.page import Listing, Order
from backend.rules import access
from backend.rules.viewer import Viewer

COLUMNS = "b.id, b.label, b.status, b.opened_at, b.published_at, b.cancelled_at, b.rehearsal"
NEWEST = Order("deposit_batches", ("b.id",), (int,), descending=True)
BY_LINE = Order("deposit_rejections", ("l.line",), (int,))


def listing(viewer: Viewer) -> Listing:
    """The batches, newest first."""
    return Listing(COLUMNS, "deposit_batches b", lambda sql: [access.deposit_batches(sql, viewer, "b")], NEWEST)


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Batches by id; None for those that do not exist for the viewer."""
    sql = Sql()
    allowed = access.deposit_batches(sql, viewer, "b")
    return by_ids.placed(await by_ids.fetch(COLUMNS, "deposit_batches b", "b.id", ids, allowed, sql=sql), "id", ids)


async def counts(ids: Sequence[int]) -> list[list[db.Row]]:
    """How many lines of each batch have each outcome."""
    sql = Sql("SELECT l.batch_id, l.outcome, count(*) AS n FROM deposit_lines l")
    sql.add(f"WHERE l.batch_id IN ({sql.bind_all(list(ids))}) GROUP BY l.batch_id, l.outcome")
    return by_ids.grouped(await db.rows(sql), "batch_id", ids)


async def fingerprint(batch_id: int) -> tuple[tuple[str, int], ...]:
    """What changes with each step of a batch: how many lines have each outcome."""
    [rows] = await counts([batch_id])
    return tuple(sorted((one["outcome"], int(one["n"])) for one in rows))


def rejections(batch_id: int) -> Listing:
    """The rejected lines of a batch that the viewer sees, in order."""
    return Listing(
        "l.line, l.reference, l.rejection_code, l.rejection_message",
        "deposit_lines l",
        lambda sql: [f"l.batch_id = {sql.bind(batch_id)}", "l.outcome = 'REJECTED'"],
        BY_LINE,
    )
