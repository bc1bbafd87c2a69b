"""A deposit killed at any instant, again and again: nothing is lost, doubled or half visible (R-COU-04, R-COU-02)."""

import asyncio
import csv
import hashlib
import os
import random
import signal
import sys
from pathlib import Path

from backend import clock
from backend import database as db
from backend.jobs.deposit_folder import MANIFEST, OPTIONAL, REQUIRED
from backend.rules import document, journal
from tests import builders
from tests.rules.batches import assert_whole, count

ROOT = Path(__file__).resolve().parents[2]
LETTERS = 60
SLICE = 5
CHUNK = 10
"""Lines loaded together by `tests.jobs.depositor`."""


async def a_campaign(folder: Path) -> None:
    """A folder of letters to three towns, each with a reader; every fifth letter replaces the one before it."""
    await asyncio.to_thread(folder.mkdir)
    towns = [await builders.establishment() for _ in range(3)]
    for town in towns:
        await builders.user(town, rights={"COURRIERS": builders.READ})
    await builders.courrier_type()
    content = builders.pdf("Campagne")
    lines = []
    for number in range(1, LETTERS + 1):
        (folder / f"{number}.pdf").write_bytes(content + f"\n% {number}\n".encode())
        lines.append(
            {
                "fichier": f"{number}.pdf",
                "siret": towns[number // 10 % 3].siret,
                "type": "APPEL",
                "reference": f"R-{number}",
                "objet": f"Appel {number}",
                "date": clock.today().isoformat(),
                "remplace": f"R-{number - 1}" if number % 5 == 4 else "",
            }
        )
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*REQUIRED, *OPTIONAL], delimiter=";")
        writer.writeheader()
        writer.writerows(lines)


async def start(folder: Path, url: str, data: Path) -> asyncio.subprocess.Process:
    """A real process, about to begin."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.depositor", str(folder),
        cwd=ROOT, env={**os.environ, "DATABASE_URL": url, "DATA_DIR": str(data)}, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def check_what_is_there() -> tuple[int, int]:
    """What can be seen is whole, and so is what waits; how many letters are published, how many lines loaded."""
    published = await count("courriers")
    await assert_whole(published)
    assert await count("notifications", "kind = 'NEW_COURRIER'") == published
    replacing = await db.rows(
        "SELECT c.reference, r.reference AS of FROM courriers c JOIN courriers r ON r.id = c.replaces_id"
    )
    assert all(int(one["reference"][2:]) == int(one["of"][2:]) + 1 for one in replacing)
    files = document.files()
    for one in await db.rows("SELECT sha256 FROM documents"):
        assert hashlib.sha256(await files.get(one["sha256"])).hexdigest() == one["sha256"]
    assert await count("deposit_batches") <= 1
    if published:
        assert await count("deposit_batches", "status IN ('PUBLISHING', 'PUBLISHED')") == 1
    loaded = await count("deposit_lines")
    assert loaded == LETTERS if published else loaded % CHUNK == 0
    return published, loaded


async def its_last_statement_is_over() -> None:
    """PostgreSQL finishes what it had begun for a process that is no more."""
    busy = (
        "SELECT 1 AS one FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    )
    while db.dialect() == "postgres" and await db.row(busy):
        await asyncio.sleep(0.01)


def instants(chance: random.Random) -> list[tuple[int, float]]:
    """When to kill: how many steps it has told of, and how many seconds later; while it loads, then while it publishes.

    By steps, so that a quick machine is not done before, nor a slow one always killed at the same.
    """
    loading = LETTERS // CHUNK
    steps = [chance.randint(0, loading) for _ in range(4)] + [loading + 2] + [chance.randint(1, 2) for _ in range(4)]
    return [(one, chance.uniform(0, 0.02)) for one in steps]


async def test_a_deposit_killed_at_random_instants_is_whole_in_the_end(database: str, tmp_path: Path) -> None:
    folder, data = tmp_path / "campagne", tmp_path / "data"
    await a_campaign(folder)
    stages = []
    for steps, later in instants(random.Random(20230515)):
        process = await start(folder, database, data)
        assert process.stdout is not None
        async with asyncio.timeout(30):
            for _ in range(steps):
                await process.stdout.readline()
        await asyncio.sleep(later)
        process.kill()
        assert await process.wait() == -signal.SIGKILL
        await its_last_statement_is_over()
        stages.append(await check_what_is_there())
    assert any(0 < loaded < LETTERS for _, loaded in stages), "it was killed while it loaded"
    assert any(0 < published < LETTERS for published, _ in stages), "and while it published"
    process = await start(folder, database, data)
    async with asyncio.timeout(30):
        await process.communicate()
    assert process.returncode == 0
    assert await check_what_is_there() == (LETTERS, LETTERS)
    assert await count("courriers", "replaces_id IS NOT NULL") == LETTERS // 5
    assert (await journal.verify())[1] is None
