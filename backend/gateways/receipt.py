"""Turn the proof that terms were accepted into a PDF (R-CGU-03)."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from backend.clock import PARIS, french_date
from backend.gateways.letter import grouped
from backend.gateways.press import Press

TEMPLATE = Path(__file__).with_name("receipt.typ")
PLATFORM = "PEP’s, plateforme employeurs publics"
TITLE = "Récépissé d’acceptation des conditions générales d’utilisation"


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that is printed; plain text, never markup."""

    number: int
    establishment: str
    siret: str
    place: str
    version: str
    published_on: date
    body_sha256: str
    text_address: str
    person: str
    capacity: str
    accepted_at: datetime


@cache
def press() -> Press:
    """The press of this process."""
    return Press(TEMPLATE)


def render(receipt: Receipt) -> bytes:
    """The PDF of a receipt: the same acceptance always gives the same bytes."""
    moment = receipt.accepted_at.astimezone(PARIS)
    when = f"le {french_date(moment.date())} à {moment:%H:%M:%S} (heure de Paris)"
    shown = {
        "platform": PLATFORM,
        "title": TITLE,
        "year": moment.year,
        "month": moment.month,
        "day": moment.day,
        "sentence": f"{receipt.person} a accepté, au nom de l’établissement "
        f"«\u00a0{receipt.establishment}\u00a0», la version {receipt.version} "
        f"des conditions générales d’utilisation, {when}.",
        "parts": (
            _part(
                "Établissement",
                ("Nom", receipt.establishment),
                ("SIRET", grouped(receipt.siret)),
                ("Commune", receipt.place),
            ),
            _part(
                "Conditions acceptées",
                ("Version", receipt.version),
                ("En vigueur depuis le", french_date(receipt.published_on)),
                ("Empreinte SHA-256 du texte", receipt.body_sha256),
            ),
            _part(
                "Acceptation",
                ("Par", receipt.person),
                ("En qualité de", receipt.capacity),
                ("Date et heure", when.removeprefix("le ")),
            ),
        ),
        "check": f"Le texte accepté se lit à l’adresse {receipt.text_address}. Une version publiée ne change "
        "plus\u00a0: l’empreinte ci-dessus, calculée sur ce texte en UTF-8, permet de le vérifier.",
        "note": f"Récépissé n°\u00a0{receipt.number}, tiré du registre des acceptations de la plateforme.",
    }
    return press().print("receipt", shown, moment.date())


def _part(title: str, *lines: tuple[str, str]) -> dict[str, object]:
    return {"title": title, "lines": lines}
