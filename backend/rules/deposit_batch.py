"""Deposit batches: opened, loaded line by line, rehearsed, then published as a whole or cancelled (R-COU-04).

A line that is accepted is kept aside, as what it says: no letter exists before its publication, so nothing of a batch
can be seen half way (`deposit_publication`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, deposit_content, idempotency, journal
from backend.rules.deposit_content import Attachment, Deposit, Judged
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

MOST = 500
"""Lines in one call, and judged together."""

BREATH = 0.05
"""Seconds to leave between two slices, for other processes to write: SQLite does not make them queue."""

HIGHEST = 10_000_000
"""The greatest number of a line."""

READY, REJECTED, ALREADY, PUBLISHED = "READY", "REJECTED", "ALREADY", "PUBLISHED"
"""What becomes of a line."""

UNTOUCHED = ("OPEN", "CHECKED")
"""Statuses of a batch that may still be loaded, rehearsed or cancelled."""


@dataclass(frozen=True)
class Line:
    """A line to load: what it deposits, or why that could not even be read."""

    number: int
    deposit: Deposit | None = None
    errors: tuple[UserError, ...] = ()
    reference: str | None = None
    """What it called itself, where it could not be read."""


@dataclass(frozen=True)
class Loaded:
    """What became of a line."""

    number: int
    outcome: str
    errors: tuple[UserError, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The batch, and what became of the lines that were loaded; or why nothing was done."""

    batch_id: int | None = None
    lines: tuple[Loaded, ...] = ()
    errors: tuple[UserError, ...] = ()


def refused(code: ErrorCode, message: str, *path: str, batch_id: int | None = None) -> Outcome:
    """Nothing was done, and why."""
    return Outcome(batch_id, errors=(UserError(code, message, path),))


_NOT_ALLOWED = "Seuls les gestionnaires et les clients techniques habilités déposent des courriers."


async def open_batch(viewer: Viewer, label: str, key: str | None = None) -> Outcome:
    """Open an empty batch, under a name that people recognise; asked twice under one key, it is opened once."""
    label = " ".join(label.split())
    if not (1 <= len(label) <= 200 and label.isprintable()):
        return refused(ErrorCode.INVALID_VALUE, "Le nom du lot compte de 1 à 200 caractères.", "label")
    attempt = idempotency.Attempt("openDepositBatch", key, label)
    async with db.transaction():
        if not await access.still_deposits(viewer):
            return refused(ErrorCode.NOT_ALLOWED, _NOT_ALLOWED)
        earlier = await idempotency.begin(viewer, attempt)
        if earlier is not None:
            return Outcome(earlier.answer.get("batch"), errors=earlier.errors)
        made = await db.rows(
            "INSERT INTO deposit_batches (label, status, opened_by_id, opened_by_client_id, opened_at) "
            "VALUES ($1, 'OPEN', $2, $3, $4) RETURNING id",
            [label, viewer.user_id, viewer.api_client_id, int(clock.to_microseconds(clock.now()))],
        )
        batch_id: int = made[0]["id"]
        journal.record(viewer, journal.Event("deposit_batch.opened", **about(batch_id), facts={"label": label}))
        await idempotency.finish(viewer, attempt, {"batch": batch_id})
    return Outcome(batch_id)


def about(batch_id: int) -> dict[str, Any]:
    """What an event of a batch is about."""
    return {"subject": ("DepositBatch", batch_id)}


async def held(viewer: Viewer, batch_id: int) -> db.Row | None:
    """A batch that a viewer may handle at this instant, held until the transaction ends."""
    await db.hold("deposit_batches", batch_id)
    if not await access.still_deposits(viewer):
        return None
    sql = Sql("SELECT b.id, b.label, b.status, b.rehearsal FROM deposit_batches b")
    sql.add(f"WHERE b.id = {sql.bind(batch_id)} AND {access.deposit_batches(sql, viewer, 'b')}")
    return await db.row(sql)


MISSING = UserError(ErrorCode.NOT_FOUND, "Ce lot n’existe pas, ou n’est pas de ceux que vous déposez.", ("batchId",))

