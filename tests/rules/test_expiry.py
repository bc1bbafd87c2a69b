"""What time does to accounts, day by day (R-ACC-05, R-ACC-09, R-ACC-11)."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

import pytest

from backend import clock
from backend import database as db
from backend.jobs import schedule
from backend.models import Establishment, NotificationPreference, Session, User
from backend.rules import departure, expiry, notification, second_administrator
from tests import builders
from tests.rules import tables

Move = Callable[[str], None]
DAY = timedelta(days=1)
PASSES = (
    expiry.expire,
    expiry.remind,
    expiry.announce,
    departure.remove_expired,
    departure.remove_uninvited,
    second_administrator.nudge,
)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.PARIS)


def days(first: date, last: date) -> Iterable[date]:
    return (first + DAY * number for number in range((last - first).days + 1))


async def a_day(day: date) -> None:
    """What runs by itself on a day, twice: once is all it may do."""
    with clock.moved_to(noon(day)):
        for each in PASSES:
            await each()
    with clock.moved_to(noon(day) + timedelta(hours=1)):
        for each in PASSES[:3]:
            await each()


async def mails(kind: str = "") -> list[db.Row]:
    return [one for one in await db.rows("SELECT * FROM notifications ORDER BY id") if one["kind"].startswith(kind)]


async def sent(kind: str = "") -> Counter[tuple[str, str, str]]:
    """How many e-mails of each day, recipient and beginning of the subject."""
    return Counter(
        (
            clock.paris_date(clock.from_microseconds(one["queued_at"])).isoformat(),
            one["recipient"].partition("@")[0],
            " ".join(one["subject"].replace("\u00a0", " ").split()),
        )
        for one in await mails(kind)
    )


async def a_town(name: str = "Commune de Royan", administrators: int = 2) -> tuple[Establishment, list[User]]:
    town = await builders.establishment(name)
    chiefs = [
        await builders.user(town, administrator=True, identifier=f"chief-{town.id}-{number}", expires_on="2040-01-01")
        for number in range(administrators)
    ]
    return town, chiefs


async def somebody(town: Establishment, identifier: str, expires_on: str, **values: object) -> User:
    return await builders.user(town, identifier=identifier, expires_on=date.fromisoformat(expires_on), **values)


async def test_two_years_day_by_day(database: str) -> None:  # R-ACC-09, R-ACC-11
    """Each account's steps fall on their days and nowhere else: month ends, 29 February, days the hour changes."""
    ends = ("2026-10-25", "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-28", "2027-08-31", "2028-02-29")
    with clock.moved_to(noon(date(2026, 9, 1))):
        town, chiefs = await a_town()
        for end in ends:
            await somebody(town, end, end)
    first, last = date(2026, 9, 1), date(2028, 9, 30)
    for day in days(first, last):
        await a_day(day)
    expected: Counter[tuple[str, str, str]] = Counter()
    for end in map(date.fromisoformat, ends):
        told = clock.french_date(end).replace("\u00a0", " ")
        before = clock.add_months(end.replace(day=1), -1).replace(day=20)
        for step in (14, 7, 1):
            when = (end - step * DAY).isoformat()
            line = f"PEP’s : connectez-vous avant la fin du {told} pour garder votre compte"
            expected[when, end.isoformat(), line] += 1
            for chief in chiefs:
                expected[when, chief.identifier, "Commune de Royan : 1 compte expire bientôt"] += 1
        expected[(end + DAY).isoformat(), end.isoformat(), "PEP’s : votre compte a expiré"] += 1
        for chief in chiefs:
            month = f"{clock.MONTHS[end.month - 1]} {end.year}"
            line = f"Commune de Royan : 1 compte expire en {month}"
            expected[before.isoformat(), chief.identifier, line] += 1
            expected[(end + DAY).isoformat(), chief.identifier, "Commune de Royan : 1 compte a expiré"] += 1
    assert await sent() == expected
    gone = {one["identifier"]: one["deleted_at"] for one in await db.rows("SELECT identifier, deleted_at FROM users")}
    for end in map(date.fromisoformat, ends):
        deleted = clock.paris_date(clock.from_microseconds(gone[end.isoformat()]))
        assert deleted == clock.add_months(end, 6) + DAY, end


