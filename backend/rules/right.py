"""Rights: given, taken away and copied by administrators, service by service (R-RGT-01, 02)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, journal, past
from backend.rules.error import ErrorCode, Results, UserError
from backend.rules.viewer import Viewer

MOST = 500
"""Accounts that one action may name."""

_NAMES = {0: "NONE", 1: "READ", 2: "MODIFY"}


@dataclass(frozen=True)
class Wanted:
    """A level to give on a service, by its code; 0 takes the right away."""

    service: str
    level: int


@dataclass(frozen=True)
class Levels:
    """Levels checked: the code and level wanted for each service's id; or why not."""

    by_service: Mapping[int, tuple[str, int]] = field(default_factory=dict)
    errors: tuple[UserError, ...] = ()


async def give(viewer: Viewer, user_ids: Sequence[int], wanted: Sequence[Wanted]) -> Results:
    """Give several accounts the same levels on several services (R-RGT-02). Services not named do not change.

    Each account has its own result; doing it again changes nothing. Rights that were to be reviewed have been.
    """
    if len(user_ids) > MOST:
        return too_many("userIds")
    async with db.transaction():
        if not await access.holds_accounts(viewer, viewer.establishment_id):
            return outcome(user_ids, (), "userIds")
        levels = await checked(wanted)
        if levels.errors:
            return Results(errors=levels.errors)
        theirs = await _managed(viewer, user_ids)
        await write(viewer, viewer.establishment_id, theirs, levels)
        await _note_review(viewer, theirs)
    return outcome(user_ids, theirs, "userIds")


async def confirm(viewer: Viewer, user_ids: Sequence[int]) -> Results:
    """Say that the rights of accounts that were reopened are right as they are (R-ACC-11). Each has its own result."""
    if len(user_ids) > MOST:
        return too_many("userIds")
    async with db.transaction():
        if not await access.holds_accounts(viewer, viewer.establishment_id):
            return outcome(user_ids, (), "userIds")
        theirs = await _managed(viewer, user_ids)
        await _note_review(viewer, theirs)
    return outcome(user_ids, theirs, "userIds")


async def _note_review(viewer: Viewer, user_ids: set[int]) -> None:
    """Nothing is to be reviewed any more of these accounts' rights; told where something was."""
    sql = Sql("UPDATE users SET rights_to_review_since = NULL")
    sql.add(f"WHERE id IN ({sql.bind_all(sorted(user_ids))}) AND rights_to_review_since IS NOT NULL RETURNING id")
    for number in sorted(one["id"] for one in await db.rows(sql)):
        event = journal.Event("right.reviewed", establishment_id=viewer.establishment_id, subject=("User", number))
        journal.record(viewer, event)


async def copy(viewer: Viewer, source_id: int, user_ids: Sequence[int]) -> Results:
    """Give accounts exactly the levels of a colleague, on the services that are open (R-RGT-02)."""
    if len(user_ids) > MOST:
        return too_many("toUserIds")
    async with db.transaction():
        if not await access.holds_accounts(viewer, viewer.establishment_id):
            return outcome(user_ids, (), "toUserIds")
        theirs = await _managed(viewer, [source_id, *user_ids])
        if source_id not in theirs:
            return Results(errors=(missing("fromUserId"),))
        held = {
            one["service_id"]: one["level"]
            for one in await db.rows("SELECT service_id, level FROM rights WHERE user_id = $1", [source_id])
        }
        levels = Levels({number: (code, held.get(number, 0)) for code, number in (await open_services()).items()})
        theirs &= set(user_ids)
        await write(viewer, viewer.establishment_id, theirs, levels, {"copied_from": source_id})
        await _note_review(viewer, theirs)
    return outcome(user_ids, theirs, "toUserIds")


async def exporting(viewer: Viewer, filters: Mapping[str, str]) -> bool:
    """Whether a viewer may take away the table of their establishment's rights; told by the journal (R-RGT-07)."""
    async with db.transaction():
        if not await access.holds_accounts(viewer, viewer.establishment_id):
            return False
        event = journal.Event("right.exported", establishment_id=viewer.establishment_id, facts={"filters": filters})
        journal.record(viewer, event)
    return True


async def checked(wanted: Sequence[Wanted], path: str = "rights") -> Levels:
    """The services that levels are wanted on, found; a closed one and one not yet open cannot be given (R-RGT-05)."""
    return check(wanted, await open_services() if wanted else {}, path)


