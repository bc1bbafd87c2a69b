"""Sending queued e-mails: leased, sent, retried with growing delay, then given up visibly (R-NOT-01)."""

import asyncio
import logging
from datetime import timedelta

from backend import clock, settings
from backend import database as db
from backend.gateways.mail import DemonstrationMailer, Mail, Mailer, NotSent, SmtpMailer
from backend.gateways.signals import Signals, each_signal

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


async def send_due(by: Mailer) -> int:
    """Send the messages that are due; how many were tried.

    Several processes share the work: each takes a lease on its part. A process that dies leaves a lease that lapses:
    its messages are sent again, with the same Message-ID, rather than lost.
    """
    now = clock.now()
    taken = await _lease(int(clock.to_microseconds(now)), int(clock.to_microseconds(now + LEASE)))
    for one in taken:
        # A slow server: what was leased long ago is leased again, unless another process has taken it over meanwhile.
        if clock.now() > now + LEASE / 2 and not await _renew(one):
            continue
        mail = Mail(one["id"], one["recipient"], one["subject"], one["body_text"], one["body_html"])
        try:
            await by.send(mail)
        except NotSent as failure:
            await _failed(one, failure)
        except Exception as error:
            logger.exception("notification %s could not be made into a message", one["id"])
            await _failed(one, NotSent(f"{type(error).__name__}: {error}", final=False))
        else:
            await _sent(one)
    return len(taken)


async def _renew(one: db.Row) -> bool:
    until = int(clock.to_microseconds(clock.now() + LEASE))
    return bool(
        await db.execute(
            "UPDATE notifications SET leased_until = $1 WHERE id = $2 AND leased_until = $3",
            [until, one["id"], one["leased_until"]],
        )
    )


async def _lease(now: int, until: int) -> list[db.Row]:
    async with db.transaction():
        skip = "FOR UPDATE SKIP LOCKED" if db.dialect() == "postgres" else ""
        return await db.rows(
            "UPDATE notifications SET leased_until = $1, attempts = attempts + 1 WHERE id IN ("
            "SELECT id FROM notifications WHERE status IN ('QUEUED', 'FAILED') AND next_attempt_at <= $2 "
            f"AND (leased_until IS NULL OR leased_until <= $2) ORDER BY next_attempt_at, id LIMIT {BATCH} {skip}) "
            "RETURNING id, kind, recipient, subject, body_text, body_html, attempts, courrier_id, "
            "leased_until",
            [until, now],
        )


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
    again = moment if over else int(clock.to_microseconds(now + RETRIES[one["attempts"] - 1]))
    reason = str(failure)[:500]
    async with db.transaction():
        changed = await db.execute(
            "UPDATE notifications SET status = $1, next_attempt_at = $2, leased_until = NULL, last_error = $3 "
            "WHERE id = $4 AND status IN ('QUEUED', 'FAILED')",
            ["GIVEN_UP" if over else "FAILED", again, reason, one["id"]],
        )
        if over and changed:
            await _fact(one, "NOTIFICATION_FAILED", moment, reason[:300])


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
        except Exception:
            logger.exception("the outbox stopped for a moment")
            await asyncio.sleep(1)
