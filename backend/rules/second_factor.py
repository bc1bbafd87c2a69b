"""The second factor: enrolled, asked for, removed, reset (R-ACC-16)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import (
    access,
    journal,
    notification,
    own_password,
    passkey,
    recovery_code,
    session,
    totp,
    trusted_device,
)
from backend.rules import challenge as challenges
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Origin, Viewer

TOTP = "TOTP"
PASSKEY = "PASSKEY"

MOST = 10
"""Second factors that one account may have."""

LONGEST_LABEL = 100

_DEFAULT_LABELS = {TOTP: "Application d’authentification", PASSKEY: "Clé d’accès"}


@dataclass(frozen=True)
class Proof:
    """What answers a challenge: one of the three."""

    code: str | None = None
    recovery_code: str | None = None
    passkey: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Enrolment:
    """An enrolment begun: what the application or the browser is given, once."""

    challenge: challenges.Challenge | None = None
    secret: str | None = None
    uri: str | None = None
    picture: str | None = None
    passkey_request: Mapping[str, Any] | None = None
    errors: tuple[UserError, ...] = ()


@dataclass(frozen=True)
class Enrolled:
    """An enrolment done: the recovery codes, shown once, where it is the first; or why not."""

    factor_id: int | None = None
    recovery_codes: tuple[str, ...] = ()
    errors: tuple[UserError, ...] = ()


# ---------------------------------------------------------------- sensitive actions


async def is_needed(viewer: Viewer) -> bool:
    """Whether a sensitive action must wait until the viewer gives their second factor again: they have one, and this
    session was not given it for 15 minutes.
    """
    if viewer.session_id is None:
        return False
    sql = Sql("SELECT s.second_factor_at FROM sessions s JOIN users u ON u.id = s.user_id")
    sql.add(f"WHERE s.id = {sql.bind(viewer.session_id)} AND {access.has_second_factor('u')}")
    found = await db.row(sql)
    if found is None:
        return False
    given_at = found["second_factor_at"]
    fresh_since = int(clock.to_microseconds(clock.now() - settings.current().durations.confirmed))
    return given_at is None or given_at <= fresh_since


def needed() -> UserError:
    """What a sensitive action answers until then."""
    return UserError(
        ErrorCode.SECOND_FACTOR_NEEDED,
        "Cette action demande de confirmer que c’est bien vous : donnez votre second facteur, puis recommencez.",
    )


async def start_confirmation(viewer: Viewer) -> challenges.Challenge | None:
    """Ask somebody signed in for their second factor, before a sensitive action; None if they have none."""
    if viewer.user_id is None:
        return None
    async with db.transaction():
        if not await _factors(viewer.user_id):
            return None
        return await challenges.issue(viewer.user_id, challenges.ACTION)


# ---------------------------------------------------------------- giving it


async def confirm(
    secret: str, proof: Proof, transport: str, origin: Origin, viewer: Viewer | None, *, trust: bool = False
) -> session.LogIn:
    """Answer a challenge: a sign-in is then complete, or the session one has may do sensitive actions.

    Failures count towards the lock of the account (R-ACC-14), and five kill the challenge.
    """
    async with db.transaction():
        asked = await challenges.hold(secret)
        if asked is None or asked["purpose"] == challenges.ENROLMENT:
            return _too_late()
        user_id = asked["user_id"]
        if asked["purpose"] == challenges.ACTION and (viewer is None or viewer.user_id != user_id):
            return _too_late()
        person = await _person(user_id)
        if person is None or not person["can_sign_in"]:
            return _too_late()
        given = await _prove(person, proof, asked["nonce"], origin)
        if not given:
            return await _wrong(person, asked, origin)
        given["trusted"] = trust
        await challenges.close(asked["id"])
        opened = None
        now = int(clock.to_microseconds(clock.now()))
        if asked["purpose"] == challenges.SIGN_IN:
            opened = await session.open_for(person, transport, origin, second_factor_at=now, proof=given)
            if opened is None:
                return session.refused()
        elif viewer is not None:
            await db.execute("UPDATE users SET failed_sign_ins = 0 WHERE id = $1", [user_id])
            await db.execute("UPDATE sessions SET second_factor_at = $1 WHERE id = $2", [now, viewer.session_id])
            journal.record(viewer, _event("session.confirmed", person, given))
        device = await trusted_device.trust(user_id, origin) if trust else None
    if opened is None:
        return session.LogIn(viewer=viewer, device=device)
    return session.LogIn(secret=opened, viewer=await session.authenticate(opened, origin), device=device)


def _too_late() -> session.LogIn:
    message = "Cette demande n’est plus valable : elle a déjà servi, ou elle est trop ancienne. Reprenez du début."
    return session.LogIn(errors=(UserError(ErrorCode.CHALLENGE_INVALID, message, ("challenge",)),))


async def _wrong(person: db.Row, asked: db.Row, origin: Origin) -> session.LogIn:
    await challenges.fail(asked["id"])
    locked_at = await session.count_failure(person["id"])
    locked = locked_at is not None
    facts = {"why": "second_factor", "purpose": asked["purpose"], "locked": locked}
    event = replace(_event("session.refused", person, facts), changes=session.locking(locked_at))
    journal.record(Viewer(origin=origin), event)
    if not locked:
        message = "Ce n’est pas le bon, ou il a déjà servi. Attendez le code suivant, ou choisissez un autre moyen."
        return session.LogIn(errors=(UserError(ErrorCode.SECOND_FACTOR_WRONG, message, ("code",)),))
    if asked["purpose"] == challenges.SIGN_IN:  # whoever it is knows the password
        await _tell(person, "second_factor_refused")
    return session.locked()


async def _prove(person: db.Row, proof: Proof, nonce: str | None, origin: Origin) -> dict[str, Any] | None:
    """What proves that it is this person, as the journal tells it; None if nothing does."""
    if proof.code is not None:
        return await _by_code(person["id"], proof.code)
    if proof.passkey is not None and nonce is not None:
        return await _by_passkey(person, proof.passkey, nonce, origin)
    if proof.recovery_code is not None and await recovery_code.use(person["id"], proof.recovery_code):
        await _tell(person, "recovery_code_used", left=await recovery_code.left(person["id"]))
        return {"by": challenges.RECOVERY_CODE}
    return None


async def _by_code(user_id: int, code: str) -> dict[str, Any] | None:
    for factor in await _factors(user_id):
        secret = totp.unseal(factor["secret"], user_id) if factor["kind"] == TOTP else None
        step = totp.step_of(secret, code) if secret is not None else None
        if step is not None and await _move_counter(factor["id"], step):
            return {"by": TOTP, "factor": factor["id"]}
    return None


async def _by_passkey(person: db.Row, answer: Mapping[str, Any], nonce: str, origin: Origin) -> dict[str, Any] | None:
    for factor in await _factors(person["id"]):
        if factor["kind"] != PASSKEY or factor["credential_id"] != passkey.id_of(answer):
            continue
        count = passkey.signed(answer, nonce, factor["secret"])
        if count is None:
            return None
        if (count == 0 and factor["counter"] == 0) or await _move_counter(factor["id"], count):
            if count == 0:
                await _used(factor["id"])
            return {"by": PASSKEY, "factor": factor["id"]}
        facts = {"factor": factor["id"], "counter": factor["counter"], "given": count}
        journal.record(Viewer(origin=origin), _event("second_factor.copied", person, facts))
        await _tell(person, "passkey_copied", label=factor["label"])
    return None


async def _move_counter(factor_id: int, count: int) -> bool:
    """A step, or a passkey's count, serves once: two at the same time, one of them wins."""
    moved = await db.execute(
        "UPDATE second_factors SET counter = $1, last_used_at = $2 WHERE id = $3 AND counter < $1",
        [count, int(clock.to_microseconds(clock.now())), factor_id],
    )
    return moved == 1


