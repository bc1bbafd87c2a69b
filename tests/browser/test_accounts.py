"""What administrators do to accounts and rights, in a real browser (R-ACC-02, 03, 06, 10, 12, R-RGT-02)."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.browser.conftest import Window, until_no_dialog
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser

CHOSEN = "lanterne-escalier-mouette-7"
SERVICE = "Déclarations individuelles"


@pytest.fixture
def colleague(window: Window, width: int) -> Iterator[Window]:
    """Another person's window, beside the administrator's."""
    browser = window.page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    yield Window(context.new_page(), window.platform, [], [])
    context.close()


def new_person(width: int) -> tuple[str, str]:
    """A name and an e-mail address of nobody else's."""
    mark = f"{width}-{time.monotonic_ns()}"
    return f"Zélie-{mark}".replace("-", " "), f"zelie.{mark}@royan.example"


def fill_details(page: Page, name: str, email: str, family: str = "Marchand") -> None:
    """The first step of the creation, on to the second."""
    page.get_by_label("Prénom", exact=True).fill(name)
    page.get_by_label("Nom", exact=True).fill(family)
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_role("button", name="Continuer vers les droits").click()
    expect(page.get_by_role("heading", name="Étape 2 sur 3")).to_be_focused()


def create(page: Page, name: str, email: str, family: str = "Marchand") -> str:
    """Create an account without any right; the identifier."""
    page.get_by_role("link", name="Créer un compte").click()
    fill_details(page, name, email, family)
    page.get_by_role("button", name="Créer le compte").click()
    expect(page.get_by_role("heading", name=f"Le compte de {name} {family} est créé")).to_be_focused()
    return page.locator(".handed-over").inner_text()


def choose_password(window: Window, email: str) -> None:
    """Follow the invitation, found in the demonstration mailbox."""
    page = window.open(f"/messagerie?a={email}")
    page.get_by_role("link", name="choisissez votre mot de passe").first.click()
    link = page.get_by_label("Le message en texte seul").get_by_role("link", name=re.compile("jeton=")).first
    address = link.get_attribute("href")
    assert address is not None
    page.goto(address)
    page.get_by_label(re.compile("^Nouveau mot de passe|^Mot de passe")).first.fill(CHOSEN)
    page.get_by_role("main").get_by_role("button", name=re.compile("Enregistrer|Choisir")).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre mot de passe est enregistré")


def test_a_right_given_is_there_on_the_next_request(window: Window, colleague: Window, width: int) -> None:
    """Create → first sign-in through the mailbox → give a right → the colleague, still signed in, has it."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    identifier = create(page, name, email)
    choose_password(colleague, email)
    theirs = colleague.sign_in(identifier, CHOSEN, path="/connexion?suite=/etablissement")
    expect(theirs.get_by_role("main")).to_contain_text("Vous n’avez de droit sur aucun service")

    page.get_by_role("link", name="Voir son compte").click()
    page.get_by_role("link", name="Ses Droits").click()
    page.get_by_role("group", name=SERVICE).get_by_label("Lecture seule").check()
    bar = page.get_by_role("group", name="Changements de droits")
    bar.locator("details").evaluate("(list) => { list.open = true; }")
    expect(bar).to_contain_text(re.compile(rf"1 changement\s*{SERVICE}\W+de Aucun à Lecture seule"))
    check(page, f"admin-royan-droits-changes-{width}")
    bar.get_by_role("button", name="Enregistrer").click()
    expect(bar).to_be_focused()
    expect(bar).to_contain_text(f"1 droit enregistré pour {name} Marchand")

    theirs.reload()
    expect(theirs.get_by_role("main").get_by_role("row", name=SERVICE)).to_contain_text("Lecture seule")
    assert colleague.complaints == []


def test_unsaved_rights_are_not_lost_by_a_click(window: Window) -> None:
    """Leaving is asked about; staying keeps the choices; Annuler takes them back; a copy shows what it would change."""
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes?q=expire-royan")
    page.get_by_role("table").locator("a[href^='/etablissement/comptes/']").first.click()
    page.get_by_role("link", name="Ses Droits").click()
    page.get_by_text("Copier les droits d’un collègue").click()
    colleague = page.get_by_label("Collègue", exact=True).locator("option", has_text="(agent-royan)")
    page.get_by_label("Collègue", exact=True).select_option(colleague.get_attribute("value"))
    page.locator("button:not([aria-disabled])", has_text="Reprendre ses droits").click()
    bar = page.get_by_role("group", name="Changements de droits")
    expect(bar).to_contain_text(re.compile(r"\d+ changements"))
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", stay)
    page.get_by_role("link", name="Coordonnées").click()
    assert "ne sont pas enregistrés" in asked[0]
    expect(bar).to_contain_text(re.compile(r"\d+ changements"))
    bar.get_by_role("button", name="Annuler").click()
    expect(bar.get_by_role("button")).to_have_count(0)
    page.get_by_role("link", name="Coordonnées").click()
    expect(page.get_by_role("heading", name="Gérer ce compte")).to_be_visible()


def test_an_account_is_created_in_three_steps(window: Window, width: int) -> None:
    """Errors lead to their field, an address taken goes back to the first step, and what was typed stays (R-ACC-03)."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    page.get_by_role("link", name="Créer un compte").click()
    page.get_by_role("button", name="Continuer vers les droits").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Indiquez le nom.").click()
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()
    check(page, f"admin-royan-creation-erreurs-{width}")

    fill_details(page, name, "nadia.benali@mairie-royan-17.example")
    page.get_by_role("group", name=SERVICE).get_by_label("Modification").check()
    check(page, f"admin-royan-creation-2-{width}")
    page.get_by_role("button", name="Créer le compte").click()
    expect(summary).to_contain_text("adresse")
    expect(page.get_by_label("Prénom", exact=True)).to_have_value(name)
    fill_details(page, name, email)
    page.go_back()
    expect(page.get_by_label("Adresse électronique")).to_have_value(email)
    page.go_forward()
    expect(page.get_by_role("group", name=SERVICE).get_by_label("Modification")).to_be_checked()
    page.get_by_role("button", name="Créer le compte").click()
    expect(page.get_by_role("heading", name=f"Le compte de {name} Marchand est créé")).to_be_focused()
    expect(page.locator(".handed-over")).to_have_text(re.compile(r"^zmarchand-\d{4}$"))
    check(page, f"admin-royan-creation-3-{width}")


