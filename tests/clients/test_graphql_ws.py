"""The graphql-ws client of npm follows new letters (R-COU-16)."""

import asyncio
from typing import Any

from tests.clients.node import HERE, node
from tests.clients.walk import world
from tests.engine.wire import deposit
from tests.serving import Served


class Follower:
    def __init__(self, process: Any) -> None:
        self.process = process

    async def line(self) -> str:
        async with asyncio.timeout(15):
            read: bytes = await self.process.stdout.readline()
        return read.decode().strip()

    def say(self, word: str) -> None:
        self.process.stdin.write(f"{word}\n".encode())


async def test_what_is_deposited_while_the_socket_is_cut_is_told_once_it_is_back(server: Served) -> None:
    """R-COU-16: nothing missed, nothing twice."""
    made = await world()
    client = await server.signed_in(made.clerk.identifier)
    cursor = (await client.data("{ viewer { feedCursor } }"))["viewer"]["feedCursor"]
    await deposit(made.town, made.kind, "before")
    token = client.http.headers["authorization"].partition(" ")[2]
    address = server.address.replace("http", "ws", 1) + "/graphql"
    process = await asyncio.create_subprocess_exec(
        node(),
        HERE / "follow.mjs",
        address,
        token,
        cursor,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    follower = Follower(process)
    try:
        assert await follower.line() == "before", "between the cursor and the subscription"
        await deposit(made.town, made.kind, "open")
        assert await follower.line() == "open"
        follower.say("cut")
        assert await follower.line() == "cut"
        for number in range(5):
            await deposit(made.town, made.kind, f"cut-{number}")
        follower.say("resume")
        assert [await follower.line() for _ in range(5)] == [f"cut-{number}" for number in range(5)]
        await deposit(made.town, made.kind, "after")
        assert await follower.line() == "after"
    finally:
        follower.say("end")
        async with asyncio.timeout(10):
            await process.wait()
