"""How quick an administrator's screens are with 3,000 accounts, beside 25: `python -m tests.bench.accounts`.

The same page of 25, the same 25 renewed, in one database; what the two cost is taken in turns, so that a slow moment of
the machine slows both. `--database` names a migrated, empty database; a SQLite of its own otherwise.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.database import close_database, open_database
from backend.database.migrate import migrate
from backend.settings import Settings
from tests.documents import document
from tests.reads.test_scale import PAGE, PAGES, Town, a_town, signed_in
from tests.reads.test_statements import ask

FEW, MANY = 25, 3_000
SHOWN = ("by name", "by expiry", "by last sign-in", "search", "of a status", "of a service", "matrix", "to renew")

Work = Callable[[], Awaitable[Any]]


async def timed(work: Work) -> float:
    """Its milliseconds."""
    start = time.perf_counter()
    await work()
    return (time.perf_counter() - start) * 1000


async def compared(few: Work, many: Work, rounds: int, before: Work | None = None) -> tuple[float, float]:
    """The median of each, in turns, the first two rounds left out; which goes first changes with the round."""
    taken: dict[Work, list[float]] = {few: [], many: []}
    for number in range(rounds + 2):
        if before is not None:
            await before()
        for work in (few, many) if number % 2 else (many, few):
            taken[work].append(await timed(work))
    return median(taken[few][2:]), median(taken[many][2:])


async def soon() -> None:
    """Everybody expires within a year again, so that a renewal has something to do."""
    await db.execute("UPDATE users SET expires_on = $1", [clock.add_months(clock.today(), 2).isoformat()])


async def renewal(town: Town) -> Work:
    return partial(
        ask, await signed_in(town), document("user/changes.ts", "RenewUsers"), input={"ids": town.named(PAGE)}
    )


async def measure(rounds: int) -> None:
    town, hospital = await a_town(FEW), await a_town(MANY)
    if db.dialect() == "postgres":
        await db.execute("ANALYZE")
    print(f"{db.dialect()}, {rounds} rounds, medians\n{'':<20}{FEW:>8}{MANY:>10}     ratio")
    for name in SHOWN:
        query, given, _, _ = PAGES[name]
        few, many = (partial(ask, one.viewer, query, first=PAGE, **given) for one in (town, hospital))
        told(name, *await compared(few, many, rounds))
    told("renewal of 25", *await compared(await renewal(town), await renewal(hospital), rounds, soon))


def told(name: str, few: float, many: float) -> None:
    print(f"{name:<20}{few:>5.1f} ms{many:>7.1f} ms{many / few:>10.2f}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="the address of a migrated, empty database")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with database(given.database, folder):
            await measure(given.rounds)


@asynccontextmanager
async def database(url: str | None, folder: str) -> AsyncIterator[str]:
    """A migrated, empty database, open: the one that is named, or a SQLite in a folder."""
    made = url or f"sqlite:///{folder}/bench.sqlite3"
    settings_room.use(
        Settings(data_dir=Path(folder), demo="none", jobs=False, secret_key="a secret for tests only, of 32+")
    )
    if not url:
        await migrate(made)
    await open_database(made)
    try:
        yield made
    finally:
        await close_database()


if __name__ == "__main__":
    asyncio.run(main())
