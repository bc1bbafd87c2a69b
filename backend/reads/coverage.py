"""Reader coverage: the types of letter that nobody of an establishment can read today, and why (R-COU-12).

Expected are the types of the funds it has a contract with, under a service that is open. Who acts for it through a
delegation is told apart: the day the delegation ends, nobody reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids, kept
from backend.rules import access


@dataclass(frozen=True)
class Coverage:
    """Of the establishments that have a contract, those with a gap; by service, how many cannot read its letters."""

    counted_at: datetime
    establishments: int
    with_gap: int
    by_service: tuple[tuple[int, int], ...]


async def gaps(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each establishment, the types nobody there can read: why (`reason`), whether somebody can through a
    delegation (`delegated`), how many letters of the type nobody has opened (`waiting`).
    """
    sql = Sql()
    place, service = "c.establishment_id", "t.service_id"
    sql.add(f"SELECT c.establishment_id, t.id AS type_id, {access.what_lacks(sql, place, service)} AS reason,")
    sql.add(f"EXISTS (SELECT 1 FROM users able WHERE {access.in_use(sql, 'able')}")
    sql.add(f"AND able.id IN ({access.readers(sql, place, service)})) AS delegated,")
    sql.add("(SELECT count(*) FROM courriers l WHERE l.establishment_id = c.establishment_id AND l.type_id = t.id")
    sql.add("AND l.available_at IS NOT NULL AND l.withdrawn_at IS NULL AND l.first_opened_at IS NULL) AS waiting")
    sql.add(f"FROM ({_expected(sql, ids)}) c")
    sql.add("JOIN courrier_types t ON t.fund_id = c.fund_id JOIN services s ON s.id = t.service_id")
    sql.add(f"WHERE {access.online(sql, 's')} AND NOT {access.reads_today(sql, place, service)}")
    sql.add("ORDER BY c.establishment_id, s.position, t.fund_id, t.label, t.id")
    return by_ids.grouped(await db.rows(sql), "establishment_id", ids)


def _expected(sql: Sql, ids: Sequence[int]) -> str:
    return (
        "SELECT DISTINCT k.establishment_id, k.fund_id FROM contracts k "
        f"WHERE k.establishment_id IN ({sql.bind_all(list(ids))})"
    )


def has_gap(sql: Sql) -> str:
    """Establishments `e` where there is such a type."""
    return (
        "EXISTS (SELECT 1 FROM contracts k JOIN courrier_types t ON t.fund_id = k.fund_id "
        f"JOIN services s ON s.id = t.service_id AND {access.online(sql, 's')} "
        f"WHERE k.establishment_id = e.id AND NOT {access.reads_today(sql, 'e.id', 't.service_id')})"
    )


async def overall() -> Coverage:
    """The same over all establishments, counted a while ago where that takes long."""
    found = await kept.figures("coverage", _count)
    return Coverage(
        found.counted_at,
        found.body["establishments"],
        found.body["with_gap"],
        tuple((one[0], one[1]) for one in found.body["by_service"]),
    )


async def recount() -> None:
    """Count it again, on a platform where it takes long."""
    if await kept.is_worth_it():
        await kept.anew("coverage", _count)


async def _count() -> dict[str, Any]:
    """Sets rather than one question for each establishment: what is expected there, less what somebody reads."""
    sql = Sql("SELECT x.service_id, x.establishment_id FROM (SELECT DISTINCT k.establishment_id, t.service_id")
    sql.add("FROM contracts k JOIN courrier_types t ON t.fund_id = k.fund_id")
    sql.add(f"JOIN services s ON s.id = t.service_id AND {access.online(sql, 's')}")
    sql.add("EXCEPT SELECT h.establishment_id, r.service_id FROM rights r JOIN users h ON h.id = r.user_id")
    sql.add(f"WHERE {access.in_use(sql, 'h')} AND {access.held_back(sql, 'h')} IS NULL) x")
    lacking = Sql(f"WITH lacking AS ({sql.text()})")
    lacking.values = sql.values
    lacking.add("SELECT l.service_id, count(*) AS n FROM lacking l GROUP BY l.service_id UNION ALL")
    lacking.add("SELECT NULL, count(DISTINCT l.establishment_id) FROM lacking l UNION ALL")
    rows = await db.rows(lacking.add("SELECT -1, count(DISTINCT k.establishment_id) FROM contracts k"))
    by = {one["service_id"]: int(one["n"]) for one in rows}
    with_gap, establishments = by.pop(None, 0), by.pop(-1, 0)
    return {"establishments": establishments, "with_gap": with_gap, "by_service": sorted(by.items())}
