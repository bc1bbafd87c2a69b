"""Operations over WebSocket: each on its own, judged anew, and none that leaves anything behind."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import websockets

from backend import database as db
from backend.engine import endpoint
from tests import builders
from tests.engine.wire import FOLLOW, Socket, connected, deposit, following, one_engine, opened, soon
from tests.serving import Served


async def clerk(server: Served, **rights: int) -> tuple[Any, Any]:
    """A client signed in, and their town; READ on COURRIERS unless told otherwise."""
    town = await builders.establishment()
    user = await builders.user(town, rights=rights or {"COURRIERS": builders.READ})
    return await server.signed_in(user.identifier), town


# --- Finding A: cancelled transactions ------------------------------------------------------------------------------


async def test_four_hundred_mutations_cancelled_at_once_leave_nothing_locked(server: Served) -> None:
    """Under Tortoise's own engines every later request waited for ever (finding A)."""
    client, town = await clerk(server)
    letter = await builders.courrier(town)
    viewer = await client.data("{ viewer { courriers { edges { node { id } } } user { identifier } } }")
    identifier = viewer["viewer"]["user"]["identifier"]
    letter_id = viewer["viewer"]["courriers"]["edges"][0]["node"]["id"]
    mark = "mutation($id: ID!, $read: Boolean!) { markCourriers(input: {ids: [$id], read: $read}) { errors { code } } }"
    reset = "mutation($of: String!) { requestPasswordReset(input: {identifier: $of}) { message } }"
    for _ in range(10):
        async with connected(server, client) as socket:
            for number in range(40):
                if number % 4:
                    await socket.subscribe(mark, str(number), id=letter_id, read=bool(number % 2))
                else:
                    await socket.subscribe(reset, str(number), of=identifier)
                await socket.send(type="complete", id=str(number))
    async with asyncio.timeout(2):
        answer = await client.data(mark, id=letter_id, read=True)
    assert answer["markCourriers"]["errors"] == []
    assert letter.id

    async def count() -> None:
        async with db.transaction():
            await db.rows("SELECT id FROM courriers")

    async with asyncio.timeout(2):  # more at once than the pool has connections: none may be missing
        await asyncio.gather(*(count() for _ in range(25)))


async def test_a_mutation_cancelled_half_way_is_done_whole_or_not_at_all(server: Served) -> None:
    client, town = await clerk(server)
    await builders.courrier(town)
    found = await client.data("{ viewer { courriers { edges { node { id } } } } }")
    letter_id = found["viewer"]["courriers"]["edges"][0]["node"]["id"]
    mark = "mutation($id: ID!) { markCourriers(input: {ids: [$id], read: true}) { errors { code } } }"
    async with connected(server, client) as socket:
        for number in range(40):
            await socket.subscribe(mark, str(number), id=letter_id)
            for _ in range(number % 5):
                await asyncio.sleep(0)
            await socket.send(type="complete", id=str(number))
    await client.data(mark, id=letter_id)
    marked = await db.rows("SELECT action FROM audit_events WHERE action = 'courrier.marked'")
    assert marked, "the last one at least"
    count, fault = await _verified()
    assert (fault, count > 0) == (None, True)


async def _verified() -> tuple[int, str | None]:
    from backend.rules import journal

    return await journal.verify()


async def test_clients_that_leave_in_the_middle_are_no_error(server: Served, caplog: pytest.LogCaptureFixture) -> None:
    client, _ = await clerk(server)
    who = {"authorization": client.http.headers["authorization"]}
    address = server.address.replace("http", "ws", 1) + "/graphql"
    for number in range(60):
        connection = await websockets.connect(address, subprotocols=["graphql-transport-ws"])  # type: ignore[list-item]
        socket = Socket(connection)
        await socket.send(type="connection_init", payload=who)
        assert (await socket.receive())["type"] == "connection_ack"
        for key in range(10):
            await socket.send(type="ping")
            await socket.subscribe("{ viewer { courriers(first: 50) { totalCount } } }", str(key))
        for _ in range(number % 7):
            await asyncio.sleep(0)
        connection.transport.abort()
    async with asyncio.timeout(10):
        while any("run_operation" in str(one.get_coro()) for one in asyncio.all_tasks()):
            await asyncio.sleep(0)
    assert [one.getMessage() for one in caplog.records if one.levelname == "ERROR"] == []


