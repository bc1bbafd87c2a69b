"""These tests are many: they share one PostgreSQL database, emptied before each."""

from tests.emptied import postgres_url, shared_postgres_url

__all__ = ["postgres_url", "shared_postgres_url"]
