"""The letters of three years: when each was deposited, for whom, of which type; the campaign of May above all."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from random import Random

from backend.demo.calendar import SECOND, at_work, is_working, midnight, months_after
from backend.demo.catalogue import COURRIER_TYPES
from backend.demo.employers import fund_codes, headcount
from backend.demo.sign_ins import ROYAN
from backend.demo.staff import House

FULL_LETTERS = 500_000
FULL_CAMPAIGN = 64_000
YEARS = 3
MAY = 5
_WITHDRAWN_EVERY = 997
_CAMPAIGN = [number for number, kind in enumerate(COURRIER_TYPES) if kind.is_campaign]
_TYPES_BY_FUND = {
    fund: [number for number, kind in enumerate(COURRIER_TYPES) if kind.fund == fund and not kind.is_campaign]
    for fund in {kind.fund for kind in COURRIER_TYPES}
}
_WAITING = (
    ("CNRACL_APPEL_COTISATIONS", 1),
    ("IRCANTEC_RELANCE_CREANCE", 1),
    ("FIPHFP_ACCORD_FINANCEMENT", 2),
    ("RAFP_POINTS", 2),
    ("CNRACL_ANOMALIES", 3),
    ("FNC_RAPPEL_DECLARATION", 4),
    ("FAEFM_INFORMATION_ELUS", 5),
)
"""Letters that wait for the demonstration's readers of Royan: type, days ago."""
_TO_COME = (("CNRACL_TAUX", 10), ("IRCANTEC_TAUX", 24))
"""Letters deposited for Royan and published later: type, days from now."""


@dataclass(slots=True, eq=False)
class Deposit:
    """A courrier to be: `kind` is a place in the catalogue, `day` an ordinal, instants are microseconds."""

    moment: int
    day: int
    house: House
    kind: int
    number: int = 0
    publish_at: int = 0
    withdrawn: bool = False
    campaign: int = 0
    """The year of the campaign of May in which it was deposited; 0 for letters deposited one by one."""
    replaces: "Deposit | None" = None


def deposits(houses: list[House], total: int, today: int, random: Random) -> list[Deposit]:
    """`total` letters or nearly, in the order in which they were deposited, up to yesterday."""
    campaigns = list(_campaign_days(today))
    made: list[Deposit] = []
    for rank, days in enumerate(reversed(campaigns)):
        # Each year a little more than the one before; the last whole one is as big as in public life.
        share = 0.97**rank * min(1.0, len(days) / 20)
        made += _campaign(houses, round(total * FULL_CAMPAIGN / FULL_LETTERS * share), days, random)
    ordinary = [
        day
        for day in range(months_after(today, -12 * YEARS), today)
        if is_working(day) and date.fromordinal(day).month != MAY
    ]
    made += _ordinary(houses, total - len(made), ordinary, random)
    made += _planted(houses, today, random)
    made.sort(key=lambda one: one.moment)
    made += _replacements(made, today, random)
    made.sort(key=lambda one: one.moment)
    for number, one in enumerate(made, start=1):
        one.number = number
    return made


def _campaign_days(today: int) -> Iterator[list[int]]:
    for year in range(date.fromordinal(today).year - YEARS, date.fromordinal(today).year + 1):
        first = date(year, MAY, 1).toordinal()
        days = [day for day in range(first + 2, first + 31) if is_working(day) and day < today]
        if days and first >= months_after(today, -12 * YEARS):
            yield days


def _campaign(houses: list[House], total: int, days: list[int], random: Random) -> Iterator[Deposit]:
    weight = sum(COURRIER_TYPES[kind].weight for kind in _CAMPAIGN)
    for kind in _CAMPAIGN:
        fund = COURRIER_TYPES[kind].fund
        pool = [house for house in houses if fund in fund_codes(house.employer)]
        wanted = round(total * COURRIER_TYPES[kind].weight / weight)
        for house in random.sample(pool, min(len(pool), wanted)):
            day = random.choice(days)
            moment = at_work(random, day)
            year = date.fromordinal(day).year
            yield Deposit(moment, day, house, kind, publish_at=moment, campaign=year)


def _ordinary(houses: list[House], total: int, days: list[int], random: Random) -> Iterator[Deposit]:
    weights = list(accumulate(headcount(one.employer.category, one.employer.population) ** 0.4 for one in houses))
    types: dict[tuple[str, ...], tuple[list[int], list[float]]] = {}
    starts = [kind.available_since.toordinal() for kind in COURRIER_TYPES]
    for house in random.choices(houses, cum_weights=weights, k=max(0, total)):
        funds = fund_codes(house.employer)
        if funds not in types:
            able = [kind for fund in funds for kind in _TYPES_BY_FUND[fund]]
            types[funds] = able, list(accumulate(COURRIER_TYPES[kind].weight for kind in able))
        able, summed = types[funds]
        kind = able[bisect_left(summed, random.random() * summed[-1])]
        day = random.choice(days)
        if day < starts[kind]:
            kind = able[0]
        moment = at_work(random, day)
        yield Deposit(moment, day, house, kind, publish_at=moment)


def _planted(houses: list[House], today: int, random: Random) -> Iterator[Deposit]:
    places = {kind.code: number for number, kind in enumerate(COURRIER_TYPES)}
    for house in houses:
        if house.name != ROYAN:
            continue
        for code, ago in _WAITING:
            moment = at_work(random, today - ago)
            yield Deposit(moment, today - ago, house, places[code], publish_at=moment)
        for code, later in _TO_COME:
            moment = at_work(random, today - 1)
            publish_at = midnight(today + later) + 8 * 3600 * SECOND
            yield Deposit(moment, today - 1, house, places[code], publish_at=publish_at)


def _replacements(made: list[Deposit], today: int, random: Random) -> list[Deposit]:
    """Some letters were a mistake: withdrawn, and another sent a day or two later (R-COU-13)."""
    found = []
    for one in made[_WITHDRAWN_EVERY // 2 :: _WITHDRAWN_EVERY]:
        if one.publish_at != one.moment or one.day >= today - 8:
            continue
        one.withdrawn = True
        day = one.day + random.randint(3, 4)
        moment = at_work(random, day)
        found.append(Deposit(moment, day, one.house, one.kind, publish_at=moment, replaces=one))
    return found
