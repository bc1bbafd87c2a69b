"""Announcements: when, to whom, how often; the safety net; the address that changes the rhythm (R-COU-10, R-COU-11)."""

from datetime import datetime, timedelta
from typing import Any

from backend import clock
from backend import database as db
from backend.gateways.mail import DemonstrationMailer
from backend.jobs import outbox
from backend.models import Courrier, CourrierFact, Establishment, Notification, User
from backend.reads import courrier as courrier_reads
from backend.reads.page import Slice
from backend.rules import courrier, digest, preference, preference_change, replay, safety_net
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules.pair import counted

MONDAY = "2026-05-04"


async def letter(town: Establishment, **values: Any) -> Courrier:
    """A letter made available now."""
    made = await builders.courrier(town, available_at=None, **values)
    async with db.transaction():
        await courrier.make_available([made.id])
    return made


async def prefer(user: User, rhythm: str, *funds: str) -> None:
    viewer = Viewer(user_id=user.id, establishment_id=user.establishment_id)
    assert await preference_change.change(viewer, rhythm=rhythm, funds=funds or None) == ()


async def mails(kind: str) -> list[Notification]:
    return await Notification.filter(kind=kind).order_by("id")


async def test_what_a_letter_causes_at_night_leaves_in_the_morning(database: str, moved_clock: Any) -> None:
    """R-COU-10: quiet hours, 22:00 to 07:00 in Paris."""
    town = await builders.establishment()
    await builders.user(town, rights={"COURRIERS": builders.READ})
    for begun, leaves in ((f"{MONDAY}T22:00+02:00", "2026-05-05T07:00+02:00"), (f"{MONDAY}T21:59+02:00", None)):
        moved_clock(begun)
        await letter(town)
        one = (await mails("NEW_COURRIER"))[-1]
        assert one.next_attempt_at == (clock.now() if leaves is None else datetime.fromisoformat(leaves))


async def test_a_letter_opened_meanwhile_is_not_announced(database: str, moved_clock: Any) -> None:
    """R-COU-10."""
    moved_clock(f"{MONDAY}T12:00+02:00")
    town = await builders.establishment()
    reader = await builders.user(town, rights={"COURRIERS": builders.READ})
    opened, other = await letter(town), await letter(town)
    await Courrier.filter(id=opened.id).update(first_opened_at=clock.now(), first_opened_by_id=reader.id)
    await outbox.send_due(DemonstrationMailer())
    states = {one.courrier_id: one.status for one in await mails("NEW_COURRIER")}
    assert states == {opened.id: "DROPPED", other.id: "SENT"}


async def test_a_digest_in_the_morning_counts_what_nobody_has_opened(database: str, moved_clock: Any) -> None:
    """R-COU-10: by establishment, fund and type, never the content; empty ones are not sent; once."""
    moved_clock(f"{MONDAY}T12:00+02:00")
    town = await builders.establishment("Commune de Royan")
    daily = await builders.user(town, rights={"COURRIERS": builders.READ})
    weekly = await builders.user(town, rights={"COURRIERS": builders.READ})
    nothing = await builders.user(town)
    await prefer(daily, preference.DAILY)
    await prefer(weekly, preference.WEEKLY)
    await prefer(nothing, preference.DAILY)
    moved_clock(f"{MONDAY}T12:01+02:00")
    for _ in range(3):
        made = await letter(town, subject="Secret du contenu")
    await Courrier.filter(id=made.id).update(first_opened_at=clock.now(), first_opened_by_id=weekly.id)
    assert await mails("NEW_COURRIER") == []
    moved_clock("2026-05-05T06:59+02:00")
    await digest.send()
    assert await mails("COURRIER_DIGEST") == []
    moved_clock("2026-05-05T07:00+02:00")
    await digest.send()
    await digest.send()
    (one,) = await mails("COURRIER_DIGEST")
    assert one.user_id == daily.id
    assert one.subject == "Commune de Royan : 2 courriers à lire"
    assert "Secret" not in one.body_text + one.body_html
    assert "est vide.\nChanger de rythme" in one.body_text
    moved_clock("2026-05-06T07:00+02:00")
    await digest.send()
    assert len(await mails("COURRIER_DIGEST")) == 1, "nothing new, nothing sent"
    moved_clock("2026-05-11T07:00+02:00")
    await digest.send()
    assert [one.user_id for one in await mails("COURRIER_DIGEST")] == [daily.id, weekly.id]


async def test_who_leaves_digests_is_told_of_what_the_next_one_would_have_said(database: str, moved_clock: Any) -> None:
    """R-COU-10: else nothing would; not in the night, and each letter once."""
    moved_clock(f"{MONDAY}T12:00+02:00")
    town = await builders.establishment("Commune de Royan")
    reader = await builders.user(town, rights={"COURRIERS": builders.READ})
    await prefer(reader, preference.WEEKLY)
    moved_clock(f"{MONDAY}T22:30+02:00")
    await letter(town)
    await prefer(reader, preference.DAILY)
    assert await mails("COURRIER_DIGEST") == [], "the daily one will tell"
    await prefer(reader, preference.IMMEDIATE)
    (one,) = await mails("COURRIER_DIGEST")
    assert (one.subject, one.next_attempt_at) == (
        "Commune de Royan : 1 courrier à lire",
        datetime.fromisoformat("2026-05-05T07:00+02:00"),
    )
    assert "dernier récapitulatif" in one.body_html
    assert "prévenu à chaque courrier.\nChanger de rythme" in one.body_text
    moved_clock("2026-05-05T07:30+02:00")
    await letter(town)
    await prefer(reader, preference.DAILY)
    await prefer(reader, preference.IMMEDIATE)
    await prefer(reader, preference.NONE)
    moved_clock("2026-05-11T07:30+02:00")
    await digest.send()
    assert (len(await mails("COURRIER_DIGEST")), len(await mails("NEW_COURRIER"))) == (1, 1)


