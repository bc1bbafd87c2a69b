"""Where documents are kept: by their SHA-256, written durably before anything names them."""

import asyncio
import contextlib
import hashlib
import os
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

CHUNK = 64 * 1024
PIECE = 256 * 1024

ASIDE = "."
"""How the name of a file that is being written begins."""

TOGETHER = 4
"""Files flushed to the disk at once: it does several as quickly as one."""

_NAME = re.compile(r"[0-9a-f]{64}")


class FileTooLarge(Exception):
    """More bytes came than are allowed."""


class FileDamaged(Exception):
    """The stored bytes are not those of the hash any more, or are gone."""


class State(StrEnum):
    """How a file that should be there is."""

    WHOLE = "WHOLE"
    MISSING = "MISSING"
    ALTERED = "ALTERED"


@dataclass(frozen=True)
class Kept:
    """A file found in the store: its hash, or None for one that was never finished; where, and since when."""

    sha256: str | None
    path: str
    size: int
    written_at: float
    """Seconds of the clock of what keeps it."""


class Files(Protocol):
    """A store of immutable files."""

    async def put(self, content: bytes) -> str:
        """Keep `content` durably; its SHA-256 in hexadecimal. Keeping the same twice is one file."""
        ...

    async def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Keep several, all durably once it is over; their hashes."""
        ...

    async def get(self, sha256: str) -> bytes:
        """The bytes of a hash, checked again. Raises FileDamaged."""
        ...

    def pieces(self, sha256: str) -> AsyncIterator[bytes]:
        """The bytes of a hash, a piece at a time, none but the last smaller than PIECE; not checked: see `state`."""
        ...

    async def remove(self, sha256: str) -> None:
        """Remove the file of a hash, durably; one that is gone already is no fault."""
        ...

    async def remove_unfinished(self, kept: Kept) -> bool:
        """Remove what was never finished, if it is we who had begun it; whether it was."""
        ...

    async def state(self, sha256: str, size: int, *, thoroughly: bool = True) -> State:
        """How the file of a hash is; not `thoroughly`, by its size only."""
        ...

    def everything(self) -> AsyncIterator[list[Kept]]:
        """Every file there is, some at a time."""
        ...


class DiskFiles:
    """Files on disk, in folders named by the first two digits of the hash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the file of a hash is."""
        return self.folder / sha256[:2] / sha256

    async def put(self, content: bytes) -> str:
        """Keep `content`."""
        [sha256] = await self.put_all([content])
        return sha256

    async def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Keep them: each written aside, flushed to the disk, then renamed, so that no half file is ever seen; then
        each folder flushed, once for all that is new in it.
        """
        shares = [contents[start::TOGETHER] for start in range(min(TOGETHER, len(contents)))]
        folders = await asyncio.gather(*(asyncio.to_thread(self._write, share) for share in shares))
        await asyncio.to_thread(self._name, set().union(*folders))
        return [hash_of(one) for one in contents]

    def _write(self, contents: Sequence[bytes]) -> set[Path]:
        """Write files that are not there; the folders of all: who found one may come before who wrote it flushes."""
        folders = set()
        for content in contents:
            path = self.path(hash_of(content))
            folders.add(path.parent)
            if path.exists() and path.read_bytes() == content:
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, aside = tempfile.mkstemp(dir=path.parent, prefix=ASIDE)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(aside).replace(path)
            except BaseException:
                Path(aside).unlink(missing_ok=True)
                raise
        return folders

    def _name(self, folders: set[Path]) -> None:
        for one in folders:
            _flush(one)
        if folders:
            _flush(self.folder)  # the first file of a folder makes the folder

    async def get(self, sha256: str) -> bytes:
        """The bytes of a hash, checked again (R-COU-02)."""
        return await asyncio.to_thread(self._get, sha256)

    def _get(self, sha256: str) -> bytes:
        try:
            content = self.path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise FileDamaged(sha256) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileDamaged(sha256)
        return content

    async def pieces(self, sha256: str) -> AsyncIterator[bytes]:
        """A piece in memory at a time, however large the file and slow its reader."""
        file = await asyncio.to_thread(self.path(sha256).open, "rb", buffering=0)
        try:
            while piece := await asyncio.to_thread(file.read, PIECE):
                yield piece
        finally:
            file.close()

    async def remove(self, sha256: str) -> None:
        """Remove the file of a hash (R-COU-14)."""
        await asyncio.to_thread(self._remove, sha256)

    async def remove_unfinished(self, kept: Kept) -> bool:
        """Remove a file that was being written aside."""
        path = Path(kept.path)
        if not path.name.startswith(ASIDE):
            return False
        await asyncio.to_thread(path.unlink, missing_ok=True)
        return True

    async def state(self, sha256: str, size: int, *, thoroughly: bool = True) -> State:
        """Missing, of another size or other bytes, or whole."""
        return await asyncio.to_thread(self._state, sha256, size, thoroughly=thoroughly)

    def _state(self, sha256: str, size: int, *, thoroughly: bool) -> State:
        try:
            with self.path(sha256).open("rb") as file:
                if os.fstat(file.fileno()).st_size != size:
                    return State.ALTERED
                if thoroughly and hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                    return State.ALTERED
        except FileNotFoundError:
            return State.MISSING
        return State.WHOLE

    async def everything(self) -> AsyncIterator[list[Kept]]:
        """The files of each folder in turn."""
        if await asyncio.to_thread(self.folder.is_dir):
            yield await asyncio.to_thread(_kept, self.folder)  # nothing belongs there
            for folder in await asyncio.to_thread(lambda: sorted(one for one in self.folder.iterdir() if one.is_dir())):
                yield await asyncio.to_thread(_kept, folder)

    def _remove(self, sha256: str) -> None:
        path = self.path(sha256)
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _flush(path.parent)


def _kept(folder: Path) -> list[Kept]:
    found = []
    with os.scandir(folder) as entries:
        for one in entries:
            with contextlib.suppress(FileNotFoundError):  # finished or removed meanwhile
                if one.is_file(follow_symlinks=False):
                    named = one.name if is_hash(one.name) and one.name[:2] == folder.name else None
                    found.append(Kept(named, one.path, one.stat().st_size, one.stat().st_mtime))
    return found


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def hash_of(content: bytes) -> str:
    """The SHA-256 of a content in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def is_hash(name: str) -> bool:
    """Whether a name is one that we give."""
    return _NAME.fullmatch(name) is not None


async def collect(chunks: AsyncIterator[bytes], maximum: int) -> bytes:
    """All the bytes of a body, as they come. Raises FileTooLarge as soon as there are more than `maximum`."""
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > maximum:
            raise FileTooLarge
    return bytes(content)
