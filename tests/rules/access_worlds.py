"""Random small worlds, the rules of access read plainly in them, and the same worlds as rows of the database.

R-COU-05, R-DEL-04 to 08, R-RGT-01, R-RGT-05, R-CGU-02, R-JRN-02, and R-ACC-12, 14, 17 for accounts.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hypothesis import strategies as st

from backend import clock
from backend import database as db

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
    asked_ago: int = 0
    """In days."""


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
    delegable: tuple[bool, ...] = (True,) * len(SERVICES)
    terms_since: int | None = None
    """In days, where there are any."""
    accepted_at: frozenset[int] = frozenset()
    """The establishments for which they were accepted."""


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
    status=st.sampled_from(["ACCEPTED"] * 4 + ["PENDING"] * 2 + ["REFUSED", "WITHDRAWN", "ENDED", "EXPIRED"]),
    starts=st.none() | st.sampled_from([-30, -1, 0, 1]),
    ends=st.none() | st.sampled_from([-1, 0, 1, 30]),
    granted=st.tuples(*[st.sampled_from([None, 1, 1, 2])] * 3),
    members=st.frozensets(st.sampled_from(USERS)),
    asked_ago=st.sampled_from([0, 0, 59, 60, 61, 90]),
).filter(lambda one: one.starts is None or one.ends is None or one.starts <= one.ends)
CHAINED = st.permutations(ESTABLISHMENTS).flatmap(
    lambda order: st.tuples(
        AGREEMENTS.map(lambda one: replace(one, parties=(order[0], order[1]))),
        AGREEMENTS.map(lambda one: replace(one, parties=(order[1], order[2]))),
        AGREEMENTS.map(lambda one: replace(one, parties=(order[0], order[1]))),
        AGREEMENTS.map(lambda one: replace(one, parties=(order[1], order[0]))),
    )
)
"""From a first to a second to a third, once more between the first two, and back."""
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
    agreements=st.lists(AGREEMENTS, max_size=4).map(tuple) | CHAINED,
    letters=st.lists(LETTERS, min_size=1, max_size=5).map(tuple),
    delegable=st.tuples(*[st.sampled_from([True, True, False])] * len(SERVICES)),
)
WITH_TERMS = st.builds(
    lambda world, since, accepted: replace(world, terms_since=since, accepted_at=accepted),
    WORLDS,
    st.none() | st.sampled_from([-1, 0, 29, 30, 90]),
    st.frozensets(st.sampled_from(ESTABLISHMENTS)),
)
"""Where terms may wait to be accepted, too."""


# ---------------------------------------------------------------- the rules, read plainly


def is_online(world: World, service: int) -> bool:
    """R-RGT-05."""
    since, closed = world.services[service]
    return since <= 0 and (closed is None or closed > 0)


def is_in_force(one: Agreement) -> bool:
    """R-DEL-04."""
    begun = one.starts is None or one.starts <= 0
    return one.status == "ACCEPTED" and begun and (one.ends is None or one.ends >= 0)


def agreement_status(one: Agreement) -> str:
    """R-DEL-04: derived, whether or not a job has said so yet."""
    over = one.ends is not None and one.ends < 0
    if one.status == "PENDING" and (one.asked_ago > 60 or over):
        return "EXPIRED"
    return "EXPIRED" if one.status == "ACCEPTED" and over else one.status


def acts_through(world: World, user: int, number: int) -> bool:
    """R-DEL-05, R-DEL-06: a member, of the centralisateur, while the delegation is in force."""
    one = world.agreements[number]
    return is_in_force(one) and user in one.members and world.accounts[user].home == one.parties[0]


def held(world: World, user: int) -> dict[tuple[int | None, int], int]:
    """What a person holds at home (None) on the services that are open, and through each delegation."""
    own = enumerate(world.accounts[user].rights)
    found: dict[tuple[int | None, int], int] = {
        (None, service): level for service, level in own if level and is_online(world, service)
    }
    for number, one in enumerate(world.agreements):
        if acts_through(world, user, number):
            found |= {(number, service): level for service, level in enumerate(one.granted) if level is not None}
    return found


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
    member = user in one.members and me.home == one.parties[0]
    return me.is_operator or member or (me.is_administrator and me.home in one.parties)


def sees_acceptance(world: World, user: int, establishment: int) -> bool:
    """R-CGU-03: of one's own establishment; never of one that one only acts for (R-DEL-06)."""
    me = world.accounts[user]
    if held_back(world, user):
        return me.home == establishment and me.is_administrator and status(me) == "ACTIVE"
    return me.is_operator or me.home == establishment


