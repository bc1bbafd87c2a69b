"""Filling tables quickly: COPY on PostgreSQL, one prepared statement on SQLite, a chunk at a time."""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any

from tortoise import connections

from backend import database as db

Progress = Callable[[str, int, int], None]
"""Told what is being written, how many rows are, and how many there will be (0: not known)."""

CHUNK = 20_000
"""Rows at a time: memory stays small, and each statement well under the time allowed."""

_CACHE_KIBIBYTES = 256_000

_NUMBERED = (
    "services",
    "establishments",
    "courrier_types",
    "users",
    "terms",
    "api_clients",
    "delegations",
    "documents",
    "courriers",
    "notifications",
    "audit_events",
)
"""The tables whose rows are given their ids here."""


async def fill(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Insert rows, inside a transaction."""
    if not values:
        return
    if db.dialect() == "postgres":
        connection = connections.get("default")._connection  # the transaction's own
        await connection.copy_records_to_table(table, records=values, columns=list(columns))
    else:
        await db.insert_many(table, columns, values)


async def pour(
    table: str,
    columns: Sequence[str],
    values: Iterable[Sequence[Any]],
    progress: Progress,
    label: str,
    expected: int = 0,
) -> int:
    """Insert rows as they are made; the number of them."""
    remaining, written = iter(values), 0
    while chunk := list(islice(remaining, CHUNK)):
        await fill(table, columns, chunk)
        written += len(chunk)
        progress(label, written, max(expected, written))
    return written


@asynccontextmanager
async def roomy_cache() -> AsyncIterator[None]:
    """More memory for SQLite meanwhile: what does not fit goes to the disk and back, again and again."""
    if db.dialect() != "sqlite":
        yield
        return
    found = await _pragma("cache_size")
    await _pragma(f"cache_size = {-_CACHE_KIBIBYTES}")
    try:
        yield
    finally:
        await _pragma(f"cache_size = {found}")


async def _pragma(what: str) -> int | None:
    found = await db.row(f"PRAGMA {what}")
    return int(found["cache_size"]) if found else None


async def set_indexes_aside() -> list[str]:
    """Drop the indexes of the tables that grow large; the statements that make them again.

    Building an index of many rows at once takes a fifth of the time that as many random insertions do. It is all
    part of the transaction, on both engines: an interrupted load leaves them in place.
    """
    found = await db.rows(_INDEXES[db.dialect()])
    for one in found:
        await db.execute(f'DROP INDEX "{one["name"]}"')
    return [one["sql"] for one in found]


async def make_indexes(statements: Sequence[str], progress: Progress) -> None:
    """Make again the indexes set aside."""
    for done, statement in enumerate(statements, start=1):
        await db.execute(statement)
        progress("index", done, len(statements))


_LARGE = (
    "'contracts', 'users', 'rights', 'service_reviews', 'terms_acceptances', 'courriers', 'courrier_facts', "
    "'courrier_marks', 'courrier_attachments', 'courrier_words', 'documents', 'audit_events'"
)
_INDEXES = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL "
    f"AND tbl_name IN ({_LARGE}) ORDER BY name",
    # Those of constraints go with their constraint, and are kept.
    "postgres": "SELECT i.indexname AS name, i.indexdef AS sql FROM pg_indexes i "
    f"WHERE i.schemaname = current_schema() AND i.tablename IN ({_LARGE}) "
    "AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conname = i.indexname) ORDER BY i.indexname",
}


async def continue_numbers() -> None:
    """Have PostgreSQL number new rows after the ones given an id here. SQLite does so by itself."""
    if db.dialect() != "postgres":
        return
    for table in _NUMBERED:
        last = f"(SELECT COALESCE(max(id), 0) + 1 FROM {table})"
        await db.rows(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {last}, false)")


async def gather_statistics() -> None:
    """Let the database know the sizes of what was written, so that the first requests are planned well."""
    if db.dialect() == "sqlite":
        await db.execute("PRAGMA analysis_limit = 1000")
    await db.execute("ANALYZE")
