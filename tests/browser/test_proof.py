"""What proves: who could read on a day, a certificate that anybody verifies; the guides; the programs' tokens."""

import json
import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser


def main(page: Page) -> Locator:
    return page.get_by_role("main")


def downloaded(page: Page, link: str, named: str, to: Path) -> Path:
    """Without a viewer of its own, this browser downloads the letter that the page shows, too."""
    with page.expect_download(lambda one: re.match(named, one.suggested_filename) is not None) as download:
        page.get_by_role("link", name=re.compile(rf"^{link}")).click()
    path = to / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_letter_is_proved_to_anybody(window: Window, tmp_path: Path, width: int) -> None:  # R-COU-15, R-JRN-04
    page = window.sign_in("agent-royan", path="/connexion?suite=/courriers")
    main(page).get_by_role("table").get_by_role("link").first.click()
    pdf = downloaded(page, "Certificat PDF", r"certificat.*\.pdf", tmp_path)
    signed = downloaded(page, "Certificat JSON", r"certificat.*\.json", tmp_path)
    letter = downloaded(page, "Télécharger le PDF", r"(?!certificat)", tmp_path)
    address = page.url
    expect(main(page).get_by_role("heading", name="Qui pouvait le lire")).to_have_count(0)
    page.get_by_role("button", name="Se déconnecter").click()
    page.get_by_label("Identifiant").wait_for()

    window.open("/verification")
    for certificate in (signed, pdf):
        page.get_by_label("Choisir le certificat").set_input_files(certificate)
        expect(page.get_by_role("heading", name="Ce certificat est authentique")).to_be_visible()
        expect(main(page)).to_contain_text("Le journal de la plateforme est tel qu’il était")
    expect(main(page).get_by_role("table")).to_contain_text("Mis à disposition")
    page.get_by_label("Choisir le fichier du courrier").set_input_files(letter)
    expect(main(page)).to_contain_text("est bien le courrier de ce certificat")
    check(page, f"verification-{width}")
    _drop(page, "Choisir le fichier du courrier", "autre.pdf", "ce n’est pas lui")
    expect(main(page)).to_contain_text("n’est pas le courrier de ce certificat")
    said = json.loads(signed.read_bytes())
    said["certificate"]["courrier"]["reference"] += "0"
    _drop(page, "Choisir le certificat", "certificat.json", json.dumps(said))
    expect(page.get_by_role("heading", name="Ce certificat a été modifié")).to_be_visible()
    _drop(page, "Choisir le certificat", "rien.json", "rien")
    expect(page.get_by_role("heading", name="Ce fichier n’est pas un certificat")).to_be_visible()

    _who_could_read(window, address.removeprefix(window.platform.address), width)


def _drop(page: Page, label: str, name: str, content: str) -> None:
    """As one drops a file on the zone."""
    zone = page.locator(".drop").filter(has=page.get_by_label(label))
    transfer = page.evaluate_handle(
        "([name, content]) => { const it = new DataTransfer(); it.items.add(new File([content], name)); return it; }",
        [name, content],
    )
    zone.dispatch_event("drop", {"dataTransfer": transfer})


def _who_could_read(window: Window, path: str, width: int) -> None:
    """An administrator who does not read the letter asks all the same who could."""
    page = window.sign_in("admin-royan", path=f"/connexion?suite={path}")
    expect(page.get_by_role("heading", name="Qui pouvait le lire")).to_be_visible()
    table = main(page).get_by_role("table")
    expect(table).to_contain_text("Droit dans son établissement")
    expect(table).to_contain_text("Encore aujourd’hui")
    check(page, f"lecteurs-un-jour-{width}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger en CSV").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == "Personne;Établissement;SIRET;À quel titre;Niveau;Depuis;Jusqu’au"
    assert len(lines) == 1 + main(page).get_by_role("table").get_by_role("row").count() - 1
    page.get_by_role("textbox", name="Jour").fill("2001-01-01")
    page.get_by_role("button", name="Voir", exact=True).click()
    expect(main(page)).to_contain_text("Personne ne pouvait lire ce courrier le 1er janvier 2001")


