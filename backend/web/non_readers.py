"""`GET /exports/sans-lecture.csv`: who never opened a letter, by the filters of the screen (R-ADO-02)."""

from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from backend import clock
from backend.reads import non_reader, user
from backend.reads.page import MAXIMUM, Slice
from backend.rules.non_reading import REASONS, Filter
from backend.web.identity import viewer_of
from backend.web.spreadsheet import MARK, NOT_KEPT, written

TITLES = (
    "SIRET", "Établissement", "Code postal", "Commune", "Département", "Ce qui manque", "Courriers", "Depuis le",
    "Adresse fonctionnelle", "Qui peut lire", "Dernière relance",
)  # fmt: skip
_WHY = {
    "NO_ACCOUNT": "Aucun compte",
    "ACCOUNTS_EXPIRED": "Comptes expirés",
    "NO_READER": "Personne n’a le droit de lire",
    "NEVER_SIGNED_IN": "Lecteurs jamais connectés",
    "ADDRESS_BOUNCES": "Message non parvenu",
    "NOT_SINCE": "Pas connectés depuis",
    "NOT_OPENED": "Connectés, rien d’ouvert",
}


async def get_non_readers(request: Request) -> Response:
    """All of them, page after page. Operators."""
    viewer = await viewer_of(request)
    if viewer is None:
        return PlainTextResponse("Connectez-vous, puis demandez de nouveau ce fichier.", 401, headers=NOT_KEPT)
    if not viewer.is_operator or viewer.held_back is not None:
        return PlainTextResponse("Ce fichier est réservé aux gestionnaires.", 403, headers=NOT_KEPT)
    name = f"sans-lecture-{clock.today().isoformat()}.csv"
    return StreamingResponse(
        _lines(_asked(request)),
        media_type="text/csv; charset=utf-8",
        headers={**NOT_KEPT, "content-disposition": f'attachment; filename="{name}"'},
    )


def _asked(request: Request) -> Filter:
    asked = request.query_params
    reminded = asked.get("relance")
    return Filter(
        categories=(asked["categorie"],) if asked.get("categorie") else (),
        departements=(asked["departement"].upper(),) if asked.get("departement") else (),
        reasons=(asked["manque"],) if asked.get("manque") in REASONS else (),
        reminded=reminded == "oui" if reminded in {"oui", "non"} else None,
    )


async def _lines(given: Filter) -> AsyncIterator[str]:
    yield MARK + written([TITLES])
    after = None
    while True:
        page = await non_reader.listing(given).page(Slice(first=MAXIMUM, after=after))
        ids = [one["id"] for one in page.rows]
        standings, readers = await non_reader.standings(ids), await non_reader.readers(ids)
        people = {one["id"]: one for one in await user.named([one["id"] for each in readers for one in each]) if one}
        lines = []
        for one, standing, able in zip(page.rows, standings, readers, strict=True):
            if standing is None:
                continue
            named = [people[each["id"]] for each in able if each["id"] in people]
            lines.append(
                (
                    one["siret"], one["name"], one["postal_code"], one["city"], one["departement"],
                    _WHY[standing["reason"]], str(standing["waiting"]), _day(standing["since"]),
                    one["functional_email"] or "",
                    ", ".join(f"{each['first_name']} {each['last_name']} <{each['email']}>" for each in named),
                    _day(standing["reminded_at"]),
                )
            )  # fmt: skip
        yield written(lines)
        if not page.has_next:
            return
        after = page.cursors[-1]


def _day(moment: int | None) -> str:
    return "" if moment is None else f"{clock.paris_date(clock.from_microseconds(moment)):%d/%m/%Y}"
