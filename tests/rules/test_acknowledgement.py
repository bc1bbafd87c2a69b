"""Acknowledging: where it is asked, once for the establishment, by somebody who reads the letter (R-COU-06)."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.models import Courrier, CourrierFact, Establishment, User
from backend.rules import acknowledgement, journal
from backend.rules.acknowledgement import Acknowledged
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables

READ = {"COURRIERS": builders.READ}


def told(outcome: Acknowledged) -> list[str]:
    return [one.code.value for one in outcome.errors]


async def a_letter(to: Establishment | None = None, **values: Any) -> Courrier:
    return await builders.courrier(to, **{"acknowledgement_required": True, **values})


async def a_reader(of: Courrier, **values: Any) -> User:
    return await builders.user(await of.establishment, rights=READ, **values)


async def test_it_is_a_fact_and_an_event(database: str, moved_clock: Callable[[str], None]) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    letter = await a_letter()
    agent = await a_reader(letter)
    assert await acknowledgement.acknowledge(builders.viewer(agent), letter.id) == Acknowledged(letter.id)
    now = await Courrier.get(id=letter.id)
    assert (now.acknowledged_at, now.acknowledged_by_id) == (clock.now(), agent.id)
    [fact] = await CourrierFact.filter(courrier_id=letter.id)
    assert (fact.kind, fact.actor_id, fact.delegation_id, fact.occurred_at) == (
        "ACKNOWLEDGED",
        agent.id,
        None,
        clock.now(),
    )
    [event] = await tables.journal("courrier.acknowledged")
    names = ("actor_id", "establishment_id", "on_behalf_of_id", "delegation_id", "subject_type", "subject_id")
    assert [event[name] for name in names] == [agent.id, letter.establishment_id, None, None, "Courrier", letter.id]


async def test_it_is_neither_opening_nor_reading(database: str) -> None:
    letter = await a_letter()
    await acknowledgement.acknowledge(builders.viewer(await a_reader(letter)), letter.id)
    now = await Courrier.get(id=letter.id)
    assert (now.first_opened_at, await db.rows("SELECT id FROM courrier_marks")) == (None, [])


async def test_through_a_delegation_it_carries_both_establishments(database: str) -> None:  # R-DEL-07
    centre, letter = await builders.establishment(is_centralisateur=True), await a_letter()
    member = await builders.user(centre, rights=READ)
    agreement = await builders.delegation(centre, await letter.establishment, members=[member])
    assert told(await acknowledgement.acknowledge(builders.viewer(member), letter.id)) == []
    [fact] = await CourrierFact.filter(courrier_id=letter.id)
    [event] = await tables.journal("courrier.acknowledged")
    assert (fact.actor_id, fact.delegation_id) == (member.id, agreement.id)
    names = ("establishment_id", "on_behalf_of_id", "delegation_id")
    assert [event[name] for name in names] == [centre.id, letter.establishment_id, agreement.id]


async def test_the_second_is_told_who_did_and_when(database: str, moved_clock: Callable[[str], None]) -> None:
    letter = await a_letter(await builders.establishment("Commune de Royan"))
    first = await a_reader(letter, first_name="Nadia", last_name="Benali")
    second = await a_reader(letter)
    moved_clock("2026-06-01T10:05+02:00")
    await acknowledgement.acknowledge(builders.viewer(first), letter.id)
    moved_clock("2026-06-02T10:00+02:00")
    before = await tables.digest()
    outcome = await acknowledgement.acknowledge(builders.viewer(second), letter.id)
    assert (outcome.courrier_id, told(outcome), await tables.digest()) == (letter.id, ["ALREADY_ACKNOWLEDGED"], before)
    message = outcome.errors[0].message.replace("\u00a0", " ")
    assert "Nadia Benali (Commune de Royan), le 1er juin 2026 à 10 h 05" in message


async def test_of_ten_at_once_one_counts(database: str) -> None:
    letter = await a_letter()
    people = [builders.viewer(await a_reader(letter)) for _ in range(10)]
    outcomes = await asyncio.gather(*(acknowledgement.acknowledge(one, letter.id) for one in people))
    assert sorted(told(one) for one in outcomes) == [[], *[["ALREADY_ACKNOWLEDGED"]] * 9]
    assert len(await CourrierFact.filter(courrier_id=letter.id)) == 1
    assert len(await tables.journal("courrier.acknowledged")) == 1


async def test_where_it_is_not_asked_nothing_is_done(database: str) -> None:
    letter = await a_letter(acknowledgement_required=False)
    agent = await a_reader(letter)
    before = await tables.digest()
    outcome = await acknowledgement.acknowledge(builders.viewer(agent), letter.id)
    assert (told(outcome), await tables.digest()) == (["ACKNOWLEDGEMENT_NOT_ASKED"], before)


WHO_MAY_NOT = [
    "a colleague without the right",
    "an administrator without the right",
    "somebody elsewhere",
    "a member whose delegation has ended",
    "a member without the right at home",
    "an operator",
    "a program",
    "nobody",
]


@pytest.mark.parametrize("who", WHO_MAY_NOT)
async def test_who_does_not_read_it_does_not_acknowledge_it(database: str, who: str) -> None:  # R-COU-05, R-RGT-03
    letter = await a_letter()
    town, centre = await letter.establishment, await builders.establishment(is_centralisateur=True)
    former = await builders.user(centre, rights=READ)
    without = await builders.user(centre)
    await builders.delegation(centre, town, members=[former], status="ENDED")
    await builders.delegation(centre, town, members=[without])
    viewers = {
        "a colleague without the right": builders.viewer(await builders.user(town, rights={"AUTRE": builders.READ})),
        "an administrator without the right": builders.viewer(await builders.user(town, administrator=True)),
        "somebody elsewhere": builders.viewer(await builders.user(rights=READ)),
        "a member whose delegation has ended": builders.viewer(former),
        "a member without the right at home": builders.viewer(without),
        "an operator": builders.viewer(await builders.operator()),
        "a program": Viewer(api_client_id=1, scopes=frozenset({"DEPOSIT_COURRIERS"})),
        "nobody": Viewer(),
    }
    before = await tables.digest()
    outcome = await acknowledgement.acknowledge(viewers[who], letter.id)
    assert told(outcome) == (["NOT_ALLOWED"] if who in {"a program", "nobody"} else ["NOT_FOUND"])
    assert (outcome.courrier_id, await tables.digest()) == (None, before)


@pytest.mark.parametrize("state", ["withdrawn", "to come", "unknown"])
async def test_a_letter_that_is_not_there_is_not_acknowledged(database: str, state: str) -> None:
    values = {"withdrawn": {"withdrawn_at": clock.now()}, "to come": {"available_at": None}}.get(state, {})
    letter = await a_letter(**values)
    agent = await a_reader(letter)
    number = 10**15 if state == "unknown" else letter.id
    assert told(await acknowledgement.acknowledge(builders.viewer(agent), number)) == ["NOT_FOUND"]


async def test_the_journal_holds_afterwards(database: str) -> None:  # R-JRN-01
    letter = await a_letter()
    await acknowledgement.acknowledge(builders.viewer(await a_reader(letter)), letter.id)
    assert await journal.verify() == (1, None)
