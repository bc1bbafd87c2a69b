"""The whole walk, in a real browser, on the platform as a newcomer starts it (R-COU-05, 06, 16)."""

import csv
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import WebSocketRoute, expect

from backend.demo.catalogue import compose
from backend.demo.employers import contract_number, employers
from backend.gateways.letter import render
from tests.browser.conftest import Window, letter_links
from tests.browser.test_many_accounts import write

pytestmark = pytest.mark.browser


def letter_for_royan(folder: Path, reference: str) -> Path:
    """A folder to deposit, with one letter to the Commune de Royan."""
    from datetime import date

    town = next(one for one in employers("small") if one.name == "Commune de Royan")
    kind, today = "CNRACL_APPEL_COTISATIONS", date(2026, 11, 20)
    composed = compose(
        kind,
        establishment=town,
        contract_number=contract_number(town, "CNRACL"),
        reference=reference,
        letter_date=today,
        fiscal_year=2026,
        seed=1,
    )
    folder.mkdir()
    (folder / "lettre.pdf").write_bytes(render(composed))
    with (folder / "manifeste.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(["fichier", "siret", "type", "reference", "objet", "date"])
        writer.writerow(["lettre.pdf", town.siret, kind, reference, f"Appel à lire {reference}", today.isoformat()])
    return folder


def test_a_letter_arrives_live_is_opened_and_the_operator_sees_it(window: Window, width: int, tmp_path: Path) -> None:
    """Sign in → a letter arrives from `peps deposit` → open it → opened by me and by the establishment → the fact."""
    reference = f"VIVE-{width}-{time.monotonic_ns()}"
    page = window.sign_in_by_hand("agent-royan", path="/connexion?suite=/courriers")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos courriers")

    deposited = window.platform.deposit(letter_for_royan(tmp_path / "depot", reference))
    done = time.monotonic()
    assert deposited.returncode == 0, deposited.stdout + deposited.stderr
    link = page.get_by_role("main").get_by_role("link", name=f"Appel à lire {reference}")
    link.wait_for(timeout=2000)
    assert time.monotonic() - done < 2, "not on the screen two seconds after the command had ended (R-COU-16)"
    expect(page.get_by_text(re.compile(f"1 nouveau courrier\\W+Appel à lire {reference}")).first).to_be_attached()

    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Appel à lire {reference}")
    frame = page.get_by_title(re.compile(f"Document PDF\\W+Appel à lire {reference}"))
    expect(frame).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Lu par Nadia Benali le", timeout=10_000)
    address = page.url

    operator = page.context.browser.new_context(viewport={"width": width, "height": 800}, locale="fr-FR")
    other = Window(operator.new_page(), window.platform, [], [])
    seen = other.sign_in_by_hand("gestionnaire")
    seen.goto(address)
    main = seen.get_by_role("main")
    expect(main).to_contain_text("Lu par Nadia Benali le")
    expect(main).to_contain_text(re.compile("Ouvert\\s+par Nadia Benali"))
    expect(main).to_contain_text("ne lisent pas les documents")
    expect(seen.locator("iframe")).to_have_count(0)
    operator.close()


@pytest.mark.parametrize("width", [1280], indirect=True)  # nothing here depends on it
def test_a_screen_whose_line_is_cut_takes_the_feed_up_where_it_was(window: Window, tmp_path: Path) -> None:
    """R-COU-16: what arrived while there was no line is said once there is one, and what was said is not said again."""
    lines: list[WebSocketRoute] = []
    is_cut = False

    def lead(line: WebSocketRoute) -> None:
        if is_cut:
            line.close(code=1013)
        else:
            lines.append(line)
            line.connect_to_server()

    window.page.route_web_socket("**/graphql", lead)
    page = window.sign_in_by_hand("agent-royan", path="/connexion?suite=/courriers")
    said = page.get_by_role("status").filter(has_text="nouveau")
    for number in range(2):
        reference = f"COUPE-{number}-{time.monotonic_ns()}"
        if number:
            is_cut = True
            lines[-1].close(code=1012)
        deposited = window.platform.deposit(letter_for_royan(tmp_path / reference, reference))
        assert deposited.returncode == 0, deposited.stdout + deposited.stderr
        is_cut = False
        expect(said).to_contain_text(re.compile(f"1 nouveau courrier\\W+Appel à lire {reference}"))
    assert len(lines) == 2
    window.complaints.clear()  # the line that was cut


def test_a_letter_is_downloaded_through_its_signed_address(window: Window) -> None:
    """The download is the very PDF, by an address that nobody else can use for long."""
    page = window.sign_in_by_hand("agent-royan", path="/connexion?suite=/courriers")
    letter_links(page).first.click()
    with page.expect_download() as downloading:
        page.get_by_role("link", name=re.compile("Télécharger le PDF")).click()
    path = downloading.value.path()
    assert path.read_bytes().startswith(b"%PDF-")
    assert "/documents/" in downloading.value.url


def test_filters_live_in_the_address_and_pages_follow(window: Window) -> None:
    """A filtered list can be sent to a colleague: its address says everything (R-COU-07)."""
    page = window.sign_in_by_hand("agent-royan", path="/connexion?suite=/courriers")
    page.get_by_role("link", name=re.compile("^Non lus")).click()
    expect(page).to_have_url(re.compile("non-lus|non_lus"))
    unread = page.get_by_role("main").get_by_text("Non lu", exact=True)
    expect(unread.first).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos courriers")
    expect(unread.first).to_be_visible()
    page.goto(window.platform.address + "/courriers")
    page.get_by_role("link", name="Page suivante").click()
    expect(page.get_by_role("link", name="Page précédente")).to_be_visible()
    page.get_by_role("link", name="Page précédente").click()
    expect(page.get_by_role("link", name="Page précédente")).to_have_count(0)


def test_the_badge_leads_to_the_accounts_of_the_establishment(window: Window) -> None:
    """Badge → Mon établissement → Gestion des comptes → one account → Ses Droits."""
    page = window.sign_in_by_hand("admin-royan")
    badge = page.get_by_role("banner").get_by_role("button", name=re.compile("Étienne Lacombe"))
    expect(badge).to_contain_text("Commune de Royan")
    expect(badge).to_contain_text("a")
    badge.click()
    page.keyboard.press("Escape")
    expect(badge).to_have_attribute("aria-expanded", "false")
    expect(badge).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_role("banner").get_by_role("link", name="Mon établissement").click()
    expect(badge).to_have_attribute("aria-expanded", "false")
    page.get_by_role("link", name="Gestion des comptes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gestion des comptes")
    page.get_by_role("main").get_by_role("link", name=re.compile("BENALI", re.IGNORECASE)).click()
    page.get_by_role("link", name="Ses Droits").or_(page.get_by_role("tab", name="Ses Droits")).click()
    expect(page.get_by_role("main")).to_contain_text("Lecture seule")


def test_an_expired_account_is_told_whom_to_ask(window: Window) -> None:
    """R-ACC-11: what happened, and by name who can mend it; only once the password is right."""
    page = window.open("/connexion")
    page.get_by_label("Identifiant").fill("expire-royan")
    page.get_by_label("Mot de passe", exact=True).fill("un mauvais mot de passe")
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("alert")).to_contain_text("incorrect")
    expect(page.get_by_role("alert")).not_to_contain_text("expiré")
    page.get_by_label("Mot de passe", exact=True).fill("violette-tracteur-nuage-42")
    page.get_by_role("button", name="Se connecter").click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("Votre compte a expiré")
    expect(main).to_contain_text("Florence Bigot")