# --- Finding L: nothing stale ---------------------------------------------------------------------------------------


async def test_each_operation_of_a_socket_sees_data_as_they_are_now(server: Served) -> None:
    client, town = await clerk(server)
    query = "{ viewer { actingFor { name } } }"
    async with connected(server, client) as socket:
        assert (await socket.ask(query))["data"]["viewer"]["actingFor"]["name"] == town.name
        await db.execute("UPDATE establishments SET name = 'Commune nouvelle' WHERE id = $1", [town.id])
        assert (await socket.ask(query))["data"]["viewer"]["actingFor"]["name"] == "Commune nouvelle"


async def test_a_right_withdrawn_counts_on_the_next_operation_of_an_open_socket(server: Served) -> None:
    """R-ACC-06."""
    client, town = await clerk(server)
    await builders.courrier(town)
    query = "{ viewer { courrierSummary { total } } }"
    async with connected(server, client) as socket:
        assert (await socket.ask(query))["data"]["viewer"]["courrierSummary"]["total"] == 1
        await db.execute("DELETE FROM rights")
        assert (await socket.ask(query))["data"]["viewer"]["courrierSummary"]["total"] == 0


async def test_a_session_ended_elsewhere_is_nobody_on_the_next_operation(server: Served) -> None:
    client, _ = await clerk(server)
    async with connected(server, client) as socket:
        await client.data("mutation { logOut { errors { code } } }")
        assert (await socket.ask("{ viewer { isOperator } }"))["data"] == {"viewer": None}


async def test_logging_out_on_a_socket_leaves_its_other_operations_to_nobody(server: Served) -> None:
    client, _ = await clerk(server)
    async with connected(server, client) as socket:
        await socket.ask("mutation { logOut { errors { code } } }")
        assert (await socket.ask("{ viewer { isOperator } }"))["data"] == {"viewer": None}


async def test_a_right_withdrawn_stops_a_subscription_at_the_next_letter(server: Served) -> None:
    """R-ACC-06, R-COU-05: the letter of the service that is left is told, the other's is not."""
    client, town = await clerk(server, COURRIERS=builders.READ, FACTURES=builders.READ)
    bills = await builders.courrier_type("FACTURE", "FACTURES")
    calls = await builders.courrier_type("APPEL", "COURRIERS")
    async with connected(server, client) as socket:
        await following(socket)
        await deposit(town, calls, "A-1")
        assert await socket.letter() == "A-1"
        await db.execute("DELETE FROM rights WHERE service_id = $1", [calls.service_id])
        await deposit(town, calls, "A-2")
        await deposit(town, bills, "B-1")
        assert await socket.letter() == "B-1"


async def test_a_delegation_ended_stops_a_subscription_at_the_next_letter(server: Served) -> None:
    """R-DEL-08."""
    centre, town = await builders.establishment(is_centralisateur=True), await builders.establishment()
    member = await builders.user(centre, rights={"COURRIERS": builders.READ})
    delegation = await builders.delegation(centre, town, members=[member])
    kind = await builders.courrier_type()
    client = await server.signed_in(member.identifier)
    async with connected(server, client) as socket:
        await following(socket)
        await deposit(town, kind, "TOWN-1")
        assert await socket.letter() == "TOWN-1"
        await db.execute("UPDATE delegations SET status = 'ENDED' WHERE id = $1", [delegation.id])
        await deposit(town, kind, "TOWN-2")
        await deposit(centre, kind, "CENTRE-1")
        assert await socket.letter() == "CENTRE-1"


