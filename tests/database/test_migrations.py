"""Finding B: migrations keep what is stored, forward and backward; finding C: they and the models say the same."""

import asyncio
import importlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError, OperationalError
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.schema_generator.state import State
from tortoise.transactions import in_transaction

from backend import models
from backend.database import close_database, configuration, dialect, execute, open_database, rows
from backend.database.migrate import migrate, pending
from backend.database.operations import AddChecks, DialectSQL
from tests.database.catalogue import Catalogue, catalogue, columns, indexed_columns, last_numbers
from tests.database.world import NOON, WORLD, Row, contents, fill, insert

NAMES = sorted(path.stem for path in Path(models.__path__[0], "migrations").glob("0*.py"))
NOTHING = "__first__"

UNINDEXED = {
    ("courriers", "acknowledged_by_id"): "accounts are not deleted while they acknowledged a courrier: nobody looks",
    ("courriers", "deposited_by_client_id"): "clients are revoked, not deleted",
    ("courriers", "deposited_by_id"): "operators' accounts are not deleted",
    ("courriers", "first_opened_by_id"): "as for acknowledged_by_id",
    ("courriers", "replaces_id"): "the partial index courriers_replaced_once serves any lookup",
    ("courriers", "withdrawn_by_id"): "operators' accounts are not deleted",
    ("inbox_counts", "fund_id"): "funds are not deleted",
    ("deposit_contents", "establishment_id"): "establishments are not deleted; contents live until published",
    ("deposit_contents", "fund_id"): "funds are not deleted",
    ("deposit_contents", "type_id"): "types are not deleted",
}
"""Foreign keys without an index of their own: 600,000 courriers pay for each index. Table and column -> why."""


@asynccontextmanager
async def opened(url: str, *, foreign_keys: bool = True) -> AsyncIterator[None]:
    await open_database(url, foreign_keys=foreign_keys)
    try:
        yield
    finally:
        await close_database()


async def fill_what_exists() -> None:
    """The valid rows, in the columns that the database has at this point; and numbers given to rows long gone."""
    there = await columns()
    for table, both in WORLD.items():
        for row in both if table in there else ():
            await insert(table, {name: value for name, value in row.items() if name in there[table]})
        if table == "users" and "inboxes" in there:
            await execute("DELETE FROM inboxes")  # made by a trigger; the rows of this world come in their turn
    if dialect() == "sqlite":
        await execute("UPDATE sqlite_sequence SET seq = 4000")
    else:
        for one in await rows("SELECT sequencename AS name FROM pg_sequences"):
            await rows("SELECT setval($1::text::regclass, 4000)", [f'"{one["name"]}"'])


async def everything(of: dict[str, list[str]]) -> dict[str, list[Row]]:
    """All rows, of the columns named; but since when the past is kept, which a migration says where there are some."""
    kept = {table: await contents(table, names) for table, names in of.items()}
    kept["platform_facts"] = [one for one in kept["platform_facts"] if one["name"] != "past_kept_since"]
    return kept


@pytest.fixture(scope="module")
def drawn() -> dict[MigrationKey, State]:
    """The models' state before each migration."""
    return {}


@pytest.fixture
def states_drawn_once(monkeypatch: pytest.MonkeyPatch, drawn: dict[MigrationKey, State]) -> None:
    """Tortoise draws the models’ states from nothing at each step, for seconds; they depend on what is applied only."""
    draw = MigrationExecutor._project_state_cache

    async def before_each(executor: MigrationExecutor, applied: set[MigrationKey]) -> dict[MigrationKey, State]:
        if not drawn:
            drawn.update(await draw(executor, set(executor._full_plan())))
        return {key: drawn[key] for key in applied}

    async def now(executor: MigrationExecutor, applied: set[MigrationKey]) -> State:
        following = next(key for key in executor._full_plan() if key not in applied)
        return (await before_each(executor, {following}))[following].clone()

    monkeypatch.setattr(MigrationExecutor, "_project_state_cache", before_each)
    monkeypatch.setattr(MigrationExecutor, "_project_state", now)


