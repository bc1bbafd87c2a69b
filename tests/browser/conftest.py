"""The platform as a newcomer starts it, in a process of its own with its demonstration world, and a real Chromium."""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser.seen import watch
from tests.conftest import RUN

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "violette-tracteur-nuage-42"

expect.set_options(timeout=20_000)  # a machine of two busy cores is slow; what never comes still fails


@dataclass
class Platform:
    """A running platform."""

    address: str
    environment: dict[str, str]
    output: Path

    def deposit(self, folder: Path) -> subprocess.CompletedProcess[str]:
        """`peps deposit`, from another process, as an operator would run it."""
        return subprocess.run(
            [sys.executable, "-m", "backend.cli", "deposit", str(folder)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@contextlib.contextmanager
def started(data_dir: Path, **settings: str) -> Iterator[Platform]:
    """`peps run` on a free port, on its own small demonstration world, until it is ready; stopped as by Ctrl-C."""
    shutil.copytree(_demonstration(), data_dir)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**_environment(data_dir), "PORT": str(port), "PYTHONUNBUFFERED": "1", **settings}
    output = data_dir.parent / f"{data_dir.name}.log"
    with output.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "backend.cli", "run"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            until = time.monotonic() + 90
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"{address}/health/ready", timeout=5).status_code == 200:
                        break
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the platform did not start:\n{output.read_text()}")
                time.sleep(0.05)
            yield Platform(address, environment, output)
        finally:
            process.send_signal(2)
            process.wait(timeout=20)


def _environment(data_dir: Path) -> dict[str, str]:
    ours = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "SMTP_URL", "PUBLIC_URL"}}
    return {**ours, "DATA_DIR": str(data_dir)}


def _demonstration() -> Path:
    """The data of a platform that was just started for the first time: made once in a run of the tests, then copied."""
    made = Path(os.environ[RUN]) / "demonstration"
    with (made.parent / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be making it
        if not made.exists():
            making = made.with_name("demonstration-being-made")
            subprocess.run(
                [sys.executable, "-m", "backend.cli", "demo"],
                cwd=ROOT, env=_environment(making), check=True, capture_output=True,
            )  # fmt: skip
            making.rename(made)
    return made


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """One platform for all browser tests of a worker, on the small demonstration world."""
    with started(tmp_path_factory.mktemp("platform") / "data") as running:
        yield running


def playwright_scope(fixture_name: str, config: pytest.Config) -> Literal["session", "module"]:
    """Playwright keeps an event loop running in this thread: it must be gone before tests that begin one."""
    alone = bool(config.args) and all("tests/browser" in one for one in config.args)
    return "session" if alone else "module"


@pytest.fixture(scope=playwright_scope)
def playwright_driver() -> Iterator[Playwright]:
    """Playwright."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope=playwright_scope)
def chromium(playwright_driver: Playwright, chromium_executable: str) -> Iterator[Browser]:
    """A headless Chromium that asks nothing of other hosts."""
    browser = playwright_driver.chromium.launch(
        executable_path=chromium_executable,
        args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
    )
    yield browser
    browser.close()


_LOG_IN = "mutation($input: LogInInput!) { logIn(input: $input) { viewer { __typename } } }"


@dataclass
class Window:
    """A page of its own, and what went wrong in it."""

    page: Page
    platform: Platform
    complaints: list[str]
    elsewhere: list[str]

    def open(self, path: str) -> Page:
        """Go to a path of the platform."""
        self.page.goto(self.platform.address + path)
        return self.page

    def sign_in(self, identifier: str, password: str = PASSWORD, path: str = "/connexion") -> Page:
        """Be signed in, and where the sign-in screen leads; by that screen if it has more to ask or to say."""
        given = {"identifier": identifier, "password": password, "transport": "COOKIE"}
        answer = self.page.context.request.post(
            f"{self.platform.address}/graphql",
            data={"query": _LOG_IN, "variables": {"input": given}},
            headers={"origin": self.platform.address},
        ).json()["data"]["logIn"]
        if answer["viewer"] is None:
            return self.sign_in_by_hand(identifier, password, path)
        page = self.open(path)
        page.get_by_role("navigation").first.wait_for()
        return page

    def sign_in_by_hand(self, identifier: str, password: str = PASSWORD, path: str = "/connexion") -> Page:
        """Sign in as a person would."""
        page = self.open(path)
        page.get_by_label("Identifiant").fill(identifier)
        page.get_by_label("Mot de passe", exact=True).fill(password)
        page.get_by_role("button", name="Se connecter").click()
        page.get_by_role("navigation").first.wait_for()
        return page


@pytest.fixture(params=[1280, 360], ids=["1280", "360"])
def width(request: pytest.FixtureRequest) -> int:
    """The width of the screen, in CSS pixels."""
    return int(request.param)


@pytest.fixture
def window(chromium: Browser, platform: Platform, width: int) -> Iterator[Window]:
    """A window at each width; the test fails on an error of the console, or a request to another host."""
    context: BrowserContext = chromium.new_context(
        viewport={"width": width, "height": 800}, locale="fr-FR", timezone_id="Europe/Paris"
    )
    page = context.new_page()
    made = Window(page, platform, [], [])
    watch(page)
    page.on("console", lambda message: _complain(made, message))
    page.on("pageerror", lambda error: made.complaints.append(str(error)))
    page.on("request", lambda request: _note(made, request.url))
    yield made
    context.close()
    assert made.complaints == []
    assert made.elsewhere == []


def letter_links(page: Page) -> Locator:
    """The letters of the list that a page shows, each by its link; not the link to those withdrawn, under the list."""
    return page.get_by_role("main").locator("a[href^='/courriers/']:not([href='/courriers/retires'])")


def until_no_dialog(page: Page) -> None:
    """Wait until a dialog is gone, not only closed: in between, a key that opens it again is lost."""
    expect(page.locator("dialog")).to_have_count(0)


def _complain(window: Window, message: ConsoleMessage) -> None:
    if message.type == "error" and message.location.get("url", "").startswith(window.platform.address):
        window.complaints.append(f"{message.text} {message.location}")


def _note(window: Window, url: str) -> None:
    address = window.platform.address
    # The browser's own PDF viewer is made of chrome: pages.
    if not url.startswith((address, address.replace("http", "ws", 1), "data:", "blob:", "chrome")):
        window.elsewhere.append(url)
