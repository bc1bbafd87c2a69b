"""Looking into PDFs that come from outside: readable, not encrypted, nothing active in them."""

import asyncio
import contextlib
import io
import logging
import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
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

_ACTIVE_KEYS = {"/JavaScript", "/JS", "/RichMedia", "/XFA"}
_ACTIVE_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/RichMediaExecute", "/Rendition"}
_FILE_KEYS = {"/EmbeddedFiles", "/EmbeddedFile", "/EF"}
_FILE_ACTIONS = {"/GoToE"}


class Fault(StrEnum):
    """What makes a file unacceptable."""

    EMPTY = "EMPTY"
    NOT_PDF = "NOT_PDF"
    TRUNCATED = "TRUNCATED"
    DAMAGED = "DAMAGED"
    ENCRYPTED = "ENCRYPTED"
    ACTIVE_CONTENT = "ACTIVE_CONTENT"
    EMBEDDED_FILES = "EMBEDDED_FILES"


@dataclass(frozen=True)
class Inspection:
    """What was found: a fault, or the number of pages and the text."""

    fault: Fault | None = None
    page_count: int = 0
    text: str = ""


class _Pool:
    """The processes that look into many PDFs, where there are some."""

    executor: ProcessPoolExecutor | None = None


async def inspect(content: bytes) -> Inspection:
    """Look into a PDF: in a thread, or in one of the processes of `several_at_once`."""
    if _Pool.executor is not None:
        try:
            return await asyncio.get_running_loop().run_in_executor(_Pool.executor, _inspect, content)
        except BrokenProcessPool:  # one was killed: by want of memory, or by somebody
            _Pool.executor = None
    return await asyncio.to_thread(_inspect, content)


@contextlib.contextmanager
def several_at_once() -> Iterator[int]:
    """Look into PDFs in as many processes as there are cores, for as long as it lasts; how many they are."""
    cores = os.cpu_count() or 1
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn"), _end_with_parent) as executor:
        _Pool.executor = executor
        try:
            yield cores
        finally:
            _Pool.executor = None


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _inspect(content: bytes) -> Inspection:
    if not content:
        return Inspection(Fault.EMPTY)
    if b"%PDF-" not in content[:1024]:
        return Inspection(Fault.NOT_PDF)
    if b"%%EOF" not in content[-2048:]:
        return Inspection(Fault.TRUNCATED)
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            return Inspection(Fault.ENCRYPTED)
        pages = len(reader.pages)
        if pages == 0:
            return Inspection(Fault.DAMAGED)
        inside = _inside(reader)
        if inside is not None:
            return Inspection(inside)
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
    return "\n".join(text for text in _texts(pages) if text is not None)[:MAXIMUM_TEXT]


def _texts(pages: Iterable[PageObject]) -> Iterator[str | None]:
    """The text of each page, None for one whose fonts do not say their letters; no further than is read."""
    length = 0
    for page in pages:
        try:
            text = page.extract_text().replace("\x00", "")
        except _MALFORMED:
            yield None
            continue
        yield text
        length += len(text)
        if length >= MAXIMUM_TEXT:
            return


async def pages(content: bytes) -> list[str]:
    """The text of each page of an accepted PDF, for who would rather read it than see it; empty where it says none."""
    return await asyncio.to_thread(_pages, content)


def _pages(content: bytes) -> list[str]:
    try:
        read = PdfReader(io.BytesIO(content), strict=False).pages[:MAXIMUM_PAGES]
        return [(text or "").strip() for text in _texts(read)]
    except _MALFORMED:
        return []


def _inside(reader: PdfReader) -> Fault | None:
    """Whether scripts, launches or forms that send, or else embedded files, are reachable from the trailer."""
    files = False
    waiting: list[Any] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if (one.idnum, one.generation) in seen:
                continue
            seen.add((one.idnum, one.generation))
            if len(seen) > MAXIMUM_OBJECTS:
                return Fault.ACTIVE_CONTENT  # nothing legible needs as many: not worth the doubt
            one = one.get_object()
        if isinstance(one, DictionaryObject):
            if _has(one, _ACTIVE_KEYS) or one.get("/S") in _ACTIVE_ACTIONS:
                return Fault.ACTIVE_CONTENT
            files = files or _has(one, _FILE_KEYS) or one.get("/S") in _FILE_ACTIONS
            waiting.extend(one.raw_get(key) for key in one if key != "/Parent")
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
    return Fault.EMBEDDED_FILES if files else None


def _has(one: DictionaryObject, keys: set[str]) -> bool:
    return any(key in one and not isinstance(one[key], NullObject) for key in keys)
