"""Two servers over one database, each `peps run`; and a way to them that cuts whoever takes it, at any byte."""

import asyncio
import contextlib
import os
import random
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from backend import settings
from tests.serving import Served

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@asynccontextmanager
async def running(database_url: str) -> AsyncIterator[Served]:
    """A server, in a process of its own, on the database and the files of the settings in force."""
    port, current = free_port(), settings.current()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "backend.cli", "run", cwd=ROOT, stdout=asyncio.subprocess.DEVNULL,
        env={
            **os.environ, "PORT": str(port), "DATABASE_URL": database_url, "DATA_DIR": str(current.data_dir),
            "SECRET_KEY": current.secret_key, "DEMO": "none", "JOBS": "off",
        },
    )  # fmt: skip
    served = Served(f"http://127.0.0.1:{port}")
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as probe:
            while True:
                assert process.returncode is None, "it did not start"
                with contextlib.suppress(httpx.TransportError):
                    if (await probe.get(f"{served.address}/health/ready")).status_code == 200:
                        break
                await asyncio.sleep(0.05)
        yield served
    finally:
        for client in served.clients:
            await client.aclose()
        if process.returncode is None:
            process.kill()
        await process.wait()


@asynccontextmanager
async def two_servers(database_url: str) -> AsyncIterator[list[Served]]:
    async with AsyncExitStack() as stack:
        one, other = running(database_url), running(database_url)
        starting = [asyncio.create_task(each.__aenter__()) for each in (one, other)]
        stack.push_async_exit(one.__aexit__)
        stack.push_async_exit(other.__aexit__)
        yield await asyncio.gather(*starting)


@dataclass
class CuttingWay:
    """Leads each connection to a server by chance, and cuts it after some bytes: in the middle of anything."""

    servers: list[Served]
    chance: random.Random
    cuts_left: int
    bytes_between: float
    address: str = ""
    cuts: int = 0
    reached: list[int] = field(default_factory=list)
    """Which server each connection was led to."""

    async def lead(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number = self.chance.randrange(len(self.servers))
        self.reached.append(number)
        host, port = self.servers[number].address.removeprefix("http://").split(":")
        there, onward = await asyncio.open_connection(host, int(port))
        up = asyncio.create_task(self._forward(reader, onward, None))
        await self._forward(there, writer, self.chance.expovariate(1 / self.bytes_between) if self.cuts_left else None)
        up.cancel()
        await asyncio.wait([up])
        onward.transport.abort()
        writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, most: float | None) -> None:
        with contextlib.suppress(ConnectionError):
            while content := await reader.read(65536):
                if most is not None and len(content) >= most:
                    writer.write(content[: int(most)])
                    await writer.drain()
                    if self.cuts_left:
                        self.cuts_left -= 1
                        self.cuts += 1
                    return
                most = most and most - len(content)
                writer.write(content)
                await writer.drain()


@asynccontextmanager
async def cutting(way: CuttingWay) -> AsyncIterator[Served]:
    """The way, as if it were a server."""
    server = await asyncio.start_server(way.lead, "127.0.0.1", 0)
    async with server:
        yield Served(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        server.close()
