"""What time does to delegations, day by day (R-DEL-04)."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest

from backend import clock
from backend.rules import delegation
from backend.rules.delegation import Narrowing
from tests.rules import tables
from tests.rules.calendar_world import (
    DAY,
    ENDING,
    EXPIRED,
    LAPSED,
    LONG_AGO,
    ONE_ENDING,
    ONE_EXPIRED,
    ONE_LAPSED,
    REMINDER,
    a_centre,
    a_day,
    at,
    between,
    days,
    everything,
    french,
    in_force,
    mails,
    noon,
    sent,
    status,
    told,
    waiting,
)
from tests.rules.pair import a_pair, agree, ask

Move = Callable[[str], None]


# ---------------------------------------------------------------- months, day by day


@pytest.mark.parametrize(
    ("first", "last", "ends"),
    [
        # the days the hour changes, month ends, the last day of February
        (
            "2026-08-25", "2027-04-02",
            ("2026-10-25", "2026-10-31", "2026-12-31", "2027-01-31", "2027-02-28", "2027-03-01", "2027-03-28"),
        ),
        ("2027-12-30", "2028-05-02", ("2028-02-29", "2028-03-31", "2028-04-29", "2028-04-30")),
    ],
)  # fmt: skip
async def test_ends_are_told_60_15_and_1_day_before_and_the_day_after(
    database: str, first: str, last: str, ends: tuple[str, ...]
) -> None:  # R-DEL-04
    """Each on its days and nowhere else, to both sides; the centralisateur in one e-mail where several fall."""
    with clock.moved_to(LONG_AGO):
        centre, chiefs = await a_centre(administrators=2)
        made = {end: await in_force(centre, chiefs[0], end, end) for end in ends}
        await in_force(centre, chiefs[0], "sans-fin", "2099-12-31")
    for day in between(first, last):
        await a_day(day)
    expected: Counter[tuple[str, str, str]] = Counter()
    listed: dict[str, list[str]] = {}
    for end in map(date.fromisoformat, ends):
        for step in (60, 15, 1):
            when = (end - step * DAY).isoformat()
            expected[when, f"mayor-{end}-0", ENDING.format(french(end))] += 1
            listed.setdefault(when, []).append(ONE_ENDING.format(end, french(end)))
        expected[(end + DAY).isoformat(), f"mayor-{end}-0", EXPIRED] += 1
        for chief in chiefs:
            expected[(end + DAY).isoformat(), chief.identifier, ONE_EXPIRED.format(end)] += 1
    for when, lines in listed.items():
        line = lines[0] if len(lines) == 1 else f"{len(lines)} délégations finissent bientôt"
        expected |= {(when, chief.identifier, line): 1 for chief in chiefs}
    assert await sent() == expected
    for end, one in made.items():
        assert await status(one) == ("EXPIRED", None)
        [event] = [it for it in await tables.journal("delegation.expired") if it["subject_id"] == one.id]
        assert clock.paris_date(clock.from_microseconds(event["occurred_at"])) == date.fromisoformat(end) + DAY
        assert (event["actor_id"], event["delegation_id"], event["body"]["facts"]) == (
            None, one.id,
            {"centralisateur": "Centre de gestion 17", "delegataire": f"Commune {end}", "ends_on": end},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "asked"),
    [
        # their 15th, 45th or 60th day: the days the hour changes, month ends
        (
            "2026-08-25", "2027-04-20",
            ("2026-08-26", "2026-09-10", "2026-10-10", "2026-10-25", "2026-12-31", "2027-01-27", "2027-02-11"),
        ),
        ("2027-12-30", "2028-05-02", ("2027-12-31", "2028-01-15", "2028-02-14", "2028-02-29")),
    ],
)  # fmt: skip
async def test_requests_are_recalled_after_15_and_45_days_and_lapse_after_60(
    database: str, first: str, last: str, asked: tuple[str, ...]
) -> None:  # R-DEL-04
    """Whatever the hour of the request: the last day to answer is the 60th, in Paris."""
    hours = ("T00:00", "T09:30", "T23:59")
    with clock.moved_to(LONG_AGO):
        centre, [chief] = await a_centre()
        made = {}
        for place, day in enumerate(asked):
            moment = datetime.fromisoformat(day + hours[place % 3]).replace(tzinfo=clock.PARIS)
            made[day] = await waiting(centre, chief, day, moment)
    for day in between(first, last):
        await a_day(day)
    expected: Counter[tuple[str, str, str]] = Counter()
    for start in map(date.fromisoformat, asked):
        for after in (15, 45):
            expected[(start + after * DAY).isoformat(), f"mayor-{start}-0", REMINDER] += 1
        expected[(start + 61 * DAY).isoformat(), f"mayor-{start}-0", LAPSED] += 1
        expected[(start + 61 * DAY).isoformat(), chief.identifier, ONE_LAPSED.format(start)] += 1
    assert await sent() == expected
    for day, one in made.items():
        over = clock.end_of_day(date.fromisoformat(day) + 60 * DAY)
        assert await status(one) == ("EXPIRED", over.isoformat())
        [event] = [it for it in await tables.journal("delegation.lapsed") if it["subject_id"] == one.id]
        assert clock.paris_date(clock.from_microseconds(event["occurred_at"])) == date.fromisoformat(day) + 61 * DAY
        assert (event["actor_id"], event["establishment_id"], event["delegation_id"]) == (None, None, one.id)
        until = (date.fromisoformat(day) + 60 * DAY).isoformat()
        assert event["body"]["facts"] == {
            "centralisateur": "Centre de gestion 17", "delegataire": f"Commune {day}", "answer_until": until,
        }  # fmt: skip


@pytest.mark.parametrize(("asked", "last_day"), [("2026-08-26", "2026-10-25"), ("2027-01-27", "2027-03-28")])
async def test_a_request_lapses_at_midnight_in_paris_the_day_the_hour_changes(
    database: str, asked: str, last_day: str
) -> None:  # R-DEL-04
    """Looked at every half hour over the 23 or 25 hours of that day; nobody's telephone rings at night."""
    with clock.moved_to(LONG_AGO):
        centre, [chief] = await a_centre()
        one = await waiting(centre, chief, "Arvert", clock.start_of_day(date.fromisoformat(asked)))
    moment = clock.start_of_day(date.fromisoformat(last_day)) - timedelta(hours=1)
    midnight = clock.end_of_day(date.fromisoformat(last_day))
    seen = {}
    while moment < midnight + timedelta(hours=2):
        with clock.moved_to(moment):
            await everything()
            seen[moment] = (await status(one))[0]
        moment += timedelta(minutes=30)
    assert {when for when, what in seen.items() if what == "EXPIRED"} == {when for when in seen if when >= midnight}
    morning = datetime.combine(date.fromisoformat(last_day) + DAY, datetime.min.time(), clock.PARIS)
    for mail in await mails("DELEGATION_DECIDED"):
        assert mail["queued_at"] == clock.to_microseconds(midnight)
        assert mail["next_attempt_at"] == clock.to_microseconds(morning.replace(hour=7))


