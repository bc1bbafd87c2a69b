"""A real server for tests: uvicorn on a free port, in the test's own process, so that its clock can be moved."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
import uvicorn

from backend import settings as settings_room
from backend.app import application
from tests import builders


@dataclass
class Client:
    """Somebody who talks to the server over HTTP; `token` is a bearer token, cookies are kept."""

    http: httpx.AsyncClient

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer of a GraphQL operation."""
        response = await self.http.post("/graphql", json={"query": query, "variables": variables})
        answer: dict[str, Any] = response.json()
        return answer

    async def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an operation that must succeed."""
        answer = await self.ask(query, **variables)
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found


@dataclass
class Served:
    """A running server."""

    address: str
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def anybody(self, **headers: str) -> Client:
        """A client that is not signed in."""
        self.clients.append(httpx.AsyncClient(base_url=self.address, headers=headers, timeout=20))
        return Client(self.clients[-1])

    async def signed_in(self, identifier: str, password: str = builders.PASSWORD) -> Client:
        """A client signed in with a bearer token."""
        client = self.anybody()
        query = "mutation($input: LogInInput!) { logIn(input: $input) { token errors { code message } } }"
        given = {"identifier": identifier, "password": password, "transport": "TOKEN"}
        answer = (await client.data(query, input=given))["logIn"]
        assert answer["errors"] == [], answer["errors"]
        client.http.headers["authorization"] = f"Bearer {answer['token']}"
        return client


@pytest.fixture
def with_jobs() -> bool:
    """Whether the server does by itself what is due: a module whose world must stand still says otherwise."""
    return True


@pytest.fixture
async def server(database_url: str, with_jobs: bool) -> AsyncIterator[Served]:
    """The application, served on a free port, on each engine. Its database is open for the test too."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        settings_room.use(replace(settings_room.current(), port=port, jobs=with_jobs))
        config = uvicorn.Config(
            application(), log_level="error", access_log=False, ws="websockets-sansio", lifespan="on"
        )
        running = uvicorn.Server(config)
        task = asyncio.create_task(running.serve(sockets=[listener]))
        while not running.started:
            await asyncio.sleep(0.005)
            if task.done():
                task.result()
                raise RuntimeError("the server did not start")
        served = Served(f"http://127.0.0.1:{port}")
        yield served
        for client in served.clients:
            await client.aclose()
        running.should_exit = True
        await task
