"""Nominations: an administrator named by operators where none can sign in any more (R-ACC-02, 05, 11)."""

from dataclasses import dataclass, replace
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, expiry, journal, notification, user
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

LONGEST_REASON = 500


@dataclass(frozen=True)
class Nomination:
    """Who is to administer an establishment, and why: an account it has, or a person who gets a new one."""

    establishment_id: int
    reason: str
    user_id: int | None = None
    person: user.NewUser | None = None
    despite_invitation: bool = False
    """Somebody invited to administer may not come (an address misspelt): their invitation is cancelled."""


@dataclass(frozen=True)
class Nominated:
    """The outcome: the account, its identifier to hand over, whether the person was invited; or why not."""

    user_id: int | None = None
    identifier: str | None = None
    is_invited: bool = False
    errors: tuple[UserError, ...] = ()


async def nominate(viewer: Viewer, given: Nomination) -> Nominated:
    """Make somebody administrator of an establishment where nobody can administer any more (R-ACC-02).

    Both are told by e-mail: the person, and the establishment. Operators who nominate at once take turns: the second
    finds an administrator.
    """
    if not viewer.is_operator:
        return _refused(UserError(ErrorCode.NOT_ALLOWED, "Seuls les gestionnaires de la plateforme nomment."))
    given = replace(given, reason=" ".join(given.reason.split()))
    wrong = _refusals(given)
    async with db.transaction():
        if not await access.holds_establishment(viewer, given.establishment_id):
            return _refused(UserError(ErrorCode.NOT_ALLOWED, "Seuls les gestionnaires de la plateforme nomment."))
        establishment = await db.row(
            "SELECT id, name, functional_email FROM establishments WHERE id = $1", [given.establishment_id]
        )
        if establishment is None:
            return _refused(UserError(ErrorCode.NOT_FOUND, "Cet établissement n’existe pas.", ("establishmentId",)))
        wrong += await _still_administered(given)
        chosen = await _chosen(given)
        if given.user_id is not None:
            wrong += _unfit(chosen)
        if wrong:
            return _refused(*wrong)
        former = await _former_administrators(given.establishment_id)
        if chosen is not None:
            await _cancel_invitations(viewer, given)
            await user.nominate(viewer, chosen["id"])
            outcome = Nominated(chosen["id"], chosen["identifier"], chosen["status"] in ("EXPIRED", "INVITED"))
        else:
            created = await _create(viewer, given)
            if created.errors:
                return Nominated(errors=created.errors)
            outcome = Nominated(created.user_id, created.identifier, is_invited=True)
        await _tell(viewer, given, outcome, establishment, former)
    return outcome


def _refused(*errors: UserError) -> Nominated:
    return Nominated(errors=errors)


def _refusals(given: Nomination) -> list[UserError]:
    errors = []
    if not given.reason:
        message = "Donnez le motif de la nomination : qui l’a demandée, et comment vous vous en êtes assuré."
        errors.append(UserError(ErrorCode.REASON_NEEDED, message, ("reason",)))
    elif len(given.reason) > LONGEST_REASON or not given.reason.isprintable():
        message = f"Le motif doit compter au plus {LONGEST_REASON} caractères."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("reason",)))
    if (given.user_id is None) == (given.person is None):
        message = "Nommez un compte de l’établissement, ou une personne à qui en ouvrir un : l’un ou l’autre."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("userId",)))
    return errors


async def _still_administered(given: Nomination) -> list[UserError]:
    """Who can administer, or is expected to: a locked account will open again, an invitation may be followed."""
    sql = Sql()
    will, invited = access.in_use(sql, "u"), access.invited(sql, "u")
    sql.add(f"SELECT u.id, u.first_name, u.last_name, CASE WHEN {will} THEN 1 ELSE 0 END AS able FROM users u")
    sql.add(f"WHERE u.establishment_id = {sql.bind(given.establishment_id)} AND u.is_administrator")
    sql.add(f"AND ({will} OR {invited}) ORDER BY able DESC, u.id LIMIT 1")
    found = await db.row(sql)
    if found is None:
        return []
    name = f"{found['first_name']} {found['last_name']}"
    if found["able"]:
        message = (
            f"{name} peut encore se connecter et administrer cet établissement : c’est à cette personne de nommer "
            "d’autres administrateurs."
        )
        return [UserError(ErrorCode.CAN_STILL_SIGN_IN, message, ("establishmentId",))]
    if given.despite_invitation or found["id"] == given.user_id:
        return []
    message = (
        f"L’invitation de {name} à administrer cet établissement vaut encore. Pour nommer quelqu’un d’autre, "
        "confirmez : cette invitation sera annulée."
    )
    return [UserError(ErrorCode.CAN_STILL_SIGN_IN, message, ("despiteInvitation",))]


