"""Files on disk: durable before anything names them, checked each time they are read (R-COU-02)."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from backend.gateways.files import DiskFiles, FileDamaged, FileTooLarge, collect

CONTENT = b"%PDF-1.7 ..."
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def files(tmp_path: Path) -> DiskFiles:
    return DiskFiles(tmp_path / "files")


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_the_same_bytes_are_one_file(files: DiskFiles) -> None:
    assert await asyncio.gather(*(files.put(CONTENT) for _ in range(20))) == [SHA256] * 20
    assert everything(files.folder) == [f"{SHA256[:2]}/{SHA256}"]
    assert await files.get(SHA256) == CONTENT


async def test_a_file_is_on_the_disk_before_it_has_its_name(files: DiskFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = []
    genuine = os.fsync

    def fsync(handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        synced.append((path.relative_to(files.folder.parent).parts[:2], path.is_dir(), files.path(SHA256).exists()))
        genuine(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    await files.put(CONTENT)
    assert synced[0] == (("files", SHA256[:2]), False, False), "the bytes, under another name"
    assert (("files", SHA256[:2]), True, True) in synced, "then the name, in its folder"
    assert (("files",), True, True) in synced, "then the folder, which is new too"


async def test_what_fails_half_way_leaves_nothing(files: DiskFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        await files.put(CONTENT)
    assert everything(files.folder) == []


async def test_a_file_that_changed_or_is_gone_is_told(files: DiskFiles) -> None:
    await files.put(CONTENT)
    files.path(SHA256).write_bytes(CONTENT[:-1] + b"?")
    with pytest.raises(FileDamaged):
        await files.get(SHA256)
    files.path(SHA256).unlink()
    with pytest.raises(FileDamaged):
        await files.get(SHA256)


async def test_a_damaged_file_is_mended_by_the_same_bytes(files: DiskFiles) -> None:
    await files.put(CONTENT)
    for damaged in (CONTENT[:-1], CONTENT[:-1] + b"?"):
        files.path(SHA256).write_bytes(damaged)
        await files.put(CONTENT)
        assert await files.get(SHA256) == CONTENT


async def test_a_body_is_given_up_as_soon_as_it_is_too_large() -> None:
    read = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(10):
            read.append(number)
            yield b"12345"

    with pytest.raises(FileTooLarge):
        await collect(chunks(), 12)
    assert read == [0, 1, 2]
    assert await collect(chunks(), 50) == b"12345" * 10
