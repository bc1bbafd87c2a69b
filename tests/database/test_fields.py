"""Finding H: an instant is the same instant whatever its offset, and a legal date is a date."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from backend.database import rows
from backend.models import Fund, IssuedIdentifier, Service

NOON = datetime(2026, 6, 1, 12, tzinfo=timezone(timedelta(hours=2)))
SAME = datetime(2026, 6, 1, 10, tzinfo=UTC)
LATER = datetime(2026, 6, 1, 6, 0, 0, 1, tzinfo=timezone(timedelta(hours=-4)))  # by a microsecond


async def test_an_instant_is_stored_as_microseconds_whatever_its_offset(database: str) -> None:
    await IssuedIdentifier.create(value="A", issued_at=NOON)
    assert await rows("SELECT issued_at FROM issued_identifiers") == [{"issued_at": 1_780_308_000_000_000}]
    stored = (await IssuedIdentifier.get(value="A")).issued_at
    assert (stored, stored.utcoffset()) == (SAME, timedelta(0))


@pytest.mark.parametrize("instant", [NOON, SAME], ids=["+02:00", "UTC"])
async def test_an_instant_is_found_and_compared_whatever_its_offset(database: str, instant: datetime) -> None:
    await IssuedIdentifier.create(value="A", issued_at=SAME)
    await IssuedIdentifier.create(value="B", issued_at=LATER)

    async def found(**condition: Any) -> list[str]:
        return [one.value for one in await IssuedIdentifier.filter(**condition).order_by("issued_at")]

    assert await found(issued_at=instant) == ["A"]
    assert await found(issued_at__gte=instant) == ["A", "B"]
    assert await found(issued_at__gt=instant) == ["B"]
    assert await found(issued_at__lt=instant) == []
    assert await found(issued_at__in=[instant]) == ["A"]
    assert await found(issued_at__range=(instant, instant)) == ["A"]
    assert await found(issued_at__not=instant) == ["B"]


async def test_an_instant_is_updated_whatever_its_offset(database: str) -> None:
    await IssuedIdentifier.create(value="A", issued_at=LATER)
    await IssuedIdentifier.filter(value="A").update(issued_at=NOON)
    assert (await IssuedIdentifier.get(value="A")).issued_at == SAME
    await IssuedIdentifier.bulk_create([IssuedIdentifier(value="B", issued_at=NOON)])
    assert (await IssuedIdentifier.get(value="B")).issued_at == SAME
    one = await IssuedIdentifier.get(value="B")
    one.issued_at = LATER
    await one.save()
    assert (await IssuedIdentifier.get(value="B")).issued_at == LATER


async def test_an_instant_without_a_zone_is_refused_everywhere(database: str) -> None:
    naive = datetime(2026, 6, 1, 12)
    await IssuedIdentifier.create(value="A", issued_at=NOON)
    with pytest.raises(ValueError, match="time zone"):
        await IssuedIdentifier.create(value="B", issued_at=naive)
    with pytest.raises(ValueError, match="time zone"):
        await IssuedIdentifier.filter(value="A").update(issued_at=naive)
    with pytest.raises(ValueError, match="time zone"):
        await IssuedIdentifier.filter(issued_at__gte=naive)
    with pytest.raises(ValueError, match="time zone"):
        await IssuedIdentifier.bulk_create([IssuedIdentifier(value="B", issued_at=naive)])
    assert await IssuedIdentifier.all().count() == 1


async def test_a_legal_date_is_stored_as_its_text_and_sorts_as_a_date(database: str) -> None:
    days = [date(2026, 3, 29), date(2025, 12, 31), date(2026, 10, 25)]
    for number, day in enumerate(days):
        await Service.create(code=str(number), label="…", description="…", theme="…", position=number, online_since=day)
    assert [one.online_since for one in await Service.all().order_by("online_since")] == sorted(days)
    assert await Service.filter(online_since__gte=date(2026, 1, 1)).count() == 2
    assert await rows("SELECT online_since FROM services WHERE code = '0'") == [{"online_since": "2026-03-29"}]


async def test_an_instant_is_not_a_legal_date(database: str) -> None:
    with pytest.raises(ValueError, match=r"clock\.paris_date"):
        await Service.create(code="A", label="…", description="…", theme="…", position=1, online_since=NOON)


async def test_years_before_1970_are_instants_too(database: str) -> None:
    old = datetime(1945, 11, 1, tzinfo=UTC)
    await IssuedIdentifier.create(value="A", issued_at=old)
    assert (await IssuedIdentifier.get(value="A")).issued_at == old


async def test_statements_written_for_one_engine_are_not_sent_to_the_other(database: str) -> None:
    """Tortoise keeps an INSERT by the name of its connection: it would send SQLite's `?` to PostgreSQL."""
    await Fund.create(code="CNRACL", label="CNRACL", position=1)
    assert await Fund.all().count() == 1
