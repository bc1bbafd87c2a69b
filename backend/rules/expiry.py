"""Accounts near their expiry, and those that have expired: each step is told once (R-ACC-09, R-ACC-11).

Nothing here decides: an account expires by its date, whether or not these jobs run. They tell people, end what was
open and write the journal. Every pass may be run again, by several processes, after a crash or after a week: a step
is claimed (`expiry_steps`) or an e-mail keyed in the transaction that tells it, and after a stop only the nearest
step of each account is told, never two at once.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, journal, notification

ANNOUNCED_FROM = 20
"""The day of the month from which administrators are told of the accounts that expire the next."""
STEPS = (14, 7, 1)
"""Days before the expiry, the farthest first."""
NO_CHOICE = 1
"""The step that is sent even to those who asked for no reminder: losing one's access is not a matter of taste."""
TOLD_UNTIL = timedelta(days=31)
"""An expiry found out later than this (after a long stop) is told to nobody."""

LISTED = 30
"""Accounts named in one e-mail; the others are on the page it links to."""
TOGETHER = 200
"""Establishments in one transaction."""
LOCK = 6_405_003


# ---------------------------------------------------------------- what runs by itself


async def announce() -> None:
    """From the 20th, tell administrators which accounts expire next month, in one e-mail (R-ACC-09)."""
    if clock.today().day >= ANNOUNCED_FROM:
        await by_establishments(_announce)


async def remind() -> None:
    """14, 7 and 1 day before: the person, and the administrators in one e-mail for all accounts (R-ACC-09)."""
    await by_establishments(_remind)


async def expire() -> None:
    """End what expired accounts had open, journal it, tell the person and the administrators (R-ACC-11)."""
    await by_establishments(_expire)


async def by_establishments(some: Callable[[int], Awaitable[int | None]]) -> None:
    """Run `some` for slices of establishments, a transaction each, until it says there are none left.

    It is given the last establishment done and returns the next. Those who do the same take turns.
    """
    after: int | None = 0
    while after is not None:
        async with db.transaction():
            await db.lock(LOCK)
            after = await some(after)


def reopened_until(expired_on: date) -> date:
    """The last day on which an expired account may be reopened; the next day it is deleted (R-ACC-11)."""
    return clock.add_months(expired_on, settings.current().durations.account_reopening_months)


# ---------------------------------------------------------------- the month before


async def _announce(after: int) -> int | None:
    first = clock.add_months(clock.today().replace(day=1), 1)
    last = clock.add_months(first, 1) - timedelta(days=1)
    month = f"{first:%Y-%m}"
    sql = Sql("SELECT DISTINCT u.establishment_id FROM users u JOIN users a ON a.establishment_id = u.establishment_id")
    sql.add(f"WHERE {_expiring_between(sql, first, last)} AND a.is_administrator AND {access.in_use(sql, 'a')}")
    sql.add(f"AND {_untold(sql, month)} AND u.establishment_id > {sql.bind(after)}")
    sql.add(f"ORDER BY u.establishment_id LIMIT {TOGETHER}")
    places = [one["establishment_id"] for one in await db.rows(sql)]
    sql = Sql(f"SELECT {_WHO} FROM users u JOIN establishments e ON e.id = u.establishment_id")
    sql.add(f"WHERE {_expiring_between(sql, first, last)} AND u.establishment_id IN ({sql.bind_all(places)})")
    accounts = _by_place(await db.rows(sql.add(_IN_ORDER)))
    await notification.queue_all(
        [
            _to(
                one,
                kind="ACCOUNT_EXPIRING",
                rule="R-ACC-09",
                template="accounts_expiring",
                once_key=f"expiring:{one['id']}:{month}",
                values={
                    **_list(accounts[one["establishment_id"]]),
                    "month": f"{clock.MONTHS[first.month - 1]} {first.year}",
                    "link": f"{_page()}?depuis={first}&jusque={last}&tri=EXPIRES_ASC",
                    "months": settings.current().durations.account_months,
                },
            )
            for one in await _administrators(places)
            if accounts[one["establishment_id"]]
        ]
    )
    return places[-1] if len(places) == TOGETHER else None


def _expiring_between(sql: Sql, first: date, last: date) -> str:
    dates = f"{sql.bind(first.isoformat())} AND {sql.bind(last.isoformat())}"
    return f"u.deleted_at IS NULL AND u.expires_on BETWEEN {dates}"


def _untold(sql: Sql, month: str) -> str:
    key = f"'expiring:' || a.id || ':' || CAST({sql.bind(month)} AS VARCHAR)"
    return f"NOT EXISTS (SELECT 1 FROM notifications n WHERE n.once_key = {key})"


