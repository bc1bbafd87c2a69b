"""Why: the path that allows it, or the first thing missing; never other than what `access` decides (R-RGT-06)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from backend import clock
from backend import database as db
from backend.models import Establishment, User
from backend.reads.explanation import Explanation, Question, explain
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import access_worlds as plain
from tests.rules.access_worlds import NOON, USERS, WORLDS, Agreement, World

STAFF = Viewer(user_id=999, establishment_id=999, is_operator=True)


def asker(world: World, user: int) -> Viewer:
    me = world.accounts[user]
    return Viewer(
        user_id=user + 1, establishment_id=me.home + 1, is_administrator=me.is_administrator, is_operator=me.is_operator
    )


def may_ask(world: World, user: int, other: int) -> bool:
    """Oneself, one's administrators, operators; a deleted account is a trace."""
    me, them = world.accounts[user], world.accounts[other]
    same = me.home == them.home and me.is_administrator
    return not them.is_deleted and (user == other or same or me.is_operator)


def may_ask_of(world: World, user: int, number: int) -> bool:
    letter, me = world.letters[number], world.accounts[user]
    administered = me.is_administrator and me.home == letter.to and letter.state == "available"
    return plain.sees_letter(world, user, letter) or administered


def mended(world: World, user: int, number: int, found: Explanation) -> World:
    """The world once the one thing said to be missing is there, and nothing else."""
    [reason] = found.reasons
    letter, me = world.letters[number], world.accounts[user]

    def account(**values: Any) -> World:
        accounts = list(world.accounts)
        accounts[user] = replace(me, **values)
        return replace(world, accounts=tuple(accounts))

    def agreement(change: Callable[[Agreement], Agreement]) -> World:
        agreements = list(world.agreements)
        place = (reason.delegation_id or 0) - 1
        agreements[place] = change(agreements[place])
        return replace(world, agreements=tuple(agreements))

    if reason.code == "NEVER_SIGNED_IN":
        return account(has_password=True)
    if reason.code == "ACCOUNT_EXPIRED":
        return account(expires_in=30)
    if reason.code == "ACCOUNT_LOCKED":
        return account(locked_since=None)
    if reason.code in {"LETTER_WITHDRAWN", "LETTER_NOT_YET_AVAILABLE"}:
        letters = list(world.letters)
        letters[number] = replace(letter, state="available")
        return replace(world, letters=tuple(letters))
    if reason.code in {"SERVICE_CLOSED", "SERVICE_NOT_YET_OPEN"}:
        services = list(world.services)
        services[letter.service] = (-30, None)
        return replace(world, services=tuple(services))
    if reason.code == "NO_RIGHT":
        rights = list(me.rights)
        assert rights[letter.service] == 0
        rights[letter.service] = 1
        return account(rights=tuple(rights))
    if reason.code == "OTHER_ESTABLISHMENT":
        assert all(one.parties != (me.home, letter.to) for one in world.agreements)
        made = Agreement((me.home, letter.to), "PENDING", None, None, (None, None, None), frozenset())
        return replace(world, agreements=(*world.agreements, made))
    if reason.code == "DELEGATION_NOT_IN_FORCE":
        return agreement(lambda one: replace(one, status="ACCEPTED", starts=None, ends=None))
    if reason.code == "DELEGATION_NOT_COVERING":
        granted = {letter.service: 1}
        return agreement(
            lambda one: replace(one, granted=tuple(granted.get(n, level) for n, level in enumerate(one.granted)))
        )
    assert reason.code == "NOT_A_MEMBER"
    return agreement(lambda one: replace(one, members=one.members | {user}))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=WORLDS)
