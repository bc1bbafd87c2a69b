"""A ZIP written while it is read: never whole in memory, nor on disk; stored, ZIP64 where it must be."""

import io
import zipfile
from datetime import datetime
from typing import IO, Any

from backend import clock


class _Sink(io.RawIOBase):
    """Where the ZIP is written to: what was written is taken away at once."""

    def __init__(self) -> None:
        self.written = bytearray()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, piece: Any, /) -> int:
        """Take a piece; how many bytes it has."""
        before = len(self.written)
        self.written += memoryview(piece)
        return len(self.written) - before


class Archive:
    """A ZIP under way. What each step gives is to be sent on, in order; all of them together are the file."""

    def __init__(self) -> None:
        self._sink = _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w", zipfile.ZIP_STORED)
        self._entry: IO[bytes] | None = None

    def begin(self, name: str, moment: datetime) -> bytes:
        """A file begins."""
        here = moment.astimezone(clock.PARIS)
        info = zipfile.ZipInfo(name, (here.year, here.month, here.day, here.hour, here.minute, here.second))
        info.external_attr = 0o644 << 16
        self._entry = self._zip.open(info, "w")
        return self._taken()

    def add(self, piece: bytes) -> bytes:
        """More of the file that has begun."""
        if self._entry is None:
            raise ValueError("no file has begun")
        self._entry.write(piece)
        return self._taken()

    def end(self) -> bytes:
        """The file is whole."""
        if self._entry is not None:
            self._entry.close()
        self._entry = None
        return self._taken()

    def close(self) -> bytes:
        """The end of the ZIP: what is in it."""
        self._zip.close()
        return self._taken()

    def abandon(self) -> None:
        """Nothing more will be sent: let go of what was being written."""
        self.end()
        self._zip.close()
        self._taken()

    def _taken(self) -> bytes:
        piece = bytes(self._sink.written)
        self._sink.written.clear()
        return piece
