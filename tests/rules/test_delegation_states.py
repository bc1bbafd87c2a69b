"""Every action on a delegation, in every state, by every kind of actor (R-DEL-02, R-DEL-04, R-DEL-05).

What must come of each is read plainly from the rules below; what is refused changes nothing at all, and whoever comes
second is told what was decided, by whom and when.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from backend import clock
from backend.reads import delegation as reads
from backend.rules import delegation, delegation_members, delegation_request
from backend.rules.delegation import Narrowing
from backend.rules.delegation_members import Change
from backend.rules.delegation_request import Request
from backend.rules.error import UserError
from backend.rules.right import Wanted
from backend.rules.viewer import Viewer
from tests.rules import tables
from tests.rules.delegation_states import (
    ACTORS,
    CENTRE_SIDE,
    ELSEWHERE,
    NOW,
    RIVAL,
    STATES,
    TOWN_SIDE,
    State,
    Town,
    World,
    a_world,
)
from tests.rules.ground import Look, opened
from tests.rules.pair import READING, day

# ---------------------------------------------------------------- what they try

Try = Callable[[Viewer, World, Town], Awaitable[Any]]


@dataclass(frozen=True)
class Action:
    """Something that is tried, who may do it on what, and what it becomes."""

    work: Try
    sides: tuple[str, ...]
    on: str
    event: str
    becomes: str
    mails: int


def _ask(services: tuple[Wanted, ...]) -> Try:
    return lambda who, _, town: delegation_request.request(who, Request((town.place.siret,), services))


def _choose(who: Viewer, world: World, town: Town) -> Awaitable[Any]:
    return delegation_members.choose(who, [town.delegation_id], Change((world.agent.id,), (world.member.id,)))


IN_PART = Narrowing(READING, day("2026-06-20"), day("2026-06-20"))
ACTIONS: dict[str, Action] = {
    "accept": Action(
        lambda who, _, town: delegation.accept(who, town.delegation_id),
        (TOWN_SIDE,), "PENDING", "delegation.accepted", "ACCEPTED", 2,
    ),
    "accept in part": Action(
        lambda who, _, town: delegation.accept(who, town.delegation_id, IN_PART),
        (TOWN_SIDE,), "PENDING", "delegation.accepted", "ACCEPTED", 2,
    ),
    "refuse": Action(
        lambda who, _, town: delegation.refuse(who, town.delegation_id, "Non."),
        (TOWN_SIDE,), "PENDING", "delegation.refused", "REFUSED", 2,
    ),
    "withdraw": Action(
        lambda who, _, town: delegation.withdraw(who, [town.delegation_id]),
        (CENTRE_SIDE,), "PENDING", "delegation.withdrawn", "WITHDRAWN", 1,
    ),
    "remind": Action(
        lambda who, _, town: delegation.remind(who, [town.delegation_id]),
        (CENTRE_SIDE,), "PENDING", "delegation.reminded", "PENDING", 1,
    ),
    "extend": Action(
        lambda who, _, town: delegation.extend(who, town.delegation_id, day("2029-01-01")),
        (TOWN_SIDE,), "ACCEPTED", "delegation.extended", "ACCEPTED", 2,
    ),
    "end": Action(
        lambda who, _, town: delegation.end(who, town.delegation_id, "Fin."),
        (TOWN_SIDE, CENTRE_SIDE), "ACCEPTED", "delegation.ended", "ENDED", 2,
    ),
    "choose members": Action(
        _choose, (CENTRE_SIDE,), "ACCEPTED", "delegation.members_changed", "ACCEPTED", 2,
    ),
}  # fmt: skip


def code(action: str, state: State, side: str | None) -> str:
    """What the rules say comes of it: done, or why not."""
    given = ACTIONS[action]
    if side not in given.sides:
        return "NOT_ALLOWED" if action == "choose members" and side is None else "NOT_FOUND"
    if state.status == given.on:
        return "INVALID_VALUE" if action == "extend" and state.ends_on is None else "done"
    return "NOT_DECIDED" if state.status == "PENDING" else "ALREADY_DECIDED"


def ask_code(state: State, side: str | None) -> str:
    """The same of asking again for the same service (R-DEL-01)."""
    if side is None:
        return "NOT_ALLOWED"
    if side in (TOWN_SIDE, ELSEWHERE):
        return "NOT_CENTRALISATEUR"
    return "done" if side == RIVAL or state.status == "OVER" else "ALREADY_DELEGATED"


def errors_of(outcome: Any) -> tuple[UserError, ...]:
    lines = [one.errors for one in getattr(outcome, "lines", ())]
    results = [several for _, several in getattr(outcome, "results", ())]
    return (*outcome.errors, *(error for several in (*lines, *results) for error in several))


# ---------------------------------------------------------------- tried


@contextmanager
def everything(url: str) -> Iterator[World]:
    """The world, in a database that remembers it."""
    with opened(url) as ground:
        world = ground.run(a_world(ground))
        ground.remember()
        with clock.moved_to(datetime.fromisoformat(NOW)):
            yield world


def changed(before: Look, now: Look) -> dict[str, list[Any]]:
    """The new or different rows of each table."""
    return {
        name: [row for key, row in rows.items() if before[name].get(key) != row]
        for name, rows in now.items()
        if rows != before[name]
    }


WRITTEN = {
    "delegations",
    "delegation_steps",
    "delegation_services",
    "delegation_members",
    "past_members",
    "notifications",
    "audit_events",
    "audit_details",
}
"""Steps of an end that has just been chosen, and are behind."""


def tried(world: World, name: str, action: str) -> None:
    """By everybody: one action in one state."""
    state, town = STATES[name], world.towns[name]
    before = world.ground.look()
    for kind, (who, side) in ACTORS.items():
        viewer = who(world, town)
        outcome = world.ground.run(_run(ACTIONS[action].work(viewer, world, town)))
        now = world.ground.look()
        expected, errors = code(action, state, side), errors_of(outcome)
        found = [one.code.value for one in errors] or ["done"]
        assert found == [expected], f"{action} by {kind} where it is {name}"
        if expected == "done":
            was_done(world, action, viewer, town, changed(before, now))
            world.ground.restore()
            continue
        assert now == before, f"{action} by {kind} where it is {name} was refused, and changed something"
        if expected in ("ALREADY_DECIDED", "NOT_DECIDED"):
            assert errors[0].message == state.told.format(town=town.place.name)
            assert errors[0].path == ("id",)


def was_done(world: World, action: str, viewer: Viewer, town: Town, rows: dict[str, list[Any]]) -> None:
    """What an action leaves: its event, its e-mails, the delegation as it becomes, and nothing else."""
    given = ACTIONS[action]
    assert set(rows) <= WRITTEN | tables.MADE_OF_THE_REST, rows.keys()
    [event] = rows["audit_events"]
    assert (event["action"], event["actor_id"], event["establishment_id"], event["delegation_id"]) == (
        given.event, viewer.user_id, viewer.establishment_id, town.delegation_id,
    )  # fmt: skip
    assert len(rows.get("notifications", [])) == given.mails
    told = {world.agent.id, world.member.id} if action == "choose members" else {town.mayor.id, world.chief.id}
    assert {one["user_id"] for one in rows.get("notifications", [])} <= told
    assert {one["delegation_id"] for one in rows.get("delegation_steps", [])} <= {town.delegation_id}
    [row] = rows.get("delegations", [None])
    if row is not None:
        assert (row["id"], row["status"]) == (town.delegation_id, given.becomes)
    else:
        assert action == "choose members"


async def _run(work: Awaitable[Any]) -> Any:
    return await work


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


def test_every_action_in_every_state_by_everybody(url: str) -> None:  # R-DEL-02, R-DEL-04, R-DEL-05
    with everything(url) as world:
        for name in STATES:
            for action in ACTIONS:
                tried(world, name, action)


def test_the_same_is_asked_again_once_it_stands_no_more(url: str) -> None:  # R-DEL-01
    with everything(url) as world:
        for name, state in STATES.items():
            before, town = world.ground.look(), world.towns[name]
            for kind, (who, side) in ACTORS.items():
                outcome = world.ground.run(_run(_ask(READING)(who(world, town), world, town)))
                found = [one.code.value for one in errors_of(outcome)] or ["done"]
                assert found == [ask_code(state, side)], f"asked by {kind} where it is {name}"
                if found == ["done"]:
                    world.ground.restore()
                assert world.ground.look() == before


def test_what_one_may_do_is_what_is_told_to_be_possible(url: str) -> None:  # R-DEL-02, R-DEL-04
    """`Delegation.allowedActions`, for everybody who looks one up: what is told works, what is not is refused."""
    names = {
        "accept": delegation.ACCEPT, "refuse": delegation.REFUSE, "withdraw": delegation.WITHDRAW,
        "remind": delegation.REMIND, "extend": delegation.EXTEND, "end": delegation.END,
        "choose members": delegation.CHOOSE_MEMBERS,
    }  # fmt: skip
    honest = [kind for kind in ACTORS if "say" not in kind and "since" not in kind]
    with everything(url) as world:
        for name, state in STATES.items():
            row = world.ground.run(_seen(world.towns[name].delegation_id))
            for kind in honest:
                who, side = ACTORS[kind]
                told = set(delegation.actions(who(world, world.towns[name]), row))
                assert told == {one for action, one in names.items() if code(action, state, side) == "done"}, (
                    name, kind,
                )  # fmt: skip


async def _seen(number: int) -> dict[str, Any]:
    [row] = await reads.named([number])
    assert row is not None
    return row


def test_every_edge_between_states_is_one_that_is_allowed() -> None:
    """The table above, said once more: from which states an action leads where."""
    edges = {(one.on, one.becomes) for one in ACTIONS.values()}
    assert edges == {
        ("PENDING", "ACCEPTED"), ("PENDING", "REFUSED"), ("PENDING", "WITHDRAWN"), ("PENDING", "PENDING"),
        ("ACCEPTED", "ENDED"), ("ACCEPTED", "ACCEPTED"),
    }  # fmt: skip
