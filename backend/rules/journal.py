"""The journal: events written in the transaction of the change they tell, chained by hash (R-JRN-01).

A rule calls `record`; the events are chained and inserted last, just before the commit, under one lock, so that the
chain follows the order of commits and the lock is held for a moment only.
"""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from backend import clock
from backend import database as db
from backend.rules.viewer import Viewer

LOCK = 6_405_002
"""The lock of what must follow the order of commits: the journal's chain and the feed's cursors."""

GENESIS = "0" * 64
"""The hash before the first event."""

NOBODY = Viewer()

TOLD_AT_ONCE = (
    "courrier.withdrawn", "delegation.", "deposit_batch.", "right.", "service.", "session.closed", "terms.", "user."
)  # fmt: skip
"""What changes what somebody may see or do: open screens, of whichever process, are told of it when it is committed."""


@dataclass(frozen=True)
class Event:
    """What happened: `changes` maps a field to (before, after); `facts` is anything else worth keeping."""

    action: str
    establishment_id: int | None = None
    subject: tuple[str, int] | None = None
    on_behalf_of_id: int | None = None
    delegation_id: int | None = None
    actor_id: int | None = None
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


def record(viewer: Viewer, event: Event) -> None:
    """Write an event with the current transaction. `event.actor_id` serves where the actor is not yet the viewer."""
    transaction = db.current_transaction()
    waiting: list[tuple[Viewer, Event]] = transaction.notes.setdefault("journal", [])
    if not waiting:
        transaction.before_commit(lambda: _write(waiting))
    waiting.append((viewer, event))


def event_hash(previous: str, values: tuple[Any, ...]) -> str:
    """The hash of an event: of the hash before it, then its columns in the order of `_COLUMNS`."""
    return hashlib.sha256(previous.encode() + orjson.dumps(values)).hexdigest()


_COLUMNS = (
    "occurred_at",
    "action",
    "actor_id",
    "api_client_id",
    "establishment_id",
    "on_behalf_of_id",
    "delegation_id",
    "subject_type",
    "subject_id",
    "detail_hash",
)
EVENT = ("id", *_COLUMNS, "previous_hash", "hash")
DETAIL = ("event_id", "salt", "body")


async def _write(waiting: list[tuple[Viewer, Event]]) -> None:
    await db.lock(LOCK, telling=any(event.action.startswith(TOLD_AT_ONCE) for _, event in waiting))
    last = await db.row("SELECT hash FROM audit_events ORDER BY id DESC LIMIT 1")
    previous = last["hash"] if last else GENESIS
    ids = await db.allocate_ids("audit_events", len(waiting))
    now = int(clock.to_microseconds(clock.now()))
    told = ((number, now, viewer, event) for number, (viewer, event) in zip(ids, waiting, strict=True))
    rows = list(chained(previous, told))
    await db.insert_many("audit_events", EVENT, [event for event, _ in rows])
    await db.insert_many("audit_details", DETAIL, [detail for _, detail in rows])


def chained(
    previous: str, told: Iterable[tuple[int, int, Viewer, Event]]
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """The rows of events and of their details, each chained to the one before, the first to the hash `previous`.

    Of each: its number, its instant in microseconds, who did it, what happened.
    """
    for number, moment, viewer, event in told:
        salt = secrets.token_hex(16)
        body = _detail(viewer, event)
        subject_type, subject_id = event.subject or (None, None)
        values = (
            moment,
            event.action,
            event.actor_id or viewer.user_id,
            None if event.actor_id else viewer.api_client_id,
            event.establishment_id,
            event.on_behalf_of_id,
            event.delegation_id,
            subject_type,
            subject_id,
            hashlib.sha256((salt + body).encode()).hexdigest(),
        )
        current = event_hash(previous, values)
        yield (number, *values, previous, current), (number, salt, body)
        previous = current


def _detail(viewer: Viewer, event: Event) -> str:
    return orjson.dumps(
        {
            "changes": {name: list(pair) for name, pair in event.changes.items()},
            "facts": dict(event.facts),
            "address": viewer.origin.address,
            "user_agent": viewer.origin.user_agent,
        },
        default=str,
    ).decode()


async def record_export(viewer: Viewer, establishment_id: int | None, facts: Mapping[str, Any]) -> None:
    """Somebody takes a part of the journal away as a file."""
    async with db.transaction():
        place = establishment_id if establishment_id is not None else viewer.establishment_id
        record(viewer, Event("journal.exported", establishment_id=place, facts=facts))


async def verify(after: int = 0, previous: str = GENESIS, until: int = 2**63 - 1) -> tuple[int, str | None]:
    """Walk the chain, whole or between two events. The number of events, and what is wrong first (R-JRN-01)."""
    count = 0
    while True:
        page = await db.rows(
            f"""
            SELECT e.id, {", ".join("e." + column for column in _COLUMNS)}, e.previous_hash, e.hash, d.salt, d.body
            FROM audit_events e
            LEFT JOIN audit_details d ON d.event_id = e.id
            WHERE e.id > $1 AND e.id <= $2
            ORDER BY e.id
            LIMIT 1000
            """,
            [after, until],
        )
        if not page:
            return count, None
        for one in page:
            values = tuple(one[column] for column in _COLUMNS)
            if one["previous_hash"] != previous:
                return count, f"event {one['id']} does not follow the one before it"
            if event_hash(previous, values) != one["hash"]:
                return count, f"event {one['id']} was changed"
            if one["salt"] is not None:
                detail = hashlib.sha256((one["salt"] + one["body"]).encode()).hexdigest()
                if detail != one["detail_hash"]:
                    return count, f"the detail of event {one['id']} was changed"
            previous, after, count = one["hash"], one["id"], count + 1
