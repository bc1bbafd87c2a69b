"""Delegations asked for by a centralisateur, of one establishment or of thousands at once (R-DEL-01).

A long list is worked through by slices, each committed on its own with its own results: what stops in between loses
nothing, and the same request sent again under the same key answers what was done and does the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, delegation, delegation_notice, idempotency, right, siret
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

MOST = 2000
"""Establishments that one request may name."""
SLICE = 100
"""Establishments in one transaction."""
LONGEST_KEY = 80

_OPERATION = "requestDelegations"


@dataclass(frozen=True)
class Request:
    """What is asked of each establishment: services at levels, a message, dates (R-DEL-01)."""

    sirets: tuple[str, ...]
    services: tuple[right.Wanted, ...]
    message: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None


@dataclass(frozen=True)
class Line:
    """What became of one SIRET of the list: the delegation asked for, or why not; and what to know all the same."""

    siret: str
    name: str | None = None
    delegation_id: int | None = None
    errors: tuple[UserError, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Answer:
    """Each line's result, in the order asked for; `errors` for all."""

    lines: tuple[Line, ...] = ()
    errors: tuple[UserError, ...] = ()


@dataclass(frozen=True)
class Progress:
    """How far a request has come."""

    total: int
    treated: int
    asked: int

    @property
    def is_over(self) -> bool:
        """Whether every line has its result."""
        return self.treated >= self.total


