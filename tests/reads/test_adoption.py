"""The figures of adoption, compared with what a few lines of Python say of the same letters (R-ADO-01)."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.models import Courrier, CourrierFact, DepositBatch, Establishment
from backend.reads import adoption, kept
from tests import builders

NOW = "2026-06-15T12:00+02:00"
FUNDS = ("CNRACL", "IRCANTEC")
CATEGORIES = ("COMMUNE", "EPCI", "HOSPITAL")
DILIGENCE = (1, 1, 0.6, 0.6, 0.3, 0.3, 0, 0)
"""How likely a letter is opened, town by town; the ninth gets none."""


async def a_world(random: Random) -> None:
    """Towns, and letters of four months around the changes of month and of hour, some opened, some withdrawn."""
    kinds = [await builders.courrier_type(f"T{number}", fund=FUNDS[number % 2]) for number in range(3)]
    towns = []
    for number in range(9):
        town = await builders.establishment(category=CATEGORIES[number % 3], departement=("17", "2A")[number % 2])
        for _ in range(number % 3):
            last = clock.now() - timedelta(days=random.randrange(150))
            await builders.user(town, last_login_at=clock.now() if number == 7 else random.choice((None, last)))
        towns.append(town)
    reader = await builders.user(towns[0])
    batch = await DepositBatch.create(label="Mai", status="PUBLISHED", opened_by_id=reader.id, opened_at=clock.now())
    for _ in range(45):
        town = random.randrange(8)
        available = datetime(2026, random.randint(2, 5), random.choice((1, 15, 28)), tzinfo=clock.PARIS)
        available += timedelta(hours=random.choice((-1, 0, 9, 23)))
        delay = timedelta(minutes=random.choice((5, 59, 60, 61, 3000, 9999)))
        opened = available + delay if random.random() < DILIGENCE[town] else None
        letter = await builders.courrier(
            towns[town],
            kind=random.choice(kinds),
            available_at=random.choice((available, available, available, None)),
            first_opened_at=opened,
            first_opened_by_id=reader.id if opened else None,
            withdrawn_at=random.choice((None, None, None, None, clock.now())),
            batch_id=random.choice((None, batch.id)),
        )
        if random.random() < 0.4:
            await CourrierFact.create(courrier_id=letter.id, kind="NOTIFIED", occurred_at=available)


async def plainly(start: date | None, until: date | None) -> dict[str, Any]:
    """The same, letter by letter."""
    towns = {one.id: one for one in await Establishment.all()}
    sign_ins: dict[int, datetime] = {}
    for person in await db.rows("SELECT establishment_id, last_login_at FROM users WHERE last_login_at IS NOT NULL"):
        at = clock.from_microseconds(person["last_login_at"])
        sign_ins[person["establishment_id"]] = max(at, sign_ins.get(person["establishment_id"], at))
    told = {one["courrier_id"] for one in await db.rows("SELECT courrier_id FROM courrier_facts")}
    letters = [
        one
        for one in await Courrier.all()
        if one.available_at is not None
        and one.withdrawn_at is None
        and (start is None or clock.paris_date(one.available_at) >= start)
        and (until is None or clock.paris_date(one.available_at) <= until)
    ]
    keys: dict[str, Callable[[Courrier], object]] = {
        "month": lambda one: clock.paris_date(one.available_at or clock.now()).replace(day=1),
        "fund": lambda one: one.fund_id,
        "type": lambda one: one.type_id,
        "category": lambda one: towns[one.establishment_id].category,
        "departement": lambda one: towns[one.establishment_id].departement,
        "campaign": lambda one: one.batch_id or "",
    }
    by: dict[str, dict[str, tuple[Any, ...]]] = {}
    for cut, key in keys.items():
        found: dict[str, list[Courrier]] = {}
        for one in letters:
            found.setdefault(str(key(one)), []).append(one)
        by[cut] = {name: figures(these) for name, these in found.items()}
    of: dict[int, list[Courrier]] = {}
    for one in letters:
        of.setdefault(one.establishment_id, []).append(one)
    first = {town: min(one.available_at for one in these if one.available_at) for town, these in of.items()}
    opened = {town for town, these in of.items() if any(one.first_opened_at for one in these)}
    return {
        "figures": figures(letters),
        "notified": len({one.establishment_id for one in letters if one.id in told}),
        "signed_in": len(
            {town for town in of if town in opened or (town in sign_ins and sign_ins[town] >= first[town])}
        ),
        "reading_all": sum(all(one.first_opened_at for one in these) for these in of.values()),
        "by": by,
    }


def figures(letters: Iterable[Courrier]) -> tuple[Any, ...]:
    """Served, reading, deposited, read, median delay in whole hours."""
    letters = list(letters)
    read = [one for one in letters if one.first_opened_at]
    hours = sorted(
        (one.first_opened_at - one.available_at) // timedelta(hours=1)
        for one in read
        if one.first_opened_at and one.available_at
    )
    return (
        len({one.establishment_id for one in letters}),
        len({one.establishment_id for one in read}),
        len(letters),
        len(read),
        hours[(len(hours) - 1) // 2] if hours else None,
    )


def told(found: adoption.Adoption) -> dict[str, Any]:
    """The figures of the read, in the same shape."""
    by = {
        cut: {
            one.key: (one.served, one.reading, one.deposited, one.read, one.median_delay)
            for one in found.by[cut]
            if one.deposited
        }
        for cut in adoption.CUTS
    }
    return {
        "figures": (found.served, found.reading, found.deposited, found.read, found.median_delay),
        "notified": found.notified,
        "signed_in": found.signed_in,
        "reading_all": found.reading_all,
        "by": by,
    }


PERIODS = [
    (None, None),
    (date(2026, 3, 1), date(2026, 4, 28)),
    (date(2026, 4, 1), None),
    (None, date(2026, 3, 28)),
    (date(2026, 3, 28), date(2026, 3, 28)),
    (date(2027, 1, 1), None),
]


async def test_figures_are_those_that_counting_letter_by_letter_gives(
    database: str, moved_clock: Callable[[str], None]
) -> None:  # R-ADO-01
    moved_clock(NOW)
    for seed in range(2):
        await a_world(Random(seed))
    for start, until in PERIODS:
        found = await adoption.over(start, until)
        assert told(found) == await plainly(start, until), (start, until)
        assert found.counted_at == clock.now()
    everything = await adoption.over(None, None)
    assert [one.key for one in everything.by["month"]] == [f"2026-0{month}-01" for month in range(1, 6)]
    assert 0 < everything.reading_all < everything.reading < everything.signed_in <= everything.served <= 16


async def test_a_month_without_a_letter_is_not_left_out(database: str, moved_clock: Callable[[str], None]) -> None:
    moved_clock(NOW)
    for month in (1, 4):
        await builders.courrier(available_at=datetime(2026, month, 9, tzinfo=clock.PARIS))
    found = await adoption.over(None, None)
    assert [(one.key[5:7], one.deposited) for one in found.by["month"]] == [("01", 1), ("02", 0), ("03", 0), ("04", 1)]


async def test_what_takes_long_to_count_is_kept_for_a_while_with_its_instant(
    database: str, monkeypatch: pytest.MonkeyPatch, moved_clock: Callable[[str], None]
) -> None:  # R-ADO-01
    moved_clock(NOW)
    await builders.courrier()
    assert (await adoption.over(None, None)).deposited == 1
    await builders.courrier()
    assert (await adoption.over(None, None)).deposited == 2, "quick to count: counted each time"
    monkeypatch.setattr(kept, "COSTLY", 0)
    counted = await adoption.over(None, None)
    await builders.courrier()
    moved_clock("2026-06-15T13:00+02:00")
    assert await adoption.over(None, None) == counted
    await adoption.recount()
    assert await adoption.over(None, None) == counted, "too few letters to count ahead"
    monkeypatch.setattr(kept, "MANY", 0)
    await adoption.recount()
    anew = await adoption.over(None, None)
    assert (anew.deposited, anew.counted_at) == (3, clock.now())
    moved_clock("2026-06-15T15:00+02:00")
    assert (await adoption.over(None, None)).counted_at == clock.now(), "too old to be shown"
    await kept.forget()
    assert len(await db.rows("SELECT * FROM adoption_figures")) == 1
