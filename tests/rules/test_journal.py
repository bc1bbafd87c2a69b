"""The journal: one chain, whatever happens at the same time; what was tampered with is told (R-JRN-01, R-JRN-03)."""

import asyncio

import pytest
from tortoise.exceptions import IntegrityError

from backend import clock
from backend import database as db
from backend.rules import journal
from backend.rules.viewer import Origin, Viewer
from tests.rules import tables

ACTOR = Viewer(user_id=7, establishment_id=3, origin=Origin("192.0.2.1", "Un navigateur"))


async def note(action: str, viewer: Viewer = ACTOR, **values: object) -> None:
    async with db.transaction():
        journal.record(viewer, journal.Event(action, **values))  # type: ignore[arg-type]


async def five() -> list[int]:
    """Five events; their ids."""
    for number in range(5):
        await note(f"test.{number}", subject=("Courrier", number), facts={"number": number})
    return [one["id"] for one in await db.rows("SELECT id FROM audit_events ORDER BY id")]


async def tamper(*statements: str) -> None:
    """What somebody could do who holds the database: triggers are put aside first."""
    async with db.transaction():
        if db.dialect() == "postgres":
            await db.execute("SET LOCAL session_replication_role = replica")
        else:
            for trigger in ("audit_events_no_update", "audit_events_no_delete"):
                await db.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            await db.execute(statement)


async def test_an_untouched_chain_verifies(database: str) -> None:  # R-JRN-01
    await five()
    assert await journal.verify() == (5, None)


async def test_an_empty_journal_verifies(database: str) -> None:  # R-JRN-01
    assert await journal.verify() == (0, None)


async def test_an_event_tells_who_for_whom_through_what_and_from_where(database: str) -> None:  # R-JRN-01, R-DEL-07
    await note(
        "right.given",
        establishment_id=3,
        on_behalf_of_id=4,
        delegation_id=5,
        subject=("User", 9),
        changes={"COURRIERS": (0, 1)},
        facts={"copied_from": 8},
    )
    [event] = await tables.journal("right.given")
    names = ("actor_id", "establishment_id", "on_behalf_of_id", "delegation_id", "subject_type", "subject_id", "body")
    assert [event[name] for name in names] == [
        7,
        3,
        4,
        5,
        "User",
        9,
        {
            "changes": {"COURRIERS": [0, 1]},
            "facts": {"copied_from": 8},
            "address": "192.0.2.1",
            "user_agent": "Un navigateur",
        },
    ]


async def test_a_program_is_named_as_such(database: str) -> None:  # R-JRN-01
    await note("courrier.deposited", Viewer(api_client_id=2))
    [event] = await tables.journal("courrier.deposited")
    assert (event["actor_id"], event["api_client_id"]) == (None, 2)


@pytest.mark.parametrize(
    "column", ["action", "actor_id", "establishment_id", "occurred_at", "subject_id", "subject_type", "detail_hash"]
)
async def test_a_changed_event_is_told(database: str, column: str) -> None:  # R-JRN-01
    ids = await five()
    other = {"action": "'x'", "subject_type": "'User'", "detail_hash": f"'{'a' * 64}'"}.get(column, "999")
    await tamper(f"UPDATE audit_events SET {column} = {other} WHERE id = {ids[2]}")
    assert await journal.verify() == (2, f"event {ids[2]} was changed")


@pytest.mark.parametrize("place", [0, 2, 3])
async def test_a_removed_event_is_told(database: str, place: int) -> None:  # R-JRN-01
    ids = await five()
    await tamper(
        f"DELETE FROM audit_details WHERE event_id = {ids[place]}", f"DELETE FROM audit_events WHERE id = {ids[place]}"
    )
    assert await journal.verify() == (place, f"event {ids[place + 1]} does not follow the one before it")


async def test_events_in_another_order_are_told(database: str) -> None:  # R-JRN-01
    ids = await five()
    await tamper(
        "DELETE FROM audit_details",
        f"UPDATE audit_events SET id = 99999 WHERE id = {ids[1]}",
        f"UPDATE audit_events SET id = {ids[1]} WHERE id = {ids[2]}",
        f"UPDATE audit_events SET id = {ids[2]} WHERE id = 99999",
    )
    assert await journal.verify() == (1, f"event {ids[1]} does not follow the one before it")


