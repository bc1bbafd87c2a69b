"""Services, the funds they concern; and funds."""

from collections.abc import Sequence

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids
from backend.rules import access
from backend.rules.viewer import Viewer

COLUMNS = "s.id, s.code, s.label, s.description, s.theme, s.position, s.is_delegable, s.online_since, s.closed_on"


async def online() -> list[db.Row]:
    """The services open today, in the order of the screens (R-RGT-05)."""
    return await db.rows(
        f"SELECT {COLUMNS} FROM services s "
        "WHERE s.online_since <= $1 AND (s.closed_on IS NULL OR s.closed_on > $1) ORDER BY s.position, s.id",
        [clock.today().isoformat()],
    )


async def every() -> list[db.Row]:
    """The same with those that will open and those that have closed."""
    return await db.rows(f"SELECT {COLUMNS} FROM services s ORDER BY s.position, s.id")


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Services by id; None for those that will open, known to operators alone."""
    sql = Sql()
    allowed = access.services(sql, viewer, "s")
    return by_ids.placed(await by_ids.fetch(COLUMNS, "services s", "s.id", ids, allowed, sql=sql), "id", ids)


async def named(ids: Sequence[int]) -> list[db.Row | None]:
    """Services by id."""
    return by_ids.placed(await by_ids.fetch(COLUMNS, "services s", "s.id", ids), "id", ids)


async def funds(ids: Sequence[int]) -> list[list[db.Row]]:
    """The funds each service concerns."""
    rows = await by_ids.fetch(
        "sf.service_id, f.code, f.label, f.position",
        "service_funds sf JOIN funds f ON f.code = sf.fund_id",
        "sf.service_id",
        ids,
    )
    return by_ids.grouped(sorted(rows, key=lambda one: int(one["position"])), "service_id", ids)
