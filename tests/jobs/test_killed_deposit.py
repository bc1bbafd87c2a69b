"""A deposit killed at any instant, again and again: nothing is lost, doubled or half visible (R-COU-04, R-COU-02)."""

import asyncio
import csv
import hashlib
import os
import random
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
KILLS = 8


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
    assert loaded == LETTERS if published else loaded % 10 == 0
    return published, loaded


async def test_a_deposit_killed_at_random_instants_is_whole_in_the_end(database: str, tmp_path: Path) -> None:
    chance = random.Random(20230515)
    folder, data = tmp_path / "campagne", tmp_path / "data"
    await a_campaign(folder)
    stages = set()
    for _ in range(KILLS):
        process = await start(folder, database, data)
        try:
            async with asyncio.timeout(chance.uniform(0.02, 0.45)):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        stages.add(await check_what_is_there())
    process = await start(folder, database, data)
    async with asyncio.timeout(30):
        assert await process.wait() == 0
    assert await check_what_is_there() == (LETTERS, LETTERS)
    assert await count("courriers", "replaces_id IS NOT NULL") == LETTERS // 5
    assert (await journal.verify())[1] is None
    assert len(stages) > 2, "it was killed at different stages"
