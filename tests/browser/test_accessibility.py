"""axe on each screen, for each kind of person, at 1280 and 360 pixels; no sideways scroll; a title and one h1 each."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window, letter_links
from tests.browser.seen import assert_nothing_is_wrong, wait_until_settled

pytestmark = pytest.mark.browser

STRANGER = [
    "/connexion",
    "/mot-de-passe-oublie",
    "/identifiant-oublie",
    "/mot-de-passe?jeton=inconnu",
    "/adresse?jeton=inconnu",
    "/accessibilite",
    "/courriers-accessibles",
    "/messagerie",
]
SCREENS = {
    "agent-royan": [
        "/",
        "/courriers",
        "/courriers?filtres=1",
        "/etablissement",
        "/etablissement/services",
        "/mes-informations",
        "/nulle-part",
    ],
    "admin-royan": [
        "/",
        "/etablissement",
        "/etablissement/comptes",
        "/etablissement/services",
        "/etablissement/services/a-revoir",
        "/etablissement/delegations",
        "/mes-informations",
    ],
    "admin-talmont": ["/", "/courriers", "/etablissement/delegations"],
    "agent-cdg17": ["/", "/courriers?etablissements=tous", "/agir-pour"],
    "gestionnaire": [
        "/",
        "/mes-informations",
        "/operateur/courriers",
        "/operateur/courriers?vue=a-suivre",
        "/operateur/etablissements",
        "/operateur/etablissements/nouveau",
        "/operateur/services",
        "/operateur/messages",
        "/operateur/modeles",
        "/operateur/modeles/nouveau",
        "/operateur/recherche?q=royan",
    ],
}


def check(page: Page, name: str, *, settled: bool = True) -> None:
    """axe finds nothing; the page does not scroll sideways; it says where one is. Not `settled`: while it waits."""
    if settled:
        wait_until_settled(page)
    expect(page.locator("h1")).to_have_count(1)
    assert len(page.title()) > 5
    assert_nothing_is_wrong(page, name, iframes=False)


def file_name(who: str, path: str, width: int) -> str:
    """The screenshot's name."""
    return f"{who}{path.replace('/', '-').replace('?', '-').replace('=', '-')}-{width}"


def check_at_each_width(window: Window, who: str, path: str) -> None:
    """Opened on the width of a desk's screen, then narrowed to that of a telephone."""
    page = window.open(path)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        check(page, file_name(who, path, width))
    page.set_viewport_size({"width": 1280, "height": 800})


@pytest.mark.parametrize("path", STRANGER)
@pytest.mark.parametrize("width", [1280])
def test_a_screen_before_signing_in_is_accessible(window: Window, path: str, width: int) -> None:
    """RGAA 4.1, as far as axe goes."""
    check_at_each_width(window, "stranger", path)


@pytest.mark.parametrize("who", SCREENS)
@pytest.mark.parametrize("width", [1280])
def test_the_screens_of_a_person_are_accessible(window: Window, who: str, width: int) -> None:
    """RGAA 4.1, as far as axe goes."""
    window.sign_in(who)
    for path in SCREENS[who]:
        check_at_each_width(window, who, path)


def test_a_letter_is_accessible(window: Window, width: int) -> None:
    """The letter's screen, its PDF shown in it."""
    page = window.sign_in("agent-royan", path="/connexion?suite=/courriers")
    letter_links(page).first.click()
    page.locator("iframe").wait_for()
    check(page, file_name("agent-royan", "/courrier", width))


def test_an_account_is_accessible(window: Window, width: int) -> None:
    """Coordonnées, then Ses Droits."""
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    page.get_by_role("table").locator("a[href^='/etablissement/comptes/']").first.click()
    check(page, file_name("admin-royan", "/compte", width))
    page.get_by_role("link", name="Ses Droits").or_(page.get_by_role("tab", name="Ses Droits")).click()
    check(page, file_name("admin-royan", "/droits", width))