def check(wanted: Sequence[Wanted], services: Mapping[str, int], path: str = "rights") -> Levels:
    """The same, among the services that are open."""
    errors = []
    by_service: dict[int, tuple[str, int]] = {}
    for place, one in enumerate(wanted):
        where = (path, str(place), "service")
        number = services.get(one.service)
        if number is None:
            message = f"Le service « {one.service[:60]} » n’existe pas, est fermé ou n’est pas encore ouvert."
            errors.append(UserError(ErrorCode.UNKNOWN_SERVICE, message, where))
        elif number in by_service:
            message = f"Le service « {one.service} » est nommé deux fois : gardez un seul niveau."
            errors.append(UserError(ErrorCode.INVALID_VALUE, message, where))
        else:
            by_service[number] = (one.service, one.level)
    return Levels(by_service, tuple(errors))


async def write(
    viewer: Viewer,
    establishment_id: int | None,
    user_ids: set[int],
    levels: Levels,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Write levels for accounts, and what changed in the journal. Inside a transaction that holds the accounts."""
    await write_each(viewer, establishment_id, dict.fromkeys(sorted(user_ids), levels), facts)


async def write_each(
    viewer: Viewer,
    establishment_id: int | None,
    wanted: Mapping[int, Levels],
    facts: Mapping[str, Any] | None = None,
) -> None:
    """The same, each account having levels of its own: as many statements for one as for a thousand."""
    services = sorted({number for levels in wanted.values() for number in levels.by_service})
    if not services:
        return
    sql = Sql("SELECT user_id, service_id, level FROM rights")
    sql.add(f"WHERE user_id IN ({sql.bind_all(list(wanted))}) AND service_id IN ({sql.bind_all(services)})")
    held = {(one["user_id"], one["service_id"]): one["level"] for one in await db.rows(sql)}
    now = int(clock.to_microseconds(clock.now()))
    given, taken, ended = [], [], []
    for user_id, levels in wanted.items():
        changes = {}
        for service_id, (code, level) in levels.by_service.items():
            before = held.get((user_id, service_id), 0)
            if level != before:
                changes[code] = (_NAMES[before], _NAMES[level])
                if before:
                    ended.append((user_id, service_id))
                if level:
                    given.append((user_id, service_id, level, now, viewer.user_id))
                else:
                    taken.append((user_id, service_id))
        if changes:
            journal.record(
                viewer,
                journal.Event(
                    "right.changed",
                    establishment_id=establishment_id,
                    subject=("User", user_id),
                    changes=changes,
                    facts=facts or {},
                ),
            )
    await past.rights_end(ended)
    if taken:
        await db.execute_many("DELETE FROM rights WHERE user_id = $1 AND service_id = $2", taken)
    if given:
        await db.execute_many(
            "INSERT INTO rights (user_id, service_id, level, granted_at, granted_by_id) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (user_id, service_id) DO UPDATE SET level = excluded.level, "
            "granted_at = excluded.granted_at, granted_by_id = excluded.granted_by_id",
            given,
        )


async def open_services() -> dict[str, int]:
    """The services that are open, by their code (R-RGT-05)."""
    found = await db.rows(
        "SELECT id, code FROM services WHERE online_since <= $1 AND (closed_on IS NULL OR closed_on > $1)",
        [clock.today().isoformat()],
    )
    return {one["code"]: one["id"] for one in found}


async def _managed(viewer: Viewer, user_ids: Sequence[int]) -> set[int]:
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.id IN ({sql.bind_all(list(user_ids))}) AND {access.managed(sql, viewer, 'u')}")
    return {one["id"] for one in await db.rows(sql)}


def missing(path: str) -> UserError:
    """What one may not manage does not exist."""
    return UserError(ErrorCode.NOT_FOUND, "Ce compte n’existe pas, ou n’est pas de ceux que vous gérez.", (path,))


def too_many(path: str) -> Results:
    """Refused as a whole."""
    message = f"Choisissez au plus {MOST} comptes à la fois."
    return Results(errors=(UserError(ErrorCode.INVALID_VALUE, message, (path,)),))


def outcome(
    asked: Sequence[int],
    theirs: "set[int] | tuple[()]",
    path: str,
    refused: Mapping[int, UserError] | None = None,
) -> Results:
    """Each account's result, in the order asked for: refused, not theirs, or done."""
    because: dict[int, UserError] = {one: missing(path) for one in asked if one not in theirs}
    because.update(refused or {})
    return Results(tuple((one, (because[one],) if one in because else ()) for one in dict.fromkeys(asked)))
