"""Who may see what: the SQL of `access` against a plain reading of the rules, on random small worlds.

R-COU-05, R-DEL-05, R-DEL-06, R-RGT-01, R-RGT-05, and R-ACC-12, 14, 17 for accounts.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access
from backend.rules.viewer import Viewer

NOON = datetime.fromisoformat("2026-06-15T12:00+02:00")
TODAY = date(2026, 6, 15)
DAYS = st.sampled_from([-30, -1, 0, 1, 30])
MAYBE = st.none() | DAYS
ESTABLISHMENTS, USERS, SERVICES = range(3), range(4), range(3)


@dataclass(frozen=True)
class Account:
    home: int
    is_administrator: bool
    is_operator: bool
    has_password: bool
    is_deleted: bool
    expires_in: int
    locked_since: int | None
    """In minutes."""
    rights: tuple[int, ...]


@dataclass(frozen=True)
class Agreement:
    parties: tuple[int, int]
    status: str
    starts: int | None
    ends: int | None
    granted: tuple[int | None, ...]
    members: frozenset[int]


@dataclass(frozen=True)
class Letter:
    to: int
    service: int
    state: str
    client: int | None


@dataclass(frozen=True)
class World:
    accounts: tuple[Account, ...]
    services: tuple[tuple[int, int | None], ...]
    agreements: tuple[Agreement, ...]
    letters: tuple[Letter, ...]


LEVELS = st.sampled_from([0, 1, 1, 2])
ACCOUNTS = st.builds(
    Account,
    home=st.sampled_from(ESTABLISHMENTS),
    is_administrator=st.booleans(),
    is_operator=st.sampled_from([False, False, False, True]),
    has_password=st.sampled_from([True, True, False]),
    is_deleted=st.sampled_from([False, False, False, True]),
    expires_in=DAYS,
    locked_since=st.none() | st.sampled_from([0, 29, 30, 31]),
    rights=st.tuples(LEVELS, LEVELS, LEVELS),
)
AGREEMENTS = st.builds(
    Agreement,
    parties=st.permutations(ESTABLISHMENTS).map(lambda order: (order[0], order[1])),
    status=st.sampled_from(["ACCEPTED"] * 4 + ["PENDING", "REFUSED", "WITHDRAWN", "ENDED", "EXPIRED"]),
    starts=st.none() | st.sampled_from([-30, -1, 0, 1]),
    ends=st.none() | st.sampled_from([-1, 0, 1, 30]),
    granted=st.tuples(*[st.sampled_from([None, 1, 1, 2])] * 3),
    members=st.frozensets(st.sampled_from(USERS)),
).filter(lambda one: one.starts is None or one.ends is None or one.starts <= one.ends)
LETTERS = st.builds(
    Letter,
    to=st.sampled_from(ESTABLISHMENTS),
    service=st.sampled_from(SERVICES),
    state=st.sampled_from(["available", "available", "deferred", "withdrawn"]),
    client=st.none() | st.sampled_from([0, 1]),
)
WORLDS = st.builds(
    World,
    accounts=st.tuples(*[ACCOUNTS] * len(USERS)),
    services=st.tuples(*[st.tuples(st.sampled_from([-30, -1, -1, 0, 1]), st.none() | MAYBE)] * len(SERVICES)),
    agreements=st.lists(AGREEMENTS, max_size=4).map(tuple),
    letters=st.lists(LETTERS, min_size=1, max_size=5).map(tuple),
)


# ---------------------------------------------------------------- the rules, read plainly


def is_online(world: World, service: int) -> bool:
    """R-RGT-05."""
    since, closed = world.services[service]
    return since <= 0 and (closed is None or closed > 0)


def is_in_force(one: Agreement) -> bool:
    """R-DEL-04."""
    begun = one.starts is None or one.starts <= 0
    return one.status == "ACCEPTED" and begun and (one.ends is None or one.ends >= 0)


def acts_through(world: World, user: int, number: int) -> bool:
    """R-DEL-05, R-DEL-06: a member, of the centralisateur, while the delegation is in force."""
    one = world.agreements[number]
    return is_in_force(one) and user in one.members and world.accounts[user].home == one.parties[0]


def reach(world: World, user: int, establishment: int, service: int) -> dict[int | None, int]:
    """Through what (None: at home) a person reaches a service of an establishment, and at which level."""
    own = world.accounts[user].rights[service]
    if own == 0 or not is_online(world, service):
        return {}
    found: dict[int | None, int] = {}
    if world.accounts[user].home == establishment:
        found[None] = own
    for number, one in enumerate(world.agreements):
        granted = one.granted[service]
        if acts_through(world, user, number) and one.parties[1] == establishment and granted is not None:
            found[number] = min(own, granted)
    return found


def reads(world: World, user: int, letter: Letter) -> bool:
    """R-COU-05."""
    return letter.state == "available" and bool(reach(world, user, letter.to, letter.service))


def sees_letter(world: World, user: int, letter: Letter) -> bool:
    return world.accounts[user].is_operator or reads(world, user, letter)


def sees_establishment(world: World, user: int, establishment: int) -> bool:
    me = world.accounts[user]
    through = any(
        one.parties[1] == establishment
        for number, one in enumerate(world.agreements)
        if acts_through(world, user, number)
    )
    other_party = me.is_administrator and any(
        me.home in one.parties and establishment in one.parties for one in world.agreements
    )
    return me.is_operator or me.home == establishment or through or other_party


def sees_account(world: World, user: int, other: int) -> bool:
    """R-ACC-12, R-ACC-17."""
    me, them = world.accounts[user], world.accounts[other]
    if them.is_deleted:
        return False
    at_home = me.home == them.home and (me.is_administrator or them.is_administrator)
    return me.is_operator or user == other or at_home


def sees_agreement(world: World, user: int, number: int) -> bool:
    me, one = world.accounts[user], world.agreements[number]
    return me.is_operator or user in one.members or (me.is_administrator and me.home in one.parties)


def status(one: Account) -> str:
    """R-ACC-03, 08, 12, 14."""
    if one.is_deleted:
        return "DELETED"
    if one.expires_in < 0:
        return "EXPIRED"
    if not one.has_password:
        return "INVITED"
    return "LOCKED" if one.locked_since is not None and one.locked_since < 30 else "ACTIVE"


# ---------------------------------------------------------------- the same world, in the database


def day(offset: int | None) -> str | None:
    return None if offset is None else (TODAY + timedelta(days=offset)).isoformat()


def ago(**lengths: int) -> int:
    return int(clock.to_microseconds(NOON - timedelta(**lengths)))


TABLES = (
    "courriers courrier_types documents api_clients delegation_members delegation_services delegations rights users "
    "issued_identifiers services establishments funds"
).split()


async def build(world: World) -> None:
    """Rows whose ids are the numbers of the world plus one."""
    now = ago()
    async with db.transaction():
        for table in TABLES:
            await db.execute(f"DELETE FROM {table}")
        await db.insert_many("funds", ("code", "label", "position"), [("CNRACL", "CNRACL", 1)])
        await db.insert_many(
            "establishments",
            "id siret name sort_name search_text category postal_code city departement is_centralisateur is_platform "
            "registered_on".split(),
            [
                (one + 1, f"{one:014d}", f"e{one}", f"e{one}", "", "COMMUNE", "1", "R", "17", True, False, "2020-01-01")
                for one in ESTABLISHMENTS
            ],
        )
        await db.insert_many(
            "services",
            "id code label description theme position is_delegable online_since closed_on".split(),
            [
                (number + 1, f"S{number}", "s", "d", "t", number, True, day(since), day(closed))
                for number, (since, closed) in enumerate(world.services)
            ],
        )
        await db.insert_many(
            "users",
            "id establishment_id identifier first_name last_name sort_name search_text email email_key "
            "is_administrator is_operator password_hash created_at expires_on failed_sign_ins locked_at "
            "deleted_at".split(),
            [
                (
                    number + 1,
                    one.home + 1,
                    f"u{number}",
                    "f",
                    "l",
                    f"l{number}",
                    "",
                    f"u{number}@x",
                    f"u{number}@x",
                    one.is_administrator,
                    one.is_operator,
                    "hash" if one.has_password else None,
                    now,
                    day(one.expires_in),
                    0,
                    None if one.locked_since is None else ago(minutes=one.locked_since),
                    now if one.is_deleted else None,
                )
                for number, one in enumerate(world.accounts)
            ],
        )
        await db.insert_many(
            "rights",
            "user_id service_id level granted_at".split(),
            [
                (number + 1, service + 1, one.rights[service], now)
                for number, one in enumerate(world.accounts)
                for service in SERVICES
                if one.rights[service]
            ],
        )
        await db.insert_many(
            "delegations",
            "id centralisateur_id delegataire_id status requested_by_id requested_at decided_at refusal_reason "
            "starts_on ends_on".split(),
            [
                (
                    number + 1,
                    one.parties[0] + 1,
                    one.parties[1] + 1,
                    one.status,
                    1,
                    now,
                    now,
                    "Non." if one.status == "REFUSED" else None,
                    day(one.starts),
                    day(one.ends),
                )
                for number, one in enumerate(world.agreements)
            ],
        )
        await db.insert_many(
            "delegation_services",
            "delegation_id service_id level_asked level_granted".split(),
            [
                (number + 1, service + 1, 2, one.granted[service])
                for number, one in enumerate(world.agreements)
                for service in SERVICES
            ],
        )
        await db.insert_many(
            "delegation_members",
            "delegation_id user_id added_at added_by_id".split(),
            [
                (number + 1, user + 1, now, 1)
                for number, one in enumerate(world.agreements)
                for user in sorted(one.members)
            ],
        )
        await db.insert_many(
            "api_clients",
            "id name token_hash scopes created_at".split(),
            [(number + 1, f"c{number}", f"{number}", "DEPOSIT_COURRIERS", now) for number in range(2)],
        )
        await db.insert_many("documents", ("id", "media_type"), [(1, "application/pdf")])
        await db.insert_many(
            "courrier_types",
            "id code label fund_id service_id channel notifies_by_email retention_months available_since".split(),
            [(one + 1, f"T{one}", "t", "CNRACL", one + 1, "DIGITAL", True, 120, "2022-01-01") for one in SERVICES],
        )
        await db.insert_many(
            "courriers",
            "id establishment_id type_id fund_id reference subject search_text letter_date document_id file_name "
            "content_hash acknowledgement_required sent_by_post deposited_by_client_id deposited_at publish_at "
            "available_at withdrawn_at".split(),
            [
                (
                    number + 1,
                    one.to + 1,
                    one.service + 1,
                    "CNRACL",
                    f"R{number}",
                    "s",
                    "",
                    "2026-06-01",
                    1,
                    "f.pdf",
                    "h",
                    False,
                    False,
                    None if one.client is None else one.client + 1,
                    now,
                    now,
                    None if one.state == "deferred" else now,
                    now if one.state == "withdrawn" else None,
                )
                for number, one in enumerate(world.letters)
            ],
        )


def viewer(world: World, user: int) -> Viewer:
    one = world.accounts[user]
    return Viewer(
        user_id=user + 1,
        establishment_id=one.home + 1,
        is_administrator=one.is_administrator,
        is_operator=one.is_operator,
    )


async def allowed(table: str, condition: object, who: Viewer) -> set[int]:
    """The numbers of a table's rows that a condition of `access` lets through."""
    sql = Sql()
    text = condition(sql, who, "x")  # type: ignore[operator]
    sql.add(f"SELECT x.id FROM {table} x WHERE {text}")
    return {one["id"] - 1 for one in await db.rows(sql)}