async def test_what_is_queued_late_in_the_evening_is_right_the_next_morning(database: str) -> None:  # R-NOT-01
    """Steps are counted on the day they are read: no « demain » that is today, no end told ahead once it has come."""
    with clock.moved_to(LONG_AGO):
        centre, [chief] = await a_centre()
        for end in ("2026-11-20", "2026-11-21", "2026-11-22", "2026-12-06"):
            await in_force(centre, chief, end, end)
    with at("2026-11-20T22:30+01:00"):
        await everything()
    texts = {one["recipient"].partition("@")[0]: one["body_text"] for one in await mails()}
    assert set(texts) == {"mayor-2026-11-21-0", "mayor-2026-11-22-0", "mayor-2026-12-06-0", chief.identifier}
    assert "elle finit ce soir" in texts["mayor-2026-11-21-0"]
    assert "elle finit demain soir" in texts["mayor-2026-11-22-0"]
    assert "elle finit dans 15 jours" in texts["mayor-2026-12-06-0"]
    assert {one["next_attempt_at"] for one in await mails()} == {
        clock.to_microseconds(datetime.fromisoformat("2026-11-21T07:00+01:00"))
    }


# ---------------------------------------------------------------- an end that is chosen


async def test_an_extension_makes_new_steps_of_later(database: str) -> None:  # R-DEL-04
    with at("2026-06-01T12:00+02:00"):
        pair = await a_pair()
        number = await agree(pair, ends_on=date(2026, 10, 1))
    for day in between("2026-07-25", "2026-09-17"):
        await a_day(day)
    with at("2026-09-18T09:00+02:00"):
        assert (await delegation.extend(pair.asked, number, date(2026, 12, 31))).errors == ()
    for day in between("2026-09-18", "2027-01-03"):
        await a_day(day)
    finishing = [when for when, line in await told(pair.mayor) if " finit le " in line]
    assert finishing == ["2026-08-02", "2026-09-16", "2026-11-01", "2026-12-16", "2026-12-30"]
    assert [when for when, line in await told(pair.chief) if " finit le " in line] == finishing
    assert (await told(pair.mayor))[-1] == ("2027-01-01", EXPIRED)


