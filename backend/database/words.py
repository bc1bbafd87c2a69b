"""The words of letters, as they are searched: cut, folded and stemmed here, so that both engines answer the same.

Each engine then keeps them its own way, in `courrier_words`: SQLite an FTS5 table, PostgreSQL a `tsvector` under a GIN
index. What is kept of a letter: where it was addressed (so that one establishment's search is never over everybody's
letters), the words of its subject and reference (its title), those of its PDF, and the stems that differ from them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from backend import database as db
from backend.database.text import fold

LONGEST_TEXT = 100_000
"""Characters of a PDF's text that are searched: some 35 pages."""

MOST_WORDS = 16_000
"""Words of a text that are searched: PostgreSQL tells no further positions apart."""

LONGEST_WORD = 64
"""Letters of a word that count."""

BREAK = "¶"
"""Stands between subject and reference, so that no phrase runs from the one into the other. No query has it."""

_WORD = re.compile(r"[^\W_]+")
_LAST_POSITION = 16_383
_SHORTEST_STEM = 3


def words(text: str) -> list[str]:
    """`« L’Échéance n° 7 »` as `["l", "echeance", "no", "7"]`: runs of letters and digits, folded."""
    return [one[:LONGEST_WORD] for one in _WORD.findall(fold(text.replace("\u00ad", "")))]


def spans(text: str) -> Iterable[re.Match[str]]:
    """The words of a text as they are written there, to be shown."""
    return _WORD.finditer(text)


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """What the forms of a folded word share: plurals, feminines, participles and infinitives in -er.

    After the minimal stemmer of J. Savoy (« A stemming procedure and stopword list for general French corpora », 1999),
    with a shortest stem instead of a shortest word, so that `titre` and `titres` meet.
    """
    if not (word.isalpha() and word.isascii()):
        return word
    if word.endswith("aux") and len(word) > 5:
        return word[:-1] if word.endswith("eaux") else word[:-2] + "l"
    word = _without(word, "x") if word.endswith("eux") else _without(word, "s")
    if word.endswith("iere"):
        word = word[:-1]
    word = _without(word, "er")
    word = _without(_without(word, "e"), "e")
    if word.endswith("iv"):
        return word[:-1] + "f"
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] == word[-2] else word


def _without(word: str, ending: str) -> str:
    return word.removesuffix(ending) if len(word) - len(ending) >= _SHORTEST_STEM else word


@dataclass(frozen=True)
class Letter:
    """What is to be found of a letter."""

    courrier_id: int
    establishment_id: int
    subject: str
    reference: str
    text: str | None = None


def title_of(letter: Letter) -> list[str]:
    """The words of its subject and of its reference."""
    return [*words(letter.subject), BREAK, *words(letter.reference)]


def text_of(letter: Letter) -> list[str]:
    """The words of its PDF."""
    return words((letter.text or "")[:LONGEST_TEXT])[:MOST_WORDS]


async def keep(letters: Sequence[Letter]) -> None:
    """Make letters findable, or make anew what is found of them; inside the transaction that wrote them."""
    if not letters:
        return
    if db.dialect() == "postgres":
        await db.execute_many(
            "INSERT INTO courrier_words (courrier_id, words) VALUES ($1, CAST($2 AS TEXT)::tsvector) "
            "ON CONFLICT (courrier_id) DO UPDATE SET words = EXCLUDED.words",
            [(one.courrier_id, vector(one)) for one in letters],
        )
    else:
        await db.execute_many(
            "REPLACE INTO courrier_words (rowid, place, title, title_stems, text, text_stems) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            [_columns(one) for one in letters],
        )


def place(establishment_id: int) -> str:
    """The word that says to whom a letter is addressed."""
    return f"e{establishment_id}"


EVERYWHERE = "all"
"""The word of every letter, on SQLite: FTS5 must have something to exclude from."""


def _columns(letter: Letter) -> tuple[int, str, str, str, str, str]:
    title, text = title_of(letter), text_of(letter)
    where = f"{place(letter.establishment_id)} {EVERYWHERE}"
    return letter.courrier_id, where, " ".join(title), _stems(title), " ".join(text), _stems(text)


def _stems(found: Sequence[str]) -> str:
    """Each stem that differs from its word, once."""
    return " ".join(dict.fromkeys(stem(one) for one in found if stem(one) != one))


def vector(letter: Letter) -> str:
    """The `tsvector`: words with their positions, `=stem` where it differs, `@place`; A is the weight of the title."""
    positions: dict[str, list[str]] = {}
    title = title_of(letter)
    for start, weight, found in ((1, "A", title), (len(title) + 2, "", text_of(letter))):
        for number, word in enumerate(found, start=start):
            at = f"{min(number, _LAST_POSITION)}{weight}"
            positions.setdefault(word, []).append(at)
            if stem(word) != word:
                positions.setdefault(f"={stem(word)}", []).append(at)
    lexemes = [f"'{word}':{','.join(at)}" for word, at in positions.items()]
    return " ".join([f"'@{place(letter.establishment_id)}'", *lexemes])
