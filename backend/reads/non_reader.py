"""Establishments that never opened a letter, why as far as it can be told, and whom to write to there (R-ADO-02).

Never: letters were made available to them, and none of those that are not withdrawn was opened, by whomever.
"""

from collections.abc import Sequence

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids
from backend.reads.establishment import COLUMNS
from backend.reads.page import Listing, Order
from backend.rules import access
from backend.rules.non_reading import LETTERS, Filter, conditions, reason

BY_NAME = Order("non-reader-name", ("e.sort_name", "e.id"), (str, int))

READERS = 20
"""Readers named for one establishment, at most."""


def listing(given: Filter) -> Listing:
    """The list, by name."""
    return Listing(COLUMNS, "establishments e", lambda sql: conditions(sql, given), BY_NAME)


async def standings(ids: Sequence[int]) -> list[db.Row | None]:
    """For each establishment: why nothing is opened, how many letters wait, since when, and the last reminder."""
    sql = Sql()
    sql.add(f"SELECT e.id, {reason(sql)} AS reason,")
    sql.add(f"(SELECT count(*) FROM courriers c WHERE {LETTERS}) AS waiting,")
    sql.add(f"(SELECT min(c.available_at) FROM courriers c WHERE {LETTERS}) AS since,")
    sql.add("(SELECT max(r.told_at) FROM reading_reminders r WHERE r.establishment_id = e.id")
    sql.add("AND r.outcome = 'SENT') AS reminded_at")
    sql.add(f"FROM establishments e WHERE e.id IN ({sql.bind_all(list(ids))})")
    return by_ids.placed(await db.rows(sql), "id", ids)


async def readers(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each establishment, its own accounts, not expired, that may read one of its letters; a few at most."""
    sql = Sql("SELECT * FROM (SELECT u.establishment_id, u.id,")
    sql.add("row_number() OVER (PARTITION BY u.establishment_id ORDER BY u.sort_name, u.id) AS place FROM users u")
    sql.add(f"WHERE u.establishment_id IN ({sql.bind_all(list(ids))}) AND u.deleted_at IS NULL")
    sql.add(f"AND u.expires_on >= {sql.bind(clock.today().isoformat())} AND {access.reads_at_home(sql, 'u')}")
    sql.add(f") named WHERE place <= {READERS} ORDER BY establishment_id, place")
    return by_ids.grouped(await db.rows(sql), "establishment_id", ids)
