"""Sends what is queued, with leases and delays short enough to be killed often: `python -m tests.jobs.postman`."""

import asyncio
from datetime import timedelta

from backend import settings
from backend.database import close_database, open_database
from backend.gateways.signals import Signals
from backend.jobs import outbox


async def main() -> None:
    settings.use(settings.from_environment())
    outbox.LEASE, outbox.PAUSE = timedelta(seconds=2), 0.2
    outbox.RETRIES = (timedelta(seconds=1),) * 30
    await open_database(settings.current().database)
    try:
        print("ready", flush=True)
        await outbox.run(Signals({}))
    finally:
        await close_database()


if __name__ == "__main__":
    asyncio.run(main())
