"""Acting for another establishment: found, never out of sight, left in one action; told when it ends (R-DEL-06, 08)."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from backend.rules import elision
from tests.browser.agreements import MEMBER, Asked, choose, end, establishment, in_force, undo, words
from tests.browser.conftest import Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser

INBOX = "/connexion?suite=/courriers"


@pytest.fixture
def lender(window: Window) -> Iterator[Asked]:
    """An establishment that nobody else's test needs, with no delegation before and after."""
    found = establishment(window, "Centre communal d'action sociale de Saint-Georges-de-Didonne")
    yield found
    undo(window, found)


@pytest.fixture(autouse=True)
def home_again(window: Window) -> Iterator[None]:
    """Whoever acted for another establishment comes back."""
    yield
    back = window.page.get_by_role("button", name="Revenir à votre établissement")
    if back.count():
        back.click()
        expect(back).to_have_count(0)


def bar(page: Page) -> Locator:
    """« Vous agissez pour… »."""
    return page.get_by_role("region", name=re.compile("^Vous agissez pour"))


def is_in_view(found: Locator) -> bool:
    """Whether it is within the window, whatever was scrolled."""
    return bool(
        found.evaluate(
            "one => { const at = one.getBoundingClientRect(); return at.top >= 0 && at.bottom <= innerHeight; }"
        )
    )


def open_switcher(page: Page) -> Locator:
    """The dialog of the header."""
    page.get_by_role("banner").get_by_role("button", name="Agir pour…").click()
    dialog = page.get_by_role("dialog", name="Agir pour un autre établissement")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    return dialog


def switch_to(page: Page, typed: str) -> None:
    """Find the only establishment of these words, and act for it."""
    dialog = open_switcher(page)
    page.keyboard.type(typed)
    expect(dialog.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(bar(page)).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()


def test_one_switches_by_keyboard_and_comes_back_in_one_action(window: Window, width: int) -> None:  # R-DEL-06
    page = window.sign_in(MEMBER, path=f"{INBOX}?vue=non-lus")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos courriers")
    page.get_by_role("banner").get_by_role("button", name="Agir pour…").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Agir pour un autre établissement")
    field = dialog.get_by_role("combobox", name="Nom, commune ou SIRET")
    expect(field).to_be_focused()
    first = dialog.get_by_role("group", name="Votre établissement").get_by_role("option")
    expect(first).to_have_attribute("aria-selected", "true")
    check(page, f"agent-cdg17-changer-{width}")

    page.keyboard.type("sauj")
    found = dialog.get_by_role("option")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("Commune de Saujon")
    expect(field).to_have_attribute("aria-activedescendant", found.get_attribute("id") or "")
    page.keyboard.press("Enter")
    expect(bar(page)).to_contain_text("Commune de Saujon")
    expect(
        page.get_by_role("status").filter(has_text="Vous agissez désormais pour la Commune de Saujon.")
    ).to_be_visible()
    expect(page).to_have_url(re.compile(r"/courriers\?vue=non-lus$"))
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page).to_have_title(words("Vos courriers – pour la Commune de Saujon – PEP’s"))
    expect(page.get_by_role("main")).to_contain_text(words("Établissement : Commune de Saujon"))

    expect(page.get_by_role("main").get_by_role("table")).to_be_visible()
    assert page.evaluate("scrollTo(0, 2000), scrollY") > 200
    assert is_in_view(bar(page)), "« Vous agissez pour… » is never out of sight"
    check(page, f"agent-cdg17-agit-courriers-{width}")
    page.get_by_role("button", name="Revenir à votre établissement").click()
    expect(bar(page)).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/courriers\?vue=non-lus$"))
    expect(page).to_have_title(words("Vos courriers – PEP’s"))

    dialog = open_switcher(page)
    recent = dialog.get_by_role("group", name="Récents").get_by_role("option")
    expect(recent.first).to_contain_text("Commune de Saujon")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(dialog.locator("[data-active]")).to_contain_text("Commune de Saujon")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("banner").get_by_role("button", name="Agir pour…")).to_be_focused()


