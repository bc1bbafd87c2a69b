"""Digests of new letters, in the morning: by establishment, fund and type, how many; none where there is nothing
(R-COU-10).
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, notification, preference
from backend.rules.courrier_notice import hears

SLICE = 100
"""People judged together, in one transaction and as many statements as for one."""

LINES = 40
"""Lines of a digest; whoever acts for thousands is told how many more there are."""

_PERIODS = {preference.DAILY: timedelta(days=1), preference.WEEKLY: timedelta(days=7)}


async def send() -> None:
    """Queue the digests of this morning, and of this Monday's, to those who have not had them."""
    if notification.is_night():
        return
    today = clock.today()
    for rhythm, day in ((preference.DAILY, today), (preference.WEEKLY, today - timedelta(days=today.weekday()))):
        while await _slice(rhythm, int(clock.to_microseconds(notification.morning(day)))):
            pass


async def send_last(user_id: int) -> None:
    """Queue, for somebody who leaves digests, what the next one would have said. Inside a transaction."""
    found = await db.rows(
        "SELECT user_id AS id, new_courriers, muted_funds FROM notification_preferences WHERE user_id = $1", [user_id]
    )
    rhythm = found[0]["new_courriers"] if found else preference.NONE
    if rhythm in _PERIODS:
        await notification.queue_all(await _messages(found, rhythm, int(clock.to_microseconds(clock.now())), last=True))


async def _slice(rhythm: str, until: int) -> bool:
    """The next people; False where there is nobody left."""
    async with db.transaction():
        people = await db.rows(
            "SELECT p.user_id AS id, p.muted_funds FROM notification_preferences p WHERE p.new_courriers = $1 "
            "AND (p.digested_until IS NULL OR p.digested_until < $2) "
            f"ORDER BY p.user_id LIMIT {SLICE} {db.held('p')}",
            [rhythm, until],
        )
        if not people:
            return False
        numbers = [one["id"] for one in people]
        await notification.queue_all(await _messages(people, rhythm, until))
        sql = Sql()
        sql.add(f"UPDATE notification_preferences SET digested_until = {sql.bind(until)}")
        await db.execute(sql.add(f"WHERE user_id IN ({sql.bind_all(numbers)})"))
    return True


async def _messages(
    people: Sequence[db.Row], rhythm: str, until: int, *, last: bool = False
) -> list[notification.Message]:
    muted = {one["id"]: one for one in people}
    theirs: dict[int, list[db.Row]] = {}
    for line in await _lines(people, until - int(_PERIODS[rhythm] / timedelta(microseconds=1)), until):
        if hears(muted[line["user_id"]], line["fund_id"]):
            theirs.setdefault(line["user_id"], []).append(line)
    return [_message(number, lines, None if last else rhythm, until) for number, lines in theirs.items()]


async def _lines(people: Sequence[db.Row], usual: int, until: int) -> list[db.Row]:
    """What each person has to read that came since their last digest, or `usual` before the first, and that nobody has
    opened, counted.
    """
    numbers = [one["id"] for one in people]
    sql = Sql("SELECT u.id AS user_id, u.email, u.establishment_id AS home, e.name AS establishment, c.fund_id,")
    sql.add("f.label AS fund, t.label AS type, count(*) AS letters, e.id AS place_id")
    sql.add(f"FROM ({access.reach_of(sql, numbers)}) reach JOIN users u ON u.id = reach.user_id")
    sql.add("JOIN notification_preferences p ON p.user_id = u.id")
    sql.add("JOIN courriers c ON c.establishment_id = reach.establishment_id")
    sql.add(f"AND c.available_at > COALESCE(p.digested_until, {sql.bind(usual)})")
    sql.add(f"AND c.available_at <= {sql.bind(until)}")
    sql.add("JOIN courrier_types t ON t.id = c.type_id AND t.service_id = reach.service_id AND t.notifies_by_email")
    sql.add("JOIN funds f ON f.code = c.fund_id JOIN establishments e ON e.id = c.establishment_id")
    sql.add(f"WHERE c.first_opened_at IS NULL AND c.withdrawn_at IS NULL AND {access.can_sign_in(sql, 'u')}")
    sql.add("GROUP BY u.id, u.email, u.establishment_id, e.id, e.name, e.sort_name, c.fund_id, f.label, t.label")
    return await db.rows(sql.add("ORDER BY u.id, e.sort_name, e.id, c.fund_id, t.label"))


def _message(number: int, lines: Sequence[db.Row], rhythm: str | None, until: int) -> notification.Message:
    email = lines[0]["email"]
    elsewhere = any(one["place_id"] != one["home"] for one in lines)
    why = {preference.DAILY: "chaque matin", preference.WEEKLY: "chaque lundi", None: ""}[rhythm]
    return notification.Message(
        kind="COURRIER_DIGEST",
        rule="R-COU-10",
        template="courrier_digest",
        recipient=email,
        values={
            **counted(lines),
            "every": why,
            "link": unread(several=elsewhere),
            "change": preference.address(number, email),
        },
        user_id=number,
        establishment_id=lines[0]["home"],
        once_key=f"digest:{number}:{until}",
        not_before=notification.daytime(),
    )


def unread(*, several: bool) -> str:
    """The screen of unread letters: of one's own establishment, or of all that one reaches."""
    return f"{settings.current().address}/courriers?vue=non-lus" + ("&etablissements=tous" if several else "")


def counted(lines: Sequence[db.Row]) -> dict[str, Any]:
    """Lines by establishment for an e-mail: `places`, the `total` of letters, and how many lines are left out."""
    places: dict[str, list[dict[str, Any]]] = {}
    for line in lines[:LINES]:
        said = {"fund": line["fund"], "type": line["type"], "letters": int(line["letters"])}
        places.setdefault(line["establishment"], []).append(said)
    return {
        "places": [{"name": name, "lines": its} for name, its in places.items()],
        "total": sum(int(line["letters"]) for line in lines),
        "more": sum(int(line["letters"]) for line in lines[LINES:]),
    }