_STATUSES = {
    "OPEN": "Ce lot est encore ouvert : faites-en d’abord la répétition.",
    "CHECKED": "Ce lot n’est pas encore publié.",
    "PUBLISHING": "Ce lot est en cours de publication : elle ira jusqu’à son terme.",
    "PUBLISHED": "Ce lot est déjà publié : ouvrez-en un autre.",
    "CANCELLED": "Ce lot est annulé : ouvrez-en un autre.",
}


def in_the_way(batch: db.Row) -> Outcome:
    """The refusal of what a batch's status does not allow."""
    message = _STATUSES[batch["status"]]
    return refused(ErrorCode.BATCH_CLOSED, message, "batchId", batch_id=batch["id"])


# ---------------------------------------------------------------- loading


async def load(viewer: Viewer, batch_id: int, lines: Sequence[Line]) -> Outcome:
    """Load lines into a batch, all that were given or none. Each is accepted or rejected with its reasons.

    The same line loaded again with the same content changes nothing; with other content it takes the place of what
    was loaded before under its number, as long as the batch is not published.
    """
    if len(lines) > MOST:
        return refused(ErrorCode.INVALID_VALUE, f"Chargez au plus {MOST} lignes à la fois.", "lines")
    numbers = [one.number for one in lines]
    if len(set(numbers)) < len(numbers) or any(not 1 <= one <= HIGHEST for one in numbers):
        return refused(ErrorCode.INVALID_VALUE, f"Chaque ligne a son numéro, de 1 à {HIGHEST}.", "lines")
    async with db.transaction():
        batch = await held(viewer, batch_id)
        if batch is None:
            return Outcome(errors=(MISSING,))
        if batch["status"] not in UNTOUCHED:
            return in_the_way(batch)
        before = await _before(batch_id, numbers)
        judged = await _judge(batch_id, lines)
        results = []
        changed: list[tuple[Line, Judged]] = []
        for line, found in zip(lines, judged, strict=True):
            there = before.get(line.number)
            if there is not None and _is_same(there, line, found):
                results.append(Loaded(line.number, there["outcome"]))
            else:
                results.append(Loaded(line.number, outcome_of(found), found.errors))
                changed.append((line, found))
        await _forget(batch_id, [line.number for line, _ in changed])
        await _write(batch_id, changed)
        if changed:
            await db.execute("UPDATE deposit_batches SET status = 'OPEN', rehearsal = NULL WHERE id = $1", [batch_id])
            counts = {"lines": len(changed), "rejected": sum(bool(found.errors) for _, found in changed)}
            journal.record(viewer, journal.Event("deposit_batch.loaded", **about(batch_id), facts=counts))
    return Outcome(batch_id, tuple(results))


def outcome_of(found: Judged) -> str:
    """What becomes of a line that was judged."""
    if found.errors:
        return REJECTED
    return READY if found.already_id is None else ALREADY


async def _before(batch_id: int, numbers: Sequence[int]) -> dict[int, db.Row]:
    """The lines loaded before under these numbers, with the fingerprint of their content."""
    sql = Sql("SELECT l.line, l.outcome, l.courrier_id, c.content_hash FROM deposit_lines l")
    sql.add("LEFT JOIN deposit_contents c ON c.line_id = l.id")
    sql.add(f"WHERE l.batch_id = {sql.bind(batch_id)} AND l.line IN ({sql.bind_all(list(numbers))})")
    return {one["line"]: one for one in await db.rows(sql)}


def _is_same(before: db.Row, line: Line, found: Judged) -> bool:
    """Whether a line is what was accepted before. One whose file is not known any more leaves it as it was."""
    if any(one.code is ErrorCode.UNKNOWN_UPLOAD for one in line.errors):
        return bool(before["outcome"] != REJECTED)
    if before["outcome"] == ALREADY:
        return bool(found.already_id == before["courrier_id"])
    return not found.errors and found.already_id is None and before["content_hash"] == found.content_hash


