"""The journal as a file: the same lists and rights as in the graph, harmless in a spreadsheet, itself journaled."""

import csv
import io
from typing import Any

import pytest

from backend import database as db
from backend.models import Establishment, User
from backend.rules import globalid, journal
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables
from tests.serving import Client, Served


class World:
    """A town with an administrator and an agent whose name is a formula; and somebody elsewhere."""

    async def build(self) -> "World":
        self.town = await builders.establishment("Commune de Royan")
        self.chief = await builders.user(self.town, administrator=True, identifier="chief", last_name="Martin")
        self.agent = await builders.user(self.town, identifier="agent", first_name="=CMD()", last_name="Durand")
        self.stranger = await builders.user(identifier="stranger", administrator=True)
        self.operator = await builders.operator()
        async with db.transaction():
            for number in range(250):
                journal.record(
                    builders.viewer(self.agent),
                    journal.Event(
                        "user.renewed", establishment_id=self.town.id, subject=("User", self.agent.id),
                        changes={"phone": (None, f"+33{number:06d}")},
                    ),
                )  # fmt: skip
        return self

    def of(self, what: User | Establishment) -> str:
        return globalid.encode(type(what).__name__, what.id)


async def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    answer = await client.http.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))


@pytest.fixture
async def world(server: Served) -> World:
    return await World().build()


async def test_an_administrator_takes_the_whole_list(server: Served, world: World) -> None:  # R-JRN-02
    chief = await server.signed_in("chief")
    rows = await rows_of(chief, f"/journal.csv?etablissement={world.of(world.town)}&categorie=ACCOUNTS")
    assert len(rows) == 250
    assert rows[0]["Évènement"] == "'=CMD() Durand a renouvelé son propre compte"
    assert rows[0]["Auteur"] == "'=CMD() Durand"
    assert rows[0]["Changements"] == "Téléphone : — → +33000249"
    assert [row["Référence"] for row in rows] == sorted((row["Référence"] for row in rows), key=int, reverse=True)
    assert {row["Catégorie"] for row in rows} == {"Comptes"}


async def test_in_what_capacity_is_a_column(server: Served, world: World) -> None:  # R-DEL-07
    centre = await builders.establishment("Centre de gestion", is_centralisateur=True)
    member = await builders.user(centre, identifier="member", first_name="Léo", last_name="Petit")
    agreement = await builders.delegation(centre, world.town, members=[member])
    async with db.transaction():
        journal.record(
            builders.viewer(member),
            journal.Event(
                "courrier.opened", establishment_id=centre.id, on_behalf_of_id=world.town.id,
                delegation_id=agreement.id,
            ),
        )  # fmt: skip
    chief = await server.signed_in("chief")
    [opened, *_] = rows = await rows_of(chief, f"/journal.csv?etablissement={world.of(world.town)}&categorie=COURRIERS")
    assert len(rows) == 1
    capacity = {name: opened[name] for name in ("Auteur", "Établissement", "À quel titre", "Pour le compte de")}
    assert list(capacity.values()) == ["Léo Petit", "Centre de gestion", "Par délégation", "Commune de Royan"]
    assert opened["Évènement"].startswith("Léo Petit (Centre de gestion) a ouvert")
    others = await rows_of(chief, f"/journal.csv?etablissement={world.of(world.town)}&categorie=ACCOUNTS")
    assert {row["À quel titre"] for row in others} == {""}


async def test_no_cell_is_a_formula(server: Served, world: World) -> None:
    chief = await server.signed_in("chief")
    rows = await rows_of(chief, f"/journal.csv?etablissement={world.of(world.town)}")
    dangerous = [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert dangerous == []


async def test_taking_it_away_is_an_event(server: Served, world: World) -> None:  # R-JRN-01
    chief = await server.signed_in("chief")
    address = f"/journal.csv?etablissement={world.of(world.town)}&categorie=RIGHTS&du=2026-01-01"
    assert (await chief.http.head(address)).status_code == 200
    assert await tables.journal("journal.exported") == [], "asking whether it is there takes nothing"
    await rows_of(chief, address)
    [event] = await tables.journal("journal.exported")
    assert (event["actor_id"], event["establishment_id"]) == (world.chief.id, world.town.id)
    assert event["body"]["facts"] == {"categorie": "RIGHTS", "du": "2026-01-01"}


async def test_each_takes_what_they_read_and_nothing_else(server: Served, world: World) -> None:  # R-JRN-02
    clients: dict[str, Client] = {
        "nobody": server.anybody(),
        "program": server.anybody(authorization=f"Bearer {(await builders.api_client())[1]}"),
        **{who: await server.signed_in(who) for who in ("chief", "agent", "stranger")},
        "operator": await server.signed_in(world.operator.identifier),
    }
    town, agent = f"etablissement={world.of(world.town)}", f"compte={world.of(world.agent)}"
    answers: dict[str, Any] = {
        who: [(await client.http.get(f"/journal.csv?{asked}")).status_code for asked in (town, agent, "")]
        for who, client in clients.items()
    }
    assert answers == {
        "nobody": [401, 401, 401],
        "program": [401, 401, 401],
        "chief": [200, 200, 404],
        "agent": [404, 200, 404],
        "stranger": [404, 404, 404],
        "operator": [200, 200, 200],
    }


@pytest.mark.parametrize("asked", ["du=hier", "compte=x", "etablissement=VXNlcjox", "categorie=x", "au=2026-02-30"])
async def test_an_address_that_names_nothing_is_told_so(server: Served, world: World, asked: str) -> None:
    operator = await server.signed_in(world.operator.identifier)
    answer = await operator.http.get(f"/journal.csv?{asked}")
    assert answer.status_code == (200 if asked == "categorie=x" else 400 if "VXN" not in asked else 200)


async def test_who_must_first_do_something_takes_their_own_only(server: Served, world: World) -> None:  # R-CGU-02
    from backend.web.journal import _asked

    held_back = Viewer(user_id=world.agent.id, held_back="ACCEPT_TERMS")
    assert await _asked(held_back, {"compte": world.of(world.agent)}) is not None
    assert await _asked(held_back, {"etablissement": world.of(world.town)}) is None
    assert await _asked(held_back, {}) is None