@pytest.mark.parametrize(
    ("follows", "told"), [(True, "event 99999 was changed"), (False, "event 99999 does not follow the one before it")]
)
async def test_an_added_event_is_told(database: str, follows: bool, told: str) -> None:  # R-JRN-01
    await five()
    last = (await db.rows("SELECT hash FROM audit_events ORDER BY id DESC LIMIT 1"))[0]["hash"]
    previous = last if follows else "b" * 64
    await tamper(
        "INSERT INTO audit_events (id, occurred_at, action, detail_hash, previous_hash, hash) "
        f"VALUES (99999, 1, 'x', '{'a' * 64}', '{previous}', '{'c' * 64}')"
    )
    assert await journal.verify() == (5, told)


async def test_an_event_changed_with_its_hash_breaks_the_next(database: str) -> None:  # R-JRN-01
    ids = await five()
    row = await tables.one("audit_events", ids[2])
    row["action"] = "x"
    forged = journal.event_hash(row["previous_hash"], tuple(row[name] for name in journal._COLUMNS))
    await tamper(f"UPDATE audit_events SET action = 'x', hash = '{forged}' WHERE id = {ids[2]}")
    assert await journal.verify() == (3, f"event {ids[3]} does not follow the one before it")


async def test_a_changed_detail_is_told(database: str) -> None:  # R-JRN-01
    ids = await five()
    await db.execute("UPDATE audit_details SET body = '{}' WHERE event_id = $1", [ids[2]])
    assert await journal.verify() == (2, f"the detail of event {ids[2]} was changed")


async def test_details_can_be_erased_without_breaking_the_chain(database: str) -> None:  # R-JRN-03
    ids = await five()
    await db.execute("DELETE FROM audit_details WHERE event_id = $1", [ids[2]])
    await note("test.after")
    assert await journal.verify() == (6, None)


async def test_a_detail_cannot_be_guessed_from_its_hash(database: str) -> None:  # R-JRN-03
    await note("same", facts={"name": "Martin"})
    await note("same", facts={"name": "Martin"})
    assert len({one["detail_hash"] for one in await tables.journal("same")}) == 2


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events"])
async def test_events_are_neither_changed_nor_removed(database: str, statement: str) -> None:  # R-JRN-01
    await five()
    await db.execute("DELETE FROM audit_details")
    with pytest.raises(IntegrityError, match="append-only"):
        await db.execute(statement)


async def test_fifty_transactions_at_once_make_one_chain(database: str) -> None:  # R-JRN-01
    async def two(number: int) -> None:
        async with db.transaction():
            journal.record(ACTOR, journal.Event("first", facts={"number": number}))
            await asyncio.sleep(0)
            journal.record(ACTOR, journal.Event("second", facts={"number": number}))

    await asyncio.gather(*(two(number) for number in range(50)))
    events = await db.rows("SELECT action FROM audit_events ORDER BY id")
    assert await journal.verify() == (100, None)
    assert [one["action"] for one in events] == ["first", "second"] * 50


async def test_what_is_rolled_back_leaves_no_event_and_no_hole_in_the_chain(database: str) -> None:  # R-JRN-01
    async def fails() -> None:
        async with db.transaction():
            journal.record(ACTOR, journal.Event("never"))
            raise LookupError

    await note("before")
    with pytest.raises(LookupError):
        await fails()
    await note("after")
    assert (await tables.journal("never"), await journal.verify()) == ([], (2, None))


async def test_an_event_belongs_to_a_transaction(database: str) -> None:  # R-JRN-01
    with pytest.raises(RuntimeError, match="not in a transaction"):
        journal.record(ACTOR, journal.Event("alone"))


async def test_an_event_is_dated_by_the_clock(database: str, moved_clock: object) -> None:
    moved_clock("2026-03-29T03:00+02:00")  # type: ignore[operator]
    await note("dated")
    [event] = await tables.journal("dated")
    assert clock.from_microseconds(event["occurred_at"]) == clock.now()
