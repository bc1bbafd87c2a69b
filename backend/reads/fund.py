"""Funds."""

from collections.abc import Sequence

from backend import database as db
from backend.reads import by_ids


async def everyone() -> list[db.Row]:
    """The funds, in the order of the screens."""
    return await db.rows("SELECT f.code, f.label FROM funds f ORDER BY f.position")


async def named(codes: Sequence[str]) -> list[db.Row | None]:
    """Funds by code."""
    return by_ids.placed(await by_ids.fetch("f.code, f.label", "funds f", "f.code", codes), "code", codes)
