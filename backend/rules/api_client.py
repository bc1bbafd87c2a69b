"""API clients: programs that operators give a token to, and take it back from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tortoise.exceptions import IntegrityError

from backend import clock
from backend import database as db
from backend.rules import access, journal, token
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

SCOPES = (access.DEPOSIT_COURRIERS, access.MANAGE_ESTABLISHMENTS, "READ_STATISTICS")
"""What a program may be allowed."""

LONGEST = 365
"""Days for which a token may be given at most."""


@dataclass(frozen=True)
class Created:
    """The program and its secret, which nobody sees again; or why there is none."""

    api_client_id: int | None = None
    secret: str | None = None
    errors: tuple[UserError, ...] = ()


async def create(viewer: Viewer, name: str, scopes: Sequence[str], expires_on: date) -> Created:
    """Give a program a token. Operators only. The token itself is kept nowhere: its fingerprint is."""
    name = " ".join(name.split())
    wrong = _wrong(name, scopes, expires_on)
    secret = token.issue()
    try:
        async with db.transaction():
            if not await access.still_operates(viewer):
                return Created(errors=(_not_allowed(),))
            if wrong is not None:
                return Created(errors=(wrong,))
            made = await db.rows(
                "INSERT INTO api_clients (name, token_hash, scopes, created_at, expires_on) "
                "VALUES ($1, $2, $3, $4, $5) RETURNING id",
                [
                    name,
                    token.fingerprint(secret),
                    " ".join(sorted(set(scopes))),
                    int(clock.to_microseconds(clock.now())),
                    expires_on.isoformat(),
                ],
            )
            facts = {"name": name, "scopes": sorted(set(scopes)), "expires_on": expires_on.isoformat()}
            subject = ("ApiClient", int(made[0]["id"]))
            journal.record(viewer, journal.Event("api_client.created", subject=subject, facts=facts))
    except IntegrityError:
        message = f"Un client technique s’appelle déjà « {name} » : donnez-lui un autre nom."
        return Created(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("name",)),))
    return Created(made[0]["id"], secret)


def _wrong(name: str, scopes: Sequence[str], expires_on: date) -> UserError | None:
    if not (1 <= len(name) <= 100 and name.isprintable()):
        return UserError(ErrorCode.INVALID_VALUE, "Le nom du client compte de 1 à 100 caractères.", ("name",))
    if not scopes or set(scopes) - set(SCOPES):
        return UserError(ErrorCode.INVALID_VALUE, "Dites ce que ce client peut faire.", ("scopes",))
    if not 0 <= (expires_on - clock.today()).days <= LONGEST:
        message = f"Le jeton vaut jusqu’à un jour à venir, dans {LONGEST} jours au plus."
        return UserError(ErrorCode.INVALID_VALUE, message, ("expiresOn",))
    return None


def _not_allowed() -> UserError:
    return UserError(ErrorCode.NOT_ALLOWED, "Seuls les gestionnaires donnent et retirent des jetons.")


async def revoke(viewer: Viewer, api_client_id: int) -> tuple[UserError, ...]:
    """Take a token back: it serves nothing from the next request on, nor in one that is under way. Operators only."""
    async with db.transaction():
        if not await access.still_operates(viewer):
            return (_not_allowed(),)
        await db.hold("api_clients", api_client_id)
        found = await db.row("SELECT name, revoked_at FROM api_clients WHERE id = $1", [api_client_id])
        if found is None:
            return (UserError(ErrorCode.NOT_FOUND, "Ce client technique n’existe pas.", ("id",)),)
        if found["revoked_at"] is None:
            await db.execute(
                "UPDATE api_clients SET revoked_at = $1 WHERE id = $2",
                [int(clock.to_microseconds(clock.now())), api_client_id],
            )
            subject = ("ApiClient", api_client_id)
            journal.record(viewer, journal.Event("api_client.revoked", subject=subject, facts={"name": found["name"]}))
    return ()
