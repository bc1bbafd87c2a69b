"""The journal, read: who reads which events, whole lists page by page, filters, and what is told of each (R-JRN-02)."""

import re
from datetime import date
from typing import Any

import asyncpg
import orjson
import pytest

from backend import database as db
from backend import settings
from backend.models import Establishment, User
from backend.reads import journal
from backend.reads.journal import Filter
from backend.reads.page import Listing, Slice
from backend.rules import globalid
from backend.rules import journal as rules
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.reads.test_statements import ask, counted

NOBODY = Viewer()


async def note(action: str, viewer: Viewer = NOBODY, **values: Any) -> int:
    """An event; its id."""
    async with db.transaction():
        rules.record(viewer, rules.Event(action, **values))
    last = await db.row("SELECT max(id) AS id FROM audit_events")
    return int(last["id"]) if last else 0


async def ids(listing: Listing, size: int = 100) -> list[int]:
    """The events of all pages from the first; going back from the last must give the same."""
    found: list[int] = []
    after = None
    while True:
        page = await listing.page(Slice(first=size, after=after))
        found += [row["id"] for row in page.rows]
        if not page.has_next:
            break
        after = page.cursors[-1]
    back: list[int] = []
    before = None
    while True:
        page = await listing.page(Slice(last=size, before=before))
        back = [row["id"] for row in page.rows] + back
        if not page.has_previous:
            break
        before = page.cursors[0]
    assert back == found
    assert await listing.total() == len(found) == len(set(found))
    return found


class World:
    """A town, the centre that acts for it, a village that the centre acts for too; and what each does."""

    async def build(self) -> "World":
        self.town = await builders.establishment("Commune de Royan")
        self.centre = await builders.establishment("Centre de gestion", is_centralisateur=True)
        self.village = await builders.establishment("Commune de Vaux")
        self.chief = await builders.user(self.town, administrator=True, first_name="Claire", last_name="Martin")
        self.agent = await builders.user(self.town, first_name="Paul", last_name="Durand")
        self.boss = await builders.user(self.centre, administrator=True, first_name="Ada", last_name="Roux")
        self.member = await builders.user(self.centre, first_name="Léo", last_name="Petit")
        self.mayor = await builders.user(self.village, administrator=True, first_name="Zoé", last_name="Blanc")
        self.operator = await builders.operator()
        of_town = await builders.delegation(self.centre, self.town, members=[self.member], asker=self.boss)
        of_village = await builders.delegation(self.centre, self.village, members=[self.member], asker=self.boss)
        letter = await builders.courrier(self.town)
        through = {"establishment_id": self.centre.id, "subject": ("Courrier", letter.id)}
        self.events = {
            "town": await self.by(self.chief, "user.renewed", self.town, self.agent),
            "agent signs in": await self.by(self.agent, "session.opened", self.town),
            "chief signs in": await self.by(self.chief, "session.opened", self.town),
            "refused": await note(
                "session.refused", Viewer(origin=Origin("192.0.2.66", "curl")), establishment_id=self.town.id,
                subject=("User", self.agent.id), facts={"why": "password"},
            ),
            "stranger": await note("session.refused", Viewer(origin=Origin("192.0.2.67")), facts={"why": "password"}),
            "centre": await self.by(self.boss, "user.renewed", self.centre, self.member),
            "for the town": await note(
                "courrier.opened", self.viewer(self.member), on_behalf_of_id=self.town.id,
                delegation_id=of_town.id, **through,
            ),
            "for the village": await note(
                "courrier.opened", self.viewer(self.member), on_behalf_of_id=self.village.id,
                delegation_id=of_village.id, **through,
            ),
            "switch": await note(
                "session.acts_for", self.viewer(self.member), establishment_id=self.centre.id,
                on_behalf_of_id=self.town.id, changes={"acting_for": (self.village.id, self.town.id)},
            ),
            "accepted": await note(
                "delegation.accepted", self.viewer(self.chief), establishment_id=self.town.id,
                delegation_id=of_town.id, subject=("Delegation", of_town.id),
            ),
            "village": await self.by(self.mayor, "user.renewed", self.village, self.mayor),
            "operator": await self.by(self.operator, "user.unlocked", self.town, self.agent),
        }  # fmt: skip
        return self

    def viewer(self, of: User) -> Viewer:
        return builders.viewer(of, origin=Origin(f"192.0.2.{of.id % 200}", "Mozilla/5.0 Firefox/131.0"))

    async def by(self, who: User, action: str, where: Establishment, whom: User | None = None) -> int:
        subject = ("User", whom.id) if whom else None
        return await note(action, self.viewer(who), establishment_id=where.id, subject=subject)

    def named(self, numbers: list[int]) -> set[str]:
        names = {number: name for name, number in self.events.items()}
        return {names[number] for number in numbers if number in names}

    async def seen(self, who: Viewer) -> set[str]:
        """What a viewer reads, one event at a time."""
        found = await journal.visible(who, list(self.events.values()))
        return {name for name, row in zip(self.events, found, strict=True) if row is not None}


