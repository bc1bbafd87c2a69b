"""How we talk to SQLite and to PostgreSQL: opening, one transaction helper, and statements as text.

Commands (rules) work on Tortoise models inside `transaction()`; pages (reads) send SQL text with `rows()`.
Both databases understand the statements: `$1` parameters, instants as microseconds, legal dates as ISO text.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise import Tortoise, connections
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.transactions import in_transaction

from backend.database.sql import Sql

Row = dict[str, Any]

STATEMENT_TIMEOUT = 30.0
"""Seconds after which a statement is given up, so that no operation can wait for ever."""


NEWS_CHANNEL = "peps_news"


def configuration(url: str, *, foreign_keys: bool = True) -> dict[str, Any]:
    """Tortoise's configuration for a database address.

    `sqlite:///relative/path`, `sqlite:////absolute/path` or `postgres://user:password@host:port/name?option=value`.
    """
    return {
        "connections": {"default": _connection(url, foreign_keys=foreign_keys)},
        "apps": {
            "peps": {
                "models": ["backend.models"],
                "default_connection": "default",
                "migrations": "backend.models.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def _connection(url: str, *, foreign_keys: bool) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path)
        return {
            "engine": "backend.database.sqlite",
            "credentials": {
                "file_path": path[1:] if path.startswith("/") else path,
                "busy_timeout": 20_000,
                "synchronous": "NORMAL",
                "cache_size": -32_000,
                "temp_store": "MEMORY",
                "foreign_keys": "ON" if foreign_keys else "OFF",
            },
        }
    options = dict(parse_qsl(parts.query))
    return {
        "engine": "backend.database.postgres",
        "credentials": {
            "host": unquote(options.pop("host", "") or parts.hostname or "127.0.0.1"),
            "port": parts.port or 5432,
            "user": unquote(parts.username or "") or None,
            "password": unquote(parts.password or "") or None,
            "database": parts.path.lstrip("/"),
            "minsize": int(options.pop("minsize", 1)),
            "maxsize": int(options.pop("maxsize", 10)),
            "command_timeout": STATEMENT_TIMEOUT,
            "application_name": "peps",
            # A page is many joins over few rows: compiling one costs a hundred times what it gives.
            "server_settings": {"jit": "off"},
        },
    }


async def open_database(url: str, *, foreign_keys: bool = True) -> None:
    """Connect this process to its database. To be closed with `close_database`, or the process never ends."""
    EXECUTOR_CACHE.clear()  # Tortoise keeps statements by connection name, whatever the dialect they were written for
    await Tortoise.init(config=configuration(url, foreign_keys=foreign_keys), _enable_global_fallback=True)


async def close_database() -> None:
    """Close every connection of this process."""
    await Tortoise.close_connections()


def dialect() -> str:
    """`sqlite` or `postgres`."""
    return str(connections.get("default").capabilities.dialect)


class Transaction:
    """What a rule may hang on the transaction it runs in."""

    def __init__(self, task: "asyncio.Task[Any] | None") -> None:
        self.task = task
        self._last: list[Callable[[], Awaitable[None]]] = []
        self._after: list[Callable[[], None]] = []
        self.notes: dict[str, Any] = {}

    def before_commit(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run `work` inside the transaction, after everything else: for what takes a lock others wait for."""
        self._last.append(work)

    def after_commit(self, work: Callable[[], None]) -> None:
        """Run `work` once the transaction is committed, and not if it is rolled back."""
        self._after.append(work)

    def tell(self) -> None:
        """It is committed: run what was to follow."""
        for work in self._after:
            work()


_current: ContextVar[Transaction | None] = ContextVar("transaction", default=None)


def current_transaction() -> Transaction:
    """The transaction one is in. Raises RuntimeError outside: a rule that writes must open one."""
    transaction_ = _current.get()
    if transaction_ is None:
        raise RuntimeError("not in a transaction")
    return transaction_


@asynccontextmanager
async def transaction() -> AsyncIterator[Transaction]:
    """One transaction: all or nothing, one use case.

    Refuses to be nested or entered from a task that another transaction started: Tortoise's parallel nested
    transactions commit what failed (finding G), and on SQLite they wait for each other for ever (finding F).
    """
    if _current.get() is not None:
        raise RuntimeError("a transaction is already open here: one use case, one transaction")
    opened = Transaction(asyncio.current_task())
    complete = False
    try:
        async with in_transaction():
            token = _current.set(opened)
            try:
                yield opened
                for work in opened._last:
                    await work()
                complete = True
            finally:
                _current.reset(token)
    except asyncio.CancelledError:
        if complete:  # cancelled during the commit, which the engines bring to its end all the same
            opened.tell()
        raise
    opened.tell()


