"""How administrators correct a person's details, and never hand an account on, in a real browser (R-ACC-02, 07)."""

import re
import time

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window
from tests.browser.test_accessibility import check
from tests.browser.test_accounts import CHOSEN, choose_password, colleague, create, new_person

__all__ = ["colleague"]

pytestmark = pytest.mark.browser


def person(page: Page) -> Locator:
    """The card of the person's details."""
    return page.get_by_role("main").locator("section.card").first


def edit(page: Page) -> Locator:
    """Open the form."""
    person(page).get_by_role("button", name="Modifier").click()
    expect(page.get_by_role("radio", checked=True)).to_be_focused()
    return person(page)


def save(page: Page) -> None:
    """Send it."""
    person(page).get_by_role("button", name="Enregistrer").click()


def account_of_somebody(window: Window, colleague: Window, width: int) -> tuple[Page, Window, str]:
    """The page of a new account whose person has signed in, their window, and the address they have."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    identifier = create(page, name, email)
    choose_password(colleague, email)
    colleague.sign_in(identifier, CHOSEN, path="/connexion?suite=/etablissement")
    page.get_by_role("link", name="Voir son compte").click()
    return page, colleague, email


def test_a_phone_is_corrected(window: Window, width: int) -> None:
    """Errors stand beside their fields, what is typed is not lost by a click, and what is saved shows."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    create(page, name, email)
    page.get_by_role("link", name="Voir son compte").click()
    card = edit(page)
    expect(card).to_contain_text("Cette personne ne s’est jamais connectée")
    page.get_by_label("Nom", exact=True).fill("")
    page.get_by_label("Téléphone").fill("05 46 00 00 17")
    save(page)
    expect(card.get_by_role("alert")).to_be_focused()
    card.get_by_role("link", name="Indiquez le nom.").click()
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()
    check(page, f"admin-royan-coordonnees-erreurs-{width}")

    asked: list[str] = []
    page.once("dialog", lambda question: (asked.append(question.message), question.dismiss()))
    page.get_by_role("link", name="Ses Droits").click()
    assert "ne sont pas enregistrées" in asked[0]
    page.get_by_label("Nom", exact=True).fill("Marchand")
    save(page)
    expect(card.get_by_role("status")).to_be_focused()
    expect(card).to_contain_text("Coordonnées enregistrées.")
    expect(card).to_contain_text("05 46 00 00 17")
    check(page, f"admin-royan-coordonnees-{width}")
    page.reload()
    expect(card).to_contain_text("05 46 00 00 17")

    edit(page).get_by_role("button", name="Annuler").click()
    expect(card.get_by_role("button", name="Modifier")).to_be_focused()


def test_an_account_is_not_handed_on(window: Window, width: int) -> None:
    """Another person's name and address are refused, with what to do instead one click away (R-ACC-07)."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    create(page, name, email)
    page.get_by_role("link", name="Voir son compte").click()
    card = edit(page)
    page.get_by_label("Prénom", exact=True).fill("Bruno")
    page.get_by_label("Nom", exact=True).fill("Lefèvre")
    page.get_by_label("Adresse électronique").fill(f"bruno.{time.monotonic_ns()}@royan.example")
    save(page)
    advice = card.get_by_role("alert")
    expect(advice).to_be_focused()
    expect(advice).to_contain_text("Un compte est personnel et ne se transmet pas")
    expect(page.get_by_label("Prénom", exact=True)).to_have_value("Bruno")
    check(page, f"admin-royan-coordonnees-reprise-{width}")
    advice.get_by_role("link", name="Créer un compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Créer un compte")
    page.go_back()
    expect(person(page)).to_contain_text(email)
    expect(person(page)).to_contain_text(name)


def test_a_marriage_is_explained(window: Window, colleague: Window, width: int) -> None:
    """A real change of name asks for its reason, then closes the person's sessions and tells them (R-ACC-07)."""
    page, theirs, email = account_of_somebody(window, colleague, width)
    card = edit(page)
    page.get_by_label("Nom", exact=True).fill("Dubreuil")
    save(page)
    question = page.get_by_role("dialog", name=re.compile("Changer le nom de .* Marchand"))
    expect(question).to_contain_text(email)
    expect(question).not_to_contain_text("votre propre compte")
    question.get_by_role("button", name="Changer le nom").click()
    expect(question.get_by_label("Motif du changement")).to_be_focused()
    expect(question).to_contain_text("Indiquez le motif")
    check(page, f"admin-royan-changement-de-nom-{width}")
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.get_by_label("Nom", exact=True)).to_have_value("Dubreuil")
    save(page)
    question.get_by_label("Motif du changement").fill("Mariage")
    page.keyboard.press("Enter")
    expect(card.get_by_role("status")).to_be_focused()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Dubreuil")

    theirs.page.reload()
    expect(theirs.page.get_by_label("Identifiant")).to_be_visible()
    mails = window.open(f"/messagerie?a={email}")
    expect(mails.get_by_role("main")).to_contain_text("le nom de votre compte a été changé")


