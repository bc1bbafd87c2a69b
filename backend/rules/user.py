"""Accounts: created, renewed, unlocked, deleted and given a profile by administrators (R-ACC-02 to 14)."""

import re
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import access, idempotency, journal, notification, password, past, right, session
from backend.rules.error import ErrorCode, Results, UserError
from backend.rules.right import missing, outcome, too_many
from backend.rules.viewer import Viewer

LONGEST_NAME = 100
LONGEST_EMAIL = 254

# The form HTML's <input type="email"> takes, with a dot in the domain and none lost in the local part.
_EMAIL = re.compile(
    r"(?!\.)(?!.*\.\.)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)@"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_PHONE = re.compile(r"\+?[0-9 ().\-]{6,31}")


@dataclass(frozen=True)
class NewUser:
    """An account to be: a person's details, a profile, rights (R-ACC-03)."""

    establishment_id: int
    first_name: str
    last_name: str
    email: str
    is_administrator: bool
    civility: str | None = None
    phone: str | None = None
    rights: tuple[right.Wanted, ...] = ()


@dataclass(frozen=True)
class Created:
    """The outcome: the account and the identifier to hand over, or why not."""

    user_id: int | None = None
    identifier: str | None = None
    errors: tuple[UserError, ...] = ()


# ---------------------------------------------------------------- creating


async def create(viewer: Viewer, given: NewUser, key: str | None = None) -> Created:
    """An administrator opens an account for a person, who is invited by e-mail (R-ACC-01, 02, 03).

    Sent again with the same key, it answers as the first time and opens nothing more.
    """
    attempt = idempotency.Attempt("createUser", key, asdict(given))
    async with db.transaction():
        if not await access.holds_accounts(viewer, given.establishment_id):
            message = "Cet établissement n’existe pas, ou n’est pas de ceux dont vous gérez les comptes."
            return Created(errors=(UserError(ErrorCode.NOT_FOUND, message, ("establishmentId",)),))
        earlier = await idempotency.begin(viewer, attempt)
        if earlier is not None:
            return Created(**earlier.answer, errors=earlier.errors)
        outcome = await add(viewer, given)
        answer = {"user_id": outcome.user_id, "identifier": outcome.identifier}
        await idempotency.finish(viewer, attempt, None if outcome.errors else answer)
        return outcome


async def add(viewer: Viewer, given: NewUser) -> Created:
    """Add an account, whoever was allowed to. Inside a transaction that holds the establishment's accounts."""
    return (await add_all(viewer, given.establishment_id, [given]))[0]


async def add_all(viewer: Viewer, establishment_id: int, several: Sequence[NewUser]) -> list[Created]:
    """The same for many accounts of one establishment, each with its own outcome: one that is refused does not stop
    the others. As many statements for one as for a thousand.
    """
    judged = await judge(establishment_id, several)
    kept = [one for one in judged if not one.errors]
    if kept:
        await _add(viewer, establishment_id, kept)
    return [Created(one.user_id, one.identifier, tuple(one.errors)) for one in judged]


@dataclass
class Judged:
    """An account to be, as it would be opened, and what forbids it."""

    given: NewUser
    levels: right.Levels
    errors: list[UserError]
    user_id: int | None = None
    identifier: str | None = None


async def judge(establishment_id: int, several: Sequence[NewUser]) -> list[Judged]:
    """What would become of each of these accounts, in this order; nothing is written."""
    tidied = [tidy(one) for one in several]
    services = await right.open_services() if any(one.rights for one in tidied) else {}
    taken, accounts = await _others(establishment_id, [one.email.casefold() for one in tidied])
    judged = []
    for given in tidied:
        levels = right.check(given.rights, services)
        errors = [*_refusals(given), *levels.errors]
        if given.email.casefold() in taken:
            errors.append(_taken())
        if not accounts and not given.is_administrator:
            errors.append(_sole())
        if not errors:
            taken.add(given.email.casefold())
            accounts += 1
        judged.append(Judged(given, levels, errors))
    return judged


async def _add(viewer: Viewer, establishment_id: int, several: list[Judged]) -> None:
    identifiers = await issue_identifiers([(one.given.first_name, one.given.last_name) for one in several])
    numbers = await db.allocate_ids("users", len(several))
    for one, number, identifier in zip(several, numbers, identifiers, strict=True):
        one.user_id, one.identifier = number, identifier
    rows = [_row(number, one.given, it) for one, number, it in zip(several, numbers, identifiers, strict=True)]
    await db.insert_many("users", list(rows[0]), [list(row.values()) for row in rows])
    for one, number, identifier in zip(several, numbers, identifiers, strict=True):
        given = one.given
        journal.record(
            viewer,
            journal.Event(
                "user.created",
                establishment_id=establishment_id,
                subject=("User", number),
                changes={
                    "civility": (None, given.civility),
                    "first_name": (None, given.first_name),
                    "last_name": (None, given.last_name),
                    "email": (None, given.email),
                    "phone": (None, given.phone),
                    "profile": (None, _profile(is_administrator=given.is_administrator)),
                },
                facts={"identifier": identifier},
            ),
        )
    await right.write_each(
        viewer, establishment_id, {number: one.levels for one, number in zip(several, numbers, strict=True)}
    )
    await invite(viewer, numbers)


def refused(given: NewUser) -> list[UserError]:
    """What is wrong with a person's details, told before there is an establishment to add them to."""
    return _refusals(tidy(given))


def tidy(given: NewUser) -> NewUser:
    """The details without the spaces that nobody sees."""
    phone = " ".join((given.phone or "").split())
    return replace(
        given,
        first_name=" ".join(given.first_name.split()),
        last_name=" ".join(given.last_name.split()),
        email=given.email.strip(),
        phone=phone or None,
    )


def is_email(text: str) -> bool:
    """Whether an e-mail address is well formed, and short enough to be kept."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def _refusals(given: NewUser) -> list[UserError]:
    """What is wrong with a person's details."""
    errors = []
    for name, path, words in ((given.first_name, "firstName", "Le prénom"), (given.last_name, "lastName", "Le nom")):
        if not (1 <= len(name) <= LONGEST_NAME and name.isprintable()):
            message = f"{words} doit compter de 1 à {LONGEST_NAME} caractères."
            errors.append(UserError(ErrorCode.INVALID_VALUE, message, (path,)))
    if not is_email(given.email):
        message = "Cette adresse de messagerie n’est pas bien formée : attendu prenom.nom@exemple.fr, sans accents."
        errors.append(UserError(ErrorCode.INVALID_EMAIL, message, ("email",)))
    if given.phone is not None and not (
        _PHONE.fullmatch(given.phone) and sum(one.isdigit() for one in given.phone) >= 6
    ):
        message = "Ce numéro de téléphone n’est pas bien formé : des chiffres, des espaces, + au début."
        errors.append(UserError(ErrorCode.INVALID_VALUE, message, ("phone",)))
    return errors


async def _others(establishment_id: int, emails: Sequence[str]) -> tuple[set[str], int]:
    """Of these addresses those that accounts of the establishment have, and how many accounts it has (R-ACC-01, 04)."""
    sql = Sql()
    theirs = f"FROM users WHERE establishment_id = {sql.bind(establishment_id)} AND deleted_at IS NULL"
    sql.add(f"SELECT email_key, 0 AS accounts {theirs} AND email_key IN ({sql.bind_all(list(emails))})")
    sql.add(f"UNION ALL SELECT NULL, count(*) {theirs}")
    found = await db.rows(sql)
    return {one["email_key"] for one in found if one["email_key"] is not None}, sum(one["accounts"] for one in found)


async def issue_identifiers(names: Sequence[tuple[str, str]]) -> list[str]:
    """New identifiers for people (first name, last name), like mlefebvre-0412, never given before and never to be
    given again (R-ACC-12).
    """
    stems = []
    for first_name, last_name in names:
        initial, rest = (re.sub(r"[^a-z]", "", fold(name)) for name in (first_name, last_name))
        stems.append(initial[:1] + rest[:12] or "compte")
    issued: list[str | None] = [None] * len(stems)
    now = int(clock.to_microseconds(clock.now()))
    for attempt in range(60):
        digits = 4 if attempt < 50 else 8
        drawn: dict[str, int] = {}
        for place, stem in enumerate(stems):
            if issued[place] is None:
                drawn.setdefault(f"{stem}-{secrets.randbelow(10**digits):0{digits}d}", place)
        sql = Sql("INSERT INTO issued_identifiers (value, issued_at) VALUES")
        sql.add(", ".join(f"({sql.bind(value)}, {sql.bind(now)})" for value in drawn))
        sql.add("ON CONFLICT (value) DO NOTHING RETURNING value")
        for one in await db.rows(sql):
            issued[drawn[one["value"]]] = one["value"]
        found = [one for one in issued if one is not None]
        if len(found) == len(issued):
            return found
    raise RuntimeError("no identifier left for one of these names")


def _row(number: int, given: NewUser, identifier: str) -> dict[str, Any]:
    name = f"{given.first_name} {given.last_name}"
    return {
        "id": number,
        "establishment_id": given.establishment_id,
        "identifier": identifier,
        "civility": given.civility,
        "first_name": given.first_name,
        "last_name": given.last_name,
        "sort_name": fold(f"{given.last_name} {given.first_name}")[:210],
        "search_text": fold(f"{name} {given.email} {identifier}"),
        "email": given.email,
        "email_key": given.email.casefold(),
        "phone": given.phone,
        "is_administrator": given.is_administrator,
        "is_operator": False,
        "created_at": int(clock.to_microseconds(clock.now())),
        "expires_on": session.expiry(clock.today()),
        "failed_sign_ins": 0,
    }


async def invite(viewer: Viewer, user_ids: Sequence[int], template: str = "invitation", rule: str = "R-ACC-03") -> None:
    """Send people the link that sets their first password; an earlier one dies. The identifier is not in it."""
    links = await password.issue_links(user_ids, "INVITATION")
    now = clock.now()
    sql = Sql("UPDATE users SET")
    sql.add(f"invited_at = {sql.bind(int(clock.to_microseconds(now)))} WHERE id IN ({sql.bind_all(list(user_ids))})")
    await db.execute(sql)
    sql = Sql("SELECT u.id, u.first_name, u.last_name, u.email, u.establishment_id, e.name AS establishment,")
    sql.add("a.first_name AS by_first_name, a.last_name AS by_last_name FROM users u")
    sql.add(
        f"JOIN establishments e ON e.id = u.establishment_id LEFT JOIN users a ON a.id = {sql.bind(viewer.user_id)}"
    )
    sql.add(f"WHERE u.id IN ({sql.bind_all(list(user_ids))}) ORDER BY u.id")
    until = clock.french_date(clock.paris_date(now + settings.current().durations.invitation_link))
    await notification.queue(
        *(
            notification.Message(
                kind="INVITATION",
                rule=rule,
                template=template,
                recipient=person["email"],
                user_id=person["id"],
                establishment_id=person["establishment_id"],
                values={
                    "first_name": person["first_name"],
                    "last_name": person["last_name"],
                    "until": until,
                    "link": f"{settings.current().address}/mot-de-passe?jeton={links[person['id']]}",
                    "invited_by": (
                        f"{person['by_first_name']} {person['by_last_name']}"
                        if person["by_last_name"]
                        else "L’équipe de la plateforme"
                    ),
                    "handed_by": (
                        "votre administrateur"
                        if access.manages_accounts(viewer, person["establishment_id"])
                        else "l’équipe de la plateforme"
                    ),
                    "establishment": person["establishment"],
                },
            )
            for person in await db.rows(sql)
        )
    )


async def resend_invitation(viewer: Viewer, user_id: int) -> list[UserError]:
    """Invite again a person who has not chosen a password yet; the earlier link dies (R-ACC-03)."""
    async with db.transaction():
        found = await one_managed(viewer, user_id)
        if found is None:
            return [missing("id")]
        if found["status"] != "INVITED":
            message = "Ce compte n’attend pas d’invitation : sa personne a déjà choisi un mot de passe, ou il a expiré."
            return [UserError(ErrorCode.NOT_INVITED, message, ("id",))]
        await invite(viewer, [user_id])
        journal.record(viewer, _event("user.invited", viewer, user_id))
    return []


async def cancel_invitation(viewer: Viewer, user_id: int) -> list[UserError]:
    """Remove an account that was opened and never used: its link dies with it (R-ACC-03)."""
    async with db.transaction():
        found = await one_managed(viewer, user_id)
        if found is None:
            return [missing("id")]
        if found["status"] != "INVITED":
            message = "Ce compte n’attend pas d’invitation : sa personne a déjà choisi un mot de passe, ou il a expiré."
            return [UserError(ErrorCode.NOT_INVITED, message, ("id",))]
        if found["last_login_at"] is not None:
            message = "Ce compte a déjà servi, avant d’être rouvert : s’il ne doit plus servir, supprimez-le."
            return [UserError(ErrorCode.NOT_INVITED, message, ("id",))]
        await remove(viewer, {user_id: found["establishment_id"]}, {"why": "invitation cancelled"})
        await promote_the_one_left(viewer, found["establishment_id"])
    return []


async def reopen(viewer: Viewer, user_id: int) -> list[UserError]:
    """Reopen an account that has expired, within 6 months: its person is invited anew (R-ACC-11).

    The earlier password, sessions and links are worth nothing any more. The rights stay as they were, to be reviewed:
    they are in the journal with the reopening, and the account is marked until an administrator has (`right.confirm`).
    """
    async with db.transaction():
        found = await one_managed(viewer, user_id)
        if found is None:
            return [missing("id")]
        if found["status"] != "EXPIRED":
            return [UserError(ErrorCode.NOT_EXPIRED, "Ce compte n’a pas expiré : il n’y a rien à rouvrir.", ("id",))]
        months = settings.current().durations.account_reopening_months
        if clock.today() > clock.add_months(date.fromisoformat(found["expires_on"]), months):
            message = (
                f"Ce compte a expiré depuis plus de {months} mois : il ne peut plus être rouvert. Créez un nouveau "
                "compte à cette personne."
            )
            return [UserError(ErrorCode.REOPENING_TOO_LATE, message, ("id",))]
        await _reopen(viewer, found)
    return []


async def _reopen(viewer: Viewer, found: db.Row) -> None:
    number, establishment_id = found["id"], found["establishment_id"]
    now, until = int(clock.to_microseconds(clock.now())), session.expiry(clock.today())
    await past.accounts_end([number])
    await db.execute(
        "UPDATE users SET password_hash = NULL, failed_sign_ins = 0, locked_at = NULL, renewed_at = $1, "
        "rights_to_review_since = $1, expires_on = $2 WHERE id = $3",
        [now, until, number],
    )
    await _end_access([number], now)
    await db.execute("DELETE FROM trusted_devices WHERE user_id = $1", [number])
    held = await _of([number], "s.code, r.level", "rights r JOIN services s ON s.id = r.service_id", "r")
    event = journal.Event(
        "user.reopened",
        establishment_id=establishment_id,
        subject=("User", number),
        changes={"expires_on": (found["expires_on"], until)},
        facts={"rights": {one["code"]: one["level"] for one in held}},
    )
    journal.record(viewer, event)
    await invite(viewer, [number], "reopening", "R-ACC-11")


# ---------------------------------------------------------------- profile


async def set_profile(viewer: Viewer, user_id: int, *, is_administrator: bool) -> list[UserError]:
    """Make an account administrator or ordinary; an administrator who can sign in always remains (R-ACC-04, 05, 06)."""
    async with db.transaction():
        found = await one_managed(viewer, user_id)
        if found is None:
            return [missing("id")]
        before = bool(found["is_administrator"])
        if before == is_administrator:
            return []
        if before:
            refusal = await _demotion_refused(found["establishment_id"], user_id)
            if refusal is not None:
                return [refusal]
        await _write_profile(viewer, found["establishment_id"], user_id, is_administrator=is_administrator)
    return []


async def _demotion_refused(establishment_id: int, user_id: int) -> UserError | None:
    others = await db.rows(
        "SELECT id FROM users WHERE establishment_id = $1 AND deleted_at IS NULL AND id <> $2 LIMIT 1",
        [establishment_id, user_id],
    )
    if not others:
        return _sole()
    if not await _able_administrators(establishment_id) - {user_id}:
        return _last("id", "Nommez d’abord un autre administrateur.")
    return None


async def _write_profile(viewer: Viewer, establishment_id: int, user_id: int, *, is_administrator: bool) -> None:
    await past.accounts_end([user_id])
    await db.execute(
        "UPDATE users SET is_administrator = $1, in_use_since = $2 WHERE id = $3",
        [is_administrator, int(clock.to_microseconds(clock.now())), user_id],
    )
    profiles = (_profile(is_administrator=not is_administrator), _profile(is_administrator=is_administrator))
    journal.record(
        viewer,
        journal.Event(
            "user.profile_changed",
            establishment_id=establishment_id,
            subject=("User", user_id),
            changes={"profile": profiles},
        ),
    )


async def promote_the_one_left(viewer: Viewer, *establishment_ids: int) -> None:
    """The only account left to an establishment becomes administrator, if it is not (R-ACC-04). In a transaction."""
    sql = Sql("SELECT establishment_id, min(id) AS id FROM users WHERE deleted_at IS NULL")
    sql.add(f"AND establishment_id IN ({sql.bind_all(establishment_ids)}) GROUP BY establishment_id")
    sql.add("HAVING count(*) = 1 AND count(CASE WHEN is_administrator THEN 1 END) = 0 ORDER BY establishment_id")
    for one in await db.rows(sql):
        await _write_profile(viewer, one["establishment_id"], one["id"], is_administrator=True)


async def nominate(viewer: Viewer, user_id: int) -> None:
    """Make an account administrator; whoever expired, or never chose a password, is invited (R-ACC-02, 11).

    Whoever was allowed to. Inside a transaction that holds the establishment's accounts.
    """
    sql = Sql()
    sql.add(f"SELECT u.id, u.establishment_id, u.is_administrator, u.expires_on, {access.status(sql, 'u')} AS status")
    sql.add(f"FROM users u WHERE u.id = {sql.bind(user_id)}")
    found = (await db.rows(sql))[0]
    if not found["is_administrator"]:
        await _write_profile(viewer, found["establishment_id"], user_id, is_administrator=True)
    if found["status"] == "EXPIRED":
        await _reopen(viewer, found)
    elif found["status"] == "INVITED":
        await invite(viewer, [user_id])


async def _able_administrators(establishment_id: int) -> set[int]:
    """The administrators of an establishment who can sign in (R-ACC-05)."""
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.establishment_id = {sql.bind(establishment_id)} AND u.is_administrator")
    sql.add(f"AND {access.can_sign_in(sql, 'u')}")
    return {one["id"] for one in await db.rows(sql)}


# ---------------------------------------------------------------- renewing, unlocking


async def renew(viewer: Viewer, user_ids: Sequence[int]) -> Results:
    """Move the expiry of accounts 18 months from today, before it has come (R-ACC-10). Each has its own result.

    They may be of all the establishments one administers, which are held in a steady order.
    """
    if len(user_ids) > right.MOST:
        return too_many("ids")
    today, until = clock.today().isoformat(), session.expiry(clock.today())
    async with db.transaction():
        await access.hold_administered(viewer, user_ids)
        theirs = await _found(user_ids, lambda sql: access.administered_accounts(sql, viewer, "u"))
        late = {number for number, one in theirs.items() if one["expires_on"] < today}
        moved = [number for number, one in theirs.items() if number not in late and one["expires_on"] < until]
        sql = Sql("UPDATE users SET")
        sql.add(f"expires_on = {sql.bind(until)}, renewed_at = {sql.bind(int(clock.to_microseconds(clock.now())))}")
        sql.add(f"WHERE id IN ({sql.bind_all(moved)})")
        await db.execute(sql)
        for number in moved:
            changes = {"expires_on": (theirs[number]["expires_on"], until)}
            event = _event("user.renewed", viewer, number, changes)
            journal.record(viewer, replace(event, establishment_id=theirs[number]["establishment_id"]))
    message = "Ce compte a déjà expiré : il ne se renouvelle plus, il doit être rouvert."
    refused = {number: UserError(ErrorCode.ALREADY_EXPIRED, message, ("ids",)) for number in late}
    return outcome(user_ids, set(theirs), "ids", refused)


async def unlock(viewer: Viewer, user_id: int) -> list[UserError]:
    """Unlock an account after too many failed sign-ins; an administrator's, by another one (R-ACC-14)."""
    async with db.transaction():
        found = await one_managed(viewer, user_id)
        if found is None:
            return [missing("id")]
        if not found["is_locked"]:
            return [UserError(ErrorCode.NOT_LOCKED, "Ce compte n’est pas bloqué, ou ne l’est plus.", ("id",))]
        await db.execute("UPDATE users SET failed_sign_ins = 0, locked_at = NULL WHERE id = $1", [user_id])
        changes = {"locked_at": (clock.from_microseconds(found["locked_at"]).isoformat(), None)}
        journal.record(viewer, _event("user.unlocked", viewer, user_id, changes))
        await _tell_unlocked(viewer, user_id)
    return []


async def _tell_unlocked(viewer: Viewer, user_id: int) -> None:
    found = await db.rows(
        "SELECT u.first_name, u.last_name, u.email, u.establishment_id, e.name AS establishment, "
        "a.first_name AS by_first_name, a.last_name AS by_last_name "
        "FROM users u JOIN establishments e ON e.id = u.establishment_id LEFT JOIN users a ON a.id = $2 "
        "WHERE u.id = $1",
        [user_id, viewer.user_id],
    )
    person = found[0]
    await notification.queue(
        notification.Message(
            kind="ACCOUNT_UNLOCKED",
            rule="R-ACC-14",
            template="account_unlocked",
            recipient=person["email"],
            user_id=user_id,
            establishment_id=person["establishment_id"],
            values={
                "first_name": person["first_name"],
                "last_name": person["last_name"],
                "establishment": person["establishment"],
                "unlocked_by": f"{person['by_first_name']} {person['by_last_name']}",
            },
        )
    )


# ---------------------------------------------------------------- deleting


async def delete(viewer: Viewer, user_ids: Sequence[int]) -> Results:
    """Delete accounts of people who left: their access ends at once, a trace stays (R-ACC-12).

    Each has its own result, in the order asked for: whoever would leave no administrator who can sign in is refused
    (R-ACC-05), oneself included.
    """
    if len(user_ids) > right.MOST:
        return too_many("ids")
    refused: dict[int, UserError] = {}
    async with db.transaction():
        theirs = await _managed(viewer, user_ids)
        if theirs and viewer.establishment_id is not None:
            remaining = await _able_administrators(viewer.establishment_id)
            for number in theirs:
                if remaining - {number}:
                    remaining -= {number}
                else:
                    refused[number] = _last("ids", "Nommez d’abord un successeur.")
            home = viewer.establishment_id
            await remove(viewer, {number: home for number in theirs if number not in refused})
            await promote_the_one_left(viewer, viewer.establishment_id)
    return outcome(user_ids, set(theirs), "ids", refused)


async def remove(viewer: Viewer, gone: Mapping[int, int], why: Mapping[str, Any] | None = None) -> None:
    """Delete accounts, given with their establishments, whoever was allowed to. In a transaction that holds these."""
    user_ids = list(gone)
    now = int(clock.to_microseconds(clock.now()))
    rights = await _of(user_ids, "r.user_id, s.code, r.level", "rights r JOIN services s ON s.id = r.service_id", "r")
    memberships = await _of(user_ids, "m.user_id, m.delegation_id", "delegation_members m", "m")
    await past.everything_ends(user_ids)
    sql = Sql("UPDATE users SET")
    sql.add(f"deleted_at = {sql.bind(now)}, rights_to_review_since = NULL WHERE id IN ({sql.bind_all(user_ids)})")
    await db.execute(sql)
    await _end_access(user_ids, now)
    for table in ("rights", "delegation_members"):
        sql = Sql(f"DELETE FROM {table}")
        sql.add(f"WHERE user_id IN ({sql.bind_all(user_ids)})")
        await db.execute(sql)
    levels: dict[int, dict[str, int]] = defaultdict(dict)
    for one in rights:
        levels[one["user_id"]][one["code"]] = one["level"]
    delegations: dict[int, list[int]] = defaultdict(list)
    for one in memberships:
        delegations[one["user_id"]].append(one["delegation_id"])
    for number in user_ids:
        changes = {"deleted_at": (None, clock.from_microseconds(now).isoformat())}
        facts = {"rights": levels[number], "delegations": delegations[number], **(why or {})}
        event = journal.Event("user.deleted", gone[number], ("User", number), changes=changes, facts=facts)
        journal.record(viewer, event)


async def _end_access(user_ids: list[int], now: int) -> None:
    """End every session of these accounts, and every link that was sent to them."""
    for what in (
        "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL AND user_id",
        "UPDATE links SET revoked_at = $1 WHERE used_at IS NULL AND revoked_at IS NULL AND user_id",
    ):
        sql = Sql()
        sql.bind(now)
        sql.add(f"{what} IN ({sql.bind_all(user_ids)})")
        await db.execute(sql)


async def _of(user_ids: list[int], columns: str, source: str, alias: str) -> list[db.Row]:
    sql = Sql(f"SELECT {columns} FROM {source}")
    sql.add(f"WHERE {alias}.user_id IN ({sql.bind_all(user_ids)})")
    return await db.rows(sql)


# ---------------------------------------------------------------- common


async def _managed(viewer: Viewer, user_ids: Sequence[int]) -> dict[int, db.Row]:
    """The accounts of those asked for that the viewer manages, in the order asked for, held until the end."""
    if not await access.holds_accounts(viewer, viewer.establishment_id):
        return {}
    return await _found(user_ids, lambda sql: access.managed(sql, viewer, "u"))


async def _found(user_ids: Sequence[int], condition: Callable[[Sql], str]) -> dict[int, db.Row]:
    sql = Sql()
    status, locked = access.status(sql, "u"), access.is_locked(sql, "u")
    sql.add("SELECT u.id, u.establishment_id, u.is_administrator, u.expires_on, u.locked_at, u.last_login_at,")
    sql.add(f"{status} AS status, {locked} AS is_locked FROM users u")
    sql.add(f"WHERE u.id IN ({sql.bind_all(list(user_ids))}) AND {condition(sql)} ORDER BY u.id {db.held('u')}")
    found = {one["id"]: one for one in await db.rows(sql)}
    return {number: found[number] for number in dict.fromkeys(user_ids) if number in found}


async def one_managed(viewer: Viewer, user_id: int) -> db.Row | None:
    """An account that the viewer manages, with the establishment's accounts held; None for any other."""
    return (await _managed(viewer, [user_id])).get(user_id)


def _event(
    action: str,
    viewer: Viewer,
    user_id: int,
    changes: dict[str, tuple[Any, Any]] | None = None,
    facts: dict[str, Any] | None = None,
) -> journal.Event:
    return journal.Event(
        action,
        establishment_id=viewer.establishment_id,
        subject=("User", user_id),
        changes=changes or {},
        facts=facts or {},
    )


def _profile(*, is_administrator: bool) -> str:
    return "ADMINISTRATOR" if is_administrator else "USER"


def _taken() -> UserError:
    message = "Un compte de votre établissement a déjà cette adresse : un compte est personnel, et chacun a la sienne."
    return UserError(ErrorCode.EMAIL_TAKEN, message, ("email",))


def _sole() -> UserError:
    message = "Le seul compte d’un établissement est nécessairement administrateur."
    return UserError(ErrorCode.SOLE_USER_MUST_ADMINISTER, message, ("profile",))


def _last(path: str, advice: str) -> UserError:
    message = f"Il ne resterait à l’établissement aucun administrateur qui puisse se connecter. {advice}"
    return UserError(ErrorCode.LAST_ADMINISTRATOR, message, (path,))
