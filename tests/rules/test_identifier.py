"""The forgotten identifier (R-ACC-15, R-ACC-14)."""

import asyncio
import re
from collections.abc import Callable

import pytest

from backend import clock
from backend import database as db
from backend.models import User
from backend.rules import identifier
from backend.rules.viewer import Origin
from tests import builders
from tests.rules import tables

Move = Callable[[str], None]
ORIGIN = Origin("192.0.2.7", "Un navigateur")
ADDRESS = "zoe.lefevre@royan.example"


async def mails() -> list[db.Row]:
    return await db.rows("SELECT * FROM notifications ORDER BY id")


async def test_one_message_lists_every_identifier_of_an_address(database: str) -> None:  # R-ACC-15
    towns = [await builders.establishment(name) for name in ("Commune de Saujon", "Commune de Royan", "Syndicat")]
    people = [await builders.user(town, first_name="Zoé", last_name="Lefèvre", email=ADDRESS) for town in towns]
    await User.filter(id=people[2].id).update(deleted_at=clock.now())
    other = await builders.user(towns[0])
    assert await identifier.recover(f" {ADDRESS.upper()} ", ORIGIN) == identifier.SAME_ANSWER
    [mail] = await mails()
    assert (mail["kind"], mail["recipient"], mail["user_id"]) == ("IDENTIFIER_REMINDER", ADDRESS, people[0].id)
    for body in (mail["body_text"], mail["body_html"]):
        said = [body.find(one) for one in (people[1].identifier, "Commune de Royan", people[0].identifier, "Saujon")]
        assert said == sorted(said)
        assert -1 not in said
        assert people[2].identifier not in body
        assert other.identifier not in body
    assert "vos identifiants" in mail["subject"]
    [event] = await tables.journal("identifier.recovery_requested")
    assert (event["subject_id"], event["body"]["facts"]) == (people[0].id, {"accounts": 2})
    assert await tables.holding(ADDRESS, {("users", "email"), ("users", "email_key"), ("users", "search_text")}) == [
        "notifications.recipient"
    ]


@pytest.mark.parametrize("typed", ["inconnu@royan.example", "", "pas une adresse", "é@x", "x" * 5000])
async def test_nobody_gets_the_same_answer_and_as_many_statements(database: str, typed: str) -> None:  # R-ACC-14, 15
    await builders.user(email=ADDRESS)

    async def asked(email: str) -> tuple[str, int]:
        db.statements.seen = []
        answer = await identifier.recover(email, ORIGIN)
        counted = len(db.statements.seen)
        db.statements.seen = None
        return answer, counted

    assert await asked(typed) == await asked(ADDRESS)
    assert len(await mails()) == 1


async def test_a_mailbox_is_not_flooded(database: str, moved_clock: Move) -> None:  # R-ACC-15
    moved_clock("2026-06-01T10:00:00+02:00")
    await builders.user(email=ADDRESS)
    answers = await asyncio.gather(*(identifier.recover(ADDRESS, ORIGIN) for _ in range(8)))
    assert set(answers) == {identifier.SAME_ANSWER}
    assert len(await mails()) == 3
    moved_clock("2026-06-01T11:00:01+02:00")
    await identifier.recover(ADDRESS, ORIGIN)
    assert len(await mails()) == 4


async def test_the_message_carries_no_secret(database: str) -> None:  # R-ACC-15
    await builders.user(email=ADDRESS)
    await identifier.recover(ADDRESS, ORIGIN)
    [mail] = await mails()
    assert not re.search("jeton|token", mail["body_text"] + mail["body_html"])
    assert "votre identifiant" in mail["subject"]
