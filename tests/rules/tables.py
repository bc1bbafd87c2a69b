"""The rows of every table, to see what was kept and that nothing was changed."""

import hashlib
from collections.abc import Collection
from typing import Any

import orjson

from backend import database as db

Row = dict[str, Any]


MADE_OF_THE_REST = {"inboxes", "inbox_counts", "adoption_figures"}
"""Tables that say nothing new: kept so that it need not be found out again."""


async def names() -> list[str]:
    """The tables of ours."""
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
        if db.dialect() == "sqlite"
        else "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    return [one["name"] for one in await db.rows(f"{query} ORDER BY 1") if not one["name"].startswith("tortoise_")]


async def contents(without: Collection[str] = ()) -> dict[str, list[Row]]:
    """Every row of every table of ours but those left out."""
    return {
        table: await db.rows(f'SELECT * FROM "{table}" ORDER BY 1') for table in await names() if table not in without
    }


DELIVERY = {"status", "attempts", "next_attempt_at", "leased_until", "sent_at", "last_error", "bounced_at"}
"""What the worker writes of an e-mail queued before, at a moment of its own."""


async def digest(without: Collection[str] = ()) -> str:
    """A fingerprint of every row: the same as long as nothing was changed, the sending of e-mails left out."""
    found = await contents(without)
    found["notifications"] = [
        {name: value for name, value in row.items() if name not in DELIVERY} for row in found.get("notifications", ())
    ]
    return hashlib.sha256(orjson.dumps(found, default=str)).hexdigest()


async def holding(canary: str, without: Collection[tuple[str, str]] = ()) -> list[str]:
    """The columns, as `table.column`, where a text holds `canary`."""
    found = {
        f"{table}.{column}"
        for table, rows in (await contents()).items()
        for row in rows
        for column, value in row.items()
        if isinstance(value, str) and canary in value and (table, column) not in without
    }
    return sorted(found)


async def journal(action: str) -> list[Row]:
    """The journal's events of an action, with their detail, oldest first."""
    rows = await db.rows(
        "SELECT e.*, d.body FROM audit_events e JOIN audit_details d ON d.event_id = e.id WHERE e.action = $1 "
        "ORDER BY e.id",
        [action],
    )
    return [{**row, "body": orjson.loads(row["body"])} for row in rows]


async def one(table: str, number: int) -> Row:
    """A row by its id."""
    found = await db.row(f'SELECT * FROM "{table}" WHERE id = $1', [number])
    assert found is not None
    return found
