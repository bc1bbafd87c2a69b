"""What a second factor is asked for: a sign-in whose password was right, an action, an enrolment (R-ACC-16)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webauthn.helpers import bytes_to_base64url

from backend import clock, settings
from backend import database as db
from backend.rules import passkey, token

SIGN_IN = "SIGN_IN"
ACTION = "ACTION"
ENROLMENT = "ENROLMENT"

CODE = "CODE"
PASSKEY = "PASSKEY"
RECOVERY_CODE = "RECOVERY_CODE"


@dataclass(frozen=True)
class Challenge:
    """A request for the second factor: the secret its client carries, and by what it may be answered."""

    secret: str
    expires_at: datetime
    methods: tuple[str, ...] = ()
    passkey_request: Mapping[str, Any] | None = None


def new_nonce() -> str:
    """What a passkey will sign, as it is kept."""
    return bytes_to_base64url(secrets.token_bytes(32))


async def issue(user_id: int, purpose: str) -> Challenge:
    """Ask an account for its second factor. Inside a transaction."""
    enrolled = await db.rows(
        "SELECT kind, credential_id FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL ORDER BY id",
        [user_id],
    )
    codes = await db.rows("SELECT id FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL LIMIT 1", [user_id])
    nonce = new_nonce()
    credentials = [one["credential_id"] for one in enrolled if one["kind"] == "PASSKEY"]
    request = passkey.request_to_sign(nonce, credentials)
    methods = [CODE] if any(one["kind"] == "TOTP" for one in enrolled) else []
    methods += [PASSKEY] if request is not None else []
    methods += [RECOVERY_CODE] if codes else []
    made = await keep(user_id, purpose, nonce)
    return Challenge(made.secret, made.expires_at, tuple(methods), request)


async def keep(user_id: int, purpose: str, nonce: str) -> Challenge:
    """Keep what was asked, until it is answered or too old. Inside a transaction."""
    secret = token.issue()
    now = clock.now()
    until = now + settings.current().durations.challenge
    await db.execute(
        "INSERT INTO challenges (token_hash, purpose, user_id, nonce, created_at, expires_at, failures) "
        "VALUES ($1, $2, $3, $4, $5, $6, 0)",
        [
            token.fingerprint(secret),
            purpose,
            user_id,
            nonce,
            int(clock.to_microseconds(now)),
            int(clock.to_microseconds(until)),
        ],
    )
    return Challenge(secret, until)


async def hold(secret: str) -> db.Row | None:
    """A request that can still be answered, held with its account until the end of the transaction: whoever answers
    it too waits.
    """
    asked = await db.row("SELECT user_id FROM challenges WHERE token_hash = $1", [token.fingerprint(secret)])
    if asked is None:
        return None
    await db.hold("users", asked["user_id"])  # first, as whoever changes the password does
    found = await db.rows(
        "UPDATE challenges SET failures = failures WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 "
        "AND failures < $3 RETURNING id, purpose, user_id, nonce",
        [
            token.fingerprint(secret),
            int(clock.to_microseconds(clock.now())),
            settings.current().failed_sign_ins,
        ],
    )
    return found[0] if found else None


async def fail(challenge_id: int) -> None:
    """It was answered wrongly: five times kill it. Inside a transaction."""
    await db.execute("UPDATE challenges SET failures = failures + 1 WHERE id = $1", [challenge_id])


async def close(challenge_id: int) -> None:
    """It was answered: it works once. Inside a transaction."""
    await db.execute(
        "UPDATE challenges SET used_at = $1 WHERE id = $2", [int(clock.to_microseconds(clock.now())), challenge_id]
    )


async def forget_all(user_id: int) -> None:
    """Nothing asked of an account can be answered any more. Inside a transaction."""
    await db.execute("DELETE FROM challenges WHERE user_id = $1", [user_id])
