"""A campaign through the graph: an operator gives a program its token, the program deposits a batch (R-COU-01, 04)."""

import asyncio
import csv
import io
import json
from datetime import timedelta
from typing import Any

from websockets.asyncio.client import connect

from backend import clock
from backend import database as db
from backend.jobs import schedule
from backend.rules import deposit_batch, deposit_publication
from tests import builders
from tests.engine.wire import one_engine
from tests.rules import tables
from tests.serving import Client, Served

CREATE = """mutation($input: CreateApiClientInput!) { createApiClient(input: $input) {
  apiClient { id name scopes } secret errors { code path } } }"""
REVOKE = "mutation($id: ID!) { revokeApiClient(input: {id: $id}) { apiClient { revokedAt } errors { code } } }"
OPEN = """mutation($input: OpenDepositBatchInput!) { openDepositBatch(input: $input) {
  batch { id status } errors { code } } }"""
LOAD = """mutation($input: LoadDepositBatchInput!) { loadDepositBatch(input: $input) {
  batch { status counts { loaded accepted rejected alreadyDeposited published } }
  lines { line outcome errors { code path } } errors { code } } }"""
REHEARSE = """mutation($id: ID!) { rehearseDepositBatch(input: {batchId: $id}) { batch { status rehearsal {
  letters establishments withoutReader emails postalCopies expectedReadRate } } errors { code } } }"""
PUBLISH = """mutation($id: ID!, $all: Boolean!) { publishDepositBatch(input: {batchId: $id, leaveOutRejected: $all}) {
  batch { status } errors { code path } } }"""
SEEN = """query($id: ID!) { node(id: $id) { ... on DepositBatch { status counts { published }
  rejectionsUrl rejections(first: 1) { totalCount edges { node { line reference code message } } } } } }"""
PROGRESS = "subscription($id: ID!) { depositProgress(batchId: $id) { status counts { published } } }"


async def a_program(server: Served, operator: Client) -> tuple[Client, str]:
    given = {
        "name": "Chaîne d’édition",
        "scopes": ["DEPOSIT_COURRIERS"],
        "expiresOn": (clock.today() + timedelta(days=90)).isoformat(),
    }
    made = (await operator.data(CREATE, input=given))["createApiClient"]
    assert made["errors"] == []
    return server.anybody(authorization=f"Bearer {made['secret']}"), made["apiClient"]["id"]


async def uploaded(client: Client, text: str) -> str:
    answer = await client.http.put("/uploads", content=builders.pdf(text), params={"name": f"{text}.pdf"})
    return str(answer.json()["uploadId"])


async def lines(client: Client, siret: str, *numbers: int, **values: Any) -> list[dict[str, Any]]:
    return [
        {
            "line": number,
            "uploadId": await uploaded(client, f"Courrier {number}"),
            "siret": siret,
            "type": "APPEL",
            "reference": f"L-{number}",
            "subject": f"Appel {number}",
            "letterDate": clock.today().isoformat(),
            **values,
        }
        for number in numbers
    ]


async def test_a_program_deposits_a_campaign(server: Served) -> None:  # R-COU-01, R-COU-04, R-COU-05
    operator = await server.signed_in((await builders.operator()).identifier)
    program, _ = await a_program(server, operator)
    town = await builders.establishment()
    reader = await builders.user(town, rights={"COURRIERS": builders.READ})
    await builders.courrier_type()
    batch = (await program.data(OPEN, input={"label": "Mai"}))["openDepositBatch"]["batch"]
    given = await lines(program, town.siret, 1, 2, 3)
    given += await lines(program, "123", 4)
    given.append({**given[0], "line": 5, "reference": "L-5", "uploadId": "inventé"})
    loaded = (await program.data(LOAD, input={"batchId": batch["id"], "lines": given}))["loadDepositBatch"]
    assert loaded["errors"] == []
    assert loaded["batch"]["counts"] == {
        "loaded": 5, "accepted": 3, "rejected": 2, "alreadyDeposited": 0, "published": 0,
    }  # fmt: skip
    assert loaded["lines"][3:] == [
        {"line": 4, "outcome": "REJECTED", "errors": [{"code": "UNKNOWN_SIRET", "path": ["siret"]}]},
        {"line": 5, "outcome": "REJECTED", "errors": [{"code": "UNKNOWN_UPLOAD", "path": ["uploadId"]}]},
    ]
    again = (await program.data(LOAD, input={"batchId": batch["id"], "lines": given[:3]}))["loadDepositBatch"]
    assert [one["outcome"] for one in again["lines"]] == ["READY"] * 3

    rehearsed = (await program.data(REHEARSE, id=batch["id"]))["rehearseDepositBatch"]["batch"]
    assert rehearsed == {
        "status": "CHECKED",
        "rehearsal": {
            "letters": 3, "establishments": 1, "withoutReader": 0, "emails": 3, "postalCopies": 0,
            "expectedReadRate": None,
        },
    }  # fmt: skip
    refused = (await program.data(PUBLISH, id=batch["id"], all=False))["publishDepositBatch"]
    assert refused["errors"] == [{"code": "BATCH_HAS_REJECTIONS", "path": ["leaveOutRejected"]}]
    of_reader = await server.signed_in(reader.identifier)
    inbox = "{ viewer { courriers { totalCount } } }"
    assert (await of_reader.data(inbox))["viewer"]["courriers"]["totalCount"] == 0
    decided = (await program.data(PUBLISH, id=batch["id"], all=True))["publishDepositBatch"]
    assert (decided["batch"]["status"], decided["errors"]) == ("PUBLISHING", [])
    await schedule.publish_batches()
    assert (await of_reader.data(inbox))["viewer"]["courriers"]["totalCount"] == 3
    seen = (await operator.data(SEEN, id=batch["id"]))["node"]
    assert (seen["status"], seen["counts"], seen["rejections"]["totalCount"]) == ("PUBLISHED", {"published": 3}, 2)
    assert seen["rejections"]["edges"][0]["node"]["reference"] == "L-4"
    told = await program.http.get(seen["rejectionsUrl"])
    rows = list(csv.reader(io.StringIO(told.content.decode("utf-8-sig")), delimiter=";"))
    assert [row[:3] for row in rows] == [
        ["ligne", "reference", "code"], ["4", "L-4", "UNKNOWN_SIRET"], ["5", "L-5", "UNKNOWN_UPLOAD"],
    ]  # fmt: skip
    assert all(row[3] for row in rows)
    for client, status in ((of_reader, 404), (server.anybody(), 401)):
        assert (await client.http.get(seen["rejectionsUrl"])).status_code == status


