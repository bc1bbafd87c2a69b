"""Accounts from a file: a rehearsal first, line by line, then the same file for real (R-ACC-18).

A line whose address an account of the same person has is left alone: sending a file twice opens nothing twice.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import access, idempotency, journal, right, user
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

MOST_LINES = 1_000
MOST_CHARACTERS = 500_000

CREATED, WOULD_CREATE, UNCHANGED, REJECTED = "CREATED", "WOULD_CREATE", "UNCHANGED", "REJECTED"

_COLUMNS = {
    "civility": ("civilité",),
    "first_name": ("prénom",),
    "last_name": ("nom", "nom de famille"),
    "email": (
        "adresse de messagerie",
        "adresse électronique",
        "adresse e-mail",
        "courriel",
        "messagerie",
        "e-mail",
        "email",
        "mail",
    ),
    "phone": ("téléphone", "numéro de téléphone"),
    "profile": ("profil",),
}
"""What each column may be called, accents and case aside; the first is what we call it."""

_NEEDED = ("first_name", "last_name", "email")
_BY_HEADER = {fold(name): column for column, names in _COLUMNS.items() for name in names}
_CIVILITIES = {"": None, "madame": "MADAME", "mme": "MADAME", "monsieur": "MONSIEUR", "m.": "MONSIEUR", "m": "MONSIEUR"}
_PROFILES = {"": False, "utilisateur": False, "utilisatrice": False, "administrateur": True, "administratrice": True}
_LEVELS = {"": 0, "aucun": 0, "lecture seule": 1, "lecture": 1, "modification": 2}


@dataclass(frozen=True)
class Line:
    """What became, or would become, of a line of the file: its number there, the heading being the first."""

    number: int
    outcome: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    is_administrator: bool = False
    rights: int = 0
    user_id: int | None = None
    identifier: str | None = None
    errors: tuple[UserError, ...] = ()


@dataclass(frozen=True)
class Imported:
    """Every line's outcome, or why the file as a whole could not be taken."""

    lines: tuple[Line, ...] = ()
    errors: tuple[UserError, ...] = ()


@dataclass
class _Read:
    """A line as read."""

    number: int
    given: user.NewUser
    errors: list[UserError] = field(default_factory=list)


@dataclass(frozen=True)
class _Heading:
    """Where each detail is, and the code of the service of each other column."""

    width: int
    places: Mapping[str, int]
    services: Mapping[int, str]


class _Unreadable(Exception):
    """The file cannot be taken at all; its words say why and what to do."""


async def load(
    viewer: Viewer, establishment_id: int, content: str, *, dry_run: bool, key: str | None = None
) -> Imported:
    """Open the accounts of a file, or only tell what each line would become (R-ACC-18).

    One transaction for all; a line that is refused does not stop the others. As many statements for one line as for a
    thousand.
    """
    attempt = idempotency.Attempt("importUsers", None if dry_run else key, [establishment_id, content])
    async with db.transaction():
        if not await access.holds_accounts(viewer, establishment_id):
            message = "Cet établissement n’existe pas, ou n’est pas de ceux dont vous gérez les comptes."
            return Imported(errors=(UserError(ErrorCode.NOT_FOUND, message, ("establishmentId",)),))
        earlier = await idempotency.begin(viewer, attempt)
        if earlier is not None:
            return _answered_before(earlier)
        try:
            read = _read(content, establishment_id, await _services())
        except _Unreadable as problem:
            await idempotency.finish(viewer, attempt, None)
            return Imported(errors=(UserError(ErrorCode.FILE_UNREADABLE, str(problem), ("csv",)),))
        lines = await _each(viewer, establishment_id, read, dry_run=dry_run)
        if not dry_run:
            counts = {
                outcome: sum(one.outcome == outcome for one in lines) for outcome in (CREATED, UNCHANGED, REJECTED)
            }
            journal.record(
                viewer, journal.Event("user.imported", establishment_id=establishment_id, facts={"lines": counts})
            )
        await idempotency.finish(viewer, attempt, {"lines": [asdict(one) for one in lines]})
    return Imported(tuple(lines))


