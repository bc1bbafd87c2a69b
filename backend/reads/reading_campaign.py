"""Reminder campaigns, and what came of them: who opened a letter since, against who was not reminded (R-ADO-02)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids
from backend.reads.page import Listing, Order

NEWEST = Order("reading-campaign-newest", ("k.id",), (int,), descending=True)

_DAY = 86_400_000_000
_FIRST = (
    "(SELECT min(c.first_opened_at) FROM courriers c WHERE c.establishment_id = {} AND c.available_at IS NOT NULL "
    "AND c.withdrawn_at IS NULL)"
)


@dataclass(frozen=True)
class Effect:
    """Reminded, by what became of it, and those of the others who had never opened a letter when it was decided."""

    reminded: int = 0
    waiting: int = 0
    opened_before: int = 0
    unreachable: int = 0
    emails: int = 0
    opened_since: int = 0
    median_days: int | None = None
    others: int = 0
    others_opened: int = 0


def listing() -> Listing:
    """Campaigns, the last one first."""
    return Listing("k.id, k.started_by_id, k.started_at, k.finished_at", "reading_campaigns k", lambda _: [], NEWEST)


async def named(ids: Sequence[int]) -> list[db.Row | None]:
    """Campaigns by their ids."""
    columns = "k.id, k.started_by_id, k.started_at, k.finished_at"
    return by_ids.placed(await by_ids.fetch(columns, "reading_campaigns k", "k.id", ids), "id", ids)


async def effects(ids: Sequence[int]) -> list[Effect]:
    """For each campaign, what came of it until now."""
    sql = Sql("SELECT r.campaign_id, r.outcome, r.emails,")
    sql.add(f"({_FIRST.format('r.establishment_id')} - r.told_at) / {_DAY} AS days, count(*) AS n")
    sql.add(f"FROM reading_reminders r WHERE r.campaign_id IN ({sql.bind_all(list(ids))}) GROUP BY 1, 2, 3, 4")
    told = by_ids.grouped(await db.rows(sql), "campaign_id", ids)
    others = by_ids.placed(await _others(ids), "campaign_id", ids)
    return [_effect(rows, other) for rows, other in zip(told, others, strict=True)]


async def _others(ids: Sequence[int]) -> list[db.Row]:
    """Who had letters and had never opened one when a campaign was decided, and was never reminded."""
    sql = Sql("SELECT o.campaign_id, count(*) AS n, count(o.first) AS opened FROM (SELECT k.id AS campaign_id,")
    sql.add(
        f"k.started_at, e.id, {_FIRST.format('e.id')} AS first FROM reading_campaigns k CROSS JOIN establishments e"
    )
    sql.add(f"WHERE k.id IN ({sql.bind_all(list(ids))})")
    sql.add("AND EXISTS (SELECT 1 FROM courriers c WHERE c.establishment_id = e.id AND c.available_at < k.started_at")
    sql.add("AND c.withdrawn_at IS NULL) AND NOT EXISTS (SELECT 1 FROM reading_reminders r")
    sql.add("WHERE r.establishment_id = e.id AND (r.outcome = 'SENT' OR r.campaign_id = k.id))) o")
    return await db.rows(sql.add("WHERE o.first IS NULL OR o.first >= o.started_at GROUP BY o.campaign_id"))


def _effect(rows: Sequence[db.Row], others: db.Row | None) -> Effect:
    by, days, emails = Counter[str](), Counter[int](), 0
    for one in rows:
        by[one["outcome"]] += one["n"]
        emails += one["emails"] * one["n"]
        if one["outcome"] == "SENT" and one["days"] is not None:
            days[one["days"]] += one["n"]
    opened = sum(days.values())
    in_order = sorted(days.elements())
    return Effect(
        reminded=by["SENT"],
        waiting=by["WAITING"],
        opened_before=by["OPENED"],
        unreachable=by["NOBODY"],
        emails=emails,
        opened_since=opened,
        median_days=in_order[(opened - 1) // 2] if opened else None,
        others=int(others["n"]) if others else 0,
        others_opened=int(others["opened"]) if others else 0,
    )
