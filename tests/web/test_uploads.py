"""`PUT /uploads`: what is accepted, from whom, and for how long (R-COU-01, R-COU-02)."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.database.sql import Sql
from backend.gateways import pdf
from backend.rules import document
from tests import builders
from tests.clients.walk import DEPOSIT, World, world
from tests.engine.wire import one_engine
from tests.gateways import pdfs
from tests.serving import Client, Served


async def depositor(server: Served, scopes: str = "DEPOSIT_COURRIERS", **values: Any) -> Client:
    _, secret = await builders.api_client(scopes, **values)
    return server.anybody(authorization=f"Bearer {secret}")


async def put(client: Client, content: Any, **query: str) -> tuple[int, dict[str, Any]]:
    response = await client.http.put("/uploads", content=content, params=query)
    return response.status_code, response.json()


async def deposit(client: Client, made: World, upload: str) -> list[str]:
    found = (await client.data(DEPOSIT, input=made.letter(upload)))["depositCourrier"]
    return [one["code"] for one in found["errors"]]


async def test_a_pdf_is_kept_and_described(server: Served) -> None:
    content = builders.pdf("Bonjour")
    client = await depositor(server)
    status, kept = await put(client, content, name="Été.pdf")
    sha256 = hashlib.sha256(content).hexdigest()
    assert (status, kept["sha256"], kept["size"], kept["pageCount"]) == (201, sha256, len(content), 1)
    again = (await put(client, content))[1]
    assert again["uploadId"] != kept["uploadId"]
    assert len(await db.rows("SELECT id FROM documents")) == 1, "the same bytes are one document"
    path = settings_room.current().files_dir / sha256[:2] / sha256
    assert path.read_bytes() == content


async def test_who_may_not_deposit_is_told_before_the_body_is_read(server: Served) -> None:
    """R-COU-01. The body here never ends: an answer comes all the same."""
    town = await builders.establishment()
    clerk = await builders.user(town, administrator=True, rights={"COURRIERS": builders.MODIFY})
    reader = await server.signed_in(clerk.identifier)
    other = await depositor(server, "")
    revoked = await depositor(server, revoked_at=clock.now())
    expired = await depositor(server, expires_on=clock.today() - timedelta(days=1))
    for client, expected, code in (
        (server.anybody(), 401, "UNAUTHENTICATED"),
        (revoked, 401, "UNAUTHENTICATED"),
        (expired, 401, "UNAUTHENTICATED"),
        (reader, 403, "NOT_ALLOWED"),
        (other, 403, "NOT_ALLOWED"),
    ):
        status, told = await headers_only(server, client, 1000)
        assert (status, code in told) == (expected, True), code
    assert await db.rows("SELECT id FROM documents") == []


async def headers_only(server: Served, client: Client, announced: int) -> tuple[int, str]:
    """The answer to a request whose body is announced and never sent."""
    address = urlsplit(server.address)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    token = client.http.headers.get("authorization", "Bearer inconnu")
    writer.write(
        f"PUT /uploads HTTP/1.1\r\nHost: {address.netloc}\r\nAuthorization: {token}\r\n"
        f"Content-Length: {announced}\r\n\r\n".encode()
    )
    async with asyncio.timeout(5):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().partition("content-length: ")[2].partition("\r")[0])
        body = (await reader.readexactly(length)).decode()
    writer.close()
    return int(head.split()[1]), body


async def test_a_file_too_large_is_refused_from_its_header_and_from_its_body(server: Served) -> None:
    """R-COU-02: 20 MB at most."""
    client = await depositor(server)
    status, told = await headers_only(server, client, 20 * 1024 * 1024 + 1)
    assert (status, "FILE_TOO_LARGE" in told, "20 Mo" in told) == (413, True, True)

    settings_room.use(replace(settings_room.current(), maximum_upload_size=100_000))

    async def chunks() -> Any:
        for _ in range(4):
            yield b"%PDF-" + b"0" * 50_000

    status, refused = await put(client, chunks())
    assert (status, refused["errors"][0]["code"]) == (413, "FILE_TOO_LARGE")
    assert await db.rows("SELECT id FROM documents") == []


def refused() -> list[tuple[str, bytes, str]]:
    content = builders.pdf("Bonjour")
    return [
        ("empty", b"", "FILE_EMPTY"),
        ("text", b"bonjour", "FILE_NOT_PDF"),
        ("truncated", content[: len(content) // 2], "FILE_TRUNCATED"),
        ("damaged", b"%PDF-1.7\n%%EOF", "FILE_DAMAGED"),
        ("encrypted", pdfs.encrypted(), "FILE_ENCRYPTED"),
        *((what, pdfs.active()[what], "FILE_ACTIVE_CONTENT") for what in ("a script", "a program")),
        ("a file inside", pdfs.embedding()["a file inside"], "FILE_EMBEDDED_FILES"),
        ("without end", pdfs.endless(), "FILE_TOO_COMPLEX"),
    ]


@one_engine
async def test_what_is_no_harmless_pdf_is_refused_with_its_reason(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-COU-02."""
    monkeypatch.setattr(pdf, "CPU_SECONDS", 1)
    monkeypatch.setattr(pdf, "_threads", ThreadPoolExecutor(1))
    client = await depositor(server)
    messages = set()
    for what, content, code in refused():
        status, told = await put(client, content)
        assert (status, [one["code"] for one in told["errors"]]) == (422, [code]), what
        assert told["errors"][0]["path"] == ["file"]
        messages.add((code, told["errors"][0]["message"]))
    assert len({message for _, message in messages}) == len({code for code, _ in messages}) == 8, "each its own message"
    assert await db.rows("SELECT id FROM documents") == []
    assert not list(settings_room.current().data_dir.rglob("files/*/*"))


