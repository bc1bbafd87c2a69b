"""Documents in a bucket: the same promises as on the disk (R-COU-02). The service is real, and in its own process."""

import asyncio
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import obstore
import pytest

from backend import database as db
from backend import settings
from backend.gateways.files import FileDamaged, State, hash_of
from backend.gateways.s3 import S3Files, Service
from backend.jobs import integrity
from backend.rules import document
from tests import builders
from tests.gateways.bucket import BUCKET, a_bucket, use

CONTENT = b"%PDF-1.7 ..." * 1000
SHA256 = hash_of(CONTENT)


def old(path: Path) -> None:
    then = time.time() - 3 * 86_400
    os.utime(path, (then, then))


async def test_an_object_is_written_once_and_checked_at_each_reading(tmp_path: Path) -> None:
    async with a_bucket(tmp_path / "s3") as bucket:
        files = document.files()
        assert isinstance(files, S3Files)
        assert set(await asyncio.gather(*(files.put(CONTENT) for _ in range(10)))) == {SHA256}
        there = bucket.folder / SHA256
        assert [one.name for one in bucket.folder.iterdir() if one.is_file()] == [SHA256]
        assert await files.get(SHA256) == CONTENT
        assert await files.state(SHA256, len(CONTENT)) is State.WHOLE
        written = there.stat().st_mtime_ns
        await files.put(CONTENT)
        assert there.stat().st_mtime_ns == written, "what is there is left"
        there.write_bytes(CONTENT[:-1] + b"?")
        with pytest.raises(FileDamaged):
            await files.get(SHA256)
        assert await files.state(SHA256, len(CONTENT)) is State.ALTERED
        assert await files.state(SHA256, len(CONTENT) + 1, thoroughly=False) is State.ALTERED
        await files.put(CONTENT)
        assert await files.get(SHA256) == CONTENT, "mended by the same bytes"
        assert b"".join([piece async for piece in files.pieces(SHA256)]) == CONTENT
        await files.remove(SHA256)
        await files.remove(SHA256)
        assert await files.state(SHA256, len(CONTENT)) is State.MISSING
        with pytest.raises(FileDamaged):
            await files.get(SHA256)


async def test_a_service_that_fails_half_way_leaves_no_row(database: str, tmp_path: Path) -> None:
    """A document has its object, or it is none."""

    async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.transport.abort()

    content = builders.pdf("Appel")
    async with await asyncio.start_server(half, "127.0.0.1", 0) as failing:
        use(f"http://127.0.0.1:{failing.sockets[0].getsockname()[1]}")
        with pytest.raises(obstore.exceptions.BaseError) as failure:
            await document.store(content)
        assert "canari-secret" not in f"{failure.value!r}{settings.current()!r}"
    assert await db.rows("SELECT id FROM documents") == []
    async with a_bucket(tmp_path / "s3"):
        stored = await document.store(content)
        assert await document.read(stored.document_id) == content


async def test_the_sweep_looks_into_a_bucket_and_removes_what_nothing_names(database: str, tmp_path: Path) -> None:
    """`peps integrity`, with and without `--remove`."""
    async with a_bucket(tmp_path / "s3") as bucket:
        kept, lost = [await document.store(builders.pdf(one)) for one in ("Gardé", "Perdu")]
        await builders.courrier(document_id=kept.document_id)
        await builders.courrier(reference="PERDU", document_id=lost.document_id)
        left = await document.files().put(CONTENT)
        (bucket.folder / lost.sha256).unlink()
        (bucket.folder / "autre.txt").write_bytes(b"de quelqu'un d'autre")
        for one in bucket.folder.iterdir():
            old(one)
        found = await integrity.sweep(lambda *_: None)
        assert sorted((one.kind, one.path) for one in found.faults) == [
            (integrity.Kind.MISSING, lost.sha256),
            (integrity.Kind.ORPHANED, f"s3://{BUCKET}/{left}"),
            (integrity.Kind.UNFINISHED, f"s3://{BUCKET}/autre.txt"),
        ]
        after = await integrity.remove(lambda *_: None)
        assert (after.removed, after.count(integrity.Kind.ORPHANED), after.count(integrity.Kind.UNFINISHED)) == (
            1,
            0,
            1,
        )
        assert not (bucket.folder / left).exists()
        assert await document.files().get(kept.sha256)


def test_whoever_sets_no_bucket_loads_nothing_for_it() -> None:
    program = "import sys, backend.app; print('obstore' in sys.modules, 'pypdfium2' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]


def test_a_secret_is_in_no_words() -> None:
    service = Service("b", "r", "e", "key", "canari-secret")
    assert "canari-secret" not in repr(service)
    assert "canari-secret" not in repr(replace(settings.current(), s3_secret_key="canari-secret"))
