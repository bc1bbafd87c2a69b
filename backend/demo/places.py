"""Names of France as French writes them: contractions, elisions, the forms of intercommunalités."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
REGIONS = {
    "01": ("Région Guadeloupe", "97105"),
    "02": ("Collectivité territoriale de Martinique", "97209"),
    "03": ("Collectivité territoriale de Guyane", "97302"),
    "04": ("Région Réunion", "97411"),
    "11": ("Région Île-de-France", "93070"),
    "24": ("Région Centre-Val de Loire", "45234"),
    "27": ("Région Bourgogne-Franche-Comté", "25056"),
    "28": ("Région Normandie", "14118"),
    "32": ("Région Hauts-de-France", "59350"),
    "44": ("Région Grand Est", "67482"),
    "52": ("Région Pays de la Loire", "44109"),
    "53": ("Région Bretagne", "35238"),
    "75": ("Région Nouvelle-Aquitaine", "33063"),
    "76": ("Région Occitanie", "31555"),
    "84": ("Région Auvergne-Rhône-Alpes", "69123"),
    "93": ("Région Provence-Alpes-Côte d'Azur", "13055"),
    "94": ("Collectivité de Corse", "2A004"),
}
"""Name and seat (Insee code) of each regional authority, by region."""

_EPCI_FORMS = {
    "CC ": "Communauté de communes ",
    "CA ": "Communauté d'agglomération ",
    "CU ": "Communauté urbaine ",
}
# Names whose h is said: no elision before them. An approximation, good for nearly all names.
_SAID_H = ("Haut", "Ham", "Han-", "Hans", "Hay", "Hem", "Hinx", "His", "Hœdic", "Houx")
_SAID_H_DEPARTEMENTS = frozenset({"57", "67", "68"})
_ELIDED = frozenset("AÂÀEÉÈÊIÎOÔŒUÛ")


@dataclass(frozen=True, slots=True)
class Departement:
    """A département; `of_name` has its preposition: de l'Ain, du Var, des Landes."""

    code: str
    name: str
    of_name: str
    seat_insee_code: str


@cache
def departements() -> tuple[Departement, ...]:
    """The 101 départements, in the order of their codes."""
    with (DATA / "departements.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(Departement(**row) for row in csv.DictReader(lines))


def of(name: str, departement: str = "") -> str:
    """A commune's name after "de": du Mans, des Ulis, de La Rochelle, d'Hyères, de Haguenau."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    first = name[0]
    if first == "H":
        elided = departement not in _SAID_H_DEPARTEMENTS and not name.startswith(_SAID_H)
    elif first == "Y":
        elided = name[1:2] not in {"a", "o", "u"} and name != "Yenne"
    else:
        elided = first in _ELIDED
    return f"d'{name}" if elided else f"de {name}"


def epci_name(name: str) -> str:
    """CC, CA and CU in full."""
    return _EPCI_FORMS.get(name[:3], name[:3]) + name[3:]
