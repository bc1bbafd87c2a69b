"""Everything that changes something is an event: who, where, on whom (R-JRN-01, R-ACC-06, R-DEL-07).

Every mutation of the graph is done by everybody who may, in one world; what changed a table must have left events
that name the right person, establishment and subject.
"""

from collections.abc import Collection
from typing import Any

from backend import database as db
from backend.models import User
from backend.rules import globalid
from tests import builders
from tests.rules import tables
from tests.schema.access_world import World
from tests.schema.test_access_table import MUTATIONS, a_world, codes, filled
from tests.serving import Served

FLEETING = {"audit_events", "audit_details", "job_runs", "challenges", "uploads", "idempotency_keys"}
FLEETING |= {"saved_views", "courrier_exports"}
"""What is not worth an event: a question asked and not yet answered, a file that nothing names yet, how somebody likes
their list; a selection asked for as a file, before it is fetched.
"""

ALIVE = {"last_seen_at", "last_used_at"}
"""Columns that any request may move."""

LOGIN = """logIn(input: {identifier: "stranger", password: "PASSWORD", transport: TOKEN}) { errors { code } }"""
REFUSED = 'logIn(input: {identifier: "stranger", password: "un autre", transport: TOKEN}) { errors { code } }'
CHOOSE = 'setPassword(input: {token: "$link", password: "lanterne escalier mouette 7"}) { errors { code } }'
FORGOT = 'requestPasswordReset(input: {identifier: "stranger"}) { errors { code } }'

RENEW = 'renewUsers(input: {ids: ["$leaver"]}) { results { errors { code } } errors { code } }'

FOR_REAL: dict[str, tuple[str, str]] = {
    "logIn": (LOGIN.replace("PASSWORD", builders.PASSWORD), "n"),
    "logIn, refused": (REFUSED, "n"),
    "setPassword": (CHOOSE, "n"),
    "requestPasswordReset": (FORGOT, "n"),
    "renewUsers": (RENEW, "a"),
}
"""Mutations that the access table only tries in vain, or where nothing is to be done, done for real."""

ELSEWHERE = {
    "confirmSecondFactor": "tried in vain here; its events are asserted in tests/rules/test_second_factor.py",
    "changePassword": "tried in vain here: with a wrong password",
    "confirmEmail": "tried in vain here: with a link made up",
    "recoverIdentifier": "asked here for an address of nobody, which changes nothing",
    **dict.fromkeys(
        (
            "requestDelegations",
            "acceptDelegation",
            "refuseDelegation",
            "withdrawDelegation",
            "withdrawDelegations",
            "remindDelegations",
            "extendDelegation",
            "setDelegationMembers",
            "acknowledgeCourrier",
            "withdrawCourrier",
            "publishDepositBatch",
            "retryNotifications",
        ),
        "tried in vain here; its events are asserted in the tests of its rules",
    ),
    "saveView": "how somebody likes their list",
    "deleteView": "how somebody likes their list",
    "exportCourriers": "told when the file is fetched: tests/web/test_courrier_exports.py",
    "startConfirmation": "a question asked, not yet answered",
    "enrolSecondFactor": "a question asked, not yet answered",
}
"""Mutations that leave no event here, and why."""

TOLD: dict[str, set[str]] = {
    "markCourriers": {"courrier.marked"},
    "openDueCalendar": {"calendar.opened"},
    "closeDueCalendar": {"calendar.closed"},
    "actFor": {"session.acts_for"},
    "depositCourrier": {"courrier.deposited"},
    "openDepositBatch": {"deposit_batch.opened"},
    "loadDepositBatch": {"deposit_batch.loaded"},
    "rehearseDepositBatch": {"deposit_batch.rehearsed"},
    "cancelDepositBatch": {"deposit_batch.cancelled"},
    "createApiClient": {"api_client.created"},
    "remindNonReaders": {"reading.reminded"},
    "revokeApiClient": {"api_client.revoked"},
    "requestPasswordReset": {"password.reset_requested"},
    "setPassword": {"password.set"},
    "logIn": {"session.opened"},
    "logIn, refused": {"session.refused"},
    "createUser": {"user.created", "right.changed"},
    "setProfile": {"user.profile_changed"},
    "setRights": {"right.changed"},
    "copyRights": {"right.changed"},
    "confirmRights": {"right.reviewed"},
    "renewUsers": {"user.renewed"},
    "resendInvitation": {"user.invited"},
    "cancelInvitation": {"user.deleted"},
    "reopenUser": {"user.reopened"},
    "importUsers": {"user.created", "user.imported"},
    "unlockUser": {"user.unlocked"},
    "endSession": {"session.closed"},
    "deleteUsers": {"user.deleted"},
    "registerEstablishment": {"establishment.registered", "user.created"},
    "updateEstablishment": {"establishment.changed"},
    "nominateAdministrator": {"establishment.administrator_nominated", "user.profile_changed"},
    "endDelegation": {"delegation.ended"},
    "logOut": {"session.closed"},
}
"""The events of mutations that succeeded and changed something. One that is not here must leave some too."""

