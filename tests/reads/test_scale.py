"""An establishment with 3,000 accounts: what its administrator does costs the statements that it costs with 3."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.models import Establishment, User
from backend.rules import globalid, session
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.documents import document
from tests.reads.test_statements import ask, counted

FEW, MANY = 3, 3_000
PAGE = 25
RIGHTS = {"COURRIERS": builders.READ, "AUTRE": builders.MODIFY}

ACCOUNTS = document("user/accounts.tsx", "Accounts")
MATRIX = document("user/matrix.tsx", "RightsTable")
TO_RENEW = document("user/renewal.tsx", "AccountsToRenew")


@dataclass(frozen=True)
class Town:
    """An establishment, its administrator, and its other accounts."""

    establishment: Establishment
    chief: User
    agents: Sequence[int]

    @property
    def viewer(self) -> Viewer:
        return builders.viewer(self.chief)

    def named(self, number: int) -> list[str]:
        """Some of its other accounts, as a client names them."""
        return [globalid.encode("User", one) for one in self.agents[:number]]


async def a_town(agents: int) -> Town:
    town = await builders.establishment()
    chief = await builders.user(town, administrator=True, rights=RIGHTS, expires_on=clock.today())
    return Town(town, chief, await builders.accounts(town, agents, rights=RIGHTS))


async def signed_in(town: Town) -> Viewer:
    """Its administrator with a session, which a change judges anew before it answers."""
    opened = await session.log_in(town.chief.identifier, builders.PASSWORD, session.TOKEN, Origin())
    found = await session.authenticate(opened.secret or "", Origin())
    assert found is not None
    return found


async def a_village_and_a_hospital() -> tuple[Town, Town]:
    return await a_town(FEW), await a_town(MANY)


async def test_three_thousand_accounts_are_inserted_in_no_time(database: str) -> None:
    """So that the tests below can afford them."""
    start = time.monotonic()
    town = await a_town(MANY)
    assert time.monotonic() - start < 5
    assert await User.filter(establishment_id=town.establishment.id).count() == MANY + 1


# ---------------------------------------------------------------- pages

PAGES: dict[str, tuple[str, dict[str, Any], int, tuple[int, int]]] = {
    "by name": (ACCOUNTS, {"orderBy": "NAME_ASC"}, 5, (4, 3_001)),
    "by expiry": (ACCOUNTS, {"orderBy": "EXPIRES_ASC"}, 5, (4, 3_001)),
    "by last sign-in": (ACCOUNTS, {"orderBy": "LAST_LOGIN_DESC"}, 5, (4, 3_001)),
    "newest first": (ACCOUNTS, {"orderBy": "CREATED_DESC"}, 5, (4, 3_001)),
    "search": (ACCOUNTS, {"filter": {"search": "Durand Frédérique"}}, 5, (3, 3_000)),
    "of a status": (ACCOUNTS, {"filter": {"status": ["ACTIVE"]}}, 5, (4, 3_001)),
    "of a profile": (ACCOUNTS, {"filter": {"profile": "USER"}}, 5, (3, 3_000)),
    "of a service": (ACCOUNTS, {"filter": {"service": "AUTRE", "level": "MODIFY"}}, 5, (4, 3_001)),
    "that expire soon": (ACCOUNTS, {"orderBy": "EXPIRES_ASC", "filter": {"expiresWithin": 60}}, 5, (4, 541)),
    "matrix": (MATRIX, {}, 6, (4, 3_001)),
    "matrix of a service": (MATRIX, {"filter": {"service": "AUTRE", "level": "MODIFY"}}, 6, (4, 3_001)),
    "to renew": (TO_RENEW, {"within": 60}, 3, (4, 541)),
}
"""What is asked, the statements it costs, and the rows there are in the village and in the hospital."""


def accounts_of(data: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = data["viewer"]
    return found["accountsToRenew"] if "accountsToRenew" in found else found["actingFor"]["users"]


async def test_a_page_costs_the_same_statements(database: str) -> None:
    village, hospital = await a_village_and_a_hospital()
    told = {}
    for name, (query, given, _, _) in PAGES.items():
        costs, totals = [], []
        for town in (village, hospital):
            with counted() as seen:
                data = await ask(town.viewer, query, first=PAGE, **given)
            costs.append(len(seen))
            totals.append(accounts_of(data)["totalCount"])
            assert len(accounts_of(data)["edges"]) == min(totals[-1], PAGE)
        told[name] = (costs, tuple(totals))
    assert told == {name: ([cost, cost], totals) for name, (_, _, cost, totals) in PAGES.items()}


async def test_the_last_page_costs_what_the_first_one_does(database: str) -> None:
    town = await a_town(MANY)
    costs = []
    for given in ({"first": PAGE}, {"last": PAGE}):
        with counted() as seen:
            data = await ask(town.viewer, ACCOUNTS, orderBy="NAME_ASC", **given)
        assert len(accounts_of(data)["edges"]) == PAGE
        costs.append(len(seen))
    assert costs == [5, 5]


# ---------------------------------------------------------------- changes


def a_file(lines: int) -> str:
    people = [f"Zoé;Lefèvre {one};zoe-{one}@royan.example;Lecture seule" for one in range(lines)]
    return "\n".join(["prénom;nom;courriel;COURRIERS", *people])


def changes(town: Town, number: int) -> dict[str, Any]:
    """What each change is told about so many accounts."""
    return {
        "RenewUsers": {"ids": town.named(number)},
        "SetRights": {
            "userIds": town.named(number),
            "rights": [{"service": "COURRIERS", "level": "NONE"}, {"service": "AUTRE", "level": "READ"}],
        },
        "DeleteUsers": {"ids": town.named(number)},
        "ImportUsers": {
            "establishmentId": globalid.encode("Establishment", town.establishment.id),
            "csv": a_file(number),
            "dryRun": True,
        },
    }


COSTS = {
    "RenewUsers": (500, {"sqlite": 10, "postgres": 12}),
    "SetRights": (500, {"sqlite": 15, "postgres": 17}),
    "DeleteUsers": (100, {"sqlite": 21, "postgres": 23}),
    "ImportUsers": (1_000, {"sqlite": 8, "postgres": 9}),
}
"""For how many accounts each change is asked, and the statements it costs: PostgreSQL has locks to be told to take."""


@pytest.mark.parametrize("operation", COSTS)
async def test_a_change_costs_the_same_statements(database: str, operation: str) -> None:
    number, cost = COSTS[operation]
    village, hospital = await a_village_and_a_hospital()
    costs = []
    for town, several in ((village, FEW), (hospital, number)):
        given, viewer = changes(town, several)[operation], await signed_in(town)
        with counted() as seen:
            [told] = (await ask(viewer, document("user/changes.ts", operation), input=given)).values()
        costs.append(len(seen))
        items = told["lines"] if operation == "ImportUsers" else told["results"]
        assert (len(items), told["errors"], [one for one in items if one["errors"]]) == (several, [], [])
        assert len(told.get("users", items)) == several  # as they are now, to who is still signed in
    assert costs == [cost[db.dialect()]] * 2


# ---------------------------------------------------------------- plans

IN_ORDER = {
    "by name": "users_by_name",
    "by expiry": "users_by_expiry",
    "search": "users_by_name",
    "of a status": "users_by_name",
    "of a profile": "users_by_name",
    "of a service": "users_by_name",
    "that expire soon": "users_by_expiry",
    "matrix": "users_by_name",
    "matrix of a service": "users_by_name",
}
"""The pages that are read in the order of an index, which stops at the page's last row: nothing is sorted."""


