"""The due dates of one's courriers in one's own calendar: an address with a secret, which can be taken back."""

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, journal, token
from backend.rules.viewer import Origin, Viewer


async def subscribe(viewer: Viewer) -> str | None:
    """A new address, said once; the one before is dead. None for who reads no letters."""
    if viewer.user_id is None or not access.reads_documents(viewer):
        return None
    secret = token.issue()
    now = int(clock.to_microseconds(clock.now()))
    async with db.transaction():
        await db.execute(
            "INSERT INTO due_calendars (user_id, token_hash, opened_at) VALUES ($1, $2, $3) "
            "ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, opened_at = excluded.opened_at",
            [viewer.user_id, token.fingerprint(secret), now],
        )
        _record(viewer, "calendar.opened")
    return f"/agenda/abonnement/{secret}/echeances.ics"


async def unsubscribe(viewer: Viewer) -> None:
    """The address is dead; a calendar that still asks is told that there is nothing."""
    async with db.transaction():
        if await db.execute("DELETE FROM due_calendars WHERE user_id = $1", [viewer.user_id]):
            _record(viewer, "calendar.closed")


def _record(viewer: Viewer, action: str) -> None:
    event = journal.Event(action, viewer.establishment_id, subject=("User", viewer.user_id or 0))
    journal.record(viewer, event)


async def reader(secret: str, origin: Origin) -> Viewer | None:
    """Whose calendar asks, judged now: an account that cannot sign in any more reads no due date either."""
    sql = Sql("SELECT u.id, u.establishment_id, u.is_administrator, u.is_operator,")
    sql.add(f"{access.held_back(sql, 'u')} AS held_back FROM due_calendars d JOIN users u ON u.id = d.user_id")
    sql.add(f"WHERE d.token_hash = {sql.bind(token.fingerprint(secret))} AND {access.can_sign_in(sql, 'u')}")
    found = await db.row(sql)
    if found is None:
        return None
    return Viewer(
        user_id=found["id"],
        establishment_id=found["establishment_id"],
        is_administrator=bool(found["is_administrator"]),
        is_operator=bool(found["is_operator"]),
        held_back=found["held_back"],
        origin=origin,
    )