async def _is_told_to_sign_in_again(socket: Socket) -> None:
    told = await socket.receive()
    errors = told["payload"] if told["type"] == "error" else told["payload"]["errors"]
    assert errors[0]["extensions"]["code"] == "UNAUTHENTICATED"
    if told["type"] == "next":
        assert await socket.receive() == {"type": "complete", "id": "1"}


async def test_a_session_ended_ends_its_subscriptions_with_the_reason(server: Served) -> None:
    client, town = await clerk(server)
    kind = await builders.courrier_type()
    async with connected(server, client) as socket:
        await following(socket)
        await client.data("mutation { logOut { errors { code } } }")
        await deposit(town, kind, "A-1")
        await _is_told_to_sign_in_again(socket)


async def test_an_account_that_expires_ends_its_subscriptions(server: Served, moved_clock: Any) -> None:
    """R-ACC-11: its sessions end at that instant."""
    moved_clock("2026-05-04T10:00+02:00")
    client, town = await clerk(server)
    kind = await builders.courrier_type()
    await db.execute("UPDATE users SET expires_on = '2026-05-05'")
    async with connected(server, client) as socket:
        await following(socket)
        await deposit(town, kind, "A-1")
        assert await socket.letter() == "A-1"
        moved_clock("2026-05-06T00:00+02:00")
        await deposit(town, kind, "A-2")
        await _is_told_to_sign_in_again(socket)


# --- The protocol ---------------------------------------------------------------------------------------------------


@one_engine
async def test_a_socket_of_nobody_is_forbidden(server: Served) -> None:
    for payload in ({}, {"authorization": "Bearer inconnu"}, {"authorization": 12}):
        async with opened(server) as socket:
            await socket.send(type="connection_init", payload=payload)
            assert await socket.closed() == (4403, "Forbidden")


@one_engine
async def test_the_session_cookie_opens_a_socket_of_our_own_pages(server: Served) -> None:
    town = await builders.establishment()
    user = await builders.user(town)
    browser = server.anybody()
    query = "mutation($i: String!, $p: String!) { logIn(input: {identifier: $i, password: $p}) { errors { code } } }"
    await browser.data(query, i=user.identifier, p=builders.PASSWORD)
    cookie = {"cookie": f"sid={browser.http.cookies['sid']}"}
    async with opened(server, additional_headers=cookie, origin=server.address) as socket:
        await socket.send(type="connection_init")
        assert (await socket.receive())["type"] == "connection_ack"
        assert (await socket.ask("{ viewer { isOperator } }"))["data"] == {"viewer": {"isOperator": False}}


@one_engine
@pytest.mark.parametrize("origin", ["https://ailleurs.example", "http://127.0.0.1:1", "null"])
async def test_a_socket_from_another_site_is_refused(server: Served, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refused:
        async with opened(server, origin=origin):
            pass
    assert refused.value.response.status_code == 403


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "INIT_WAIT", timedelta(seconds=0.1))


@one_engine
async def test_a_socket_that_does_not_say_who_it_is_is_closed(impatient: None, server: Served) -> None:
    async with opened(server) as socket:
        assert (await socket.closed())[0] == 4408


@one_engine
async def test_a_socket_of_another_protocol_is_not_served(server: Served) -> None:
    async with opened(server, subprotocols=None) as socket:
        assert (await socket.closed())[0] == 4406


@one_engine
async def test_an_operation_before_the_acknowledgement_is_refused(server: Served) -> None:
    async with opened(server) as socket:
        await socket.subscribe("{ funds { code } }")
        assert (await socket.closed())[0] == 4401


@one_engine
async def test_a_socket_says_who_it_is_only_once(server: Served) -> None:
    client, _ = await clerk(server)
    async with connected(server, client) as socket:
        await socket.send(type="connection_init", payload={})
        assert (await socket.closed())[0] == 4429


@one_engine
async def test_binary_frames_are_refused(server: Served) -> None:
    client, _ = await clerk(server)
    async with connected(server, client) as socket:
        await socket.connection.send(b'{"type": "ping"}')
        assert (await socket.closed())[0] == 4400


