"""One PostgreSQL database for many tests, emptied before each: a database for each takes a second to make and drop."""

import asyncio
from collections.abc import Callable

import asyncpg
import pytest

_EMPTY = """
DO $$ DECLARE one text; BEGIN
  SET LOCAL session_replication_role = replica;  -- append-only tables too
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'tortoise%' LOOP
    EXECUTE format('DELETE FROM %I', one);
  END LOOP;
END $$
"""


@pytest.fixture(scope="session")
def shared_postgres_url(postgres_template: str, postgres_empty: Callable[..., str]) -> str:
    """A migrated database that tests use one after the other."""
    return postgres_empty(postgres_template)


@pytest.fixture
def postgres_url(shared_postgres_url: str) -> str:
    """The same, with no row in it."""

    async def empty() -> None:
        connection = await asyncpg.connect(shared_postgres_url)
        try:
            await connection.execute(_EMPTY)
        finally:
            await connection.close()

    asyncio.run(empty())
    return shared_postgres_url
