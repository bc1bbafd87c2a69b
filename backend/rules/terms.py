"""The terms of use (CGU): published by operators, accepted by administrators (R-CGU-01 to 03)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, announcement, journal
from backend.rules.error import ErrorCode, Results, UserError
from backend.rules.viewer import Viewer

MOST = 500
"""Establishments that one act may name."""

LONGEST_VERSION = 32
LONGEST_CHANGES = 2_000
LONGEST_BODY = 100_000


# ---------------------------------------------------------------- publishing


@dataclass(frozen=True)
class NewTerms:
    """A version to be: in force from a day on, with its text and, in words, what it changes."""

    version: str
    published_on: date
    body: str
    changes: str | None = None


@dataclass(frozen=True)
class Published:
    """The version, or why not; no version where it was only rehearsed."""

    terms_id: int | None = None
    errors: tuple[UserError, ...] = ()


async def publish(viewer: Viewer, given: NewTerms, *, rehearsal: bool = False) -> Published:
    """An operator publishes a version, in force from its date on and never changed (R-CGU-01)."""
    given = tidied(given)
    digest = body_sha256(given.body)
    async with db.transaction():
        if not await access.still_operates(viewer):
            return Published(errors=(_for_operators(),))
        errors = [*_refusals(given), *await _among_others(given)]
        if errors or rehearsal:
            return Published(errors=tuple(errors))
        made = await db.rows(
            "INSERT INTO terms (version, published_on, changes, body, body_sha256) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (version) DO NOTHING RETURNING id",
            [given.version, given.published_on.isoformat(), given.changes, given.body, digest],
        )
        if not made:  # another operator was quicker
            return Published(errors=(_taken(given.version),))
        terms_id = made[0]["id"]
        await announcement.plan(announcement.TERMS, terms_id)
        journal.record(
            viewer,
            journal.Event(
                "terms.published",
                subject=("Terms", terms_id),
                facts={"version": given.version, "published_on": given.published_on.isoformat(), "sha256": digest},
            ),
        )
    return Published(terms_id)


def body_sha256(body: str) -> str:
    """The hash that is kept with each acceptance: of the text in UTF-8."""
    return hashlib.sha256(body.encode()).hexdigest()


def tidied(given: NewTerms) -> NewTerms:
    """The version as it would be kept."""
    changes = (given.changes or "").replace("\r\n", "\n").strip()
    body = given.body.replace("\r\n", "\n").strip() + "\n"
    return NewTerms(" ".join(given.version.split()), given.published_on, body, changes or None)


def _refusals(given: NewTerms) -> list[UserError]:
    errors = []
    if not (1 <= len(given.version) <= LONGEST_VERSION and given.version.isprintable()):
        message = f"Nommez la version en 1 à {LONGEST_VERSION} caractères, par exemple 2026-11."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("version",)))
    if given.published_on < clock.today():
        message = "Une version entre en vigueur aujourd’hui ou plus tard : choisissez une autre date."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("publishedOn",)))
    if not given.body.strip() or len(given.body) > LONGEST_BODY or not _is_text(given.body):
        message = f"Le texte des conditions compte de 1 à {LONGEST_BODY:_} caractères.".replace("_", "\u202f")
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("body",)))
    if given.changes is not None and (len(given.changes) > LONGEST_CHANGES or not _is_text(given.changes)):
        message = f"Dites ce qui change en {LONGEST_CHANGES:_} caractères au plus.".replace("_", "\u202f")
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("changes",)))
    return errors


def _is_text(text: str) -> bool:
    return all(one.isprintable() or one in "\n\t" for one in text)


async def _among_others(given: NewTerms) -> list[UserError]:
    errors = []
    others = await db.row(
        "SELECT count(*) AS versions, count(CASE WHEN version = $1 THEN 1 END) AS namesakes, "
        "count(CASE WHEN published_on = $2 THEN 1 END) AS same_day FROM terms",
        [given.version, given.published_on.isoformat()],
    )
    if others and others["namesakes"]:
        errors.append(_taken(given.version))
    elif others and others["same_day"]:
        message = "Une autre version entre en vigueur ce jour-là : choisissez une autre date."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("publishedOn",)))
    if others and others["versions"] and given.changes is None:
        message = "Dites en quelques phrases ce qui change : c’est ce que les administrateurs lisent d’abord."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("changes",)))
    return errors


def _taken(version: str) -> UserError:
    message = f"La version « {version} » existe déjà, et une version publiée ne change plus : donnez un autre nom."
    return UserError(ErrorCode.VERSION_TAKEN, message, ("version",))


def _for_operators() -> UserError:
    return UserError(ErrorCode.NOT_ALLOWED, "Seuls les gestionnaires de la plateforme publient les conditions.")


# ---------------------------------------------------------------- accepting


@dataclass(frozen=True)
class Accepted:
    """Each establishment's result, and the acceptances that now hold: made here, or by somebody else before."""

    results: Results
    acceptance_ids: tuple[int, ...] = ()


