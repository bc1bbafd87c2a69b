"""What changed between two texts, word by word (R-CGU-03)."""

import time
from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from backend.rules.difference import ADDED, KEPT, REMOVED, Piece, between

WORDS = st.sampled_from(
    ["les", "agents", "l’employeur", "lisent", "30", "jours", ",", ".", "«", "»", "peut-être", "\n", "\n\n", " ", "é"]
)
TEXTS = st.lists(WORDS, max_size=40).map("".join) | st.text(max_size=60)


def texts(pieces: tuple[Piece, ...]) -> tuple[str, str]:
    """The text before and the text after, put together again."""
    before = "".join(one.text for one in pieces if one.kind in {KEPT, REMOVED})
    return before, "".join(one.text for one in pieces if one.kind in {KEPT, ADDED})


@given(before=TEXTS, after=TEXTS)
def test_the_pieces_make_both_texts_again(before: str, after: str) -> None:
    pieces = between(before, after)
    assert texts(pieces) == (before, after)
    assert all(one.text for one in pieces)
    kinds = [one.kind for one in pieces]
    assert all(one != following for one, following in pairwise(kinds))
    # Between two passages kept, one reads what went, then what came.
    assert (ADDED, REMOVED) not in set(pairwise(kinds))


@given(text=TEXTS)
def test_the_same_text_has_no_difference(text: str) -> None:
    assert between(text, text) == ((Piece(KEPT, text),) if text else ())


def test_a_word_that_changes_is_shown_alone() -> None:
    before = "2. Délais\nLe compte reste ouvert 12 mois.\nIl est fermé ensuite.\n"
    after = "2. Délais\nLe compte reste ouvert 18 mois.\nIl est fermé ensuite.\n"
    assert between(before, after) == (
        Piece(KEPT, "2. Délais\nLe compte reste ouvert "),
        Piece(REMOVED, "12"),
        Piece(ADDED, "18"),
        Piece(KEPT, " mois.\nIl est fermé ensuite.\n"),
    )


def test_a_word_with_an_apostrophe_or_a_hyphen_is_one() -> None:
    assert between("Lisez l’article peut-être.\n", "Lisez l’avenant peut-être.\n") == (
        Piece(KEPT, "Lisez "),
        Piece(REMOVED, "l’article"),
        Piece(ADDED, "l’avenant"),
        Piece(KEPT, " peut-être.\n"),
    )


def test_a_paragraph_added_or_removed_is_whole() -> None:
    first, second = "Un premier alinéa.\n", "Un autre, ajouté.\n"
    assert between(first, first + second) == (Piece(KEPT, first), Piece(ADDED, second))
    assert between(first + second, first) == (Piece(KEPT, first), Piece(REMOVED, second))
    assert between("", first) == (Piece(ADDED, first),)


def test_a_lone_comma_between_two_changes_does_not_chop_the_sentence() -> None:
    pieces = between("Nous gardons bleu, rouge ici.\n", "Nous gardons vert, jaune ici.\n")
    assert [one.kind for one in pieces] == [KEPT, REMOVED, ADDED, KEPT]
    assert (pieces[1].text, pieces[2].text) == ("bleu, rouge", "vert, jaune")


def test_the_longest_texts_take_bounded_time() -> None:
    random = Random(3)
    vocabulary = ["a", "b", "le", "la", "agents", ",", "30"]
    hardest = [" ".join(random.choice(vocabulary) for _ in range(40_000))[:100_000] for _ in range(2)]
    lines = ["\n".join(random.choice("abc") for _ in range(50_000)) for _ in range(2)]
    repeated = ["a " * 50_000, "a b " * 25_000]
    for before, after in (hardest, lines, repeated):
        started = time.process_time()
        pieces = between(before, after)
        assert time.process_time() - started < 5
        assert texts(pieces) == (before, after)
