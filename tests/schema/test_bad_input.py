"""Bad input of every kind: a clear answer with a code, nothing of ours told, nothing changed."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from backend import clock
from backend.reads import page
from backend.reads.courrier import AVAILABLE_OLDEST
from backend.rules import globalid
from tests import builders
from tests.rules import tables
from tests.serving import Client, Served

COUNTED = {
    "sessions",
    "audit_events",
    "audit_details",
    "users",
    "stranger_sign_ins",
    "api_clients",
    "job_runs",
    "links",
}
"""What a refused request may change: counters of sign-ins, the journal of refusals, last uses."""

LETTERS = """query($after: String, $first: Int, $filter: CourrierFilter) {
  viewer { courriers(first: $first, after: $after, filter: $filter) { edges { node { id } } } } }"""
NODE = "query($id: ID!) { node(id: $id) { id } }"
LOG_IN = "mutation($input: LogInInput!) { logIn(input: $input) { token errors { code path } } }"
DEPOSIT = """mutation($input: DepositCourrierInput!) {
  depositCourrier(input: $input) { courrier { id } errors { code path } } }"""
MARK = """mutation($ids: [ID!]!) {
  markCourriers(input: {ids: $ids, read: true}) { results { errors { code } } errors { code } } }"""
HUGE = "é" * 100_000

Asked = dict[str, Any]


def operation(query: str, **variables: Any) -> Asked:
    return {"query": query, "variables": variables}


def deposit(**values: Any) -> Asked:
    given = {
        "uploadId": "inconnu",
        "siret": builders.siret(1),
        "type": "APPEL",
        "reference": "R",
        "subject": "S",
        "letterDate": "2026-01-01",
    }
    return operation(DEPOSIT, input={**given, **values})


def log_in(**values: Any) -> Asked:
    return operation(LOG_IN, input={"identifier": "personne", "password": "x", "transport": "TOKEN", **values})


def letters(**values: Any) -> Asked:
    return operation(LETTERS, **values)


REFUSED: dict[str, tuple[Asked, str]] = {
    "unknown identifier": (log_in(), "BAD_CREDENTIALS"),
    "wrong password": (log_in(identifier="agent"), "BAD_CREDENTIALS"),
    "expired account": (log_in(identifier="expired", password=builders.PASSWORD), "ACCOUNT_EXPIRED"),
    "unknown upload": (deposit(), "UNKNOWN_UPLOAD"),
    "forged id": (operation(NODE, id="forged"), "BAD_ID"),
    "empty id": (operation(NODE, id=""), "BAD_ID"),
    "huge id": (operation(NODE, id="A" * 200_000), "BAD_ID"),
    "NUL in an id": (operation(NODE, id="\0"), "BAD_USER_INPUT"),
    "id of a number too large": (operation(NODE, id="Q291cnJpZXI6OTk5OTk5OTk5OTk5OTk5OTk5OQ"), "BAD_ID"),
    "forged cursor": (letters(after="forged"), "BAD_CURSOR"),
    "empty cursor": (letters(after=""), "BAD_CURSOR"),
    "huge cursor": (letters(after=HUGE), "BAD_CURSOR"),
    "cursor of another list": (letters(after=page.encode(AVAILABLE_OLDEST, [1, 1])), "BAD_CURSOR"),
    "page of 1000": (letters(first=1000), "BAD_PAGE_SIZE"),
    "page of -1": (letters(first=-1), "BAD_PAGE_SIZE"),
    "page of 2^31": (letters(first=2**31), "GRAPHQL_VALIDATION_FAILED"),
    "page of a text": (letters(first="dix"), "GRAPHQL_VALIDATION_FAILED"),
    "unknown enum value": (letters(filter={"funds": ["INCONNU"]}), "GRAPHQL_VALIDATION_FAILED"),
    "unknown filter": (letters(filter={"inconnu": 1}), "GRAPHQL_VALIDATION_FAILED"),
    "no date": (letters(filter={"depositedFrom": "hier"}), "GRAPHQL_VALIDATION_FAILED"),
    "missing variable": (operation(NODE), "GRAPHQL_VALIDATION_FAILED"),
    "null for what is required": (operation(NODE, id=None), "GRAPHQL_VALIDATION_FAILED"),
    "unknown field": (operation("{ viewer { inconnu } }"), "GRAPHQL_VALIDATION_FAILED"),
    "unknown argument": (operation('{ node(id: "x", inconnu: 1) { id } }'), "GRAPHQL_VALIDATION_FAILED"),
    "syntax error": (operation("{ viewer {"), "GRAPHQL_PARSE_FAILED"),
    "unknown operation name": ({"query": "query A { viewer { isOperator } }", "operationName": "B"}, "BAD_REQUEST"),
    "missing query": ({"variables": {}}, "BAD_REQUEST"),
    "empty query": ({"query": ""}, "BAD_REQUEST"),
    "query of another type": ({"query": 1}, "BAD_REQUEST"),
    "variables of another type": ({"query": "{ viewer { isOperator } }", "variables": [1]}, "BAD_REQUEST"),
    "too deep": (
        operation("{ viewer { actingFor { " + "administrators { establishment { " * 8 + "id" + " } }" * 8 + " } } }"),
        "TOO_MUCH_DEPTH",
    ),
    "too many aliases": (
        operation("{" + " ".join(f"a{n}: limits {{ maximumDepth }}" for n in range(31)) + "}"),
        "TOO_MUCH_ALIASES",
    ),
    "too costly": (
        operation(
            "{ viewer { establishments(first: 100) { edges { node { courriers(first: 100) { edges { node { document "
            "{ fileName } readings(first: 100) { edges { node { reader { id } } } } } } } } } } } }"
        ),
        "TOO_MUCH_COST",
    ),
    "too many tokens": (operation("{" + " limits { maximumDepth }" * 1000 + "}"), "GRAPHQL_PARSE_FAILED"),
    "too many nodes": (operation("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 101), "BAD_PAGE_SIZE"),
    "too many marks": (operation(MARK, ids=[globalid.encode("Courrier", 1)] * 501), "INVALID_VALUE"),
    "mark of another type": (operation(MARK, ids=[globalid.encode("User", 1)]), "NOT_FOUND"),
    "mark of what is not": (operation(MARK, ids=[globalid.encode("Courrier", 10**17)]), "NOT_FOUND"),
    "acting for another type": (
        operation(
            "mutation($id: ID!) { actFor(input: {establishmentId: $id}) { errors { code } } }",
            id=globalid.encode("User", 1),
        ),
        "NOT_FOUND",
    ),
    "NUL in a search": (letters(filter={"search": "a\0b"}), "BAD_USER_INPUT"),
    "NUL in a list": (letters(filter={"types": ["a\0b"]}), "BAD_USER_INPUT"),
    "NUL in an identifier": (log_in(identifier="a\0b"), "BAD_USER_INPUT"),
    "NUL in a password": (log_in(identifier="agent", password="a\0b"), "BAD_USER_INPUT"),
    "NUL in a SIRET": (operation("query($s: String!) { establishment(siret: $s) { id } }", s="\0"), "BAD_USER_INPUT"),
    "NUL in a reference": (
        operation("query($s: String!) { courrier(fund: CNRACL, reference: $s) { id } }", s="\0"),
        "BAD_USER_INPUT",
    ),
    "NUL written in the document": (
        operation(r'{ courrier(fund: CNRACL, reference: "a\u0000b") { id } }'),
        "BAD_USER_INPUT",
    ),
    "NUL written otherwise": (operation(r'{ courrier(fund: CNRACL, reference: "a\u{0}b") { id } }'), "BAD_USER_INPUT"),
    "NUL in a deposit": (deposit(subject="a\0b"), "BAD_USER_INPUT"),
    "huge identifier": (log_in(identifier=HUGE), "BAD_CREDENTIALS"),
    "huge password": (log_in(identifier="agent", password=HUGE), "BAD_CREDENTIALS"),
    "huge search": (letters(filter={"search": HUGE}), ""),
    "huge search of many words": (letters(filter={"search": "mot " * 50_000}), ""),
    "huge SIRET": (operation("query($s: String!) { establishment(siret: $s) { id } }", s="1" * 200_000), ""),
    "huge token": (operation("query($t: String!) { passwordLink(token: $t) { identifier } }", t=HUGE), ""),
    "huge deposit": (deposit(subject=HUGE), "UNKNOWN_UPLOAD"),
    "year out of bounds of the database": (letters(filter={"fiscalYears": [2**31 - 1, -(2**31)]}), ""),
    "first day of all": (letters(filter={"depositedFrom": "0001-01-01"}), ""),
    "last day of all": (letters(filter={"depositedUntil": "9999-12-31"}), ""),
}
"""What is asked, and the code of the answer; none where it is only a search that finds nothing (or all)."""


def codes(answer: Any) -> list[str]:
    """Every code in an answer, wherever it is."""
    found: list[str] = []
    if isinstance(answer, dict):
        found += [one for one in [answer.get("code")] if isinstance(one, str)]
        for value in answer.values():
            found += codes(value)
    elif isinstance(answer, list):
        for value in answer:
            found += codes(value)
    return found


LEAKS = ("Traceback", "asyncpg", "sqlite", "tortoise", "SELECT ", "INTERNAL", ".py", "psycopg", "/work")


async def an_agent(server: Served) -> Client:
    town = await builders.establishment()
    await builders.user(town, identifier="agent", rights={"COURRIERS": builders.READ})
    await builders.user(town, identifier="expired", expires_on=clock.today() - timedelta(days=1))
    await builders.courrier(town)
    return await server.signed_in("agent")


async def test_every_bad_request_is_answered_with_its_code_and_changes_nothing(server: Served) -> None:
    client = await an_agent(server)
    before = await tables.digest(COUNTED)
    wrong = {}
    for name, (asked, code) in REFUSED.items():
        response = await client.http.post("/graphql", json=asked)
        leaks = [one for one in LEAKS if one in response.text]
        told = codes(response.json())
        if leaks or response.status_code not in {200, 400} or told[:1] != ([code] if code else []):
            wrong[name] = (response.status_code, told, leaks, response.text[:300])
    assert wrong == {}
    assert await tables.digest(COUNTED) == before


BODIES: dict[str, bytes] = {
    "no JSON": b"{",
    "nothing": b"",
    "a list": b"[]",
    "a list of operations": b'[{"query": "{ limits { maximumDepth } }"}]',
    "a text": b'"query"',
    "a number": b"1",
    "null": b"null",
    "not UTF-8": b'{"query": "\xff"}',
    "half a surrogate pair": json.dumps(log_in(identifier="\ud800")).encode(),
    "half a pair in the document": b'{"query": "{ node(id: \\"\\ud800\\") { id } }"}',
    "very deep JSON": b'{"query": "{ viewer { isOperator } }", "variables": {"a": '
    + b"[" * 100_000
    + b"]" * 100_000
    + b"}}",
}


async def test_a_body_that_is_no_request_is_refused_in_json(server: Served) -> None:
    client = await an_agent(server)
    wrong = {}
    for name, body in BODIES.items():
        response = await client.http.post("/graphql", content=body, headers={"content-type": "application/json"})
        told = codes(response.json()) if "json" in response.headers["content-type"] else []
        if response.status_code != 400 or told[:1] != ["BAD_REQUEST"] or any(one in response.text for one in LEAKS):
            wrong[name] = (response.status_code, told, response.text[:300])
    assert wrong == {}


FIELDS: dict[str, Callable[[str], Asked]] = {
    "siret": lambda upload: deposit(uploadId=upload, siret="00000000000001"),
    "type": lambda upload: deposit(uploadId=upload, siret=builders.siret(777), type=HUGE),
    "subject": lambda upload: deposit(uploadId=upload, subject=HUGE),
    "reference": lambda upload: deposit(uploadId=upload, reference=" " * 10),
    "letterDate": lambda upload: deposit(uploadId=upload, letterDate="9999-12-31"),
    "dueOn": lambda upload: deposit(uploadId=upload, dueOn="0001-01-01"),
    "fiscalYear": lambda upload: deposit(uploadId=upload, fiscalYear=2**31 - 1),
    "fileName": lambda upload: deposit(uploadId=upload, fileName=HUGE),
    "publishAt": lambda upload: deposit(uploadId=upload, publishAt="2026-01-01T00:00:00"),
    "attachments": lambda upload: deposit(uploadId=upload, attachments=[{"uploadId": "", "fileName": "x"}]),
    "replaces": lambda upload: deposit(uploadId=upload, siret=builders.siret(777), replaces=HUGE),
}


async def test_every_wrong_field_of_a_deposit_is_named(server: Served) -> None:  # R-COU-01
    await builders.establishment(siret=builders.siret(777))
    await builders.courrier_type()
    operator = await builders.operator()
    client = await server.signed_in(operator.identifier)
    upload = (await client.http.put("/uploads", content=builders.pdf())).json()["uploadId"]
    before = await tables.digest(COUNTED)
    wrong = {}
    for name, make in FIELDS.items():
        response = await client.http.post("/graphql", json=make(upload))
        payload = (response.json().get("data") or {}).get("depositCourrier") or {"errors": []}
        if [one["path"][:1] for one in payload["errors"]][:1] != [[name]]:
            wrong[name] = response.text[:300]
    assert wrong == {}
    assert await tables.digest(COUNTED) == before


async def test_the_whole_of_time_can_be_asked_of_adoption(server: Served) -> None:  # R-ADO-01
    operator = await builders.operator()
    await builders.courrier()
    client = await server.signed_in(operator.identifier)
    query = '{ adoption(from: "0001-01-01", until: "9999-12-31") { courriersDeposited } }'
    assert (await client.data(query))["adoption"]["courriersDeposited"] == 1
