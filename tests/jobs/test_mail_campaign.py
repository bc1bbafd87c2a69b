"""A throttled campaign through a mail server that fails at random, its sender killed in the middle (R-NOT-01).

MAIL_CAMPAIGN=48000 for the size of the field.
"""

import asyncio
import contextlib
import os
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from email import message_from_bytes
from typing import Any

from aiosmtpd.smtp import SMTP

from backend import clock, settings
from backend import database as db
from backend.gateways.mail import DemonstrationMailer
from backend.jobs import outbox

SIZE = int(os.environ.get("MAIL_CAMPAIGN", "100"))
KILLS = 2


class Unreliable:
    """A mail server: one address in fifty is unknown, one message in twelve meets a failure; keeps what it accepted."""

    def __init__(self) -> None:
        self.chance = random.Random(48_000)
        self.accepted: Counter[str] = Counter()
        self.cut_after_data: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    def _fails(self, what: str, share: float) -> bool:
        failing = self.chance.random() < share
        self.failures[what] += failing
        return failing

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if int(address.partition("@")[0].rpartition("-")[2]) % 50 == 7:
            return "550 5.1.1 No such user"
        if self._fails("4xx", 0.03):
            return "451 4.7.1 Later"
        if self._fails("cut before DATA", 0.02):
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self._fails("4xx after DATA", 0.02):
            return "452 4.3.1 Full"
        message = message_from_bytes(envelope.content)
        self.accepted[str(message["Message-ID"])] += 1
        if self._fails("cut after DATA", 0.01):
            self.cut_after_data[str(message["Message-ID"])] += 1
            server.transport.close()
        return "250 OK"


@contextlib.asynccontextmanager
async def listening(handler: Unreliable) -> AsyncIterator[str]:
    """The server, on a port of this machine."""
    loop = asyncio.get_running_loop()
    made = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0)
    yield f"smtp://127.0.0.1:{made.sockets[0].getsockname()[1]}"
    made.close()


async def queue(number: int) -> None:
    """A campaign's messages, as publication queues them."""
    now = int(clock.to_microseconds(clock.now()))
    columns = ("kind", "rule", "recipient", "subject", "body_text", "body_html", "status", "attempts", "queued_at")
    columns += ("next_attempt_at", "is_bulk")
    for start in range(0, number, 1000):
        async with db.transaction():
            await db.insert_many(
                "notifications",
                columns,
                [
                    ("NEW_COURRIER", "R-COU-10", f"agent-{place}@exemple.example", "Un courrier à lire", "Bonjour.\n",
                     "<p>Bonjour.</p>", "QUEUED", 0, now, now, True)
                    for place in range(start, min(start + 1000, number))
                ],
            )  # fmt: skip


async def left() -> int:
    """How many wait still."""
    found = await db.row("SELECT count(*) AS n FROM notifications WHERE status IN ('QUEUED', 'FAILED')")
    return int(found["n"]) if found else 0


async def test_a_campaign_survives_a_server_that_fails_and_a_sender_that_is_killed(
    database: str, database_url: str
) -> None:
    """R-NOT-01: everybody gets at least one; two only where the server or the sender died after DATA; none is lost."""
    server, begun = Unreliable(), time.monotonic()
    await queue(SIZE)
    async with listening(server) as address:
        environment = {
            **os.environ,
            "SMTP_URL": address,
            "DATABASE_URL": settings.current().database,
            "DATA_DIR": str(settings.current().data_dir),
            "MAIL_PER_MINUTE": os.environ.get("MAIL_PER_MINUTE", "12000"),
        }
        for turn in range(KILLS + 1):
            sender = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.jobs.sender", env=environment, stdout=asyncio.subprocess.PIPE
            )
            target = SIZE * (turn + 1) // (KILLS + 2)
            while turn < KILLS and sum(server.accepted.values()) < target:
                await asyncio.sleep(0.02)
            if turn < KILLS:
                sender.kill()
                await sender.wait()
        assert sender.stdout is not None
        memory = (await sender.stdout.read()).decode().strip()
        assert await sender.wait() == 0
    took = time.monotonic() - begun
    known = SIZE - sum(place % 50 == 7 for place in range(SIZE))
    states = {
        one["status"]: int(one["n"])
        for one in await db.rows("SELECT status, count(*) AS n FROM notifications GROUP BY status")
    }
    assert states == {"SENT": known, "GIVEN_UP": SIZE - known}
    assert await left() == 0
    assert len(server.accepted) == known, "everybody who exists has at least one"
    twice = {number: times - 1 for number, times in server.accepted.items() if times > 1}
    by_death = sum(twice.values()) - sum(server.cut_after_data[number] for number in twice)
    assert by_death <= KILLS * settings.current().mail_connections, "what was on its way when the sender was killed"
    bounced = await db.row("SELECT count(*) AS n FROM notifications WHERE bounced_at IS NOT NULL")
    assert bounced is not None
    assert bounced["n"] == SIZE - known
    print(f"{SIZE} messages in {took:.0f} s, {SIZE / took:.0f}/s, {memory} MiB,", end=" ")
    print(f"{len(twice)} twice ({by_death} by the kills), failures {dict(server.failures)}")


async def test_the_allowance_of_a_minute_survives_a_restart(database: str, moved_clock: Any) -> None:
    """R-NOT-01: what was sent counts in a row of the database, not in a process; what somebody waits for goes first."""
    moved_clock("2026-05-04T08:00+02:00")
    settings.use(replace(settings.current(), mail_per_minute=60))
    await queue(100)
    assert await outbox.send_due(DemonstrationMailer()) == 15, "a quarter of a minute's at once"
    assert await outbox.send_due(DemonstrationMailer()) == 0
    await db.execute("UPDATE notifications SET is_bulk = FALSE WHERE recipient = 'agent-99@exemple.example'")
    assert await outbox.send_due(DemonstrationMailer()) == 1, "a link to sign in does not wait behind a campaign"
    moved_clock("2026-05-04T08:00:10+02:00")
    assert await outbox.send_due(DemonstrationMailer()) == 10
