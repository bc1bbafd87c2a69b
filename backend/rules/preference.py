"""What each person prefers to be told, and the signed address that tells whose it is without signing in (R-COU-10)."""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from backend import database as db
from backend import settings
from backend.rules import address as addresses

IMMEDIATE, DAILY, WEEKLY, NONE = RHYTHMS = ("IMMEDIATE", "DAILY_DIGEST", "WEEKLY_DIGEST", "NONE")
_SIGNATURE = 22


@dataclass(frozen=True)
class Preferences:
    """How often one is told of new letters, of the letters of which funds not, and of the expiry of one's account."""

    rhythm: str = IMMEDIATE
    muted_funds: tuple[str, ...] = ()
    account_expiry: bool = True


async def of(user_id: int) -> Preferences:
    """Somebody's, or those everybody begins with."""
    found = await db.row(
        "SELECT new_courriers, muted_funds, account_expiry FROM notification_preferences WHERE user_id = $1", [user_id]
    )
    if found is None:
        return Preferences()
    return Preferences(found["new_courriers"], tuple(found["muted_funds"].split()), bool(found["account_expiry"]))


# ---------------------------------------------------------------- without signing in


def address(user_id: int, email: str) -> str:
    """Where the holder of an address changes the rhythm without signing in; the same for ever, until it changes."""
    return f"{settings.current().address}/preferences/{user_id}.{_signature(user_id, email)}"


def _signature(user_id: int, email: str) -> str:
    said = f"{user_id} {email.casefold()}".encode()
    digest = hmac.new(addresses.derived_key("preferences"), said, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_SIGNATURE]


@dataclass(frozen=True)
class Holder:
    """Whose preferences a signed address changes."""

    user_id: int
    establishment: str
    rhythm: str


async def read(signed: str) -> Holder | None:
    """Whose address it is; None for one forged, or of an account or an e-mail address that is no longer."""
    number, _, signature = signed.partition(".")
    if not (signed.isascii() and number.isdecimal() and len(number) < 19):
        return None
    found = await db.row(
        "SELECT u.id, u.email, e.name FROM users u JOIN establishments e ON e.id = u.establishment_id "
        "WHERE u.id = $1 AND u.deleted_at IS NULL",
        [int(number)],
    )
    if found is None or not hmac.compare_digest(signature, _signature(found["id"], found["email"])):
        return None
    return Holder(found["id"], found["name"], (await of(found["id"])).rhythm)
