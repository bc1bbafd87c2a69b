"""Print a document from a typst template and its data, as a PDF tagged for accessibility (PDF/UA-1)."""

import json
import re
import threading
import unicodedata
import zlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import typst


class Press:
    """One typst compiler for one template, kept warm; safe to use from several threads (they take turns)."""

    def __init__(self, template: Path) -> None:
        self._compiler = typst.Compiler(template, ignore_system_fonts=True)
        self._turn = threading.Lock()

    def print(self, name: str, shown: Mapping[str, object], dated: date) -> bytes:
        """The PDF of these data, which the template reads under a name: the same data always give the same bytes.

        Characters no embedded font can draw (emoji, ideograms) are shown as U+FFFD.
        """
        content = json.dumps(_clean(shown), ensure_ascii=False)
        try:
            return self._compile(name, content, dated)
        except typst.TypstError:
            return self._compile(name, _drawable(content), dated)

    def _compile(self, name: str, content: str, dated: date) -> bytes:
        noon = datetime(dated.year, dated.month, dated.day, 12, tzinfo=UTC)
        with self._turn:
            pdf = self._compiler.compile(format="pdf", sys_inputs={name: content}, pdf_standards="ua-1", timestamp=noon)
        if not isinstance(pdf, bytes):
            raise RuntimeError("typst gave no document")
        return _packed(pdf)


def _clean(value: object) -> object:
    """Composed characters, and a space where a control character or half a surrogate pair stood."""
    if isinstance(value, str):
        if value.isascii() and value.isprintable():
            return value
        composed = unicodedata.normalize("NFC", value)
        return "".join(" " if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in composed)
    if isinstance(value, Mapping):
        return {name: _clean(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_clean(part) for part in value]
    return value


def _drawable(content: str) -> str:
    """Keep what the embedded fonts surely hold: Latin letters and the punctuation of French."""
    return "".join(
        letter if letter < "\u0180" or letter in "\u00a0\u202f\u2011–—‘’“”…€−×\u0153\u0152" else "\ufffd"
        for letter in content
    )


def _packed(pdf: bytes) -> bytes:
    """The same document about a third smaller: what is not a stream goes, compressed, into one object stream.

    The tags of an accessible table are long and typst writes them in clear. (ISO 32000-1, 7.5.7 and 7.5.8)
    """
    table = int(pdf[pdf.rindex(b"startxref") + 9 : pdf.rindex(b"%%EOF")])
    places = sorted(int(place) for place in re.findall(rb"(\d{10}) 00000 n", pdf[table:]))
    trailer = pdf[pdf.rindex(b"trailer") : pdf.rindex(b"startxref")]
    kept = re.sub(rb"/Size \d+", b"", trailer[trailer.index(b"<<") + 2 : trailer.rindex(b">>")])
    bodies = {}
    for begin, end in zip(places, [*places[1:], table], strict=True):
        head, _, body = pdf[begin:end].partition(b" 0 obj\n")
        bodies[int(head)] = body[: body.rindex(b"endobj")].rstrip()

    entries = {0: (0, 0, 65535)}
    packed, out = len(bodies) + 1, bytearray(pdf[: places[0]])
    index, inside = b"", b""
    for rank, (name, body) in enumerate(item for item in bodies.items() if b"\nstream\n" not in item[1]):
        entries[name] = (2, packed, rank)
        index += b"%d %d " % (name, len(inside))
        inside += body + b"\n"
    count = len(entries) - 1
    streams = {name: body for name, body in bodies.items() if name not in entries}
    content = zlib.compress(index + inside, 9)
    streams[packed] = b"<</Type/ObjStm/N %d/First %d/Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream" % (
        count,
        len(index),
        len(content),
        content,
    )
    for name, body in streams.items():
        entries[name] = (1, len(out), 0)
        out += b"%d 0 obj\n%b\nendobj\n" % (name, body)
    entries[packed + 1] = (1, len(out), 0)
    rows = b"".join(
        bytes([kind]) + place.to_bytes(4) + rank.to_bytes(2) for _, (kind, place, rank) in sorted(entries.items())
    )
    cross = zlib.compress(rows, 9)
    out += (
        b"%d 0 obj\n<</Type/XRef/Size %d/W[1 4 2]%b/Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream\nendobj\n"
        % (
            packed + 1,
            len(entries),
            kept,
            len(cross),
            cross,
        )
    )
    return bytes(out) + b"startxref\n%d\n%%%%EOF\n" % entries[packed + 1][1]
