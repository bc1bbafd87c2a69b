"""Each day is sealed once; nothing before a seal can be rewritten, not even with all hashes made anew (R-JRN-01)."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend import cli
from backend import database as db
from backend import settings as settings_room
from backend.jobs import schedule
from backend.rules import journal, seal
from backend.rules.viewer import Viewer
from backend.settings import Settings
from tests.rules.test_journal import note


async def seals() -> list[tuple[str, int]]:
    return [(one["day"], one["event_id"]) for one in await db.rows("SELECT * FROM audit_seals ORDER BY day")]


async def ids() -> list[int]:
    return [one["id"] for one in await db.rows("SELECT id FROM audit_events ORDER BY id")]


@pytest.fixture
async def days(database: str, moved_clock: Any) -> AsyncIterator[Any]:
    """Two events on a day, none on the next, two on the third, one on the fourth, on which we are."""
    for instant in (
        "2026-03-27T09:00+01:00", "2026-03-27T23:59:59+01:00", "2026-03-29T00:00+01:00", "2026-03-29T23:59:59+02:00",
        "2026-03-30T00:00+02:00",
    ):  # fmt: skip
        moved_clock(instant)
        await note("test")
    moved_clock("2026-03-30T08:00+02:00")
    return moved_clock


async def test_each_day_that_is_over_is_sealed_with_its_last_event(days: Any) -> None:
    _, two, _, four, five = await ids()
    assert await seal.seal() == 3
    assert await seals() == [("2026-03-27", two), ("2026-03-28", two), ("2026-03-29", four)]
    assert (await journal.verify(), await seal.verify()) == ((5, None), (3, None))
    assert await seal.seal() == 0, "once"
    days("2026-04-02T00:00+02:00")
    assert await seal.seal() == 3, "what was missed is caught up"
    assert (await seals())[3:] == [("2026-03-30", five), ("2026-03-31", five), ("2026-04-01", five)]
    assert await seal.verify() == (6, None)


async def test_a_long_stop_is_caught_up(days: Any) -> None:
    days("2026-12-01T08:00+01:00")
    assert await seal.seal() == len(await seals()) == 249
    assert await seal.verify() == (249, None)


async def test_a_day_is_sealed_once_whatever_the_number_of_processes(days: Any) -> None:
    assert sum(await asyncio.gather(*(seal.seal() for _ in range(6)))) == 3
    [job] = [one for one in schedule.JOBS if one.name == "seal_days"]
    assert sum(await asyncio.gather(*(schedule.run_once(job) for _ in range(6)))) == 1
    assert len(await seals()) == 3


async def test_an_empty_journal_has_nothing_to_seal(database: str) -> None:
    assert (await seal.seal(), await seal.verify()) == (0, (0, None))


async def test_events_go_on_while_a_day_is_sealed(days: Any) -> None:
    await asyncio.gather(*(note("during") for _ in range(10)), seal.seal(), *(note("during") for _ in range(10)))
    assert (await journal.verify(), await seal.verify()) == ((25, None), (3, None))


# ---------------------------------------------------------------- tampering


async def tamper(*statements: str) -> None:
    """What somebody could do who holds the database: triggers and references are put aside first."""
    if db.dialect() == "postgres":
        async with db.transaction():
            await db.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                await db.execute(statement)
        return
    path = settings_room.current().database.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path)) as connection, connection:  # which keeps references only if it is asked to
        for trigger in ("audit_events_no_update", "audit_events_no_delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        for statement in statements:
            connection.execute(statement)


async def rechained() -> None:
    """Compute every hash anew, as who holds the database could."""
    previous = journal.GENESIS
    changes = []
    for one in await db.rows("SELECT * FROM audit_events ORDER BY id"):
        current = journal.event_hash(previous, tuple(one[name] for name in journal._COLUMNS))
        changes.append(
            f"UPDATE audit_events SET previous_hash = '{previous}', hash = '{current}' WHERE id = {one['id']}"
        )
        previous = current
    await tamper("UPDATE audit_events SET previous_hash = 'x' || substr(previous_hash, 2)", *changes)


async def fault() -> str | None:
    return (await journal.verify())[1] or (await seal.verify())[1]


@pytest.mark.parametrize("place", [0, 1, 2, 3])
async def test_an_event_changed_before_a_seal_is_told_with_all_hashes_made_anew(days: Any, place: int) -> None:
    numbers = await ids()
    await seal.seal()
    await tamper(f"UPDATE audit_events SET action = 'x' WHERE id = {numbers[place]}")
    assert await journal.verify() == (place, f"event {numbers[place]} was changed")
    await rechained()
    assert await journal.verify() == (5, None), "the chain alone does not tell"
    day = "2026-03-27" if place < 2 else "2026-03-29"
    assert "the journal was rewritten before the end of " + day in (await fault() or "")


async def test_an_event_removed_and_the_chain_closed_over_it_is_told(days: Any) -> None:
    numbers = await ids()
    await seal.seal()
    await tamper(f"DELETE FROM audit_events WHERE id = {numbers[2]}")
    await rechained()
    assert await journal.verify() == (4, None)
    assert "the journal was rewritten before the end of 2026-03-29" in (await fault() or "")


async def test_an_event_slipped_in_and_the_chain_made_to_hold_it_is_told(days: Any) -> None:
    numbers = await ids()
    await seal.seal()
    columns = ", ".join(name for name in journal._COLUMNS if name != "action")
    away, back = [10_000 + one for one in numbers[1:]], [1 + one for one in numbers[1:]]
    await tamper(
        *(f"UPDATE audit_events SET id = {far} WHERE id = {one}" for one, far in zip(numbers[1:], away, strict=True)),
        *(f"UPDATE audit_events SET id = {near} WHERE id = {far}" for near, far in zip(back, away, strict=True)),
        f"INSERT INTO audit_events (id, action, {columns}, previous_hash, hash) "
        f"SELECT {numbers[1]}, 'slipped in', {columns}, '{'b' * 64}', hash FROM audit_events WHERE id = {numbers[0]}",
        "DELETE FROM audit_details",
    )
    await rechained()
    assert await journal.verify() == (6, None), "the chain alone does not tell"
    assert "the journal was rewritten before the end of 2026-03-27" in (await fault() or "")


async def test_events_in_another_order_are_told_with_all_hashes_made_anew(days: Any) -> None:
    one, two, *_ = await ids()
    await seal.seal()
    await tamper(
        f"UPDATE audit_events SET id = 99999 WHERE id = {one}",
        f"UPDATE audit_events SET id = {one}, action = 'second' WHERE id = {two}",
        f"UPDATE audit_events SET id = {two} WHERE id = 99999",
        "DELETE FROM audit_details",
    )
    await rechained()
    assert (await journal.verify())[1] is None
    assert "the journal was rewritten before the end of 2026-03-27" in (await fault() or "")


async def test_the_end_cut_off_is_told(days: Any) -> None:
    """The chain that is left holds: only the seals tell that there was more."""
    numbers = await ids()
    await seal.seal()
    last = numbers[3]
    await tamper(f"DELETE FROM audit_events WHERE id > {numbers[1]}")
    assert await journal.verify() == (2, None), "the chain alone does not tell"
    assert await fault() == f"event {last}, the last of 2026-03-29, was removed: the end of the journal is missing"


async def test_the_end_cut_off_with_its_seals_is_told(days: Any) -> None:
    two = (await ids())[1]
    days("2026-04-05T08:00+02:00")
    await seal.seal()
    await tamper(
        "DELETE FROM audit_seals WHERE day > '2026-03-28'",
        f"DELETE FROM audit_events WHERE id > {two}",
    )
    assert await journal.verify() == (2, None)
    assert "there is no seal after 2026-03-28" in (await fault() or "")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM audit_seals WHERE day = '2026-03-28'", "there is no seal between 2026-03-27 and 2026-03-29"),
        ("DELETE FROM audit_seals", None),
        ("UPDATE audit_seals SET hash = substr(hash, 2) || 'a'", "the seal of 2026-03-27 was changed"),
        ("UPDATE audit_seals SET signature = 'x:' || signature", "is of a key that is not trusted (x)"),
        ("UPDATE audit_seals SET signature = substr(signature, 1, 17) || 'AAAA'", "the seal of 2026-03-27 was changed"),
        ("UPDATE audit_seals SET day = '2026-03-26' WHERE day = '2026-03-27'", "the seal of 2026-03-26 was changed"),
    ],
)  # fmt: skip
async def test_seals_tampered_with_are_told(days: Any, change: str, told: str | None) -> None:
    await seal.seal()
    days("2026-04-02T08:00+02:00")
    await db.execute(change)
    assert (told or "there is no seal after the beginning") in (await seal.verify())[1]  # type: ignore[operator]


async def test_a_broken_chain_is_not_sealed(days: Any) -> None:
    await tamper("DELETE FROM audit_details", f"UPDATE audit_events SET action = 'x' WHERE id = {(await ids())[1]}")
    with pytest.raises(seal.BrokenJournal, match="was changed"):
        await seal.seal()
    assert await seals() == []


# ---------------------------------------------------------------- keys


async def test_seals_of_an_earlier_key_are_trusted_and_those_of_another_are_not(days: Any, settings: Settings) -> None:
    await seal.seal()
    first = seal.private_key().public_key()
    settings_room.use(replace(settings_room.current(), seal_key="ab" * 32))
    days("2026-03-31T08:00+02:00")
    assert await seal.seal() == 1
    assert await seal.verify() == (4, None)
    name = seal.name_of(seal.private_key().public_key())
    assert await seal.verify(first) == (3, f"the seal of 2026-03-30 is of a key that is not trusted ({name})")


async def test_who_holds_the_database_cannot_seal_it_anew_for_who_kept_the_key(days: Any) -> None:
    """With a key of their own among the platform's facts: told to whoever brings the public key kept elsewhere."""
    await seal.seal()
    kept = seal.public_of(seal.pem(seal.private_key().public_key()))
    await db.execute("DELETE FROM audit_seals")
    settings_room.use(replace(settings_room.current(), seal_key="cd" * 32))
    await seal.seal()
    assert await seal.verify() == (3, None)
    assert "is of a key that is not trusted" in ((await seal.verify(kept))[1] or "")


