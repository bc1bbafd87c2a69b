"""Courriers: deposited, marked, opened (R-COU-01, 03, 06)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tortoise.exceptions import IntegrityError

from backend import clock
from backend import database as db
from backend.database import words
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import access, courrier_notice, deposit_content, feed, journal
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

Attachment = deposit_content.Attachment
Deposit = deposit_content.Deposit


@dataclass(frozen=True)
class Deposited:
    """The outcome: the courrier, whether it had been deposited before, or why it was refused."""

    courrier_id: int | None = None
    already: bool = False
    errors: tuple[UserError, ...] = ()


async def deposit(viewer: Viewer, given: Deposit) -> Deposited:
    """Deposit a courrier (R-COU-01): all of it, its journal event, its e-mails and its feed entry, or nothing.

    The same reference with the same content answers with the first deposit; with other content it is refused
    (R-COU-03). It becomes available at once, or at its publication date.
    """
    if not access.may_deposit(viewer):
        message = "Seuls les gestionnaires et les clients techniques habilités déposent des courriers."
        return Deposited(errors=(UserError(ErrorCode.NOT_ALLOWED, message),))
    errors = deposit_content.refusals(given)
    if errors:
        return Deposited(errors=tuple(errors))
    try:
        return await _deposit(viewer, given)
    except IntegrityError:
        # Somebody deposited the same reference between our look and our write: it is there to be seen now.
        return await _deposit(viewer, given)


async def _deposit(viewer: Viewer, given: Deposit) -> Deposited:
    async with db.transaction():
        [judged] = await deposit_content.judge([given])
        if judged.errors or judged.already_id is not None:
            return Deposited(judged.already_id, already=judged.already_id is not None, errors=judged.errors)
        courrier_id = await write(viewer, given, judged)
        await make_findable([courrier_id])
        if is_due(given):
            await make_available([courrier_id])
    return Deposited(courrier_id)


def is_due(given: Deposit) -> bool:
    """Whether a deposit is to be made available at once, not at its publication date."""
    return given.publish_at is None or given.publish_at <= clock.now()


async def write(viewer: Viewer, given: Deposit, judged: deposit_content.Judged, batch_id: int | None = None) -> int:
    """The courrier of a deposit that was judged, not available yet, and its journal event. Inside a transaction."""
    courrier_id = await _insert(
        viewer, given, judged.establishment_id, judged.kind, judged.content_hash, judged.replaced_id, batch_id
    )
    journal.record(
        viewer,
        journal.Event(
            "courrier.deposited",
            establishment_id=judged.establishment_id,
            subject=("Courrier", courrier_id),
            facts={"reference": given.reference, "fund": judged.kind["fund_id"], "content": judged.content_hash},
        ),
    )
    return courrier_id


async def make_findable(courrier_ids: Sequence[int]) -> None:
    """Keep the words of letters just written, their PDF's too: as many statements for one as for a slice (R-COU-07)."""
    if not courrier_ids:
        return
    sql = Sql(
        f"SELECT c.id, c.establishment_id, c.subject, c.reference, substr(d.text, 1, {words.LONGEST_TEXT}) AS text"
    )
    sql.add("FROM courriers c JOIN documents d ON d.id = c.document_id")
    found = await db.rows(sql.add(f"WHERE c.id IN ({sql.bind_all(list(courrier_ids))}) ORDER BY c.id"))
    await words.keep(
        [
            words.Letter(one["id"], one["establishment_id"], one["subject"], one["reference"], one["text"])
            for one in found
        ]
    )


