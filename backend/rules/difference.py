"""What changed between two texts, word by word (R-CGU-03): bounded in time, whatever the texts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

KEPT = "KEPT"
ADDED = "ADDED"
REMOVED = "REMOVED"

MOST_COMPARED = 1_000_000
"""Pairs of words (or of paragraphs) looked at in one place; a passage with more is shown removed, then added."""

_WORDS = re.compile(r"\w+(?:[’'-]\w+)*|\s+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A passage that was kept, added or removed."""

    kind: str
    text: str


@lru_cache(maxsize=32)
def between(before: str, after: str) -> tuple[Piece, ...]:
    """The passages of both texts in the order in which one reads them.

    What is kept and added makes the text after; what is kept and removed, the text before.
    """
    found: list[Piece] = []
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for kind, gone, come in _compared(old, new):
        if kind == KEPT:
            found.append(Piece(KEPT, "".join(gone)))
        else:
            found += _words("".join(gone), "".join(come))
    return tuple(_merged(found))


def _words(before: str, after: str) -> Iterator[Piece]:
    passages = list(_compared(_WORDS.findall(before), _WORDS.findall(after)))
    for place, (kind, gone, come) in enumerate(passages):
        inside = 0 < place < len(passages) - 1
        # A lone article or comma between two changes would chop the sentence: it belongs to both.
        alone = kind == KEPT and inside and sum(one[0].isalnum() for one in gone) < 2 and "\n" not in "".join(gone)
        if kind == KEPT and not alone:
            yield Piece(KEPT, "".join(gone))
        else:
            yield Piece(REMOVED, "".join(gone))
            yield Piece(ADDED, "".join(come))


def _compared(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    if len(before) * len(after) > MOST_COMPARED:
        yield REMOVED, before, after
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield (KEPT if tag == "equal" else REMOVED), before[i1:i2], after[j1:j2]


def _merged(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Neighbours of a kind joined; between two passages kept, what was removed comes before what was added."""
    removed, added, kept = "", "", ""
    for one in pieces:
        if one.kind == KEPT:
            if removed:
                yield Piece(REMOVED, removed)
            if added:
                yield Piece(ADDED, added)
            removed, added, kept = "", "", kept + one.text
            continue
        if kept and one.text:
            yield Piece(KEPT, kept)
            kept = ""
        removed, added = (removed + one.text, added) if one.kind == REMOVED else (removed, added + one.text)
    for kind, text in ((KEPT, kept), (REMOVED, removed), (ADDED, added)):
        if text:
            yield Piece(kind, text)
