"""Who never opened a letter, why, and the reminder that is sent to them, once, and measured (R-ADO-02)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.models import Courrier, Establishment, Notification, User
from backend.reads import non_reader, reading_campaign
from backend.reads.page import Slice
from backend.rules import reading_reminder
from backend.rules.non_reading import REASONS, Filter
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables

MORNING = "2026-06-15T10:00+02:00"
READ = {"COURRIERS": builders.READ}
Move = Callable[[str], None]


@pytest.fixture
async def here(database: str, moved_clock: Move) -> Viewer:
    """An operator, on a morning."""
    moved_clock(MORNING)
    return builders.viewer(await builders.operator())


async def town(name: str, *people: dict[str, Any], **values: Any) -> Establishment:
    """A town with a letter of two weeks ago that nobody opened, and its people."""
    made = await builders.establishment(name, **values)
    for one in people:
        await builders.user(made, **one)
    await builders.courrier(made, available_at=clock.now() - timedelta(days=14))
    return made


async def of_every_reason() -> dict[str, Establishment]:
    """A town for each reason, in the order of their names."""
    now = clock.now()
    made = {
        "NO_ACCOUNT": await town("A", functional_email="mairie@a.example"),
        "ACCOUNTS_EXPIRED": await town("B", {"rights": READ, "expires_on": date(2026, 1, 1)}),
        "NO_READER": await town("C", {"administrator": True, "last_login_at": now}),
        "NEVER_SIGNED_IN": await town("D", {"rights": READ}),
        "ADDRESS_BOUNCES": await town("E", {"rights": READ, "last_login_at": now, "email": "perdu@e.example"}),
        "NOT_SINCE": await town("F", {"rights": READ, "last_login_at": now - timedelta(days=20)}),
        "NOT_OPENED": await town("G", {"rights": READ, "last_login_at": now}, {"rights": READ}),
    }
    lost = await User.get(email="perdu@e.example")
    await Notification.create(
        kind="INVITATION", rule="R-ACC-03", user_id=lost.id, subject="s", body_text="t", body_html="h",
        status="GIVEN_UP", queued_at=now, next_attempt_at=now, recipient=lost.email,
    )  # fmt: skip
    reader = await builders.user(await town("H"), rights=READ)
    await Courrier.filter(establishment_id=reader.establishment_id).update(
        first_opened_at=now - timedelta(days=1), first_opened_by_id=reader.id
    )
    withdrawn = await town("I")
    await Courrier.filter(establishment_id=withdrawn.id).update(withdrawn_at=now, withdrawal_reason="Erreur")
    await builders.establishment("J")
    return made


async def names(given: Filter) -> list[str]:
    page = await non_reader.listing(given).page(Slice(first=100))
    return [one["name"] for one in page.rows]


async def mails() -> list[db.Row]:
    return await db.rows("SELECT * FROM notifications WHERE kind = 'READ_REMINDER' ORDER BY id")


async def test_each_who_never_read_is_listed_with_the_first_thing_that_lacks(here: Viewer) -> None:
    towns = await of_every_reason()
    assert list(towns) == list(REASONS)
    assert await names(Filter()) == list("ABCDEFG")
    standings = await non_reader.standings([one.id for one in towns.values()])
    assert [one and one["reason"] for one in standings] == list(REASONS)
    assert {one and one["waiting"] for one in standings} == {1}
    for reason, letter in zip(REASONS, "ABCDEFG", strict=True):
        assert await names(Filter(reasons=(reason,))) == [letter]
    assert await names(Filter(categories=("EPCI",))) == await names(Filter(departements=("2A",))) == []
    readers = await non_reader.readers([one.id for one in towns.values()])
    assert list(map(len, readers)) == [0, 0, 0, 1, 1, 1, 2]


async def test_a_reminder_is_tried_decided_told_once_and_measured(here: Viewer, moved_clock: Move) -> None:
    towns = await of_every_reason()
    tried = await reading_reminder.remind(here, Filter(), dry_run=True)
    assert (tried.establishments, tried.recently, tried.unreachable, tried.campaign_id) == (6, 0, 1, None)
    assert await db.rows("SELECT * FROM reading_reminders") == []
    chosen = [towns[reason].id for reason in ("NO_ACCOUNT", "NO_READER", "NOT_OPENED", "NOT_SINCE")]
    decided = await reading_reminder.remind(here, Filter(), chosen, key="une fois")
    assert (decided.establishments, decided.errors) == (4, ())
    again = await reading_reminder.remind(here, Filter(), chosen, key="une fois")
    assert again == decided
    assert await mails() == [], "nothing leaves before its turn"
    assert (await reading_reminder.remind(here, Filter(), chosen)).errors[0].code == "REMINDED_RECENTLY"

    letter = await Courrier.get(establishment_id=towns["NOT_SINCE"].id)
    reader = await User.get(establishment_id=towns["NOT_SINCE"].id)
    await Courrier.filter(id=letter.id).update(first_opened_at=clock.now(), first_opened_by_id=reader.id)
    moved_clock("2026-06-15T19:30+02:00")
    assert not await reading_reminder.tell()
    assert await mails() == [], "not in the evening"
    moved_clock("2026-06-16T08:00+02:00")
    await reading_reminder.tell()
    await reading_reminder.tell()
    sent = await mails()
    assert [one["recipient"] for one in sent[:1]] == ["mairie@a.example"]
    assert len(sent) == 4, "the address, the administrator, both readers; nobody where a letter was opened meanwhile"
    assert [one["body_text"].split("\n")[2].split(" ")[0] for one in sent] == [
        "Transmettez",
        "Donnez",
        "Lisez",
        "Lisez",
    ]
    assert len(await tables.journal("reading.reminded")) == 1
    [first, *_] = told = await tables.journal("reading.told")
    assert [one["establishment_id"] for one in told] == [one["establishment_id"] for one in sent[:3]]
    assert (first["actor_id"], first["subject_id"]) == (here.user_id, towns["NO_ACCOUNT"].id)

    reader = await User.get(establishment_id=towns["NEVER_SIGNED_IN"].id)
    await Courrier.filter(establishment_id=towns["NOT_OPENED"].id).update(
        first_opened_at=clock.now() + timedelta(days=3, hours=2), first_opened_by_id=reader.id
    )
    await Courrier.filter(establishment_id=towns["NEVER_SIGNED_IN"].id).update(
        first_opened_at=clock.now() + timedelta(days=1), first_opened_by_id=reader.id
    )
    [effect] = await reading_campaign.effects([decided.campaign_id or 0])
    assert effect == reading_campaign.Effect(
        reminded=3, opened_before=1, emails=4, opened_since=1, median_days=3, others=3, others_opened=1
    )
    page = await reading_campaign.listing().page(Slice(first=5))
    assert page.rows[0]["finished_at"] is not None

    moved_clock("2026-07-16T07:59+02:00")
    assert (await reading_reminder.remind(here, Filter(), chosen, dry_run=True)).establishments == 0
    moved_clock("2026-07-16T08:01+02:00")
    assert (await reading_reminder.remind(here, Filter(), chosen, dry_run=True)).establishments == 2
    assert await names(Filter(reminded=True)) == ["A", "C"]


async def test_only_operators_remind_and_name_so_many_at_most(here: Viewer) -> None:
    place = await town("A", {"rights": READ})
    chief = builders.viewer(await builders.user(place, administrator=True))
    assert (await reading_reminder.remind(chief, Filter())).errors[0].code == "NOT_ALLOWED"
    for chosen in ([], list(range(reading_reminder.MOST + 1))):
        assert (await reading_reminder.remind(here, Filter(), chosen)).errors[0].code == "INVALID_VALUE"
    assert await db.rows("SELECT * FROM reading_campaigns") == []
