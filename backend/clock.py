"""The one source of now and of today.

Instants are UTC; legal dates are calendar days in Europe/Paris. Tests move the clock with `move_to` and `advance`;
nothing else in the product may ask the system for the time.
"""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NewType
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterator

PARIS = ZoneInfo("Europe/Paris")

MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)

Microseconds = NewType("Microseconds", int)
"""Microseconds since 1970-01-01T00:00:00Z: how instants are stored and how pages are keyed."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _Clock:
    """Real time plus an offset, or a frozen instant (tests only)."""

    def __init__(self) -> None:
        self.frozen: datetime | None = None


_clock = _Clock()


def now() -> datetime:
    """This instant, in UTC."""
    return _clock.frozen or datetime.now(UTC)


def today() -> date:
    """Today's legal date, in Europe/Paris."""
    return paris_date(now())


def paris_date(instant: datetime) -> date:
    """The legal date on which an instant falls."""
    return instant.astimezone(PARIS).date()


def start_of_day(day: date) -> datetime:
    """The first instant of a legal date, in UTC (23 or 25 hours before the next on the days the hour changes)."""
    if day == date.min:  # in Paris it began before the first instant there is
        return datetime.min.replace(tzinfo=UTC)
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """The first instant that is no longer on a legal date, in UTC."""
    return datetime.max.replace(tzinfo=UTC) if day == date.max else start_of_day(day + timedelta(days=1))


def french_date(day: date) -> str:
    """A date as French is written: 1er mars 2024, 12 mai 2023."""
    return f"{'1er' if day.day == 1 else day.day}\u00a0{MONTHS[day.month - 1]}\u00a0{day.year}"


def french_instant(instant: datetime) -> str:
    """An instant as French is written, in Paris: 1er mars 2024 à 14 h 05."""
    here = instant.astimezone(PARIS)
    return f"{french_date(here.date())} à {here:%H}\u00a0h\u00a0{here:%M}"


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later, or the month's last day where it has no such day."""
    total = day.year * 12 + day.month - 1 + months
    year, month = divmod(total, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def to_microseconds(instant: datetime) -> Microseconds:
    """An aware instant as stored. Raises ValueError for a naive one: its zone would be a guess (finding H)."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return Microseconds((instant - _EPOCH) // _MICROSECOND)


def from_microseconds(value: int) -> datetime:
    """A stored instant, in UTC."""
    return _EPOCH + timedelta(microseconds=value)


@contextmanager
def moved_to(instant: datetime) -> "Iterator[None]":
    """For tests: time stands still at `instant` inside the block; nested moves come back to the outer one."""
    before, _clock.frozen = _clock.frozen, instant.astimezone(UTC)
    try:
        yield
    finally:
        _clock.frozen = before
