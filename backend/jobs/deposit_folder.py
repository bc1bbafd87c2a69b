"""Depositing a folder, a CSV manifest and its PDFs, as one batch (R-COU-04). Running it again is harmless (R-COU-03).

What stops it loses nothing: the next run finds the batch, and goes on with it.
"""

import asyncio
import csv
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import orjson

from backend import clock
from backend import database as db
from backend.rules import deposit_batch, deposit_publication, deposit_rehearsal, document, siret, token
from backend.rules.access import DEPOSIT_COURRIERS
from backend.rules.deposit_content import Attachment, Deposit
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

MANIFEST = "manifeste.csv"
REQUIRED = ("fichier", "siret", "type", "reference", "objet", "date")
OPTIONAL = ("exercice", "echeance", "accuse", "remplace", "publication", "pieces")


TOGETHER = 200
"""Lines loaded together."""

ROOM = 64 * 1024 * 1024
"""Bytes of files held in memory at once, and one more file."""

REJECTIONS = "rejets.csv"


class UnusableFolder(Exception):
    """The folder cannot be deposited at all: no manifest, columns missing."""


@dataclass(frozen=True)
class Rejection:
    """A line that was refused: its number in the file (the header is 1), the code, the reason, its reference."""

    line: int
    code: str
    message: str
    reference: str = ""


@dataclass
class Report:
    """What became of each line."""

    deposited: int = 0
    already: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    figures: deposit_rehearsal.Figures | None = None
    """What the rehearsal found."""


Tell = Callable[[str, int, int], None]
"""Told how far what is being done has come: `(what, done, total)`."""


class _Refused(Exception):
    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


async def depositor() -> Viewer:
    """The API client in whose name the command line deposits, made the first time; nobody holds its token."""
    name = "peps deposit (ligne de commande)"
    await db.execute(
        "INSERT INTO api_clients (name, token_hash, scopes, created_at) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (name) DO NOTHING",
        [name, token.fingerprint(token.issue()), DEPOSIT_COURRIERS, int(clock.to_microseconds(clock.now()))],
    )
    found = await db.row("SELECT id FROM api_clients WHERE name = $1", [name])
    if found is None:
        raise RuntimeError("the command line's API client could not be made")
    return Viewer(api_client_id=found["id"], scopes=frozenset({DEPOSIT_COURRIERS}))


def read_manifest(folder: Path) -> list[tuple[int, dict[str, str]]]:
    """The manifest's lines with their numbers. Raises UnusableFolder, telling what is wrong with it."""
    path = folder / MANIFEST
    if not path.is_file():
        raise UnusableFolder(f"Il n’y a pas de {MANIFEST} dans {folder}.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableFolder(f"{MANIFEST} n’est pas en UTF-8.") from error
    reader = csv.DictReader(text.splitlines(), delimiter=";")
    missing = [column for column in REQUIRED if column not in (reader.fieldnames or ())]
    if missing:
        columns = ", ".join(missing)
        raise UnusableFolder(f"Il manque à {MANIFEST} les colonnes : {columns} (séparées par des points-virgules).")
    try:
        return list(_lines(reader))
    except csv.Error as error:
        raise UnusableFolder(f"{MANIFEST} n’est pas un CSV lisible, à la ligne {reader.line_num} : {error}.") from error


def _lines(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str]]]:
    for row in reader:
        line = {key: (value or "").strip() for key, value in row.items() if key is not None}
        if any(line.values()):
            yield reader.line_num, line