async def plans(monkeypatch: pytest.MonkeyPatch, viewer: Viewer, query: str, **given: Any) -> list[list[str]]:
    """How the database goes about each statement on accounts that a query sends: the page's is the first."""
    sent: list[Sql] = []
    rows = db.rows

    async def spied(statement: str | Sql, values: Sequence[Any] = ()) -> list[db.Row]:
        if isinstance(statement, Sql) and "FROM users u" in statement.text():
            sent.append(statement)
        return await rows(statement, values)

    with monkeypatch.context() as patched:
        patched.setattr(db, "rows", spied)
        await ask(viewer, query, first=PAGE, **given)
    sent.sort(key=lambda one: "count(*)" in one.text())
    explain, told = ("EXPLAIN", "QUERY PLAN") if db.dialect() == "postgres" else ("EXPLAIN QUERY PLAN", "detail")
    return [
        [one[told].strip() for one in await rows(f"{explain} {statement.text()}", statement.values)]
        for statement in sent
    ]


async def test_a_page_is_read_by_an_index(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hospital = await a_town(MANY)
    await a_town(2 * MANY)
    on_postgres = db.dialect() == "postgres"
    if on_postgres:
        await db.execute("ANALYZE")
    for name, (query, given, _, _) in PAGES.items():
        page, *others = await plans(monkeypatch, hospital.viewer, query, **given)
        assert others, name  # how many there are in all
        index = IN_ORDER.get(name)
        if on_postgres:
            if name in {"by name", "by expiry", "matrix"}:  # the others depend on what it guesses of the rows
                assert any(f"using {index} on users u" in line for line in page), (name, page)
                assert not any(line.startswith("Sort Key") for line in page), (name, page)
            continue
        for plan in (page, *others):
            assert not any(line.split()[:2] == ["SCAN", "u"] for line in plan), (name, plan)
        if index:
            assert any(line.startswith(f"SEARCH u USING INDEX {index} (establishment_id=?") for line in page), page
            assert "USE TEMP B-TREE FOR ORDER BY" not in page, (name, page)
