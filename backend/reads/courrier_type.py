"""The catalogue: models of letter (R-COU-17)."""

from collections.abc import Sequence

from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids

COLUMNS = (
    "t.id, t.code, t.label, t.fund_id, t.service_id, t.channel, t.notifies_by_email, t.retention_months, "
    "t.remind_after, t.escalate_after, t.follow_up_after, "
    "t.available_since"
)


async def catalogue(fund: str | None) -> list[db.Row]:
    """The models of a fund, or all, by fund and label."""
    sql = Sql(f"SELECT {COLUMNS} FROM courrier_types t JOIN funds f ON f.code = t.fund_id")
    if fund is not None:
        sql.add(f"WHERE t.fund_id = {sql.bind(fund)}")
    sql.add("ORDER BY f.position, t.label, t.id")
    return await db.rows(sql)


async def named(ids: Sequence[int]) -> list[db.Row | None]:
    """Models by id."""
    return by_ids.placed(await by_ids.fetch(COLUMNS, "courrier_types t", "t.id", ids), "id", ids)