def test_an_establishment_that_is_not_found_is_said_so(window: Window, width: int) -> None:
    page = window.sign_in(MEMBER)
    dialog = open_switcher(page)
    page.keyboard.type("nulle part ailleurs")
    expect(dialog.locator(".result-count")).to_have_text("Aucun établissement ne correspond à cette recherche.")
    check(page, f"agent-cdg17-changer-rien-{width}")
    dialog.get_by_role("button", name="Fermer").click()
    expect(dialog).to_have_count(0)


def test_who_acts_is_told_within_two_seconds_that_it_has_ended(
    window: Window, lender: Asked, width: int
) -> None:  # R-DEL-08
    """Another session ends the delegation: by name and date, back home, what was typed still there."""
    identifier = in_force(window, lender)
    page = window.sign_in(MEMBER, path=INBOX)
    switch_to(page, "Saint-Georges-de-Didonne action sociale")
    expect(bar(page)).to_contain_text(lender.name)
    typed = page.get_by_role("searchbox")
    typed.click()
    page.keyboard.type("appel de cot")

    end(window.platform, lender, identifier)
    done = time.monotonic()
    told = page.get_by_role("region", name="Changement de vos accès")
    told.wait_for(timeout=2000)
    assert time.monotonic() - done < 2, "not on the screen two seconds after the delegation had ended"
    expect(told).to_contain_text(words(f"La délégation {elision.of(lender.name)} a pris fin le"))
    expect(told).to_contain_text(words("Motif : « La commune reprend ses courriers. »"))
    expect(told).to_contain_text("Vous êtes de retour dans votre établissement, Centre de gestion")
    expect(bar(page)).to_have_count(0)
    expect(page).to_have_title(words("Vos courriers – PEP’s"))
    expect(page.get_by_role("main")).to_contain_text(words("Établissement : Centre de gestion"))
    expect(typed).to_have_value("appel de cot")
    expect(typed).to_be_focused()
    page.keyboard.type("isations")
    expect(typed).to_have_value("appel de cotisations")
    check(page, f"agent-cdg17-delegation-finie-{width}")
    told.get_by_role("button", name="Fermer").click()
    expect(told).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(bar(page)).to_have_count(0)


def test_who_is_no_longer_chosen_is_told_so_and_the_focus_is_not_lost(
    window: Window, lender: Asked, width: int
) -> None:  # R-DEL-05, R-DEL-08
    identifier = in_force(window, lender)
    page = window.sign_in(MEMBER)
    switch_to(page, "Saint-Georges-de-Didonne action sociale")
    expect(bar(page)).to_be_visible()
    page.get_by_role("button", name="Revenir à votre établissement").focus()
    choose(window, identifier, add=False)
    told = page.get_by_role("region", name="Changement de vos accès")
    expect(told).to_contain_text(words(f"plus partie des personnes qui agissent pour {elision.the(lender.name)}"))
    expect(told.get_by_role("status")).to_be_focused()
    check(page, f"agent-cdg17-plus-membre-{width}")


def test_what_begins_and_ends_elsewhere_is_told_in_passing(window: Window, lender: Asked) -> None:  # R-DEL-08
    page = window.sign_in(MEMBER)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Bonjour")
    page.wait_for_load_state("networkidle")
    identifier = in_force(window, lender)
    said = page.get_by_role("status")
    expect(said.filter(has_text=words(f"Vous pouvez désormais agir pour {elision.the(lender.name)}."))).to_be_visible()
    end(window.platform, lender, identifier)
    expect(said.filter(has_text=words(f"La délégation {elision.of(lender.name)} a pris fin le"))).to_be_visible()
    expect(page.get_by_role("region", name="Changement de vos accès")).to_have_count(0)


def test_a_switch_in_another_tab_is_told(window: Window) -> None:
    """The two tabs of a browser share their session: the other one is not left to say the contrary."""
    page = window.sign_in(MEMBER)
    other = page.context.new_page()
    other.goto(window.platform.address + "/courriers")
    expect(other.get_by_role("heading", level=1)).to_have_text("Vos courriers")
    switch_to(page, "sauj")
    expect(bar(page)).to_be_visible()
    other.get_by_role("link", name=re.compile("^Non lus")).click()
    other.reload()
    expect(bar(other)).to_contain_text("Commune de Saujon")
    other.close()