# ---------------------------------------------------------------- the last days


async def _remind(after: int) -> int | None:
    today = clock.today()

    def due(sql: Sql) -> str:
        last = today + timedelta(days=STEPS[0])
        return f"{_expiring_between(sql, today, last)} AND {_unclaimed(sql, _nearest(sql, today))}"

    places = await _places(due, after)
    sql = Sql()
    sql.add(f"SELECT {_nearest(sql, today)} AS step, {_WHO}, COALESCE(p.account_expiry, TRUE) AS wanted FROM users u")
    sql.add("JOIN establishments e ON e.id = u.establishment_id")
    sql.add("LEFT JOIN notification_preferences p ON p.user_id = u.id")
    sql.add(f"WHERE {due(sql)} AND u.establishment_id IN ({sql.bind_all(places)})")
    accounts = await db.rows(sql.add(_IN_ORDER))
    administrators = await _administrators(places)
    await _claim(accounts)
    messages = [
        _reminder(one, today, administrators)
        for one in accounts
        if one["has_password"] and (one["wanted"] or one["step"] <= NO_CHOICE)
    ]
    listed = _by_place(accounts)
    for administrator in administrators:
        others = [one for one in listed[administrator["establishment_id"]] if one["id"] != administrator["id"]]
        if others:  # one's own account has a message of its own
            messages.append(
                _to(
                    administrator,
                    kind="ACCOUNT_EXPIRING",
                    rule="R-ACC-09",
                    template="accounts_expiring_soon",
                    values={**_list(others), "link": f"{_page()}?expire={STEPS[0]}&tri=EXPIRES_ASC"},
                )
            )
    await notification.queue_all(messages)
    return places[-1] if len(places) == TOGETHER else None


def _nearest(sql: Sql, today: date) -> str:
    """The step an account has reached: after a stop, those it has left behind are not told any more."""
    whens = " ".join(
        f"WHEN u.expires_on <= {sql.bind((today + timedelta(days=step)).isoformat())} THEN {step}"
        for step in reversed(STEPS[1:])
    )
    return f"CASE {whens} ELSE {STEPS[0]} END"


def _reminder(one: db.Row, today: date, administrators: list[db.Row]) -> notification.Message:
    expires_on = date.fromisoformat(one["expires_on"])
    colleagues = _names(one, administrators)
    return _to(
        one,
        kind="ACCOUNT_EXPIRING",
        rule="R-ACC-09",
        template="account_expiring",
        values={
            "until": clock.french_date(expires_on),
            "days": (expires_on - today).days,
            "months": settings.current().durations.account_months,
            "administrators": colleagues,
            "is_last": bool(one["is_administrator"]) and not colleagues,
            "link": f"{settings.current().address}/connexion",
        },
    )


# ---------------------------------------------------------------- expired


async def _expire(after: int) -> int | None:
    today = clock.today()

    def due(sql: Sql) -> str:
        since, until = today - TOLD_UNTIL, today - timedelta(days=1)
        return f"{_expiring_between(sql, since, until)} AND {_unclaimed(sql, '0')}"

    places = await _places(due, after)
    await db.hold("establishments", *places)  # an administrator who reopens one of them comes before or after
    sql = Sql(f"SELECT 0 AS step, {_WHO} FROM users u JOIN establishments e ON e.id = u.establishment_id")
    sql.add(f"WHERE {due(sql)} AND u.establishment_id IN ({sql.bind_all(places)})")
    accounts = await db.rows(sql.add(_IN_ORDER))
    administrators = await _administrators(places)
    await _claim(accounts)
    await _end([one["id"] for one in accounts])
    able = {one["establishment_id"] for one in administrators}
    for one in accounts:
        journal.record(
            journal.NOBODY,
            journal.Event(
                "user.expired",
                establishment_id=one["establishment_id"],
                subject=("User", one["id"]),
                changes={"status": ("ACTIVE" if one["has_password"] else "INVITED", "EXPIRED")},
                facts={"expires_on": one["expires_on"], "administrator_left": one["establishment_id"] in able},
            ),
        )
    messages = [_expired(one, administrators) for one in accounts if one["has_password"]]
    listed = _by_place(accounts)
    for administrator in administrators:
        theirs = listed[administrator["establishment_id"]]
        if theirs:
            first = reopened_until(date.fromisoformat(theirs[0]["expires_on"]))
            messages.append(
                _to(
                    administrator,
                    kind="ACCOUNT_EXPIRED",
                    rule="R-ACC-11",
                    template="accounts_expired",
                    values={
                        **_list(theirs),
                        "until": clock.french_date(first),
                        "months": settings.current().durations.account_months,
                        "link": f"{_page()}?statut=EXPIRED",
                    },
                )
            )
    await notification.queue_all(messages)
    return places[-1] if len(places) == TOGETHER else None


