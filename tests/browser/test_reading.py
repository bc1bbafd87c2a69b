"""Reading courriers: by keyboard, letter after letter, in named views, taken away (R-COU-06, R-COU-07, R-COU-08)."""

import csv
import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from backend.database.text import fold
from tests.browser.conftest import PASSWORD, Window, until_no_dialog
from tests.browser.test_accessibility import check
from tests.browser.test_many_accounts import write

pytestmark = pytest.mark.browser

READER = "agent-royan"


def listed(window: Window, query: str = "") -> Page:
    """Somebody who reads, at their list."""
    page = window.sign_in(READER, path=f"/connexion?suite={('/courriers' + query).replace('&', '%26')}")
    expect(rows(page).first).to_be_visible()
    return page


def rows(page: Page) -> Locator:
    return page.locator(".courriers a.row-link")


def said(page: Page, text: str) -> Locator:
    """What is said of what was just done."""
    return page.get_by_role("status").filter(has_text=re.compile(text.replace(" ", r"\s")))


def test_the_list_by_keyboard_alone(window: Window, width: int) -> None:  # R-COU-06, R-COU-07
    """Single keys act on the row that has the focus; never while one types; they can be switched off (WCAG 2.1.4)."""
    page = listed(window)
    keys = page.keyboard
    keys.press("j")
    expect(rows(page).nth(0)).to_be_focused()
    assert page.evaluate("document.activeElement.matches(':focus-visible')")  # the whole row is outlined
    keys.press("j")
    keys.press("j")
    keys.press("k")
    expect(rows(page).nth(1)).to_be_focused()
    keys.press("x")
    expect(page.get_by_text("1 courrier sélectionné").first).to_be_visible()
    keys.press("x")
    expect(page.get_by_role("group", name="Actions sur la sélection")).to_have_count(0)
    second = page.locator("tbody tr").nth(1)
    was_unread = "is-unread" in (second.get_attribute("class") or "")
    keys.press("u")
    expect(said(page, f"1 courrier marqué comme {'lu' if was_unread else 'non lu'}.")).to_be_visible()
    expect(rows(page).nth(1)).to_be_focused()
    expect(second.get_by_text("Non lu", exact=True)).to_have_count(0 if was_unread else 1)
    keys.press("u")
    expect(said(page, f"1 courrier marqué comme {'non lu' if was_unread else 'lu'}.")).to_be_visible()
    third = rows(page).nth(2).get_attribute("id")
    keys.press("e")
    expect(said(page, "1 courrier archivé.")).to_be_visible()
    expect(page.locator(f"#{third}")).to_be_focused()  # the next one, when the row leaves
    page.get_by_role("button", name="Annuler").click()
    expect(said(page, "Action annulée.")).to_be_visible()

    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("jeux?")  # no key acts here
    expect(page.get_by_role("searchbox")).to_have_value("jeux?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    rows(page).first.focus()
    keys.press("?")
    dialog = page.get_by_role("dialog", name="Raccourcis clavier")
    expect(dialog).to_contain_text("Courrier suivant")
    check(page, f"raccourcis-{width}")
    dialog.get_by_role("checkbox").uncheck()
    keys.press("Escape")
    until_no_dialog(page)
    rows(page).first.focus()
    keys.press("j")
    expect(rows(page).first).to_be_focused()
    page.get_by_role("button", name="Raccourcis clavier").click()
    page.get_by_role("dialog").get_by_role("checkbox").check()
    keys.press("Escape")
    until_no_dialog(page)
    rows(page).first.focus()
    keys.press("o")
    expect(page.get_by_role("heading", name="Document", exact=True)).to_be_visible()


def test_letter_after_letter_beyond_a_page_and_back(window: Window, width: int) -> None:  # R-COU-07
    page = listed(window, "?tri=SUBJECT_ASC")
    subjects = rows(page).all_inner_texts()
    assert subjects == sorted(subjects, key=fold), "by subject"
    rows(page).nth(23).click()
    letters = page.get_by_role("navigation", name="Autres courriers de la liste")
    onward, back = (letters.get_by_role("link", name=re.compile(name)) for name in ("suivant", "précédent"))
    expect(page.get_by_role("heading", level=1)).to_have_text(subjects[23])
    for _ in range(2):
        seen = page.url
        onward.click()
        expect(page).not_to_have_url(seen)
        expect(onward).to_be_visible()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Courrier")  # that of while it waits
    beyond = page.get_by_role("heading", level=1).inner_text()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text(beyond)
    expect(onward).to_be_visible()
    check(page, f"courrier-suivant-{width}")
    here = page.url
    page.keyboard.press("u")  # back to the list, at its second page
    expect(rows(page).first).to_be_focused()
    expect(rows(page).first).to_have_text(beyond)
    page.go_back()
    expect(page).to_have_url(here)
    expect(back).to_be_visible()
    page.keyboard.press("k")
    expect(page).not_to_have_url(here)
    expect(page.get_by_role("heading", level=1)).to_have_text(subjects[24])
    page.get_by_role("link", name="Retour aux courriers").click()
    expect(rows(page).nth(24)).to_be_focused()
    assert rows(page).all_inner_texts() == subjects


def test_a_view_is_named_and_found_on_another_device(window: Window, width: int) -> None:  # R-COU-07
    write(window, "DELETE FROM saved_views")
    page = listed(window, "?fonds=CNRACL&delai=90")
    page.get_by_role("button", name="Enregistrer cette vue").click()
    dialog = page.get_by_role("dialog", name="Mes vues")
    dialog.get_by_label("Nom de la vue").fill("CNRACL, bientôt")
    dialog.get_by_role("button", name="Enregistrer cette vue").click()
    expect(said(dialog, "La vue « CNRACL, bientôt » est enregistrée.")).to_be_focused()
    check(page, f"mes-vues-{width}")
    page.keyboard.press("Escape")

    context = page.context.browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    elsewhere = Window(context.new_page(), window.platform, [], [])
    other = listed(elsewhere)
    mine = other.get_by_role("navigation", name="Mes vues")
    mine.get_by_role("link", name="CNRACL, bientôt").click()
    expect(other).to_have_url(re.compile(r"fonds=CNRACL&delai=90$"))
    expect(mine.get_by_role("link")).to_have_attribute("aria-current", "true")
    mine.get_by_role("button", name="Gérer mes vues").click()
    other.get_by_role("dialog").get_by_label("Nom de la vue « CNRACL, bientôt »").fill("Urgences")
    other.get_by_role("button", name="Renommer").click()
    expect(said(other, "La vue s’appelle maintenant « Urgences ».")).to_be_visible()
    other.get_by_role("button", name="Supprimer la vue « Urgences »").click()
    expect(said(other, "La vue « Urgences » est supprimée.")).to_be_visible()
    other.keyboard.press("Escape")
    expect(mine.get_by_role("link")).to_have_count(0)
    context.close()


def test_a_selection_over_pages_is_marked_and_taken_away(window: Window, width: int, tmp_path: Path) -> None:
    """R-COU-08: archived with its undo; as a spreadsheet; as a ZIP, each letter then downloaded (R-COU-06)."""
    page = listed(window, "?fonds=CNRACL")
    total = int(re.findall(r"\d+", page.locator("#resultats").inner_text())[0])
    assert total > 25
    page.get_by_role("checkbox", name="Sélectionner tous les courriers de la page").check()
    page.get_by_role("button", name="Sélectionner tout ce qui correspond").click()
    expect(said(page, f"Les {total} courriers de la liste sont sélectionnés.")).to_be_visible()
    check(page, f"selection-de-tout-{width}")
    page.get_by_role("button", name="Archiver", exact=True).click()
    expect(said(page, f"{total} courriers archivés.")).to_be_visible()
    page.get_by_role("button", name="Annuler").click()
    expect(said(page, "Action annulée.")).to_be_visible()
    expect(page.locator("#resultats")).to_contain_text(f"{total} courriers")

    with page.expect_download() as waiting:
        page.get_by_role("button", name="Exporter la liste en tableau (CSV)").click()
    text = Path(waiting.value.path()).read_text("utf-8")
    assert len(list(csv.reader(io.StringIO(text), delimiter=";"))) == total + 1
    for rank in (0, 1):
        page.locator("tbody").get_by_role("checkbox").nth(rank).check()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Télécharger la sélection (ZIP)").click()
    assert re.fullmatch(r"courriers-\d{4}-\d\d-\d\d\.zip", waiting.value.suggested_filename)
    waiting.value.save_as(tmp_path / "courriers.zip")
    with zipfile.ZipFile(tmp_path / "courriers.zip") as found:
        assert found.testzip() is None
        assert len([name for name in found.namelist() if "_piece-" not in name]) == 3
        assert found.read(found.namelist()[0]).startswith(b"%PDF-")
    rows(page).first.click()
    expect(page.get_by_role("listitem").filter(has_text="Téléchargé").first).to_be_visible()


def test_the_text_of_a_letter_and_its_due_date(window: Window, width: int) -> None:  # R-COU-06, R-COU-07
    """By keyboard, page by page, said to be an extract; a due date goes into a calendar."""
    page = listed(window, "?vue=a-traiter")
    days = [one.inner_text() for one in page.locator("td.col-due").all()]
    assert days == sorted(days, key=lambda one: re.findall(r"(\d\d)/(\d\d)/(\d{4})", one)[0][::-1])
    rows(page).first.click()
    page.locator("iframe").wait_for()
    show = page.get_by_role("button", name="Lire le texte")
    show.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Texte du document")).to_be_focused()
    expect(page.get_by_role("main")).to_contain_text("seul le document fait foi")
    expect(page.get_by_role("article", name=re.compile("^Page 1 sur"))).to_contain_text("Madame, Monsieur,")
    check(page, f"courrier-texte-{width}")
    page.get_by_role("button", name="Fermer le texte").click()
    expect(page.get_by_role("heading", name="Texte du document")).to_have_count(0)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Ajouter à mon agenda").click()
    assert "BEGIN:VEVENT" in Path(waiting.value.path()).read_text("utf-8")
    window.open("/courriers")
    page.get_by_role("button", name="Échéances dans mon agenda").click()
    dialog = page.get_by_role("dialog", name="Échéances dans mon agenda")
    dialog.get_by_role("button", name="Obtenir une adresse").click()
    address = dialog.get_by_label("Adresse de l’agenda")
    expect(address).to_have_value(re.compile(r"^http.*/agenda/abonnement/.{40,}/echeances\.ics$"))
    check(page, f"agenda-{width}")
    assert "BEGIN:VCALENDAR" in page.request.get(address.input_value()).text()
    dialog.get_by_role("button", name="Fermer l’adresse").click()
    expect(said(dialog, "L’adresse ne donne plus rien.")).to_be_visible()


def test_a_letter_s_address_survives_signing_in_and_a_new_password(window: Window) -> None:  # R-COU-07
    page = listed(window, "?tri=LETTER_DATE_DESC")
    subject = rows(page).nth(3).inner_text()
    rows(page).nth(3).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    address = page.url.removeprefix(window.platform.address)
    page.context.clear_cookies()
    window.open(address)
    page.get_by_role("link", name="Mot de passe oublié").click()
    page.get_by_label("Identifiant").fill(READER)
    page.get_by_role("main").get_by_role("button").click()
    expect(page.get_by_role("heading", name="Demande enregistrée")).to_be_visible()
    [(body,)] = write(
        window, "SELECT body_text FROM notifications WHERE kind = 'PASSWORD_RESET' ORDER BY id DESC LIMIT 1"
    )
    link = re.search(r"/mot-de-passe\?jeton=\S+", body)
    assert link is not None
    window.open(link[0])
    page.get_by_label("Nouveau mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Enregistrer le mot de passe").click()
    page.get_by_role("link", name="Aller à la connexion").click()
    page.get_by_label("Identifiant").fill(READER)
    page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    expect(page.get_by_role("navigation", name="Autres courriers de la liste")).to_be_visible()
    assert page.url.removeprefix(window.platform.address) == address
