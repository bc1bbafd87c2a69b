"""The catalogue of letters: kept by operators, read by everybody (R-COU-17)."""

import time

import pytest
from playwright.sync_api import expect

from backend import clock
from tests.browser.conftest import Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser


def test_a_model_is_defined_and_shows_in_the_public_list(window: Window, width: int) -> None:
    """Refused with its reason, then defined, changed, and seen by somebody who is not signed in."""
    mark = time.monotonic_ns()
    label, code = f"Relevé d’essai {mark}", f"FNC_ESSAI_{mark}"
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/courriers")
    page.get_by_role("link", name="Catalogue des modèles").click()
    page.get_by_role("link", name="Ajouter un modèle").click()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("Donnez le nom du modèle.")
    page.get_by_label("Code").fill(code.lower())
    page.get_by_label("Nom", exact=True).fill(label)
    page.get_by_label("Fonds", exact=True).select_option("FNC")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("alert")).to_contain_text("partent aussi par la poste")  # R-COU-09
    check(page, f"gestionnaire-modele-refuse-{width}")
    page.get_by_label("Sur la plateforme et par la poste").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status").filter(has_text="est enregistré")).to_be_visible()
    page.get_by_role("link", name=f"Modifier {label}").click()
    page.get_by_label("Annoncé par messagerie").uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("row").filter(has_text=code)).to_be_visible()

    browser = page.context.browser
    assert browser is not None
    stranger = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    public = stranger.new_page()
    public.goto(f"{window.platform.address}/courriers-accessibles")
    row = public.get_by_role("region", name="FNC").get_by_role("row").filter(has_text=label)
    expect(row.get_by_role("cell")).to_have_text([clock.today().strftime("%d/%m/%Y"), "Non", "Oui"])
    check(public, f"courriers-accessibles-{width}")
    stranger.close()
