"""Running the migrations: all of them in one transaction, under a lock, with foreign keys checked at the end.

Only the `migrate` command (and the first start on an embedded database) runs them: never a worker's start.
"""

from tortoise import connections
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

from backend.database import close_database, configuration, open_database

_LOCK = 6_405_001
_LATEST = "__latest__"


async def migrate(url: str, target: str = _LATEST) -> list[str]:
    """Bring a database to a migration (the latest unless told), forward or backward.

    Returns the names of the migrations run. A failure leaves the database as it was. Two at once wait for each other.
    Opens and closes the database itself: foreign keys must be off while SQLite's tables are rebuilt.
    """
    await open_database(url, foreign_keys=False)
    try:
        return await _migrate(url, target)
    finally:
        await close_database()


async def _migrate(url: str, target: str) -> list[str]:
    ran: list[str] = []
    async with in_transaction() as client:
        postgres = client.capabilities.dialect == "postgres"
        if postgres:
            await client.execute_query(f"SELECT pg_advisory_xact_lock({_LOCK})")
        executor = MigrationExecutor(client, configuration(url)["apps"])
        # Tortoise asks for the applied migrations first and swallows the error of a missing table, which on
        # PostgreSQL aborts the transaction: the table must be there before.
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
        await executor.migrate(
            [MigrationTarget("peps", target)],
            progress=lambda event, _, name: ran.append(name) if event.endswith("_done") else None,
        )
        if not postgres:
            broken = await client.execute_query_dict("PRAGMA foreign_key_check")
            if broken:
                raise RuntimeError(f"the migration would break {len(broken)} references, first in {broken[0]['table']}")
    return ran


async def pending() -> list[str]:
    """Names of the migrations this database lacks (the database being open)."""
    client = connections.get("default")
    executor = MigrationExecutor(client, configuration("sqlite://")["apps"])
    await executor.loader.build_graph()
    table = (
        "SELECT 1 AS there FROM information_schema.tables "
        "WHERE table_schema = current_schema() AND table_name = 'tortoise_migrations'"
        if client.capabilities.dialect == "postgres"
        else "SELECT 1 AS there FROM sqlite_master WHERE name = 'tortoise_migrations'"
    )
    if not await client.execute_query_dict(table):
        applied = set()
    else:
        found = await client.execute_query_dict("SELECT name FROM tortoise_migrations WHERE app = 'peps'")
        applied = {one["name"] for one in found}
    return [key.name for key in executor._full_plan() if key.name not in applied]
