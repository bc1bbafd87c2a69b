"""`GET /cgu/recepisses/{number}`: what the receipt of an acceptance says, and to whom (R-CGU-03)."""

import io
from datetime import date, datetime

import httpx
import pytest
from pypdf import PdfReader

from backend import clock
from backend.models import Terms, User
from tests import builders
from tests.serving import Served

ACCEPT = """mutation($input: AcceptTermsInput!) {
  acceptTerms(input: $input) { acceptances { receiptUrl establishment { id } } errors { message } }
}"""
WAITING = "{ viewer { heldBack termsToAccept { id } establishmentsToAccept { id name } } }"


def words(response: httpx.Response) -> str:
    """The text of the PDF, any run of spaces as one."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/pdf"
    assert response.headers["cache-control"] == "private, no-store"
    pdf = PdfReader(io.BytesIO(response.content), strict=True)
    assert len(pdf.pages) == 1
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


async def accepted() -> tuple[User, Terms, str]:
    """An administrator who accepted; the address of the receipt."""
    town = await builders.establishment("Commune de Saint-Émilion-d’Œuvre", siret=builders.siret(421))
    chief = await builders.user(
        town, administrator=True, identifier="chief", first_name="Zoé", last_name="Lefèvre", email="zoe@un.example"
    )
    version = await builders.terms("2026-03", date(2026, 3, 1))
    made = await builders.acceptance(version, chief, accepted_at=datetime.fromisoformat("2026-03-31T23:30:15+02:00"))
    return chief, version, f"/cgu/recepisses/{made.id}"


async def test_the_receipt_says_who_accepted_what_when_and_for_whom(server: Served) -> None:  # R-CGU-03
    _, version, address = await accepted()
    response = await (await server.signed_in("chief")).http.get(address)
    text = words(response)
    siret = builders.siret(421)
    for expected in (
        "Récépissé d’acceptation des conditions générales d’utilisation",
        "Commune de Saint-Émilion-d’Œuvre",
        f"{siret[:3]} {siret[3:6]} {siret[6:9]} {siret[9:]}",
        "2026-03",
        "1er mars 2026",
        version.body_sha256,
        "Zoé Lefèvre",
        "administrateur de l’établissement",
        "31 mars 2026 à 23:30:15 (heure de Paris)",
        "/conditions/version/2026-03",
    ):
        assert expected in text, text
    assert "par son compte" not in text
    assert f'filename="recepisse-cgu-2026-03-{siret}.pdf"' in response.headers["content-disposition"]


async def test_who_may_have_the_receipt(server: Served) -> None:  # R-CGU-03
    chief, _, address = await accepted()
    town = await chief.establishment
    await builders.user(town, administrator=True, identifier="second")
    await builders.user(town, identifier="clerk")
    await builders.user(administrator=True, identifier="stranger")
    operator = await builders.operator()
    told = {}
    for identifier in ("chief", "second", "clerk", "stranger", operator.identifier):
        client = await server.signed_in(identifier)
        told[identifier] = (await client.http.get(address)).status_code
    assert told == {"chief": 200, "second": 200, "clerk": 404, "stranger": 404, operator.identifier: 200}
    assert (await server.anybody().http.get(address)).status_code == 401
    for nothing in ("/cgu/recepisses/999999", f"/cgu/recepisses/{10**30}"):
        assert (await (await server.signed_in("chief")).http.get(nothing)).status_code == 404


async def test_the_receipt_is_there_at_once_for_who_was_held_back(server: Served) -> None:  # R-CGU-02, R-CGU-03
    chief, _, before = await accepted()
    elsewhere = await builders.establishment("Syndicat des eaux")
    await builders.user(elsewhere, administrator=True, first_name="Zoé", last_name="Lefèvre", email="zoe@un.example")
    await builders.terms("2026-11", clock.today())
    client = await server.signed_in("chief")
    viewer = (await client.data(WAITING))["viewer"]
    assert viewer["heldBack"] == "ACCEPT_TERMS"
    words(await client.http.get(before))  # the earlier proof stays within reach
    places = viewer["establishmentsToAccept"]
    assert [one["name"] for one in places] == ["Commune de Saint-Émilion-d’Œuvre", "Syndicat des eaux"]
    given = {"termsId": viewer["termsToAccept"]["id"], "establishmentIds": [one["id"] for one in places]}
    answer = (await client.data(ACCEPT, input=given))["acceptTerms"]
    assert answer["errors"] == []
    own, other = [
        words(await client.http.get(httpx.URL(one["receiptUrl"]).raw_path.decode())) for one in answer["acceptances"]
    ]
    assert "par son compte" not in own
    assert "Syndicat des eaux" in other
    home = "administrateur de l’établissement, par son compte de l’établissement « Commune de Saint-Émilion-d’Œuvre »"
    assert home.replace(" ", "") in other.replace(" ", "")  # the line ends after a hyphen
    assert chief.identifier not in own + other


@pytest.mark.parametrize("version", ["2026 #3 é/« x »", "日本"])
async def test_any_name_of_a_version_makes_a_file(server: Served, version: str) -> None:
    chief = await builders.user(administrator=True)
    made = await builders.acceptance(await builders.terms(version), chief)
    response = await (await server.signed_in(chief.identifier)).http.get(f"/cgu/recepisses/{made.id}")
    words(response)
    assert 'filename="recepisse-cgu.pdf"; filename*=UTF-8' in response.headers["content-disposition"]
