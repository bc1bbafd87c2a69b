"""Two who act at once on the same accounts: whichever comes first, the invariants hold (R-ACC-01, 03 to 05, 10 to 14).

What the journal tells, in the order of commits, is a history in which everybody was allowed to do what they did: an
account demoted, deleted or locked by one does nothing after it. And nobody waits for the other for ever: a deadlock
would end one of them with an error.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher

from backend import clock
from backend import database as db
from backend.models import Establishment, User
from backend.rules import (
    departure,
    details,
    email_change,
    expiry,
    journal,
    nomination,
    password,
    password_change,
    right,
    session,
    user,
    user_import,
)
from backend.rules.right import Wanted
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules import tables
from tests.rules.ground import Look, by_key
from tests.rules.machine import plainly, retelling
from tests.rules.machine.retelling import Facts, Heard, Told

ROOT = Path(__file__).resolve().parents[2]
ORIGIN = Origin("192.0.2.7", "Un navigateur")
CHOSEN = "encore quatre mots choisis au hasard"

TURNS = ((0, 0), (0, 1), (1, 0), (0, 4), (4, 0), (2, 9), (9, 2), (0, 25), (25, 0))
"""How many turns of the loop each of the two waits before it begins."""


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2id at its cheapest, like the hashes of tests/builders.py: what matters is what comes after it."""
    monkeypatch.setattr(password, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@dataclass
class Town:
    """Two administrators; colleagues in every state; what some of them were mailed."""

    place: Establishment
    users: dict[str, User]
    operator: Viewer
    links: dict[str, str]

    def by(self, name: str) -> Viewer:
        return builders.viewer(self.users[name])

    def id(self, name: str) -> int:
        return self.users[name].id

    def identifier(self, name: str) -> str:
        return self.users[name].identifier


async def a_town() -> Town:
    place = await builders.establishment()
    await builders.service("COURRIERS")
    long_ago, yesterday = clock.today() - timedelta(days=400), clock.today() - timedelta(days=1)
    values: dict[str, dict[str, Any]] = {
        "alix": {"administrator": True},
        "basile": {"administrator": True},
        "chloé": {"rights": {"COURRIERS": 1}, "expires_on": clock.today() + timedelta(days=3)},
        "denis": {"password_hash": None, "invited_at": clock.now()},
        "émile": {"expires_on": yesterday, "rights": {"COURRIERS": 2}},
        "fanny": {"expires_on": long_ago},
        "gaston": {"password_hash": None, "invited_at": clock.now() - timedelta(days=100)},
        "irène": {"locked_at": clock.now(), "failed_sign_ins": 5},
        "jean": {"failed_sign_ins": 4},
    }
    users = {name: await builders.user(place, first_name=name.title(), **each) for name, each in values.items()}
    links = {}
    async with db.transaction():
        for name in ("denis", "gaston", "chloé", "émile", "irène"):
            purpose = "INVITATION" if name in ("denis", "gaston") else "PASSWORD_RESET"
            links[name] = await password.issue_link(users[name].id, purpose)
    operator = await builders.user(administrator=True, is_operator=True)
    await details.update(builders.viewer(users["alix"]), users["jean"].id, details.Edit(email="new@exemple.example"))
    mailed = await db.rows(
        "SELECT body_text FROM notifications WHERE kind = 'EMAIL_CONFIRMATION' ORDER BY id DESC LIMIT 1"
    )
    links["jean"] = mailed[0]["body_text"].partition("jeton=")[2].split()[0]
    return Town(place, users, builders.viewer(operator), links)


Act = Callable[[Town], Awaitable[Any]]


def demote(who: str, whom: str) -> Act:
    return lambda town: user.set_profile(town.by(who), town.id(whom), is_administrator=False)


def delete(who: str, *whom: str) -> Act:
    return lambda town: user.delete(town.by(who), [town.id(one) for one in whom])


def renew(who: str, *whom: str) -> Act:
    return lambda town: user.renew(town.by(who), [town.id(one) for one in whom])


def follow(whose: str) -> Act:
    return lambda town: password.set_password(town.links[whose], CHOSEN, ORIGIN)


def sign_in(whose: str, given: str = builders.PASSWORD) -> Act:
    return lambda town: session.log_in(town.identifier(whose), given, session.TOKEN, ORIGIN)


def cancel(who: str, whom: str) -> Act:
    return lambda town: user.cancel_invitation(town.by(who), town.id(whom))


def invite(who: str, whom: str) -> Act:
    return lambda town: user.resend_invitation(town.by(who), town.id(whom))


def reopen(who: str, whom: str) -> Act:
    return lambda town: user.reopen(town.by(who), town.id(whom))


def unlock(who: str, whom: str) -> Act:
    return lambda town: user.unlock(town.by(who), town.id(whom))


def give(who: str, whom: str) -> Act:
    return lambda town: right.give(town.by(who), [town.id(whom)], [Wanted("COURRIERS", 2)])


def create(who: str, key: str | None = None) -> Act:
    def work(town: Town) -> Awaitable[Any]:
        given = user.NewUser(town.place.id, "Zoé", "Lefèvre", "zoe@exemple.example", is_administrator=False)
        return user.create(town.by(who), given, key)

    return work


def load(who: str) -> Act:
    file = "Prénom;Nom;E-mail\nZoé;Lefèvre;ZOE@exemple.example\nYann;Le Goff;yann@exemple.example"
    return lambda town: user_import.load(town.by(who), town.place.id, file, dry_run=False)


def forget(whose: str) -> Act:
    return lambda town: password.request_reset(town.identifier(whose), ORIGIN)


def confirm(whose: str) -> Act:
    return lambda town: email_change.confirm(town.links[whose], ORIGIN)


def edit(who: str, whom: str, **values: Any) -> Act:
    return lambda town: details.update(town.by(who), town.id(whom), details.Edit(**values))


def change_password(whose: str) -> Act:
    return lambda town: password_change.change(town.by(whose), builders.PASSWORD, CHOSEN)


def nominate(whom: str) -> Act:
    def work(town: Town) -> Awaitable[Any]:
        given = nomination.Nomination(
            town.place.id, "Demande du maire.", user_id=town.id(whom), despite_invitation=True
        )
        return nomination.nominate(town.operator, given)

    return work


def job(work: Callable[[], Awaitable[None]]) -> Act:
    return lambda _: work()


PAIRS: dict[str, tuple[Act, Act]] = {
    "confirm an address and be deleted": (confirm("jean"), delete("alix", "jean")),
    "confirm an address twice": (confirm("jean"), confirm("jean")),
    "confirm an address and have it changed": (confirm("jean"), edit("alix", "jean", email="other@exemple.example")),
    "confirm an address that another takes": (confirm("jean"), edit("alix", "denis", email="new@exemple.example")),
    "confirm an address and be renamed": (confirm("jean"), edit("alix", "jean", first_name="Jehan")),
    "confirm an address and forget the password": (confirm("jean"), forget("jean")),
    "be edited and deleted": (edit("alix", "chloé", phone="05 46 00 00 00"), delete("basile", "chloé")),
    "be edited twice": (edit("alix", "chloé", phone="05 46 00 00 00"), edit("basile", "chloé", phone="05 46 11 11 11")),
    "change a password and be deleted": (change_password("chloé"), delete("alix", "chloé")),
    "change a password and follow a link": (change_password("chloé"), follow("chloé")),
    "change a password and sign in": (change_password("chloé"), sign_in("chloé")),
    "demote each other": (demote("alix", "basile"), demote("basile", "alix")),
    "demote themselves": (demote("alix", "alix"), demote("basile", "basile")),
    "delete each other": (delete("alix", "basile"), delete("basile", "alix")),
    "delete themselves": (delete("alix", "alix"), delete("basile", "basile")),
    "demote and delete each other": (demote("alix", "basile"), delete("basile", "alix")),
    "delete the other, demote oneself": (delete("alix", "basile"), demote("alix", "alix")),
    "renew twice": (renew("alix", "chloé", "jean"), renew("basile", "jean", "chloé")),
    "renew and delete": (renew("alix", "chloé", "jean"), delete("basile", "jean", "chloé")),
    "delete everybody twice": (delete("alix", "chloé", "denis", "jean"), delete("basile", "jean", "denis", "chloé")),
    "demoted while giving": (demote("alix", "basile"), give("basile", "chloé")),
    "deleted while creating": (delete("alix", "basile"), create("basile")),
    "give and delete": (give("alix", "chloé"), delete("basile", "chloé")),
    "accept and cancel an invitation": (follow("denis"), cancel("alix", "denis")),
    "accept and delete": (follow("denis"), delete("alix", "denis")),
    "accept and invite again": (follow("denis"), invite("alix", "denis")),
    "accept twice": (follow("denis"), follow("denis")),
    "invite again twice": (invite("alix", "denis"), invite("basile", "denis")),
    "invite again and cancel": (invite("alix", "denis"), cancel("basile", "denis")),
    "choose a password and be deleted": (follow("chloé"), delete("alix", "chloé")),
    "choose a password and sign in": (follow("chloé"), sign_in("chloé")),
    "choose a password and forget it": (follow("chloé"), forget("chloé")),
    "choose a password and expire": (follow("émile"), job(expiry.expire)),
    "choose a password and be reopened": (follow("émile"), reopen("alix", "émile")),
    "choose a password and be unlocked": (follow("irène"), unlock("alix", "irène")),
    "forget and be deleted": (forget("chloé"), delete("alix", "chloé")),
    "forget and be reopened": (forget("émile"), reopen("alix", "émile")),
    "sign in and be deleted": (sign_in("chloé"), delete("alix", "chloé")),
    "sign in and be renewed": (sign_in("chloé"), renew("alix", "chloé")),
    "sign in and be locked": (sign_in("jean"), sign_in("jean", "ce n’est pas le bon")),
    "unlock and mistype": (unlock("alix", "irène"), sign_in("irène", "ce n’est pas le bon")),
    "be locked and be unlocked": (sign_in("jean", "ce n’est pas le bon"), unlock("alix", "jean")),
    "be locked and be deleted": (sign_in("jean", "ce n’est pas le bon"), delete("alix", "jean")),
    "unlock twice": (unlock("alix", "irène"), unlock("basile", "irène")),
    "create twice": (create("alix"), create("basile")),
    "create twice under one key": (create("alix", "une clé"), create("alix", "une clé")),
    "create and import": (create("alix"), load("basile")),
    "import twice": (load("alix"), load("basile")),
    "reopen twice": (reopen("alix", "émile"), reopen("basile", "émile")),
    "reopen and expire": (reopen("alix", "émile"), job(expiry.expire)),
    "reopen and delete": (reopen("alix", "émile"), delete("basile", "émile")),
    "expire and delete": (job(expiry.expire), delete("alix", "émile")),
    "remove what expired twice": (job(departure.remove_expired), job(departure.remove_expired)),
    "remove what expired and delete it": (job(departure.remove_expired), delete("alix", "fanny", "gaston")),
    "remove the uninvited and invite them": (job(departure.remove_uninvited), invite("alix", "gaston")),
    "remove the uninvited and follow": (job(departure.remove_uninvited), follow("gaston")),
    "remove the uninvited and cancel": (job(departure.remove_uninvited), cancel("alix", "gaston")),
}


ORPHANED: dict[str, tuple[Act, Act]] = {
    "nominate twice": (nominate("chloé"), nominate("jean")),
    "nominate the same twice": (nominate("émile"), nominate("émile")),
    "nominate and follow an invitation to administer": (nominate("jean"), follow("denis")),
    "nominate and reopen by choosing a password": (nominate("émile"), follow("émile")),
    "nominate and sign in": (nominate("chloé"), sign_in("chloé")),
    "nominate and expire": (nominate("émile"), job(expiry.expire)),
    "nominate and remove what expired": (nominate("fanny"), job(departure.remove_expired)),
}
"""Where both administrators have expired, and one was invited."""


async def look() -> Look:
    return {name: by_key(rows) for name, rows in (await tables.contents()).items()}


async def at_once(first: Awaitable[Any], second: Awaitable[Any], turns: tuple[int, int]) -> None:
    async def after(wait: int, work: Awaitable[Any]) -> None:
        for _ in range(wait):
            await asyncio.sleep(0)
        await work

    await asyncio.gather(after(turns[0], first), after(turns[1], second))


def was_allowed(told: Told, event: Heard) -> bool:
    """Whether, when this happened, its actor could do it; as the events before it tell."""
    if event.actor is None or event.action in {"password.set", "session.closed"}:
        return True
    by = told.users[event.actor]
    own = {"user.email_changed", "password.changed", "password.refused"}
    if event.subject == ("User", event.actor) and event.action in own:
        return not by.is_deleted  # with a link, or with their password; refused where it is no longer the one
    if event.action == "session.opened":
        return not by.is_deleted and by.has_password
    return is_able(by) and by.is_administrator and by.establishment_id == event.establishment


def is_able(one: Facts) -> bool:
    lapsed = clock.to_microseconds(clock.now() - timedelta(minutes=30))
    return (
        one.has_password
        and not one.is_deleted
        and one.expires_on >= clock.today().isoformat()
        and (one.locked_at is None or one.locked_at <= lapsed)
    )


async def hold_their_invariants(before: Look, *, may_lose: bool = False) -> None:
    """After whatever happened since, the domain's promises are kept and the journal tells how."""
    now, told = await look(), retelling.facts(before)
    for event in retelling.events(now, before):
        operators = event.actor is not None and before["users"].get(event.actor, {}).get("is_operator")
        assert operators or was_allowed(told, event), event
        retelling.hear(told, event)
    assert retelling.facts(now) == told
    assert (await journal.verify())[1] is None
    assert may_lose or plainly.without_administrator(now) <= plainly.without_administrator(before)
    for place in now["establishments"]:
        theirs = plainly.accounts_of(now, place)
        assert len(theirs) != 1 or theirs[0]["is_administrator"]
        assert len({one["email_key"] for one in theirs}) == len(theirs)
    identifiers = [one["identifier"] for one in now["users"].values()]
    assert len(set(identifiers)) == len(identifiers)
    for one in now["sessions"].values():
        assert one["ended_at"] is not None or plainly.status(now["users"][one["user_id"]]) == "ACTIVE"
    for one in now["rights"].values():
        assert now["users"][one["user_id"]]["deleted_at"] is None
    live: dict[tuple[int, str], int] = {}
    for one in now["links"].values():
        if one["used_at"] is None and one["revoked_at"] is None:
            live[one["user_id"], one["purpose"]] = live.get((one["user_id"], one["purpose"]), 0) + 1
            assert now["users"][one["user_id"]]["deleted_at"] is None, "a deleted account has a live link"
    assert set(live.values()) <= {1}


@pytest.mark.parametrize("pair", PAIRS)
async def test_two_at_once_keep_the_invariants(database: str, pair: str) -> None:  # R-ACC-01, 03, 04, 05, 10 to 14
    await keep_the_invariants(*PAIRS[pair])


@pytest.mark.parametrize("pair", ORPHANED)
async def test_two_at_once_where_nobody_administers_keep_the_invariants(
    database: str, pair: str
) -> None:  # R-ACC-02, 05
    async def orphaned(town: Town) -> None:
        yesterday = clock.today() - timedelta(days=1)
        await User.filter(id__in=[town.id("alix"), town.id("basile")]).update(expires_on=yesterday)
        await User.filter(id=town.id("denis")).update(is_administrator=True)

    await keep_the_invariants(*ORPHANED[pair], orphaned)


async def nothing(town: Town) -> None:
    pass


async def keep_the_invariants(first: Act, second: Act, prepare: Callable[[Town], Awaitable[None]] = nothing) -> None:
    with clock.moved_to(clock.now()):
        for turns in TURNS:
            town = await a_town()
            await prepare(town)
            before = await look()
            await at_once(first(town), second(town), turns)
            await hold_their_invariants(before)


async def test_two_processes_leave_an_administrator_in_every_town(database: str) -> None:  # R-ACC-05
    towns = 30
    for _ in range(towns):
        place = await builders.establishment()
        for _ in range(2):
            await builders.user(place, administrator=True)
    before = await look()
    rivals = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.rules.rival", database, which),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for which in "01"
    ]
    async with asyncio.timeout(60):
        for one in rivals:
            assert one.stdout is not None
            assert await one.stdout.readline() == b"ready\n"
        told = await asyncio.gather(*(one.communicate(b"go\n") for one in rivals))
    assert sum(int(output) for output, _ in told) == towns
    await hold_their_invariants(before)
