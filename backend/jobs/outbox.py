"""Sending queued e-mails: leased, sent, retried with growing delay, then given up visibly (R-NOT-01)."""

import asyncio
import logging
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from backend import clock, settings
from backend import database as db
from backend.database.finishing import finish
from backend.database.sql import Sql
from backend.gateways.mail import DemonstrationMailer, Mail, Mailer, NotSent, SmtpMailer
from backend.gateways.signals import Signals, each_signal
from backend.rules import access, notification

logger = logging.getLogger(__name__)

BATCH = 50
LEASE = timedelta(minutes=5)
RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240))
"""Delays before each new attempt: more than 7 hours in all, then the message is given up."""

PAUSE = 5.0
"""Seconds after which the outbox looks again when nothing tells it."""

AHEAD = timedelta(seconds=PAUSE)
"""How much of the pace may be spent at once."""

_PACE = "outbox_pace"
_MINUTE = 60_000_000
_OF_MANY = f"kind IN ({', '.join(repr(kind) for kind in notification.MANY)})"
_ABOUT_A_LETTER = {"NEW_COURRIER", "READ_REMINDER"}
_WHY = {
    "WITHDRAWN": "Le courrier a été retiré avant l’envoi.",
    "OPENED": "Le courrier était déjà lu.",
    "NOT_READER": "Cette personne ne peut plus lire ce courrier.",
}

WITHDRAWAL = "Annonce du retrait."
"""What the timeline says of the e-mail that told a withdrawal, and not the letter."""


def mailer() -> Mailer:
    """By SMTP where a server is set; the demonstration mailbox otherwise."""
    current = settings.current()
    return (
        SmtpMailer(current.smtp_url, current.mail_from, current.mail_connections)
        if current.smtp_url
        else DemonstrationMailer()
    )


async def send_due(by: Mailer) -> int:
    """Send the messages that are due; how many were taken.

    Several processes share the work: each takes a lease on its part. A process that dies leaves a lease that lapses:
    its messages are sent again, with the same Message-ID, rather than lost.
    """
    now = clock.now()
    taken = await _lease(int(clock.to_microseconds(now)), int(clock.to_microseconds(now + LEASE)))
    useless = await _useless([one["id"] for one in taken if one["kind"] in _ABOUT_A_LETTER])
    waiting = deque(taken)

    async def work() -> None:
        while waiting:
            await _see_to(by, waiting.popleft(), now, useless)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(by.together, len(taken))):
                group.create_task(work())
    except asyncio.CancelledError:  # this process stops: what it has not begun need not wait for its lease to lapse
        await finish(_give_back([one["id"] for one in waiting]))
        raise
    finally:
        await by.close()
    return len(taken)


async def _see_to(by: Mailer, one: db.Row, begun: datetime, useless: Mapping[int, str]) -> None:
    # A slow server: what was leased long ago is leased again, unless another process has taken it over meanwhile.
    if clock.now() > begun + LEASE / 2 and not await _renew(one):
        return
    if one["id"] in useless:
        await _not_needed(one, useless[one["id"]])
        return
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


async def _renew(one: db.Row) -> bool:
    until = int(clock.to_microseconds(clock.now() + LEASE))
    return bool(
        await db.execute(
            "UPDATE notifications SET leased_until = $1 WHERE id = $2 AND leased_until = $3",
            [until, one["id"], one["leased_until"]],
        )
    )


async def _lease(now: int, until: int) -> list[db.Row]:
    """Take what is due: first what somebody waits for, then as many of the rest as the pace allows (R-NOT-01)."""
    async with db.transaction():
        taken = await _take(now, until, f"NOT ({_OF_MANY})", BATCH)
        left = BATCH - len(taken)
        if left:
            allowed = await _allowed(now, left)
            others = await _take(now, until, _OF_MANY, allowed) if allowed else []
            await _spend(now, len(others))
            taken += others
        return taken


