"""Finding anything by what somebody on the phone says: an identifier, an address, a SIRET, a reference, a name."""

from dataclasses import dataclass

from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold, like
from backend.rules import access, siret
from backend.rules.viewer import Viewer

MOST = 20
"""Hits of each kind; one more is asked for, to tell whether there are others."""

_NAMESAKES = 200
"""Accounts by words among which the first by name are kept: « martin » names thousands."""


@dataclass(frozen=True)
class Found:
    """The ids of what a text names, of each kind, the exact hits first; `more`: a kind had others."""

    establishments: tuple[int, ...] = ()
    users: tuple[int, ...] = ()
    courriers: tuple[int, ...] = ()
    deleted: tuple[db.Row, ...] = ()
    more: bool = False


async def anything(viewer: Viewer, text: str) -> Found:
    """What a text names, as far as the viewer sees it. Four statements, whatever is found."""
    text = " ".join(text.split())[:200]
    if len(fold(text)) < 2 or not text.isprintable():
        return Found()
    establishments = await _establishments(viewer, text)
    users = await _users(viewer, text)
    courriers = await _courriers(viewer, text)
    return Found(
        _ids(establishments),
        _ids(users),
        _ids(courriers),
        tuple(await _deleted(viewer, text)),
        more=any(len(rows) > MOST for rows in (establishments, users, courriers)),
    )


def _ids(rows: list[db.Row]) -> tuple[int, ...]:
    return tuple(int(row["id"]) for row in rows[:MOST])


async def _establishments(viewer: Viewer, text: str) -> list[db.Row]:
    sql = Sql("SELECT e.id FROM establishments e")
    digits = siret.normalised(text)
    if digits.isascii() and digits.isdigit() and 9 <= len(digits) <= 14:  # a SIREN, or the whole SIRET
        sql.add(f"WHERE e.siret >= {sql.bind(digits)} AND e.siret < {sql.bind(digits + ':')}")
    else:
        sql.add(f"WHERE {_words(sql, 'e', text)}")
    sql.add(f"AND {access.establishments(sql, viewer, 'e')}")
    sql.add(f"ORDER BY CASE WHEN e.sort_name = {sql.bind(fold(text))} THEN 0 ELSE 1 END, e.sort_name, e.id")
    return await db.rows(sql.add(f"LIMIT {MOST + 1}"))


async def _users(viewer: Viewer, text: str) -> list[db.Row]:
    sql = Sql()
    exact = f"(u.identifier = {sql.bind(text.lower())} OR u.email_key = {sql.bind(text.casefold())})"
    named = f"SELECT o.id FROM users o WHERE {_words(sql, 'o', text)} AND o.deleted_at IS NULL LIMIT {_NAMESAKES}"
    sql.add(f"SELECT u.id FROM users u WHERE {access.users(sql, viewer, 'u')}")
    sql.add(f"AND ({exact} OR u.id IN ({named}))")
    sql.add(f"ORDER BY CASE WHEN {exact} THEN 0 ELSE 1 END, u.sort_name, u.id LIMIT {MOST + 1}")
    return await db.rows(sql)


async def _courriers(viewer: Viewer, text: str) -> list[db.Row]:
    """By the reference of a fund, as written or in capitals."""
    sql = Sql("SELECT c.id FROM courriers c WHERE c.fund_id IN (SELECT f.code FROM funds f)")
    sql.add(
        f"AND c.reference IN ({sql.bind_all([text, text.upper()])}) "
        f"AND {access.courriers(sql, viewer, 'c', one_by_one=True)}"
    )
    return await db.rows(sql.add(f"ORDER BY c.id DESC LIMIT {MOST + 1}"))


async def _deleted(viewer: Viewer, text: str) -> list[db.Row]:
    """The trace that a deleted account leaves, by its identifier (R-ACC-12)."""
    sql = Sql("SELECT u.id, u.establishment_id, u.identifier, u.created_at, u.deleted_at FROM users u")
    sql.add(f"WHERE u.identifier = {sql.bind(text.lower())} AND {access.traces(viewer, 'u')}")
    return await db.rows(sql)


def _words(sql: Sql, alias: str, text: str) -> str:
    return " AND ".join(
        f"{alias}.search_text LIKE {sql.bind(like(word))} ESCAPE '!'" for word in fold(text).split()[:8]
    )