async def test_a_fund_one_does_not_want_is_neither_announced_nor_in_a_digest(database: str, moved_clock: Any) -> None:
    """R-COU-10."""
    moved_clock(f"{MONDAY}T12:00+02:00")
    town = await builders.establishment()
    at_once = await builders.user(town, rights={"COURRIERS": builders.READ})
    daily = await builders.user(town, rights={"COURRIERS": builders.READ})
    await prefer(at_once, preference.IMMEDIATE, "RAFP")
    await prefer(daily, preference.DAILY, "RAFP")
    await letter(town)
    moved_clock("2026-05-05T07:00+02:00")
    await digest.send()
    assert await Notification.all().count() == 0


async def test_the_safety_net_takes_each_step_once_on_the_timeline(database: str, moved_clock: Any) -> None:
    """R-COU-11: 7 days its readers, 21 the administrators, 45 the operators; by type; a letter opened is let be."""
    moved_clock(f"{MONDAY}T12:00+02:00")
    town = await builders.establishment()
    reader = await builders.user(town, rights={"COURRIERS": builders.READ})
    chief = await builders.user(town, administrator=True)
    unread, opened = await letter(town), await letter(town)
    begun = clock.now()
    await Courrier.filter(id=opened.id).update(first_opened_at=begun, first_opened_by_id=reader.id)
    told = []
    for days in (6, 7, 8, 21, 22, 45, 46):
        moved_clock((begun + timedelta(days=days, minutes=1)).isoformat())
        await safety_net.cast()
        told.append([one.user_id for one in await mails("READ_REMINDER")])
    once, twice = [reader.id], [reader.id, chief.id]
    assert told == [[], once, once, twice, twice, twice, twice]
    facts = await CourrierFact.filter(kind="REMINDED").order_by("id")
    assert [(one.courrier_id, one.detail) for one in facts] == [
        (unread.id, step.says) for step in (safety_net.READERS, safety_net.ADMINISTRATORS, safety_net.OPERATORS)
    ]
    operator = await builders.operator()
    followed = courrier_reads.listing(builders.viewer(operator), courrier_reads.Filter(needs_follow_up=True))
    assert [one["id"] for one in (await followed.page(Slice())).rows] == [unread.id]
    await Courrier.filter(id=unread.id).update(first_opened_at=begun, first_opened_by_id=reader.id)
    assert (await followed.page(Slice())).rows == [], "opened since"
    await db.execute("UPDATE courrier_types SET remind_after = 0, escalate_after = 0, follow_up_after = 0")
    await letter(town)
    moved_clock((clock.now() + timedelta(days=46)).isoformat())
    await safety_net.cast()
    assert await CourrierFact.filter(kind="REMINDED").count() == 3, "switched off for that type"


async def test_announcing_costs_as_many_statements_for_one_letter_as_for_many(database: str, moved_clock: Any) -> None:
    """R-NOT-01: what a campaign queues does not grow in statements."""
    moved_clock(f"{MONDAY}T12:00+02:00")
    costs = []
    for number in (1, 12):
        letters = []
        for _ in range(number):
            town = await builders.establishment()
            await builders.user(town, rights={"COURRIERS": builders.READ})
            letters.append((await builders.courrier(town, available_at=None)).id)
        with counted() as seen:
            async with db.transaction():
                await courrier.make_available(letters)
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert await Notification.all().count() == 13


async def test_a_signed_address_is_of_one_account_and_one_address(database: str) -> None:
    """R-COU-10: forged, or once the e-mail address has changed, it is nobody's."""
    user = await builders.user()
    signed = preference.address(user.id, user.email).rpartition("/")[2]
    assert await preference.read(f"{user.id + 1}{signed[signed.index('.') :]}") is None
    changed = await preference_change.change_by_address(signed, preference.NONE)
    assert changed is not None
    assert (await preference.of(user.id)).rhythm == preference.NONE
    await User.filter(id=user.id).update(email="autre@exemple.example", email_key="autre@exemple.example")
    assert await preference.read(signed) is None
    assert await preference_change.change_by_address(signed, preference.DAILY) is None


async def test_operators_send_again_what_was_given_up_and_nobody_else_does(database: str) -> None:
    """R-NOT-01: chosen messages, or all that match."""
    operator = await builders.user(is_operator=True)
    viewer = Viewer(user_id=operator.id, establishment_id=operator.establishment_id, is_operator=True)
    for number, status in enumerate(["GIVEN_UP", "GIVEN_UP", "GIVEN_UP", "FAILED"]):
        await Notification.create(
            kind="NEW_COURRIER", rule="R-COU-10", recipient=f"a{number}@exemple.example", subject="…", body_text="…",
            body_html="…", status=status, attempts=7, queued_at=clock.now(), next_attempt_at=clock.now(),
        )  # fmt: skip
    first = await Notification.all().order_by("id").first()
    assert first is not None
    assert (await replay.replay(Viewer(user_id=operator.id), None, replay.Filter())).errors
    assert (await replay.replay(viewer, [first.id], replay.Filter())).count == 1
    assert (await replay.replay(viewer, None, replay.Filter(recipient="A1@"))).count == 1
    assert (await replay.replay(viewer, None, replay.Filter())).count == 1
    assert (
        sorted((one.status, one.attempts) for one in await Notification.all()) == [("FAILED", 7)] + [("QUEUED", 0)] * 3
    )
