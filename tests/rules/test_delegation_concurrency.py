"""Two who act at once on the same delegation: one counts, the second is told what was decided (R-DEL-02, R-DEL-04).

What the journal tells, in the order of commits, is a history along the allowed edges, by people who were allowed to
when they did it; the tables say the same; and nobody waits for the other for ever.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.models import Delegation, Notification, User
from backend.rules import (
    access,
    delegation,
    delegation_members,
    delegation_request,
    establishment,
    journal,
    session,
    user,
)
from backend.rules.delegation_members import Change
from backend.rules.delegation_request import Request
from backend.rules.right import Wanted
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules import tables
from tests.rules.pair import READING, REASON, Pair, a_pair, act, ask, day
from tests.rules.test_concurrency import TURNS, at_once
from tests.rules.test_delegation_states import errors_of

NEXT = {
    ("PENDING", "delegation.accepted"): "ACCEPTED",
    ("PENDING", "delegation.refused"): "REFUSED",
    ("PENDING", "delegation.withdrawn"): "WITHDRAWN",
    ("PENDING", "delegation.reminded"): "PENDING",
    ("ACCEPTED", "delegation.extended"): "ACCEPTED",
    ("ACCEPTED", "delegation.members_changed"): "ACCEPTED",
    ("ACCEPTED", "delegation.ended"): "ENDED",
}
"""The allowed edges."""

MAILS = {
    "delegation.accepted": 3,
    "delegation.refused": 3,
    "delegation.withdrawn": 2,
    "delegation.reminded": 2,
    "delegation.extended": 3,
    "delegation.ended": 3,
    "delegation.members_changed": 1,
}
"""How many e-mails each event sends here: to the asker, to the town's two administrators; to the member."""


@dataclass
class Ring:
    """A pair with two administrators on each side, an operator, and a delegation."""

    pair: Pair
    second_chief: User
    second_mayor: User
    operator: Viewer
    number: int = 0
    status: str = "PENDING"

    def by(self, name: str) -> Viewer:
        people = {
            "chief": self.pair.chief,
            "second chief": self.second_chief,
            "mayor": self.pair.mayor,
            "second mayor": self.second_mayor,
            "agent": self.pair.agent,
        }
        return builders.viewer(people[name])


Act = Callable[[Ring], Awaitable[Any]]
LONG_AGO = "2026-06-01T09:00+02:00"
NOW = "2026-06-15T12:00+02:00"


async def a_ring(status: str) -> Ring:
    """Asked a fortnight ago; in force since then, until the end of the year."""
    ring = Ring(
        pair := await a_pair(),
        await builders.user(pair.centre, administrator=True, first_name="Eric", last_name="Chef"),
        await builders.user(pair.town, administrator=True, first_name="Basile", last_name="Maire"),
        builders.viewer(await builders.operator()),
        status=status,
    )
    with clock.moved_to(datetime.fromisoformat(LONG_AGO)):
        if status == "PENDING":
            ring.number = await ask(pair, ends_on=day("2026-12-31"))
        elif status == "ACCEPTED":
            ring.number = await act(pair, ends_on=day("2026-12-31"))
    return ring


def accept(who: str) -> Act:
    return lambda ring: delegation.accept(ring.by(who), ring.number)


def refuse(who: str) -> Act:
    return lambda ring: delegation.refuse(ring.by(who), ring.number, "Non.")


def withdraw(who: str) -> Act:
    return lambda ring: delegation.withdraw(ring.by(who), [ring.number])


def remind(who: str) -> Act:
    return lambda ring: delegation.remind(ring.by(who), [ring.number])


def end(who: str) -> Act:
    return lambda ring: delegation.end(ring.by(who), ring.number, REASON)


def extend(who: str, until: str | None) -> Act:
    return lambda ring: delegation.extend(ring.by(who), ring.number, day(until) if until else None)


def choose(who: str, *, add: bool) -> Act:
    def work(ring: Ring) -> Awaitable[Any]:
        agent = (ring.pair.agent.id,)
        return delegation_members.choose(ring.by(who), [ring.number], Change(agent) if add else Change((), agent))

    return work


def ask_again(who: str, *services: str, key: str | None = None) -> Act:
    wanted = tuple(Wanted(one, 1) for one in services)
    return lambda ring: delegation_request.request(ring.by(who), Request((ring.pair.town.siret,), wanted), key)


def demote(who: str, whom: str) -> Act:
    return lambda ring: user.set_profile(ring.by(who), ring.by(whom).user_id or 0, is_administrator=False)


def delete(who: str, whom: str) -> Act:
    return lambda ring: user.delete(ring.by(who), [ring.by(whom).user_id or 0])


