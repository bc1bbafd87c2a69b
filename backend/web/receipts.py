"""`GET /cgu/recepisses/{number}`: the proof that terms were accepted for an establishment, as a PDF (R-CGU-03)."""

import asyncio
from datetime import date
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backend import clock, settings
from backend import database as db
from backend.gateways import receipt
from backend.reads import terms
from backend.web.identity import viewer_of
from backend.web.spreadsheet import NOT_KEPT

LARGEST = 2**63
"""No number in the database is larger."""


async def get_receipt(request: Request) -> Response:
    """The receipt, for the establishment's administrators, who accepted, and operators; for others it is not there."""
    viewer = await viewer_of(request)
    if viewer is None:
        return PlainTextResponse("Connectez-vous, puis demandez de nouveau ce récépissé.", 401, headers=NOT_KEPT)
    number = request.path_params["number"]
    found = await terms.acceptance(viewer, number) if number < LARGEST else None
    if found is None:
        message = "Ce récépissé n’existe pas, ou n’est pas de ceux que vous pouvez lire."
        return PlainTextResponse(message, 404, headers=NOT_KEPT)
    pdf = await asyncio.to_thread(receipt.render, _receipt(found))
    name = f"recepisse-cgu-{found['version']}-{found['siret']}.pdf"
    plain = name if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "recepisse-cgu.pdf"
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            **NOT_KEPT,
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        },
    )


def _receipt(found: db.Row) -> receipt.Receipt:
    elsewhere = f", par son compte de l’établissement «\u00a0{found['home']}\u00a0»"
    return receipt.Receipt(
        number=found["id"],
        establishment=found["name"],
        siret=found["siret"],
        place=f"{found['postal_code']} {found['city']}",
        version=found["version"],
        published_on=date.fromisoformat(found["published_on"]),
        body_sha256=found["body_sha256"],
        text_address=f"{settings.current().address}/conditions/version/{quote(found['version'], safe='')}",
        person=f"{found['first_name']} {found['last_name']}",
        capacity="administrateur de l’établissement"
        + (elsewhere if found["home_id"] != found["establishment_id"] else ""),
        accepted_at=clock.from_microseconds(found["accepted_at"]),
    )