def test_ones_own_name_is_changed_with_a_warning(window: Window, colleague: Window, width: int) -> None:
    """It is said that one will be signed out, and one is (R-ACC-07)."""
    page, theirs, _ = account_of_somebody(window, colleague, width)
    page.get_by_role("button", name="Nommer administrateur").click()
    page.get_by_role("dialog").get_by_role("button", name="Nommer administrateur").click()
    expect(page.get_by_role("button", name="Retirer le profil administrateur")).to_be_visible()
    own = theirs.open(page.url.removeprefix(window.platform.address))
    edit(own)
    own.get_by_label("Nom", exact=True).fill("Vasseur")
    save(own)
    question = own.get_by_role("dialog")
    expect(question).to_contain_text("C’est votre propre compte")
    check(own, f"admin-royan-changement-de-nom-soi-{width}")
    question.get_by_label("Motif du changement").fill("Changement d’état civil")
    question.get_by_role("button", name="Changer le nom").click()
    expect(own.get_by_label("Identifiant")).to_be_visible()
    expect(own.get_by_role("main")).to_contain_text("Votre session est terminée")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Vasseur")


def test_a_new_address_waits_to_be_confirmed(window: Window, colleague: Window, width: int) -> None:
    """The address in use stays; the one asked for waits, can be written to again, and given up (R-ACC-07)."""
    page, _, email = account_of_somebody(window, colleague, width)
    card = edit(page)
    taken = "nadia.benali@mairie-royan-17.example"
    page.get_by_label("Adresse électronique").fill(taken)
    save(page)
    expect(card.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Adresse électronique")).to_have_attribute("aria-invalid", "true")
    new = f"nouvelle.{email}"
    page.get_by_label("Adresse électronique").fill(new)
    save(page)
    expect(card.get_by_role("status")).to_be_focused()
    waiting = card.locator(".pending-email")
    expect(waiting).to_contain_text(re.compile(rf"En attente de confirmation\s*: {re.escape(new)}"))
    expect(card.get_by_role("definition").filter(has_text=email).first).to_be_visible()
    check(page, f"admin-royan-adresse-en-attente-{width}")
    waiting.get_by_role("button", name="Envoyer de nouveau").click()
    expect(card.get_by_role("status")).to_contain_text(f"Un nouveau message est parti à {new}")
    waiting.get_by_role("button", name="Annuler").click()
    expect(card.get_by_role("status")).to_contain_text("Le changement d’adresse est annulé")
    expect(card.get_by_role("status")).to_be_focused()
    expect(waiting).to_have_count(0)
    expect(card).to_contain_text(email)
    mails = window.open(f"/messagerie?a={new}")
    expect(mails.get_by_role("main").get_by_role("link", name=re.compile("onfirmez"))).to_have_count(2)
