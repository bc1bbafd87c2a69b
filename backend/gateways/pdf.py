"""Looking into PDFs that come from outside: readable, not encrypted, nothing active in them."""

import asyncio
import io
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DeprecationError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns about every small flaw of every file

MAXIMUM_OBJECTS = 200_000
MAXIMUM_TEXT = 200_000
MAXIMUM_PAGES = 200
"""Pages that are read."""

_MALFORMED = (
    PyPdfError,
    DeprecationError,
    NotImplementedError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    RecursionError,
    OSError,
)
"""What pypdf answers a malformed file with."""

_ACTIVE_KEYS = {"/JavaScript", "/JS", "/EmbeddedFiles", "/EmbeddedFile", "/RichMedia", "/XFA", "/EF"}
_ACTIVE_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/RichMediaExecute", "/GoToE", "/Rendition"}


class Fault(StrEnum):
    """What makes a file unacceptable."""

    EMPTY = "EMPTY"
    NOT_PDF = "NOT_PDF"
    DAMAGED = "DAMAGED"
    ENCRYPTED = "ENCRYPTED"
    ACTIVE_CONTENT = "ACTIVE_CONTENT"


@dataclass(frozen=True)
class Inspection:
    """What was found: a fault, or the number of pages and the text."""

    fault: Fault | None = None
    page_count: int = 0
    text: str = ""


async def inspect(content: bytes) -> Inspection:
    """Look into a PDF, in a thread."""
    return await asyncio.to_thread(_inspect, content)


def _inspect(content: bytes) -> Inspection:
    if not content:
        return Inspection(Fault.EMPTY)
    if b"%PDF-" not in content[:1024]:
        return Inspection(Fault.NOT_PDF)
    if b"%%EOF" not in content[-2048:]:
        return Inspection(Fault.DAMAGED)
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            return Inspection(Fault.ENCRYPTED)
        pages = len(reader.pages)
        if pages == 0:
            return Inspection(Fault.DAMAGED)
        if _is_active(reader):
            return Inspection(Fault.ACTIVE_CONTENT)
        read = list(reader.pages[:MAXIMUM_PAGES])
        for page in read:
            drawing = page.get_contents()
            if drawing is not None:  # not `if drawing`: it has no keys, and is false
                _ = drawing.operations  # raises where it cannot be drawn
    except _MALFORMED:
        return Inspection(Fault.DAMAGED)
    return Inspection(page_count=pages, text=_text(read))


def _text(pages: Iterable[PageObject]) -> str:
    """Their text, for the search. A page whose fonts do not say their letters has none: it is legible still."""
    found, length = [], 0
    for page in pages:
        try:
            text = page.extract_text().replace("\x00", "")
        except _MALFORMED:
            continue
        found.append(text)
        length += len(text)
        if length >= MAXIMUM_TEXT:
            break
    return "\n".join(found)[:MAXIMUM_TEXT]


def _is_active(reader: PdfReader) -> bool:
    """Whether scripts, launches, embedded files or forms that send are reachable from the trailer."""
    waiting: list[Any] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            if len(seen) > MAXIMUM_OBJECTS:
                return True  # nothing legible needs as many: not worth the doubt
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            if any(key in one and not isinstance(one[key], NullObject) for key in _ACTIVE_KEYS):
                return True
            if one.get("/S") in _ACTIVE_ACTIONS:
                return True
            waiting.extend(one.raw_get(key) for key in one if key != "/Parent")
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
    return False
