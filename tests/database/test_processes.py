"""Finding D and the shape of production: several processes on one database, each of which ends when it has done."""

import asyncio
import json
import sys
from pathlib import Path

from backend.database import close_database, execute, open_database, rows
from backend.models import Fund
from tests.database import worker

ROOT = Path(__file__).resolve().parents[2]


async def run(*words: str) -> str:
    """The output of a Python process, which must end by itself, well."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, *words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        output, errors = await process.communicate()
    assert (process.returncode, errors.decode()) == (0, "")
    return output.decode()


async def test_fifty_writers_and_readers_in_three_processes_never_find_it_locked(database_url: str) -> None:
    """Read-then-write under Tortoise's deferred BEGIN failed in 39 to 70 of 100."""
    await open_database(database_url)
    await Fund.create(code="CNRACL", label="CNRACL", position=0)
    await close_database()
    rounds = 10
    words = ("-m", "tests.database.worker", database_url, str(rounds))
    told = await asyncio.gather(*(run(*words) for _ in range(3)))
    assert [json.loads(one) for one in told] == [{}, {}, {}]
    await open_database(database_url)
    try:
        assert await rows("SELECT position FROM funds") == [{"position": 3 * worker.WRITERS * rounds}]
    finally:
        await close_database()


async def test_a_process_ends_once_its_database_is_closed(database_url: str) -> None:
    """Connections live in threads: one left open keeps the process from ending."""
    program = """
import asyncio, sys
from backend.database import close_database, execute, open_database, rows, transaction

async def main():
    await open_database(sys.argv[1])
    await asyncio.gather(*(rows("SELECT code FROM funds") for _ in range(20)))
    async with transaction():
        await execute("DELETE FROM funds")
    await close_database()

asyncio.run(main())
print("done")
"""
    assert await run("-c", program, database_url) == "done\n"


async def test_a_process_ends_when_a_statement_failed(database_url: str) -> None:
    program = """
import asyncio, sys
from backend.database import close_database, open_database, rows

async def main():
    await open_database(sys.argv[1])
    try:
        await rows("SELECT nothing FROM nowhere")
    except Exception:
        print("failed")
    finally:
        await close_database()

asyncio.run(main())
"""
    assert await run("-c", program, database_url) == "failed\n"


async def test_a_database_can_be_closed_and_opened_again(database_url: str) -> None:
    for number in range(3):
        await open_database(database_url)
        await execute("INSERT INTO platform_facts (name, value) VALUES ($1, $2)", [str(number), "…"])
        await close_database()
    await open_database(database_url)
    assert len(await rows("SELECT name FROM platform_facts")) == 3
    await close_database()
