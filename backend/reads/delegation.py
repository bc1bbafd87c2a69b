"""Delegations, the services they cover, their members."""

from collections.abc import Sequence

from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids
from backend.reads.page import Listing, Order
from backend.rules import access
from backend.rules.viewer import Viewer

COLUMNS = (
    "d.id, d.centralisateur_id, d.delegataire_id, d.status, d.message, d.requested_by_id, d.requested_at, "
    "d.decided_by_id, d.decided_at, d.refusal_reason, d.starts_on, d.ends_on, d.ended_by_id, d.ended_at"
)

NEWEST = Order("delegation", ("d.requested_at", "d.id"), (int, int), descending=True)


def listing(viewer: Viewer, side: str, establishment_id: int, status: tuple[str, ...] = ()) -> Listing:
    """The delegations an establishment asked for (`side` centralisateur_id) or was asked for (delegataire_id)."""

    def conditions(sql: Sql) -> list[str]:
        kept = [f"d.{side} = {sql.bind(establishment_id)}", access.delegations(sql, viewer, "d")]
        if status:
            kept.append(f"d.status IN ({sql.bind_all(status)})")
        return kept

    return Listing(COLUMNS, "delegations d", conditions, NEWEST)


async def named(ids: Sequence[int]) -> list[db.Row | None]:
    """Delegations as a fact one sees names them (through which a letter was opened)."""
    return by_ids.placed(await by_ids.fetch(COLUMNS, "delegations d", "d.id", ids), "id", ids)


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Delegations the viewer can look up."""
    sql = Sql()
    allowed = access.delegations(sql, viewer, "d")
    return by_ids.placed(await by_ids.fetch(COLUMNS, "delegations d", "d.id", ids, allowed, sql=sql), "id", ids)


async def services(ids: Sequence[int]) -> list[list[db.Row]]:
    """The services of each delegation; `level` is the one granted, or asked while undecided."""
    rows = await by_ids.fetch(
        "ds.delegation_id, ds.service_id, COALESCE(ds.level_granted, ds.level_asked) AS level, s.position",
        "delegation_services ds JOIN services s ON s.id = ds.service_id JOIN delegations d ON d.id = ds.delegation_id",
        "ds.delegation_id",
        ids,
        "(ds.level_granted IS NOT NULL OR d.status IN ('PENDING', 'REFUSED', 'WITHDRAWN', 'EXPIRED'))",
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
