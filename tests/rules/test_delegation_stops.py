"""The calendar of delegations after a stop, a crash, or run by several processes at once (R-DEL-04, R-NOT-01)."""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.rules import delegation, delegation_calendar, notification
from backend.rules.right import Wanted
from tests.rules import tables
from tests.rules.calendar_world import (
    LONG_AGO,
    PASSES,
    a_centre,
    a_day,
    a_town,
    between,
    everything,
    in_force,
    mails,
    noon,
    sent,
    status,
    waiting,
)
from tests.rules.pair import a_pair, ask, counted

Move = Callable[[str], None]


async def test_after_a_week_each_due_notice_is_sent_once_and_none_that_is_pointless(database: str) -> None:
    """R-DEL-04: the nearest step of each, the centralisateur in one list, nothing twice."""
    with clock.moved_to(LONG_AGO):
        centre, [chief] = await a_centre()
        for end in ("2026-11-19", "2026-11-22", "2026-11-28", "2026-12-05", "2027-01-15", "2027-02-28"):
            await in_force(centre, chief, end, end)
        for asked in ("2026-09-15", "2026-10-02", "2026-11-01"):
            await waiting(centre, chief, f"asked-{asked}", noon(date.fromisoformat(asked)))
    for day in between("2026-11-01", "2026-11-12"):
        await a_day(day)
    before = await sent()
    for day in between("2026-11-21", "2026-11-22"):
        await a_day(day)
    new = await sent() - before
    assert max(new.values()) == 1
    assert sorted((when, who[6:-2], line.partition(" ")[0]) for when, who, line in new if who[:5] == "mayor") == [
        ("2026-11-21", "2026-11-19", "Fin"),
        ("2026-11-21", "2026-11-22", "La"),  # the day before; that of 15 days is past
        ("2026-11-21", "2026-11-28", "La"),  # 15 days, not told during the stop
        ("2026-11-21", "2026-12-05", "La"),
        ("2026-11-21", "2027-01-15", "La"),  # 60 days
        ("2026-11-21", "asked-2026-09-15", "Demande"),
        ("2026-11-21", "asked-2026-10-02", "Rappel"),  # after 45 days; that of 15 was told
        ("2026-11-21", "asked-2026-11-01", "Rappel"),
    ]
    assert sorted(line for _, who, line in new if who == chief.identifier) == [
        "4 délégations finissent bientôt",
        "Commune asked-2026-09-15 n’a pas répondu à votre demande de délégation",
        "Fin de la délégation accordée par la Commune 2026-11-19",
    ]


async def test_a_stop_of_years_writes_down_what_is_over_and_tells_nobody(database: str, moved_clock: Move) -> None:
    moved_clock("2026-11-20T12:00+01:00")
    centre, [chief] = await a_centre()
    over = await in_force(centre, chief, "Arvert", "2026-10-19")
    lapsed = await waiting(centre, chief, "Chaillevette", noon(date(2026, 8, 20)))
    await everything()
    assert await status(over) == ("EXPIRED", None)
    assert await status(lapsed) == ("EXPIRED", "2026-10-19T22:00:00+00:00")
    assert len(await tables.journal("delegation.expired") + await tables.journal("delegation.lapsed")) == 2
    assert await mails() == []


async def busy(centres: int, towns: int) -> None:
    """At noon on 20 November 2026: for each town, seven things that are due."""
    for _ in range(centres):
        centre, [chief] = await a_centre()
        for number in range(towns):
            town = await a_town(f"{centre.id}-{number}")
            for end in ("2026-11-19", "2026-11-21", "2026-12-05", "2027-01-19"):
                await in_force(centre, chief, "", end, town=town)
            for asked in ("2026-09-20", "2026-10-06", "2026-11-05"):
                await waiting(centre, chief, "", noon(date.fromisoformat(asked)), town=town)