@one_engine
async def test_more_lines_than_allowed_load_none(server: Served) -> None:
    operator = await server.signed_in((await builders.operator()).identifier)
    batch = (await operator.data(OPEN, input={"label": "Mai"}))["openDepositBatch"]["batch"]
    [one] = await lines(operator, "123", 1)
    many = [{**one, "line": number} for number in range(1, 502)]
    answer = (await operator.data(LOAD, input={"batchId": batch["id"], "lines": many}))["loadDepositBatch"]
    assert ([one["code"] for one in answer["errors"]], answer["lines"]) == (["INVALID_VALUE"], [])
    answer = (await operator.data(LOAD, input={"batchId": batch["id"], "lines": many[:500]}))["loadDepositBatch"]
    assert (answer["errors"], len(answer["lines"])) == ([], 500)


async def test_the_progress_of_a_batch_is_told_to_its_end(server: Served, monkeypatch: Any) -> None:  # R-COU-04
    monkeypatch.setattr(deposit_publication, "SLICE", 2)
    monkeypatch.setattr(deposit_batch, "BREATH", 0.2)  # longer than signals take, so that a step is seen
    operator = await server.signed_in((await builders.operator()).identifier)
    town = await builders.establishment()
    await builders.courrier_type()
    batch = (await operator.data(OPEN, input={"label": "Mai"}))["openDepositBatch"]["batch"]["id"]
    given = await lines(operator, town.siret, *range(1, 7))
    await operator.data(LOAD, input={"batchId": batch, "lines": given})
    await operator.data(REHEARSE, id=batch)
    secret = operator.http.headers["authorization"]
    address = server.address.replace("http", "ws") + "/graphql"
    told = []
    async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
        await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": secret}}))
        await socket.recv()
        asked = {"query": PROGRESS, "variables": {"id": batch}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": asked}))
        async with asyncio.timeout(15):
            first = json.loads(await socket.recv())
            await operator.data(PUBLISH, id=batch, all=False)
            publication = asyncio.create_task(schedule.publish_batches())
            message = first
            while message["type"] == "next":
                one = message["payload"]["data"]["depositProgress"]
                told.append((one["status"], one["counts"]["published"]))
                message = json.loads(await socket.recv())
            await publication
    assert told[0] == ("CHECKED", 0)
    assert told[-1] == ("PUBLISHED", 6)
    assert [published for _, published in told] == sorted(published for _, published in told)
    assert len(told) > 2
    assert message["type"] == "complete"


async def test_a_token_is_told_once_and_serves_until_it_is_taken_back(server: Served) -> None:
    operator = await server.signed_in((await builders.operator()).identifier)
    program, number = await a_program(server, operator)
    secret = program.http.headers["authorization"].removeprefix("Bearer ")
    assert await tables.holding(secret) == [], "known by its fingerprint only, in no table, journal included"
    assert (await program.data("{ viewer { apiClient { name } } }"))["viewer"]["apiClient"][
        "name"
    ] == "Chaîne d’édition"
    opened = (await program.data(OPEN, input={"label": "Mai"}))["openDepositBatch"]
    assert opened["errors"] == []
    taken = (await operator.data(REVOKE, id=number))["revokeApiClient"]
    assert (taken["errors"], taken["apiClient"]["revokedAt"] is not None) == ([], True)
    assert (await program.data("{ viewer { isOperator } }"))["viewer"] is None
    assert (await operator.data(REVOKE, id=number))["revokeApiClient"]["errors"] == []
    assert len(await tables.journal("api_client.revoked")) == 1


@one_engine
async def test_a_token_that_cannot_be_given_is_refused(server: Served) -> None:
    operator = await server.signed_in((await builders.operator()).identifier)
    await a_program(server, operator)
    soon = clock.today() + timedelta(days=30)
    good = {"name": "Autre", "scopes": ["DEPOSIT_COURRIERS"], "expiresOn": soon.isoformat()}
    for wrong, path in (
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "Chaîne d’édition"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"expiresOn": (clock.today() - timedelta(days=1)).isoformat()}, "expiresOn"),
        ({"expiresOn": (clock.today() + timedelta(days=366)).isoformat()}, "expiresOn"),
    ):
        answer = (await operator.data(CREATE, input={**good, **wrong}))["createApiClient"]
        assert (answer["errors"], answer["secret"]) == ([{"code": "INVALID_VALUE", "path": [path]}], None)
    assert (await db.rows("SELECT count(*) AS n FROM api_clients")) == [{"n": 1}]
