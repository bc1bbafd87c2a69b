"""Our SQLite engine for Tortoise: one writer that begins IMMEDIATE, several readers, entries safe to cancel.

Mends findings A (a cancelled entry leaks the lock), D (deferred BEGIN gives "database is locked") and E (readers wait
for the writer) of the stack study. SQLite allows one writer; in WAL mode readers never wait for it.
"""

import asyncio
import contextlib
import re
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import aiosqlite
from tortoise.backends.base.client import ConnectionWrapper, NestedTransactionContext
from tortoise.backends.sqlite.client import SqliteClient, SqliteTransactionContext, SqliteTransactionWrapper
from tortoise.connection import get_connections
from tortoise.exceptions import IntegrityError, OperationalError, TransactionManagementError

from backend.database.finishing import finish

READERS = 3
_NUMBERED = re.compile(r"\$(\d+)")


@lru_cache(maxsize=4096)
def numbered(query: str) -> str:
    """`$1` as `?1`: SQLite takes `$1` for a name, and sequences bound to names are on their way out of Python."""
    return _NUMBERED.sub(r"?\1", query)


@contextlib.contextmanager
def _translated() -> Any:
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise IntegrityError(error) from error
    except sqlite3.OperationalError as error:
        raise OperationalError(error) from error


_Outcome = tuple[int, list[Any]]


async def _written(connection: aiosqlite.Connection, query: str, values: Sequence[Any]) -> _Outcome:
    """Run a statement that writes: the rows it changed itself, not those its triggers did, and the rows it returns."""

    def run() -> _Outcome:
        cursor = connection._conn.execute(query, values)
        rows = cursor.fetchall()
        changed = cursor.rowcount
        cursor.close()
        return changed if changed >= 0 else len(rows), rows

    in_its_thread: Callable[[Callable[[], _Outcome]], Awaitable[_Outcome]] = connection._execute
    with _translated():
        return await in_its_thread(run)


class _Wrapper(SqliteTransactionWrapper):
    """The writer, inside a transaction."""

    def _in_transaction(self) -> Any:
        """A savepoint (migrations use one each): the same writer, or statements would be Tortoise's again."""
        return NestedTransactionContext(_Wrapper(self))

    async def begin(self) -> None:
        """BEGIN IMMEDIATE: take the write lock now, in turn, rather than fail when the first write comes."""
        try:
            await self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise TransactionManagementError(error) from error

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        """Number of rows changed or read, and the rows."""
        async with self.acquire_connection() as connection:
            return await _written(connection, numbered(query), values or [])

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """The rows, as dictionaries."""
        found: list[dict[str, Any]] = await super().execute_query_dict(numbered(query), values)
        return found

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """One statement for many rows."""
        await super().execute_many(numbered(query), values)

    async def execute_script(self, query: str) -> None:
        """Several statements, without the COMMIT that sqlite3's executescript slips in before the first."""
        statement = ""
        for part in re.split(r"(?<=;)", query):
            statement += part
            if sqlite3.complete_statement(statement):
                await self.execute_query(statement)
                statement = ""
        if statement.strip():
            await self.execute_query(statement)


class _Statement(ConnectionWrapper[aiosqlite.Connection]):
    """The writer, for one statement outside a transaction: the lock is given back if the connection cannot be had."""

    async def __aenter__(self) -> aiosqlite.Connection:
        await self._lock.acquire()
        try:
            await self.ensure_connection()
        except BaseException:
            self._lock.release()
            raise
        return self.connection


class _Context(SqliteTransactionContext):
    """The transaction: entry and exit hold under cancellation."""

    async def __aenter__(self) -> Any:
        await self._trxlock.acquire()
        try:
            await self.ensure_connection()
            await self.connection.begin()
        except BaseException:
            await finish(self._undo())
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        return self.connection

    async def _undo(self) -> None:
        try:
            connection = self.connection._connection
            if connection is not None:
                await connection.rollback()  # queued behind the BEGIN, in the same thread
        finally:
            self._trxlock.release()

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        get_connections().reset(self.token)
        await finish(self._end(commit=exc_type is None))

    async def _end(self, *, commit: bool) -> None:
        try:
            if self.connection._finalized:
                return
            if commit:
                try:
                    await self.connection.commit()
                except BaseException:
                    await self.connection._connection.rollback()
                    raise
            else:
                await self.connection.rollback()
        finally:
            self._trxlock.release()


class Client(SqliteClient):
    """The engine. Writes go one at a time through one connection; reads outside a transaction to the readers."""

    def __init__(self, file_path: str, **options: Any) -> None:
        super().__init__(file_path, **options)
        self._readers: asyncio.Queue[aiosqlite.Connection] | None = None
        self._opened: list[aiosqlite.Connection] = []
        self._opening = asyncio.Lock()

    def _in_transaction(self) -> Any:
        return _Context(_Wrapper(self), self._lock)

    def acquire_connection(self) -> _Statement:
        """The writer, under the write lock."""
        return _Statement(self._lock, self)

    async def create_connection(self, with_db: bool) -> None:
        """Open the writer, whole: one cancelled half way would enforce no foreign key. Called under the write lock."""
        if self._connection is None:
            Path(self.filename).parent.mkdir(parents=True, exist_ok=True)
        await finish(super().create_connection(with_db))

    async def _open_readers(self) -> asyncio.Queue[aiosqlite.Connection]:
        async with self._opening:
            if self._readers is not None:
                return self._readers
            if self._connection is None:
                async with self._lock:  # the writer goes first: it creates the file and sets WAL
                    await self.create_connection(True)
            readers: asyncio.Queue[aiosqlite.Connection] = asyncio.Queue()
            await finish(self._connect(readers))  # one left half open would never be closed
            return readers

    async def _connect(self, readers: asyncio.Queue[aiosqlite.Connection]) -> None:
        for _ in range(READERS):
            reader = await aiosqlite.connect(self.filename, isolation_level=None)
            self._opened.append(reader)
            reader._conn.row_factory = sqlite3.Row
            for pragma, value in self.pragmas.items():
                if pragma in {"busy_timeout", "cache_size", "mmap_size", "temp_store"}:
                    await reader.execute(f"PRAGMA {pragma}={value}")
            await reader.execute("PRAGMA query_only=ON")
            readers.put_nowait(reader)
        self._readers = readers

    @contextlib.asynccontextmanager
    async def _reader(self) -> AsyncIterator[aiosqlite.Connection]:
        readers = self._readers or await self._open_readers()
        reader = await readers.get()
        try:
            yield reader
        finally:
            readers.put_nowait(reader)  # a cancelled read is still queued in its thread; the next one waits behind it

    async def close(self) -> None:
        """Close every connection; a thread left behind would keep the process alive."""
        for reader in self._opened:
            await reader.close()
        self._opened.clear()
        self._readers = None
        await super().close()

    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        """Number of rows changed or read, and the rows; a SELECT goes to a reader."""
        if not _is_read(query):
            async with self.acquire_connection() as connection:
                return await _written(connection, numbered(query), values or [])
        async with self._reader() as reader:
            with _translated():
                rows = list(await reader.execute_fetchall(numbered(query), values or []))
            return len(rows), rows

    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """The rows, as dictionaries; a SELECT goes to a reader."""
        if not _is_read(query):
            written: list[dict[str, Any]] = await super().execute_query_dict(numbered(query), values)
            return written
        async with self._reader() as reader:
            with _translated():
                return [dict(row) for row in await reader.execute_fetchall(numbered(query), values or [])]


def _is_read(query: str) -> bool:
    return query.lstrip()[:6].upper() == "SELECT"


client_class = Client
