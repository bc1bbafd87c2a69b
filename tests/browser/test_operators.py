"""What operators do to establishments, in a real browser (R-ACC-02, 03, 04, 11)."""

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import builders
from tests.browser.conftest import Window
from tests.browser.test_accessibility import check
from tests.browser.test_accounts import CHOSEN, choose_password

pytestmark = pytest.mark.browser


@pytest.fixture
def employer(window: Window, width: int) -> Iterator[Window]:
    """The window of the people of the establishment, beside the operator's."""
    browser = window.page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    yield Window(context.new_page(), window.platform, [], [])
    context.close()


def expire(window: Window, identifier: str) -> None:
    """As if its eighteen months had passed."""
    with sqlite3.connect(Path(window.platform.environment["DATA_DIR"]) / "peps.sqlite3", timeout=20) as database:
        database.execute("UPDATE users SET expires_on = '2020-01-31' WHERE identifier = ?", (identifier,))


def fill(page: Page, siret: str, name: str, email: str) -> None:
    """Everything the registration asks for."""
    page.get_by_label("SIRET").fill(siret)
    page.get_by_label("Nom", exact=True).first.fill(name)
    page.get_by_label("Catégorie").select_option("EPCI")
    page.get_by_label("Code postal").fill("17100")
    page.get_by_label("Commune", exact=True).fill("Saintes")
    page.get_by_label("Adresse électronique fonctionnelle").fill("accueil@saintes.example")
    page.get_by_label("Numéro").fill("17000415")
    person = page.get_by_role("region", name="Premier administrateur")
    person.get_by_label("Prénom", exact=True).fill("Zélie")
    person.get_by_label("Nom", exact=True).fill("Marchand")
    person.get_by_label("Adresse électronique professionnelle").fill(email)


def test_an_establishment_from_its_registration_to_a_nomination(window: Window, employer: Window, width: int) -> None:
    """Registered → the administrator signs in and opens an account → expires → listed → the colleague is nominated."""
    mark = time.monotonic_ns()
    siret, name = builders.siret(mark % 700_000_000), f"Communauté de Saintes {mark}"
    email, second = f"zelie.{mark}@saintes.example", f"paul.{mark}@saintes.example"
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/etablissements")
    page.get_by_role("link", name="Inscrire un établissement").click()
    page.get_by_label("SIRET").fill("123 456 789 01234")
    expect(page.get_by_role("status").filter(has_text="n’est pas valable")).to_be_visible()
    page.get_by_role("button", name="Vérifier avant d’inscrire").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Indiquez le nom de l’établissement.").click()
    expect(page.get_by_label("Nom", exact=True).first).to_be_focused()
    expect(page.get_by_label("SIRET")).to_have_accessible_description(re.compile("n’est pas valable"))
    check(page, f"gestionnaire-inscription-erreurs-{width}")
    fill(page, siret, name, email)
    expect(page.get_by_role("status").filter(has_text="SIRET valable")).to_be_visible()
    page.get_by_role("button", name="Ajouter un contrat").click()
    page.get_by_role("group", name="Contrat 2").get_by_label("Numéro").fill("0042")
    check(page, f"gestionnaire-inscription-1-{width}")
    page.get_by_role("button", name="Vérifier avant d’inscrire").click()
    expect(page.get_by_role("heading", name="Étape 2 sur 3")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("CNRACL 17000415, Ircantec 0042")
    check(page, f"gestionnaire-inscription-2-{width}")
    page.get_by_role("button", name="Corriger").click()
    expect(page.get_by_label("Commune", exact=True)).to_have_value("Saintes")
    page.get_by_role("button", name="Vérifier avant d’inscrire").click()
    page.get_by_role("button", name="Inscrire").click()
    expect(page.get_by_role("heading", name=f"{name} est inscrit sur la plateforme")).to_be_focused()
    identifier = page.locator(".handed-over").inner_text()
    check(page, f"gestionnaire-inscription-3-{width}")
    page.get_by_role("link", name="Voir l’établissement").click()
    expect(page.get_by_role("main")).to_contain_text("accueil@saintes.example")
    place = page.url

    choose_password(employer, email)
    theirs = employer.open("/connexion")
    theirs.get_by_label("Identifiant").fill(identifier)
    theirs.get_by_label("Mot de passe", exact=True).fill(CHOSEN)
    theirs.get_by_role("button", name="Se connecter").click()
    theirs.get_by_role("button", name=f"J’accepte au nom de {name}").click()  # R-CGU-02: before anything else
    theirs.get_by_role("link", name="Continuer").click()
    theirs.get_by_role("navigation", name="Menu principal").wait_for()
    theirs = employer.open("/etablissement/comptes/nouveau")
    theirs.get_by_label("Prénom", exact=True).fill("Paul")
    theirs.get_by_label("Nom", exact=True).fill("Renaud")
    theirs.get_by_label("Adresse électronique").fill(second)
    theirs.get_by_role("button", name="Continuer vers les droits").click()
    theirs.get_by_role("button", name="Créer le compte").click()
    successor = theirs.locator(".handed-over").inner_text()
    theirs.context.clear_cookies()
    choose_password(employer, second)

    expire(window, identifier)
    page = window.open("/operateur/etablissements?administrateur=sans")
    expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("01/02/2020")
    check(page, f"gestionnaire-sans-administrateur-{width}")
    page.get_by_role("link", name=name).click()
    expect(page.get_by_role("main")).to_contain_text("Plus personne ne peut administrer cet établissement depuis le")
    check(page, f"gestionnaire-etablissement-sans-administrateur-{width}")
    page.get_by_role("link", name="Nommer un administrateur").click()
    page.get_by_role("button", name="Nommer administrateur").click()
    expect(page.get_by_role("alert")).to_contain_text("Donnez le motif")
    choice = page.get_by_label("Compte", exact=True).locator("option", has_text=successor)
    page.get_by_label("Compte", exact=True).select_option(choice.get_attribute("value"))
    page.get_by_label("Motif").fill("Demande du président, rappelé à son secrétariat.")
    check(page, f"gestionnaire-nomination-{width}")
    page.get_by_role("button", name="Nommer administrateur").click()
    expect(page.get_by_role("main")).to_contain_text("Paul Renaud administre désormais")
    check(page, f"gestionnaire-nomination-faite-{width}")
    page.goto(place)
    expect(page.get_by_role("main")).to_contain_text("Paul Renaud")
    expect(page.get_by_role("main")).not_to_contain_text("Plus personne")

    theirs.context.clear_cookies()
    theirs = employer.sign_in(successor, CHOSEN, path="/connexion?suite=/etablissement/comptes")
    expect(theirs.get_by_role("main").get_by_role("link", name="Créer un compte")).to_be_visible()
    employer.open(f"/messagerie?a={second}")
    expect(theirs.get_by_role("main")).to_contain_text("vous êtes désormais administrateur")
    assert employer.complaints == []


def test_an_establishment_is_changed(window: Window, width: int) -> None:
    """What is changed is there at once; a refusal leads to its field; giving up changes nothing (R-ACC-02)."""
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/etablissements?q=Talmont")
    page.get_by_role("main").locator("a[href^='/operateur/etablissements/']").nth(1).click()
    page.get_by_role("link", name="Modifier", exact=True).click()
    page.get_by_label("Code postal").fill("17")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("alert").get_by_role("link", name="Le code postal compte 5 chiffres.").click()
    expect(page.get_by_label("Code postal")).to_be_focused()
    page.get_by_label("Code postal").fill("17120")
    page.get_by_label("Complément d’adresse").fill(f"Bâtiment {width}")
    check(page, f"gestionnaire-modifier-{width}")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("main")).to_contain_text(f"Bâtiment {width}")
    expect(page.get_by_role("status").filter(has_text=re.compile("changements enregistrés"))).to_be_visible()


