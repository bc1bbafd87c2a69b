"""A campaign deposited while somebody reads: `python -m tests.bench.deposit --letters 64000`.

A folder of PDFs and its manifest goes through `peps deposit`, a process of its own; meanwhile this one asks for a page
of an inbox and marks a letter, over and over. `--database` names a migrated, empty database; a SQLite of its own
otherwise.
"""

import argparse
import asyncio
import csv
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.database import close_database, open_database
from backend.database.migrate import migrate
from backend.jobs.deposit_folder import MANIFEST, OPTIONAL, REQUIRED
from backend.rules import courrier
from backend.rules.viewer import Viewer
from backend.settings import Settings
from tests import builders
from tests.reads.test_statements import ask

READERS = {"COURRIERS": builders.READ}
INBOX = """{ viewer { actingFor { courrierSummary { unread } courriers(first: 25) { totalCount edges { node {
  id reference subject letterDate availableAt isRead isArchived type { label } } } } } } }"""
BEFORE = 500
"""Letters in the reader's inbox before."""


async def a_country(towns: int) -> tuple[list[str], Viewer, list[int]]:
    """Towns with a reader each; the first one's reader has letters already."""
    sirets = []
    for number in range(towns):
        town = await builders.establishment()
        reader = await builders.user(town, rights=READERS)
        sirets.append(town.siret)
        if number == 0:
            first, viewer = town, builders.viewer(reader, acting_for_id=town.id)
    letters = [(await builders.courrier(first)).id for _ in range(BEFORE)]
    return sirets, viewer, letters


def a_folder(folder: Path, letters: int, sirets: list[str]) -> None:
    content = builders.pdf("Appel de cotisations. " + "Le montant est à verser avant la date indiquée. " * 40)
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*REQUIRED, *OPTIONAL], delimiter=";")
        writer.writeheader()
        for number in range(letters):
            (folder / f"{number}.pdf").write_bytes(content + f"\n% {number}\n".encode())
            writer.writerow(
                {
                    "fichier": f"{number}.pdf",
                    "siret": sirets[number % len(sirets)],
                    "type": "APPEL",
                    "reference": f"CAMPAGNE-{number}",
                    "objet": "Appel de cotisations",
                    "date": clock.today().isoformat(),
                }
            )


class Reader:
    """Somebody who reads and marks; how long each took, by what the deposit was doing."""

    def __init__(self, viewer: Viewer, letters: list[int]) -> None:
        self.viewer, self.letters = viewer, letters
        self.taken: dict[tuple[str, str], list[float]] = {}

    async def once(self, stage: str) -> None:
        for name, work in (
            ("inbox page", lambda: ask(self.viewer, INBOX)),
            ("mark", lambda: courrier.mark(self.viewer, self.letters[:1], read=True)),
        ):
            start = time.perf_counter()
            await work()
            self.taken.setdefault((name, stage), []).append((time.perf_counter() - start) * 1000)

    def tell(self) -> None:
        for (name, stage), taken in sorted(self.taken.items()):
            ordered = sorted(taken)
            high = ordered[int(len(ordered) * 0.95)]
            print(
                f"{name:<12}{stage:<12}{len(taken):>6} times: median {median(taken):>6.1f} ms, "
                f"95 % {high:>7.1f} ms, worst {ordered[-1]:>7.1f} ms"
            )


async def stage_and_count() -> tuple[str, int]:
    batch = await db.row("SELECT id, status FROM deposit_batches ORDER BY id DESC LIMIT 1")
    if batch is None:
        return "loading", 0
    if batch["status"] in {"OPEN", "CHECKED"}:
        found = await db.row("SELECT count(*) AS n FROM deposit_lines WHERE batch_id = $1", [batch["id"]])
        return "loading", int(found["n"]) if found else 0
    found = await db.row("SELECT count(*) AS n FROM courriers WHERE batch_id = $1", [batch["id"]])
    return "publishing", int(found["n"]) if found else 0


def processors() -> float:
    """Seconds of processors that processes which have ended took: what a busy machine does not change."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def measure(folder: Path, letters: int, towns: int, url: str) -> None:
    sirets, viewer, before = await a_country(towns)
    await asyncio.to_thread(a_folder, folder, letters, sirets)
    reader = Reader(viewer, before)
    for _ in range(50):
        await reader.once("alone")
    used = processors()
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.cli", "deposit", str(folder),
        env={**os.environ, "DATABASE_URL": url, "DATA_DIR": str(folder / "data")},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    talking = asyncio.create_task(process.communicate())
    began: dict[str, float] = {}
    while not talking.done():
        stage, _ = await stage_and_count()
        began.setdefault(stage, time.perf_counter())
        await reader.once(stage)
        await asyncio.sleep(0.1)
    said, _ = await talking
    ended = time.perf_counter()
    print(said.decode().strip().splitlines()[-1])
    loading, publishing = began["publishing"] - started, ended - began["publishing"]
    print(f"{db.dialect()}, {letters} letters to {towns} towns, {(ended - started):.0f} s in all")
    print(f"loaded and rehearsed in {loading:.0f} s: {letters / loading:.0f} letters/s")
    print(
        f"{(processors() - used) / letters * 1000:.1f} ms of a processor for a letter, from its file to its publication"
    )
    print(f"published in {publishing:.0f} s: {letters / publishing:.0f} letters/s")
    reader.tell()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="the address of a migrated, empty database")
    parser.add_argument("--letters", type=int, default=64_000)
    parser.add_argument("--towns", type=int, default=8_000)
    given: Any = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = given.database or f"sqlite:///{folder}/bench.sqlite3"
        settings_room.use(
            Settings(data_dir=folder, demo="none", jobs=False, secret_key="a secret for tests only, of 32+")
        )
        if not given.database:
            await migrate(url)
        await open_database(url)
        try:
            await measure(folder, given.letters, given.towns, url)
        finally:
            await close_database()


if __name__ == "__main__":
    asyncio.run(main())
