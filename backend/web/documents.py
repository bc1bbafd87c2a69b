"""`GET /documents/…`: a document by its signed address. Fetching it is reading it (R-COU-06)."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from backend.gateways import pdf
from backend.gateways.files import FileDamaged
from backend.reads import courrier
from backend.rules import access, address, document, session
from backend.rules import courrier as courriers
from backend.rules.viewer import Viewer
from backend.web.identity import origin_of

# The document is shown in a frame of our own page, by the browser's own viewer, which runs nothing of ours.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"

_GONE = (
    "Cette adresse n’est plus valable. Rouvrez le courrier depuis la plateforme : "
    "une nouvelle adresse vous sera donnée."
)


def _gone() -> Response:
    # The same answer whether the address is forged, old, or the right was withdrawn: nothing to learn from it.
    return PlainTextResponse(_GONE, 404, headers={"cache-control": "no-store"})


async def get_document(request: Request) -> Response:
    """Serve the bytes, and keep the fact; a HEAD keeps none."""
    try:
        signed = address.read(request.path_params["signed"])
    except ValueError:
        signed = None
    if signed is None:
        return _gone()
    carried = Viewer(user_id=signed.user_id, session_id=signed.session_id, origin=origin_of(request))
    viewer = await session.renewed(carried)
    if viewer is None or viewer.user_id != signed.user_id:
        return _gone()
    readable, delegation_id = await access.capacity(viewer, signed.courrier_id)
    if not readable or not await courrier.holds(signed.courrier_id, signed.document_id):
        return _gone()
    try:
        content = await document.read(signed.document_id)
    except (FileDamaged, LookupError):
        message = "Ce document est abîmé ou manque dans nos archives : l’assistance en est prévenue."
        return PlainTextResponse(message, 500, headers={"cache-control": "no-store"})
    if signed.disposition not in {address.VIEW, address.DOWNLOAD, address.TEXT}:
        return _gone()
    is_view = signed.disposition != address.DOWNLOAD
    if request.method == "GET" and not await courriers.record_opening(
        viewer,
        signed.courrier_id,
        kind="OPENED" if is_view else "DOWNLOADED",
        delegation_id=delegation_id,
        link_nonce=signed.nonce,
    ):
        return _gone()
    if signed.disposition == address.TEXT:
        return JSONResponse({"pages": await pdf.pages(content)}, headers={"cache-control": "private, no-store"})
    name = quote(request.path_params["name"], safe="")
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "content-disposition": f"{'inline' if is_view else 'attachment'}; filename*=UTF-8''{name}",
            "cache-control": "private, no-store",
            "content-security-policy": POLICY,
            "x-frame-options": "SAMEORIGIN",
        },
    )
