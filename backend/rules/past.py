"""What ends is kept, in the transaction that ends it: who could read a letter on a day is told from it (R-JRN-04).

Called just before what is there is changed or removed. What is still so is read where it is.
"""

from collections.abc import Sequence
from datetime import date

from backend import clock
from backend import database as db
from backend.database.sql import Sql

# A clock that was put back makes no period that ends before it begins.
_RIGHTS = (
    "INSERT INTO past_rights (user_id, service_id, level, since, until) "
    "SELECT r.user_id, r.service_id, r.level, r.granted_at, "
    "CASE WHEN r.granted_at > {now} THEN r.granted_at ELSE {now} END FROM rights r WHERE "
)
_MEMBERS = (
    "INSERT INTO past_members (delegation_id, user_id, since, until) "
    "SELECT m.delegation_id, m.user_id, m.added_at, "
    "CASE WHEN m.added_at > {now} THEN m.added_at ELSE {now} END FROM delegation_members m WHERE "
)


async def rights_end(pairs: Sequence[tuple[int, int]]) -> None:
    """The rights of these accounts on these services, each a pair, are about to be changed or taken away."""
    await _each_ends(_RIGHTS, "r.user_id = $1 AND r.service_id = $2", pairs)


async def memberships_end(pairs: Sequence[tuple[int, int]]) -> None:
    """Through these delegations these accounts, each a pair, are about to act no more."""
    await _each_ends(_MEMBERS, "m.delegation_id = $1 AND m.user_id = $2", pairs)


async def _each_ends(kept: str, which: str, pairs: Sequence[tuple[int, int]]) -> None:
    now = int(clock.to_microseconds(clock.now()))
    if pairs:
        await db.execute_many(kept.format(now="CAST($3 AS BIGINT)") + which, [(*pair, now) for pair in pairs])


async def everything_ends(user_ids: Sequence[int]) -> None:
    """These accounts are about to be deleted, with their rights and what they are members of."""
    await accounts_end(user_ids)
    for kept, whose in ((_RIGHTS, "r.user_id"), (_MEMBERS, "m.user_id")):
        sql = Sql()
        now = f"CAST({sql.bind(int(clock.to_microseconds(clock.now())))} AS BIGINT)"
        await db.execute(sql.add(kept.format(now=now) + f"{whose} IN ({sql.bind_all(list(user_ids))})"))


async def accounts_end(user_ids: Sequence[int]) -> None:
    """These accounts are about to be usable no more, or no more under the same profile.

    One that has expired was usable until the end of its last day, whatever happens to it later.
    """
    now = clock.now()
    sql = Sql("SELECT u.id, u.is_administrator, COALESCE(u.in_use_since, u.created_at) AS since, u.expires_on")
    sql.add(f"FROM users u WHERE u.id IN ({sql.bind_all(list(user_ids))})")
    found = await db.rows(sql.add("AND u.password_hash IS NOT NULL AND u.deleted_at IS NULL ORDER BY u.id"))
    ended = []
    for one in found:
        last = min(now, clock.end_of_day(date.fromisoformat(one["expires_on"])))
        until = int(clock.to_microseconds(last))
        if one["since"] < until:
            ended.append((one["id"], bool(one["is_administrator"]), one["since"], until))
    await db.insert_many("past_accounts", ("user_id", "is_administrator", "since", "until"), ended)


async def service_of_type_ends(type_id: int, service_id: int) -> None:
    """The letters of this model are about to take a right on another service."""
    now = int(clock.to_microseconds(clock.now()))
    await db.execute(
        "INSERT INTO past_type_services (type_id, service_id, until) VALUES ($1, $2, $3)", [type_id, service_id, now]
    )
