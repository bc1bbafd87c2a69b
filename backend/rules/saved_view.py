"""Views of the list of courriers that a person names and finds again on any device (R-COU-07)."""

import re
from dataclasses import dataclass

from tortoise.exceptions import IntegrityError

from backend import clock
from backend import database as db
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

MOST = 20
LONGEST_NAME, LONGEST_QUERY = 60, 1000

_QUERY = re.compile(r"[A-Za-z0-9._~!$'()*,;:@/?%+&=-]*")
"""What an address holds after its « ? » (RFC 3986): nothing that would lead elsewhere."""


@dataclass(frozen=True)
class Saved:
    """The outcome: the view, or why it was not saved."""

    view_id: int | None = None
    errors: tuple[UserError, ...] = ()


def _refused(message: str, *path: str, code: ErrorCode = ErrorCode.INVALID_VALUE) -> Saved:
    return Saved(errors=(UserError(code, message, path),))


_MISSING = _refused("Cette vue n’existe pas, ou n’existe plus.", "id", code=ErrorCode.NOT_FOUND)
_TAKEN = _refused("L’une de vos vues porte déjà ce nom : choisissez-en un autre.", "name")


async def save(viewer: Viewer, name: str, query: str | None, view_id: int | None = None) -> Saved:
    """Name a list by what its address says; or give one of one's views another name, and another list if said."""
    if viewer.user_id is None:
        return _refused("Seule une personne connectée enregistre une vue.", code=ErrorCode.NOT_ALLOWED)
    name = " ".join("".join(one for one in name if one.isprintable()).split())
    if not name or len(name) > LONGEST_NAME:
        return _refused(f"Donnez à la vue un nom de 1 à {LONGEST_NAME} caractères.", "name")
    if query is not None and (len(query) > LONGEST_QUERY or not _QUERY.fullmatch(query)):
        return _refused("Cette liste ne peut pas être enregistrée : son adresse est trop longue.", "query")
    try:
        return await (_add(viewer, name, query or "") if view_id is None else _change(viewer, view_id, name, query))
    except IntegrityError:
        return _TAKEN


async def _add(viewer: Viewer, name: str, query: str) -> Saved:
    async with db.transaction():
        await db.hold("users", viewer.user_id or 0)  # two at once do not pass the limit
        found = await db.row("SELECT count(*) AS n FROM saved_views WHERE user_id = $1", [viewer.user_id])
        if found and found["n"] >= MOST:
            return _refused(f"Vous avez déjà {MOST} vues : supprimez-en une d’abord.")
        now = int(clock.to_microseconds(clock.now()))
        made = await db.rows(
            "INSERT INTO saved_views (user_id, name, query, saved_at) VALUES ($1, $2, $3, $4) RETURNING id",
            [viewer.user_id, name, query, now],
        )
    return Saved(made[0]["id"])


async def _change(viewer: Viewer, view_id: int, name: str, query: str | None) -> Saved:
    async with db.transaction():
        changed = await db.execute(
            "UPDATE saved_views SET name = $1, query = COALESCE($2, query) WHERE id = $3 AND user_id = $4",
            [name, query, view_id, viewer.user_id],
        )
    return Saved(view_id) if changed else _MISSING


async def delete(viewer: Viewer, view_id: int) -> tuple[UserError, ...]:
    """Forget one of one's views; the letters are what they were."""
    gone = await db.execute("DELETE FROM saved_views WHERE id = $1 AND user_id = $2", [view_id, viewer.user_id])
    return () if gone else _MISSING.errors
