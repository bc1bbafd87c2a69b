"""What each person prefers to be told, and the signed address that changes it without signing in (R-COU-10)."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from backend import clock, settings
from backend import database as db
from backend.rules import address as addresses
from backend.rules import journal
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

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


async def change(
    viewer: Viewer,
    *,
    rhythm: str | None = None,
    funds: Sequence[str] | None = None,
    account_expiry: bool | None = None,
) -> tuple[UserError, ...]:
    """Change one's own preferences; `funds` are those of which one wants to be told. What is not said stays."""
    if viewer.user_id is None:
        return (UserError(ErrorCode.NOT_ALLOWED, "Seule une personne connectée a des préférences."),)
    async with db.transaction():
        every = [one["code"] for one in await db.rows("SELECT code FROM funds ORDER BY code")]
        muted = None if funds is None else tuple(code for code in every if code not in funds)
        await _write(viewer, viewer.user_id, rhythm, muted, account_expiry)
    return ()


async def _write(
    viewer: Viewer, user_id: int, rhythm: str | None, muted: tuple[str, ...] | None, expiry: bool | None
) -> None:
    await db.hold("users", user_id)
    before = await of(user_id)
    after = Preferences(
        rhythm or before.rhythm,
        before.muted_funds if muted is None else muted,
        before.account_expiry if expiry is None else expiry,
    )
    if after == before:
        return
    # A digest begins with the letters that come from now on: those before were told of as was preferred then.
    begins = int(clock.to_microseconds(clock.now()))
    await db.execute(
        "INSERT INTO notification_preferences (user_id, new_courriers, muted_funds, account_expiry, digested_until) "
        "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE SET new_courriers = excluded.new_courriers, "
        "muted_funds = excluded.muted_funds, account_expiry = excluded.account_expiry, digested_until = CASE "
        "WHEN notification_preferences.new_courriers IN ('DAILY_DIGEST', 'WEEKLY_DIGEST') "
        "THEN notification_preferences.digested_until ELSE excluded.digested_until END",
        [user_id, after.rhythm, " ".join(after.muted_funds), after.account_expiry, begins],
    )
    home = await db.row("SELECT establishment_id FROM users WHERE id = $1", [user_id])
    pairs = {
        "new_courriers": (before.rhythm, after.rhythm),
        "muted_funds": (" ".join(before.muted_funds), " ".join(after.muted_funds)),
        "account_expiry": (before.account_expiry, after.account_expiry),
    }
    journal.record(
        viewer,
        journal.Event(
            "user.preferences_changed",
            establishment_id=home["establishment_id"] if home else None,
            subject=("User", user_id),
            changes={name: pair for name, pair in pairs.items() if pair[0] != pair[1]},
        ),
    )


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


async def change_by_address(signed: str, rhythm: str) -> Holder | None:
    """Change the rhythm without signing in. None where the address is nobody's."""
    async with db.transaction():
        holder = await read(signed)
        if holder is None or rhythm not in RHYTHMS:
            return None
        await _write(Viewer(), holder.user_id, rhythm, None, None)
    return Holder(holder.user_id, holder.establishment, rhythm)
