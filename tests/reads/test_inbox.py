"""An inbox over many establishments: its list walked or gathered, its counts kept or counted, always say the same.

R-DEL-09, R-COU-07, R-DEL-08: what a person reads is judged at each request, however far they reach.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from backend import clock
from backend import database as db
from backend.models import Courrier, CourrierType, Delegation, Establishment, Service, User
from backend.reads import courrier, establishment, inbox, search
from backend.reads.page import Slice
from backend.rules import courrier as rules
from backend.rules import feed
from backend.rules.viewer import Viewer
from tests import builders
from tests.builders import READ


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """One delegation is many."""
    monkeypatch.setattr(inbox, "FEW", 0)


@dataclass
class Small:
    """A centre with a reader, some communes, some letters."""

    centre: Establishment
    reader: User
    chief: User
    communes: list[Establishment]
    delegations: list[Delegation]
    kinds: list[CourrierType]

    @property
    def viewer(self) -> Viewer:
        return builders.viewer(self.reader)

    async def deposit(self, to: Establishment, kind: CourrierType) -> Courrier:
        """A letter, fed as a deposit feeds it."""
        async with db.transaction():
            made = await builders.courrier(to, kind=kind)
            feed.announce(made.id, to.id)
        return made


async def a_small_one(communes: int = 4, letters: int = 3) -> Small:
    centre = await builders.establishment(is_centralisateur=True)
    rights = {"COURRIERS": READ, "CREANCES": READ}
    chief, reader = await builders.user(centre, administrator=True), await builders.user(centre, rights=rights)
    kinds = [
        await builders.courrier_type(),
        await builders.courrier_type("RELANCE", "CREANCES", fund="IRCANTEC"),
        await builders.courrier_type("TIERS", "AILLEURS", fund="RAFP"),
    ]
    places = [await builders.establishment() for _ in range(communes)]
    delegations = [
        await builders.delegation(centre, one, services=rights, members=[reader], asker=chief) for one in places
    ]
    small = Small(centre, reader, chief, places, delegations, kinds)
    for _ in range(letters):
        for place in (*places, centre):
            for kind in kinds:
                await small.deposit(place, kind)
    return small


async def counted(viewer: Viewer) -> dict[str, tuple[int, int]]:
    """Counted plainly, letter by letter."""
    return {fund: (total, unread) for fund, total, unread in await courrier._counted(viewer, None)}


async def kept(viewer: Viewer) -> dict[str, tuple[int, int]]:
    return {fund: (total, unread) for fund, total, unread in (await courrier.summary(viewer)).by_fund}


async def listed(viewer: Viewer, given: courrier.Filter, order: object = courrier.AVAILABLE_NEWEST) -> list[int]:
    """Every courrier of the list, page by page."""
    listing, found, after = courrier.listing(viewer, given, order), [], None  # type: ignore[arg-type]
    while True:
        page = await listing.page(Slice(first=7, after=after))
        found += [one["id"] for one in page.rows]
        if not page.has_next:
            return found
        after = page.cursors[-1]


async def agree(viewer: Viewer) -> None:
    """The counts, and each cut of the list with its number, are what counting and gathering say."""
    assert await kept(viewer) == await counted(viewer)


FILTERS = [
    courrier.Filter(),
    courrier.Filter(unread=True),
    courrier.Filter(unread=False),
    courrier.Filter(funds=("IRCANTEC",)),
    courrier.Filter(funds=("IRCANTEC", "CNRACL"), unread=True),
    courrier.Filter(archived=True),
    courrier.Filter(archived=None),
    courrier.Filter(types=("RELANCE",)),
    courrier.Filter(due_from=date(2026, 1, 1), due_until=date(2026, 12, 31)),
    courrier.Filter(search="appel"),
]
ORDERS = [courrier.AVAILABLE_NEWEST, courrier.AVAILABLE_OLDEST, courrier.LETTER_DATE, courrier.DUE, courrier.SUBJECT]


@pytest.mark.parametrize("is_walked", [True, False])
async def test_each_way_lists_the_same_letters(
    database: str, far: None, monkeypatch: pytest.MonkeyPatch, is_walked: bool
) -> None:  # R-DEL-09
    """Whichever way is chosen, in every order, through every filter, and the number that is told is theirs."""

    async def chosen(*_: int) -> bool:
        return is_walked

    monkeypatch.setattr(inbox, "is_walked", chosen)
    small = await a_small_one()
    letters = await Courrier.all().order_by("id")
    await rules.mark(small.viewer, [one.id for one in letters[::2]], read=True)
    await rules.mark(small.viewer, [one.id for one in letters[::5]], archived=True)
    for given in FILTERS:
        for order in ORDERS:
            gathered = courrier._listing(small.viewer, given, order, None)
            expected = [one["id"] for one in (await gathered.page(Slice(first=100))).rows]
            assert await listed(small.viewer, given, order) == expected, (given, order.name)
        assert await courrier.listing(small.viewer, given).total() == await gathered_total(small.viewer, given)


@pytest.mark.parametrize("searched", [None, "commune test", "gestion", "nulle part", "", "17200"])
@pytest.mark.parametrize("sample", [1, 100])
async def test_the_establishments_one_reaches_are_met_as_they_are_gathered(
    database: str, far: None, monkeypatch: pytest.MonkeyPatch, searched: str | None, sample: int
) -> None:  # R-DEL-06
    """Home first, then by name, page after page, whatever is searched; one more and one less are known."""
    monkeypatch.setattr(establishment, "SAMPLE", sample)
    small = await a_small_one(communes=9, letters=0)
    await builders.establishment()
    await a_member_leaves_or_comes(small, random.Random(1))
    found: dict[int, tuple[list[list[int]], int, int]] = {}
    for few in (0, 99):
        monkeypatch.setattr(inbox, "FEW", few)
        listing, pages, after = establishment.reached(small.viewer, searched), [], None
        while not pages or after is not None:
            page = await listing.page(Slice(first=4, after=after))
            pages.append([one["id"] for one in page.rows])
            after = page.cursors[-1] if page.has_next else None
        found[few] = pages, await listing.total(), await listing.up_to(3)
    assert found[0] == found[99]
    assert found[0][2] == min(3, found[0][1])
    if not searched:
        assert (found[0][0][0][0], found[0][1]) == (small.centre.id, 9)


@pytest.mark.parametrize("often", [1, 10_000])
async def test_what_is_searched_is_found_whichever_way(
    database: str, far: None, monkeypatch: pytest.MonkeyPatch, often: int
) -> None:  # R-DEL-09
    """Words that lead to the letters, or looked for in each: the same letters, in both orders, and their number."""
    monkeypatch.setattr(search, "OFTEN", often)
    small = await a_small_one(letters=2)
    one = await Courrier.all().order_by("id").first()
    assert one is not None
    queries = ("appel", "cotisations", one.reference, "-appel", '"appel de cotisations"', "cotis*", "rien de tel", "")
    for query in queries:
        given = courrier.Filter(search=query)
        for order in (courrier.AVAILABLE_NEWEST, courrier.RELEVANCE):
            gathered = courrier._listing(small.viewer, given, order, None)
            expected = [row["id"] for row in (await gathered.page(Slice(first=100))).rows]
            assert await listed(small.viewer, given, order) == expected, (query, order.name)
        everywhere = courrier.listing(small.viewer, given)
        expected_total = await gathered_total(small.viewer, given)
        assert (await everywhere.total(), await everywhere.up_to(1_000)) == (expected_total, expected_total), query
        assert await everywhere.up_to(2) == min(2, expected_total)


async def gathered_total(viewer: Viewer, given: courrier.Filter) -> int:
    return await courrier._listing(viewer, given, courrier.AVAILABLE_NEWEST, None).total()


# ---------------------------------------------------------------- what happens to counts

Happening = Callable[[Small, random.Random], Awaitable[object]]


async def a_letter_comes(small: Small, chance: random.Random) -> object:
    return await small.deposit(chance.choice([*small.communes, small.centre]), chance.choice(small.kinds))


async def letters_are_marked(small: Small, chance: random.Random) -> object:
    numbers = [one.id for one in await Courrier.all().order_by("id")]
    chosen = chance.sample(numbers, min(len(numbers), chance.randint(1, 6)))
    wanted = {chance.choice(["read", "archived"]): chance.choice([True, False])}
    return await rules.mark(small.viewer, chosen, **wanted)


async def a_letter_is_withdrawn(small: Small, chance: random.Random) -> object:
    one = chance.choice(await Courrier.filter(withdrawn_at=None).order_by("id"))
    return await Courrier.filter(id=one.id).update(withdrawn_at=clock.now())


async def a_delegation_changes(small: Small, chance: random.Random) -> object:
    one = chance.choice(small.delegations)
    values = chance.choice(
        [
            {"status": "ENDED", "ended_at": clock.now()},
            {"status": "ACCEPTED", "ended_at": None},
            {"ends_on": clock.today(), "starts_on": None},
            {"ends_on": None},
            {"starts_on": clock.today() + timedelta(days=1), "ends_on": None},
            {"starts_on": None},
        ]
    )
    return await Delegation.filter(id=one.id).update(**values)


async def a_level_is_narrowed(small: Small, chance: random.Random) -> object:
    return await db.execute(
        "UPDATE delegation_services SET level_granted = $2 WHERE delegation_id = $1 "
        "AND service_id = (SELECT s.id FROM services s WHERE s.code = 'CREANCES')",
        [chance.choice(small.delegations).id, chance.choice([None, READ])],
    )


async def a_member_leaves_or_comes(small: Small, chance: random.Random) -> object:
    one = chance.choice(small.delegations[1:])
    gone = await db.execute("DELETE FROM delegation_members WHERE delegation_id = $1", [one.id])
    if not gone:
        now = int(clock.to_microseconds(clock.now()))
        await db.insert_many(
            "delegation_members",
            ["delegation_id", "user_id", "added_at", "added_by_id"],
            [(one.id, small.reader.id, now, small.chief.id)],
        )
    return gone


async def a_right_changes(small: Small, chance: random.Random) -> object:
    number = (await Service.get(code=chance.choice(["COURRIERS", "CREANCES", "AILLEURS"]))).id
    if await db.execute("DELETE FROM rights WHERE user_id = $1 AND service_id = $2", [small.reader.id, number]):
        return None
    now = int(clock.to_microseconds(clock.now()))
    return await db.insert_many(
        "rights", ["user_id", "service_id", "level", "granted_at"], [(small.reader.id, number, READ, now)]
    )


async def a_service_closes_or_opens(small: Small, chance: random.Random) -> object:
    closed_on = chance.choice([None, clock.today(), clock.today() + timedelta(days=1)])
    return await Service.filter(code="CREANCES").update(closed_on=closed_on)


async def a_model_changes_service(small: Small, chance: random.Random) -> object:
    service = await Service.get(code=chance.choice(["COURRIERS", "CREANCES"]))
    return await CourrierType.filter(id=small.kinds[1].id).update(service_id=service.id)


HAPPENINGS: list[Happening] = [
    a_letter_comes,
    a_letter_comes,
    letters_are_marked,
    letters_are_marked,
    letters_are_marked,
    a_letter_is_withdrawn,
    a_delegation_changes,
    a_level_is_narrowed,
    a_member_leaves_or_comes,
    a_right_changes,
    a_service_closes_or_opens,
    a_model_changes_service,
]


@pytest.mark.parametrize("seed", range(4))
async def test_kept_counts_follow_all_that_happens(
    database: str, far: None, moved_clock: Callable[[str], None], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:  # R-COU-07, R-DEL-08
    """After each of a hundred things that happen, the counts that are kept are those of the letters."""
    monkeypatch.setattr(inbox, "AGAIN", 2)
    chance = random.Random(seed)
    moved_clock("2026-05-04T10:00+02:00")
    small = await a_small_one(communes=3, letters=1)
    days = 0
    for turn in range(100):
        if chance.random() < 0.05:
            days += 1
            moved_clock(f"2026-05-{4 + days:02d}T10:00+02:00")
        happening = chance.choice(HAPPENINGS)
        await happening(small, chance)
        if chance.random() < 0.7:  # several things between two looks, too
            assert await kept(small.viewer) == await counted(small.viewer), (turn, happening.__name__)


async def test_marks_and_new_letters_need_no_new_count(
    database: str, far: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading, putting away, receiving: what is done all day long is followed without counting anew."""
    small = await a_small_one()
    before = await kept(small.viewer)

    async def anew(*_: object) -> None:
        raise AssertionError("counted anew")

    monkeypatch.setattr(inbox, "_anew", anew)
    letters = [one["id"] for one in (await courrier.listing(small.viewer, courrier.Filter()).page(Slice(first=9))).rows]
    await rules.mark(small.viewer, letters, read=True)
    await rules.mark(small.viewer, letters[:2], archived=True)
    new = await small.deposit(small.communes[0], small.kinds[0])
    await rules.mark(small.viewer, [new.id], read=True)
    await rules.mark(small.viewer, letters[:1], archived=False)
    await rules.mark(small.viewer, letters[3:5], read=False)
    now = await kept(small.viewer)
    assert now == await counted(small.viewer) != before


