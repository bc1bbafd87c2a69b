"""What a document may ask for, and what is told of errors."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import strawberry
from graphql import parse

from backend.engine.errors import INTERNAL, telling
from backend.engine.limits import Limits, Parsing, check, limiting
from backend.rules.error import BadRequest
from backend.schema.build import schema
from tests import builders
from tests.engine.wire import connected, one_engine
from tests.serving import Served

CAPS = Limits()


def cost(query: str, **variables: Any) -> int:
    return check(parse(query), None, variables, CAPS)


def aliases(count: int) -> str:
    return "{" + " ".join(f"a{number}: funds {{ code }}" for number in range(count)) + "}"


@pytest.fixture
def refused(server: Served) -> Any:
    """The code with which a document is refused, or None."""

    async def ask(query: str, **variables: Any) -> str | None:
        answer = await server.anybody().ask(query, **variables)
        if "errors" not in answer:
            return None
        assert "data" not in answer or answer["data"] is None
        return str(answer["errors"][0]["extensions"]["code"])

    return ask


@one_engine
async def test_documents_that_ask_too_much_are_refused_with_a_code(refused: Any) -> None:
    deep = "{ viewer " + "{ user { establishment { users(first: 1) { edges { node " * 4 + "{ id }" + "}}}}}" * 4 + "}"
    dear = "{ courriers(first: 100) { edges { node { readings(first: 100) { edges { node { reader { id } } } } } } } }"
    assert await refused(aliases(CAPS.aliases)) is None
    assert await refused(aliases(CAPS.aliases + 1)) == "TOO_MUCH_ALIASES"
    assert await refused(deep) == "TOO_MUCH_DEPTH"
    assert await refused(dear) == "TOO_MUCH_COST"
    assert await refused("{" + " funds { code }" * 1000 + "}") == "GRAPHQL_PARSE_FAILED"
    assert await refused("{ a" * 2000) == "GRAPHQL_PARSE_FAILED"
    in_variables = (
        "query($n: Int!) { courriers(first: $n) { edges { node { readings(first: $n) { edges { node { reader "
    )
    in_variables += "{ id } } } } } } } }"
    assert await refused(in_variables, n=100) == "TOO_MUCH_COST"


@one_engine
async def test_fragments_cannot_hide_what_a_document_asks(refused: Any) -> None:
    cycle = "{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }"
    assert await refused(cycle) == "GRAPHQL_VALIDATION_FAILED"
    myself = "{ viewer { ...A } } fragment A on Viewer { user { establishment { name } } ...A }"
    assert await refused(myself) == "GRAPHQL_VALIDATION_FAILED"
    letters = "fragment L on Courrier { readings(first: 100) { edges { node { reader { id } } } } }"
    assert await refused("{ courriers(first: 100) { edges { node { ...L } } } }" + letters) == "TOO_MUCH_COST"


@one_engine
async def test_fragments_that_double_thirty_times_are_refused_at_once(refused: Any) -> None:
    """Sixty spreads would be walked a thousand million times."""
    chain = "".join(f"fragment F{n} on Viewer {{ ...F{n + 1} ...F{n + 1} }} " for n in range(30))
    assert await refused("{ viewer { ...F0 } } " + chain + "fragment F30 on Viewer { isOperator }") == "TOO_MUCH_COST"


@one_engine
async def test_introspection_is_served_but_not_for_ever(refused: Any) -> None:
    from graphql import get_introspection_query

    assert await refused(get_introspection_query()) is None
    circular = "{ __schema { types" + " { fields { type" * 6 + " { name }" + " } }" * 6 + " } }"
    assert await refused(circular) == "GRAPHQL_VALIDATION_FAILED"


def test_the_cost_is_the_number_of_objects_fetched() -> None:
    page = "query($n: Int{}) {{ users(first: $n) {{ edges {{ node {{ establishment {{ name }} }} }} }} }}"
    assert cost(page.format(""), n=10) == 1 + 3 * 10
    assert cost(page.format(" = 50")) == 1 + 3 * 50, "a variable's default value"
    assert cost(page.format(" = 50"), n=10) == 1 + 3 * 10
    assert cost(page.format("")) == 1 + 3 * CAPS.default_page, "a list whose size is not given"
    assert cost(page.format(""), n=1_000_000) == 1 + 3 * CAPS.page, "more than a page is never fetched"
    assert cost(page.format(""), n="dix") == 1 + 3 * CAPS.default_page
    assert cost("{ users { edges { node { id } } } }") == 1 + 2 * CAPS.default_page


def test_ids_cost_as_many_objects_as_they_name() -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on User { establishment { name } } } }"
    assert cost(query, ids=["a"] * 30) == 1 + 30
    assert cost('{ nodes(ids: ["a", "b"]) { ... on User { establishment { name } } } }') == 1 + 2


def test_only_the_operation_that_runs_is_measured() -> None:
    document = parse("query Small { funds { code } } query Large { a: users(first: 100) { edges { node { id } } } }")
    assert check(document, "Small", {}, CAPS) == 1
    assert check(document, "Large", {}, CAPS) > 100


# --- Finding K: what was validated is not validated again -----------------------------------------------------------


async def test_a_document_is_validated_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strawberry's cache never hits where rules are made for each request (finding K)."""
    from strawberry.extensions import validation_cache
    from strawberry.schema import schema as module

    seen = []
    validation_cache._get_validate_cache.cache_clear()
    genuine = module.validate_document

    def counted(*arguments: Any) -> Any:
        seen.append(1)
        return genuine(*arguments)

    monkeypatch.setattr(module, "validate_document", counted)

    @strawberry.type
    class Query:
        @strawberry.field
        def number(self) -> int:
            return 1

    made = strawberry.Schema(Query, extensions=[Parsing, limiting(CAPS)])
    for _ in range(20):
        assert (await made.execute("{ number }")).data == {"number": 1}
    assert len(seen) == 1
    for _ in range(20):
        assert (await made.execute("{ " + " ".join(f"a{n}: number" for n in range(31)) + " }")).errors
    assert len(seen) == 1, "what passes a cap is not validated"


