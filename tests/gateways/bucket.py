"""An S3-compatible service, in a process of its own, with an empty bucket."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from backend import settings
from tests.engine.peers import free_port

BUCKET = "courriers"


@dataclass
class Bucket:
    """Where it is, and the folder that has its objects as files."""

    endpoint: str
    folder: Path


@asynccontextmanager
async def a_bucket(folder: Path) -> AsyncIterator[Bucket]:
    """The service runs, and the settings in force name it."""
    await asyncio.to_thread((folder / BUCKET).mkdir, parents=True)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "localbucket", str(folder), "--port", str(port), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(20):
            while not await _answers(port):
                await asyncio.sleep(0.02)
        made = Bucket(f"http://127.0.0.1:{port}", folder / BUCKET)
        use(made.endpoint)
        yield made
    finally:
        process.kill()
        await process.wait()


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


def use(endpoint: str) -> None:
    """Keep documents in the bucket, as somebody whose secret must appear nowhere."""
    given = {"s3_bucket": BUCKET, "s3_endpoint": endpoint, "s3_access_key": "depot", "s3_secret_key": "canari-secret"}
    settings.use(replace(settings.current(), **given))
