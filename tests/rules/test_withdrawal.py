"""Withdrawing a letter deposited by mistake: gone at once for its readers, its trace stays (R-COU-13)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.gateways.mail import DemonstrationMailer
from backend.jobs import outbox, schedule
from backend.models import Courrier, CourrierFact, Notification, User
from backend.reads import courrier as reads
from backend.reads.page import Slice
from backend.rules import acknowledgement, courrier, delegation, document, globalid, journal, withdrawal
from backend.rules.viewer import Viewer
from backend.rules.withdrawal import Withdrawn
from tests import builders
from tests.rules import tables

READ = {"COURRIERS": builders.READ}
REASON = "Adressé à la mauvaise commune."


def told(outcome: Withdrawn) -> list[str]:
    return [one.code.value for one in outcome.errors]


async def an_operator() -> Viewer:
    return builders.viewer(await builders.operator())


async def a_program() -> Viewer:
    made, _ = await builders.api_client()
    return Viewer(api_client_id=made.id, scopes=frozenset({"DEPOSIT_COURRIERS"}))


async def withdrawn(letter: Courrier, by: Viewer | None = None) -> None:
    """A withdrawal that must succeed."""
    assert await withdrawal.withdraw(by or await an_operator(), letter.id, REASON) == Withdrawn(letter.id)


async def opens(person: User, letter: Courrier, nonce: str, delegation_id: int | None = None) -> bool:
    return await courrier.record_opening(
        builders.viewer(person), letter.id, kind="OPENED", delegation_id=delegation_id, link_nonce=nonce
    )


async def lists(viewer: Viewer, **given: Any) -> list[int]:
    page = await reads.listing(viewer, reads.Filter(**given)).page(Slice())
    return [one["id"] for one in page.rows]


async def seen(viewer: Viewer, letter: Courrier) -> dict[str, bool]:
    """Where somebody comes across a letter."""
    position = await reads.feed_position()
    there = await reads.listing(viewer, reads.Filter(), establishment_id=letter.establishment_id).page(Slice())
    return {
        "list": letter.id in await lists(viewer),
        "of its establishment": letter.id in [one["id"] for one in there.rows],
        "search": letter.id in await lists(viewer, search=letter.reference),
        "count": (await reads.summary(viewer)).total > 0,
        "feed": bool(await reads.news(viewer, 0, position, (), (), 100)),
        "itself": (await reads.visible(viewer, [letter.id]))[0] is not None,
        "its reference": await reads.by_reference(viewer, letter.fund_id, letter.reference) is not None,
    }


async def a_letter_in_the_feed() -> tuple[Courrier, User]:
    town = await builders.establishment("Commune de Royan")
    agent = await builders.user(town, rights=READ, first_name="Nadia", last_name="Benali")
    letter = await builders.courrier(town, available_at=None)
    async with db.transaction():
        await courrier.make_available([letter.id])
    return await Courrier.get(id=letter.id), agent


async def test_it_leaves_lists_counts_feed_and_search_at_once(database: str) -> None:
    letter, agent = await a_letter_in_the_feed()
    viewer = builders.viewer(agent)
    assert set((await seen(viewer, letter)).values()) == {True}
    await withdrawn(letter)
    assert set((await seen(viewer, letter)).values()) == {False}


async def test_its_trace_stays(database: str, moved_clock: Callable[[str], None]) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    letter, agent = await a_letter_in_the_feed()
    await opens(agent, letter, "a")
    operator = await an_operator()
    await withdrawn(letter, operator)
    now = await Courrier.get(id=letter.id)
    assert (now.withdrawn_at, now.withdrawn_by_id, now.withdrawal_reason) == (clock.now(), operator.user_id, REASON)
    facts = [(one.kind, one.actor_id, one.detail) for one in await CourrierFact.filter(courrier_id=letter.id)]
    assert facts == [
        ("AVAILABLE", None, None),
        ("OPENED", agent.id, None),
        ("WITHDRAWN", operator.user_id, REASON),
    ]
    [event] = await tables.journal("courrier.withdrawn")
    names = ("actor_id", "establishment_id", "subject_type", "subject_id")
    assert [event[name] for name in names] == [operator.user_id, letter.establishment_id, "Courrier", letter.id]
    assert event["body"]["facts"]["reason"] == REASON
    assert (await reads.visible(operator, [letter.id]))[0] is not None, "operators see it"
    assert await journal.verify() == (len(await db.rows("SELECT id FROM audit_events")), None)


async def test_a_program_withdraws_what_it_deposited_and_nothing_else(database: str) -> None:
    program, other = await a_program(), await a_program()
    letter = await builders.courrier(deposited_by_client_id=program.api_client_id)
    before = await tables.digest()
    assert told(await withdrawal.withdraw(other, letter.id, REASON)) == ["NOT_FOUND"]
    assert await tables.digest() == before
    await withdrawn(letter, program)
    [event] = await tables.journal("courrier.withdrawn")
    assert (event["api_client_id"], event["actor_id"]) == (program.api_client_id, None)


@pytest.mark.parametrize(
    "who", ["its reader", "an administrator", "a program without the scope", "nobody", "a revoked program", "one gone"]
)
async def test_nobody_else_withdraws(database: str, who: str) -> None:
    letter, agent = await a_letter_in_the_feed()
    made, _ = await builders.api_client(revoked_at=clock.now())
    await Courrier.filter(id=letter.id).update(deposited_by_client_id=made.id)
    chief = await builders.user(await letter.establishment, administrator=True)
    gone = await builders.operator()
    await User.filter(id=gone.id).update(deleted_at=clock.now())
    viewers = {
        "its reader": builders.viewer(agent),
        "an administrator": builders.viewer(chief),
        "a program without the scope": Viewer(api_client_id=made.id, scopes=frozenset({"READ_STATISTICS"})),
        "nobody": Viewer(),
        "a revoked program": Viewer(api_client_id=made.id, scopes=frozenset({"DEPOSIT_COURRIERS"})),
        "one gone": builders.viewer(gone),
    }
    before = await tables.digest()
    outcome = await withdrawal.withdraw(viewers[who], letter.id, REASON)
    assert told(outcome) == (["NOT_FOUND"] if who in {"a revoked program", "one gone"} else ["NOT_ALLOWED"])
    assert await tables.digest() == before


@pytest.mark.parametrize(
    ("reason", "code"),
    [("", "REASON_NEEDED"), (" \n ", "REASON_NEEDED"), ("x" * 301, "INVALID_VALUE"), ("a\x00b", "INVALID_VALUE")],
)
async def test_a_reason_is_needed(database: str, reason: str, code: str) -> None:
    letter = await builders.courrier()
    operator = await an_operator()
    before = await tables.digest()
    outcome = await withdrawal.withdraw(operator, letter.id, reason)
    assert [(one.code.value, one.path) for one in outcome.errors] == [(code, ("reason",))]
    assert await tables.digest() == before


async def test_it_is_withdrawn_once(database: str, moved_clock: Callable[[str], None]) -> None:
    moved_clock("2026-06-01T10:05+02:00")
    letter = await builders.courrier()
    operators = [await an_operator() for _ in range(5)]
    outcomes = await asyncio.gather(*(withdrawal.withdraw(one, letter.id, REASON) for one in operators))
    assert sorted(told(one) for one in outcomes) == [[], *[["ALREADY_WITHDRAWN"]] * 4]
    message = next(one.errors[0].message for one in outcomes if one.errors).replace("\u00a0", " ")
    assert "le 1er juin 2026 à 10 h 05" in message
    assert len(await tables.journal("courrier.withdrawn")) == 1
    assert len(await CourrierFact.filter(kind="WITHDRAWN")) == 1


async def test_a_letter_to_come_is_withdrawn_before_its_publication(
    database: str, moved_clock: Callable[[str], None]
) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    town = await builders.establishment()
    await builders.user(town, rights=READ)
    letter = await builders.courrier(town, available_at=None, publish_at=clock.now() + timedelta(days=2))
    await withdrawn(letter)
    moved_clock("2026-06-04T10:00+02:00")
    await schedule.publish_due()
    assert (await Courrier.get(id=letter.id)).available_at is None
    assert await db.rows("SELECT id FROM notifications UNION ALL SELECT id FROM feed_entries") == []


# ---------------------------------------------------------------- who is told


async def mailed(kind: str = "COURRIER_WITHDRAWN") -> list[Notification]:
    return await Notification.filter(kind=kind).order_by("id")


async def test_those_who_opened_it_are_told_and_nobody_else(database: str) -> None:
    letter, agent = await a_letter_in_the_feed()
    town, centre = await letter.establishment, await builders.establishment(is_centralisateur=True)
    people = {
        name: await builders.user(town, rights=READ, identifier=name)
        for name in ("downloaded", "acknowledged", "never", "left", "expired")
    }
    member = await builders.user(centre, rights=READ, identifier="member")
    agreement = await builders.delegation(centre, town, members=[member])
    await Courrier.filter(id=letter.id).update(acknowledgement_required=True)
    await opens(agent, letter, "a")
    await opens(agent, letter, "b")
    await opens(member, letter, "c", agreement.id)
    await opens(people["left"], letter, "d")
    await opens(people["expired"], letter, "e")
    await courrier.record_opening(
        builders.viewer(people["downloaded"]), letter.id, kind="DOWNLOADED", delegation_id=None, link_nonce="f"
    )
    await acknowledgement.acknowledge(builders.viewer(people["acknowledged"]), letter.id)
    await User.filter(id=people["left"].id).update(deleted_at=clock.now())
    await User.filter(id=people["expired"].id).update(expires_on=clock.today() - timedelta(days=1))
    await withdrawn(letter)
    assert {one.recipient for one in await mailed()} == {
        agent.email,
        member.email,
        people["downloaded"].email,
        people["acknowledged"].email,
    }
    assert len(await mailed()) == 4


async def test_the_message_never_carries_the_content_nor_the_reason(database: str) -> None:
    letter, agent = await a_letter_in_the_feed()
    await Courrier.filter(id=letter.id).update(subject="Canari", reference="CANARI", file_name="canari.pdf")
    await opens(agent, letter, "a")
    await withdrawal.withdraw(await an_operator(), letter.id, "Un canari s’y était glissé.")
    [mail] = await mailed()
    for part in (mail.subject, mail.body_text, mail.body_html):
        assert "canari" not in part.lower()
    for part in (mail.body_text, mail.body_html):
        for named in ("Commune de Royan", "CNRACL", "Modèle APPEL", globalid.encode("Courrier", letter.id)):
            assert named in part


async def test_what_announced_it_and_has_not_left_is_given_up(
    database: str, moved_clock: Callable[[str], None]
) -> None:  # R-NOT-01
    moved_clock("2026-06-01T10:00+02:00")
    letter, agent = await a_letter_in_the_feed()
    other, _ = await a_letter_in_the_feed()
    await opens(agent, letter, "a")
    await withdrawn(letter)
    await outbox.send_due(DemonstrationMailer())
    states = {(one.courrier_id, one.kind): one.status for one in await Notification.all()}
    assert states == {
        (letter.id, "NEW_COURRIER"): "GIVEN_UP",
        (letter.id, "COURRIER_WITHDRAWN"): "SENT",
        (other.id, "NEW_COURRIER"): "SENT",
    }
    facts = [(one.kind, one.detail) for one in await CourrierFact.filter(courrier_id=letter.id).order_by("id")]
    assert facts[-1] == ("NOTIFIED", "Annonce du retrait.")


# ---------------------------------------------------------------- what happens at the same time


async def test_nobody_opens_it_any_more(database: str) -> None:
    letter, agent = await a_letter_in_the_feed()
    await withdrawn(letter)
    before = await tables.digest()
    assert await opens(agent, letter, "late") is False
    assert await tables.digest() == before


async def test_whoever_opens_it_at_that_instant_is_told_or_is_not_served(database: str) -> None:
    letter, agent = await a_letter_in_the_feed()
    people = [agent, *[await builders.user(await letter.establishment, rights=READ) for _ in range(7)]]
    operator = await an_operator()

    async def withdraw() -> None:
        await withdrawal.withdraw(operator, letter.id, REASON)

    work = [opens(one, letter, str(one.id)) for one in people]
    served, *_ = await asyncio.gather(asyncio.gather(*work[:4]), withdraw(), asyncio.gather(*work[4:]))
    opened = {one.actor_id for one in await CourrierFact.filter(kind="OPENED")}
    assert {one.user_id for one in await mailed()} == opened
    assert {one.id for one, was in zip(people[:4], served, strict=True) if was} <= opened


async def test_a_former_member_sees_nothing_of_it(database: str) -> None:  # R-DEL-08
    """They are told by e-mail, since they opened it; the trace is for those who would still read it."""
    letter, _ = await a_letter_in_the_feed()
    centre = await builders.establishment(is_centralisateur=True)
    member = await builders.user(centre, rights=READ)
    chief = await builders.user(centre, administrator=True)
    agreement = await builders.delegation(centre, await letter.establishment, members=[member], asker=chief)
    await opens(member, letter, "a", agreement.id)
    await withdrawn(letter)
    assert await reads.traces(builders.viewer(member), [letter.id]) != [None]
    assert (await delegation.end(builders.viewer(chief), agreement.id, "Fini.")).errors == ()
    assert await reads.traces(builders.viewer(member), [letter.id]) == [None]


# ---------------------------------------------------------------- replacing


async def test_what_replaces_a_withdrawn_letter_is_led_to(database: str) -> None:
    letter, agent = await a_letter_in_the_feed()
    await withdrawn(letter)
    later = await builders.courrier(await letter.establishment, replaces_id=letter.id)
    [found] = await reads.replacing(builders.viewer(agent), [letter.id])
    assert found is not None
    assert found["id"] == later.id


async def test_a_replacement_that_was_withdrawn_too_is_passed_over_both_ways(database: str) -> None:
    """A is replaced by B, withdrawn, then by C: on screens A is replaced by C, and C replaces A."""
    a, agent = await a_letter_in_the_feed()
    town = await a.establishment
    b = await builders.courrier(town, replaces_id=a.id)
    await withdrawn(b)
    viewer = builders.viewer(agent)
    assert await reads.replacing(viewer, [a.id]) == [None], "nothing does for now"
    c = await builders.courrier(town, replaces_id=b.id)
    d = await builders.courrier(town)
    later = await reads.replacing(viewer, [a.id, b.id, c.id, d.id])
    earlier = await reads.replaced(viewer, [c.id, a.id, d.id])
    assert [one and one["id"] for one in later] == [c.id, c.id, None, None]
    assert [one and one["id"] for one in earlier] == [a.id, None, None]


async def test_a_replaced_letter_stays_readable(database: str) -> None:
    a, agent = await a_letter_in_the_feed()
    b = await builders.courrier(await a.establishment, replaces_id=a.id)
    viewer = builders.viewer(agent)
    assert await lists(viewer) == [b.id, a.id]
    assert await reads.readable_document(viewer, [a.id, b.id]) == [True, True]


async def test_the_withdrawn_are_listed_for_who_sees_their_trace(
    database: str, moved_clock: Callable[[str], None]
) -> None:
    program = await a_program()
    letters = []
    for day in (1, 2, 3):
        moved_clock(f"2026-06-0{day}T10:00+02:00")
        letters.append(await builders.courrier(deposited_by_client_id=program.api_client_id))
    to_come = await builders.courrier(available_at=None)
    for day, letter in ((4, letters[2]), (5, to_come), (6, letters[0])):
        moved_clock(f"2026-06-0{day}T10:00+02:00")
        await withdrawn(letter)
    wanted = [letters[0].id, to_come.id, letters[2].id]
    assert await lists(await an_operator(), withdrawn=True) == wanted
    assert await lists(program, withdrawn=True) == [letters[0].id, letters[2].id]
    reader = await builders.user(await letters[0].establishment, rights=READ)
    assert await lists(builders.viewer(reader), withdrawn=True) == [letters[0].id]
    assert await lists(builders.viewer(await builders.user(rights=READ)), withdrawn=True) == []


async def test_a_document_that_was_withdrawn_is_not_served(database: str) -> None:
    stored = await document.store(builders.pdf())
    letter, _ = await a_letter_in_the_feed()
    await Courrier.filter(id=letter.id).update(document_id=stored.document_id)
    await withdrawn(letter)
    assert await document.read(stored.document_id) == builders.pdf(), "kept until its retention is over"
