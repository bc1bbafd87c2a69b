"""Delegations decided, withdrawn, ended, extended (R-DEL-02, R-DEL-04). Asking for one is in `delegation_request`.

Each act holds the actor's establishment, then the delegation: whoever comes second finds it decided, and is told what
was decided, by whom and when.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, delegation_notice, delegation_steps, journal, right
from backend.rules.access import CENTRALISATEUR, DELEGATAIRE
from backend.rules.error import ErrorCode, Results, UserError
from backend.rules.viewer import Viewer

LONGEST_TEXT = 1000
"""Characters of a message or a reason."""
MOST = 2000
"""Delegations that one act may name."""

LEVELS = {0: "NONE", 1: "READ", 2: "MODIFY"}

COLUMNS = (
    "d.id, d.centralisateur_id, d.delegataire_id, d.requested_by_id, d.requested_at, d.decided_by_id, d.decided_at, "
    "d.refusal_reason, d.message, d.starts_on, d.ends_on, d.ended_by_id, d.ended_at, d.end_reason, d.reminded_at, "
    "c.name AS centralisateur, e.name AS delegataire"
)


@dataclass(frozen=True)
class Outcome:
    """The delegation, as it is now, or why nothing was done. Who comes second is given it too."""

    delegation_id: int | None = None
    errors: tuple[UserError, ...] = ()


@dataclass(frozen=True)
class Narrowing:
    """An acceptance of less than was asked: these services at these levels, these dates; None: as asked."""

    services: tuple[right.Wanted, ...] | None = None
    starts_on: date | None = None
    ends_on: date | None = None


# ---------------------------------------------------------------- the délégataire decides


async def accept(viewer: Viewer, delegation_id: int, narrowing: Narrowing | None = None) -> Outcome:
    """An administrator of the délégataire accepts, wholly or less than was asked (R-DEL-02).

    From then on, or from the start date, the members that the centralisateur chooses act for the délégataire.
    """
    narrowing = narrowing or Narrowing()
    async with db.transaction():
        found = await _one(viewer, delegation_id, DELEGATAIRE)
        if found is None:
            return _missing()
        if found["status"] != "PENDING":
            return Outcome(delegation_id, (await decided(found),))
        asked = await services_of(delegation_id)
        granted, errors = _granted(asked, narrowing.services)
        starts_on, ends_on, wrong = _dates(found, narrowing)
        if errors or wrong:
            return Outcome(delegation_id, (*errors, *wrong))
        await db.execute(
            "UPDATE delegations SET status = 'ACCEPTED', decided_by_id = $1, decided_at = $2, starts_on = $3, "
            "ends_on = $4 WHERE id = $5",
            [viewer.user_id, _now(), starts_on.isoformat(), ends_on.isoformat() if ends_on else None, delegation_id],
        )
        await db.execute_many(
            "UPDATE delegation_services SET level_granted = $1 WHERE delegation_id = $2 AND service_id = $3",
            [(level, delegation_id, number) for number, level in granted.items()],
        )
        levels = {one["code"]: (LEVELS[one["level"]], LEVELS[granted.get(one["service_id"], 0)]) for one in asked}
        is_whole = all(before == after for before, after in levels.values()) and _iso(ends_on) == found["ends_on"]
        is_whole = is_whole and starts_on == max(_day(found["starts_on"]) or clock.today(), clock.today())
        changes = {
            **levels,
            "starts_on": (found["starts_on"], starts_on.isoformat()),
            "ends_on": (found["ends_on"], _iso(ends_on)),
        }
        record_event(viewer, "delegation.accepted", found, changes, {"narrowed": not is_whole})
        await delegation_steps.leave_behind(delegation_id, ends_on)
        await delegation_notice.accepted(viewer, delegation_id, narrowed=not is_whole)
    return Outcome(delegation_id)


def _granted(
    asked: Sequence[db.Row], wanted: tuple[right.Wanted, ...] | None
) -> tuple[dict[int, int], list[UserError]]:
    """The level granted on each service, by number; or what goes beyond what was asked."""
    if wanted is None:
        return {one["service_id"]: one["level"] for one in asked}, []
    by_code = {one["code"]: one for one in asked}
    granted, errors = {}, []
    for place, one in enumerate(wanted):
        known = by_code.get(one.service)
        if known is None:
            message = f"Le service « {one.service[:60]} » n’est pas demandé : il ne peut pas être accordé."
            errors.append(_beyond(message, "services", str(place), "service"))
        elif any(one.service == other.service for other in wanted[:place]):
            message = f"« {known['label']} » est nommé deux fois : gardez un seul niveau."
            errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("services", str(place), "service")))
        elif one.level > known["level"]:
            message = f"« {known['label']} » n’est demandé qu’en lecture seule."
            errors.append(_beyond(message, "services", str(place), "level"))
        elif one.level:
            granted[known["service_id"]] = one.level
    if not granted and not errors:
        message = "Gardez au moins un service, ou refusez la demande."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("services",)))
    return granted, errors


def _dates(found: db.Row, narrowing: Narrowing) -> tuple[date, date | None, list[UserError]]:
    """From when and until when: within what was asked, never in the past."""
    today = clock.today()
    asked_start, asked_end = _day(found["starts_on"]), _day(found["ends_on"])
    earliest = max(asked_start or today, today)
    starts_on = narrowing.starts_on or earliest
    ends_on = narrowing.ends_on or asked_end
    errors = []
    if starts_on < earliest:
        since = clock.french_date(earliest)
        errors.append(_beyond(f"La délégation peut commencer le {since} au plus tôt.", "startsOn"))
    if ends_on is not None and ends_on < starts_on:
        message = "La fin précède le début : choisissez une date de fin plus tardive."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("endsOn",)))
    if asked_end is not None and ends_on is not None and ends_on > asked_end:
        errors.append(_beyond(f"La demande s’arrête le {clock.french_date(asked_end)}.", "endsOn"))
    return starts_on, ends_on, errors


async def refuse(viewer: Viewer, delegation_id: int, reason: str) -> Outcome:
    """An administrator of the délégataire refuses, with a reason that the asker reads (R-DEL-02)."""
    reason = reason.strip()
    async with db.transaction():
        found = await _one(viewer, delegation_id, DELEGATAIRE)
        if found is None:
            return _missing()
        if found["status"] != "PENDING":
            return Outcome(delegation_id, (await decided(found),))
        wrong = _wrong_text(reason, "reason", "Dites en une phrase pourquoi vous refusez : le demandeur la lira.")
        if wrong:
            return Outcome(delegation_id, wrong)
        await db.execute(
            "UPDATE delegations SET status = 'REFUSED', decided_by_id = $1, decided_at = $2, refusal_reason = $3 "
            "WHERE id = $4",
            [viewer.user_id, _now(), reason, delegation_id],
        )
        record_event(viewer, "delegation.refused", found, facts={"reason": reason})
        await delegation_notice.refused(viewer, delegation_id)
    return Outcome(delegation_id)


async def extend(viewer: Viewer, delegation_id: int, ends_on: date | None) -> Outcome:
    """An administrator of the délégataire puts the end of a delegation off, or away (None), in one act (R-DEL-04)."""
    async with db.transaction():
        found = await _one(viewer, delegation_id, DELEGATAIRE)
        if found is None:
            return _missing()
        if found["status"] != "ACCEPTED":
            return Outcome(delegation_id, (await not_in_force(found),))
        earlier = _day(found["ends_on"])
        if earlier is None:
            message = "Cette délégation n’a pas de date de fin : il n’y a rien à prolonger."
            return Outcome(delegation_id, (UserError(ErrorCode.INVALID_VALUE, message, ("endsOn",)),))
        if ends_on is not None and ends_on <= earlier:
            message = f"Elle court déjà jusqu’au {clock.french_date(earlier)} : choisissez une date plus tardive."
            return Outcome(delegation_id, (UserError(ErrorCode.INVALID_VALUE, message, ("endsOn",)),))
        await db.execute("UPDATE delegations SET ends_on = $1 WHERE id = $2", [_iso(ends_on), delegation_id])
        record_event(viewer, "delegation.extended", found, {"ends_on": (found["ends_on"], _iso(ends_on))})
        await delegation_steps.leave_behind(delegation_id, ends_on)
        await delegation_notice.extended(viewer, delegation_id)
    return Outcome(delegation_id)


# ---------------------------------------------------------------- the centralisateur follows


async def withdraw(viewer: Viewer, delegation_ids: Sequence[int]) -> Results:
    """An administrator of the centralisateur takes requests back while nobody has decided (R-DEL-04)."""
    if len(delegation_ids) > MOST:
        return _too_many()
    async with db.transaction():
        found = await access.held_delegations(viewer, delegation_ids, CENTRALISATEUR, COLUMNS)
        pending = [one for one in found.values() if one["status"] == "PENDING"]
        if pending:
            sql = Sql("UPDATE delegations SET status = 'WITHDRAWN',")
            sql.add(f"ended_by_id = {sql.bind(viewer.user_id)}, ended_at = {sql.bind(_now())}")
            sql.add(f"WHERE id IN ({sql.bind_all([one['id'] for one in pending])})")
            await db.execute(sql)
        for one in pending:
            record_event(viewer, "delegation.withdrawn", one)
        await delegation_notice.withdrawn(viewer, [one["id"] for one in pending])
        return await _results(delegation_ids, found, pending)


async def remind(viewer: Viewer, delegation_ids: Sequence[int]) -> Results:
    """An administrator of the centralisateur has those who must decide reminded, once a week at most."""
    if len(delegation_ids) > MOST:
        return _too_many()
    async with db.transaction():
        found = await access.held_delegations(viewer, delegation_ids, CENTRALISATEUR, COLUMNS)
        pending = [one for one in found.values() if one["status"] == "PENDING"]
        due = [one for one in pending if _may_be_reminded(one)]
        numbers = [one["id"] for one in due]
        if due:
            sql = Sql("UPDATE delegations SET")
            sql.add(f"reminded_at = {sql.bind(_now())} WHERE id IN ({sql.bind_all(numbers)})")
            await db.execute(sql)
        for one in due:
            record_event(viewer, "delegation.reminded", one)
        await delegation_notice.waiting(numbers, rule="R-DEL-02")
        early = [one for one in pending if one["id"] not in set(numbers)]
        return await _results(delegation_ids, found, due, {one["id"]: _recently(one) for one in early})


def _may_be_reminded(found: db.Row) -> bool:
    return _reminded_again_on(found) <= clock.today()


def _reminded_again_on(found: db.Row) -> date:
    last = clock.from_microseconds(max(found["reminded_at"] or 0, found["requested_at"]))
    return clock.paris_date(last) + settings.current().durations.delegation_remind


def _recently(found: db.Row) -> UserError:
    what = "La dernière relance" if found["reminded_at"] else "La demande"
    again = _french(_reminded_again_on(found))
    message = f"{what} à {found['delegataire']} date de moins d’une semaine : relancez à partir du {again}."
    return UserError(ErrorCode.REMINDED_RECENTLY, message, ("ids",))


# ---------------------------------------------------------------- either side ends


async def end(viewer: Viewer, delegation_id: int, reason: str) -> Outcome:
    """An administrator of either side ends a delegation, in force or to come, at once, with a reason (R-DEL-04)."""
    reason = reason.strip()
    async with db.transaction():
        found = await _one(viewer, delegation_id, None)
        if found is None:
            return _missing()
        if found["status"] != "ACCEPTED":
            return Outcome(delegation_id, (await not_in_force(found),))
        wrong = _wrong_text(
            reason, "reason", "Dites en une phrase pourquoi vous y mettez fin : l’autre partie la lira."
        )
        if wrong:
            return Outcome(delegation_id, wrong)
        await db.execute(
            "UPDATE delegations SET status = 'ENDED', ended_by_id = $1, ended_at = $2, end_reason = $3 WHERE id = $4",
            [viewer.user_id, _now(), reason, delegation_id],
        )
        record_event(viewer, "delegation.ended", found, facts={"reason": reason})
        await delegation_notice.ended(viewer, delegation_id)
    return Outcome(delegation_id)


# ---------------------------------------------------------------- common

ACCEPT, REFUSE, EXTEND, END = "ACCEPT", "REFUSE", "EXTEND", "END"
WITHDRAW, REMIND, CHOOSE_MEMBERS = "WITHDRAW", "REMIND", "CHOOSE_MEMBERS"


def actions(viewer: Viewer, found: db.Row) -> tuple[str, ...]:
    """What a viewer may do with a delegation as it is, so that a screen shows only what will work."""
    ways = {
        (DELEGATAIRE, "PENDING"): (ACCEPT, REFUSE),
        (DELEGATAIRE, "ACCEPTED"): (EXTEND, END) if found["ends_on"] else (END,),
        (CENTRALISATEUR, "PENDING"): (REMIND, WITHDRAW) if _may_be_reminded(found) else (WITHDRAW,),
        (CENTRALISATEUR, "ACCEPTED"): (CHOOSE_MEMBERS, END),
    }
    return tuple(one for side in sorted(access.sides(viewer, found)) for one in ways.get((side, found["status"]), ()))


def answer_until(found: db.Row) -> date | None:
    """The last day on which a request may be answered; None once it was decided or is over (R-DEL-04)."""
    if found["status"] != "PENDING":
        return None
    return access.answer_until(found)


def record_event(
    viewer: Viewer,
    action: str,
    found: Mapping[str, Any],
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write the event of a delegation's life with the current transaction."""
    journal.record(viewer, event_of(viewer, action, found, changes, facts))


