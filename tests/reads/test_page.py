"""Keyset pages: the whole list once, whatever the order, the direction and the size; and nothing else for a cursor."""

import asyncio
import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend import database as db
from backend.reads import courrier, delegation, establishment, page, user
from backend.reads.page import Listing, Order, Slice
from backend.rules.error import BadRequest
from backend.rules.viewer import Viewer
from tests.reads import worlds

STAFF = Viewer(user_id=1, establishment_id=1, is_operator=True)
AGENT = Viewer(user_id=1, establishment_id=1)
EVERYTHING = courrier.Filter(archived=None)

LISTS: dict[str, Callable[[], Listing]] = {
    **{
        f"establishments {order.name}": lambda order=order: establishment.listing(STAFF, establishment.Filter(), order)
        for order in (establishment.BY_NAME, establishment.NEWEST)
    },
    "establishments reached": lambda: establishment.reached(AGENT, None),
    **{
        f"accounts {order.name}": lambda order=order: user.listing(STAFF, user.Filter(), order)
        for order in (user.BY_NAME, user.BY_EXPIRY, user.BY_LAST_LOGIN, user.NEWEST)
    },
    **{
        f"courriers {order.name} {name}": lambda order=order, who=who: courrier.listing(who, EVERYTHING, order)
        for order in (
            courrier.AVAILABLE_NEWEST,
            courrier.AVAILABLE_OLDEST,
            courrier.LETTER_DATE,
            courrier.DUE,
            courrier.SUBJECT,
        )
        for name, who in (("of staff", STAFF), ("of an agent", AGENT))
    },
    "delegations": lambda: delegation.listing(STAFF, "centralisateur_id", 1),
    "readings": lambda: courrier.readings(1),
}

KEYS = st.lists(st.integers(0, 6), min_size=1, max_size=12)
NAMES = st.lists(st.text(max_size=6) | st.sampled_from(["Éa", "ea", "e a", "e-a", "EA", ""]), min_size=2, max_size=8)


@contextmanager
def opened(url: str) -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        runner.run(db.open_database(url))
        try:
            yield runner
        finally:
            runner.run(db.close_database())


async def forward(listing: Listing, size: int) -> tuple[list[int], list[tuple[bool, bool]]]:
    """The ids of all pages from the first, and each page's (has_previous, has_next)."""
    ids: list[int] = []
    sides = []
    after = None
    while True:
        found = await listing.page(Slice(first=size, after=after))
        ids += [row["id"] for row in found.rows]
        sides.append((found.has_previous, found.has_next))
        if not found.has_next:
            return ids, sides
        after = found.cursors[-1]


async def backward(listing: Listing, size: int) -> tuple[list[int], list[tuple[bool, bool]]]:
    """The same from the last page, put back in the list's order."""
    ids: list[int] = []
    sides = []
    before = None
    while True:
        found = await listing.page(Slice(last=size, before=before))
        ids = [row["id"] for row in found.rows] + ids
        sides.insert(0, (found.has_previous, found.has_next))
        if not found.has_previous:
            return ids, sides
        before = found.cursors[0]


