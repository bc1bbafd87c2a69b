"""Who may see what: the SQL of `access` against a plain reading of the rules, on random small worlds.

R-COU-05, R-DEL-04 to 08, R-RGT-01, R-RGT-05, R-CGU-02, R-JRN-02, and R-ACC-12, 14, 17 for accounts.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.reads import delegation
from backend.rules import access
from backend.rules.viewer import Viewer
from tests.rules.access_worlds import (
    ESTABLISHMENTS,
    NOON,
    SERVICES,
    USERS,
    WITH_TERMS,
    Account,
    Agreement,
    Letter,
    World,
    acts_through,
    agreement_status,
    build,
    events,
    held,
    held_back,
    is_in_force,
    reach,
    reads,
    reads_event,
    sees_acceptance,
    sees_account,
    sees_agreement,
    sees_establishment,
    sees_letter,
    status,
)


def viewer(world: World, user: int) -> Viewer:
    """Somebody signed in; who must see the terms accepted first is nobody but themselves (R-CGU-02)."""
    one, held_by = world.accounts[user], held_back(world, user)
    if held_by:
        return Viewer(user_id=user + 1, session_id=1, held_back=held_by)
    return Viewer(
        user_id=user + 1,
        establishment_id=one.home + 1,
        is_administrator=one.is_administrator,
        is_operator=one.is_operator,
    )


OTHERWISE = {"documents one by one": partial(access.documents, one_by_one=True)}
"""The same sets, said in another way for a reader of another size."""


BOTH_WAYS = ("establishments", "these establishments")


async def allowed(table: str, condition: object, who: Viewer, column: str = "id") -> set[int]:
    """The numbers of a table's rows that a condition of `access` lets through."""
    sql = Sql()
    text = condition(sql, who, "x")  # type: ignore[operator]
    sql.add(f"SELECT x.{column} AS number FROM {table} x WHERE {text}")
    return {one["number"] - 1 for one in await db.rows(sql)}


async def sets_of(who: Viewer) -> dict[str, set[int]]:
    """Everything somebody sees, by the statements of `access`."""
    return {
        "documents": await allowed("courriers", access.documents, who),
        "courriers": await allowed("courriers", access.courriers, who),
        **{name: await allowed("courriers", said, who) for name, said in OTHERWISE.items()},
        "establishments": await allowed("establishments", access.establishments, who),
        "these establishments": await allowed("establishments", partial(access.establishments, one_by_one=True), who),
        "users": await allowed("users", access.users, who),
        "delegations": await allowed("delegations", access.delegations, who),
        "acceptances": await allowed("terms_acceptances", access.terms_acceptances, who, "establishment_id"),
        "events": await allowed("audit_events", access.audit_events, who),
    }


def sets_in(world: World, user: int) -> dict[str, set[int]]:
    """The same, read plainly."""
    acceptances = {one for one in world.accepted_at if sees_acceptance(world, user, one)}
    told = events(world)
    if held_back(world, user):
        return {
            **{name: set() for name in ("documents", "courriers", *OTHERWISE, *BOTH_WAYS, "delegations")},
            "users": {user} - {one for one in USERS if world.accounts[one].is_deleted},
            "acceptances": acceptances,
            "events": {n for n, one in enumerate(told) if one.actor == user or one.subject == ("User", user)},
        }
    letters = range(len(world.letters))
    read = {one for one in letters if reads(world, user, world.letters[one])}
    houses = {one for one in ESTABLISHMENTS if sees_establishment(world, user, one)}
    return {
        "documents": read,
        **dict.fromkeys(OTHERWISE, read),
        "courriers": {one for one in letters if sees_letter(world, user, world.letters[one])},
        **dict.fromkeys(BOTH_WAYS, houses),
        "users": {one for one in USERS if sees_account(world, user, one)},
        "delegations": {one for one in range(len(world.agreements)) if sees_agreement(world, user, one)},
        "acceptances": acceptances if world.terms_since is not None else set(),
        "events": {number for number, one in enumerate(told) if reads_event(world, user, one)},
    }


async def agrees(world: World) -> None:
    """Every viewer and every object: the statement and the plain reading say the same."""
    await build(world)
    for user in USERS:
        who = viewer(world, user)
        assert await sets_of(who) == sets_in(world, user), who
        if who.held_back is None:
            await levels_agree(world, user, who)
        await capacities_agree(world, user, who)
        await sides_agree(world, user, who)
    await statuses_agree(world)
    for number in range(2):
        program = Viewer(api_client_id=number + 1, scopes=frozenset({access.DEPOSIT_COURRIERS}))
        own = {one for one, letter in enumerate(world.letters) if letter.client == number}
        assert await allowed("courriers", access.courriers, program) == own
    for establishment in ESTABLISHMENTS:
        for service in SERVICES:
            sql = Sql()
            text = access.readers(sql, sql.bind(establishment + 1), sql.bind(service + 1))
            found = {one["user_id"] - 1 for one in await db.rows(sql.add(text))}
            assert found == {user for user in USERS if reach(world, user, establishment, service)}


