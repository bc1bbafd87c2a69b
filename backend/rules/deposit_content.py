"""What a deposit says, and whether it can be accepted (R-COU-01, 03, 13): the same for one and for 64,000."""

import hashlib
from collections import ChainMap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import siret
from backend.rules.error import ErrorCode, UserError


@dataclass(frozen=True)
class Attachment:
    """A further file of a deposit."""

    document_id: int
    file_name: str


@dataclass(frozen=True)
class Deposit:
    """What a deposit says (R-COU-01). The document is already stored."""

    document_id: int
    siret: str
    type_code: str
    reference: str
    subject: str
    letter_date: date
    file_name: str | None = None
    fiscal_year: int | None = None
    due_on: date | None = None
    acknowledgement_required: bool = False
    replaces: str | None = None
    publish_at: datetime | None = None
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Judged:
    """A deposit that was looked into: what it names, or why it is refused; `already_id`, the same deposited before."""

    errors: tuple[UserError, ...] = ()
    establishment_id: int = 0
    type: Mapping[str, Any] | None = None
    content_hash: str = ""
    already_id: int | None = None
    replaced_id: int | None = None

    @property
    def kind(self) -> Mapping[str, Any]:
        """The type of a deposit that is not refused."""
        if self.type is None:
            raise LookupError("this deposit was refused")
        return self.type


Coming = Mapping[tuple[str, str], int]
"""Letters that will be there when a deposit is made: the establishment of each, by fund and reference."""


def invalid(message: str, *path: str) -> UserError:
    """A value that cannot be."""
    return UserError(ErrorCode.INVALID_VALUE, message, path)


def refusals(deposit: Deposit) -> list[UserError]:
    """What can be told without the database."""
    errors = []
    if not siret.is_valid(deposit.siret):
        errors.append(
            UserError(
                ErrorCode.UNKNOWN_SIRET,
                f"« {deposit.siret} » n’est pas un SIRET : 14 chiffres dont le dernier contrôle les autres.",
                ("siret",),
            )
        )
    if not deposit.reference or len(deposit.reference) > 64:
        errors.append(invalid("La référence compte de 1 à 64 caractères.", "reference"))
    if not deposit.subject or len(deposit.subject) > 200:
        errors.append(invalid("L’objet compte de 1 à 200 caractères.", "subject"))
    if not date(1990, 1, 1) <= deposit.letter_date <= clock.add_months(clock.today(), 12):
        errors.append(invalid("La date du courrier est trop ancienne ou trop lointaine.", "letterDate"))
    if deposit.due_on is not None and deposit.due_on < deposit.letter_date:
        errors.append(invalid("L’échéance précède la date du courrier.", "dueOn"))
    if deposit.fiscal_year is not None and not 1990 <= deposit.fiscal_year <= clock.today().year + 2:
        errors.append(invalid("L’exercice n’est pas une année plausible.", "fiscalYear"))
    if len(deposit.attachments) > 20:
        errors.append(invalid("Un courrier porte au plus 20 pièces jointes.", "attachments"))
    if deposit.file_name is not None and len(deposit.file_name) > 200:
        errors.append(invalid("Le nom du fichier compte au plus 200 caractères.", "fileName"))
    errors += [
        invalid("Le nom d’une pièce jointe compte de 1 à 200 caractères.", "attachments", str(number), "fileName")
        for number, one in enumerate(deposit.attachments[:20])
        if not 1 <= len(one.file_name) <= 200
    ]
    if deposit.publish_at is not None and deposit.publish_at.tzinfo is None:
        errors.append(invalid("L’instant de publication doit dire son fuseau horaire.", "publishAt"))
    return errors


async def judge(deposits: Sequence[Deposit], coming: Sequence[Coming] = ()) -> list[Judged]:
    """Look into deposits, in four statements however many they are. Those that `refusals` refuses must not come here.

    `coming`, one for each, are letters it may replace though they are not deposited yet; where it is given, so are
    the deposits before it.
    """
    if not deposits:
        return []
    places = await _named("SELECT id, siret FROM establishments WHERE siret", "siret", {one.siret for one in deposits})
    kinds = await _named(
        "SELECT id, code, label, fund_id, service_id, channel, notifies_by_email FROM courrier_types WHERE code",
        "code",
        {one.type_code for one in deposits},
    )
    ids = {one.document_id for one in deposits} | {one.document_id for each in deposits for one in each.attachments}
    documents = await _named("SELECT id, sha256 FROM documents WHERE id", "id", ids)
    hashes = {number: one["sha256"] for number, one in documents.items()}
    earlier = await _earlier(deposits, {one["fund_id"] for one in kinds.values()})
    found: list[Judged] = []
    before: dict[tuple[str, str], int] = {}
    for number, one in enumerate(deposits):
        place, kind = places.get(one.siret), kinds.get(one.type_code)
        if place is None or kind is None:
            found.append(Judged(_unknown(one, place, kind)))
            continue
        expected: Coming = ChainMap(before, dict(coming[number])) if coming else {}
        found.append(_judged(one, place["id"], kind, content_hash(one, hashes), earlier, expected))
        if not found[-1].errors:
            before[kind["fund_id"], one.reference] = place["id"]
    return found


