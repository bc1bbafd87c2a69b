"""What is asserted of any page by looking at it: what axe finds, whether it scrolls sideways; and its picture."""

import os
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request

_FOLDER = Path(__file__).parent / "screenshots"
_AXE = Axe().axe_script
# Only what is wrong comes back: what axe finds right of a page is a hundred times longer.
_RUN = """async (options) => (await axe.run(document, { resultTypes: ['violations'], ...options })).violations
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)"""


_asked: WeakKeyDictionary[Page, set[Request]] = WeakKeyDictionary()
"""What each page asks for and has not got yet."""

QUIET = 120
"""Milliseconds without anything asked for after which a page has all it wants; the browser itself waits for 500."""


def watch(page: Page) -> None:
    """Follow what a page asks for, so that it may be known when it has it all."""
    asked: set[Request] = set()
    _asked[page] = asked

    def ask(request: Request) -> None:
        asked.add(request)

    def have(request: Request) -> None:
        asked.discard(request)

    page.on("request", ask)
    page.on("requestfinished", have)
    page.on("requestfailed", have)


def wait_until_settled(page: Page) -> None:
    """Wait until a page has all it asks for, and asks for nothing more."""
    asked = _asked.get(page)
    page.wait_for_load_state("load")
    for _ in range(25 if asked is not None else 0):
        before = set(asked or ())
        page.wait_for_timeout(QUIET)
        if not before and not asked:
            return
    page.wait_for_load_state("networkidle")  # something is never told to have come: a download, a viewer's own


def assert_nothing_is_wrong(page: Page, name: str, **options: Any) -> None:
    """axe finds nothing (RGAA 4.1, as far as it goes), and nothing scrolls sideways.

    With SCREENSHOTS=1 the page's picture is kept under its `name`, to be looked at. `options` are axe's.
    """
    if os.environ.get("SCREENSHOTS"):
        _FOLDER.mkdir(exist_ok=True)
        page.screenshot(path=str(_FOLDER / f"{name}.png"), full_page=True)
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE)
    found = page.evaluate(_RUN, options)
    assert found == [], f"{name}: {found}"
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{name} scrolls sideways by {wider} pixels"
