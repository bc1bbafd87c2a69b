"""The monthly nudge of establishments that have one administrator only (R-ACC-05)."""

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, expiry, notification

FROM_DAY, UNTIL_DAY = 5, 14
"""Days of the month; the later ones are for catching up after a stop."""
TOGETHER = 500
"""Establishments in one transaction."""


async def nudge() -> None:
    """On the 5th, tell the administrator who is alone to name a second one: once a month and establishment."""
    if FROM_DAY <= clock.today().day <= UNTIL_DAY:
        await expiry.by_establishments(_nudge)


async def _nudge(after: int) -> int | None:
    month = f"{clock.today():%Y-%m}"
    sql = Sql("SELECT u.establishment_id, min(u.id) AS id FROM users u")
    sql.add(f"WHERE u.is_administrator AND {access.in_use(sql, 'u')} AND u.establishment_id > {sql.bind(after)}")
    sql.add(f"AND {_untold(sql, month)} GROUP BY u.establishment_id HAVING count(*) = 1")
    sql.add(f"ORDER BY u.establishment_id LIMIT {TOGETHER}")
    alone = await db.rows(sql)
    sql = Sql("SELECT u.id, u.establishment_id, u.first_name, u.last_name, u.email, e.name AS establishment,")
    sql.add("(SELECT count(*) FROM users o WHERE o.establishment_id = u.establishment_id AND o.id <> u.id")
    sql.add("AND o.deleted_at IS NULL) AS others")
    sql.add("FROM users u JOIN establishments e ON e.id = u.establishment_id")
    sql.add(f"WHERE u.id IN ({sql.bind_all([one['id'] for one in alone])}) AND NOT e.is_platform ORDER BY u.id")
    page = f"{settings.current().address}/etablissement/comptes"
    await notification.queue_all(
        [
            notification.Message(
                kind="SECOND_ADMINISTRATOR",
                rule="R-ACC-05",
                template="second_administrator",
                recipient=one["email"],
                user_id=one["id"],
                establishment_id=one["establishment_id"],
                once_key=f"second-administrator:{one['establishment_id']}:{month}",
                not_before=notification.daytime(),
                values={
                    "first_name": one["first_name"],
                    "last_name": one["last_name"],
                    "establishment": one["establishment"],
                    "has_others": bool(one["others"]),
                    "link": page if one["others"] else f"{page}/nouveau",
                },
            )
            for one in await db.rows(sql)
        ]
    )
    return int(alone[-1]["establishment_id"]) if len(alone) == TOGETHER else None


def _untold(sql: Sql, month: str) -> str:
    key = f"'second-administrator:' || u.establishment_id || ':' || CAST({sql.bind(month)} AS VARCHAR)"
    return f"NOT EXISTS (SELECT 1 FROM notifications n WHERE n.once_key = {key})"