def _unknown(given: Deposit, place: db.Row | None, kind: db.Row | None) -> tuple[UserError, ...]:
    errors = []
    if place is None:
        message = f"Aucun établissement n’est inscrit sous le SIRET {given.siret}."
        errors.append(UserError(ErrorCode.UNKNOWN_SIRET, message, ("siret",)))
    if kind is None:
        message = f"Le modèle de courrier « {given.type_code} » n’existe pas au catalogue."
        errors.append(UserError(ErrorCode.UNKNOWN_TYPE, message, ("type",)))
    return tuple(errors)


def _judged(
    given: Deposit,
    establishment_id: int,
    kind: db.Row,
    content: str,
    earlier: Mapping[tuple[str, str], db.Row],
    coming: Coming,
) -> Judged:
    same = earlier.get((kind["fund_id"], given.reference))
    if same is not None:
        if same["content_hash"] == content:
            return Judged((), establishment_id, kind, content, already_id=same["id"])
        message = (
            f"La référence « {given.reference} » a déjà servi à un autre courrier de ce fonds. "
            "Rien n’a été déposé : donnez une autre référence, ou retirez d’abord le premier."
        )
        return Judged((UserError(ErrorCode.REFERENCE_TAKEN, message, ("reference",)),))
    if given.replaces is None:
        return Judged((), establishment_id, kind, content)
    replaced = earlier.get((kind["fund_id"], given.replaces))
    if replaced is None and coming.get((kind["fund_id"], given.replaces)) == establishment_id:
        return Judged((), establishment_id, kind, content)
    if replaced is None or replaced["establishment_id"] != establishment_id:
        message = f"Le courrier remplacé « {given.replaces} » n’existe pas chez cet établissement pour ce fonds."
        return Judged((UserError(ErrorCode.NOT_FOUND, message, ("replaces",)),))
    if replaced["times"]:
        message = f"Le courrier « {given.replaces} » est déjà remplacé par un autre."
        return Judged((invalid(message, "replaces"),))
    return Judged((), establishment_id, kind, content, replaced_id=replaced["id"])


async def _named(statement: str, key: str, values: Iterable[Any]) -> dict[Any, db.Row]:
    sql = Sql()
    sql.add(f"{statement} IN ({sql.bind_all(sorted(values))})")
    return {one[key]: one for one in await db.rows(sql)}


async def _earlier(deposits: Sequence[Deposit], funds: Iterable[str]) -> dict[tuple[str, str], db.Row]:
    """The letters that bear a reference these deposits name, as their own (R-COU-03) or as replaced (R-COU-13)."""
    references = {one.reference for one in deposits} | {one.replaces for one in deposits if one.replaces}
    sql = Sql("SELECT c.id, c.fund_id, c.reference, c.content_hash, c.establishment_id,")
    sql.add("(SELECT count(*) FROM courriers r WHERE r.replaces_id = c.id) AS times FROM courriers c")
    sql.add(f"WHERE c.fund_id IN ({sql.bind_all(sorted(funds))})")
    sql.add(f"AND c.reference IN ({sql.bind_all(sorted(references))})")
    return {(one["fund_id"], one["reference"]): one for one in await db.rows(sql)}


def content_hash(given: Deposit, hashes: Mapping[int, str]) -> str:
    """The fingerprint of all that a deposit says, its files by their hashes (R-COU-03)."""
    content = (
        given.siret,
        given.type_code,
        given.reference,
        given.subject,
        given.letter_date,
        given.fiscal_year,
        given.due_on,
        given.acknowledgement_required,
        given.replaces,
        given.publish_at,
        hashes[given.document_id],
        [(hashes[one.document_id], one.file_name) for one in given.attachments],
    )
    return hashlib.sha256(orjson.dumps(content)).hexdigest()
