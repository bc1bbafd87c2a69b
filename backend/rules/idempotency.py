"""Requests that may be sent again without harm: the same key and the same request get the first answer again.

A double click, a line that drops before the answer came, two tabs: the second waits for the first, then is answered
alike. What was refused is forgotten, so that trying again judges it anew.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from backend import clock
from backend import database as db
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

KEPT = timedelta(days=7)
"""How long a key is remembered; the hourly tidying removes it then."""

LONGEST = 100


@dataclass(frozen=True)
class Attempt:
    """What is asked, under which key; without a key nothing is remembered."""

    operation: str
    key: str | None
    request: Any

    @property
    def fingerprint(self) -> str:
        """The same for the same request only."""
        return hashlib.sha256(orjson.dumps(self.request, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


@dataclass(frozen=True)
class Earlier:
    """What the first one was answered, or why the key cannot serve."""

    answer: Mapping[str, Any] = field(default_factory=dict)
    errors: tuple[UserError, ...] = ()


async def begin(viewer: Viewer, attempt: Attempt) -> Earlier | None:
    """Take the key for this request, or say what was answered before. None: to be done now, then `finish`.

    Inside the transaction that does it: whoever comes with the same key meanwhile waits for its end.
    """
    key = attempt.key
    if key is None:
        return None
    if not (1 <= len(key) <= LONGEST and key.isprintable()):
        message = f"La clé d’idempotence compte de 1 à {LONGEST} caractères imprimables."
        return Earlier(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("idempotencyKey",)),))
    now = clock.now()
    whose = [_owner(viewer), attempt.operation, key]
    await db.execute(
        "DELETE FROM idempotency_keys WHERE owner = $1 AND operation = $2 AND key = $3 AND created_at < $4",
        [*whose, int(clock.to_microseconds(now - KEPT))],
    )
    taken = await db.rows(
        "INSERT INTO idempotency_keys (owner, operation, key, request_hash, answer, created_at) "
        "VALUES ($1, $2, $3, $4, '', $5) ON CONFLICT (owner, operation, key) DO NOTHING RETURNING id",
        [*whose, attempt.fingerprint, int(clock.to_microseconds(now))],
    )
    if taken:
        return None
    first = await db.row(
        "SELECT request_hash, answer FROM idempotency_keys WHERE owner = $1 AND operation = $2 AND key = $3", whose
    )
    if first is None or first["request_hash"] != attempt.fingerprint:
        message = "Cette clé d’idempotence a déjà servi pour une autre demande : prenez-en une nouvelle."
        return Earlier(errors=(UserError(ErrorCode.KEY_REUSED, message, ("idempotencyKey",)),))
    return Earlier(answer=orjson.loads(first["answer"]))


async def finish(viewer: Viewer, attempt: Attempt, answer: Mapping[str, Any] | None) -> None:
    """Keep the answer for whoever asks again; None, a refusal, gives the key back. In the transaction of `begin`."""
    if attempt.key is None:
        return
    whose = [_owner(viewer), attempt.operation, attempt.key]
    where = "owner = $1 AND operation = $2 AND key = $3"
    if answer is None:
        await db.execute(f"DELETE FROM idempotency_keys WHERE {where}", whose)
        return
    await db.execute(
        f"UPDATE idempotency_keys SET answer = $4 WHERE {where}", [*whose, orjson.dumps(dict(answer)).decode()]
    )


def _owner(viewer: Viewer) -> str:
    if viewer.api_client_id is not None:
        return f"ApiClient:{viewer.api_client_id}"
    return f"User:{viewer.user_id}"


async def note(viewer: Viewer, operation: str, key: str, answer: Mapping[str, Any]) -> None:
    """Keep how far something under a key has come, in place of what was kept before. Inside a transaction."""
    await db.execute(
        "INSERT INTO idempotency_keys (owner, operation, key, request_hash, answer, created_at) "
        "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (owner, operation, key) DO UPDATE SET answer = excluded.answer",
        [
            _owner(viewer),
            operation,
            key,
            Attempt(operation, key, None).fingerprint,
            orjson.dumps(dict(answer)).decode(),
            int(clock.to_microseconds(clock.now())),
        ],
    )


async def noted(viewer: Viewer, operation: str, key: str) -> Mapping[str, Any] | None:
    """What was kept last; None for nothing."""
    found = await db.row(
        "SELECT answer FROM idempotency_keys WHERE owner = $1 AND operation = $2 AND key = $3",
        [_owner(viewer), operation, key],
    )
    return orjson.loads(found["answer"]) if found else None
