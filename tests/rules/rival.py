"""One of two processes where the two administrators of each town turn on each other. Prints how often each refused.

`python -m tests.rules.rival URL 0|1`: says it is ready, waits for a line, then acts in every town as its first or its
second administrator.
"""

import asyncio
import sys
from collections import Counter

from backend.database import close_database, open_database
from backend.models import User
from backend.rules import user
from tests import builders


async def main(url: str, which: int) -> None:
    await open_database(url)
    outcomes: Counter[str] = Counter()
    try:
        everybody = await User.filter(is_administrator=True).order_by("id")
        towns: dict[int, list[User]] = {}
        for one in everybody:
            towns.setdefault(one.establishment_id, []).append(one)
        print("ready", flush=True)
        sys.stdin.readline()
        for number, both in enumerate(towns.values()):
            me, other = builders.viewer(both[which]), both[1 - which]
            if number % 2:
                refused = bool(await user.set_profile(me, other.id, is_administrator=False))
            else:
                refused = not (await user.delete(me, [other.id])).done_ids
            outcomes["refused" if refused else "done"] += 1
    finally:
        await close_database()
    print(outcomes["done"], flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
