"""Whether documents and files say the same (R-COU-02): a sweep that reports, and changes nothing unless asked to.

A file is on the disk before its document has a row: what is killed in between leaves a file of no document, which is no
loss. A document whose file is missing or altered is one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from backend import database as db
from backend.database.sql import Sql
from backend.gateways.files import Kept, State
from backend.rules import document, retention

TOGETHER = 500
"""Documents looked up by one statement."""

ON_ITS_WAY = 3600.0
"""Seconds for which a file may be of no document yet: somebody is just depositing it."""

LEFT = 86_400.0
"""Seconds after which a file of no document is left for good, and may be removed."""

NAMED = 5
"""Letters told of for one document."""


class Kind(StrEnum):
    """What is wrong: a document's file is MISSING or ALTERED; a file is ORPHANED, of no document, or UNFINISHED."""

    MISSING = "MISSING"
    ALTERED = "ALTERED"
    ORPHANED = "ORPHANED"
    UNFINISHED = "UNFINISHED"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, and some letters that have it."""

    kind: Kind
    path: str
    letters: tuple[str, ...] = ()


@dataclass
class Report:
    """What was looked at and what is wrong."""

    documents: int = 0
    files: int = 0
    faults: list[Fault] = field(default_factory=list)
    strays: list[Kept] = field(default_factory=list)
    """The files of those that are orphaned or unfinished."""
    removed: int = 0
    """Files that nothing named, removed with `remove`."""

    def count(self, kind: Kind) -> int:
        """How many are wrong in this way."""
        return sum(one.kind is kind for one in self.faults)


async def sweep(tell: Callable[[str, int, int], None], *, thoroughly: bool = True) -> Report:
    """Look at every document's file, then at every file; `tell` how far. Not `thoroughly`, sizes are compared only."""
    report = Report()
    await _documents(report, tell, thoroughly=thoroughly)
    await _files(report, tell)
    return report


async def remove(tell: Callable[[str, int, int], None]) -> Report:
    """Remove what a cancelled batch, an upload nobody named or a process that was killed has left; and what remains.

    Nothing young: somebody may be about to name it. What is not named by a hash in its folder is left, and told.
    """
    removed = await retention.remove_unnamed()
    before = time.time() - LEFT
    looked_at = Report()
    await _files(looked_at, tell)
    for one in looked_at.strays:
        if one.written_at < before:
            removed += await _remove(one)
    report = await sweep(tell, thoroughly=False)
    report.removed = removed
    return report


async def _remove(stray: Kept) -> bool:
    if stray.sha256 is None:
        return await document.files().remove_unfinished(stray)
    return await retention.remove_stray(stray.sha256, stray.size)


async def _documents(report: Report, tell: Callable[[str, int, int], None], *, thoroughly: bool) -> None:
    found = await db.row("SELECT count(*) AS n FROM documents WHERE sha256 IS NOT NULL AND removed_at IS NULL")
    total = int(found["n"]) if found else 0
    files, after = document.files(), 0
    while page := await db.rows(
        "SELECT id, sha256, size FROM documents WHERE sha256 IS NOT NULL AND removed_at IS NULL AND id > $1 "
        "ORDER BY id LIMIT $2",
        [after, TOGETHER],
    ):
        for one in page:
            state = await files.state(one["sha256"], one["size"], thoroughly=thoroughly)
            if state is not State.WHOLE and await _still_kept(one["id"]):
                report.faults.append(Fault(Kind(state.value), one["sha256"], await _letters(one["id"])))
        after = page[-1]["id"]
        report.documents += len(page)
        tell("Documents", report.documents, total)


async def _still_kept(document_id: int) -> bool:
    """Whether a document was not removed at the end of its retention while one looked."""
    return (
        await db.row("SELECT 1 AS one FROM documents WHERE id = $1 AND removed_at IS NULL", [document_id]) is not None
    )


async def _letters(document_id: int) -> tuple[str, ...]:
    """Some of the letters that have a document, as theirs or attached."""
    rows = await db.rows(
        "SELECT c.fund_id, c.reference FROM courriers c WHERE c.removed_at IS NULL AND (c.document_id = $1 OR c.id IN "
        "(SELECT a.courrier_id FROM courrier_attachments a WHERE a.document_id = $1)) ORDER BY c.id LIMIT $2",
        [document_id, NAMED],
    )
    return tuple(f"{one['fund_id']} {one['reference']}" for one in rows)


async def _files(report: Report, tell: Callable[[str, int, int], None]) -> None:
    before = time.time() - ON_ITS_WAY
    folders = 0
    async for kept in document.files().everything():
        folders += 1
        report.files += len(kept)
        for start in range(0, len(kept), TOGETHER):
            await _these(report, [one for one in kept[start : start + TOGETHER] if one.written_at < before])
        tell("Folders of files", folders, max(folders, 257))


async def _these(report: Report, kept: list[Kept]) -> None:
    sql = Sql("SELECT sha256 FROM documents WHERE removed_at IS NULL")
    sql.add(f"AND sha256 IN ({sql.bind_all([one.sha256 for one in kept if one.sha256])})")
    known = {one["sha256"] for one in await db.rows(sql)}
    for one in kept:
        if one.sha256 is None or one.sha256 not in known:
            report.faults.append(Fault(Kind.ORPHANED if one.sha256 else Kind.UNFINISHED, one.path))
            report.strays.append(one)
