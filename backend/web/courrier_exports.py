"""`GET /exports/courriers/…`: a selection as a ZIP or a spreadsheet, made while it is read (R-COU-06, R-COU-08).

Who reads which letter is judged when its turn comes. A letter of a ZIP is downloaded: the fact is kept before its last
piece is sent, so that nobody has a whole file without one, and one who cut before has neither.
"""

import asyncio
import contextlib
import re
import unicodedata
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Send

from backend import clock
from backend import database as db
from backend.gateways.archive import Archive
from backend.gateways.files import PIECE, State
from backend.reads import courrier
from backend.rules import access, address, courrier_export, document, session
from backend.rules import courrier as courriers
from backend.rules.viewer import Viewer
from backend.web.identity import origin_of
from backend.web.spreadsheet import MARK, NOT_KEPT, written

AT_ONCE = 50
"""Letters looked up together."""

PATIENCE = 120
"""Seconds that a reader who takes nothing more is waited for."""

MOST_UNDER_WAY = 3
"""Files that one person has made at the same time."""

_GONE = (
    "Cette adresse n’est plus valable, ou n’est pas la vôtre. Refaites l’export depuis « Vos courriers » : une "
    "nouvelle adresse vous sera donnée."
)
_MANY = "Plusieurs exports sont déjà en cours : attendez que l’un d’eux soit terminé."

_HEADER = (
    "Fichier", "Objet", "Référence", "Fonds", "Type", "Établissement", "SIRET", "Date du courrier",
    "Mis à disposition", "Échéance", "Exercice", "Lu par moi", "Empreinte SHA-256", "État",
)  # fmt: skip

JOINED, DAMAGED, UNREADABLE = "Joint", "Document abîmé ou manquant : l’assistance en est prévenue", "Plus accessible"

_under_way: Counter[int] = Counter()

_Keep = Callable[[], Awaitable[bool]]


class Stopped(Exception):
    """The file is left unfinished: the session has ended, or a letter was withdrawn while it was being sent."""


class Unhurried(StreamingResponse):
    """Sent as fast as it is read; given up where nothing is read any more."""

    async def stream_response(self, send: Send) -> None:
        """Wait for the reader, not for ever."""

        async def in_time(message: Message) -> None:
            await asyncio.wait_for(send(message), PATIENCE)

        await super().stream_response(in_time)


async def get_export(request: Request) -> Response:
    """Stream what was asked for, as far as it is read now."""
    try:
        signed = address.read(request.path_params["signed"])
    except ValueError:
        signed = None
    if signed is None or signed.disposition != address.EXPORT:
        return _refusal(_GONE, 404)
    carried = Viewer(user_id=signed.user_id, session_id=signed.session_id, origin=origin_of(request))
    viewer = await session.renewed(carried)
    if viewer is None or viewer.user_id != signed.user_id:
        return _refusal(_GONE, 404)
    export = await courrier_export.asked(viewer, signed.courrier_id)
    if export is None:
        return _refusal(_GONE, 404)
    if _under_way[signed.user_id] >= MOST_UNDER_WAY:
        return _refusal(_MANY, 429)
    is_zip = export.form == courrier_export.ZIP
    name = f"courriers-{clock.today().isoformat()}.{export.form.lower()}"
    kind = "application/zip" if is_zip else "text/csv; charset=utf-8"
    headers = {**NOT_KEPT, "content-disposition": f'attachment; filename="{name}"', "x-accel-buffering": "no"}
    if request.method == "HEAD":  # reads nothing
        return Response(media_type=kind, headers=headers)
    await courrier_export.record(viewer, export.form, len(export.courrier_ids))
    made = _Zip(viewer, signed.courrier_id).pieces(export.courrier_ids) if is_zip else _csv(viewer, export.courrier_ids)
    return Unhurried(_counted(signed.user_id, made), media_type=kind, headers=headers)


def _refusal(message: str, status: int) -> Response:
    return PlainTextResponse(message, status, headers={"cache-control": "no-store"})


async def _counted(user_id: int, made: AsyncGenerator[bytes, None]) -> AsyncIterator[bytes]:
    _under_way[user_id] += 1
    try:
        async with contextlib.aclosing(made):
            async for piece in made:
                if piece:
                    yield piece
    finally:
        _under_way[user_id] -= 1
        if not _under_way[user_id]:
            del _under_way[user_id]


async def _csv(viewer: Viewer, courrier_ids: Sequence[int]) -> AsyncGenerator[bytes, None]:
    """What the letters say of themselves; none is read for it."""
    yield (MARK + written([_HEADER[1:-2]])).encode()
    for start in range(0, len(courrier_ids), AT_ONCE):
        found = await courrier.described(viewer, courrier_ids[start : start + AT_ONCE])
        yield written([_said(row) for row in found if row is not None]).encode()


