"""Accounts that time removes, and the erasure of those who left (R-ACC-04, R-ACC-11, R-ACC-12, R-ACC-13)."""

import asyncio
from collections.abc import Callable
from datetime import date

import pytest

from backend import clock
from backend import database as db
from backend.models import Establishment, IssuedIdentifier, Right, User
from backend.reads import user as accounts
from backend.rules import departure, expiry, journal, user
from backend.rules.user import NewUser
from tests import builders
from tests.rules import tables

Move = Callable[[str], None]
CANARIES = ("Zéphyrine", "Quatrebarbes", "zephyrine", "quatrebarbes", "zquatrebarbes", "05.46.07", "192.0.2.7")


async def a_town() -> tuple[Establishment, User]:
    town = await builders.establishment()
    return town, await builders.user(town, administrator=True, expires_on=date(2040, 1, 1))


async def is_there(one: User) -> bool:
    return (await User.get(id=one.id)).deleted_at is None


# ---------------------------------------------------------------- six months after the expiry


@pytest.mark.parametrize(
    ("expired_on", "last_day"),
    [("2026-08-31", "2027-02-28"), ("2027-08-29", "2028-02-29"), ("2026-12-31", "2027-06-30")],
)
async def test_an_expired_account_is_deleted_after_six_months(
    database: str, moved_clock: Move, expired_on: str, last_day: str
) -> None:  # R-ACC-11
    moved_clock("2026-07-01T12:00+02:00")
    town, _ = await a_town()
    gone = await builders.user(town, expires_on=date.fromisoformat(expired_on), rights={"COURRIERS": builders.READ})
    moved_clock(f"{last_day}T21:00+00:00")
    assert expiry.reopened_until(gone.expires_on).isoformat() == last_day
    await departure.remove_expired()
    assert await is_there(gone) is True
    moved_clock(f"{last_day}T23:30+00:00")  # the next day, in Paris
    for _ in range(2):
        await departure.remove_expired()
    assert await is_there(gone) is False
    [event] = await tables.journal("user.deleted")
    assert (event["subject_id"], event["establishment_id"], event["actor_id"]) == (gone.id, town.id, None)
    assert event["body"]["facts"] == {"rights": {"COURRIERS": 1}, "delegations": [], "why": "expired"}
    assert await Right.all().count() == 0


async def test_the_one_left_becomes_administrator(database: str, moved_clock: Move) -> None:  # R-ACC-04
    moved_clock("2026-11-01T12:00+01:00")
    both = []
    for number in range(3):
        town = await builders.establishment()
        both.append(await builders.user(town, expires_on=date(2040, 1, 1)))
        await builders.user(town, administrator=True, expires_on=date(2026, 1, 1))
        if number == 2:
            await builders.user(town, expires_on=date(2040, 1, 1))
    await departure.remove_expired()
    assert [(await User.get(id=one.id)).is_administrator for one in both] == [True, True, False]
    assert [one["subject_id"] for one in await tables.journal("user.profile_changed")] == [one.id for one in both[:2]]


async def test_many_at_once_are_deleted_once(database: str, moved_clock: Move, monkeypatch: pytest.MonkeyPatch) -> None:
    moved_clock("2026-11-01T12:00+01:00")
    monkeypatch.setattr(departure, "TOGETHER", 2)
    for _ in range(3):
        town, _ = await a_town()
        for _ in range(3):
            await builders.user(town, expires_on=date(2026, 1, 1))
    await asyncio.gather(*(departure.remove_expired() for _ in range(4)))
    assert await User.filter(deleted_at=None).count() == 3
    assert len(await tables.journal("user.deleted")) == 9


# ---------------------------------------------------------------- invitations


async def test_an_invitation_never_followed_is_removed_after_ninety_days(
    database: str, moved_clock: Move
) -> None:  # R-ACC-13
    moved_clock("2026-06-01T10:00+02:00")
    town, chief = await a_town()
    viewer = builders.viewer(chief)
    invited, again = [
        await user.create(viewer, NewUser(town.id, "Zoé", f"Lefèvre {number}", f"z{number}@royan.example", False))
        for number in range(2)
    ]
    moved_clock("2026-07-01T10:00+02:00")
    assert await user.resend_invitation(viewer, again.user_id or 0) == []  # its 90 days begin again
    moved_clock("2026-08-30T09:59+02:00")
    await departure.remove_uninvited()
    assert await tables.journal("user.deleted") == []
    moved_clock("2026-08-30T10:00+02:00")
    for _ in range(2):
        await departure.remove_uninvited()
    [event] = await tables.journal("user.deleted")
    assert (event["subject_id"], event["body"]["facts"]["why"]) == (invited.user_id, "invitation never followed")
    link = await db.row("SELECT revoked_at FROM links WHERE user_id = $1", [invited.user_id])
    assert link is not None
    assert link["revoked_at"] is not None
    assert await db.row("SELECT deleted_at FROM users WHERE id = $1", [again.user_id]) == {"deleted_at": None}


