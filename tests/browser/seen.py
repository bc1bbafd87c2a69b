"""What is asserted of any page by looking at it: what axe finds, whether it scrolls sideways; and its picture."""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_FOLDER = Path(__file__).parent / "screenshots"
_AXE = Axe().axe_script
# Only what is wrong comes back: what axe finds right of a page is a hundred times longer.
_RUN = """async (options) => (await axe.run(document, { resultTypes: ['violations'], ...options })).violations
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)"""


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
