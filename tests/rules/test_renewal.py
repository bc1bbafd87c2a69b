"""Accounts renewed over all the establishments one administers, each with its result (R-ACC-10)."""

import asyncio
from datetime import date, timedelta

from backend import clock
from backend import database as db
from backend.models import Establishment, User
from backend.reads import task
from backend.reads import user as reads
from backend.reads.page import Slice
from backend.rules import user
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables
from tests.rules.test_user import codes

NADIA = {"first_name": "Nadia", "last_name": "Benali", "email": "nadia@cdg.example"}


async def nadia_at(town: Establishment, **values: object) -> User:
    return await builders.user(town, **{"administrator": True, **NADIA, **values})  # type: ignore[arg-type]


async def towns(number: int) -> tuple[list[Establishment], Viewer, list[User]]:
    """Towns that Nadia administers, and an account of each that expires in ten days."""
    made = [await builders.establishment(f"Commune {place}") for place in range(number)]
    own = [await nadia_at(town) for town in made]
    soon = clock.today() + timedelta(days=10)
    return made, builders.viewer(own[0]), [await builders.user(town, expires_on=soon) for town in made]


async def expiries(accounts: list[User]) -> set[date]:
    return {one.expires_on for one in await User.filter(id__in=[one.id for one in accounts])}


async def test_accounts_of_all_the_establishments_one_administers_are_renewed(database: str) -> None:  # R-ACC-10
    made, viewer, accounts = await towns(3)
    outcome = await user.renew(viewer, [one.id for one in accounts])
    assert codes(outcome) == []
    assert await expiries(accounts) == {clock.add_months(clock.today(), 18)}
    events = await tables.journal("user.renewed")
    assert {(one["establishment_id"], one["subject_id"], one["actor_id"]) for one in events} == {
        (town.id, account.id, viewer.user_id) for town, account in zip(made, accounts, strict=True)
    }


async def test_those_of_others_are_not(database: str) -> None:  # R-ACC-02, R-ACC-10
    _, viewer, [account] = await towns(1)
    soon = clock.today() + timedelta(days=10)
    homonym = await builders.establishment()
    await nadia_at(homonym, email="une-autre@cdg.example")
    namesake = await builders.establishment()
    await nadia_at(namesake, last_name="Martin")
    plain = await builders.establishment()
    await nadia_at(plain, administrator=False)
    locked = await builders.establishment()
    await nadia_at(locked, locked_at=clock.now())
    theirs = [await builders.user(town, expires_on=soon) for town in (homonym, namesake, plain, locked)]
    outcome = await user.renew(viewer, [*(one.id for one in theirs), account.id])
    assert [[one.code.value for one in errors] for _, errors in outcome.results] == [["NOT_FOUND"]] * 4 + [[]]
    assert await expiries(theirs) == {soon}


async def test_from_an_account_that_has_expired_one_renews_nothing_elsewhere(database: str) -> None:  # R-ACC-10, 11
    """It had not when the request began."""
    places, viewer, _ = await towns(2)
    agent = await builders.user(places[1], expires_on=clock.today())
    await User.filter(id=viewer.user_id).update(expires_on=clock.today() - timedelta(days=1))
    before = await tables.digest()
    assert codes(await user.renew(viewer, [agent.id])) == ["NOT_FOUND"]
    assert await tables.digest() == before


async def test_two_who_renew_the_same_accounts_at_once_never_wait_for_each_other(database: str) -> None:  # R-ACC-10
    made, viewer, accounts = await towns(4)
    other = builders.viewer(await nadia_at(made[3], email="x@cdg.example"))
    for town in made[:3]:
        await nadia_at(town, email="x@cdg.example")
    ids = [one.id for one in accounts]
    for _ in range(5):
        await User.filter(id__in=ids).update(expires_on=clock.today() + timedelta(days=10))
        before = len(await tables.journal("user.renewed"))
        outcomes = await asyncio.gather(
            user.renew(viewer, ids), user.renew(other, ids[::-1]), user.renew(viewer, ids[2:] + ids[:2])
        )
        assert [codes(one) for one in outcomes] == [[], [], []]
        assert len(await tables.journal("user.renewed")) == before + len(ids)  # each moved once


async def test_what_is_to_renew_is_listed_and_counted_over_all(database: str) -> None:  # R-ACC-10
    made, viewer, accounts = await towns(3)
    await builders.user(made[0], expires_on=clock.today() + timedelta(days=61))
    await builders.user(made[1], expires_on=clock.today() - timedelta(days=1))
    await builders.user(expires_on=clock.today())
    first = await builders.user(made[2], expires_on=clock.today())
    page = await reads.to_renew(viewer).page(Slice(first=100))
    assert [one["id"] for one in page.rows] == [first.id, *(one.id for one in accounts)]
    assert await reads.to_renew(viewer, within=5).total() == 1
    [told] = [one for one in await task.waiting(viewer) if one.kind == "RENEW_ACCOUNTS"]
    assert (told.count, told.establishment_id, told.due_on) == (4, None, clock.today().isoformat())
    assert told.label == "4 comptes expirent bientôt, dans 3 établissements"


async def test_nobody_else_has_any_to_renew(database: str) -> None:  # R-ACC-10
    [town], _, [account] = await towns(1)
    for viewer in (Viewer(), Viewer(api_client_id=1), builders.viewer(account), builders.viewer(await builders.user())):
        assert (await reads.to_renew(viewer).page(Slice())).rows == []
    assert town.id == account.establishment_id


async def test_accounts_of_ten_establishments_take_as_many_statements_as_those_of_two(database: str) -> None:
    _, viewer, accounts = await towns(12)
    counts = []
    for some in (accounts[:2], accounts[2:]):
        db.statements.seen = []
        await user.renew(viewer, [one.id for one in some])
        counts.append(len(db.statements.seen))
        db.statements.seen = None
    assert counts[0] == counts[1] < 12
