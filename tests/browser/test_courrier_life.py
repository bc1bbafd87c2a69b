"""What becomes of a letter, in a real browser: acknowledged, certified, withdrawn (R-COU-06, R-COU-13, R-COU-15)."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from backend.rules import globalid
from tests.browser.agreements import Person, ask_for_acknowledgement, establishment, signed_in, words
from tests.browser.conftest import Window, until_no_dialog
from tests.browser.test_accessibility import check
from tests.browser.test_accounts import colleague
from tests.browser.test_delegation_decision import name
from tests.browser.test_many_accounts import write

__all__ = ["colleague"]

pytestmark = pytest.mark.browser

PLACE = "Commune de Cozes"
"""Its letters are of no other test."""

LETTERS = """query($asked: Boolean) { viewer { courriers(first: 100, filter: { toAcknowledge: $asked }) {
  edges { node { id subject reference type { code } } } } } }"""
WITHDRAW = """mutation($input: WithdrawCourrierInput!) {
  withdrawCourrier(input: $input) { errors { message } } }"""


def letters(person: Person, *, to_acknowledge: bool = False) -> list[dict[str, str]]:
    """Those that somebody reads, the newest first."""
    found = person.ask(LETTERS, asked=to_acknowledge)["viewer"]["courriers"]["edges"]
    return [one["node"] for one in found]


def settled(page: Page) -> None:
    """Once the letter was opened, and the page knows it."""
    page.locator("iframe").wait_for()
    expect(page.get_by_role("region", name="Lectures").get_by_role("listitem").first).to_be_visible()


def test_a_letter_is_acknowledged_once(window: Window, colleague: Window, width: int) -> None:  # R-COU-06
    """Asked for → what it means → given, by whom and when; who comes second is told."""
    place = establishment(window, PLACE)
    ask_for_acknowledgement(window, place)
    first, second = place.administrators[:2]
    theirs = {one["id"] for one in letters(signed_in(window.platform, second), to_acknowledge=True)}
    mine = letters(signed_in(window.platform, first), to_acknowledge=True)
    letter = next(one for one in mine if one["id"] in theirs)
    path = f"/connexion?suite=/courriers/{letter['id']}"
    page, other = window.sign_in(first, path=path), colleague.sign_in(second, path=path)
    settled(page)
    settled(other)
    asked = page.get_by_role("button", name="Accuser réception")
    other.get_by_role("button", name="Accuser réception").click()
    late = other.get_by_role("dialog", name="Accuser réception de ce courrier")
    expect(late).to_be_visible()
    expect(page.get_by_role("heading", name="Le fonds demande un accusé de réception")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"Il dit que la {PLACE} a bien reçu ce courrier.")
    check(page, f"courrier-a-accuser-{width}")
    asked.click()
    dialog = page.get_by_role("dialog", name="Accuser réception de ce courrier")
    expect(dialog).to_contain_text(words(letter["subject"]))
    check(page, f"courrier-accuser-{width}")
    page.keyboard.press("Escape")
    until_no_dialog(page)
    expect(asked).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Accuser réception").click()
    given = page.locator(".acknowledging")
    expect(given).to_contain_text(re.compile(rf"Accusé de réception donné le .* par {name(window, first)}\."))
    expect(given).to_be_focused()
    expect(asked).to_have_count(0)
    expect(page.get_by_role("region", name="Suivi")).to_contain_text("Accusé de réception donné")
    check(page, f"courrier-accuse-{width}")

    late.get_by_role("button", name="Accuser réception").click()
    told = other.locator(".acknowledging")
    expect(told).to_be_focused()
    expect(told).to_contain_text(re.compile(rf"donné le .* par {name(window, first)}\. Il a été donné avant vous"))
    expect(other.get_by_role("button", name="Accuser réception")).to_have_count(0)
    check(other, f"courrier-accuse-second-{width}")
    assert colleague.complaints == []


def test_the_certificate_is_there_in_both_forms(window: Window, width: int) -> None:  # R-COU-15
    first = establishment(window, PLACE).administrators[0]
    letter = letters(signed_in(window.platform, first))[0]
    page = window.sign_in(first, path=f"/connexion?suite=/courriers/{letter['id']}")
    settled(page)
    certificate = page.get_by_role("region", name="Certificat")
    check(page, f"courrier-certificat-{width}")
    with page.expect_download() as printed:
        certificate.get_by_role("link", name="Certificat PDF").click()
    assert re.fullmatch(r"certificat-.+\.pdf", printed.value.suggested_filename)
    assert printed.value.path().read_bytes().startswith(b"%PDF")
    with page.expect_download() as written:
        certificate.get_by_role("link", name="Certificat JSON").click()
    assert letter["reference"] in json.dumps(json.loads(written.value.path().read_bytes()))


def test_a_letter_that_is_withdrawn_leaves_its_trace(window: Window, width: int) -> None:  # R-COU-13
    """It leaves the open list; its address says why, and what replaces it; the withdrawn ones are listed."""
    why = f"Ce courrier concernait un autre établissement ({width})."
    first = establishment(window, PLACE).administrators[0]
    mine = letters(signed_in(window.platform, first))
    gone = next(one for one in mine if any(one["type"] == two["type"] and one != two for two in mine))
    instead = next(one for one in mine if one["type"] == gone["type"] and one != gone)
    number = globalid.decode(gone["id"])[1]
    page = window.sign_in(first, path=f"/connexion?suite=/courriers?q={gone['reference']}")
    expect(page.get_by_role("main").get_by_role("link", name=words(gone["subject"]))).to_be_visible()
    signed_in(window.platform, "gestionnaire").ask(WITHDRAW, input={"id": gone["id"], "reason": why})
    expect(page.get_by_role("main").get_by_role("link", name=words(gone["subject"]))).to_have_count(0)
    told = page.get_by_role("status").filter(has_text="Un courrier vient d’être retiré")
    told.get_by_role("link", name=gone["reference"]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Courrier retiré")
    expect(page.get_by_role("main")).to_contain_text(why)
    expect(page.get_by_role("main")).to_contain_text("Aucun courrier ne le remplace à ce jour.")
    expect(page.get_by_role("main")).not_to_contain_text(words(gone["subject"]))
    check(page, f"courrier-retire-{width}")
    write(window, "UPDATE courriers SET replaces_id = ? WHERE id = ?", number, globalid.decode(instead["id"])[1])
    page.reload()
    page.get_by_role("main").get_by_role("link", name=words(instead["subject"])).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words(instead["subject"]))

    page = window.open("/courriers")
    page.get_by_role("link", name="Courriers retirés").click()
    row = page.get_by_role("row", name=gone["reference"])
    expect(row).to_contain_text(why)
    check(page, f"courriers-retires-{width}")
    row.get_by_role("link", name=gone["reference"]).click()
    expect(page.get_by_role("heading", level=1, name="Courrier retiré", exact=True)).to_be_focused()
    page.get_by_role("link", name="Retour aux courriers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Courriers retirés")