async def test_removing_an_invitation_never_takes_an_administrator_away(
    database: str, moved_clock: Move
) -> None:  # R-ACC-04, R-ACC-05
    """One who never chose a password cannot sign in: the others stay, and whoever is left alone administers."""
    moved_clock("2026-11-01T12:00+01:00")
    town = await builders.establishment()
    await builders.user(town, administrator=True, password_hash=None, invited_at=clock.now())
    left = await builders.user(town)
    sole = await builders.user(administrator=True, password_hash=None, invited_at=clock.now())
    moved_clock("2027-02-01T12:00+01:00")
    await departure.remove_uninvited()
    assert (await User.get(id=left.id)).is_administrator is True
    assert await is_there(sole) is False  # no account is left: the establishment is on the operators' list


# ---------------------------------------------------------------- erasure


async def a_person_who_left(move: Move) -> tuple[User, User]:
    """Their chief, and somebody whose name, address and telephone were in many tables, deleted on 29 February 2028."""
    move("2027-06-01T10:00+02:00")
    town, chief = await a_town()
    viewer = builders.viewer(chief)
    made = await user.create(
        viewer,
        NewUser(town.id, "Zéphyrine", "Quatrebarbes", "zephyrine@royan.example", False, "MADAME", "05.46.07.00.00"),
    )
    person = await User.get(id=made.user_id)
    person.password_hash = builders.password_hash()
    await person.save()
    await builders.service()
    await Right.create(
        user_id=chief.id,
        service_id=(await builders.service()).id,
        level=1,
        granted_at=clock.now(),
        granted_by_id=person.id,
    )
    async with db.transaction():
        journal.record(
            builders.viewer(person, origin=user.session.Origin("192.0.2.7", "Un navigateur")),
            journal.Event("session.opened", establishment_id=town.id, subject=("Session", 1)),
        )
        journal.record(
            builders.viewer(person),
            journal.Event("right.changed", subject=("User", chief.id), changes={"COURRIERS": ("NONE", "READ")}),
        )
    move("2028-02-29T10:00+01:00")
    await user.delete(viewer, [person.id])
    return chief, person


async def test_a_person_who_left_is_erased_after_two_years(database: str, moved_clock: Move) -> None:  # R-ACC-12
    _, person = await a_person_who_left(moved_clock)
    moved_clock("2030-02-27T12:00+01:00")
    await departure.erase()
    assert await tables.holding("Quatrebarbes") != []
    moved_clock("2030-02-28T00:00+01:00")
    for _ in range(2):
        await departure.erase()
    for canary in CANARIES:
        assert await tables.holding(canary, without={("issued_identifiers", "value")}) == [], canary
    erased = await User.get(id=person.id)
    assert (erased.first_name, erased.last_name, erased.search_text) == ("Compte", "supprimé", "")
    assert erased.erased_at == clock.now()
    assert await IssuedIdentifier.exists(value=person.identifier)  # and never given again
    [event] = await tables.journal("user.erased")
    assert (event["subject_id"], event["actor_id"]) == (person.id, None)


async def test_the_journal_still_verifies_and_tells_what_was_done_to_others(
    database: str, moved_clock: Move
) -> None:  # R-ACC-12, R-JRN-03
    chief, person = await a_person_who_left(moved_clock)
    before = await db.rows("SELECT id, hash FROM audit_events ORDER BY id")
    moved_clock("2030-03-01T12:00+01:00")
    await departure.erase()
    assert await journal.verify() == (len(before) + 1, None)
    assert await db.rows("SELECT id, hash FROM audit_events ORDER BY id LIMIT $1", [len(before)]) == before
    kept = await tables.journal("right.changed")
    assert [(one["actor_id"], one["subject_id"]) for one in kept] == [(person.id, chief.id)]
    assert await tables.journal("session.opened") == []


async def test_where_an_erased_person_acted_the_graph_names_a_deleted_account(
    database: str, moved_clock: Move
) -> None:  # R-ACC-12
    _, person = await a_person_who_left(moved_clock)
    moved_clock("2030-03-01T12:00+01:00")
    await departure.erase()
    [row] = await accounts.named([person.id])
    assert row is not None
    assert (f"{row['first_name']} {row['last_name']}", row["status"]) == ("Compte supprimé", "DELETED")


async def test_many_are_erased_in_slices_and_once(
    database: str, moved_clock: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved_clock("2026-01-01T12:00+01:00")
    monkeypatch.setattr(departure, "TOGETHER", 2)
    town, _ = await a_town()
    for _ in range(5):
        await builders.user(town, deleted_at=clock.now())
    moved_clock("2028-06-01T12:00+02:00")
    await asyncio.gather(*(departure.erase() for _ in range(3)))
    assert await User.exclude(erased_at=None).count() == 5
    assert len(await tables.journal("user.erased")) == 5
