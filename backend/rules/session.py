"""Sessions: signing in and out, being recognised, acting for another establishment."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, address, journal, notification, password, token, trusted_device
from backend.rules import challenge as challenges
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Origin, Viewer

COOKIE = "COOKIE"
TOKEN = "TOKEN"  # noqa: S105

TRUSTED_DEVICE = "TRUSTED_DEVICE"

_SEEN_EVERY = 60_000_000
"""Microseconds: a session's last use is written at most once a minute, not at each request."""


@dataclass(frozen=True)
class LogIn:
    """The outcome of a sign-in: a secret to carry, a second factor to give, or why not and whom to ask."""

    secret: str | None = None
    viewer: Viewer | None = None
    challenge: challenges.Challenge | None = None
    device: str | None = None
    ask_whom: tuple[str, ...] = ()
    errors: tuple[UserError, ...] = ()


def refused() -> LogIn:
    """The same words whether the account does not exist, the password is wrong, or something changed meanwhile."""
    tries = settings.current().failed_sign_ins
    minutes = int(settings.current().durations.lock.total_seconds() // 60)
    return LogIn(
        errors=(
            UserError(
                ErrorCode.BAD_CREDENTIALS,
                f"Identifiant ou mot de passe incorrect. Après {tries} essais, le compte est bloqué {minutes} minutes.",
                ("password",),
            ),
        )
    )


def locked() -> LogIn:
    """Too many failures: what can be done."""
    minutes = int(settings.current().durations.lock.total_seconds() // 60)
    return LogIn(
        errors=(
            UserError(
                ErrorCode.ACCOUNT_LOCKED,
                f"Trop d’essais : la connexion avec cet identifiant est bloquée pendant {minutes} minutes. Vous pouvez "
                "attendre, choisir un nouveau mot de passe avec « Mot de passe oublié », ou demander à un "
                "administrateur de votre établissement de débloquer votre compte. Si cet identifiant est celui d’un "
                "compte, les noms de ceux qui peuvent le faire viennent d’être envoyés à l’adresse de ce compte.",
                ("identifier",),
            ),
        )
    )


async def log_in(identifier: str, given: str, transport: str, origin: Origin, devices: Sequence[str] = ()) -> LogIn:
    """Sign in with an identifier and a password (R-ACC-08, 11, 14); the second factor is then asked for, unless one
    of `devices`, the secrets of trusted devices that the client carries, is this account's (R-ACC-16).

    Answers never tell whether the account exists, and take as long: an unknown identifier is verified, counted and
    locked like a real one. An expired account is told apart only once the password was right.
    """
    identifier = identifier.strip().lower()[:200]
    unlocked_before = access.unlocked_before()
    found = await db.row(
        "SELECT id, establishment_id, password_hash, expires_on, failed_sign_ins, locked_at, "
        f"{access.has_second_factor('users')} AS has_second_factor FROM users "
        "WHERE identifier = $1 AND deleted_at IS NULL",
        [identifier],
    )
    stranger = _pseudonym(identifier)
    unknown = await db.row(  # looked up in any case, so that the answer takes as long
        "SELECT failed_sign_ins, locked_at FROM stranger_sign_ins WHERE identifier_hash = $1", [stranger]
    )
    counted = found or unknown
    if counted and counted["locked_at"] is not None and counted["locked_at"] > unlocked_before:
        await _refuse(found, origin, "locked")
        return locked()
    right = await password.verify(given, found["password_hash"] if found else None)
    if not right or found is None:
        locked_now = await _count_failure(found, stranger, origin, unlocked_before)
        return locked() if locked_now else refused()
    if found["expires_on"] < clock.today().isoformat():
        await _refuse(found, origin, "expired")
        return await _expired(found)
    rehashed = await password.hash_password(given) if password.needs_rehash(found["password_hash"]) else None
    trusted_at = None
    if found["has_second_factor"]:
        trusted_at = await trusted_device.trusted_at(found["id"], devices)
        if trusted_at is None:
            return await _challenge(found, origin, rehashed)
    async with db.transaction():
        proof = {"by": TRUSTED_DEVICE} if trusted_at is not None else {}
        secret = await open_for(found, transport, origin, rehashed=rehashed, second_factor_at=trusted_at, proof=proof)
    return LogIn(secret=secret, viewer=await authenticate(secret, origin)) if secret else refused()


async def _challenge(found: db.Row, origin: Origin, rehashed: str | None) -> LogIn:
    """The password was right: ask for the second factor. Failures count until it is given (R-ACC-14, 16)."""
    async with db.transaction():
        # The account may have been deleted, locked or given another password since it was read.
        held = await db.execute(
            "UPDATE users SET password_hash = COALESCE($1, password_hash) WHERE id = $2 AND deleted_at IS NULL "
            "AND password_hash = $3 AND (locked_at IS NULL OR locked_at <= $4)",
            [rehashed, found["id"], found["password_hash"], access.unlocked_before()],
        )
        if held == 0:
            _note_refusal(found, origin, "changed meanwhile")
            return refused()
        return LogIn(challenge=await challenges.issue(found["id"], challenges.SIGN_IN))


async def open_for(
    found: db.Row,
    transport: str,
    origin: Origin,
    *,
    rehashed: str | None = None,
    second_factor_at: int | None = None,
    proof: Mapping[str, Any] | None = None,
) -> str | None:
    """Open a session for an account (its id, establishment_id and password_hash): the secret to carry, or None if it
    changed since it was read. `proof` is what the journal tells of the second factor. Inside a transaction.
    """
    secret = token.issue()
    lengths = settings.current().durations
    now = clock.now()
    until = now + (lengths.token_idle if transport == TOKEN else lengths.session_length)
    if second_factor_at is not None:  # it is asked again every 7 days (R-ACC-16)
        until = min(until, clock.from_microseconds(second_factor_at) + lengths.trusted_device)
    moment = int(clock.to_microseconds(now))
    viewer = Viewer(user_id=found["id"], establishment_id=found["establishment_id"], origin=origin)
    # The account may have been deleted, locked or given another password since it was read.
    moved = await db.execute(
        "UPDATE users SET last_login_at = $1, expires_on = $2, failed_sign_ins = 0, locked_at = NULL, "
        "password_hash = COALESCE($3, password_hash) "
        "WHERE id = $4 AND deleted_at IS NULL AND password_hash = $5 "
        "AND (locked_at IS NULL OR locked_at <= $6)",
        [
            moment,
            expiry(now.astimezone(clock.PARIS).date()),
            rehashed,
            found["id"],
            found["password_hash"],
            access.unlocked_before(),
        ],
    )
    if moved == 0:
        _note_refusal(found, origin, "changed meanwhile")
        return None
    inserted = await db.rows(
        "INSERT INTO sessions (token_hash, transport, user_id, created_at, last_seen_at, expires_at, "
        "second_factor_at, user_agent, address) VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8) RETURNING id",
        [
            token.fingerprint(secret),
            transport,
            found["id"],
            moment,
            int(clock.to_microseconds(until)),
            second_factor_at,
            (origin.user_agent or "")[:300] or None,
            origin.address,
        ],
    )
    journal.record(
        viewer,
        journal.Event(
            "session.opened",
            establishment_id=found["establishment_id"],
            subject=("Session", inserted[0]["id"]),
            facts={"transport": transport, "second_factor": second_factor_at is not None, **(proof or {})},
        ),
    )
    return secret


def expiry(day: Any) -> str:
    """The last day of an account used, created or renewed on `day` (R-ACC-08), as stored."""
    return clock.add_months(day, settings.current().durations.account_months).isoformat()


def _pseudonym(identifier: str) -> str:
    """What is kept of an identifier nobody has: people type their password there, so it is keyed, not only hashed."""
    return hmac.new(address.secret_key(), identifier.encode(errors="replace"), hashlib.sha256).hexdigest()


async def _count_failure(found: db.Row | None, stranger: str, origin: Origin, unlocked_before: int) -> bool:
    """Count a failed sign-in; True if it locked the account (R-ACC-14). Counts start again after a lock has passed."""
    limit = settings.current().failed_sign_ins
    now = int(clock.to_microseconds(clock.now()))
    async with db.transaction():
        if found is not None:
            locked_at = await count_failure(found["id"])
        else:
            counted = await db.rows(
                "INSERT INTO stranger_sign_ins (identifier_hash, failed_sign_ins, locked_at, last_at) "
                "VALUES ($1, 1, NULL, $2) ON CONFLICT (identifier_hash) DO UPDATE SET "
                "failed_sign_ins = CASE WHEN stranger_sign_ins.locked_at IS NULL "
                "THEN stranger_sign_ins.failed_sign_ins + 1 ELSE 1 END, "
                "locked_at = CASE WHEN stranger_sign_ins.locked_at IS NULL "
                "AND stranger_sign_ins.failed_sign_ins + 1 >= $3 THEN CAST($2 AS BIGINT) "
                "WHEN stranger_sign_ins.locked_at > $4 THEN stranger_sign_ins.locked_at ELSE NULL END, "
                "last_at = $2 RETURNING locked_at",
                [stranger, now, limit, unlocked_before],
            )
            locked_at = counted[0]["locked_at"]
            if locked_at is not None:  # a stranger has no session to end: sent to take as long
                await db.execute(_END_SESSIONS, [now, None])
        if locked_at is not None:
            await tell_locked(found)
        _note_refusal(found, origin, "password" if locked_at is None else "locked", locking(locked_at))
    return locked_at is not None


_END_SESSIONS = "UPDATE sessions SET ended_at = $1 WHERE user_id = $2 AND ended_at IS NULL"


async def count_failure(user_id: int) -> int | None:
    """Count a password or a second factor that was wrong; since when the account is locked, if it is (R-ACC-14).

    It then holds no live session. Inside a transaction.
    """
    limit = settings.current().failed_sign_ins
    now = int(clock.to_microseconds(clock.now()))
    counted = await db.rows(
        "UPDATE users SET failed_sign_ins = CASE WHEN locked_at IS NULL THEN failed_sign_ins + 1 ELSE 1 END, "
        "locked_at = CASE WHEN locked_at IS NULL AND failed_sign_ins + 1 >= $1 THEN CAST($2 AS BIGINT) "
        "WHEN locked_at > $3 THEN locked_at ELSE NULL END "
        "WHERE id = $4 AND deleted_at IS NULL RETURNING locked_at",
        [limit, now, access.unlocked_before(), user_id],
    )
    locked_at: int | None = counted[0]["locked_at"] if counted else None  # no row if it was deleted meanwhile
    if locked_at is not None:
        await db.execute(_END_SESSIONS, [now, user_id])
    return locked_at


def locking(locked_at: int | None) -> dict[str, tuple[None, str]]:
    """What the journal tells of the failure that locked an account: the opposite of what its unlocking tells."""
    return {} if locked_at is None else {"locked_at": (None, clock.from_microseconds(locked_at).isoformat())}


async def tell_locked(found: db.Row | None) -> None:
    """Tell an account's person that it is locked, and who can unlock it, by name; once a day. The screen cannot: it
    must not tell that the account exists (R-ACC-14). The same work is done for a stranger, to take as long.
    """
    person = await db.row(
        "SELECT first_name, last_name, email, establishment_id FROM users WHERE id = $1", [found["id"] if found else 0]
    )
    durations, everybody = settings.current().durations, found or {"id": 0, "establishment_id": 0}
    values = {
        "first_name": person["first_name"] if person else "Personne",
        "last_name": person["last_name"] if person else "Inconnue",
        "minutes": int(durations.lock.total_seconds() // 60),
        "tries": settings.current().failed_sign_ins,
        "names": await _who_can_mend(everybody),
    }
    if found is None or person is None:
        await notification.pretend("locked", values)
        return
    await notification.queue(
        notification.Message(
            kind="SECURITY_ALERT",
            rule="R-ACC-14",
            template="locked",
            recipient=person["email"],
            user_id=found["id"],
            establishment_id=person["establishment_id"],
            once_key=f"locked:{found['id']}:{clock.today().isoformat()}",
            values=values,
        )
    )


async def _who_can_mend(found: Mapping[str, Any]) -> tuple[str, ...]:
    """The other administrators of an account's establishment who can sign in, by name, five at most."""
    sql = Sql("SELECT u.first_name, u.last_name FROM users u")
    sql.add(f"WHERE u.establishment_id = {sql.bind(found['establishment_id'])} AND u.is_administrator")
    sql.add(f"AND u.id <> {sql.bind(found['id'])} AND {access.can_sign_in(sql, 'u')} ORDER BY u.sort_name LIMIT 5")
    return tuple(f"{one['first_name']} {one['last_name']}" for one in await db.rows(sql))


async def _refuse(found: db.Row | None, origin: Origin, why: str) -> None:
    async with db.transaction():
        _note_refusal(found, origin, why)


def _note_refusal(
    found: db.Row | None, origin: Origin, why: str, changes: Mapping[str, tuple[Any, Any]] | None = None
) -> None:
    journal.record(
        Viewer(origin=origin),
        journal.Event(
            "session.refused",
            establishment_id=found["establishment_id"] if found else None,
            subject=("User", found["id"]) if found else None,
            changes=changes or {},
            facts={"why": why},
        ),
    )


async def _expired(found: db.Row) -> LogIn:
    """The password was right: say what happened and who can mend it, by name (R-ACC-11)."""
    names = await _who_can_mend(found)
    months = settings.current().durations.account_months
    who = (
        "Un administrateur de votre établissement peut le rouvrir."
        if names
        else f"Aucun administrateur de votre établissement ne peut plus se connecter : écrivez à "
        f"{settings.current().support_email}."
    )
    return LogIn(
        ask_whom=names,
        errors=(
            UserError(
                ErrorCode.ACCOUNT_EXPIRED,
                f"Votre compte a expiré : il n’a pas servi depuis {months} mois. {who}",
                ("identifier",),
            ),
        ),
    )


async def authenticate(secret: str, origin: Origin) -> Viewer | None:
    """Who carries this secret: a person's session or an API client; None if it is not good now.

    One statement. Expired, deleted and locked accounts hold no live session, from that instant (R-ACC-11).
    """
    now = int(clock.to_microseconds(clock.now()))
    sql = Sql("SELECT s.id AS session_id, s.transport, s.last_seen_at, s.acting_for_id, u.id AS user_id,")
    sql.add(f"u.establishment_id, u.is_administrator, u.is_operator, {access.held_back(sql, 'u')} AS held_back")
    sql.add("FROM sessions s JOIN users u ON u.id = s.user_id")
    sql.add(f"WHERE s.token_hash = {sql.bind(token.fingerprint(secret))}")
    sql.add(f"AND s.ended_at IS NULL AND s.expires_at > {sql.bind(now)} AND {access.can_sign_in(sql, 'u')}")
    found = await db.row(sql)
    if found is None:
        return await _api_client(secret, origin)
    lengths = settings.current().durations
    idle = lengths.token_idle if found["transport"] == TOKEN else lengths.session_idle
    unused = now - found["last_seen_at"]
    if unused > idle.total_seconds() * 1_000_000:
        return None
    if unused > _SEEN_EVERY:
        await db.execute("UPDATE sessions SET last_seen_at = $1 WHERE id = $2", [now, found["session_id"]])
    return _viewer(found, origin)


def _viewer(found: db.Row, origin: Origin) -> Viewer:
    """The viewer of a session's row. Whoever is held back reaches nothing but themselves, whatever asks `access`."""
    if found["held_back"] is not None:
        return Viewer(
            user_id=found["user_id"], session_id=found["session_id"], origin=origin, held_back=found["held_back"]
        )
    return Viewer(
        user_id=found["user_id"],
        session_id=found["session_id"],
        establishment_id=found["establishment_id"],
        is_administrator=bool(found["is_administrator"]),
        is_operator=bool(found["is_operator"]),
        acting_for_id=found["acting_for_id"],
        origin=origin,
    )


async def renewed(viewer: Viewer) -> Viewer | None:
    """The same viewer as they are now: rights, profile and session judged anew, for each event of a socket."""
    now = int(clock.to_microseconds(clock.now()))
    if viewer.api_client_id is not None:
        found = await db.row(_API_CLIENT + " AND id = $3", ["", clock.today().isoformat(), viewer.api_client_id])
        return _program(found, viewer.origin) if found else None
    sql = Sql("SELECT s.id AS session_id, s.acting_for_id, u.id AS user_id, u.establishment_id, u.is_administrator,")
    sql.add(f"u.is_operator, {access.held_back(sql, 'u')} AS held_back")
    sql.add("FROM sessions s JOIN users u ON u.id = s.user_id")
    sql.add(f"WHERE s.id = {sql.bind(viewer.session_id)} AND s.ended_at IS NULL AND s.expires_at > {sql.bind(now)}")
    sql.add(f"AND {access.can_sign_in(sql, 'u')}")
    found = await db.row(sql)
    return _viewer(found, viewer.origin) if found else None


_API_CLIENT = (
    "SELECT id, scopes, last_used_at FROM api_clients WHERE revoked_at IS NULL "
    "AND (expires_on IS NULL OR expires_on >= $2) AND ($1 = '' OR token_hash = $1)"
)


async def _api_client(secret: str, origin: Origin) -> Viewer | None:
    found = await db.row(_API_CLIENT, [token.fingerprint(secret), clock.today().isoformat()])
    if found is None:
        return None
    now = int(clock.to_microseconds(clock.now()))
    if now - (found["last_used_at"] or 0) > _SEEN_EVERY:
        await db.execute("UPDATE api_clients SET last_used_at = $1 WHERE id = $2", [now, found["id"]])
    return _program(found, origin)


def _program(found: db.Row, origin: Origin) -> Viewer:
    return Viewer(api_client_id=found["id"], scopes=frozenset(found["scopes"].split()), origin=origin)


async def log_out(viewer: Viewer) -> None:
    """End the session one is using."""
    if viewer.session_id is None:
        return
    async with db.transaction():
        ended = await db.execute(
            "UPDATE sessions SET ended_at = $1 WHERE id = $2 AND ended_at IS NULL",
            [int(clock.to_microseconds(clock.now())), viewer.session_id],
        )
        if ended:
            journal.record(
                viewer,
                journal.Event(
                    "session.closed",
                    establishment_id=viewer.establishment_id,
                    subject=("Session", viewer.session_id),
                ),
            )


async def end(viewer: Viewer, session_id: int) -> list[UserError]:
    """End one of one's own sessions, the one in use included (R-ACC-17). Those of others do not exist."""
    async with db.transaction():
        ended = viewer.user_id is not None and await db.execute(
            "UPDATE sessions SET ended_at = $1 WHERE id = $2 AND user_id = $3 AND ended_at IS NULL",
            [int(clock.to_microseconds(clock.now())), session_id, viewer.user_id],
        )
        if not ended:
            return [UserError(ErrorCode.NOT_FOUND, "Cette connexion n’existe pas, ou est déjà fermée.", ("id",))]
        journal.record(
            viewer,
            journal.Event(
                "session.closed",
                establishment_id=viewer.establishment_id,
                subject=("Session", session_id),
                facts={"chosen": True},
            ),
        )
    return []


async def act_for(viewer: Viewer, establishment_id: int | None) -> list[UserError]:
    """Switch to an establishment reached through a delegation in force, or back to one's own (R-DEL-06)."""
    if viewer.session_id is None:
        return [UserError(ErrorCode.NOT_ALLOWED, "Seule une personne connectée peut agir pour un établissement.")]
    acting_for = None if establishment_id == viewer.establishment_id else establishment_id
    async with db.transaction():
        now = await _alive(viewer)
        if now is None:
            return [UserError(ErrorCode.NOT_ALLOWED, "Votre connexion est terminée : reconnectez-vous.")]
        through = None if acting_for is None else await access.delegation_to(viewer, acting_for)
        if acting_for is not None and through is None:
            return [
                UserError(
                    ErrorCode.NOT_FOUND,
                    "Cet établissement n’est pas de ceux pour lesquels vous pouvez agir aujourd’hui.",
                    ("establishmentId",),
                )
            ]
        if now["acting_for_id"] == acting_for:
            return []
        await db.execute("UPDATE sessions SET acting_for_id = $1 WHERE id = $2", [acting_for, viewer.session_id])
        if acting_for is not None:
            await db.execute(
                "INSERT INTO switches (user_id, establishment_id, at) VALUES ($1, $2, $3) "
                "ON CONFLICT (user_id, establishment_id) DO UPDATE SET at = excluded.at",
                [viewer.user_id, acting_for, int(clock.to_microseconds(clock.now()))],
            )
        journal.record(
            viewer,
            journal.Event(
                "session.acts_for",
                establishment_id=viewer.establishment_id,
                on_behalf_of_id=acting_for,
                delegation_id=through,
                subject=("Session", viewer.session_id),
                changes={"acting_for": (now["acting_for_id"], acting_for)},
            ),
        )
    return []


async def _alive(viewer: Viewer) -> db.Row | None:
    """The session one is using, judged anew inside the transaction; None if one may not act in it any more."""
    sql = Sql("SELECT s.acting_for_id FROM sessions s JOIN users u ON u.id = s.user_id")
    sql.add(f"WHERE s.id = {sql.bind(viewer.session_id)} AND s.ended_at IS NULL")
    sql.add(f"AND s.expires_at > {sql.bind(int(clock.to_microseconds(clock.now())))} AND {access.may_act(sql, 'u')}")
    return await db.row(sql)
