"""Instants and legal dates: months of all lengths, days of 23 and 25 hours."""

import calendar
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend import clock

DAYS = st.dates(date(1980, 1, 1), date(2199, 12, 31))
INSTANTS = st.datetimes(
    datetime(1980, 1, 1),
    datetime(2199, 12, 31),
    timezones=st.builds(timezone, st.timedeltas(-timedelta(hours=14), timedelta(hours=14))),
)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@given(DAYS)
@example(SPRING)
@example(AUTUMN)
def test_a_day_starts_at_its_first_instant(day: date) -> None:
    start = clock.start_of_day(day)
    assert start.tzinfo is UTC
    assert clock.paris_date(start) == day
    assert clock.paris_date(start - timedelta(microseconds=1)) == day - timedelta(days=1)


@given(DAYS)
@example(SPRING)
@example(AUTUMN)
def test_a_day_has_23_24_or_25_hours(day: date) -> None:
    length = clock.start_of_day(day + timedelta(days=1)) - clock.start_of_day(day)
    assert length in {timedelta(hours=hours) for hours in (23, 24, 25)}


def test_the_days_on_which_the_hour_changes() -> None:
    hours = timedelta(hours=1)
    assert clock.start_of_day(SPRING + timedelta(days=1)) - clock.start_of_day(SPRING) == 23 * hours
    assert clock.start_of_day(AUTUMN + timedelta(days=1)) - clock.start_of_day(AUTUMN) == 25 * hours


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-08-31", 18, "2026-02-28"),
        ("2024-12-15", 1, "2025-01-15"),
        ("2024-11-30", 1, "2024-12-30"),
        ("2024-12-31", 12, "2025-12-31"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2024-01-15", -1, "2023-12-15"),
        ("2024-01-15", 0, "2024-01-15"),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: str, months: int, later: str) -> None:
    assert clock.add_months(date.fromisoformat(day), months) == date.fromisoformat(later)


@given(DAYS, st.integers(-240, 240))
def test_months_later_falls_in_the_month_so_many_later(day: date, months: int) -> None:
    later = clock.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == min(day.day, calendar.monthrange(later.year, later.month)[1])


@given(DAYS, DAYS, st.integers(0, 240))
def test_who_is_later_stays_later(one: date, other: date, months: int) -> None:
    first, second = sorted([one, other])
    assert clock.add_months(first, months) <= clock.add_months(second, months)


@given(INSTANTS)
def test_an_instant_is_stored_exactly(instant: datetime) -> None:
    back = clock.from_microseconds(clock.to_microseconds(instant))
    assert back == instant
    assert back.tzinfo is UTC


@given(INSTANTS, INSTANTS)
def test_stored_instants_sort_as_instants(one: datetime, other: datetime) -> None:
    assert (clock.to_microseconds(one) < clock.to_microseconds(other)) == (one < other)


def test_an_instant_needs_its_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.to_microseconds(datetime(2026, 1, 1))


def test_time_stands_still_where_it_is_moved(at: Callable[[str], AbstractContextManager[None]]) -> None:
    with at("2026-12-31T23:30+00:00"):
        assert clock.today() == date(2027, 1, 1)  # in Paris
        with at("2026-06-30T21:59+00:00"):
            assert clock.today() == date(2026, 6, 30)
        assert clock.now() == datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_clock_is_moved_until_the_test_ends(moved_clock: Callable[[str], None]) -> None:
    moved_clock("2026-03-29T00:30+01:00")
    assert clock.now() == datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
    moved_clock("2027-01-01T00:00+01:00")
    assert clock.today() == date(2027, 1, 1)
