"""The steps on the way to the end of a request or of a delegation, each told once (R-DEL-04).

A step is claimed by a row in the transaction that tells it: what it tells and to whom (`kind`), the last day it leads
to, how many days before. A request has one last day; a delegation put off has another, and new steps with it.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import notification

ANSWER = "ANSWER"
"""A request that waits: its délégataire."""
END = "END"
"""A delegation near its end: its délégataire, who can put it off."""
LIST = "LIST"
"""Delegations near their end or over, requests that lapsed: their centralisateur, in one list."""

BEFORE_ANSWER = (45, 15)
"""Days before the last day to answer, the 60th: 15 and 45 days after the request."""
BEFORE_END = (60, 15, 1)
OVER = 0


def told_on() -> date:
    """The day on which what is told now is read: e-mails wait for the morning, and steps are counted from then."""
    return clock.paris_date(notification.daytime())


def time_to_answer() -> timedelta:
    """How long a request may wait."""
    return timedelta(days=settings.current().durations.delegation_lapse_days)


def nearest_to_answer(sql: Sql, alias: str) -> str:
    """The step that a request which waits has reached, an expression: NULL before the first.

    After a stop, those it has left behind are not told any more.
    """
    whens = [
        f"WHEN {alias}.requested_at < {sql.bind(_asked_before(step))} THEN {step}" for step in reversed(BEFORE_ANSWER)
    ]
    return f"CASE {' '.join(whens)} END"


def _asked_before(step: int) -> int:
    """An instant (microseconds): what was asked before it has reached the step today."""
    return int(clock.to_microseconds(clock.end_of_day(told_on() - time_to_answer() + timedelta(days=step))))


def nearest_to_end(sql: Sql, alias: str) -> str:
    """The step that a delegation in force or to come has reached, an expression: NULL before the first."""
    whens = [
        f"WHEN {alias}.ends_on <= {sql.bind((told_on() + timedelta(days=step)).isoformat())} THEN {step}"
        for step in reversed(BEFORE_END)
    ]
    return f"CASE {' '.join(whens)} END"


def untold(sql: Sql, kind: str, step: str, due_on: str = "") -> str:
    """Delegations (alias `d`) whose step nobody was told of: `step` an expression, `due_on` one where it may change."""
    towards = f" AND x.due_on = {due_on}" if due_on else ""
    return (
        "NOT EXISTS (SELECT 1 FROM delegation_steps x WHERE x.delegation_id = d.id "
        f"AND x.kind = {sql.bind(kind)} AND x.days_before = {step}{towards})"
    )


async def claim(kind: str, steps: Iterable[tuple[int, date, int]]) -> None:
    """Mark steps as told: (delegation, last day, days before)."""
    now = int(clock.to_microseconds(clock.now()))
    rows = [(number, kind, due_on.isoformat(), days, now) for number, due_on, days in sorted(steps)]
    await db.insert_many("delegation_steps", ("delegation_id", "kind", "due_on", "days_before", "told_at"), rows)


async def leave_behind(delegation_id: int, ends_on: date | None) -> None:
    """Whoever has just chosen an end knows it: only the steps still to come are told."""
    passed = [(delegation_id, ends_on, step) for step in BEFORE_END if ends_on and has_come(ends_on, step)]
    for kind in (END, LIST):
        await claim(kind, passed)


def has_come(due_on: date, step: int) -> bool:
    """Whether the day of a step is today or before."""
    return due_on - timedelta(days=step) <= clock.today()


def asked_on(found: Mapping[str, Any]) -> date:
    """The legal day of a request that was read."""
    return clock.paris_date(clock.from_microseconds(found["requested_at"]))