FRAMES = [
    "bonjour",
    "[]",
    "null",
    "1",
    "{}",
    '{"type": 1}',
    '{"type": "other"}',
    '{"type": "subscribe"}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{ funds { code } }"}}',
    '{"type": "subscribe", "id": {}, "payload": {"query": "{ funds { code } }"}}',
    '{"type": "subscribe", "id": "1", "payload": null}',
    '{"type": "subscribe", "id": "1", "payload": {}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": ["a"]}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ funds { code } }", "variables": []}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ funds { code } }", "operationName": {}}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ a }", "variables": {"i": "\\ud800"}}}',
    '{"type": "complete"}',
    '{"type": "complete", "id": []}',
]


@one_engine
async def test_what_is_not_a_message_closes_the_socket(server: Served, caplog: pytest.LogCaptureFixture) -> None:
    client, _ = await clerk(server)
    for frame in FRAMES:
        async with connected(server, client) as socket:
            await socket.connection.send(frame)
            assert (await socket.closed())[0] == 4400, frame
    assert [one.message for one in caplog.records if one.levelname == "ERROR"] == []


@one_engine
async def test_a_document_that_cannot_be_run_ends_its_operation_only(server: Served) -> None:
    client, _ = await clerk(server)
    payloads = {
        "GRAPHQL_PARSE_FAILED": {"query": "{ funds"},
        "GRAPHQL_VALIDATION_FAILED": {"query": "{ nothing }"},
        "BAD_REQUEST": {"query": "query A { funds { code } }", "operationName": "B"},
        "TOO_MUCH_ALIASES": {"query": "{" + " ".join(f"a{n}: funds {{ code }}" for n in range(40)) + "}"},
    }
    async with connected(server, client) as socket:
        for code, payload in payloads.items():
            await socket.send(type="subscribe", id="1", payload=payload)
            told = await socket.receive()
            assert told["type"] == "error", told
            assert told["payload"][0]["extensions"]["code"] == code
        assert (await socket.ask("{ viewer { isOperator } }"))["data"] == {"viewer": {"isOperator": False}}


async def test_a_hundred_operations_at_once_are_served_and_no_more(server: Served) -> None:
    client, town = await clerk(server)
    kind = await builders.courrier_type()
    async with connected(server, client) as socket:
        cursor = (await socket.ask("{ viewer { feedCursor } }"))["data"]["viewer"]["feedCursor"]
        for number in range(101):
            await socket.subscribe(FOLLOW, str(number), after=cursor)
        refused = await socket.receive()
        assert (refused["type"], refused["id"]) == ("error", "100")
        await deposit(town, kind, "A-1")
        told = [await socket.receive() for _ in range(100)]
        assert {one["id"] for one in told} == {str(number) for number in range(100)}
        for number in range(100):
            await socket.send(type="complete", id=str(number))
        assert (await socket.ask("{ funds { code } }"))["data"] == {"funds": [{"code": "CNRACL"}]}


@one_engine
async def test_the_same_id_twice_at_once_is_refused(server: Served) -> None:
    client, _ = await clerk(server)
    async with connected(server, client) as socket:
        await following(socket)
        await socket.subscribe(FOLLOW)
        assert (await socket.closed())[0] == 4409


@one_engine
async def test_a_ping_is_answered(server: Served) -> None:
    client, _ = await clerk(server)
    async with connected(server, client) as socket:
        await socket.send(type="ping")
        assert await socket.receive() == {"type": "pong"}


async def test_sockets_left_behind_are_forgotten(server: Served) -> None:
    """A subscription whose client went away waits no more for signals."""
    client, _ = await clerk(server)
    tasks = len(asyncio.all_tasks())
    async with AsyncExitStack() as stack:
        for _ in range(10):
            await following(await stack.enter_async_context(connected(server, client)))
        assert len(asyncio.all_tasks()) > tasks

    async def gone() -> None:
        while len(asyncio.all_tasks()) > tasks + 2:  # uvicorn's keep-alives come and go
            await asyncio.sleep(0.01)

    await soon(gone())
