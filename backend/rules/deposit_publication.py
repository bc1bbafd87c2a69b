"""The publication of a batch: as a whole, slice after slice, taken up where it stopped (R-COU-04).

Each slice is one transaction that makes its letters, makes them available, tells their readers and marks the lines.
"""

from collections.abc import Sequence

from tortoise.exceptions import IntegrityError

from backend import clock
from backend import database as db
from backend.rules import courrier, deposit_batch, deposit_content, journal
from backend.rules.deposit_batch import Outcome
from backend.rules.deposit_content import Judged
from backend.rules.error import ErrorCode
from backend.rules.viewer import Viewer

SLICE = 100
"""Letters published by one transaction: short enough for others to write meanwhile."""


async def publish(viewer: Viewer, batch_id: int, *, leave_out_rejected: bool = False) -> Outcome:
    """Decide that a batch that was rehearsed is published, as a whole: slice after slice, to the end, whatever stops.

    One with rejected lines is published only where one says that they are left out. Asked again, it is no fault.
    """
    async with db.transaction():
        batch = await deposit_batch.held(viewer, batch_id)
        if batch is None:
            return Outcome(errors=(deposit_batch.MISSING,))
        if batch["status"] in {"PUBLISHING", "PUBLISHED"}:
            return Outcome(batch_id)
        if batch["status"] != "CHECKED":
            return deposit_batch.in_the_way(batch)
        rejected = await db.row(
            "SELECT count(*) AS n FROM deposit_lines WHERE batch_id = $1 AND outcome = 'REJECTED'", [batch_id]
        )
        if rejected is not None and rejected["n"] and not leave_out_rejected:
            message = (
                f"Ce lot compte {rejected['n']} lignes rejetées : corrigez-les et chargez-les de nouveau, "
                "ou demandez à publier sans elles."
            )
            return deposit_batch.refused(ErrorCode.BATCH_HAS_REJECTIONS, message, "leaveOutRejected", batch_id=batch_id)
        await db.execute("UPDATE deposit_batches SET status = 'PUBLISHING' WHERE id = $1", [batch_id])
        facts = {"left_out": rejected["n"] if rejected else 0}
        journal.record(viewer, journal.Event("deposit_batch.publishing", **deposit_batch.about(batch_id), facts=facts))
    return Outcome(batch_id)


async def publishing() -> list[int]:
    """The batches whose publication is not over, oldest first."""
    return [
        one["id"] for one in await db.rows("SELECT id FROM deposit_batches WHERE status = 'PUBLISHING' ORDER BY id")
    ]


async def publish_slice(batch_id: int) -> bool:
    """Publish the next letters of a batch, all of them or none; whether there may be more (R-COU-05, 10, 16).

    Any number of processes may do it at once: they take turns, and each takes what is left.
    """
    try:
        return await _publish_slice(batch_id)
    except IntegrityError:
        # Somebody deposited one of the references between our look and our write: it is there to be seen now.
        return await _publish_slice(batch_id)


async def _publish_slice(batch_id: int) -> bool:
    async with db.transaction():
        await db.hold("deposit_batches", batch_id)
        batch = await db.row(
            "SELECT status, opened_by_id, opened_by_client_id FROM deposit_batches WHERE id = $1", [batch_id]
        )
        if batch is None or batch["status"] != "PUBLISHING":
            return False
        depositor = Viewer(user_id=batch["opened_by_id"], api_client_id=batch["opened_by_client_id"])
        ready = _until_replaced(await deposit_batch.ready_lines(batch_id, 0, SLICE))
        if not ready:
            await _finish(depositor, batch_id)
            return False
        judged = await deposit_content.judge([one.deposit for one in ready])
        due, written = [], []
        settled: list[tuple[int, Judged, int | None]] = []
        for one, found in zip(ready, judged, strict=True):
            if found.errors or found.already_id is not None:
                settled.append((one.line_id, found, found.already_id))
                continue
            courrier_id = await courrier.write(depositor, one.deposit, found, batch_id)
            written.append(courrier_id)
            settled.append((one.line_id, found, courrier_id))
            if courrier.is_due(one.deposit):
                due.append(courrier_id)
        await courrier.make_findable(written)
        await deposit_batch.settle(settled)
        await courrier.make_available(due)
    return True


def _until_replaced(ready: Sequence[deposit_batch.Ready]) -> list[deposit_batch.Ready]:
    """Those before the first that replaces another of them, or the same letter as another: the letters before it must
    be there when it is judged (R-COU-13).
    """
    kept: list[deposit_batch.Ready] = []
    named: set[str] = set()
    for one in ready:
        replaced = one.deposit.replaces
        if replaced in named:
            break
        named |= {one.deposit.reference} if replaced is None else {one.deposit.reference, replaced}
        kept.append(one)
    return kept


async def _finish(depositor: Viewer, batch_id: int) -> None:
    await db.execute(
        "UPDATE deposit_batches SET status = 'PUBLISHED', published_at = $1 WHERE id = $2",
        [int(clock.to_microseconds(clock.now())), batch_id],
    )
    counted = await deposit_batch.counts(batch_id)
    facts = {"published": counted.published, "rejected": counted.rejected, "already": counted.already}
    journal.record(depositor, journal.Event("deposit_batch.published", **deposit_batch.about(batch_id), facts=facts))
