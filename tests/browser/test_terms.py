"""The terms of use in a real browser: waited for, accepted, proved, published anew (R-CGU-01 to 03).

On a platform of its own: a version published on the one that the other tests share would hold everybody back there.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from tests.browser.conftest import Platform, Window, started
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    """A platform of this test alone, on the small demonstration world."""
    with started(tmp_path / "data") as running:
        yield running


@pytest.fixture
def colleague(window: Window, width: int) -> Iterator[Window]:
    """The window of somebody else."""
    browser = window.page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    yield Window(context.new_page(), window.platform, [], [])
    context.close()


def test_the_terms_are_waited_for_accepted_and_proved(
    window: Window, colleague: Window, width: int, tmp_path: Path
) -> None:  # R-CGU-02, R-CGU-03
    """A colleague past the grace is told whom to ask; the administrator accepts; the receipt; the other is let in."""
    theirs = colleague.open("/connexion?suite=/courriers")
    theirs.get_by_label("Identifiant").fill("cgu-agent-saujon")
    theirs.get_by_label("Mot de passe", exact=True).fill("violette-tracteur-nuage-42")
    theirs.get_by_role("button", name="Se connecter").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Votre administrateur doit accepter les conditions")
    expect(theirs.get_by_role("main")).to_contain_text("Inès Caillaud")
    check(theirs, f"conditions-demander-{width}")
    theirs.get_by_role("button", name="Vérifier de nouveau").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Votre administrateur doit accepter les conditions")

    page = window.open("/connexion?suite=/courriers")
    page.get_by_label("Identifiant").fill("cgu-saujon")
    page.get_by_label("Mot de passe", exact=True).fill("violette-tracteur-nuage-42")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("De nouvelles conditions à accepter")
    expect(page.get_by_role("navigation", name="Menu principal")).to_have_count(0)
    expect(page.locator("ins").first).to_be_visible()
    check(page, f"conditions-accepter-{width}")
    window.open("/etablissement/comptes")
    expect(page.get_by_role("heading", level=1)).to_have_text("De nouvelles conditions à accepter")
    check(window.open("/conditions"), f"conditions-publiques-{width}")

    window.open("/courriers?tri=DUE_ASC")  # where one was going is where one arrives (R-COU-07)
    page.get_by_role("button", name="J’accepte au nom de Commune de Saujon").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Conditions acceptées")
    check(page, f"conditions-acceptees-{width}")
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile("Télécharger le récépissé de Commune de Saujon")).click()
    assert waiting.value.suggested_filename.startswith("recepisse-cgu-")
    waiting.value.save_as(tmp_path / "recepisse.pdf")
    said = " ".join(" ".join(one.extract_text() for one in PdfReader(tmp_path / "recepisse.pdf").pages).split())
    for expected in ("Récépissé d’acceptation", "Commune de Saujon", "Inès Caillaud", "heure de Paris"):
        assert expected in said
    page.get_by_role("link", name="Continuer").click()
    expect(page.get_by_role("navigation", name="Menu principal")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/courriers\?tri=DUE_ASC$"))
    window.open("/etablissement/conditions")
    expect(page.get_by_role("row").filter(has_text="Inès Caillaud")).to_have_count(2)
    expect(page.get_by_role("link", name=re.compile("Télécharger le récépissé"))).to_have_count(2)
    check(page, f"conditions-historique-{width}")

    expect(theirs.get_by_role("navigation", name="Menu principal")).to_be_visible()  # by itself: told of it
    colleague.open("/etablissement/conditions")
    expect(theirs.get_by_role("row").filter(has_text="Inès Caillaud")).to_have_count(2)
    expect(theirs.get_by_role("link", name=re.compile("Télécharger le récépissé"))).to_have_count(0)


def test_an_operator_publishes_and_administrators_see_what_changed(
    window: Window, colleague: Window, width: int
) -> None:  # R-CGU-01, R-CGU-02, R-CGU-03
    """Refused where something lacks; looked at; published; an administrator is asked, a colleague works on."""
    page = window.sign_in_by_hand("gestionnaire", path="/connexion?suite=/operateur/cgu")
    body = page.get_by_label("Texte complet")
    expect(body).to_have_value(re.compile("."))
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page, f"gestionnaire-conditions-erreurs-{width}")
    page.get_by_label("Nom de la version").fill("2026-essai")
    page.get_by_label("Ce qui change").fill("Une adresse de plus.\nLe reste est inchangé.")
    body.fill(body.input_value() + "\n99. Assistance\nÉcrivez à assistance@pep.example.\n")
    page.get_by_role("button", name="Voir l’aperçu").click()
    expect(page.get_by_role("heading", name="Aperçu avant publication")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text(re.compile(r"\d+ établissements devront accepter cette version"))
    expect(page.locator("ins").last).to_contain_text("assistance@pep.example")
    check(page, f"gestionnaire-conditions-apercu-{width}")
    page.get_by_role("button", name="Modifier").click()
    expect(page.get_by_label("Nom de la version")).to_have_value("2026-essai")
    page.get_by_role("button", name="Voir l’aperçu").click()
    page.get_by_role("button", name="Publier définitivement").click()
    expect(page.get_by_role("status").filter(has_text="La version 2026-essai est publiée.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="2026-essai")).to_contain_text("En vigueur")
    check(page, f"gestionnaire-conditions-publiees-{width}")

    theirs = colleague.sign_in_by_hand("agent-royan", path="/connexion?suite=/courriers")
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("ourriers")
    theirs.context.clear_cookies()
    theirs = colleague.open("/connexion")
    theirs.get_by_label("Identifiant").fill("admin-royan")
    theirs.get_by_label("Mot de passe", exact=True).fill("violette-tracteur-nuage-42")
    theirs.get_by_role("button", name="Se connecter").click()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("De nouvelles conditions à accepter")
    expect(theirs.locator("ins").last).to_contain_text("assistance@pep.example")
    check(theirs, f"conditions-differences-{width}")