async def test_it_says_what_access_decides_for_everybody(database: str, world: World) -> None:
    with clock.moved_to(NOON):
        await plain.build(world)
        for user in USERS:
            if world.accounts[user].is_deleted:
                assert await explain(STAFF, Question(user + 1, "S0")) is None
                continue
            for number, letter in enumerate(world.letters):
                found = await explain(STAFF, Question(user + 1, courrier_id=number + 1))
                assert found is not None
                reached = plain.reach(world, user, letter.to, letter.service)
                active = plain.status(world.accounts[user]) == "ACTIVE"
                assert found.allowed == (active and plain.reads(world, user, letter))
                assert found.level == (max(reached.values()) if found.allowed else 0)
                through = {None if one.delegation_id is None else one.delegation_id - 1 for one in found.reasons}
                assert through == set(reached) if found.allowed else len(found.reasons) == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=WORLDS)
async def test_who_may_not_ask_is_told_nothing(database: str, world: World) -> None:
    with clock.moved_to(NOON):
        await plain.build(world)
        for user in USERS:
            for other in USERS:
                at_home = await explain(asker(world, user), Question(other + 1, "S1"))
                assert (at_home is not None) == may_ask(world, user, other)
                for number in range(len(world.letters)):
                    told = await explain(asker(world, user), Question(other + 1, courrier_id=number + 1))
                    expected = may_ask(world, user, other) and may_ask_of(world, user, number)
                    assert (told is not None) == expected


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=WORLDS)
async def test_mending_what_it_says_again_and_again_ends_in_access(database: str, world: World) -> None:
    with clock.moved_to(NOON):
        for user in USERS:
            if world.accounts[user].is_deleted:
                continue
            there, codes = world, []
            while True:
                await plain.build(there)
                found = await explain(STAFF, Question(user + 1, courrier_id=1))
                assert found is not None
                if found.allowed:
                    break
                codes.append(found.reasons[0].code)
                assert len(codes) == len(set(codes)) <= 10, codes
                there = mended(there, user, 0, found)


# ---------------------------------------------------------------- what it says


async def a_town(**values: Any) -> tuple[Establishment, User, User]:
    town = await builders.establishment("Commune de Royan")
    await builders.service("COURRIERS", label="Courriers")
    chief = await builders.user(town, administrator=True, first_name="Alix", last_name="Bernard")
    agent = await builders.user(town, **values)
    return town, chief, agent


async def why(viewer: User, of: User, **about: Any) -> tuple[bool, str, str, int | None]:
    found = await explain(builders.viewer(viewer), Question(of.id, **(about or {"service": "COURRIERS"})))
    assert found is not None
    return found.allowed, found.reasons[0].code, found.reasons[0].message, found.ask_at


async def test_a_right_says_since_when_and_by_whom(database: str, at: Callable[[str], Any]) -> None:
    with at("2026-03-01T12:00+01:00"):
        town, chief, agent = await a_town(rights={"COURRIERS": 2})
        await db.execute("UPDATE rights SET granted_by_id = $1", [chief.id])
        message = (
            "Droit « Modification » sur le service « Courriers », donné le 1er\u00a0mars\u00a02026 par Alix Bernard."
        )
        assert await why(agent, agent) == (True, "OWN_RIGHT", message, town.id)
        assert (await why(chief, chief))[:2] == (False, "NO_RIGHT")