def test_the_walk_by_keyboard_alone(window: Window, width: int) -> None:
    """From the skip link to the list, focus is seen and follows navigation."""
    page = window.open("/connexion")
    page.get_by_label("Identifiant").focus()
    page.keyboard.type("agent-royan")
    page.keyboard.press("Tab")
    page.keyboard.type("violette-tracteur-nuage-42")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    page.keyboard.press("Tab")
    page.get_by_role("navigation").first.get_by_role("link", name="Vos courriers").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos courriers")
    expect(page.get_by_role("heading", level=1)).to_be_focused()


@pytest.mark.parametrize("width", [1280])
def test_graphiql_runs_a_query_with_the_same_session(window: Window, width: int) -> None:
    """GraphiQL is served locally, under its own policy, signed in with the session."""
    window.sign_in("agent-royan")
    page = window.open("/graphiql")
    # The editor, then the schema, come after the page: the query runs once both are there.
    page.get_by_text("courrierSummary").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text("Royan", timeout=15_000)


def test_an_operator_s_pages_of_one_thing_are_accessible(window: Window, width: int) -> None:
    """One establishment, then one letter, whose document an operator is not shown."""
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/etablissements")
    page.get_by_role("main").locator("a[href^='/operateur/etablissements/']").first.click()
    expect(page.get_by_role("main")).to_contain_text("SIRET")
    check(page, file_name("gestionnaire", "/etablissement", width))
    page = window.open("/operateur/courriers")
    letter_links(page).first.click()
    expect(page.get_by_role("main")).to_contain_text("ne lisent pas les documents")
    check(page, file_name("gestionnaire", "/courrier", width))


def test_acting_for_another_is_accessible(window: Window, width: int) -> None:
    """The bar that says for whom one acts, and the way back (R-DEL-06)."""
    page = window.sign_in("agent-cdg17", path="/connexion?suite=/agir-pour")
    page.get_by_role("main").get_by_role("button", name=re.compile("^Agir pour")).first.click()
    expect(page.get_by_role("button", name="Revenir à votre établissement")).to_be_visible()
    check(page, file_name("agent-cdg17", "/agit", width))
    page.get_by_role("button", name="Revenir à votre établissement").click()
    expect(page.get_by_role("button", name="Revenir à votre établissement")).to_have_count(0)


def test_filters_open_and_selected_letters_are_accessible(window: Window, width: int) -> None:
    """The filters unfolded, and the actions on a selection."""
    page = window.sign_in("agent-royan", path="/connexion?suite=/courriers")
    page.locator("summary", has_text="Filtres").click()
    expect(page.get_by_role("button", name="Appliquer")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("^Sélectionner «")).first.check()
    expect(page.get_by_role("group", name="Actions sur la sélection")).to_be_visible()
    check(page, file_name("agent-royan", "/filtres-et-selection", width))


def test_an_e_mail_and_the_page_of_its_link_are_accessible(window: Window, width: int) -> None:
    """A message as the mailbox shows it, and the page where its person chooses a password."""
    page = window.open("/mot-de-passe-oublie")
    page.get_by_label("Identifiant").fill("admin-talmont")
    page.get_by_role("button", name="Recevoir le lien").click()
    expect(page.get_by_role("main")).to_contain_text("Si cet identifiant correspond")
    page = window.open("/messagerie?a=talmont")
    page.get_by_role("link", name="choisissez un nouveau mot de passe").first.click()
    check(page, file_name("stranger", "/message", width))
    link = page.get_by_label("Le message en texte seul").get_by_role("link", name=re.compile("jeton=")).first
    address = link.get_attribute("href")
    assert address is not None
    page.goto(address)
    expect(page.get_by_role("button", name="Enregistrer le mot de passe")).to_be_visible()
    check(page, file_name("stranger", "/choisir-un-mot-de-passe", width))


@pytest.mark.parametrize("who", ["agent-royan", "expire-royan"])
def test_a_refused_sign_in_is_accessible(window: Window, who: str, width: int) -> None:
    """What is wrong, told beside the form: a wrong password, then an expired account and whom to ask."""
    page = window.open("/connexion")
    page.get_by_label("Identifiant").fill(who)
    right = "violette-tracteur-nuage-42" if who == "expire-royan" else "pas le bon mot de passe"
    page.get_by_label("Mot de passe", exact=True).fill(right)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page, file_name(who, "/refus", width))