@pytest.fixture
async def world(database: str) -> World:
    return await World().build()


async def test_who_reads_which_events(world: World) -> None:  # R-JRN-02, R-ACC-17, R-DEL-07
    whole = set(world.events)
    town = {"town", "agent signs in", "chief signs in", "refused", "for the town", "switch", "accepted", "operator"}
    viewers = {
        "operator": builders.viewer(world.operator),
        "chief": builders.viewer(world.chief),
        "agent": builders.viewer(world.agent),
        "boss": builders.viewer(world.boss),
        "member": builders.viewer(world.member),
        "mayor": builders.viewer(world.mayor),
        "nobody": NOBODY,
        "program": Viewer(api_client_id=1, scopes=frozenset({"DEPOSIT_COURRIERS"})),
        "chief held back": Viewer(user_id=world.chief.id, held_back="ACCEPT_TERMS"),
    }
    assert {name: await world.seen(viewer) for name, viewer in viewers.items()} == {
        "operator": whole,
        "chief": town,
        "agent": {"town", "agent signs in", "refused", "operator"},
        "boss": {"centre", "for the town", "for the village", "switch", "accepted"},
        "member": {"centre", "for the town", "for the village", "switch"},
        "mayor": {"village", "for the village"},
        "nobody": set(),
        "program": set(),
        "chief held back": {"town", "chief signs in", "accepted"},
    }


@pytest.mark.parametrize("size", [1, 3, 100])
async def test_lists_hold_what_their_viewer_reads_of_them(world: World, size: int) -> None:  # R-JRN-02
    chief, boss, agent = (builders.viewer(one) for one in (world.chief, world.boss, world.agent))
    operator = builders.viewer(world.operator)
    town, none = world.town.id, Filter()

    async def found(listing: Listing) -> set[str]:
        numbers = await ids(listing, size)
        assert numbers == sorted(numbers, reverse=True)
        return world.named(numbers)

    assert await found(journal.of_everyone(operator, none)) == set(world.events)
    assert await found(journal.of_establishment(chief, town, none)) == await world.seen(chief)
    assert await found(journal.of_establishment(operator, town, none)) == await world.seen(chief)
    assert await found(journal.of_establishment(agent, town, none)) == await world.seen(agent)
    assert await found(journal.of_establishment(boss, town, none)) == {"for the town", "switch"}
    assert await found(journal.of_establishment(builders.viewer(world.mayor), town, none)) == set()
    assert await found(journal.of_user(agent, world.agent.id, none)) == await world.seen(agent)
    assert await found(journal.of_user(chief, world.agent.id, none)) == await world.seen(agent)
    assert await found(journal.of_user(chief, world.member.id, none)) == {"for the town", "switch"}
    assert await found(journal.of_user(NOBODY, world.agent.id, none)) == set()
    assert await found(journal.of_everyone(chief, none)) == await world.seen(chief)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"categories": ("ACCOUNTS",)}, {"town", "operator"}),
        ({"categories": ("SESSIONS", "COURRIERS")}, {"agent signs in", "chief signs in", "refused", "for the town"}),
        ({"categories": ("TERMS",)}, set()),
        ({"actor": "chief"}, {"town", "chief signs in", "accepted"}),
        ({"subject": "agent"}, {"town", "refused", "operator"}),
        ({"actor": "chief", "subject": "agent"}, {"town"}),
        ({"actor": "boss"}, set()),
        ({"search": "durand"}, {"town", "agent signs in", "refused", "operator"}),
        ({"search": "PÉTIT léo"}, {"for the town", "switch"}),
        ({"search": "exemple.example"}, set()),
        ({"search": "%"}, set()),
    ],
)
async def test_filters_keep_what_they_say(world: World, given: dict[str, Any], expected: set[str]) -> None:  # R-JRN-02
    people = {name: getattr(world, given[name]).id for name in ("actor", "subject") if name in given}
    kept = Filter(
        categories=given.get("categories", ()), search=given.get("search"),
        actor_id=people.get("actor"), subject_id=people.get("subject"),
    )  # fmt: skip
    chief = builders.viewer(world.chief)
    assert world.named(await ids(journal.of_establishment(chief, world.town.id, kept), 2)) == expected
    assert expected <= world.named(await ids(journal.of_everyone(builders.viewer(world.operator), kept), 2))


