"""The hand-over file of the printer: an index and the PDFs of the letters that leave by post too (R-COU-09).

It is made on the server, by the production chain: operators never read letters (R-COU-05). The file is whole and
flushed to the disk before any letter is said to have left in it, and gets its name last: what stops in between neither
loses nor doubles a copy.
"""

import asyncio
import contextlib
import csv
import fcntl
import io
import os
import secrets
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from backend import clock
from backend import database as db
from backend.rules import document, postal_copy

MOST = 1000
"""Letters in one file."""

INDEX = "index.csv"
_TITLES = (
    "reference", "fonds", "modele", "objet", "date", "siret", "destinataire", "ligne1", "ligne2", "code_postal",
    "commune", "pages", "sha256", "fichiers",
)  # fmt: skip
_PARTIAL = ".partial"


@dataclass(frozen=True)
class HandedOver:
    """A file that left, and how many letters are in it."""

    path: Path
    letters: int


class Busy(Exception):
    """Another process writes hand-over files into the same folder."""


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Nobody else writes into the folder meanwhile; the lock ends with the process, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".verrou").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(f"Another « peps post » is writing into {folder}.") from error
        yield


async def hand_over(folder: Path, tell: Callable[[int, int], None] = lambda done, total: None) -> list[HandedOver]:
    """Write into a folder the files of all letters whose paper copy has not left yet. Raises OSError, Busy."""
    with _alone_in(folder):
        await _finish_earlier(folder)
        return await _hand_over(folder, tell)


async def _hand_over(folder: Path, tell: Callable[[int, int], None]) -> list[HandedOver]:
    made: list[HandedOver] = []
    while letters := await postal_copy.waiting(MOST):
        name = f"courriers-postaux-{clock.now().astimezone(clock.PARIS):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}.zip"
        partial = folder / (name + _PARTIAL)
        await _write(partial, letters, tell)
        if await postal_copy.hand_over([one["id"] for one in letters], name):
            await asyncio.to_thread(partial.rename, folder / name)
            made.append(HandedOver(folder / name, len(letters)))
        else:  # another process was quicker, or a letter was withdrawn: look again
            await asyncio.to_thread(partial.unlink)
    return made


async def _finish_earlier(folder: Path) -> None:
    """A run that was killed: its file is named if its letters were said to have left in it, and thrown away if not."""
    for partial in await asyncio.to_thread(lambda: sorted(folder.glob(f"*.zip{_PARTIAL}"))):
        name = partial.name.removesuffix(_PARTIAL)
        if await postal_copy.is_recorded(name):
            await asyncio.to_thread(partial.rename, folder / name)
        else:
            await asyncio.to_thread(partial.unlink)


async def _write(path: Path, letters: list[db.Row], tell: Callable[[int, int], None]) -> None:
    further: dict[int, list[db.Row]] = {}
    for one in await postal_copy.attachments([letter["id"] for letter in letters]):
        further.setdefault(one["courrier_id"], []).append(one)
    lines = io.StringIO()
    index = csv.writer(lines, delimiter=";", lineterminator="\r\n")
    index.writerow(_TITLES)
    with path.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for number, letter in enumerate(letters, start=1):
                stored = await document.ensure_stored(letter["document_id"])
                names = []
                for place, one in enumerate([letter, *further.get(letter["id"], ())]):
                    name = f"{number:05d}-{_safe(letter['reference'])}" + (f"-annexe-{place}" if place else "") + ".pdf"
                    content = await document.read(one["document_id"])
                    await asyncio.to_thread(archive.writestr, name, content)
                    names.append(name)
                index.writerow(_line(letter, stored, names))
                tell(number, len(letters))
            archive.writestr(INDEX, "\ufeff" + lines.getvalue())
        file.flush()
        await asyncio.to_thread(os.fsync, file.fileno())


def _line(letter: db.Row, stored: document.Stored, names: list[str]) -> tuple[object, ...]:
    return (
        letter["reference"],
        letter["fund"],
        letter["type"],
        letter["subject"],
        letter["letter_date"],
        letter["siret"],
        letter["name"],
        letter["line1"] or "",
        letter["line2"] or "",
        letter["postal_code"],
        letter["city"],
        stored.page_count,
        stored.sha256,
        " ".join(names),
    )


def _safe(reference: str) -> str:
    return "".join(one if one.isascii() and (one.isalnum() or one in "-_") else "_" for one in reference)
