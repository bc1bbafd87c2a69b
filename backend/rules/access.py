"""Who may see and do what: the only place that answers it.

Answers are sets: conditions to put in a query (`courriers`, `documents`, `establishments`, `users`, `delegations`),
never a yes per row fetched. Rules and reads ask the same functions. Nothing here is cached: a right withdrawn counts
on the next request and the next event (R-ACC-06, R-DEL-08).
"""

from collections.abc import Sequence
from datetime import date, timedelta

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules.viewer import Viewer

DEPOSIT_COURRIERS = "DEPOSIT_COURRIERS"
MANAGE_ESTABLISHMENTS = "MANAGE_ESTABLISHMENTS"

NOTHING = "1 = 0"
EVERYTHING = "1 = 1"

# ---------------------------------------------------------------- accounts


def _today() -> str:
    return clock.today().isoformat()


def can_sign_in(sql: Sql, alias: str) -> str:
    """Accounts that can sign in now: password set, not deleted, not expired, not locked (R-ACC-08, 11, 12, 14)."""
    return (
        f"({alias}.password_hash IS NOT NULL AND {alias}.deleted_at IS NULL "
        f"AND {alias}.expires_on >= {sql.bind(clock.today().isoformat())} "
        f"AND ({alias}.locked_at IS NULL OR {alias}.locked_at <= {sql.bind(unlocked_before())}))"
    )


def may_act(sql: Sql, alias: str) -> str:
    """The same, where nothing must be done first: who may change something, judged anew inside the transaction however
    long ago their request began (R-CGU-02, R-ACC-16).
    """
    return f"({can_sign_in(sql, alias)} AND {held_back(sql, alias)} IS NULL)"


def in_use(sql: Sql, alias: str) -> str:
    """Accounts that can sign in, were too many failed sign-ins not to keep them locked for half an hour: whom to write
    to.
    """
    return (
        f"({alias}.password_hash IS NOT NULL AND {alias}.deleted_at IS NULL "
        f"AND {alias}.expires_on >= {sql.bind(clock.today().isoformat())})"
    )


def invited(sql: Sql, alias: str) -> str:
    """Accounts whose person holds an invitation that still works (R-ACC-03)."""
    return (
        f"({alias}.password_hash IS NULL AND {alias}.deleted_at IS NULL "
        f"AND {alias}.expires_on >= {sql.bind(clock.today().isoformat())} "
        f"AND EXISTS (SELECT 1 FROM links l WHERE l.user_id = {alias}.id AND l.purpose = 'INVITATION' "
        "AND l.used_at IS NULL AND l.revoked_at IS NULL "
        f"AND l.expires_at > {sql.bind(int(clock.to_microseconds(clock.now())))}))"
    )


def status(sql: Sql, alias: str) -> str:
    """An account's status as an expression: DELETED, EXPIRED, INVITED, LOCKED or ACTIVE, derived at this instant."""
    return (
        f"CASE WHEN {alias}.deleted_at IS NOT NULL THEN 'DELETED' "
        f"WHEN {alias}.expires_on < {sql.bind(clock.today().isoformat())} THEN 'EXPIRED' "
        f"WHEN {alias}.password_hash IS NULL THEN 'INVITED' "
        f"WHEN {is_locked(sql, alias)} THEN 'LOCKED' "
        "ELSE 'ACTIVE' END"
    )


def is_locked(sql: Sql, alias: str) -> str:
    """Accounts that too many failed sign-ins keep locked now (R-ACC-14)."""
    return f"({alias}.locked_at IS NOT NULL AND {alias}.locked_at > {sql.bind(unlocked_before())})"


def unlocked_before() -> int:
    """An account locked at or before this instant (microseconds) is no longer locked (R-ACC-14)."""
    return int(clock.to_microseconds(clock.now() - settings.current().durations.lock))


def held_back(sql: Sql, alias: str) -> str:
    """What an account that can sign in must do before anything else: an expression, a HeldBack or NULL.

    The terms first (R-CGU-02), then the second factor (R-ACC-16).
    """
    return (
        f"CASE WHEN {_terms_wait(sql, alias)} AND {alias}.is_administrator THEN 'ACCEPT_TERMS' "
        f"WHEN {_terms_wait(sql, alias, after_grace=True)} THEN 'ASK_TO_ACCEPT_TERMS' "
        f"WHEN {lacks_second_factor(alias)} THEN 'ENROL_SECOND_FACTOR' END"
    )


def current_terms(sql: Sql) -> str:
    """A subquery of the one version of the terms in force today: id, published_on (R-CGU-01)."""
    today = sql.bind(clock.today().isoformat())
    return (
        f"SELECT t.id, t.published_on FROM terms t WHERE t.published_on <= {today} "
        "ORDER BY t.published_on DESC, t.id DESC LIMIT 1"
    )


def concerned_by_terms(alias: str) -> str:
    """The establishments that accept the terms: all but the platform's own."""
    return f"NOT {alias}.is_platform"


def accepted(establishment: str, terms: str) -> str:
    """Whether an administrator has accepted a version for an establishment; placeholders or columns are given."""
    return (
        f"EXISTS (SELECT 1 FROM terms_acceptances ta WHERE ta.establishment_id = {establishment} "
        f"AND ta.terms_id = {terms})"
    )