def switch(viewer: Viewer) -> Act:
    return lambda ring: session.act_for(viewer, ring.pair.town.id)


async def unmark(ring: Ring) -> Any:
    """The operators say that the centre may ask no more."""
    changes = establishment.Changes(is_centralisateur=False)
    return await establishment.update(ring.operator, ring.pair.centre.id, changes)


DONE, DECIDED = "done", "ALREADY_DECIDED"
ONE_COUNTS = {(DONE, DECIDED), (DECIDED, DONE)}

PAIRS: dict[str, tuple[str, Act, Act, set[tuple[str, str]]]] = {
    "accept twice": ("PENDING", accept("mayor"), accept("second mayor"), ONE_COUNTS),
    "accept twice, by the same": ("PENDING", accept("mayor"), accept("mayor"), ONE_COUNTS),
    "accept and refuse": ("PENDING", accept("mayor"), refuse("second mayor"), ONE_COUNTS),
    "refuse twice": ("PENDING", refuse("mayor"), refuse("second mayor"), ONE_COUNTS),
    "accept and withdraw": ("PENDING", accept("mayor"), withdraw("chief"), ONE_COUNTS),
    "refuse and withdraw": ("PENDING", refuse("mayor"), withdraw("second chief"), ONE_COUNTS),
    "withdraw twice": ("PENDING", withdraw("chief"), withdraw("second chief"), ONE_COUNTS),
    "withdraw and remind": ("PENDING", withdraw("chief"), remind("second chief"), {(DONE, DONE), (DONE, DECIDED)}),
    "accept and remind": ("PENDING", accept("mayor"), remind("chief"), {(DONE, DONE), (DONE, DECIDED)}),
    "remind twice": (
        "PENDING", remind("chief"), remind("second chief"), {(DONE, "REMINDED_RECENTLY"), ("REMINDED_RECENTLY", DONE)},
    ),
    "accept and end": (
        "PENDING", accept("mayor"), end("chief"), {(DONE, DONE), (DONE, "NOT_DECIDED")},
    ),
    "accept and choose members": (
        "PENDING", accept("mayor"), choose("chief", add=True), {(DONE, DONE), (DONE, "NOT_DECIDED")},
    ),
    "end by both sides": ("ACCEPTED", end("chief"), end("mayor"), ONE_COUNTS),
    "end twice by one side": ("ACCEPTED", end("mayor"), end("second mayor"), ONE_COUNTS),
    "end and extend": ("ACCEPTED", end("chief"), extend("mayor", "2027-12-31"), {(DONE, DONE), (DONE, DECIDED)}),
    "end and extend by one side": (
        "ACCEPTED", end("mayor"), extend("second mayor", None), {(DONE, DONE), (DONE, DECIDED)},
    ),
    "end and choose members": ("ACCEPTED", end("mayor"), choose("chief", add=False), {(DONE, DONE), (DONE, DECIDED)}),
    "extend twice": (
        "ACCEPTED", extend("mayor", "2028-12-31"), extend("second mayor", "2027-12-31"),
        {(DONE, DONE), (DONE, "INVALID_VALUE")},
    ),
    "extend twice to the same day": (
        "ACCEPTED", extend("mayor", "2028-12-31"), extend("second mayor", "2028-12-31"),
        {(DONE, "INVALID_VALUE"), ("INVALID_VALUE", DONE)},
    ),
    "extend and choose members": ("ACCEPTED", extend("mayor", None), choose("chief", add=False), {(DONE, DONE)}),
    "add and remove a member": (
        "ACCEPTED", choose("chief", add=False), choose("second chief", add=True), {(DONE, DONE)},
    ),
    "demoted while accepting": (
        "PENDING", demote("second mayor", "mayor"), accept("mayor"), {(DONE, DONE), (DONE, "NOT_FOUND")},
    ),
    "deleted while refusing": (
        "PENDING", delete("second mayor", "mayor"), refuse("mayor"), {(DONE, DONE), (DONE, "NOT_FOUND")},
    ),
    "demoted while withdrawing": (
        "PENDING", demote("second chief", "chief"), withdraw("chief"), {(DONE, DONE), (DONE, "NOT_FOUND")},
    ),
    "demoted while ending": (
        "ACCEPTED", demote("second mayor", "mayor"), end("mayor"), {(DONE, DONE), (DONE, "NOT_FOUND")},
    ),
    "demoted while choosing members": (
        "ACCEPTED", demote("second chief", "chief"), choose("chief", add=False), {(DONE, DONE), (DONE, "NOT_ALLOWED")},
    ),
    "delete a member and choose them": (
        "ACCEPTED", delete("chief", "agent"), choose("second chief", add=True), {(DONE, DONE), (DONE, "NOT_FOUND")},
    ),
    "delete a member and remove them": (
        "ACCEPTED", delete("chief", "agent"), choose("second chief", add=False), {(DONE, DONE)},
    ),
}  # fmt: skip

