"""What is written about the project: its links lead somewhere, its pictures are there, said in words, and light."""

import re
import unicodedata
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
HEAVIEST = 150_000
"""Bytes of a picture of a guide."""

_CODE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(<?([^)\s>]+)>?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


@cache
def text_of(page: Path) -> str:
    """A page without its examples of code."""
    return _CODE.sub("", page.read_text(encoding="utf-8"))


@cache
def anchors(page: Path) -> frozenset[str]:
    """The names of a page's headings, as GitHub and others make them."""
    made: list[str] = []
    for heading in _HEADING.findall(text_of(page)):
        plain = re.sub(r"[*`]", "", _LINK.sub(r"\2", heading)).strip().lower()
        name = "".join(
            "-" if one == " " else one for one in plain if one in " -_" or unicodedata.category(one)[0] in "LN"
        )
        made.append(f"{name}-{earlier}" if (earlier := made.count(name)) else name)
    return frozenset(made)


def dead(page: Path, root: Path = ROOT) -> list[str]:
    """The links of a page that lead nowhere in the repository."""
    found = []
    for _, _, target in _LINK.findall(text_of(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = unquote(target).partition("#")
        to = (page.parent / path).resolve() if path else page
        is_there = to.exists() and to.is_relative_to(root)
        if not is_there or (anchor and to.suffix == ".md" and anchor not in anchors(to)):
            found.append(target)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_is_dead(page: Path) -> None:  # R-GUI-01
    assert dead(page) == []


def test_a_dead_link_or_anchor_would_be_found(tmp_path: Path) -> None:
    (tmp_path / "là.md").write_text("# Là\n## Ce qu’elle permet\n## Là\n", encoding="utf-8")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](là.md) [b](là.md#ce-quelle-permet) [c](là.md#là-1) [d](#rien) [e](absent.md) [f](https://example.org) "
        "[g](là.md#ce-qu’elle-permet) ![h](absent.png) [i](../dehors.md)\n```\n[j](absent)\n```\n",
        encoding="utf-8",
    )
    assert dead(page, tmp_path) == ["#rien", "absent.md", "là.md#ce-qu’elle-permet", "absent.png", "../dehors.md"]


def pictures(page: Path) -> list[tuple[str, Path]]:
    """What is said of each picture of a page, and its file."""
    return [(said, (page.parent / to).resolve()) for mark, said, to in _LINK.findall(text_of(page)) if mark]


def test_each_picture_is_said_in_words() -> None:
    for page in PAGES:
        said = [words for words, _ in pictures(page)]
        assert all(len(words.split()) >= 4 for words in said), page
        assert len(set(said)) == len(said), f"{page} says the same of two pictures"


def test_no_picture_is_left_unused_or_heavy() -> None:
    used = {path for page in PAGES for _, path in pictures(page)}
    there = {path for path in (ROOT / "docs" / "images").rglob("*") if path.is_file()}
    assert used == there
    heavy = [path.name for path in there if path.parent.name == "guides" and path.stat().st_size > HEAVIEST]
    assert heavy == []
