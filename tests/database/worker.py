"""One of several processes that use the same database at once. Prints what went wrong, as JSON.

`python -m tests.database.worker URL ROUNDS`: twelve tasks read a number, then write it plus one; five others read.
"""

import asyncio
import json
import sys
from collections import Counter

from backend.database import close_database, dialect, execute, open_database, row, rows, transaction

WRITERS, READERS = 12, 5


async def write(rounds: int, errors: Counter[str]) -> None:
    # PostgreSQL's readers of a row to be written must say so, or they lose each other's updates.
    lock = " FOR UPDATE" if dialect() == "postgres" else ""
    for _ in range(rounds):
        try:
            async with transaction():
                found = await row("SELECT position FROM funds WHERE code = $1" + lock, ["CNRACL"])
                assert found is not None
                await execute("UPDATE funds SET position = $1 WHERE code = $2", [found["position"] + 1, "CNRACL"])
        except Exception as error:  # noqa: BLE001  whatever it is, it is what the test is about
            errors[f"{type(error).__name__}: {error}"] += 1


async def read(rounds: int, errors: Counter[str]) -> None:
    last = -1
    for _ in range(rounds):
        try:
            seen = (await rows("SELECT position FROM funds"))[0]["position"]
            if seen < last:
                errors["a read went back in time"] += 1
            last = seen
        except Exception as error:  # noqa: BLE001
            errors[f"{type(error).__name__}: {error}"] += 1


async def main(url: str, rounds: int) -> None:
    errors: Counter[str] = Counter()
    await open_database(url)
    try:
        writers = (write(rounds, errors) for _ in range(WRITERS))
        await asyncio.gather(*writers, *(read(rounds, errors) for _ in range(READERS)))
    finally:
        await close_database()
    print(json.dumps(errors))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
