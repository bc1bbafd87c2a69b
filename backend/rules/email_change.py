"""A new e-mail address: used only once confirmed from there; the old one is told (R-ACC-07)."""

from dataclasses import dataclass
from datetime import datetime

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import journal, notification, token, user
from backend.rules.error import ErrorCode, UserError
from backend.rules.resemblance import Identity
from backend.rules.viewer import Origin, Viewer

REQUESTS_AN_HOUR = 5
"""Confirmations asked for one account beyond which no more are sent within the hour."""

PURPOSE = "EMAIL_CONFIRMATION"


@dataclass(frozen=True)
class Account:
    """An account whose details are changed, as it is."""

    row: db.Row

    @property
    def id(self) -> int:
        """Its number."""
        return int(self.row["id"])

    @property
    def establishment_id(self) -> int:
        """Its establishment's."""
        return int(self.row["establishment_id"])

    @property
    def identity(self) -> Identity:
        """What says whose it is."""
        return Identity(self.row["first_name"], self.row["last_name"], self.row["email"])

    @property
    def pending_email(self) -> str | None:
        """The address that waits to be confirmed."""
        waiting: str | None = self.row["pending_email"]
        return waiting

    @property
    def is_untouched(self) -> bool:
        """Nobody has ever signed in: there is nothing to take over, and a wrong address must be correctable."""
        return bool(self.row["is_untouched"])


async def account(user_id: int) -> Account | None:
    """An account that is not deleted, with what its details need."""
    found = await db.row(
        "SELECT u.id, u.establishment_id, u.identifier, u.civility, u.first_name, u.last_name, u.email, u.phone, "
        "u.is_administrator, u.expires_on, (u.password_hash IS NULL AND u.last_login_at IS NULL) AS is_untouched, "
        "e.name AS establishment, (SELECT l.new_email FROM links l WHERE l.user_id = u.id "
        "AND l.purpose = 'EMAIL_CONFIRMATION' AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $2 "
        "ORDER BY l.id DESC LIMIT 1) AS pending_email "
        "FROM users u JOIN establishments e ON e.id = u.establishment_id WHERE u.id = $1 AND u.deleted_at IS NULL",
        [user_id, int(clock.to_microseconds(clock.now()))],
    )
    return Account(found) if found else None


async def changed_by(viewer: Viewer) -> str:
    """The name of whoever changes something, as an e-mail gives it."""
    found = await db.row("SELECT first_name, last_name FROM users WHERE id = $1", [viewer.user_id])
    return f"{found['first_name']} {found['last_name']}" if found else "La plateforme"


# ---------------------------------------------------------------- asking


async def refused(of: Account, new_email: str) -> UserError | None:
    """Why an address cannot be asked for: another account of the establishment has it (R-ACC-01), or too many asked."""
    if await _is_taken(of.establishment_id, of.id, new_email):
        return _taken()
    an_hour_ago = int(clock.to_microseconds(clock.now())) - 3_600_000_000
    recent = await db.row(
        "SELECT count(*) AS n FROM links WHERE user_id = $1 AND purpose IN ('EMAIL_CONFIRMATION', 'INVITATION') "
        "AND created_at > $2",
        [of.id, an_hour_ago],
    )
    if recent and recent["n"] >= REQUESTS_AN_HOUR:
        message = "Trop de messages ont été envoyés pour ce compte depuis une heure. Réessayez dans une heure."
        return UserError(ErrorCode.TRY_LATER, message, ("email",))
    return None


async def request(viewer: Viewer, of: Account, given: user.NewUser) -> None:
    """Send the new address a link that confirms it, and tell the old one; an earlier link dies. In a transaction that
    holds the establishment's accounts. Where nobody ever signed in, the address is corrected at once and invited.
    """
    if of.is_untouched:
        await _correct(viewer, of, given)
        return
    await _revoke(of.id, [PURPOSE])
    now = clock.now()
    until = now + settings.current().durations.email_link
    secret = token.issue()
    await db.insert_many(
        "links",
        ("token_hash", "purpose", "user_id", "new_email", "created_at", "expires_at"),
        [
            (
                token.fingerprint(secret),
                PURPOSE,
                of.id,
                given.email,
                int(clock.to_microseconds(now)),
                int(clock.to_microseconds(until)),
            )
        ],
    )
    values = {
        "first_name": given.first_name,
        "last_name": given.last_name,
        "establishment": of.row["establishment"],
        "new_email": given.email,
        "until": clock.french_date(clock.paris_date(until)),
        "asked_by": None if viewer.user_id == of.id else await changed_by(viewer),
        "link": f"{settings.current().address}/adresse?jeton={secret}",
    }
    await notification.queue(_message(of, "EMAIL_CONFIRMATION", "email_confirmation", given.email, values))
    await notification.queue(_message(of, "SECURITY_ALERT", "email_requested", of.identity.email, values))
    _record(viewer, of, "user.email_requested", facts={"new_email": given.email})


async def cancel(viewer: Viewer, of: Account) -> None:
    """Give up an address that waits to be confirmed: its link dies. In a transaction."""
    await _revoke(of.id, [PURPOSE])
    _record(viewer, of, "user.email_cancelled", facts={"new_email": of.pending_email})


async def _correct(viewer: Viewer, of: Account, given: user.NewUser) -> None:
    await _write(of, given.first_name, given.last_name, given.email)
    _record(viewer, of, "user.email_changed", changes={"email": (of.identity.email, given.email)})
    values = {"establishment": of.row["establishment"]}
    await notification.queue(_message(of, "SECURITY_ALERT", "invitation_withdrawn", of.identity.email, values))
    if of.row["expires_on"] >= clock.today().isoformat():
        await user.invite(viewer, [of.id])