@dataclass
class _Judged:
    """A line on its way."""

    siret: str
    row: db.Row | None = None
    errors: list[UserError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    delegation_id: int | None = None

    def line(self) -> Line:
        return Line(
            self.siret,
            self.row["name"] if self.row else None,
            self.delegation_id,
            tuple(self.errors),
            tuple(self.warnings),
        )


async def request(viewer: Viewer, given: Request, key: str | None = None, *, dry_run: bool = False) -> Answer:
    """An administrator of a centralisateur asks to act for establishments, each with its own result (R-DEL-01).

    `dry_run`: what would become of each, nothing written or sent.
    """
    given = replace(
        given, message=(given.message or "").strip() or None, sirets=tuple(map(siret.normalised, given.sirets))
    )
    refusals = _refusals(given, key)
    if refusals:
        return Answer(errors=tuple(refusals))
    lines: list[Line] = []
    repeated = _repeated(given.sirets)
    for start in range(0, len(given.sirets), SLICE):
        part = replace(given, sirets=given.sirets[start : start + SLICE])
        attempt = idempotency.Attempt(_OPERATION, f"{key}/{start}" if key and not dry_run else None, asdict(given))
        answer = await _slice(viewer, part, repeated, start, attempt, dry_run=dry_run)
        lines += answer.lines
        if answer.errors:
            return Answer(tuple(lines), answer.errors)
        if key and not dry_run:
            await _note(viewer, key, Progress(len(given.sirets), len(lines), sum(not one.errors for one in lines)))
    return Answer(tuple(lines))


async def progress(viewer: Viewer, key: str) -> Progress | None:
    """How far a request sent under a key by the same viewer has come; None before its first slice is done."""
    found = await idempotency.noted(viewer, f"{_OPERATION}/progress", key)
    return Progress(**found) if found else None


async def _note(viewer: Viewer, key: str, reached: Progress) -> None:
    async with db.transaction():
        await idempotency.note(viewer, f"{_OPERATION}/progress", key, asdict(reached))
        await db.tell_others()


def _repeated(sirets: Sequence[str]) -> dict[int, int]:
    """The place of each SIRET that stood in the list before, and that earlier place."""
    first: dict[str, int] = {}
    return {place: first[one] for place, one in enumerate(sirets) if first.setdefault(one, place) != place}


def _refusals(given: Request, key: str | None) -> list[UserError]:
    """What is wrong with the request, whatever the establishments."""
    wrong = []
    if not 1 <= len(given.sirets) <= MOST:
        wrong.append(_invalid(f"Donnez de 1 à {MOST} SIRET.", "sirets"))
    if key is not None and not (1 <= len(key) <= LONGEST_KEY and key.isprintable()):
        wrong.append(_invalid(f"La clé compte de 1 à {LONGEST_KEY} caractères imprimables.", "idempotencyKey"))
    if not any(one.level for one in given.services):
        wrong.append(_invalid("Choisissez au moins un service, en lecture seule ou en modification.", "services"))
    wrong += delegation.wrong_length(given.message, "message")
    today = clock.today()
    if given.starts_on is not None and given.starts_on < today:
        wrong.append(_invalid("Une délégation commence aujourd’hui ou plus tard.", "startsOn"))
    if given.ends_on is not None and given.ends_on < max(given.starts_on or today, today):
        wrong.append(_invalid("La fin précède le début : choisissez une date de fin plus tardive.", "endsOn"))
    return wrong


async def _slice(
    viewer: Viewer,
    part: Request,
    repeated: Mapping[int, int],
    start: int,
    attempt: idempotency.Attempt,
    *,
    dry_run: bool,
) -> Answer:
    async with db.transaction():
        able = await access.holds_centralisateur(viewer)
        if not able:
            return Answer(errors=(_not_allowed() if able is False else _not_centralisateur(),))
        earlier = await idempotency.begin(viewer, attempt)
        if earlier is not None:
            return _as_before(earlier)
        levels, errors = await _services(part.services)
        if errors:
            await idempotency.finish(viewer, attempt, None)
            return Answer(errors=tuple(errors))
        judged = await _judge(viewer, part, levels)
        for place, one in enumerate(judged, start=start):
            if place in repeated:
                message = f"Ce SIRET est déjà dans la liste, à la ligne {repeated[place] + 1}."
                one.errors, one.warnings = [_invalid(message, "sirets")], []
        kept = [one for one in judged if not one.errors]
        if kept and not dry_run:
            await _write(viewer, part, levels, kept)
        lines = tuple(one.line() for one in judged)
        await idempotency.finish(viewer, attempt, {"lines": [asdict(one) for one in lines]} if kept else None)
        return Answer(lines)


def _as_before(earlier: idempotency.Earlier) -> Answer:
    """The answer of the first time."""
    lines = [
        Line(
            one["siret"],
            one["name"],
            one["delegation_id"],
            tuple(UserError(ErrorCode(it["code"]), it["message"], tuple(it["path"])) for it in one["errors"]),
            tuple(one["warnings"]),
        )
        for one in earlier.answer.get("lines", ())
    ]
    return Answer(tuple(lines), earlier.errors)


async def _services(wanted: Sequence[right.Wanted]) -> tuple[dict[int, tuple[str, int]], list[UserError]]:
    """The code and level of each service asked for, by its number: open ones, that can be delegated."""
    levels = await right.checked(wanted, "services")
    errors = list(levels.errors)
    found = {one["id"]: one for one in await db.rows("SELECT id, label, is_delegable FROM services ORDER BY id")}
    for place, one in enumerate(wanted):
        numbers = [number for number, (code, _) in levels.by_service.items() if code == one.service]
        if one.level and numbers and not found[numbers[0]]["is_delegable"]:
            message = f"« {found[numbers[0]]['label']} » ne se délègue pas : retirez-le de la demande."
            errors.append(UserError(ErrorCode.NOT_DELEGABLE, message, ("services", str(place), "service")))
    return {number: pair for number, pair in levels.by_service.items() if pair[1]}, errors


async def _judge(viewer: Viewer, part: Request, levels: Mapping[int, tuple[str, int]]) -> list[_Judged]:
    """What would become of each line: as many statements for one as for a hundred."""
    judged = [_Judged(one) for one in part.sirets]
    sql = Sql("SELECT e.id, e.siret, e.name, e.is_platform, EXISTS (SELECT 1 FROM users a")
    sql.add(f"WHERE a.establishment_id = e.id AND a.is_administrator AND {access.in_use(sql, 'a')}) AS is_administered")
    sql.add(f"FROM establishments e WHERE e.siret IN ({sql.bind_all(sorted(set(part.sirets)))})")
    known = {one["siret"]: one for one in await db.rows(sql)}
    standing = await _standing(viewer, [one["id"] for one in known.values()], list(levels))
    for one in judged:
        one.row = known.get(one.siret)
        if not siret.is_valid(one.siret):
            message = "Ce SIRET n’est pas bien formé : 14 chiffres, dont la clé de contrôle ne correspond pas."
            one.errors.append(UserError(ErrorCode.UNKNOWN_SIRET, message, ("sirets",)))
        elif one.row is None or one.row["is_platform"]:
            one.row = None
            message = "Aucun établissement de la plateforme n’a ce SIRET."
            one.errors.append(UserError(ErrorCode.UNKNOWN_SIRET, message, ("sirets",)))
        elif one.row["id"] == viewer.establishment_id:
            message = "C’est votre propre établissement."
            one.errors.append(UserError(ErrorCode.OWN_ESTABLISHMENT, message, ("sirets",)))
        elif one.row["id"] in standing:
            one.errors.append(UserError(ErrorCode.ALREADY_DELEGATED, _stands(standing[one.row["id"]]), ("sirets",)))
        elif not one.row["is_administered"]:
            one.warnings.append(
                "Aucun administrateur ne peut s’y connecter aujourd’hui : personne ne pourra répondre tant que "
                "l’équipe de la plateforme n’en aura pas nommé un."
            )
    return judged


async def _standing(viewer: Viewer, places: Sequence[int], services: Sequence[int]) -> dict[int, list[db.Row]]:
    """For each establishment, what is already asked or granted on one of these services."""
    sql = Sql("SELECT * FROM (SELECT d.delegataire_id, d.requested_at, d.starts_on, d.ends_on, s.label, s.position,")
    sql.add(f"{access.delegation_status(sql, 'd')} AS status")
    sql.add("FROM delegations d JOIN delegation_services ds ON ds.delegation_id = d.id")
    sql.add("JOIN services s ON s.id = ds.service_id")
    sql.add(f"WHERE d.centralisateur_id = {sql.bind(viewer.establishment_id)}")
    sql.add(f"AND d.delegataire_id IN ({sql.bind_all(list(places))}) AND d.status IN ('PENDING', 'ACCEPTED')")
    sql.add("AND (d.status = 'PENDING' OR ds.level_granted IS NOT NULL)")
    sql.add(f"AND ds.service_id IN ({sql.bind_all(list(services))})) x WHERE x.status IN ('PENDING', 'ACCEPTED')")
    found: dict[int, list[db.Row]] = {}
    for one in sorted(await db.rows(sql), key=lambda row: int(row["position"])):
        found.setdefault(one["delegataire_id"], []).append(one)
    return found


def _stands(rows: Sequence[db.Row]) -> str:
    """What is already asked of an establishment, and what it has already granted."""
    told = []
    asked = [one for one in rows if one["status"] == "PENDING"]
    granted = [one for one in rows if one["status"] == "ACCEPTED"]
    if asked:
        first = min(one["requested_at"] for one in asked)
        since = clock.french_date(clock.paris_date(clock.from_microseconds(first)))
        told.append(f"Une demande du {since} attend déjà sa réponse pour {_labels(asked)}.")
    if granted:
        told.append(f"Une délégation est déjà accordée pour {_labels(granted)}.")
    return " ".join(told)


def _labels(rows: Sequence[db.Row]) -> str:
    return ", ".join(dict.fromkeys(f"« {one['label']} »" for one in rows))


async def _write(viewer: Viewer, part: Request, levels: Mapping[int, tuple[str, int]], kept: Sequence[_Judged]) -> None:
    now = int(clock.to_microseconds(clock.now()))
    home = await db.row("SELECT name FROM establishments WHERE id = $1", [viewer.establishment_id])
    numbers = await db.allocate_ids("delegations", len(kept))
    columns = (
        "id centralisateur_id delegataire_id status message requested_by_id requested_at starts_on ends_on".split()
    )
    dates = [one.isoformat() if one else None for one in (part.starts_on, part.ends_on)]
    rows: list[tuple[Any, ...]] = []
    for one, number in zip(kept, numbers, strict=True):
        assert one.row is not None  # noqa: S101 - what has no row has an error
        one.delegation_id = number
        place = one.row["id"]
        rows.append((number, viewer.establishment_id, place, "PENDING", part.message, viewer.user_id, now, *dates))
    await db.insert_many("delegations", columns, rows)
    await db.insert_many(
        "delegation_services",
        ("delegation_id", "service_id", "level_asked"),
        [(number, service, level) for number in numbers for service, (_, level) in sorted(levels.items())],
    )
    changes: dict[str, tuple[Any, Any]] = {code: ("NONE", delegation.LEVELS[level]) for code, level in levels.values()}
    changes |= {"message": (None, part.message), "starts_on": (None, dates[0]), "ends_on": (None, dates[1])}
    for one in kept:
        parties = {"id": one.delegation_id, "centralisateur": home["name"] if home else ""}
        delegation.record_event(
            viewer,
            "delegation.requested",
            {**parties, "delegataire": one.row["name"] if one.row else ""},
            changes,
        )
    await delegation_notice.waiting(numbers, rule="R-DEL-02")


def _invalid(message: str, path: str) -> UserError:
    return UserError(ErrorCode.INVALID_VALUE, message, (path,))


def _not_allowed() -> UserError:
    message = "Seul un administrateur de l’établissement demande une délégation."
    return UserError(ErrorCode.NOT_ALLOWED, message)


def _not_centralisateur() -> UserError:
    message = (
        "Votre établissement n’est pas centralisateur : il ne peut pas demander de délégation. S’il devrait l’être, "
        "écrivez à l’assistance."
    )
    return UserError(ErrorCode.NOT_CENTRALISATEUR, message)
