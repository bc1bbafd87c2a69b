"""Findings A, E, F and G: what a transaction promises, whoever cancels, waits, nests or gathers."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import anyio
import pytest

from backend import database as room
from backend.database import (
    current_transaction,
    dialect,
    execute,
    execute_many,
    row,
    rows,
    transaction,
)
from backend.models import Fund, PlatformFact

SET = "INSERT INTO platform_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


async def value(name: str) -> str | None:
    found = await row("SELECT value FROM platform_facts WHERE name = $1", [name])
    return found["value"] if found else None


async def entry(name: str = "entry") -> None:
    """A use case: reads, then writes, by text and by model."""
    async with transaction():
        await rows("SELECT name FROM platform_facts")
        await execute(SET, [name, "1"])
        await PlatformFact.filter(name=name).update(value="2")


async def nothing_is_held() -> None:
    """As many transactions as there are connections, and a write, at once."""
    async with asyncio.timeout(5):
        await asyncio.gather(*(entry(f"after {number}") for number in range(12)))
        assert await value("after 11") == "2"


async def some_turns(chance: random.Random) -> None:
    """Let the loop turn a few times, or wait up to two milliseconds: a random instant of a short transaction."""
    if chance.random() < 0.5:
        for _ in range(chance.randrange(12)):
            await asyncio.sleep(0)
    else:
        await asyncio.sleep(chance.random() * 0.002)


# --- A: cancellation ------------------------------------------------------------------------------------------------


async def test_four_hundred_cancelled_entries_hold_nothing(database: str) -> None:
    chance = random.Random(405)
    await entry()
    for _ in range(400):
        task = asyncio.create_task(entry())
        await some_turns(chance)
        task.cancel()
        await asyncio.wait([task])
    await nothing_is_held()


async def test_entries_cancelled_while_others_wait_for_their_turn_hold_nothing(database: str) -> None:
    chance = random.Random(406)
    await entry()
    for _ in range(40):
        tasks = [asyncio.create_task(entry(f"{number}")) for number in range(15)]
        await some_turns(chance)
        for task in chance.sample(tasks, 10):
            task.cancel()
        await asyncio.wait(tasks)
        assert [task for task in tasks if not task.cancelled() and task.exception()] == []
    await nothing_is_held()


async def test_entries_under_a_cancelled_scope_hold_nothing(database: str) -> None:
    """anyio cancels again at each await, until the scope is left: a cleanup that awaits would be cut short."""
    chance = random.Random(407)
    await entry()
    for _ in range(400):
        with anyio.move_on_after(chance.choice([0, chance.random() * 0.003])):
            await entry()
    await nothing_is_held()


async def test_a_group_cancelled_from_within_holds_nothing(database: str) -> None:
    chance = random.Random(408)
    await entry()
    for _ in range(40):
        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(entry, f"{number}")
            await some_turns(chance)
            group.cancel_scope.cancel()
    await nothing_is_held()


async def test_a_cancelled_transaction_writes_nothing(database: str) -> None:
    written = asyncio.Event()

    async def long() -> None:
        async with transaction():
            await execute(SET, ["long", "1"])
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(long())
    await written.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert await value("long") is None


async def test_cancelled_reads_leave_their_connection_usable(database: str) -> None:
    chance = random.Random(409)
    await entry()
    for _ in range(200):
        task = asyncio.create_task(rows("SELECT name, value FROM platform_facts"))
        await some_turns(chance)
        task.cancel()
        await asyncio.wait([task])
    await nothing_is_held()


# --- E: readers do not wait -----------------------------------------------------------------------------------------


async def test_a_read_does_not_wait_for_an_open_transaction(database: str) -> None:
    written, leave = asyncio.Event(), asyncio.Event()

    async def writer() -> None:
        async with transaction():
            await execute(SET, ["word", "new"])
            assert await value("word") == "new"  # its own
            written.set()
            await leave.wait()

    await execute(SET, ["word", "old"])
    task = asyncio.create_task(writer())
    await written.wait()
    async with asyncio.timeout(1):
        assert await value("word") == "old"
        assert (await PlatformFact.get(name="word")).value == "old"
    leave.set()
    await task
    assert await value("word") == "new"


async def test_one_reads_what_one_has_just_committed(database: str) -> None:
    for number in range(200):
        async with transaction():
            await execute(SET, ["number", str(number)])
        seen = await asyncio.gather(*(value("number") for _ in range(4)))
        assert set(seen) == {str(number)}
        assert (await PlatformFact.get(name="number")).value == str(number)


# --- F: foreign tasks -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        lambda: rows("SELECT 1 AS one"),
        lambda: row("SELECT 1 AS one"),
        lambda: execute(SET, ["foreign", "1"]),
        lambda: execute_many(SET, [["foreign", "1"]]),
    ],
    ids=["rows", "row", "execute", "execute_many"],
)
async def test_a_task_started_in_a_transaction_has_no_part_in_it(
    database: str, statement: Callable[[], Awaitable[Any]]
) -> None:
    async def foreign() -> None:
        await statement()

    async with transaction():
        with pytest.raises(RuntimeError, match="another task's transaction"):
            await asyncio.create_task(foreign())
        with pytest.raises(RuntimeError, match="already open"):
            await asyncio.create_task(entry())
        await execute(SET, ["own", "1"])
    assert await value("own") == "1"
    assert await value("foreign") is None


async def test_waiting_inside_for_a_statement_outside_times_out(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else's write waits for our transaction, and we wait for it: for ever, but for the timeout."""
    begin = asyncio.Event()

    async def outside() -> None:
        await begin.wait()
        await execute(SET, ["word", "outside"])

    await execute(SET, ["word", "before"])
    task = asyncio.create_task(outside())
    with monkeypatch.context() as patched, pytest.raises(TimeoutError):
        async with transaction():
            await execute(SET, ["word", "inside"])
            patched.setattr(room, "STATEMENT_TIMEOUT", 0.05)
            begin.set()
            await task
    assert await value("word") == "before"
    await nothing_is_held()


