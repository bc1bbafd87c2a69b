"""Accounts that time removes, and the erasure of those who left (R-ACC-11, R-ACC-12, R-ACC-13)."""

from collections.abc import Callable
from datetime import date, timedelta

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold
from backend.rules import journal, user

TOGETHER = 500
"""Accounts in one transaction."""

FIRST_NAME, LAST_NAME = "Compte", "supprimé"
"""How a person whose account was erased is named where they have acted."""


async def remove_expired() -> None:
    """Delete the accounts that expired more than six months ago without being reopened (R-ACC-11)."""
    limit = _last_day_before(settings.current().durations.account_reopening_months)

    def due(sql: Sql) -> str:
        return f"u.deleted_at IS NULL AND u.expires_on <= {sql.bind(limit.isoformat())}"

    await _remove(due, "expired")


async def remove_uninvited() -> None:
    """Delete the accounts whose invitation was not followed for 90 days (R-ACC-13)."""
    limit = int(clock.to_microseconds(clock.now() - settings.current().durations.invitation))

    def due(sql: Sql) -> str:
        return f"u.password_hash IS NULL AND u.deleted_at IS NULL AND u.invited_at <= {sql.bind(limit)}"

    await _remove(due, "invitation never followed")


async def _remove(due: Callable[[Sql], str], why: str) -> None:
    """Delete what is due, with the consequences of any deletion; what is left alone administers (R-ACC-04)."""
    while True:
        async with db.transaction():
            sql = Sql()
            sql.add(f"SELECT DISTINCT u.establishment_id FROM users u WHERE {due(sql)}")
            sql.add(f"ORDER BY u.establishment_id LIMIT {TOGETHER}")
            places = [one["establishment_id"] for one in await db.rows(sql)]
            if not places:
                return
            await db.hold("establishments", *places)  # an administrator who reopens one of them comes before or after
            sql = Sql()
            sql.add(f"SELECT u.id, u.establishment_id FROM users u WHERE {due(sql)}")
            sql.add(f"AND u.establishment_id IN ({sql.bind_all(places)}) ORDER BY u.id LIMIT {TOGETHER} {db.held('u')}")
            gone = {one["id"]: one["establishment_id"] for one in await db.rows(sql)}
            await user.remove(journal.NOBODY, gone, {"why": why})
            await user.promote_the_one_left(journal.NOBODY, *sorted(set(gone.values())))


async def erase() -> None:
    """Erase the personal data of accounts deleted 24 months ago: a pseudonym stays (R-ACC-12).

    The journal's events stay and its chain still verifies: the details that speak of the person go. What the person
    did to others' accounts and rights stays told, by nobody one could name. The identifier is never given again.
    """
    day = _last_day_before(settings.current().durations.erasure_months, inclusive=True)
    limit = int(clock.to_microseconds(clock.end_of_day(day)))
    while True:
        async with db.transaction():
            found = await db.rows(
                "SELECT id, establishment_id FROM users WHERE deleted_at < $1 AND erased_at IS NULL AND "
                f"deleted_at IS NOT NULL ORDER BY id LIMIT {TOGETHER}",
                [limit],
            )
            if not found:
                return
            ids = [one["id"] for one in found]
            await _erase_accounts(ids)
            await _erase_traces(ids)
            for one in found:
                journal.record(
                    journal.NOBODY,
                    journal.Event("user.erased", establishment_id=one["establishment_id"], subject=("User", one["id"])),
                )


async def _erase_accounts(ids: list[int]) -> None:
    sql = Sql(
        "UPDATE users SET civility = NULL, phone = NULL, password_hash = NULL, last_login_at = NULL, search_text = '',"
    )
    sql.add(f"first_name = {sql.bind(FIRST_NAME)}, last_name = {sql.bind(LAST_NAME)},")
    sql.add(f"sort_name = {sql.bind(fold(f'{LAST_NAME} {FIRST_NAME}'))},")
    sql.add("identifier = 'compte-supprime-' || id, email = 'compte-supprime-' || id || '@peps.invalid',")
    sql.add("email_key = 'compte-supprime-' || id || '@peps.invalid',")
    sql.add(f"erased_at = {sql.bind(int(clock.to_microseconds(clock.now())))} WHERE id IN ({sql.bind_all(ids)})")
    await db.execute(sql)


async def _erase_traces(ids: list[int]) -> None:
    for table in (
        "sessions",
        "links",
        "second_factors",
        "recovery_codes",
        "challenges",
        "trusted_devices",
        "notification_preferences",
        "expiry_steps",
        "switches",
        "saved_views",
        "courrier_exports",
        "due_calendars",
    ):
        sql = Sql(f"DELETE FROM {table}")
        await db.execute(sql.add(f"WHERE user_id IN ({sql.bind_all(ids)})"))
    sql = Sql("UPDATE notifications SET subject = '', body_text = '', body_html = '', last_error = NULL,")
    sql.add(f"recipient = 'compte-supprime-' || user_id || '@peps.invalid' WHERE user_id IN ({sql.bind_all(ids)})")
    await db.execute(sql)
    sql = Sql("DELETE FROM audit_details WHERE event_id IN (")
    sql.add(f"SELECT e.id FROM audit_events e WHERE e.subject_type = 'User' AND e.subject_id IN ({sql.bind_all(ids)})")
    sql.add(f"UNION ALL SELECT e.id FROM audit_events e WHERE e.actor_id IN ({sql.bind_all(ids)})")
    await db.execute(sql.add("AND e.subject_type IN ('Session', 'Link', 'SecondFactor'))"))


def _last_day_before(months: int, *, inclusive: bool = False) -> date:
    """The last day for which so many months have passed today; without `inclusive`, have more than passed."""
    today = clock.today()
    day = clock.add_months(today, -months) + timedelta(days=4)  # months differ by three days at most
    while clock.add_months(day, months) > today or (not inclusive and clock.add_months(day, months) == today):
        day -= timedelta(days=1)
    return day
