"""Text as it is compared: without accents, case or ligatures, the same on both engines."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "’": "'", "\0": ""})
LONGEST = 200
_SPACES = re.compile(r"\s+")


def fold(text: str) -> str:
    """`« L’Échéance  Cœur »` as `« l'echeance coeur »`: for columns that are searched and sorted.

    Without NUL either, which PostgreSQL refuses in a text.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return _SPACES.sub(" ", bare.casefold().translate(_LIGATURES)).strip()


def like(words: str) -> str:
    """A folded LIKE pattern that finds `words` anywhere, with `%`, `_` and the escape `!` themselves escaped.

    To be used as `column LIKE $1 ESCAPE '!'`. What follows the first 200 characters does not count: SQLite refuses long
    patterns.
    """
    escaped = fold(words[:LONGEST])[:LONGEST].replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{escaped}%"
