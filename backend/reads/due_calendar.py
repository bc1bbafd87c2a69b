"""Whether one's calendar follows the due dates of one's courriers."""

from backend import database as db
from backend.rules.viewer import Viewer


async def opened_at(viewer: Viewer) -> int | None:
    """Since when, in microseconds; None where no calendar does."""
    found = await db.row("SELECT opened_at FROM due_calendars WHERE user_id = $1", [viewer.user_id])
    return int(found["opened_at"]) if found else None