# ---------------------------------------------------------------- confirming


@dataclass(frozen=True)
class EmailLink:
    """What a link stands for, shown before its person confirms. No identifier: a stranger may read a wrong address."""

    new_email: str
    establishment_name: str
    expires_at: datetime


@dataclass(frozen=True)
class Confirmed:
    """The outcome: the address now in use, or why not."""

    email: str | None = None
    errors: tuple[UserError, ...] = ()


_LIVE_LINK = """
    SELECT l.id, l.new_email, l.expires_at, l.user_id, u.establishment_id, e.name AS establishment_name
    FROM links l
    JOIN users u ON u.id = l.user_id
    JOIN establishments e ON e.id = u.establishment_id
    WHERE l.token_hash = $1 AND l.purpose = 'EMAIL_CONFIRMATION'
      AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $2 AND u.deleted_at IS NULL
"""

_DEAD_LINK = UserError(
    ErrorCode.LINK_INVALID,
    "Ce lien n’est plus valable : il a déjà servi, il a été remplacé ou annulé, ou il a dépassé sa durée. "
    "Demandez-en un nouveau depuis « Mes informations ».",
    ("token",),
)


async def _live_link(secret: str) -> db.Row | None:
    return await db.row(_LIVE_LINK, [token.fingerprint(secret), int(clock.to_microseconds(clock.now()))])


async def link(secret: str) -> EmailLink | None:
    """What a live link stands for; None for one used, replaced, cancelled, too old or made up."""
    found = await _live_link(secret)
    if found is None:
        return None
    return EmailLink(found["new_email"], found["establishment_name"], clock.from_microseconds(found["expires_at"]))


async def confirm(secret: str, origin: Origin) -> Confirmed:
    """Put a new address in use, from there: it becomes the account's; links sent to the old one die; both are told.

    Whoever holds the link needs no session. The address is judged again: another account may have taken it since.
    """
    async with db.transaction():
        found = await _live_link(secret)
        if found is None:
            return Confirmed(errors=(_DEAD_LINK,))
        await db.hold("establishments", found["establishment_id"])
        of = await account(found["user_id"])
        if of is None or await _live_link(secret) is None:  # deleted, cancelled or confirmed while we waited
            return Confirmed(errors=(_DEAD_LINK,))
        new_email = found["new_email"]
        if await _is_taken(of.establishment_id, of.id, new_email):
            return Confirmed(errors=(_taken("token"),))
        now = int(clock.to_microseconds(clock.now()))
        await db.execute("UPDATE links SET used_at = $1 WHERE id = $2", [now, found["id"]])
        await _write(of, of.identity.first_name, of.identity.last_name, new_email)
        values = {
            "first_name": of.identity.first_name,
            "last_name": of.identity.last_name,
            "establishment": of.row["establishment"],
            "old_email": of.identity.email,
            "new_email": new_email,
        }
        for recipient in (of.identity.email, new_email):
            told = {**values, "is_new": recipient == new_email}
            await notification.queue(_message(of, "SECURITY_ALERT", "email_changed", recipient, told))
        viewer = Viewer(user_id=of.id, establishment_id=of.establishment_id, origin=origin)
        _record(viewer, of, "user.email_changed", changes={"email": (of.identity.email, new_email)})
    return Confirmed(email=new_email)


# ---------------------------------------------------------------- common


async def _write(of: Account, first_name: str, last_name: str, new_email: str) -> None:
    """The account's address from now on; the links that the old one received die."""
    await db.execute(
        "UPDATE users SET email = $1, email_key = $2, search_text = $3 WHERE id = $4",
        [
            new_email,
            new_email.casefold(),
            fold(f"{first_name} {last_name} {new_email} {of.row['identifier']}"),
            of.id,
        ],
    )
    await _revoke(of.id, ["PASSWORD_RESET", "INVITATION", PURPOSE])


async def _revoke(user_id: int, purposes: list[str]) -> None:
    sql = Sql("UPDATE links SET")
    sql.add(f"revoked_at = {sql.bind(int(clock.to_microseconds(clock.now())))} WHERE user_id = {sql.bind(user_id)}")
    sql.add(f"AND purpose IN ({sql.bind_all(purposes)}) AND used_at IS NULL AND revoked_at IS NULL")
    await db.execute(sql)


async def _is_taken(establishment_id: int, user_id: int, email: str) -> bool:
    found = await db.row(
        "SELECT id FROM users WHERE establishment_id = $1 AND email_key = $2 AND deleted_at IS NULL AND id <> $3",
        [establishment_id, email.casefold(), user_id],
    )
    return found is not None


def _taken(path: str = "email") -> UserError:
    message = "Un compte de l’établissement a déjà cette adresse : un compte est personnel, et chacun a la sienne."
    return UserError(ErrorCode.EMAIL_TAKEN, message, (path,))


def _message(of: Account, kind: str, template: str, recipient: str, values: dict[str, object]) -> notification.Message:
    return notification.Message(
        kind=kind,
        rule="R-ACC-07",
        template=template,
        recipient=recipient,
        user_id=of.id,
        establishment_id=of.establishment_id,
        values=values,
    )


def _record(
    viewer: Viewer,
    of: Account,
    action: str,
    changes: dict[str, tuple[object, object]] | None = None,
    facts: dict[str, object] | None = None,
) -> None:
    journal.record(
        viewer,
        journal.Event(
            action,
            establishment_id=of.establishment_id,
            subject=("User", of.id),
            changes=changes or {},
            facts=facts or {},
        ),
    )
