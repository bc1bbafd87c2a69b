"""What acting for 2,000 establishments costs beside acting for one: `python -m tests.bench.delegations`.

The documents are those of the screens, executed as the server does; what the two readers cost is taken in turns, so
that a slow moment of the machine slows both. `--database` names a migrated, empty database; a SQLite of its own
otherwise.
"""

import argparse
import asyncio
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from backend import database as db
from backend import settings as settings_room
from backend.database import close_database, open_database
from backend.database.migrate import migrate
from backend.settings import Settings
from tests import builders
from tests.bench.accounts import Work, compared, told
from tests.bench.world import COMMUNES, EVERYBODY, Bench, pour
from tests.documents import document
from tests.reads.test_statements import ask

INBOX = document("courrier/inbox.tsx", "InboxOfAll")
SCREENS: dict[str, tuple[str, dict[str, Any]]] = {
    "inbox, first page": (INBOX, {"first": 25, "filter": {"archived": False}}),
    "unread": (INBOX, {"first": 25, "filter": {"archived": False, "unread": True}}),
    "of one fund": (INBOX, {"first": 25, "filter": {"archived": False, "funds": ["CNRACL"]}}),
    "by letter's date": (INBOX, {"first": 25, "filter": {"archived": False}, "orderBy": "LETTER_DATE_DESC"}),
    "counts": ("{ viewer { courrierSummary { total unread byFund { total unread fund { code } } } } }", {}),
    "every screen": (document("session/session.tsx", "Viewer"), {}),
    "home": (document("home/home.tsx", "Home"), {}),
    "switch, all": (document("session/picker.tsx", "EstablishmentPicker"), {"first": 20}),
    "switch, search": (
        document("session/picker.tsx", "EstablishmentPicker"),
        {"first": 20, "search": "saint essai 17"},
    ),
}


async def works(who: builders.User, query: str, given: dict[str, Any]) -> Work:
    return partial(ask, builders.viewer(who), query, **given)


async def measure(bench: Bench, rounds: int) -> None:
    print(f"{db.dialect()}, {rounds} rounds, medians\n{'':<20}{'one':>8}{'many':>10}     ratio")
    for name, (query, given) in SCREENS.items():
        one, many = [await works(who, query, given) for who in (bench.one, bench.many)]
        told(name, *await compared(one, many, rounds))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="the address of a migrated, empty database")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--communes", type=int, default=COMMUNES)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/bench.sqlite3"
        settings_room.use(
            Settings(data_dir=Path(folder), demo="none", jobs=False, secret_key="a secret for tests only, of 32+")
        )
        if not given.database:
            await migrate(url)
        await open_database(url)
        try:
            start = time.perf_counter()
            bench = await pour(given.communes, EVERYBODY)
            print(f"poured in {time.perf_counter() - start:.0f} s")
            await measure(bench, given.rounds)
        finally:
            await close_database()


if __name__ == "__main__":
    asyncio.run(main())
