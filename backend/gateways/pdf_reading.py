"""The process that looks into PDFs, one after the other: `python -m backend.gateways.pdf_reading`, started by `pdf`.

On its input come the length of a file and the file; on its output go the length of an answer and the answer, as JSON.
It holds no secret and asks for nothing else; where a file takes more time than it may, the system ends it.
"""

import io
import logging
import os
import re
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import orjson
import pypdfium2
from pypdf import PageObject, PdfReader
from pypdf.errors import DeprecationError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

from backend.gateways.pdf import LENGTH, Fault, Inspection

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns about every small flaw of every file

MAXIMUM_OBJECTS = 200_000
MAXIMUM_TEXT = 200_000
MAXIMUM_PAGES = 200
"""Pages that are read."""

POLITENESS = 5
"""How much later than those who wait for a page its turn for a core comes."""

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


def main(cpu_seconds: int, memory: int) -> None:
    """Answer until the input ends."""
    os.nice(POLITENESS)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # others have it and do not keep it
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    while length := sys.stdin.buffer.read(LENGTH):
        content = sys.stdin.buffer.read(int.from_bytes(length))
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + 1 + cpu_seconds
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        answer = orjson.dumps(asdict(inspect(content)))
        sys.stdout.buffer.write(len(answer).to_bytes(LENGTH) + answer)
        sys.stdout.buffer.flush()


def inspect(content: bytes) -> Inspection:
    """Look into a PDF that is whole at first sight."""
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
        for page in reader.pages[:MAXIMUM_PAGES]:
            _look_at(page)
        return Inspection(page_count=pages, texts=tuple(_legible_texts(content)))
    except MemoryError:
        return Inspection(Fault.TOO_COMPLEX)
    except _MALFORMED:
        return Inspection(Fault.DAMAGED)


def _look_at(page: PageObject) -> None:
    """Raises where a page cannot be drawn."""
    drawing = page.get_contents()
    if drawing is None:  # not `if drawing`: it has no keys, and is false
        return
    if not _WHOLE.fullmatch(drawing.get_data()):
        _ = drawing.operations  # reads it operation by operation


_SPACE = rb"[\0\t\n\f\r ]"
_SIMPLE = rb"%s++|/?[^\0\t\n\f\r ()<>\[\]{}/%%]++|\((?:[^()\\]++|\\.)*+\)|<(?:[0-9A-Fa-f]|%s)*+>" % (_SPACE, _SPACE)
_ARRAY = rb"\[(?:%s)*+\]" % _SIMPLE
_DICTIONARY = rb"<<(?:%s|%s)*+>>" % (_SIMPLE, _ARRAY)
_WHOLE = re.compile(rb"(?:%s|%s|%s)*+" % (_SIMPLE, _ARRAY, _DICTIONARY), re.DOTALL)
"""A drawing in which no word is cut: told thirty times as quickly as by reading its operations, and of nearly all.

Nothing in it goes back and tries otherwise, so that no drawing makes it slow.
"""


def _legible_texts(content: bytes) -> Iterator[str]:
    """The pages' texts, 200,000 letters in all. A page whose fonts do not say their letters has none."""
    left = MAXIMUM_TEXT
    try:
        for text in _texts(content):
            yield text[:left]
            left -= len(text)
            if left <= 0:
                return
    except pypdfium2.PdfiumError:
        pass


def _texts(content: bytes) -> Iterator[str]:
    document = pypdfium2.PdfDocument(content)
    try:
        for number in range(min(len(document), MAXIMUM_PAGES)):
            page = document[number]
            letters = page.get_textpage()
            yield _legible(letters.get_text_bounded())
            letters.close()
            page.close()
    finally:
        document.close()


_CONTROL = {number: None for number in (*range(32), 0x7F, 0xFFFE, 0xFFFF) if chr(number) not in "\t\n"}
"""Letters nobody told which they are, and ends of lines of another manner."""


def _legible(text: str) -> str:
    return text.translate(_CONTROL)


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


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
