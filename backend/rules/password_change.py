"""Changing one's own password, with the one in use (R-ACC-14, R-ACC-15)."""

from dataclasses import replace

from backend import clock
from backend import database as db
from backend.rules import access, challenge, journal, notification, own_password, password, trusted_device
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer


async def change(viewer: Viewer, current: str, new: str) -> list[UserError]:
    """Choose another password. A wrong one counts towards the lock, like a failed sign-in; the other sessions end.

    The one in use goes on; reset links die; the owner is told.
    """
    found = await db.row(
        "SELECT u.id, u.establishment_id, u.identifier, u.first_name, u.last_name, u.email, u.password_hash, "
        "e.name AS establishment_name FROM users u JOIN establishments e ON e.id = u.establishment_id "
        "WHERE u.id = $1 AND u.deleted_at IS NULL AND u.password_hash IS NOT NULL",
        [viewer.user_id],
    )
    if found is None:
        return [UserError(ErrorCode.NOT_ALLOWED, "Seule une personne connectée a un mot de passe à changer.")]
    wrong = await own_password.judge(viewer, found, current, "change", "currentPassword")
    if wrong is not None:
        return [wrong]
    own_data = [found[name] for name in ("identifier", "first_name", "last_name", "email", "establishment_name")]
    weak = password.weakness(new, own_data)
    if weak is not None:
        return [replace(weak, path=("newPassword",))]
    if new == current:
        message = "Le nouveau mot de passe doit être différent de celui d’aujourd’hui."
        return [UserError(ErrorCode.INVALID_VALUE, message, ("newPassword",))]
    password_hash = await password.hash_password(new)
    now = int(clock.to_microseconds(clock.now()))
    async with db.transaction():
        # The account may have been deleted, locked or given another password since it was read.
        changed = await db.execute(
            "UPDATE users SET password_hash = $1, failed_sign_ins = 0, locked_at = NULL WHERE id = $2 "
            "AND deleted_at IS NULL AND password_hash = $3 AND (locked_at IS NULL OR locked_at <= $4) "
            "AND expires_on >= $5",
            [password_hash, found["id"], found["password_hash"], access.unlocked_before(), clock.today().isoformat()],
        )
        if changed == 0:
            return [own_password.incorrect("currentPassword")]
        await db.execute(
            "UPDATE sessions SET ended_at = $1 WHERE user_id = $2 AND ended_at IS NULL AND id <> $3",
            [now, found["id"], viewer.session_id or 0],
        )
        await db.execute(
            "UPDATE links SET revoked_at = $1 WHERE user_id = $2 AND purpose = 'PASSWORD_RESET' "
            "AND used_at IS NULL AND revoked_at IS NULL",
            [now, found["id"]],
        )
        await trusted_device.forget_all(found["id"])  # R-ACC-16
        await challenge.forget_all(found["id"])
        await notification.queue(
            notification.Message(
                kind="SECURITY_ALERT",
                rule="R-ACC-15",
                template="password_changed",
                recipient=found["email"],
                user_id=found["id"],
                establishment_id=found["establishment_id"],
                values={"first_name": found["first_name"], "last_name": found["last_name"], "others_only": True},
            )
        )
        event = journal.Event(
            "password.changed",
            establishment_id=found["establishment_id"],
            subject=("User", found["id"]),
            facts={"kept_session": viewer.session_id},
        )
        journal.record(viewer, event)
    return []
