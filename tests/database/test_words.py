"""The words of letters: cut, folded, stemmed (R-COU-07)."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from backend import database as db
from backend.database import words
from backend.database.words import Letter
from tests import builders

TOGETHER = (
    "cotisation cotisations",
    "échéance échéances",
    "titre titres",
    "droit droits",
    "général générale généraux générales",
    "annuel annuelle annuels annuelles",
    "social sociale sociaux sociales",
    "définitif définitive définitifs définitives",
    "bordereau bordereaux",
    "déclarer déclaré déclarée déclarés déclarées",
    "dernier dernière derniers dernières",
    "due dues",
    "agent agents agente",
    "activité activités",
    "lieu lieux",
    "cadre cadres",
)
APART = (
    "centre cent",
    "compte comité",
    "pension pensée",
    "mois moins",
    "taux total",
    "appel appui",
    "agent argent",
    "2025 202",
    "prime primaire",
)


@pytest.mark.parametrize("forms", TOGETHER)
def test_the_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({words.stem(one) for one in words.words(forms)}) == 1


@pytest.mark.parametrize("pair", APART)
def test_other_words_do_not(pair: str) -> None:
    one, other = words.words(pair)
    assert words.stem(one) != words.stem(other)


@given(st.text(max_size=80))
def test_words_are_letters_and_digits_whatever_the_text(text: str) -> None:
    for word in words.words(text):
        assert word.isalnum()
        assert 1 <= len(word) <= words.LONGEST_WORD
        assert words.stem(word)
    assert words.words(text.upper().lower()) == words.words(text.lower())


def test_words_are_cut_where_people_see_them_end() -> None:
    assert words.words("L’Échéance nº 7, du C\u0153ur : co\u00adtisation_2") == (
        "l echeance no 7 du coeur cotisation 2".split()
    )


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=200))
def test_a_letter_written_for_postgresql_is_well_formed(subject: str, reference: str, text: str) -> None:
    lexemes = words.vector(Letter(1, 7, subject, reference, text)).split(" ")
    assert lexemes[0] == "'@e7'"
    for one in lexemes[1:]:
        word, _, positions = one.rpartition(":")
        assert word[0] == word[-1] == "'"
        assert word.count("'") == 2
        assert all(0 < int(position.removesuffix("A")) < 2**14 for position in positions.split(","))


async def test_letters_of_any_text_are_kept_and_kept_anew(database: str) -> None:
    """The longest of texts too: what does not count is left out, never refused."""
    texts = ["", "'", "\\", "a\0b", "mot " * 30_000, "é" * 200_000, "🦆 ¶ \ud7ff", " ".join(map(str, range(40_000)))]
    for text in texts:
        made = await builders.courrier()
        for _ in range(2):
            await words.keep([Letter(made.id, made.establishment_id, text[:200], text[:64], text)])
    found = await db.row("SELECT count(*) AS n FROM courrier_words")
    assert found is not None
    assert found["n"] == len(texts)
