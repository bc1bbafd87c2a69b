"""`peps journal verify` tells whatever is done to the journal behind the platform's back (R-JRN-01).

Each way of tampering is done by somebody who holds the database, triggers put aside; three times over: as it is, with
every hash made anew, and with every hash made anew and a certificate issued before kept elsewhere.
"""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from backend import cli
from backend import database as db
from backend.rules import certificate, journal, seal
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules.test_journal import note
from tests.rules.test_seal import rechained, tamper

DAYS = ("2026-03-27T09:00+01:00", "2026-03-28T09:00+01:00", "2026-03-29T09:00+02:00")
TODAY = "2026-03-30T08:00+02:00"

COLUMNS = {
    "occurred_at": "occurred_at + 1",
    "action": "'courrier.forged'",
    "actor_id": "999",
    "api_client_id": "999, actor_id = NULL",
    "establishment_id": "999",
    "on_behalf_of_id": "999",
    "delegation_id": "999",
    "subject_type": "'User'",
    "subject_id": "999",
    "detail_hash": f"'{'a' * 64}'",
}
"""What the chain holds, and what each is changed to."""

Forger = Callable[[list[int]], list[str]]
"""The statements that tamper with an event, given the numbers of all."""


def _removed(ids: list[int]) -> list[str]:
    return [f"DELETE FROM audit_details WHERE event_id = {ids[2]}", f"DELETE FROM audit_events WHERE id = {ids[2]}"]


def _moved(ids: list[int]) -> list[str]:
    one, other = ids[1], ids[3]
    return [
        "DELETE FROM audit_details",
        f"UPDATE audit_events SET id = 99999 WHERE id = {one}",
        f"UPDATE audit_events SET id = {one} WHERE id = {other}",
        f"UPDATE audit_events SET id = {other} WHERE id = 99999",
    ]


def _inserted(ids: list[int]) -> list[str]:
    """One between the second and the third: those that follow make room."""
    columns = ", ".join(name for name in journal._COLUMNS if name != "action")
    after = ids[2:]
    return [
        "DELETE FROM audit_details",
        *(f"UPDATE audit_events SET id = {10_000 + one} WHERE id = {one}" for one in after),
        *(f"UPDATE audit_events SET id = {one + 1} WHERE id = {10_000 + one}" for one in after),
        (
            f"INSERT INTO audit_events (id, action, {columns}, previous_hash, hash) "
            f"SELECT {ids[2]}, 'courrier.forged', {columns}, '{'b' * 64}', '{'c' * 64}' "
            f"FROM audit_events WHERE id = {ids[1]}"
        ),
    ]


def _cut(ids: list[int]) -> list[str]:
    return [
        f"DELETE FROM audit_details WHERE event_id > {ids[2]}",
        f"DELETE FROM audit_events WHERE id > {ids[2]}",
    ]


def _changed(column: str) -> Forger:
    return lambda ids: [f"UPDATE audit_events SET {column} = {COLUMNS[column]} WHERE id = {ids[2]}"]


OF_ROWS: dict[str, Forger] = {
    **{f"{column} changed": _changed(column) for column in COLUMNS},
    "removed": _removed,
    "moved": _moved,
    "inserted": _inserted,
    "the end cut off": _cut,
}

OF_DETAILS: dict[str, Forger] = {
    "its body changed": lambda ids: [f"UPDATE audit_details SET body = '{{}}' WHERE event_id = {ids[2]}"],
    "its salt changed": lambda ids: [f"UPDATE audit_details SET salt = '{'0' * 32}' WHERE event_id = {ids[2]}"],
    "that of another event": lambda ids: [
        f"DELETE FROM audit_details WHERE event_id = {ids[3]}",
        f"UPDATE audit_details SET event_id = {ids[3]} WHERE event_id = {ids[2]}",
    ],
    "a copy of another's": lambda ids: [
        (
            f"UPDATE audit_details SET body = (SELECT o.body FROM audit_details o WHERE o.event_id = {ids[2]}), "
            f"salt = (SELECT o.salt FROM audit_details o WHERE o.event_id = {ids[2]}) WHERE event_id = {ids[1]}"
        )
    ],
}


