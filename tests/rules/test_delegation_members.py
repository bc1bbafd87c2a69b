"""Who acts through delegations: chosen by user and by establishment, in bulk (R-DEL-05)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.models import DelegationMember, User
from backend.rules import access, delegation, delegation_members, user
from backend.rules.delegation_members import Change
from backend.rules.right import Wanted
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables
from tests.rules.pair import REASON, a_pair, act, agree, ask, choose, counted, day, many_towns

Move = Callable[[str], None]
NOON = "2026-06-01T12:00+02:00"


async def refused(who: Viewer, numbers: list[int] | None, change: Change) -> list[tuple[str, tuple[str, ...]]]:
    """Why nothing was chosen, and nothing changed: for all, then one by one."""
    before = await tables.digest()
    found = await delegation_members.choose(who, numbers, change)
    assert await tables.digest() == before
    assert found.done_ids == []
    errors = [*found.errors, *(one for _, several in found.results for one in several)]
    return [(one.code.value, one.path) for one in errors]


async def members() -> set[tuple[int, int]]:
    return {(one.delegation_id, one.user_id) for one in await DelegationMember.all()}


async def agreed(centre: Any, sirets: tuple[str, ...], asker: User) -> list[int]:
    """Delegations in force to a centre, of establishments by their SIRETs."""
    places = await db.rows("SELECT id, siret FROM establishments")
    numbers = {one["siret"]: one["id"] for one in places}
    service = await builders.service()
    async with db.transaction():
        ids = await db.allocate_ids("delegations", len(sirets))
        columns = "id centralisateur_id delegataire_id status requested_by_id requested_at decided_at"
        rows = [
            (one, centre.id, numbers[siret], "ACCEPTED", asker.id, 0, 0) for one, siret in zip(ids, sirets, strict=True)
        ]
        await db.insert_many("delegations", columns.split(), rows)
        columns = "delegation_id service_id level_asked level_granted"
        await db.insert_many("delegation_services", columns.split(), [(one, service.id, 1, 1) for one in ids])
    return ids


# ---------------------------------------------------------------- chosen


async def test_members_are_added_and_removed_and_it_is_told(database: str, moved_clock: Move) -> None:  # R-DEL-05
    moved_clock(NOON)
    pair = await a_pair()
    second = await builders.user(pair.centre, rights={"COURRIERS": 2})
    number = await agree(pair)
    change = Change(add=(pair.agent.id, pair.agent.id, second.id))
    done = await delegation_members.choose(pair.asker, [number, number], change)
    assert (done.results, done.errors) == (((number, ()),), ())
    assert await members() == {(number, pair.agent.id), (number, second.id)}
    row = await DelegationMember.get(user_id=second.id)
    assert (row.added_by_id, row.added_at.isoformat()) == (pair.chief.id, "2026-06-01T10:00:00+00:00")
    await choose(pair, number, add=(pair.chief.id,), remove=(second.id, 999_999))
    await choose(pair, number, add=(pair.agent.id,), remove=(second.id,))  # as it is already
    events = await tables.journal("delegation.members_changed")
    assert [(one["body"]["facts"]["added"], one["body"]["facts"]["removed"]) for one in events] == [
        ([pair.agent.id, second.id], []), ([pair.chief.id], [second.id]),
    ]  # fmt: skip
    assert {(one["establishment_id"], one["subject_id"], one["delegation_id"]) for one in events} == {
        (pair.centre.id, number, number)
    }
    assert all(name not in str(events) for name in ("Farid", "Agent"))  # looked up, never kept (R-JRN-03)


async def test_a_member_reaches_the_lower_of_two_levels(database: str) -> None:  # R-DEL-05
    pair = await a_pair()
    number = await act(pair, (Wanted("COURRIERS", 2), Wanted("DSN", 1)))
    sql = Sql()
    sql.add(f"SELECT service_id, level FROM ({access.reach(sql, pair.member)}) r")
    sql.add(f"WHERE r.delegation_id = {sql.bind(number)}")
    services = {one["id"]: one["code"] for one in await db.rows("SELECT id, code FROM services")}
    assert {services[one["service_id"]]: one["level"] for one in await db.rows(sql)} == {"COURRIERS": 1, "DSN": 1}


async def test_one_to_come_may_have_its_members_chosen(database: str, moved_clock: Move) -> None:  # R-DEL-05
    moved_clock(NOON)
    pair = await a_pair()
    letter = await builders.courrier(pair.town)
    number = await act(pair, starts_on=day("2026-06-02"))
    assert await access.capacity(pair.member, letter.id) == (False, None)
    moved_clock("2026-06-02T00:00+02:00")
    assert await access.capacity(pair.member, letter.id) == (True, number)


@pytest.mark.parametrize("how", ["removed", "deleted", "no right any more"])
async def test_who_is_no_member_any_more_reaches_nothing(database: str, how: str) -> None:  # R-DEL-08
    pair = await a_pair()
    number = await act(pair)
    letter = await builders.courrier(pair.town)
    assert (await access.capacity(pair.member, letter.id))[0]
    match how:
        case "removed":
            await choose(pair, number, remove=(pair.agent.id,))
        case "deleted":
            assert (await user.delete(pair.asker, [pair.agent.id])).done_ids == [pair.agent.id]
        case _:
            await db.execute("DELETE FROM rights WHERE user_id = $1", [pair.agent.id])
    assert await access.capacity(pair.member, letter.id) == (False, None)
    assert await members() == ({(number, pair.agent.id)} if how == "no right any more" else set())


# ---------------------------------------------------------------- told


async def told(person: User) -> list[tuple[str, str]]:
    """Subjects and texts of what somebody was sent about whom they act for."""
    found = await db.rows("SELECT * FROM notifications WHERE kind = 'DELEGATION_MEMBER' ORDER BY id")
    theirs = [one for one in found if one["user_id"] == person.id]
    assert {one["rule"] for one in theirs} <= {"R-DEL-05"}
    return [(one["subject"], " ".join(one["body_text"].split())) for one in theirs]


async def test_each_person_is_told_once_for_whom_they_may_act(database: str, moved_clock: Move) -> None:  # R-DEL-05
    """By one e-mail for each person and act, with the list; not those who did it themselves."""
    moved_clock(NOON)
    pair = await a_pair()
    numbers = await agreed(pair.centre, await many_towns(33), pair.chief)
    invited = await builders.user(pair.centre, password_hash=None)
    people = (pair.agent.id, pair.chief.id, invited.id)
    assert (await delegation_members.choose(pair.asker, numbers, Change(add=people))).done_ids == numbers
    [(subject, text)] = await told(pair.agent)
    assert subject == "Vous pouvez agir pour 33 établissements"
    assert text.startswith(
        "Bonjour Farid Agent, Choisissez, dans « Agir pour », l’établissement dont vous voulez vous occuper :"
    )
    assert "/agir-pour Elsa Chef vous confie 33 établissements : - Commune 0 - Commune 1 - Commune 10" in text
    assert (text.count(" - "), "- et 3 autres Vous pourrez" in text) == (31, True)
    assert (await told(pair.chief), await told(invited)) == ([], [])
    await delegation_members.choose(pair.asker, None, Change(add=(pair.agent.id,)))  # as it is already
    await choose(pair, numbers[0], remove=(pair.agent.id, pair.chief.id))
    [_, (subject, text)] = await told(pair.agent)
    assert subject == "Vous n’agissez plus pour la Commune 0"
    assert "Elsa Chef vous retire un établissement : - Commune 0 Si ce n’est pas" in text
    assert await told(pair.chief) == []


async def test_of_an_establishment_reached_otherwise_nothing_is_said(database: str, moved_clock: Move) -> None:
    """R-DEL-05: two delegations of one establishment are one establishment; the first one gained, the last one lost."""
    moved_clock(NOON)
    pair = await a_pair()
    first = await agree(pair)
    second = await agree(pair, (Wanted("DSN", 1),))
    await delegation_members.choose(pair.asker, None, Change(add=(pair.agent.id,)))
    assert [subject for subject, _ in await told(pair.agent)] == ["Vous pouvez agir pour la Commune de Royan"]
    await choose(pair, second, remove=(pair.agent.id,))
    await choose(pair, second, add=(pair.agent.id,))
    assert len(await told(pair.agent)) == 1
    await delegation_members.choose(pair.asker, [first, second], Change(remove=(pair.agent.id,)))
    assert [subject for subject, _ in await told(pair.agent)][1:] == ["Vous n’agissez plus pour la Commune de Royan"]


async def test_of_a_delegation_to_come_the_day_is_said(database: str, moved_clock: Move) -> None:  # R-DEL-05
    moved_clock(NOON)
    pair = await a_pair()
    later = await agree(pair, starts_on=day("2026-09-01"))
    await choose(pair, later, add=(pair.agent.id,))
    [(subject, text)] = await told(pair.agent)
    assert subject == "Vous pourrez agir pour la Commune de Royan"
    assert "Le moment venu, choisissez, dans « Agir pour »" in text
    assert "- Commune de Royan, à partir du 1er septembre 2026 Vous pourrez" in text
    await agree(pair, (Wanted("DSN", 1),))
    await delegation_members.choose(pair.asker, None, Change(remove=(pair.agent.id,)))
    await delegation_members.choose(pair.asker, None, Change(add=(pair.agent.id,)))
    assert (await told(pair.agent))[-1][0] == "Vous pouvez agir pour la Commune de Royan"
    assert "à partir du" not in (await told(pair.agent))[-1][1]


# ---------------------------------------------------------------- refused


async def test_only_administrators_of_the_centralisateur_choose(database: str) -> None:  # R-DEL-05
    pair = await a_pair()
    number = await act(pair)
    operator = builders.viewer(await builders.operator())
    demoted = replace(pair.member, is_administrator=True)
    for change in (Change(add=(pair.chief.id,)), Change(remove=(pair.agent.id,))):
        for who in (pair.member, demoted, operator, Viewer(), Viewer(api_client_id=1)):
            for numbers in ([number], None):
                assert await refused(who, numbers, change) == [("NOT_ALLOWED", ())], who
    assert await refused(pair.asked, [number], Change(remove=(pair.agent.id,))) == [("NOT_FOUND", ("delegationIds",))]
    assert await refused(pair.asked, [number], Change(add=(pair.clerk.id,))) == [("NOT_FOUND", ("delegationIds",))]
    assert await refused(pair.asked, None, Change(add=(pair.clerk.id,))) == []


async def test_only_colleagues_are_chosen(database: str) -> None:  # R-DEL-05
    pair = await a_pair()
    number = await agree(pair)
    gone = await builders.user(pair.centre, deleted_at=clock.now())
    for stranger in (pair.clerk.id, pair.mayor.id, gone.id, 999_999):
        assert await refused(pair.asker, [number], Change(add=(pair.agent.id, stranger))) == [
            ("NOT_FOUND", ("add", "1"))
        ]


async def test_only_delegations_that_were_accepted_have_members(database: str, moved_clock: Move) -> None:  # R-DEL-05
    moved_clock(NOON)
    pair = await a_pair()
    waiting = await ask(pair)
    ended = await agree(pair, (Wanted("DSN", 1),))
    await delegation.end(pair.asked, ended, REASON)
    over = await agree(pair, (Wanted("DSN", 1),), ends_on=day("2026-06-30"))
    moved_clock("2026-07-01T00:00+02:00")
    change = Change(add=(pair.agent.id,))
    path = ("id",)
    assert await refused(pair.asker, [waiting, ended, over, 0], change) == [
        ("NOT_DECIDED", path), ("ALREADY_DECIDED", path), ("ALREADY_DECIDED", path), ("NOT_FOUND", ("delegationIds",)),
    ]  # fmt: skip
    assert await refused(pair.asker, None, change) == []


@pytest.mark.parametrize(
    ("numbers", "change", "path"),
    [
        ([], Change(add=(1,)), "delegationIds"),
        (list(range(2001)), Change(add=(1,)), "delegationIds"),
        ([1], Change(), "add"),
        ([1], Change(tuple(range(300)), tuple(range(300, 501))), "add"),
        (None, Change((1, 2), (2,)), "remove"),
    ],
)
async def test_what_could_not_be_meant_is_refused(
    database: str, numbers: list[int] | None, change: Change, path: str
) -> None:
    pair = await a_pair()
    assert await refused(pair.asker, numbers, change) == [("INVALID_VALUE", (path,))]


# ---------------------------------------------------------------- in bulk


async def test_many_are_chosen_by_as_many_statements_as_one(  # R-DEL-05, R-DEL-09
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = await a_pair()
    sirets = await many_towns(400)
    numbers = await agreed(pair.centre, sirets, pair.chief)
    people = await builders.accounts(pair.centre, 20)
    other = await ask(pair)
    ended = await builders.delegation(pair.centre, pair.town, status="ENDED", ended_by_id=pair.mayor.id)
    with counted() as few:
        await delegation_members.choose(pair.asker, [numbers[0], other, ended.id], Change((people[0],), (people[1],)))
    await choose(pair, numbers[0], add=(people[1],), remove=(people[0],))
    with counted() as many:
        done = await delegation_members.choose(
            pair.asker, [*numbers, other, ended.id, 0], Change(tuple(people[:10]), tuple(people[10:]))
        )
    assert done.done_ids == numbers
    assert len(await members()) == 4000
    with counted() as all_of_them:
        done = await delegation_members.choose(pair.asker, None, Change((), tuple(people[:10])))
    assert done.done_ids == numbers
    assert await members() == set()
    assert len(many) == len(few)
    assert len(all_of_them) <= len(few) + 1  # they are looked up
    monkeypatch.setattr(delegation_members, "MOST_CHANGES", 4000)
    assert await refused(pair.asker, None, Change(tuple(people[:11]))) == [("INVALID_VALUE", ("delegationIds",))]
    assert (await delegation_members.choose(pair.asker, None, Change(tuple(people[:10])))).done_ids == numbers


async def test_everybody_chosen_through_every_delegation(database: str) -> None:  # R-DEL-05
    pair = await a_pair()
    first = await agree(pair)
    second = await agree(pair, (Wanted("DSN", 1),), starts_on=date(2099, 1, 1))
    await ask_elsewhere(pair)
    done = await delegation_members.choose(pair.asker, None, Change(add=(pair.agent.id, pair.chief.id)))
    assert done.done_ids == [first, second]
    assert await members() == {(one, who) for one in (first, second) for who in (pair.agent.id, pair.chief.id)}


async def ask_elsewhere(pair: Any) -> None:
    """A request that waits, of the same centre, and a delegation in force of another."""
    await builders.delegation(pair.centre, await builders.establishment(), status="PENDING", asker=pair.chief)
    await builders.delegation(await builders.establishment(), pair.town)
