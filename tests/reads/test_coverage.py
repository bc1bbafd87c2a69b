"""What nobody of an establishment can read today, and the first thing that lacks (R-COU-12)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from backend import settings as settings_room
from backend.models import Establishment
from backend.reads import coverage, establishment
from backend.reads.page import Slice
from backend.schema.enums import ReaderGapReason
from backend.schema.reader_gap import WHY
from backend.settings import Settings
from tests import builders

READ = {"COURRIERS": builders.READ}
PAST = date(2026, 1, 31)


async def a_town_for_each() -> dict[str, Establishment]:
    """A town for each thing that may lack; the last one lacks nothing."""
    people: dict[str, dict[str, Any]] = {
        "ACCOUNT": {"password_hash": None},
        "RIGHT": {"administrator": True},
        "EXPIRED": {"rights": READ, "expires_on": PAST},
        "INVITATION": {"rights": READ, "password_hash": None},
        "NOTHING": {"rights": READ},
    }
    towns = {}
    for lacking, person in people.items():
        towns[lacking] = await builders.establishment(f"Ville {lacking}")
        await builders.user(towns[lacking], **person)
    return towns


async def lacking(towns: dict[str, Establishment]) -> list[str]:
    found = await coverage.gaps([one.id for one in towns.values()])
    return [each[0]["reason"] if each else "NOTHING" for each in found]


async def test_each_gap_says_the_first_thing_that_lacks(database: str, moved_clock: Callable[[str], None]) -> None:
    moved_clock("2026-06-15T12:00+02:00")
    kind = await builders.courrier_type()
    await builders.courrier_type("AUTRE", fund="IRCANTEC")  # of a fund with which none has a contract
    towns = await a_town_for_each()
    await builders.courrier(towns["RIGHT"], kind=kind)
    centre = await builders.establishment("Centre", is_centralisateur=True)
    member = await builders.user(centre, rights=READ)
    await builders.delegation(centre, towns["EXPIRED"], members=[member])
    assert await lacking(towns) == list(towns)
    found = dict(zip(towns, await coverage.gaps([one.id for one in towns.values()]), strict=True))
    assert [one["waiting"] for one in found["RIGHT"]] == [1]
    assert [name for name, gaps in found.items() if gaps and gaps[0]["delegated"]] == ["EXPIRED"]
    whole = await coverage.overall()
    assert (whole.establishments, whole.with_gap, whole.by_service) == (6, 4, ((kind.service_id, 4),))
    given = establishment.Filter(without_reader=True)
    operator = builders.viewer(await builders.operator())
    page = await establishment.listing(operator, given).page(Slice(first=10))
    platform = {"Gestion de la plateforme"}  # which has a contract here, as all that the builders make
    assert {one["name"] for one in page.rows} - platform == {f"Ville {one}" for one in list(towns)[:-1]}

    await builders.terms(published_on=date(2020, 1, 1))
    assert await lacking(towns) == ["ACCOUNT", "RIGHT", "EXPIRED", "INVITATION", "TERMS"]


@pytest.mark.parametrize("required", ["everybody"])
async def test_who_lacks_a_second_factor_reads_nothing(database: str, settings: Settings, required: str) -> None:
    from dataclasses import replace

    settings_room.use(replace(settings_room.current(), second_factor=required))
    await builders.courrier_type()
    towns = await a_town_for_each()
    assert (await lacking(towns))[-1] == "SECOND_FACTOR"


def test_each_reason_has_its_words() -> None:
    assert set(WHY) == {one.value for one in ReaderGapReason}
