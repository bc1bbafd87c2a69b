"""A database that many examples use one after the other: looked at as a whole, and put back as it was in between.

Both take a millisecond: a machine of random operations does them after every step.
"""

import asyncio
import sqlite3
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import orjson

from backend import database as db
from tests.rules import tables

Rows = dict[Any, dict[str, Any]]
"""The rows of a table by their key."""

Look = dict[str, Rows]
"""Every row of every table."""

T = TypeVar("T")

UNTOUCHED = ("ddl", "platform_facts")


class Ground(Protocol):
    """The database."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something with it."""

    def look(self) -> Look:
        """Everything in it, committed."""

    def remember(self) -> None:
        """Keep what is in it now."""

    def restore(self) -> None:
        """Put back what was kept."""


def by_key(rows: list[dict[str, Any]]) -> Rows:
    """The rows of a table by their key."""
    return {one["id"] if "id" in one else next(iter(one.values())): one for one in rows}


class OnSqlite:
    """Looked at by a connection of its own, in this thread; put back page by page."""

    def __init__(self, path: Path, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._live = sqlite3.connect(path, isolation_level=None)
        self._live.row_factory = sqlite3.Row
        self._kept = sqlite3.connect(":memory:")
        self._names = runner.run(tables.names())

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def look(self) -> Look:
        return {
            name: by_key([dict(row) for row in self._live.execute(f'SELECT * FROM "{name}"')]) for name in self._names
        }

    def remember(self) -> None:
        self._live.backup(self._kept)

    def restore(self) -> None:
        self._kept.backup(self._live)

    def close(self) -> None:
        self._live.close()
        self._kept.close()


class OnPostgres:
    """Looked at by one statement; emptied, then filled again."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner
        self._names = runner.run(tables.names())
        self._kept: Look = {}

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def look(self) -> Look:
        all_of_them = " UNION ALL ".join(
            f"SELECT '{name}' AS name, to_jsonb(one)::text AS row FROM \"{name}\" one" for name in self._names
        )
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in self._names}
        for one in self._runner.run(db.rows(all_of_them)):
            found[one["name"]].append(orjson.loads(one["row"]))
        return {name: by_key(rows) for name, rows in found.items()}

    def remember(self) -> None:
        self._kept = self.look()

    def restore(self) -> None:
        async def work() -> None:
            async with db.transaction():
                await db.execute("SET LOCAL session_replication_role = replica")  # append-only tables too
                for name in self._names:
                    await db.execute(f'DELETE FROM "{name}"')
                for name, rows in self._kept.items():
                    if rows:
                        await db.execute(
                            f'INSERT INTO "{name}" SELECT * FROM jsonb_populate_recordset(NULL::"{name}", $1::jsonb)',
                            [orjson.dumps(list(rows.values())).decode()],
                        )

        self._runner.run(work())

    def close(self) -> None:
        pass


@contextmanager
def opened(url: str) -> Iterator[Ground]:
    """The database at an address, open for as long as the block."""
    with asyncio.Runner() as runner:
        runner.run(db.open_database(url))
        ground = OnSqlite(Path(url.removeprefix("sqlite:///")), runner) if "sqlite" in url[:6] else OnPostgres(runner)
        try:
            yield ground
        finally:
            ground.close()
            runner.run(db.close_database())