@pytest.mark.usefixtures("states_drawn_once")
async def test_each_migration_keeps_every_row_and_can_be_undone(empty_database_url: str) -> None:
    url = empty_database_url
    await migrate(url, NAMES[0])
    async with opened(url):
        await fill_what_exists()
        made: list[Catalogue] = [await catalogue()]
        there = await columns()
        kept, numbers = await everything(there), await last_numbers()
    assert set(numbers.values()) == {4000}

    for name in NAMES[1:]:
        assert await migrate(url, name) == [name]
        async with opened(url):
            assert await everything(there) == kept, name
            assert (await last_numbers()).items() >= numbers.items(), name
            made.append(await catalogue())
            assert set(made[-1]["index"]) >= set(made[-2]["index"]), name

    for name, before in zip(reversed(NAMES[:-1]), reversed(made[:-1]), strict=True):
        await migrate(url, name)
        async with opened(url):
            assert await catalogue() == before, name
            assert await everything(there) == kept, name
            assert (await last_numbers()).items() >= numbers.items(), name

    await migrate(url, NOTHING)
    async with opened(url):
        assert await columns() == {}
    await migrate(url)
    async with opened(url):
        assert await catalogue() == made[-1]


async def test_there_is_nothing_left_to_migrate_afterwards(empty_database_url: str) -> None:
    async with opened(empty_database_url):
        assert await pending() == NAMES
    assert await migrate(empty_database_url) == NAMES
    assert await migrate(empty_database_url) == []
    async with opened(empty_database_url):
        assert await pending() == []


async def test_a_migration_that_fails_leaves_everything_as_it_was(empty_database_url: str) -> None:
    await migrate(empty_database_url, NAMES[0])
    async with opened(empty_database_url):
        await fill_what_exists()
        await execute("UPDATE terms SET body_sha256 = 'short'")  # that the second migration cannot accept
        before, kept = await catalogue(), await everything(await columns())
    with pytest.raises(IntegrityError, match="terms_body_sha256"):
        await migrate(empty_database_url)
    async with opened(empty_database_url):
        assert await catalogue() == before
        assert await everything(await columns()) == kept
        assert await pending() == NAMES[1:]


