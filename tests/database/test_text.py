"""Folded text: what is searched and sorted is the same on both engines."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.database import rows
from backend.database.text import fold, like

SAMPLES = [
    ("Échéance", "echeance"),
    ("  L’École   d’Œuvre ", "l'ecole d'oeuvre"),
    ("ŒUVRE", "oeuvre"),
    ("cœur et Æon", "coeur et aeon"),
    ("STRASSE straße", "strasse strasse"),
    ("Ærøskøbing", "aeroskobing"),
    ("ﬁn de mois", "fin de mois"),
    ("a\u00a0b\tc\nd", "a b c d"),
    ("Ç ç Ñ ñ Ü ü", "c c n n u u"),
]


@pytest.mark.parametrize(("text", "folded"), SAMPLES)
def test_accents_case_ligatures_and_spaces_do_not_count(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
@example("Ǽ ǿ")  # an accent on a ligature
@example("İstanbul ǰ")
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_folding_twice_is_folding_once_for_every_letter_there_is() -> None:
    letters = (chr(code) for code in range(0x20000) if not 0xD800 <= code < 0xE000)
    assert [letter for letter in letters if fold(fold(f"a{letter}b")) != fold(f"a{letter}b")] == []


@given(st.text())
def test_what_is_folded_has_neither_accent_nor_double_space_nor_anything_a_database_refuses(text: str) -> None:
    folded = fold(text)
    assert not any(unicodedata.combining(letter) for letter in folded)
    assert "  " not in folded
    assert folded == folded.strip()
    assert "\0" not in folded


@given(st.text(), st.text())
def test_the_way_a_text_is_composed_does_not_count(text: str, other: str) -> None:
    for form in ("NFC", "NFD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)
    assert (fold(text) == fold(other)) == (fold(other) == fold(text))


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Régularisation de l’échéance", "ECHEANCE", True),
        ("Régularisation de l’échéance", "l'eche", True),
        ("100 % des cas", "100 %", True),
        ("100 cas", "100 %", False),
        ("fiche_A", "e_a", True),
        ("fiche A", "e_a", False),
        ("Oui !", "!", True),
        ("Oui", "!", False),
        ("N!%_N", "!%_", True),
        ("c:\\dossier", "c:\\d", True),
        ("n'importe quoi", "", True),
        ("", "x", False),
        ("d'accord; DROP TABLE users", "'accord; drop", True),
    ],
)
async def test_words_are_found_anywhere_in_the_text_and_stand_for_themselves(
    database: str, text: str, words: str, found: bool
) -> None:
    answer = await rows(
        "SELECT 1 AS found WHERE CAST($1 AS TEXT) LIKE CAST($2 AS TEXT) ESCAPE '!'", [fold(text), like(words)]
    )
    assert bool(answer) is found