@pytest.fixture
def act(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Any]:
    """Do something with the database open; the command opens it by itself."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SECRET_KEY", "a secret for tests only, of 32+")

    async def opened(work: Coroutine[Any, Any, Any]) -> Any:
        await db.open_database(database_url)
        try:
            return await work
        finally:
            await db.close_database()

    return lambda work: asyncio.run(opened(work))


async def ids() -> list[int]:
    return [one["id"] for one in await db.rows("SELECT id FROM audit_events ORDER BY id")]


@pytest.fixture
def sealed(act: Callable[..., Any], moved_clock: Callable[[str], None]) -> list[int]:
    """Six events over three days, each day sealed."""
    for day in DAYS:
        moved_clock(day)
        act(note("test.one", facts={"day": day}))
        act(note("test.two", facts={"day": day}))
    moved_clock(TODAY)
    act(seal.seal())
    numbers: list[int] = act(ids())
    assert cli.main(["journal", "verify"]) == 0
    return numbers


@pytest.mark.parametrize("how", OF_ROWS)
def test_a_row_tampered_with_is_told(sealed: list[int], act: Callable[..., Any], how: str) -> None:
    act(tamper(*OF_ROWS[how](sealed)))
    assert cli.main(["journal", "verify"]) == 1


@pytest.mark.parametrize("how", OF_ROWS)
def test_a_row_tampered_with_is_told_with_the_whole_chain_made_anew(
    sealed: list[int], act: Callable[..., Any], how: str
) -> None:
    act(tamper("DELETE FROM audit_details", *OF_ROWS[how](sealed)))
    act(rechained())
    assert act(journal.verify())[1] is None, "the chain alone does not tell"
    assert cli.main(["journal", "verify"]) == 1


@pytest.mark.parametrize("how", OF_DETAILS)
def test_a_detail_tampered_with_is_told(sealed: list[int], act: Callable[..., Any], how: str) -> None:
    act(tamper(*OF_DETAILS[how](sealed)))
    assert cli.main(["journal", "verify"]) == 1


def test_the_chain_made_anew_with_the_seals_taken_away_is_told(sealed: list[int], act: Callable[..., Any]) -> None:
    act(tamper("DELETE FROM audit_seals", "DELETE FROM audit_details", *_changed("action")(sealed)))
    act(rechained())
    assert cli.main(["journal", "verify"]) == 1


@pytest.mark.parametrize("how", ["action changed", "removed", "the end cut off"])
def test_what_no_seal_covers_yet_is_told_by_a_certificate(
    act: Callable[..., Any], moved_clock: Callable[[str], None], tmp_path: Path, how: str
) -> None:
    """Between two seals the chain can be made anew: whoever has a certificate of that day can tell."""
    moved_clock(TODAY)

    async def six() -> None:
        for number in range(6):
            await note("test", facts={"number": number})

    async def issue() -> bytes:
        letter = await builders.courrier()
        issued = await certificate.issue(builders.viewer(await builders.operator()), letter.id, "n", "JSON")
        assert issued is not None
        return issued.content

    act(six())
    kept = tmp_path / "certificat.json"
    kept.write_bytes(act(issue()))
    numbers = act(ids())
    assert cli.main(["journal", "verify", "--certificate", str(kept)]) == 0
    act(tamper("DELETE FROM audit_details", *OF_ROWS[how](numbers)))
    act(rechained())
    assert cli.main(["journal", "verify"]) == 0, "neither the chain nor a seal tells"
    assert cli.main(["journal", "verify", "--certificate", str(kept)]) == 1


def test_what_is_no_certificate_is_told(sealed: list[int], tmp_path: Path) -> None:
    other = tmp_path / "autre.json"
    other.write_text("{}")
    assert cli.main(["journal", "verify", "--certificate", str(other)]) == 1


def test_what_is_done_by_the_rules_is_not_taken_for_tampering(
    sealed: list[int], act: Callable[..., Any], moved_clock: Callable[[str], None]
) -> None:
    """Details erased with the person they speak of (R-JRN-03), and life that goes on."""
    moved_clock("2026-03-31T08:00+02:00")
    act(tamper(f"DELETE FROM audit_details WHERE event_id IN ({sealed[1]}, {sealed[4]})"))
    act(note("test.after", Viewer(user_id=1)))
    act(seal.seal())
    assert cli.main(["journal", "verify"]) == 0