def event_of(
    viewer: Viewer,
    action: str,
    found: Mapping[str, Any],
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> journal.Event:
    """The event of a delegation's life: of the side that acts, and read by both (R-DEL-07)."""
    parties = {"centralisateur": found["centralisateur"], "delegataire": found["delegataire"]}
    return journal.Event(
        action,
        establishment_id=viewer.establishment_id,
        subject=("Delegation", found["id"]),
        delegation_id=found["id"],
        changes={name: pair for name, pair in (changes or {}).items() if pair[0] != pair[1]},
        facts={**parties, **(facts or {})},
    )


async def services_of(delegation_id: int) -> list[db.Row]:
    """The services of a delegation as they were asked, in the order of screens."""
    return await db.rows(
        "SELECT ds.service_id, ds.level_asked AS level, s.code, s.label FROM delegation_services ds "
        "JOIN services s ON s.id = ds.service_id WHERE ds.delegation_id = $1 ORDER BY s.position, s.id",
        [delegation_id],
    )


async def decided(found: db.Row) -> UserError:
    """What the second is told: what was decided, by whom and when (R-DEL-02)."""
    return (await all_decided([found]))[found["id"]]


async def all_decided(several: Sequence[db.Row]) -> dict[int, UserError]:
    """The same for several, by number: by as many statements for one as for two thousand."""
    people = await _names({one[who] for one in several for who in ("decided_by_id", "ended_by_id")})
    return {one["id"]: UserError(ErrorCode.ALREADY_DECIDED, _decided(one, people), ("id",)) for one in several}


def _decided(found: db.Row, people: Mapping[int | None, str]) -> str:
    by, ended_by = people.get(found["decided_by_id"], ""), people.get(found["ended_by_id"], "")
    match found["status"]:
        case "ACCEPTED":
            return f"Cette demande a déjà été acceptée{by}{_when(found['decided_at'])}."
        case "REFUSED":
            return f"Cette demande a déjà été refusée{by}{_when(found['decided_at'])}."
        case "WITHDRAWN":
            return f"Cette demande a été retirée{ended_by}{_when(found['ended_at'])}."
        case "ENDED":
            return f"Il a déjà été mis fin à cette délégation{ended_by}{_when(found['ended_at'])}."
        case _ if found["decided_at"] is None or found["ends_on"] is None:
            return "Cette demande n’a pas reçu de réponse à temps : elle ne vaut plus rien. Il en faut une nouvelle."
        case _:
            return f"Cette délégation est arrivée à son terme le {_french(date.fromisoformat(found['ends_on']))}."


async def _names(user_ids: Iterable[int | None]) -> dict[int | None, str]:
    wanted = sorted(one for one in user_ids if one is not None)
    if not wanted:
        return {}
    sql = Sql("SELECT u.id, u.first_name, u.last_name, e.name AS establishment FROM users u")
    sql.add("JOIN establishments e ON e.id = u.establishment_id")
    sql.add(f"WHERE u.id IN ({sql.bind_all(wanted)})")
    return {
        one["id"]: f" par {one['first_name']} {one['last_name']} ({one['establishment']})" for one in await db.rows(sql)
    }


async def not_in_force(found: db.Row) -> UserError:
    """Why a delegation is not one that is in force or to come."""
    return (await all_not_in_force([found]))[found["id"]]


async def all_not_in_force(several: Sequence[db.Row]) -> dict[int, UserError]:
    """The same for several, by number."""
    message = "Cette demande n’a pas encore été acceptée : il n’y a pas de délégation en vigueur."
    not_decided = UserError(ErrorCode.NOT_DECIDED, message, ("id",))
    told = await all_decided([one for one in several if one["status"] != "PENDING"])
    return {one["id"]: told.get(one["id"], not_decided) for one in several}


async def _one(viewer: Viewer, delegation_id: int, side: str | None) -> db.Row | None:
    return (await access.held_delegations(viewer, [delegation_id], side, COLUMNS)).get(delegation_id)


async def _results(
    asked: Sequence[int],
    found: Mapping[int, db.Row],
    done: Iterable[db.Row],
    refused: Mapping[int, UserError] | None = None,
) -> Results:
    """Each one's result, in the order asked for."""
    because = dict(refused or {})
    settled = {one["id"] for one in done} | set(because)
    because.update(await all_decided([one for number, one in found.items() if number not in settled]))
    because.update((number, _missing("ids").errors[0]) for number in asked if number not in found)
    return Results(tuple((one, (because[one],) if one in because else ()) for one in dict.fromkeys(asked)))


def _missing(path: str = "id") -> Outcome:
    message = "Cette délégation n’existe pas, ou n’est pas de celles dont vous décidez."
    return Outcome(errors=(UserError(ErrorCode.NOT_FOUND, message, (path,)),))


def _too_many() -> Results:
    message = f"Choisissez au plus {MOST} délégations à la fois."
    return Results(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("ids",)),))


def _beyond(message: str, *path: str) -> UserError:
    return UserError(ErrorCode.BEYOND_REQUEST, message, path)


def _wrong_text(text: str, path: str, advice: str) -> tuple[UserError, ...]:
    if not text:
        return (UserError(ErrorCode.REASON_NEEDED, advice, (path,)),)
    return wrong_length(text, path)


def wrong_length(text: str | None, path: str) -> tuple[UserError, ...]:
    """Whether a message or a reason is too long to be kept, or holds what no letter is."""
    if text and (len(text) > LONGEST_TEXT or "\x00" in text):
        message = f"Ce texte compte {LONGEST_TEXT} caractères au plus ; il en a {len(text)}."
        return (UserError(ErrorCode.INVALID_VALUE, message, (path,)),)
    return ()


def _now() -> int:
    return int(clock.to_microseconds(clock.now()))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _french(day: date) -> str:
    return clock.french_date(day)


def _when(microseconds: int | None) -> str:
    if microseconds is None:
        return ""
    moment: datetime = clock.from_microseconds(microseconds).astimezone(clock.PARIS)
    return f" le {clock.french_date(moment.date())} à {moment:%H h %M}"
