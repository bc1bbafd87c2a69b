"""What people change of their own account, in a real browser, links of e-mails included (R-ACC-07, 14, 15, 17)."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window
from tests.browser.test_accessibility import check
from tests.browser.test_accounts import CHOSEN, choose_password, create, new_person

pytestmark = pytest.mark.browser

ANOTHER = "corbeau-valise-brouillard-58"
OWN = "/mes-informations"


@pytest.fixture
def elsewhere(window: Window, width: int) -> Iterator[Window]:
    """Another browser, where nothing is remembered of the first."""
    browser = window.page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    made = Window(context.new_page(), window.platform, [], [])
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    yield made
    context.close()
    assert made.complaints == []


@pytest.fixture
def newcomer(window: Window, width: int) -> tuple[str, str]:
    """The identifier and the address of an account of its own for the test, its password chosen."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    identifier = create(page, name, email)
    choose_password(window, email)
    page.context.clear_cookies()
    return identifier, email


def section(page: Page, name: str) -> Locator:
    """A section of « Mes informations »."""
    return page.get_by_role("region", name=name, exact=True)


def linked(window: Window, recipient: str, subject: str) -> str:
    """The address that the latest message of a subject, in the demonstration mailbox, leads to."""
    page = window.open(f"/messagerie?a={recipient}")
    page.get_by_role("link", name=subject).first.click()
    address = page.get_by_label("Le message en texte seul").get_by_role("link").first.get_attribute("href")
    assert address is not None
    return address


def test_a_new_address_is_in_use_once_confirmed_from_there(
    window: Window, elsewhere: Window, newcomer: tuple[str, str], width: int
) -> None:  # R-ACC-07
    identifier, email = newcomer
    new = f"zelie.marchand.{time.monotonic_ns()}@nouvelle.example"
    page = window.sign_in(identifier, CHOSEN, path=f"/connexion?suite={OWN}")
    mine = section(page, "Mes coordonnées")
    mine.get_by_role("button", name="Modifier mes coordonnées").click()
    expect(mine.get_by_role("radio", checked=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(mine.get_by_label("Adresse électronique")).to_be_focused()
    mine.get_by_role("button", name="Annuler").click()
    expect(mine.get_by_role("button", name="Modifier mes coordonnées")).to_be_focused()

    page.keyboard.press("Enter")
    mine.get_by_label("Madame").check()
    mine.get_by_label("Téléphone").fill("05 46 00 00 17")
    mine.get_by_label("Adresse électronique").fill("pas une adresse")
    mine.get_by_role("button", name="Enregistrer").click()
    expect(mine.get_by_role("alert")).to_be_focused()
    mine.get_by_role("alert").get_by_role("link").click()
    expect(mine.get_by_label("Adresse électronique")).to_be_focused()
    check(page, f"person-details-errors-{width}")
    mine.get_by_label("Adresse électronique").fill(new)
    mine.get_by_role("button", name="Enregistrer").click()
    expect(mine.get_by_role("status")).to_contain_text(f"Un message vient de partir à {new}")
    expect(mine.get_by_role("status")).to_be_focused()
    expect(mine.get_by_role("definition").filter(has_text=email)).to_be_visible()
    expect(mine.get_by_role("definition").filter(has_text="05 46 00 00 17")).to_be_visible()
    check(page, f"person-pending-{width}")

    first = linked(elsewhere, new, "confirmez votre nouvelle adresse")
    mine.get_by_role("button", name="Garder l’adresse actuelle").click()
    expect(mine.get_by_role("status")).to_contain_text("La demande est annulée")
    expect(mine.get_by_role("heading", name="Une nouvelle adresse attend")).to_have_count(0)
    elsewhere.page.goto(first)
    expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text("Ce lien ne fonctionne plus")

    mine.get_by_role("button", name="Modifier mes coordonnées").click()
    mine.get_by_label("Adresse électronique").fill(new)
    mine.get_by_role("button", name="Enregistrer").click()
    mine.get_by_role("button", name="Envoyer de nouveau le message").click()
    expect(mine.get_by_role("status")).to_contain_text(f"Un nouveau message vient de partir à {new}")

    theirs = elsewhere.page
    theirs.goto(linked(elsewhere, new, "confirmez votre nouvelle adresse"))
    expect(theirs.get_by_role("main")).to_contain_text(new)
    check(theirs, f"stranger-adresse-{width}")
    page.reload()
    expect(mine.get_by_role("heading", name="Une nouvelle adresse attend")).to_be_visible()  # opening confirmed nothing
    theirs.get_by_role("button", name="Confirmer cette adresse").click()
    done = theirs.get_by_text(f"Votre compte utilise désormais l’adresse {new}.")
    expect(done).to_be_focused()
    check(theirs, f"stranger-adresse-confirmee-{width}")
    page.reload()
    expect(mine.get_by_role("definition").filter(has_text=new)).to_be_visible()
    expect(mine.get_by_role("heading", name="Une nouvelle adresse attend")).to_have_count(0)
    elsewhere.open(f"/messagerie?a={email}")
    expect(theirs.get_by_role("link", name=re.compile("adresse")).first).to_be_visible()


def test_signed_in_one_confirms_an_address_too(window: Window, newcomer: tuple[str, str], width: int) -> None:
    # R-ACC-07
    new = f"zelie.marchand.{time.monotonic_ns()}@nouvelle.example"
    page = window.sign_in(newcomer[0], CHOSEN, path=f"/connexion?suite={OWN}")
    page.get_by_role("button", name="Modifier mes coordonnées").click()
    page.get_by_label("Adresse électronique").fill(new)
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_role("heading", name="Une nouvelle adresse attend")).to_be_visible()
    page.goto(linked(window, new, "confirmez votre nouvelle adresse"))
    page.get_by_role("button", name="Confirmer cette adresse").click()
    check(page, f"person-adresse-confirmee-{width}")
    page.get_by_role("link", name="Voir mes informations").click()
    expect(section(page, "Mes coordonnées").get_by_role("definition").filter(has_text=new)).to_be_visible()


def test_a_forgotten_identifier_is_in_the_mailbox(window: Window, newcomer: tuple[str, str], width: int) -> None:
    # R-ACC-15
    identifier, email = newcomer
    page = window.open("/connexion")
    page.get_by_role("link", name="Mot de passe oublié ?").click()
    page.get_by_role("link", name="Vous avez aussi oublié votre identifiant ?").click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_role("link", name="Revenir à la connexion").click()
    page.get_by_role("link", name="Identifiant oublié ?").click()
    page.get_by_role("button", name="Recevoir mon identifiant").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check(page, f"stranger-identifiant-oublie-erreur-{width}")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_role("button", name="Recevoir mon identifiant").click()
    expect(page.get_by_role("heading", name="Demande enregistrée")).to_be_focused()
    check(page, f"stranger-identifiant-demande-{width}")
    sign_in = linked(window, email, "votre identifiant")
    expect(page.get_by_label("Le message en texte seul")).to_contain_text(identifier)
    page.goto(sign_in)
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Mot de passe", exact=True).fill(CHOSEN)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")


