"""The guides, as pages: files of the repository, read and rendered once (R-GUI-01).

What a file says is text: raw HTML in it is shown, not obeyed, and only links that lead somewhere harmless are links. So
nothing has to be taken out of a page afterwards.
"""

import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from backend.database.text import fold

_PACKAGE = Path(__file__).parent.parent / "guides"
_REPOSITORY = Path(__file__).parent.parent.parent / "docs"
AROUND = 90
"""Characters shown on each side of what was found."""


@dataclass(frozen=True)
class Section:
    """A section of a guide, and the anchor that leads to it."""

    anchor: str
    title: str


@dataclass(frozen=True)
class Guide:
    """A guide: `body` is HTML, `text` what it says in words."""

    slug: str
    title: str
    audience: str
    about: str
    updated_on: date
    body: str
    sections: tuple[Section, ...]
    text: str


@dataclass(frozen=True)
class Found:
    """A guide, with where the words sought are in it."""

    guide: Guide
    extract: str | None = None


def folder() -> Path:
    """Where the files are: in the installed package, or in the repository."""
    return _PACKAGE if _PACKAGE.is_dir() else _REPOSITORY / "guides"


def pictures() -> Path:
    """Where their pictures are."""
    return _PACKAGE / "images" if _PACKAGE.is_dir() else _REPOSITORY / "images" / "guides"


@cache
def every() -> tuple[Guide, ...]:
    """All of them, in the order of their list."""
    listed = tomllib.loads((folder() / "guides.toml").read_text(encoding="utf-8"))
    return tuple(_read(slug, said) for slug, said in listed.items())


def one(slug: str) -> Guide | None:
    """A guide by its name."""
    return next((guide for guide in every() if guide.slug == slug), None)


def search(audience: str | None, words: str) -> list[Found]:
    """The guides for somebody, or for all, that hold every word; accents and case do not count."""
    sought = fold(words).split()
    return [
        Found(guide, _extract(guide, sought))
        for guide in every()
        if audience in (None, guide.audience) and all(word in _folded(guide) for word in sought)
    ]


@cache
def _folded(guide: Guide) -> str:
    return fold(f"{guide.title} {guide.about} {guide.text}")


def _extract(guide: Guide, sought: Sequence[str]) -> str | None:
    """The words around the first one that was found, cut between words."""
    if not sought:
        return None
    text = guide.text
    # Folding changes lengths: each place of the text is looked at as it is folded.
    at = next((place for place in _words(text) if fold(text[place:]).startswith(sought[0])), None)
    if at is None:
        return None
    start = 0 if at <= AROUND else text.rfind(" ", 0, at - AROUND) + 1
    end = text.find(" ", at + AROUND)
    return ("… " if start else "") + text[start : None if end < 0 else end] + ("" if end < 0 else " …")


def _words(text: str) -> list[int]:
    """Where words begin."""
    return [place for place in range(len(text)) if text[place].isalnum() and not (place and text[place - 1].isalnum())]


# ---------------------------------------------------------------- from a file to a page


def _read(slug: str, said: dict[str, Any]) -> Guide:
    markdown = MarkdownIt("commonmark", {"html": False, "xhtmlOut": True}).enable("table")
    tokens = markdown.parse((folder() / f"{slug}.md").read_text(encoding="utf-8"))
    title = _plain(tokens[1])
    tokens = tokens[3:]
    sections = _anchor(tokens)
    for token in _all(tokens):
        _lead(token)
    return Guide(
        slug=slug,
        title=title,
        audience=said["audience"],
        about=said["about"],
        updated_on=said["updated"],
        body=str(markdown.renderer.render(tokens, markdown.options, {})),
        sections=sections,
        text=" ".join(_plain(token) for token in tokens if token.type in {"inline", "fence"}),
    )


def _anchor(tokens: Sequence[Token]) -> tuple[Section, ...]:
    """Name the headings, as GitHub and others do; those of sections are given."""
    sections, made = [], list[str]()
    for token, inside in pairwise(tokens):
        if token.type != "heading_open":
            continue
        title = _plain(inside)
        name = "".join(
            "-" if one == " " else one for one in title.lower() if one in " -_" or unicodedata.category(one)[0] in "LN"
        )
        anchor = f"{name}-{earlier}" if (earlier := made.count(name)) else name
        made.append(name)
        token.attrSet("id", anchor)
        token.attrSet("tabindex", "-1")
        if token.tag == "h2":
            sections.append(Section(anchor, title))
    return tuple(sections)


def _plain(token: Token) -> str:
    if not token.children:
        return token.content.replace("\n", " ").strip()
    said = (" " if one.type in {"softbreak", "hardbreak"} else one.content for one in token.children)
    return "".join(said).strip()


def _all(tokens: Sequence[Token]) -> list[Token]:
    return [each for token in tokens for each in (token, *_all(token.children or ()))]


def _lead(token: Token) -> None:
    """Links to another guide, and pictures, by their addresses here."""
    if token.type == "link_open":
        path, _, anchor = str(token.attrGet("href")).partition("#")
        if path.endswith(".md") and "/" not in path:
            token.attrSet("href", f"/guides/{path.removesuffix('.md')}" + (f"#{anchor}" if anchor else ""))
    elif token.type == "image":
        token.attrSet("src", f"/guides/images/{Path(str(token.attrGet('src'))).name}")
        token.attrSet("loading", "lazy")
