"""Retention: after its type's months a letter and its file go, with proof; never before (R-COU-14)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from backend import clock, settings
from backend import database as db
from backend.jobs import schedule
from backend.models import Courrier, CourrierAttachment, CourrierFact, CourrierMark, Document
from backend.reads import courrier as reads
from backend.rules import acknowledgement, courrier, courrier_type, document, journal, retention, withdrawal
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables

Move = Callable[[str], None]
READ = {"COURRIERS": builders.READ}


async def a_letter(text: str = "Canari confidentiel", **values: Any) -> Courrier:
    """A letter with a real file, made available now."""
    stored = await document.store(builders.pdf(text))
    given = {"subject": f"Objet : {text}", "file_name": "canari.pdf", "document_id": stored.document_id, **values}
    return await builders.courrier(given.pop("to", None), **given)


def files() -> set[str]:
    """The hashes of the files there are."""
    folder = settings.current().files_dir
    return {one.name for one in folder.rglob("*") if one.is_file()} if folder.exists() else set()


async def sha256_of(letter: Courrier) -> str:
    return (await Document.get(id=letter.document_id)).sha256 or ""


async def remains(letter: Courrier) -> bool:
    return (await Courrier.get(id=letter.id)).removed_at is None


@pytest.mark.parametrize(
    ("available", "months", "last_day"),
    [
        ("2016-03-15T09:00+01:00", 120, "2026-03-15"),
        ("2016-03-15T00:00+01:00", 120, "2026-03-15"),
        ("2016-03-15T23:59:59+01:00", 120, "2026-03-15"),
        ("2025-01-31T10:00+01:00", 13, "2026-02-28"),
        ("2020-02-29T10:00+01:00", 12, "2021-02-28"),
        ("2025-03-30T03:30+02:00", 12, "2026-03-30"),
    ],
)
async def test_it_goes_the_day_after_its_months_and_not_before(
    database: str, moved_clock: Move, available: str, months: int, last_day: str
) -> None:
    moved_clock(available)
    kind = await builders.courrier_type("COURT", retention_months=months)
    letter = await a_letter(kind=kind)
    last = datetime.fromisoformat(f"{last_day}T12:00").replace(tzinfo=clock.PARIS)
    with clock.moved_to(clock.end_of_day(last.date()) - timedelta(microseconds=1)):
        await retention.remove_due()
        assert await remains(letter)
    with clock.moved_to(clock.end_of_day(last.date()) + timedelta(days=1)):
        await retention.remove_due()
        assert not await remains(letter)


async def test_what_it_said_goes_and_its_trace_stays(database: str, moved_clock: Move) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    town = await builders.establishment()
    agent = await builders.user(town, rights=READ, expires_on=datetime(2036, 1, 1).date())
    letter = await a_letter(to=town)
    await CourrierAttachment.create(
        courrier_id=letter.id,
        document_id=(await document.store(builders.pdf("Canari en annexe"))).document_id,
        file_name="canari-annexe.pdf",
        position=1,
    )
    viewer = builders.viewer(agent)
    await courrier.record_opening(viewer, letter.id, kind="OPENED", delegation_id=None, link_nonce="a")
    digest, annex = await sha256_of(letter), [one for one in files() if one != await sha256_of(letter)]
    moved_clock("2026-03-17T09:00+01:00")
    await retention.remove_due()
    assert await tables.holding("anari") == [], "not a word of it is left in any table"
    assert files() == set()
    now = await Courrier.get(id=letter.id)
    assert (now.reference, now.removed_at, now.withdrawn_at) == (letter.reference, clock.now(), clock.now())
    kinds = [(one.kind, one.actor_id) for one in await CourrierFact.filter(courrier_id=letter.id).order_by("id")]
    assert kinds == [("OPENED", agent.id), ("REMOVED", None)], "no fact is erased (R-COU-06)"
    assert await CourrierMark.all() == []
    assert await reads.visible(viewer, [letter.id]) == [None]
    [trace] = await reads.traces(viewer, [letter.id])
    assert trace is not None
    [event] = await tables.journal("courrier.removed")
    assert (event["subject_id"], event["establishment_id"], event["actor_id"]) == (letter.id, town.id, None)
    assert event["body"]["facts"] == {
        "reference": letter.reference,
        "fund": "CNRACL",
        "type": "APPEL",
        "available_at": "2016-03-15T08:00:00+00:00",
        "retention_months": 120,
        "content": letter.content_hash,
        "sha256": [digest, *annex],
        "facts": {"OPENED": 1},
    }
    gone = {one["body"]["facts"]["sha256"] for one in await tables.journal("document.removed")}
    assert gone == {digest, *annex}
    assert (await journal.verify())[1] is None


async def test_time_alone_decides(database: str, moved_clock: Move) -> None:
    """Neither unread nor unacknowledged keeps it; neither read nor acknowledged makes it go sooner."""
    moved_clock("2016-03-15T09:00+01:00")
    agent = await builders.user(rights=READ)
    home, viewer = await agent.establishment, builders.viewer(agent)
    waiting = await a_letter("a", to=home, acknowledgement_required=True)
    done = await a_letter("b", to=home, acknowledgement_required=True)
    await courrier.record_opening(viewer, done.id, kind="OPENED", delegation_id=None, link_nonce="a")
    await acknowledgement.acknowledge(viewer, done.id)
    moved_clock("2026-03-15T09:00+01:00")
    await retention.remove_due()
    assert [await remains(one) for one in (waiting, done)] == [True, True]
    moved_clock("2026-03-17T09:00+01:00")
    await retention.remove_due()
    assert [await remains(one) for one in (waiting, done)] == [False, False]


async def test_a_file_goes_with_the_last_letter_that_has_it(database: str, moved_clock: Move) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    short = await builders.courrier_type("COURT", retention_months=12)
    long = await builders.courrier_type("LONG", retention_months=36)
    first, second = await a_letter(kind=short), await a_letter(kind=long)
    attached = await a_letter("Autre", kind=long)
    other = await a_letter("Autre", kind=short)
    await Courrier.filter(id=attached.id).update(document_id=(await document.store(builders.pdf("Tiers"))).document_id)
    await CourrierAttachment.create(
        courrier_id=attached.id, document_id=other.document_id, file_name="annexe.pdf", position=1
    )
    assert first.document_id == second.document_id
    digest, shared = await sha256_of(first), await sha256_of(other)
    moved_clock("2017-03-20T09:00+01:00")
    await retention.remove_due()
    assert [await remains(one) for one in (first, second, other, attached)] == [False, True, False, True]
    assert {digest, shared} <= files()
    assert await document.read(second.document_id) == builders.pdf("Canari confidentiel")
    moved_clock("2019-03-20T09:00+01:00")
    await retention.remove_due()
    assert files() == set()


async def test_withdrawn_letters_go_too_and_those_to_come_do_not(database: str, moved_clock: Move) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    operator = builders.viewer(await builders.operator())
    withdrawn, never = await a_letter("a"), await a_letter("b", available_at=None)
    to_come = await a_letter("c", available_at=None, publish_at=datetime.fromisoformat("2030-01-01T00:00+01:00"))
    for one in (withdrawn, never):
        assert (await withdrawal.withdraw(operator, one.id, "Erreur.")).errors == ()
    when = (await Courrier.get(id=withdrawn.id)).withdrawn_at
    moved_clock("2026-03-17T09:00+01:00")
    await retention.remove_due()
    assert [await remains(one) for one in (withdrawn, never, to_come)] == [False, False, True]
    assert (await Courrier.get(id=withdrawn.id)).withdrawn_at == when, "when it was withdrawn stays said"


async def test_a_second_run_does_nothing(database: str, moved_clock: Move) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    await a_letter()
    moved_clock("2026-03-17T09:00+01:00")
    await asyncio.gather(*(retention.remove_due() for _ in range(4)))
    before = await tables.digest()
    await retention.remove_due()
    assert await tables.digest() == before
    assert len(await tables.journal("courrier.removed")) == len(await tables.journal("document.removed")) == 1


async def test_more_letters_than_one_transaction_removes(
    database: str, moved_clock: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "TOGETHER", 3)
    monkeypatch.setattr(retention, "FILES_TOGETHER", 2)
    moved_clock("2016-03-15T09:00+01:00")
    for number in range(8):
        await a_letter(f"Lettre {number}")
    kept = await a_letter("Gardée", kind=await builders.courrier_type("LONG", retention_months=240))
    moved_clock("2026-03-17T09:00+01:00")
    await retention.remove_due()
    assert len(await tables.journal("courrier.removed")) == 8
    assert files() == {await sha256_of(kept)}


async def test_the_job_runs_it(database: str, moved_clock: Move) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    letter = await a_letter()
    moved_clock("2026-03-17T09:00+01:00")
    [job] = [one for one in schedule.JOBS if one.name == "retention"]
    assert sum(await asyncio.gather(*(schedule.run_once(job) for _ in range(3)))) == 1
    assert not await remains(letter)


async def test_a_retention_changed_in_the_catalogue_counts_at_once(database: str, moved_clock: Move) -> None:
    moved_clock("2024-03-15T09:00+01:00")
    operator = builders.viewer(await builders.operator())
    letter = await a_letter()
    moved_clock("2026-03-17T09:00+01:00")
    await retention.remove_due()
    assert await remains(letter)
    given = courrier_type.Definition(
        "APPEL", "Modèle APPEL", "CNRACL", "COURRIERS", "DIGITAL", True, 24, datetime(2022, 1, 1).date()
    )
    assert (await courrier_type.define(operator, given)).errors == ()
    await retention.remove_due()
    assert not await remains(letter)


async def test_ten_simulated_years(database: str, moved_clock: Move) -> None:
    """A letter of each of three types each month; the job every month; each letter goes in its month."""
    kinds = {months: await builders.courrier_type(f"C{months}", retention_months=months) for months in (12, 36, 120)}
    letters: list[tuple[int, int, int]] = []
    for month in range(132):
        moved_clock(f"{2016 + month // 12}-{1 + month % 12:02d}-10T09:00+01:00")
        for months, kind in kinds.items():
            letters.append(((await builders.courrier(kind=kind)).id, month, months))
        with clock.moved_to(clock.now() + timedelta(days=2)):
            await retention.remove_due()
        there = {one["id"] for one in await db.rows("SELECT id FROM courriers WHERE removed_at IS NULL")}
        assert there == {number for number, since, months in letters if since + months > month}, month
    removed = [one for one, since, months in letters if since + months <= 131]
    assert sorted(one["subject_id"] for one in await tables.journal("courrier.removed")) == sorted(removed)


# ---------------------------------------------------------------- a file brought again


async def test_a_file_brought_again_before_it_went_is_kept(database: str, moved_clock: Move) -> None:
    """Somebody is about to deposit the very same PDF: it must be there when the letter names it."""
    moved_clock("2016-03-15T09:00+01:00")
    letter = await a_letter()
    moved_clock("2026-03-17T09:00+01:00")
    again = await document.store(builders.pdf("Canari confidentiel"))
    assert again.document_id == letter.document_id
    await retention.remove_due()
    assert not await remains(letter)
    assert await document.read(again.document_id) == builders.pdf("Canari confidentiel")
    moved_clock("2026-03-27T09:00+01:00")
    await retention.remove_due()
    assert files() == set(), "nobody deposited it: it goes later"


async def test_a_file_brought_again_after_it_went_is_there_again(database: str, moved_clock: Move) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    letter = await a_letter()
    moved_clock("2026-03-17T09:00+01:00")
    await retention.remove_due()
    with pytest.raises(LookupError):
        await document.read(letter.document_id)
    again = await document.store(builders.pdf("Canari confidentiel"))
    assert again.document_id == letter.document_id
    assert await document.read(again.document_id) == builders.pdf("Canari confidentiel")


async def test_a_file_brought_again_at_the_instant_it_goes_is_there(database: str, moved_clock: Move) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    letter = await a_letter()
    moved_clock("2026-03-17T09:00+01:00")
    stored, *_ = await asyncio.gather(
        document.store(builders.pdf("Canari confidentiel")), retention.remove_due(), retention.remove_due()
    )
    assert not await remains(letter)
    assert await document.read(stored.document_id) == builders.pdf("Canari confidentiel")


async def test_an_upload_that_waits_keeps_its_file(database: str, moved_clock: Move) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    program, _ = await builders.api_client()
    await a_letter()
    moved_clock("2026-03-17T09:00+01:00")
    viewer = Viewer(api_client_id=program.id, scopes=frozenset({"DEPOSIT_COURRIERS"}))
    await document.upload(viewer, builders.pdf("Canari confidentiel"), None)
    await Document.all().update(stored_at=datetime.fromisoformat("2016-03-15T09:00+01:00"))
    await retention.remove_due()
    assert len(files()) == 1


async def test_a_fault_of_the_disk_loses_nothing(
    database: str, moved_clock: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved_clock("2016-03-15T09:00+01:00")
    letter = await a_letter()
    moved_clock("2026-03-17T09:00+01:00")
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", _refuse)
        with pytest.raises(OSError, match="un disque fatigué"):
            await retention.remove_due()
    assert (await Document.get(id=letter.document_id)).removed_at is None
    assert len(files()) == 1
    await retention.remove_due()
    assert files() == set()
    assert len(await tables.journal("document.removed")) == 1


def _refuse(self: Path, missing_ok: bool = False) -> None:
    raise OSError("un disque fatigué")


async def test_the_same_reference_cannot_come_back_with_another_content(database: str, moved_clock: Move) -> None:
    """R-COU-03 holds for good: the reference of a letter that was removed names that letter."""
    moved_clock("2016-03-15T09:00+01:00")
    operator = builders.viewer(await builders.operator())
    town = await builders.establishment()
    await builders.courrier_type()
    given = courrier.Deposit(
        (await document.store(builders.pdf())).document_id, town.siret, "APPEL", "REF", "Objet", clock.today()
    )
    first = await courrier.deposit(operator, given)
    moved_clock("2026-03-17T09:00+01:00")
    await retention.remove_due()
    again = await document.store(builders.pdf("Autre"))
    outcome = await courrier.deposit(operator, replace(given, document_id=again.document_id))
    assert first.errors == ()
    assert [one.code.value for one in outcome.errors] == ["REFERENCE_TAKEN"]
