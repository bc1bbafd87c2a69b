"""Versions of the terms, who has accepted them, and where they still wait (R-CGU-01 to 03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids
from backend.rules import access
from backend.rules.viewer import Viewer

COLUMNS = "t.id, t.version, t.published_on, t.changes, t.body, t.body_sha256"
MOST = 500
"""Establishments that one person is asked to accept for at once."""

_ACCEPTANCE = "a.id, a.terms_id, a.establishment_id, a.user_id, a.accepted_at, a.body_sha256"


async def current() -> db.Row | None:
    """The version in force today (R-CGU-01)."""
    sql = Sql()
    sql.add(f"SELECT {COLUMNS} FROM terms t WHERE t.id = (SELECT id FROM ({access.current_terms(sql)}) cgu)")
    return await db.row(sql)


async def of_version(viewer: Viewer, version: str) -> db.Row | None:
    """A version by its name, as far as it can be seen."""
    sql = Sql(f"SELECT {COLUMNS} FROM terms t")
    sql.add(f"WHERE t.version = {sql.bind(version)} AND {access.terms(sql, viewer, 't')}")
    return await db.row(sql)


async def versions(viewer: Viewer) -> list[db.Row]:
    """Every version, the newest first; those to come for operators alone."""
    sql = Sql(f"SELECT {COLUMNS} FROM terms t")
    sql.add(f"WHERE {access.terms(sql, viewer, 't')} ORDER BY t.published_on DESC, t.id DESC")
    return await db.rows(sql)


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Versions by id; None for those to come, which do not exist yet but for operators."""
    sql = Sql()
    allowed = access.terms(sql, viewer, "t")
    return by_ids.placed(await by_ids.fetch(COLUMNS, "terms t", "t.id", ids, allowed, sql=sql), "id", ids)


async def named(ids: Sequence[int]) -> list[db.Row | None]:
    """Versions as an acceptance names them."""
    return by_ids.placed(await by_ids.fetch(COLUMNS, "terms t", "t.id", ids), "id", ids)


async def acceptances(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each establishment what was accepted for it, the latest first (R-CGU-03)."""
    rows = await by_ids.fetch(_ACCEPTANCE, "terms_acceptances a", "a.establishment_id", ids)
    return by_ids.grouped(sorted(rows, key=lambda one: (-one["accepted_at"], -one["id"])), "establishment_id", ids)


async def acceptance(viewer: Viewer, number: int) -> db.Row | None:
    """An acceptance with all that its receipt says, for who may have it (R-CGU-03)."""
    sql = Sql(f"SELECT {_ACCEPTANCE}, t.version, t.published_on, e.name, e.siret, e.postal_code, e.city,")
    sql.add("u.first_name, u.last_name, home.id AS home_id, home.name AS home")
    sql.add("FROM terms_acceptances a JOIN terms t ON t.id = a.terms_id")
    sql.add("JOIN establishments e ON e.id = a.establishment_id JOIN users u ON u.id = a.user_id")
    sql.add("JOIN establishments home ON home.id = u.establishment_id")
    sql.add(f"WHERE a.id = {sql.bind(number)} AND {access.receipts(sql, viewer, 'a')}")
    return await db.row(sql)


async def done(viewer: Viewer, ids: Sequence[int]) -> list[db.Row]:
    """Acceptances by id, in that order: those just made, or that somebody else made first."""
    sql = Sql()
    allowed = access.terms_acceptances(sql, viewer, "a")
    rows = await by_ids.fetch(_ACCEPTANCE, "terms_acceptances a", "a.id", ids, allowed, sql=sql)
    return [one for one in by_ids.placed(rows, "id", ids) if one]


async def to_accept(viewer: Viewer) -> list[int]:
    """The establishments one administers where the terms in force wait, one's own first (R-CGU-02, 03)."""
    if viewer.user_id is None:
        return []
    sql = Sql("SELECT e.id FROM establishments e")
    sql.add(f"CROSS JOIN ({access.current_terms(sql)}) cgu")
    sql.add(f"WHERE e.id IN ({access.administered(sql, viewer, even_held_back=True)})")
    sql.add(f"AND {access.concerned_by_terms('e')} AND NOT {access.accepted('e.id', 'cgu.id')}")
    sql.add(f"ORDER BY CASE WHEN e.id = ({_home(sql, viewer)}) THEN 0 ELSE 1 END, e.sort_name, e.id LIMIT {MOST}")
    return [one["id"] for one in await db.rows(sql)]


def _home(sql: Sql, viewer: Viewer) -> str:
    """The viewer's own establishment, which whoever is held back does not reach otherwise."""
    return f"SELECT me.establishment_id FROM users me WHERE me.id = {sql.bind(viewer.user_id)}"


async def accepted_at_home(viewer: Viewer, ids: Sequence[int]) -> list[bool]:
    """For each version, whether the viewer's establishment has accepted it."""
    if viewer.user_id is None:
        return [False for _ in ids]
    sql = Sql()
    home = f"a.establishment_id = ({_home(sql, viewer)})"
    found = await by_ids.fetch("a.terms_id", "terms_acceptances a", "a.terms_id", ids, home, sql=sql)
    kept = {one["terms_id"] for one in found}
    return [one in kept for one in ids]


async def last_accepted(viewer: Viewer, published_on: str) -> db.Row | None:
    """The version that the viewer's establishment accepted last, among those before a day (R-CGU-03)."""
    if viewer.user_id is None:
        return None
    sql = Sql(f"SELECT {COLUMNS} FROM terms t JOIN terms_acceptances a ON a.terms_id = t.id")
    sql.add(f"WHERE a.establishment_id = ({_home(sql, viewer)}) AND t.published_on < {sql.bind(published_on)}")
    sql.add("ORDER BY t.published_on DESC, t.id DESC LIMIT 1")
    return await db.row(sql)


@dataclass(frozen=True)
class Grace:
    """Terms that a person's administrators have not accepted yet, and the first day that will wait for it."""

    ends_on: date


async def grace(viewer: Viewer) -> Grace | None:
    """How long an ordinary user still works without the terms in force (R-CGU-02); None where they are accepted."""
    if viewer.user_id is None or viewer.is_operator:
        return None
    sql = Sql("SELECT CASE WHEN e.registered_on > cgu.published_on THEN e.registered_on ELSE cgu.published_on END")
    sql.add(f"AS since FROM establishments e CROSS JOIN ({access.current_terms(sql)}) cgu")
    sql.add(f"WHERE e.id = {sql.bind(viewer.establishment_id)} AND {access.concerned_by_terms('e')}")
    sql.add(f"AND NOT {access.accepted('e.id', 'cgu.id')}")
    found = await db.row(sql)
    return Grace(date.fromisoformat(found["since"]) + settings.current().durations.terms_grace) if found else None


async def concerned() -> tuple[int, int]:
    """How many establishments accept the terms, and how many of their administrators can be told by e-mail."""
    sql = Sql(f"SELECT (SELECT count(*) FROM establishments e WHERE {access.concerned_by_terms('e')}) AS houses,")
    sql.add("(SELECT count(*) FROM users u JOIN establishments e ON e.id = u.establishment_id")
    sql.add(f"WHERE u.is_administrator AND {access.concerned_by_terms('e')} AND {access.can_sign_in(sql, 'u')})")
    sql.add("AS people")
    found = await db.row(sql)
    return (found["houses"], found["people"]) if found else (0, 0)


def is_to_come(published_on: str) -> bool:
    """Whether a version is not in force yet."""
    return published_on > clock.today().isoformat()
