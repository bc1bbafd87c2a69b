"""Keyset pages: the same cost on page 1 and on page 10,000 (a page never counts or skips what is before it)."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from backend import database as db
from backend.database.sql import Sql
from backend.rules.error import BadRequest

MAXIMUM = 100
DEFAULT = 20


@dataclass(frozen=True)
class Order:
    """A total order: expressions read in the same direction, the last one unique. `name` tells cursors apart.

    `kinds` are the Python types of the keys, `int` or `str`.
    """

    name: str
    expressions: tuple[str, ...]
    kinds: tuple[type, ...]
    descending: bool = False


@dataclass(frozen=True)
class Slice:
    """Which page is asked for, as Relay does: `first` after a cursor, or `last` before one."""

    first: int | None = None
    after: str | None = None
    last: int | None = None
    before: str | None = None


@dataclass(frozen=True)
class Page:
    """Rows in the list's order, a cursor for each, and whether there are others on either side."""

    rows: list[db.Row]
    cursors: list[str]
    has_next: bool
    has_previous: bool


def encode(order: Order, keys: Sequence[Any]) -> str:
    """The opaque cursor of a row."""
    return base64.urlsafe_b64encode(orjson.dumps([order.name, *keys])).decode().rstrip("=")


def decode(order: Order, cursor: str) -> list[Any]:
    """The keys behind a cursor. Raises BadRequest for one that this list never gave."""
    try:
        content = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        name, *keys = orjson.loads(content)
    except (binascii.Error, orjson.JSONDecodeError, ValueError, TypeError) as error:
        raise _bad_cursor() from error
    if name != order.name or len(keys) != len(order.kinds) or not all(map(_is_key, keys, order.kinds)):
        raise _bad_cursor()
    return list(keys)


def _is_key(key: Any, kind: type) -> bool:
    """Whether a value can be compared with a column of this kind: 64-bit integers, text without NUL."""
    if kind is int:
        return type(key) is int and -(2**63) <= key < 2**63
    return isinstance(key, str) and "\x00" not in key


def _bad_cursor() -> BadRequest:
    return BadRequest(
        "BAD_CURSOR", "Ce curseur n’a pas été donné par cette liste : reprenez à la première page, sans curseur."
    )


def size(slice_: Slice) -> int:
    """How many rows are asked for. Raises BadRequest for none, too many, or both ends at once."""
    if slice_.first is not None and slice_.last is not None:
        raise BadRequest("BAD_PAGE", "Demandez `first` ou `last`, pas les deux.")
    if slice_.after is not None and slice_.before is not None:
        raise BadRequest("BAD_PAGE", "Demandez `after` ou `before`, pas les deux.")
    asked = slice_.first if slice_.first is not None else slice_.last
    if asked is None:
        return DEFAULT
    if not 0 <= asked <= MAXIMUM:
        raise BadRequest("BAD_PAGE_SIZE", f"Une page compte de 0 à {MAXIMUM} éléments ; {asked} ont été demandés.")
    return asked


def is_backward(slice_: Slice) -> bool:
    """Whether the page is read from its end."""
    return slice_.last is not None or (slice_.before is not None and slice_.first is None)


def beyond(sql: Sql, order: Order, slice_: Slice) -> list[str]:
    """The condition that leaves out what the cursor has passed; none without a cursor."""
    cursor = slice_.after if slice_.after is not None else slice_.before
    if cursor is None:
        return []
    keys = decode(order, cursor)
    forward = slice_.after is not None
    comparison = "<" if order.descending == forward else ">"
    bound = ", ".join(
        f"CAST({sql.bind(key)} AS {'BIGINT' if kind is int else 'VARCHAR'})"
        for key, kind in zip(keys, order.kinds, strict=True)
    )
    return [f"({', '.join(order.expressions)}) {comparison} ({bound})"]


def direction(order: Order, slice_: Slice) -> str:
    """What the page is ordered by, from the end it is read from."""
    falling = order.descending != is_backward(slice_)
    return ", ".join(f"{one} {'DESC' if falling else 'ASC'}" for one in order.expressions)


async def fetch(
    sql: Sql,
    columns: str,
    source: str,
    conditions: Sequence[str],
    order: Order,
    slice_: Slice,
) -> Page:
    """One page, by one statement.

    `sql` is empty but for values already bound by the conditions; `columns` and `source` are the SELECT list and the
    FROM clause with its joins. One row more than asked tells whether there are others.
    """
    wanted = size(slice_)
    backward = is_backward(slice_)
    conditions = [*conditions, *beyond(sql, order, slice_)]
    directed = direction(order, slice_)
    keyed = ", ".join(f"{one} AS key_{number}" for number, one in enumerate(order.expressions))
    sql.add(f"SELECT {columns}, {keyed}", f"FROM {source}")
    if conditions:
        sql.add("WHERE " + "\nAND ".join(conditions))
    sql.add(f"ORDER BY {directed}", f"LIMIT {sql.bind(wanted + 1)}")
    found = await db.rows(sql)
    more = len(found) > wanted
    kept = found[:wanted]
    if backward:
        kept.reverse()
    numbers = range(len(order.expressions))
    cursors = [encode(order, [row[f"key_{number}"] for number in numbers]) for row in kept]
    return Page(
        kept,
        cursors,
        has_next=slice_.before is not None if backward else more,
        has_previous=more if backward else slice_.after is not None,
    )


async def count(sql: Sql, source: str, conditions: Sequence[str]) -> int:
    """How many rows the list has in all: computed only when a client asks."""
    sql.add(f"SELECT count(*) AS n FROM {source}")
    if conditions:
        sql.add("WHERE " + "\nAND ".join(conditions))
    found = await db.row(sql)
    return int(found["n"]) if found else 0


Conditions = Callable[[Sql], Sequence[str]]
"""Conditions of a list, bound to a statement under construction: asked once for the page, again for the count."""


class Pages(Protocol):
    """What a connection is made of: a list that gives a page of itself, and counts itself when asked."""

    async def page(self, slice_: Slice) -> Page:
        """A page."""

    async def total(self) -> int:
        """The number of rows."""

    async def up_to(self, limit: int) -> int:
        """The number of rows, not counted beyond a limit."""


@dataclass(frozen=True)
class Listing:
    """A list of rows that can be paged and counted, its rights and filters inside."""

    columns: str
    source: str
    conditions: Conditions
    order: Order
    counted: str = ""

    async def page(self, slice_: Slice) -> Page:
        """A page."""
        sql = Sql()
        return await fetch(sql, self.columns, self.source, self.conditions(sql), self.order, slice_)

    async def total(self) -> int:
        """The number of rows."""
        sql = Sql()
        return await count(sql, self.counted or self.source, self.conditions(sql))

    async def up_to(self, limit: int) -> int:
        """The number of rows, not counted beyond `limit`: in the list's order, so that no more are looked at."""
        sql = Sql()
        conditions = self.conditions(sql)
        sql.add(f"SELECT count(*) AS n FROM (SELECT 1 FROM {self.source}")
        if conditions:
            sql.add("WHERE " + "\nAND ".join(conditions))
        sql.add(f"ORDER BY {direction(self.order, Slice())} LIMIT {sql.bind(limit)}) found")
        found = await db.row(sql)
        return int(found["n"]) if found else 0