# --- Finding M: errors --------------------------------------------------------------------------------------------


@strawberry.type
class Failing:
    @strawberry.field
    async def secret(self) -> str:
        raise RuntimeError("secret SQL detail")

    @strawberry.field
    async def refused(self) -> str:
        raise BadRequest("BAD_ID", "Ce n’est pas un identifiant.")


@strawberry.type
class FailingLater:
    @strawberry.subscription
    async def numbers(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("secret SQL detail")


async def test_what_fails_inside_is_hidden_and_what_is_refused_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """Finding M."""
    made = strawberry.Schema(Failing, subscription=FailingLater, extensions=[telling(BadRequest)])
    hidden = (await made.execute("{ secret }")).errors or []
    assert [(one.message, one.extensions) for one in hidden] == [(INTERNAL, {"code": "INTERNAL"})]
    told = (await made.execute("{ refused }")).errors or []
    assert [(one.message, one.extensions) for one in told] == [("Ce n’est pas un identifiant.", {"code": "BAD_ID"})]
    followed: Any = await made.subscribe("subscription { numbers }")
    results = [one async for one in followed]
    assert results[0].data == {"numbers": 1}
    assert [(one.message, one.extensions) for one in results[1].errors] == [(INTERNAL, {"code": "INTERNAL"})]
    assert "secret SQL detail" in caplog.text, "the log tells us"


async def test_an_error_of_the_database_is_hidden(
    server: Served, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Finding M, over HTTP and over a socket."""
    from backend.database import rows
    from backend.schema import query

    assert query

    async def broken(*_: Any) -> Any:
        return await rows("SELECT secret_column FROM users")

    user = await builders.user(rights={"COURRIERS": builders.READ})
    client = await server.signed_in(user.identifier)
    from backend.reads import courrier

    monkeypatch.setattr(courrier, "feed_position", broken)
    asked = "{ viewer { feedCursor } }"
    answers = [await client.ask(asked)]
    async with connected(server, client) as socket:
        answers.append(await socket.ask(asked))
        await socket.subscribe("subscription { courrierDeposited { cursor } }")
        message = await socket.receive()
        answers.append(message["payload"] if message["type"] == "next" else {"errors": message["payload"]})
    for answer in answers:
        assert "secret_column" not in str(answer)
        assert answer["errors"][0]["message"] == INTERNAL
        assert answer["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert "secret_column" in caplog.text


@one_engine
async def test_a_request_whose_sender_cannot_be_told_is_answered_all_the_same(
    server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.web import identity

    async def broken(*_: Any) -> Any:
        raise RuntimeError("secret SQL detail")

    client = server.anybody()
    monkeypatch.setattr(identity, "viewer_of", broken)
    response = await client.http.post("/graphql", json={"query": "{ funds { code } }"})
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert "secret" not in response.text
    assert "content-security-policy" in response.headers


async def test_names_that_do_not_exist_are_not_suggested() -> None:
    result = await schema().execute("{ viewr { isOperator } }")
    assert result.errors
    assert "viewer" not in result.errors[0].message.replace("viewr", "")