async def test_days_are_those_of_paris(database: str, moved_clock: Any) -> None:  # legal dates, both days included
    operator = builders.viewer(await builders.operator())
    made = {}
    for instant in (
        "2026-03-28T23:59:59+01:00", "2026-03-29T00:00+01:00", "2026-03-29T23:59:59+02:00", "2026-03-30T00:00+02:00",
    ):  # fmt: skip
        moved_clock(instant)
        made[instant] = await note("world.loaded")
    first, second, third, fourth = made.values()

    async def found(since: date | None, until: date | None) -> list[int]:
        return await ids(journal.of_everyone(operator, Filter(since=since, until=until)))

    day = date(2026, 3, 29)
    assert await found(day, day) == [third, second]
    assert await found(day, None) == [fourth, third, second]
    assert await found(None, day) == [third, second, first]
    assert await found(date(2027, 1, 1), None) == await found(None, date(2020, 1, 1)) == []
    assert await found(date.min, date.max) == [fourth, third, second, first]


async def test_days_are_right_where_clocks_disagree(database: str, moved_clock: Any) -> None:
    """Two machines a few minutes apart around midnight: events are numbered as they were committed."""
    operator = builders.viewer(await builders.operator())
    moved_clock("2026-03-29T00:05+01:00")
    early = await note("world.loaded")
    moved_clock("2026-03-28T23:58+01:00")
    late = await note("world.loaded")
    moved_clock("2026-03-29T00:06+01:00")
    last = await note("world.loaded")
    day = date(2026, 3, 29)
    assert await ids(journal.of_everyone(operator, Filter(since=day))) == [last, early]
    assert await ids(journal.of_everyone(operator, Filter(until=date(2026, 3, 28)))) == [late]


async def told(viewer: Viewer, number: int) -> journal.Told:
    [found] = await journal.told(viewer, [number])
    return found


async def test_what_is_told_depends_on_who_reads(world: World) -> None:  # R-JRN-02, R-RGT-03
    chief, agent = builders.viewer(world.chief), builders.viewer(world.agent)
    member, operator = builders.viewer(world.member), builders.viewer(world.operator)
    switch = world.events["switch"]
    summary = "Léo Petit (Centre de gestion) s’est mis à agir pour Commune de Royan"
    assert (await told(member, switch)).summary == (await told(chief, switch)).summary == summary
    assert [one.before for one in (await told(member, switch)).changes] == ["Commune de Vaux"]
    assert (await told(chief, switch)).changes == (), "not for whom the centre's people acted before"
    opened = world.events["for the town"]
    capacity = "Léo Petit (Centre de gestion) a ouvert un courrier, pour Commune de Royan, par délégation"
    assert (await told(chief, opened)).summary == capacity
    assert (await told(chief, opened)).is_delegated
    assert not (await told(chief, switch)).is_delegated
    assert "Appel de cotisations" in (await told(operator, opened)).summary
    refused = world.events["refused"]
    assert (await told(agent, refused)).summary == "Connexion refusée à Paul Durand : mot de passe erroné"
    origins = {
        ("agent", "refused"): "192.0.2.66",
        ("chief", "refused"): "192.0.2.66",
        ("agent", "town"): None,
        ("chief", "agent signs in"): f"192.0.2.{world.agent.id % 200}",
        ("chief", "for the town"): None,
        ("boss", "for the town"): f"192.0.2.{world.member.id % 200}",
        ("boss", "accepted"): None,
        ("chief", "operator"): None,
        ("agent", "operator"): None,
        ("operator", "stranger"): "192.0.2.67",
        ("operator", "operator"): f"192.0.2.{world.operator.id % 200}",
    }
    found = {
        (who, event): (await told(builders.viewer(getattr(world, who)), world.events[event])).address
        for who, event in origins
    }
    assert found == origins


async def test_an_erased_detail_is_said_to_be(world: World) -> None:  # R-ACC-12, R-JRN-03
    number = world.events["switch"]
    await db.execute("DELETE FROM audit_details WHERE event_id = $1", [number])
    await db.execute(
        "UPDATE users SET erased_at = 1, first_name = 'x', last_name = 'x' WHERE id = $1", [world.member.id]
    )
    found = await told(builders.viewer(world.operator), number)
    assert (found.is_erased, found.changes, found.address) == (True, (), None)
    who = f"Une personne partie (compte n° {world.member.id}, Centre de gestion)"
    assert found.summary == f"{who} s’est mis à agir pour Commune de Royan"