def test_anything_is_found_from_one_box(window: Window, width: int) -> None:
    """An identifier, a SIRET, a name: each leads to the thing; the account says why it reaches a service (R-RGT-06)."""
    page = window.sign_in("gestionnaire")
    page.get_by_role("search").get_by_role("searchbox").fill("agent-royan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 résultat")).to_be_visible()
    check(page, f"gestionnaire-recherche-{width}")
    page.get_by_role("region").or_(page.get_by_role("main")).get_by_role(
        "link", name=re.compile("^[A-Z]+ ")
    ).first.click()
    page.get_by_role("link", name="Ses Droits").click()
    panel = page.get_by_role("region", name="Pourquoi cet accès ?")
    panel.get_by_label("Service").select_option(index=1)
    expect(panel.get_by_role("status")).to_contain_text(re.compile(r"Droit «\s|Aucun droit sur le service"))
    check(page, f"gestionnaire-compte-pourquoi-{width}")
    page.get_by_role("link", name="Retour à la recherche").click()
    expect(page.get_by_role("status").filter(has_text="1 résultat")).to_be_visible()
    page.get_by_role("search").get_by_role("searchbox").fill("rien de tel")
    page.get_by_role("search").get_by_role("searchbox").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Rien ne correspond")).to_be_visible()


def test_administrators_see_the_health_of_their_establishment(window: Window, width: int) -> None:
    """What does not hold first, with the way to mend it (R-ACC-05)."""
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement")
    card = page.get_by_role("region", name="Santé de l’établissement")
    expect(card.get_by_role("listitem")).to_have_count(7)
    check(page, f"admin-royan-sante-{width}")
    mended = card.get_by_role("link").first
    mended.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_letter_that_does_not_open_says_the_same_of_any_letter(window: Window, width: int) -> None:
    """Whoever may not know of a letter learns nothing, and whom to ask (R-RGT-06, R-COU-05)."""
    page = window.sign_in("agent-royan", path="/connexion?suite=/courriers/Q291cnJpZXI6OTk5OTk5")
    expect(page.get_by_role("main")).to_contain_text("cette page dit la même chose dans les deux cas")
    expect(page.get_by_role("main").get_by_role("link", name=re.compile("@")).first).to_be_visible()
    check(page, f"agent-royan-courrier-illisible-{width}")
    page.get_by_role("link", name="Voir mes droits").click()
    rights = page.get_by_role("region", name="Mes droits")
    rights.get_by_text("Pourquoi ?").first.click()
    expect(rights.get_by_role("status").first).to_contain_text("Droit «")
    check(page, f"agent-royan-pourquoi-{width}")
