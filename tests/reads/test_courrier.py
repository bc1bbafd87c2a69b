"""In what capacity a letter was opened and acknowledged (R-DEL-07); lists by due date and subject (R-COU-07)."""

from datetime import timedelta
from typing import Any

from backend import clock
from backend.models import Courrier, CourrierFact
from backend.reads import courrier
from backend.reads.page import Order, Slice
from tests import builders


async def test_the_first_reader_and_who_acknowledged_are_shown_in_their_capacity(database: str) -> None:  # R-DEL-07
    town = await builders.establishment("Commune de Royan")
    centre = await builders.establishment("Centre de gestion", is_centralisateur=True)
    member, agent = await builders.user(centre), await builders.user(town)
    through = (await builders.delegation(centre, town, members=[member])).id
    letters = [await builders.courrier(town) for _ in range(3)]
    now = clock.now()

    async def fact(letter: Courrier, kind: str, actor_id: int, delegation_id: int | None, minutes: int) -> None:
        await CourrierFact.create(
            courrier_id=letter.id,
            kind=kind,
            occurred_at=now + timedelta(minutes=minutes),
            actor_id=actor_id,
            delegation_id=delegation_id,
        )

    first, second, untouched = letters
    await fact(first, "OPENED", member.id, through, 0)
    await fact(first, "OPENED", agent.id, None, 1)
    await fact(first, "ACKNOWLEDGED", agent.id, None, 2)
    await fact(second, "DOWNLOADED", agent.id, None, 0)
    await fact(second, "OPENED", member.id, through, 1)
    await fact(second, "ACKNOWLEDGED", member.id, through, 2)
    for letter, reader, acknowledger in ((first, member, agent), (second, agent, member)):
        await Courrier.filter(id=letter.id).update(
            first_opened_at=now, first_opened_by_id=reader.id, acknowledged_at=now, acknowledged_by_id=acknowledger.id
        )
    ids = [untouched.id, second.id, first.id]
    assert await courrier.opened_through(ids) == [None, None, through]
    assert await courrier.acknowledged_through(ids) == [None, through, None]


async def test_lists_by_due_date_and_by_subject(database: str) -> None:  # R-COU-07
    """Accents and case do not count; days are legal days, both ends included; a list is taken up to a limit."""
    town = await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights={"COURRIERS": builders.READ}))
    today = clock.today()
    days = {"été": -1, "Etablissement": 0, "Zone": 30, "abc": 31}
    for subject, number in days.items():
        await builders.courrier(town, subject=subject, due_on=today + timedelta(days=number))
    await builders.courrier(town, subject="sans échéance")

    async def subjects(order: Order, **given: Any) -> list[str]:
        page = await courrier.listing(reader, courrier.Filter(**given), order).page(Slice(first=10))
        return [str(one["subject"]) for one in page.rows]

    assert await subjects(courrier.SUBJECT) == ["abc", "Etablissement", "été", "sans échéance", "Zone"]
    month = {"due_from": today, "due_until": today + timedelta(days=30)}
    assert await subjects(courrier.DUE, **month) == ["Etablissement", "Zone"]
    assert await subjects(courrier.DUE, due_until=today - timedelta(days=1)) == ["été"]
    found = courrier.listing(reader, courrier.Filter(), courrier.SUBJECT)
    assert [
        (len(ids), is_cut) for ids, is_cut in [await courrier.numbers(found, 3), await courrier.numbers(found, 5)]
    ] == [
        (3, True),
        (5, False),
    ]