async def agrees(world: World) -> None:
    """Every viewer and every object: the statement and the plain reading say the same."""
    await build(world)
    letters, agreements = range(len(world.letters)), range(len(world.agreements))
    for user in USERS:
        who = viewer(world, user)
        told = {
            "documents": await allowed("courriers", access.documents, who),
            "courriers": await allowed("courriers", access.courriers, who),
            "establishments": await allowed("establishments", access.establishments, who),
            "users": await allowed("users", access.users, who),
            "delegations": await allowed("delegations", access.delegations, who),
        }
        assert told == {
            "documents": {one for one in letters if reads(world, user, world.letters[one])},
            "courriers": {one for one in letters if sees_letter(world, user, world.letters[one])},
            "establishments": {one for one in ESTABLISHMENTS if sees_establishment(world, user, one)},
            "users": {one for one in USERS if sees_account(world, user, one)},
            "delegations": {one for one in agreements if sees_agreement(world, user, one)},
        }, who
        sql = Sql()
        sql.add(f"SELECT * FROM ({access.reach(sql, who)}) r")
        levels: dict[tuple[int, int], dict[int | None, int]] = {}
        for row in await db.rows(sql):
            through = None if row["delegation_id"] is None else row["delegation_id"] - 1
            levels.setdefault((row["establishment_id"] - 1, row["service_id"] - 1), {})[through] = row["level"]
        assert levels == {
            (establishment, service): found
            for establishment in ESTABLISHMENTS
            for service in SERVICES
            if (found := reach(world, user, establishment, service))
        }, who
        for number, letter in enumerate(world.letters):
            ways = reach(world, user, letter.to, letter.service) if reads(world, user, letter) else {}
            expected = (bool(ways), None if None in ways or not ways else min(ways) + 1)  # type: ignore[type-var]
            assert await access.capacity(who, number + 1) == expected, (who, letter)
    for number in range(2):
        program = Viewer(api_client_id=number + 1, scopes=frozenset({access.DEPOSIT_COURRIERS}))
        own = {one for one in letters if world.letters[one].client == number}
        assert await allowed("courriers", access.courriers, program) == own
    for establishment in ESTABLISHMENTS:
        for service in SERVICES:
            sql = Sql()
            text = access.readers(sql, sql.bind(establishment + 1), sql.bind(service + 1))
            found = {one["user_id"] - 1 for one in await db.rows(sql.add(text))}
            assert found == {user for user in USERS if reach(world, user, establishment, service)}
    sql = Sql()
    sql.add(f"SELECT u.id, {access.status(sql, 'u')} AS status, {access.can_sign_in(sql, 'u')} AS able FROM users u")
    statuses = {one["id"] - 1: (one["status"], bool(one["able"])) for one in await db.rows(sql)}
    said = {user: status(world.accounts[user]) for user in USERS}
    assert statuses == {user: (one, one == "ACTIVE") for user, one in said.items()}


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
        @given(WORLDS)
        def holds(world: World) -> None:
            runner.run(agrees(world))

        holds()


def test_every_viewer_sees_what_the_rules_say_on_sqlite(sqlite_url: str) -> None:  # R-COU-05, R-DEL-05, R-RGT-01
    _holds(sqlite_url, 60)


@pytest.mark.postgres
def test_every_viewer_sees_what_the_rules_say_on_postgresql(postgres_url: str) -> None:
    _holds(postgres_url, 20)


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
