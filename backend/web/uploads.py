"""`PUT /uploads`: a PDF sent before the deposit that names it; never through GraphQL (finding N)."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from backend import settings
from backend.gateways.files import FileTooLarge, collect
from backend.rules import access, document
from backend.rules.error import ErrorCode, UserError
from backend.web.identity import viewer_of

_STATUS = {ErrorCode.NOT_ALLOWED: 403, ErrorCode.FILE_TOO_LARGE: 413}


def _refused(*errors: UserError, status: int | None = None) -> Response:
    told = [{"code": one.code.value, "message": one.message, "path": list(one.path)} for one in errors]
    return _json({"errors": told}, status or _STATUS.get(errors[0].code, 422))


def _json(content: object, status: int = 200) -> Response:
    return Response(orjson.dumps(content), status, media_type="application/json", headers={"cache-control": "no-store"})


async def put_upload(request: Request) -> Response:
    """Keep a PDF sent as the body, for whoever may deposit.

    The file's name may be given in the query as `name`. Answers `uploadId`, `sha256`, `size` and `pageCount`; a
    refusal has the shape of a UserError. Who may not deposit is told before the body is read.
    """
    viewer = await viewer_of(request)
    if viewer is None:
        message = "Connectez-vous, ou portez le jeton d’un client technique."
        return _json({"errors": [{"code": "UNAUTHENTICATED", "message": message, "path": []}]}, 401)
    if not access.may_deposit(viewer):
        message = "Seuls les gestionnaires et les clients techniques habilités envoient des fichiers."
        return _refused(UserError(ErrorCode.NOT_ALLOWED, message))
    maximum = settings.current().maximum_upload_size
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > maximum:
        return _refused(document.too_large())
    try:
        content = await collect(request.stream(), maximum)
    except FileTooLarge:
        return _refused(document.too_large())
    kept = await document.upload(viewer, content, request.query_params.get("name"))
    if kept.stored.errors:
        return _refused(*kept.stored.errors)
    stored = kept.stored
    return _json(
        {"uploadId": kept.upload, "sha256": stored.sha256, "size": stored.size, "pageCount": stored.page_count}, 201
    )
