"""What time does to delegations while somebody acts on them: one counts, each thing is told once (R-DEL-04)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import pytest

from backend import clock
from backend.models import Delegation, Notification
from backend.rules import delegation_calendar, journal
from tests.rules.test_concurrency import TURNS
from tests.rules.test_delegation_concurrency import (
    DECIDED,
    DONE,
    NEXT,
    Act,
    Ring,
    a_ring,
    accept,
    ask_again,
    both,
    end,
    extend,
    last_event,
    refuse,
    since,
    told,
    withdraw,
)

LAPSED, OVER, ENDING = "2026-08-01T09:00+02:00", "2027-01-01T09:00+01:00", "2026-12-16T09:00+01:00"
EDGES = NEXT | {("PENDING", "delegation.lapsed"): "EXPIRED", ("ACCEPTED", "delegation.expired"): "EXPIRED"}


def job(work: Callable[[], Awaitable[None]]) -> Act:
    async def run(_: Ring) -> list[Any]:
        await work()
        return []

    return run


LAPSE, EXPIRE = job(delegation_calendar.lapse), job(delegation_calendar.expire)
ANNOUNCE, REMIND = job(delegation_calendar.announce_ends), job(delegation_calendar.remind_to_answer)
TOO_LATE = {(DONE, DECIDED)}
BOTH = {(DONE, DONE)}

RACES: dict[str, tuple[str, str, Act, Act, set[tuple[str, str]], list[str]]] = {
    "lapse and accept": ("PENDING", LAPSED, LAPSE, accept("mayor"), TOO_LATE, ["delegation.lapsed"]),
    "lapse and refuse": ("PENDING", LAPSED, LAPSE, refuse("mayor"), TOO_LATE, ["delegation.lapsed"]),
    "lapse and withdraw": ("PENDING", LAPSED, LAPSE, withdraw("chief"), TOO_LATE, ["delegation.lapsed"]),
    "lapse twice": ("PENDING", LAPSED, LAPSE, LAPSE, BOTH, ["delegation.lapsed"]),
    "lapse and ask again": (
        "PENDING", LAPSED, LAPSE, ask_again("chief", "COURRIERS"), BOTH, ["delegation.lapsed"],
    ),
    "expire and extend": ("ACCEPTED", OVER, EXPIRE, extend("mayor", "2028-01-01"), TOO_LATE, ["delegation.expired"]),
    "expire and end": ("ACCEPTED", OVER, EXPIRE, end("chief"), TOO_LATE, ["delegation.expired"]),
    "expire twice": ("ACCEPTED", OVER, EXPIRE, EXPIRE, BOTH, ["delegation.expired"]),
    "announce the end and extend": (
        "ACCEPTED", ENDING, ANNOUNCE, extend("mayor", None), BOTH, ["delegation.extended"],
    ),
    "announce the end and end": ("ACCEPTED", ENDING, ANNOUNCE, end("mayor"), BOTH, ["delegation.ended"]),
    "announce the end twice": ("ACCEPTED", ENDING, ANNOUNCE, ANNOUNCE, BOTH, []),
    "recall and accept": ("PENDING", "2026-06-17T09:00+02:00", REMIND, accept("mayor"), BOTH, ["delegation.accepted"]),
    "recall twice": ("PENDING", "2026-06-17T09:00+02:00", REMIND, REMIND, BOTH, []),
}  # fmt: skip


@pytest.mark.parametrize("race", RACES)
async def test_time_and_somebody_at_once(database: str, race: str) -> None:  # R-DEL-04
    status, when, first, second, expected, events = RACES[race]
    for turns in TURNS:
        ring = await a_ring(status)
        with clock.moved_to(datetime.fromisoformat(when)):
            last = await last_event()
            mails = await Notification.all().count()
            outcomes = await both(ring, first, second, turns)
            assert (told(outcomes[0]), told(outcomes[1])) in expected, turns
            heard = [one for one in await since(last) if one["subject_id"] == ring.number]
            assert [one["action"] for one in heard] == events
            for event in heard:
                status = EDGES[status, event["action"]]
            assert (await Delegation.get(id=ring.number)).status == status
            assert (await journal.verify())[1] is None
            sent = await Notification.filter(id__gt=0).order_by("id").offset(mails)
            keys = [(one.user_id, one.subject) for one in sent]
            assert len(keys) == len(set(keys)), "nobody is told twice"
            # what was lapsed, over or decided is not lapsed, over or recalled once more
            for again in (LAPSE, EXPIRE):
                await again(ring)
            assert [one for one in await since(last) if one["subject_id"] == ring.number] == heard
        status = RACES[race][0]