async def levels_agree(world: World, user: int, who: Viewer) -> None:
    """What somebody reaches, at which level and through what (R-DEL-05, R-DEL-06)."""
    sql = Sql()
    sql.add(f"SELECT * FROM ({access.reach(sql, who)}) r")
    levels: dict[tuple[int, int], dict[int | None, int]] = {}
    for row in await db.rows(sql):
        levels.setdefault((row["establishment_id"] - 1, row["service_id"] - 1), {})[_through(row)] = row["level"]
    assert levels == {
        (establishment, service): found
        for establishment in ESTABLISHMENTS
        for service in SERVICES
        if (found := reach(world, user, establishment, service))
    }, who
    for establishment in ESTABLISHMENTS:
        sql = Sql()
        there = f"CAST({sql.bind(establishment + 1)} AS BIGINT)"
        sql.add(f"SELECT * FROM ({access.reach(sql, who, there)}) r")
        found = {(row["service_id"] - 1, _through(row)): row["level"] for row in await db.rows(sql)}
        expected = {
            (service, at): level
            for service in SERVICES
            for at, level in levels.get((establishment, service), {}).items()
        }
        assert found == expected, who
    sql = Sql()
    sql.add(f"SELECT * FROM ({access.levels_held(sql, who)}) h")
    assert {(_through(row), row["service_id"] - 1): row["level"] for row in await db.rows(sql)} == held(world, user)


def _through(row: db.Row) -> int | None:
    return None if row["delegation_id"] is None else row["delegation_id"] - 1


async def capacities_agree(world: World, user: int, who: Viewer) -> None:
    """Whether each letter is read, and through what (R-COU-05, R-DEL-07)."""
    elsewhere = {}
    for number, letter in enumerate(world.letters):
        may = who.held_back is None and reads(world, user, letter)
        ways = reach(world, user, letter.to, letter.service) if may else {}
        through = None if None in ways or not ways else min(ways) + 1  # type: ignore[type-var]
        assert await access.capacity(who, number + 1) == (bool(ways), through), (who, letter)
        ways = reach(world, user, letter.to, letter.service) if who.held_back is None else {}
        if ways and None not in ways:
            elsewhere[number + 1] = (letter.to + 1, min(ways) + 1)  # type: ignore[type-var]
    assert await access.through(who, range(1, len(world.letters) + 1)) == elsewhere


async def sides_agree(world: World, user: int, who: Viewer) -> None:
    """What somebody administers of each delegation, and whom they may act for (R-DEL-02, R-DEL-06)."""
    me, columns = world.accounts[user], (access.CENTRALISATEUR, access.DELEGATAIRE)
    rows = await delegation.named([one + 1 for one in range(len(world.agreements))])
    for one, row in zip(world.agreements, rows, strict=True):
        assert row is not None
        at_home = {column for column, party in zip(columns, one.parties, strict=True) if party == me.home}
        mine = at_home if me.is_administrator and who.held_back is None else set()
        assert access.sides(who, row) == mine
        decides = agreement_status(one) != "PENDING" or who.is_operator or access.DELEGATAIRE in mine
        assert access.sees_impact(who, row) == decides
    for establishment in ESTABLISHMENTS:
        ways = [
            number + 1
            for number, one in enumerate(world.agreements)
            if who.held_back is None and acts_through(world, user, number) and one.parties[1] == establishment
        ]
        assert await access.delegation_to(who, establishment + 1) == min(ways, default=None)


async def statuses_agree(world: World) -> None:
    """What is derived at this instant: of delegations (R-DEL-04), and of accounts (R-ACC-08, R-CGU-02)."""
    rows = await delegation.named([one + 1 for one in range(len(world.agreements))])
    told = [(row["status"], access.is_in_force(row)) for row in rows if row is not None]
    assert told == [(agreement_status(one), is_in_force(one)) for one in world.agreements]
    sql = Sql("SELECT u.id,")
    sql.add(f"{access.status(sql, 'u')} AS status, {access.can_sign_in(sql, 'u')} AS able,")
    sql.add(f"{access.held_back(sql, 'u')} AS held_back FROM users u")
    statuses = {one["id"] - 1: (one["status"], bool(one["able"]), one["held_back"]) for one in await db.rows(sql)}
    said = {user: status(world.accounts[user]) for user in USERS}
    assert statuses == {user: (one, one == "ACTIVE", held_back(world, user)) for user, one in said.items()}


@contextmanager
def opened(url: str) -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner, clock.moved_to(NOON):
        runner.run(db.open_database(url))
        try:
            yield runner
        finally:
            runner.run(db.close_database())


def _holds(url: str, examples: int) -> None:
    with opened(url) as runner:

        @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
        @given(WITH_TERMS)
        def holds(world: World) -> None:
            runner.run(agrees(world))

        holds()


def test_every_viewer_sees_what_the_rules_say_on_sqlite(sqlite_url: str) -> None:  # R-COU-05, R-DEL-05, R-RGT-01
    _holds(sqlite_url, 150)


@pytest.mark.postgres
def test_every_viewer_sees_what_the_rules_say_on_postgresql(postgres_url: str) -> None:
    _holds(postgres_url, 40)


async def test_nobody_sees_nothing(database: str) -> None:  # R-COU-05
    nobody, program = Viewer(), Viewer(api_client_id=1)
    world = World(
        accounts=(Account(0, True, False, True, False, 30, None, (2, 2, 2)),) * 4,
        services=((-1, None),) * 3,
        agreements=(Agreement((0, 1), "ACCEPTED", None, None, (2, 2, 2), frozenset({0})),),
        letters=(Letter(0, 0, "available", 0), Letter(1, 1, "available", None)),
    )
    await build(world)
    seen = [
        await allowed(table, condition, who)
        for who in (nobody, program)
        for table, condition in (
            ("courriers", access.documents),
            ("courriers", access.courriers),
            ("establishments", access.establishments),
            ("users", access.users),
            ("delegations", access.delegations),
        )
    ]
    assert (seen, await access.capacity(nobody, 1)) == ([set()] * 10, (False, None))