async def _take(now: int, until: int, kinds: str, most: int) -> list[db.Row]:
    skip = "FOR UPDATE SKIP LOCKED" if db.dialect() == "postgres" else ""
    return await db.rows(
        "UPDATE notifications SET leased_until = $1, attempts = attempts + 1 WHERE id IN ("
        "SELECT id FROM notifications WHERE status IN ('QUEUED', 'FAILED') AND next_attempt_at <= $2 "
        f"AND (leased_until IS NULL OR leased_until <= $2) AND {kinds} "
        f"ORDER BY next_attempt_at, id LIMIT {int(most)} {skip}) "
        "RETURNING id, kind, recipient, subject, body_text, body_html, attempts, courrier_id, leased_until",
        [until, now],
    )


async def _allowed(now: int, most: int) -> int:
    """How many may leave now, `most` at most. The pace is one for all processes and outlives them: the instant up to
    which it is spent is kept in the tables, at most `AHEAD` before what leaves (a leaky bucket, as in ITU-T I.371).
    """
    rate = settings.current().mail_rate
    if not rate:
        return most
    await db.execute("INSERT INTO platform_facts (name, value) VALUES ($1, '0') ON CONFLICT (name) DO NOTHING", [_PACE])
    lock = " FOR UPDATE" if db.dialect() == "postgres" else ""
    kept = await db.row(f"SELECT value FROM platform_facts WHERE name = $1{lock}", [_PACE])
    spent = int(kept["value"]) if kept else 0
    return min(most, max(0, (now + AHEAD // timedelta(microseconds=1) - max(spent, now)) * rate // _MINUTE))


async def _spend(now: int, number: int) -> None:
    rate = settings.current().mail_rate
    if rate and number:
        kept = await db.row("SELECT value FROM platform_facts WHERE name = $1", [_PACE])
        spent = max(int(kept["value"]) if kept else 0, now) + number * _MINUTE // rate
        await db.execute("UPDATE platform_facts SET value = $1 WHERE name = $2", [str(spent), _PACE])


async def _give_back(ids: Sequence[int]) -> None:
    """What was leased and not begun is as it was."""
    if ids:
        sql = Sql("UPDATE notifications SET leased_until = NULL, attempts = attempts - 1")
        await db.execute(sql.add(f"WHERE id IN ({sql.bind_all(list(ids))}) AND status IN ('QUEUED', 'FAILED')"))


async def _useless(ids: Sequence[int]) -> dict[int, str]:
    """Of messages about a letter, those that are not needed any more, and why (R-COU-10): the letter was withdrawn, or
    opened meanwhile by whom it is for, or this person does not read it any more.
    """
    if not ids:
        return {}
    sql = Sql("SELECT n.id, CASE WHEN c.withdrawn_at IS NOT NULL THEN 'WITHDRAWN'")
    sql.add("WHEN EXISTS (SELECT 1 FROM courrier_facts f WHERE f.courrier_id = c.id")
    sql.add("AND f.kind IN ('OPENED', 'DOWNLOADED', 'ACKNOWLEDGED')")
    sql.add("AND (n.user_id IS NULL OR f.actor_id = n.user_id)) THEN 'OPENED'")
    sql.add("WHEN EXISTS (SELECT 1 FROM courrier_marks m WHERE m.courrier_id = c.id AND m.user_id = n.user_id")
    sql.add("AND m.read_at IS NOT NULL) THEN 'OPENED'")
    readers = access.readers(sql, "c.establishment_id", "t.service_id")
    sql.add(f"WHEN n.user_id IS NOT NULL AND n.user_id NOT IN ({readers}) THEN 'NOT_READER' END AS why")
    sql.add("FROM notifications n JOIN courriers c ON c.id = n.courrier_id JOIN courrier_types t ON t.id = c.type_id")
    sql.add(f"WHERE n.id IN ({sql.bind_all(list(ids))})")
    return {one["id"]: _WHY[one["why"]] for one in await db.rows(sql) if one["why"] is not None}


async def _not_needed(one: db.Row, why: str) -> None:
    await db.execute(
        "UPDATE notifications SET status = 'NOT_NEEDED', leased_until = NULL, last_error = $1, attempts = attempts - 1 "
        "WHERE id = $2 AND status IN ('QUEUED', 'FAILED')",
        [why, one["id"]],
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
    async for _ in each_signal(signals, at_most=PAUSE):
        try:
            tried = BATCH
            while tried == BATCH:
                tried = await send_due(by)
        except Exception:
            logger.exception("the outbox stopped for a moment")
            await asyncio.sleep(1)
