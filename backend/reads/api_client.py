"""API clients."""

from backend import database as db


async def named(number: int) -> db.Row | None:
    """An API client by id."""
    return await db.row(
        "SELECT id, name, scopes, created_at, last_used_at, expires_on FROM api_clients WHERE id = $1", [number]
    )
