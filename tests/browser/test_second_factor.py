"""The second factor in a real browser: application, passkey of a virtual authenticator, recovery codes (R-ACC-16)."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Platform, Window, started
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser

ADMINISTRATORS = {1280: "admin-royan", 360: "admin-talmont"}
AGENTS = {1280: "agent-royan", 360: "agent-cdg17"}


@pytest.fixture(scope="module")
def required(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A platform reached by a name, without which there are no passkeys, that requires it of administrators."""
    data = tmp_path_factory.mktemp("second-factor") / "data"
    with started(data, SECOND_FACTOR="administrators") as running:
        yield replace(running, address=running.address.replace("127.0.0.1", "localhost"))


@pytest.fixture
def here(window: Window, required: Platform) -> Window:
    """The window, on that platform."""
    window.platform = required
    return window


def code(secret: str, steps: int) -> str:
    """The application's code; a code serves once, so that each comes one step later."""
    return pyotp.TOTP(secret).at(datetime.now(UTC), counter_offset=steps)


def type_password(window: Window, identifier: str) -> Page:
    page = window.open("/connexion?suite=/courriers%3Ftri%3DDUE_ASC")
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Mot de passe", exact=True).fill("violette-tracteur-nuage-42")
    page.get_by_role("button", name="Se connecter").click()
    return page


def sign_out(page: Page) -> None:
    page.context.clear_cookies(name="sid")  # the trust in the device stays


def forget_the_last_quarter_of_an_hour(platform: Platform) -> None:
    """As if everybody had signed in, and given their second factor, 16 minutes earlier: the clock of another process
    cannot be moved.
    """
    path = Path(platform.environment["DATA_DIR"]) / "peps.sqlite3"
    with closing(sqlite3.connect(path, timeout=20)) as database, database:
        database.execute(
            "UPDATE sessions SET created_at = created_at - 960000000, second_factor_at = second_factor_at - 960000000"
        )


def enrol_application(page: Page, name: str) -> tuple[str, list[str]]:
    """Enrol an application; its secret and the recovery codes."""
    page.get_by_role("button", name="Ajouter une application").click()
    expect(page.get_by_role("img", name="Image à photographier")).to_be_visible()
    check(page, f"{name}-application")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Code affiché par l’application").fill("000000")
    page.get_by_role("button", name="Activer").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas le bon code")
    page.get_by_label("Code affiché par l’application").fill(code(secret, 0))
    page.get_by_label("Nom", exact=True).fill("Téléphone professionnel")
    page.get_by_role("button", name="Activer").click()
    expect(page.get_by_role("heading", name="Gardez vos codes de secours")).to_be_focused()
    check(page, f"{name}-codes")
    return secret, page.locator(".recovery-codes li").all_inner_texts()


def test_an_administrator_must_enrol_then_gives_it(here: Window, width: int) -> None:  # R-ACC-16
    who = ADMINISTRATORS[width]
    page = type_password(here, who)
    expect(page.get_by_role("heading", name="Activez la double authentification")).to_be_visible()
    check(page, f"{who}-second-facteur-obligatoire-{width}")
    secret, codes = enrol_application(page, f"{who}-second-facteur-{width}")
    assert len(codes) == 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger").click()
    assert codes[0] in download.value.path().read_text()
    page.get_by_role("button", name="J’ai gardé mes codes").click()
    expect(page.get_by_role("heading", name="Activez la double authentification")).to_have_count(0)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/courriers\?tri=DUE_ASC$"))  # where one was going (R-COU-07)

    sign_out(page)
    page = type_password(here, who)
    expect(page.get_by_label("Code à six chiffres")).to_be_focused()
    check(page, f"{who}-second-facteur-connexion-{width}")
    page.get_by_label("Code à six chiffres").fill("000000")
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("alert")).to_contain_text("Ce n’est pas le bon")
    page.get_by_label("Code à six chiffres").fill(code(secret, 1))
    page.get_by_label("Faire confiance à cet appareil").check()
    page.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("navigation").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"/courriers\?tri=DUE_ASC$"))

    sign_out(page)
    type_password(here, who)  # from a trusted device
    expect(page.get_by_role("navigation").first).to_be_visible()

    forget_the_last_quarter_of_an_hour(here.platform)
    page = here.open("/etablissement/comptes")
    page.get_by_role("link", name="Créer un compte").click()
    page.get_by_label("Prénom", exact=True).fill("Zélie")
    page.get_by_label("Nom", exact=True).fill("Marchand")
    page.get_by_label("Adresse électronique").fill(f"zelie-{width}@exemple.example")
    page.get_by_role("button", name="Continuer vers les droits").click()
    page.get_by_role("button", name="Créer le compte").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Confirmez que c’est bien vous")
    check(page, f"{who}-second-facteur-confirmation-{width}")
    dialog.get_by_role("button", name="Donner un code de secours").click()
    dialog.get_by_label("Code de secours").fill(codes[0])
    dialog.get_by_role("button", name="Confirmer").click()
    expect(page.get_by_role("heading", name="Le compte de Zélie Marchand est créé")).to_be_focused()