def test_guides_are_found_read_and_printed(window: Window, width: int) -> None:  # R-GUI-01
    page = window.open("/connexion")
    page.get_by_role("contentinfo").get_by_role("link", name="Guide : premiers pas").wait_for()
    page.get_by_role("contentinfo").get_by_role("link", name="Guides", exact=True).click()
    expect(page.get_by_role("heading", name="Guides", exact=True)).to_be_focused()
    expect(main(page).get_by_role("heading", name="Pour les centralisateurs")).to_be_visible()
    check(page, f"guides-{width}")
    page.get_by_label("Chercher dans les guides").fill("DELEGATAIRE prolonger")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("#resultats")).to_contain_text("contien")
    page.get_by_label("Chercher dans les guides").fill("zibeline")
    page.get_by_role("button", name="Chercher").click()
    expect(page.locator("#resultats")).to_contain_text("Aucun guide ne contient")
    page.get_by_role("link", name="Tous les guides").click()
    page.get_by_role("link", name="L’accès multi-comptes, pour les établissements").or_(
        page.locator("a[href='/guides/acces-multi-comptes-etablissements']")
    ).first.click()
    contents = page.get_by_role("navigation", name="Dans ce guide")
    contents.get_by_role("link", name="Prolonger").click()
    expect(page).to_have_url(re.compile("#prolonger$"))
    expect(page.locator("#prolonger")).to_be_in_viewport()
    pictures = main(page).get_by_role("img")
    pictures.first.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.guide img').naturalWidth > 0")
    check(page, f"guide-{width}")
    main(page).locator(".guide a[href^='/guides/acces']").first.click()
    expect(main(page).get_by_role("heading", level=1)).to_be_focused()
    window.open("/guides/absent")
    expect(page.get_by_role("heading", name="Ce guide n’existe pas")).to_be_visible()


def test_a_program_is_given_a_token_that_is_shown_once(window: Window, width: int) -> None:
    name = f"Chaîne d’essai {width}"
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/courriers")
    page.get_by_role("link", name="Clients techniques").click()
    expect(page.get_by_role("heading", name="Clients techniques")).to_be_focused()
    check(page, f"clients-{width}")
    page.get_by_role("link", name="Créer un client technique").click()
    page.get_by_role("button", name="Créer et voir le jeton").click()
    expect(page.get_by_role("alert")).to_contain_text("Donnez un nom à ce client.")
    check(page, f"client-refus-{width}")
    page.get_by_label("Nom").fill(name)
    page.get_by_label("Déposer des courriers").check()
    page.get_by_role("button", name="Créer et voir le jeton").click()
    expect(
        page.get_by_role("heading", name=f"« {name} » est créé".replace("« ", "«\u202f").replace(" »", "\u202f»"))
    ).to_be_visible()
    secret = page.locator(".handed-over").inner_text()
    check(page, f"client-jeton-{width}")

    asked = {"query": "{ viewer { apiClient { name scopes } } }"}
    bearer = {"authorization": f"Bearer {secret}"}
    answer = httpx.post(f"{window.platform.address}/graphql", json=asked, headers=bearer).json()
    assert answer["data"]["viewer"]["apiClient"] == {"name": name, "scopes": ["DEPOSIT_COURRIERS"]}
    page.get_by_role("button", name="J’ai gardé le jeton").click()
    row = page.get_by_role("row", name=name)
    expect(row).not_to_contain_text("Jamais")
    expect(page.locator("body")).not_to_contain_text(secret)
    row.get_by_role("button", name="Retirer son jeton").click()
    check(page, f"client-retrait-{width}")
    page.get_by_role("dialog").get_by_role("button", name="Retirer le jeton").click()
    expect(row).to_contain_text("Jeton retiré le")
    answer = httpx.post(f"{window.platform.address}/graphql", json=asked, headers=bearer).json()
    assert not (answer.get("data") or {}).get("viewer")
