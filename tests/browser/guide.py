"""A guide as a test walks it: by the words it quotes, each found on the screen, and with the pictures it shows.

Everything between « and » in a guide is a text of the screen. A walk presses, fills in or sees each of them while it is
in their section, and takes each picture: `finish` says what it left out. With PICTURES=1, pictures are written.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.agreements import words
from tests.browser.conftest import ROOT

GUIDES = ROOT / "docs" / "guides"
PICTURES = ROOT / "docs" / "images" / "guides"

_QUOTED = re.compile(r"«\s*(.+?)\s*»", re.DOTALL)
_PICTURE = re.compile(r"!\[([^\]]*)\]\(\.\./images/guides/([a-z0-9-]+)\.png\)")


@dataclass
class Section:
    """What a section quotes and shows, and what of it a walk has come to."""

    quotes: set[str]
    pictures: set[str]
    met: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)


class Guide:
    """A guide, and where a walk through it has come to."""

    def __init__(self, name: str) -> None:
        self.text = (GUIDES / f"{name}.md").read_text(encoding="utf-8")
        self.sections = dict(_sections(self.text))
        self._at = Section(set(), set())

    def section(self, title: str) -> None:
        """From here on, the walk is in this section."""
        self._at = self.sections[title]

    def _quoted(self, text: str) -> re.Pattern[str]:
        assert text in self._at.quotes, f"the guide does not quote « {text} » here, but {sorted(self._at.quotes)}"
        self._at.met.add(text)
        return re.compile(rf"^\s*{words(text).pattern}(?!\w)")

    def press(self, within: Page | Locator, text: str) -> None:
        """Press the button, or follow the link, that the guide names; what it says to ears only may follow."""
        begins, is_whole = self._quoted(text), re.compile(rf"^\s*{words(text).pattern}\s*$")
        _pressable(within, begins).first.wait_for()
        whole = _pressable(within, is_whole)
        (whole if whole.count() else _pressable(within, begins)).first.click()

    def fill(self, within: Page | Locator, text: str, value: str) -> None:
        """Fill in the field that the guide names."""
        within.get_by_label(self._quoted(text)).fill(value)

    def tick(self, within: Page | Locator, text: str) -> None:
        """Tick the choice that the guide names."""
        within.get_by_label(self._quoted(text)).check()

    def see(self, within: Page | Locator, *several: str) -> None:
        """See the headings, names and labels that the guide quotes."""
        for text in several:
            expect(within.get_by_text(self._quoted(text)).locator("visible=true").first).to_be_visible()

    def picture(
        self, page: Page, name: str, of: Locator | None = None, *, tallest: int = 800, header: bool = False
    ) -> None:
        """Take a picture of a part of the screen, the main one if none is said; or only see that there is one."""
        assert name in self._at.pictures, f"the guide does not show {name} here, but {sorted(self._at.pictures)}"
        self._at.taken.add(name)
        path = PICTURES / f"{name}.png"
        if os.environ.get("PICTURES"):
            PICTURES.mkdir(parents=True, exist_ok=True)
            page.wait_for_load_state("networkidle")
            page.mouse.move(0, 0)
            if of is None:
                _take_main(page, path, tallest, header=header)
            else:
                of.screenshot(path=path, animations="disabled")
        assert path.is_file(), f"{path.relative_to(ROOT)} is missing: make pictures"

    def finish(self) -> None:
        """Everything that the guide quotes was met in its section, and every picture taken."""
        left = {title: one.quotes - one.met for title, one in self.sections.items() if one.quotes - one.met}
        assert not left, f"the guide quotes what the walk did not come to: {left}"
        missing = {title: one.pictures - one.taken for title, one in self.sections.items() if one.pictures - one.taken}
        assert not missing, f"the guide shows what the walk did not take: {missing}"


def _pressable(within: Page | Locator, name: re.Pattern[str]) -> Locator:
    return within.get_by_role("button", name=name).or_(within.get_by_role("link", name=name))


def _take_main(page: Page, path: Path, tallest: int, *, header: bool) -> None:
    """The main part from its top, in a window just tall enough: what sticks to the bottom is then at the bottom.

    `header`: with what stands above it.
    """
    page.evaluate("document.activeElement?.blur(), scrollTo(0, 0)")
    box = page.get_by_role("main").bounding_box()
    assert box is not None
    top = 0 if header else box["y"]
    height = min(int(box["y"] + box["height"] - top), tallest)
    before = page.viewport_size
    assert before is not None
    page.set_viewport_size({"width": before["width"], "height": int(top) + height})
    page.screenshot(
        path=path,
        clip={"x": 0, "y": top, "width": before["width"], "height": height},
        animations="disabled",
    )
    page.set_viewport_size(before)


def _sections(text: str) -> list[tuple[str, Section]]:
    """Each section by its title; what stands before the first one is left out."""
    found = []
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        pictures = {name for _, name in _PICTURE.findall(body)}
        prose = _PICTURE.sub("", body)
        found.append((title.strip(), Section({" ".join(one.split()) for one in _QUOTED.findall(prose)}, pictures)))
    return found
