"""`GET /journal.csv`: a list of the journal as a file, as far as the viewer reads it, streamed (R-JRN-02)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from backend import clock
from backend.reads import journal, sentence, user
from backend.reads.page import Listing, Slice
from backend.rules import access, globalid
from backend.rules import journal as rules
from backend.rules.error import BadRequest
from backend.rules.viewer import Viewer
from backend.web.identity import viewer_of
from backend.web.spreadsheet import MARK, NOT_KEPT, written

AT_ONCE = 100
"""Events of each page read: one page is in memory at a time."""

HEADER = (
    "Date", "Heure (Paris)", "Catégorie", "Évènement", "Auteur", "Établissement", "À quel titre", "Pour le compte de",
    "Changements", "Adresse IP", "Action", "Référence",
)  # fmt: skip

DELEGATED = "Par délégation"
"""In what capacity, where it is not one's own (R-DEL-07)."""

CATEGORIES = {
    sentence.ACCOUNTS: "Comptes",
    sentence.RIGHTS: "Droits et profils",
    sentence.SESSIONS: "Connexions",
    sentence.SECURITY: "Mots de passe et sécurité",
    sentence.TERMS: "Conditions générales",
    sentence.SERVICES: "Services",
    sentence.ESTABLISHMENTS: "Établissements",
    sentence.DELEGATIONS: "Délégations",
    sentence.COURRIERS: "Courriers",
    sentence.PLATFORM: "Plateforme",
}


@dataclass(frozen=True)
class _Asked:
    """What the address asks for."""

    listing: Listing
    establishment_id: int | None
    facts: Mapping[str, Any]


async def get_journal(request: Request) -> Response:
    """Stream the file; that it was taken is an event too."""
    viewer = await viewer_of(request)
    if viewer is None or viewer.user_id is None:
        return _refusal("Connectez-vous pour exporter le journal.", 401)
    try:
        asked = await _asked(viewer, request.query_params)
    except (BadRequest, ValueError):
        return _refusal("Cette adresse d’export est mal formée.", 400)
    if asked is None:
        return _refusal("Ce journal n’existe pas, ou n’est pas de ceux que vous lisez.", 404)
    if request.method == "GET":
        await rules.record_export(viewer, asked.establishment_id, asked.facts)
    name = f"journal-{clock.today().isoformat()}.csv"
    return StreamingResponse(
        _lines(viewer, asked.listing),
        media_type="text/csv; charset=utf-8",
        headers={
            **NOT_KEPT,
            "content-disposition": f'attachment; filename="{name}"',
        },
    )


def _refusal(message: str, status: int) -> Response:
    return PlainTextResponse(message, status, headers=NOT_KEPT)


async def _asked(viewer: Viewer, given: Mapping[str, str]) -> _Asked | None:
    """The list an address names: of an account, of an establishment, or all; None where it is not for this viewer.

    Raises BadRequest or ValueError for one that names nothing.
    """
    kept = journal.Filter(
        categories=tuple(one for one in (given.get("categorie") or "").split(",") if one in CATEGORIES),
        since=_day(given.get("du")),
        until=_day(given.get("au")),
        search=given.get("q"),
        actor_id=_number(given.get("auteur"), "User"),
        subject_id=_number(given.get("concerne"), "User"),
    )
    facts = {name: given[name] for name in ("categorie", "du", "au", "q", "auteur", "concerne") if given.get(name)}
    account, place = _number(given.get("compte"), "User"), _number(given.get("etablissement"), "Establishment")
    if account is not None:
        [found] = await user.visible(viewer, [account])
        if account != viewer.user_id and (
            found is None or not access.manages_account(viewer, account, found["establishment_id"])
        ):
            return None
        home = found["establishment_id"] if found else viewer.establishment_id
        return _Asked(journal.of_user(viewer, account, kept), home, {"account": account, **facts})
    if place is not None:
        if not (viewer.is_operator or access.manages_accounts(viewer, place)):
            return None
        return _Asked(journal.of_establishment(viewer, place, kept), place, facts)
    if not viewer.is_operator or viewer.held_back is not None:
        return None
    return _Asked(journal.of_everyone(viewer, kept), None, facts)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(identifier: str | None, kind: str) -> int | None:
    return None if not identifier else globalid.expect(identifier, kind) or 0


async def _lines(viewer: Viewer, listing: Listing) -> AsyncIterator[str]:
    """The file, page after page."""
    yield MARK + written([HEADER])
    after = None
    while True:
        page = await listing.page(Slice(first=AT_ONCE, after=after))
        told = await journal.told(viewer, [row["id"] for row in page.rows]) if page.rows else []
        yield written([_cells(row, one) for row, one in zip(page.rows, told, strict=True)])
        if not page.has_next:
            return
        after = page.cursors[-1]


def _cells(row: Mapping[str, Any], one: journal.Told) -> tuple[str, ...]:
    moment = clock.from_microseconds(row["occurred_at"]).astimezone(clock.PARIS)
    changes = [f"{each.field} : {each.before or '—'} → {each.after or '—'}" for each in one.changes]
    return (
        f"{moment:%d/%m/%Y}",
        f"{moment:%H:%M:%S}",
        CATEGORIES[one.category],
        one.summary,
        one.actor,
        one.establishment or "",
        DELEGATED if one.is_delegated else "",
        one.on_behalf_of or "",
        sentence.ERASED if one.is_erased else " ; ".join(changes),
        one.address or "",
        row["action"],
        str(row["id"]),
    )
