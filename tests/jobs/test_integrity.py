"""Documents and their files say the same, or one is told which do not (R-COU-02)."""

import os
import time
from pathlib import Path

from backend import clock, settings
from backend.jobs.integrity import Fault, Kind, Report, sweep
from backend.models import CourrierAttachment, Document
from backend.rules import document
from tests import builders
from tests.engine.wire import one_engine
from tests.jobs.test_deposit_folder import peps
from tests.rules import tables


async def swept(*, thoroughly: bool = True) -> Report:
    return await sweep(lambda *_: None, thoroughly=thoroughly)


async def stored(text: str) -> document.Stored:
    made = await document.store(builders.pdf(text))
    assert made.errors == ()
    return made


def path_of(sha256: str) -> Path:
    return settings.current().files_dir / sha256[:2] / sha256


def old(path: Path) -> Path:
    """Written two hours ago."""
    then = time.time() - 7200
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
