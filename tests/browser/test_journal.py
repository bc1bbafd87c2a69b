"""The journal on screen: an account's, the establishment's, one's own, the platform's (R-JRN-02, R-ACC-17)."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.test_accessibility import check
from tests.browser.test_accounts import create, new_person

pytestmark = pytest.mark.browser


def test_what_was_done_to_an_account_is_told_on_its_page_and_in_the_establishment(window: Window, width: int) -> None:
    """Create, give a right; the account's tab, then the establishment's list, filtered, and as a file."""
    name, email = new_person(width)
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    create(page, name, email)
    page.get_by_role("link", name="Voir son compte").click()
    page.get_by_role("link", name="Ses Droits").click()
    page.get_by_role("group", name="Déclarations individuelles").get_by_label("Lecture seule").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("main")).to_contain_text("1 droit enregistré")

    tabs = page.get_by_role("navigation", name="Le compte")
    tabs.get_by_role("link", name="Activité").click()
    expect(tabs.get_by_role("link", name="Activité")).to_have_attribute("aria-current", "page")
    journal = page.get_by_role("table", name="Journal d’activité")
    given = journal.get_by_role("row").nth(1)
    expect(given).to_contain_text(f"a donné à {name} Marchand le niveau Lecture seule sur Déclarations individuelles")
    expect(given).to_contain_text(re.compile(r"avant\W+Aucun\W+après\W+Lecture seule"))
    expect(journal.get_by_role("row").nth(2)).to_contain_text(f"a créé le compte de {name} Marchand")
    expect(page.locator("#resultats")).to_contain_text("2 évènements")
    check(page, f"admin-royan-compte-activite-{width}")

    page.get_by_role("navigation", name="Mon établissement").get_by_role("link", name="Activité").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Activité")
    expect(journal.get_by_role("row").nth(1)).to_contain_text("Lecture seule")
    check(page, f"admin-royan-activite-{width}")
    page.get_by_role("searchbox").fill(name.split()[-1])
    page.get_by_text("Filtres").click()
    page.get_by_label("Catégorie").select_option(label="Droits et profils")
    page.get_by_role("button", name="Appliquer").click()
    expect(page.locator("#resultats")).to_contain_text("1 évènement")
    assert "categorie=RIGHTS" in page.url
    check(page, f"admin-royan-activite-filtree-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Exporter en CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename.startswith("journal-")
    assert [line.count(name) for line in text.splitlines()] == [0, 1]
    assert "Déclarations individuelles : Aucun → Lecture seule" in text
    window.open("/etablissement/activite?categorie=PLATFORM")
    expect(journal.get_by_role("row").nth(1)).to_contain_text("a exporté un journal d’activité")


def test_everybody_reads_their_own(window: Window, width: int) -> None:
    page = window.sign_in("agent-royan", path="/connexion?suite=/mes-informations")
    section = page.get_by_role("region", name="Mon activité")
    expect(section.get_by_role("row").nth(1)).to_contain_text("a ouvert une session")
    section.get_by_role("link", name="Voir toute mon activité").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon activité")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Chrome")
    check(page, f"agent-royan-mon-activite-{width}")
    window.open("/etablissement/activite")
    expect(page.get_by_role("main")).to_contain_text("Seuls les administrateurs")
    check(page, f"agent-royan-activite-{width}")


def test_operators_read_everything_page_by_page(window: Window, width: int) -> None:
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/journal")
    expect(page.get_by_role("heading", level=1)).to_have_text("Journal de la plateforme")
    rows = page.get_by_role("table", name="Journal d’activité").get_by_role("row")
    expect(rows).to_have_count(26)
    check(page, f"gestionnaire-journal-{width}")
    first = rows.nth(1).inner_text()
    page.get_by_role("link", name="Page suivante").click()
    expect(rows.nth(1)).not_to_have_text(first)
    page.get_by_role("link", name="Page précédente").click()
    expect(page.locator("#resultats")).to_contain_text("évènements")
