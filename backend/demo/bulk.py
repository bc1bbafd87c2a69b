"""Filling tables quickly: COPY on PostgreSQL, one prepared statement on SQLite, a chunk at a time."""

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import Any

from tortoise import connections

from backend import database as db

Progress = Callable[[str, int, int], None]
"""Told what is being written, how many rows are, and how many there will be (0: not known)."""

CHUNK = 20_000
"""Rows at a time: memory stays small, and each statement well under the time allowed."""

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
)
"""The tables whose rows are given their ids here."""


async def fill(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Insert rows, inside a transaction."""
    if not values:
        return
    if db.dialect() == "postgres":
        connection = connections.get("default")._connection  # type: ignore[attr-defined]  # the transaction's own
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


async def continue_numbers() -> None:
    """Have PostgreSQL number new rows after the ones given an id here. SQLite does so by itself."""
    if db.dialect() != "postgres":
        return
    for table in _NUMBERED:
        await db.rows(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT COALESCE(max(id), 0) + 1 FROM {table}), false)"
        )


async def gather_statistics() -> None:
    """Let the database know the sizes of what was written, so that the first requests are planned well."""
    await db.execute("ANALYZE")
