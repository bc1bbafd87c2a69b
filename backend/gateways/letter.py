"""Turn the words and figures of a letter into a PDF, tagged for accessibility (PDF/UA-1)."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from backend.clock import french_date
from backend.gateways.press import Press

TEMPLATE = Path(__file__).with_name("letter.typ")
DEMONSTRATION_NOTE = "Document de démonstration, sans valeur"


@dataclass(frozen=True, slots=True)
class Table:
    """Figures of a letter: every row (and the total, when there is one) has as many cells as the header.

    The first `text_columns` are words, aligned left; the others are figures, aligned right.
    The column `wide_column` takes the width the others leave.
    """

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    text_columns: int = 1
    wide_column: int = 0


@dataclass(frozen=True, slots=True)
class Letter:
    """All that is printed; plain text, never markup. Address lines are given from top to bottom."""

    fund: str
    fund_name: str
    fund_address: tuple[str, ...]
    recipient: str
    recipient_address: tuple[str, ...]
    siret: str
    contract_number: str
    reference: str
    subject: str
    place: str
    dated: date
    paragraphs: tuple[str, ...]
    table: Table | None
    remarks: tuple[str, ...]
    closing: str
    signatory: tuple[str, ...]
    salutation: str = "Madame, Monsieur,"
    note: str = DEMONSTRATION_NOTE


@cache
def press() -> Press:
    """The press of this process."""
    return Press(TEMPLATE)


def render(letter: Letter) -> bytes:
    """The PDF of a letter, from this process's press; the same letter always gives the same bytes."""
    return press().print("letter", shown(letter), letter.dated)


def shown(letter: Letter) -> dict[str, object]:
    """What the template prints."""
    table = letter.table
    return {
        "fund": letter.fund,
        "fund_name": letter.fund_name,
        "fund_address": letter.fund_address,
        "recipient": letter.recipient,
        "recipient_address": letter.recipient_address,
        "marks": (
            ("SIRET", grouped(letter.siret)),
            ("N°\u00a0de contrat", letter.contract_number),
            ("Notre référence", letter.reference),
        ),
        "reference": letter.reference,
        "subject": letter.subject,
        "dateline": f"{letter.place}, le {french_date(letter.dated)}",
        "year": letter.dated.year,
        "month": letter.dated.month,
        "day": letter.dated.day,
        "salutation": letter.salutation,
        "paragraphs": letter.paragraphs,
        "table": table
        and {
            "caption": table.caption,
            "header": table.header,
            "rows": table.rows,
            "total": table.total,
            "text_columns": table.text_columns,
            "wide_column": table.wide_column,
        },
        "remarks": letter.remarks,
        "closing": letter.closing,
        "signatory": letter.signatory,
        "note": letter.note,
    }


def grouped(siret: str) -> str:
    """A SIRET as people read it."""
    return "\u00a0".join((siret[:3], siret[3:6], siret[6:9], siret[9:])) if len(siret) == 14 else siret