async def _used(factor_id: int) -> None:
    now = int(clock.to_microseconds(clock.now()))
    await db.execute("UPDATE second_factors SET last_used_at = $1 WHERE id = $2", [now, factor_id])


# ---------------------------------------------------------------- enrolling


async def start_enrolment(viewer: Viewer, kind: str, password: str | None = None) -> Enrolment:
    """Begin to enrol an application or a passkey: what it is given, once. Nothing is enrolled until it is confirmed.

    The first one asks for the password, unless one has just signed in: whoever finds a session open must not make it
    theirs (ASVS 5.0, 7.5.1). The others ask for a factor, as all sensitive actions do.
    """
    if viewer.user_id is None:
        return Enrolment(errors=(_not_a_person(),))
    user_id = viewer.user_id
    proved = await _person(user_id)
    if proved is not None and not await _factors(user_id) and not await own_password.is_recent(viewer):
        wrong = await own_password.judge(viewer, proved, password, "enrol", "password")
        if wrong is not None:
            return Enrolment(errors=(wrong,))
    async with db.transaction():
        person = await _able(user_id)
        factors = await _factors(user_id)
        if person is not None and proved is not None and person["password_hash"] != proved["password_hash"]:
            return Enrolment(errors=(own_password.incorrect("password"),))
        if person is None or len(factors) >= MOST:
            message = f"Un compte a {MOST} seconds facteurs au plus : retirez-en un."
            return Enrolment(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("kind",)),))
        if kind == TOTP:
            secret = totp.new_secret()
            uri = totp.address_of(secret, person["identifier"])
            made = await challenges.keep(user_id, challenges.ENROLMENT, f"{TOTP} {totp.seal(secret, user_id)}")
            return Enrolment(made, secret=secret, uri=uri, picture=totp.picture_of(uri))
        nonce = challenges.new_nonce()
        name = f"{person['first_name']} {person['last_name']}"
        theirs = [one["credential_id"] for one in factors if one["kind"] == PASSKEY]
        request = passkey.request_to_make(nonce, user_id, person["identifier"], name, theirs)
        if request is None:
            message = "Les clés d’accès demandent que la plateforme ait un nom : son adresse est faite de chiffres."
            return Enrolment(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("kind",)),))
        made = await challenges.keep(user_id, challenges.ENROLMENT, f"{PASSKEY} {nonce}")
        return Enrolment(made, passkey_request=request)


