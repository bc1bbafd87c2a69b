"""Recovery codes: ten, shown once, each works once, for who lost every other second factor (R-ACC-16)."""

import hmac
import re
import secrets

from backend import clock
from backend import database as db
from backend.rules import address

COUNT = 10

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _LONG = 3, 4
"""Twelve letters of 31 are 59 bits: a keyed hash, not a slow one, is enough, and only the platform can compute it."""


def _new() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_LONG)) for _ in range(_GROUPS))


def _hash(code: str) -> str:
    letters = re.sub(r"[\s-]", "", code).lower()
    return hmac.new(address.derived_key("recovery codes"), letters.encode(errors="replace"), "sha256").hexdigest()


async def renew(user_id: int) -> list[str]:
    """New codes for an account; the earlier ones die. Inside a transaction."""
    codes = [_new() for _ in range(COUNT)]
    await forget(user_id)
    now = int(clock.to_microseconds(clock.now()))
    await db.insert_many(
        "recovery_codes", ("user_id", "code_hash", "created_at"), [(user_id, _hash(code), now) for code in codes]
    )
    return codes


async def forget(user_id: int) -> None:
    """An account has no code any more. Inside a transaction."""
    await db.execute("DELETE FROM recovery_codes WHERE user_id = $1", [user_id])


async def use(user_id: int, code: str) -> bool:
    """Whether it is a code of this account that had not served; it has now. Inside a transaction."""
    used = await db.execute(
        "UPDATE recovery_codes SET used_at = $1 WHERE user_id = $2 AND code_hash = $3 AND used_at IS NULL",
        [int(clock.to_microseconds(clock.now())), user_id, _hash(code)],
    )
    return used == 1


async def left(user_id: int) -> int:
    """How many codes of an account have not served."""
    found = await db.row("SELECT count(*) AS n FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL", [user_id])
    return int(found["n"]) if found else 0
