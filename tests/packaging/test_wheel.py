"""The wheel: everything the platform needs, on a machine that has neither the repository nor Node.js."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from email.parser import HeaderParser
from pathlib import Path

import pytest

import backend

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.packaging


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this tree by what is installed here."""
    folder = tmp_path_factory.mktemp("wheel")
    quietly(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT))
    (made,) = folder.glob("*.whl")
    return made


def quietly(*command: str) -> None:
    """Run a command that must go well; what it says is shown if it does not."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_application_that_people_see(wheel: Path, names: set[str]) -> None:
    with zipfile.ZipFile(wheel) as archive:
        page = archive.read("backend/static/index.html").decode()
    assets = {name for name in names if name.startswith("backend/static/assets/")}
    assert [name for name in assets if Path(name).name in page], "the page asks for none of the assets"
    built = (path for path in (ROOT / "frontend" / "dist").rglob("*") if path.is_file() and path.name[0] != ".")
    missing = {f"backend/static/{path.relative_to(ROOT / 'frontend' / 'dist').as_posix()}" for path in built} - names
    assert missing == set()


def test_the_wheel_holds_all_of_the_backend_and_nothing_else(names: set[str]) -> None:
    """Migrations, templates of letters and of mails, and data are files like any other."""
    told = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "backend"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    ours = {name for name in told.stdout.split("\n") if name and (ROOT / name).exists()}
    assert ours - names == set()
    assert "backend/models/migrations/0001_initial.py" in names
    others = {name for name in names - ours if not name.startswith(("backend/static/", "backend/guides/", "peps-"))}
    assert others == set()


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = HeaderParser().parsestr(archive.read(metadata).decode())
        commands = archive.read(metadata.replace("METADATA", "entry_points.txt")).decode()
        licences = [name for name in archive.namelist() if name.endswith("licenses/LICENCE")]
    assert (told["Name"], told["Version"]) == ("peps", backend.__version__)
    assert told["License-Expression"] == "EUPL-1.2"
    assert told["Requires-Python"] == ">=3.11"
    assert "peps = backend.cli:main" in commands
    assert len(licences) == 1


def test_what_the_wheel_asks_for_is_what_is_locked(wheel: Path) -> None:
    """Every package the code needs is in requirements/run.in, with a hash in run.txt, and the other way round."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        told = HeaderParser().parsestr(archive.read(metadata).decode())
    asked = [Requirement(one) for one in told.get_all("Requires-Dist", [])]
    lines = (line.split("#")[0].strip() for line in (ROOT / "requirements" / "run.in").read_text().splitlines())
    assert {canonicalize_name(one.name) for one in asked} == {
        canonicalize_name(Requirement(one).name) for one in lines if one
    }
    locked = dict(
        line.split(" ")[0].split("==")
        for line in (ROOT / "requirements" / "run.txt").read_text().splitlines()
        if "==" in line
    )
    assert [str(one) for one in asked if not one.specifier.contains(locked[canonicalize_name(one.name)])] == []


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A server, ended by SIGTERM, which it must obey within ten seconds."""
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield server
    except BaseException:
        server.kill()
        raise
    else:
        server.send_signal(signal.SIGTERM)
    finally:
        server.wait(10)


def get(address: str, server: subprocess.Popen[bytes], log: Path) -> bytes:
    """What the address answers, once the server answers 200 there; AssertionError with its log after a minute."""
    for _ in range(3000):
        assert server.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return bytes(response.read())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
    raise AssertionError(f"{address} does not answer:\n{log.read_text()}")


def test_an_installed_wheel_runs_without_the_repository_and_without_node(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    python = str(venv / "bin" / "python")
    install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    quietly(sys.executable, "-m", "venv", str(venv))
    quietly(*install, "--require-hashes", "-r", str(ROOT / "requirements" / "run.txt"))
    quietly(*install, "--no-deps", "--no-index", str(wheel))
    quietly(python, "-m", "pip", "check", "--quiet")

    port = free_port()
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    environment = {
        "PATH": str(venv / "bin"),
        "HOME": str(folder),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "PORT": str(port),
        "DATA_DIR": str(folder / "data"),
        "DEMO": "none",
    }
    with running([str(venv / "bin" / "peps"), "run"], folder, environment) as server:
        log = folder / "log"
        get(f"http://127.0.0.1:{port}/health/ready", server, log)
        assert b"<html" in get(f"http://127.0.0.1:{port}/", server, log)
    assert server.returncode in {0, -signal.SIGTERM}
    assert sorted(path.name for path in folder.iterdir()) == ["data", "log"]
