"""What the demonstration mailbox shows."""

from backend import database as db
from backend.database.sql import Sql
from backend.database.text import like


async def is_demonstration() -> bool:
    """Whether this database holds the demonstration world."""
    return await db.row("SELECT value FROM platform_facts WHERE name = 'demonstration'") is not None


async def latest(to: str, before: int | None) -> list[db.Row]:
    """Fifty messages, the newest first, before a number; to an address that contains `to`."""
    sql = Sql("SELECT id, recipient, subject, status, queued_at FROM notifications WHERE 1 = 1")
    if to:
        sql.add(f"AND lower(recipient) LIKE {sql.bind(like(to))} ESCAPE '!'")
    if before is not None:
        sql.add(f"AND id < {sql.bind(before)}")
    sql.add("ORDER BY id DESC LIMIT 50")
    return await db.rows(sql)


async def message(number: int) -> db.Row | None:
    """One message."""
    return await db.row(
        "SELECT id, recipient, subject, status, queued_at, body_text, body_html FROM notifications WHERE id = $1",
        [number],
    )
