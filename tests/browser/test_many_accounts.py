"""Many accounts at once, in a real browser: import, renewal, table of rights; and what leads back in or out.

R-ACC-03, 05, 10, 11, 14, 18; R-RGT-02, 07.
"""

import csv
import io
import re
import sqlite3
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Download, FilePayload, Page, expect

from backend import clock
from tests.browser.conftest import Window
from tests.browser.test_accessibility import check
from tests.browser.test_accounts import CHOSEN, choose_password, colleague

__all__ = ["colleague"]

pytestmark = pytest.mark.browser

ACCOUNTS = "/connexion?suite=/etablissement/comptes"


def write(window: Window, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """A statement in the platform's own database: what time, or another administrator, would have done."""
    path = Path(window.platform.environment["DATA_DIR"]) / "peps.sqlite3"
    with closing(sqlite3.connect(path, timeout=20)) as database, database:
        return database.execute(statement, values).fetchall()


def rows(download: Download) -> list[list[str]]:
    """A file that was downloaded, as a spreadsheet reads it."""
    text = Path(download.path()).read_text("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";", strict=True))


def a_file(content: str, encoding: str = "cp1252") -> FilePayload:
    return {"name": "comptes.csv", "mimeType": "text/csv", "buffer": content.encode(encoding)}


def test_accounts_are_imported_after_a_rehearsal(window: Window, colleague: Window, width: int) -> None:
    """Template → rehearsal → accounts → identifiers to hand over → first sign-in; the file again changes nothing."""
    mark = f"{width}-{time.monotonic_ns()}"
    page = window.sign_in("admin-royan", path=ACCOUNTS)
    page.get_by_role("link", name="Importer des comptes").click()
    check(page, f"admin-royan-import-{width}")
    with page.expect_download() as template:
        page.get_by_role("button", name="Télécharger le modèle").click()
    [titles] = rows(template.value)
    assert titles[:6] == ["Civilité", "Prénom", "Nom", "Adresse de messagerie", "Téléphone", "Profil"]
    assert "Déclarations individuelles" in titles

    chosen = page.get_by_label("Fichier CSV")
    chosen.set_input_files(a_file("Prénom;Pointure\nZoé;38\n"))
    expect(page.get_by_role("alert")).to_contain_text("« Pointure » n’est pas reconnue")
    level = titles.index("Déclarations individuelles") - 6
    lines = [
        f"Madame;Zoé;Lefèvre;zoe.{mark}@royan.example;;Utilisateur{';' * level};Modification",
        f"Monsieur;Noël;=1+1;noel.{mark}@royan.example;;Utilisateur",
        "Monsieur;Noël;Morel;pas une adresse",
        "Madame;Nadia;Benali;nadia.benali@mairie-royan-17.example",
    ]
    content = ";".join(titles) + "\r\n" + "\r\n".join(lines) + "\r\n"
    chosen.set_input_files(a_file(content))  # as a spreadsheet of Windows writes it
    expect(page.get_by_role("heading", name="Essai de comptes.csv : rien n’est encore créé")).to_be_focused()
    table = page.get_by_role("table", name="Ce que devient chaque ligne")
    outcomes = ["À créer", "À créer", "Refusée", "Existe déjà"]
    for row, outcome in zip(table.get_by_role("row").all()[1:], outcomes, strict=True):
        expect(row).to_contain_text(outcome)
    expect(table.get_by_role("row").nth(3)).to_contain_text("n’est pas bien formée")
    check(page, f"admin-royan-import-essai-{width}")
    assert write(window, "SELECT id FROM users WHERE email LIKE ?", f"%{mark}%") == []

    page.get_by_role("button", name="Créer les 2 comptes").click()
    expect(page.get_by_role("heading", name="2 comptes créés")).to_be_focused()
    check(page, f"admin-royan-import-fait-{width}")
    with page.expect_download() as identifiers:
        page.get_by_role("button", name="Télécharger les identifiants à remettre").click()
    heading, zoe, noel = rows(identifiers.value)
    assert heading == ["Nom", "Prénom", "Adresse de messagerie", "Identifiant"]
    assert zoe[:3] == ["Lefèvre", "Zoé", f"zoe.{mark}@royan.example"]
    assert noel[0] == "'=1+1"  # what a spreadsheet would take for a formula is text

    choose_password(colleague, zoe[2])
    theirs = colleague.sign_in(zoe[3], CHOSEN, path="/connexion?suite=/etablissement")
    expect(theirs.get_by_role("main").get_by_role("row", name="Déclarations individuelles")).to_contain_text(
        "Modification"
    )
    page.goto(f"{window.platform.address}/etablissement/comptes/import")
    page.get_by_label("Fichier CSV").set_input_files(a_file(content, "utf-8"))
    expect(page.get_by_role("main")).to_contain_text("Ce fichier ne contient aucun compte à créer.")
    assert colleague.complaints == []


def test_accounts_of_all_establishments_are_renewed(window: Window, width: int) -> None:
    """Two establishments of one administrator: the task, some renewed one by one, then all (R-ACC-10)."""
    elsewhere, their_admin = write(
        window,
        "SELECT u.establishment_id, u.id FROM users u JOIN establishments e ON e.id = u.establishment_id "
        "WHERE u.is_administrator AND u.deleted_at IS NULL AND u.password_hash IS NOT NULL AND NOT e.is_platform "
        "AND e.name NOT LIKE '%Royan%' AND u.identifier NOT LIKE 'admin-%' "
        "AND (SELECT count(*) FROM users o WHERE o.establishment_id = e.id AND o.deleted_at IS NULL) > 1 "
        "ORDER BY u.id LIMIT 1",
    )[0]
    write(
        window,
        "UPDATE users SET (first_name, last_name, sort_name, email, email_key) = "
        "(SELECT first_name, last_name, sort_name, email, email_key FROM users WHERE identifier = 'admin-royan'), "
        "expires_on = '2099-01-01' WHERE id = ?",
        their_admin,
    )
    soon = (clock.today() + timedelta(days=10)).isoformat()
    home = write(window, "SELECT establishment_id FROM users WHERE identifier = 'admin-royan'")[0][0]
    write(
        window,
        "UPDATE users SET expires_on = ? WHERE id IN (SELECT id FROM users WHERE deleted_at IS NULL AND id <> ? AND "
        "establishment_id IN (?, ?) AND expires_on > ? AND is_administrator = 0 ORDER BY id LIMIT 40)",
        soon, their_admin, elsewhere, home, clock.today().isoformat(),
    )  # fmt: skip
    place = write(window, "SELECT name FROM establishments WHERE id = ?", elsewhere)[0][0]
    page = window.sign_in("admin-royan")
    page.get_by_role("link", name=re.compile("expirent bientôt, dans 2 établissements")).click()
    expect(page.get_by_role("heading", name="Comptes à renouveler", level=1)).to_be_visible()
    table = page.get_by_role("table")
    expect(table.get_by_role("row").filter(has_text=place).first).to_be_visible()
    check(page, f"admin-royan-a-renouveler-{width}")
    first = table.get_by_role("row").filter(has_text=place).first
    first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Renouveler", exact=True).click()
    result = page.locator("#resultat-action")
    expect(result).to_be_focused()
    expect(result).to_contain_text("1 compte renouvelé.")
    page.get_by_role("button", name=re.compile("Renouveler (les|ce)")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Renouveler")).click()
    expect(result).to_contain_text(re.compile(r"\d+ comptes? renouvelés?\."))
    expect(page.get_by_role("main")).to_contain_text("Aucun compte n’expire dans ce délai.")
    check(page, f"admin-royan-renouveles-{width}")
    left = "SELECT id FROM users WHERE expires_on = ? AND deleted_at IS NULL AND establishment_id IN (?, ?)"
    assert write(window, left, soon, home, elsewhere) == []


def test_the_table_of_rights_is_filtered_and_taken_away(window: Window, width: int) -> None:
    """The hospital's accounts × services, with the keyboard; the file says what the screen says (R-RGT-07)."""
    page = window.sign_in("admin-hopital", path=ACCOUNTS)
    page.get_by_role("link", name="Tableau des droits").click()
    box = page.get_by_role("region", name=re.compile("Tableau des droits"))
    expect(box.get_by_role("rowheader").first).to_be_visible()
    check(page, f"admin-hopital-tableau-{width}")
    page.get_by_text("Filtres", exact=True).click()
    page.get_by_label("Service", exact=True).select_option(label="Déclarations individuelles")
    page.get_by_label("Comptes ayant ce droit").select_option(label="Modification")
    page.get_by_role("button", name="Appliquer").click()
    expect(page).to_have_url(re.compile("niveau=MODIFY"))
    expect(box.get_by_role("columnheader", name="Déclarations individuelles")).to_be_visible()
    expect(box.get_by_role("columnheader", name="Affiliations")).to_have_count(0)
    expect(box.get_by_role("cell").filter(has_not_text="Modification")).to_have_count(0)
    expect(box.get_by_role("cell").first).to_be_visible()
    check(page, f"admin-hopital-tableau-filtre-{width}")
    said = page.locator("#resultats").inner_text()
    with page.expect_download() as file:
        page.get_by_role("link", name="Télécharger (CSV)").click()
    heading, *lines = rows(file.value)
    assert heading[-1] == "Déclarations individuelles"
    assert {one[-1] for one in lines} == {"Modification"}
    assert said.replace("\u202f", "").startswith(f"{len(lines)} compte")


def test_rights_are_given_to_a_selection(window: Window, width: int) -> None:
    """The same right for two at once, then exactly those of a colleague (R-RGT-02)."""
    page = window.sign_in("admin-hopital", path=ACCOUNTS)
    boxes = page.get_by_role("row").get_by_role("checkbox")
    for number in (0, 1):
        boxes.nth(number).check()
    page.get_by_role("link", name="Donner des droits").click()
    expect(page.get_by_role("heading", name="2 comptes concernés")).to_be_visible()
    page.get_by_role("group", name="Déclarations individuelles").get_by_label("Lecture seule").check()
    check(page, f"admin-hopital-droits-selection-{width}")
    page.get_by_role("button", name="Enregistrer").click()
    status = page.get_by_role("status").filter(has_text="Droits enregistrés pour 2 comptes.")
    expect(status).to_be_focused()
    page.get_by_text("Donner exactement les droits d’un collègue").click()
    page.get_by_label("Collègue", exact=True).select_option(index=3)
    page.get_by_role("button", name="Donner ses droits à 2 comptes").click()
    expect(page.get_by_role("main")).to_contain_text("Droits du collègue donnés à 2 comptes.")


def open_account(page: Page, window: Window, identifier: str) -> None:
    """The page of an account, found in the list."""
    page.goto(f"{window.platform.address}/etablissement/comptes?q={identifier}")
    page.get_by_role("table").locator("a[href^='/etablissement/comptes/']").first.click()


def test_an_expired_account_is_reopened_and_its_rights_reviewed(
    window: Window, colleague: Window, width: int
) -> None:  # R-ACC-11
    """Reopened → « Ses Droits » to review → the invitation → signed in again."""
    expired = (clock.today() - timedelta(days=40)).isoformat()
    write(window, "UPDATE users SET expires_on = ? WHERE identifier = 'expire-royan'", expired)
    known = "SELECT email, password_hash, expires_on FROM users WHERE identifier = 'expire-royan'"
    email, password_hash, _ = write(window, known)[0]
    page = window.sign_in("admin-royan")
    open_account(page, window, "expire-royan")
    expect(page.get_by_role("button", name="Renouveler")).to_have_count(0)
    check(page, f"admin-royan-compte-expire-{width}")
    page.get_by_role("button", name="Rouvrir le compte").click()
    page.get_by_role("dialog").get_by_role("button", name="Rouvrir le compte").click()
    expect(page.get_by_role("main")).to_contain_text("Revoyez maintenant ses droits")
    expect(page.get_by_role("group").get_by_label("Lecture seule").first).to_be_visible()
    check(page, f"admin-royan-compte-rouvert-{width}")
    page = window.open("/")
    page.get_by_role("link", name="1 compte rouvert : droits à revoir").click()
    expect(page.get_by_role("link").filter(has_text="Droits : À revoir")).to_be_visible()
    waiting = page.get_by_role("row").filter(has_text="Droits à revoir")
    expect(waiting).to_have_count(1)
    check(page, f"admin-royan-droits-a-revoir-{width}")
    waiting.get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("Ce compte a été rouvert le")
    check(page, f"admin-royan-compte-a-revoir-{width}")
    page.get_by_role("link", name="Revoir ses droits").click()
    check(page, f"admin-royan-droits-du-compte-rouvert-{width}")
    page.get_by_role("button", name="Confirmer ces droits").click()
    expect(page.get_by_role("status").filter(has_text="sont confirmés")).to_be_focused()
    expect(page.get_by_role("button", name="Confirmer ces droits")).to_have_count(0)
    expect(window.open("/").get_by_role("link", name="droits à revoir")).to_have_count(0)
    theirs = colleague.open(f"/messagerie?a={email}")
    theirs.get_by_role("link", name=re.compile("rouvert")).first.click()
    check(theirs, f"messagerie-reouverture-{width}")
    link = theirs.get_by_label("Le message en texte seul").get_by_role("link", name=re.compile("jeton=")).first
    theirs.goto(link.get_attribute("href") or "")
    theirs.get_by_label(re.compile("^Nouveau mot de passe|^Mot de passe")).first.fill(CHOSEN)
    theirs.get_by_role("main").get_by_role("button", name=re.compile("Enregistrer|Choisir")).last.click()
    expect(theirs.get_by_role("main")).to_contain_text("Votre mot de passe est enregistré")
    colleague.sign_in("expire-royan", CHOSEN)
    back = "UPDATE users SET expires_on = ?, password_hash = ? WHERE identifier = 'expire-royan'"
    write(window, back, expired, password_hash)  # as other tests know it


def test_an_invitation_is_cancelled(window: Window, colleague: Window, width: int) -> None:  # R-ACC-03
    """The account leaves the list; its link no longer works."""
    email = f"lou.{width}-{time.monotonic_ns()}@royan.example"
    page = window.sign_in("admin-royan", path="/connexion?suite=/etablissement/comptes/import")
    page.get_by_label("Fichier CSV").set_input_files(a_file(f"Prénom;Nom;Courriel\nLou;Morel;{email}\n"))
    page.get_by_role("button", name="Créer ce compte").click()
    page.get_by_role("table").get_by_role("link", name="MOREL Lou").click()
    page.get_by_role("button", name="Annuler l’invitation").click()
    check(page, f"admin-royan-invitation-annuler-{width}")
    page.get_by_role("dialog").get_by_role("button", name="Annuler l’invitation").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gestion des comptes")
    expect(page.get_by_role("status").filter(has_text="L’invitation de Lou Morel est annulée")).to_be_visible()
    theirs = colleague.open(f"/messagerie?a={email}")
    theirs.get_by_role("link", name="choisissez votre mot de passe").first.click()
    link = theirs.get_by_label("Le message en texte seul").get_by_role("link", name=re.compile("jeton=")).first
    theirs.goto(link.get_attribute("href") or "")
    expect(theirs.get_by_role("main")).to_contain_text(re.compile("n’est (plus|pas) valable|ne fonctionne plus"))


def test_a_locked_account_is_unlocked(window: Window, colleague: Window, width: int) -> None:  # R-ACC-14
    """Five wrong passwords, unlocked by the administrator, signed in at once."""
    theirs = colleague.open("/connexion")
    for _ in range(5):
        theirs.get_by_label("Identifiant").fill("verrouille-royan")
        theirs.get_by_label("Mot de passe", exact=True).fill("ce n’est pas le bon")
        theirs.get_by_role("button", name="Se connecter").click()
        expect(theirs.get_by_role("alert")).to_be_focused()
    page = window.sign_in("admin-royan")
    open_account(page, window, "verrouille-royan")
    check(page, f"admin-royan-compte-verrouille-{width}")
    page.get_by_role("button", name="Débloquer").click()
    expect(page.get_by_role("main")).to_contain_text("est débloqué.")
    expect(page.get_by_role("button", name="Débloquer")).to_have_count(0)
    colleague.sign_in("verrouille-royan")


def test_the_last_administrator_leaves_by_naming_a_successor(
    window: Window, colleague: Window, width: int
) -> None:  # R-ACC-05
    """The refusal leads to the choice of a colleague, who administers once the account is gone."""
    house, first, second = write(
        window,
        "SELECT u.establishment_id, u.identifier, min(c.identifier) FROM users u "
        "JOIN users c ON c.establishment_id = u.establishment_id AND c.deleted_at IS NULL AND NOT c.is_administrator "
        "AND c.password_hash IS NOT NULL AND c.expires_on > ? AND c.locked_at IS NULL "
        "JOIN establishments e ON e.id = u.establishment_id AND NOT e.is_platform AND e.name NOT LIKE '%Royan%' "
        "WHERE u.is_administrator AND u.deleted_at IS NULL AND u.password_hash IS NOT NULL AND u.expires_on > ? "
        "AND u.identifier NOT LIKE 'admin-%' AND u.locked_at IS NULL GROUP BY u.establishment_id HAVING "
        "count(DISTINCT u.id) = 1 ORDER BY u.establishment_id DESC LIMIT 1",
        clock.today().isoformat(), clock.today().isoformat(),
    )[0]  # fmt: skip
    write(
        window,
        "UPDATE users SET password_hash = (SELECT password_hash FROM users WHERE identifier = 'admin-royan') "
        "WHERE identifier IN (?, ?)",
        first, second,
    )  # fmt: skip
    page = window.sign_in(first)
    open_account(page, window, first)
    page.get_by_role("button", name="Supprimer le compte").click()
    page.get_by_role("dialog").get_by_role("button", name="Supprimer le compte").click()
    expect(page.get_by_role("heading", name="Nommez d’abord un successeur")).to_be_focused()
    check(page, f"successeur-{width}")
    page.get_by_role("button", name="Nommer ce collègue").click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez un collègue.")
    option = page.get_by_label("Collègue", exact=True).locator("option", has_text=f"({second})")
    page.get_by_label("Collègue", exact=True).select_option(option.get_attribute("value"))
    page.get_by_role("button", name="Nommer ce collègue").click()
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()
    left = "SELECT identifier FROM users WHERE establishment_id = ? AND is_administrator AND deleted_at IS NULL"
    assert write(window, left, house) == [(second,)]
    theirs = colleague.sign_in(second, path=ACCOUNTS)
    expect(theirs.get_by_role("link", name="Créer un compte")).to_be_visible()
