"""The words of letters: cut, folded, stemmed (R-COU-07)."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from backend import database as db
from backend.database import words
from backend.database.migrate import migrate
from backend.database.sql import Sql
from backend.database.words import Letter
from backend.reads import search
from backend.rules.viewer import Viewer
from tests import builders
from tests.database.test_migrations import NAMES, fill_what_exists, opened

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


async def test_the_letters_that_were_there_are_found_after_the_migration(empty_database_url: str) -> None:
    url = empty_database_url
    await migrate(url, NAMES[NAMES.index("0012_search") - 1])
    async with opened(url):
        await fill_what_exists()
        await db.execute("UPDATE documents SET text = 'Un canari'")
    await migrate(url)
    async with opened(url):
        letters = {one["id"]: one["withdrawn_at"] for one in await db.rows("SELECT id, withdrawn_at FROM courriers")}
        assert None in letters.values()
        for query in ("canari", "canaris", "cana*"):
            sql = Sql("SELECT c.id FROM courriers c WHERE")
            sql.add(*search.matching(sql, Viewer(user_id=1), query, "c"))
            found = {one["id"] for one in await db.rows(sql)}
            assert found == {number for number, gone in letters.items() if gone is None}


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
