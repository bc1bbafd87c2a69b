"""The feed that open screens follow: entries in the order of commits, so that a cursor misses nothing (R-COU-16)."""

from collections.abc import Callable

from backend import clock
from backend import database as db
from backend.rules import journal

_listeners: list[Callable[[], None]] = []


def on_news(listener: Callable[[], None]) -> None:
    """Have `listener` called after each commit that fed something: the signal that wakes this process and others."""
    _listeners.append(listener)


def forget(listener: Callable[[], None]) -> None:
    """Stop calling a listener."""
    _listeners.remove(listener)


def announce(courrier_id: int, establishment_id: int) -> None:
    """Tell open screens, once the current transaction is committed, that a courrier is available."""
    transaction = db.current_transaction()
    waiting: list[tuple[int, int]] = transaction.notes.setdefault("feed", [])
    if not waiting:
        transaction.before_commit(lambda: _write(waiting))
        transaction.after_commit(_tell)
    waiting.append((courrier_id, establishment_id))


async def _write(waiting: list[tuple[int, int]]) -> None:
    # An id taken before the lock could be committed after a higher one, which a cursor would then have passed.
    await db.lock(journal.LOCK)
    now = int(clock.to_microseconds(clock.now()))
    ids = await db.allocate_ids("feed_entries", len(waiting))
    await db.insert_many(
        "feed_entries",
        ("id", "courrier_id", "establishment_id", "occurred_at"),
        [
            (number, courrier, establishment, now)
            for number, (courrier, establishment) in zip(ids, waiting, strict=True)
        ],
    )
    await db.tell_others()


def _tell() -> None:
    for listener in list(_listeners):
        listener()
