"""Why somebody can, or cannot, use a service or read a letter: the path that allows it, or the first thing missing.

`access` decides; this tells. What it tells is read from the same tables step by step, in the order in which a person
would mend it: the account, the letter, the service, then the right or the delegation (R-RGT-06).
"""

from dataclasses import dataclass
from datetime import date

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access
from backend.rules.viewer import HeldBack, Viewer

LEVELS = {1: "Lecture seule", 2: "Modification"}


@dataclass(frozen=True)
class Question:
    """Whose access, to a service at home or to a letter."""

    user_id: int
    service: str | None = None
    courrier_id: int | None = None


@dataclass(frozen=True)
class Reason:
    """A path, or what is missing; with the right and the delegation it speaks of."""

    code: str
    message: str
    service_id: int | None = None
    delegation_id: int | None = None


@dataclass(frozen=True)
class Explanation:
    """The answer; `ask_at` is the establishment whose administrators can mend it, None: nobody there can."""

    allowed: bool
    level: int
    reasons: tuple[Reason, ...]
    ask_at: int | None = None


@dataclass(frozen=True)
class _Thing:
    """What it is about: a service as one establishment has it, and the letter if there is one."""

    establishment_id: int
    establishment: str
    service_id: int
    service: str
    is_online: bool
    online_since: date
    available: bool = True
    withdrawn: bool = False


async def explain(viewer: Viewer, asked: Question) -> Explanation | None:
    """Why, for oneself, for one's administrators, for operators; None of what the asker may not see."""
    person = await _person(viewer, asked.user_id)
    if person is None:
        return None
    thing = await _thing(viewer, person, asked)
    if thing is None:
        return None
    home = person["establishment_id"]
    paths = await _paths(person, thing)
    missing = _account_missing(person) or _thing_missing(thing)
    if missing is None and not paths:
        missing = await _path_missing(person, thing)
    if missing is not None:
        reason, ask_at = missing
        return Explanation(allowed=False, level=0, reasons=(reason,), ask_at=ask_at)
    right = await _right(person["id"], thing.service_id)
    reasons = tuple([_path(one, right, thing) for one in paths])
    return Explanation(True, max(one["level"] for one in paths), reasons, home)


# ---------------------------------------------------------------- who and what


async def _person(viewer: Viewer, user_id: int) -> db.Row | None:
    sql = Sql()
    held, status = access.held_back(sql, "u"), access.status(sql, "u")
    sql.add("SELECT u.id, u.establishment_id, u.is_administrator, u.is_operator, u.expires_on, u.locked_at,")
    sql.add(f"{status} AS status, {held} AS held_back FROM users u")
    sql.add(f"WHERE u.id = {sql.bind(user_id)} AND {access.users(sql, viewer, 'u')}")
    found = await db.row(sql)
    if found is None or not access.manages_account(viewer, found["id"], found["establishment_id"]):
        return None
    return found


async def _thing(viewer: Viewer, person: db.Row, asked: Question) -> _Thing | None:
    sql = Sql("SELECT e.id AS establishment_id, e.name AS establishment, s.id AS service_id, s.label AS service,")
    sql.add(f"CASE WHEN {access.online(sql, 's')} THEN 1 ELSE 0 END AS is_online, s.online_since,")
    if asked.courrier_id is not None:
        sql.add("c.available_at, c.withdrawn_at FROM courriers c JOIN courrier_types t ON t.id = c.type_id")
        sql.add("JOIN services s ON s.id = t.service_id JOIN establishments e ON e.id = c.establishment_id")
        sql.add(f"WHERE c.id = {sql.bind(asked.courrier_id)} AND {access.asked_about(sql, viewer, 'c')}")
    else:
        sql.add("1 AS available_at, NULL AS withdrawn_at FROM services s, establishments e")
        sql.add(f"WHERE s.code = {sql.bind(asked.service)} AND e.id = {sql.bind(person['establishment_id'])}")
    found = await db.row(sql)
    if found is None:
        return None
    return _Thing(
        found["establishment_id"],
        found["establishment"],
        found["service_id"],
        found["service"],
        bool(found["is_online"]),
        date.fromisoformat(found["online_since"]),
        found["available_at"] is not None,
        found["withdrawn_at"] is not None,
    )


