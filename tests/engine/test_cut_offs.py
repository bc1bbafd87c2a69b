"""Clients cut off at random during a campaign, over two servers: each letter exactly once (R-COU-16).

`CUT_OFFS=1000` makes it as long as one likes.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
import websockets

from backend import clock
from backend import database as db
from backend.models import Right
from backend.rules import deposit_batch, deposit_publication, globalid, journal
from tests import builders
from tests.engine.peers import CuttingWay, cutting, two_servers
from tests.engine.wire import FOLLOW, Socket, connected, deposit, following
from tests.gateways.test_signals import another_process
from tests.rules import batches
from tests.serving import Client, Served

CUT_OFFS = int(os.environ.get("CUT_OFFS", "12"))
LETTERS = 2 * CUT_OFFS
"""Letters of the campaign; two programs deposit some more meanwhile, one by one."""
OTHERS = max(5, CUT_OFFS // 10)
PROGRESS = """subscription($id: ID!) { depositProgress(batchId: $id) { status counts { published } } }"""


@dataclass
class Follower:
    """A client that follows something over a way that cuts it, and takes it up each time where it was."""

    way: Served
    client: Client
    query: str
    variables: dict[str, Any]
    compression: str | None = "deflate"
    told: list[Any] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self, take: Callable[["Follower", dict[str, Any]], bool]) -> None:
        """Until `take` says that it is over."""
        while True:
            with suppress(websockets.WebSocketException, OSError, EOFError):
                async with connected(self.way, self.client, compression=self.compression) as socket:
                    await socket.subscribe(self.query, **self.variables)
                    async for data in messages(socket):
                        self.news.set()
                        if take(self, data):
                            return

    async def has(self, *references: str) -> None:
        """Wait until it was told of them."""
        async with asyncio.timeout(60 + CUT_OFFS):
            while not set(references) <= set(self.told):
                self.news.clear()
                await self.news.wait()


async def messages(socket: Socket) -> AsyncIterator[dict[str, Any]]:
    while True:
        message = await wait_for_message(socket)
        if message["type"] == "complete":
            return
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        yield message["payload"]["data"]


async def wait_for_message(socket: Socket) -> dict[str, Any]:
    async with asyncio.timeout(60):
        return await socket.receive()


def a_letter(follower: Follower, data: dict[str, Any]) -> bool:
    one = data["courrierDeposited"]
    follower.told.append(one["courrier"]["reference"])
    follower.variables["after"] = one["cursor"]
    return bool(follower.told[-1] == "LAST")


def a_step(follower: Follower, data: dict[str, Any]) -> bool:
    one = data["depositProgress"]
    follower.told.append((one["status"], one["counts"]["published"]))
    return bool(one["status"] == "PUBLISHED")


async def fed() -> list[str]:
    """What the feed says, in its order."""
    rows = await db.rows(
        "SELECT c.reference FROM feed_entries f JOIN courriers c ON c.id = f.courrier_id ORDER BY f.id"
    )
    return [one["reference"] for one in rows]


async def test_a_campaign_is_followed_whole_over_two_servers_however_often_one_is_cut_off(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposit_publication, "SLICE", 5)
    town, kind = await builders.establishment(), await builders.courrier_type()
    document_id = (await builders.document()).id
    clerk = await builders.user(town, rights={"COURRIERS": builders.READ})
    newcomer = await builders.user(town)
    operator = await batches.an_operator()
    batch_id = await batches.opened(operator)
    for start in range(0, LETTERS, 500):
        numbers = range(start, min(start + 500, LETTERS))
        lines = [await batches.line(1 + one, town, kind=kind, document_id=document_id) for one in numbers]
        assert (await deposit_batch.load(operator, batch_id, lines)).errors == ()
    await batches.decided(operator, batch_id)
    number = globalid.encode("DepositBatch", batch_id)
    async with two_servers(database) as servers:
        one, other = servers
        who = [await one.signed_in(user.identifier) for user in (clerk, clerk, newcomer)]
        named = await db.row("SELECT identifier FROM users WHERE id = $1", [operator.user_id])
        assert named is not None
        who.append(await other.signed_in(named["identifier"]))
        cursor = (await who[0].data("{ viewer { feedCursor } }"))["viewer"]["feedCursor"]
        async with connected(one, who[0]) as here, connected(other, who[0]) as there:
            await following(here)
            await following(there)
            begun = time.monotonic()
            await deposit(town, kind, "FIRST")  # by this process, a third one
            assert [await here.letter(), await there.letter()] == ["FIRST", "FIRST"]
            assert time.monotonic() - begun < 1
        way = CuttingWay(servers, random.Random(1998), CUT_OFFS, 1200)
        async with cutting(way) as address, asyncio.TaskGroup() as group:  # a follower that fails ends the test at once
            first, second, late = [Follower(address, client, FOLLOW, {"after": cursor}) for client in who[:3]]
            first.compression = None  # twenty bytes a letter would let it be cut every sixty letters only
            progress = Follower(address, who[3], PROGRESS, {"id": number})
            clerks = [group.create_task(each.follow(a_letter)) for each in (first, second)]
            lately = group.create_task(late.follow(a_letter))
            steps = group.create_task(progress.follow(a_step))
            async with (
                another_process(database, town.siret, kind.code, "A", str(OTHERS)) as process,
                another_process(database, town.siret, kind.code, "B", str(OTHERS)) as another,
            ):
                process.stdin.write(b"go\n")
                another.stdin.write(b"go\n")
                published = 0
                while await deposit_publication.publish_slice(batch_id):
                    published += 5
                    if published == LETTERS // 2 // 5 * 5:  # the newcomer may read from now on
                        await Right.create(
                            user_id=newcomer.id, service_id=kind.service_id, level=builders.READ, granted_at=clock.now()
                        )
                        before_it_began = set(await fed())
            await deposit(town, kind, "MIDDLE")
            since = [each for each in await fed() if each not in before_it_began]
            await late.has(*since)
            await db.execute("DELETE FROM rights WHERE user_id = $1", [newcomer.id])  # and no more
            while way.cuts_left:  # as many cuts as were asked for
                reference = f"MORE-{time.monotonic_ns()}"
                await deposit(town, kind, reference)
                await first.has(reference)
            await deposit(town, kind, "LAST")
            await asyncio.gather(*clerks, steps)
            lately.cancel()
            await asyncio.wait([lately])
    expected = await fed()
    assert len(set(expected)) == len(expected) >= LETTERS + 2 * OTHERS + 2
    assert first.told == expected
    assert second.told == expected
    assert [each for each in expected if each in set(late.told)] == late.told, "in order, none twice"
    assert set(since) <= set(late.told) <= set(expected[: expected.index("MIDDLE") + 1])
    assert progress.told[-1] == ("PUBLISHED", LETTERS)
    assert [each for _, each in progress.told] == sorted(each for _, each in progress.told)
    assert way.cuts == CUT_OFFS
    assert set(way.reached) == {0, 1}
    assert (await journal.verify())[1] is None
