"""Searching letters in « Vos courriers »: where it was found, in which order, how to ask (R-COU-07)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser


def search(page: Page, typed: str) -> None:
    page.get_by_role("searchbox").fill(typed)
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#resultats")).to_be_focused()


def test_what_was_found_is_marked_where_it_is(window: Window, width: int) -> None:
    page = window.sign_in("agent-royan", path="/connexion?suite=/courriers")
    expect(page.get_by_role("searchbox")).to_have_accessible_description(re.compile("cette expression"))
    letter = page.get_by_role("main").locator("a.row-link").first
    subject = letter.inner_text()
    letter.click()
    page.locator("iframe").wait_for()  # the demonstration prints its letters when somebody reads them

    window.open("/courriers")
    expect(page.locator(".courriers a.row-link").first).to_be_visible()
    search(page, '"considération distinguée"')
    expect(page.locator(".courriers a.row-link").first).to_have_text(subject)
    expect(page.locator(".extract mark").first).to_have_text("considération distinguée")
    check(page, f"agent-royan-recherche-texte-{width}")

    search(page, "COTISATION")
    expect(page.locator("a.row-link mark").first).to_have_text("cotisations")
    expect(page.locator(".extract")).to_have_count(0)
    reference = page.locator("td.col-reference").first.inner_text().removeprefix("Référence : ")
    page.get_by_role("navigation", name="Ordre des courriers trouvés").get_by_role("link", name="pertinents").click()
    expect(page).to_have_url(re.compile("tri=RELEVANCE"))
    expect(page.get_by_role("link", name="Plus pertinents")).to_have_attribute("aria-current", "true")
    expect(page.locator("a.row-link mark").first).to_have_text("cotisation")  # said so, singular and all
    check(page, f"agent-royan-recherche-pertinence-{width}")

    search(page, reference)
    expect(page.locator("td.col-reference mark")).to_have_text(reference)
    expect(page.locator("tbody tr")).to_have_count(1)
    search(page, f"-{reference} zzz*")
    expect(page.get_by_text("Aucun courrier ne correspond à ces filtres.")).to_be_visible()
    check(page, f"agent-royan-recherche-vide-{width}")
