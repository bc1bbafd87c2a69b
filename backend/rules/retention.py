"""Retention: after the months of its type a letter goes, then the files no other letter has (R-COU-14).

What stays is a trace: the reference, the establishment, the type, the dates, the facts and the hash of its document.
The removal is itself a fact and an event of the journal, with counts: the proof.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import document, journal

TOGETHER = 200
"""Letters removed by one transaction."""

LOCK = 6_405_011

FRESH = timedelta(days=8)
"""A file brought again so lately is kept: a deposit may be about to name it. Longer than an upload lives."""

FILES_TOGETHER = 20
"""Files removed by one transaction."""

LATELY = timedelta(days=400)
"""How long the files of a removed letter are looked for."""

SUBJECT = "Courrier supprimé au terme de sa conservation"
"""What stands where the subject was."""


async def remove_due() -> None:
    """Remove the letters whose retention is over, then the files that no letter has any more.

    Nothing but time makes a letter go, and nothing keeps it longer: not read, not acknowledged, withdrawn or not.
    """
    for one in await db.rows("SELECT id, retention_months FROM courrier_types ORDER BY id"):
        # Kept through the whole last day: what became available before the same day, so many months ago.
        first_kept = clock.start_of_day(clock.add_months(clock.today(), -one["retention_months"]))
        while await _remove_some(one, int(clock.to_microseconds(first_kept))):
            pass
    await _remove_files()


# ---------------------------------------------------------------- letters


async def _remove_some(kind: db.Row, before: int) -> bool:
    """Remove letters of a type made available, or withdrawn without ever being, before an instant; were there any."""
    async with db.transaction():
        await db.lock(LOCK)
        due = await db.rows(
            "SELECT * FROM (SELECT c.id FROM courriers c "
            "WHERE c.type_id = $1 AND c.available_at < $2 AND c.removed_at IS NULL UNION ALL SELECT c.id "
            "FROM courriers c WHERE c.available_at IS NULL AND c.withdrawn_at IS NOT NULL AND c.type_id = $1 "
            f"AND c.deposited_at < $2 AND c.removed_at IS NULL) due ORDER BY id LIMIT {TOGETHER}",
            [kind["id"], before],
        )
        ids = [one["id"] for one in due]
        await db.hold("courriers", *ids)
        await _prove(ids, kind["retention_months"])
        await _blank(ids)
    return bool(ids)


async def _prove(ids: Sequence[int], months: int) -> None:
    """The event of each removal: what it was, its hashes, its facts counted; then the fact."""
    sql = Sql("SELECT c.id, c.establishment_id, c.reference, c.fund_id, c.content_hash, c.available_at, t.code AS type")
    sql.add("FROM courriers c JOIN courrier_types t ON t.id = c.type_id")
    letters = await db.rows(sql.add(f"WHERE c.id IN ({sql.bind_all(list(ids))}) ORDER BY c.id"))
    hashes = await _hashes(ids)
    counts = await _counts(ids)
    for one in letters:
        facts = {
            "reference": one["reference"],
            "fund": one["fund_id"],
            "type": one["type"],
            "available_at": _iso(one["available_at"]),
            "retention_months": months,
            "content": one["content_hash"],
            "sha256": hashes.get(one["id"], []),
            "facts": dict(counts[one["id"]]),
        }
        event = journal.Event("courrier.removed", one["establishment_id"], ("Courrier", one["id"]), facts=facts)
        journal.record(journal.NOBODY, event)
    now = int(clock.to_microseconds(clock.now()))
    detail = f"Au terme de {months} mois de conservation."
    await db.insert_many(
        "courrier_facts",
        ("courrier_id", "kind", "occurred_at", "detail"),
        [(one, "REMOVED", now, detail) for one in ids],
    )


async def _hashes(ids: Sequence[int]) -> dict[int, list[str]]:
    """The hash of each letter's document, then of its attachments; a demonstration letter never needed has none."""
    sql = Sql()
    named = sql.bind_all(list(ids))
    sql.add("SELECT x.courrier_id, d.sha256 FROM (SELECT c.id AS courrier_id, c.document_id, 0 AS position")
    sql.add(f"FROM courriers c WHERE c.id IN ({named}) UNION ALL")
    sql.add("SELECT a.courrier_id, a.document_id, a.position FROM courrier_attachments a")
    sql.add(f"WHERE a.courrier_id IN ({named})")
    sql.add(
        ") x JOIN documents d ON d.id = x.document_id WHERE d.sha256 IS NOT NULL ORDER BY x.courrier_id, x.position"
    )
    found: dict[int, list[str]] = {}
    for one in await db.rows(sql):
        found.setdefault(one["courrier_id"], []).append(one["sha256"])
    return found


async def _counts(ids: Sequence[int]) -> dict[int, Counter[str]]:
    sql = Sql("SELECT f.courrier_id, f.kind, count(*) AS n FROM courrier_facts f")
    sql.add(f"WHERE f.courrier_id IN ({sql.bind_all(list(ids))}) GROUP BY f.courrier_id, f.kind")
    found: dict[int, Counter[str]] = {one: Counter() for one in ids}
    for one in await db.rows(sql):
        found[one["courrier_id"]][one["kind"]] = int(one["n"])
    return found


