"""The operators' dashboard of adoption, who never read, and what nobody can read (R-ADO-01, R-ADO-02, R-COU-12)."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.agreements import establishment
from tests.browser.conftest import Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser


def spreadsheet(page: Page, button: str) -> list[list[str]]:
    """The lines of the file that a button or a link gives."""
    with page.expect_download() as download:
        page.get_by_label(button).or_(page.get_by_role("link", name=button)).click()
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets misread accents without it"
    return [line.split(";") for line in content.decode("utf-8-sig").splitlines()]


def number(text: str) -> int:
    return int(re.sub(r"\D", "", text))


def test_the_dashboard_and_a_reminder(window: Window, width: int) -> None:
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/adoption")
    main = page.get_by_role("main")
    funnel = page.get_by_role("table", name="Du dépôt à la lecture")
    expect(funnel.get_by_role("row")).to_have_count(7)
    steps = [number(one) for one in funnel.locator("td:nth-child(2)").all_inner_texts()]
    served, notified, signed_in, reading, reading_all, never = steps
    assert served >= notified > 0
    assert served >= signed_in >= reading >= reading_all
    assert never == served - reading
    months = page.get_by_role("img", name=re.compile(r"^Par mois.: courriers mis à disposition"))
    expect(months).to_be_visible()
    check(page, f"adoption-{width}")
    month = main.get_by_role("region", name="Par mois")
    month.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Par mois")).to_be_visible()
    lines = spreadsheet(page, "Télécharger «\u202fPar fonds\u202f» (CSV)")
    assert lines[0][:2] == ["Fonds", "Établissements servis"]
    assert sum(int(line[3]) for line in lines[1:]) == number(
        main.locator("dt", has_text="Courriers mis à disposition").locator("xpath=../dd").inner_text()
    )
    check(page, f"adoption-tableaux-{width}")
    page.get_by_role("link", name="3 derniers mois").click()
    expect(page).to_have_url(re.compile(r"periode=3"))
    expect(month.locator("summary")).to_contain_text(re.compile("[3-5] lignes"))
    page.reload()
    expect(page.get_by_role("link", name="3 derniers mois")).to_have_attribute("aria-current", "page")
    window.open("/operateur/adoption?du=2001-01-01&au=2001-12-31")
    expect(main).to_contain_text("Aucun courrier n’a été mis à disposition")
    page.emulate_media(forced_colors="active")
    window.open("/operateur/adoption")
    expect(months).to_be_visible()
    fills = page.locator(".plot-columns rect").evaluate_all("all => all.map(one => getComputedStyle(one).fill)")
    assert len(set(fills)) == 2, "both are told apart in forced colours, by something else than their place"
    page.emulate_media(forced_colors="none")

    page.get_by_role("link", name="Qui n’a jamais ouvert de courrier").click()
    table = page.get_by_role("table", name="Établissements qui n’ont jamais ouvert de courrier")
    expect(table.get_by_role("row")).to_have_count(never + 1)
    assert len(spreadsheet(page, "Télécharger la liste (CSV)")) == never + 1
    check(page, f"sans-lecture-{width}")
    reason = table.locator(".tag-warn").first.inner_text()
    if not page.get_by_label("Ce qui manque").is_visible():
        page.locator("summary", has_text="Filtres").click()
    page.get_by_label("Ce qui manque").select_option(label=reason)
    page.get_by_role("button", name="Appliquer").click()
    expect(page).to_have_url(re.compile("manque="))
    page.get_by_role("link", name="Effacer les filtres").click()
    expect(table.get_by_role("row")).to_have_count(never + 1)
    table.get_by_role("checkbox").nth({1280: 0, 360: 1}[width]).check()
    page.get_by_role("button", name="Relancer", exact=True).click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text(re.compile("1 établissement (sera relancé|est laissé)"))
    check(page, f"sans-lecture-relancer-{width}")
    question.get_by_role("button", name="Relancer").click()
    expect(page.get_by_role("table", name="Relances, de la dernière à la première")).to_be_visible()
    check(page, f"sans-lecture-relances-{width}")


def test_what_nobody_can_read_and_the_one_thing_that_mends_it(window: Window, width: int) -> None:  # R-COU-12
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/etablissements?lecteur=sans")
    names = page.get_by_role("table").get_by_role("link")
    expect(names).not_to_have_count(0)
    there = next(one for name in names.all_inner_texts() if (one := establishment(window, name)).administrators)
    names.first.click()
    gaps = page.get_by_role("region", name="Courriers que personne ne peut lire")
    expect(gaps.get_by_role("listitem").first).to_be_visible()
    check(page, f"sans-lecteur-{width}")
    page.context.clear_cookies()
    page = window.sign_in(there.administrators[0], path="/connexion?suite=/")
    expect(gaps.get_by_role("link").first).to_be_visible()  # its administrator is told on the first screen, and where
    check(page, f"administrateur-sans-lecteur-{width}")
