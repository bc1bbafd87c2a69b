"""One's own views of the list of courriers."""

from backend import database as db
from backend.rules.viewer import Viewer


async def mine(viewer: Viewer) -> list[db.Row]:
    """The viewer's views, by name."""
    if viewer.user_id is None:
        return []
    found = await db.rows("SELECT id, name, query FROM saved_views WHERE user_id = $1", [viewer.user_id])
    return sorted(found, key=lambda one: (str(one["name"]).casefold(), one["id"]))
