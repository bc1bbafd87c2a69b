"""What a search costs beside the list it narrows: `python -m tests.bench.search --database …`.

The first page of 25 with its count, as the inbox asks it, with and without words, for readers of ordinary
establishments, of the one with the most letters, and for who acts for the most establishments. The best of some rounds
for each, taken in turns: a busy machine only adds. `--database` names one that holds the demonstration
(`DATA_DIR=… python -m backend.cli demo --scale full`).
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend import database as db
from backend import settings as settings_room
from backend.database import close_database, open_database
from backend.rules import globalid
from backend.rules.viewer import Viewer
from backend.settings import Settings
from tests.reads.test_statements import ask

ROW = """id reference subject fiscalYear letterDate depositedAt dueOn isReadByViewer isArchived
  type { id label } fund { code } establishment { id name } searchExtract { text isMarked }"""
LIST = f"{{ totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {ROW} }} }} }}"
OF_ONE = f"""query($id: ID!, $filter: CourrierFilter, $orderBy: CourrierOrder) {{ node(id: $id) {{
  ... on Establishment {{ courriers(first: 25, filter: $filter, orderBy: $orderBy) {LIST} }} }} }}"""
OF_ALL = f"""query($filter: CourrierFilter, $orderBy: CourrierOrder) {{ viewer {{
  courriers(first: 25, filter: $filter, orderBy: $orderBy) {LIST} }} }}"""

QUERIES: dict[str, dict[str, Any]] = {
    "of most letters": {"filter": {"search": "cotisations"}},
    "several words": {"filter": {"search": "appel de cotisations CNRACL"}},
    "by relevance": {"filter": {"search": "appel de cotisations"}, "orderBy": "RELEVANCE"},
    "a phrase": {"filter": {"search": '"cotisations CNRACL"'}},
    "without": {"filter": {"search": "cotisations -relance"}},
    "only without": {"filter": {"search": "-cotisations"}},
    "short beginning": {"filter": {"search": "co*"}},
    "long beginning": {"filter": {"search": "cotisat*"}},
    "a reference": {"filter": {"search": "CNRACL-2025-000123"}},
    "nothing": {"filter": {"search": "introuvable"}},
}


async def readers(condition: str, order: str, limit: int) -> Sequence[Viewer]:
    """People who read letters at home, of establishments chosen by the number of their letters."""
    found = await db.rows(
        "SELECT x.establishment_id, min(u.id) AS user_id FROM (SELECT establishment_id, count(*) AS n FROM courriers "
        f"GROUP BY establishment_id HAVING {condition} ORDER BY {order} LIMIT {limit}) x "
        "JOIN users u ON u.establishment_id = x.establishment_id AND u.is_administrator "
        "GROUP BY x.establishment_id ORDER BY x.establishment_id"
    )
    return [Viewer(user_id=one["user_id"], establishment_id=one["establishment_id"]) for one in found]


async def who_acts_for_most() -> Viewer:
    """Of the members of delegations, the one with the most."""
    found = await db.row(
        "SELECT u.id, u.establishment_id FROM delegation_members m JOIN users u ON u.id = m.user_id "
        "GROUP BY u.id, u.establishment_id ORDER BY count(*) DESC, u.id LIMIT 1"
    )
    assert found is not None
    return Viewer(user_id=found["id"], establishment_id=found["establishment_id"])


async def asked(viewer: Viewer, query: str, **given: Any) -> int:
    """How many letters somebody is shown."""
    of = {"id": globalid.encode("Establishment", viewer.establishment_id or 0)} if query is OF_ONE else {}
    data = await ask(viewer, query, **of, **given)
    return len((data["node"] if query is OF_ONE else data["viewer"])["courriers"]["edges"])


async def compare(label: str, viewers: Sequence[Viewer], query: str, rounds: int) -> None:
    works = {"the list": {}, **QUERIES}
    best: dict[str, float] = dict.fromkeys(works, 0.0)
    shown = dict.fromkeys(works, 0)
    for viewer in viewers:
        taken: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, given in works.items():
                start = time.perf_counter()
                found = await asked(viewer, query, **given)
                taken[name].append((time.perf_counter() - start) * 1000)
                shown[name] += found if len(taken[name]) == 1 else 0
        for name, times in taken.items():
            best[name] += min(times) / len(viewers)
    print(f"\n{label:<28}{'shown':>6}{'ms':>10}   beside the list")
    for name, took in best.items():
        print(f"{name:<28}{shown[name]:>6}{took:>10.2f}{took / best['the list']:>10.2f}")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", required=True, help="the address of a database that holds the demonstration")
    parser.add_argument("--rounds", type=int, default=15)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings_room.use(
            Settings(data_dir=Path(folder), demo="none", jobs=False, secret_key="a secret for tests only, of 32+")
        )
        await open_database(given.database)
        try:
            found = await db.row("SELECT count(*) AS n FROM courriers")
            print(f"{db.dialect()}, {found and found['n']} letters, {given.rounds} rounds, the best of each")
            ordinary = await readers("count(*) BETWEEN 8 AND 24", "establishment_id % 997, establishment_id", 20)
            await compare("20 ordinary establishments", ordinary, OF_ONE, given.rounds)
            await compare("the one with most letters", await readers("count(*) > 0", "n DESC", 1), OF_ONE, given.rounds)
            await compare("who acts for the most", [await who_acts_for_most()], OF_ALL, max(3, given.rounds // 5))
        finally:
            await close_database()


if __name__ == "__main__":
    asyncio.run(main())