def _answered_before(earlier: idempotency.Earlier) -> Imported:
    """The outcome of the first import under the same key."""

    def error(told: Mapping[str, Any]) -> UserError:
        return UserError(ErrorCode(told["code"]), told["message"], tuple(told["path"]))

    told = earlier.answer.get("lines", ())
    return Imported(tuple(Line(**{**one, "errors": tuple(map(error, one["errors"]))}) for one in told), earlier.errors)


async def _each(viewer: Viewer, establishment_id: int, read: list[_Read], *, dry_run: bool) -> list[Line]:
    there = await _accounts(establishment_id, [one.given.email.casefold() for one in read])
    first_with: dict[str, int] = {}
    lines: dict[int, Line] = {}
    wanted: list[_Read] = []
    for one in read:
        key = one.given.email.casefold()
        same = there.get(key)
        earlier = first_with.setdefault(key, one.number) if key else one.number
        if one.errors:
            lines[one.number] = _line(one, REJECTED, errors=tuple(one.errors))
        elif earlier != one.number:
            message = f"Cette adresse est déjà à la ligne {earlier} du fichier : un compte est personnel."
            lines[one.number] = _line(one, REJECTED, errors=(UserError(ErrorCode.EMAIL_TAKEN, message, ("email",)),))
        elif same is None:
            wanted.append(one)
        elif fold(f"{one.given.last_name} {one.given.first_name}") == same["sort_name"]:
            lines[one.number] = _line(one, UNCHANGED, user_id=same["id"], identifier=same["identifier"])
        else:
            message = (
                f"Cette adresse est celle du compte de {same['first_name']} {same['last_name']} : un compte est "
                "personnel, et chacun a la sienne."
            )
            lines[one.number] = _line(one, REJECTED, errors=(UserError(ErrorCode.EMAIL_TAKEN, message, ("email",)),))
    people = [one.given for one in wanted]
    if dry_run:
        for one, judged in zip(wanted, await user.judge(establishment_id, people), strict=True):
            outcome = REJECTED if judged.errors else WOULD_CREATE
            lines[one.number] = _line(one, outcome, errors=tuple(judged.errors))
    else:
        for one, made in zip(wanted, await user.add_all(viewer, establishment_id, people), strict=True):
            lines[one.number] = _line(
                one,
                REJECTED if made.errors else CREATED,
                user_id=made.user_id,
                identifier=made.identifier,
                errors=made.errors,
            )
    return [lines[one.number] for one in read]


def _line(read: _Read, outcome: str, **values: Any) -> Line:
    given = read.given
    return Line(
        number=read.number,
        outcome=outcome,
        first_name=given.first_name,
        last_name=given.last_name,
        email=given.email,
        is_administrator=given.is_administrator,
        rights=sum(one.level > 0 for one in given.rights),
        **values,
    )


async def _accounts(establishment_id: int, emails: list[str]) -> dict[str, db.Row]:
    sql = Sql("SELECT id, identifier, first_name, last_name, sort_name, email_key FROM users")
    sql.add(f"WHERE establishment_id = {sql.bind(establishment_id)} AND deleted_at IS NULL")
    sql.add(f"AND email_key IN ({sql.bind_all(emails)})")
    return {one["email_key"]: one for one in await db.rows(sql)}


async def _services() -> dict[str, str]:
    """The code of each open service, by its code and by its label as headings are compared."""
    numbers = list((await right.open_services()).values())
    sql = Sql("SELECT code, label FROM services")
    sql.add(f"WHERE id IN ({sql.bind_all(numbers)}) ORDER BY position DESC, id DESC")
    found = await db.rows(sql)
    return {fold(one["label"]): one["code"] for one in found} | {fold(one["code"]): one["code"] for one in found}


# ---------------------------------------------------------------- reading the file