def test_a_deleted_account_cannot_sign_in(window: Window, colleague: Window, width: int) -> None:
    """Each action of the account's page; the question names the person; the access ends at once (R-ACC-12)."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    identifier = create(page, name, email)
    page.get_by_role("link", name="Voir son compte").click()
    page.get_by_role("button", name="Renvoyer l’invitation").click()
    expect(page.get_by_role("main")).to_contain_text("Une nouvelle invitation est partie")
    choose_password(colleague, email)
    theirs = colleague.sign_in(identifier, CHOSEN)
    page.get_by_role("button", name="Nommer administrateur").click()
    page.get_by_role("dialog").get_by_role("button", name="Nommer administrateur").click()
    expect(page.get_by_role("button", name="Retirer le profil administrateur")).to_be_visible()
    page.get_by_role("button", name="Renouveler").click()
    expect(page.get_by_role("main")).to_contain_text(re.compile("est renouvelé jusqu’au"))
    check(page, f"admin-royan-compte-actions-{width}")

    page.get_by_role("button", name="Supprimer le compte").click()
    question = page.get_by_role("dialog", name=re.compile(f"Supprimer le compte de {name} Marchand"))
    check(page, f"admin-royan-suppression-{width}")
    page.keyboard.press("Escape")
    until_no_dialog(page)
    expect(page.get_by_role("button", name="Supprimer le compte")).to_be_focused()
    page.keyboard.press("Enter")
    question.get_by_role("button", name="Supprimer le compte").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gestion des comptes")
    expect(page.get_by_role("status").filter(has_text="est supprimé")).to_be_visible()

    theirs.reload()
    theirs.get_by_label("Identifiant").fill(identifier)
    theirs.get_by_label("Mot de passe", exact=True).fill(CHOSEN)
    theirs.get_by_role("button", name="Se connecter").click()
    expect(theirs.get_by_role("alert")).to_contain_text("incorrect")


def test_a_selection_is_renewed_and_deleted_item_by_item(window: Window, width: int) -> None:
    """An expired account is refused by name while the other is renewed (R-ACC-10); then the other is deleted."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    create(page, name, email, family="Abeille")  # on the first page, however many the other tests create
    page.get_by_role("link", name="Retour aux comptes").last.click()
    mine = page.get_by_role("checkbox", name=f"Sélectionner {name} Abeille")
    expired = page.get_by_role("row").filter(has_text="expire-royan").get_by_role("checkbox")
    mine.check()
    expired.check()
    page.get_by_role("button", name="Renouveler").click()
    result = page.locator("#resultat-action")
    expect(result).to_be_focused()
    expect(result).to_contain_text("1 compte renouvelé.")
    expect(result).to_contain_text("a déjà expiré")
    check(page, f"admin-royan-selection-resultats-{width}")
    expired.uncheck()
    mine.check()
    page.get_by_role("button", name="Supprimer").click()
    page.get_by_role("dialog").get_by_role("button", name="Supprimer").click()
    expect(result).to_contain_text("1 compte supprimé.")
    expect(mine).to_have_count(0)
