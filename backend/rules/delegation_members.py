"""Who acts through delegations: users of the centralisateur, chosen by its administrators (R-DEL-05)."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, delegation, delegation_notice, past
from backend.rules.access import CENTRALISATEUR
from backend.rules.error import ErrorCode, Results, UserError
from backend.rules.viewer import Viewer

MOST_PEOPLE = 500
MOST_CHANGES = 100_000
"""People times delegations that one act may change."""

_Acting = defaultdict[int, dict[int, int]]
"""For each person, delegations, and the délégataire of each."""


@dataclass(frozen=True)
class Change:
    """Whom to add to delegations, and whom to remove."""

    add: tuple[int, ...] = ()
    remove: tuple[int, ...] = ()


async def choose(viewer: Viewer, delegation_ids: Sequence[int] | None, change: Change) -> Results:
    """Choose who acts through delegations, in force or to come; None: through all of them. Each has its result.

    Adding somebody who acts already, or removing somebody who does not, changes nothing.
    """
    wrong = _refusal(delegation_ids, change)
    if wrong is not None:
        return Results(errors=(wrong,))
    async with db.transaction():
        found = await access.held_delegations(
            viewer, await _all(viewer) if delegation_ids is None else delegation_ids, CENTRALISATEUR, delegation.COLUMNS
        )
        if not found and not await access.holds_accounts(viewer, viewer.establishment_id):
            return Results(errors=(_not_allowed(),))
        if (len(change.add) + len(change.remove)) * len(found) > MOST_CHANGES:
            return Results(errors=(_too_much(),))
        unknown = set(change.add) - await _colleagues(viewer, change.add)
        if unknown:
            message = "Seuls des comptes de votre établissement agissent par ses délégations."
            path = ("add", str(next(place for place, one in enumerate(change.add) if one in unknown)))
            return Results(errors=(UserError(ErrorCode.NOT_FOUND, message, path),))
        agreed = {number: one for number, one in found.items() if one["status"] == "ACCEPTED"}
        await _write(viewer, agreed, change)
        asked = list(agreed) if delegation_ids is None else delegation_ids
        return await _results(asked, found)


def _not_allowed() -> UserError:
    message = "Seul un administrateur de l’établissement choisit qui agit par ses délégations."
    return UserError(ErrorCode.NOT_ALLOWED, message)


def _refusal(delegation_ids: Sequence[int] | None, change: Change) -> UserError | None:
    people = len(change.add) + len(change.remove)
    if delegation_ids is not None and not 1 <= len(delegation_ids) <= delegation.MOST:
        message = f"Choisissez de 1 à {delegation.MOST} délégations."
        return UserError(ErrorCode.INVALID_VALUE, message, ("delegationIds",))
    if not 1 <= people <= MOST_PEOPLE:
        return UserError(ErrorCode.INVALID_VALUE, f"Choisissez de 1 à {MOST_PEOPLE} personnes.", ("add",))
    if set(change.add) & set(change.remove):
        message = "Une même personne ne peut pas être à la fois ajoutée et retirée."
        return UserError(ErrorCode.INVALID_VALUE, message, ("remove",))
    return None


def either_or() -> UserError:
    """What is refused to whoever names delegations and asks for all of them: one of the two was not meant."""
    message = "Nommez des délégations ou demandez-les toutes, pas les deux."
    return UserError(ErrorCode.INVALID_VALUE, message, ("everyDelegation",))


def _too_much() -> UserError:
    message = "C’est trop à la fois : choisissez moins de personnes ou moins d’établissements."
    return UserError(ErrorCode.INVALID_VALUE, message, ("delegationIds",))


async def _all(viewer: Viewer) -> list[int]:
    sql = Sql()
    sql.add(f"SELECT d.id FROM delegations d WHERE d.centralisateur_id = {sql.bind(viewer.establishment_id)}")
    sql.add("AND d.status = 'ACCEPTED' ORDER BY d.id")
    return [one["id"] for one in await db.rows(sql)]


async def _colleagues(viewer: Viewer, user_ids: Sequence[int]) -> set[int]:
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.id IN ({sql.bind_all(list(user_ids))}) AND {access.managed(sql, viewer, 'u')}")
    return {one["id"] for one in await db.rows(sql)}


async def _write(viewer: Viewer, agreed: dict[int, db.Row], change: Change) -> None:
    """As many statements for one delegation as for two thousand."""
    before = await _acting(viewer, agreed, [*change.add, *change.remove])
    now = int(clock.to_microseconds(clock.now()))
    added, removed = [], []
    for number, found in agreed.items():
        new = [one for one in dict.fromkeys(change.add) if number not in before[one]]
        old = [one for one in dict.fromkeys(change.remove) if number in before[one]]
        if new or old:
            delegation.record_event(viewer, "delegation.members_changed", found, facts={"added": new, "removed": old})
        added += [(number, one, now, viewer.user_id) for one in new]
        removed += [(number, one) for one in old]
    await db.insert_many("delegation_members", ("delegation_id", "user_id", "added_at", "added_by_id"), added)
    await past.memberships_end(removed)
    if removed:
        await db.execute_many("DELETE FROM delegation_members WHERE delegation_id = $1 AND user_id = $2", removed)
    await _tell(viewer, agreed, before, added, removed)


async def _acting(viewer: Viewer, agreed: dict[int, db.Row], people: Sequence[int]) -> _Acting:
    """The delegations through which each of these people acts for the same establishments, those meant or others."""
    sql = Sql("SELECT m.user_id, m.delegation_id, d.delegataire_id FROM delegation_members m")
    sql.add("JOIN delegations d ON d.id = m.delegation_id")
    sql.add(f"WHERE m.user_id IN ({sql.bind_all(list(people))}) AND {access.delegation_status(sql, 'd')} = 'ACCEPTED'")
    sql.add(f"AND d.centralisateur_id = {sql.bind(viewer.establishment_id)}")
    sql.add(f"AND d.delegataire_id IN ({sql.bind_all(sorted({one['delegataire_id'] for one in agreed.values()}))})")
    acting: _Acting = defaultdict(dict)
    for one in await db.rows(sql):
        acting[one["user_id"]][one["delegation_id"]] = one["delegataire_id"]
    return acting


async def _tell(
    viewer: Viewer,
    agreed: dict[int, db.Row],
    before: _Acting,
    added: Sequence[tuple[Any, ...]],
    removed: Sequence[tuple[int, int]],
) -> None:
    """Tell each person for which establishments they may act now, or no longer: those where that has changed."""
    gained: defaultdict[int, dict[int, db.Row]] = defaultdict(dict)
    for number, person, *_ in added:
        one = agreed[number]
        if one["delegataire_id"] not in before[person].values():
            through = gained[person].setdefault(one["delegataire_id"], one)
            gained[person][one["delegataire_id"]] = min(through, one, key=lambda it: it["starts_on"] or "")
    gone = set(removed)
    lost: defaultdict[int, dict[int, db.Row]] = defaultdict(dict)
    for number, person in removed:
        left = {place for other, place in before[person].items() if (other, person) not in gone}
        if agreed[number]["delegataire_id"] not in left:
            lost[person][agreed[number]["delegataire_id"]] = agreed[number]
    await delegation_notice.chosen(
        viewer,
        {person: list(places.values()) for person, places in gained.items()},
        {person: list(places.values()) for person, places in lost.items()},
    )


async def _results(asked: Sequence[int], found: dict[int, db.Row]) -> Results:
    because = await delegation.all_not_in_force([one for one in found.values() if one["status"] != "ACCEPTED"])
    message = "Cette délégation n’existe pas, ou votre établissement ne l’a pas demandée."
    missing = UserError(ErrorCode.NOT_FOUND, message, ("delegationIds",))
    because.update((number, missing) for number in asked if number not in found)
    return Results(tuple((one, (because[one],) if one in because else ()) for one in dict.fromkeys(asked)))