async def test_signing_in_or_renewing_makes_new_steps_of_later(database: str) -> None:  # R-ACC-09
    with clock.moved_to(noon(date(2026, 9, 1))):
        town, _ = await a_town(administrators=1)
        person = await somebody(town, "zoe", "2026-10-10")
    for day in days(date(2026, 9, 20), date(2026, 9, 30)):
        await a_day(day)
    person.expires_on = date(2026, 12, 10)
    await person.save()
    for day in days(date(2026, 10, 1), date(2026, 12, 3)):
        await a_day(day)
    told = sorted(when for when, who, _ in await sent("ACCOUNT_EXPIRING") if who == "zoe")
    assert told == ["2026-09-26", "2026-11-26", "2026-12-03"]


async def test_after_a_stop_each_due_notice_is_sent_once_and_none_that_is_pointless(database: str) -> None:  # R-ACC-09
    """Stopped from the 13th to the 21st: the list of the month, the nearest step of each account, nothing twice."""
    with clock.moved_to(noon(date(2026, 11, 1))):
        town, [chief, _] = await a_town()
        for end in ("2026-11-19", "2026-11-22", "2026-11-27", "2026-12-03", "2026-12-05", "2026-12-20"):
            await somebody(town, end, end)
    for day in days(date(2026, 11, 1), date(2026, 11, 12)):
        await a_day(day)
    before = await sent()
    for day in days(date(2026, 11, 21), date(2026, 11, 22)):
        await a_day(day)
    personal = sorted((when, who) for when, who, _ in await sent() - before if who[:2] == "20")
    assert personal == [
        ("2026-11-21", "2026-11-19"),  # expired meanwhile
        ("2026-11-21", "2026-11-22"),  # the step of the day before; that of 7 days is past
        ("2026-11-21", "2026-11-27"),  # 7 days
        ("2026-11-21", "2026-12-03"),  # 14 days
        ("2026-11-21", "2026-12-05"),  # 14 days, on its very day
    ]
    told = Counter((when, line) for when, who, line in await sent() - before if who == chief.identifier)
    assert told == {
        ("2026-11-21", "Commune de Royan : 3 comptes expirent en décembre 2026"): 1,
        ("2026-11-21", "Commune de Royan : 4 comptes expirent bientôt"): 1,
        ("2026-11-21", "Commune de Royan : 1 compte a expiré"): 1,
    }
    assert max((await sent()).values()) == 1


async def test_a_stop_of_years_tells_nobody_of_an_expiry_long_past(database: str, moved_clock: Move) -> None:
    moved_clock("2026-11-02T12:00+01:00")
    town, _ = await a_town()
    await somebody(town, "zoe", "2026-10-01")
    await expiry.expire()
    assert await mails() == []


async def test_nothing_is_sent_when_nothing_expires(database: str) -> None:  # R-ACC-09
    with clock.moved_to(noon(date(2026, 11, 1))):
        await a_town()
    for day in days(date(2026, 11, 19), date(2026, 12, 1)):
        await a_day(day)
    assert await mails() == []


async def test_the_list_is_of_next_month_in_paris_and_links_to_it(database: str, moved_clock: Move) -> None:
    """R-ACC-09: on the 20th, of the accounts of the month, to each administrator who can sign in."""
    moved_clock("2026-11-19T23:30+01:00")
    town, _ = await a_town("Commune d’Arvert")
    for end in ("2026-11-30", "2026-12-01", "2026-12-31", "2027-01-01"):
        await somebody(town, end, end, last_name=f"Personne {end}")
    await builders.user(town, administrator=True, identifier="invited", password_hash=None)
    await expiry.announce()
    assert await mails() == []
    moved_clock("2026-11-19T23:00+00:00")  # midnight in Paris
    await expiry.announce()
    first, second = await mails()
    assert {one["recipient"].partition("-")[0] for one in (first, second)} == {"chief"}
    for part in (first["body_text"], first["body_html"]):
        assert ("Personne 2026-12-01" in part, "Personne 2026-12-31" in part) == (True, True)
        assert ("Personne 2026-11-30" in part, "Personne 2027-01-01" in part) == (False, False)
    assert "/etablissement/comptes?depuis=2026-12-01&jusque=2026-12-31&tri=EXPIRES_ASC" in first["body_text"]
    morning = datetime.fromisoformat("2026-11-20T07:00+01:00")
    assert first["next_attempt_at"] == clock.to_microseconds(morning)  # nobody's telephone rings at midnight


