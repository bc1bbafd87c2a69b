"""Rows by their ids, in batches: what loaders ask for."""

from collections.abc import Sequence
from typing import Any

from backend import database as db
from backend.database.sql import Sql


async def fetch(
    columns: str, source: str, key: str, ids: Sequence[Any], *conditions: str, sql: Sql | None = None
) -> list[db.Row]:
    """The rows whose `key` is among `ids`, as far as the conditions (already bound to `sql`) let through."""
    sql = sql or Sql()
    placed = sql.bind_all(list(ids))
    sql.add(f"SELECT {columns} FROM {source} WHERE {' AND '.join([f'{key} IN ({placed})', *conditions])}")
    return await db.rows(sql)


def grouped(rows: Sequence[db.Row], key: str, ids: Sequence[Any]) -> list[list[db.Row]]:
    """Rows gathered by key, in the order of `ids`."""
    by_key: dict[Any, list[db.Row]] = {}
    for row in rows:
        by_key.setdefault(row[key], []).append(row)
    return [by_key.get(one, []) for one in ids]


def placed(rows: Sequence[db.Row], key: str, ids: Sequence[Any]) -> list[db.Row | None]:
    """One row for each id, or None, in the order of `ids`."""
    by_key = {row[key]: row for row in rows}
    return [by_key.get(one) for one in ids]
