"""Sending queued e-mails: leased, sent, retried with growing delay, then given up visibly (R-NOT-01)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.gateways.mail import DemonstrationMailer, Mail, Mailer, NotSent, SmtpMailer
from backend.gateways.signals import Signals, each_signal
from backend.rules import notification, preference

logger = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=5)
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240))
"""Delays before each new attempt: more than 7 hours in all, then the message is given up."""

WITHDRAWAL = "Annonce du retrait."
"""What the timeline says of the e-mail that told a withdrawal, and not the letter."""


def mailer() -> Mailer:
    """By SMTP where a server is set; the demonstration mailbox otherwise."""
    current = settings.current()
    return SmtpMailer(current.smtp_url, current.mail_from) if current.smtp_url else DemonstrationMailer()


_NEEDLESS = ("NEW_COURRIER", "READ_REMINDER")
"""Kinds of message about one letter that say nothing once it has been opened (R-COU-10)."""

_BUCKET = "mail/allowance"
BURST = timedelta(seconds=15)
"""How much of what was not sent may be caught up at once."""


async def send_due(by: Mailer) -> int:
    """Send the messages that are due; how many were tried.

    Several processes share the work: each takes a lease on its part. A process that dies leaves a lease that lapses:
    its messages are sent again, with the same Message-ID, rather than lost.
    """
    now = clock.now()
    taken = await _lease(int(clock.to_microseconds(now)), int(clock.to_microseconds(now + LEASE)))
    needless = await _drop_needless(taken)
    turns = asyncio.Semaphore(settings.current().mail_connections)

    async def in_turn(one: db.Row) -> None:
        async with turns:
            # A slow server: what was leased long ago is leased again, unless another process took it over meanwhile.
            if clock.now() > now + LEASE / 2 and not await _renew(one):
                return
            await _send(by, one)

    await asyncio.gather(*(in_turn(one) for one in taken if one["id"] not in needless))
    return len(taken)


async def _send(by: Mailer, one: db.Row) -> None:
    unsubscribe = None
    if one["user_id"] is not None and one["kind"] in notification.BULK:
        unsubscribe = preference.address(one["user_id"], one["recipient"])
    mail = Mail(one["id"], one["recipient"], one["subject"], one["body_text"], one["body_html"], unsubscribe)
    try:
        await by.send(mail)
    except NotSent as failure:
        await _failed(one, failure)
    except Exception as error:
        logger.exception("notification %s could not be made into a message", one["id"])
        await _failed(one, NotSent(f"{type(error).__name__}: {error}", final=False))
    else:
        await _sent(one)


async def _drop_needless(taken: list[db.Row]) -> set[int]:
    """Of the messages just leased, those about a letter opened or withdrawn since they were queued: not sent."""
    about = [one["id"] for one in taken if one["kind"] in _NEEDLESS and one["courrier_id"] is not None]
    if not about:
        return set()
    sql = Sql("UPDATE notifications SET status = 'DROPPED', leased_until = NULL, attempts = attempts - 1")
    sql.add(f"WHERE id IN ({sql.bind_all(about)}) AND status IN ('QUEUED', 'FAILED') AND courrier_id IN (SELECT c.id")
    sql.add("FROM courriers c WHERE c.id = notifications.courrier_id")
    sql.add("AND (c.first_opened_at IS NOT NULL OR c.withdrawn_at IS NOT NULL)) RETURNING id")
    return {one["id"] for one in await db.rows(sql)}


async def _renew(one: db.Row) -> bool:
    until = int(clock.to_microseconds(clock.now() + LEASE))
    return bool(
        await db.execute(
            "UPDATE notifications SET leased_until = $1 WHERE id = $2 AND leased_until = $3",
            [until, one["id"], one["leased_until"]],
        )
    )


async def _lease(now: int, until: int) -> list[db.Row]:
    """First what somebody waits for; then, as slowly as the deployment says, what many are told."""
    async with db.transaction():
        taken = await _take(now, until, bulk=False, most=BATCH)
        wanted = BATCH - len(taken)
        if wanted:
            allowed, spend = await _allowance(now, wanted)
            if allowed:
                more = await _take(now, until, bulk=True, most=allowed)
                await spend(len(more))
                taken += more
    return taken


async def _take(now: int, until: int, *, bulk: bool, most: int) -> list[db.Row]:
    skip = "FOR UPDATE SKIP LOCKED" if db.dialect() == "postgres" else ""
    return await db.rows(
        "UPDATE notifications SET leased_until = $1, attempts = attempts + 1 WHERE id IN ("
        "SELECT id FROM notifications WHERE status IN ('QUEUED', 'FAILED') "
        f"AND is_bulk = {'TRUE' if bulk else 'FALSE'} AND next_attempt_at <= $2 "
        f"AND (leased_until IS NULL OR leased_until <= $2) ORDER BY next_attempt_at, id LIMIT {int(most)} {skip}) "
        "RETURNING id, kind, recipient, subject, body_text, body_html, attempts, courrier_id, user_id, leased_until",
        [until, now],
    )


async def _allowance(now: int, wanted: int) -> tuple[int, Callable[[int], Awaitable[None]]]:
    """How many may leave now by MAIL_PER_MINUTE, and how to say how many did.

    The instant until which what was sent counts is a row: processes share it, and a restart forgets nothing.
    """
    per_minute = settings.current().mail_per_minute

    async def nothing(_: int) -> None:
        return None

    if not per_minute:
        return wanted, nothing
    await db.execute(
        "INSERT INTO platform_facts (name, value) VALUES ($1, '0') ON CONFLICT (name) DO NOTHING", [_BUCKET]
    )
    held = "FOR UPDATE" if db.dialect() == "postgres" else ""
    found = await db.row(f"SELECT value FROM platform_facts WHERE name = $1 {held}", [_BUCKET])
    each = 60_000_000 / per_minute
    burst = max(int(BURST / timedelta(microseconds=1)), int(each))
    counted_until = max(int(found["value"]) if found else 0, now - burst)

    async def spend(sent: int) -> None:
        if sent:
            until = str(int(counted_until + sent * each))
            await db.execute("UPDATE platform_facts SET value = $1 WHERE name = $2", [until, _BUCKET])

    return min(wanted, int((now - counted_until) / each)), spend


async def _sent(one: db.Row) -> None:
    now = int(clock.to_microseconds(clock.now()))
    async with db.transaction():
        changed = await db.execute(
            "UPDATE notifications SET status = 'SENT', sent_at = $1, leased_until = NULL, last_error = NULL "
            "WHERE id = $2 AND status <> 'SENT'",
            [now, one["id"]],
        )
        if settings.current().smtp_url:
            # The link in them sets a password: once handed over, only the mailbox of its owner keeps it.
            await db.execute(
                "UPDATE notifications SET body_text = '', body_html = '' "
                "WHERE id = $1 AND kind IN ('INVITATION', 'PASSWORD_RESET')",
                [one["id"]],
            )
        if changed:
            await _fact(one, "NOTIFIED", now, WITHDRAWAL if one["kind"] == "COURRIER_WITHDRAWN" else None)


async def _failed(one: db.Row, failure: NotSent) -> None:
    now = clock.now()
    moment = int(clock.to_microseconds(now))
    over = failure.final or one["attempts"] > len(RETRIES)
    again = moment if over else int(clock.to_microseconds(_next(one, now)))
    reason = str(failure)[:500]
    async with db.transaction():
        changed = await db.execute(
            "UPDATE notifications SET status = $1, next_attempt_at = $2, leased_until = NULL, last_error = $3, "
            "bounced_at = $4 WHERE id = $5 AND status IN ('QUEUED', 'FAILED')",
            ["GIVEN_UP" if over else "FAILED", again, reason, moment if failure.bounced else None, one["id"]],
        )
        if over and changed:
            await _fact(one, "NOTIFICATION_FAILED", moment, reason[:300])


def _next(one: db.Row, now: datetime) -> datetime:
    """When to try again: what rings on telephones waits for the morning (R-COU-10)."""
    at = now + RETRIES[one["attempts"] - 1]
    return notification.daytime(at) if one["kind"] in notification.BULK else at


async def _fact(one: db.Row, kind: str, moment: int, detail: str | None) -> None:
    if one["courrier_id"] is not None:
        await db.execute(
            "INSERT INTO courrier_facts (courrier_id, kind, occurred_at, notification_id, detail) "
            "VALUES ($1, $2, $3, $4, $5)",
            [one["courrier_id"], kind, moment, one["id"], detail],
        )


async def run(signals: Signals) -> None:
    """Send for as long as the process lives: at once when something is queued, and every few seconds for retries."""
    by = mailer()
    async for _ in each_signal(signals, at_most=5.0):
        try:
            tried = BATCH
            while tried == BATCH:
                tried = await send_due(by)
            await by.rest()
        except Exception:
            logger.exception("the outbox stopped for a moment")
            await asyncio.sleep(1)
