"""A client of graphql-transport-ws that shows each message, and the letters that tests have it follow."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import websockets

from backend import clock
from backend.models import CourrierType, Establishment
from backend.rules import courrier
from backend.rules.viewer import Viewer
from tests import builders
from tests.serving import Client, Served

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database has a say in."""

FOLLOW = "subscription($after: String) { courrierDeposited(after: $after) { cursor courrier { reference } } }"


class Socket:
    """An open WebSocket. Every wait is bounded."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def send(self, **message: Any) -> None:
        await self.connection.send(json.dumps(message))

    async def subscribe(self, query: str, key: str = "1", **variables: Any) -> None:
        await self.send(type="subscribe", id=key, payload={"query": query, "variables": variables})

    async def receive(self) -> dict[str, Any]:
        """The next message; a text frame, always (finding J)."""
        received = await soon(self.connection.recv())
        assert isinstance(received, str), "a binary frame"
        message: dict[str, Any] = json.loads(received)
        return message

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer of one operation."""
        await self.subscribe(query, "ask", **variables)
        message = await self.receive()
        if message["type"] == "next":
            assert await self.receive() == {"type": "complete", "id": "ask"}
        answer: dict[str, Any] = message["payload"]
        return answer

    async def letter(self) -> str:
        """The reference of the next letter told."""
        message = await self.receive()
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return str(message["payload"]["data"]["courrierDeposited"]["courrier"]["reference"])

    async def closed(self) -> tuple[int, str]:
        """The code and reason with which the server closes it."""
        code, reason = await soon(_until_closed(self.connection))
        return code, reason


async def _until_closed(connection: Any) -> tuple[int, str]:
    try:
        while True:
            await connection.recv()
    except websockets.ConnectionClosed:
        return connection.close_code, connection.close_reason


async def soon(waiting: Any) -> Any:
    """What is awaited, or TimeoutError after ten seconds."""
    async with asyncio.timeout(10):
        return await waiting


@asynccontextmanager
async def opened(server: Served, **options: Any) -> AsyncIterator[Socket]:
    """A socket that has not said anything yet."""
    address = server.address.replace("http", "ws", 1) + "/graphql"
    protocols = options.pop("subprotocols", ["graphql-transport-ws"])
    async with websockets.connect(address, subprotocols=protocols, **options) as connection:
        yield Socket(connection)


@asynccontextmanager
async def connected(server: Served, client: Client, **options: Any) -> AsyncIterator[Socket]:
    """A socket of somebody signed in, acknowledged. `options` are those of the connection."""
    async with opened(server, **options) as socket:
        await socket.send(type="connection_init", payload={"authorization": client.http.headers["authorization"]})
        assert (await socket.receive())["type"] == "connection_ack"
        yield socket


async def following(socket: Socket, key: str = "1") -> None:
    """Subscribe from now on: whatever is deposited after this call is told."""
    cursor = (await socket.ask("{ viewer { feedCursor } }"))["data"]["viewer"]["feedCursor"]
    await socket.subscribe(FOLLOW, key, after=cursor)


async def deposit(to: Establishment, kind: CourrierType, reference: str) -> int:
    """Deposit a letter by the rule, in this process."""
    made = await courrier.deposit(
        Viewer(is_operator=True),
        courrier.Deposit(
            document_id=(await builders.document()).id,
            siret=to.siret,
            type_code=kind.code,
            reference=reference,
            subject=f"Objet de {reference}",
            letter_date=clock.today(),
        ),
    )
    assert made.errors == (), made.errors
    assert made.courrier_id is not None
    return made.courrier_id
