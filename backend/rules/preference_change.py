"""Changing what one is told, signed in or by the signed address of an e-mail (R-COU-10)."""

from collections.abc import Sequence

from backend import clock
from backend import database as db
from backend.rules import digest, journal, preference
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer


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
    before = await preference.of(user_id)
    after = preference.Preferences(
        rhythm or before.rhythm,
        before.muted_funds if muted is None else muted,
        before.account_expiry if expiry is None else expiry,
    )
    if after == before:
        return
    # A digest begins with the letters that come from now on: those before were told of as was preferred then.
    begins = int(clock.to_microseconds(clock.now()))
    if after.rhythm == preference.IMMEDIATE:  # what the next digest would have told of, nothing else would
        await digest.send_last(user_id)
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


async def change_by_address(signed: str, rhythm: str) -> preference.Holder | None:
    """Change the rhythm without signing in. None where the address is nobody's."""
    async with db.transaction():
        holder = await preference.read(signed)
        if holder is None or rhythm not in preference.RHYTHMS:
            return None
        await _write(Viewer(), holder.user_id, rhythm, None, None)
    return preference.Holder(holder.user_id, holder.establishment, rhythm)
