"""Rights: given, taken away, copied, by administrators only (R-RGT-01, 02, 03, 05, R-ACC-02, 06)."""

import asyncio
from collections.abc import Sequence
from datetime import date

import pytest

from backend import clock
from backend import database as db
from backend.models import Establishment, Right, User
from backend.rules import access, right
from backend.rules.error import Results
from backend.rules.right import Wanted
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables


def codes(outcome: Results) -> list[str]:
    return [one.code.value for one in outcome.errors] + [
        one.code.value for _, errors in outcome.results for one in errors
    ]


async def held(agent: User) -> dict[str, int]:
    rows = await db.rows(
        "SELECT s.code, r.level FROM rights r JOIN services s ON s.id = r.service_id WHERE r.user_id = $1", [agent.id]
    )
    return {one["code"]: one["level"] for one in rows}


async def town_with(agents: int) -> tuple[Establishment, User, list[User]]:
    """A town, its administrator and some agents; two services are open."""
    town = await builders.establishment()
    for code in ("COURRIERS", "COTISATIONS"):
        await builders.service(code)
    chief = await builders.user(town, administrator=True)
    return town, chief, [await builders.user(town) for _ in range(agents)]


READ_BOTH = [Wanted("COURRIERS", 1), Wanted("COTISATIONS", 1)]


async def test_several_accounts_get_several_rights_at_once(database: str) -> None:  # R-RGT-01, R-RGT-02
    _, chief, agents = await town_with(2)
    wanted = [Wanted("COURRIERS", 1), Wanted("COTISATIONS", 2)]
    outcome = await right.give(builders.viewer(chief), [one.id for one in agents], wanted)
    assert outcome.done_ids == [one.id for one in agents]
    assert [await held(one) for one in agents] == [{"COURRIERS": 1, "COTISATIONS": 2}] * 2


async def test_none_is_no_row_and_what_is_not_named_stays(database: str) -> None:  # R-RGT-01
    town, chief, _ = await town_with(0)
    agent = await builders.user(town, rights={"COURRIERS": 2, "COTISATIONS": 1})
    await right.give(builders.viewer(chief), [agent.id], [Wanted("COURRIERS", 0)])
    assert await held(agent) == {"COTISATIONS": 1}


async def test_administrators_give_themselves_rights_too(database: str) -> None:  # R-RGT-02, R-RGT-03
    _, chief, _ = await town_with(0)
    before = await held(chief)
    await right.give(builders.viewer(chief), [chief.id], READ_BOTH)
    assert (before, await held(chief)) == ({}, {"COURRIERS": 1, "COTISATIONS": 1})


async def test_every_change_is_journaled_before_and_after_for_each_account(database: str) -> None:  # R-ACC-06
    town, chief, agents = await town_with(1)
    reader = await builders.user(town, rights={"COURRIERS": 1})
    await right.give(builders.viewer(chief), [agents[0].id, reader.id], [Wanted("COURRIERS", 2)])
    events = await tables.journal("right.changed")
    assert [(one["subject_id"], one["actor_id"], one["body"]["changes"]) for one in events] == [
        (agents[0].id, chief.id, {"COURRIERS": ["NONE", "MODIFY"]}),
        (reader.id, chief.id, {"COURRIERS": ["READ", "MODIFY"]}),
    ]


async def test_giving_again_changes_nothing(database: str) -> None:  # R-RGT-02
    _, chief, agents = await town_with(2)
    for _ in range(2):
        outcome = await right.give(builders.viewer(chief), [one.id for one in agents], READ_BOTH)
    before = await tables.digest()
    again = await right.give(builders.viewer(chief), [one.id for one in agents], READ_BOTH)
    assert (codes(outcome), codes(again), await tables.digest()) == ([], [], before)


async def test_a_right_counts_at_once(database: str, moved_clock: object) -> None:  # R-ACC-06
    town, chief, agents = await town_with(1)
    letter = await builders.courrier(town)
    seen = []
    for level in (0, 1, 0):
        await right.give(builders.viewer(chief), [agents[0].id], [Wanted("COURRIERS", level)])
        seen.append((await access.capacity(builders.viewer(agents[0]), letter.id))[0])
    assert seen == [False, True, False]


async def test_one_that_is_not_theirs_does_not_stop_the_others(database: str) -> None:  # R-ACC-02, R-RGT-02
    town, chief, agents = await town_with(1)
    elsewhere, gone = await builders.user(), await builders.user(town, deleted_at=clock.now())
    outcome = await right.give(builders.viewer(chief), [elsewhere.id, agents[0].id, gone.id, 0], READ_BOTH)
    assert [[one.code.value for one in errors] for _, errors in outcome.results] == [
        ["NOT_FOUND"],
        [],
        ["NOT_FOUND"],
        ["NOT_FOUND"],
    ]
    assert [await held(one) for one in (elsewhere, gone)] == [{}, {}]


async def refused_viewers(town: Establishment, agent: User) -> Sequence[Viewer]:
    demoted = await builders.user(town)
    locked = await builders.user(town, administrator=True, locked_at=clock.now())
    expired = await builders.user(town, administrator=True, expires_on=date(2020, 1, 1))
    client, _ = await builders.api_client()
    return [
        builders.viewer(agent),
        builders.viewer(await builders.user(administrator=True)),
        builders.viewer(await builders.user(administrator=True), acting_for_id=town.id),
        builders.viewer(await builders.operator()),
        builders.viewer(await builders.user(administrator=True, is_operator=True)),
        builders.viewer(demoted, is_administrator=True),  # was, when the request began
        builders.viewer(locked),
        builders.viewer(expired),
        Viewer(api_client_id=client.id),
    ]


