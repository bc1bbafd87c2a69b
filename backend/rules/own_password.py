"""Proving again, by the password, that it is oneself who acts in one's session (R-ACC-14, R-ACC-16).

A wrong one counts towards the lock, like a failed sign-in: a session left open does not serve to try passwords.
"""

from backend import clock, settings
from backend import database as db
from backend.rules import journal, password, session
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer


async def is_recent(viewer: Viewer) -> bool:
    """Whether the session one is using was opened in the last 15 minutes: its password was given just now."""
    since = int(clock.to_microseconds(clock.now() - settings.current().durations.confirmed))
    found = await db.row(
        "SELECT id FROM sessions WHERE id = $1 AND user_id = $2 AND created_at > $3",
        [viewer.session_id, viewer.user_id, since],
    )
    return found is not None


async def judge(viewer: Viewer, found: db.Row, given: str | None, what_for: str, path: str) -> UserError | None:
    """What is wrong with the password given: by `found`, one's account as it was read. None if it is the one.

    Outside any transaction: verifying takes long. Whoever goes on checks that `password_hash` is the same still.
    """
    if given is None:
        return UserError(
            ErrorCode.PASSWORD_NEEDED, "Pour confirmer que c’est bien vous, donnez votre mot de passe.", (path,)
        )
    if await password.verify(given, found["password_hash"]):
        return None
    async with db.transaction():
        locked_at = await session.count_failure(found["id"])
        if locked_at is not None:
            await session.tell_locked(found)
        event = journal.Event(
            "password.refused",
            establishment_id=found["establishment_id"],
            subject=("User", found["id"]),
            changes=session.locking(locked_at),
            facts={"why": "password" if locked_at is None else "locked", "for": what_for},
        )
        journal.record(viewer, event)
    if locked_at is None:
        return incorrect(path)
    minutes = int(settings.current().durations.lock.total_seconds() // 60)
    message = f"Trop d’essais : votre compte est bloqué {minutes} minutes et vos connexions sont fermées."
    return UserError(ErrorCode.ACCOUNT_LOCKED, message, (path,))


def incorrect(path: str) -> UserError:
    """It is not the password, or not any more."""
    tries = settings.current().failed_sign_ins
    message = f"Ce n’est pas votre mot de passe actuel. Après {tries} essais, le compte est bloqué."
    return UserError(ErrorCode.WRONG_PASSWORD, message, (path,))