async def deposit_folder(viewer: Viewer, folder: Path, tell: Tell, *, publish: bool = True) -> Report:
    """Deposit the lines of a folder as one batch; one that is refused does not stop the others.

    Run again after whatever stopped it, it takes the same batch up where it was; after a change of the manifest, what
    was deposited before is found to be (R-COU-03). Without `publish` it stops after the rehearsal.
    """
    lines = await asyncio.to_thread(read_manifest, folder)
    label = await asyncio.to_thread(_label, folder)
    batch_id, status = await deposit_batch.unfinished(viewer, label) or (None, "OPEN")
    if batch_id is None:
        batch_id = _done(await deposit_batch.open_batch(viewer, label))
    if status != "PUBLISHING":
        await _load(viewer, folder, lines, batch_id, tell)
        _done(await deposit_rehearsal.rehearse(viewer, batch_id))
        if not publish:
            return await _report(batch_id)
        _done(await deposit_publication.publish(viewer, batch_id, leave_out_rejected=True))
    counts = await deposit_batch.counts(batch_id)
    tell("Publication", counts.published, counts.accepted - counts.already)
    while await deposit_publication.publish_slice(batch_id):
        await asyncio.sleep(deposit_batch.BREATH)
        counts = await deposit_batch.counts(batch_id)
        tell("Publication", counts.published, counts.accepted - counts.already)
    return await _report(batch_id)


def _done(outcome: deposit_batch.Outcome) -> int:
    if outcome.errors or outcome.batch_id is None:
        raise UnusableFolder(" ".join(one.message for one in outcome.errors))
    return outcome.batch_id


def _label(folder: Path) -> str:
    """The batch of a folder and of what its manifest says today."""
    where = str(folder.resolve())
    mark = hashlib.sha256(os.fsencode(where) + b"\0" + (folder / MANIFEST).read_bytes()).hexdigest()
    name = "".join(one for one in folder.resolve().name if one.isprintable())
    return f"{name[:150].strip()} ({mark[:12]})"


async def _load(
    viewer: Viewer, folder: Path, lines: Sequence[tuple[int, dict[str, str]]], batch_id: int, tell: Tell
) -> None:
    """Load the lines, some at a time; while some are written, the files of the next are looked into."""
    tell("Chargement", 0, len(lines))
    slices = [lines[start : start + TOGETHER] for start in range(0, len(lines), TOGETHER)]
    done = 0
    ahead = asyncio.create_task(_read(folder, slices[0] if slices else ()))
    try:
        for following in [*slices[1:], ()]:
            these = await ahead
            ahead = asyncio.create_task(_read(folder, following))
            _done(await deposit_batch.load(viewer, batch_id, these))
            done += len(these)
            tell("Chargement", done, len(lines))
    finally:
        ahead.cancel()
        await asyncio.wait([ahead])


async def _read(folder: Path, lines: Sequence[tuple[int, dict[str, str]]]) -> list[deposit_batch.Line]:
    """What some lines deposit, their files kept."""
    refusals = {number: _refusal(line) for number, line in lines}
    names = [name for number, line in lines if refusals[number] is None for name in _names(line)]
    kept = await _keep(folder, names)
    return [_line(number, line, refusals[number], kept) for number, line in lines]


def _line(number: int, line: dict[str, str], refusal: _Refused | None, kept: "Kept") -> deposit_batch.Line:
    reference = line.get("reference")
    try:
        if refusal is not None:
            raise refusal
        return deposit_batch.Line(number, _deposit(line, kept), reference=reference)
    except _Refused as refused:
        return deposit_batch.Line(number, errors=(UserError(refused.code, refused.message),), reference=reference)


async def _report(batch_id: int) -> Report:
    counts = await deposit_batch.counts(batch_id)
    rows = await db.rows(
        "SELECT line, reference, rejection_code, rejection_message FROM deposit_lines "
        "WHERE batch_id = $1 AND outcome = 'REJECTED' ORDER BY line",
        [batch_id],
    )
    found = await db.row("SELECT rehearsal FROM deposit_batches WHERE id = $1", [batch_id])
    return Report(
        counts.published,
        counts.already,
        [
            Rejection(one["line"], one["rejection_code"], one["rejection_message"] or "", one["reference"] or "")
            for one in rows
        ],
        deposit_rehearsal.Figures(**orjson.loads(found["rehearsal"])) if found and found["rehearsal"] else None,
    )


