"""Establishments: registered with their first administrator, changed, by the platform's staff (R-ACC-02, 04)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import access, idempotency, journal, siret, user
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

MOST_CONTRACTS = 50

_POSTAL_CODE = re.compile(r"\d{5}", re.ASCII)
_INSEE_CODE = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
_CONTRACT = re.compile(r"[0-9A-Z][0-9A-Z ./\-]{0,31}", re.ASCII)


@dataclass(frozen=True)
class Address:
    """Where an establishment is."""

    postal_code: str
    city: str
    line1: str | None = None
    line2: str | None = None
    insee_code: str | None = None


@dataclass(frozen=True)
class Contract:
    """The employer's number at one fund."""

    fund: str
    number: str


@dataclass(frozen=True)
class NewEstablishment:
    """An establishment to be."""

    siret: str
    name: str
    category: str
    address: Address
    contracts: tuple[Contract, ...]
    is_centralisateur: bool = False
    functional_email: str | None = None


@dataclass(frozen=True)
class Changes:
    """What changes in an establishment: None is "as before"; an empty functional address is none at all."""

    name: str | None = None
    category: str | None = None
    address: Address | None = None
    contracts: tuple[Contract, ...] | None = None
    is_centralisateur: bool | None = None
    functional_email: str | None = None


@dataclass(frozen=True)
class Registered:
    """The outcome: the establishment, its administrator and the identifier to hand over; or why not."""

    establishment_id: int | None = None
    user_id: int | None = None
    identifier: str | None = None
    errors: tuple[UserError, ...] = ()


class _Undone(Exception):
    """Part of it is done and the rest is refused: the transaction takes all of it back."""

    def __init__(self, errors: Sequence[UserError]) -> None:
        super().__init__()
        self.errors = tuple(errors)


# ---------------------------------------------------------------- registering


async def register(
    viewer: Viewer, given: NewEstablishment, administrator: user.NewUser, key: str | None = None
) -> Registered:
    """Register an establishment with its first administrator, who is invited by e-mail (R-ACC-02, 03, 04).

    `administrator.establishment_id` and profile do not count. All or nothing. Sent again with the same key, it answers
    as the first time and registers nothing more.
    """
    attempt = idempotency.Attempt("registerEstablishment", key, [asdict(given), asdict(administrator)])
    given = _tidied(given)
    refusals = [
        *_siret_refused(given.siret),
        *_name_refused(given.name),
        *_address_refused(given.address),
        *_contracts_refused(given.contracts),
        *_functional_refused(given.functional_email),
    ]
    try:
        async with db.transaction():
            if not await access.still_manages_establishments(viewer):
                return Registered(errors=(_not_allowed(),))
            earlier = await idempotency.begin(viewer, attempt)
            if earlier is not None:
                return Registered(**earlier.answer, errors=earlier.errors)
            number = None if refusals else await _insert(given)
            if number is None and not refusals:
                refusals.append(await _taken(given.siret))
            if number is None:
                raise _Undone([*refusals, *_in_person(user.refused(administrator))])
            await _replace_contracts(number, (), given.contracts)
            changes = {name: (None, value) for name, value in _told(given).items() if value is not None}
            event = journal.Event(
                "establishment.registered",
                establishment_id=number,
                subject=("Establishment", number),
                changes=changes,
                facts={"siret": given.siret},
            )
            journal.record(viewer, event)
            first = replace(administrator, establishment_id=number, is_administrator=True)
            created = await user.add(viewer, first)
            if created.errors:
                raise _Undone(_in_person(created.errors))
            answer = {"establishment_id": number, "user_id": created.user_id, "identifier": created.identifier}
            await idempotency.finish(viewer, attempt, answer)
            return Registered(number, created.user_id, created.identifier)
    except _Undone as refused:
        return Registered(errors=refused.errors)


def _in_person(errors: Sequence[UserError]) -> list[UserError]:
    """Refusals of a person's details, where the input holds them."""
    return [replace(one, path=("administrator", *one.path)) for one in errors]


def _tidied(given: NewEstablishment) -> NewEstablishment:
    return replace(
        given,
        siret=siret.normalised(given.siret),
        name=_words(given.name),
        address=_tidied_address(given.address),
        contracts=_tidied_contracts(given.contracts),
        functional_email=(given.functional_email or "").strip() or None,
    )


def _words(text: str | None) -> str:
    return " ".join((text or "").split())


def _tidied_address(given: Address) -> Address:
    return Address(
        postal_code=_words(given.postal_code),
        city=_words(given.city),
        line1=_words(given.line1) or None,
        line2=_words(given.line2) or None,
        insee_code=_words(given.insee_code).upper() or None,
    )


def _tidied_contracts(given: Sequence[Contract]) -> tuple[Contract, ...]:
    return tuple(Contract(one.fund, _words(one.number).upper()) for one in given)


