"""What operators see and decide of a campaign, in a real browser (R-COU-04)."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from backend import clock
from backend.jobs.deposit_folder import MANIFEST, OPTIONAL, REQUIRED
from tests import builders
from tests.browser.conftest import ROOT, Window
from tests.browser.test_accessibility import check

pytestmark = pytest.mark.browser

SIRET = "21170425900012"
"""An establishment of the demonstration world that no other test looks at."""


def rehearsed(window: Window, folder: Path, good: int) -> None:
    """A batch as the command line leaves it after a rehearsal: some letters, and two lines that are rejected."""
    folder.mkdir()
    (folder / "a.pdf").write_bytes(builders.pdf("Campagne"))
    (folder / "b.pdf").write_bytes(b"bonjour")
    with (folder / MANIFEST).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*REQUIRED, *OPTIONAL], delimiter=";")
        writer.writeheader()
        for number in range(good + 2):
            writer.writerow(
                {
                    "fichier": "a.pdf" if number else "b.pdf",
                    "siret": SIRET if number != good + 1 else "12345678901234",
                    "type": "CNRACL_APPEL_COTISATIONS",
                    "reference": f"{folder.name}-{number}",
                    "objet": f"Appel de cotisations {number}",
                    "date": clock.today().isoformat(),
                }
            )
    done = subprocess.run(
        [sys.executable, "-m", "backend.cli", "deposit", "--rehearse", str(folder)],
        cwd=ROOT, env=window.platform.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr


def test_a_campaign_is_looked_at_then_published(window: Window, tmp_path: Path, width: int) -> None:
    name = f"campagne-{tmp_path.name}-{width}"
    rehearsed(window, tmp_path / name, 3)
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/courriers")
    page.get_by_role("link", name="Lots", exact=True).click()
    expect(page.get_by_role("heading", name="Lots de courriers")).to_be_focused()
    check(page, f"gestionnaire-lots-{width}")
    page.get_by_role("link", name=name).click()
    main = page.get_by_role("main")
    expect(main).to_contain_text("Prêt à publier")
    expect(main).to_contain_text("2 lignes rejetées")
    expect(main).to_contain_text("n’est pas un PDF")
    check(page, f"gestionnaire-lot-{width}")
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger les lignes rejetées").click()
    assert "FILE_NOT_PDF" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Publier").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("3 courriers seront mis à disposition")
    expect(question).to_contain_text("2 lignes rejetées : le lot sera publié sans elles.".replace(" :", "\u00a0:"))
    check(page, f"gestionnaire-lot-publier-{width}")
    question.get_by_role("button", name="Publier").click()
    expect(main.get_by_text("Publié", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Publier")).to_have_count(0)
    check(page, f"gestionnaire-lot-publie-{width}")


def test_a_campaign_is_given_up(window: Window, tmp_path: Path, width: int) -> None:
    name = f"abandon-{tmp_path.name}-{width}"
    rehearsed(window, tmp_path / name, 1)
    page = window.sign_in("gestionnaire", path="/connexion?suite=/operateur/lots")
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name="Refaire la répétition").click()
    expect(page.get_by_text("La répétition est faite.")).to_be_attached()
    page.get_by_role("button", name="Annuler le lot").click()
    page.get_by_role("dialog").get_by_role("button", name="Annuler le lot").click()
    expect(page.get_by_role("main").get_by_text("Annulé", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Annuler le lot")).to_have_count(0)