async def _insert(
    viewer: Viewer,
    given: Deposit,
    establishment_id: int,
    kind: Mapping[str, Any],
    content_hash: str,
    replaced_id: int | None,
    batch_id: int | None,
) -> int:
    now = clock.now()
    values: dict[str, Any] = {
        "establishment_id": establishment_id,
        "type_id": kind["id"],
        "fund_id": kind["fund_id"],
        "reference": given.reference,
        "subject": given.subject,
        "search_text": fold(f"{given.subject} {given.reference}"),
        "letter_date": given.letter_date.isoformat(),
        "fiscal_year": given.fiscal_year,
        "due_on": given.due_on.isoformat() if given.due_on else None,
        "document_id": given.document_id,
        "file_name": given.file_name or f"{given.reference}.pdf",
        "content_hash": content_hash,
        "acknowledgement_required": given.acknowledgement_required,
        "sent_by_post": kind["channel"] == "DIGITAL_AND_POST",
        "replaces_id": replaced_id,
        "batch_id": batch_id,
        "deposited_by_id": viewer.user_id,
        "deposited_by_client_id": viewer.api_client_id,
        "deposited_at": int(clock.to_microseconds(now)),
        "publish_at": int(clock.to_microseconds(given.publish_at or now)),
    }
    sql = Sql(f"INSERT INTO courriers ({', '.join(values)})")
    sql.add(f"VALUES ({sql.bind_all(list(values.values()))}) RETURNING id")
    courrier_id: int = (await db.rows(sql))[0]["id"]
    await db.insert_many(
        "courrier_attachments",
        ("courrier_id", "document_id", "file_name", "position"),
        [
            (courrier_id, one.document_id, one.file_name, position)
            for position, one in enumerate(given.attachments, start=1)
        ],
    )
    return courrier_id


async def make_available(courrier_ids: Sequence[int]) -> None:
    """Publish deposited courriers: from now on their readers see them (R-COU-05), screens are told (R-COU-16), and
    e-mails are queued (R-COU-10). Inside a transaction.
    """
    now = int(clock.to_microseconds(clock.now()))
    sql = Sql()
    sql.add(f"UPDATE courriers SET available_at = {sql.bind(now)}")
    sql.add(f"WHERE id IN ({sql.bind_all(list(courrier_ids))}) AND available_at IS NULL AND withdrawn_at IS NULL")
    sql.add("RETURNING id, establishment_id")
    published = await db.rows(sql)
    await db.insert_many(
        "courrier_facts",
        ("courrier_id", "kind", "occurred_at"),
        [(one["id"], "AVAILABLE", now) for one in published],
    )
    for one in published:
        feed.announce(one["id"], one["establishment_id"])
    await courrier_notice.announce([one["id"] for one in published])


@dataclass(frozen=True)
class Marked:
    """The outcome for each courrier asked for, in order."""

    results: tuple[tuple[int, tuple[UserError, ...]], ...] = ()
    errors: tuple[UserError, ...] = ()

    @property
    def marked_ids(self) -> list[int]:
        """Those that were marked."""
        return [courrier_id for courrier_id, errors in self.results if not errors]


async def mark(
    viewer: Viewer, courrier_ids: Sequence[int], *, read: bool | None = None, archived: bool | None = None
) -> Marked:
    """Mark courriers read or unread for oneself, archive or take them back (R-COU-06). Erases no fact.

    Each has its own result; one that the viewer may not read does not exist for them.
    """
    if viewer.user_id is None:
        return Marked(errors=(UserError(ErrorCode.NOT_ALLOWED, "Seule une personne connectée marque un courrier."),))
    if len(courrier_ids) > 500:
        return Marked(errors=(deposit_content.invalid("Marquez au plus 500 courriers à la fois.", "ids"),))
    now = int(clock.to_microseconds(clock.now()))
    async with db.transaction():
        sql = Sql("SELECT c.id FROM courriers c")
        sql.add(
            f"WHERE c.id IN ({sql.bind_all(list(courrier_ids))}) "
            f"AND {access.documents(sql, viewer, 'c', one_by_one=True)}"
        )
        theirs = {one["id"] for one in await db.rows(sql)}
        kept = [courrier_id for courrier_id in dict.fromkeys(courrier_ids) if courrier_id in theirs]
        await _mark(viewer.user_id, kept, "read_at", read, now)
        await _mark(viewer.user_id, kept, "archived_at", archived, now)
        if kept:
            await _record_marking(viewer, kept, {"read": read, "archived": archived})
    missing = (UserError(ErrorCode.NOT_FOUND, "Ce courrier n’existe pas, ou n’est plus disponible.", ("ids",)),)
    return Marked(tuple((one, () if one in theirs else missing) for one in dict.fromkeys(courrier_ids)))