async def _judge(batch_id: int, lines: Sequence[Line]) -> list[Judged]:
    """Each line, by itself (R-COU-01, 03) and beside the others of its batch; in the order of `lines`."""
    faults = {
        one.number: tuple(one.errors or (deposit_content.refusals(one.deposit) if one.deposit else ())) for one in lines
    }
    plausible = sorted((one for one in lines if one.deposit and not faults[one.number]), key=lambda one: one.number)
    deposits = [_deposit(one) for one in plausible]
    others = await _others(batch_id, [one.number for one in lines if one.deposit], deposits)
    found = {one.number: Judged(faults[one.number]) for one in lines}
    taken = {(one["fund_id"], one["reference"]): int(one["line"]) for one in others}
    for one, verdict in zip(plausible, await deposit_content.judge(deposits, _coming(plausible, others)), strict=True):
        found[one.number] = verdict
        if verdict.type is not None and verdict.already_id is None:
            reference = _deposit(one).reference
            first = taken.setdefault((verdict.type["fund_id"], reference), one.number)
            if first != one.number:
                message = f"La référence « {reference} » est déjà celle de la ligne {first} de ce lot."
                found[one.number] = Judged((UserError(ErrorCode.REFERENCE_TAKEN, message, ("reference",)),))
    return [found[one.number] for one in lines]


async def _others(batch_id: int, numbers: Sequence[int], deposits: Sequence[Deposit]) -> list[db.Row]:
    """The lines of the batch, but those being loaded, that bear a reference these deposits name."""
    references = {one.reference for one in deposits} | {one.replaces for one in deposits if one.replaces}
    sql = Sql("SELECT l.line, c.fund_id, c.reference, c.establishment_id FROM deposit_contents c")
    sql.add("JOIN deposit_lines l ON l.id = c.line_id")
    sql.add(f"WHERE c.batch_id = {sql.bind(batch_id)} AND c.reference IN ({sql.bind_all(sorted(references))})")
    sql.add(f"AND l.line NOT IN ({sql.bind_all(list(numbers))})")
    return await db.rows(sql)


def _coming(plausible: Sequence[Line], others: Sequence[db.Row]) -> list[deposit_content.Coming]:
    """For each line, the letters of the lines loaded before it in its batch: it may replace one of them (R-COU-13)."""
    return [
        {
            (other["fund_id"], other["reference"]): other["establishment_id"]
            for other in others
            if other["line"] < one.number
        }
        for one in plausible
    ]


async def _forget(batch_id: int, numbers: Sequence[int]) -> None:
    """Remove what was loaded before under these numbers."""
    sql = Sql("DELETE FROM deposit_lines")
    sql.add(f"WHERE batch_id = {sql.bind(batch_id)} AND line IN ({sql.bind_all(list(numbers))})")
    await db.execute(sql)


async def _write(batch_id: int, lines: Sequence[tuple[Line, Judged]]) -> None:
    """Keep lines, what those that are accepted say, and their files."""
    numbers = await db.allocate_ids("deposit_lines", len(lines))
    ready = [(number, *one) for number, one in zip(numbers, lines, strict=True) if outcome_of(one[1]) == READY]
    contents = await db.allocate_ids("deposit_contents", len(ready))
    await db.insert_many(
        "deposit_lines",
        ("id", "batch_id", "line", "reference", "outcome", "courrier_id", "rejection_code", "rejection_message"),
        [_row(number, batch_id, *one) for number, one in zip(numbers, lines, strict=True)],
    )
    await db.insert_many(
        "deposit_contents",
        ("id", "line_id", "batch_id", "establishment_id", "type_id", "fund_id", "reference", "content_hash", "said"),
        [
            (
                content,
                number,
                batch_id,
                found.establishment_id,
                found.kind["id"],
                found.kind["fund_id"],
                _deposit(line).reference,
                found.content_hash,
                _said(_deposit(line)),
            )
            for content, (number, line, found) in zip(contents, ready, strict=True)
        ],
    )
    await db.insert_many(
        "deposit_documents",
        ("content_id", "document_id", "file_name", "position"),
        [
            (content, document_id, file_name, position)
            for content, (_, line, _found) in zip(contents, ready, strict=True)
            for position, (document_id, file_name) in enumerate(_files(_deposit(line)))
        ],
    )


def _deposit(line: Line) -> Deposit:
    if line.deposit is None:
        raise LookupError(f"line {line.number} deposits nothing")
    return line.deposit


