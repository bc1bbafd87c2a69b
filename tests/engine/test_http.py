"""GraphQL over HTTP: media types, status codes, and what is refused before anything runs."""

from typing import Any

import httpx
import pytest

from backend.engine.endpoint import JSON, MAXIMUM_BODY, RESPONSE, accepts_response
from tests.engine.wire import one_engine
from tests.serving import Served

pytestmark = one_engine

URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


@pytest.fixture
def http(server: Served) -> httpx.AsyncClient:
    return server.anybody().http


async def post(http: httpx.AsyncClient, query: str, accept: str = "*/*", **more: Any) -> httpx.Response:
    return await http.post("/graphql", json={"query": query, **more}, headers={"accept": accept})


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (RESPONSE, RESPONSE),
        (JSON, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (f"{JSON}, {RESPONSE}", JSON),
        (f"{RESPONSE}; q=0.9, {JSON}", RESPONSE),
        ("", JSON),
    ],
)
def test_the_media_type_is_the_one_the_client_would_rather_have(database_url: str, accept: str, wanted: str) -> None:
    assert (RESPONSE if accepts_response(accept) else JSON) == wanted


async def test_status_codes_follow_the_media_type(http: httpx.AsyncClient) -> None:
    for query, as_response in (
        ("{ funds { code } }", 200),
        ("{ nothing }", 400),
        ("{ funds", 400),
        ("query($n: Int!) { users(first: $n) { edges { node { id } } } }", 400),
        ("{ adoption { from } }", 400),
    ):
        told = await post(http, query, RESPONSE)
        assert (told.status_code, told.headers["content-type"]) == (as_response, f"{RESPONSE}; charset=utf-8"), query
        plain = await post(http, query, JSON)
        assert (plain.status_code, plain.headers["content-type"]) == (200, f"{JSON}; charset=utf-8"), query
        assert told.json() == plain.json()
        assert ("data" in told.json()) == (as_response == 200), query
    refused_while_running = await post(http, "{ funds { code } users { totalCount } }", RESPONSE)
    assert refused_while_running.status_code == 200
    assert refused_while_running.json()["data"] is None
    assert refused_while_running.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_nothing_of_an_answer_is_kept_by_caches(http: httpx.AsyncClient) -> None:
    answer = await post(http, "{ funds { code } }")
    assert answer.headers["cache-control"] == "no-store"
    assert "Accept" in answer.headers["vary"]


async def test_a_query_by_get_is_answered_and_a_mutation_is_not(http: httpx.AsyncClient) -> None:
    given = {"query": "query($i: ID!) { nodes(ids: [$i]) { id } }", "variables": '{"i": "?"}'}
    asked = await http.get("/graphql", params=given)
    assert (asked.status_code, asked.json()["errors"][0]["extensions"]["code"]) == (200, "BAD_ID")
    changed = await http.get("/graphql", params={"query": "mutation { logOut { errors { code } } }"})
    assert changed.status_code in {400, 405}
    assert "errors" in changed.json()
    both = "query A { funds { code } } mutation B { logOut { errors { code } } }"
    assert (await http.get("/graphql", params={"query": both, "operationName": "B"})).status_code in {400, 405}
    assert (await http.get("/graphql", params={"query": both, "operationName": "A"})).json() == {"data": {"funds": []}}


async def test_a_subscription_is_not_answered_over_http(http: httpx.AsyncClient) -> None:
    for accept in ("*/*", RESPONSE, JSON, URQL, "text/event-stream", "multipart/mixed;subscriptionSpec=1.0"):
        answer = await post(http, "subscription { courrierDeposited { cursor } }", accept)
        assert answer.headers["content-type"].split(";")[0] in {RESPONSE, JSON}, accept
        assert answer.json()["errors"], accept


async def test_urql_is_answered_in_json(http: httpx.AsyncClient) -> None:
    """Finding I: it lists every media type it knows, event streams too."""
    answer = await post(http, "{ funds { code } }", URQL)
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{RESPONSE}; charset=utf-8")
    assert answer.json() == {"data": {"funds": []}}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_told_which_serve(http: httpx.AsyncClient, method: str) -> None:
    answer = await http.request(method, "/graphql")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_what_is_not_a_request_is_refused_in_json(http: httpx.AsyncClient) -> None:
    bodies = [
        b"",
        b"bonjour",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"query": 1}',
        b'{"query": "{ funds { code } }", "variables": []}',
        b'{"query": "{ funds { code } }", "operationName": {}}',
        b'{"query": "\xff"}',
        b'{"query": "query($i: ID!) { node(id: $i) { id } }", "variables": {"i": "\\ud800"}}',
        b'{"query": "{ a }", "variables": {"i": NaN}}',
        b'[{"query": "{ funds { code } }"}, {"query": "{ funds { code } }"}]',
    ]
    for body in bodies:
        answer = await http.post("/graphql", content=body, headers={"content-type": JSON})
        assert answer.status_code == 400, (body[:60], answer.text)
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST", body[:60]
    unknown = await post(http, "query A { funds { code } }", operationName="B")
    assert (unknown.status_code, list(unknown.json())) == (400, ["errors"])


async def test_batches_are_refused(http: httpx.AsyncClient) -> None:
    """A thousand guesses of a password in one request, otherwise."""
    answer = await http.post("/graphql", json=[{"query": "{ funds { code } }"}] * 3)
    assert answer.status_code == 400


async def test_persisted_queries_are_not_known(http: httpx.AsyncClient) -> None:
    hashed = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}
    answer = await http.post("/graphql", json={"extensions": hashed})
    assert answer.status_code == 400


async def test_forms_are_refused(http: httpx.AsyncClient) -> None:
    """Finding N: a page of another site can post a form without asking."""
    query = '{"query": "mutation { logOut { errors { code } } }"}'
    forms: list[dict[str, Any]] = [
        {"files": {"operations": (None, query), "map": (None, "{}")}},
        {"data": {"query": "{ funds { code } }"}},
        {"content": query, "headers": {"content-type": "text/plain"}},
        {"content": query, "headers": {}},
    ]
    for form in forms:
        answer = await http.post("/graphql", **form)
        assert answer.status_code in {400, 415}, answer.text
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_body_that_is_too_long_is_refused(http: httpx.AsyncClient) -> None:
    async def chunks() -> Any:
        for _ in range(MAXIMUM_BODY // 65536 + 2):
            yield b" " * 65536

    for content in (b" " * (MAXIMUM_BODY + 1), chunks()):
        answer = await http.post("/graphql", content=content, headers={"content-type": JSON})
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_text_that_no_database_stores_is_refused(http: httpx.AsyncClient) -> None:
    """PostgreSQL stores no NUL: it would be an error of ours."""
    reset = "mutation($i: String!) { requestPasswordReset(input: {identifier: $i}) { message } }"
    literal = reset.replace("($i: String!)", "").replace("$i", r'"a\u0000b"')
    for answer in (await post(http, reset, variables={"i": "a\0b"}), await post(http, literal)):
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (200, "BAD_USER_INPUT")
