"""Acknowledging a letter: where its fund asks for it, once for the establishment (R-COU-06)."""

from dataclasses import dataclass

from backend import clock
from backend import database as db
from backend.rules import access, journal
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer


@dataclass(frozen=True)
class Acknowledged:
    """The letter, acknowledged now or before, or why not. Whoever comes second is given it too."""

    courrier_id: int | None = None
    errors: tuple[UserError, ...] = ()


async def acknowledge(viewer: Viewer, courrier_id: int) -> Acknowledged:
    """Somebody who reads a letter, at home or through a delegation, says for the establishment that it was received.

    The first counts; the second is told who did, and when. It is neither opening the letter nor reading it.
    """
    if viewer.user_id is None:
        message = "Seule une personne connectée accuse réception d’un courrier."
        return Acknowledged(errors=(UserError(ErrorCode.NOT_ALLOWED, message),))
    async with db.transaction():
        await db.hold("courriers", courrier_id)  # two at once, or a withdrawal: one after the other
        readable, delegation_id = await access.capacity(viewer, courrier_id)
        found = await _found(courrier_id) if readable else None
        if found is None:
            message = "Ce courrier n’existe pas, ou n’est plus disponible."
            return Acknowledged(errors=(UserError(ErrorCode.NOT_FOUND, message, ("id",)),))
        if not found["acknowledgement_required"]:
            message = "Le fonds ne demande pas d’accusé de réception pour ce courrier : il n’y a rien à faire."
            return Acknowledged(courrier_id, (UserError(ErrorCode.ACKNOWLEDGEMENT_NOT_ASKED, message, ("id",)),))
        if found["acknowledged_at"] is not None:
            return Acknowledged(courrier_id, (_already(found),))
        await _write(viewer, found, delegation_id)
    return Acknowledged(courrier_id)


async def _found(courrier_id: int) -> db.Row | None:
    return await db.row(
        "SELECT c.id, c.establishment_id, c.acknowledgement_required, c.acknowledged_at, u.first_name, u.last_name, "
        "e.name AS establishment FROM courriers c LEFT JOIN users u ON u.id = c.acknowledged_by_id "
        "LEFT JOIN establishments e ON e.id = u.establishment_id WHERE c.id = $1",
        [courrier_id],
    )


def _already(found: db.Row) -> UserError:
    when = clock.french_instant(clock.from_microseconds(found["acknowledged_at"]))
    who = f"{found['first_name']} {found['last_name']} ({found['establishment']})"
    message = f"L’accusé de réception a déjà été donné par {who}, le {when}."
    return UserError(ErrorCode.ALREADY_ACKNOWLEDGED, message, ("id",))


async def _write(viewer: Viewer, found: db.Row, delegation_id: int | None) -> None:
    now = int(clock.to_microseconds(clock.now()))
    await db.execute(
        "UPDATE courriers SET acknowledged_at = $1, acknowledged_by_id = $2 WHERE id = $3",
        [now, viewer.user_id, found["id"]],
    )
    await db.execute(
        "INSERT INTO courrier_facts (courrier_id, kind, occurred_at, actor_id, delegation_id) "
        "VALUES ($1, 'ACKNOWLEDGED', $2, $3, $4)",
        [found["id"], now, viewer.user_id, delegation_id],
    )
    journal.record(
        viewer,
        journal.Event(
            "courrier.acknowledged",
            establishment_id=viewer.establishment_id,
            on_behalf_of_id=found["establishment_id"] if delegation_id else None,
            delegation_id=delegation_id,
            subject=("Courrier", found["id"]),
        ),
    )