async def accept(viewer: Viewer, terms_id: int, establishment_ids: Sequence[int]) -> Accepted:
    """An administrator accepts the terms in force for establishments they administer, in one act (R-CGU-02, 03).

    Of two at once the first counts; the second is told who did, and when.
    """
    asked = list(dict.fromkeys(establishment_ids))
    if not 1 <= len(asked) <= MOST:
        message = f"Choisissez de 1 à {MOST} établissements."
        return Accepted(Results(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("establishmentIds",)),)))
    async with db.transaction():
        sql = Sql()
        sql.add(f"SELECT t.id, t.version, t.body_sha256 FROM terms t JOIN ({access.current_terms(sql)}) cgu")
        sql.add("ON cgu.id = t.id")
        current = await db.row(sql)
        if current is None or current["id"] != terms_id:
            return Accepted(Results(errors=(_changed(),)))
        theirs = await _administered(viewer, asked)
        made = await _insert(viewer, current, [one for one in asked if one in theirs])
        earlier = await _earlier(terms_id, [one for one in asked if one in theirs and one not in made])
    because = {one: _missing() for one in asked if one not in theirs}
    because |= {one: _already(row) for one, row in earlier.items()}
    kept = {**made, **{one: row["id"] for one, row in earlier.items()}}
    return Accepted(
        Results(tuple((one, (because[one],) if one in because else ()) for one in asked)),
        tuple(kept[one] for one in asked if one in kept),
    )


async def _administered(viewer: Viewer, asked: Sequence[int]) -> set[int]:
    if viewer.user_id is None:
        return set()
    sql = Sql("SELECT e.id FROM establishments e")
    sql.add(f"WHERE e.id IN ({sql.bind_all(list(asked))}) AND {access.concerned_by_terms('e')}")
    sql.add(f"AND e.id IN ({access.administered(sql, viewer, even_held_back=True)})")
    return {one["id"] for one in await db.rows(sql)}


async def _insert(viewer: Viewer, current: db.Row, establishment_ids: Sequence[int]) -> dict[int, int]:
    """Accept for each; the id of the acceptance by establishment, for those where nobody had."""
    if not establishment_ids:
        return {}
    now = int(clock.to_microseconds(clock.now()))
    sql = Sql("INSERT INTO terms_acceptances (terms_id, establishment_id, user_id, accepted_at, body_sha256)")
    sql.add("VALUES")
    # In the order of ids, so that two who accept for the same establishments do not wait for each other for ever.
    rows = (
        f"({sql.bind_all([current['id'], one, viewer.user_id, now, current['body_sha256']])})"
        for one in sorted(establishment_ids)
    )
    sql.add(", ".join(rows))
    sql.add("ON CONFLICT (establishment_id, terms_id) DO NOTHING RETURNING id, establishment_id")
    made = {one["establishment_id"]: one["id"] for one in await db.rows(sql)}
    for one, number in made.items():
        journal.record(
            viewer,
            journal.Event(
                "terms.accepted",
                establishment_id=one,
                subject=("Terms", current["id"]),
                facts={"version": current["version"], "sha256": current["body_sha256"], "acceptance": number},
            ),
        )
    return made


async def _earlier(terms_id: int, establishment_ids: Sequence[int]) -> dict[int, db.Row]:
    if not establishment_ids:
        return {}
    sql = Sql("SELECT a.id, a.establishment_id, a.accepted_at, u.first_name, u.last_name")
    sql.add("FROM terms_acceptances a JOIN users u ON u.id = a.user_id")
    sql.add(f"WHERE a.terms_id = {sql.bind(terms_id)}")
    sql.add(f"AND a.establishment_id IN ({sql.bind_all(list(establishment_ids))})")
    return {one["establishment_id"]: one for one in await db.rows(sql)}


def _already(row: db.Row) -> UserError:
    when = clock.from_microseconds(row["accepted_at"]).astimezone(clock.PARIS)
    message = (
        f"Déjà acceptées par {row['first_name']} {row['last_name']} le {clock.french_date(when.date())} "
        f"à {when:%H:%M} : vous n’avez rien de plus à faire."
    )
    return UserError(ErrorCode.ALREADY_ACCEPTED, message, ("establishmentIds",))


def _missing() -> UserError:
    message = "Cet établissement n’existe pas, ou n’est pas de ceux que vous administrez."
    return UserError(ErrorCode.NOT_FOUND, message, ("establishmentIds",))


def _changed() -> UserError:
    message = "Ces conditions ne sont plus celles en vigueur : relisez la version actuelle avant d’accepter."
    return UserError(ErrorCode.TERMS_CHANGED, message, ("termsId",))
