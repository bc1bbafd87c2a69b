"""Adoption: whether letters are read, by how many establishments, and how soon (R-ADO-01).

What a period's figures are about: the letters made available in it, those withdrawn or removed since left out. Of them,

- served: establishments that one at least was made available to;
- notified: those to which an e-mail about one of them was sent (a fact NOTIFIED);
- signed in: those where somebody signed in since the first of them, or that opened one, be it through a delegation;
- reading: those where one at least was opened; reading all: where each of them was; never: served, and not reading;
- read: letters opened, when does not matter; delay: from being available to being first opened, in whole hours. The
  median of those of letters that were opened: the middle one, the lower of two.

Cuts count the same of the letters of a month, a fund, a type, an establishment's category or département, a batch.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from backend import clock
from backend import database as db
from backend.reads import kept

CUTS = ("month", "fund", "type", "category", "departement", "campaign")

STANDING = (None, 360, 90)
"""The periods that screens propose, in days before today until now (None: from the beginning)."""

_HOUR = 3_600_000_000
# The signs keep SQLite to the order of `courriers_adopted`, which holds all that is counted, by establishment.
_LETTERS = "+c.available_at >= $1 AND +c.available_at < $2 AND c.available_at IS NOT NULL AND c.withdrawn_at IS NULL"


@dataclass(frozen=True)
class Cut:
    """The figures of one month, fund, type, category, département or batch; `key` names it, empty for no batch."""

    key: str
    served: int
    reading: int
    deposited: int
    read: int
    median_delay: int | None
    """In hours; None where nothing was opened."""


@dataclass(frozen=True)
class Adoption:
    """The figures of a period, as they were at an instant."""

    counted_at: datetime
    served: int = 0
    notified: int = 0
    signed_in: int = 0
    reading: int = 0
    reading_all: int = 0
    deposited: int = 0
    read: int = 0
    median_delay: int | None = None
    by: Mapping[str, tuple[Cut, ...]] = field(default_factory=lambda: dict.fromkeys(CUTS, ()))


async def over(start: date | None, until: date | None) -> Adoption:
    """The figures from a legal date to another, both included; all time without them. Those that take long to count
    are as they were when they were last counted, if that is not long ago.
    """
    return _read(await kept.figures(_named(start, until), lambda: _written(start, until)))


async def recount() -> None:
    """Count again the periods that screens propose, on a platform where it takes long, and forget older figures."""
    if not await kept.is_worth_it():
        return
    for days in STANDING:
        start = None if days is None else clock.today() - timedelta(days=days)
        await kept.anew(_named(start, None), partial(_written, start, None))
    await kept.forget()


def _named(start: date | None, until: date | None) -> str:
    return f"adoption/{start or ''}/{until or ''}"


async def _written(start: date | None, until: date | None) -> dict[str, Any]:
    return asdict(await count(start, until))


def _read(found: kept.Kept) -> Adoption:
    by = {cut: tuple(Cut(**one) for one in found.body["by"][cut]) for cut in CUTS}
    return Adoption(**{**found.body, "by": by, "counted_at": found.counted_at})


async def count(start: date | None, until: date | None) -> Adoption:
    """The figures, counted now: eight statements, each a pass over the letters of the period."""
    now = clock.now()
    bounds = [
        int(clock.to_microseconds(clock.start_of_day(start))) if start else 0,
        int(clock.to_microseconds(clock.end_of_day(until))) if until else 2**62,
    ]
    places = await _places(bounds)
    if not places:
        return Adoption(now)
    months = await _months(bounds)
    by_letter, by_place = await _delays(bounds, months), await _delays_of_places(bounds)
    keys = {"month": _case(months), "fund": "t.fund_id", "type": "c.type_id", "campaign": "c.batch_id"}
    by = {cut: _cuts(await _grouped(bounds, key), by_letter[cut]) for cut, key in keys.items()}
    by["month"] = _every_month(months, by["month"])
    by |= {cut: _cuts(_summed(places, cut), by_place[cut]) for cut in ("category", "departement")}
    total = {name: sum(int(one[name]) for one in places) for name in places[0] if name not in by}
    return Adoption(
        counted_at=now, notified=await _notified(bounds), median_delay=_median(by_place[""].get("", {})), by=by, **total
    )


async def _places(bounds: list[int]) -> list[db.Row]:
    """By category and département, the establishments, the steps they came to, and their letters."""
    return await db.rows(
        "SELECT e.category, e.departement, count(*) AS served, sum(p.letters) AS deposited, sum(p.opened) AS read, "
        "sum(CASE WHEN p.opened > 0 THEN 1 ELSE 0 END) AS reading, "
        "sum(CASE WHEN p.opened = p.letters THEN 1 ELSE 0 END) AS reading_all, "
        "sum(CASE WHEN p.opened > 0 OR s.last_login_at >= p.first_at THEN 1 ELSE 0 END) AS signed_in "
        "FROM (SELECT c.establishment_id, count(*) AS letters, count(c.first_opened_at) AS opened, "
        f"min(c.available_at) AS first_at FROM courriers c WHERE {_LETTERS} GROUP BY c.establishment_id) p "
        "JOIN establishments e ON e.id = p.establishment_id "
        "LEFT JOIN (SELECT u.establishment_id, max(u.last_login_at) AS last_login_at FROM users u "
        "GROUP BY u.establishment_id) s ON s.establishment_id = e.id GROUP BY e.category, e.departement",
        bounds,
    )


async def _notified(bounds: list[int]) -> int:
    found = await db.row(
        "SELECT count(DISTINCT c.establishment_id) AS n FROM courriers c "
        "JOIN courrier_facts f ON f.courrier_id = c.id AND f.kind = 'NOTIFIED' "
        f"WHERE {_LETTERS}",
        bounds,
    )
    return int(found["n"]) if found else 0


async def _months(bounds: list[int]) -> list[tuple[date, int]]:
    """Months of the Paris calendar with the instant each begins: the database knows no time zone on SQLite."""
    found = await db.row(
        f"SELECT min(c.available_at) AS earliest, max(c.available_at) AS latest FROM courriers c WHERE {_LETTERS}",
        bounds,
    )
    if found is None or found["earliest"] is None:
        return []
    month = clock.paris_date(clock.from_microseconds(found["earliest"])).replace(day=1)
    end = clock.paris_date(clock.from_microseconds(found["latest"]))
    months = []
    while month <= end:
        months.append((month, int(clock.to_microseconds(clock.start_of_day(month)))))
        month = clock.add_months(month, 1)
    return months


def _case(months: list[tuple[date, int]]) -> str:
    cases = " ".join(f"WHEN c.available_at >= {moment} THEN '{month}'" for month, moment in reversed(months))
    return f"CASE {cases} END"


async def _grouped(bounds: list[int], key: str) -> list[db.Row]:
    return await db.rows(
        "SELECT p.cut, count(*) AS served, sum(CASE WHEN p.opened > 0 THEN 1 ELSE 0 END) AS reading, "
        "sum(p.letters) AS deposited, sum(p.opened) AS read FROM "
        f"(SELECT {key} AS cut, c.establishment_id, count(*) AS letters, count(c.first_opened_at) AS opened "
        f"FROM courriers c JOIN courrier_types t ON t.id = c.type_id WHERE {_LETTERS} GROUP BY 1, 2) p GROUP BY p.cut",
        bounds,
    )


def _summed(places: Iterable[db.Row], cut: str) -> list[db.Row]:
    found: dict[str, db.Row] = {}
    for one in places:
        sums = found.setdefault(one[cut], {"cut": one[cut], "served": 0, "reading": 0, "deposited": 0, "read": 0})
        for name in ("served", "reading", "deposited", "read"):
            sums[name] += int(one[name])
    return list(found.values())


Delays = dict[str, Counter[int]]
"""By key of a cut, how many letters were first opened after so many hours."""


async def _delays(bounds: list[int], months: list[tuple[date, int]]) -> dict[str, Delays]:
    rows = await db.rows(
        f"SELECT {_case(months)} AS month, t.fund_id AS fund, c.type_id AS type, c.batch_id AS campaign, "
        f"(c.first_opened_at - c.available_at) / {_HOUR} AS hours, count(*) AS letters "
        "FROM courriers c JOIN courrier_types t ON t.id = c.type_id "
        f"WHERE {_LETTERS} AND c.first_opened_at IS NOT NULL GROUP BY 1, 2, 3, 4, 5",
        bounds,
    )
    return _tallied(rows, ("month", "fund", "type", "campaign"))


async def _delays_of_places(bounds: list[int]) -> dict[str, Delays]:
    rows = await db.rows(
        "SELECT '' AS whole, e.category, e.departement, "
        f"(c.first_opened_at - c.available_at) / {_HOUR} AS hours, count(*) AS letters "
        "FROM courriers c JOIN establishments e ON e.id = c.establishment_id "
        f"WHERE {_LETTERS} AND c.first_opened_at IS NOT NULL GROUP BY 1, 2, 3, 4",
        bounds,
    )
    found = _tallied(rows, ("whole", "category", "departement"))
    return {**found, "": found["whole"]}


def _tallied(rows: Iterable[db.Row], cuts: tuple[str, ...]) -> dict[str, Delays]:
    found: dict[str, Delays] = {cut: {} for cut in cuts}
    for one in rows:
        for cut in cuts:
            found[cut].setdefault(_key(one[cut]), Counter())[one["hours"]] += one["letters"]
    return found


def _key(value: object) -> str:
    return "" if value is None else str(value)


def _median(delays: Mapping[int, int]) -> int | None:
    """The middle one of the delays, the lower of two."""
    wanted = (sum(delays.values()) + 1) // 2
    for hours in sorted(delays):
        wanted -= delays[hours]
        if wanted <= 0:
            return hours
    return None


def _cuts(rows: Iterable[db.Row], delays: Delays) -> tuple[Cut, ...]:
    made = [
        Cut(
            _key(one["cut"]), int(one["served"]), int(one["reading"]), int(one["deposited"]), int(one["read"]),
            _median(delays.get(_key(one["cut"]), {})),
        )
        for one in rows
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda cut: cut.key))


def _every_month(months: list[tuple[date, int]], cuts: tuple[Cut, ...]) -> tuple[Cut, ...]:
    found = {cut.key: cut for cut in cuts}
    return tuple(found.get(str(month)) or Cut(str(month), 0, 0, 0, 0, None) for month, _ in months)
