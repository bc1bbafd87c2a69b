"""API clients."""

from collections.abc import Sequence

from backend import database as db
from backend.reads import by_ids


async def named(number: int) -> db.Row | None:
    """An API client by id."""
    return await db.row(
        "SELECT id, name, scopes, created_at, last_used_at, expires_on FROM api_clients WHERE id = $1", [number]
    )


async def several(ids: Sequence[int]) -> list[db.Row | None]:
    """API clients by their ids."""
    columns = "c.id, c.name, c.scopes, c.created_at, c.last_used_at, c.expires_on"
    return by_ids.placed(await by_ids.fetch(columns, "api_clients c", "c.id", ids), "id", ids)
