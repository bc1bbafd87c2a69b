"""Operators send again what was given up: chosen messages, or all that match (R-NOT-01)."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, journal, notification
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

SLICE = 1000
"""Messages put back by one transaction."""

MOST = 100
"""Messages chosen one by one."""

WITHOUT_BODY = "body_text = ''"
"""Once sent, what sets a password is not kept: it cannot be sent again."""


@dataclass(frozen=True)
class Filter:
    """Which messages: in one of these states, of one of these kinds, to an address that begins so."""

    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    recipient: str = ""
    bounced: bool | None = None


@dataclass(frozen=True)
class Replayed:
    """How many will be sent again, or why none."""

    count: int = 0
    errors: tuple[UserError, ...] = ()


def conditions(sql: Sql, given: Filter, alias: str) -> list[str]:
    """A filter as conditions."""
    kept = []
    if given.statuses:
        kept.append(f"{alias}.status IN ({sql.bind_all(list(given.statuses))})")
    if given.kinds:
        kept.append(f"{alias}.kind IN ({sql.bind_all(list(given.kinds))})")
    begins = given.recipient.replace("\0", "").strip()[:254]
    if begins:
        kept.append(f"substr(lower({alias}.recipient), 1, {len(begins)}) = {sql.bind(begins.lower())}")
    if given.bounced is not None:
        kept.append(f"{alias}.bounced_at IS {'NOT ' if given.bounced else ''}NULL")
    return kept


async def replay(viewer: Viewer, numbers: Sequence[int] | None, given: Filter) -> Replayed:
    """Queue again messages that were given up: these, or all that the filter keeps. Slices commit one by one, so that
    the worker goes on meanwhile; whoever stops half way has replayed half.
    """
    if not viewer.is_operator:
        message = "Seuls les gestionnaires de la plateforme relancent des messages."
        return Replayed(errors=(UserError(ErrorCode.NOT_ALLOWED, message),))
    if numbers is not None and not 1 <= len(numbers) <= MOST:
        message = f"Choisissez de 1 à {MOST} messages, ou tous ceux que le filtre garde."
        return Replayed(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("ids",)),))
    total = 0
    # Only what had been given up when one asked: what fails again meanwhile is not sent over and over.
    until = int(clock.to_microseconds(clock.now()))
    while True:
        async with db.transaction():
            if not await access.still_operates(viewer):
                message = "Vous n’êtes plus gestionnaire de la plateforme."
                return Replayed(total, errors=(UserError(ErrorCode.NOT_ALLOWED, message),))
            count = await _slice(numbers, given, until)
            if count:
                facts = {"count": count, "all": numbers is None}
                journal.record(viewer, journal.Event("notifications.retried", facts=facts))
                db.current_transaction().after_commit(notification.tell)
        total += count
        if count < SLICE:
            return Replayed(total)


async def _slice(numbers: Sequence[int] | None, given: Filter, until: int) -> int:
    sql = Sql("UPDATE notifications SET status = 'QUEUED', attempts = 0, bounced_at = NULL, leased_until = NULL,")
    sql.add(f"next_attempt_at = {sql.bind(until)}")
    sql.add(f"WHERE id IN (SELECT n.id FROM notifications n WHERE n.status = 'GIVEN_UP' AND NOT n.{WITHOUT_BODY}")
    sql.add(f"AND n.next_attempt_at <= {sql.bind(until)}")
    if numbers is not None:
        sql.add(f"AND n.id IN ({sql.bind_all(list(numbers))})")
    for one in conditions(sql, given, "n"):
        sql.add(f"AND {one}")
    return await db.execute(sql.add(f"ORDER BY n.queued_at, n.id LIMIT {SLICE})"))
