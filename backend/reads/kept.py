"""Figures that take long to count, kept for a while with the instant they were counted at.

What is quick to count is counted each time, so that a small platform never shows an old figure.
"""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from backend import clock
from backend import database as db

COSTLY = 1.0
"""Seconds of counting beyond which figures are kept."""

SHOWN = timedelta(minutes=90)
"""For how long; the job that counts them again runs every hour."""

MANY = 50_000
"""Letters beyond which counting is expected to take long: what screens ask for is then counted ahead."""

Count = Callable[[], Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Kept:
    """Figures, and when they were counted."""

    counted_at: datetime
    body: dict[str, Any]


async def figures(name: str, count: Count) -> Kept:
    """The figures kept under a name, if they are not too old; counted now otherwise."""
    found = await db.row(
        "SELECT counted_at, body FROM adoption_figures WHERE period = $1 AND counted_at >= $2",
        [name, _oldest()],
    )
    if found is not None:
        return Kept(clock.from_microseconds(found["counted_at"]), orjson.loads(found["body"]))
    return await anew(name, count)


async def anew(name: str, count: Count) -> Kept:
    """The figures counted now, and kept if that took long."""
    now, began = clock.now(), time.monotonic()
    body = await count()
    if time.monotonic() - began >= COSTLY:
        await db.execute(
            "INSERT INTO adoption_figures (period, counted_at, body) VALUES ($1, $2, $3) ON CONFLICT (period) "
            "DO UPDATE SET counted_at = excluded.counted_at, body = excluded.body",
            [name, int(clock.to_microseconds(now)), orjson.dumps(body).decode()],
        )
    return Kept(now, body)


async def is_worth_it() -> bool:
    """Whether the platform is so large that figures should be counted before they are asked for."""
    found = await db.row("SELECT max(c.id) AS letters FROM courriers c")
    return found is not None and int(found["letters"] or 0) > MANY


async def forget() -> None:
    """Forget the figures that are too old to be shown."""
    await db.execute("DELETE FROM adoption_figures WHERE counted_at < $1", [_oldest()])


def _oldest() -> int:
    return int(clock.to_microseconds(clock.now() - SHOWN))
