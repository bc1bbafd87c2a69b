"""The whole life of an account over real HTTP: invited, password chosen, signed in, given rights, deleted."""

import re
from typing import Any

from backend import database as db
from backend.rules import globalid
from tests import builders
from tests.serving import Client, Served

LETTERS = "{ viewer { user { profile } courriers { totalCount } } }"
PASSWORD = "girafe tunnel orange cadran"


async def change(client: Client, mutation: str, fields: str, **given: Any) -> dict[str, Any]:
    """The payload of a mutation that takes one input."""
    kind = mutation[0].upper() + mutation[1:]
    errors = "errors { code path }"
    query = f"mutation($input: {kind}Input!) {{ {mutation}(input: $input) {{ {fields} {errors} }} }}"
    found: dict[str, Any] = (await client.data(query, input=given))[mutation]
    return found


async def letters(client: Client) -> int:
    count: int = (await client.data(LETTERS))["viewer"]["courriers"]["totalCount"]
    return count


async def invited(chief: Client, town: str) -> tuple[str, str, str]:
    """An account created by its administrator: its id, its identifier, and the secret of the link in the e-mail."""
    made = await change(
        chief,
        "createUser",
        "user { id status rights { level } email } identifier",
        establishmentId=town,
        firstName="Zoé",
        lastName="Lefèvre",
        email="zoe@royan.example",
        profile="USER",
    )
    assert made["errors"] == []
    assert made["user"] == {"id": made["user"]["id"], "status": "INVITED", "rights": [], "email": "zoe@royan.example"}
    mail = await db.row("SELECT body_text FROM notifications WHERE recipient = 'zoe@royan.example'")
    assert mail is not None
    assert made["identifier"] not in mail["body_text"]
    [secret] = re.findall(r"/mot-de-passe\?jeton=([\w-]+)", mail["body_text"])
    return made["user"]["id"], made["identifier"], secret


async def test_the_life_of_an_account(server: Served) -> None:  # R-ACC-03, R-ACC-06, R-ACC-12, R-RGT-02
    town = await builders.establishment("Commune de Royan")
    await builders.user(town, administrator=True, identifier="chief")
    await builders.courrier(town)
    chief, anybody = await server.signed_in("chief"), server.anybody()
    number, identifier, secret = await invited(chief, globalid.encode("Establishment", town.id))

    chosen = await change(anybody, "setPassword", "identifier", token=secret, password=PASSWORD)
    assert chosen == {"identifier": identifier, "errors": []}
    again = await change(anybody, "setPassword", "identifier", token=secret, password=PASSWORD)
    assert [one["code"] for one in again["errors"]] == ["LINK_INVALID"]

    zoe = await server.signed_in(identifier, PASSWORD)
    seen = [await letters(zoe)]
    for level in ("READ", "NONE", "MODIFY"):
        given = [{"service": "COURRIERS", "level": level}]
        done = await change(chief, "setRights", "users { id } results { id }", userIds=[number], rights=given)
        assert done == {"users": [{"id": number}], "results": [{"id": number}], "errors": []}
        seen.append(await letters(zoe))
    assert seen == [0, 1, 0, 1]

    promoted = await change(chief, "setProfile", "user { profile }", id=number, profile="ADMINISTRATOR")
    assert promoted == {"user": {"profile": "ADMINISTRATOR"}, "errors": []}
    assert (await zoe.data(LETTERS))["viewer"]["user"]["profile"] == "ADMINISTRATOR"

    gone = await change(chief, "deleteUsers", "results { id errors { code } }", ids=[number])
    assert gone == {"results": [{"id": number, "errors": []}], "errors": []}
    assert (await zoe.data("{ viewer { user { id } } }"))["viewer"] is None
    assert (await chief.data("query($id: ID!) { node(id: $id) { id } }", id=number))["node"] is None


async def test_who_demotes_themselves_administers_no_more_at_once(server: Served) -> None:  # R-ACC-05, R-ACC-06
    town = await builders.establishment()
    first = await builders.user(town, administrator=True, identifier="first")
    second = await builders.user(town, administrator=True, identifier="second")
    client = await server.signed_in("first")
    me, other = (globalid.encode("User", one.id) for one in (first, second))
    answer = await client.data(
        "mutation($me: ID!, $other: ID!) {"
        " a: setProfile(input: {id: $me, profile: USER}) { user { profile } errors { code } }"
        " b: setProfile(input: {id: $other, profile: USER}) { user { profile } errors { code } } }",
        me=me,
        other=other,
    )
    assert answer["a"] == {"user": {"profile": "USER"}, "errors": []}
    assert answer["b"] == {"user": None, "errors": [{"code": "NOT_FOUND"}]}


async def test_two_changes_in_one_request_each_answer_with_what_is(server: Served) -> None:  # R-ACC-06
    town = await builders.establishment()
    await builders.user(town, administrator=True, identifier="chief")
    agent = await builders.user(town, rights={"COURRIERS": builders.READ})
    client = await server.signed_in("chief")
    one = """setRights(input: {userIds: [$id], rights: [{service: "COURRIERS", level: %s}]}) {
      users { level(service: "COURRIERS") } }"""
    answer = await client.data(
        "mutation($id: ID!) { " + f"a: {one % 'MODIFY'} b: {one % 'NONE'}" + " }", id=globalid.encode("User", agent.id)
    )
    assert [answer[name]["users"][0]["level"] for name in "ab"] == ["MODIFY", "NONE"]


async def test_ending_the_session_one_uses_signs_out(server: Served) -> None:  # R-ACC-17
    await builders.user(identifier="agent")
    client = await server.signed_in("agent")
    sessions = (await client.data("{ viewer { sessions { id isCurrent } } }"))["viewer"]["sessions"]
    ended = await change(client, "endSession", "__typename", id=sessions[0]["id"])
    assert ended["errors"] == []
    assert (await client.data("{ viewer { user { id } } }"))["viewer"] is None