async def _insert(given: NewEstablishment) -> int | None:
    """Insert the row; None where the SIRET is taken, by whoever registers it at the same moment too."""
    values: dict[str, Any] = {
        "siret": given.siret,
        **_columns(given.name, given.siret, given.address),
        "category": given.category,
        "functional_email": given.functional_email,
        "is_centralisateur": given.is_centralisateur,
        "is_platform": False,
        "registered_on": clock.today().isoformat(),
    }
    sql = Sql(f"INSERT INTO establishments ({', '.join(values)}) VALUES ({{}})")
    sql.pieces[0] = sql.pieces[0].format(sql.bind_all(list(values.values())))
    sql.add("ON CONFLICT (siret) DO NOTHING RETURNING id")
    made = await db.rows(sql)
    return int(made[0]["id"]) if made else None


def _columns(name: str, number: str, address: Address) -> dict[str, Any]:
    """A name and an address as they are stored, sorted and searched."""
    return {
        "name": name,
        "sort_name": fold(name)[:220],
        "search_text": f"{fold(name)} {number} {address.postal_code} {fold(address.city)}",
        "line1": address.line1,
        "line2": address.line2,
        "postal_code": address.postal_code,
        "city": address.city,
        "insee_code": address.insee_code,
        "departement": departement(address.insee_code or address.postal_code),
    }


def departement(code: str) -> str:
    """The département of an Insee code, or of a postal code: three digits overseas, 2A and 2B in Corsica."""
    if code.startswith(("97", "98")):
        return code[:3]
    if code.startswith("20"):
        return "2A" if code[:3] in ("200", "201") else "2B"
    return code[:2]


async def _taken(number: str) -> UserError:
    found = await db.row("SELECT name, registered_on FROM establishments WHERE siret = $1", [number])
    whose = f" : {found['name']}" if found else ""
    message = f"Un établissement est déjà inscrit avec ce SIRET{whose}. Retrouvez-le pour le modifier."
    return UserError(ErrorCode.SIRET_TAKEN, message, ("siret",))


# ---------------------------------------------------------------- what is wrong


def _siret_refused(number: str) -> list[UserError]:
    if siret.is_valid(number):
        return []
    message = "Ce SIRET n’est pas valable : vérifiez ses 14 chiffres."
    return [UserError(ErrorCode.UNKNOWN_SIRET, message, ("siret",))]


def _named(text: str, longest: int) -> bool:
    return 1 <= len(text) <= longest and text.isprintable()


def _name_refused(name: str) -> list[UserError]:
    if _named(name, 200):
        return []
    return [UserError(ErrorCode.INVALID_VALUE, "Le nom doit compter de 1 à 200 caractères.", ("name",))]


def _address_refused(given: Address) -> list[UserError]:
    errors = []

    def refuse(message: str, where: str) -> None:
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("address", where)))

    for line, where, words in ((given.line1, "line1", "première"), (given.line2, "line2", "seconde")):
        if line is not None and not _named(line, 200):
            refuse(f"La {words} ligne de l’adresse doit compter au plus 200 caractères.", where)
    if not _POSTAL_CODE.fullmatch(given.postal_code):
        refuse("Le code postal compte 5 chiffres.", "postalCode")
    if not _named(given.city, 120):
        refuse("La commune doit compter de 1 à 120 caractères.", "city")
    if given.insee_code is not None and not _INSEE_CODE.fullmatch(given.insee_code):
        refuse("Le code Insee de la commune compte 5 caractères, par exemple 17306 ou 2A004.", "inseeCode")
    return errors


def _contracts_refused(given: Sequence[Contract]) -> list[UserError]:
    if not 1 <= len(given) <= MOST_CONTRACTS:
        message = f"Un établissement a de 1 à {MOST_CONTRACTS} contrats avec les fonds."
        return [UserError(ErrorCode.INVALID_VALUE, message, ("contracts",))]
    errors = []
    for place, one in enumerate(given):
        where = ("contracts", str(place), "number")
        if not _CONTRACT.fullmatch(one.number):
            message = "Un numéro de contrat compte de 1 à 32 chiffres ou lettres."
            errors.append(UserError(ErrorCode.INVALID_VALUE, message, where))
        elif one in given[:place]:
            message = f"Le contrat {one.number} est donné deux fois."
            errors.append(UserError(ErrorCode.INVALID_VALUE, message, where))
    return errors


def _functional_refused(address: str | None) -> list[UserError]:
    if address is None or user.is_email(address):
        return []
    message = "Cette adresse de messagerie n’est pas bien formée : attendu service@exemple.fr, sans accents."
    return [UserError(ErrorCode.INVALID_EMAIL, message, ("functionalEmail",))]


