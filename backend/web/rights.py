"""`GET /exports/droits.csv`: the table of accounts and their rights, as a spreadsheet opens it (R-RGT-07)."""

from collections.abc import AsyncIterator, Mapping, Sequence

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from backend import clock
from backend import database as db
from backend.reads import service, user
from backend.reads.page import MAXIMUM, Listing, Slice
from backend.rules import right
from backend.web.identity import viewer_of
from backend.web.spreadsheet import MARK, NOT_KEPT, written

_PERSON = ("Nom", "Prénom", "Identifiant", "Adresse de messagerie", "Profil", "État")
_LEVELS = {0: "Aucun", 1: "Lecture seule", 2: "Modification"}
_NUMBERS = {"NONE": 0, "READ": 1, "MODIFY": 2}
_STATUSES = {"INVITED": "Invité", "ACTIVE": "Actif", "LOCKED": "Verrouillé", "EXPIRED": "Expiré"}


async def get_rights(request: Request) -> Response:
    """Every account of the viewer's establishment by the filters of the screen, service by service, page after page."""
    viewer = await viewer_of(request)
    if viewer is None:
        return PlainTextResponse("Connectez-vous, puis demandez de nouveau ce fichier.", 401, headers=NOT_KEPT)
    asked = request.query_params
    told = {name: asked[name][:200] for name in ("q", "theme", "service", "niveau") if asked.get(name)}
    if not await right.exporting(viewer, told):
        message = "Seuls les administrateurs d’un établissement ont le tableau de ses droits."
        return PlainTextResponse(message, 403, headers=NOT_KEPT)
    services = [
        one
        for one in await service.online()
        if told.get("theme", one["theme"]) == one["theme"] and told.get("service", one["code"]) == one["code"]
    ]
    level = _NUMBERS.get(told.get("niveau", ""))
    given = user.Filter(search=told.get("q"), service=told.get("service") if level is not None else None, level=level)
    name = f"droits-{clock.today().isoformat()}.csv"
    return StreamingResponse(
        _lines(user.listing(viewer, given, establishment_id=viewer.establishment_id), services),
        media_type="text/csv; charset=utf-8",
        headers={**NOT_KEPT, "content-disposition": f'attachment; filename="{name}"'},
    )


async def _lines(listing: Listing, services: Sequence[db.Row]) -> AsyncIterator[str]:
    """The file in pieces: its title line, then a page of accounts at a time."""
    yield MARK + written([(*_PERSON, *(one["label"] for one in services))])
    after = None
    while True:
        page = await listing.page(Slice(first=MAXIMUM, after=after))
        held = await user.rights([one["id"] for one in page.rows])
        yield written(
            [
                _row(one, {right_["service_id"]: right_["level"] for right_ in rights}, services)
                for one, rights in zip(page.rows, held, strict=True)
            ]
        )
        if not page.has_next:
            return
        after = page.cursors[-1]


def _row(one: db.Row, levels: Mapping[int, int], services: Sequence[db.Row]) -> tuple[str, ...]:
    profile = "Administrateur" if one["is_administrator"] else "Utilisateur"
    person = (one["last_name"], one["first_name"], one["identifier"], one["email"], profile, _STATUSES[one["status"]])
    return (*person, *(_LEVELS[levels.get(each["id"], 0)] for each in services))
