"""Names in sentences, as French writes them (R-NOT-03)."""

from pathlib import Path

import pytest

from backend.rules import elision

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "the", "of", "to"),
    [
        ("Commune de Royan", "la Commune de Royan", "de la Commune de Royan", "à la Commune de Royan"),
        ("Centre de gestion 17", "le Centre de gestion 17", "du Centre de gestion 17", "au Centre de gestion 17"),
        ("Établissement public", "l’Établissement public", "de l’Établissement public", "à l’Établissement public"),
        ("CCAS DE ROYAN", "le CCAS DE ROYAN", "du CCAS DE ROYAN", "au CCAS DE ROYAN"),
        ("Dijon Métropole", "Dijon Métropole", "de Dijon Métropole", "à Dijon Métropole"),
        ("Orléans Métropole", "Orléans Métropole", "d’Orléans Métropole", "à Orléans Métropole"),
        ("Étienne Lacombe", "Étienne Lacombe", "d’Étienne Lacombe", "à Étienne Lacombe"),
        ("Hélène Fofana", "Hélène Fofana", "de Hélène Fofana", "à Hélène Fofana"),
        ("", "", "de ", "à "),
    ],
)
def test_names_take_their_article_and_elide(name: str, the: str, of: str, to: str) -> None:
    assert (elision.the(name), elision.of(name), elision.to(name)) == (the, of, to)


def test_screens_know_the_same_articles_as_e_mails() -> None:
    screens = (ROOT / "frontend/src/ui/elision.ts").read_text("utf-8")
    for words in elision._ARTICLES.values():
        assert f"'{words}'" in screens
    assert f"[{elision._VOWELS}]" in screens
