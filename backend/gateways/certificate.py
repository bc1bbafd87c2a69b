"""Turn a certificate of availability and reading into a PDF, its signed JSON attached (R-COU-15)."""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from backend.clock import PARIS, french_date, french_instant
from backend.gateways.letter import grouped
from backend.gateways.press import Press

TEMPLATE = Path(__file__).with_name("certificate.typ")
TITLE = "Certificat de mise à disposition et de lecture"
ATTACHED = "certificat.json"

MOST = 150
"""Facts printed; the attached file holds them all."""

_KINDS = {
    "AVAILABLE": "Mis à disposition",
    "NOTIFIED": "Annoncé par courriel",
    "NOTIFICATION_FAILED": "L’annonce par courriel a échoué",
    "OPENED": "Ouvert",
    "DOWNLOADED": "Téléchargé",
    "ACKNOWLEDGED": "Accusé de réception donné",
    "REMINDED": "Rappel envoyé",
    "WITHDRAWN": "Retiré",
    "REMOVED": "Supprimé",
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """All that is printed: what is certified, the JSON as it was signed, the key, and where anybody verifies it."""

    body: Mapping[str, Any]
    content: bytes
    key: str
    verification: str


@cache
def press() -> Press:
    """The press of this process."""
    return Press(TEMPLATE)


def render(certificate: Certificate) -> bytes:
    """The PDF of a certificate: the same certificate always gives the same bytes."""
    body = certificate.body
    issued = _moment(body["issued_at"])
    day = issued.astimezone(PARIS).date()
    courrier = body["courrier"]
    to = courrier["establishment"]
    shown = {
        "platform": body["issuer"]["name"],
        "title": TITLE,
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "sentence": f"La plateforme certifie que le courrier désigné ci-dessous a été mis à la disposition de "
        f"«\u00a0{to['name']}\u00a0» {_when(courrier['available_at'])}, et que les faits listés ci-dessous sont ceux "
        f"qu’elle avait enregistrés {_when(body['issued_at'])} (heures de Paris).",
        "parts": (
            _part("Courrier", *_lines(courrier)),
            _part("Documents", *(_document(one, rank) for rank, one in enumerate(body["documents"]))),
        ),
        "facts": {
            "title": "Faits",
            "header": ("Date et heure", "Fait", "Par qui, en quelle qualité"),
            "rows": tuple(_fact(one) for one in body["facts"][:MOST]),
            "more": _more(len(body["facts"]) - MOST),
        },
        "proof": (_part("Preuve", *_proof(body, certificate.key)),),
        "check": f"Ce certificat ne contient pas le texte du courrier. Chacun peut le vérifier, et vérifier qu’un "
        f"fichier est bien le courrier, à l’adresse {certificate.verification}. Le fichier «\u00a0{ATTACHED}\u00a0», "
        f"joint à ce PDF, porte la signature\u00a0: elle se vérifie aussi sans la plateforme, avec sa clé publique.",
        "note": f"Certificat n°\u00a0{body['number']}.",
        "attached": _ascii(certificate.content),
        "attached_name": ATTACHED,
    }
    return press().print("certificate", shown, day)


def _lines(courrier: Mapping[str, Any]) -> list[tuple[str, str]]:
    to = courrier["establishment"]
    lines = [
        ("Fonds", courrier["fund"]["label"]),
        ("Modèle", courrier["type"]["label"]),
        ("Référence", courrier["reference"]),
        ("Date du courrier", french_date(date.fromisoformat(courrier["letter_date"]))),
        ("Adressé à", f"{to['name']}, SIRET {grouped(to['siret'])}"),
        ("Déposé", _when(courrier["deposited_at"])),
        ("Mis à disposition", _when(courrier["available_at"])),
    ]
    if courrier["acknowledgement_required"]:
        lines.append(("Accusé de réception", "demandé par le fonds"))
    if courrier["removed_at"]:
        lines.append(("Supprimé au terme de sa conservation", _when(courrier["removed_at"])))
    elif courrier["withdrawn_at"]:
        lines.append(("Retiré", _when(courrier["withdrawn_at"])))
    return lines


def _document(one: Mapping[str, Any], rank: int) -> tuple[str, str]:
    name = f"Pièce jointe {rank}, empreinte SHA-256" if rank else "Courrier, empreinte SHA-256"
    return name, one["sha256"] or "aucune\u00a0: le fichier n’a jamais été produit"


def _fact(one: Mapping[str, Any]) -> tuple[str, str, str]:
    detail = f"\u00a0: {one['detail']}" if one["detail"] else ""
    return french_instant(_moment(one["at"])), _KINDS.get(one["kind"], one["kind"]) + detail, _who(one["by"])


def _who(by: Mapping[str, Any] | None) -> str:
    if by is None:
        return "la plateforme"
    if by["capacity"] == "OPERATOR":
        return "un gestionnaire de la plateforme"
    if by["capacity"] == "DELEGATION":
        return f"{by['name']} ({by['establishment']['name']}), par délégation"
    return f"{by['name']}, de l’établissement"


def _more(count: int) -> str:
    if count <= 0:
        return ""
    others = "1 autre fait est" if count == 1 else f"{count} autres faits sont"
    return f"{others} dans le fichier joint."


def _proof(body: Mapping[str, Any], key: str) -> Sequence[tuple[str, str]]:
    then = body["journal"]
    lines = [
        ("Établi", _when(body["issued_at"])),
        ("Clé de signature (Ed25519)", key),
        (f"Journal de la plateforme, évènement {then['event']}", then["hash"]),
    ]
    if then["seal"] is not None:
        sealed = french_date(date.fromisoformat(then["seal"]["day"]))
        lines.append((f"Dernier scellé du journal, du {sealed}", then["seal"]["hash"]))
    return lines


def _part(title: str, *lines: tuple[str, str]) -> dict[str, object]:
    return {"title": title, "lines": lines}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _when(text: str) -> str:
    return f"le {french_instant(_moment(text))}"


def _ascii(content: bytes) -> str:
    """The same JSON in letters that the press leaves alone."""
    return json.dumps(json.loads(content), indent=1)


def attached(pdf: bytes) -> bytes | None:
    """The JSON that a PDF of a certificate carries; None for another PDF, or a file that is none."""
    try:
        found = PdfReader(io.BytesIO(pdf), strict=False).attachments.get(ATTACHED)
        return bytes(found[0]) if found else None
    except (PyPdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError, OSError):
        return None  # pypdf answers a malformed file with any of these
