"""Telling every administrator of a new version of the terms or a new service, on its day (R-CGU-02, R-RGT-04).

What is to be told is kept as a fact of the platform until it has been: a job looks for those whose day has come and
queues the e-mails by batches, one for each administrator, whatever stops in between.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, notification

TERMS = "terms"
REMINDER = "reminder"
SERVICE = "service"
BATCH = 200

_PREFIX = "announce/"


@dataclass(frozen=True)
class _News:
    """What one e-mail tells, and to which administrators: a condition on `e`, their establishment."""

    kind: str
    rule: str
    template: str
    once: str
    concerns: Callable[[Sql], str]
    values: Mapping[str, Any]


async def plan(what: str, number: int) -> None:
    """Have it told on its day. Inside the transaction that publishes it."""
    await db.execute("INSERT INTO platform_facts (name, value) VALUES ($1, 'PLANNED')", [f"{_PREFIX}{what}/{number}"])


async def tell_due() -> None:
    """Queue the e-mails of all that is due; what is done is forgotten."""
    planned = await db.rows("SELECT name FROM platform_facts WHERE name LIKE $1 ORDER BY name", [f"{_PREFIX}%"])
    for one in planned:
        _, what, number = one["name"].split("/")
        await {TERMS: _terms, REMINDER: _reminder, SERVICE: _service}[what](int(number))


async def _over(what: str, number: int, *, then: str | None = None) -> None:
    """It was told, or need not be any more; `then` is what comes next."""
    async with db.transaction():
        was_planned = await db.execute("DELETE FROM platform_facts WHERE name = $1", [f"{_PREFIX}{what}/{number}"])
        if was_planned and then is not None:
            await plan(then, number)


async def _terms(number: int) -> None:
    found = await db.row("SELECT version, published_on, changes FROM terms WHERE id = $1", [number])
    if found is None or found["published_on"] > clock.today().isoformat():
        return
    if await _is_current(number):
        await _tell(_of_terms(number, found, "NEW_TERMS", "new_terms", "new-terms"))
    await _over(TERMS, number, then=REMINDER)


async def _reminder(number: int) -> None:
    found = await db.row("SELECT version, published_on, changes FROM terms WHERE id = $1", [number])
    lengths = settings.current().durations
    today = clock.today()
    if found is not None and await _is_current(number):
        if today < date.fromisoformat(found["published_on"]) + lengths.terms_grace - lengths.terms_reminder:
            return
        if today < date.fromisoformat(found["published_on"]) + lengths.terms_grace:
            await _tell(_of_terms(number, found, "NEW_TERMS", "terms_reminder", "terms-reminder"))
    await _over(REMINDER, number)


async def _is_current(number: int) -> bool:
    sql = Sql()
    sql.add(f"SELECT id FROM ({access.current_terms(sql)}) cgu")
    found = await db.row(sql)
    return found is not None and found["id"] == number


def _of_terms(number: int, found: db.Row, kind: str, template: str, once: str) -> _News:
    since = date.fromisoformat(found["published_on"])
    ends = since + settings.current().durations.terms_grace
    return _News(
        kind,
        "R-CGU-02",
        template,
        f"{once}/{number}",
        lambda sql: (
            f"{access.concerned_by_terms('e')} AND e.registered_on <= {sql.bind(since.isoformat())} "
            f"AND NOT {access.accepted('e.id', sql.bind(number))}"
        ),
        {
            "version": found["version"],
            "since": clock.french_date(since),
            "until": clock.french_date(ends),
            "last_day": clock.french_date(ends - timedelta(days=1)),
            "changes": [line.strip(" -•\t") for line in (found["changes"] or "").splitlines() if line.strip(" -•\t")],
            "link": f"{settings.current().address}/conditions/accepter",
        },
    )


async def _service(number: int) -> None:
    found = await db.row("SELECT label, description, online_since, closed_on FROM services WHERE id = $1", [number])
    today = clock.today().isoformat()
    if found is None or found["online_since"] > today:
        return
    if found["closed_on"] is None or found["closed_on"] > today:
        await _tell(
            _News(
                "NEW_SERVICE",
                "R-RGT-04",
                "new_service",
                f"new-service/{number}",
                lambda sql: access.has_to_review(sql, "e.id", "e.registered_on", sql.bind(number)),
                {
                    "label": found["label"],
                    "description": found["description"],
                    "since": clock.french_date(date.fromisoformat(found["online_since"])),
                    "link": f"{settings.current().address}/etablissement/services/a-revoir",
                },
            )
        )
    await _over(SERVICE, number)


async def _tell(news: _News) -> None:
    """Queue by batches: each is committed on its own, and whoever has been told is not told again."""
    after = 0
    while True:
        async with db.transaction():
            people = await _next_people(news, after)
            await notification.queue_all([_message(news, one) for one in people])
        if len(people) < BATCH:
            return
        after = people[-1]["id"]


async def _next_people(news: _News, after: int) -> list[db.Row]:
    sql = Sql("SELECT u.id, u.first_name, u.last_name, u.email, e.id AS establishment_id, e.name AS establishment")
    # Accounts first, in their order, until there are enough: CROSS JOIN keeps SQLite from going through all of them.
    sql.add("FROM users u CROSS JOIN establishments e")
    sql.add(f"WHERE u.id > {sql.bind(after)} AND u.is_administrator AND {access.can_sign_in(sql, 'u')}")
    sql.add("AND e.id = u.establishment_id")
    sql.add(f"AND {news.concerns(sql)} AND NOT EXISTS (SELECT 1 FROM notifications n")
    sql.add(f"WHERE n.once_key = {sql.bind(news.once + '/')} || CAST(u.id AS VARCHAR))")
    sql.add(f"ORDER BY u.id LIMIT {BATCH}")
    return await db.rows(sql)


def _message(news: _News, person: db.Row) -> notification.Message:
    return notification.Message(
        kind=news.kind,
        rule=news.rule,
        template=news.template,
        recipient=person["email"],
        user_id=person["id"],
        establishment_id=person["establishment_id"],
        once_key=f"{news.once}/{person['id']}",
        values={
            **news.values,
            "first_name": person["first_name"],
            "last_name": person["last_name"],
            "establishment": person["establishment"],
        },
    )
