"""Devices on which the second factor is not asked again for 7 days (R-ACC-16).

The device carries a secret of its own for each account; trust dies with the factor and with the password.
"""

from collections.abc import Sequence

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, journal, token
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Origin, Viewer


async def trust(user_id: int, origin: Origin) -> str:
    """Trust the device that a request comes from: the secret it will carry. Inside a transaction."""
    secret = token.issue()
    now = clock.now()
    await db.execute(
        "INSERT INTO trusted_devices (user_id, token_hash, user_agent, trusted_at, expires_at) "
        "VALUES ($1, $2, $3, $4, $5)",
        [
            user_id,
            token.fingerprint(secret),
            (origin.user_agent or "")[:300] or None,
            int(clock.to_microseconds(now)),
            int(clock.to_microseconds(now + settings.current().durations.trusted_device)),
        ],
    )
    return secret


async def trusted_at(user_id: int, secrets: Sequence[str]) -> int | None:
    """When the second factor was given on the device that carries these secrets; None if it is not trusted now."""
    sql = Sql("SELECT max(d.trusted_at) AS at FROM trusted_devices d")
    sql.add(f"WHERE d.user_id = {sql.bind(user_id)}")
    sql.add(f"AND d.expires_at > {sql.bind(int(clock.to_microseconds(clock.now())))}")
    sql.add(f"AND d.token_hash IN ({sql.bind_all([token.fingerprint(one) for one in secrets])})")
    found = await db.row(sql)
    return found["at"] if found else None


async def forget_all(user_id: int) -> None:
    """No device of an account is trusted any more. Inside a transaction."""
    await db.execute("DELETE FROM trusted_devices WHERE user_id = $1", [user_id])


async def forget(viewer: Viewer, device_id: int | None) -> list[UserError]:
    """Trust one of one's devices no more, or none of them; by who can sign in at this instant (R-ACC-11)."""
    if viewer.user_id is None:
        return [UserError(ErrorCode.NOT_ALLOWED, "Seule une personne a des appareils de confiance.", ("id",))]
    sql = Sql("DELETE FROM trusted_devices")
    sql.add(f"WHERE user_id = {sql.bind(viewer.user_id)}")
    sql.add(f"AND EXISTS (SELECT 1 FROM users u WHERE u.id = user_id AND {access.can_sign_in(sql, 'u')})")
    if device_id is not None:
        sql.add(f"AND id = {sql.bind(device_id)}")
    async with db.transaction():
        forgotten = await db.execute(sql)
        if device_id is not None and not forgotten:
            message = "Cet appareil n’est pas de ceux auxquels vous faites confiance, ou ne l’est plus."
            return [UserError(ErrorCode.NOT_FOUND, message, ("id",))]
        if forgotten:
            journal.record(
                viewer,
                journal.Event(
                    "device.forgotten",
                    establishment_id=viewer.establishment_id,
                    subject=("User", viewer.user_id),
                    facts={"devices": forgotten},
                ),
            )
    return []
