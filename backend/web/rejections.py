"""`GET /exports/rejets.csv?lot=…`: the rejected lines of a batch, as a spreadsheet opens them (R-COU-04)."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from backend.reads import deposit_batch
from backend.reads.page import MAXIMUM, Slice
from backend.rules import globalid
from backend.rules.error import BadRequest
from backend.web.identity import viewer_of
from backend.web.spreadsheet import MARK, NOT_KEPT, written

TITLES = ("ligne", "reference", "code", "raison")


async def get_rejections(request: Request) -> Response:
    """Every rejected line of a batch that the viewer sees, page after page."""
    viewer = await viewer_of(request)
    if viewer is None:
        return PlainTextResponse("Connectez-vous, puis demandez de nouveau ce fichier.", 401, headers=NOT_KEPT)
    try:
        number = globalid.expect(request.query_params.get("lot", ""), "DepositBatch")
    except BadRequest:
        number = None
    [found] = await deposit_batch.visible(viewer, [number or 0])
    if found is None:
        return PlainTextResponse("Ce lot n’existe pas pour vous.", 404, headers=NOT_KEPT)
    return StreamingResponse(
        _lines(found["id"]),
        media_type="text/csv; charset=utf-8",
        headers={**NOT_KEPT, "content-disposition": f'attachment; filename="rejets-lot-{found["id"]}.csv"'},
    )


async def _lines(batch_id: int) -> AsyncIterator[str]:
    yield MARK + written([TITLES])
    after = None
    while True:
        page = await deposit_batch.rejections(batch_id).page(Slice(first=MAXIMUM, after=after))
        yield written(
            [
                (str(one["line"]), one["reference"] or "", one["rejection_code"], one["rejection_message"] or "")
                for one in page.rows
            ]
        )
        if not page.has_next:
            return
        after = page.cursors[-1]
