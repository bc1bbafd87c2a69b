"""Accounts, and the rights they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold, like
from backend.reads import by_ids, delegation
from backend.reads.page import Listing, Order, Page, Slice, fetch
from backend.rules import access
from backend.rules.viewer import Viewer

_PLAIN = (
    "u.id, u.establishment_id, u.identifier, u.civility, u.first_name, u.last_name, u.email, u.phone, "
    "u.is_administrator, u.created_at, u.last_login_at, u.expires_on, "
    "EXISTS (SELECT 1 FROM second_factors f WHERE f.user_id = u.id AND f.confirmed_at IS NOT NULL) AS has_second_factor"
)

_ADMINISTERED = ", 1 AS is_administered"
"""Tells that `access` let these rows through as accounts that the viewer administers, in whichever establishment."""

BY_NAME = Order("user-name", ("u.sort_name", "u.id"), (str, int))
BY_EXPIRY = Order("user-expiry", ("u.expires_on", "u.id"), (str, int))
BY_LAST_LOGIN = Order("user-login", ("COALESCE(u.last_login_at, 0)", "u.id"), (int, int), descending=True)
NEWEST = Order("user-created", ("u.created_at", "u.id"), (int, int), descending=True)


@dataclass(frozen=True)
class Filter:
    """What a list of accounts is narrowed to. `expires_within` in days, from today."""

    search: str | None = None
    status: tuple[str, ...] = ()
    is_administrator: bool | None = None
    service: str | None = None
    level: int | None = None
    expires_within: int | None = None
    expires_from: date | None = None
    expires_until: date | None = None
    has_rights_to_review: bool | None = None


def _columns(sql: Sql) -> str:
    to_review = f"CASE WHEN {access.has_rights_to_review(sql, 'u')} THEN u.rights_to_review_since END"
    return f"{_PLAIN}, {access.status(sql, 'u')} AS status, {to_review} AS rights_to_review_since"


def listing(viewer: Viewer, given: Filter, order: Order = BY_NAME, establishment_id: int | None = None) -> Listing:
    """The accounts the viewer can look up, in one establishment or everywhere."""

    def conditions(sql: Sql) -> list[str]:
        kept = [access.users(sql, viewer, "u")]
        if establishment_id is not None:
            kept.append(f"u.establishment_id = {sql.bind(establishment_id)}")
        words = fold(given.search or "").split()[:8]
        kept += [f"u.search_text LIKE {sql.bind(like(word))} ESCAPE '!'" for word in words]
        if given.status:
            kept.append(f"{access.status(sql, 'u')} IN ({sql.bind_all(given.status)})")
        if given.is_administrator is not None:
            kept.append("u.is_administrator" if given.is_administrator else "NOT u.is_administrator")
        if given.service is not None or given.level is not None:
            kept.append(_holds(sql, given.service, given.level))
        if given.expires_within is not None:
            until = clock.today() + timedelta(days=min(max(given.expires_within, 0), 3650))
            kept.append(f"u.expires_on BETWEEN {sql.bind(clock.today().isoformat())} AND {sql.bind(until.isoformat())}")
        if given.expires_from is not None:
            kept.append(f"u.expires_on >= {sql.bind(given.expires_from.isoformat())}")
        if given.expires_until is not None:
            kept.append(f"u.expires_on <= {sql.bind(given.expires_until.isoformat())}")
        if given.has_rights_to_review is not None:
            waiting = access.has_rights_to_review(sql, "u")
            kept.append(waiting if given.has_rights_to_review else f"NOT {waiting}")
        return kept

    return _WithStatus("", "users u", conditions, order)


def _holds(sql: Sql, service: str | None, level: int | None) -> str:
    """Accounts with a right on a service, or on any that is open; at this level, 0 being without."""
    online = f"SELECT s.id FROM services s WHERE {access.online(sql, 's')}"  # looked up once, not for each account
    if service is not None:
        online += f" AND s.code = {sql.bind(service)}"
    held = f"SELECT 1 FROM rights r WHERE r.user_id = u.id AND r.service_id IN ({online})"
    if level:
        held += f" AND r.level = {sql.bind(level)}"
    return f"NOT EXISTS ({held})" if level == 0 else f"EXISTS ({held})"


def to_renew(viewer: Viewer, within: int | None = None) -> Listing:
    """The accounts that expire within so many days, of all the establishments one administers (R-ACC-10)."""
    days = settings.current().durations.expires_soon_days if within is None else min(max(within, 0), 3650)

    def conditions(sql: Sql) -> list[str]:
        today = clock.today()
        until = (today + timedelta(days=days)).isoformat()
        return [
            access.administered_accounts(sql, viewer, "u"),
            f"u.expires_on BETWEEN {sql.bind(today.isoformat())} AND {sql.bind(until)}",
        ]

    return _WithStatus(_ADMINISTERED, "users u", conditions, BY_EXPIRY)


async def administered(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Accounts of all the establishments one administers; None for others."""
    sql = Sql()
    columns = f"{_columns(sql)}{_ADMINISTERED}"
    allowed = access.administered_accounts(sql, viewer, "u")
    return by_ids.placed(await by_ids.fetch(columns, "users u", "u.id", ids, allowed, sql=sql), "id", ids)


