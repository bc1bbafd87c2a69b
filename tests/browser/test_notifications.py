"""How one is told, and what operators see of messages (R-COU-10, R-NOT-01)."""

import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT, Window
from tests.browser.test_accessibility import check
from tests.browser.test_many_accounts import write

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


PRINT_ADDRESS = (
    "import sys; from backend.rules import preference as one; print(one.address(int(sys.argv[1]), sys.argv[2]))"
)
"""Prints the address that an announcement to somebody carries."""


def test_the_link_of_an_announcement_changes_how_one_is_told_without_signing_in(window: Window, width: int) -> None:
    """R-COU-10: with the keyboard alone; once the address has changed, what to do instead is said."""
    [(number, email)] = write(window, "SELECT id, email FROM users WHERE identifier = 'agent-royan'")
    made = subprocess.run(
        [sys.executable, "-c", PRINT_ADDRESS, str(number), email],
        cwd=ROOT, env=window.platform.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    path = "/preferences/" + made.stdout.strip().rpartition("/")[2]
    page = window.open(path)
    expect(page.get_by_role("main")).to_contain_text("Rien n’est changé tant que vous n’avez pas enregistré.")
    check(page, f"annonces-{width}")
    page.get_by_label("À chaque courrier").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Un récapitulatif chaque matin")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("C’est enregistré : un récapitulatif chaque matin.")
    check(page, f"annonces-changees-{width}")
    page.get_by_label("À chaque courrier").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("C’est enregistré : à chaque courrier.")
    page = window.open(path[:-1] + ("A" if path[-1] != "A" else "B"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Ce lien n’est plus valable")
    check(page, f"annonces-perimees-{width}")
    window.complaints.clear()  # the browser says that a page was not found


def test_operators_choose_what_to_send_again(window: Window, width: int) -> None:
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/messages?etat=GIVEN_UP")
    expect(page.get_by_role("heading", level=1)).to_have_text("Messages envoyés")
    page.get_by_role("checkbox").first.check()
    expect(page.get_by_role("button", name="Renvoyer le message choisi")).to_be_visible()
    page.get_by_role("button", name="Renvoyer tous les abandonnés").click()
    check(page, f"gestionnaire-messages-{width}")
    page.get_by_role("button", name="Annuler").click()
