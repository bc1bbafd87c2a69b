"""Accounts that expired are reopened, and invitations cancelled, by an explicit act (R-ACC-03, 04, 11)."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from backend import clock
from backend import database as db
from backend.models import Establishment, User
from backend.reads import task
from backend.reads.page import Slice
from backend.reads.user import Filter, listing
from backend.rules import password, right, session, user
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables
from tests.rules.test_right import refused_viewers
from tests.rules.test_user import ORIGIN, a_town, codes, mails, secret_in, somebody

Move = Callable[[str], None]


async def test_an_expired_account_is_reopened_with_a_new_invitation(database: str, moved_clock: Move) -> None:
    # R-ACC-11
    moved_clock("2026-01-10T09:00+01:00")
    town, chief, viewer = await a_town()
    agent = await builders.user(town, rights={"COURRIERS": 2}, expires_on=date(2026, 2, 28))
    opened = await session.log_in(agent.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    async with db.transaction():
        reset = await password.issue_link(agent.id, "PASSWORD_RESET")
    await User.filter(id=agent.id).update(expires_on=date(2026, 2, 28), failed_sign_ins=3)
    moved_clock("2026-03-01T00:30+01:00")
    assert await session.authenticate(opened.secret or "", ORIGIN) is None

    assert await user.reopen(viewer, agent.id) == []
    now = await User.get(id=agent.id)
    assert (now.expires_on, now.password_hash, now.failed_sign_ins) == (date(2027, 9, 1), None, 0)
    assert await session.authenticate(opened.secret or "", ORIGIN) is None
    assert await password.link(reset) is None
    refused = await session.log_in(agent.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    assert refused.viewer is None
    [mail] = await mails()
    assert (mail["kind"], mail["recipient"], mail["rule"]) == ("INVITATION", agent.email, "R-ACC-11")
    assert "rouvert" in mail["subject"]
    assert "16\u00a0mars\u00a02026" in mail["body_text"]
    assert await password.link(secret_in(mail)) is not None
    held = await db.rows("SELECT level FROM rights WHERE user_id = $1", [agent.id])
    assert [one["level"] for one in held] == [2]  # to be reviewed: kept, told by the journal, shown by the screen
    [event] = await tables.journal("user.reopened")
    assert (event["actor_id"], event["subject_id"], event["establishment_id"]) == (chief.id, agent.id, town.id)
    assert event["body"]["changes"] == {"expires_on": ["2026-02-28", "2027-09-01"]}
    assert event["body"]["facts"] == {"rights": {"COURRIERS": 2}}


async def reopened(town: Establishment, viewer: Viewer) -> int:
    """An account that has been reopened; its rights wait for a review."""
    agent = await builders.user(
        town, rights={"COURRIERS": 2}, expires_on=clock.today() - timedelta(days=1), last_login_at=clock.now()
    )
    assert await user.reopen(viewer, agent.id) == []
    return agent.id


async def to_review(viewer: Viewer) -> tuple[list[int], list[str]]:
    """The accounts listed for a review, and the tasks it makes."""
    page = await listing(viewer, Filter(has_rights_to_review=True)).page(Slice(first=10))
    tasks = [one.label for one in await task.waiting(viewer) if one.kind == "REVIEW_RIGHTS"]
    return [one["id"] for one in page.rows], tasks


@pytest.mark.parametrize("how", ["confirmed", "changed", "the same", "copied"])
async def test_rights_are_to_be_reviewed_until_an_administrator_has(database: str, how: str) -> None:  # R-ACC-11
    town, chief, viewer = await a_town()
    other = await builders.user(town, rights={"COURRIERS": 1})
    number = await reopened(town, viewer)
    assert await to_review(viewer) == ([number], ["1 compte rouvert : droits à revoir"])
    levels = {"changed": [right.Wanted("COURRIERS", 0)], "the same": []}
    if how == "confirmed":
        done = await right.confirm(viewer, [number])
    elif how == "copied":
        done = await right.copy(viewer, other.id, [number])
    else:
        done = await right.give(viewer, [number], levels[how])
    assert done.done_ids == [number]
    assert await to_review(viewer) == ([], [])
    [event] = await tables.journal("right.reviewed")
    assert (event["actor_id"], event["subject_id"], event["establishment_id"]) == (chief.id, number, town.id)
    held = await db.rows("SELECT level FROM rights WHERE user_id = $1", [number])
    assert [one["level"] for one in held] == {"changed": [], "copied": [1]}.get(how, [2])
    await right.confirm(viewer, [number, other.id])
    assert len(await tables.journal("right.reviewed")) == 1  # nothing was to be reviewed any more


async def test_a_review_ends_with_the_account_and_waits_again_once_reopened_again(database: str) -> None:  # R-ACC-11
    town, _, viewer = await a_town()
    number = await reopened(town, viewer)
    await right.confirm(viewer, [number])
    await User.filter(id=number).update(expires_on=clock.today() - timedelta(days=1))
    await user.reopen(viewer, number)
    assert (await to_review(viewer))[0] == [number]
    await User.filter(id=number).update(expires_on=clock.today() - timedelta(days=1))
    assert await to_review(viewer) == ([], [])  # expired again: there is nothing to review
    await user.delete(viewer, [number])
    assert (await User.get(id=number)).rights_to_review_since is None


async def test_nobody_but_an_administrator_of_the_establishment_says_rights_are_reviewed(
    database: str,
) -> None:  # R-ACC-02
    town, _, viewer = await a_town()
    number = await reopened(town, viewer)
    viewers = await refused_viewers(town, await builders.user(town))
    before = await tables.digest()
    told = [(await right.confirm(one, [number])).done_ids for one in viewers]
    assert (set(map(tuple, told)), await tables.digest()) == ({()}, before)
    assert (await right.confirm(viewer, [number] * 501)).errors != ()


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2026-08-31T23:59+02:00", ["NOT_EXPIRED"]),
        ("2026-09-01T00:00+02:00", []),
        ("2027-02-28T23:59+01:00", []),
        ("2027-03-01T00:00+01:00", ["REOPENING_TOO_LATE"]),
    ],
)
async def test_an_account_is_reopened_within_six_months(  # R-ACC-11
    database: str, moved_clock: Move, day: str, told: list[str]
) -> None:
    moved_clock("2026-06-01T09:00+02:00")
    town, _, viewer = await a_town()
    agent = await builders.user(town, expires_on=date(2026, 8, 31))
    moved_clock(day)
    before = await tables.digest()
    assert codes(await user.reopen(viewer, agent.id)) == told
    assert (await tables.digest() == before) == bool(told)


@pytest.mark.parametrize("values", [{}, {"password_hash": None}, {"locked_at": True}])
async def test_only_an_expired_account_is_reopened(database: str, values: dict[str, object]) -> None:  # R-ACC-11
    town, _, viewer = await a_town()
    agent = await builders.user(town, **({"locked_at": clock.now()} if "locked_at" in values else values))
    assert codes(await user.reopen(viewer, agent.id)) == ["NOT_EXPIRED"]


async def test_a_cancelled_invitation_removes_the_account_and_kills_its_link(database: str) -> None:  # R-ACC-03
    town, chief, viewer = await a_town()
    made = await user.create(viewer, somebody(town))
    assert await user.cancel_invitation(viewer, made.user_id or 0) == []
    [mail] = await mails()
    assert await password.link(secret_in(mail)) is None
    assert (await User.get(id=made.user_id)).deleted_at is not None
    [event] = await tables.journal("user.deleted")
    assert (event["actor_id"], event["subject_id"]) == (chief.id, made.user_id)
    assert event["body"]["facts"]["why"] == "invitation cancelled"
    assert codes(await user.cancel_invitation(viewer, made.user_id or 0)) == ["NOT_FOUND"]
    assert codes(await user.create(viewer, somebody(town))) == []  # R-ACC-01: the address is free again


async def test_only_an_account_never_used_has_its_invitation_cancelled(database: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    used = await builders.user(town)
    expired = await builders.user(town, password_hash=None, expires_on=date(2020, 1, 1))
    reopened = await builders.user(town, password_hash=None, last_login_at=clock.now())
    before = await tables.digest()
    told = [codes(await user.cancel_invitation(viewer, one.id)) for one in (used, expired, reopened)]
    assert (told, await tables.digest()) == ([["NOT_INVITED"]] * 3, before)


async def test_the_one_left_by_a_cancelled_invitation_administers(database: str) -> None:  # R-ACC-04, R-ACC-05
    town, chief, viewer = await a_town()
    made = await user.create(viewer, somebody(town, is_administrator=True))
    assert codes(await user.set_profile(viewer, chief.id, is_administrator=False)) == ["LAST_ADMINISTRATOR"]
    assert await user.cancel_invitation(viewer, made.user_id or 0) == []
    assert (await User.get(id=chief.id)).is_administrator


async def test_nobody_but_an_administrator_of_the_establishment_reopens_or_cancels(database: str) -> None:  # R-ACC-02
    town, _, _ = await a_town()
    viewers = await refused_viewers(town, await builders.user(town))
    expired = await builders.user(town, expires_on=clock.today().replace(day=1) - clock.today().resolution)
    waiting = await builders.user(town, password_hash=None)
    before = await tables.digest()
    told = [codes(await user.reopen(one, expired.id)) for one in viewers]
    told += [codes(await user.cancel_invitation(one, waiting.id)) for one in viewers]
    assert [one for one in told if one != ["NOT_FOUND"]] == []
    assert await tables.digest() == before
