"""`GET /certificats/…`: a certificate by its signed address, as a PDF that carries its JSON, or as JSON (R-COU-15)."""

import asyncio
import io
import json
from typing import Any

import pytest
from pypdf import PdfReader

from backend import clock
from backend import settings as settings_room
from backend.gateways import certificate as press
from backend.models import Courrier, Right, User
from backend.rules import certificate, courrier, globalid
from backend.rules.certificate import Verdict
from tests import builders
from tests.rules import tables
from tests.serving import Client, Served
from tests.web.world import Letter, reader

ASKED = """query($id: ID!, $format: CertificateFormat) { node(id: $id) { ... on Courrier {
  certificateUrl(format: $format) document { sha256 } } } }"""


async def address_of(client: Client, letter: Letter, form: str | None = None) -> str:
    asked = {"format": form} if form else {}
    found = await client.data(ASKED, id=letter.node_id, **asked)
    address: str = found["node"]["certificateUrl"]
    return address


async def test_the_pdf_is_the_default_and_carries_the_signed_json(server: Served) -> None:
    client, user, letter = await reader(server)
    address = await address_of(client, letter)
    assert await tables.journal("courrier.certified") == [], "to ask for an address issues nothing"
    answer = await server.anybody().http.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"].startswith('attachment; filename="certificat-')
    carried = press.attached(answer.content)
    assert carried is not None
    found = await certificate.verify(carried)
    assert found.verdict == Verdict.GENUINE
    assert found.body is not None
    assert [one["sha256"] for one in found.body["documents"]] == [letter.sha256]
    assert len(await tables.journal("courrier.certified")) == 1
    assert user.id is not None


async def test_the_pdf_says_in_french_what_it_certifies(server: Served) -> None:
    client, user, letter = await reader(server)
    await courrier.record_opening(builders.viewer(user), letter.id, kind="OPENED", delegation_id=None, link_nonce="a")
    answer = await server.anybody().http.get(await address_of(client, letter))
    pdf = PdfReader(io.BytesIO(answer.content), strict=True)
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    for expected in (
        "Certificat de mise à disposition et de lecture",
        letter.sha256,
        f"{user.first_name} {user.last_name}, de l’établissement",
        "Ouvert",
        f"{settings_room.current().address}/verification",
    ):
        assert expected in text, text
    assert pdf.metadata is not None
    assert pdf.metadata.title == press.TITLE
    assert b"pdfuaid" in answer.content, "it says that it is PDF/UA"
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"] is not None


async def test_the_json_is_what_the_pdf_carries(server: Served) -> None:
    client, _, letter = await reader(server)
    answer = await server.anybody().http.get(await address_of(client, letter, "JSON"))
    assert answer.headers["content-type"] == "application/json"
    assert (await certificate.verify(answer.content)).verdict == Verdict.GENUINE
    assert json.loads(answer.content)["certificate"]["format"] == certificate.FORMAT


async def test_an_operator_has_it_and_the_depositor_s_program_has_not(server: Served) -> None:
    _, _, letter = await reader(server)
    program, secret = await builders.api_client()
    await Courrier.filter(id=letter.id).update(deposited_by_client_id=program.id)
    operator = await server.signed_in((await builders.operator()).identifier)
    assert (await operator.http.get(await address_of(operator, letter))).status_code == 200
    theirs = server.anybody(authorization=f"Bearer {secret}")
    assert (await theirs.data(ASKED, id=letter.node_id))["node"]["certificateUrl"] is None


async def test_a_head_issues_none(server: Served) -> None:
    client, _, letter = await reader(server)
    address = await address_of(client, letter)
    assert (await server.anybody().http.head(address)).status_code == 200
    assert await tables.journal("courrier.certified") == []


@pytest.mark.parametrize("when", ["the right was withdrawn", "the account was deleted", "signed out", "withdrawn"])
async def test_rights_are_judged_again_when_it_is_followed(server: Served, when: str) -> None:  # R-ACC-06
    client, user, letter = await reader(server)
    address = await address_of(client, letter)
    if when == "the right was withdrawn":
        await Right.filter(user_id=user.id).delete()
    elif when == "the account was deleted":
        await User.filter(id=user.id).update(deleted_at=clock.now())
    elif when == "signed out":
        await client.data("mutation { logOut { errors { code } } }")
    else:
        await Courrier.filter(id=letter.id).update(withdrawn_at=clock.now())
    for method in ("GET", "HEAD"):
        assert (await server.anybody().http.request(method, address)).status_code == 404
    assert await tables.journal("courrier.certified") == []


async def test_an_address_is_of_one_letter_one_use_and_five_minutes(server: Served, moved_clock: Any) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    client, _, letter = await reader(server)
    address = await address_of(client, letter)
    view, download = await letter.addresses(client)
    http = server.anybody().http
    signed = address.split("/")[2]
    for other in (
        view.replace("/documents/", "/certificats/"),
        download.replace("/documents/", "/certificats/"),
        address.replace("/certificats/", "/documents/"),
        address.replace(f"/certificats/{letter.id}.", f"/certificats/{letter.id + 1}."),
        address.replace(signed, signed.replace(".cp.", ".cj.")),
        "/certificats/x/y.pdf",
        "/certificats/é/y.pdf",
    ):
        assert (await http.get(other)).status_code == 404, other
    moved_clock("2026-06-01T10:05:01+02:00")
    assert (await http.get(address)).status_code == 404
    assert await tables.journal("courrier.certified") == []


async def test_many_at_once(server: Served) -> None:
    client, _, letter = await reader(server)
    addresses = await asyncio.gather(*(address_of(client, letter) for _ in range(8)))
    answers = await asyncio.gather(*(server.anybody().http.get(one) for one in addresses))
    assert {one.status_code for one in answers} == {200}
    numbers = [one["body"]["facts"]["number"] for one in await tables.journal("courrier.certified")]
    assert len(set(numbers)) == 8


async def test_a_letter_without_a_reader_s_right_tells_no_address(server: Served) -> None:
    _, user, letter = await reader(server)
    chief = await builders.user(await user.establishment, administrator=True)
    client = await server.signed_in(chief.identifier)
    assert (await client.data(ASKED, id=letter.node_id))["node"] is None
    assert globalid.decode(letter.node_id) == ("Courrier", letter.id)
