"""Selections of courriers as a file: asked for, then fetched by a signed address (R-COU-08)."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, journal
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

ZIP, CSV = "ZIP", "CSV"
MOST = {ZIP: 1_000, CSV: 10_000}
"""Courriers in one file."""


@dataclass(frozen=True)
class Asked:
    """The outcome: the export, or why there is none."""

    export_id: int | None = None
    count: int = 0
    errors: tuple[UserError, ...] = ()


async def ask(viewer: Viewer, courrier_ids: Sequence[int], form: str) -> Asked:
    """Keep which courriers a person wants as a file. Who reads which of them is judged when the file is made."""
    if viewer.user_id is None or not access.reads_documents(viewer):
        message = "Seuls les lecteurs d’un courrier l’exportent."
        return Asked(errors=(UserError(ErrorCode.NOT_ALLOWED, message),))
    wanted = list(dict.fromkeys(courrier_ids))
    if len(wanted) > MOST[form]:
        message = f"Exportez au plus {MOST[form]} courriers à la fois."
        return Asked(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("ids",)),))
    readable = await _readable(viewer, wanted)
    if not readable:
        message = "Aucun de ces courriers n’existe, ou n’est encore disponible."
        return Asked(errors=(UserError(ErrorCode.NOT_FOUND, message, ("ids",)),))
    async with db.transaction():
        made = await db.rows(
            "INSERT INTO courrier_exports (user_id, form, courriers, asked_at) VALUES ($1, $2, $3, $4) RETURNING id",
            [viewer.user_id, form, ",".join(map(str, readable)), int(clock.to_microseconds(clock.now()))],
        )
    return Asked(made[0]["id"], len(readable))


async def _readable(viewer: Viewer, courrier_ids: Sequence[int]) -> list[int]:
    """Those that a person reads, in their order: the others do not exist for them (R-COU-05)."""
    found: set[int] = set()
    for start in range(0, len(courrier_ids), 1_000):
        sql = Sql("SELECT c.id FROM courriers c")
        sql.add(f"WHERE c.id IN ({sql.bind_all(list(courrier_ids[start : start + 1_000]))})")
        sql.add(f"AND {access.documents(sql, viewer, 'c', one_by_one=True)}")
        found |= {one["id"] for one in await db.rows(sql)}
    return [one for one in courrier_ids if one in found]


@dataclass(frozen=True)
class Export:
    """A selection asked for."""

    form: str
    courrier_ids: Sequence[int]


async def asked(viewer: Viewer, export_id: int) -> Export | None:
    """What a person asked for by this number; None for another's."""
    found = await db.row(
        "SELECT form, courriers FROM courrier_exports WHERE id = $1 AND user_id = $2", [export_id, viewer.user_id]
    )
    return Export(found["form"], [int(one) for one in found["courriers"].split(",")]) if found else None


async def record(viewer: Viewer, form: str, number: int) -> None:
    """Somebody takes a list of courriers away (R-JRN-01); what is read of each is told of each."""
    async with db.transaction():
        facts = {"form": form, "courriers": number}
        journal.record(viewer, journal.Event("courrier.exported", viewer.establishment_id, facts=facts))
