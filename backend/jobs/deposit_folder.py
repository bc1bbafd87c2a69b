"""Depositing a folder: a CSV manifest and its PDFs (R-COU-04). Running it again is harmless (R-COU-03)."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from backend import clock
from backend import database as db
from backend.rules import courrier, document, siret, token
from backend.rules.access import DEPOSIT_COURRIERS
from backend.rules.viewer import Viewer

MANIFEST = "manifeste.csv"
REQUIRED = ("fichier", "siret", "type", "reference", "objet", "date")
OPTIONAL = ("exercice", "echeance", "accuse", "remplace", "publication", "pieces")


class UnusableFolder(Exception):
    """The folder cannot be deposited at all: no manifest, columns missing."""


@dataclass(frozen=True)
class Rejection:
    """A line that was refused: its number in the file (the header is 1), the code and the reason."""

    line: int
    code: str
    message: str


@dataclass
class Report:
    """What became of each line."""

    deposited: int = 0
    already: int = 0
    rejections: list[Rejection] = field(default_factory=list)


class _Refused(Exception):
    def __init__(self, code: str, message: str) -> None:
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


async def deposit_folder(viewer: Viewer, folder: Path, progress: Callable[[int, int], None]) -> Report:
    """Deposit each line in turn; one that is refused does not stop the others.

    `progress` is told how many lines of how many are done.
    """
    lines = read_manifest(folder)
    report = Report()
    for done, (number, line) in enumerate(lines, start=1):
        try:
            outcome = await courrier.deposit(viewer, await _deposit(folder, line))
        except _Refused as refusal:
            report.rejections.append(Rejection(number, refusal.code, refusal.message))
        else:
            for error in outcome.errors:
                report.rejections.append(Rejection(number, error.code.value, error.message))
            report.already += outcome.already
            report.deposited += outcome.courrier_id is not None and not outcome.already
        progress(done, len(lines))
    return report


async def _deposit(folder: Path, line: dict[str, str]) -> courrier.Deposit:
    for column in REQUIRED:
        if not line.get(column):
            raise _Refused("INVALID_VALUE", f"La colonne « {column} » est vide.")
    for column, value in line.items():
        if not value.isprintable():
            raise _Refused("INVALID_VALUE", f"La colonne « {column} » contient un caractère qui n’est pas du texte.")
    names = [one.strip() for one in line.get("pieces", "").split("|") if one.strip()]
    return courrier.Deposit(
        document_id=await _store(folder, line["fichier"]),
        siret=siret.normalised(line["siret"]),
        type_code=line["type"],
        reference=line["reference"],
        subject=line["objet"],
        letter_date=_date(line, "date") or clock.today(),
        file_name=Path(line["fichier"]).name,
        fiscal_year=_year(line.get("exercice", "")),
        due_on=_date(line, "echeance"),
        acknowledgement_required=_yes(line.get("accuse", "")),
        replaces=line.get("remplace") or None,
        publish_at=_instant(line.get("publication", "")),
        attachments=tuple([courrier.Attachment(await _store(folder, name), Path(name).name) for name in names]),
    )


def _content(folder: Path, name: str) -> bytes:
    path = (folder / name).resolve()
    try:
        if path.is_relative_to(folder.resolve()) and path.is_file():
            return path.read_bytes()
    except OSError as error:  # a name no disk can hold, a file one may not read
        raise _Refused("FILE_MISSING", f"Le fichier « {name} » ne peut pas être lu : {error.strerror}.") from error
    raise _Refused("FILE_MISSING", f"Le fichier « {name} » n’est pas dans le dossier.")


async def _store(folder: Path, name: str) -> int:
    stored = await document.store(_content(folder, name))
    if stored.errors:
        raise _Refused(stored.errors[0].code.value, f"« {name} » : {stored.errors[0].message}")
    return stored.document_id


def _date(line: dict[str, str], column: str) -> date | None:
    value = line.get(column, "")
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        message = f"« {value} » n’est pas une date : écrivez AAAA-MM-JJ dans la colonne « {column} »."
        raise _Refused("INVALID_VALUE", message) from error


def _year(value: str) -> int | None:
    if value and not (value.isascii() and value.isdigit() and len(value) == 4):
        raise _Refused("INVALID_VALUE", f"« {value} » n’est pas un exercice : écrivez une année de quatre chiffres.")
    return int(value) if value else None


def _yes(value: str) -> bool:
    if value.lower() not in {"", "oui", "non"}:
        raise _Refused("INVALID_VALUE", f"« {value} » : écrivez oui ou non dans la colonne « accuse ».")
    return value.lower() == "oui"


def _instant(value: str) -> datetime | None:
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        message = f"« {value} » n’est pas un instant : écrivez par exemple 2027-01-15T08:00 (heure de Paris)."
        raise _Refused("INVALID_VALUE", message) from error
    return found if found.tzinfo else found.replace(tzinfo=clock.PARIS)