async def test_a_first_migration_that_fails_leaves_nothing(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All migrations run in one transaction: those before the one that fails are undone with it."""
    broken = importlib.import_module(f"backend.models.migrations.{NAMES[-1]}").Migration
    no = ["SELECT nothing FROM nowhere"]
    fails = DialectSQL(sqlite=no, postgres=no, sqlite_backward=no, postgres_backward=no)
    monkeypatch.setattr(broken, "operations", [*broken.operations, fails])
    with pytest.raises(OperationalError):
        await migrate(empty_database_url)
    async with opened(empty_database_url):
        assert await columns() == {}
        assert await pending() == NAMES


async def test_a_migration_that_would_break_a_reference_is_refused(tmp_path: Path) -> None:
    """SQLite only: PostgreSQL enforces foreign keys while it migrates."""
    url = f"sqlite:///{tmp_path / 'broken.sqlite3'}"
    await migrate(url, NAMES[0])
    async with opened(url, foreign_keys=False):
        await insert("recovery_codes", WORLD["recovery_codes"][0])  # of a user who does not exist
    with pytest.raises(RuntimeError, match="1 references, first in recovery_codes"):
        await migrate(url)
    async with opened(url):
        assert await pending() == NAMES[1:]


async def test_rebuilding_a_table_keeps_its_children_and_what_guards_it(database_url: str) -> None:
    """On SQLite the table is dropped on the way: its children ON DELETE CASCADE went with it (finding B)."""
    checks = AddChecks("courriers", {"courriers_short": "length(subject) < 99", "courriers_face": "reference <> ')'"})
    async with opened(database_url, foreign_keys=False):
        await fill()
        there = await columns()
        kept, before = await everything(there), await catalogue()
        async with in_transaction() as client:
            editor: Any = SimpleNamespace(client=client, collect_sql=False)
            await checks.database_forward("peps", None, None, editor)
            assert await everything(there) == kept
        with_checks = await catalogue()
        async with in_transaction() as client:
            await checks.database_backward("peps", None, None, SimpleNamespace(client=client, collect_sql=False))
        assert await catalogue() == before
        assert await everything(there) == kept
    for kind in ("index", "trigger"):
        assert with_checks[kind] == before[kind]
    assert with_checks != before


async def test_two_processes_migrate_at_once_and_one_does_it(empty_database_url: str) -> None:
    program = "import asyncio, json, sys; from backend.database.migrate import migrate; "
    program += "print(json.dumps(asyncio.run(migrate(sys.argv[1]))))"
    both = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, empty_database_url, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(2)
    ]
    answers = [json.loads((await one.communicate())[0]) for one in both]
    assert [one.returncode for one in both] == [0, 0]
    assert sorted(answers) == [[], NAMES]


async def test_models_and_migrations_agree() -> None:
    settings = configuration("sqlite://")
    async with TortoiseContext() as context:
        await context.init(config=settings, init_connections=False)
        changes = await MigrationAutodetector(context.apps, settings["apps"]).changes()
    assert [operation for change in changes for operation in change.operations] == []


async def test_the_database_has_the_columns_of_the_models(database: str) -> None:
    metas = [getattr(models, name)._meta for name in models.__all__]
    assert await columns() == {meta.db_table: sorted(meta.fields_db_projection.values()) for meta in metas}


async def test_every_foreign_key_has_an_index_or_a_reason(database: str) -> None:
    """Without one, deleting a row reads the whole of each table that refers to it."""
    foreign = {
        (meta.db_table, str(field.source_field))
        for meta in (getattr(models, name)._meta for name in models.__all__)
        for field in meta.fields_map.values()
        if isinstance(field, ForeignKeyFieldInstance)
    }
    assert foreign - await indexed_columns() == set(UNINDEXED)


async def test_what_was_before_the_past_was_kept_is_told_from_the_journal(empty_database_url: str) -> None:
    """R-JRN-04: rights, memberships, accounts and models that ended before, as far as the journal says so."""
    url = empty_database_url
    await migrate(url, NAMES[NAMES.index("0017_past") - 1])
    day = 86_400_000_000
    async with opened(url):
        await fill_what_exists()
        await execute(
            "UPDATE users SET created_at = $1, password_hash = 'x', expires_on = '2099-01-01'", [NOON - 100 * day]
        )
        code = (await rows("SELECT code FROM services WHERE id = 1"))[0]["code"]
        for number, (action, subject, said) in enumerate(
            (
                ("password.set", 2, {}),
                ("right.changed", 2, {"changes": {code: ["NONE", "READ"]}}),
                ("right.changed", 2, {"changes": {code: ["READ", "NONE"]}}),
                ("right.changed", 1, {"changes": {code: ["MODIFY", "NONE"]}}),
                ("delegation.members_changed", 1, {"facts": {"added": [2], "removed": []}}),
                ("delegation.members_changed", 1, {"facts": {"added": [], "removed": [2]}}),
                ("user.profile_changed", 1, {"changes": {"profile": ["USER", "ADMINISTRATOR"]}}),
                ("courrier_type.defined", 1, {"changes": {"service_id": [2, 1]}}),
                ("right.changed", 2, None),
            ),
            start=10,
        ):
            await execute(
                "INSERT INTO audit_events (id, occurred_at, action, subject_type, subject_id, detail_hash, "
                "previous_hash, hash) VALUES ($1, $2, $3, 'Any', $4, $5, $6, $7)",
                [number, NOON + number * day, action, subject, "a" * 64, f"{number - 1:064d}", f"{number:064d}"],
            )
            if said is not None:  # erased with its account, otherwise
                body = json.dumps({"changes": {}, "facts": {}, **said})
                await execute(
                    "INSERT INTO audit_details (id, event_id, salt, body) VALUES ($1, $1, 's', $2)", [number, body]
                )
    assert "0017_past" in await migrate(url)
    async with opened(url):
        told = {
            table: [tuple(one.values())[1:] for one in await rows(f"SELECT * FROM {table} ORDER BY id")]
            for table in ("past_rights", "past_members", "past_accounts", "past_type_services")
        }
        since = await rows("SELECT id, in_use_since FROM users WHERE in_use_since IS NOT NULL ORDER BY id")
        assert len(await rows("SELECT value FROM platform_facts WHERE name = 'past_kept_since'")) == 1
    assert [sorted(map(str, one)) for one in told["past_rights"]] == [
        sorted(map(str, (2, 1, 1, NOON + 11 * day, NOON + 12 * day))),
        sorted(map(str, (1, 1, 2, NOON - 100 * day, NOON + 13 * day))),
    ]
    assert [sorted(one) for one in told["past_members"]] == [sorted((1, 2, NOON + 14 * day, NOON + 15 * day))]
    assert [NOON + 17 * day in one for one in told["past_type_services"]] == [True]
    assert {one["id"]: one["in_use_since"] for one in since if one["id"] == 1} == {1: NOON + 16 * day}
    assert any(NOON + 16 * day in one for one in told["past_accounts"])
