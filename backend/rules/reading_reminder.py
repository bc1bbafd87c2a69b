"""Reminding the establishments that never opened a letter: decided once, sent little by little (R-ADO-02).

The decision writes one row for each establishment; a job tells them slice after slice by day, each judged anew when its
turn comes, so that who has opened a letter meanwhile is left alone. Never twice the same one within thirty days.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, idempotency, journal, non_reading, notification
from backend.rules.error import ErrorCode, UserError
from backend.rules.non_reading import Filter
from backend.rules.viewer import Viewer

LOCK = 6_405_010
"""The lock of who decides a reminder: two at once would each find establishments that nobody has reminded."""

MOST = 1_000
"""Establishments named one by one."""

SLICE = 50
"""Establishments told by one transaction, once a minute: the outbox keeps room for other messages."""

_OPEN_HOURS = range(8, 19)
"""In Paris: whole hours in which establishments are told."""


@dataclass(frozen=True)
class Outcome:
    """Establishments that are reminded, or would be; those that were too recently; those with nobody to write to."""

    establishments: int = 0
    recently: int = 0
    unreachable: int = 0
    campaign_id: int | None = None
    errors: tuple[UserError, ...] = field(default=())


async def remind(
    viewer: Viewer,
    given: Filter,
    chosen: Sequence[int] | None = None,
    *,
    dry_run: bool = False,
    key: str | None = None,
) -> Outcome:
    """Decide to remind those of the list that match, or of them those chosen; `dry_run`: only say how many it would be.

    Sent again with the same key, it answers with what was decided before.
    """
    if chosen is not None and not 0 < len(chosen) <= MOST:
        message = f"Choisissez de 1 à {MOST} établissements, ou relancez tous ceux de la liste."
        return Outcome(errors=(UserError(ErrorCode.INVALID_VALUE, message, ("establishmentIds",)),))
    async with db.transaction():
        await db.lock(LOCK)
        if not await access.still_operates(viewer):
            message = "Seuls les gestionnaires de la plateforme relancent les établissements."
            return Outcome(errors=(UserError(ErrorCode.NOT_ALLOWED, message),))
        if dry_run:
            return await _counted(given, chosen)
        attempt = idempotency.Attempt("remindNonReaders", key, [asdict(given), chosen])
        earlier = await idempotency.begin(viewer, attempt)
        if earlier is not None:
            return Outcome(**earlier.answer, errors=earlier.errors)
        outcome = await _counted(given, chosen)
        if outcome.establishments == 0:
            message = (
                "Personne n’est à relancer : ces établissements l’ont été depuis moins de 30 jours, ou personne n’y "
                "reçoit de message."
            )
            await idempotency.finish(viewer, attempt, None)
            return Outcome(
                0, outcome.recently, outcome.unreachable, errors=(UserError(ErrorCode.REMINDED_RECENTLY, message),)
            )
        decided = await _decide(viewer, given, chosen, outcome)
        answer = {name: value for name, value in asdict(decided).items() if name != "errors"}
        await idempotency.finish(viewer, attempt, answer)
    return decided


def _matching(sql: Sql, given: Filter, chosen: Sequence[int] | None) -> str:
    conditions = non_reading.conditions(sql, given)
    if chosen is not None:
        conditions.append(f"e.id IN ({sql.bind_all(list(chosen))})")
    return " AND ".join(conditions)


def recently(sql: Sql) -> str:
    """Establishments that were reminded, or wait for it, too recently to be again."""
    since = clock.now() - settings.current().durations.reading_remind
    return (
        "EXISTS (SELECT 1 FROM reading_reminders r WHERE r.establishment_id = e.id AND (r.outcome = 'WAITING' "
        f"OR (r.outcome = 'SENT' AND r.told_at > {sql.bind(int(clock.to_microseconds(since)))})))"
    )


def _reachable(sql: Sql) -> str:
    """Establishments where somebody can be written to: an account in use, or an address of their own."""
    return (
        "(e.functional_email IS NOT NULL OR EXISTS (SELECT 1 FROM users u WHERE u.establishment_id = e.id "
        f"AND {access.in_use(sql, 'u')} AND (u.is_administrator OR {access.reads_at_home(sql, 'u')})))"
    )


async def _counted(given: Filter, chosen: Sequence[int] | None) -> Outcome:
    sql = Sql()
    sql.add(f"SELECT count(*) AS matching, sum(CASE WHEN {recently(sql)} THEN 1 ELSE 0 END) AS recently,")
    sql.add(f"sum(CASE WHEN NOT {recently(sql)} AND NOT {_reachable(sql)} THEN 1 ELSE 0 END) AS unreachable")
    sql.add(f"FROM establishments e WHERE {_matching(sql, given, chosen)}")
    found = await db.row(sql)
    if found is None or not found["matching"]:
        return Outcome()
    recent, unreachable = int(found["recently"]), int(found["unreachable"])
    return Outcome(int(found["matching"]) - recent - unreachable, recent, unreachable)


async def _decide(viewer: Viewer, given: Filter, chosen: Sequence[int] | None, counted: Outcome) -> Outcome:
    [number] = await db.allocate_ids("reading_campaigns", 1)
    await db.execute(
        "INSERT INTO reading_campaigns (id, started_by_id, started_at) VALUES ($1, $2, $3)",
        [number, viewer.user_id, int(clock.to_microseconds(clock.now()))],
    )
    sql = Sql("INSERT INTO reading_reminders (campaign_id, establishment_id, outcome, emails)")
    sql.add(f"SELECT CAST({sql.bind(number)} AS BIGINT), e.id, 'WAITING', 0 FROM establishments e")
    sql.add(f"WHERE NOT {recently(sql)} AND {_reachable(sql)} AND {_matching(sql, given, chosen)}")
    await db.execute(sql.add("ORDER BY e.id"))
    facts = {"establishments": counted.establishments, "filter": asdict(given), "chosen": chosen is not None}
    journal.record(viewer, journal.Event("reading.reminded", subject=("ReadingCampaign", number), facts=facts))
    return Outcome(counted.establishments, counted.recently, counted.unreachable, number)


async def tell() -> bool:
    """Tell the next establishments that wait, by day; whether there may be more."""
    if clock.now().astimezone(clock.PARIS).hour not in _OPEN_HOURS:
        return False
    async with db.transaction():
        await db.lock(LOCK)
        waiting = await db.rows(
            "SELECT r.id, r.campaign_id, r.establishment_id, c.started_by_id FROM reading_reminders r "
            "JOIN reading_campaigns c ON c.id = r.campaign_id WHERE r.outcome = 'WAITING' "
            f"ORDER BY r.id LIMIT {SLICE}"
        )
        places = await _places([one["establishment_id"] for one in waiting])
        people = await _people(list(places))
        for one in waiting:
            place = places.get(one["establishment_id"])
            await _tell(one, place, people.get(one["establishment_id"], []))
        await _finish()
    return len(waiting) == SLICE


async def _places(ids: Sequence[int]) -> dict[int, db.Row]:
    """Of establishments, those that still have not opened a letter."""
    sql = Sql("SELECT e.id, e.name, e.functional_email, (SELECT count(*) FROM courriers c")
    sql.add(f"WHERE {non_reading.LETTERS}) AS waiting FROM establishments e")
    sql.add(f"WHERE e.id IN ({sql.bind_all(list(ids))}) AND {non_reading.never_opened()}")
    return {one["id"]: one for one in await db.rows(sql)}


async def _people(ids: Sequence[int]) -> dict[int, list[db.Row]]:
    """By establishment, whom to write to: its readers; its administrators, where it has none who can sign in."""
    sql = Sql()
    reads = access.reads_at_home(sql, "u")
    sql.add(
        f"SELECT u.id, u.establishment_id, u.first_name, u.last_name, u.email, u.is_administrator, {reads} AS reads"
    )
    sql.add(f"FROM users u WHERE u.establishment_id IN ({sql.bind_all(list(ids))}) AND {access.in_use(sql, 'u')}")
    by_place: dict[int, list[db.Row]] = {}
    for one in await db.rows(sql.add("ORDER BY u.id")):
        by_place.setdefault(one["establishment_id"], []).append(one)
    return {
        place: [one for one in able if one["reads"]] or [one for one in able if one["is_administrator"]]
        for place, able in by_place.items()
    }


async def _tell(one: db.Row, place: db.Row | None, people: list[db.Row]) -> None:
    """Write to the people of an establishment, or to its own address; mark what became of it."""
    messages = [] if place is None else _messages(one, place, people)
    outcome = "OPENED" if place is None else "SENT" if messages else "NOBODY"
    await notification.queue_all(messages)
    await db.execute(
        "UPDATE reading_reminders SET outcome = $1, emails = $2, told_at = $3 WHERE id = $4",
        [outcome, len(messages), int(clock.to_microseconds(clock.now())), one["id"]],
    )
    if messages:
        number = one["establishment_id"]
        journal.record(
            Viewer(user_id=one["started_by_id"]),
            journal.Event("reading.told", number, subject=("Establishment", number), facts={"emails": len(messages)}),
        )


def _messages(one: db.Row, place: db.Row, people: list[db.Row]) -> list[notification.Message]:
    address = settings.current().address
    written = [(person, "READ" if person["reads"] else "GIVE") for person in people]
    if not written and place["functional_email"]:
        written = [({"id": None, "email": place["functional_email"], "first_name": "", "last_name": ""}, "SIGN_IN")]
    links = {
        "READ": f"{address}/courriers",
        "GIVE": f"{address}/etablissement/comptes",
        "SIGN_IN": f"{address}/connexion",
    }
    return [
        notification.Message(
            kind="READ_REMINDER",
            rule="R-ADO-02",
            template="reading_reminder",
            recipient=person["email"],
            user_id=person["id"],
            establishment_id=one["establishment_id"],
            once_key=f"reading-reminder:{one['campaign_id']}:{one['establishment_id']}:{person['id'] or ''}",
            values={
                "name": f"{person['first_name']} {person['last_name']}".strip(),
                "establishment": place["name"],
                "waiting": int(place["waiting"]),
                "to_do": to_do,
                "link": links[to_do],
            },
        )
        for person, to_do in written
    ]


async def _finish() -> None:
    await db.execute(
        "UPDATE reading_campaigns SET finished_at = $1 WHERE finished_at IS NULL AND NOT EXISTS "
        "(SELECT 1 FROM reading_reminders r WHERE r.campaign_id = reading_campaigns.id AND r.outcome = 'WAITING')",
        [int(clock.to_microseconds(clock.now()))],
    )