async def _record_marking(viewer: Viewer, courrier_ids: Sequence[int], marks: Mapping[str, bool | None]) -> None:
    """One event for the letters of one's own establishment, and one for those of each other (R-DEL-07)."""
    elsewhere = await access.through(viewer, courrier_ids)
    by_place: dict[tuple[int | None, int | None], list[int]] = {}
    for number in courrier_ids:
        by_place.setdefault(elsewhere.get(number, (None, None)), []).append(number)
    for (on_behalf_of_id, delegation_id), theirs in by_place.items():
        event = journal.Event(
            "courrier.marked",
            establishment_id=viewer.establishment_id,
            on_behalf_of_id=on_behalf_of_id,
            delegation_id=delegation_id,
            subject=("Courrier", theirs[0]) if len(theirs) == 1 else None,
            facts={"courriers": theirs, **marks},
        )
        journal.record(viewer, event)


async def _mark(user_id: int, courrier_ids: Sequence[int], column: str, value: bool | None, now: int) -> None:
    """By one statement, whatever their number: kept counts follow once, and two who mark the same letters never wait
    for each other.
    """
    if value is None or not courrier_ids:
        return
    keep = f"COALESCE(courrier_marks.{column}, excluded.{column})" if value else f"excluded.{column}"
    sql = Sql(f"INSERT INTO courrier_marks (user_id, courrier_id, {column})")
    sql.add(f"SELECT CAST({sql.bind(user_id)} AS BIGINT), c.id, CAST({sql.bind(now if value else None)} AS BIGINT)")
    sql.add(f"FROM courriers c WHERE c.id IN ({sql.bind_all(list(courrier_ids))}) ORDER BY c.id")
    await db.execute(sql.add(f"ON CONFLICT (user_id, courrier_id) DO UPDATE SET {column} = {keep}"))


async def record_opening(
    viewer: Viewer, courrier_id: int, *, kind: str, delegation_id: int | None, link_nonce: str
) -> bool:
    """Keep the fact that a document was displayed (OPENED) or downloaded (DOWNLOADED) (R-COU-06, R-JRN-01).

    One fact for one signed address, however many times the browser asks for its parts. Read for me and read by the
    establishment both follow. False, and nothing kept, where the letter was withdrawn meanwhile: it must not be served.
    """
    now = int(clock.to_microseconds(clock.now()))
    async with db.transaction():
        await db.hold("courriers", courrier_id)  # a withdrawal comes before, or tells this reader too
        found = await db.row("SELECT establishment_id, withdrawn_at FROM courriers WHERE id = $1", [courrier_id])
        if found is None or found["withdrawn_at"] is not None:
            return False
        kept = await db.rows(
            "INSERT INTO courrier_facts (courrier_id, kind, occurred_at, actor_id, delegation_id, link_nonce) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (link_nonce) DO NOTHING RETURNING id",
            [courrier_id, kind, now, viewer.user_id, delegation_id, link_nonce],
        )
        if not kept or viewer.user_id is None:
            return True
        first = await db.execute(
            "UPDATE courriers SET first_opened_at = $1, first_opened_by_id = $2 "
            "WHERE id = $3 AND first_opened_at IS NULL",
            [now, viewer.user_id, courrier_id],
        )
        await _mark(viewer.user_id, [courrier_id], "read_at", True, now)
        journal.record(
            viewer,
            journal.Event(
                f"courrier.{kind.lower()}",
                establishment_id=viewer.establishment_id,
                on_behalf_of_id=found["establishment_id"] if delegation_id else None,
                delegation_id=delegation_id,
                subject=("Courrier", courrier_id),
                facts={"first": bool(first)},
            ),
        )
    return True
