"""In what capacity a letter was first opened, and acknowledged (R-DEL-07)."""

from datetime import timedelta

from backend import clock
from backend.models import Courrier, CourrierFact
from backend.reads import courrier
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