async def walks(size: int) -> None:
    for name, make in LISTS.items():
        listing = make()
        whole = [row["id"] for row in (await listing.page(Slice(first=page.MAXIMUM))).rows]
        assert len(whole) == len(set(whole)) == await listing.total(), name
        pages = max(1, -(-len(whole) // size))
        sides = [(number > 0, number < pages - 1) for number in range(pages)]
        assert await forward(listing, size) == (whole, sides), name
        assert await backward(listing, size) == (whole, sides), name


def _holds(url: str, examples: int) -> None:
    with opened(url) as runner:

        async def one(keys: list[int], names: list[str], size: int) -> None:
            await worlds.empty()
            await worlds.fill(keys, names)
            await walks(size)

        @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
        @given(KEYS, NAMES, st.integers(1, 5))
        def holds(keys: list[int], names: list[str], size: int) -> None:
            runner.run(one(keys, [name.replace("\0", "") for name in names], size))

        holds()


def test_pages_of_any_size_in_either_direction_are_the_whole_list_once_on_sqlite(sqlite_url: str) -> None:
    _holds(sqlite_url, 15)


@pytest.mark.postgres
def test_pages_of_any_size_in_either_direction_are_the_whole_list_once_on_postgresql(postgres_url: str) -> None:
    _holds(postgres_url, 8)


@pytest.mark.parametrize("order", [courrier.AVAILABLE_NEWEST, courrier.AVAILABLE_OLDEST], ids=lambda one: one.name)
async def test_what_comes_in_between_makes_nothing_come_twice_or_be_missed(database: str, order: Order) -> None:
    await worlds.fill([5, 1, 3, 3, 0, 6, 2, 2, 4], ["a", "b"])
    listing = courrier.listing(STAFF, EVERYTHING, order)
    at_first = {row["id"] for row in (await listing.page(Slice(first=100))).rows}
    seen: list[int] = []
    after = None
    for turn in range(20):
        found = await listing.page(Slice(first=2, after=after))
        seen += [row["id"] for row in found.rows]
        if not found.has_next and turn > 5:
            break
        after = found.cursors[-1] if found.cursors else after
        await worlds.add_courriers(100 + 10 * turn, [turn % 7, 3] if turn < 5 else [])
    assert len(seen) == len(set(seen))
    assert at_first <= set(seen)


async def test_the_first_half_of_a_page_and_a_page_of_none_tell_what_is_around(database: str) -> None:
    await worlds.fill([1, 2, 3], ["a", "b"])
    listing = courrier.listing(STAFF, EVERYTHING)
    none, last = await listing.page(Slice(first=0)), await listing.page(Slice(first=3))
    assert (none.rows, none.has_next, last.has_next) == ([], True, False)


async def test_without_a_size_a_page_has_twenty(database: str) -> None:
    await worlds.fill([1] * 25, ["a", "b"])
    found = await courrier.listing(STAFF, EVERYTHING).page(Slice())
    assert (len(found.rows), found.has_next) == (page.DEFAULT, True)


async def test_a_due_date_is_what_that_order_lists(database: str) -> None:
    await worlds.fill([0, 1, 4, 2], ["a", "b"])
    found = await courrier.listing(STAFF, EVERYTHING, courrier.DUE).page(Slice(first=100))
    assert [row["due_on"] is not None for row in found.rows] == [True, True]


# ---------------------------------------------------------------- what is no page


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (Slice(first=101), "BAD_PAGE_SIZE"),
        (Slice(first=1000), "BAD_PAGE_SIZE"),
        (Slice(last=1000), "BAD_PAGE_SIZE"),
        (Slice(first=-1), "BAD_PAGE_SIZE"),
        (Slice(last=-1), "BAD_PAGE_SIZE"),
        (Slice(first=2**62), "BAD_PAGE_SIZE"),
        (Slice(first=1, last=1), "BAD_PAGE"),
        (Slice(first=1, after="x", before="y"), "BAD_PAGE"),
    ],
)
def test_a_size_that_cannot_be_is_refused(asked: Slice, code: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        page.size(asked)
    assert refusal.value.code == code


def cursor(content: Any) -> str:
    return (
        base64.urlsafe_b64encode(content if isinstance(content, bytes) else orjson.dumps(content)).decode().rstrip("=")
    )


FORGED: list[Any] = [
    "",
    "x",
    "é",
    "\ud800",
    "=" * 10,
    "A" * 200_000,
    cursor([]),
    cursor({}),
    cursor({"courrier-newest": 1}),
    cursor("courrier-newest"),
    cursor(1),
    cursor(None),
    cursor(["courrier-newest"]),
    cursor(["courrier-newest", 1]),
    cursor(["courrier-newest", 1, 2, 3]),
    cursor(["courrier-newest", "1", 2]),
    cursor(["courrier-newest", 1.0, 2]),
    cursor(["courrier-newest", True, 2]),
    cursor(["courrier-newest", None, 2]),
    cursor(["courrier-newest", [1], 2]),
    cursor(["courrier-newest", {"a": 1}, 2]),
    cursor(b'["courrier-newest", 9223372036854775808, 1]'),
    cursor(b'["courrier-newest", -9223372036854775809, 1]'),
    cursor(b'["courrier-newest", 1, ' + b"9" * 5000 + b"]"),
    cursor(b'["courrier-newest", 1e400, 1]'),
    cursor(b'["courrier-newest", NaN, 1]'),
    cursor(b"[" * 5000),
    cursor(b"\xff\xfe"),
    cursor(["courrier-oldest", 1, 2]),
    cursor(["user-created", 1, 2]),
]


@pytest.mark.parametrize("forged", FORGED, ids=lambda one: one[:40])
async def test_a_forged_cursor_is_refused(database: str, forged: str) -> None:
    with pytest.raises(BadRequest) as refusal:
        await courrier.listing(STAFF, EVERYTHING).page(Slice(first=1, after=forged))
    assert refusal.value.code == "BAD_CURSOR"


@pytest.mark.parametrize(
    "forged", [["courrier-letter-date", "\0", 1], ["courrier-letter-date", 2020, 1]], ids=["a NUL", "a number"]
)
async def test_a_forged_text_key_is_refused(database: str, forged: list[Any]) -> None:
    with pytest.raises(BadRequest) as refusal:
        await courrier.listing(STAFF, EVERYTHING, courrier.LETTER_DATE).page(Slice(first=1, before=cursor(forged)))
    assert refusal.value.code == "BAD_CURSOR"


@pytest.mark.parametrize("name", LISTS)
async def test_a_cursor_serves_in_its_own_list_only(database: str, name: str) -> None:
    await worlds.fill([1, 2, 3], ["a", "b", "c"])
    own = LISTS[name]()
    given_cursor = (await own.page(Slice(first=1))).cursors[0]
    codes = set()
    for other in (make() for make in LISTS.values()):
        if other.order.name != own.order.name:
            with pytest.raises(BadRequest) as refusal:
                await other.page(Slice(first=1, after=given_cursor))
            codes.add(refusal.value.code)
    assert codes == {"BAD_CURSOR"}


def code_of(text: str) -> str | None:
    try:
        page.decode(courrier.AVAILABLE_NEWEST, text)
    except BadRequest as refusal:
        return refusal.code
    return None


@settings(max_examples=150)
@given(st.text() | st.binary().map(cursor) | st.lists(st.none() | st.integers(-(2**70), 2**70) | st.text()).map(str))
def test_whatever_is_sent_as_a_cursor_is_decoded_or_refused(text: str) -> None:
    assert code_of(text) in {None, "BAD_CURSOR"}


async def test_a_cursor_changed_anywhere_is_a_place_in_the_list_or_refused(database: str) -> None:
    await worlds.fill([1, 2, 3], ["a", "b"])
    listing = courrier.listing(STAFF, EVERYTHING, courrier.LETTER_DATE)
    good = (await listing.page(Slice(first=1))).cursors[0]
    codes = []
    for place in range(len(good)):
        for letter in "A9_-/\u00e9":
            try:
                await listing.page(Slice(first=1, after=good[:place] + letter + good[place + 1 :]))
            except BadRequest as refusal:
                codes.append(refusal.code)
    assert set(codes) == {"BAD_CURSOR"}
    assert len(codes) > len(good)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_what_a_list_gives_comes_back(key: int, number: int) -> None:
    order = courrier.AVAILABLE_NEWEST
    assert page.decode(order, page.encode(order, [key, number])) == [key, number]