def write_rejections(path: Path, rejections: Sequence[Rejection]) -> None:
    """The rejected lines as a file that spreadsheets open; where there is none, no file is left."""
    if not rejections:
        path.unlink(missing_ok=True)
        return
    partial = path.with_name(path.name + ".partial")
    with partial.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(("ligne", "reference", "code", "raison"))
        for one in rejections:
            writer.writerow((one.line, _harmless(one.reference), one.code, _harmless(one.message)))
    partial.replace(path)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def _refusal(line: dict[str, str]) -> _Refused | None:
    """What is wrong with a line at first sight."""
    for column in REQUIRED:
        if not line.get(column):
            return _Refused(ErrorCode.INVALID_VALUE, f"La colonne « {column} » est vide.")
    for column, value in line.items():
        if not value.isprintable():
            message = f"La colonne « {column} » contient un caractère qui n’est pas du texte."
            return _Refused(ErrorCode.INVALID_VALUE, message)
    return None


def _names(line: dict[str, str]) -> list[str]:
    """The files of a line: the letter, then what is attached to it."""
    return [line["fichier"], *(one.strip() for one in line.get("pieces", "").split("|") if one.strip())]


def _deposit(line: dict[str, str], kept: "Kept") -> Deposit:
    first, *others = _names(line)
    return Deposit(
        document_id=_document(kept, first),
        siret=siret.normalised(line["siret"]),
        type_code=line["type"],
        reference=line["reference"],
        subject=line["objet"],
        letter_date=_date(line, "date") or clock.today(),
        file_name=Path(first).name,
        fiscal_year=_year(line.get("exercice", "")),
        due_on=_date(line, "echeance"),
        acknowledgement_required=_yes(line.get("accuse", "")),
        replaces=line.get("remplace") or None,
        publish_at=_instant(line.get("publication", "")),
        attachments=tuple(Attachment(_document(kept, name), Path(name).name) for name in others),
    )


Kept = Mapping[str, document.Stored | _Refused]
"""What became of each file that lines name."""


async def _keep(folder: Path, names: Sequence[str]) -> Kept:
    """Keep files, no more in memory at once than there is room for."""
    kept: dict[str, document.Stored | _Refused] = {}
    waiting: dict[str, bytes] = {}
    for name in dict.fromkeys(names):
        try:
            waiting[name] = await asyncio.to_thread(_content, folder, name)
        except _Refused as refused:
            kept[name] = refused
        if sum(len(one) for one in waiting.values()) >= ROOM:
            kept |= zip(waiting, await document.store_all(list(waiting.values())), strict=True)
            waiting = {}
    return kept | dict(zip(waiting, await document.store_all(list(waiting.values())), strict=True))


def _document(kept: Kept, name: str) -> int:
    found = kept[name]
    if isinstance(found, _Refused):
        raise found
    if found.errors:
        raise _Refused(found.errors[0].code, f"« {name} » : {found.errors[0].message}")
    return found.document_id


def _content(folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    try:
        if path.is_relative_to(folder.resolve()) and path.is_file():
            return path.read_bytes()
    except OSError as error:  # a name no disk can hold, a file one may not read
        message = f"Le fichier « {name} » ne peut pas être lu : {error.strerror}."
        raise _Refused(ErrorCode.FILE_MISSING, message) from error
    raise _Refused(ErrorCode.FILE_MISSING, f"Le fichier « {name} » n’est pas dans le dossier.")


def _date(line: dict[str, str], column: str) -> date | None:
    value = line.get(column, "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        message = f"« {value} » n’est pas une date : écrivez AAAA-MM-JJ dans la colonne « {column} »."
        raise _Refused(ErrorCode.INVALID_VALUE, message) from error


def _year(value: str) -> int | None:
    if value and not (value.isascii() and value.isdigit() and len(value) == 4):
        message = f"« {value} » n’est pas un exercice : écrivez une année de quatre chiffres."
        raise _Refused(ErrorCode.INVALID_VALUE, message)
    return int(value) if value else None


def _yes(value: str) -> bool:
    if value.lower() not in {"", "oui", "non"}:
        raise _Refused(ErrorCode.INVALID_VALUE, f"« {value} » : écrivez oui ou non dans la colonne « accuse ».")
    return value.lower() == "oui"


def _instant(value: str) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        message = f"« {value} » n’est pas un instant : écrivez par exemple 2027-01-15T08:00 (heure de Paris)."
        raise _Refused(ErrorCode.INVALID_VALUE, message) from error
    return found if found.tzinfo else found.replace(tzinfo=clock.PARIS)