def _row(number: int, batch_id: int, line: Line, found: Judged) -> tuple[Any, ...]:
    reference = line.deposit.reference if line.deposit else line.reference
    code = found.errors[0].code.value if found.errors else None
    message = " ".join(one.message for one in found.errors) or None
    kept = "".join(one for one in reference or "" if one.isprintable())[:64] or None
    return (number, batch_id, line.number, kept, outcome_of(found), found.already_id, code, message)


def _files(given: Deposit) -> Iterable[tuple[int, str]]:
    yield given.document_id, given.file_name or f"{given.reference}.pdf"
    for one in given.attachments:
        yield one.document_id, one.file_name


def _said(given: Deposit) -> str:
    """A deposit but for its files, as JSON."""
    return orjson.dumps(
        {
            "siret": given.siret,
            "type_code": given.type_code,
            "subject": given.subject,
            "letter_date": given.letter_date,
            "fiscal_year": given.fiscal_year,
            "due_on": given.due_on,
            "acknowledgement_required": given.acknowledgement_required,
            "replaces": given.replaces,
            "publish_at": given.publish_at,
        }
    ).decode()


def _again(row: db.Row, files: Sequence[db.Row]) -> Deposit:
    """The deposit that a line said."""
    said = orjson.loads(row["said"])
    first, *others = files
    return Deposit(
        document_id=first["document_id"],
        file_name=first["file_name"],
        reference=row["reference"],
        attachments=tuple(Attachment(one["document_id"], one["file_name"]) for one in others),
        **{
            **said,
            "letter_date": date.fromisoformat(said["letter_date"]),
            "due_on": date.fromisoformat(said["due_on"]) if said["due_on"] else None,
            "publish_at": datetime.fromisoformat(said["publish_at"]) if said["publish_at"] else None,
        },
    )


# ---------------------------------------------------------------- rehearsing


@dataclass(frozen=True)
class Ready:
    """A line that waits, and its deposit."""

    line_id: int
    number: int
    deposit: Deposit


async def ready_lines(batch_id: int, after: int, most: int) -> list[Ready]:
    """The next lines that wait, in order."""
    rows = await db.rows(
        "SELECT l.id, l.line, c.id AS content_id, c.reference, c.said FROM deposit_lines l "
        "JOIN deposit_contents c ON c.line_id = l.id "
        "WHERE l.batch_id = $1 AND l.outcome = 'READY' AND l.line > $2 ORDER BY l.line LIMIT $3",
        [batch_id, after, most],
    )
    sql = Sql("SELECT d.content_id, d.document_id, d.file_name FROM deposit_documents d")
    sql.add(f"WHERE d.content_id IN ({sql.bind_all([one['content_id'] for one in rows])})")
    files: dict[int, list[db.Row]] = {}
    for one in await db.rows(sql.add("ORDER BY d.content_id, d.position")):
        files.setdefault(one["content_id"], []).append(one)
    return [Ready(one["id"], one["line"], _again(one, files[one["content_id"]])) for one in rows]


async def judge_again(viewer: Viewer, batch_id: int, after: int) -> int | None:
    """Judge once more the lines that wait, some after one: what they name may have changed since. The last of them."""
    async with db.transaction():
        batch = await held(viewer, batch_id)
        if batch is None or batch["status"] not in UNTOUCHED:
            return None
        ready = await ready_lines(batch_id, after, MOST)
        judged = await _judge(batch_id, [Line(one.number, one.deposit) for one in ready])
        await settle(
            [
                (one.line_id, found, found.already_id)
                for one, found in zip(ready, judged, strict=True)
                if outcome_of(found) != READY
            ]
        )
    return ready[-1].number if ready else None


async def settle(lines: Sequence[tuple[int, Judged, int | None]]) -> None:
    """Lines that wait no more: rejected, deposited before, or published as a courrier; what they said goes."""
    if not lines:
        return
    await db.execute_many(
        "UPDATE deposit_lines SET outcome = $1, courrier_id = $2, rejection_code = $3, rejection_message = $4 "
        "WHERE id = $5",
        [
            (
                PUBLISHED if outcome_of(found) == READY else outcome_of(found),
                courrier_id,
                found.errors[0].code.value if found.errors else None,
                " ".join(one.message for one in found.errors) or None,
                line_id,
            )
            for line_id, found, courrier_id in lines
        ],
    )
    sql = Sql("DELETE FROM deposit_contents")
    await db.execute(sql.add(f"WHERE line_id IN ({sql.bind_all([one for one, _, _ in lines])})"))