async def _chosen(given: Nomination) -> db.Row | None:
    if given.user_id is None:
        return None
    sql = Sql()
    sql.add(f"SELECT u.id, u.identifier, u.expires_on, {access.status(sql, 'u')} AS status FROM users u")
    sql.add(f"WHERE u.id = {sql.bind(given.user_id)}")
    sql.add(f"AND u.establishment_id = {sql.bind(given.establishment_id)} AND u.deleted_at IS NULL")
    return await db.row(sql)


def _unfit(chosen: db.Row | None) -> list[UserError]:
    if chosen is None:
        message = "Ce compte n’existe pas, ou n’est pas de cet établissement."
        return [UserError(ErrorCode.NOT_FOUND, message, ("userId",))]
    if chosen["status"] == "EXPIRED":
        expired = clock.today().fromisoformat(chosen["expires_on"])
        if clock.today() > expiry.reopened_until(expired):
            message = (
                f"Ce compte a expiré le {clock.french_date(expired)}, il y a plus de "
                f"{settings.current().durations.account_reopening_months} mois : ouvrez un nouveau compte."
            )
            return [UserError(ErrorCode.REOPENING_TOO_LATE, message, ("userId",))]
    return []


async def _create(viewer: Viewer, given: Nomination) -> user.Created:
    """Open an account for the person; the invitations it replaces are cancelled once nothing else refuses it."""
    if given.person is None:
        raise ValueError("nobody to nominate")
    person = replace(given.person, establishment_id=given.establishment_id, is_administrator=True)
    created = await user.add(viewer, person)
    if created.errors:
        errors = tuple(replace(one, path=("administrator", *one.path)) for one in created.errors)
        return user.Created(errors=errors)
    await _cancel_invitations(viewer, replace(given, user_id=created.user_id))
    return created


async def _cancel_invitations(viewer: Viewer, given: Nomination) -> None:
    """Whoever else was invited to administer is not expected any more: their account, never used, is deleted.

    Without that a forgotten password would still let a stranger in, at an address misspelt.
    """
    if not given.despite_invitation:
        return
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.establishment_id = {sql.bind(given.establishment_id)} AND u.is_administrator")
    sql.add(f"AND {access.invited(sql, 'u')} AND u.id <> {sql.bind(given.user_id)}")
    sql.add(f"ORDER BY u.id {db.held('u')}")  # whoever follows theirs at this moment comes before or after
    cancelled = {one["id"]: given.establishment_id for one in await db.rows(sql)}
    await user.remove(viewer, cancelled, {"why": "invitation replaced by a nomination"})


async def _former_administrators(establishment_id: int) -> list[db.Row]:
    """Those who administered until they expired: they are told who does now."""
    sql = Sql()
    sql.add(f"SELECT u.id, u.email, {access.status(sql, 'u')} AS status FROM users u")
    sql.add(f"WHERE u.establishment_id = {sql.bind(establishment_id)} AND u.is_administrator")
    sql.add("AND u.deleted_at IS NULL AND u.password_hash IS NOT NULL ORDER BY u.id LIMIT 20")
    return await db.rows(sql)


async def _tell(
    viewer: Viewer, given: Nomination, outcome: Nominated, establishment: db.Row, former: list[db.Row]
) -> None:
    """The journal, the person, and the establishment: its functional address and its former administrators."""
    person = (await db.rows("SELECT id, first_name, last_name, email FROM users WHERE id = $1", [outcome.user_id]))[0]
    values: dict[str, Any] = {
        "establishment": establishment["name"],
        "day": clock.french_date(clock.today()),
        "reason": given.reason,
    }
    messages = []
    if not outcome.is_invited:
        messages.append(
            notification.Message(
                kind="SECURITY_ALERT",
                rule="R-ACC-02",
                template="nominated",
                recipient=person["email"],
                user_id=person["id"],
                establishment_id=given.establishment_id,
                values={
                    **values,
                    "first_name": person["first_name"],
                    "last_name": person["last_name"],
                    "link": f"{settings.current().address}/etablissement/comptes",
                },
            )
        )
    because = {
        "functional": "Vous recevez ce message parce que cette adresse est l’adresse fonctionnelle de l’établissement.",
        "former": "Vous recevez ce message parce que vous avez administré cet établissement.",
    }
    told = (
        [(None, establishment["functional_email"], because["functional"])] if establishment["functional_email"] else []
    )
    told += [(one["id"], one["email"], because["former"]) for one in former if one["id"] != person["id"]]
    nominated = f"{person['first_name']} {person['last_name']}"
    for number, address, why in told:
        messages.append(
            notification.Message(
                kind="SECURITY_ALERT",
                rule="R-ACC-02",
                template="nomination",
                recipient=address,
                user_id=number,
                establishment_id=given.establishment_id,
                values={**values, "nominated": nominated, "why": why},
            )
        )
    await notification.queue_all(messages)
    journal.record(
        viewer,
        journal.Event(
            "establishment.administrator_nominated",
            establishment_id=given.establishment_id,
            subject=("User", person["id"]),
            facts={"reason": given.reason, "invited": outcome.is_invited},
        ),
    )
