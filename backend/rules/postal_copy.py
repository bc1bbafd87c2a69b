"""Paper copies: the letters that leave by post too, handed over to the printer, each once (R-COU-09)."""

from collections.abc import Sequence

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import journal

LOCK = 6_405_010

COLUMNS = (
    "c.id, c.reference, c.subject, c.letter_date, c.document_id, c.file_name, f.label AS fund, t.label AS type, "
    "e.siret, e.name, e.line1, e.line2, e.postal_code, e.city"
)


async def waiting(most: int) -> list[db.Row]:
    """Letters made available whose paper copy has not left, the oldest first: what the printer needs of each."""
    sql = Sql(f"SELECT {COLUMNS} FROM courriers c JOIN funds f ON f.code = c.fund_id")
    sql.add("JOIN courrier_types t ON t.id = c.type_id JOIN establishments e ON e.id = c.establishment_id")
    sql.add("WHERE c.sent_by_post AND c.available_at IS NOT NULL AND c.withdrawn_at IS NULL")
    sql.add("AND NOT EXISTS (SELECT 1 FROM postal_copies p WHERE p.courrier_id = c.id)")
    return await db.rows(sql.add(f"ORDER BY c.id LIMIT {sql.bind(most)}"))


async def attachments(courrier_ids: Sequence[int]) -> list[db.Row]:
    """Their attachments: (courrier_id, document_id, file_name), in order."""
    sql = Sql("SELECT a.courrier_id, a.document_id, a.file_name FROM courrier_attachments a")
    sql.add(f"WHERE a.courrier_id IN ({sql.bind_all(list(courrier_ids))}) ORDER BY a.courrier_id, a.position")
    return await db.rows(sql)


async def hand_over(courrier_ids: Sequence[int], file_name: str) -> bool:
    """Say that these letters left in a file, which is written already. False, and nothing said, where one of them
    left in another file, or was withdrawn, meanwhile: that file must not leave.
    """
    async with db.transaction():
        await db.lock(LOCK)
        sql = Sql("SELECT count(*) AS gone FROM courriers c")
        sql.add(f"WHERE c.id IN ({sql.bind_all(list(courrier_ids))}) AND (c.withdrawn_at IS NOT NULL OR EXISTS")
        found = await db.row(sql.add("(SELECT 1 FROM postal_copies p WHERE p.courrier_id = c.id))"))
        if found is None or found["gone"]:
            return False
        now = int(clock.to_microseconds(clock.now()))
        rows = [(one, file_name, now) for one in courrier_ids]
        await db.insert_many("postal_copies", ("courrier_id", "file_name", "handed_over_at"), rows)
        facts = {"copies": len(rows), "file": file_name}
        journal.record(journal.NOBODY, journal.Event("courrier.posted", facts=facts))
    return True


async def is_recorded(file_name: str) -> bool:
    """Whether letters were said to have left in this file."""
    return await db.row("SELECT id FROM postal_copies WHERE file_name = $1 LIMIT 1", [file_name]) is not None