def test_the_key_is_made_once_and_kept_to_its_owner(settings: Settings) -> None:
    first, again = seal.private_key(), seal.private_key()
    assert first.private_bytes_raw() == again.private_bytes_raw()
    path = settings.data_dir / "seal.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert bytes.fromhex(path.read_text()) == first.private_bytes_raw()


def test_the_key_may_be_given(settings: Settings) -> None:
    settings_room.use(replace(settings, seal_key="01" * 32))
    assert seal.private_key().private_bytes_raw() == bytes([1]) * 32
    assert not (settings.data_dir / "seal.key").exists()


@pytest.mark.parametrize("given", ["x", "01" * 31, "zz" * 32])
def test_a_key_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SEAL_KEY", given)
    with pytest.raises(ValueError, match="SEAL_KEY"):
        settings_room.from_environment()


def test_another_kind_of_key_is_not_taken_for_one() -> None:
    with pytest.raises(ValueError, match=r"."):
        seal.public_of("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")


def test_the_commands_seal_verify_and_show_the_key(
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Any,
    moved_clock: Any,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))

    async def write() -> None:
        await db.open_database(database_url)
        async with db.transaction():
            journal.record(Viewer(), journal.Event("test"))
        await db.close_database()

    moved_clock("2026-03-27T09:00+01:00")
    asyncio.run(write())
    moved_clock("2026-03-30T09:00+02:00")
    assert cli.main(["journal", "verify"]) == 1, "nothing is sealed three days later"
    assert cli.main(["journal", "seal"]) == 0
    assert cli.main(["journal", "verify"]) == 0
    assert capsys.readouterr().out.splitlines()[-2:] == ["3 days sealed.", "The journal holds: 1 events, 3 seals."]
    assert cli.main(["journal", "key"]) == 0
    shown = tmp_path / "kept.pem"
    shown.write_text(capsys.readouterr().out)
    assert cli.main(["journal", "verify", "--key", str(shown)]) == 0
    shown.write_text(seal.pem(Ed25519PrivateKey.generate().public_key()))
    assert cli.main(["journal", "verify", "--key", str(shown)]) == 1