def test_a_forgotten_password_is_chosen_again_through_the_mailbox(window: Window, width: int) -> None:
    """R-ACC-15, R-NOT-01: the link of the e-mail works, once; the same answer for anybody."""
    who = "admin-hopital" if width == 1280 else "admin-cdg17"
    known = write(window, "SELECT password_hash FROM users WHERE identifier = ?", who)[0][0]
    page = window.open("/mot-de-passe-oublie")
    page.get_by_label("Identifiant").fill("personne-9999")
    page.get_by_role("button").filter(has_text=re.compile("lien|Recevoir|Envoyer")).click()
    same = page.get_by_role("main").get_by_text("Si cet identifiant correspond")
    expect(same).to_be_visible()
    page = window.open("/mot-de-passe-oublie")
    page.get_by_label("Identifiant").fill(who)
    page.get_by_role("button").filter(has_text=re.compile("lien|Recevoir|Envoyer")).click()
    expect(page.get_by_role("main").get_by_text("Si cet identifiant correspond")).to_be_visible()

    page = window.open("/messagerie")
    page.get_by_role("link", name="choisissez un nouveau mot de passe").first.click()
    link = page.get_by_label("Le message en texte seul").get_by_role("link", name=re.compile("jeton=")).first
    address = link.get_attribute("href")
    assert address is not None
    page.goto(address)
    expect(page.get_by_role("main")).to_contain_text(who)
    chosen = f"lanterne-escalier-mouette-{width}"
    page.get_by_label(re.compile("^Nouveau mot de passe|^Mot de passe")).first.fill(chosen)
    page.get_by_role("main").get_by_role("button").filter(
        has_text=re.compile("mot de passe|Enregistrer|Choisir")
    ).last.click()
    expect(page.get_by_role("main")).to_contain_text("Votre mot de passe est enregistré")
    window.sign_in_by_hand(who, chosen)
    page = window.open(address.removeprefix(window.platform.address))
    expect(page.get_by_role("main")).to_contain_text("Ce lien ne fonctionne plus")
    write(window, "UPDATE users SET password_hash = ? WHERE identifier = ?", known, who)  # as other tests know it
