"""A person's details: changed by administrators, and by oneself for what says how to be reached (R-ACC-02, 06, 07)."""

from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import orjson

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import access, email_change, journal, notification, resemblance, user
from backend.rules.error import ErrorCode, UserError
from backend.rules.resemblance import Identity
from backend.rules.right import missing
from backend.rules.viewer import Viewer

LONGEST_REASON = 500


class Unsaid(Enum):
    """What an edit does not speak of."""

    UNSAID = "UNSAID"


UNSAID = Unsaid.UNSAID


@dataclass(frozen=True)
class Edit:
    """What to change of an account's details; what is not said does not change. None erases."""

    civility: str | Unsaid | None = UNSAID
    first_name: str | Unsaid = UNSAID
    last_name: str | Unsaid = UNSAID
    email: str | Unsaid = UNSAID
    phone: str | Unsaid | None = UNSAID
    name_change_reason: str | None = None


async def update(viewer: Viewer, user_id: int, edit: Edit) -> list[UserError]:
    """An administrator changes details of an account of their establishment, their own perhaps (R-ACC-06, 07)."""
    async with db.transaction():
        if await user.one_managed(viewer, user_id) is None:
            return [missing("id")]
        return await _apply(viewer, user_id, edit)


async def update_own(viewer: Viewer, edit: Edit) -> list[UserError]:
    """Change one's own civility, phone and e-mail. Names are the administrators' to change: they answer for who is
    who (R-ACC-02), and say why (R-ACC-07).
    """
    async with db.transaction():
        if viewer.user_id is None or viewer.establishment_id is None:
            return [UserError(ErrorCode.NOT_ALLOWED, "Seule une personne connectée a des coordonnées à changer.")]
        await db.hold("establishments", viewer.establishment_id)
        if not await _may_act(viewer.user_id):  # deleted, expired or locked since the request began
            return [UserError(ErrorCode.NOT_ALLOWED, "Votre connexion est terminée : reconnectez-vous.")]
        return await _apply(viewer, viewer.user_id, replace(edit, first_name=UNSAID, last_name=UNSAID))


async def _may_act(user_id: int) -> bool:
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.id = {sql.bind(user_id)} AND {access.may_act(sql, 'u')}")
    return await db.row(sql) is not None


async def _apply(viewer: Viewer, user_id: int, edit: Edit) -> list[UserError]:
    account = await email_change.account(user_id)
    if account is None:
        return [missing("id")]
    given = user.tidy(_merged(account, edit))
    wrong = [*user.refused(given), *_wrong_reason(edit)]
    if wrong:
        return wrong
    before, asked = account.identity, Identity(given.first_name, given.last_name, given.email)
    has_new_mailbox = before.email.casefold() != asked.email.casefold()
    is_renamed = False
    if asked != before:
        past = await _past(account)
        is_renamed = _is_renamed(before, asked, past)
        refusal = (
            (await email_change.refused(account, asked.email) if has_new_mailbox else None)
            or _takeover(before, asked, past, account.pending_email)
            or (_unexplained(before, asked) if is_renamed and not _reason(edit) else None)
        )
        if refusal is not None:
            return [refusal]
    await _write(viewer, account, given, _reason(edit) if is_renamed else None)
    if has_new_mailbox:
        await email_change.request(viewer, account, given)
    elif edit.email is not UNSAID and account.pending_email is not None:
        await email_change.cancel(viewer, account)
    return []


def _merged(account: email_change.Account, edit: Edit) -> user.NewUser:
    """The details as they would be."""
    now = account.row

    def said(value: Any, name: str) -> Any:
        return now[name] if value is UNSAID else value

    return user.NewUser(
        establishment_id=account.establishment_id,
        is_administrator=bool(now["is_administrator"]),
        civility=said(edit.civility, "civility"),
        first_name=said(edit.first_name, "first_name"),
        last_name=said(edit.last_name, "last_name"),
        email=said(edit.email, "email"),
        phone=said(edit.phone, "phone"),
    )


# ---------------------------------------------------------------- the same person


@dataclass(frozen=True)
class _Past:
    """An account's identity as it was some days ago, and as it was last vouched for: created, or changed with a reason.

    Edits are judged against both, so that no sequence of small ones hands an account on (R-ACC-07).
    """

    some_days_ago: Identity
    vouched_for: Identity


async def _past(account: email_change.Account) -> _Past:
    """The journal's edits undone, the latest first."""
    since = int(clock.to_microseconds(clock.now() - settings.current().durations.details_memory))
    edits = await db.rows(
        "SELECT e.occurred_at, d.body FROM audit_events e JOIN audit_details d ON d.event_id = e.id "
        "WHERE e.subject_type = 'User' AND e.subject_id = $1 "
        "AND e.action IN ('user.details_changed', 'user.email_changed') ORDER BY e.id DESC LIMIT 1000",
        [account.id],
    )
    some_days_ago = vouched_for = account.identity
    is_vouched_for = False
    for edit in edits:
        body = orjson.loads(edit["body"])
        undone = {
            name: pair[0] for name, pair in body["changes"].items() if name in ("first_name", "last_name", "email")
        }
        if edit["occurred_at"] > since:
            some_days_ago = replace(some_days_ago, **undone)
        is_vouched_for = is_vouched_for or bool(body["facts"].get("reason"))
        if not is_vouched_for:
            vouched_for = replace(vouched_for, **undone)
    return _Past(some_days_ago, vouched_for)


