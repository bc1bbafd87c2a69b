"""Jobs by the clock: deferred courriers, accounts that time changes, what has lapsed. Each runs in one process.

What is due once a day or a month is looked for every hour: a job knows from the tables what it has done already, so
that a stop, a crash or a second process neither loses nor doubles anything.
"""

import asyncio
import logging
import os
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from backend import clock
from backend import database as db
from backend.database.finishing import finish
from backend.reads import adoption, coverage
from backend.rules import (
    announcement,
    courrier,
    delegation_calendar,
    departure,
    deposit_batch,
    deposit_publication,
    digest,
    expiry,
    reading_reminder,
    retention,
    safety_net,
    seal,
    second_administrator,
)

logger = logging.getLogger(__name__)

TICK = 5.0
"""Seconds between two looks at what is due."""

LEASE = timedelta(minutes=10)
BEAT = 120.0
"""Seconds between two renewals of the lease of a job that lasts."""

HOUR = timedelta(hours=1)

TURN = 20.0
"""Seconds for which a publication goes on before other jobs have their turn."""

_MYSELF = f"{os.getpid()}-{secrets.token_hex(4)}"


class LeaseLost(Exception):
    """Another process may be doing the same job."""


@dataclass(frozen=True)
class Job:
    """Something to do every so often."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[None]]
    lease: timedelta = LEASE
    """For how long a process that dies keeps it from the others."""


async def publish_due() -> None:
    """Make available the courriers whose publication date has come (R-COU-01)."""
    while True:
        async with db.transaction():
            due = await db.rows(
                "SELECT id FROM courriers WHERE available_at IS NULL AND withdrawn_at IS NULL AND publish_at <= $1 "
                "ORDER BY publish_at LIMIT 200",
                [int(clock.to_microseconds(clock.now()))],
            )
            if not due:
                return
            await courrier.make_available([one["id"] for one in due])


async def publish_batches() -> None:
    """Go on with the batches whose publication was decided (R-COU-04), for a while: other jobs have their turn."""
    until = time.monotonic() + TURN
    for batch_id in await deposit_publication.publishing():
        while await deposit_publication.publish_slice(batch_id):
            if time.monotonic() > until:
                return
            await asyncio.sleep(deposit_batch.BREATH)


async def count_ahead() -> None:
    """Count what takes long, before an operator asks for it (R-ADO-01, R-COU-12)."""
    await coverage.recount()
    await adoption.recount()


async def remind_non_readers() -> None:
    """Go on with the reminders that were decided, a slice at a time (R-ADO-02)."""
    await reading_reminder.tell()


async def tidy() -> None:
    """Remove what has lapsed for a week: sessions, links, uploads, exports, challenges, keys, sign-ins nobody has."""
    limit = int(clock.to_microseconds(clock.now() - timedelta(days=7)))
    for statement in (
        "DELETE FROM sessions WHERE expires_at < $1",
        "DELETE FROM links WHERE expires_at < $1",
        "DELETE FROM challenges WHERE expires_at < $1",
        "DELETE FROM trusted_devices WHERE expires_at < $1",
        "DELETE FROM uploads WHERE expires_at < $1",
        "DELETE FROM courrier_exports WHERE asked_at < $1",
        "DELETE FROM stranger_sign_ins WHERE last_at < $1",
        "DELETE FROM idempotency_keys WHERE created_at < $1",
    ):
        await db.execute(statement, [limit])


async def seal_days() -> None:
    """Sign the journal as it was at the end of each day (R-JRN-01)."""
    await seal.seal()


JOBS = (
    Job("publish_due", timedelta(seconds=5), publish_due),
    Job("announce", timedelta(minutes=1), announcement.tell_due),
    Job("seal_days", timedelta(minutes=15), seal_days),
    Job("tidy", HOUR, tidy),
    Job("expire", HOUR, expiry.expire),
    Job("remind_of_expiry", HOUR, expiry.remind),
    Job("announce_expiries", HOUR, expiry.announce),
    Job("remove_expired", HOUR, departure.remove_expired),
    Job("remove_uninvited", HOUR, departure.remove_uninvited),
    Job("erase", HOUR, departure.erase),
    Job("lapse_delegations", HOUR, delegation_calendar.lapse),
    Job("expire_delegations", HOUR, delegation_calendar.expire),
    Job("remind_of_delegations", HOUR, delegation_calendar.remind_to_answer),
    Job("announce_ends", HOUR, delegation_calendar.announce_ends),
    Job("second_administrator", HOUR, second_administrator.nudge),
    Job("digest", timedelta(minutes=5), digest.send),
    Job("safety_net", HOUR, safety_net.cast),
    Job("retention", timedelta(hours=6), retention.remove_due),
    Job("count_adoption", HOUR, count_ahead),
    Job("remind_non_readers", timedelta(minutes=1), remind_non_readers),
    Job("publish_batches", timedelta(seconds=1), publish_batches, lease=timedelta(minutes=1)),
)


async def run_once(job: Job) -> bool:
    """Run a job if it is due and no other process runs it; whether it ran. A lease that lapses is taken over."""
    now = clock.now()
    moment = int(clock.to_microseconds(now))
    await db.execute("INSERT INTO job_runs (name) VALUES ($1) ON CONFLICT (name) DO NOTHING", [job.name])
    taken = await db.execute(
        "UPDATE job_runs SET leased_until = $1, leased_by = $2, last_started_at = $3 WHERE name = $4 "
        "AND (leased_until IS NULL OR leased_until < $3) AND (last_started_at IS NULL OR last_started_at <= $5)",
        [
            int(clock.to_microseconds(now + job.lease)),
            _MYSELF,
            moment,
            job.name,
            int(clock.to_microseconds(now - job.every)),
        ],
    )
    if not taken:
        return False
    error = None
    try:
        await _keeping_the_lease(job)
    except Exception as failure:
        logger.exception("job %s failed", job.name)
        error = f"{type(failure).__name__}: {failure}"[:1000]
    except asyncio.CancelledError:  # this process stops: another need not wait for our lease to lapse
        await finish(_release(job, "stopped"))
        raise
    await _release(job, error)
    return True


async def _keeping_the_lease(job: Job) -> None:
    """Work, renewing the lease meanwhile. A process that slept for longer than its lease stops: another has it."""
    work = asyncio.ensure_future(job.work())
    try:
        while not (await asyncio.wait([work], timeout=min(BEAT, job.lease.total_seconds() / 3)))[0]:
            now = clock.now()
            kept = await db.execute(
                "UPDATE job_runs SET leased_until = $1 WHERE name = $2 AND leased_by = $3 AND leased_until >= $4",
                [
                    int(clock.to_microseconds(now + job.lease)),
                    job.name,
                    _MYSELF,
                    int(clock.to_microseconds(now)),
                ],
            )
            if not kept:
                raise LeaseLost(job.name)
        work.result()
    finally:
        if not work.done():
            work.cancel()
            await asyncio.wait([work])


async def _release(job: Job, error: str | None) -> None:
    await db.execute(
        "UPDATE job_runs SET leased_until = NULL, last_finished_at = $1, last_error = $2 "
        "WHERE name = $3 AND leased_by = $4",
        [int(clock.to_microseconds(clock.now())), error, job.name, _MYSELF],
    )


async def run() -> None:
    """Look for due jobs for as long as the process lives."""
    while True:
        for job in JOBS:
            try:
                await run_once(job)
            except Exception:
                logger.exception("the schedule stopped for a moment")
        await asyncio.sleep(TICK)