async def enrol(viewer: Viewer, secret: str, label: str, proof: Proof) -> Enrolled:
    """Confirm an enrolment by a first code, or by the passkey made: it is asked for from now on.

    The first one comes with recovery codes. The session one is using has just given it.
    """
    label = " ".join(label.split())
    if len(label) > LONGEST_LABEL or not (label == "" or label.isprintable()):
        message = f"Le nom doit compter {LONGEST_LABEL} caractères au plus."
        return Enrolled(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("label",)),))
    async with db.transaction():
        asked = await challenges.hold(secret)
        if asked is None or asked["purpose"] != challenges.ENROLMENT or asked["user_id"] != viewer.user_id:
            return Enrolled(errors=_too_late().errors)
        person = await _able(asked["user_id"])
        factors = await _factors(asked["user_id"])
        if person is None or len(factors) >= MOST:
            return Enrolled(errors=_too_late().errors)
        kind, _, given = str(asked["nonce"]).partition(" ")
        made = _made(person["id"], kind, given, proof)
        if made is None:
            await challenges.fail(asked["id"])
            return Enrolled(errors=(_not_proved(kind),))
        label = label or _DEFAULT_LABELS[kind]
        factor_id = await _insert(person["id"], kind, label, made)
        if factor_id is None:
            return Enrolled(errors=(_not_proved(kind),))
        await challenges.close(asked["id"])
        await _protect(viewer, person["id"])
        codes = () if factors else tuple(await recovery_code.renew(person["id"]))
        await _tell(person, "second_factor_added", label=label)
        journal.record(viewer, _event("second_factor.added", person, {"kind": kind, "factor": factor_id}))
    return Enrolled(factor_id, codes)


def _made(user_id: int, kind: str, given: str, proof: Proof) -> passkey.Made | None:
    """What is kept of a factor that was proved to work."""
    if kind == PASSKEY:
        return passkey.made(proof.passkey, given) if proof.passkey is not None else None
    secret = totp.unseal(given, user_id)
    step = totp.step_of(secret, proof.code or "") if secret is not None else None
    return passkey.Made("", given, step) if step is not None else None


