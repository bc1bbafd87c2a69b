"""`GET /certificats/…`: the certificate of a letter by its signed address, as a PDF or as JSON (R-COU-15)."""

import asyncio

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backend import settings
from backend.gateways import certificate as press
from backend.rules import address, certificate, session
from backend.rules.viewer import Viewer
from backend.web.identity import origin_of
from backend.web.spreadsheet import NOT_KEPT

_FORMS = {disposition: form for form, disposition in address.CERTIFICATES.items()}

_GONE = (
    "Cette adresse n’est plus valable. Rouvrez le courrier depuis la plateforme : "
    "une nouvelle adresse vous sera donnée."
)


def _gone() -> Response:
    # The same answer whether the address is forged, old, or the right was withdrawn: nothing to learn from it.
    return PlainTextResponse(_GONE, 404, headers={"cache-control": "no-store"})


async def get_certificate(request: Request) -> Response:
    """Issue it, for whoever reads the letter and for operators, judged now; a HEAD issues none."""
    try:
        signed = address.read(request.path_params["signed"])
    except ValueError:
        signed = None
    if signed is None or signed.disposition not in _FORMS:
        return _gone()
    carried = Viewer(user_id=signed.user_id, session_id=signed.session_id, origin=origin_of(request))
    viewer = await session.renewed(carried)
    if viewer is None or viewer.user_id != signed.user_id:
        return _gone()
    form = _FORMS[signed.disposition]
    if request.method == "HEAD":
        return Response() if await certificate.is_for(viewer, signed.courrier_id) else _gone()
    issued = await certificate.issue(viewer, signed.courrier_id, signed.nonce, form)
    if issued is None:
        return _gone()
    is_pdf = form == "PDF"
    return Response(
        await asyncio.to_thread(_printed, issued) if is_pdf else issued.content,
        media_type="application/pdf" if is_pdf else "application/json",
        headers={
            **NOT_KEPT,
            "content-disposition": f'attachment; filename="certificat-{issued.number}.{form.lower()}"',
        },
    )


def _printed(issued: certificate.Certificate) -> bytes:
    verification = f"{settings.current().address}/verification"
    return press.render(press.Certificate(issued.body, issued.content, issued.key, verification))