def terms(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The versions of the terms a viewer can read: everybody, those published; operators, those to come too."""
    return EVERYTHING if viewer.is_operator else f"{alias}.published_on <= {sql.bind(clock.today().isoformat())}"


def terms_acceptances(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The acceptances a viewer can look up: for their own establishment or one they administer; operators, all."""
    if viewer.is_operator:
        return EVERYTHING
    if viewer.user_id is None:
        return NOTHING
    there = administered(sql, viewer, even_held_back=True)
    return f"({alias}.establishment_id = {sql.bind(viewer.establishment_id)} OR {alias}.establishment_id IN ({there}))"


def receipts(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The acceptances whose receipt a viewer can have (R-CGU-03): those they made, those for an establishment they
    administer; operators, all. Also for who is held back: what was accepted before can still be proved.
    """
    if viewer.is_operator and viewer.held_back is None:
        return EVERYTHING
    if viewer.user_id is None:
        return NOTHING
    there = administered(sql, viewer, even_held_back=True)
    return f"({alias}.user_id = {sql.bind(viewer.user_id)} OR {alias}.establishment_id IN ({there}))"


def _terms_wait(sql: Sql, alias: str, *, after_grace: bool = False) -> str:
    """Accounts at whose establishment nobody has accepted the terms in force; past the grace, which begins with the
    version, or with the establishment where that is later.
    """
    grace = ""
    if after_grace:
        over = sql.bind((clock.today() - settings.current().durations.terms_grace).isoformat())
        grace = f" AND cgu.published_on <= {over} AND e.registered_on <= {over}"
    return (
        f"(NOT {alias}.is_operator AND EXISTS (SELECT 1 FROM ({current_terms(sql)}) cgu "
        f"JOIN establishments e ON e.id = {alias}.establishment_id "
        f"WHERE {concerned_by_terms('e')} AND NOT {accepted('e.id', 'cgu.id')}{grace}))"
    )


def requires_second_factor(alias: str) -> str:
    """Accounts that must have a second factor, as the setting says (R-ACC-16)."""
    match settings.current().second_factor:
        case "everybody":
            return EVERYTHING
        case "administrators":
            return f"({alias}.is_administrator OR {alias}.is_operator)"
        case _:
            return NOTHING


def has_second_factor(alias: str) -> str:
    """Accounts whose owner enrolled a second factor (R-ACC-16)."""
    return f"EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = {alias}.id AND f.confirmed_at IS NOT NULL)"


def lacks_second_factor(alias: str) -> str:
    """Accounts that must have a second factor and have none (R-ACC-16)."""
    return f"({requires_second_factor(alias)} AND NOT {has_second_factor(alias)})"


def administered(sql: Sql, viewer: Viewer, *, even_held_back: bool = False) -> str:
    """A subquery of the ids of the establishments that a person administers: their own, and those where they have
    another account (R-ACC-01) as an administrator who can sign in (R-ACC-10, R-CGU-03).

    Two accounts are one person's when both the address, proved by the link that set the password, and the names are
    the same. An account with a second factor is reached from one with a second factor only. `even_held_back`: also
    from where, and where, something must be done first.
    """
    able = can_sign_in if even_held_back else may_act
    factor = "SELECT 1 FROM second_factors f WHERE f.confirmed_at IS NOT NULL AND f.user_id"
    return (
        "SELECT a.establishment_id FROM users me "
        "JOIN users a ON a.email_key = me.email_key AND a.sort_name = me.sort_name "
        f"WHERE me.id = {sql.bind(viewer.user_id)} AND {able(sql, 'me')} "
        f"AND a.is_administrator AND {able(sql, 'a')} "
        f"AND (a.id = me.id OR NOT EXISTS ({factor} = a.id) OR EXISTS ({factor} = me.id))"
    )


def users(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The accounts a viewer can look up.

    Oneself; for administrators every account of their establishment; for others its administrators, whom they may
    have to turn to (R-ACC-17); operators, all. Deleted accounts are only traces (R-ACC-12).
    """
    if viewer.is_operator:
        return f"{alias}.deleted_at IS NULL"
    if viewer.user_id is None:
        return NOTHING
    home = f"{alias}.establishment_id = {sql.bind(viewer.establishment_id)}"
    if not viewer.is_administrator:
        home = f"({home} AND {alias}.is_administrator)"
    return f"({alias}.deleted_at IS NULL AND ({alias}.id = {sql.bind(viewer.user_id)} OR {home}))"


def traces(viewer: Viewer, alias: str) -> str:
    """The deleted accounts whose trace a viewer looks up: operators, all (R-ACC-12)."""
    return f"{alias}.deleted_at IS NOT NULL" if viewer.is_operator else NOTHING


def manages_account(viewer: Viewer, user_id: int, establishment_id: int) -> bool:
    """Whether a viewer sees the private side of an account: its owner, its administrators, operators (R-ACC-02, 17)."""
    return (
        viewer.is_operator
        or (viewer.user_id is not None and viewer.user_id == user_id)
        or manages_accounts(viewer, establishment_id)
    )


def manages_accounts(viewer: Viewer, establishment_id: int) -> bool:
    """Whether a viewer administers the accounts of an establishment: their own only, never through a delegation."""
    return viewer.is_administrator and viewer.establishment_id == establishment_id


async def holds_accounts(viewer: Viewer, establishment_id: int | None) -> bool:
    """The same, judged anew inside the transaction, which holds the establishment's accounts until its end.

    Whoever changes accounts and rights of one establishment takes turns, so that two who demote each other at once
    leave an administrator (R-ACC-05).
    """
    if establishment_id is None or not manages_accounts(viewer, establishment_id):
        return False
    await db.hold("establishments", establishment_id)
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.id = {sql.bind(viewer.user_id)} AND u.establishment_id = {sql.bind(establishment_id)} ")
    sql.add(f"AND u.is_administrator AND {may_act(sql, 'u')}")
    return await db.row(sql) is not None


def administered_accounts(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The accounts of all the establishments that a person administers (R-ACC-10)."""
    if viewer.user_id is None or viewer.held_back is not None:
        return NOTHING
    return f"({alias}.establishment_id IN ({administered(sql, viewer)}) AND {alias}.deleted_at IS NULL)"


async def hold_administered(viewer: Viewer, user_ids: Sequence[int]) -> None:
    """Hold the establishments of these accounts, of those that a person administers, until the transaction ends: in
    the same order for everybody, so that two never wait for each other. Who may what is then judged anew.
    """
    sql = Sql("SELECT DISTINCT u.establishment_id AS id FROM users u")
    sql.add(f"WHERE u.id IN ({sql.bind_all(list(user_ids))}) AND {administered_accounts(sql, viewer, 'u')}")
    await db.hold("establishments", *(one["id"] for one in await db.rows(sql)))


def managed(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The accounts an administrator manages: those of their establishment, operator or not (R-ACC-02)."""
    if not viewer.is_administrator:
        return NOTHING
    return f"({alias}.establishment_id = {sql.bind(viewer.establishment_id)} AND {alias}.deleted_at IS NULL)"


def sees_address_of(viewer: Viewer, establishment_id: int, *, is_administrator: bool) -> bool:
    """Whether a viewer may write to somebody: colleagues may write to their administrators (R-ACC-17)."""
    return is_administrator and viewer.establishment_id == establishment_id


# ---------------------------------------------------------------- delegations

CENTRALISATEUR, DELEGATAIRE = "centralisateur_id", "delegataire_id"
"""The two sides of a delegation, by the column that holds each."""


def delegation_status(sql: Sql, alias: str) -> str:
    """A delegation's status as an expression, derived at this instant (R-DEL-04).

    A request that nobody answered in time or whose last day has passed, and a delegation past its end, are EXPIRED
    whether or not a job has said so yet.
    """
    return f"CASE WHEN {has_lapsed(sql, alias)} OR {is_over(sql, alias)} THEN 'EXPIRED' ELSE {alias}.status END"


def has_lapsed(sql: Sql, alias: str) -> str:
    """Requests that nobody answered in time: the last day was the 60th, or the one they asked to end on (R-DEL-04)."""
    asked_before = clock.start_of_day(clock.today() - _time_to_answer())
    late = f"{alias}.requested_at < {sql.bind(int(clock.to_microseconds(asked_before)))}"
    return f"({alias}.status = 'PENDING' AND ({late} OR {alias}.ends_on < {sql.bind(_today())}))"


def is_over(sql: Sql, alias: str) -> str:
    """Delegations whose last day has passed (R-DEL-04)."""
    return f"({alias}.status = 'ACCEPTED' AND {alias}.ends_on < {sql.bind(_today())})"


def answer_until(delegation: db.Row) -> date:
    """The last day on which a request that was read may be answered (R-DEL-04)."""
    last = clock.paris_date(clock.from_microseconds(delegation["requested_at"])) + _time_to_answer()
    ends_on = delegation["ends_on"]
    return last if ends_on is None else min(last, date.fromisoformat(ends_on))


def _time_to_answer() -> timedelta:
    return timedelta(days=settings.current().durations.delegation_lapse_days)


def sides(viewer: Viewer, delegation: db.Row) -> frozenset[str]:
    """The sides of a delegation that a viewer administers: none for its members and for operators."""
    return frozenset(side for side in (CENTRALISATEUR, DELEGATAIRE) if manages_accounts(viewer, delegation[side]))


async def holds_centralisateur(viewer: Viewer) -> bool | None:
    """Whether a viewer administers, at this instant, an establishment that may ask for delegations (R-DEL-01); None
    where they administer one that may not. Inside the transaction, which holds the establishment until its end.
    """
    if viewer.establishment_id is None or not await holds_accounts(viewer, viewer.establishment_id):
        return False
    found = await db.row("SELECT is_centralisateur FROM establishments WHERE id = $1", [viewer.establishment_id])
    return True if found is not None and found["is_centralisateur"] else None


async def held_delegations(viewer: Viewer, numbers: Sequence[int], side: str | None, columns: str) -> dict[int, db.Row]:
    """Of these delegations, those of which a viewer administers one side now (either: None), by number, with their
    derived `status`; held, as the establishment is, until the transaction ends.

    Always the establishment first, then its delegations in order: two parties never wait for each other.
    """
    if viewer.establishment_id is None or not await holds_accounts(viewer, viewer.establishment_id):
        return {}
    sql = Sql()
    home = sql.bind(viewer.establishment_id)
    mine = " OR ".join(f"d.{one} = {home}" for one in ((side,) if side else (CENTRALISATEUR, DELEGATAIRE)))
    sql.add(f"SELECT {columns}, {delegation_status(sql, 'd')} AS status FROM delegations d")
    sql.add("JOIN establishments c ON c.id = d.centralisateur_id JOIN establishments e ON e.id = d.delegataire_id")
    sql.add(f"WHERE d.id IN ({sql.bind_all(list(numbers))}) AND ({mine}) ORDER BY d.id {db.held('d')}")
    return {one["id"]: one for one in await db.rows(sql)}


def in_force(sql: Sql, alias: str) -> str:
    """Delegations in force today (R-DEL-04)."""
    today = sql.bind(clock.today().isoformat())
    return (
        f"({alias}.status = 'ACCEPTED' "
        f"AND ({alias}.starts_on IS NULL OR {alias}.starts_on <= {today}) "
        f"AND ({alias}.ends_on IS NULL OR {alias}.ends_on >= {today}))"
    )


def is_in_force(delegation: db.Row) -> bool:
    """The same of one that was read, with its derived status."""
    begins = delegation["starts_on"]
    return delegation["status"] == "ACCEPTED" and (begins is None or begins <= _today())


def delegations(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The delegations a viewer can look up: administrators of either party, the members, operators.

    A member still finds one that has ended, with its reason: the record of the act, through which nothing is reached.
    """
    if viewer.is_operator:
        return EVERYTHING
    if viewer.user_id is None or viewer.held_back is not None:
        return NOTHING
    home = sql.bind(viewer.establishment_id)
    mine = f"SELECT dm.delegation_id FROM delegation_members dm WHERE dm.user_id = {sql.bind(viewer.user_id)}"
    member = f"({alias}.id IN ({mine}) AND {alias}.centralisateur_id = {home})"
    if not viewer.is_administrator:
        return member
    return f"({alias}.centralisateur_id = {home} OR {alias}.delegataire_id = {home} OR {member})"


def sees_impact(viewer: Viewer, delegation: db.Row) -> bool:
    """Whether a viewer who looks up a delegation is told how many letters it opens: until it is accepted, only the
    side that decides (R-DEL-03). Asking must not count the letters of another establishment.
    """
    is_asked = delegation["status"] == "PENDING"
    return not is_asked or viewer.is_operator or manages_accounts(viewer, delegation[DELEGATAIRE])


async def delegation_to(viewer: Viewer, establishment_id: int) -> int | None:
    """The delegation in force through which a person may act for an establishment, the first of several; None for
    none (R-DEL-06).
    """
    sql = Sql("SELECT min(d.id) AS id FROM delegation_members dm JOIN delegations d ON d.id = dm.delegation_id")
    sql.add(f"WHERE dm.user_id = {sql.bind(viewer.user_id)} AND {in_force(sql, 'd')}")
    sql.add(f"AND d.centralisateur_id = {sql.bind(viewer.establishment_id)}")
    found = await db.row(sql.add(f"AND d.delegataire_id = {sql.bind(establishment_id)}"))
    number: int | None = found["id"] if found else None
    return number


# ---------------------------------------------------------------- rights


def online(sql: Sql, alias: str) -> str:
    """Services open today; one closed, or not yet open, hides its rights (R-RGT-05)."""
    today = sql.bind(clock.today().isoformat())
    return f"({alias}.online_since <= {today} AND ({alias}.closed_on IS NULL OR {alias}.closed_on > {today}))"


def services(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The services a viewer can look up: all that have opened; those to come are for operators alone."""
    return EVERYTHING if viewer.is_operator else f"({alias}.online_since <= {sql.bind(_today())})"


def _services_at_home(sql: Sql, viewer: Viewer) -> str:
    """Services on which the viewer holds a right (R-RGT-01); a service closed or not yet open hides it (R-RGT-05)."""
    today = sql.bind(clock.today().isoformat())
    return (
        "SELECT r.service_id, r.level FROM rights r "
        "JOIN services s ON s.id = r.service_id "
        f"WHERE r.user_id = {sql.bind(viewer.user_id)} "
        f"AND s.online_since <= {today} AND (s.closed_on IS NULL OR s.closed_on > {today})"
    )


def reach(sql: Sql, viewer: Viewer, establishment: str = "") -> str:
    """What a person reaches: a subquery of (establishment_id, service_id, level, delegation_id).

    Own establishment with one's own rights; through each delegation in force of which one is a member, the lower of
    the delegated level and one's own level at home (R-DEL-05). No chain, and never rights of the délégataire's own
    (R-DEL-06). `establishment`, a placeholder or column, narrows it to one.
    """
    home = sql.bind(viewer.establishment_id)
    at_home = _services_at_home(sql, viewer)
    at_home_again = _services_at_home(sql, viewer)
    only_home = f" AND {establishment} = CAST({home} AS BIGINT)" if establishment else ""
    only_delegataire = f" AND d.delegataire_id = {establishment}" if establishment else ""
    return (
        f"SELECT CAST({home} AS BIGINT) AS establishment_id, own.service_id, own.level, "
        f"CAST(NULL AS BIGINT) AS delegation_id FROM ({at_home}) own WHERE {EVERYTHING}{only_home} "
        "UNION ALL "
        "SELECT d.delegataire_id, ds.service_id, "
        "CASE WHEN ds.level_granted < own.level THEN ds.level_granted ELSE own.level END, d.id "
        "FROM delegation_members dm "
        "JOIN delegations d ON d.id = dm.delegation_id "
        "JOIN delegation_services ds ON ds.delegation_id = d.id AND ds.level_granted IS NOT NULL "
        f"JOIN ({at_home_again}) own ON own.service_id = ds.service_id "
        f"WHERE dm.user_id = {sql.bind(viewer.user_id)} AND d.centralisateur_id = {home} "
        f"AND {in_force(sql, 'd')}{only_delegataire}"
    )


def levels_held(sql: Sql, viewer: Viewer) -> str:
    """What a person holds at home and through each delegation in force of which they are a member, whether or not
    they have the right at home: a subquery of (delegation_id, service_id, level). Less than this nobody reaches.
    """
    return (
        f"SELECT CAST(NULL AS BIGINT) AS delegation_id, own.service_id, own.level "
        f"FROM ({_services_at_home(sql, viewer)}) own UNION ALL "
        "SELECT d.id, ds.service_id, ds.level_granted FROM delegation_members dm "
        "JOIN delegations d ON d.id = dm.delegation_id "
        "JOIN delegation_services ds ON ds.delegation_id = d.id AND ds.level_granted IS NOT NULL "
        f"WHERE dm.user_id = {sql.bind(viewer.user_id)} "
        f"AND d.centralisateur_id = {sql.bind(viewer.establishment_id)} AND {in_force(sql, 'd')}"
    )


def has_to_review(sql: Sql, establishment: str, registered_on: str, service: str) -> str:
    """Whether an establishment has still to review its rights on a service: one online now, that opened after the
    establishment came, and that none of its administrators has reviewed (R-RGT-04). Columns or placeholders are given.
    """
    today = sql.bind(clock.today().isoformat())
    return (
        f"EXISTS (SELECT 1 FROM services sv WHERE sv.id = {service} AND sv.online_since <= {today} "
        f"AND (sv.closed_on IS NULL OR sv.closed_on > {today}) AND sv.online_since > {registered_on} "
        f"AND NOT EXISTS (SELECT 1 FROM service_reviews sr WHERE sr.service_id = sv.id "
        f"AND sr.establishment_id = {establishment}))"
    )


def has_rights_to_review(sql: Sql, alias: str) -> str:
    """Accounts that were reopened, and whose rights no administrator has reviewed since (R-ACC-11)."""
    return (
        f"({alias}.rights_to_review_since IS NOT NULL AND {alias}.deleted_at IS NULL "
        f"AND {alias}.expires_on >= {sql.bind(_today())})"
    )


# ---------------------------------------------------------------- establishments


def establishments(sql: Sql, viewer: Viewer, alias: str, *, one_by_one: bool = False) -> str:
    """The establishments a viewer can look up.

    Their own; those reached through a delegation in force; for administrators the other party of any delegation;
    operators, and API clients with the scope, all. A few that are named are better judged `one_by_one`.
    """
    if manages_establishments(viewer):
        return EVERYTHING
    if viewer.user_id is None:
        return NOTHING
    home = sql.bind(viewer.establishment_id)
    parts = [f"{alias}.id = {home}"]
    if one_by_one:
        parts.append(is_reached(sql, viewer, alias))
    else:
        parts.append(f"{alias}.id IN ({reached_establishments(sql, viewer)})")
    if viewer.is_administrator and one_by_one:
        of_both = (
            "SELECT 1 FROM delegations d WHERE d.centralisateur_id = {} AND d.delegataire_id = {} LIMIT 1 OFFSET 0"
        )
        parts += [f"EXISTS ({of_both.format(*pair)})" for pair in ((home, f"{alias}.id"), (f"{alias}.id", home))]
    elif viewer.is_administrator:
        parts.append(f"{alias}.id IN (SELECT d.delegataire_id FROM delegations d WHERE d.centralisateur_id = {home})")
        parts.append(f"{alias}.id IN (SELECT d.centralisateur_id FROM delegations d WHERE d.delegataire_id = {home})")
    return "(" + " OR ".join(parts) + ")"


def reached_establishments(sql: Sql, viewer: Viewer) -> str:
    """A subquery of the ids of establishments for which a person may act through a delegation in force (R-DEL-06)."""
    return (
        "SELECT d.delegataire_id FROM delegation_members dm "
        "JOIN delegations d ON d.id = dm.delegation_id "
        f"WHERE dm.user_id = {sql.bind(viewer.user_id)} "
        f"AND d.centralisateur_id = {sql.bind(viewer.establishment_id)} AND {in_force(sql, 'd')}"
    )


def is_reached(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The same establishments, said of each: by way of its own delegations, which are few."""
    return (
        "EXISTS (SELECT 1 FROM delegations d CROSS JOIN delegation_members dm "
        f"WHERE d.delegataire_id = {alias}.id AND d.centralisateur_id = {sql.bind(viewer.establishment_id)} "
        f"AND {in_force(sql, 'd')} AND dm.delegation_id = d.id AND dm.user_id = {sql.bind(viewer.user_id)} "
        "LIMIT 1 OFFSET 0)"
    )


def sees_inside(viewer: Viewer, establishment_id: int) -> bool:
    """Whether a viewer sees an establishment's own affairs (contracts, services, reviews): its users, and operators."""
    return manages_establishments(viewer) or (
        viewer.user_id is not None and viewer.establishment_id == establishment_id
    )


def manages_establishments(viewer: Viewer) -> bool:
    """Whether a viewer registers and changes establishments: operators, and API clients with the scope (R-ACC-02)."""
    return viewer.is_operator or MANAGE_ESTABLISHMENTS in viewer.scopes


async def holds_establishment(viewer: Viewer, establishment_id: int) -> bool:
    """The same, judged anew inside the transaction, which holds the establishment and its accounts until its end."""
    if not manages_establishments(viewer):
        return False
    await db.hold("establishments", establishment_id)
    return await still_manages_establishments(viewer)


async def still_manages_establishments(viewer: Viewer) -> bool:
    """Whether whoever registers and changes establishments is, at this instant, still allowed to."""
    if viewer.user_id is not None or not manages_establishments(viewer):
        return await still_operates(viewer)
    return await _still_works(viewer)


async def _still_works(viewer: Viewer) -> bool:
    """Whether an API client was neither revoked, nor has expired, since the request began."""
    sql = Sql()
    sql.add(f"SELECT c.id FROM api_clients c WHERE c.id = {sql.bind(viewer.api_client_id)}")
    sql.add(f"AND c.revoked_at IS NULL AND (c.expires_on IS NULL OR c.expires_on >= {sql.bind(_today())})")
    return await db.row(sql) is not None


async def still_operates(viewer: Viewer) -> bool:
    """Whether an operator is, at this instant, still one who may act: judged anew inside the transaction."""
    if not viewer.is_operator or viewer.user_id is None:
        return False
    sql = Sql("SELECT u.id FROM users u")
    sql.add(f"WHERE u.id = {sql.bind(viewer.user_id)} AND u.is_operator AND {may_act(sql, 'u')}")
    return await db.row(sql) is not None


def without_administrator(sql: Sql, alias: str) -> str:
    """Establishments that have accounts or letters, and nobody left to administer them (R-ACC-02, 11).

    An administrator who is locked will sign in again, and one who holds an invitation is expected.
    """
    administrators = f"SELECT 1 FROM users a WHERE a.establishment_id = {alias}.id AND a.is_administrator AND"
    return (
        f"(NOT {alias}.is_platform AND NOT EXISTS "
        f"({administrators} ({in_use(sql, 'a')} OR {invited(sql, 'a')})) "
        f"AND (EXISTS (SELECT 1 FROM users a WHERE a.establishment_id = {alias}.id) "
        f"OR EXISTS (SELECT 1 FROM courriers c WHERE c.establishment_id = {alias}.id)))"
    )


# ---------------------------------------------------------------- courriers


def documents(
    sql: Sql, viewer: Viewer, alias: str, establishment_id: int | None = None, *, one_by_one: bool = False
) -> str:
    """The courriers whose document a viewer reads: users with READ on the service of its type, members of a
    delegation in force covering it, and nobody else, operators included (R-COU-05).

    A list of one establishment names it: what the viewer reaches elsewhere is then not gathered for nothing. Of a
    viewer who reaches thousands, letters that come in order are better judged `one_by_one`: nothing is gathered.
    """
    if viewer.user_id is None:
        return NOTHING
    readable = f"{alias}.available_at IS NOT NULL AND {alias}.withdrawn_at IS NULL"
    if one_by_one and establishment_id is None:
        return f"({readable} AND {_is_within_reach(sql, viewer, alias)})"
    return f"({readable} AND {_within_reach(sql, viewer, alias, establishment_id)})"


def _is_within_reach(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The same as `_within_reach`, said of each courrier: by way of the delegations of the establishment it is
    addressed to, which are few, rather than of the viewer's, which may be thousands. The joins are written in the order
    they are to be made in, `+` keeps the list in its own order, and `OFFSET` keeps PostgreSQL from gathering after all.
    """
    home = sql.bind(viewer.establishment_id)
    return (
        f"+{alias}.type_id IN (SELECT t.id FROM ({_services_at_home(sql, viewer)}) own "
        "JOIN courrier_types t ON t.service_id = own.service_id) "
        f"AND ({alias}.establishment_id = CAST({home} AS BIGINT) OR EXISTS (SELECT 1 FROM delegations d "
        "CROSS JOIN delegation_members dm CROSS JOIN courrier_types t CROSS JOIN delegation_services ds "
        f"WHERE d.delegataire_id = {alias}.establishment_id AND d.centralisateur_id = {home} AND {in_force(sql, 'd')} "
        f"AND dm.delegation_id = d.id AND dm.user_id = {sql.bind(viewer.user_id)} AND t.id = {alias}.type_id "
        "AND ds.delegation_id = d.id AND ds.service_id = t.service_id AND ds.level_granted IS NOT NULL "
        "LIMIT 1 OFFSET 0))"
    )


def memberships(sql: Sql, viewer: Viewer, most: int) -> str:
    """Of how many delegations, whatever their state, a person is a member: `most` at most."""
    few = f"SELECT dm.id FROM delegation_members dm WHERE dm.user_id = {sql.bind(viewer.user_id)} LIMIT {int(most)}"
    return f"(SELECT count(*) FROM ({few}) few)"


async def standing(viewer: Viewer, most: int) -> tuple[tuple[int, ...], int]:
    """The services on which a person has a right at home, by number in order, and of how many delegations, whatever
    their state, they are a member, `most` at most: how far they reach, before anything is gathered.
    """
    sql = Sql()
    sql.add(f"SELECT own.service_id, far.delegations FROM (SELECT {memberships(sql, viewer, most)} AS delegations) far")
    sql.add(f"LEFT JOIN ({_services_at_home(sql, viewer)}) own ON {EVERYTHING} ORDER BY own.service_id")
    found = await db.rows(sql)
    services = tuple(one["service_id"] for one in found if one["service_id"] is not None)
    return services, int(found[0]["delegations"])


def reads_documents(viewer: Viewer) -> bool:
    """Whether a viewer reads the documents of the letters they are listed: users do, not operators, nor API clients.

    A search by words of the documents would tell what they say.
    """
    return viewer.user_id is not None and not viewer.is_operator


def _within_reach(sql: Sql, viewer: Viewer, alias: str, establishment_id: int | None = None) -> str:
    """The courriers of a service that a person reaches at the establishment they are addressed to."""
    if establishment_id is not None:
        there = f"CAST({sql.bind(establishment_id)} AS BIGINT)"
        return (
            f"{alias}.establishment_id = {there} AND {alias}.type_id IN (SELECT t.id "
            f"FROM ({reach(sql, viewer, there)}) reach JOIN courrier_types t ON t.service_id = reach.service_id)"
        )
    return (
        f"{alias}.establishment_id IN (SELECT CAST({sql.bind(viewer.establishment_id)} AS BIGINT) "
        f"UNION ALL {reached_establishments(sql, viewer)}) "
        f"AND ({alias}.establishment_id, {alias}.type_id) IN (SELECT reach.establishment_id, t.id "
        f"FROM ({reach(sql, viewer)}) reach JOIN courrier_types t ON t.service_id = reach.service_id)"
    )


def traces_of_courriers(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The courriers that are read no more, withdrawn or removed, whose trace a viewer sees: those they would read
    still, had it not happened (R-COU-13); operators, all; an API client, its own.
    """
    gone = f"{alias}.withdrawn_at IS NOT NULL"
    if viewer.user_id is None or viewer.is_operator:
        return f"({gone} AND {courriers(sql, viewer, alias)})"
    return f"({gone} AND {alias}.available_at IS NOT NULL AND {_within_reach(sql, viewer, alias)})"


def withdrawable(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The courriers a viewer may withdraw: operators, all; an API client, those it deposited (R-COU-13)."""
    return courriers(sql, viewer, alias) if may_deposit(viewer) else NOTHING


def certified(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The courriers of which a viewer has the certificate: those they read; operators, all that were ever made
    available, since it holds no content (R-COU-15).
    """
    return f"{alias}.available_at IS NOT NULL" if viewer.is_operator else documents(sql, viewer, alias, one_by_one=True)


def with_past_readers(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The courriers about which a viewer may ask who could read them on a day: administrators, those of their
    establishment, whether they read them or not; operators, all (R-JRN-04).
    """
    if viewer.is_operator:
        return EVERYTHING
    if not viewer.is_administrator or viewer.establishment_id is None or viewer.held_back is not None:
        return NOTHING
    return f"({alias}.establishment_id = {sql.bind(viewer.establishment_id)} AND {alias}.available_at IS NOT NULL)"


def courriers(
    sql: Sql, viewer: Viewer, alias: str, establishment_id: int | None = None, *, one_by_one: bool = False
) -> str:
    """The courriers a viewer sees as metadata and states: those they read; operators, all; an API client, its own."""
    if viewer.is_operator:
        return EVERYTHING
    if viewer.api_client_id is not None:
        if DEPOSIT_COURRIERS not in viewer.scopes:
            return NOTHING
        return f"{alias}.deposited_by_client_id = {sql.bind(viewer.api_client_id)}"
    return documents(sql, viewer, alias, establishment_id, one_by_one=one_by_one)


def asked_about(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The courriers about which a viewer may ask who reads them and why: those they see; for administrators, those
    of their establishment that are available, whether they read them or not (R-RGT-06, R-COU-12).
    """
    seen = courriers(sql, viewer, alias)
    if not viewer.is_administrator or viewer.establishment_id is None or viewer.held_back is not None:
        return seen
    available = f"{alias}.available_at IS NOT NULL AND {alias}.withdrawn_at IS NULL"
    return f"({seen} OR ({alias}.establishment_id = {sql.bind(viewer.establishment_id)} AND {available}))"


def readers(sql: Sql, establishment: str, service: str) -> str:
    """A subquery of the accounts that may read an establishment's letters of a service: the other way round of
    `reach`, for e-mails and reader coverage. Placeholders or columns are given.
    """
    return (
        f"{readers_at_home(sql, establishment, service)} UNION "
        "SELECT dm.user_id FROM delegations d "
        f"JOIN delegation_services ds ON ds.delegation_id = d.id AND ds.service_id = {service} "
        "AND ds.level_granted IS NOT NULL "
        "JOIN delegation_members dm ON dm.delegation_id = d.id "
        "JOIN users h ON h.id = dm.user_id AND h.establishment_id = d.centralisateur_id "
        f"JOIN rights r ON r.user_id = dm.user_id AND r.service_id = {service} "
        "JOIN services s ON s.id = r.service_id "
        f"WHERE d.delegataire_id = {establishment} AND {in_force(sql, 'd')} AND {online(sql, 's')}"
    )


def readers_of(sql: Sql, courrier_ids: Sequence[int]) -> str:
    """The same for many letters at once: a subquery of (courrier_id, user_id)."""
    letters = f"courriers c JOIN courrier_types t ON t.id = c.type_id AND c.id IN ({sql.bind_all(list(courrier_ids))})"
    again = f"courriers c JOIN courrier_types t ON t.id = c.type_id AND c.id IN ({sql.bind_all(list(courrier_ids))})"
    return (
        f"SELECT c.id AS courrier_id, r.user_id FROM {letters} JOIN users h ON h.establishment_id = c.establishment_id "
        "JOIN rights r ON r.user_id = h.id AND r.service_id = t.service_id JOIN services s ON s.id = r.service_id "
        f"WHERE {online(sql, 's')} UNION "
        f"SELECT c.id AS courrier_id, dm.user_id FROM {again} "
        "JOIN delegations d ON d.delegataire_id = c.establishment_id "
        "JOIN delegation_services ds ON ds.delegation_id = d.id AND ds.service_id = t.service_id "
        "AND ds.level_granted IS NOT NULL "
        "JOIN delegation_members dm ON dm.delegation_id = d.id "
        "JOIN users h ON h.id = dm.user_id AND h.establishment_id = d.centralisateur_id "
        "JOIN rights r ON r.user_id = dm.user_id AND r.service_id = t.service_id "
        "JOIN services s ON s.id = r.service_id "
        f"WHERE {in_force(sql, 'd')} AND {online(sql, 's')}"
    )


def reach_of(sql: Sql, user_ids: Sequence[int]) -> str:
    """What several people reach: `reach` for many at once, a subquery of (user_id, establishment_id, service_id)."""
    return (
        "SELECT h.id AS user_id, h.establishment_id, r.service_id FROM users h JOIN rights r ON r.user_id = h.id "
        f"JOIN services s ON s.id = r.service_id WHERE h.id IN ({sql.bind_all(list(user_ids))}) AND {online(sql, 's')} "
        "UNION SELECT dm.user_id, d.delegataire_id, r.service_id FROM delegation_members dm "
        "JOIN delegations d ON d.id = dm.delegation_id "
        "JOIN delegation_services ds ON ds.delegation_id = d.id AND ds.level_granted IS NOT NULL "
        "JOIN users h ON h.id = dm.user_id AND h.establishment_id = d.centralisateur_id "
        "JOIN rights r ON r.user_id = dm.user_id AND r.service_id = ds.service_id "
        "JOIN services s ON s.id = r.service_id "
        f"WHERE dm.user_id IN ({sql.bind_all(list(user_ids))}) AND {in_force(sql, 'd')} AND {online(sql, 's')}"
    )


def readers_at_home(sql: Sql, establishment: str, service: str) -> str:
    """Of those `readers`, the establishment's own people: a subquery of accounts."""
    return (
        "SELECT r.user_id FROM rights r JOIN services s ON s.id = r.service_id JOIN users h ON h.id = r.user_id "
        f"WHERE r.service_id = {service} AND h.establishment_id = {establishment} AND {online(sql, 's')}"
    )


def reads_at_home(sql: Sql, alias: str) -> str:
    """Accounts that hold the right to read at least one of the letters made available to their establishment: whether
    they can sign in is another question (R-COU-12, R-ADO-02).
    """
    return (
        f"EXISTS (SELECT 1 FROM rights r JOIN services s ON s.id = r.service_id AND {online(sql, 's')} "
        "JOIN courrier_types t ON t.service_id = r.service_id "
        f"JOIN courriers c ON c.type_id = t.id AND c.establishment_id = {alias}.establishment_id "
        f"AND c.available_at IS NOT NULL AND c.withdrawn_at IS NULL WHERE r.user_id = {alias}.id)"
    )


def reads_today(sql: Sql, establishment: str, service: str) -> str:
    """Whether somebody of an establishment can, today, read its letters of a service: an account in use, with the
    right, that nothing holds back (R-COU-12). Columns or placeholders are given.
    """
    return (
        f"EXISTS (SELECT 1 FROM users able WHERE {in_use(sql, 'able')} AND {held_back(sql, 'able')} IS NULL "
        f"AND able.id IN ({readers_at_home(sql, establishment, service)}))"
    )


def what_lacks(sql: Sql, establishment: str, service: str) -> str:
    """Where nobody can, the first thing that lacks, as an expression: TERMS, SECOND_FACTOR, INVITATION, EXPIRED, RIGHT
    or ACCOUNT: the nearer to reading, the sooner told (R-COU-12).
    """
    holder = (
        f"FROM users h WHERE h.establishment_id = {establishment} AND h.deleted_at IS NULL "
        f"AND h.id IN (SELECT r.user_id FROM rights r WHERE r.service_id = {service})"
    )
    today = sql.bind(_today())
    held = f"(SELECT max({held_back(sql, 'h')}) {holder} AND {in_use(sql, 'h')})"
    return (
        f"CASE WHEN {held} = 'ENROL_SECOND_FACTOR' THEN 'SECOND_FACTOR' WHEN {held} IS NOT NULL THEN 'TERMS' "
        f"WHEN EXISTS (SELECT 1 {holder} AND h.expires_on >= {today} AND h.password_hash IS NULL) THEN 'INVITATION' "
        f"WHEN EXISTS (SELECT 1 {holder} AND h.expires_on < {today}) THEN 'EXPIRED' "
        f"WHEN EXISTS (SELECT 1 FROM users o WHERE o.establishment_id = {establishment} AND {in_use(sql, 'o')}) "
        "THEN 'RIGHT' ELSE 'ACCOUNT' END"
    )


async def capacity(viewer: Viewer, courrier_id: int) -> tuple[bool, int | None]:
    """Whether a viewer reads a courrier's document, and through which delegation (None: at home) (R-COU-05)."""
    if viewer.user_id is None:
        return False, None
    sql = Sql("SELECT reach.delegation_id FROM courriers c JOIN courrier_types t ON t.id = c.type_id")
    sql.add(f"JOIN ({reach(sql, viewer)}) reach")
    sql.add("ON reach.establishment_id = c.establishment_id AND reach.service_id = t.service_id")
    sql.add(f"WHERE c.id = {sql.bind(courrier_id)} AND c.available_at IS NOT NULL AND c.withdrawn_at IS NULL")
    sql.add("ORDER BY reach.delegation_id IS NOT NULL, reach.delegation_id LIMIT 1")
    found = await db.row(sql)
    return (found is not None), (found["delegation_id"] if found else None)


async def through(viewer: Viewer, courrier_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For those of letters that a viewer reads through a delegation only: whose they are, and which delegation."""
    sql = Sql("SELECT c.id, c.establishment_id, min(reach.delegation_id) AS delegation_id")
    sql.add("FROM courriers c JOIN courrier_types t ON t.id = c.type_id")
    sql.add(f"JOIN ({reach(sql, viewer)}) reach")
    sql.add("ON reach.establishment_id = c.establishment_id AND reach.service_id = t.service_id")
    sql.add(f"WHERE c.id IN ({sql.bind_all(list(courrier_ids))}) GROUP BY c.id, c.establishment_id")
    sql.add("HAVING count(*) = count(reach.delegation_id)")
    return {one["id"]: (one["establishment_id"], one["delegation_id"]) for one in await db.rows(sql)}


def may_deposit(viewer: Viewer) -> bool:
    """Only operators and API clients with the scope deposit (R-COU-01)."""
    return viewer.is_operator or DEPOSIT_COURRIERS in viewer.scopes


def deposit_batches(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The batches a viewer sees and handles: operators, all; an API client, those it opened (R-COU-04)."""
    if viewer.is_operator:
        return EVERYTHING
    if viewer.api_client_id is None or DEPOSIT_COURRIERS not in viewer.scopes:
        return NOTHING
    return f"{alias}.opened_by_client_id = {sql.bind(viewer.api_client_id)}"


async def still_deposits(viewer: Viewer) -> bool:
    """The same, judged anew inside the transaction."""
    if viewer.user_id is not None or not may_deposit(viewer):
        return await still_operates(viewer)
    return await _still_works(viewer)


def notifications(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The e-mails a viewer sees: their own; for administrators, those about their establishment; operators, all."""
    if viewer.is_operator:
        return EVERYTHING
    if viewer.user_id is None:
        return NOTHING
    mine = f"{alias}.user_id = {sql.bind(viewer.user_id)}"
    if not viewer.is_administrator:
        return mine
    return f"({mine} OR {alias}.establishment_id = {sql.bind(viewer.establishment_id)})"


# ---------------------------------------------------------------- journal


def audit_events(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The events of the journal a viewer reads (R-JRN-02, R-ACC-17, R-DEL-07).

    Their own, done by them or to their account; for administrators those of their establishment, those done on its
    behalf, and the life of its delegations; operators, all. Nothing of what the other party of a delegation does at
    home, or for somebody else.
    """
    if viewer.is_operator:
        return EVERYTHING
    if viewer.user_id is None:
        return NOTHING
    ways = audit_events_of_user(sql, viewer.user_id, alias)
    if viewer.is_administrator and viewer.establishment_id is not None:
        ways += audit_events_of_establishment(sql, viewer.establishment_id, alias)
    return "(" + " OR ".join(f"({way})" for way in ways) + ")"


def audit_events_of_user(sql: Sql, user_id: int, alias: str) -> list[str]:
    """The events of one account: what it did, what was done to it. Each way has its index; any of them will do."""
    own = sql.bind(user_id)
    return [f"{alias}.actor_id = {own}", f"{alias}.subject_type = 'User' AND {alias}.subject_id = {own}"]


def audit_events_of_establishment(sql: Sql, establishment_id: int, alias: str) -> list[str]:
    """The events of one establishment: its own, those on its behalf, and those about a delegation it is a party of.

    What is done through a delegation names both establishments, so that each finds it without looking through its
    delegations, of which there may be thousands; only what happens to the delegation itself has it as subject.
    """
    home = sql.bind(establishment_id)
    theirs = (
        f"SELECT d.id FROM delegations d WHERE d.centralisateur_id = {home} "
        f"UNION ALL SELECT d.id FROM delegations d WHERE d.delegataire_id = {home}"
    )
    return [
        f"{alias}.establishment_id = {home}",
        f"{alias}.on_behalf_of_id = {home}",
        f"{alias}.subject_type = 'Delegation' AND {alias}.subject_id IN ({theirs})",
    ]


def sees_changes_of(viewer: Viewer, event: db.Row) -> bool:
    """Whether a viewer who reads an event is told what it changed: the side that did it or underwent it.

    The other party of a delegation is told what happened to the delegation, and of the rest that it happened.
    """
    return (
        viewer.is_operator
        or _is_own(viewer, event)
        or event["subject_type"] == "Delegation"
        or (event["establishment_id"] is not None and manages_accounts(viewer, event["establishment_id"]))
    )


def sees_origin_of(viewer: Viewer, event: db.Row, actor_home: int | None) -> bool:
    """Whether a viewer who reads an event is told the address and the browser it came from: for what they did, or
    for what nobody signed in did to their account (a refused sign-in); for administrators, the same of their accounts.
    Never those of operators, or of the other party of a delegation.
    """
    if viewer.is_operator or (viewer.user_id is not None and event["actor_id"] == viewer.user_id):
        return True
    if event["api_client_id"] is not None:
        return False
    home = event["establishment_id"] if event["actor_id"] is None else actor_home
    undergone = event["actor_id"] is None and _is_own(viewer, event)
    return undergone or (home is not None and manages_accounts(viewer, home))


def _is_own(viewer: Viewer, event: db.Row) -> bool:
    undergone = event["subject_type"] == "User" and event["subject_id"] == viewer.user_id
    return viewer.user_id is not None and (event["actor_id"] == viewer.user_id or undergone)