EVERYWHERE = {"terms.published", "service.published", "service.closed", "courrier_type.defined"}
EVERYWHERE |= {"api_client.created", "api_client.revoked", "reading.reminded"}
EVERYWHERE |= {f"deposit_batch.{one}" for one in ("opened", "loaded", "rehearsed", "cancelled")}
"""What concerns every establishment is at none."""

OF_THEMSELVES = {"session.opened", "password.set"}
"""What somebody not yet signed in does: the actor is the account."""


async def state() -> dict[str, list[dict[str, Any]]]:
    """Every table but the fleeting ones."""
    return {
        table: [{name: value for name, value in row.items() if name not in ALIVE} for row in rows]
        for table, rows in (await tables.contents(FLEETING)).items()
    }


async def events(after: int) -> list[db.Row]:
    return await db.rows("SELECT * FROM audit_events WHERE id > $1 ORDER BY id", [after])


async def last() -> int:
    found = await db.row("SELECT COALESCE(max(id), 0) AS id FROM audit_events")
    return int(found["id"]) if found else 0


async def somebody(kind: str) -> User | None:
    """Who a kind of viewer is; nobody for programs and strangers."""
    names = {"r": "reader", "c": "clerk", "a": "chief", "s": "stranger", "m": "member", "f": "former"}
    names |= {"t": "mayor", "g": "deputy"}
    if kind == "o":
        return await User.get(is_operator=True)
    return await User.get(identifier=names[kind]) if kind in names else None


async def attempt(world: World, name: str, asked: str, kind: str) -> dict[str, Any]:
    """Try a mutation as somebody of a kind."""
    client = world.clients[kind]
    text = filled(asked, world)
    if "$upload" in text:
        sent = await client.http.put("/uploads", content=builders.pdf(f"journal-{kind}"))
        text = text.replace("$upload", sent.json().get("uploadId", "inconnu"))
    return await client.ask("mutation { " + text.replace("$kind", f"j{kind}") + " }")


def misplaced(found: list[db.Row], who: User | None, homes: Collection[int], kind: str) -> list[str]:
    """What is wrong with the events of a success."""
    wrong = []
    for one in found:
        if kind in "dp":
            if one["api_client_id"] is None:
                wrong.append("no program")
        elif one["actor_id"] != (who.id if who else None) and one["action"] not in OF_THEMSELVES:
            wrong.append(f"actor {one['actor_id']}")
        if one["establishment_id"] not in homes:
            wrong.append(f"{one['action']} at {one['establishment_id']}, not {homes}")
        if one["subject_type"] is None and not one["action"].endswith((".imported", ".exported")):
            wrong.append(f"{one['action']} on nothing")
    return wrong


async def test_every_mutation_that_changes_something_leaves_an_event(server: Served) -> None:
    world = await a_world(server)
    wrong: dict[tuple[str, str], Any] = {}
    told: dict[str, set[str]] = {}
    for name, (asked, allowed) in [*FOR_REAL.items(), *MUTATIONS.items()]:
        for kind in allowed:
            who = await somebody(kind)
            homes = {who.establishment_id} if who else set()
            before, mark = await state(), await last()
            answer = await attempt(world, name, asked, kind)
            after, found = await state(), await events(mark)
            if codes(answer) != [] and "refused" not in name:
                continue
            if before == after:
                continue
            told.setdefault(name, set()).update(one["action"] for one in found)
            if not found:
                changed = [table for table in after if before.get(table) != after[table]]
                wrong[name, kind] = f"changed {changed} and left no event"
                continue
            if kind in "ondp":
                homes = {one["establishment_id"] for one in found}
                nowhere = {one["action"] for one in found if one["establishment_id"] is None} - EVERYWHERE
                if nowhere:
                    wrong[name, kind] = f"nowhere: {nowhere}"
            faults = misplaced(found, who, homes, kind)
            if faults:
                wrong[name, kind] = faults
    assert wrong == {}
    assert {name: told.get(name) for name in TOLD} == TOLD
    silent = set(MUTATIONS) - set(told) - set(ELSEWHERE)
    assert silent == set(), "these changed nothing for anybody: do them in FOR_REAL, or say why in ELSEWHERE"


async def test_what_a_member_marks_is_told_to_both_establishments(server: Served) -> None:  # R-DEL-07
    world = await a_world(server)
    mark = await last()
    answer = await attempt(world, "markCourriers", MUTATIONS["markCourriers"][0], "m")
    assert codes(answer) == []
    [event] = await events(mark)
    names = ("establishment_id", "on_behalf_of_id", "delegation_id", "subject_type", "subject_id")
    numbers = [globalid.decode(world.ids[name])[1] for name in ("agreement", "letter")]
    assert [event[name] for name in names] == [world.centre_id, world.town_id, numbers[0], "Courrier", numbers[1]]
