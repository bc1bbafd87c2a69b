"""How many statements a screen's query sends: the same for two rows and for forty."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.gateways.signals import Signals
from backend.models import User
from backend.rules import globalid
from backend.rules.viewer import Origin, Viewer
from backend.schema.build import schema
from backend.schema.context import Context
from tests import builders

READ = builders.READ


@contextmanager
def counted() -> Iterator[list[str]]:
    db.statements.seen = []
    try:
        yield db.statements.seen
    finally:
        db.statements.seen = None


async def ask(viewer: Viewer, query: str, **variables: Any) -> dict[str, Any]:
    context = Context(viewer=viewer, origin=Origin(), signals=Signals({}))
    result = await schema().execute(query, variable_values=variables, context_value=context)
    assert not result.errors, result.errors
    data: dict[str, Any] = result.data
    return data


async def a_member_of_many(towns: int, letters: int) -> User:
    """Somebody who acts for many towns, each with letters of several models, funds and readers."""
    centre = await builders.establishment(is_centralisateur=True)
    member = await builders.user(centre, rights={"COURRIERS": READ, "AUTRE": READ})
    kinds = [
        await builders.courrier_type(),
        await builders.courrier_type("AUTRE", "AUTRE", fund="IRCANTEC"),
        await builders.courrier_type("TIERS", fund="RAFP"),
    ]
    chief = await builders.user(centre, administrator=True)
    for _ in range(towns):
        town = await builders.establishment()
        reader = await builders.user(town, administrator=True)
        await builders.delegation(
            centre, town, services={"COURRIERS": READ, "AUTRE": READ}, members=[member], asker=chief
        )
        for number in range(letters):
            await builders.courrier(
                town, kind=kinds[number % 3], first_opened_at=reader.created_at, first_opened_by_id=reader.id
            )
    return member


INBOX = """{ viewer { courriers(first: 50) { totalCount pageInfo { hasNextPage endCursor }
  edges { cursor node { id subject isRead isReadByViewer sentByPost
    type { code label service { code funds { code } } fund { code } } fund { label } establishment { name siret }
    document { fileName viewUrl downloadUrl size sha256 pageCount } attachments { fileName viewUrl }
    firstReadBy { firstName lastName } timeline { kind actor { lastName } } notifications { status }
    replaces { id } replacedBy { id } } } } } }"""

DEEP = """{ viewer { establishments(first: 50) { edges { node { name contracts { number fund { code } }
  administrators { firstName lastName } viewerAccess { canReadCourriers levels { level service { code } }
    through { status services { level service { code } } } }
  services { service { code } reviewedBy { lastName } usersByLevel { level count } } } } } } }"""

DEEP_COURRIERS = """{ viewer { establishments(first: 50) { edges { node { name
  courriers(first: 2) { edges { node { subject type { code fund { code } } document { viewUrl } } } } } } } } }"""

ACCOUNTS = """query($id: ID!) { node(id: $id) { ... on Establishment { users(first: 50) { totalCount edges { node {
  identifier email status expiresSoon hasSecondFactor level(service: "COURRIERS")
  rights { level service { code label } grantedBy { lastName } } delegatedAccess { status } } } } } } }"""

DELEGATIONS = """query($id: ID!) { node(id: $id) { ... on Establishment {
  delegationsRequested(first: 50) { edges { node { status services { level service { code } }
  members { firstName lastName } requestedBy { lastName } decidedBy { lastName }
  centralisateur { name } delegataire { name } } } } } } }"""

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Courrier { subject type { code } } } }"

MARK = """mutation($ids: [ID!]!) { markCourriers(input: {ids: $ids, read: true}) {
  courriers { id isReadByViewer } results { errors { code } } } }"""


@pytest.mark.parametrize("letters", [2, 20])
async def test_the_inbox(database: str, letters: int) -> None:
    member = await a_member_of_many(towns=2, letters=letters)
    with counted() as seen:
        data = await ask(builders.viewer(member), INBOX)
    assert (len(data["viewer"]["courriers"]["edges"]), len(seen)) == (
        2 * letters,
        16,
    )  # two to know how far one reaches


SEARCHED = """{ viewer { courriers(first: 50, orderBy: RELEVANCE, filter: { search: "appels -zzz" }) { totalCount
  edges { node { id subject searchExtract { text isMarked } } } } } }"""


@pytest.mark.parametrize("letters", [2, 20])
async def test_a_search_with_its_extracts(database: str, letters: int) -> None:
    member = await a_member_of_many(towns=2, letters=letters)
    with counted() as seen:
        data = await ask(builders.viewer(member), SEARCHED)
    edges = data["viewer"]["courriers"]["edges"]
    assert (len(edges), len(seen)) == (2 * letters, 5)  # how far one reads, twice; page, count, where
    for edge in edges:
        assert edge["node"]["searchExtract"][0] == {"text": "Appel", "isMarked": True}


@pytest.mark.parametrize("towns", [2, 40])
async def test_the_establishments_one_reaches(database: str, towns: int) -> None:
    member = await a_member_of_many(towns=towns, letters=1)
    with counted() as seen:
        data = await ask(builders.viewer(member), DEEP)
    assert (len(data["viewer"]["establishments"]["edges"]), len(seen)) == (towns + 1, 13)


@pytest.mark.parametrize("letters", [2, 12])
async def test_the_letters_of_each_establishment_cost_a_page_each_whatever_their_number(
    database: str, letters: int
) -> None:
    member = await a_member_of_many(towns=3, letters=letters)
    with counted() as seen:
        await ask(builders.viewer(member), DEEP_COURRIERS)
    pages = 4
    assert len(seen) <= 1 + pages * 4  # the page, its models, their funds, what may be read of it


@pytest.mark.parametrize("accounts", [2, 40])
async def test_the_accounts_with_their_rights(database: str, accounts: int) -> None:
    town = await builders.establishment()
    chief = await builders.user(town, administrator=True)
    for _ in range(accounts - 1):
        await builders.user(town, rights={"COURRIERS": READ, "AUTRE": builders.MODIFY})
    with counted() as seen:
        data = await ask(builders.viewer(chief), ACCOUNTS, id=globalid.encode("Establishment", town.id))
    assert (len(data["node"]["users"]["edges"]), len(seen)) == (accounts, 6)


@pytest.mark.parametrize("towns", [2, 40])
async def test_the_delegations_with_their_members(database: str, towns: int) -> None:
    member = await a_member_of_many(towns=towns, letters=1)
    chief = await User.get(establishment_id=member.establishment_id, is_administrator=True)
    home = globalid.encode("Establishment", member.establishment_id)
    with counted() as seen:
        data = await ask(builders.viewer(chief), DELEGATIONS, id=home)
    assert (len(data["node"]["delegationsRequested"]["edges"]), len(seen)) == (
        towns,
        9,
    )  # one of them judges which delegations the viewer looks up


@pytest.mark.parametrize("letters", [2, 40])
async def test_many_nodes_at_once(database: str, letters: int) -> None:
    town = await builders.establishment()
    agent = await builders.user(town, rights={"COURRIERS": READ})
    ids = [globalid.encode("Courrier", (await builders.courrier(town)).id) for _ in range(letters)]
    with counted() as seen:
        data = await ask(builders.viewer(agent), NODES, ids=ids)
    assert ([one["id"] for one in data["nodes"]], len(seen)) == (ids, 2)


@pytest.mark.parametrize("letters", [2, 40])
async def test_marking_many_letters(database: str, letters: int) -> None:
    town = await builders.establishment()
    agent = await builders.user(town, rights={"COURRIERS": READ})
    ids = [globalid.encode("Courrier", (await builders.courrier(town)).id) for _ in range(letters)]
    with counted() as seen:
        data = await ask(builders.viewer(agent), MARK, ids=ids)
    assert [one["isReadByViewer"] for one in data["markCourriers"]["courriers"]] == [True] * letters
    sent = [one.split()[0] for one in seen]
    assert len(sent) - sent.count("SELECT") == 3, sent
    assert sent.count("SELECT") <= 6, seen


WITHOUT = """{ establishments(first: 50, filter: {withoutAdministrator: true}) { edges { node {
  name functionalEmail withoutAdministratorSince contracts { number } administrators { lastName } } } } }"""


@pytest.mark.parametrize("towns", [2, 40])
async def test_the_establishments_without_administrator(database: str, towns: int) -> None:
    for _ in range(towns):
        await builders.user(await builders.establishment())
    staff = await builders.operator()
    with counted() as seen:
        data = await ask(builders.viewer(staff), WITHOUT)
    assert (len(data["establishments"]["edges"]), len(seen)) == (towns, 4)


HEALTH = """{ establishments(first: 50) { edges { node { health { code holds message task } } } } }"""


@pytest.mark.parametrize("towns", [2, 40])
async def test_the_health_of_establishments(database: str, towns: int) -> None:
    for _ in range(towns - 1):
        await builders.user(await builders.establishment(), administrator=True)
    await builders.courrier_type()
    staff = await builders.operator()
    with counted() as seen:
        data = await ask(builders.viewer(staff), HEALTH)
    assert (len(data["establishments"]["edges"]), len(seen)) == (towns, 4)


FIND = """query($text: String!) { find(text: $text) { hasMore establishments { name } users { identifier lastName
  establishment { name } } courriers { reference establishment { name } } deletedAccounts { identifier
  establishment { name } } } }"""


@pytest.mark.parametrize("many", [2, 15])
async def test_finding_anything(database: str, many: int) -> None:
    for _ in range(many):
        town = await builders.establishment("Commune de Royan")
        await builders.user(town, last_name="Royan")
    await builders.courrier(town, reference="ROYAN")
    await builders.user(town, identifier="royan", deleted_at=clock.now())
    staff = await builders.operator()
    with counted() as seen:
        data = await ask(builders.viewer(staff), FIND, text="Royan")
    hits = {name: len(one) for name, one in data["find"].items() if isinstance(one, list)}
    here = many + 1  # the platform's own is in the same town
    assert (hits, len(seen)) == ({"establishments": here, "users": many, "courriers": 1, "deletedAccounts": 1}, 7)


WHY = """query($user: ID!, $letter: ID!) { explainAccess(userId: $user, courrierId: $letter) { allowed level
  because { code message right { level grantedBy { lastName } service { code } } delegation { status } }
  askWhom { firstName lastName } } }"""


@pytest.mark.parametrize("agreements", [1, 20])
async def test_why_a_letter_is_read(database: str, agreements: int) -> None:
    town, centre = await builders.establishment(), await builders.establishment()
    member = await builders.user(centre, rights={"COURRIERS": READ})
    for _ in range(agreements):
        await builders.delegation(centre, town, members=[member])
    letter = await builders.courrier(town)
    with counted() as seen:
        data = await ask(
            builders.viewer(member),
            WHY,
            user=globalid.encode("User", member.id),
            letter=globalid.encode("Courrier", letter.id),
        )
    assert (data["explainAccess"]["allowed"], len(data["explainAccess"]["because"])) == (True, agreements)
    assert len(seen) == 8


@pytest.mark.parametrize("people", [2, 40])
async def test_who_could_read_a_letter_on_a_day(database: str, people: int) -> None:  # R-JRN-04
    """The letter, its services, the paths, the accounts, the terms, their acceptances, how far back; what is named."""
    town, centre = await builders.establishment(), await builders.establishment(is_centralisateur=True)
    letter = await builders.courrier(town)
    chief = await builders.user(town, administrator=True)
    await builders.accounts(town, people, rights={"COURRIERS": READ})
    members = [await builders.user(centre, rights={"COURRIERS": READ}) for _ in range(people)]
    await builders.delegation(centre, town, members=members)
    asked = """query($id: ID!, $date: Date!) { readersOn(courrierId: $id, date: $date) { remark
      readers(first: 100) { totalCount edges { node { level since until user { lastName }
        establishment { name } through { centralisateur { name } } } } } } }"""
    with counted() as seen:
        data = await ask(
            builders.viewer(chief),
            asked,
            id=globalid.encode("Courrier", letter.id),
            date=clock.today().isoformat(),
        )
    assert (data["readersOn"]["readers"]["totalCount"], len(seen)) == (2 * people, 10)
