"""Delegations, the services they cover, their members."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold, like
from backend.reads import by_ids
from backend.reads.page import Listing, Order, Page, Slice, fetch
from backend.rules import access, siret
from backend.rules.viewer import Viewer

_FACTS = (
    "d.id, d.centralisateur_id, d.delegataire_id, d.message, d.requested_by_id, d.requested_at, d.decided_by_id, "
    "d.decided_at, d.refusal_reason, d.starts_on, d.ends_on, d.ended_by_id, d.ended_at, d.end_reason, d.reminded_at"
)


def columns(sql: Sql) -> str:
    """What is read of a delegation, its `status` derived at this instant: alias `d`."""
    return f"{_FACTS}, {access.delegation_status(sql, 'd')} AS status"


NEWEST = Order("delegation", ("d.requested_at", "d.id"), (int, int), descending=True)
ENDING = Order("delegation-ending", ("COALESCE(d.ends_on, '9999-12-31')", "d.id"), (str, int))
_OTHER_SIDE = {access.CENTRALISATEUR: access.DELEGATAIRE, access.DELEGATAIRE: access.CENTRALISATEUR}


@dataclass(frozen=True)
class Filter:
    """What a list of delegations is narrowed to. `search`: the name, the town or the SIRET of the other party."""

    status: tuple[str, ...] = ()
    search: str | None = None
    member_id: int | None = None
    not_member_id: int | None = None
    has_members: bool | None = None
    ends_until: date | None = None
    in_force: bool | None = None


@dataclass(frozen=True)
class _Delegations(Listing):
    """Their columns are bound: the day they are judged at is one of their values."""

    async def page(self, slice_: Slice) -> Page:
        """A page."""
        sql = Sql()
        return await fetch(sql, columns(sql), self.source, self.conditions(sql), self.order, slice_)


def listing(
    viewer: Viewer, side: str, establishment_id: int, given: Filter | None = None, order: Order = NEWEST
) -> Listing:
    """The delegations an establishment asked for (`side` centralisateur_id) or was asked for (delegataire_id)."""

    def conditions(sql: Sql) -> list[str]:
        kept = [f"d.{side} = {sql.bind(establishment_id)}", access.delegations(sql, viewer, "d")]
        return kept + _narrowed(sql, given or Filter(), _OTHER_SIDE[side])

    return _Delegations("", "delegations d", conditions, order)


def _narrowed(sql: Sql, given: Filter, other: str) -> list[str]:
    kept = []
    if given.status:
        kept.append(f"{access.delegation_status(sql, 'd')} IN ({sql.bind_all(given.status)})")
    if given.search:
        kept.append(
            f"d.{other} IN (SELECT e.id FROM establishments e WHERE {' AND '.join(_searched(sql, given.search))})"
        )
    member = "EXISTS (SELECT 1 FROM delegation_members m WHERE m.delegation_id = d.id{})"
    if given.member_id is not None:
        kept.append(member.format(f" AND m.user_id = {sql.bind(given.member_id)}"))
    if given.not_member_id is not None:
        kept.append("NOT " + member.format(f" AND m.user_id = {sql.bind(given.not_member_id)}"))
    if given.has_members is not None:
        kept.append(("" if given.has_members else "NOT ") + member.format(""))
    if given.ends_until is not None:
        kept.append(f"d.ends_on <= {sql.bind(given.ends_until.isoformat())}")
    if given.in_force is not None:
        kept.append(access.in_force(sql, "d") if given.in_force else f"NOT {access.in_force(sql, 'd')}")
    return kept


def _searched(sql: Sql, search: str) -> list[str]:
    digits = siret.normalised(search)
    if digits.isdigit() and len(digits) >= 9:
        return [f"e.siret LIKE {sql.bind(digits + '%')}"]
    words = fold(search).split()[:8]
    return [f"e.search_text LIKE {sql.bind(like(word))} ESCAPE '!'" for word in words] or [access.EVERYTHING]


async def named(ids: Sequence[int]) -> list[db.Row | None]:
    """Delegations as a fact one sees names them (through which a letter was opened)."""
    sql = Sql()
    return by_ids.placed(await by_ids.fetch(columns(sql), "delegations d", "d.id", ids, sql=sql), "id", ids)


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Delegations the viewer can look up."""
    sql = Sql()
    read, allowed = columns(sql), access.delegations(sql, viewer, "d")
    return by_ids.placed(await by_ids.fetch(read, "delegations d", "d.id", ids, allowed, sql=sql), "id", ids)


async def services(ids: Sequence[int]) -> list[list[db.Row]]:
    """The services of each delegation; `level` is the one granted, or asked while undecided."""
    rows = await by_ids.fetch(
        "ds.delegation_id, ds.service_id, COALESCE(ds.level_granted, ds.level_asked) AS level, ds.level_asked, "
        "s.position",
        "delegation_services ds JOIN services s ON s.id = ds.service_id JOIN delegations d ON d.id = ds.delegation_id",
        "ds.delegation_id",
        ids,
        "(ds.level_granted IS NOT NULL OR d.decided_at IS NULL OR d.status = 'REFUSED')",
    )
    return by_ids.grouped(sorted(rows, key=lambda one: int(one["position"])), "delegation_id", ids)


async def members(ids: Sequence[int]) -> list[list[db.Row]]:
    """The users who act through each delegation, by name: (delegation_id, user_id)."""
    rows = await by_ids.fetch(
        "dm.delegation_id, dm.user_id, u.sort_name",
        "delegation_members dm JOIN users u ON u.id = dm.user_id",
        "dm.delegation_id",
        ids,
        "u.deleted_at IS NULL",
    )
    return by_ids.grouped(sorted(rows, key=lambda one: (one["sort_name"], one["user_id"])), "delegation_id", ids)


async def services_asked(ids: Sequence[int]) -> list[list[db.Row]]:
    """The services of each delegation as they were asked, with the level asked."""
    rows = await by_ids.fetch(
        "ds.delegation_id, ds.service_id, ds.level_asked AS level, s.position",
        "delegation_services ds JOIN services s ON s.id = ds.service_id",
        "ds.delegation_id",
        ids,
    )
    return by_ids.grouped(sorted(rows, key=lambda one: int(one["position"])), "delegation_id", ids)


async def member_counts(ids: Sequence[int]) -> list[int]:
    """How many accounts act through each delegation."""
    sql = Sql("SELECT dm.delegation_id, count(*) AS members FROM delegation_members dm")
    sql.add("JOIN users u ON u.id = dm.user_id AND u.deleted_at IS NULL")
    sql.add(f"WHERE dm.delegation_id IN ({sql.bind_all(list(ids))}) GROUP BY dm.delegation_id")
    found = {one["delegation_id"]: int(one["members"]) for one in await db.rows(sql)}
    return [found.get(one, 0) for one in ids]