def _client() -> Any:
    opened = _current.get()
    if opened is not None and opened.task is not asyncio.current_task():
        raise RuntimeError("another task's transaction: statements of one transaction run in the task that opened it")
    return connections.get("default")


def _statement(query: str | Sql, values: Sequence[Any]) -> tuple[str, list[Any]]:
    text, bound = (query.text(), query.values) if isinstance(query, Sql) else (query, list(values))
    statements.count(text)
    return text, bound


async def rows(query: str | Sql, values: Sequence[Any] = ()) -> list[Row]:
    """The rows of a SELECT, or of a statement with RETURNING."""
    text, bound = _statement(query, values)
    async with asyncio.timeout(STATEMENT_TIMEOUT):
        found: list[Row] = await _client().execute_query_dict(text, bound)
    return found


async def row(query: str | Sql, values: Sequence[Any] = ()) -> Row | None:
    """The first row, or None."""
    found = await rows(query, values)
    return found[0] if found else None


async def execute(query: str | Sql, values: Sequence[Any] = ()) -> int:
    """Run a statement; the number of rows it changed."""
    text, bound = _statement(query, values)
    async with asyncio.timeout(STATEMENT_TIMEOUT):
        changed, _ = await _client().execute_query(text, bound)
    return int(changed)


async def execute_many(query: str, values: Iterable[Sequence[Any]]) -> None:
    """Run a statement once for each sequence of values, in one round trip."""
    statements.count(query)
    await _client().execute_many(query, [list(one) for one in values])


class _Statements:
    """Counts statements sent as text, for the tests that assert how many an operation needs."""

    def __init__(self) -> None:
        self.seen: list[str] | None = None

    def count(self, query: str) -> None:
        if self.seen is not None:
            self.seen.append(query)


statements = _Statements()


async def lock(number: int, *, telling: bool = False) -> None:
    """Wait for a lock that is held until the transaction ends; `telling`: `tell_others` in the same statement.

    On SQLite the transaction is the only writer already, and others see its commit.
    """
    if dialect() == "postgres":
        if telling:
            await rows("SELECT pg_advisory_xact_lock($1), pg_notify($2, '')", [number, NEWS_CHANNEL])
        else:
            await rows("SELECT pg_advisory_xact_lock($1)", [number])


async def hold(table: str, *numbers: int) -> None:
    """Hold rows until the transaction ends: whoever holds them too waits; rows may still come to refer to them.

    On SQLite the transaction is the only writer already.
    """
    if dialect() == "postgres":
        sql = Sql(f'SELECT 1 FROM "{table}"')
        sql.add(f"WHERE id IN ({sql.bind_all(numbers)}) ORDER BY id FOR NO KEY UPDATE")
        await rows(sql)


def held(alias: str) -> str:
    """What ends a SELECT whose rows of `alias` are held until the transaction ends: as they are once nobody else
    writes them. On SQLite the transaction is the only writer already.
    """
    return f"FOR NO KEY UPDATE OF {alias}" if dialect() == "postgres" else ""


async def tell_others() -> None:
    """Have the other processes told, when this transaction commits, that there is something new in the tables.

    On SQLite they see the commit itself.
    """
    if dialect() == "postgres":
        await rows("SELECT pg_notify($1, '')", [NEWS_CHANNEL])


async def allocate_ids(table: str, count: int) -> list[int]:
    """`count` new ids of a table, in increasing order, for rows inserted in bulk; inside a transaction."""
    if count == 0:
        return []
    if dialect() == "postgres":
        found = await rows(
            "SELECT nextval(pg_get_serial_sequence($1, 'id')) AS id FROM generate_series(1, $2::bigint)", [table, count]
        )
        return [one["id"] for one in found]
    last = await row("SELECT seq FROM sqlite_sequence WHERE name = $1", [table])
    start = (last["seq"] if last else 0) + 1
    return list(range(start, start + count))


async def insert_many(table: str, columns: Sequence[str], values: Sequence[Sequence[Any]]) -> None:
    """Insert rows in bulk, by one statement sent once."""
    if not values:
        return
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join(f"${number}" for number in range(1, len(columns) + 1))
    await execute_many(f'INSERT INTO "{table}" ({names}) VALUES ({places})', values)
