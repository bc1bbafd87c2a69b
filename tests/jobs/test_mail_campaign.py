"""A campaign of e-mails through a real mail server that fails at random, the process that sends killed meanwhile.

`CAMPAIGN=48000` for the size of the domain (R-NOT-01); a few hundred otherwise. Says what it measured with `-s`.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from backend import clock
from backend import database as db

ROOT = Path(__file__).resolve().parents[2]
SIZE = int(os.environ.get("CAMPAIGN", "120"))
KILLS = 2
GONE = 40
"""One address in so many is refused for good."""


class FailingServer:
    """Refuses, cuts before and after it has accepted, asks to come back later: once in ten."""

    def __init__(self) -> None:
        self.chance = random.Random(29)
        self.received = Counter[str]()
        self.lied: set[str] = set()
        """Accepted, then cut before it could be said: what is sent again is a duplicate nobody can avoid."""

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]) -> str:
        if address.startswith("parti"):
            return "550 No such user"
        what = self.chance.choice(["451 Later", "cut", *["250 OK"] * 28])
        if what == "cut":
            server.transport.close()
            return "421 Cut"
        if what == "250 OK":
            envelope.rcpt_tos.append(address)
        return what

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        what = self.chance.choice(["452 Full", "cut", *["250 OK"] * 28])
        if what == "452 Full":
            return what
        self.received[envelope.rcpt_tos[0]] += 1
        if what == "cut":
            self.lied.add(envelope.rcpt_tos[0])
            server.transport.close()
        return "250 OK"


async def start(url: str, address: str, data: Path) -> asyncio.subprocess.Process:
    """A real process that sends."""
    settings = {"DATABASE_URL": url, "SMTP_URL": address, "DATA_DIR": str(data), "MAIL_RATE": "0", "LOG_LEVEL": "error"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.jobs.postman", cwd=ROOT, env={**os.environ, **settings},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


async def left() -> int:
    found = await db.row("SELECT count(*) AS n FROM notifications WHERE status IN ('QUEUED', 'FAILED')")
    return int(found["n"]) if found else 0


async def queue_campaign() -> list[str]:
    now = int(clock.to_microseconds(clock.now()))
    addresses = [f"{'parti' if number % GONE == 0 else 'agent'}-{number}@exemple.example" for number in range(SIZE)]
    columns = "kind rule recipient subject body_text body_html status attempts queued_at next_attempt_at".split()
    async with db.transaction():
        await db.insert_many(
            "notifications",
            columns,
            [
                ("NEW_COURRIER", "R-COU-10", one, "Un courrier", "Bonjour,\n", "<p>Bonjour,</p>", "QUEUED", 0, now, now)
                for one in addresses
            ],
        )
    return addresses


async def test_everybody_is_told_whatever_fails_and_whoever_dies(database: str, tmp_path: Path) -> None:
    """R-NOT-01: nothing is lost; twice only what the server had accepted without saying so, or said to the dead."""
    mails = FailingServer()
    listening = await asyncio.get_running_loop().create_server(lambda: SMTP(mails), "127.0.0.1", 0)
    address = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    addresses = await queue_campaign()
    begun, deaths = time.monotonic(), 0
    process = await start(database, address, tmp_path / "data")
    try:
        for part in range(1, KILLS + 1):
            while len(mails.received) < SIZE * part / (KILLS + 2):
                await asyncio.sleep(0.01)
            process.send_signal(signal.SIGKILL)
            await process.wait()
            deaths += 1
            process = await start(database, address, tmp_path / "data")
        async with asyncio.timeout(60 + SIZE / 20):
            while await left():
                await asyncio.sleep(0.1)
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()
        listening.close()
    lasted = time.monotonic() - begun
    gone = {one for one in addresses if one.startswith("parti")}
    assert set(mails.received) == set(addresses) - gone
    twice = {one for one, times in mails.received.items() if times > 1}
    killed_meanwhile = twice - mails.lied
    assert len(killed_meanwhile) <= deaths * 4, "one for each connection that was open"
    refused = await db.rows("SELECT recipient, last_error FROM notifications WHERE status = 'GIVEN_UP'")
    assert {one["recipient"] for one in refused} == gone
    assert all("550" in one["last_error"] for one in refused)
    found = await db.row("SELECT count(*) AS n, max(attempts) AS most FROM notifications WHERE status = 'SENT'")
    assert found is not None
    assert found["n"] == SIZE - len(gone)
    print(
        f"\n{db.dialect()}: {SIZE} e-mails in {lasted:.0f} s ({SIZE / lasted:.0f}/s), {deaths} deaths, "
        f"{len(twice)} twice of which {len(mails.lied & twice)} the server's doing, {found['most']} attempts at most"
    )
