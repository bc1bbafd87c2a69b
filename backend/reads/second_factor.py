"""One's own second factors and trusted devices (R-ACC-16)."""

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access
from backend.rules.viewer import Viewer


async def mine(viewer: Viewer) -> list[db.Row]:
    """The viewer's second factors, the oldest first; never what is secret in them."""
    if viewer.user_id is None:
        return []
    return await db.rows(
        "SELECT id, kind, label, enrolled_at, last_used_at FROM second_factors "
        "WHERE user_id = $1 AND confirmed_at IS NOT NULL ORDER BY id LIMIT 100",
        [viewer.user_id],
    )


async def recovery_codes_left(viewer: Viewer) -> int:
    """How many of the viewer's recovery codes have not served."""
    if viewer.user_id is None:
        return 0
    found = await db.row(
        "SELECT count(*) AS n FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL", [viewer.user_id]
    )
    return int(found["n"]) if found else 0


async def is_required(viewer: Viewer) -> bool:
    """Whether the viewer's profile must have a second factor."""
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.id = {sql.bind(viewer.user_id)} AND {access.requires_second_factor('u')}")
    return await db.row(sql) is not None


async def devices(viewer: Viewer) -> list[db.Row]:
    """The devices on which the viewer is not asked for it now, the latest first."""
    if viewer.user_id is None:
        return []
    return await db.rows(
        "SELECT id, user_agent, trusted_at, expires_at FROM trusted_devices "
        "WHERE user_id = $1 AND expires_at > $2 ORDER BY trusted_at DESC, id DESC LIMIT 100",
        [viewer.user_id, int(clock.to_microseconds(clock.now()))],
    )
