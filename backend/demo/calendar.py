"""Days and instants of the demonstration, as the database stores them; days are ordinals, quick to add."""

from datetime import date
from functools import cache
from random import Random

from backend import clock

SECOND = 1_000_000
"""Microseconds."""
MINUTE = 60 * SECOND


@cache
def midnight(day: int) -> int:
    """The first instant of a day (its ordinal), in microseconds."""
    return int(clock.to_microseconds(clock.start_of_day(date.fromordinal(day))))


@cache
def iso(day: int) -> str:
    """A day as a legal date."""
    return date.fromordinal(day).isoformat()


@cache
def months_after(day: int, months: int) -> int:
    """The day so many months later, or earlier."""
    return clock.add_months(date.fromordinal(day), months).toordinal()


def at_work(random: Random, day: int) -> int:
    """An instant of a day, between 8 and 18 o'clock."""
    return midnight(day) + int((8 + 10 * random.random()) * 3600) * SECOND


def is_working(day: int) -> bool:
    """Whether a day is neither a Saturday nor a Sunday."""
    return day % 7 not in {6, 0}