def _read(content: str, establishment_id: int, services: Mapping[str, str]) -> list[_Read]:
    """The lines of a file, as far as they can be understood. Raises _Unreadable."""
    if len(content) > MOST_CHARACTERS:
        raise _Unreadable(
            f"Ce fichier est trop gros : {MOST_CHARACTERS // 1000} 000 caractères au plus. Partagez-le en plusieurs."
        )
    if "\ufffd" in content or "\0" in content:
        raise _Unreadable(
            "Les caractères de ce fichier ne se lisent pas : enregistrez-le depuis votre tableur au format CSV "
            "(UTF-8), puis choisissez-le de nouveau."
        )
    records = [(number, cells) for number, cells in _records(content.removeprefix("\ufeff")) if any(cells)]
    if not records:
        raise _Unreadable("Ce fichier est vide : partez du modèle à télécharger, une ligne par personne.")
    heading = _heading(records[0][1], services)
    if len(records) == 1:
        raise _Unreadable("Ce fichier ne contient que ses titres : ajoutez une ligne par personne.")
    if len(records) - 1 > MOST_LINES:
        raise _Unreadable(
            f"Ce fichier compte {len(records) - 1} lignes : 1 000 au plus à la fois. Partagez-le en plusieurs."
        )
    return [_person(number, cells, heading, establishment_id) for number, cells in records[1:]]


def _records(content: str) -> list[tuple[int, list[str]]]:
    """The rows, numbered as a spreadsheet numbers them, their cells without spaces around."""
    first = next((line for line in content.splitlines() if line.strip()), "")
    separator = max(";\t,", key=first.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            rows.append((len(rows) + 1, [" ".join(cell.split()) for cell in cells]))
    except csv.Error as problem:
        raise _Unreadable(
            f"Ce fichier ne se lit plus après la ligne {len(rows)} : vérifiez-y les guillemets, ou enregistrez-le de "
            "nouveau au format CSV depuis votre tableur."
        ) from problem
    return rows


def _heading(cells: list[str], services: Mapping[str, str]) -> _Heading:
    places: dict[str, int] = {}
    by_place: dict[int, str] = {}
    for place, cell in enumerate(cells):
        name = fold(cell)
        column, code = _BY_HEADER.get(name), services.get(name)
        if not name:
            continue
        if column is None and code is None:
            raise _Unreadable(
                f"La colonne « {cell[:60]} » n’est pas reconnue : la première ligne donne le titre de chaque colonne, "
                "comme dans le modèle à télécharger."
            )
        if column in places or code in by_place.values():
            raise _Unreadable(f"La colonne « {cell[:60]} » est là deux fois : gardez-en une seule.")
        if column is not None:
            places[column] = place
        elif code is not None:
            by_place[place] = code
    lacking = [_COLUMNS[column][0] for column in _NEEDED if column not in places]
    if lacking:
        names = ", ".join(f"« {name} »" for name in lacking)
        raise _Unreadable(
            f"Il manque la colonne {names} : la première ligne donne le titre de chaque colonne, comme dans le modèle "
            "à télécharger."
        )
    return _Heading(len(cells), places, by_place)


def _person(number: int, cells: list[str], heading: _Heading, establishment_id: int) -> _Read:
    values = {column: cells[place] if place < len(cells) else "" for column, place in heading.places.items()}
    read = _Read(
        number,
        user.NewUser(
            establishment_id=establishment_id,
            first_name=values["first_name"],
            last_name=values["last_name"],
            email=values["email"],
            phone=values.get("phone") or None,
            is_administrator=False,
        ),
    )
    if any(cells[heading.width :]):
        message = f"Cette ligne a plus de cases que la première ({heading.width}) : un séparateur est de trop."
        read.errors.append(UserError(ErrorCode.INVALID_VALUE, message))
        return read
    civility, profile = fold(values.get("civility", "")), fold(values.get("profile", ""))
    if civility not in _CIVILITIES:
        read.errors.append(_unknown(values["civility"], "Madame, Monsieur, ou rien", "civility"))
    if profile not in _PROFILES:
        read.errors.append(_unknown(values["profile"], "Utilisateur ou Administrateur", "profile"))
    rights = []
    for place, code in heading.services.items():
        said = cells[place] if place < len(cells) else ""
        if fold(said) not in _LEVELS:
            read.errors.append(_unknown(said, "Aucun, Lecture seule ou Modification", "rights", code))
        elif _LEVELS[fold(said)]:
            rights.append(right.Wanted(code, _LEVELS[fold(said)]))
    read.given = replace(
        read.given,
        civility=_CIVILITIES.get(civility),
        is_administrator=_PROFILES.get(profile, False),
        rights=tuple(rights),
    )
    return read


def _unknown(said: str, expected: str, *path: str) -> UserError:
    return UserError(ErrorCode.INVALID_VALUE, f"« {said[:60]} » n’est pas attendu ici : {expected}.", path)
