"""Changing one's own password (R-ACC-14, R-ACC-15)."""

import asyncio

import pytest

from backend import database as db
from backend.models import User
from backend.rules import password, password_change, session
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules import tables

ORIGIN = Origin("192.0.2.7", "Un navigateur")
CHOSEN = "nouvelle suite de mots tranquilles"
WRONG = "ce n'est pas celui-là"


async def signed_in(of: User) -> tuple[str, Viewer]:
    opened = await session.log_in(of.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    assert opened.secret is not None
    assert opened.viewer is not None
    return opened.secret, opened.viewer


async def change(viewer: Viewer, current: str = builders.PASSWORD, new: str = CHOSEN) -> list[str]:
    return [one.code.value for one in await password_change.change(viewer, current, new)]


async def is_live(secret: str) -> bool:
    return await session.authenticate(secret, ORIGIN) is not None


async def test_the_other_connections_end_and_the_owner_is_told(database: str) -> None:  # R-ACC-15
    person = await builders.user(first_name="Zoé", last_name="Lefèvre")
    other, _ = await signed_in(person)
    mine, viewer = await signed_in(person)
    async with db.transaction():
        reset = await password.issue_link(person.id, "PASSWORD_RESET")
    assert await change(viewer) == []
    assert (await is_live(mine), await is_live(other)) == (True, False)
    assert await password.link(reset) is None
    outcomes = [
        (await session.log_in(person.identifier, given, session.TOKEN, ORIGIN)).secret is not None
        for given in (builders.PASSWORD, CHOSEN)
    ]
    assert outcomes == [False, True]
    [mail] = await db.rows("SELECT * FROM notifications")
    assert (mail["kind"], mail["recipient"]) == ("SECURITY_ALERT", person.email)
    assert "vos autres connexions ont été fermées" in mail["body_text"]
    [event] = await tables.journal("password.changed")
    assert (event["actor_id"], event["subject_id"]) == (person.id, person.id)
    assert await tables.holding(CHOSEN) == []


@pytest.mark.parametrize(
    ("new", "code"),
    [
        ("court", "PASSWORD_TOO_SHORT"),
        ("motdepasse123", "PASSWORD_TOO_WEAK"),
        ("zoe-lefevre-1", "PASSWORD_PERSONAL"),
        (builders.PASSWORD, "INVALID_VALUE"),
    ],
)
async def test_the_password_chosen_is_judged(database: str, new: str, code: str) -> None:  # R-ACC-15
    person = await builders.user(first_name="Zoé", last_name="Lefèvre")
    _, viewer = await signed_in(person)
    [refusal] = await password_change.change(viewer, builders.PASSWORD, new)
    assert (refusal.code.value, refusal.path) == (code, ("newPassword",))
    assert (await session.log_in(person.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)).secret is not None


async def test_wrong_ones_count_towards_the_lock(database: str) -> None:  # R-ACC-14
    person = await builders.user()
    mine, viewer = await signed_in(person)
    assert (await session.log_in(person.identifier, WRONG, session.TOKEN, ORIGIN)).secret is None
    outcomes = [await change(viewer, WRONG) for _ in range(4)]
    assert outcomes == [["WRONG_PASSWORD"]] * 3 + [["ACCOUNT_LOCKED"]]
    assert not await is_live(mine)
    assert await change(viewer) == ["WRONG_PASSWORD"]  # the right one, too late
    assert [one["body"]["facts"]["why"] for one in await tables.journal("password.refused")] == [
        *["password"] * 3,
        "locked",
    ]
    assert await tables.journal("password.changed") == []


async def test_a_right_one_starts_the_count_again(database: str) -> None:  # R-ACC-14
    person = await builders.user()
    _, viewer = await signed_in(person)
    for _ in range(4):
        await change(viewer, WRONG)
    assert await change(viewer) == []
    assert (await tables.one("users", person.id))["failed_sign_ins"] == 0


async def test_guesses_at_once_are_all_counted(database: str) -> None:  # R-ACC-14
    person = await builders.user()
    _, viewer = await signed_in(person)
    outcomes = await asyncio.gather(*(change(viewer, WRONG) for _ in range(12)))
    assert outcomes.count(["WRONG_PASSWORD"]) == 4


async def test_two_changes_at_once_keep_the_first(database: str) -> None:  # R-ACC-15
    person = await builders.user()
    _, viewer = await signed_in(person)
    outcomes = await asyncio.gather(change(viewer, new=CHOSEN), change(viewer, new=f"{CHOSEN} encore"))
    assert sorted(outcomes) == [[], ["WRONG_PASSWORD"]]


async def test_a_program_or_nobody_has_no_password(database: str) -> None:  # R-ACC-15
    for viewer in (Viewer(), Viewer(api_client_id=1)):
        assert await change(viewer) == ["NOT_ALLOWED"]
