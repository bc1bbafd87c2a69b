"""Requests sent again: answered as the first time, done once (R-ACC-03, R-ACC-18)."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from backend import clock
from backend import database as db
from backend.jobs import schedule
from backend.models import User
from backend.rules import user
from tests import builders
from tests.rules import tables
from tests.rules.test_user import a_town, codes, somebody

Move = Callable[[str], None]


async def test_a_creation_sent_again_opens_one_account(database: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    first = await user.create(viewer, somebody(town), "clé-1")
    before = await tables.digest()
    assert (await user.create(viewer, somebody(town), "clé-1"), first.errors) == (first, ())
    assert await tables.digest() == before


async def test_a_creation_sent_twice_at_once_opens_one_account(database: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    for attempt in range(5):
        given = somebody(town, email=f"zoe-{attempt}@royan.example")
        outcomes = await asyncio.gather(*(user.create(viewer, given, f"clé-{attempt}") for _ in range(3)))
        assert len(set(outcomes)) == 1
        assert codes(outcomes[0]) == []
    assert await User.filter(establishment_id=town.id).count() == 1 + 5
    assert len(await db.rows("SELECT id FROM notifications")) == 5


async def test_a_key_serves_one_request_of_one_person(database: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    other = builders.viewer(await builders.user(town, administrator=True))
    await user.create(viewer, somebody(town), "k")
    told = [
        codes(await user.create(viewer, somebody(town, email="lou@royan.example"), "k")),
        codes(await user.create(other, somebody(town, email="léa@royan.example"), "k")),
        codes(await user.create(other, somebody(town, email="lea@royan.example"), "k")),
    ]
    assert told == [["KEY_REUSED"], ["INVALID_EMAIL"], []]


async def test_what_was_refused_is_judged_anew(database: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    twin = await builders.user(town, email="zoe@royan.example")
    refused = await user.create(viewer, somebody(town), "k")
    await user.delete(viewer, [twin.id])
    assert (codes(refused), codes(await user.create(viewer, somebody(town), "k"))) == (["EMAIL_TAKEN"], [])


@pytest.mark.parametrize("key", ["", "x" * 101, "a\nb", "a\0b"])
async def test_a_key_is_a_short_text(database: str, key: str) -> None:
    town, _, viewer = await a_town()
    before = await tables.digest()
    outcome = await user.create(viewer, somebody(town), key)
    assert (codes(outcome), outcome.errors[0].path) == (["INVALID_VALUE"], ("idempotencyKey",))
    assert await tables.digest() == before


async def test_a_key_is_forgotten_after_seven_days(database: str, moved_clock: Move) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    town, _, viewer = await a_town()
    await user.create(viewer, somebody(town), "k")
    moved_clock("2026-06-08T10:00+02:00")
    await schedule.tidy()
    kept = await db.rows("SELECT key FROM idempotency_keys")
    still = codes(await user.create(viewer, somebody(town), "k"))
    moved_clock("2026-06-08T10:01+02:00")
    after = codes(await user.create(viewer, somebody(town), "k"))
    await db.execute(
        "UPDATE idempotency_keys SET created_at = $1", [int(clock.to_microseconds(clock.now() - timedelta(days=8)))]
    )
    await schedule.tidy()
    assert (len(kept), still, after) == (1, [], ["EMAIL_TAKEN"])
    assert await db.rows("SELECT key FROM idempotency_keys") == []