class _WithStatus(Listing):
    """A listing whose columns hold the status, an expression with values of its own."""

    async def page(self, slice_: Slice) -> Page:
        """A page."""
        sql = Sql()
        columns = f"{_columns(sql)}{self.columns}"
        return await fetch(sql, columns, self.source, self.conditions(sql), self.order, slice_)


async def named(ids: Sequence[int]) -> list[db.Row | None]:
    """People as a fact one sees names them (who opened a letter, who gave a right), deleted ones included."""
    sql = Sql()
    return by_ids.placed(await by_ids.fetch(_columns(sql), "users u", "u.id", ids, sql=sql), "id", ids)


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Accounts the viewer can look up; None for others, which do not exist for them."""
    sql = Sql()
    columns = _columns(sql)
    allowed = access.users(sql, viewer, "u")
    return by_ids.placed(await by_ids.fetch(columns, "users u", "u.id", ids, allowed, sql=sql), "id", ids)


async def administrators(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each establishment, its administrators who can sign in, by name: whom to turn to (R-ACC-17)."""
    sql = Sql()
    columns = _columns(sql)
    able = access.can_sign_in(sql, "u")
    rows = await by_ids.fetch(
        columns + ", u.sort_name", "users u", "u.establishment_id", ids, "u.is_administrator", able, sql=sql
    )
    return by_ids.grouped(sorted(rows, key=lambda one: (one["sort_name"], one["id"])), "establishment_id", ids)


async def rights(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each account, its rights on the services that are online (R-RGT-01, R-RGT-05)."""
    sql = Sql()
    today = sql.bind(clock.today().isoformat())
    rows = await by_ids.fetch(
        "r.user_id, r.service_id, r.level, r.granted_at, r.granted_by_id, s.code, s.position",
        "rights r JOIN services s ON s.id = r.service_id",
        "r.user_id",
        ids,
        f"s.online_since <= {today} AND (s.closed_on IS NULL OR s.closed_on > {today})",
        sql=sql,
    )
    return by_ids.grouped(sorted(rows, key=lambda one: (one["position"], one["service_id"])), "user_id", ids)


async def pending_emails(ids: Sequence[int]) -> list[str | None]:
    """For each account, the address that waits to be confirmed (R-ACC-07)."""
    sql = Sql()
    now = sql.bind(int(clock.to_microseconds(clock.now())))
    live = f"l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > {now}"
    rows = await by_ids.fetch(
        "l.user_id, l.new_email", "links l", "l.user_id", ids, "l.purpose = 'EMAIL_CONFIRMATION'", live, sql=sql
    )
    waiting = {row["user_id"]: row["new_email"] for row in rows}
    return [waiting.get(one) for one in ids]


async def delegations(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each account, the delegations in force through which it acts (R-DEL-05)."""
    sql = Sql()
    read, in_force = delegation.columns(sql), access.in_force(sql, "d")
    rows = await by_ids.fetch(
        f"dm.user_id, {read}",
        "delegation_members dm JOIN delegations d ON d.id = dm.delegation_id",
        "dm.user_id",
        ids,
        in_force,
        sql=sql,
    )
    return by_ids.grouped(sorted(rows, key=lambda one: int(one["id"])), "user_id", ids)
