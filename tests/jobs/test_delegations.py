"""The calendar of delegations as it runs by itself: hour after hour, by several processes, one of which dies."""

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from backend import clock
from backend import database as db
from backend.jobs import schedule
from backend.rules import delegation_calendar, delegation_deadline
from tests.rules.calendar_world import PASSES, a_centre, in_force, mails, noon, status, told, waiting

JOBS = [job for job in schedule.JOBS if job.work in PASSES]
FIRST = datetime.fromisoformat("2026-10-24T00:00+02:00")


async def hour(moment: datetime, processes: int = 3) -> None:
    """What several processes do at the same instant."""
    with clock.moved_to(moment):
        await asyncio.gather(*(schedule.run_once(job) for _ in range(processes) for job in JOBS))


def test_each_is_looked_for_every_hour() -> None:
    assert {job.every for job in JOBS} == {timedelta(hours=1)}
    assert len(JOBS) == len(PASSES)


async def test_hour_after_hour_over_the_night_when_the_hour_changes(database: str) -> None:  # R-DEL-04
    """The 25 October 2026 lasts 25 hours: each thing is told once, on its day."""
    with clock.moved_to(FIRST):
        centre, [chief] = await a_centre()
        over = await in_force(centre, chief, "over", "2026-10-25")
        await in_force(centre, chief, "near", "2026-11-09")
        lapsed = await waiting(centre, chief, "lapsed", noon(date(2026, 8, 26)))
        await waiting(centre, chief, "recalled", noon(date(2026, 10, 10)))
    for number in range(72):
        await hour(FIRST + timedelta(hours=number))
    assert [(await status(one))[0] for one in (over, lapsed)] == ["EXPIRED", "EXPIRED"]
    assert [when for when, _ in await told("mayor-over-0")] == ["2026-10-24", "2026-10-26"]
    assert [when for when, _ in await told("mayor-near-0")] == ["2026-10-24"]  # 22 o'clock: for the next morning
    assert [when for when, _ in await told("mayor-lapsed-0")] == ["2026-10-24", "2026-10-26"]
    assert [when for when, _ in await told("mayor-recalled-0")] == ["2026-10-24"]
    assert [when for when, _ in await told(chief)] == ["2026-10-24", "2026-10-24", "2026-10-26", "2026-10-26"]
    by_morning = {clock.from_microseconds(one["next_attempt_at"]).astimezone(clock.PARIS).hour for one in await mails()}
    assert by_morning == {7}
    assert max(Counter((one["user_id"], one["body_text"]) for one in await mails()).values()) == 1


async def test_what_a_process_that_dies_left_undone_is_done_an_hour_later(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # R-DEL-04, R-NOT-01
    """It dies between the two sides: the délégataires were told, the centralisateur is told by the next run."""
    with clock.moved_to(FIRST):
        centre, [chief] = await a_centre()
        for number in range(5):
            await in_force(centre, chief, f"over-{number}", "2026-10-23")
    monkeypatch.setattr(delegation_calendar, "TOGETHER", 2)
    list_expired = delegation_deadline.list_expired

    async def dies(found: list[db.Row]) -> None:
        await list_expired(found)
        raise RuntimeError("killed")

    monkeypatch.setattr(delegation_deadline, "list_expired", dies)
    await hour(FIRST)
    assert len(await mails()) == 5
    assert await told(chief) == []
    monkeypatch.setattr(delegation_deadline, "list_expired", list_expired)
    await hour(FIRST + timedelta(minutes=59))
    assert await told(chief) == []
    await hour(FIRST + timedelta(hours=1))
    [(when, line)] = await told(chief)
    assert (when, line) == ("2026-10-24", "5 délégations sont arrivées à leur terme")
    assert len(await mails()) == 6
