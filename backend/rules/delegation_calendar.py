"""What time does to delegations: reminders, requests that lapse, ends ahead, ends that have come (R-DEL-04).

Nothing here decides: a request may no longer be answered and a delegation gives no access by their dates, whether or
not these jobs run (`access`). They write it down, keep the journal and tell both sides: the délégataire of each
delegation on its own, the centralisateur of all of them in one list. Every pass may be run again, by several
processes, after a crash or after a week: what it tells is claimed in the transaction that tells it.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, delegation, delegation_deadline, delegation_notice, delegation_steps, journal
from backend.rules.delegation_steps import ANSWER, BEFORE_END, END, LIST, OVER

TOLD_UNTIL = timedelta(days=31)
"""An end found out later than this (after a long stop) is written down and told to nobody."""

TOGETHER = 100
"""Delegations in one transaction."""
CENTRES = 20
"""Centralisateurs in one transaction, each with all its delegations: what it is told is one list."""
LOCK = 6_405_011


# ---------------------------------------------------------------- what runs by itself


async def remind_to_answer() -> None:
    """15 and 45 days after a request that waits still, remind the délégataire of it."""
    await _by_slices(_remind_to_answer)


async def lapse() -> None:
    """Requests that nobody answered by their last day: they are over, and both sides are told."""
    await _by_slices(_lapse)
    await _by_slices(_list_lapsed)


async def announce_ends() -> None:
    """60, 15 and 1 day before a delegation ends, tell the délégataire how to extend it, and the centralisateur."""
    await _by_slices(_announce)
    await _by_slices(_list_ending)


async def expire() -> None:
    """Delegations whose last day has passed: they are over, and both sides are told."""
    await _by_slices(_expire)
    await _by_slices(_list_expired)


async def _by_slices(some: Callable[[int], Awaitable[int | None]]) -> None:
    """Run `some`, a transaction each time, until it says there is nothing left. Those who do the same take turns.

    It is given the last number done and returns the next.
    """
    after: int | None = 0
    while after is not None:
        async with db.transaction():
            await db.lock(LOCK)
            after = await some(after)


# ---------------------------------------------------------------- the délégataire, of each delegation


async def _remind_to_answer(after: int) -> int | None:
    sql = Sql()
    step = delegation_steps.nearest_to_answer(sql, "d")
    sql.add(f"SELECT d.id, d.requested_at, {step} AS step FROM delegations d")
    waits = f"{access.delegation_status(sql, 'd')} = 'PENDING' AND d.status = 'PENDING' AND {step} IS NOT NULL"
    found = await _slice(sql, f"{waits} AND {delegation_steps.untold(sql, ANSWER, step)}", after)
    last = delegation_steps.time_to_answer()
    steps = [(one["id"], delegation_steps.asked_on(one) + last, one["step"]) for one in found]
    await delegation_steps.claim(ANSWER, steps)
    await delegation_notice.waiting([one["id"] for one in found], rule="R-DEL-04", by_day=True)
    return _next(found)


async def _lapse(after: int) -> int | None:
    sql = Sql(f"SELECT {delegation.COLUMNS} FROM {_WITH_PARTIES}")
    found = await _slice(sql, access.has_lapsed(sql, "d"), after)
    last_days = {one["id"]: access.answer_until(one) for one in found}
    await db.execute_many(
        "UPDATE delegations SET status = 'EXPIRED', ended_at = $1 WHERE id = $2",
        [(int(clock.to_microseconds(clock.end_of_day(last))), number) for number, last in last_days.items()],
    )
    for one in found:
        facts = {"answer_until": last_days[one["id"]].isoformat()}
        delegation.record_event(journal.NOBODY, "delegation.lapsed", one, facts=facts)
    await delegation_deadline.lapsed([number for number, last in last_days.items() if _is_news(last)])
    return _next(found)


async def _announce(after: int) -> int | None:
    sql = Sql()
    sql.add(f"SELECT d.id, d.ends_on, {delegation_steps.nearest_to_end(sql, 'd')} AS step FROM delegations d")
    found = await _slice(sql, _ending(sql, END), after)
    await delegation_steps.claim(END, [(one["id"], date.fromisoformat(one["ends_on"]), one["step"]) for one in found])
    await delegation_deadline.ending([one["id"] for one in found])
    return _next(found)


async def _expire(after: int) -> int | None:
    sql = Sql(f"SELECT {delegation.COLUMNS} FROM {_WITH_PARTIES}")
    found = await _slice(sql, access.is_over(sql, "d"), after)
    await db.execute_many("UPDATE delegations SET status = 'EXPIRED' WHERE id = $1", [(one["id"],) for one in found])
    for one in found:
        delegation.record_event(journal.NOBODY, "delegation.expired", one, facts={"ends_on": one["ends_on"]})
    news = [one["id"] for one in found if _is_news(date.fromisoformat(one["ends_on"]))]
    await delegation_deadline.expired(news)
    return _next(found)


# ---------------------------------------------------------------- the centralisateur, of all of its


async def _list_lapsed(after: int) -> int | None:
    def due(sql: Sql) -> str:
        since = int(clock.to_microseconds(clock.end_of_day(clock.today() - TOLD_UNTIL)))
        lapsed = f"d.status = 'EXPIRED' AND d.decided_at IS NULL AND d.ended_at >= {sql.bind(since)}"
        return f"{lapsed} AND {delegation_steps.untold(sql, LIST, str(OVER))}"

    found = await _listed(due, after)
    await delegation_steps.claim(LIST, [(one["id"], access.answer_until(one), OVER) for one in found])
    await delegation_deadline.list_lapsed(found)
    return _next_centre(found)


async def _list_ending(after: int) -> int | None:
    found = await _listed(lambda sql: _ending(sql, LIST), after)
    await delegation_steps.claim(LIST, [(one["id"], date.fromisoformat(one["ends_on"]), one["step"]) for one in found])
    await delegation_deadline.list_ending(found)
    return _next_centre(found)


async def _list_expired(after: int) -> int | None:
    def due(sql: Sql) -> str:
        since = (clock.today() - TOLD_UNTIL).isoformat()
        expired = f"d.status = 'EXPIRED' AND d.decided_at IS NOT NULL AND d.ends_on >= {sql.bind(since)}"
        return f"{expired} AND {delegation_steps.untold(sql, LIST, str(OVER))}"

    found = await _listed(due, after)
    await delegation_steps.claim(LIST, [(one["id"], date.fromisoformat(one["ends_on"]), OVER) for one in found])
    await delegation_deadline.list_expired(found)
    return _next_centre(found)


# ---------------------------------------------------------------- common

_WITH_PARTIES = (
    "delegations d JOIN establishments c ON c.id = d.centralisateur_id JOIN establishments e ON e.id = d.delegataire_id"
)


def _ending(sql: Sql, kind: str) -> str:
    """Delegations whose end is near, and whose nearest step was not told."""
    told_on = delegation_steps.told_on()
    last = (told_on + timedelta(days=BEFORE_END[0])).isoformat()
    near = f"d.status = 'ACCEPTED' AND d.ends_on BETWEEN {sql.bind(told_on.isoformat())} AND {sql.bind(last)}"
    step = delegation_steps.nearest_to_end(sql, "d")
    return f"{near} AND {delegation_steps.untold(sql, kind, step, 'd.ends_on')}"


async def _slice(sql: Sql, due: str, after: int) -> list[db.Row]:
    """The next delegations that are due, held: an answer, an end or an extension comes before or after."""
    sql.add(f"WHERE {due} AND d.id > {sql.bind(after)} ORDER BY d.id LIMIT {TOGETHER} {db.held('d')}")
    return await db.rows(sql)


async def _listed(due: Callable[[Sql], str], after: int) -> list[db.Row]:
    """Everything due of the next centralisateurs where something is, held."""
    sql = Sql()
    sql.add(f"SELECT DISTINCT d.centralisateur_id AS id FROM delegations d WHERE {due(sql)}")
    sql.add(f"AND d.centralisateur_id > {sql.bind(after)} ORDER BY d.centralisateur_id LIMIT {CENTRES}")
    centres = [one["id"] for one in await db.rows(sql)]
    sql = Sql()
    sql.add(f"SELECT {delegation.COLUMNS}, {delegation_steps.nearest_to_end(sql, 'd')} AS step FROM {_WITH_PARTIES}")
    sql.add(f"WHERE {due(sql)} AND d.centralisateur_id IN ({sql.bind_all(centres)}) ORDER BY d.id {db.held('d')}")
    return await db.rows(sql) if centres else []


def _next(found: Sequence[db.Row]) -> int | None:
    return int(found[-1]["id"]) if len(found) == TOGETHER else None


def _next_centre(found: Sequence[db.Row]) -> int | None:
    return max((int(one["centralisateur_id"]) for one in found), default=None)


def _is_news(last_day: date) -> bool:
    return last_day >= clock.today() - TOLD_UNTIL