async def _paths(person: db.Row, thing: _Thing) -> list[db.Row]:
    """Through what the person reaches the service there: what `access` says, once nothing holds the account back."""
    who = Viewer(
        user_id=person["id"],
        establishment_id=person["establishment_id"],
        is_administrator=bool(person["is_administrator"]),
        is_operator=bool(person["is_operator"]),
    )
    sql = Sql()
    there = f"CAST({sql.bind(thing.establishment_id)} AS BIGINT)"
    reach = access.reach(sql, who, there)
    sql.add(f"SELECT reach.level, reach.delegation_id, d.starts_on, d.ends_on, h.name AS by_name FROM ({reach}) reach")
    sql.add("LEFT JOIN delegations d ON d.id = reach.delegation_id")
    sql.add("LEFT JOIN establishments h ON h.id = d.centralisateur_id")
    sql.add(f"WHERE reach.service_id = {sql.bind(thing.service_id)}")
    sql.add("ORDER BY reach.delegation_id IS NOT NULL, reach.level DESC, reach.delegation_id")
    return await db.rows(sql)


async def _right(user_id: int, service_id: int) -> db.Row | None:
    return await db.row(
        "SELECT r.level, r.granted_at, g.first_name, g.last_name FROM rights r LEFT JOIN users g "
        "ON g.id = r.granted_by_id WHERE r.user_id = $1 AND r.service_id = $2",
        [user_id, service_id],
    )


# ---------------------------------------------------------------- the path that allows it


def _path(path: db.Row, right: db.Row | None, thing: _Thing) -> Reason:
    level = LEVELS[path["level"]]
    if path["delegation_id"] is None:
        given = ""
        if right is not None:
            given = f", donné le {_day(clock.paris_date(clock.from_microseconds(right['granted_at'])))}"
            given += f" par {right['first_name']} {right['last_name']}" if right["last_name"] else ""
        message = f"Droit « {level} » sur le service « {thing.service} »{given}."
        return Reason("OWN_RIGHT", message, thing.service_id)
    dates = [
        f" depuis le {_day(date.fromisoformat(path['starts_on']))}" if path["starts_on"] else "",
        f" jusqu’au {_day(date.fromisoformat(path['ends_on']))}" if path["ends_on"] else "",
    ]
    message = (
        f"Délégation de {thing.establishment} à {path['by_name']}, en vigueur{''.join(dates)} : « {level} » sur le "
        f"service « {thing.service} », le plus bas du niveau délégué et du droit de la personne chez elle."
    )
    return Reason("DELEGATION", message, thing.service_id, path["delegation_id"])


def _day(day: date) -> str:
    return clock.french_date(day)


# ---------------------------------------------------------------- the first thing missing

Missing = tuple[Reason, int | None]


