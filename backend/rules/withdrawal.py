"""Withdrawing a letter deposited by mistake: it leaves every list at once, its trace stays (R-COU-13)."""

from dataclasses import dataclass
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, globalid, journal, notification
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

LONGEST_REASON = 300
"""Characters: the fact keeps it whole."""


@dataclass(frozen=True)
class Withdrawn:
    """The letter, withdrawn now or before, or why not."""

    courrier_id: int | None = None
    errors: tuple[UserError, ...] = ()


async def withdraw(viewer: Viewer, courrier_id: int, reason: str) -> Withdrawn:
    """An operator, or the API client that deposited it, takes a letter back, available or still to come, with a reason
    that its readers may read.

    What still announces it does not leave; those who opened it are told by e-mail, open screens as it is committed.
    """
    reason = " ".join(reason.split())
    if not access.may_deposit(viewer):
        message = "Seuls les gestionnaires, et le client technique qui l’a déposé, retirent un courrier."
        return Withdrawn(errors=(UserError(ErrorCode.NOT_ALLOWED, message),))
    async with db.transaction():
        await db.hold("courriers", courrier_id)  # whoever opens, acknowledges or publishes it comes before or after
        found = await _found(viewer, courrier_id) if await access.still_deposits(viewer) else None
        if found is None:
            message = "Ce courrier n’existe pas, ou n’est pas de ceux que vous pouvez retirer."
            return Withdrawn(errors=(UserError(ErrorCode.NOT_FOUND, message, ("id",)),))
        if found["withdrawn_at"] is not None:
            return Withdrawn(courrier_id, (_already(found),))
        wrong = _wrong(reason)
        if wrong is not None:
            return Withdrawn(courrier_id, (wrong,))
        await _write(viewer, found, reason)
        await _silence(courrier_id)
        await _tell(found)
    return Withdrawn(courrier_id)


def _wrong(reason: str) -> UserError | None:
    if not reason:
        message = "Dites en une phrase pourquoi ce courrier est retiré : ceux qui pouvaient le lire la liront."
        return UserError(ErrorCode.REASON_NEEDED, message, ("reason",))
    if len(reason) > LONGEST_REASON or not reason.isprintable():
        message = f"Le motif compte {LONGEST_REASON} caractères au plus ; il en a {len(reason)}."
        return UserError(ErrorCode.INVALID_VALUE, message, ("reason",))
    return None


async def _found(viewer: Viewer, courrier_id: int) -> db.Row | None:
    sql = Sql(
        "SELECT c.id, c.establishment_id, c.available_at, c.withdrawn_at, c.removed_at, c.reference, c.fund_id,",
        "f.label AS fund, t.label AS type, e.name AS establishment FROM courriers c",
        "JOIN funds f ON f.code = c.fund_id JOIN courrier_types t ON t.id = c.type_id",
        "JOIN establishments e ON e.id = c.establishment_id",
    )
    sql.add(f"WHERE c.id = {sql.bind(courrier_id)} AND {access.withdrawable(sql, viewer, 'c')}")
    return await db.row(sql)


def _already(found: db.Row) -> UserError:
    when = clock.french_instant(clock.from_microseconds(found["withdrawn_at"]))
    what = "a été supprimé, au terme de sa conservation," if found["removed_at"] else "est déjà retiré, depuis"
    return UserError(ErrorCode.ALREADY_WITHDRAWN, f"Ce courrier {what} le {when}.", ("id",))


async def _write(viewer: Viewer, found: db.Row, reason: str) -> None:
    now = int(clock.to_microseconds(clock.now()))
    await db.execute(
        "UPDATE courriers SET withdrawn_at = $1, withdrawn_by_id = $2, withdrawal_reason = $3 WHERE id = $4",
        [now, viewer.user_id, reason, found["id"]],
    )
    await db.execute(
        "INSERT INTO courrier_facts (courrier_id, kind, occurred_at, actor_id, detail) "
        "VALUES ($1, 'WITHDRAWN', $2, $3, $4)",
        [found["id"], now, viewer.user_id, reason],
    )
    journal.record(
        viewer,
        journal.Event(
            "courrier.withdrawn",
            establishment_id=found["establishment_id"],
            subject=("Courrier", found["id"]),
            facts={
                "reference": found["reference"],
                "fund": found["fund_id"],
                "reason": reason,
                "was_available": found["available_at"] is not None,
            },
        ),
    )


async def _silence(courrier_id: int) -> None:
    """E-mails that announce it and have not left are given up, visibly (R-NOT-01)."""
    now = int(clock.to_microseconds(clock.now()))
    await db.execute(
        "UPDATE notifications SET status = 'GIVEN_UP', last_error = 'Le courrier a été retiré avant l’envoi.' "
        "WHERE courrier_id = $1 AND status IN ('QUEUED', 'FAILED') AND (leased_until IS NULL OR leased_until <= $2)",
        [courrier_id, now],
    )


async def _tell(found: db.Row) -> None:
    """Those who opened it, whatever they may read today; never its content, nor the reason, which might speak of it."""
    sql = Sql("SELECT u.id, u.email, u.first_name, u.last_name FROM users u WHERE u.id IN (SELECT f.actor_id")
    sql.add(f"FROM courrier_facts f WHERE f.courrier_id = {sql.bind(found['id'])}")
    sql.add("AND f.kind IN ('OPENED', 'DOWNLOADED', 'ACKNOWLEDGED'))")
    readers = await db.rows(sql.add(f"AND {access.in_use(sql, 'u')} ORDER BY u.id"))
    values: dict[str, Any] = {
        "establishment": found["establishment"],
        "fund": found["fund"],
        "type": found["type"],
        "available_on": _day(found["available_at"]),
        "withdrawn_on": _day(int(clock.to_microseconds(clock.now()))),
        "link": f"{settings.current().address}/courriers/{globalid.encode('Courrier', found['id'])}",
    }
    await notification.queue_all(
        [
            notification.Message(
                kind="COURRIER_WITHDRAWN",
                rule="R-COU-13",
                template="courrier_withdrawn",
                recipient=one["email"],
                values={**values, "first_name": one["first_name"], "last_name": one["last_name"]},
                user_id=one["id"],
                establishment_id=found["establishment_id"],
                courrier_id=found["id"],
                once_key=f"withdrawn:{found['id']}:{one['id']}",
            )
            for one in readers
        ]
    )


def _day(microseconds: int | None) -> str:
    if microseconds is None:
        return ""
    return clock.french_date(clock.paris_date(clock.from_microseconds(microseconds)))
