"""Sends what is queued until nothing is left, to be killed: `python -m tests.jobs.sender`."""

import asyncio
import resource
from datetime import timedelta

from backend import clock, settings
from backend import database as db
from backend.jobs import outbox
from backend.rules import notification


async def main() -> None:
    """Leases are short and retries soon, so that a campaign with its failures ends within a test."""
    settings.use(settings.from_environment())
    outbox.LEASE = timedelta(seconds=3)
    notification.is_night, notification.daytime = lambda: False, lambda at=None: at or clock.now()
    outbox.RETRIES = (timedelta(milliseconds=200),) * 30
    await db.open_database(settings.current().database)
    by = outbox.mailer()
    try:
        while await db.row("SELECT 1 AS one FROM notifications WHERE status IN ('QUEUED', 'FAILED') LIMIT 1"):
            if not await outbox.send_due(by):
                await asyncio.sleep(0.05)
        await by.rest()
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, flush=True)
    finally:
        await db.close_database()


if __name__ == "__main__":
    asyncio.run(main())