def _account_missing(person: db.Row) -> Missing | None:
    """What keeps the person from signing in, or from going further."""
    home = person["establishment_id"]
    if person["status"] == "INVITED":
        message = "Aucun mot de passe n’est encore choisi : l’invitation est à suivre, ou à envoyer de nouveau."
        return Reason("NEVER_SIGNED_IN", message), home
    if person["status"] == "EXPIRED":
        expired = date.fromisoformat(person["expires_on"])
        until = clock.add_months(expired, settings.current().durations.account_reopening_months)
        mend = (
            f"un administrateur peut le rouvrir jusqu’au {_day(until)}"
            if clock.today() <= until
            else "il ne se rouvre plus, un nouveau compte est à créer"
        )
        return Reason("ACCOUNT_EXPIRED", f"Le compte a cessé de servir après le {_day(expired)} : {mend}."), home
    if person["status"] == "LOCKED":
        minutes = int(settings.current().durations.lock.total_seconds() // 60)
        message = (
            f"Trop d’essais de connexion : le compte est bloqué {minutes} minutes. Un autre administrateur peut le "
            "débloquer, un nouveau mot de passe aussi."
        )
        return Reason("ACCOUNT_LOCKED", message), home
    return _held_back(person["held_back"], home)


def _held_back(held_back: str | None, home: int) -> Missing | None:
    if held_back is None:
        return None
    if held_back == HeldBack.ENROL_SECOND_FACTOR:
        message = "Un second facteur est obligatoire pour ce profil : la personne l’enregistre en se connectant."
        return Reason("SECOND_FACTOR_TO_ENROL", message), None
    message = (
        "Les conditions générales d’utilisation ne sont pas acceptées pour l’établissement : un administrateur les "
        "accepte en se connectant."
    )
    return Reason("TERMS_TO_ACCEPT", message), home


def _thing_missing(thing: _Thing) -> Missing | None:
    """What keeps everybody from the letter, or from the service."""
    if thing.withdrawn:
        return Reason("LETTER_WITHDRAWN", "Ce courrier a été retiré par le fonds qui l’avait déposé."), None
    if not thing.available:
        return Reason("LETTER_NOT_YET_AVAILABLE", "Ce courrier n’est pas encore mis à disposition."), None
    if thing.is_online:
        return None
    if thing.online_since > clock.today():
        message = f"Le service « {thing.service} » ouvre le {_day(thing.online_since)}."
        return Reason("SERVICE_NOT_YET_OPEN", message), None
    return Reason("SERVICE_CLOSED", f"Le service « {thing.service} » est fermé."), None


async def _path_missing(person: db.Row, thing: _Thing) -> Missing:
    """The right at home, or what the delegation that goes furthest lacks."""
    home = person["establishment_id"]
    no_right = Reason("NO_RIGHT", f"Aucun droit sur le service « {thing.service} » : un administrateur peut le donner.")
    if thing.establishment_id == home:
        return no_right, home
    agreements = await _agreements(person, thing)
    if not agreements:
        message = (
            f"Ce courrier est adressé à {thing.establishment}, qui n’est pas l’établissement de la personne : il y "
            "faudrait une délégation."
        )
        return Reason("OTHER_ESTABLISHMENT", message), home
    best = agreements[0]
    if not best["in_force"]:
        ask = thing.establishment_id if best["status"] == "PENDING" else home
        return Reason("DELEGATION_NOT_IN_FORCE", _not_in_force(best, thing), delegation_id=best["id"]), ask
    if not best["covers"]:
        message = f"La délégation de {thing.establishment} ne comprend pas le service « {thing.service} »."
        return Reason("DELEGATION_NOT_COVERING", message, delegation_id=best["id"]), home
    if not best["member"]:
        message = (
            f"La personne n’est pas de celles qui agissent pour {thing.establishment} par cette délégation : un "
            "administrateur peut l’y ajouter."
        )
        return Reason("NOT_A_MEMBER", message, delegation_id=best["id"]), home
    message = (
        f"La délégation de {thing.establishment} comprend ce service, mais la personne n’a chez elle aucun droit sur "
        f"« {thing.service} » : un administrateur peut le donner."
    )
    return Reason("NO_RIGHT", message, delegation_id=best["id"]), home


async def _agreements(person: db.Row, thing: _Thing) -> list[db.Row]:
    """The delegations between the two establishments, the one that goes furthest first."""
    sql = Sql()
    force = f"CASE WHEN {access.in_force(sql, 'd')} THEN 1 ELSE 0 END"
    covers = (
        "CASE WHEN EXISTS (SELECT 1 FROM delegation_services ds WHERE ds.delegation_id = d.id "
        f"AND ds.service_id = {sql.bind(thing.service_id)} AND ds.level_granted IS NOT NULL) THEN 1 ELSE 0 END"
    )
    member = (
        "CASE WHEN EXISTS (SELECT 1 FROM delegation_members dm WHERE dm.delegation_id = d.id "
        f"AND dm.user_id = {sql.bind(person['id'])}) THEN 1 ELSE 0 END"
    )
    status = access.delegation_status(sql, "d")
    sql.add(f"SELECT d.id, {status} AS status, d.decided_at, d.starts_on, d.ends_on,")
    sql.add(f"{force} AS in_force, {covers} AS covers, {member} AS member,")
    sql.add(f"CASE {status} WHEN 'ACCEPTED' THEN 2 WHEN 'PENDING' THEN 1 ELSE 0 END AS promise")
    sql.add(f"FROM delegations d WHERE d.centralisateur_id = {sql.bind(person['establishment_id'])}")
    sql.add(f"AND d.delegataire_id = {sql.bind(thing.establishment_id)}")
    sql.add("ORDER BY in_force DESC, covers DESC, member DESC, promise DESC, d.id DESC LIMIT 1")
    return await db.rows(sql)


def _not_in_force(one: db.Row, thing: _Thing) -> str:
    of = f"La délégation de {thing.establishment}"
    if one["status"] == "PENDING":
        return f"{of} est demandée, et attend qu’un de ses administrateurs l’accepte."
    if one["status"] == "ACCEPTED":
        return f"{of} commence le {_day(date.fromisoformat(one['starts_on']))}."
    if one["status"] == "EXPIRED" and (one["decided_at"] is None or one["ends_on"] is None):
        return f"{of} a été demandée, et n’a pas reçu de réponse à temps : une autre est à demander."
    if one["status"] == "EXPIRED":
        return f"{of} a pris fin le {_day(date.fromisoformat(one['ends_on']))} : une autre est à demander."
    told = {"REFUSED": "a été refusée", "WITHDRAWN": "a été retirée avant d’être décidée", "ENDED": "a pris fin"}
    return f"{of} {told[one['status']]} : une autre est à demander."