async def test_counting_while_one_marks_keeps_nothing_wrong(database: str, far: None) -> None:
    """Who counts and who marks at once: whatever their order, what is kept in the end is right."""
    small = await a_small_one(communes=2, letters=4)
    numbers = [one.id for one in await Courrier.all().order_by("id")]
    for turn in range(12):
        await db.execute("UPDATE inboxes SET counted_version = NULL")
        await asyncio.gather(
            kept(small.viewer),
            rules.mark(small.viewer, numbers[turn : turn + 9], read=turn % 2 == 0),
            rules.mark(small.viewer, numbers[turn + 4 : turn + 12][::-1], read=turn % 3 == 0),
            kept(small.viewer),
            small.deposit(small.communes[0], small.kinds[0]),
        )
        assert await kept(small.viewer) == await counted(small.viewer), turn


async def test_accepting_or_ending_touches_rows_whatever_the_letters(database: str, far: None) -> None:
    """R-DEL-08: the counts of those concerned are known to be old; no letter, no mark is touched."""
    small = await a_small_one(communes=2, letters=1)
    await kept(small.viewer)
    touched = []
    for more in (0, 60):
        for _ in range(more):
            await small.deposit(small.communes[0], small.kinds[0])
        before = await versions()
        await Delegation.filter(id=small.delegations[0].id).update(status="ENDED", ended_at=clock.now())
        await Delegation.filter(id=small.delegations[0].id).update(status="ACCEPTED", ended_at=None)
        after = await versions()
        touched.append([after[one] - before[one] for one in sorted(after)])
    assert touched[0] == touched[1]
    assert sum(touched[0]) == 2


async def versions() -> dict[int, int]:
    return {one["user_id"]: one["version"] for one in await db.rows("SELECT user_id, version FROM inboxes")}