async def test_nobody_but_an_administrator_of_the_establishment_gives_rights(database: str) -> None:  # R-ACC-02
    town, _, agents = await town_with(1)
    viewers = await refused_viewers(town, agents[0])
    before = await tables.digest()
    told = [codes(await right.give(one, [agents[0].id], READ_BOTH)) for one in viewers]
    told += [codes(await right.copy(one, agents[0].id, [agents[0].id])) for one in viewers]
    assert [one for one in told if one not in (["NOT_FOUND"],)] == []
    assert await tables.digest() == before


@pytest.mark.parametrize("wrong", ["unknown", "closed", "to come", "twice"])
async def test_a_service_that_cannot_be_given_stops_everything(database: str, wrong: str) -> None:  # R-RGT-05
    _, chief, agents = await town_with(1)
    await builders.service("CLOSED", closed_on=date(2021, 1, 1))
    await builders.service("COMING", online_since=date(2099, 1, 1))
    code = {"unknown": "NEVER", "closed": "CLOSED", "to come": "COMING", "twice": "COURRIERS"}[wrong]
    outcome = await right.give(builders.viewer(chief), [agents[0].id], [Wanted("COURRIERS", 1), Wanted(code, 2)])
    assert codes(outcome) == ["INVALID_VALUE" if wrong == "twice" else "UNKNOWN_SERVICE"]
    assert (outcome.errors[0].path, await held(agents[0])) == (("rights", "1", "service"), {})


async def test_copying_gives_exactly_the_colleague_s_rights(database: str) -> None:  # R-RGT-02
    town, chief, _ = await town_with(0)
    source = await builders.user(town, rights={"COURRIERS": 2})
    other = await builders.user(town, rights={"COURRIERS": 1, "COTISATIONS": 2})
    outcome = await right.copy(builders.viewer(chief), source.id, [other.id, 0])
    assert (outcome.done_ids, codes(outcome), await held(other)) == ([other.id], ["NOT_FOUND"], {"COURRIERS": 2})
    [event] = await tables.journal("right.changed")
    assert event["body"]["changes"] == {"COURRIERS": ["READ", "MODIFY"], "COTISATIONS": ["MODIFY", "NONE"]}
    assert event["body"]["facts"] == {"copied_from": source.id}


async def test_copying_leaves_the_hidden_rights_of_closed_services(database: str) -> None:  # R-RGT-05
    town, chief, _ = await town_with(0)
    await builders.service("CLOSED", closed_on=date(2021, 1, 1))
    source = await builders.user(town, rights={"COURRIERS": 1})
    other = await builders.user(town, rights={"CLOSED": 2})
    await right.copy(builders.viewer(chief), source.id, [other.id])
    assert await held(other) == {"CLOSED": 2, "COURRIERS": 1}


async def test_one_copies_from_colleagues_only(database: str) -> None:  # R-ACC-02
    _, chief, agents = await town_with(1)
    elsewhere = await builders.user(rights={"COURRIERS": 1})
    outcome = await right.copy(builders.viewer(chief), elsewhere.id, [agents[0].id])
    assert (codes(outcome), outcome.errors[0].path) == (["NOT_FOUND"], ("fromUserId",))


async def test_more_than_500_at_once_are_refused(database: str) -> None:
    _, chief, _ = await town_with(0)
    many = list(range(501))
    assert codes(await right.give(builders.viewer(chief), many, READ_BOTH)) == ["INVALID_VALUE"]
    assert codes(await right.copy(builders.viewer(chief), chief.id, many)) == ["INVALID_VALUE"]


@pytest.mark.parametrize("what", ["give", "copy"])
async def test_forty_accounts_take_as_many_statements_as_two(database: str, what: str) -> None:  # R-RGT-02
    town, chief, agents = await town_with(42)
    source = await builders.user(town, rights={"COURRIERS": 2})
    counts = []
    for some in (agents[:2], agents[2:]):
        ids = [one.id for one in some]
        db.statements.seen = []
        if what == "give":
            await right.give(builders.viewer(chief), ids, [Wanted("COURRIERS", 1), Wanted("COTISATIONS", 0)])
        else:
            await right.copy(builders.viewer(chief), source.id, ids)
        counts.append(len(db.statements.seen))
        db.statements.seen = None
    assert counts[0] == counts[1] < 16


async def test_two_who_give_at_once_both_count(database: str) -> None:  # R-RGT-02
    town, chief, agents = await town_with(3)
    second = await builders.user(town, administrator=True)
    ids = [one.id for one in agents]
    await asyncio.gather(
        right.give(builders.viewer(chief), ids, [Wanted("COURRIERS", 1)]),
        right.give(builders.viewer(second), list(reversed(ids)), [Wanted("COURRIERS", 2), Wanted("COTISATIONS", 1)]),
    )
    assert {len(await held(one)) for one in agents} == {2}
    assert await Right.filter(user_id__in=ids).count() == 6
