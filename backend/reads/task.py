"""What waits for a person (Viewer.tasks), counted from the data."""

from dataclasses import dataclass
from datetime import timedelta

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.reads import courrier, terms
from backend.rules import access
from backend.rules.viewer import Viewer


@dataclass(frozen=True)
class Task:
    """One thing to do: how many, before when, for which establishment."""

    kind: str
    count: int
    label: str
    establishment_id: int | None = None
    due_on: str | None = None


async def waiting(viewer: Viewer) -> list[Task]:
    """Unread courriers over every establishment reached; for administrators accounts near their expiry, services to
    review, rights of reopened accounts to review, delegations to decide, a second administrator to add; for operators
    those to nominate.
    """
    if viewer.user_id is None or viewer.establishment_id is None:
        return []
    tasks = await _terms(viewer)
    unread = (await courrier.summary(viewer)).unread if not viewer.is_operator else 0
    if unread:
        tasks.append(Task("READ_COURRIERS", unread, _plural(unread, "courrier non lu", "courriers non lus")))
    if viewer.is_operator:
        tasks += await _operations()
    if viewer.is_administrator:
        tasks += await _administration(viewer, viewer.establishment_id)
    return tasks


async def _terms(viewer: Viewer) -> list[Task]:
    """The terms to accept: elsewhere by an administrator (at home they see nothing else), or by one's administrators
    before the grace ends (R-CGU-02).
    """
    waiting = await terms.to_accept(viewer)
    if waiting:
        label = f"Conditions d’utilisation à accepter pour {_plural(len(waiting), 'établissement', 'établissements')}"
        return [Task("ACCEPT_TERMS", len(waiting), label)]
    grace = None if viewer.is_administrator else await terms.grace(viewer)
    if grace is None:
        return []
    label = "Vos administrateurs doivent accepter les nouvelles conditions d’utilisation"
    return [Task("ACCEPT_TERMS", 1, label, viewer.establishment_id, grace.ends_on.isoformat())]


async def _operations() -> list[Task]:
    """For operators: the establishments that nobody is left to administer (R-ACC-11)."""
    sql = Sql("SELECT count(*) AS alone FROM establishments e")
    found = await db.row(sql.add(f"WHERE {access.without_administrator(sql, 'e')}"))
    alone = found["alone"] if found else 0
    if not alone:
        return []
    label = _plural(alone, "établissement sans administrateur", "établissements sans administrateur")
    return [Task("NOMINATE_ADMINISTRATORS", alone, label)]


async def _administration(viewer: Viewer, home: int) -> list[Task]:
    today = clock.today()
    soon = today + timedelta(days=settings.current().durations.expires_soon_days)
    sql = Sql("SELECT")
    expiring = (
        f"FROM users u WHERE {access.administered_accounts(sql, viewer, 'u')} "
        f"AND u.expires_on BETWEEN {sql.bind(today.isoformat())} AND {sql.bind(soon.isoformat())}"
    )
    sql.add(f"(SELECT count(*) {expiring}) AS expiring, (SELECT min(u.expires_on) {expiring}) AS first_expiry,")
    sql.add(f"(SELECT min(u.establishment_id) {expiring}) AS first_place,")
    sql.add(f"(SELECT count(DISTINCT u.establishment_id) {expiring}) AS places,")
    sql.add(
        f"(SELECT count(*) FROM services s JOIN establishments e ON e.id = {sql.bind(home)} "
        f"WHERE {access.has_to_review(sql, 'e.id', 'e.registered_on', 's.id')}) AS to_review,"
    )
    sql.add(
        f"(SELECT count(*) FROM users u WHERE u.establishment_id = {sql.bind(home)} "
        f"AND {access.has_rights_to_review(sql, 'u')}) AS rights,"
    )
    sql.add(
        f"(SELECT count(*) FROM delegations d WHERE d.delegataire_id = {sql.bind(home)} "
        f"AND {access.delegation_status(sql, 'd')} = 'PENDING') AS to_decide,"
    )
    sql.add(
        f"(SELECT count(*) FROM users u WHERE u.establishment_id = {sql.bind(home)} AND u.is_administrator "
        f"AND {access.can_sign_in(sql, 'u')}) AS administrators"
    )
    found = await db.row(sql)
    if found is None:
        return []
    tasks = []
    if found["to_decide"]:
        label = _plural(found["to_decide"], "demande de délégation à décider", "demandes de délégation à décider")
        tasks.append(Task("DECIDE_DELEGATIONS", found["to_decide"], label, home))
    if found["expiring"]:
        label = _plural(found["expiring"], "compte expire bientôt", "comptes expirent bientôt")
        where = found["first_place"] if found["places"] == 1 else None
        if found["places"] > 1:
            label += f", dans {found['places']} établissements"
        tasks.append(Task("RENEW_ACCOUNTS", found["expiring"], label, where, found["first_expiry"]))
    if found["to_review"]:
        label = _plural(found["to_review"], "nouveau service à examiner", "nouveaux services à examiner")
        tasks.append(Task("REVIEW_NEW_SERVICES", found["to_review"], label, home))
    if found["rights"]:
        label = _plural(found["rights"], "compte rouvert : droits à revoir", "comptes rouverts : droits à revoir")
        tasks.append(Task("REVIEW_RIGHTS", found["rights"], label, home))
    if found["administrators"] < 2:
        label = "Nommez un second administrateur : un seul peut se connecter aujourd’hui"
        tasks.append(Task("ADD_SECOND_ADMINISTRATOR", 1, label, home))
    return tasks


def _plural(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def soon(expires_on: str) -> bool:
    """Whether an account expires within the days a screen warns of."""
    today = clock.today()
    days = (today.fromisoformat(expires_on) - today).days
    return 0 <= days <= settings.current().durations.expires_soon_days