def _takeover(before: Identity, asked: Identity, past: _Past, pending_email: str | None) -> UserError | None:
    """Whether an edit would give the account to somebody else, at once or with those of the last days (R-ACC-07).

    An address that waits to be confirmed counts as changed: it may come into use at any time.
    """
    at_once = resemblance.changes_name_and_mailbox(before, asked)
    after = replace(asked, email=pending_email) if pending_email and asked.email == before.email else asked
    far = resemblance.is_handed_on(past.some_days_ago, after) or resemblance.is_handed_on(before, after)
    if not (far or at_once):
        return None
    if far:
        message = (
            "Le nom, le prénom et l’adresse changeraient trop : le compte passerait à une autre personne. Un compte "
            "est personnel et ne se transmet pas. Créez un nouveau compte pour la personne qui arrive, puis supprimez "
            "celui-ci."
        )
    else:
        message = (
            "L’adresse et le nom ne se changent pas ensemble : un compte est personnel et ne se transmet pas. Pour "
            "une autre personne, créez un nouveau compte, puis supprimez celui-ci. Pour corriger le nom de la même "
            "personne, corrigez-le seul d’abord, puis son adresse."
        )
    has_new_name = before.last_name != asked.last_name
    return UserError(ErrorCode.TAKEOVER, message, ("lastName" if has_new_name else "email",))


def _is_renamed(before: Identity, asked: Identity, past: _Past) -> bool:
    """Whether a name really changes, beyond a correction of what was vouched for."""
    if (before.first_name, before.last_name) == (asked.first_name, asked.last_name):
        return False
    return not (
        resemblance.is_correction(past.vouched_for.last_name, asked.last_name)
        and resemblance.resembles(past.vouched_for.first_name, asked.first_name)
    )


def _unexplained(before: Identity, asked: Identity) -> UserError:
    path = "lastName" if before.last_name != asked.last_name else "firstName"
    message = (
        "C’est un changement de nom, pas une correction : indiquez son motif (mariage, par exemple). Les connexions de "
        "la personne seront fermées et elle en sera avertie."
    )
    return UserError(ErrorCode.NAME_CHANGE_TO_CONFIRM, message, (path,))


def _reason(edit: Edit) -> str:
    return " ".join((edit.name_change_reason or "").split())


def _wrong_reason(edit: Edit) -> list[UserError]:
    reason = _reason(edit)
    if not reason or (3 <= len(reason) <= LONGEST_REASON and reason.isprintable()):
        return []
    message = f"Le motif doit compter de 3 à {LONGEST_REASON} caractères."
    return [UserError(ErrorCode.INVALID_VALUE, message, ("nameChangeReason",))]


# ---------------------------------------------------------------- writing


async def _write(viewer: Viewer, account: email_change.Account, given: user.NewUser, reason: str | None) -> None:
    """All but the e-mail. A real change of name keeps its reason, ends every session and tells the person."""
    new = {name: getattr(given, name) for name in ("civility", "first_name", "last_name", "phone")}
    changes = {name: (account.row[name], value) for name, value in new.items() if account.row[name] != value}
    if not changes:
        return
    await db.execute(
        "UPDATE users SET civility = $1, first_name = $2, last_name = $3, phone = $4, sort_name = $5, "
        "search_text = $6 WHERE id = $7",
        [
            *new.values(),
            fold(f"{given.last_name} {given.first_name}")[:210],
            fold(f"{given.first_name} {given.last_name} {account.row['email']} {account.row['identifier']}"),
            account.id,
        ],
    )
    journal.record(
        viewer,
        journal.Event(
            "user.details_changed",
            establishment_id=account.establishment_id,
            subject=("User", account.id),
            changes=changes,
            facts={"reason": reason} if reason else {},
        ),
    )
    if reason:
        await _tell_renamed(viewer, account, given, reason)


async def _tell_renamed(viewer: Viewer, account: email_change.Account, given: user.NewUser, reason: str) -> None:
    """End every session, and tell the address in use and the one that waits to be confirmed (R-ACC-07)."""
    await db.execute(
        "UPDATE sessions SET ended_at = $1 WHERE user_id = $2 AND ended_at IS NULL",
        [int(clock.to_microseconds(clock.now())), account.id],
    )
    values = {
        "first_name": given.first_name,
        "last_name": given.last_name,
        "former_name": f"{account.row['first_name']} {account.row['last_name']}",
        "establishment": account.row["establishment"],
        "changed_by": await email_change.changed_by(viewer),
        "reason": reason,
    }
    await notification.queue(
        *(
            notification.Message(
                kind="SECURITY_ALERT",
                rule="R-ACC-07",
                template="name_changed",
                recipient=recipient,
                user_id=account.id,
                establishment_id=account.establishment_id,
                values=values,
            )
            for recipient in (account.identity.email, account.pending_email)
            if recipient is not None
        )
    )