def test_the_password_is_asked_for_before_the_first(here: Window, width: int) -> None:  # R-ACC-16
    who = AGENTS[width]
    type_password(here, who)
    expect(here.page.get_by_role("navigation").first).to_be_visible()
    forget_the_last_quarter_of_an_hour(here.platform)
    page = here.open("/mes-informations#double-authentification")
    section = page.get_by_role("region", name="Double authentification")
    section.get_by_role("button", name="Ajouter une application").click()
    password = section.get_by_label("Votre mot de passe")
    expect(password).to_be_focused()
    check(page, f"{who}-second-facteur-mot-de-passe-{width}")
    section.get_by_role("button", name="Continuer").click()
    expect(section.get_by_role("alert")).to_contain_text("Saisissez votre mot de passe")
    password.fill("ce n’est pas le bon")
    section.get_by_role("button", name="Continuer").click()
    expect(section.get_by_role("alert")).to_contain_text("Ce n’est pas votre mot de passe actuel")
    expect(section.get_by_role("img", name="Image à photographier")).to_have_count(0)
    password.fill("violette-tracteur-nuage-42")
    section.get_by_role("button", name="Continuer").click()
    expect(section.get_by_role("img", name="Image à photographier")).to_be_visible()


def test_a_passkey_is_made_and_asked_for(here: Window, width: int) -> None:  # R-ACC-16
    who = AGENTS[width]
    devices = here.page.context.new_cdp_session(here.page)
    devices.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    type_password(here, who)
    expect(here.page.get_by_role("navigation").first).to_be_visible()
    page = here.open("/mes-informations#double-authentification")
    section = page.get_by_role("region", name="Double authentification")
    section.get_by_role("button", name="Ajouter une clé d’accès").click()
    section.get_by_label("Nom", exact=True).fill("Ordinateur du bureau")
    section.get_by_role("button", name="Créer la clé d’accès").click()
    expect(section.get_by_role("heading", name="Gardez vos codes de secours")).to_be_focused()
    section.get_by_role("button", name="J’ai gardé mes codes").click()
    expect(section).to_contain_text("Ordinateur du bureau")

    sign_out(page)
    page = type_password(here, who)
    expect(page.get_by_role("button", name="Utiliser ma clé d’accès")).to_be_focused()
    check(page, f"{who}-second-facteur-cle-{width}")
    page.get_by_label("Faire confiance à cet appareil").check()
    page.get_by_role("button", name="Utiliser ma clé d’accès").click()
    expect(page.get_by_role("navigation").first).to_be_visible()

    page = here.open("/mes-informations#double-authentification")
    section = page.get_by_role("region", name="Double authentification")
    expect(section.get_by_role("list", name="Appareils de confiance")).to_contain_text("sur Linux")
    check(page, f"{who}-second-facteur-section-{width}")
    section.get_by_role("button", name="Retirer « Ordinateur du bureau »").click()
    page.get_by_role("dialog").get_by_role("button", name="Retirer").click()
    expect(section).to_contain_text("La double authentification n’est pas activée")
    sign_out(page)
    type_password(here, who)
    expect(page.get_by_role("navigation").first).to_be_visible()