ASKED_TWICE = {(DONE, "ALREADY_DELEGATED"), ("ALREADY_DELEGATED", DONE)}
ASKING: dict[str, tuple[Act, Act, set[tuple[str, str]]]] = {
    "ask twice": (ask_again("chief", "COURRIERS"), ask_again("second chief", "COURRIERS"), ASKED_TWICE),
    "ask twice for some of the same": (
        ask_again("chief", "COURRIERS", "DSN"), ask_again("second chief", "DSN"), ASKED_TWICE,
    ),
    "ask for different services": (
        ask_again("chief", "COURRIERS"), ask_again("second chief", "DSN"), {(DONE, DONE)},
    ),
    "ask twice under one key": (
        ask_again("chief", "COURRIERS", key="k"), ask_again("chief", "COURRIERS", key="k"), {(DONE, DONE)},
    ),
    "demoted while asking": (
        demote("second chief", "chief"), ask_again("chief", "DSN"), {(DONE, DONE), (DONE, "NOT_ALLOWED")},
    ),
    "not a centralisateur any more while asking": (
        unmark, ask_again("chief", "DSN"), {(DONE, DONE), (DONE, "NOT_CENTRALISATEUR")},
    ),
}  # fmt: skip


def told(outcome: Any) -> str:
    """done, or why not."""
    errors = outcome if isinstance(outcome, list | tuple) else errors_of(outcome)
    return str(errors[0].code) if errors else DONE


async def since(last: int) -> list[db.Row]:
    return await db.rows("SELECT * FROM audit_events WHERE id > $1 ORDER BY id", [last])


async def last_event() -> int:
    found = await db.row("SELECT max(id) AS id FROM audit_events")
    return int(found["id"] or 0) if found else 0


async def both(ring: Ring, first: Act, second: Act, turns: tuple[int, int]) -> tuple[Any, Any]:
    """What each was told."""
    outcomes: list[Any] = [None, None]

    async def run(place: int, work: Act) -> None:
        outcomes[place] = await work(ring)

    await at_once(run(0, first), run(1, second), turns)
    return outcomes[0], outcomes[1]


async def hold(ring: Ring, events: Sequence[db.Row], mails: int) -> None:
    """The history since is one the rules allow, and the tables say the same."""
    status, sent, demoted = ring.status, 0, set()
    for event in events:
        if event["action"] in ("user.profile_changed", "user.deleted"):
            demoted.add(event["subject_id"])
        if event["subject_type"] != "Delegation":
            continue
        assert event["actor_id"] not in demoted, "by somebody who could not any more"
        status = NEXT[status, event["action"]]
        sent += MAILS[event["action"]]
    assert (await Delegation.get(id=ring.number)).status == status
    assert await Notification.all().count() - mails == sent
    assert (await journal.verify())[1] is None
    gone = "SELECT m.id FROM delegation_members m JOIN users u ON u.id = m.user_id WHERE u.deleted_at IS NOT NULL"
    assert await db.rows(gone) == []


@pytest.mark.parametrize("pair", PAIRS)
async def test_of_two_at_once_one_counts_and_the_second_is_told(  # R-DEL-02, R-DEL-04, R-DEL-05
    database: str, pair: str
) -> None:
    status, first, second, expected = PAIRS[pair]
    seen = set()
    for turns in TURNS:
        ring = await a_ring(status)
        with clock.moved_to(datetime.fromisoformat(NOW)):
            last, mails = await last_event(), await Notification.all().count()
            outcomes = await both(ring, first, second, turns)
            events = await since(last)
            await hold(ring, events, mails)
        found = (told(outcomes[0]), told(outcomes[1]))
        assert found in expected, (turns, found)
        seen.add(found)
        for outcome in outcomes:
            if told(outcome) == DECIDED:
                await says_by_whom_and_when(outcome, events)
    assert seen


async def says_by_whom_and_when(outcome: Any, events: Sequence[db.Row]) -> None:
    """R-DEL-02."""
    [error] = errors_of(outcome)
    decision = next(one for one in events if one["action"] != "delegation.reminded")
    by = await User.get(id=decision["actor_id"]).prefetch_related("establishment")
    assert f" par {by.first_name} {by.last_name} ({by.establishment.name})" in error.message
    assert error.message.endswith(" le 15\u00a0juin\u00a02026 à 12 h 00.")