async def _blank(ids: Sequence[int]) -> None:
    """What the letter said goes, from every table; so do its readers' own marks."""
    if not ids:
        return
    now = int(clock.to_microseconds(clock.now()))
    sql = Sql("UPDATE courriers SET")
    sql.add(f"removed_at = {sql.bind(now)}, withdrawn_at = COALESCE(withdrawn_at, {sql.bind(now)}),")
    sql.add(f"subject = {sql.bind(SUBJECT)}, search_text = '', file_name = ''")
    await db.execute(sql.add(f"WHERE id IN ({sql.bind_all(list(ids))})"))
    for statement in ("UPDATE courrier_attachments SET file_name = ''", "DELETE FROM courrier_marks"):
        sql = Sql(statement)
        await db.execute(sql.add(f"WHERE courrier_id IN ({sql.bind_all(list(ids))})"))


def _iso(microseconds: int | None) -> str | None:
    return None if microseconds is None else clock.from_microseconds(microseconds).isoformat()


# ---------------------------------------------------------------- files


async def _remove_files() -> None:
    """Remove the files that letters had and none has any more."""
    while orphans := await _orphans():
        for start in range(0, len(orphans), FILES_TOGETHER):
            await _remove_these(orphans[start : start + FILES_TOGETHER])


def _orphan(sql: Sql) -> str:
    """Documents kept for no letter, named by no upload or batch, and not brought again lately."""
    limit = sql.bind(int(clock.to_microseconds(clock.now() - FRESH)))
    return (
        f"d.removed_at IS NULL AND (d.stored_at IS NULL OR d.stored_at < {limit}) "
        "AND NOT EXISTS (SELECT 1 FROM courriers k WHERE k.document_id = d.id AND k.removed_at IS NULL) "
        "AND NOT EXISTS (SELECT 1 FROM courrier_attachments a JOIN courriers k ON k.id = a.courrier_id "
        "WHERE a.document_id = d.id AND k.removed_at IS NULL) "
        "AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.document_id = d.id) "
        "AND NOT EXISTS (SELECT 1 FROM deposit_documents w WHERE w.document_id = d.id)"
    )


async def _orphans() -> list[int]:
    """Some of them, among the documents of letters removed lately."""
    since = int(clock.to_microseconds(clock.now() - LATELY))
    sql = Sql("SELECT d.id FROM documents d WHERE d.id IN (")
    lately = f"c.removed_at >= {sql.bind(since)}"
    sql.add(f"SELECT c.document_id FROM courriers c WHERE {lately} UNION SELECT a.document_id FROM courriers c")
    sql.add(f"JOIN courrier_attachments a ON a.courrier_id = c.id WHERE {lately})")
    sql.add(f"AND {_orphan(sql)} ORDER BY d.id LIMIT 2000")
    return [one["id"] for one in await db.rows(sql)]


async def remove_unnamed() -> int:
    """Remove the documents that no letter, upload or batch names any more, of whatever they were: a batch that was
    cancelled, an upload that nothing named in time. How many.
    """
    after, removed = 0, 0
    while True:
        sql = Sql("SELECT d.id FROM documents d WHERE d.sha256 IS NOT NULL")
        sql.add(f"AND d.id > {sql.bind(after)} AND {_orphan(sql)} ORDER BY d.id LIMIT {TOGETHER}")
        ids = [one["id"] for one in await db.rows(sql)]
        if not ids:
            return removed
        for start in range(0, len(ids), FILES_TOGETHER):
            removed += await _remove_these(ids[start : start + FILES_TOGETHER])
        after = ids[-1]


async def remove_stray(sha256: str, size: int) -> bool:
    """Remove a file that is of no document, and say so in a row, unless it has become one's meanwhile.

    The row is held while the file goes, as in `_remove_these`: who brings the same bytes waits, and writes them anew.
    """
    async with db.transaction():
        held = await db.rows(
            "INSERT INTO documents (sha256, size, media_type, stored_at, removed_at) "
            "VALUES ($1, $3, 'application/pdf', $2, $2) ON CONFLICT (sha256) DO UPDATE "
            "SET removed_at = documents.removed_at WHERE documents.removed_at IS NOT NULL RETURNING id",
            [sha256, int(clock.to_microseconds(clock.now())), max(size, 1)],
        )
        for one in held:
            await document.files().remove(sha256)
            event = journal.Event(
                "document.removed", subject=("Document", one["id"]), facts={"sha256": sha256, "size": size}
            )
            journal.record(journal.NOBODY, event)
    return bool(held)


async def _remove_these(ids: Sequence[int]) -> int:
    """The rows are held while the files go: who brings one of them again comes before, and it stays, or after, and
    writes it anew (`document.store`). Should this not be committed, no letter misses what is gone.
    """
    async with db.transaction():
        await db.lock(LOCK)
        sql = Sql()
        sql.add(f"UPDATE documents AS d SET removed_at = {sql.bind(int(clock.to_microseconds(clock.now())))},")
        sql.add(f"text = NULL WHERE d.id IN ({sql.bind_all(list(ids))}) AND {_orphan(sql)} RETURNING id, sha256, size")
        gone = await db.rows(sql)
        for one in gone:
            if one["sha256"] is not None:
                await document.files().remove(one["sha256"])
            facts = {"sha256": one["sha256"], "size": one["size"]}
            event = journal.Event("document.removed", subject=("Document", one["id"]), facts=facts)
            journal.record(journal.NOBODY, event)
    return len(gone)
