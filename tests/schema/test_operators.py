"""What operators do to establishments over real HTTP: registered, found without administrator, given one."""

from datetime import timedelta
from typing import Any

from backend import clock
from backend import database as db
from backend.rules import globalid
from tests import builders
from tests.schema.test_account import PASSWORD, change, letters
from tests.serving import Client, Served

SIRET = builders.siret(4_200_000)
LIST = """query($filter: EstablishmentFilter) { establishments(filter: $filter) {
  totalCount edges { node { id withoutAdministratorSince administrators { identifier } } } } }"""
TOWN = {
    "siret": SIRET,
    "name": "Commune de Saintes",
    "category": "COMMUNE",
    "address": {"postalCode": "17100", "city": "Saintes"},
    "contracts": [{"fund": "CNRACL", "number": "17000415"}],
    "administrator": {"firstName": "Alix", "lastName": "Bernard", "email": "alix@saintes.example"},
}
FIELDS = "establishment { id name functionalEmail contracts { number } } administrator { status profile } identifier"


async def an_operator(server: Served) -> Client:
    await builders.fund()
    return await server.signed_in((await builders.operator()).identifier)


async def secret_sent_to(recipient: str) -> str:
    mail = await db.row(
        "SELECT body_text FROM notifications WHERE recipient = $1 AND kind = 'INVITATION' ORDER BY id DESC", [recipient]
    )
    assert mail is not None
    secret: str = mail["body_text"].partition("jeton=")[2].split()[0]
    return secret


async def choose(server: Served, secret: str) -> None:
    chosen = await change(server.anybody(), "setPassword", "identifier", token=secret, password=PASSWORD)
    assert chosen["errors"] == []


async def alone(operator: Client) -> list[dict[str, Any]]:
    found = (await operator.data(LIST, filter={"withoutAdministrator": True}))["establishments"]
    assert found["totalCount"] == len(found["edges"])
    return [edge["node"] for edge in found["edges"]]


async def test_an_establishment_from_its_registration_to_a_nomination(server: Served) -> None:  # R-ACC-02, 03, 04, 11
    operator = await an_operator(server)
    made = await change(operator, "registerEstablishment", FIELDS, **TOWN)
    assert made["errors"] == []
    assert made["administrator"] == {"status": "INVITED", "profile": "ADMINISTRATOR"}
    town = made["establishment"]["id"]
    again = await change(operator, "registerEstablishment", FIELDS, **TOWN)
    assert again["errors"] == [{"code": "SIRET_TAKEN", "path": ["siret"]}]
    await choose(server, await secret_sent_to("alix@saintes.example"))
    chief = await server.signed_in(made["identifier"], PASSWORD)
    created = await change(
        chief,
        "createUser",
        "user { id } identifier",
        establishmentId=town,
        firstName="Zoé",
        lastName="Lefèvre",
        email="zoe@saintes.example",
        profile="USER",
    )
    await choose(server, await secret_sent_to("zoe@saintes.example"))

    assert await alone(operator) == []
    yesterday = clock.today() - timedelta(days=1)
    await db.execute(
        "UPDATE users SET expires_on = $1 WHERE identifier = $2", [yesterday.isoformat(), made["identifier"]]
    )
    [listed] = await alone(operator)
    assert listed == {"id": town, "withoutAdministratorSince": clock.today().isoformat(), "administrators": []}
    nominated = await change(
        operator,
        "nominateAdministrator",
        "user { profile } identifier isInvited establishment { withoutAdministratorSince }",
        establishmentId=town,
        userId=created["user"]["id"],
        reason="Demande du maire",
    )
    assert nominated == {
        "user": {"profile": "ADMINISTRATOR"},
        "identifier": created["identifier"],
        "isInvited": False,
        "establishment": {"withoutAdministratorSince": None},
        "errors": [],
    }
    assert await alone(operator) == []
    successor = await server.signed_in(created["identifier"], PASSWORD)
    assert await letters(successor) == 0
    renewed = await change(
        successor, "setProfile", "user { profile }", id=created["user"]["id"], profile="ADMINISTRATOR"
    )
    assert renewed["errors"] == []


async def test_what_is_not_said_of_an_establishment_stays(server: Served) -> None:  # R-ACC-02
    operator = await an_operator(server)
    town = await builders.establishment("Commune de Royan", functional_email="mairie@royan.example")
    fields = "establishment { name functionalEmail contracts { number } }"
    number = globalid.encode("Establishment", town.id)
    changed = await change(operator, "updateEstablishment", fields, id=number, name="Ville de Royan")
    kept = [{"number": f"17{town.id:06d}"}]
    expected = {"name": "Ville de Royan", "functionalEmail": "mairie@royan.example", "contracts": kept}
    assert changed == {"establishment": expected, "errors": []}
    cleared = await change(operator, "updateEstablishment", fields, id=number, functionalEmail="")
    assert cleared["establishment"]["functionalEmail"] is None
    refused = await change(operator, "updateEstablishment", fields, id=number, contracts=[])
    assert refused == {"establishment": None, "errors": [{"code": "INVALID_VALUE", "path": ["contracts"]}]}
    unknown = await change(
        operator, "updateEstablishment", fields, id=globalid.encode("Establishment", 999_999), name="Nulle part"
    )
    assert [one["code"] for one in unknown["errors"]] == ["NOT_FOUND"]


async def test_a_program_with_the_scope_registers_looks_up_and_changes(server: Served) -> None:
    await builders.fund()
    _, secret = await builders.api_client("MANAGE_ESTABLISHMENTS")
    program = server.anybody(authorization=f"Bearer {secret}")
    made = await change(program, "registerEstablishment", FIELDS, **TOWN)
    assert (made["errors"], made["administrator"]) == ([], None)
    assert made["identifier"].startswith("abernard-")
    found = await program.data(
        f'{{ establishment(siret: "{SIRET}") {{ id name contracts {{ number }} users {{ totalCount }} }} }}'
    )
    assert found["establishment"] == {
        "id": made["establishment"]["id"],
        "name": "Commune de Saintes",
        "contracts": [{"number": "17000415"}],
        "users": {"totalCount": 0},
    }
    changed = await change(
        program, "updateEstablishment", "establishment { name }", id=found["establishment"]["id"], name="Saintes"
    )
    assert changed == {"establishment": {"name": "Saintes"}, "errors": []}
    answer = await program.ask(LIST)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_ALLOWED"
