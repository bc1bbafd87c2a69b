"""The documents of the demonstration: composed and printed the first time somebody needs them, always the same."""

import asyncio
from dataclasses import dataclass
from datetime import date
from functools import cache

from backend import database as db
from backend.demo.catalogue import TYPES_BY_CODE, compose
from backend.demo.employers import employers
from backend.demo.example import ATTACHED
from backend.gateways import letter

_COURRIER_OF_DOCUMENT = """
    SELECT c.reference, c.letter_date, c.fiscal_year, c.fund_id, t.code AS type_code, found.is_attachment,
           e.siret, e.name, e.category, e.line1, e.postal_code, e.city,
           (SELECT min(k.number) FROM contracts k WHERE k.establishment_id = e.id AND k.fund_id = c.fund_id) AS contract
    FROM (
        SELECT id AS courrier_id, 0 AS is_attachment FROM courriers WHERE document_id = $1
        UNION ALL
        SELECT courrier_id, 1 FROM courrier_attachments WHERE document_id = $1
    ) found
    JOIN courriers c ON c.id = found.courrier_id
    JOIN courrier_types t ON t.id = c.type_id
    JOIN establishments e ON e.id = c.establishment_id
    ORDER BY found.is_attachment, c.id
    LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class _Addressee:
    siret: str
    name: str
    category: str
    line1: str
    postal_code: str
    city: str
    population: int


@cache
def _populations() -> dict[str, int]:
    """Inhabitants by SIRET: the database does not keep them."""
    return {one.siret: one.population for one in employers("full")}


async def render(document_id: int) -> bytes:
    """The PDF of a demonstration document, for `backend.rules.document.use_renderer`.

    Raises LookupError for a document that is neither a courrier of the catalogue nor one's attachment.
    """
    found = await db.row(_COURRIER_OF_DOCUMENT, [document_id])
    if found is None or found["type_code"] not in TYPES_BY_CODE:
        raise LookupError(f"document {document_id} is not of a demonstration courrier")
    return await asyncio.to_thread(_print, document_id, found)


def _print(document_id: int, found: db.Row) -> bytes:
    type_code: str = found["type_code"]
    letter_date = date.fromisoformat(found["letter_date"])
    composed = compose(
        ATTACHED.get(type_code, type_code) if found["is_attachment"] else type_code,
        establishment=_Addressee(
            siret=found["siret"],
            name=found["name"],
            category=found["category"],
            line1=found["line1"] or "",
            postal_code=found["postal_code"],
            city=found["city"],
            population=_populations().get(found["siret"], 1_000),
        ),
        contract_number=found["contract"] or "en cours d’attribution",
        reference=found["reference"],
        letter_date=letter_date,
        fiscal_year=found["fiscal_year"] or letter_date.year - 1,
        seed=document_id,
    )
    return letter.render(composed)