async def fingerprint(batch_id: int) -> tuple[int, int]:
    """What changes with every line that is loaded: a line that is replaced gets a new number."""
    found = await db.row(
        "SELECT count(*) AS n, COALESCE(max(id), 0) AS last FROM deposit_lines WHERE batch_id = $1", [batch_id]
    )
    return (int(found["n"]), int(found["last"])) if found else (0, 0)


async def check(viewer: Viewer, batch_id: int, figures: Mapping[str, Any], seen: tuple[int, int]) -> Outcome:
    """The batch is rehearsed, unless a line was loaded since it was `seen`."""
    async with db.transaction():
        batch = await held(viewer, batch_id)
        if batch is None:
            return Outcome(errors=(MISSING,))
        if batch["status"] not in UNTOUCHED:
            return in_the_way(batch)
        if await fingerprint(batch_id) != seen:
            message = "Des lignes ont été chargées pendant la répétition : recommencez-la."
            return refused(ErrorCode.BATCH_CHANGED, message, "batchId", batch_id=batch_id)
        await db.execute(
            "UPDATE deposit_batches SET status = 'CHECKED', rehearsal = $1 WHERE id = $2",
            [orjson.dumps(dict(figures)).decode(), batch_id],
        )
        journal.record(viewer, journal.Event("deposit_batch.rehearsed", **about(batch_id), facts=figures))
    return Outcome(batch_id)


async def handled(viewer: Viewer, batch_id: int) -> Outcome:
    """Whether a batch may be rehearsed now."""
    async with db.transaction():
        batch = await held(viewer, batch_id)
        if batch is None:
            return Outcome(errors=(MISSING,))
        return Outcome(batch_id) if batch["status"] in UNTOUCHED else in_the_way(batch)


# ---------------------------------------------------------------- cancelling


async def cancel(viewer: Viewer, batch_id: int) -> Outcome:
    """Give a batch up: nothing of it was ever seen. What its lines said goes, their rejections stay."""
    async with db.transaction():
        batch = await held(viewer, batch_id)
        if batch is None:
            return Outcome(errors=(MISSING,))
        if batch["status"] == "CANCELLED":
            return Outcome(batch_id)
        if batch["status"] not in UNTOUCHED:
            return in_the_way(batch)
        await db.execute(
            "UPDATE deposit_batches SET status = 'CANCELLED', cancelled_at = $1 WHERE id = $2",
            [int(clock.to_microseconds(clock.now())), batch_id],
        )
        await db.execute("DELETE FROM deposit_contents WHERE batch_id = $1", [batch_id])
        journal.record(viewer, journal.Event("deposit_batch.cancelled", **about(batch_id)))
    return Outcome(batch_id)


# ---------------------------------------------------------------- counts


@dataclass(frozen=True)
class Counts:
    """How many lines a batch has: `accepted` are those not rejected; `already`, those deposited before it."""

    loaded: int = 0
    rejected: int = 0
    already: int = 0
    published: int = 0

    @property
    def accepted(self) -> int:
        """Those not rejected."""
        return self.loaded - self.rejected


async def counts(batch_id: int) -> Counts:
    """How far a batch has come."""
    rows = await db.rows(
        "SELECT outcome, count(*) AS n FROM deposit_lines WHERE batch_id = $1 GROUP BY outcome", [batch_id]
    )
    by = {one["outcome"]: int(one["n"]) for one in rows}
    return Counts(sum(by.values()), by.get(REJECTED, 0), by.get(ALREADY, 0), by.get(PUBLISHED, 0))


async def unfinished(viewer: Viewer, label: str) -> tuple[int, str] | None:
    """The latest batch of this name that a viewer opened and that is neither published nor cancelled; its status."""
    found = await db.row(
        "SELECT id, status FROM deposit_batches WHERE label = $1 AND (opened_by_id = $2 OR opened_by_client_id = $3) "
        "AND status IN ('OPEN', 'CHECKED', 'PUBLISHING') ORDER BY id DESC LIMIT 1",
        [label, viewer.user_id, viewer.api_client_id],
    )
    return (found["id"], found["status"]) if found else None