def _not_proved(kind: str) -> UserError:
    if kind == PASSKEY:
        message = "La clé d’accès n’a pas été reconnue : recommencez, ou choisissez une application."
        return UserError(ErrorCode.SECOND_FACTOR_WRONG, message, ("passkey",))
    message = (
        "Ce n’est pas le bon code. Vérifiez que l’heure de votre téléphone est juste, puis donnez le code affiché."
    )
    return UserError(ErrorCode.SECOND_FACTOR_WRONG, message, ("code",))


async def _insert(user_id: int, kind: str, label: str, made: passkey.Made) -> int | None:
    now = int(clock.to_microseconds(clock.now()))
    inserted = await db.rows(
        "INSERT INTO second_factors (user_id, kind, label, secret, credential_id, counter, enrolled_at, confirmed_at, "
        "last_used_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7) ON CONFLICT (credential_id) DO NOTHING RETURNING id",
        [user_id, kind, label, made.public_key, made.credential_id or None, made.counter, now],
    )
    return inserted[0]["id"] if inserted else None


async def _protect(viewer: Viewer, user_id: int) -> None:
    """The session in use has just given the factor; the others are asked for it within 7 days."""
    now = clock.now()
    until = int(clock.to_microseconds(now + settings.current().durations.trusted_device))
    await db.execute(
        "UPDATE sessions SET expires_at = $1 WHERE user_id = $2 AND expires_at > $1 AND ended_at IS NULL",
        [until, user_id],
    )
    await db.execute(
        "UPDATE sessions SET second_factor_at = $1 WHERE id = $2",
        [int(clock.to_microseconds(now)), viewer.session_id],
    )


async def renew_recovery_codes(viewer: Viewer) -> tuple[list[str], list[UserError]]:
    """New recovery codes, the earlier ones being dead from now on."""
    if viewer.user_id is None:
        return [], [_not_a_person()]
    async with db.transaction():
        await db.hold("users", viewer.user_id)
        person = await _free(viewer.user_id)
        if person is None or not await _factors(viewer.user_id):
            message = "Les codes de secours viennent avec un second facteur : enregistrez-en un d’abord."
            return [], [UserError(ErrorCode.NOT_FOUND, message)]
        codes = await recovery_code.renew(viewer.user_id)
        await _tell(person, "recovery_codes_renewed")
        journal.record(viewer, _event("recovery_codes.renewed", person))
    return codes, []


# ---------------------------------------------------------------- removing


async def remove(viewer: Viewer, factor_id: int) -> list[UserError]:
    """Remove one of one's second factors: its owner is told, and no device is trusted any more.

    The last one stays where one is required.
    """
    if viewer.user_id is None:
        return [_not_a_person()]
    async with db.transaction():
        await db.hold("users", viewer.user_id)
        person = await _free(viewer.user_id)
        factors = {one["id"]: one for one in await _factors(viewer.user_id)}
        if person is None or factor_id not in factors:
            message = "Ce second facteur n’est pas l’un des vôtres, ou ne l’est plus."
            return [UserError(ErrorCode.NOT_FOUND, message, ("id",))]
        if len(factors) == 1 and person["requires_second_factor"]:
            message = "Un second facteur est obligatoire pour votre profil : enregistrez-en un autre avant."
            return [UserError(ErrorCode.SECOND_FACTOR_REQUIRED, message, ("id",))]
        await db.execute("DELETE FROM second_factors WHERE id = $1", [factor_id])
        await trusted_device.forget_all(viewer.user_id)
        await challenges.forget_all(viewer.user_id)
        if len(factors) == 1:
            await recovery_code.forget(viewer.user_id)
        await _tell(person, "second_factor_removed", label=factors[factor_id]["label"], is_last=len(factors) == 1)
        facts = {"kind": factors[factor_id]["kind"], "factor": factor_id}
        journal.record(viewer, _event("second_factor.removed", person, facts))
    return []