@pytest.mark.parametrize("pair", ASKING)
async def test_two_who_ask_at_once_ask_once(database: str, pair: str) -> None:  # R-DEL-01
    first, second, expected = ASKING[pair]
    for turns in TURNS:
        ring = await a_ring("NONE")
        before = await Delegation.all().count()
        outcomes = await both(ring, first, second, turns)
        found = (told(outcomes[0]), told(outcomes[1]))
        assert found in expected, (turns, found)
        theirs = await db.rows(
            "SELECT ds.service_id, count(*) AS n FROM delegations d JOIN delegation_services ds "
            "ON ds.delegation_id = d.id WHERE d.centralisateur_id = $1 GROUP BY ds.service_id",
            [ring.pair.centre.id],
        )
        assert {one["n"] for one in theirs} <= {1}, "the same service is asked once"
        assert await Delegation.all().count() > before or "NOT_" in found[1]
        assert (await journal.verify())[1] is None


async def test_a_crowd_decides_once(database: str) -> None:  # R-DEL-02
    for _ in range(5):
        ring = await a_ring("PENDING")
        with clock.moved_to(datetime.fromisoformat(NOW)):
            last, mails = await last_event(), await Notification.all().count()
            works = [accept("mayor"), accept("second mayor"), refuse("mayor"), refuse("second mayor")]
            works += [withdraw("chief"), withdraw("second chief"), remind("chief"), remind("second chief")]
            outcomes = await asyncio.gather(*(work(ring) for work in works))
            events = await since(last)
            await hold(ring, events, mails)
        assert [told(one) for one in outcomes[:6]].count(DONE) == 1
        assert {told(one) for one in outcomes[:6]} == {DONE, DECIDED}
        assert len([one for one in events if one["action"] == "delegation.reminded"]) <= 1


async def test_lists_in_both_directions_do_not_wait_for_each_other(database: str) -> None:  # R-DEL-04, R-DEL-09
    """Two administrators withdraw and recall many, in opposite orders, while each town decides."""
    with clock.moved_to(datetime.fromisoformat(LONG_AGO)):
        pair = await a_pair()
        second = await builders.user(pair.centre, administrator=True)
        mayors = [await builders.user(administrator=True) for _ in range(12)]
        sirets = tuple(one["siret"] for one in await db.rows(
            "SELECT e.siret FROM establishments e JOIN users u ON u.establishment_id = e.id "
            f"WHERE u.id IN ({', '.join(str(one.id) for one in mayors)}) ORDER BY u.id"
        ))  # fmt: skip
        answer = await delegation_request.request(pair.asker, Request(sirets, READING))
    numbers = [one.delegation_id or 0 for one in answer.lines]
    with clock.moved_to(datetime.fromisoformat(NOW)):
        works: list[Awaitable[Any]] = []
        for mayor, number in zip(mayors, numbers, strict=True):
            works.append(delegation.accept(builders.viewer(mayor), number))
        works.insert(3, delegation.withdraw(pair.asker, numbers[:8]))
        works.insert(6, delegation.remind(builders.viewer(second), numbers[::-1]))
        works.append(delegation.withdraw(builders.viewer(second), numbers[::-2]))
        works.append(delegation_members.choose(pair.asker, numbers[::-1], Change((pair.agent.id,))))
        works.append(delegation_members.choose(builders.viewer(second), numbers, Change((pair.chief.id,))))
        async with asyncio.timeout(20):
            await asyncio.gather(*works)
    statuses = {one.id: one.status for one in await Delegation.all()}
    assert set(statuses.values()) <= {"ACCEPTED", "WITHDRAWN"}
    decided = await db.rows(
        "SELECT subject_id, count(*) AS n FROM audit_events WHERE action IN ('delegation.accepted', "
        "'delegation.withdrawn') GROUP BY subject_id"
    )
    assert {one["subject_id"]: one["n"] for one in decided} == dict.fromkeys(numbers, 1)


async def test_switching_while_it_ends_leaves_nothing_reached(database: str) -> None:  # R-DEL-08
    for turns in TURNS:
        ring = await a_ring("ACCEPTED")
        letter = await builders.courrier(ring.pair.town)
        opened = await session.log_in(ring.pair.agent.identifier, builders.PASSWORD, session.TOKEN, Origin())
        assert opened.viewer is not None
        await both(ring, switch(opened.viewer), end("mayor"), turns)
        now = await session.renewed(opened.viewer)
        assert now is not None
        assert await access.capacity(now, letter.id) == (False, None)
        assert await access.delegation_to(now, ring.pair.town.id) is None
        switched = await tables.journal("session.acts_for")
        assert all(one["delegation_id"] for one in switched)