async def test_there_is_no_current_transaction_outside_of_one(database: str) -> None:
    with pytest.raises(RuntimeError, match="not in a transaction"):
        current_transaction()
    async with transaction() as opened:
        assert current_transaction() is opened
    with pytest.raises(RuntimeError, match="not in a transaction"):
        current_transaction()


# --- G: nested and gathered -----------------------------------------------------------------------------------------


async def test_a_nested_transaction_is_refused(database: str) -> None:
    with pytest.raises(RuntimeError, match="one use case, one transaction"):
        async with transaction():
            await execute(SET, ["outer", "1"])
            await entry("inner")
    assert await rows("SELECT name FROM platform_facts") == []
    await nothing_is_held()


async def test_gathered_nested_transactions_are_refused_and_write_nothing(database: str) -> None:
    """Tortoise's committed the row of the block that raised, on SQLite."""
    async with transaction():
        answers = await asyncio.gather(entry("one"), entry("two"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [RuntimeError, RuntimeError]
    assert await rows("SELECT name FROM platform_facts") == []


async def test_transactions_gathered_side_by_side_all_commit(database: str) -> None:
    await asyncio.gather(*(entry(f"{number}") for number in range(50)))
    assert await rows("SELECT count(*) AS n FROM platform_facts WHERE value = $1", ["2"]) == [{"n": 50}]


# --- before_commit and after_commit ---------------------------------------------------------------------------------


async def test_what_is_hung_on_a_transaction_runs_in_its_order(database: str) -> None:
    told: list[str] = []

    async def last() -> None:
        told.append(f"before {await value('word')}")
        current_transaction().before_commit(lambda: _tell(told, "before, asked for meanwhile"))

    async with transaction() as opened:
        opened.after_commit(lambda: told.append("after"))
        opened.before_commit(last)
        await execute(SET, ["word", "written"])
        told.append("body")
    assert told == ["body", "before written", "before, asked for meanwhile", "after"]


async def _tell(told: list[str], word: str) -> None:
    told.append(word)


async def test_nothing_hung_on_it_runs_when_a_transaction_is_rolled_back(database: str) -> None:
    told: list[str] = []
    with pytest.raises(ZeroDivisionError):
        async with transaction() as opened:
            opened.before_commit(lambda: _tell(told, "before"))
            opened.after_commit(lambda: told.append("after"))
            await execute(SET, ["word", "1"])
            raise ZeroDivisionError
    assert told == []
    assert await value("word") is None


async def test_work_before_the_commit_that_fails_rolls_everything_back(database: str) -> None:
    told: list[str] = []

    async def fail() -> None:
        await execute(SET, ["last", "1"])
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async with transaction() as opened:
            opened.before_commit(fail)
            opened.after_commit(lambda: told.append("after"))
            await execute(SET, ["first", "1"])
    assert told == []
    assert await rows("SELECT name FROM platform_facts") == []


async def test_what_follows_a_commit_runs_even_if_one_is_cancelled_during_it(database: str) -> None:
    """Committed is committed: a process that waits for the signal would otherwise learn of it late."""
    told: list[str | None] = []

    async def cancelled_at_the_commit() -> None:
        async def cancel() -> None:
            task = asyncio.current_task()
            assert task is not None
            asyncio.get_running_loop().call_soon(task.cancel)

        async with transaction() as opened:
            await execute(SET, ["word", "1"])
            opened.before_commit(cancel)
            opened.after_commit(lambda: told.append("after"))

    task = asyncio.create_task(cancelled_at_the_commit())
    await asyncio.wait([task])
    assert task.cancelled()
    assert await value("word") == "1"
    assert told == ["after"]


async def test_a_refused_row_leaves_the_transaction_to_be_rolled_back_whole(database: str) -> None:
    with pytest.raises(Exception, match="funds_code"):
        async with transaction():
            await execute(SET, ["word", "1"])
            await Fund.create(code="SNCF", label="…", position=1)
    assert await value("word") is None
    await nothing_is_held()


async def test_statements_are_counted_when_asked(database: str) -> None:
    room.statements.seen = []
    try:
        await value("word")
        async with transaction():
            await execute(SET, ["word", "1"])
        assert [one.split()[0] for one in room.statements.seen] == ["SELECT", "INSERT"]
    finally:
        room.statements.seen = None
    assert dialect() in {"sqlite", "postgres"}


FIRST_USES: list[Callable[[], Coroutine[Any, Any, Any]]] = [
    entry,
    lambda: value("word"),
    lambda: execute(SET, ["word", "1"]),
]


async def test_a_cancelled_first_use_leaves_no_connection_half_made(sqlite_url: str) -> None:
    """SQLite enforces foreign keys only on a connection that was told to: one cancelled before that would not."""
    chance = random.Random(410)
    for _ in range(60):
        await room.open_database(sqlite_url)
        try:
            task = asyncio.create_task(chance.choice(FIRST_USES)())
            await asyncio.sleep(chance.random() * 0.003)
            task.cancel()
            await asyncio.wait([task])
            async with asyncio.timeout(5), transaction():
                told = {name: (await rows(f"PRAGMA {name}"))[0] for name in ("foreign_keys", "busy_timeout")}
            assert told == {"foreign_keys": {"foreign_keys": 1}, "busy_timeout": {"timeout": 20_000}}
            await value("word")
        finally:
            await room.close_database()