async def reset(viewer: Viewer, user_id: int) -> list[UserError]:
    """Take every second factor from somebody who lost them all, and end their sessions; they are told by whom.

    By another administrator of the establishment; by an operator for another operator, and for an administrator whom
    nobody else of the establishment can help.
    """
    async with db.transaction():
        person = await _helped(viewer, user_id)
        if person is None:
            message = "Ce compte n’existe pas, ou n’est pas de ceux que vous pouvez aider : le vôtre n’en est pas."
            return [UserError(ErrorCode.NOT_FOUND, message, ("id",))]
        factors = await _factors(user_id)
        if not factors:
            return [UserError(ErrorCode.NOT_FOUND, "Ce compte n’a pas de second facteur.", ("id",))]
        for statement in (
            "DELETE FROM second_factors WHERE user_id = $1",
            "DELETE FROM recovery_codes WHERE user_id = $1",
        ):
            await db.execute(statement, [user_id])
        await trusted_device.forget_all(user_id)
        await challenges.forget_all(user_id)
        await db.execute(
            "UPDATE sessions SET ended_at = $1 WHERE user_id = $2 AND ended_at IS NULL",
            [int(clock.to_microseconds(clock.now())), user_id],
        )
        by = await _person(viewer.user_id or 0)
        who = f"{by['first_name']} {by['last_name']}" if by else "Un administrateur"
        await _tell(person, "second_factor_reset", by=who)
        journal.record(viewer, _event("second_factor.reset", person, {"factors": [one["id"] for one in factors]}))
    return []


async def _helped(viewer: Viewer, user_id: int) -> db.Row | None:
    """The person whose second factor the viewer may reset, held; None if not theirs to help."""
    if user_id == viewer.user_id:
        return None
    found = await _person(user_id)
    if found is None:
        return None
    allowed = await access.holds_accounts(viewer, found["establishment_id"])
    if not allowed and await access.still_operates(viewer):
        allowed = bool(found["is_operator"]) or (
            bool(found["is_administrator"]) and not await _has_other_administrators(found)
        )
    if not allowed:
        return None
    await db.hold("users", user_id)
    return await _person(user_id)


async def _has_other_administrators(person: db.Row) -> bool:
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.establishment_id = {sql.bind(person['establishment_id'])} AND u.is_administrator")
    sql.add(f"AND u.id <> {sql.bind(person['id'])} AND {access.can_sign_in(sql, 'u')} LIMIT 1")
    return await db.row(sql) is not None


# ---------------------------------------------------------------- common


async def _factors(user_id: int) -> list[db.Row]:
    return await db.rows(
        "SELECT id, kind, label, secret, credential_id, counter FROM second_factors "
        "WHERE user_id = $1 AND confirmed_at IS NOT NULL ORDER BY id",
        [user_id],
    )


async def _person(user_id: int) -> db.Row | None:
    sql = Sql("SELECT u.id, u.establishment_id, u.identifier, u.first_name, u.last_name, u.email, u.password_hash,")
    sql.add(f"u.is_administrator, u.is_operator, {access.can_sign_in(sql, 'u')} AS can_sign_in,")
    sql.add(f"{access.may_act(sql, 'u')} AS may_act,")
    sql.add(f"{access.requires_second_factor('u')} AS requires_second_factor")
    sql.add(f"FROM users u WHERE u.id = {sql.bind(user_id)} AND u.deleted_at IS NULL")
    return await db.row(sql)


async def _able(user_id: int) -> db.Row | None:
    """The same, if they can still sign in: not expired nor locked since the request began."""
    found = await _person(user_id)
    return found if found is not None and found["can_sign_in"] else None


async def _free(user_id: int) -> db.Row | None:
    """The same, if nothing must be done first."""
    found = await _person(user_id)
    return found if found is not None and found["may_act"] else None


async def _tell(person: db.Row, template: str, **values: Any) -> None:
    """Tell the owner of an account, by e-mail, what happened to their second factor."""
    message = notification.Message(
        kind="SECURITY_ALERT",
        rule="R-ACC-16",
        template=template,
        recipient=person["email"],
        user_id=person["id"],
        establishment_id=person["establishment_id"],
    )
    names = {"first_name": person["first_name"], "last_name": person["last_name"]}
    await notification.queue(replace(message, values={**names, **values}))


def _event(action: str, person: db.Row, facts: Mapping[str, Any] | None = None) -> journal.Event:
    return journal.Event(
        action, establishment_id=person["establishment_id"], subject=("User", person["id"]), facts=facts or {}
    )


def _not_a_person() -> UserError:
    return UserError(ErrorCode.NOT_ALLOWED, "Seule une personne a un second facteur : un programme n’en a pas.")
