"""What was sent, as people see it; from the e-mail to the accounts it speaks of (R-ACC-09, R-NOT-02)."""

import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend import clock
from tests.browser.conftest import Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser


def test_one_reads_what_was_sent_to_one_and_why(window: Window, width: int) -> None:  # R-NOT-02
    page = window.sign_in("admin-royan", path="/connexion?suite=/mes-informations")
    section = page.get_by_role("region", name="Mes messages reçus")
    messages = section.get_by_role("listitem")
    expect(messages).to_have_count(5)
    expect(messages.filter(has_text="bientôt").first).to_contain_text("14 jours, 7 jours puis 1 jour avant")
    newest = messages.first.inner_text()
    check(page, f"messages-{width}")
    section.get_by_role("button", name="Plus anciens").click()
    expect(section.get_by_role("button", name="Plus récents")).to_be_visible()
    expect(messages.first).not_to_contain_text(newest.split("\n")[0] + "\n" + newest.split("\n")[1])
    expect(section.get_by_role("status")).to_be_focused()
    section.get_by_role("button", name="Plus récents").click()
    expect(section.get_by_role("button", name="Plus récents")).to_have_count(0)


def _expires_soon(window: Window, first: str, last: str) -> None:
    path = Path(window.platform.environment["DATA_DIR"]) / "peps.sqlite3"
    day = (clock.today() + timedelta(days=9)).isoformat()
    with closing(sqlite3.connect(path, timeout=20)) as database, database:
        named = "UPDATE users SET expires_on = ? WHERE first_name = ? AND last_name = ? AND deleted_at IS NULL"
        database.execute(named, [day, first, last])


def test_from_the_reminder_to_the_accounts_it_names(window: Window, width: int) -> None:  # R-ACC-09
    page = window.open("/messagerie?a=etienne.lacombe")
    page.get_by_role("link", name=re.compile("bientôt")).first.click()
    text = page.get_by_label("Le message en texte seul")
    named = re.findall(r"^- (\S+) (.+), ", text.inner_text(), re.MULTILINE)
    assert named
    address = text.get_by_role("link").first.get_attribute("href")
    assert address is not None
    assert "/etablissement/comptes?expire=14" in address
    for first, last in named:  # other tests of this platform may have renewed them since
        _expires_soon(window, first, last)
    page.goto(address)
    page.get_by_label("Identifiant").fill("admin-royan")
    page.get_by_label("Mot de passe", exact=True).fill("violette-tracteur-nuage-42")
    page.get_by_role("button", name="Se connecter").click()
    for first, last in named:
        expect(page.get_by_role("rowheader", name=f"{last.upper()} {first}")).to_be_visible()
    check(page, f"expiring-accounts-{width}")


def test_the_dates_of_the_monthly_list_are_in_the_address(window: Window, width: int) -> None:  # R-ACC-09
    page = window.sign_in(
        "admin-royan", path="/connexion?suite=/etablissement/comptes%3Fdepuis=2026-01-01%26jusque=2026-01-31"
    )
    expect(page.get_by_role("link").filter(has_text="Expire à partir du")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Aucun compte")).to_be_visible()


def test_administrators_see_an_address_that_bounces(window: Window, width: int) -> None:  # R-NOT-02
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes")
    bouncing = page.get_by_role("row").filter(has_text="Messages non remis")
    expect(bouncing.first).to_be_visible()
    check(page, f"bouncing-accounts-{width}")
    bouncing.first.get_by_role("link").first.click()
    expect(page.get_by_text("vérifiez-la avec la personne")).to_be_visible()
    check(page, f"bouncing-account-{width}")
