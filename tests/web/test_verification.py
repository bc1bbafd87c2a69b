"""The public verification of certificates: anybody, without signing in, and nothing more told (R-COU-15)."""

import json
from typing import Any

import pytest
from starlette.requests import Request

from backend.rules import seal
from backend.web import verification
from backend.web.verification import ADDRESSES, ALLOWED, LARGEST, Allowance
from tests import builders
from tests.serving import Served
from tests.web.test_certificates import address_of
from tests.web.world import reader

CHECK = "/verification/certificat"


@pytest.fixture(autouse=True)
def nothing_spent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "allowance", Allowance())


async def brought(server: Served, content: bytes) -> dict[str, Any]:
    answer = await server.anybody().http.post(CHECK, content=content)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.parametrize("form", ["PDF", "JSON"])
async def test_a_genuine_certificate_is_told_with_what_it_says(server: Served, form: str) -> None:
    client, _, letter = await reader(server)
    http = server.anybody().http
    given = (await http.get(await address_of(client, letter, form))).content
    told = await brought(server, given)
    assert (told["verdict"], told["journalHolds"]) == ("GENUINE", True)
    assert told["certificate"]["documents"][0]["sha256"] == letter.sha256
    if form == "JSON":
        assert told["certificate"] == json.loads(given)["certificate"], "nothing more than it says"


async def test_a_forged_one_is_told_and_nothing_of_it(server: Served) -> None:
    client, _, letter = await reader(server)
    given = json.loads((await server.anybody().http.get(await address_of(client, letter, "JSON"))).content)
    given["certificate"]["courrier"]["reference"] = "AUTRE"
    assert await brought(server, json.dumps(given).encode()) == {
        "verdict": "CHANGED",
        "certificate": None,
        "journalHolds": None,
    }


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"%PDF-1.7", b"%PDF-1.7\n%%EOF", b"\x00" * 1000, b"%PDF-" + b"<<" * 50_000], ids=range(6)
)
async def test_what_is_no_certificate_is_told(server: Served, content: bytes) -> None:
    assert (await brought(server, content))["verdict"] == "NOT_A_CERTIFICATE"


async def test_another_pdf_is_no_certificate(server: Served) -> None:
    assert (await brought(server, builders.pdf()))["verdict"] == "NOT_A_CERTIFICATE"


async def test_what_is_too_large_is_refused(server: Served) -> None:
    answer = await server.anybody().http.post(CHECK, content=b"x" * (LARGEST + 1))
    assert (answer.status_code, answer.json()["verdict"]) == (413, "TOO_LARGE")


async def test_verifying_changes_nothing(server: Served) -> None:
    from tests.rules import tables

    client, _, letter = await reader(server)
    given = (await server.anybody().http.get(await address_of(client, letter, "JSON"))).content
    before = await tables.digest({"job_runs"})
    await brought(server, given)
    assert await tables.digest({"job_runs"}) == before


async def test_too_many_in_a_minute_wait(server: Served, moved_clock: Any) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    http = server.anybody().http
    for _ in range(ALLOWED):
        assert (await http.post(CHECK, content=b"{}")).status_code == 200
    refused = await http.post(CHECK, content=b"{}")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")
    assert refused.json()["verdict"] == "TRY_LATER"
    moved_clock("2026-06-01T10:01+02:00")
    assert (await http.post(CHECK, content=b"{}")).status_code == 200


def test_each_address_has_its_own_allowance_and_few_are_remembered() -> None:
    allowance = Allowance()
    assert [allowance.spend("a") for _ in range(ALLOWED)] == [0] * ALLOWED
    assert allowance.spend("a") > 0
    assert allowance.spend("b") == 0
    for number in range(ADDRESSES):
        allowance.spend(str(number))
    assert len(allowance._asked) == ADDRESSES


async def test_the_keys_are_published_at_a_stable_address(server: Served) -> None:
    http = server.anybody().http
    public = seal.private_key().public_key()
    name = seal.name_of(public)
    answer = await http.get("/verification/cles.json")
    assert answer.json() == {"keys": [{"id": name, "algorithm": "Ed25519", "pem": seal.pem(public)}]}
    assert "public" in answer.headers["cache-control"]
    assert (await http.get(f"/verification/cles/{name}.pem")).text == seal.pem(public)
    assert (await http.get("/verification/cles/autre.pem")).status_code == 404


async def test_another_site_s_page_cannot_have_a_browser_ask(server: Served) -> None:
    headers = {"origin": "https://ailleurs.example"}
    answer = await server.anybody().http.post(CHECK, content=b"{}", headers=headers)
    assert answer.status_code == 403


async def test_a_request_from_nowhere_is_counted_too() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    scope = {"type": "http", "method": "POST", "path": CHECK, "headers": [], "query_string": b"", "client": None}
    verification.allowance._asked.clear()
    for _ in range(ALLOWED):
        verification.allowance.spend("")
    answer = await verification.post_certificate(Request(scope, receive))
    assert answer.status_code == 429
