"""Passwords: judged by strength, hashed with Argon2id, set through a link that works once (R-ACC-03, R-ACC-15)."""

import asyncio
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import challenge, journal, notification, token, trusted_device
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Origin, Viewer

if TYPE_CHECKING:
    from datetime import datetime

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 256
MINIMUM_SCORE = 3
"""zxcvbn's scale: 3 is more than 10^8 guesses, "safely unguessable" against a throttled sign-in."""

RESETS_AN_HOUR = 5
"""Links asked for one account beyond which no more are sent within the hour."""

SAME_ANSWER = (
    "Si cet identifiant correspond à un compte, un message vient de lui être envoyé avec un lien pour choisir "
    "un nouveau mot de passe. Le lien est valable 2 heures. Pensez à regarder dans les courriers indésirables."
)

# Words of leaked French passwords, and of this platform, that zxcvbn's English lists do not hold.
_OVERUSED = (
    "motdepasse mdp azerty azertyuiop bonjour bienvenue soleil doudou loulou chouchou marseille france paris "
    "administrateur administration utilisateur identifiant connexion secret mairie commune employeur peps cnracl "
    "ircantec retraite cotisations courrier janvier fevrier mars avril mai juin juillet aout septembre octobre "
    "novembre decembre lundi mardi mercredi jeudi vendredi samedi dimanche printemps automne hiver vacances "
    "jetaime nicolas camille jesuis maison famille chocolat amour coucou"
).split()

# OWASP's second recommended set: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="argon2")


@cache
def _nobody() -> str:
    """A hash no password has: verified when there is no account, so that the answer takes as long."""
    return _hasher.hash(token.issue())


async def hash_password(password: str) -> str:
    """The Argon2id hash, computed in a thread. Never call it inside a transaction: it takes 40 ms."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def verify(password: str, password_hash: str | None) -> bool:
    """Whether a password is the one; as slow when there is no hash (R-ACC-14). Never inside a transaction."""

    def check() -> bool:
        try:
            return _hasher.verify(password_hash or _nobody(), password[:MAXIMUM_LENGTH]) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False

    return await asyncio.get_running_loop().run_in_executor(_threads, check)


def needs_rehash(password_hash: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def weakness(password: str, own_data: list[str]) -> UserError | None:
    """What is wrong with a password, or None (R-ACC-15). `own_data`: names, identifier, e-mail, establishment."""
    path = ("password",)
    if len(password) < MINIMUM_LENGTH:
        return UserError(
            ErrorCode.PASSWORD_TOO_SHORT, f"Le mot de passe doit compter au moins {MINIMUM_LENGTH} caractères.", path
        )
    if len(password) > MAXIMUM_LENGTH:
        return UserError(
            ErrorCode.INVALID_VALUE, f"Le mot de passe doit compter au plus {MAXIMUM_LENGTH} caractères.", path
        )
    folded = fold(password)
    pieces = {piece for text in own_data for piece in re.split(r"[\W_]+", fold(text))}
    if any(len(piece) >= 4 and piece in folded and len(folded) - len(piece) < 8 for piece in pieces):
        return UserError(
            ErrorCode.PASSWORD_PERSONAL,
            "Le mot de passe ne doit pas reprendre votre nom, votre identifiant, votre adresse ou votre établissement.",
            path,
        )
    # zxcvbn's time grows with the square of the length: beyond 72 characters the start decides.
    if zxcvbn(password[:72], user_inputs=[*own_data, *sorted(pieces), *_OVERUSED])["score"] < MINIMUM_SCORE:
        return UserError(
            ErrorCode.PASSWORD_TOO_WEAK,
            "Ce mot de passe est trop facile à deviner. Essayez une suite de quatre mots sans rapport entre eux.",
            path,
        )
    return None


@dataclass(frozen=True)
class PasswordLink:
    """What a link stands for, shown before its person types a password."""

    identifier: str
    establishment_name: str
    purpose: str
    expires_at: "datetime"


@dataclass(frozen=True)
class SetPassword:
    """The outcome: whose password was set, or why not."""

    identifier: str | None = None
    errors: tuple[UserError, ...] = ()


_LIVE_LINK = """
    SELECT l.id, l.purpose, l.expires_at, u.id AS user_id, u.identifier, u.first_name, u.last_name, u.email,
           u.password_hash, u.establishment_id, e.name AS establishment_name
    FROM links l
    JOIN users u ON u.id = l.user_id
    JOIN establishments e ON e.id = u.establishment_id
    WHERE l.token_hash = $1 AND l.purpose IN ('INVITATION', 'PASSWORD_RESET')
      AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > $2 AND u.deleted_at IS NULL
