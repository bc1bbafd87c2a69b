"""A folder of PDFs and its manifest, from the command line (R-COU-03, R-COU-04)."""

import asyncio
import csv
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from backend import database as db
from backend.jobs.deposit_folder import MANIFEST, OPTIONAL, REQUIRED, UnusableFolder, deposit_folder, depositor
from tests import builders
from tests.engine.wire import one_engine
from tests.gateways import pdfs

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "depot"
SIRET = builders.siret(4_000)


async def example_world() -> list[dict[str, str]]:
    """The establishments and models that the example names."""
    with (EXAMPLE / MANIFEST).open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    for siret in sorted({line["siret"] for line in lines}):
        await builders.establishment(siret=siret)
    for code in sorted({line["type"] for line in lines}):
        await builders.courrier_type(code, fund=code.partition("_")[0])
    return lines


async def peps(*words: str, **environment: str) -> tuple[int, str]:
    """The exit status of a command, and all it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "backend.cli",
        *words,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output.decode()


async def test_the_example_is_deposited_once_however_often_it_is_run(database: str, tmp_path: Path) -> None:
    """R-COU-03."""
    lines = await example_world()
    assert len(lines) == 20
    environment = {"DATABASE_URL": database, "DATA_DIR": str(tmp_path / "data")}
    status, said = await peps("deposit", str(EXAMPLE), **environment)
    assert (status, "20 déposés, 0 déjà déposés, 0 rejetés." in said) == (0, True), said
    again = await run(EXAMPLE)
    assert (again.deposited, again.already, again.rejections) == (0, 20, [])
    assert await db.rows("SELECT count(*) AS n FROM courriers") == [{"n": 20}]
    attached = sum(len(line["pieces"].split("|")) for line in lines if line["pieces"])
    assert await db.rows("SELECT count(*) AS n FROM courrier_attachments") == [{"n": attached}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good letter in it."""
    made = tmp_path / "dépôt"
    made.mkdir()
    (made / "bonne.pdf").write_bytes(builders.pdf("Bonne"))
    return made


def line(**values: str) -> dict[str, str]:
    return {
        "fichier": "bonne.pdf",
        "siret": SIRET,
        "type": "APPEL",
        "reference": "R-1",
        "objet": "Appel",
        "date": "2026-05-04",
        **values,
    }


def write(folder: Path, *lines: dict[str, str], encoding: str = "utf-8", newline: str = "\n") -> None:
    with (folder / MANIFEST).open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, [*REQUIRED, *OPTIONAL], delimiter=";", lineterminator=newline)
        writer.writeheader()
        writer.writerows(lines)


async def run(folder: Path) -> Any:
    return await deposit_folder(await depositor(), folder, lambda *_: None)


async def test_a_line_that_is_refused_stops_no_other_and_says_why(database: str, folder: Path, tmp_path: Path) -> None:
    """R-COU-04: rejections with line and reason."""
    await builders.establishment(siret=SIRET)
    await builders.courrier_type()
    (folder / "abîmée.pdf").write_bytes(builders.pdf("Bonne")[:700])
    (folder / "script.pdf").write_bytes(pdfs.active()["a script"])
    (folder / "jointe.pdf").write_bytes(pdfs.embedding()["a file inside"])
    (folder / "fermée.pdf").write_bytes(pdfs.encrypted())
    (folder / "texte.pdf").write_bytes(b"bonjour")
    (folder / "vide.pdf").touch()
    (folder / "sous").mkdir()
    (folder / "grosse.pdf").write_bytes(b"%PDF-" + b"0" * (20 * 1024 * 1024))
    shutil.copy(folder / "bonne.pdf", tmp_path / "dehors.pdf")
    (folder / "lien.pdf").symlink_to(tmp_path / "dehors.pdf")
    cases = [
        ({}, None),
        ({"siret": builders.siret(4_001)}, "UNKNOWN_SIRET"),
        ({"siret": "123"}, "UNKNOWN_SIRET"),
        ({"type": "INCONNU"}, "UNKNOWN_TYPE"),
        ({"fichier": "abîmée.pdf"}, "FILE_TRUNCATED"),
        ({"fichier": "jointe.pdf"}, "FILE_EMBEDDED_FILES"),
        ({"fichier": "script.pdf"}, "FILE_ACTIVE_CONTENT"),
        ({"fichier": "fermée.pdf"}, "FILE_ENCRYPTED"),
        ({"fichier": "texte.pdf"}, "FILE_NOT_PDF"),
        ({"fichier": "vide.pdf"}, "FILE_EMPTY"),
        ({"fichier": "grosse.pdf"}, "FILE_TOO_LARGE"),
        ({"fichier": "absente.pdf"}, "FILE_MISSING"),
        ({"fichier": "sous"}, "FILE_MISSING"),
        ({"fichier": "../dehors.pdf"}, "FILE_MISSING"),
        ({"fichier": str(tmp_path / "dehors.pdf")}, "FILE_MISSING"),
        ({"fichier": "lien.pdf"}, "FILE_MISSING"),
        ({"fichier": "a\0b.pdf"}, "INVALID_VALUE"),
        ({"fichier": "a" * 300}, "FILE_MISSING"),
        ({"pieces": "../dehors.pdf"}, "FILE_MISSING"),
        ({"date": "04/05/2026"}, "INVALID_VALUE"),
        ({"date": "2026-02-30"}, "INVALID_VALUE"),
        ({"echeance": "bientôt"}, "INVALID_VALUE"),
        ({"publication": "demain"}, "INVALID_VALUE"),
        ({"exercice": "²026"}, "INVALID_VALUE"),
        ({"accuse": "peut-être"}, "INVALID_VALUE"),
        ({"objet": ""}, "INVALID_VALUE"),
        ({"objet": "a\0b"}, "INVALID_VALUE"),
        ({"reference": "R" * 65}, "INVALID_VALUE"),
        ({"reference": "BON-0", "objet": "Un autre"}, "REFERENCE_TAKEN"),
        ({"remplace": "INCONNUE"}, "NOT_FOUND"),
        ({"objet": 'Avec ; et "guillemets"', "pieces": "bonne.pdf | bonne.pdf"}, None),
    ]
    write(folder, *[line(**{"reference": f"BON-{number}", **values}) for number, (values, _) in enumerate(cases)])
    report = await run(folder)
    expected = [(number + 2, code) for number, (_, code) in enumerate(cases) if code]
    assert [(one.line, one.code) for one in report.rejections] == expected
    assert all(one.message for one in report.rejections)
    assert (report.deposited, report.already) == (2, 0)
    subjects = [one["subject"] for one in await db.rows("SELECT subject FROM courriers ORDER BY id")]
    assert subjects == ["Appel", 'Avec ; et "guillemets"']


