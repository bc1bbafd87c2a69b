"""Signals between processes: "something new is in the tables". They carry no data, so a lost one loses nothing.

In a process, `wake` is a function call. Across processes: on SQLite a reader watches `PRAGMA data_version`, which
changes with every commit of another connection; on PostgreSQL a connection of its own listens to what
`database.tell_others` notifies with the transaction.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any
from urllib.parse import quote

import aiosqlite
import asyncpg

from backend.database import NEWS_CHANNEL
from backend.database.finishing import finish

logger = logging.getLogger(__name__)

POLL = 0.05
RECONNECT = 1.0


class Signals:
    """Wakes whoever waits for news, in this process and in the others on the same database.

    `connection` is the default connection of a Tortoise configuration.
    """

    def __init__(self, connection: dict[str, Any]) -> None:
        self._connection = connection
        self._waiters: set[asyncio.Event] = set()
        self._watching: asyncio.Task[None] | None = None

    @property
    def _is_postgres(self) -> bool:
        return "postgres" in str(self._connection["engine"])

    def start(self) -> None:
        """Begin to watch other processes."""
        watch = self._listen if self._is_postgres else self._poll
        self._watching = asyncio.create_task(self._again(watch), name="signals")

    async def stop(self) -> None:
        """Stop watching, and let whoever waits go."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        self.wake()

    def wake(self) -> None:
        """Wake those who wait in this process."""
        for event in self._waiters:
            event.set()

    @contextlib.contextmanager
    def waiting(self) -> Iterator[asyncio.Event]:
        """An event that is set at each signal; clear it before looking, so that none falls in between."""
        event = asyncio.Event()
        self._waiters.add(event)
        try:
            yield event
        finally:
            self._waiters.discard(event)

    async def _again(self, watch: Callable[[], Any]) -> None:
        while True:
            try:
                await watch()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, aiosqlite.Error) as error:
                logger.warning("signals interrupted: %s", error)
            await asyncio.sleep(RECONNECT)

    async def _poll(self) -> None:
        path = self._connection["credentials"]["file_path"]
        connection = await aiosqlite.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
        try:
            last = None
            while True:
                version = await connection.execute_fetchall("PRAGMA data_version")
                if version != last:  # the first time too: what was committed before we looked was missed
                    self.wake()
                last = version
                await asyncio.sleep(POLL)
        finally:
            await finish(connection.close())

    async def _listen(self) -> None:
        credentials = self._connection["credentials"]
        connection = await asyncpg.connect(
            host=credentials["host"],
            port=credentials["port"],
            user=credentials["user"],
            password=credentials["password"],
            database=credentials["database"],
        )
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        try:
            await connection.add_listener(NEWS_CHANNEL, lambda *_: self.wake())
            self.wake()  # what was told before we listened was missed
            await ended.wait()
        finally:
            await finish(connection.close(timeout=2))


async def each_signal(signals: Signals, at_most: float) -> AsyncIterator[None]:
    """Once at first, then at each signal, and anyway every `at_most` seconds. For loops that look in the tables."""
    with signals.waiting() as event:
        while True:
            event.clear()
            yield
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(at_most):
                    await event.wait()


def connection_of(configuration: dict[str, Any]) -> dict[str, Any]:
    """The default connection of a Tortoise configuration."""
    connection: dict[str, Any] = configuration["connections"]["default"]
    return connection
