"""What acting for 2,000 establishments costs beside acting for one: `python -m tests.bench.delegations`.

Asked over HTTP of the platform as it is run, in a process of its own, by the documents of the screens. What the two
readers cost is taken in turns, so that a slow moment of the machine slows both. `--database` names a migrated, empty
database; a SQLite of its own otherwise.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from typing import Any

import httpx

from backend import database as db
from tests import builders
from tests.bench.accounts import compared, database, told
from tests.bench.world import COMMUNES, EVERYBODY, Bench, pour
from tests.documents import document

INBOX = document("courrier/inbox.tsx", "InboxOfAll")
PICKER = document("session/picker.tsx", "EstablishmentPicker")
SCREENS: dict[str, tuple[str, dict[str, Any]]] = {
    "inbox, first page": (INBOX, {"first": 25, "filter": {"archived": False}, "isSearch": False}),
    "unread": (INBOX, {"first": 25, "filter": {"archived": False, "unread": True}, "isSearch": False}),
    "of one fund": (INBOX, {"first": 25, "filter": {"archived": False, "funds": ["CNRACL"]}, "isSearch": False}),
    "by letter's date": (
        INBOX,
        {"first": 25, "filter": {"archived": False}, "orderBy": "LETTER_DATE_DESC", "isSearch": False},
    ),
    "search, often found": (INBOX, {"first": 25, "filter": {"search": "cotisation cnracl"}, "isSearch": True}),
    "search, a reference": (INBOX, {"first": 25, "filter": {"search": "RAFP-0300002"}, "isSearch": True}),
    "search, nothing": (INBOX, {"first": 25, "filter": {"search": "zanzibar"}, "isSearch": True}),
    "counts": ("{ viewer { courrierSummary { total unread byFund { total unread fund { code } } } } }", {}),
    "every screen": (document("session/session.tsx", "Viewer"), {}),
    "home": (document("home/home.tsx", "Home"), {}),
    "switch, all": (PICKER, {"first": 20, "isSearch": False}),
    "switch, a name": (PICKER, {"first": 20, "search": "saint essai 1234", "isSearch": True}),
    "switch, any name": (PICKER, {"first": 20, "search": "saint essai 17", "isSearch": True}),
}


def the_server(url: str, folder: str, port: int) -> subprocess.Popen[bytes]:
    """`peps run` on a database that is there."""
    given = {"DATABASE_URL": url, "DATA_DIR": folder, "PORT": str(port), "DEMO": "none", "JOBS": "off"}
    return subprocess.Popen(
        [sys.executable, "-m", "backend.cli", "run"],
        env={**os.environ, **given},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def signed_in(address: str, identifier: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(base_url=address, timeout=30)
    query = "mutation($input: LogInInput!) { logIn(input: $input) { token errors { message } } }"
    given = {"identifier": identifier, "password": builders.PASSWORD, "transport": "TOKEN"}
    answer = (await client.post("/graphql", json={"query": query, "variables": {"input": given}})).json()
    client.headers["authorization"] = f"Bearer {answer['data']['logIn']['token']}"
    return client


async def asked(client: httpx.AsyncClient, query: str, given: dict[str, Any]) -> None:
    answer = (await client.post("/graphql", json={"query": query, "variables": given})).json()
    if "errors" in answer:
        raise RuntimeError(str(answer["errors"]))


async def switched(client: httpx.AsyncClient, places: list[str]) -> None:
    """Act for another establishment, then have what every screen asks."""
    places.append(places.pop(0))
    await asked(client, document("session/acting.ts", "ActFor"), {"input": {"establishmentId": places[0]}})
    await asked(client, *SCREENS["every screen"])


async def places_of(client: httpx.AsyncClient) -> list[str]:
    query = "{ viewer { establishments(first: 2) { edges { node { id } } } } }"
    answer = (await client.post("/graphql", json={"query": query})).json()
    return [edge["node"]["id"] for edge in answer["data"]["viewer"]["establishments"]["edges"]]


async def measure(bench: Bench, address: str, rounds: int) -> None:
    print(f"{db.dialect()}, {rounds} rounds, medians\n{'':<20}{'one':>8}{'many':>10}     ratio", flush=True)
    one, many = [await signed_in(address, who.identifier) for who in (bench.one, bench.many)]
    for name, (query, given) in SCREENS.items():
        told(name, *await compared(partial(asked, one, query, given), partial(asked, many, query, given), rounds))
    places = [await places_of(client) for client in (one, many)]
    told("switch", *await compared(partial(switched, one, places[0]), partial(switched, many, places[1]), rounds))
    for client in (one, many):
        await client.aclose()


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", help="the address of a migrated, empty database")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--communes", type=int, default=COMMUNES)
    parser.add_argument("--port", type=int, default=8765)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        async with database(given.database, folder) as url:
            start = time.perf_counter()
            bench = await pour(given.communes, EVERYBODY)
            print(f"poured in {time.perf_counter() - start:.0f} s", flush=True)
            server = the_server(url, folder, given.port)
            try:
                address = f"http://127.0.0.1:{given.port}"
                await ready(address)
                await measure(bench, address, given.rounds)
            finally:
                server.send_signal(2)
                server.wait(timeout=20)


async def ready(address: str) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(300):
            try:
                if (await client.get(f"{address}/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError("the server did not start")


if __name__ == "__main__":
    asyncio.run(main())
