"""Write the example deposit, twenty letters and their manifest: python -m backend.demo.example examples/depot."""

import csv
import sys
from datetime import date, timedelta
from pathlib import Path

from backend.demo.catalogue import compose, due_date, subject
from backend.demo.employers import Employer, contract_number, employers
from backend.gateways.letter import render

COLUMNS = (
    "fichier",
    "siret",
    "type",
    "reference",
    "objet",
    "date",
    "exercice",
    "echeance",
    "accuse",
    "remplace",
    "publication",
    "pieces",
)
MANIFEST = "manifeste.csv"
FIRST_DAY = date(2026, 11, 19)
TOWN = "Commune de Royan"
DEPOSIT: tuple[tuple[str, str], ...] = (
    (TOWN, "CNRACL_APPEL_COTISATIONS"),
    (TOWN, "IRCANTEC_RELANCE_CREANCE"),
    (TOWN, "FIPHFP_FACTURE"),
    (TOWN, "FNC_APPEL_CONTRIBUTION"),
    (TOWN, "CNRACL_ANOMALIES"),
    (TOWN, "RAFP_SITUATION_COMPTE"),
    ("Communauté d'agglomération Royan Atlantique", "CNRACL_REGULARISATION"),
    ("Communauté d'agglomération Royan Atlantique", "FAEFM_APPEL_COTISATION"),
    ("Communauté d'agglomération Royan Atlantique", "CNRACL_TAUX"),
    ("Centre communal d'action sociale de Royan", "IRCANTEC_APPEL_COTISATIONS"),
    ("Centre communal d'action sociale de Royan", "IRCANTEC_APPEL_COTISATIONS"),
    ("Centre hospitalier de Royan", "CNRACL_DEPARTS"),
    ("Centre hospitalier de Royan", "FIPHFP_ACCORD_FINANCEMENT"),
    ("Commune de Saujon", "CNRACL_MAJORATIONS_RETARD"),
    ("Commune de Saujon", "ATIACL_APPEL_COTISATIONS"),
    ("Commune de La Tremblade", "CNRACL_RELEVE_COMPTE"),
    ("Commune des Mathes", "RAFP_REGULARISATION"),
    ("Commune du Chay", "IRCANTEC_REGULARISATION"),
    ("Commune de Talmont-sur-Gironde", "IRCANTEC_RELEVE_COMPTE"),
    (
        "Centre de gestion de la fonction publique territoriale de la Charente-Maritime",
        "CNRACL_VALIDATION_SERVICES",
    ),
)
ACKNOWLEDGED = frozenset({"IRCANTEC_RELANCE_CREANCE", "CNRACL_ANOMALIES", "CNRACL_MAJORATIONS_RETARD"})
PUBLISHED_LATER = {"CNRACL_TAUX": "2030-01-06T08:00:00+01:00"}
REPLACES = {11: 10}
"""The letter of that rank replaces the other."""
ATTACHED = {"CNRACL_ANOMALIES": "CNRACL_COMPTES_A_COMPLETER"}
"""A letter of the first type comes with a document made like the second."""


def write(folder: Path) -> list[Path]:
    """Write the letters and the manifest into `folder`, made if need be; the same bytes each time."""
    folder.mkdir(parents=True, exist_ok=True)
    by_name = {employer.name: employer for employer in employers("small")}
    written, rows = [], []
    for rank, (name, type_code) in enumerate(DEPOSIT, start=1):
        paths, row = _letter(folder, rank, by_name[name], type_code)
        written += paths
        rows.append(row)
    manifest = folder / MANIFEST
    with manifest.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS, delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return [*written, manifest]


def main() -> None:
    """The command line: one argument, the folder."""
    if len(sys.argv) != 2:
        sys.exit("Usage : python -m backend.demo.example DOSSIER")
    written = write(Path(sys.argv[1]))
    size = sum(path.stat().st_size for path in written)
    sys.stdout.write(f"{len(written)} fichiers, {size / 1000:.0f} ko, dans {sys.argv[1]}\n")


def _letter(folder: Path, rank: int, employer: Employer, type_code: str) -> tuple[list[Path], dict[str, str]]:
    letter_date = FIRST_DAY + timedelta(days=rank // 7)
    reference = _reference(rank)
    paths = [_print(folder / f"{reference}.pdf", rank, employer, type_code, letter_date)]
    if type_code in ATTACHED:
        annex = folder / f"{reference}-annexe.pdf"
        paths.append(_print(annex, rank, employer, ATTACHED[type_code], letter_date))
    due = due_date(type_code, letter_date)
    return paths, {
        "fichier": paths[0].name,
        "siret": employer.siret,
        "type": type_code,
        "reference": reference,
        "objet": subject(type_code, letter_date.year - 1),
        "date": letter_date.isoformat(),
        "exercice": str(letter_date.year - 1),
        "echeance": due.isoformat() if due else "",
        "accuse": "oui" if type_code in ACKNOWLEDGED else "non",
        "remplace": _reference(REPLACES[rank]) if rank in REPLACES else "",
        "publication": PUBLISHED_LATER.get(type_code, ""),
        "pieces": "|".join(path.name for path in paths[1:]),
    }


def _print(path: Path, rank: int, employer: Employer, type_code: str, letter_date: date) -> Path:
    letter = compose(
        type_code,
        establishment=employer,
        contract_number=contract_number(employer, type_code.partition("_")[0]),
        reference=_reference(rank),
        letter_date=letter_date,
        fiscal_year=letter_date.year - 1,
        seed=rank,
    )
    path.write_bytes(render(letter))
    return path


def _reference(rank: int) -> str:
    fund = DEPOSIT[rank - 1][1].partition("_")[0]
    return f"{fund}-{FIRST_DAY.year}-EX{rank:04d}"


if __name__ == "__main__":
    main()
