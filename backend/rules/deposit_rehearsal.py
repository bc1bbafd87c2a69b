"""The rehearsal of a batch: all is judged, nothing visible; who would get nothing, what would leave (R-COU-04)."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, deposit_batch
from backend.rules.deposit_batch import Outcome
from backend.rules.viewer import Viewer

TOGETHER = 200
"""Establishments looked at by one statement."""

PAST = timedelta(days=365)
"""How far back one looks for how much an establishment reads."""


@dataclass
class Figures:
    """What publishing would do.

    `without_reader` counts establishments where nobody can read one of the letters; `without_email`, those where
    nobody would be told of one; `duplicates`, lines deposited before or twice; the read rate is from 0 to 1.
    """

    letters: int = 0
    establishments: int = 0
    without_reader: int = 0
    without_email: int = 0
    duplicates: int = 0
    emails: int = 0
    postal_copies: int = 0
    expected_read_rate: float | None = None
    gaps: list[dict[str, Any]] = field(default_factory=list)
    """Types that nobody can read somewhere: `type_id`, `reason`, how many `establishments` and `letters` (R-COU-12)."""


async def rehearse(viewer: Viewer, batch_id: int) -> Outcome:
    """Judge again every line that waits, then count who would be told and who would read."""
    allowed = await deposit_batch.handled(viewer, batch_id)
    if allowed.errors:
        return allowed
    seen = await deposit_batch.fingerprint(batch_id)
    last: int | None = 0
    while last is not None:
        last = await deposit_batch.judge_again(viewer, batch_id, last)
        await asyncio.sleep(deposit_batch.BREATH)
    return await deposit_batch.check(viewer, batch_id, asdict(await _figures(batch_id)), seen)


async def _figures(batch_id: int) -> Figures:
    found = Figures(duplicates=await _duplicates(batch_id))
    rows = await db.rows(
        "SELECT DISTINCT establishment_id AS id FROM deposit_contents WHERE batch_id = $1 ORDER BY establishment_id",
        [batch_id],
    )
    places = [one["id"] for one in rows]
    usual = await _usual_rate()
    expected = 0.0
    gaps: dict[tuple[int, str], tuple[set[int], int]] = {}
    for start in range(0, len(places), TOGETHER):
        these = places[start : start + TOGETHER]
        rates = await _rates(these)
        without_reader, without_email = set(), set()
        for one in await _groups(batch_id, these):
            place, letters = one["establishment_id"], int(one["letters"])
            found.letters += letters
            found.postal_copies += letters if one["channel"] == "DIGITAL_AND_POST" else 0
            if one["readers"]:
                expected += letters * rates.get(place, usual or 0.0)
            else:
                without_reader.add(place)
                there, number = gaps.get((one["type_id"], one["reason"]), (set(), 0))
                gaps[one["type_id"], one["reason"]] = (there | {place}, number + letters)
            if one["notifies_by_email"]:
                at_address = 0 if one["readers"] or not one["functional_email"] else 1
                found.emails += letters * (int(one["told_at_once"]) + at_address)
                if not one["told"] and not at_address:
                    without_email.add(place)
        found.establishments += len(these)
        found.without_reader += len(without_reader)
        found.without_email += len(without_email)
    found.gaps = [
        {"type_id": type_id, "reason": reason, "establishments": len(there), "letters": number}
        for (type_id, reason), (there, number) in sorted(gaps.items(), key=lambda gap: (-len(gap[1][0]), gap[0]))
    ]
    if found.letters and usual is not None:
        found.expected_read_rate = round(expected / found.letters, 4)
    return found


async def _duplicates(batch_id: int) -> int:
    found = await db.row(
        "SELECT count(*) AS n FROM deposit_lines WHERE batch_id = $1 "
        "AND (outcome = 'ALREADY' OR rejection_code = 'REFERENCE_TAKEN')",
        [batch_id],
    )
    return int(found["n"]) if found else 0


async def _groups(batch_id: int, places: Sequence[int]) -> list[db.Row]:
    """The letters of some establishments, by what decides who reads them and who is told."""
    sql = Sql("SELECT p.*, e.functional_email,")
    readers = access.readers(sql, "p.establishment_id", "p.service_id")
    able = access.can_sign_in(sql, "u")
    who = f"FROM users u LEFT JOIN notification_preferences n ON n.user_id = u.id WHERE u.id IN ({readers}) AND {able}"
    hears = "' ' || COALESCE(n.muted_funds, '') || ' ' NOT LIKE '% ' || p.fund_id || ' %'"
    rhythm = "COALESCE(n.new_courriers, 'IMMEDIATE')"
    sql.add(f"{access.what_lacks(sql, 'p.establishment_id', 'p.service_id')} AS reason,")
    sql.add(f"(SELECT count(*) {who}) AS readers,")
    sql.add(f"(SELECT count(*) {who} AND {rhythm} <> 'NONE' AND {hears}) AS told,")
    sql.add(f"(SELECT count(*) {who} AND {rhythm} = 'IMMEDIATE' AND {hears}) AS told_at_once")
    sql.add("FROM (SELECT c.establishment_id, c.fund_id, c.type_id, t.service_id, t.channel, t.notifies_by_email,")
    sql.add("count(*) AS letters FROM deposit_contents c JOIN courrier_types t ON t.id = c.type_id")
    sql.add(f"WHERE c.batch_id = {sql.bind(batch_id)} AND c.establishment_id IN ({sql.bind_all(list(places))})")
    sql.add("GROUP BY c.establishment_id, c.fund_id, c.type_id, t.service_id, t.channel, t.notifies_by_email) p")
    return await db.rows(sql.add("JOIN establishments e ON e.id = p.establishment_id"))


async def _rates(places: Sequence[int]) -> dict[int, float]:
    """The share of its letters of the last year that each establishment opened; nothing for one that got none."""
    sql = Sql("SELECT c.establishment_id, count(*) AS letters, count(c.first_opened_at) AS opened FROM courriers c")
    sql.add(f"WHERE c.establishment_id IN ({sql.bind_all(list(places))}) AND c.available_at >= {sql.bind(_since())}")
    rows = await db.rows(sql.add("AND c.withdrawn_at IS NULL GROUP BY c.establishment_id"))
    return {one["establishment_id"]: one["opened"] / one["letters"] for one in rows}


async def _usual_rate() -> float | None:
    """The same over all establishments; None where no letter was made available yet."""
    found = await db.row(
        "SELECT count(*) AS letters, count(c.first_opened_at) AS opened FROM courriers c "
        "WHERE c.available_at >= $1 AND c.withdrawn_at IS NULL",
        [_since()],
    )
    return found["opened"] / found["letters"] if found and found["letters"] else None


def _since() -> int:
    return int(clock.to_microseconds(clock.now() - PAST))
