"""Deposits a folder by small slices and tells each step, to be killed: `python -m tests.jobs.depositor FOLDER`."""

import asyncio
import sys
from pathlib import Path

from backend import settings
from backend.database import close_database, open_database
from backend.jobs import deposit_folder
from backend.rules import deposit_batch, deposit_publication


async def main(folder: Path) -> None:
    settings.use(settings.from_environment())
    deposit_folder.TOGETHER, deposit_publication.SLICE, deposit_batch.BREATH = 10, 5, 0.01
    await open_database(settings.current().database)
    try:
        print("ready", flush=True)
        await deposit_folder.deposit_folder(
            await deposit_folder.depositor(), folder, lambda what, done, _: print(what, done, flush=True)
        )
    finally:
        await close_database()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