async def _end(user_ids: list[int]) -> None:
    """No expired account holds a live session or link."""
    await db.hold("users", *user_ids)
    now = int(clock.to_microseconds(clock.now()))
    for what in (
        "UPDATE sessions SET ended_at = $1 WHERE ended_at IS NULL AND user_id",
        "UPDATE links SET revoked_at = $1 WHERE used_at IS NULL AND revoked_at IS NULL AND user_id",
    ):
        sql = Sql()
        sql.bind(now)
        sql.add(f"{what} IN ({sql.bind_all(user_ids)})")
        await db.execute(sql)


def _expired(one: db.Row, administrators: list[db.Row]) -> notification.Message:
    expired_on = date.fromisoformat(one["expires_on"])
    return _to(
        one,
        kind="ACCOUNT_EXPIRED",
        rule="R-ACC-11",
        template="account_expired",
        values={
            "on": clock.french_date(expired_on),
            "until": clock.french_date(reopened_until(expired_on)),
            "months": settings.current().durations.account_months,
            "administrators": _names(one, administrators),
        },
    )


# ---------------------------------------------------------------- common

_WHO = (
    "u.id, u.establishment_id, e.name AS establishment, u.first_name, u.last_name, u.email, u.is_administrator, "
    "u.expires_on, u.password_hash IS NOT NULL AS has_password"
)
_IN_ORDER = "ORDER BY u.establishment_id, u.expires_on, u.sort_name, u.id"


def _unclaimed(sql: Sql, step: str) -> str:
    return (
        "NOT EXISTS (SELECT 1 FROM expiry_steps x WHERE x.user_id = u.id AND x.expires_on = u.expires_on "
        f"AND x.days_before = {step})"
    )


async def _places(due: Callable[[Sql], str], after: int) -> list[int]:
    """The next establishments where something is due."""
    sql = Sql()
    sql.add(f"SELECT DISTINCT u.establishment_id FROM users u WHERE {due(sql)}")
    sql.add(f"AND u.establishment_id > {sql.bind(after)} ORDER BY u.establishment_id LIMIT {TOGETHER}")
    return [one["establishment_id"] for one in await db.rows(sql)]


async def _claim(accounts: list[db.Row]) -> None:
    now = int(clock.to_microseconds(clock.now()))
    claimed = sorted((one["id"], one["expires_on"], one["step"], now) for one in accounts)
    await db.insert_many("expiry_steps", ("user_id", "expires_on", "days_before", "told_at"), claimed)


async def _administrators(places: list[int]) -> list[db.Row]:
    """The administrators to write to, by establishment and name."""
    sql = Sql("SELECT u.id, u.establishment_id, e.name AS establishment, u.first_name, u.last_name, u.email")
    sql.add("FROM users u JOIN establishments e ON e.id = u.establishment_id")
    sql.add(f"WHERE u.establishment_id IN ({sql.bind_all(places)}) AND u.is_administrator")
    sql.add(f"AND {access.in_use(sql, 'u')} ORDER BY u.establishment_id, u.sort_name, u.id")
    return await db.rows(sql)


def _by_place(accounts: Iterable[db.Row]) -> Mapping[int, list[db.Row]]:
    found: defaultdict[int, list[db.Row]] = defaultdict(list)
    for one in accounts:
        found[one["establishment_id"]].append(one)
    return found


def _names(one: db.Row, administrators: list[db.Row]) -> list[str]:
    """The administrators an account may turn to, but for itself."""
    return [
        f"{other['first_name']} {other['last_name']}"
        for other in administrators
        if other["establishment_id"] == one["establishment_id"] and other["id"] != one["id"]
    ][:5]


def _list(accounts: list[db.Row]) -> dict[str, Any]:
    named = [
        {
            "name": f"{one['first_name']} {one['last_name']}",
            "on": clock.french_date(date.fromisoformat(one["expires_on"])),
        }
        for one in accounts[:LISTED]
    ]
    return {"accounts": named, "count": len(accounts), "more": len(accounts) - len(named)}


def _page() -> str:
    return f"{settings.current().address}/etablissement/comptes"


def _to(person: db.Row, values: dict[str, Any], **given: Any) -> notification.Message:
    return notification.Message(
        recipient=person["email"],
        user_id=person["id"],
        establishment_id=person["establishment_id"],
        not_before=notification.daytime(),
        values={
            "first_name": person["first_name"],
            "last_name": person["last_name"],
            "establishment": person["establishment"],
            **values,
        },
        **given,
    )