@pytest.mark.parametrize(
    ("state", "code", "words"),
    [
        ({"password_hash": None}, "NEVER_SIGNED_IN", "Aucun mot de passe"),
        ({"expires_on": date(2026, 5, 31)}, "ACCOUNT_EXPIRED", "jusqu’au 30\u00a0novembre\u00a02026"),
        ({"expires_on": date(2025, 5, 31)}, "ACCOUNT_EXPIRED", "un nouveau compte"),
        ({"locked_at": NOON - timedelta(minutes=1)}, "ACCOUNT_LOCKED", "30 minutes"),
    ],
)
async def test_what_the_account_lacks_comes_first(
    database: str, at: Callable[[str], Any], state: dict[str, Any], code: str, words: str
) -> None:
    with at(NOON.isoformat()):
        town, chief, agent = await a_town(**state)
        allowed, said, message, ask_at = await why(chief, agent)
        assert (allowed, said, ask_at, words in message) == (False, code, town.id, True)


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"online_since": date(2026, 7, 1)}, "SERVICE_NOT_YET_OPEN", "ouvre le 1er\u00a0juillet\u00a02026"),
        ({"closed_on": date(2026, 6, 15)}, "SERVICE_CLOSED", "est fermé"),
    ],
)
async def test_a_closed_service_is_nobody_s_to_mend(
    database: str, at: Callable[[str], Any], values: dict[str, Any], code: str, words: str
) -> None:
    with at(NOON.isoformat()):
        await builders.service("FERMÉ", **values)
        _, chief, agent = await a_town(rights={"FERMÉ": 1})
        allowed, said, message, ask_at = await why(chief, agent, service="FERMÉ")
        assert (allowed, said, ask_at, words in message) == (False, code, None, True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "PENDING"}, "attend qu’un de ses administrateurs l’accepte"),
        ({"status": "REFUSED"}, "a été refusée"),
        ({"status": "WITHDRAWN"}, "a été retirée"),
        ({"status": "ENDED"}, "a pris fin"),
        ({"status": "EXPIRED"}, "n’a pas reçu de réponse à temps"),
        ({"status": "PENDING", "requested_at": NOON - timedelta(days=61)}, "n’a pas reçu de réponse à temps"),
        (
            {"status": "EXPIRED", "decided_at": NOON, "ends_on": date(2026, 6, 1)},
            "a pris fin le 1er\u00a0juin\u00a02026",
        ),
        ({"starts_on": date(2026, 7, 1)}, "commence le 1er\u00a0juillet\u00a02026"),
        ({"ends_on": date(2026, 6, 14)}, "a pris fin le 14\u00a0juin\u00a02026"),
    ],
)
async def test_a_delegation_that_is_not_in_force_says_why(
    database: str, at: Callable[[str], Any], values: dict[str, Any], words: str
) -> None:  # R-RGT-06, R-DEL-04
    with at(NOON.isoformat()):
        town, _, _ = await a_town()
        centre = await builders.establishment("Centre de gestion")
        member = await builders.user(centre, rights={"COURRIERS": 1})
        await builders.delegation(centre, town, members=[member], **values)
        letter = await builders.courrier(town)
        staff = await builders.operator()
        allowed, code, message, ask_at = await why(staff, member, courrier_id=letter.id)
        asked = town.id if "attend" in words else centre.id
        assert (allowed, code, ask_at, words in message) == (False, "DELEGATION_NOT_IN_FORCE", asked, True)


async def test_a_delegation_says_whose_until_when_and_the_lower_level(database: str, at: Callable[[str], Any]) -> None:
    with at(NOON.isoformat()):
        town, _, _ = await a_town()
        centre = await builders.establishment("Centre de gestion")
        member = await builders.user(centre, rights={"COURRIERS": 2})
        await builders.delegation(
            centre,
            town,
            services={"COURRIERS": 1},
            members=[member],
            ends_on=date(2026, 12, 31),
            starts_on=date(2026, 1, 1),
        )
        letter = await builders.courrier(town)
        allowed, code, message, _ = await why(member, member, courrier_id=letter.id)
        assert (allowed, code) == (True, "DELEGATION")
        assert message == (
            "Délégation de Commune de Royan à Centre de gestion, en vigueur depuis le 1er\u00a0janvier\u00a02026 "
            "jusqu’au 31\u00a0décembre\u00a02026 : « Lecture seule » sur le service « Courriers », le plus bas du "
            "niveau délégué et du droit de la personne chez elle."
        )


async def test_what_does_not_exist_is_not_explained(database: str) -> None:
    town, chief, agent = await a_town()
    letter = await builders.courrier(town)
    viewer = builders.viewer(agent)
    for asked in (
        Question(agent.id, "INCONNU"),
        Question(agent.id, courrier_id=letter.id),  # the agent may not know that it is there
        Question(agent.id, courrier_id=999_999),
        Question(chief.id, "COURRIERS"),
        Question(999_999, "COURRIERS"),
    ):
        assert await explain(viewer, asked) is None, asked
