"""`GET /exports/droits.csv`: who may have it, what it holds (R-RGT-07)."""

import csv
import io

import httpx
import pytest

from backend import database as db
from backend.models import Establishment
from tests import builders
from tests.rules import tables
from tests.serving import Client, Served

ADDRESS = "/exports/droits.csv"


def rows(response: httpx.Response) -> list[list[str]]:
    assert response.status_code == 200, response.text
    text = response.content.decode()
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text[1:]), delimiter=";", strict=True))


async def a_town(server: Served) -> tuple[Client, Establishment]:
    town = await builders.establishment()
    await builders.service("COURRIERS", position=1)
    await builders.service("COTISATIONS", position=2, theme="Cotisations", label="Cotisations ; déclarations")
    await builders.service("FERMÉ", position=3, closed_on="2021-01-01")
    await builders.user(town, administrator=True, identifier="chief", first_name="Alix", last_name="Bernard")
    await builders.user(
        town,
        identifier="nadia",
        first_name="Nadia",
        last_name="Benali",
        email="=nadia@royan.example",
        rights={"COURRIERS": 2, "COTISATIONS": 1, "FERMÉ": 1},
    )
    await builders.user(town, identifier="paul", first_name="Paul", last_name="Vidal", password_hash=None)
    await builders.user(identifier="ailleurs")
    return await server.signed_in("chief"), town


async def test_the_table_as_a_spreadsheet_opens_it(server: Served) -> None:  # R-RGT-05, R-RGT-07
    chief, town = await a_town(server)
    response = await chief.http.get(ADDRESS)
    heading = ["Nom", "Prénom", "Identifiant", "Adresse de messagerie", "Profil", "État"]
    assert rows(response) == [
        [*heading, "Service COURRIERS", "Cotisations ; déclarations"],
        # What a spreadsheet would take for a formula is text.
        ["Benali", "Nadia", "nadia", "'=nadia@royan.example", "Utilisateur", "Actif", "Modification", "Lecture seule"],
        ["Bernard", "Alix", "chief", "chief@exemple.example", "Administrateur", "Actif", "Aucun", "Aucun"],
        ["Vidal", "Paul", "paul", "paul@exemple.example", "Utilisateur", "Invité", "Aucun", "Aucun"],
    ]
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith('attachment; filename="droits-')
    assert response.headers["cache-control"] == "private, no-store"
    [event] = await tables.journal("right.exported")
    assert (event["establishment_id"], event["body"]["facts"]) == (town.id, {"filters": {}})


@pytest.mark.parametrize(
    ("asked", "services", "people"),
    [
        ({"q": "NADIA"}, ["COURRIERS", "COTISATIONS"], ["nadia"]),
        ({"theme": "Cotisations"}, ["COTISATIONS"], ["nadia", "chief", "paul"]),
        ({"service": "COURRIERS"}, ["COURRIERS"], ["nadia", "chief", "paul"]),
        ({"service": "COURRIERS", "niveau": "MODIFY"}, ["COURRIERS"], ["nadia"]),
        ({"service": "COURRIERS", "niveau": "READ"}, ["COURRIERS"], []),
        ({"service": "COURRIERS", "niveau": "NONE"}, ["COURRIERS"], ["chief", "paul"]),
        ({"niveau": "READ"}, ["COURRIERS", "COTISATIONS"], ["nadia"]),
        ({"niveau": "tout"}, ["COURRIERS", "COTISATIONS"], ["nadia", "chief", "paul"]),
    ],
)
async def test_the_filters_of_the_screen(
    server: Served, asked: dict[str, str], services: list[str], people: list[str]
) -> None:  # R-RGT-07
    chief, _ = await a_town(server)
    heading, *lines = rows(await chief.http.get(ADDRESS, params=asked))
    labels = {"COURRIERS": "Service COURRIERS", "COTISATIONS": "Cotisations ; déclarations"}
    assert (heading[6:], [one[2] for one in lines]) == ([labels[one] for one in services], people)
    [event] = await tables.journal("right.exported")
    assert event["body"]["facts"] == {"filters": asked}


async def test_three_hundred_accounts_come_page_after_page(server: Served) -> None:  # R-RGT-07
    chief, town = await a_town(server)
    for number in range(247):
        await builders.user(town, last_name=f"Nom {number:03d}", rights={"COURRIERS": 1} if number % 2 else {})
    db.statements.seen = []
    found = rows(await chief.http.get(ADDRESS))
    sent, db.statements.seen = db.statements.seen, None
    assert len(found) == 1 + 250
    assert found[1:] == sorted(found[1:], key=lambda one: one[0].casefold())
    assert sum(one[6] == "Lecture seule" for one in found) == 123
    assert sum("FROM users u" in one and "ORDER BY u.sort_name" in one for one in sent) == 3


async def test_it_is_for_administrators_alone(server: Served) -> None:  # R-ACC-02, R-RGT-07
    await a_town(server)
    boss = await builders.operator()
    told = [(await (await server.signed_in(one)).http.get(ADDRESS)).status_code for one in ("nadia", boss.identifier)]
    _, secret = await builders.api_client()
    told.append((await server.anybody(authorization=f"Bearer {secret}").http.get(ADDRESS)).status_code)
    told.append((await server.anybody().http.get(ADDRESS)).status_code)
    assert told == [403, 403, 403, 401]
    assert await tables.journal("right.exported") == []
