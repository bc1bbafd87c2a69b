"""`GET /agenda/…`: the due date of a letter, and all of a person's, for their calendar. Nothing is read by it."""

from collections.abc import Iterable
from datetime import date, timedelta

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backend import clock, settings
from backend import database as db
from backend.gateways import calendar
from backend.reads import courrier
from backend.rules import address, due_calendar, globalid, session
from backend.rules.viewer import Viewer
from backend.web.identity import origin_of
from backend.web.spreadsheet import NOT_KEPT

MOST = 2_000
"""Days in one calendar."""

PAST = timedelta(days=90)
"""How long a day that is over stays."""

_GONE = "Cette adresse n’est plus valable. Demandez-en une nouvelle depuis « Vos courriers »."


def _gone() -> Response:
    return PlainTextResponse(_GONE, 404, headers={"cache-control": "no-store"})


async def get_due_date(request: Request) -> Response:
    """Of one letter, by its signed address."""
    try:
        signed = address.read(request.path_params["signed"])
    except ValueError:
        signed = None
    if signed is None or signed.disposition != address.DUE_DATE:
        return _gone()
    carried = Viewer(user_id=signed.user_id, session_id=signed.session_id, origin=origin_of(request))
    viewer = await session.renewed(carried)
    if viewer is None or viewer.user_id != signed.user_id:
        return _gone()
    [row] = await courrier.described(viewer, [signed.courrier_id])
    if row is None or row["due_on"] is None:
        return _gone()
    return _calendar([row], "echeance.ics")


async def get_due_dates(request: Request) -> Response:
    """Of all one's letters that are not archived, by the secret address of a calendar."""
    viewer = await due_calendar.reader(request.path_params["secret"], origin_of(request))
    if viewer is None:
        return _gone()
    given = courrier.Filter(due_from=clock.today() - PAST)
    numbers, _ = await courrier.numbers(courrier.listing(viewer, given, courrier.DUE), MOST)
    rows: list[db.Row] = []
    for start in range(0, len(numbers), 100):
        rows += [one for one in await courrier.described(viewer, numbers[start : start + 100]) if one is not None]
    return _calendar(rows, "echeances.ics")


def _calendar(rows: Iterable[db.Row], name: str) -> Response:
    text = calendar.written(map(_due, rows), "Échéances de vos courriers")
    headers = {**NOT_KEPT, "content-disposition": f'attachment; filename="{name}"'}
    return Response(text, media_type="text/calendar; charset=utf-8", headers=headers)


def _due(row: db.Row) -> calendar.Day:
    """Who is asked for what by when; not the subject, for a calendar may be read by others (as an e-mail, R-COU-10)."""
    base, number = settings.current().address, globalid.encode("Courrier", row["id"])
    link = f"{base}/courriers/{number}"
    return calendar.Day(
        uid=f"{number}@{base.partition('://')[2].partition(':')[0]}",
        day=date.fromisoformat(row["due_on"]),
        summary=f"Échéance : {row['type_label']} ({row['fund_label']})",
        description=f"{row['establishment_name']}\nRéférence {row['reference']}\n{link}",
        address=link,
        told_at=clock.from_microseconds(row["available_at"]),
    )
