"""How one is told, and what operators see of messages (R-COU-10, R-NOT-01)."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser


def test_a_person_chooses_how_to_be_told_and_operators_see_what_did_not_leave(window: Window, width: int) -> None:
    page = window.sign_in("agent-royan", path="/connexion?suite=/mes-informations")
    part = page.get_by_role("region", name="Préférences")
    part.get_by_label("Un récapitulatif chaque matin").check()
    part.get_by_label("RAFP").uncheck()
    part.get_by_role("button", name="Enregistrer mes préférences").click()
    expect(part.get_by_role("status")).to_contain_text("Vos préférences sont enregistrées.")
    check(page, f"preferences-{width}")
    page.reload()
    expect(part.get_by_label("Un récapitulatif chaque matin")).to_be_checked()
    expect(part.get_by_label("RAFP")).not_to_be_checked()
    part.get_by_label("À chaque courrier").check()
    part.get_by_label("RAFP").check()
    part.get_by_role("button", name="Enregistrer mes préférences").click()
    expect(part.get_by_role("status")).to_contain_text("Vos préférences sont enregistrées.")


def test_operators_choose_what_to_send_again(window: Window, width: int) -> None:
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/messages?etat=GIVEN_UP")
    expect(page.get_by_role("heading", level=1)).to_have_text("Messages envoyés")
    page.get_by_role("checkbox").first.check()
    expect(page.get_by_role("button", name="Renvoyer le message choisi")).to_be_visible()
    page.get_by_role("button", name="Renvoyer tous les abandonnés").click()
    check(page, f"gestionnaire-messages-{width}")
    page.get_by_role("button", name="Annuler").click()