"""

_DEAD_LINK = UserError(
    ErrorCode.LINK_INVALID,
    "Ce lien n’est plus valable : il a déjà servi, ou il a dépassé sa durée. Demandez-en un nouveau avec "
    "« Mot de passe oublié », ou à un administrateur de votre établissement s’il s’agit d’une invitation.",
    ("token",),
)


async def link(secret: str) -> PasswordLink | None:
    """What a live link stands for; None for one used, replaced, too old or made up."""
    now = int(clock.to_microseconds(clock.now()))
    found = await db.row(_LIVE_LINK, [token.fingerprint(secret), now])
    if found is None:
        return None
    return PasswordLink(
        found["identifier"],
        found["establishment_name"],
        found["purpose"],
        clock.from_microseconds(found["expires_at"]),
    )


async def set_password(secret: str, password: str, origin: Origin) -> SetPassword:
    """Choose a password with the secret of an invitation or of a reset (R-ACC-03, R-ACC-15).

    The link works once; every session of the account ends; the account is unlocked (R-ACC-14); its owner is told.
    """
    now = int(clock.to_microseconds(clock.now()))
    found = await db.row(_LIVE_LINK, [token.fingerprint(secret), now])
    if found is None:
        return SetPassword(errors=(_DEAD_LINK,))
    own_data = [found[name] for name in ("identifier", "first_name", "last_name", "email", "establishment_name")]
    weak = weakness(password, own_data)
    if weak is not None:
        return SetPassword(errors=(weak,))
    password_hash = await hash_password(password)
    viewer = Viewer(user_id=found["user_id"], establishment_id=found["establishment_id"], origin=origin)
    async with db.transaction():
        await db.hold("users", found["user_id"])  # first, like whoever ends an account's links and sessions
        used = await db.execute(
            "UPDATE links SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND revoked_at IS NULL", [now, found["id"]]
        )
        if used == 0:  # somebody was quicker with the same link
            return SetPassword(errors=(_DEAD_LINK,))
        await db.execute(
            "UPDATE links SET revoked_at = $1 WHERE user_id = $2 AND used_at IS NULL AND revoked_at IS NULL "
            "AND purpose IN ('INVITATION', 'PASSWORD_RESET')",
            [now, found["user_id"]],
        )
        await db.execute(
            "UPDATE users SET in_use_since = CASE WHEN password_hash IS NULL THEN CAST($3 AS BIGINT) "
            "ELSE in_use_since END, password_hash = $1, failed_sign_ins = 0, locked_at = NULL WHERE id = $2",
            [password_hash, found["user_id"], now],
        )
        await db.execute(
            "UPDATE sessions SET ended_at = $1 WHERE user_id = $2 AND ended_at IS NULL", [now, found["user_id"]]
        )
        await trusted_device.forget_all(found["user_id"])  # R-ACC-16
        await challenge.forget_all(found["user_id"])
        if found["password_hash"] is not None:
            await notification.queue(
                notification.Message(
                    kind="SECURITY_ALERT",
                    rule="R-ACC-15",
                    template="password_changed",
                    recipient=found["email"],
                    user_id=found["user_id"],
                    establishment_id=found["establishment_id"],
                    values={"first_name": found["first_name"], "last_name": found["last_name"]},
                )
            )
        journal.record(
            viewer,
            journal.Event(
                "password.set",
                establishment_id=found["establishment_id"],
                subject=("User", found["user_id"]),
                facts={"purpose": found["purpose"]},
            ),
        )
    return SetPassword(identifier=found["identifier"])


_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~!$'()*,;:@/?%+&=-]{0,1500}")
"""A path of ours, never another site."""


async def request_reset(identifier: str, origin: Origin, return_to: str | None = None) -> str:
    """Send a link to whoever forgot their password. The same answer in all cases (R-ACC-15): its text.

    `return_to` is where they were going: the link takes it along, so that they arrive there once signed in.
    """
    onward = f"&suite={quote(return_to, safe='')}" if return_to and _PATH.fullmatch(return_to) else ""
    now = clock.now()
    found = await db.row(
        "SELECT u.id, u.first_name, u.last_name, u.email, u.establishment_id, e.name AS establishment_name "
        "FROM users u JOIN establishments e ON e.id = u.establishment_id "
        "WHERE u.identifier = $1 AND u.deleted_at IS NULL",
        [identifier.strip().lower()],
    )
    values = {
        "first_name": found["first_name"] if found else "Personne",
        "last_name": found["last_name"] if found else "Inconnue",
        "establishment": found["establishment_name"] if found else "Aucun établissement",
    }
    async with db.transaction():
        # The same statements and the same rendering for nobody's identifier: answers must take as long (R-ACC-14).
        held = await _held(found["id"] if found else 0)
        recent = await _recent_resets(found["id"] if found else 0)
        if found is not None and held and recent < RESETS_AN_HOUR:
            secret = await issue_link(found["id"], "PASSWORD_RESET")
            await notification.queue(
                notification.Message(
                    kind="PASSWORD_RESET",
                    rule="R-ACC-15",
                    template="password_reset",
                    recipient=found["email"],
                    user_id=found["id"],
                    establishment_id=found["establishment_id"],
                    values={**values, "link": f"{settings.current().address}/mot-de-passe?jeton={secret}{onward}"},
                )
            )
        else:
            notification.render("password_reset", {**values, "link": token.issue()})
        journal.record(
            Viewer(origin=origin),
            journal.Event(
                "password.reset_requested",
                establishment_id=found["establishment_id"] if found else None,
                subject=("User", found["id"]) if found else None,
                facts={"at": now.isoformat()},
            ),
        )
    return SAME_ANSWER


async def _held(user_id: int) -> bool:
    """Have whoever asks for the same account at the same time wait; False if it was deleted meanwhile."""
    held = await db.execute(
        "UPDATE users SET failed_sign_ins = failed_sign_ins WHERE id = $1 AND deleted_at IS NULL", [user_id]
    )
    return held == 1


async def _recent_resets(user_id: int) -> int:
    an_hour_ago = int(clock.to_microseconds(clock.now())) - 3_600_000_000
    found = await db.row(
        "SELECT count(*) AS n FROM links WHERE user_id = $1 AND purpose = 'PASSWORD_RESET' AND created_at > $2",
        [user_id, an_hour_ago],
    )
    return int(found["n"]) if found else 0


async def issue_link(user_id: int, purpose: str) -> str:
    """A new link for an account, the earlier ones of the same purpose being dead from now on (R-ACC-03).

    Returns the secret, to be written in the e-mail and nowhere else. Inside a transaction.
    """
    return (await issue_links([user_id], purpose))[user_id]


async def issue_links(user_ids: Sequence[int], purpose: str) -> dict[int, str]:
    """The same for many accounts: each one's secret."""
    durations = settings.current().durations
    length = durations.invitation_link if purpose == "INVITATION" else durations.reset_link
    now = clock.now()
    instant, until = int(clock.to_microseconds(now)), int(clock.to_microseconds(now + length))
    sql = Sql("UPDATE links SET")
    sql.add(f"revoked_at = {sql.bind(instant)} WHERE purpose = {sql.bind(purpose)}")
    sql.add(f"AND user_id IN ({sql.bind_all(list(user_ids))}) AND used_at IS NULL AND revoked_at IS NULL")
    await db.execute(sql)
    secrets = {one: token.issue() for one in user_ids}
    await db.insert_many(
        "links",
        ("token_hash", "purpose", "user_id", "created_at", "expires_at"),
        [(token.fingerprint(secret), purpose, one, instant, until) for one, secret in secrets.items()],
    )
    return secrets
