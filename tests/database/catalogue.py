"""What a database is made of, as comparable values: to tell whether two were built alike."""

import re

from backend.database import dialect, rows

Catalogue = dict[str, list[str]]


async def catalogue() -> Catalogue:
    """Tables, columns, constraints, indexes and triggers of the open database, each as a list of definitions."""
    return await (_sqlite() if dialect() == "sqlite" else _postgres())


def _flat(definition: str) -> str:
    return re.sub(r"\s+", " ", definition).replace("( ", "(").replace(" )", ")")


async def _sqlite() -> Catalogue:
    found: Catalogue = {}
    for one in await rows("SELECT type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name"):
        found.setdefault(one["type"], []).append(_flat(one["sql"]))
    return found


_POSTGRES = {
    "column": """
        SELECT concat_ws(' ', table_name, column_name, data_type, character_maximum_length, is_nullable,
               column_default, is_identity) AS it
          FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1""",
    "constraint": """
        SELECT concat_ws(' ', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS it
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1""",
    "index": "SELECT indexdef AS it FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "trigger": """
        SELECT pg_get_triggerdef(oid) AS it FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1""",
    "function": """
        SELECT pg_get_functiondef(oid) AS it FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
}


async def _postgres() -> Catalogue:
    return {kind: [_flat(one["it"]) for one in await rows(query)] for kind, query in _POSTGRES.items()}


async def columns() -> dict[str, list[str]]:
    """Each table of ours and its columns; not those that keep words to be searched, made differently by each engine."""
    query = (
        "SELECT m.name AS it, c.name AS part FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'"
        if dialect() == "sqlite"
        else "SELECT table_name AS it, column_name AS part FROM information_schema.columns WHERE table_schema='public'"
    )
    found: dict[str, list[str]] = {}
    for one in await rows(f"{query} ORDER BY 1, 2"):
        if not one["it"].startswith(("sqlite_", "tortoise_", "courrier_words")):
            found.setdefault(one["it"], []).append(one["part"])
    return found


async def last_numbers() -> dict[str, int]:
    """The last number given by the database in each table of ours."""
    query = (
        "SELECT name, seq FROM sqlite_sequence"
        if dialect() == "sqlite"
        else "SELECT sequencename AS name, last_value AS seq FROM pg_sequences"
    )
    return {one["name"]: one["seq"] for one in await rows(query) if not one["name"].startswith("tortoise_")}


async def indexed_columns() -> set[tuple[str, str]]:
    """Each table and column that is first in an index of rows whatever they hold."""
    query = (
        """
        SELECT m.name AS it, c.name AS part
          FROM sqlite_master m, pragma_index_list(m.name) i, pragma_index_info(i.name) c
         WHERE m.type = 'table' AND c.seqno = 0 AND NOT i.partial"""
        if dialect() == "sqlite"
        else """
        SELECT i.indrelid::regclass::text AS it, a.attname AS part
          FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         WHERE i.indpred IS NULL"""
    )
    return {(one["it"], one["part"]) for one in await rows(query)}
