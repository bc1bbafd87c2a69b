"""One inbox over all the establishments one reads for: a filter, a column, marks across (R-DEL-09, R-COU-07)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.agreements import MEMBER, Asked, establishment, in_force, signed_in, undo, words
from tests.browser.conftest import Window, letter_links
from tests.browser.test_accessibility import check
from tests.browser.test_many_accounts import write

pytestmark = pytest.mark.browser

ALL = "/courriers?etablissements=tous"
CENTRE = "Centre de gestion de la fonction publique territoriale de la Charente-Maritime"


@pytest.fixture
def lender(window: Window) -> Iterator[Asked]:
    """An establishment that nobody else's test needs, with a delegation in force during the test."""
    found = establishment(window, "Centre communal d'action sociale de Saujon")
    in_force(window, found)
    yield found
    undo(window, found)


def filter_by(page: Page, typed: str) -> None:
    """Choose an establishment for the list."""
    page.get_by_role("button", name="Filtrer par établissement").click()
    dialog = page.get_by_role("dialog", name="Filtrer par établissement")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    page.keyboard.type(typed)
    expect(dialog.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def places(page: Page) -> set[str]:
    """The establishments in the column."""
    return {one.strip() for one in page.locator("td.col-establishment").all_inner_texts()}


def chips(page: Page) -> Locator:
    return page.get_by_role("list", name="Filtres appliqués")


def test_the_establishment_is_a_filter_kept_in_the_address(window: Window, lender: Asked, width: int) -> None:
    page = window.sign_in(MEMBER, path=f"/connexion?suite={ALL}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Courriers de tous vos établissements")
    expect(page.locator("td.col-establishment").first).to_be_visible()
    assert len(places(page)) > 3
    page.get_by_role("button", name="Filtrer par établissement").click()
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    expect(page.get_by_role("dialog").get_by_role("option").first).to_be_visible()
    check(page, f"agent-cdg17-choisir-etablissement-{width}")
    page.keyboard.press("Escape")

    filter_by(page, "action sociale Saujon")
    expect(page.locator("#resultats")).to_be_focused()
    expect(chips(page)).to_contain_text(words(f"Établissement : {lender.name}"))
    expect(page.locator("td.col-establishment").first).to_contain_text(lender.name)
    assert {one.removeprefix("Établissement : ") for one in places(page)} == {lender.name}
    filter_by(page, "commune sauj")
    expect(chips(page)).to_contain_text(words("Établissement : Commune de Saujon"))
    page.reload()
    expect(chips(page)).to_contain_text(words(f"Établissement : {lender.name}"))
    expect(page.locator("td.col-establishment").first).to_be_visible()
    assert places(page) <= {lender.name, "Commune de Saujon"}
    check(page, f"agent-cdg17-deux-etablissements-{width}")
    page.get_by_role("link", name=re.compile("Retirer le filtre.*Commune de Saujon")).click()
    expect(page.locator("td.col-establishment").first).to_contain_text(lender.name)
    page.get_by_role("link", name="Effacer les filtres").click()
    expect(page).to_have_url(re.compile(r"/courriers\?etablissements=tous$"))


def test_marks_work_across_establishments(window: Window, lender: Asked) -> None:
    page = window.sign_in(MEMBER, path=f"/connexion?suite={ALL}")
    expect(page.locator("td.col-establishment").first).to_be_visible()
    assert len(places(page)) > 3
    page.get_by_role("checkbox", name="Sélectionner tous les courriers de la page").check()
    page.get_by_role("button", name="Archiver").click()
    done = page.get_by_role("status").filter(has_text="25 courriers archivés")
    expect(done).to_be_visible()
    done.get_by_role("button", name="Annuler").click()
    expect(page.get_by_role("status").filter(has_text="Action annulée.")).to_be_visible()


def test_a_letter_says_for_whom_it_is_read_and_by_whom_it_was(
    window: Window, lender: Asked, width: int
) -> None:  # R-DEL-07
    """The letter, the operator's pages and the délégataire's journal say in what capacity, without switching."""
    write(
        window,
        "DELETE FROM courrier_marks WHERE courrier_id IN (SELECT id FROM courriers WHERE establishment_id = ?) "
        "AND user_id = (SELECT id FROM users WHERE identifier = ?)",
        lender.id,
        MEMBER,
    )
    page = window.sign_in(MEMBER, path=f"/connexion?suite={ALL}%26pour={lender.key}")
    expect(page.locator("td.col-establishment").first).to_contain_text(lender.name)
    letter_links(page).first.click()
    main = page.get_by_role("main")
    expect(main).to_contain_text(words(f"Vous lisez pour {lender.name}, par délégation"))
    expect(page.get_by_role("region", name=re.compile("^Vous agissez pour"))).to_have_count(0)
    page.locator("iframe").wait_for()
    capacity = f"Malik Renaud ({CENTRE}), pour {lender.name}, par délégation"
    expect(main.get_by_role("listitem").filter(has_text=words(f"Lu par {capacity}, le"))).to_be_visible()
    expect(main.get_by_role("listitem").filter(has_text=words(f"Ouvert par {capacity}"))).not_to_have_count(0)
    check(page, f"agent-cdg17-lit-pour-{width}")
    address = page.url

    context = page.context.browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    operator = Window(context.new_page(), window.platform, [], [])
    theirs = operator.sign_in("gestionnaire")
    theirs.goto(address)
    expect(theirs.get_by_role("main")).to_contain_text(words(f"Lu par {capacity}, le"))
    operator.open("/operateur/journal?categorie=COURRIERS")
    expect(theirs.get_by_role("row").nth(1)).to_contain_text(words(f"Malik Renaud ({CENTRE}) a ouvert"))
    expect(theirs.get_by_role("row").nth(1)).to_contain_text(words(f"pour {lender.name}, par délégation"))
    context.close()

    events = "auditEvents(first: 1, filter: {categories: [COURRIERS]}) { edges { node { summary } } }"
    read = signed_in(window.platform, lender.administrators[0]).ask(f"{{ viewer {{ actingFor {{ {events} }} }} }}")
    [event] = read["viewer"]["actingFor"]["auditEvents"]["edges"]
    assert event["node"]["summary"].endswith(f", pour {lender.name}, par délégation")
