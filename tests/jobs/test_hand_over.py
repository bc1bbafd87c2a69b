"""Paper copies handed over to the printer: all of them, each once, whatever stops in between (R-COU-09)."""

import asyncio
import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.jobs import hand_over as job
from backend.jobs.hand_over import INDEX, hand_over
from backend.models import Courrier, PostalCopy
from backend.rules import document, postal_copy
from tests import builders
from tests.rules import tables

Move = Callable[[str], None]


async def a_letter(**values: object) -> Courrier:
    stored = await document.store(builders.pdf(f"Relance {await Courrier.all().count()}"))
    return await builders.courrier(document_id=stored.document_id, **{"sent_by_post": True, **values})


def opened(path: Path) -> tuple[list[dict[str, str]], dict[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    text = files.pop(INDEX).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";")), files


def files_in(folder: Path) -> list[Path]:
    """The hand-over files, none of them left half written."""
    assert not [*folder.glob("*.partial")]
    return [*folder.glob("*.zip")]


async def test_only_one_writes_into_a_folder(database: str, tmp_path: Path) -> None:
    await a_letter()
    with job._alone_in(tmp_path), pytest.raises(job.Busy):
        await hand_over(tmp_path)
    assert [one.letters for one in await hand_over(tmp_path)] == [1]


async def test_letters_to_post_leave_once_with_their_index(database: str, tmp_path: Path) -> None:  # R-COU-09
    letters = [await a_letter(reference=f"R/{number}") for number in range(3)]
    await a_letter(sent_by_post=False)
    await a_letter(available_at=None)
    await a_letter(withdrawn_at=letters[0].deposited_at)
    [made] = await hand_over(tmp_path / "poste")
    assert made.letters == 3
    index, files = opened(made.path)
    assert [one["reference"] for one in index] == ["R/0", "R/1", "R/2"]
    assert [one["fichiers"] for one in index] == [f"0000{number}-R_{number - 1}.pdf" for number in (1, 2, 3)]
    assert set(files) == {one["fichiers"] for one in index}
    assert files["00001-R_0.pdf"] == await document.read(letters[0].document_id)
    assert await PostalCopy.all().count() == 3
    [event] = await tables.journal("courrier.posted")
    assert event["body"]["facts"] == {"copies": 3, "file": made.path.name}
    assert await hand_over(tmp_path / "poste") == []
    assert files_in(tmp_path / "poste") == [made.path]


async def test_a_long_list_leaves_in_several_files(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job, "MOST", 2)
    for _ in range(5):
        await a_letter()
    assert [one.letters for one in await hand_over(tmp_path)] == [2, 2, 1]


@pytest.mark.parametrize("when", ["before it is said", "after it is said"])
async def test_what_was_killed_neither_loses_nor_doubles_a_copy(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Killed once the file is written: before or after the tables say that its letters left."""
    letter = await a_letter()
    said = postal_copy.hand_over

    async def killed(courrier_ids: list[int], file_name: str) -> bool:
        if when == "after it is said":
            await said(courrier_ids, file_name)
        raise asyncio.CancelledError

    with monkeypatch.context() as patched, pytest.raises(asyncio.CancelledError):
        patched.setattr(postal_copy, "hand_over", killed)
        await hand_over(tmp_path)
    await hand_over(tmp_path)
    [path] = files_in(tmp_path)
    assert [one["reference"] for one in opened(path)[0]] == [letter.reference]
    assert await PostalCopy.all().count() == 1


async def test_two_at_once_hand_each_letter_over_once(database: str, tmp_path: Path) -> None:
    letters = [await a_letter() for _ in range(4)]
    await asyncio.gather(hand_over(tmp_path / "a"), hand_over(tmp_path / "b"))
    paths = files_in(tmp_path / "a") + files_in(tmp_path / "b")
    left = [one["reference"] for path in paths for one in opened(path)[0]]
    assert sorted(left) == sorted(one.reference for one in letters)


async def test_a_letter_withdrawn_meanwhile_does_not_leave(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = await a_letter(), await a_letter()
    said = postal_copy.hand_over

    async def withdrawn_first(courrier_ids: list[int], file_name: str) -> bool:
        first.withdrawn_at = first.deposited_at
        await first.save()
        return await said(courrier_ids, file_name)

    monkeypatch.setattr(postal_copy, "hand_over", withdrawn_first)
    [made] = await hand_over(tmp_path)
    assert [one["reference"] for one in opened(made.path)[0]] == [second.reference]
