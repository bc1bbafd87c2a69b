"""A selection as a ZIP or a spreadsheet, made while it is read (R-COU-06, R-COU-08)."""

import asyncio
import csv
import io
import os
import resource
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.models import Courrier, CourrierMark, Establishment
from backend.rules import courrier_export, document, globalid
from backend.web import courrier_exports
from tests import builders
from tests.rules import tables
from tests.serving import Client, Served
from tests.web.world import letter, reader

EXPORT = (
    "mutation($input: ExportCourriersInput!) "
    "{ exportCourriers(input: $input) { url count isCut errors { code message } } }"
)

LARGE = int(os.environ.get("ZIP_MEGABYTES", "24"))
"""Megabytes of the largest ZIP made here; 2,048 for the full proof."""


async def exported(client: Client, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(EXPORT, input=given))["exportCourriers"]
    return found


async def fetched(server: Served, url: str) -> zipfile.ZipFile:
    answer = await server.anybody().http.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert "content-encoding" not in answer.headers
    return zipfile.ZipFile(io.BytesIO(answer.content))


def index_of(found: zipfile.ZipFile) -> list[dict[str, str]]:
    text = found.read("index.csv").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


async def test_a_zip_holds_the_files_under_predictable_names_and_an_index(server: Served) -> None:
    """R-COU-08: and each of its letters counts as downloaded, once, by who asked."""
    client, user, first = await reader(server)
    town = await Establishment.get(id=user.establishment_id)
    second = await letter(town, reference="2026/2", subject="=Relance", due_on=clock.today())
    asked = await exported(client, ids=[first.node_id, second.node_id], format="ZIP")
    assert (asked["count"], asked["isCut"], asked["errors"]) == (2, False, [])
    assert (await server.anybody().http.head(asked["url"])).status_code == 200
    assert await first.facts() == [], "to ask is not to read, nor is a HEAD"
    found = await fetched(server, asked["url"])
    assert found.testzip() is None
    day = clock.today().isoformat()
    names = [f"{town.siret}/{day}_CNRACL_2026-1.pdf", f"{town.siret}/{day}_CNRACL_2026-2.pdf"]
    assert found.namelist() == [*names, "index.csv"]
    assert [found.read(name) for name in names] == [first.content, second.content]
    assert {one.compress_type for one in found.infolist()} == {zipfile.ZIP_STORED}
    lines = index_of(found)
    assert [(one["Fichier"], one["État"]) for one in lines] == [(name, "Joint") for name in names]
    assert lines[1]["Objet"] == "'=Relance", "no spreadsheet takes it for a formula"
    assert lines[1]["Échéance"] == f"{clock.today():%d/%m/%Y}"
    assert lines[0]["Empreinte SHA-256"] == first.sha256
    for one in (first, second):
        assert await one.facts() == [("DOWNLOADED", None)]
        assert (await CourrierMark.get(courrier_id=one.id, user_id=user.id)).read_at is not None
        assert (await Courrier.get(id=one.id)).first_opened_by_id == user.id
    assert [one["subject_id"] for one in await tables.journal("courrier.downloaded")] == [first.id, second.id]
    [told] = await tables.journal("courrier.exported")
    assert told["body"]["facts"] == {"form": "ZIP", "courriers": 2}
    await fetched(server, asked["url"])
    assert await first.facts() == [("DOWNLOADED", None)], "one address is one fact"


async def test_rights_are_judged_again_when_its_turn_comes(server: Served) -> None:
    """R-COU-05, R-ACC-06: what is read no more is not in the file; the address is its owner's alone."""
    client, user, first = await reader(server)
    town = await Establishment.get(id=user.establishment_id)
    second, third = await letter(town, reference="2"), await letter(town, reference="3")
    ids = [first.node_id, second.node_id, third.node_id, globalid.encode("Courrier", 10**6)]
    url = (await exported(client, ids=ids, format="ZIP"))["url"]
    now = int(clock.to_microseconds(clock.now()))
    await db.execute("UPDATE courriers SET withdrawn_at = $1 WHERE id = $2", [now, second.id])
    path = settings_room.current().files_dir / first.sha256[:2] / first.sha256
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"?")
    found = await fetched(server, url)
    assert found.namelist() == ["index.csv"], "all have the same bytes, which are damaged"
    assert {one["État"] for one in index_of(found)} == {courrier_exports.DAMAGED}
    assert await first.facts() == []
    path.write_bytes(content)
    assert [one["Référence"] for one in index_of(await fetched(server, url))] == ["2026-1", "3"]
    assert await second.facts() == []
    forged = url.replace("/exports/courriers/", "/documents/")
    assert (await server.anybody().http.get(forged)).status_code == 404, "an address serves for one thing"
    await db.execute("DELETE FROM rights WHERE user_id = $1", [user.id])
    assert (await fetched(server, url)).namelist() == ["index.csv"]
    with clock.moved_to(clock.now() + settings_room.current().durations.signed_address + timedelta(seconds=1)):
        assert (await server.anybody().http.get(url)).status_code == 404