def _said(row: db.Row) -> tuple[str, ...]:
    return (
        row["subject"],
        row["reference"],
        row["fund_label"],
        row["type_label"],
        row["establishment_name"],
        row["siret"],
        _day(row["letter_date"]),
        f"{clock.from_microseconds(row['available_at']).astimezone(clock.PARIS):%d/%m/%Y %H:%M}",
        _day(row["due_on"]),
        str(row["fiscal_year"] or ""),
        "Oui" if row["read_at"] is not None else "Non",
    )


def _day(text: str | None) -> str:
    return f"{date.fromisoformat(text):%d/%m/%Y}" if text else ""


@dataclass
class _Zip:
    """A ZIP under way, for a person."""

    viewer: Viewer
    export_id: int
    archive: Archive = field(default_factory=Archive)
    index: list[tuple[str, ...]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    async def pieces(self, courrier_ids: Sequence[int]) -> AsyncGenerator[bytes, None]:
        """All of it, as long as it is read."""
        try:
            async for piece in self._pieces(courrier_ids):
                yield piece
        finally:
            self.archive.abandon()

    async def _pieces(self, courrier_ids: Sequence[int]) -> AsyncIterator[bytes]:
        """The letters in the order of the list, then the index of what is in."""
        for start in range(0, len(courrier_ids), AT_ONCE):
            numbers = courrier_ids[start : start + AT_ONCE]
            found = await courrier.described(self.viewer, numbers)
            joined = await courrier.attachments(numbers)
            for row, attachments in zip(found, joined, strict=True):
                if row is not None:
                    async for piece in self._letter(row, attachments):
                        yield piece
        yield self.archive.begin("index.csv", clock.now())
        for start in range(0, len(self.index), AT_ONCE):
            yield self.archive.add((("" if start else MARK + written([_HEADER])) + self._lines(start)).encode())
        if not self.index:
            yield self.archive.add((MARK + written([_HEADER])).encode())
        yield self.archive.end()
        yield self.archive.close()

    def _lines(self, start: int) -> str:
        return written(self.index[start : start + AT_ONCE])

    async def _letter(self, row: db.Row, attachments: Sequence[db.Row]) -> AsyncIterator[bytes]:
        viewer = await session.renewed(self.viewer)
        if viewer is None:
            raise Stopped("the session has ended")
        readable, delegation_id = await access.capacity(viewer, row["id"])
        if not readable:
            self._note(row, "", "", UNREADABLE)
            return

        async def keep() -> bool:
            nonce = f"zip-{self.export_id}-{row['id']}"
            return await courriers.record_opening(
                viewer, row["id"], kind="DOWNLOADED", delegation_id=delegation_id, link_nonce=nonce
            )

        name = self._named(row)
        async for piece in self._file(row, row["document_id"], f"{name}.pdf", keep):
            yield piece
        for one in attachments:
            async for piece in self._file(row, one["document_id"], f"{name}_piece-{one['position']}.pdf", keep):
                yield piece

    async def _file(self, row: db.Row, document_id: int, name: str, keep: _Keep) -> AsyncIterator[bytes]:
        """A file, whole or not at all; `keep` keeps the fact, once for a letter."""
        files = document.files()
        try:
            stored = await document.ensure_stored(document_id)
        except LookupError:
            stored = None
        if stored is None or await files.state(stored.sha256, stored.size) is not State.WHOLE:
            self._note(row, "", "", DAMAGED)
            return
        is_small = stored.size <= PIECE
        if is_small and not await keep():
            self._note(row, "", "", UNREADABLE)
            return
        yield self.archive.begin(name, clock.from_microseconds(row["available_at"]))
        sent = 0
        async for piece in files.pieces(stored.sha256):
            sent += len(piece)
            if not is_small and sent >= stored.size and not await keep():
                raise Stopped("withdrawn meanwhile")
            yield self.archive.add(piece)
        yield self.archive.end()
        self._note(row, name, stored.sha256, JOINED)

    def _note(self, row: db.Row, name: str, sha256: str, state: str) -> None:
        self.index.append((name, *_said(row), sha256, state))

    def _named(self, row: db.Row) -> str:
        """`SIRET/date_fund_reference`: the same each time, in letters that every system takes."""
        wanted = f"{row['siret']}/{row['letter_date']}_{row['fund_id']}_{_plain(row['reference'])}"
        name, number = wanted, 1
        while name.lower() in self.names:  # two references may differ by a sign that is not written
            number += 1
            name = f"{wanted}_{number}"
        self.names.add(name.lower())
        return name


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9.-]+", "-", letters).strip("-.") or "sans-reference"