@one_engine
async def test_a_scanner_may_refuse_a_file(server: Served) -> None:
    """R-COU-02: a hook allows a malware scanner."""

    async def scanner(content: bytes) -> str | None:
        return "EICAR" if b"Type" in content else None

    document.use_scanner(scanner)
    try:
        status, told = await put(await depositor(server), builders.pdf("Bonjour"))
    finally:
        document.use_scanner(None)
    assert (status, told["errors"][0]["code"]) == (422, "FILE_ACTIVE_CONTENT")
    assert "EICAR" not in str(told)


async def test_the_file_is_on_the_disk_before_its_row_is(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in between leaves a file that nothing names, never a row without its file."""
    there: list[bool] = []

    def watching(genuine: Any) -> Any:
        async def statement(query: Any, values: Any = ()) -> Any:
            text = query.text() if isinstance(query, Sql) else query
            if text.startswith("INSERT INTO documents"):
                sha256 = query.values[0]
                path: Path = settings_room.current().files_dir / sha256[:2] / sha256
                there.append(path.is_file())  # noqa: ASYNC240
            return await genuine(query, values)

        return statement

    for name in ("execute", "rows", "row"):
        monkeypatch.setattr(db, name, watching(getattr(db, name)))
    assert (await put(await depositor(server), builders.pdf("Bonjour")))[0] == 201
    assert there == [True]


async def test_the_file_of_somebody_else_cannot_be_deposited(server: Served) -> None:
    made = await world()
    mine, other = await depositor(server), await depositor(server)
    operator = await server.signed_in(made.operator.identifier)
    upload = (await put(mine, builders.pdf("Bonjour")))[1]["uploadId"]
    assert await deposit(other, made, upload) == ["UNKNOWN_UPLOAD"]
    assert await deposit(operator, made, upload) == ["UNKNOWN_UPLOAD"]
    assert await deposit(mine, made, "inventé") == ["UNKNOWN_UPLOAD"]
    assert await deposit(mine, made, upload) == []


async def test_a_file_waits_a_day_for_its_deposit(server: Served, moved_clock: Any) -> None:
    moved_clock("2026-07-02T08:00+02:00")
    made = await world()
    client = await depositor(server)
    upload = (await put(client, builders.pdf("Bonjour")))[1]["uploadId"]
    moved_clock("2026-07-03T08:00:01+02:00")
    assert await deposit(client, made, upload) == ["UNKNOWN_UPLOAD"]
    moved_clock("2026-07-03T07:59+02:00")
    assert await deposit(client, made, upload) == []


@pytest.mark.parametrize("name", ["a\0b.pdf", "a" * 1000, "../../etc/passwd", "", "é\n.pdf"])
async def test_no_name_of_a_file_is_an_error_of_ours(server: Served, name: str) -> None:
    made = await world()
    client = await depositor(server)
    status, kept = await put(client, builders.pdf("Bonjour"), name=name)
    assert status == 201
    letter = made.letter(kept["uploadId"])
    del letter["fileName"]
    found = (await client.data(DEPOSIT, input=letter))["depositCourrier"]
    assert found["errors"] == []
