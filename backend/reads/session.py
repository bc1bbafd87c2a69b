"""One's own sessions (R-ACC-17)."""

from backend import clock
from backend import database as db
from backend.rules.viewer import Viewer


async def mine(viewer: Viewer) -> list[db.Row]:
    """The viewer's live sessions, the latest used first."""
    if viewer.user_id is None:
        return []
    return await db.rows(
        "SELECT id, created_at, last_seen_at, user_agent FROM sessions "
        "WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 ORDER BY last_seen_at DESC, id DESC LIMIT 100",
        [viewer.user_id, int(clock.to_microseconds(clock.now()))],
    )