def _not_allowed() -> UserError:
    message = "Seuls les gestionnaires de la plateforme, et les clients techniques qui en ont le droit, le font."
    return UserError(ErrorCode.NOT_ALLOWED, message)


def missing(path: str) -> UserError:
    """What one may not change does not exist."""
    return UserError(ErrorCode.NOT_FOUND, "Cet établissement n’existe pas.", (path,))


# ---------------------------------------------------------------- changing


async def update(viewer: Viewer, establishment_id: int, given: Changes) -> list[UserError]:
    """Change what is said of an establishment; what is not said stays, and its SIRET always does: it is its identity.

    The journal keeps each change, before and after.
    """
    if not access.manages_establishments(viewer):
        return [_not_allowed()]
    async with db.transaction():
        if not await access.holds_establishment(viewer, establishment_id):
            return [_not_allowed()]
        before = await _stored(establishment_id)
        if before is None:
            return [missing("id")]
        after = _changed(before, given)
        refusals = _changes_refused(given, after)
        if refusals:
            return refusals
        told_before, told_after = _told(before), _told(after)
        changes = {name: (told_before[name], told_after[name]) for name in told_after}
        changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        if not changes:
            return []
        await _write(establishment_id, after)
        await _replace_contracts(establishment_id, before.contracts, after.contracts)
        event = journal.Event(
            "establishment.changed",
            establishment_id=establishment_id,
            subject=("Establishment", establishment_id),
            changes=changes,
        )
        journal.record(viewer, event)
    return []


def _changed(before: NewEstablishment, given: Changes) -> NewEstablishment:
    after = before
    if given.name is not None:
        after = replace(after, name=given.name)
    if given.category is not None:
        after = replace(after, category=given.category)
    if given.address is not None:
        after = replace(after, address=given.address)
    if given.contracts is not None:
        after = replace(after, contracts=given.contracts)
    if given.is_centralisateur is not None:
        after = replace(after, is_centralisateur=given.is_centralisateur)
    if given.functional_email is not None:
        after = replace(after, functional_email=given.functional_email)
    return _tidied(after)


def _changes_refused(given: Changes, after: NewEstablishment) -> list[UserError]:
    """Only what is said is judged: what came from elsewhere stays as it was."""
    return [
        *(_name_refused(after.name) if given.name is not None else []),
        *(_address_refused(after.address) if given.address is not None else []),
        *(_contracts_refused(after.contracts) if given.contracts is not None else []),
        *(_functional_refused(after.functional_email) if given.functional_email is not None else []),
    ]


async def _stored(establishment_id: int) -> NewEstablishment | None:
    row = await db.row("SELECT * FROM establishments WHERE id = $1", [establishment_id])
    if row is None:
        return None
    contracts = await db.rows(
        "SELECT fund_id, number FROM contracts WHERE establishment_id = $1 ORDER BY id", [establishment_id]
    )
    return NewEstablishment(
        siret=row["siret"],
        name=row["name"],
        category=row["category"],
        address=Address(row["postal_code"], row["city"], row["line1"], row["line2"], row["insee_code"]),
        contracts=tuple(Contract(one["fund_id"], one["number"]) for one in contracts),
        is_centralisateur=bool(row["is_centralisateur"]),
        functional_email=row["functional_email"],
    )


def _told(one: NewEstablishment) -> Mapping[str, Any]:
    """What the journal tells of an establishment, field by field."""
    where = one.address
    return {
        "name": one.name,
        "category": one.category,
        "line1": where.line1,
        "line2": where.line2,
        "postal_code": where.postal_code,
        "city": where.city,
        "insee_code": where.insee_code,
        "is_centralisateur": one.is_centralisateur,
        "functional_email": one.functional_email,
        "contracts": ", ".join(sorted(f"{each.fund} {each.number}" for each in one.contracts)),
    }


async def _write(establishment_id: int, after: NewEstablishment) -> None:
    values = {
        **_columns(after.name, after.siret, after.address),
        "category": after.category,
        "is_centralisateur": after.is_centralisateur,
        "functional_email": after.functional_email,
    }
    sql = Sql("UPDATE establishments SET")
    sql.add(", ".join(f"{name} = {sql.bind(value)}" for name, value in values.items()))
    sql.add(f"WHERE id = {sql.bind(establishment_id)}")
    await db.execute(sql)


async def _replace_contracts(establishment_id: int, before: Sequence[Contract], after: Sequence[Contract]) -> None:
    gone = [one for one in before if one not in after]
    if gone:
        await db.execute_many(
            "DELETE FROM contracts WHERE establishment_id = $1 AND fund_id = $2 AND number = $3",
            [(establishment_id, one.fund, one.number) for one in gone],
        )
    come = [(establishment_id, one.fund, one.number) for one in after if one not in before]
    await db.insert_many("contracts", ("establishment_id", "fund_id", "number"), come)