async def test_one_without_end_any_more_is_told_no_more(database: str) -> None:  # R-DEL-04
    with at("2026-06-01T12:00+02:00"):
        pair = await a_pair()
        number = await agree(pair, ends_on=date(2026, 7, 10))
    with at("2026-06-10T12:00+02:00"):
        assert (await delegation.extend(pair.asked, number, None)).errors == ()
    before = await sent()
    for day in between("2026-06-10", "2026-07-20"):
        await a_day(day)
    assert await sent() == before
    assert (await tables.one("delegations", number))["status"] == "ACCEPTED"


@pytest.mark.parametrize(
    ("how", "ahead", "steps"),
    [
        ("accepted", 0, []), ("accepted", 1, []), ("accepted", 10, [1]), ("accepted", 15, [1]),
        ("accepted", 16, [15, 1]), ("accepted", 61, [60, 15, 1]),
        # an hour before midnight of the day before: what is told of today is to come
        ("extended", 0, []), ("extended", 1, [1]), ("extended", 10, [1]), ("extended", 15, [15, 1]),
        ("extended", 16, [15, 1]), ("extended", 60, [60, 15, 1]),
    ],
)  # fmt: skip
async def test_whoever_has_just_chosen_an_end_is_told_of_the_steps_to_come_only(
    database: str, how: str, ahead: int, steps: list[int]
) -> None:  # R-DEL-04
    today = date(2026, 6, 1)
    end = today + ahead * DAY
    with clock.moved_to(noon(today)):
        pair = await a_pair()
        if how == "accepted":
            assert (await delegation.accept(pair.asked, await ask(pair), Narrowing(ends_on=end))).errors == ()
        else:
            yesterday = (today - DAY).isoformat()
            number = (await in_force(pair.centre, pair.chief, "", yesterday, town=pair.town)).id
            with clock.moved_to(noon(today - DAY)):  # its last day
                await everything()
            with clock.moved_to(noon(today) - timedelta(hours=13)):  # its last hour
                assert (await delegation.extend(pair.asked, number, end)).errors == ()
    before = await sent()
    for day in days(today, end):
        await a_day(day)
    expected = Counter((end - step * DAY).isoformat() for step in steps)
    for person in (pair.mayor, pair.chief):
        assert (
            Counter(when for when, who, _ in (await sent() - before).elements() if who == person.identifier) == expected
        )