def test_a_password_changed_is_the_one_that_signs_in(
    window: Window, elsewhere: Window, newcomer: tuple[str, str], width: int
) -> None:  # R-ACC-14, R-ACC-15
    identifier, _ = newcomer
    theirs = elsewhere.sign_in(identifier, CHOSEN)
    page = window.sign_in(identifier, CHOSEN, path=f"/connexion?suite={OWN}")
    mine = section(page, "Mon mot de passe")
    mine.get_by_label("Mot de passe actuel", exact=True).fill("pas le bon mot de passe")
    mine.get_by_label("Nouveau mot de passe", exact=True).fill(ANOTHER)
    mine.get_by_role("button", name="Changer mon mot de passe").click()
    expect(mine.get_by_role("alert")).to_be_focused()
    expect(mine.get_by_role("alert")).to_contain_text("Ce n’est pas votre mot de passe actuel")
    check(page, f"person-password-refused-{width}")
    mine.get_by_label("Mot de passe actuel", exact=True).fill(CHOSEN)
    mine.get_by_role("button", name="Changer mon mot de passe").click()
    expect(mine.get_by_role("status")).to_contain_text("Votre mot de passe est changé")
    expect(mine.get_by_role("status")).to_be_focused()
    expect(mine.get_by_label("Nouveau mot de passe", exact=True)).to_have_value("")
    check(page, f"person-password-changed-{width}")
    expect(section(page, "Mes connexions ouvertes").get_by_role("listitem")).to_have_count(1)

    theirs.reload()
    theirs.get_by_label("Identifiant").fill(identifier)
    theirs.get_by_label("Mot de passe", exact=True).fill(CHOSEN)
    theirs.get_by_role("button", name="Se connecter").click()
    expect(theirs.get_by_role("alert")).to_contain_text("incorrect")
    theirs.get_by_label("Mot de passe", exact=True).fill(ANOTHER)
    theirs.get_by_role("button", name="Se connecter").click()
    expect(theirs.get_by_role("heading", level=1)).to_contain_text("Bonjour")


def test_a_session_is_ended_from_another_browser(
    window: Window, elsewhere: Window, newcomer: tuple[str, str]
) -> None:  # R-ACC-17
    identifier, _ = newcomer
    theirs = elsewhere.sign_in(identifier, CHOSEN)
    page = window.sign_in(identifier, CHOSEN, path=f"/connexion?suite={OWN}")
    mine = section(page, "Mes connexions ouvertes")
    expect(mine.get_by_role("listitem")).to_have_count(2)
    mine.get_by_role("button", name="Fermer").click()
    expect(mine.get_by_role("status")).to_have_text("La connexion est fermée.")
    expect(mine.get_by_role("listitem")).to_have_count(1)
    expect(mine.get_by_role("listitem")).to_contain_text("Cette connexion")
    theirs.reload()
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Connexion")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mes informations")
