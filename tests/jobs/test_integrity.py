"""Documents and their files say the same, or one is told which do not (R-COU-02)."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from backend import clock, settings
from backend import database as db
from backend.gateways.files import DiskFiles
from backend.jobs.integrity import Fault, Kind, Report, remove, sweep
from backend.models import CourrierAttachment, Document
from backend.rules import deposit_batch, document, journal, retention
from tests import builders
from tests.engine.wire import one_engine
from tests.jobs.test_deposit_folder import peps
from tests.rules import batches, tables


async def swept(*, thoroughly: bool = True) -> Report:
    return await sweep(lambda *_: None, thoroughly=thoroughly)


async def stored(text: str) -> document.Stored:
    made = await document.store(builders.pdf(text))
    assert made.errors == ()
    return made


def path_of(sha256: str) -> Path:
    return settings.current().files_dir / sha256[:2] / sha256


def old(path: Path, days: int = 0) -> Path:
    """Written two hours ago, or days."""
    then = time.time() - 7200 - days * 86_400
    os.utime(path, (then, then))
    return path


async def test_what_is_whole_is_told_so(database: str) -> None:
    for text in ("Un", "Deux", "Deux"):
        old(path_of((await stored(text)).sha256))
    await Document.create()  # a demonstration letter that nobody needed yet
    before = await tables.digest()
    assert await swept() == Report(documents=2, files=2)
    assert await tables.digest() == before


async def test_nothing_stored_yet_is_whole(database: str) -> None:
    assert await swept() == Report()


async def test_missing_and_altered_files_are_told_with_their_letters(database: str) -> None:
    missing, altered, shorter, whole = [await stored(text) for text in ("Un", "Deux", "Trois", "Quatre")]
    await builders.courrier(reference="PERDUE", document_id=missing.document_id)
    letter = await builders.courrier(reference="JOINTE", document_id=whole.document_id)
    await CourrierAttachment.create(
        courrier_id=letter.id, document_id=altered.document_id, file_name="a.pdf", position=1
    )
    path_of(missing.sha256).unlink()
    content = path_of(altered.sha256).read_bytes()
    path_of(altered.sha256).write_bytes(content[:-1] + b"?")
    path_of(shorter.sha256).write_bytes(b"%PDF-")
    found = await swept()
    assert found.faults == [
        Fault(Kind.MISSING, missing.sha256, ("CNRACL PERDUE",)),
        Fault(Kind.ALTERED, altered.sha256, ("CNRACL JOINTE",)),
        Fault(Kind.ALTERED, shorter.sha256),
    ]
    quick = await swept(thoroughly=False)
    assert [one.path for one in quick.faults] == [missing.sha256, shorter.sha256], "sizes only"


async def test_a_file_of_no_document_is_an_orphan_once_it_is_old(database: str) -> None:
    """One just written may have its row in a moment."""
    kept = await stored("Un")
    sha256 = await document.files().put(builders.pdf("Orphelin"))
    half = path_of(kept.sha256).with_name(".tmpabc")
    half.write_bytes(b"%PDF")
    assert (await swept()).faults == []
    for path in (path_of(sha256), half, path_of(kept.sha256)):
        old(path)
    found = (await swept()).faults
    assert sorted((one.kind, one.path) for one in found) == [
        (Kind.ORPHANED, str(path_of(sha256))),
        (Kind.UNFINISHED, str(half)),
    ]


async def test_the_file_of_a_removed_document_is_an_orphan(database: str) -> None:  # R-COU-14
    gone = await stored("Un")
    await Document.filter(id=gone.document_id).update(removed_at=clock.now())
    old(path_of(gone.sha256))
    found = await swept()
    assert (found.documents, [one.kind for one in found.faults]) == (0, [Kind.ORPHANED])


async def test_what_nothing_names_is_removed_once_it_is_old(database: str, moved_clock: Callable[[str], None]) -> None:
    """R-COU-04: the lines of a cancelled batch, what a killed process left. Nothing young or named."""
    moved_clock("2026-05-04T10:00+02:00")
    town, operator = await builders.establishment(), await batches.an_operator()
    letter, given_up, waiting = [await stored(text) for text in ("Lettre", "Abandon", "Attente")]
    await builders.courrier(town, document_id=letter.document_id)
    gone = await batches.loaded(operator, await batches.line(1, town, document_id=given_up.document_id))
    await deposit_batch.cancel(operator, gone)
    await batches.loaded(operator, await batches.line(1, town, document_id=waiting.document_id))
    stray, young = [await document.files().put(builders.pdf(one)) for one in ("Orphelin", "Récent")]
    half = path_of(stray).with_name(".tmpabc")
    half.write_bytes(b"%PDF")
    stranger = path_of(stray).with_name("lisez-moi")
    stranger.write_bytes(b"de quelqu'un d'autre")
    for path in (path_of(stray), half, stranger):
        old(path, days=2)
    moved_clock("2026-05-11T10:00+02:00")
    assert (await remove(lambda *_: None)).removed == 2, "a file of no document and a half one; no document yet"
    moved_clock("2026-05-14T10:00+02:00")
    after = await remove(lambda *_: None)
    assert (after.removed, [one.path for one in after.faults]) == (1, [str(stranger)])
    there = {one.sha256 for one in (letter, waiting)} | {young, "lisez-moi"}
    assert {one.name for one in settings.current().files_dir.rglob("*") if one.is_file()} == there
    assert len(await tables.journal("document.removed")) == 2, "a document and a file that was of none"
    again = await stored("Orphelin")
    assert await document.read(again.document_id) == builders.pdf("Orphelin"), "brought again, it is there again"
    assert (await swept()).count(Kind.ALTERED) == 0
    assert (await journal.verify())[1] is None


async def test_a_file_that_is_brought_again_while_it_goes_is_there_in_the_end(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-COU-02: who deposits it found it there, and it goes before there is a row."""
    content = builders.pdf("Orphelin")
    sha256 = await document.files().put(content)
    genuine = DiskFiles.put_all

    async def put_all(self: DiskFiles, contents: Sequence[bytes]) -> list[str]:
        found = await genuine(self, contents)
        if not await db.rows("SELECT id FROM documents"):
            assert await retention.remove_stray(sha256, len(content))
        return found

    monkeypatch.setattr(DiskFiles, "put_all", put_all)
    kept = await document.store(content)
    assert await document.read(kept.document_id) == content
    assert not await retention.remove_stray(sha256, len(content)), "it is a document's now"
    assert (await swept()).faults == []


@one_engine
async def test_the_exit_status_tells_how_bad_it_is(database: str, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": database, "DATA_DIR": str(settings.current().data_dir)}
    kept = await stored("Un")
    status, said = await peps("integrity", **environment)
    assert (status, "1 documents, 1 files: 0 missing, 0 altered" in said) == (0, True), said
    old(path_of(await document.files().put(builders.pdf("Orphelin"))))
    status, said = await peps("integrity", **environment)
    assert (status, "ORPHANED" in said) == (3, True), said
    path_of(kept.sha256).unlink()
    status, said = await peps("integrity", "--quick", **environment)
    assert (status, f"MISSING {kept.sha256}" in said, "Traceback" in said) == (1, True, False), said