async def test_who_may_export_what(server: Served) -> None:
    client, _, first = await reader(server)
    assert (await exported(client, ids=[], format="ZIP"))["errors"][0]["code"] == "NOT_FOUND"
    many = [globalid.encode("Courrier", one) for one in range(1, courrier_export.MOST["ZIP"] + 2)]
    assert "1000" in (await exported(client, ids=many, format="ZIP"))["errors"][0]["message"]
    operator = await builders.operator()
    theirs = await server.signed_in(operator.identifier)
    refused = await exported(theirs, ids=[first.node_id], format="CSV")
    assert (refused["url"], refused["errors"][0]["code"]) == (None, "NOT_ALLOWED")


async def test_a_list_as_a_spreadsheet_reads_no_letter(server: Served) -> None:
    """R-COU-08: by the filters and the order of the list; French spreadsheets open it."""
    client, user, first = await reader(server)
    town = await Establishment.get(id=user.establishment_id)
    await letter(town, reference="B", subject="Été")
    await letter(town, reference="A", subject="ecole; annexe")
    asked = await exported(client, format="CSV", orderBy="SUBJECT_ASC")
    assert asked["count"] == 3
    answer = await server.anybody().http.get(asked["url"])
    assert answer.headers["content-disposition"] == f'attachment; filename="courriers-{clock.today()}.csv"'
    assert answer.content.startswith(b"\xef\xbb\xbfObjet;")
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert [one["Objet"] for one in lines] == ["Appel", "ecole; annexe", "Été"]
    assert {one["SIRET"] for one in lines} == {town.siret}
    assert await first.facts() == []
    narrowed = await exported(client, format="CSV", filter={"search": "Été"})
    assert narrowed["count"] == 1


@pytest.fixture
async def large(server: Served) -> tuple[Client, list[str], int]:
    """A selection of letters of two megabytes each, or a little more where there would be too many."""
    client, user, _ = await reader(server)
    town = await Establishment.get(id=user.establishment_id)
    kind = await builders.courrier_type()
    number_of = min(LARGE // 2, 900)
    content = os.urandom(LARGE * 2**20 // number_of)
    ids = []
    for number in range(number_of):
        sha256 = await document.files().put(number.to_bytes(8, "big") + content)
        made = await builders.courrier(town, kind=kind)
        await db.execute(
            "UPDATE documents SET sha256 = $1, size = $2, page_count = 1, stored_at = 1 WHERE id = $3",
            [sha256, len(content) + 8, made.document_id],
        )
        ids.append(globalid.encode("Courrier", made.id))
    return client, ids, len(content) + 8


async def test_memory_does_not_grow_with_the_size(server: Served, large: tuple[Client, list[str], int]) -> None:
    """R-COU-08: streamed; ZIP_MEGABYTES=2048 for two gigabytes under a hundred megabytes."""
    client, ids, size = large
    url = (await exported(client, ids=ids, format="ZIP"))["url"]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    length = 0
    async with server.anybody().http.stream("GET", url, timeout=None) as answer:
        async for piece in answer.aiter_raw():
            length += len(piece)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{length / 2**20:.0f} MB sent, {peak / 2**20:.1f} MB of Python at most, {grown:.1f} MB more resident")
    assert length > len(ids) * size
    assert peak < 12 * 2**20
    found = await db.row("SELECT count(*) AS n FROM courrier_facts WHERE kind = 'DOWNLOADED'")
    assert found is not None
    assert found["n"] == len(ids)


async def test_a_reader_who_cuts_has_no_whole_file_without_its_fact(
    server: Served, large: tuple[Client, list[str], int]
) -> None:
    """R-COU-06: and harms nobody: the next export is whole."""
    client, ids, size = large
    url = (await exported(client, ids=ids, format="ZIP"))["url"]
    length = 0
    async with server.anybody().http.stream("GET", url) as answer:
        async for piece in answer.aiter_raw():
            length += len(piece)
            if length > 2.5 * size:
                break
    async with asyncio.timeout(20):
        while courrier_exports._under_way:
            await asyncio.sleep(0.01)
    found = await db.row("SELECT count(*) AS n FROM courrier_facts WHERE kind = 'DOWNLOADED'")
    assert found is not None
    assert length // size <= found["n"] < len(ids)
    assert len((await fetched(server, url)).namelist()) == len(ids) + 1


async def test_a_reader_who_takes_nothing_more_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courrier_exports, "PATIENCE", 0.01)
    closed = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"0"
        finally:
            closed.set()

    async def never(_: Any) -> None:
        await asyncio.Event().wait()

    made = pieces()
    with pytest.raises(TimeoutError):
        await courrier_exports.Unhurried(made).stream_response(never)
