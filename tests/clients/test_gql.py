"""The Python client gql, over HTTP and WebSocket: the whole walk."""

import asyncio
import hashlib
from typing import Any

import httpx
from gql import Client, GraphQLRequest
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests import builders
from tests.clients import walk
from tests.serving import Served


async def over_http(server: Served, query: str, token: str | None = None, **variables: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    async with Client(transport=HTTPXAsyncTransport(url=f"{server.address}/graphql", headers=headers)) as session:
        answer: dict[str, Any] = await session.execute(GraphQLRequest(query, variable_values=variables))
        return answer


async def test_the_whole_walk(server: Served) -> None:
    """R-COU-01, 05, 06, 16."""
    made = await walk.world()
    tokens = {
        user.identifier: (await over_http(server, walk.LOG_IN, **walk.log_in(user)))["logIn"]["token"]
        for user in (made.clerk, made.operator)
    }
    clerk, operator = tokens[made.clerk.identifier], tokens[made.operator.identifier]
    before = (await over_http(server, walk.LIST, clerk))["viewer"]
    assert before["courriers"]["totalCount"] == 0

    sockets = WebsocketsTransport(
        url=server.address.replace("http", "ws", 1) + "/graphql", init_payload={"authorization": f"Bearer {clerk}"}
    )
    async with Client(transport=sockets) as session, httpx.AsyncClient(base_url=server.address) as http:
        news = session.subscribe(GraphQLRequest(walk.FOLLOW, variable_values={"after": before["feedCursor"]}))
        told = asyncio.ensure_future(anext(news))  # type: ignore[arg-type]
        content = builders.pdf("Appel de cotisations")
        sent = await http.put("/uploads", content=content, headers={"authorization": f"Bearer {operator}"})
        assert sent.status_code == 201, sent.text
        letter = made.letter(sent.json()["uploadId"])
        deposited = (await over_http(server, walk.DEPOSIT, operator, input=letter))["depositCourrier"]
        assert deposited["errors"] == []
        async with asyncio.timeout(5):
            first = (await told)["courrierDeposited"]
        assert first["courrier"]["reference"] == "2026-0001"
        assert first["summary"] == {"total": 1, "unread": 1}
        await news.aclose()

        letter_id = first["courrier"]["id"]
        unread = (await over_http(server, walk.LETTER, clerk, id=letter_id))["node"]
        assert unread["isRead"] is False
        assert unread["document"]["sha256"] == hashlib.sha256(content).hexdigest()
        shown = await http.get(unread["document"]["viewUrl"])
        assert (shown.status_code, shown.content) == (200, content)

    read = (await over_http(server, walk.LETTER, clerk, id=letter_id))["node"]
    assert read["isRead"] is True
    assert read["readings"]["totalCount"] == 1
    after = (await over_http(server, walk.LIST, clerk))["viewer"]
    assert after["courrierSummary"] == {"total": 1, "unread": 0}
    seen = (await over_http(server, walk.LETTER, operator, id=letter_id))["node"]
    assert {"kind": "OPENED", "actor": {"lastName": made.clerk.last_name}} in seen["timeline"]
    assert seen["document"]["viewUrl"] is None, "R-COU-05: operators do not read documents"
