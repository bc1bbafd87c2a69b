"""API clients."""

from collections.abc import Sequence

from backend import database as db
from backend.reads import by_ids
from backend.reads.page import Listing, Order

COLUMNS = "c.id, c.name, c.scopes, c.created_at, c.last_used_at, c.expires_on, c.revoked_at"
NEWEST = Order("api_clients", ("c.id",), (int,), descending=True)


def everyone() -> Listing:
    """Every API client, newest first: for operators."""
    return Listing(COLUMNS, "api_clients c", lambda _: [], NEWEST)


async def named(number: int) -> db.Row | None:
    """An API client by id."""
    return await db.row(f"SELECT {COLUMNS} FROM api_clients c WHERE c.id = $1", [number])


async def several(ids: Sequence[int]) -> list[db.Row | None]:
    """API clients by their ids."""
    return by_ids.placed(await by_ids.fetch(COLUMNS, "api_clients c", "c.id", ids), "id", ids)