EVENTS = """query($id: ID!) { node(id: $id) { ... on Establishment { auditEvents(first: 100) { totalCount edges { node {
  occurredAt action category summary isErased changes { field before after } origin { address userAgent }
  actor { firstName lastName } apiClient { name } establishment { name } onBehalfOf { name }
  through { status } subject { id } } } } } } }"""


@pytest.mark.parametrize("events", [2, 40])
async def test_a_page_asks_as_many_statements_whatever_its_length(database: str, events: int) -> None:
    world = await World().build()
    for number in range(events):
        person = await builders.user(world.town, rights={f"S{number}": builders.READ})
        await note(
            "right.changed", world.viewer(world.chief), establishment_id=world.town.id, subject=("User", person.id),
            changes={f"S{number}": ("NONE", "READ")}, facts={"copied_from": world.agent.id},
        )  # fmt: skip
    with counted() as seen:
        data = await ask(builders.viewer(world.chief), EVENTS, id=globalid.encode("Establishment", world.town.id))
    assert (len(data["node"]["auditEvents"]["edges"]), len(seen)) == (8 + events, 14)


PLANS = {
    "an establishment": lambda who, world: journal.of_establishment(who, world.town.id, Filter()),
    "an account": lambda who, world: journal.of_user(who, world.agent.id, Filter()),
    "everything": lambda who, world: journal.of_everyone(who, Filter()),
    "everything of a category": lambda who, world: journal.of_everyone(who, Filter(categories=("ACCOUNTS",))),
    "days": lambda who, world: journal.of_establishment(who, world.town.id, Filter(since=date(2026, 1, 1))),
    "one who acted": lambda who, world: journal.of_establishment(who, world.town.id, Filter(actor_id=world.agent.id)),
    "a name": lambda who, world: journal.of_establishment(who, world.town.id, Filter(search="durand")),
}


@pytest.mark.parametrize("name", PLANS)
async def test_no_list_reads_the_whole_journal(world: World, name: str) -> None:
    """Every way into the table is by an index: a page costs the same however long the journal is."""
    with counted() as seen:
        await PLANS[name](builders.viewer(world.operator), world).page(Slice(first=10))
    plan = await (on_postgres if db.dialect() == "postgres" else on_sqlite)(seen[-1])
    assert plan == (["everything"] if name == "everything" else []), seen[-1]


async def on_sqlite(statement: str) -> list[str]:
    """What is read whole; everything, backwards by its key up to the limit, where nothing narrows the list."""
    values = len(set(re.findall(r"\$\d+", statement)))
    plan = [one["detail"] for one in await db.rows(f"EXPLAIN QUERY PLAN {statement}", [1] * values)]
    return ["everything" if one == "SCAN e" else one for one in plan if one in {"SCAN e", "SCAN t"}]


async def on_postgres(statement: str) -> list[str]:
    """The same in a journal that is long enough not to be scanned anyhow."""
    await db.execute(
        "INSERT INTO audit_events (occurred_at, action, actor_id, establishment_id, subject_type, subject_id, "
        "detail_hash, previous_hash, hash) SELECT n, 'session.' || n % 50, 1000000 + n % 5000, 1000000 + n % 3000, "
        "'User', 1000000 + n % 5000, md5('d' || n) || md5('e' || n), md5('p' || n) || md5('q' || n), "
        "md5('h' || n) || md5('i' || n) FROM generate_series(1, 20000) n"
    )
    await db.execute("ANALYZE audit_events")
    connection = await asyncpg.connect(settings.current().database)
    try:
        kinds = (await connection.prepare(statement)).get_parameters()
        values = [11 if one.name.startswith("int") else "user.renewed" for one in kinds]
        [found] = await connection.fetch(f"EXPLAIN (FORMAT JSON) {statement}", *values)
    finally:
        await connection.close()
    return [told for told in map(whole, nodes(orjson.loads(found[0])[0]["Plan"])) if told]


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(each for one in plan.get("Plans", ()) for each in nodes(one))]


def whole(node: dict[str, Any]) -> str | None:
    if not str(node.get("Relation Name")).startswith("audit_") or "Index Cond" in node or "Recheck Cond" in node:
        return None
    return "everything" if node["Node Type"].startswith("Index") and "Filter" not in node else str(node)
