"""Our PostgreSQL engine for Tortoise: transactions whose entry and exit hold under cancellation (finding A)."""

import logging
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.connection import get_connections

from backend.database.finishing import finish

# asyncpg tells when it resets a connection whose transaction was cut short: that is what we want it to do.
logging.getLogger("asyncpg").setLevel(logging.ERROR)


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg ships no types
    """A connection without session state to reset: each release would otherwise cost a round trip."""

    def get_reset_query(self) -> str:
        """Nothing: we set no session variable, hold no session lock, and never LISTEN on a pooled connection."""
        return ""


class _Context(TransactionContextPooled):
    """The transaction: entry and exit hold under cancellation."""

    async def __aenter__(self) -> Any:
        await self.ensure_connection()
        pool = self.client._parent._pool
        connection = await pool.acquire()
        self.client._connection = connection
        try:
            await self.client.begin()
        except BaseException:
            await finish(pool.release(connection))
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        get_connections().reset(self.token)
        await finish(self._end(commit=exc_type is None))

    async def _end(self, *, commit: bool) -> None:
        pool = self.client._parent._pool
        try:
            if not self.client._finalized:
                await (self.client.commit() if commit else self.client.rollback())
        finally:
            await pool.release(self.client._connection)


class Client(AsyncpgDBClient):
    """The engine."""

    connection_class = _Connection

    def _in_transaction(self) -> Any:
        return _Context(TransactionWrapper(self), self._pool_init_lock)


client_class = Client
