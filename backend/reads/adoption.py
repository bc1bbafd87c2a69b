"""Adoption: how many letters were deposited and read, by how many establishments (R-ADO-01)."""

from dataclasses import dataclass
from datetime import date

from backend import clock
from backend import database as db


@dataclass(frozen=True)
class Month:
    """One month's letters, by when they became available."""

    month: date
    deposited: int
    read: int


@dataclass(frozen=True)
class Adoption:
    """The figures of a period."""

    establishments_served: int
    establishments_reading: int
    courriers_deposited: int
    courriers_read: int
    by_month: tuple[Month, ...]


async def over(start: date | None, until: date | None) -> Adoption:
    """The figures from a legal date to another, both included; all time without them. One pass over the letters."""
    first = int(clock.to_microseconds(clock.start_of_day(start))) if start else 0
    last = int(clock.to_microseconds(clock.end_of_day(until))) if until else 2**62
    total = await db.row(
        "SELECT count(DISTINCT c.establishment_id) AS served, "
        "count(DISTINCT CASE WHEN c.first_opened_at IS NOT NULL THEN c.establishment_id END) AS reading, "
        "count(*) AS deposited, count(c.first_opened_at) AS read, min(c.available_at) AS earliest, "
        "max(c.available_at) AS latest "
        "FROM courriers c WHERE c.available_at >= $1 AND c.available_at < $2 AND c.withdrawn_at IS NULL",
        [first, last],
    )
    if total is None or not total["deposited"]:
        return Adoption(0, 0, 0, 0, ())
    months = await _months(total["earliest"], total["latest"], first, last)
    return Adoption(total["served"], total["reading"], total["deposited"], total["read"], months)


async def _months(earliest: int, latest: int, first: int, last: int) -> tuple[Month, ...]:
    """Months of the Paris calendar: their bounds are given to the database, which knows no time zone on SQLite."""
    month = clock.paris_date(clock.from_microseconds(earliest)).replace(day=1)
    end = clock.paris_date(clock.from_microseconds(latest))
    bounds: list[tuple[date, int]] = []
    while month <= end:
        bounds.append((month, int(clock.to_microseconds(clock.start_of_day(month)))))
        month = clock.add_months(month, 1)
    cases = " ".join(
        f"WHEN c.available_at >= {moment} THEN {number}" for number, (_, moment) in reversed([*enumerate(bounds)])
    )
    rows = await db.rows(
        f"SELECT month, count(*) AS deposited, count(first_opened_at) AS read FROM "
        f"(SELECT CASE {cases} ELSE 0 END AS month, c.first_opened_at FROM courriers c "
        "WHERE c.available_at >= $1 AND c.available_at < $2 AND c.withdrawn_at IS NULL) dated "
        "GROUP BY month ORDER BY month",
        [first, last],
    )
    found = {one["month"]: one for one in rows}
    return tuple(
        Month(
            day, found[number]["deposited"] if number in found else 0, found[number]["read"] if number in found else 0
        )
        for number, (day, _) in enumerate(bounds)
    )