async def test_a_long_list_is_cut(database: str, moved_clock: Move) -> None:
    moved_clock("2026-11-20T12:00+01:00")
    town, _ = await a_town(administrators=1)
    for number in range(expiry.LISTED + 2):
        await somebody(town, f"person-{number}", "2026-12-24")
    await expiry.announce()
    [mail] = await mails()
    assert mail["body_text"].count("\n- ") == expiry.LISTED + 1
    assert "- et 2 autres, sur la même page\n" in mail["body_text"]


async def test_those_who_want_no_reminder_get_the_last_one_only(database: str) -> None:  # R-ACC-09
    with clock.moved_to(noon(date(2026, 11, 1))):
        town, [chief] = await a_town(administrators=1)
        person = await somebody(town, "zoe", "2026-11-30")
        await NotificationPreference.create(user_id=person.id, account_expiry=False)
    for day in days(date(2026, 11, 10), date(2026, 11, 30)):
        await a_day(day)
    told = await sent("ACCOUNT_EXPIRING")
    assert [when for when, who, _ in told if who == "zoe"] == ["2026-11-29"]
    assert len([when for when, who, _ in told if who == chief.identifier]) == 3


async def test_the_reminder_says_whom_to_ask_and_when_nobody_can(database: str, moved_clock: Move) -> None:
    """R-ACC-09: what to do comes first; the last administrator is told what depends on them."""
    moved_clock("2026-11-16T12:00+01:00")
    town = await builders.establishment("Commune de Royan")
    chief = await somebody(town, "chief", "2026-11-30", administrator=True, first_name="Alix", last_name="Bernard")
    await somebody(town, "zoe", "2026-11-30", first_name="Zoé", last_name="Lefèvre")
    await expiry.remind()
    by_recipient = {(one["user_id"], one["subject"]): one["body_text"] for one in await mails()}
    personal = {who: text for (who, line), text in by_recipient.items() if line.startswith("PEP’s")}
    zoe = next(text for who, text in personal.items() if who != chief.id)
    assert zoe.startswith("Bonjour Zoé Lefèvre,\n\nConnectez-vous avant la fin du 30\u00a0novembre\u00a02026")
    assert ("dans 14 jours" in zoe, "de le rouvrir : Alix Bernard." in zoe) == (True, True)
    assert "seule personne" in personal[chief.id]
    [listed] = [text for (_, line), text in by_recipient.items() if "bientôt" in line]
    assert ("Zoé Lefèvre" in listed, "- Alix Bernard" in listed) == (True, False)  # theirs is a message of its own


async def test_invited_people_are_not_asked_to_sign_in(database: str) -> None:
    with clock.moved_to(noon(date(2026, 11, 1))):
        town, _ = await a_town()
        await somebody(town, "invited", "2026-11-30", password_hash=None)
    for day in days(date(2026, 11, 10), date(2026, 12, 2)):
        await a_day(day)
    assert {who.partition("-")[0] for _, who, _ in await sent()} == {"chief"}


async def test_expiry_ends_what_was_open_and_is_journaled_once(database: str, moved_clock: Move) -> None:  # R-ACC-11
    moved_clock("2026-11-30T22:00+01:00")
    town, [chief] = await a_town(administrators=1)
    person = await somebody(town, "zoe", "2026-11-30")
    now = clock.now()
    await Session.create(
        token_hash="0" * 64,
        transport="COOKIE",
        user_id=person.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(hours=12),
    )
    await expiry.expire()
    assert (await Session.get(user_id=person.id)).ended_at is None
    moved_clock("2026-12-01T00:00+01:00")
    for _ in range(2):
        await expiry.expire()
    assert (await Session.get(user_id=person.id)).ended_at == clock.now()
    [event] = await tables.journal("user.expired")
    assert (event["subject_id"], event["establishment_id"], event["actor_id"]) == (person.id, town.id, None)
    assert event["body"]["facts"] == {"expires_on": "2026-11-30", "administrator_left": True}
    mine, theirs = await mails("ACCOUNT_EXPIRED")
    assert (mine["user_id"], theirs["user_id"]) == (person.id, chief.id)
    assert f"{chief.first_name} {chief.last_name}" in mine["body_text"]
    assert "31\u00a0mai\u00a02027" not in mine["body_text"]  # the 30th of May is the last day
    assert "30\u00a0mai\u00a02027" in mine["body_text"]
    assert "/etablissement/comptes?statut=EXPIRED" in theirs["body_text"]


