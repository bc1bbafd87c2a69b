"""A service from its publication to its review and its closing, in a real browser (R-RGT-04, 05)."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser

TASK = re.compile("nouveaux? services? à examiner")


@pytest.fixture
def administrator(window: Window, width: int) -> Iterator[Window]:
    """The window of an administrator, beside the operator's."""
    browser = window.page.context.browser
    assert browser is not None
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR", timezone_id="Europe/Paris")
    yield Window(context.new_page(), window.platform, [], [])
    context.close()


def test_a_service_from_its_publication_to_its_closing(window: Window, administrator: Window, width: int) -> None:
    """Published → a task of the administrator → a level given → reviewed → no task any more → closed."""
    mark = time.monotonic_ns()
    label, code = f"Prestations d’essai {mark}", f"ESSAI_{mark}"
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/services")
    taken = page.get_by_role("rowheader").first.locator(".line").inner_text()
    page.get_by_role("link", name="Publier un service").click()
    page.get_by_role("button", name="Publier").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="Donnez le nom du service.").click()
    expect(page.get_by_label("Nom", exact=True)).to_be_focused()
    check(page, f"gestionnaire-publier-service-erreurs-{width}")
    page.get_by_label("Nom", exact=True).fill(label)
    page.get_by_label("Code").fill(taken)
    page.get_by_label("Ce qu’il permet").fill("Suivre les prestations de vos agents.")
    page.get_by_label("Thème").fill("Gestion")
    page.get_by_label("CNRACL", exact=True).check()
    page.get_by_role("button", name="Publier").click()
    expect(summary).to_contain_text("est déjà celui d’un service")
    page.get_by_label("Code").fill(code.lower())
    check(page, f"gestionnaire-publier-service-{width}")
    page.get_by_role("button", name="Publier").click()
    expect(page.get_by_role("status").filter(has_text="est publié et ouvert")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=code)).to_contain_text("Ouvert")
    check(page, f"gestionnaire-services-{width}")

    theirs = administrator.sign_in("admin-royan")
    theirs.get_by_role("link", name=TASK).click()
    section = theirs.get_by_role("region", name=label)
    expect(section).to_contain_text("Suivre les prestations de vos agents.")
    check(theirs, f"admin-royan-a-revoir-{width}")
    someone = section.get_by_role("group").first
    expect(someone.get_by_role("radio", name="Aucun")).to_be_checked()
    someone.get_by_role("radio", name="Lecture seule").check()
    section.get_by_role("button", name="Enregistrer 1 droit").click()
    expect(theirs.locator(".outcome")).to_contain_text("est passé en revue, et 1 droit est enregistré.")
    expect(theirs.locator(".outcome")).to_be_focused()
    expect(section).to_have_count(0)
    others = theirs.get_by_role("button", name="J’ai passé en revue")
    for left in range(others.count(), 0, -1):
        others.first.click()
        expect(others).to_have_count(left - 1)
    expect(theirs.get_by_text("Rien à examiner")).to_be_visible()
    check(theirs, f"admin-royan-rien-a-examiner-{width}")
    administrator.open("/")
    expect(theirs.get_by_role("heading", level=1)).to_be_visible()
    expect(theirs.get_by_role("region", name="Derniers courriers non lus")).to_be_visible()
    expect(theirs.get_by_role("link", name=TASK)).to_have_count(0)
    administrator.open("/etablissement/services")
    expect(theirs.get_by_role("row").filter(has_text=label)).to_contain_text("1 en lecture seule")

    page.get_by_role("button", name=f"Fermer {label}").click()
    expect(page.get_by_role("dialog")).to_contain_text("ses droits ne valent plus")
    check(page, f"gestionnaire-fermer-service-{width}")
    page.get_by_role("dialog").get_by_role("button", name="Fermer le service").click()
    expect(page.get_by_role("row").filter(has_text=code)).to_contain_text("Fermé depuis le")
    administrator.open("/etablissement/services")
    expect(theirs.get_by_role("row").first).to_be_visible()
    expect(theirs.get_by_role("row").filter(has_text=label)).to_have_count(0)
    assert administrator.complaints == []