@pytest.mark.parametrize(("encoding", "newline"), [("utf-8-sig", "\n"), ("utf-8", "\r\n"), ("utf-8-sig", "\r\n")])
async def test_manifests_of_any_spreadsheet_are_read(database: str, folder: Path, encoding: str, newline: str) -> None:
    await builders.establishment(siret=SIRET)
    await builders.courrier_type()
    write(folder, line(objet="Été ; « œuvre »"), {}, line(reference="R-2"), encoding=encoding, newline=newline)
    report = await run(folder)
    assert (report.deposited, report.rejections) == (2, [])
    assert (await db.rows("SELECT subject FROM courriers ORDER BY id"))[0] == {"subject": "Été ; « œuvre »"}


async def test_a_folder_that_cannot_be_deposited_says_why(database: str, folder: Path) -> None:
    with pytest.raises(UnusableFolder, match=MANIFEST):
        await run(folder)
    write(folder, line(objet="été"), encoding="latin-1")
    with pytest.raises(UnusableFolder, match="UTF-8"):
        await run(folder)
    (folder / MANIFEST).write_text("fichier;siret;type;objet;date\nbonne.pdf;1;A;B;2026-05-04\n")
    with pytest.raises(UnusableFolder, match="reference"):
        await run(folder)
    (folder / MANIFEST).write_text("fichier,siret,type,reference,objet,date\n")
    with pytest.raises(UnusableFolder, match="points-virgules"):
        await run(folder)
    (folder / MANIFEST).write_text("")
    with pytest.raises(UnusableFolder):
        await run(folder)
    write(folder, line(objet='"' + "a" * 200_000))
    with pytest.raises(UnusableFolder):
        await run(folder)


@one_engine
async def test_the_exit_status_tells_what_became_of_the_folder(database: str, folder: Path, tmp_path: Path) -> None:
    await builders.establishment(siret=SIRET)
    await builders.courrier_type()
    environment = {"DATABASE_URL": database, "DATA_DIR": str(tmp_path / "data")}
    write(folder, line(), line(reference="R-2", date="hier"))
    status, said = await peps("deposit", str(folder), **environment)
    assert status == 1
    assert "ligne 3 : INVALID_VALUE : « hier » n’est pas une date" in said
    assert "1 déposés, 0 déjà déposés, 1 rejetés." in said
    (folder / MANIFEST).unlink()
    status, said = await peps("deposit", str(folder), **environment)
    assert (status, MANIFEST in said, "Traceback" in said) == (2, True, False)
    status, said = await peps("deposit", str(folder), DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    assert (status, "peps migrate" in said, "Traceback" in said) == (2, True, False)


async def test_the_rejected_lines_are_a_file_too(database: str, folder: Path, tmp_path: Path) -> None:  # R-COU-04
    await builders.establishment(siret=SIRET)
    await builders.courrier_type()
    environment = {"DATABASE_URL": database, "DATA_DIR": str(tmp_path / "data")}
    write(folder, line(), line(reference="=R-2", date="hier"))
    status, said = await peps("deposit", str(folder), **environment)
    assert status == 1, said
    written = folder / "rejets.csv"
    with written.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    assert [row[:3] for row in rows] == [["ligne", "reference", "code"], ["3", "'=R-2", "INVALID_VALUE"]]
    assert rows[1][3].startswith("« hier » n’est pas une date")
    write(folder, line(), line(reference="=R-2"))
    status, said = await peps("deposit", str(folder), **environment)
    assert (status, written.exists()) == (0, False), said
    assert "1 déposés, 1 déjà déposés, 0 rejetés." in said


async def test_a_rehearsal_publishes_nothing_and_the_next_run_does(database: str, folder: Path, tmp_path: Path) -> None:
    """R-COU-04: the same batch, whose files need not be looked into again."""
    await builders.establishment(siret=SIRET)
    await builders.courrier_type()
    environment = {"DATABASE_URL": database, "DATA_DIR": str(tmp_path / "data")}
    write(folder, line(), line(reference="R-2"))
    status, said = await peps("deposit", "--rehearse", str(folder), **environment)
    assert (status, "2 courriers à publier" in said, "1 établissements où personne" in said) == (0, True, True), said
    assert await db.rows("SELECT count(*) AS n FROM courriers") == [{"n": 0}]
    status, said = await peps("deposit", str(folder), **environment)
    assert (status, "2 déposés, 0 déjà déposés, 0 rejetés." in said) == (0, True), said
    assert await db.rows("SELECT count(*) AS n FROM deposit_batches") == [{"n": 1}]
