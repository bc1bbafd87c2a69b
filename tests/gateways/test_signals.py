"""News between processes, and the feed in the order of commits (R-COU-16)."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from backend import database as db
from backend.gateways import signals as gateway
from backend.gateways.signals import Signals, connection_of, each_signal
from tests import builders
from tests.engine.wire import Socket, connected, deposit, following
from tests.serving import Served

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def another_process(database_url: str, *words: str) -> AsyncIterator[Any]:
    """A depositor in a process of its own, ready to begin."""
    environment = {**os.environ, "DATABASE_URL": database_url}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.gateways.depositor",
        *words,
        cwd=ROOT,
        env=environment,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        async with asyncio.timeout(30):
            assert await process.stdout.readline() == b"ready\n"
        yield process
        async with asyncio.timeout(30):
            assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def reader(server: Served) -> AsyncIterator[tuple[Socket, Any, Any]]:
    """Somebody who follows the letters of their town."""
    town, kind = await builders.establishment(), await builders.courrier_type()
    user = await builders.user(town, rights={"COURRIERS": builders.READ})
    client = await server.signed_in(user.identifier)
    async with connected(server, client) as socket:
        await following(socket)
        yield socket, town, kind


async def test_a_letter_deposited_by_another_process_is_told_within_a_second(server: Served, database_url: str) -> None:
    """R-COU-16: by `data_version` on SQLite, by NOTIFY on PostgreSQL."""
    async with (
        reader(server) as (socket, town, kind),
        another_process(database_url, town.siret, kind.code, "OTHER", "1") as process,
    ):
        process.stdin.write(b"go\n")
        begun = time.monotonic()
        assert await socket.letter() == "OTHER-0"
        assert time.monotonic() - begun < 1


async def test_twenty_depositors_at_once_are_followed_in_order_each_once(server: Served, database_url: str) -> None:
    """R-COU-16: an id taken early and committed late would be passed by the cursor."""
    async with reader(server) as (socket, town, kind):
        async with another_process(database_url, town.siret, kind.code, "OTHER", "10") as process:
            process.stdin.write(b"go\n")
            await asyncio.gather(*(deposit(town, kind, f"HERE-{number}") for number in range(20)))
            messages = [(await socket.receive())["payload"]["data"]["courrierDeposited"] for _ in range(30)]
        told = [one["courrier"]["reference"] for one in messages]
        assert sorted(told) == sorted([f"HERE-{n}" for n in range(20)] + [f"OTHER-{n}" for n in range(10)])
        fed = await db.rows(
            "SELECT c.reference FROM feed_entries f JOIN courriers c ON c.id = f.courrier_id ORDER BY f.id"
        )
        assert told == [one["reference"] for one in fed]
        assert [one for one in told if one.startswith("OTHER")] == [f"OTHER-{n}" for n in range(10)]


async def test_who_is_about_to_commit_holds_back_whoever_would_come_after(server: Served) -> None:
    """R-COU-16: the classical gap. A number is taken, its transaction lasts, a higher number is committed before it and
    told, and a cursor would have passed the lower one. Here none is given while one that was given is not committed.
    """
    async with reader(server) as (socket, town, kind):
        taken, go_on = asyncio.Event(), asyncio.Event()

        genuine = db.insert_many

        async def insert_many(table: str, *given: Any) -> None:
            await genuine(table, *given)
            if table == "feed_entries" and not taken.is_set():
                taken.set()
                await go_on.wait()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(db, "insert_many", insert_many)
            first = asyncio.create_task(deposit(town, kind, "FIRST"))
            await taken.wait()
            second = asyncio.create_task(deposit(town, kind, "SECOND"))
            waiting = "SELECT 1 AS one FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
            while db.dialect() == "postgres" and not await db.row(waiting):
                await asyncio.sleep(0)
            assert not second.done()
            assert await db.rows("SELECT id FROM feed_entries") == []
            go_on.set()
            await asyncio.gather(first, second)
        assert [await socket.letter(), await socket.letter()] == ["FIRST", "SECOND"]


async def test_a_cursor_resumes_anywhere_without_a_miss_or_a_double(server: Served) -> None:
    """R-COU-16."""
    async with reader(server) as (socket, town, kind):
        for number in range(5):
            await deposit(town, kind, f"A-{number}")
        cursors = [(await socket.receive())["payload"]["data"]["courrierDeposited"]["cursor"] for _ in range(5)]
        query = "subscription($after: String) { courrierDeposited(after: $after) { courrier { reference } } }"
        for position, cursor in enumerate(cursors[:-1]):
            await socket.subscribe(query, f"again-{position}", after=cursor)
            for number in range(position + 1, 5):
                assert await socket.letter() == f"A-{number}"
            await socket.send(type="complete", id=f"again-{position}")
        refused = await socket.ask(query, after="inventé")
        errors = refused["errors"] if isinstance(refused, dict) else refused
        assert errors[0]["extensions"]["code"] == "BAD_CURSOR"


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.postgres)], indirect=True)
async def test_a_listener_that_was_cut_comes_back_and_misses_nothing(
    server: Served, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL forgets a listener whose connection ends; what is told meanwhile is found in the tables."""
    monkeypatch.setattr(gateway, "RECONNECT", 0.3)
    async with reader(server) as (socket, town, kind):
        async with another_process(database_url, town.siret, kind.code, "OTHER", "3") as process:
            connection = await asyncpg.connect(database_url)
            try:
                cut = await connection.fetch(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND query LIKE 'LISTEN%'"
                )
            finally:
                await connection.close()
            assert len(cut) == 1, "one listener for a process"
            process.stdin.write(b"go\n")  # while nobody listens
            assert [await socket.letter() for _ in range(3)] == ["OTHER-0", "OTHER-1", "OTHER-2"]
        await deposit(town, kind, "AFTER")
        assert await socket.letter() == "AFTER"


async def test_whoever_waits_is_woken_once_the_watch_begins(database: str) -> None:
    """What was committed between a look in the tables and the beginning of the watch would be missed otherwise."""
    signals = Signals(connection_of(db.configuration(database)))
    with signals.waiting() as event:
        signals.start()
        try:
            async with asyncio.timeout(5):
                await event.wait()
        finally:
            await signals.stop()


async def test_a_loop_looks_again_even_without_a_signal(database: str) -> None:
    signals = Signals(connection_of(db.configuration(database)))
    looks = 0
    async with asyncio.timeout(5):
        async for _ in each_signal(signals, at_most=0.01):
            looks += 1
            if looks == 3:
                break
    assert looks == 3