def held_back(world: World, user: int) -> str | None:
    """R-CGU-02: the terms that nobody has accepted for the establishment of an account."""
    me, since = world.accounts[user], world.terms_since
    if since is None or since < 0 or me.is_operator or me.home in world.accepted_at:
        return None
    if me.is_administrator:
        return "ACCEPT_TERMS"
    return "ASK_TO_ACCEPT_TERMS" if since >= 30 else None


def reads_event(world: World, user: int, event: "Event") -> bool:
    """R-JRN-02, R-DEL-07: one's own; for administrators their establishment's, and both parties a delegation's."""
    me = world.accounts[user]
    own = event.actor == user or event.subject == ("User", user)
    there = me.home in (event.at, event.on_behalf_of)
    party = event.subject[0] == "Delegation" and me.home in world.agreements[event.subject[1]].parties
    return me.is_operator or own or (me.is_administrator and (there or party))


@dataclass(frozen=True)
class Event:
    """Of the journal: who did what where, for whom, about what."""

    actor: int
    at: int
    on_behalf_of: int | None
    through: int | None
    subject: tuple[str, int]


def events(world: World) -> list[Event]:
    """One of each account's, at home; of each delegation, by either side; and one done through each by each member."""
    homes = [one.home for one in world.accounts]
    found = [Event(user, homes[user], None, None, ("User", user)) for user in USERS]
    found += [Event(user, homes[user], None, None, ("User", (user + 1) % len(USERS))) for user in USERS]
    for number, one in enumerate(world.agreements):
        found += [Event(0, party, None, number, ("Delegation", number)) for party in one.parties]
        found += [Event(user, homes[user], one.parties[1], number, ("Courrier", 0)) for user in sorted(one.members)]
    return found


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
    "terms_acceptances terms audit_events courriers courrier_types documents api_clients delegation_members "
    "delegation_services delegations rights users issued_identifiers services establishments funds"
).split()


async def build(world: World) -> None:
    """Rows whose ids are the numbers of the world plus one."""
    now = ago()
    async with db.transaction():
        await _empty()
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
                (number + 1, f"S{number}", "s", "d", "t", number, world.delegable[number], day(since), day(closed))
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
                    ago(days=one.asked_ago),
                    None if one.status in ("PENDING", "WITHDRAWN") else now,
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
        await _build_terms(world, now)
        await _build_journal(world, now)


async def _empty() -> None:
    """The journal's events too, which nobody may delete otherwise."""
    if db.dialect() == "postgres":
        await db.execute("SET LOCAL session_replication_role = replica")
    else:
        for table in ("audit_events", "terms", "terms_acceptances"):
            await db.execute(f"DROP TRIGGER IF EXISTS {table}_no_delete")
    for table in TABLES:
        await db.execute(f"DELETE FROM {table}")


async def _build_terms(world: World, now: int) -> None:
    if world.terms_since is None:
        return
    columns = ("id", "version", "published_on", "body", "body_sha256")
    await db.insert_many("terms", columns, [(1, "1", day(-world.terms_since), "b", "0" * 64)])
    await db.insert_many(
        "terms_acceptances",
        ("id", "terms_id", "establishment_id", "user_id", "accepted_at", "body_sha256"),
        [(one + 1, 1, one + 1, 1, now, "0" * 64) for one in sorted(world.accepted_at)],
    )


async def _build_journal(world: World, now: int) -> None:
    columns = "id occurred_at action actor_id establishment_id on_behalf_of_id delegation_id subject_type subject_id "
    await db.insert_many(
        "audit_events",
        [*columns.split(), "detail_hash", "previous_hash", "hash"],
        [
            (
                number + 1,
                now,
                "some.thing",
                one.actor + 1,
                one.at + 1,
                None if one.on_behalf_of is None else one.on_behalf_of + 1,
                None if one.through is None else one.through + 1,
                one.subject[0],
                one.subject[1] + 1,
                "0" * 64,
                f"{number:064d}",
                f"{number + 1:064d}",
            )
            for number, one in enumerate(events(world))
        ],
    )