@pytest.mark.parametrize("each", PASSES, ids=lambda each: each.__name__)
async def test_six_processes_tell_once(database: str, moved_clock: Move, each: Callable[[], Any]) -> None:
    """R-DEL-04: even without the lease, which one of them might have lost."""
    moved_clock("2026-11-20T12:00+01:00")
    await busy(centres=2, towns=3)
    await asyncio.gather(*(each() for _ in range(6)))
    found = Counter((one["user_id"], one["subject"], one["body_text"]) for one in await mails())
    assert found
    assert max(found.values()) == 1
    events = Counter((one["action"], one["subject_id"]) for one in await db.rows("SELECT * FROM audit_events"))
    assert max(events.values(), default=1) == 1
    assert len(events) == {"lapse": 6, "expire": 6}.get(each.__name__, 0)


async def test_all_of_them_at_once_by_six_processes(database: str, moved_clock: Move) -> None:  # R-DEL-04
    moved_clock("2026-11-20T12:00+01:00")
    await busy(centres=2, towns=3)
    await asyncio.gather(*(everything() for _ in range(6)))
    kinds = Counter(one["kind"] for one in await mails())
    towns, centres = 6, 2
    assert kinds == {
        "DELEGATION_REQUESTED": 2 * towns,
        "DELEGATION_DECIDED": towns + centres,
        "DELEGATION_ENDED": 4 * towns + 2 * centres,
    }


@pytest.mark.parametrize("after", range(6))
async def test_a_crash_between_two_batches_loses_and_doubles_nothing(
    database: str, moved_clock: Move, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:  # R-DEL-04
    """Whichever batch it is in: what is committed stays, the rest is done by the next run."""
    moved_clock("2026-11-20T12:00+01:00")
    await busy(centres=3, towns=2)
    monkeypatch.setattr(delegation_calendar, "TOGETHER", 2)
    monkeypatch.setattr(delegation_calendar, "CENTRES", 1)
    queue_all = notification.queue_all
    calls = iter(range(100))

    async def dies(messages: list[notification.Message]) -> None:
        await queue_all(messages)
        if next(calls) == after:
            raise RuntimeError("killed")

    monkeypatch.setattr(notification, "queue_all", dies)
    for each in PASSES:
        calls = iter(range(100))
        try:
            await each()
        except RuntimeError:
            await each()
    found = Counter((one["user_id"], one["subject"], one["body_text"]) for one in await mails())
    towns, centres = 6, 3
    assert (sum(found.values()), max(found.values())) == (7 * towns + 3 * centres, 1)
    assert (
        await db.rows("SELECT id FROM delegations WHERE status = 'PENDING' AND requested_at < 1789000000000000") == []
    )


async def test_the_statements_do_not_depend_on_the_number_of_delegations(database: str, moved_clock: Move) -> None:
    moved_clock("2026-11-20T12:00+01:00")
    await busy(centres=1, towns=1)
    with counted() as few:
        await everything()
    await busy(centres=1, towns=20)
    with counted() as many:
        await everything()
    assert len(many) == len(few)


async def test_answering_and_lapsing_at_once_leave_one_of_the_two(database: str, moved_clock: Move) -> None:
    """R-DEL-02, R-DEL-04: on the last day nothing lapses; the next, nobody accepts; never a mixture."""
    moved_clock("2026-06-01T12:00+02:00")
    pair = await a_pair()
    number = await ask(pair)
    moved_clock("2026-07-31T23:59:59+02:00")
    accepted, *_ = await asyncio.gather(delegation.accept(pair.asked, number), *(everything() for _ in range(3)))
    assert accepted.errors == ()
    assert (await tables.one("delegations", number))["status"] == "ACCEPTED"
    moved_clock("2026-08-01T12:00+02:00")
    other = await ask(pair, (Wanted("DSN", 1),))
    moved_clock("2026-10-01T00:00+02:00")
    refused, *_ = await asyncio.gather(delegation.accept(pair.asked, other), *(everything() for _ in range(3)))
    assert [one.code.value for one in refused.errors] == ["ALREADY_DECIDED"]
    row = await tables.one("delegations", other)
    assert (row["status"], row["decided_at"]) == ("EXPIRED", None)