async def test_when_the_last_administrator_expires_people_are_sent_to_the_support(
    database: str, moved_clock: Move
) -> None:  # R-ACC-11
    moved_clock("2026-12-01T12:00+01:00")
    town = await builders.establishment()
    await somebody(town, "chief", "2026-11-30", administrator=True)
    await expiry.expire()
    [mail] = await mails()
    assert "assistance@peps.example" in mail["body_text"].partition("une question")[0]
    [event] = await tables.journal("user.expired")
    assert event["body"]["facts"]["administrator_left"] is False


@pytest.mark.parametrize("each", [expiry.announce, expiry.remind, expiry.expire, second_administrator.nudge])
async def test_many_processes_send_once(database: str, moved_clock: Move, each: Callable[[], object]) -> None:
    """R-ACC-09: even without the lease, which one of them might have lost."""
    moved_clock("2026-11-20T12:00+01:00" if each is not second_administrator.nudge else "2026-11-05T12:00+01:00")
    for _ in range(3):
        town, _ = await a_town(administrators=1)
        for end in ("2026-11-19", "2026-11-30", "2026-12-24"):
            await somebody(town, f"{end}-{town.id}", end)
    await asyncio.gather(*(each() for _ in range(6)))  # type: ignore[arg-type]
    found = await sent()
    assert found
    assert max(found.values()) == 1


async def test_a_crash_between_two_batches_loses_and_doubles_nothing(
    database: str, moved_clock: Move, monkeypatch: pytest.MonkeyPatch
) -> None:  # R-ACC-09
    moved_clock("2026-11-20T12:00+01:00")
    for _ in range(5):
        town, _ = await a_town(administrators=1)
        for end in ("2026-11-19", "2026-11-30", "2026-12-24"):
            await somebody(town, f"{end}-{town.id}", end)
    monkeypatch.setattr(expiry, "TOGETHER", 2)
    queue_all, calls = notification.queue_all, iter(range(100))

    async def dies(messages: list[notification.Message]) -> None:
        await queue_all(messages)
        if next(calls) == 1:
            raise RuntimeError("killed")

    monkeypatch.setattr(notification, "queue_all", dies)
    for each in (expiry.announce, expiry.remind, expiry.expire):
        calls = iter(range(100))
        with pytest.raises(RuntimeError):
            await each()
        await each()
    found = await sent()
    assert (len(found), max(found.values())) == (5 + 5 * 2 + 5 * 2, 1)


async def test_the_statements_do_not_depend_on_the_number_of_accounts(database: str, moved_clock: Move) -> None:
    moved_clock("2026-11-20T12:00+01:00")

    async def counted() -> int:
        db.statements.seen = []
        try:
            for each in (expiry.announce, expiry.remind, expiry.expire):
                await each()
            return len(db.statements.seen)
        finally:
            db.statements.seen = None

    async def filled(many: int) -> None:
        town, _ = await a_town()
        for number in range(many):
            for end in ("2026-11-19", "2026-11-30", "2026-12-24"):
                await somebody(town, f"{end}-{town.id}-{number}", end)

    await filled(1)
    few = await counted()
    await filled(20)
    assert await counted() == few


# ---------------------------------------------------------------- one administrator only


async def test_who_administers_alone_is_told_once_a_month(database: str) -> None:  # R-ACC-05
    with clock.moved_to(noon(date(2026, 11, 1))):
        _, [alone] = await a_town("Commune d’Arvert", administrators=1)
        await a_town("Commune de Royan")
        third = await builders.establishment("Commune du Chay")
        await builders.user(third, administrator=True, password_hash=None)
        await builders.user(await builders.establishment(is_platform=True), administrator=True)
    for day in days(date(2026, 11, 1), date(2027, 1, 31)):
        await a_day(day)
    assert await sent() == {
        (when, alone.identifier, "Commune d’Arvert : nommez un second administrateur"): 1
        for when in ("2026-11-05", "2026-12-05", "2027-01-05")
    }


async def test_a_stop_over_the_fifth_delays_the_nudge(database: str) -> None:  # R-ACC-05
    with clock.moved_to(noon(date(2026, 11, 1))):
        town, [_] = await a_town(administrators=1)
        await somebody(town, "zoe", "2040-01-01")
    for day in (date(2026, 11, 3), date(2026, 11, 12), date(2026, 11, 13)):
        await a_day(day)
    [(when, _, _)] = await sent()
    assert when == "2026-11-12"
    assert "Ouvrez le compte d’un collègue" in (await mails())[0]["body_text"]


async def test_the_schedule_runs_them_all() -> None:
    names = {job.work for job in schedule.JOBS}
    assert {*PASSES, departure.erase} <= names
