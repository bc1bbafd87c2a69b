"""Nominations: an administrator named by operators where none can sign in any more (R-ACC-02, 05, 11)."""

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from backend import clock
from backend import database as db
from backend.models import Establishment, User
from backend.reads import establishment as reads
from backend.reads.page import Slice
from backend.rules import nomination, password, session, user
from backend.rules.nomination import Nominated, Nomination
from backend.rules.user import NewUser
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules import tables
from tests.rules.test_user import mails, secret_in

Move = Callable[[str], None]
WHY = "Demande du maire, rappelé à la mairie."
ORIGIN = Origin("192.0.2.7", "Un navigateur")


def codes(outcome: Nominated) -> list[str]:
    return [one.code.value for one in outcome.errors]


def days_ago(count: int) -> date:
    return clock.today() - timedelta(days=count)


async def operator() -> Viewer:
    return builders.viewer(await builders.operator())


async def orphaned(*, expired: int = 3) -> tuple[Establishment, User, User]:
    """A town whose administrator has expired some days ago, and one of its agents."""
    town = await builders.establishment("Commune de Royan", functional_email="mairie@royan.example")
    chief = await builders.user(
        town,
        administrator=True,
        identifier="chief",
        first_name="Alix",
        last_name="Bernard",
        expires_on=days_ago(expired),
    )
    agent = await builders.user(town, identifier="agent", first_name="Zoé", last_name="Lefèvre")
    return town, chief, agent


def zoe(town: Establishment, email: str = "zoe@royan.example") -> NewUser:
    return NewUser(town.id, "Zoé", "Lefèvre", email, is_administrator=True)


async def listed(viewer: Viewer) -> list[int]:
    found = await reads.listing(viewer, reads.Filter(without_administrator=True)).page(Slice())
    return [row["id"] for row in found.rows]


async def test_an_account_that_signs_in_is_made_administrator(database: str) -> None:  # R-ACC-02, R-ACC-11
    viewer, (town, chief, agent) = await operator(), await orphaned()
    outcome = await nomination.nominate(viewer, Nomination(town.id, WHY, agent.id))
    assert outcome == Nominated(agent.id, "agent", is_invited=False)
    assert (await User.get(id=agent.id)).is_administrator
    assert (await session.log_in("agent", builders.PASSWORD, "TOKEN", ORIGIN)).errors == ()
    sent = {mail["recipient"]: mail for mail in await mails()}
    assert set(sent) == {agent.email, chief.email, "mairie@royan.example"}
    assert "vous êtes désormais administrateur de Commune de Royan" in sent[agent.email]["subject"]
    for mail in sent.values():
        assert WHY in mail["body_text"]
        assert (mail["establishment_id"], mail["rule"]) == (town.id, "R-ACC-02")
    assert "Zoé Lefèvre" in sent["mairie@royan.example"]["body_text"]
    assert "Zoé Lefèvre" in sent[chief.email]["body_html"]
    [told] = await tables.journal("establishment.administrator_nominated")
    assert (told["actor_id"], told["establishment_id"], told["subject_id"]) == (viewer.user_id, town.id, agent.id)
    assert told["body"]["facts"] == {"reason": WHY, "invited": False}
    [changed] = await tables.journal("user.profile_changed")
    assert changed["body"]["changes"] == {"profile": ["USER", "ADMINISTRATOR"]}


async def test_a_person_gets_an_account_and_an_invitation(database: str) -> None:  # R-ACC-02, R-ACC-03
    viewer, (town, _, _) = await operator(), await orphaned()
    outcome = await nomination.nominate(viewer, Nomination(town.id, WHY, person=zoe(town)))
    assert (outcome.errors, outcome.is_invited) == ((), True)
    made = await User.get(id=outcome.user_id)
    assert (made.is_administrator, made.identifier, made.password_hash) == (True, outcome.identifier, None)
    [mail] = [one for one in await mails() if one["kind"] == "INVITATION"]
    chosen = await password.set_password(secret_in(mail), "girafe tunnel orange cadran", ORIGIN)
    assert chosen.identifier == made.identifier


async def test_an_expired_administrator_is_reopened_and_invited(database: str) -> None:  # R-ACC-11
    viewer, (town, chief, _) = await operator(), await orphaned(expired=150)
    open_before = await db.rows(
        "INSERT INTO sessions (user_id, token_hash, transport, created_at, last_seen_at, expires_at) "
        "VALUES ($1, 'x', 'TOKEN', 1, 1, 9000000000000000) RETURNING id",
        [chief.id],
    )
    outcome = await nomination.nominate(viewer, Nomination(town.id, WHY, chief.id))
    assert (outcome.errors, outcome.identifier, outcome.is_invited) == ((), "chief", True)
    now = await User.get(id=chief.id)
    assert (now.password_hash, now.expires_on) == (None, clock.add_months(clock.today(), 18))
    assert (await tables.one("sessions", open_before[0]["id"]))["ended_at"] is not None
    assert [one["kind"] for one in await mails() if one["recipient"] == chief.email] == ["INVITATION"]
    [event] = await tables.journal("user.reopened")
    assert event["body"]["changes"]["expires_on"][0] == days_ago(150).isoformat()


async def test_an_account_that_expired_too_long_ago_is_not_reopened(
    database: str, moved_clock: Move
) -> None:  # R-ACC-11
    moved_clock("2026-08-31T12:00+02:00")
    viewer = await operator()
    town = await builders.establishment()
    chief = await builders.user(town, administrator=True, expires_on=date(2026, 2, 28))
    moved_clock("2026-08-28T23:00+02:00")
    assert codes(await nomination.nominate(viewer, Nomination(town.id, WHY, chief.id, despite_invitation=True))) == []
    await db.execute("UPDATE users SET expires_on = '2026-02-28', password_hash = 'x' WHERE id = $1", [chief.id])
    moved_clock("2026-08-29T00:30+02:00")
    assert codes(await nomination.nominate(viewer, Nomination(town.id, WHY, chief.id))) == ["REOPENING_TOO_LATE"]


@pytest.mark.parametrize("state", [{}, {"locked_at": clock.now()}])
async def test_where_somebody_can_still_administer_nobody_is_nominated(
    database: str, state: dict[str, object]
) -> None:  # R-ACC-02, R-ACC-14: a lock lifts by itself
    viewer, (town, _, agent) = await operator(), await orphaned()
    await builders.user(town, administrator=True, first_name="Léa", last_name="Petit", **state)
    before = await tables.digest()
    outcome = await nomination.nominate(viewer, Nomination(town.id, WHY, agent.id, despite_invitation=True))
    assert codes(outcome) == ["CAN_STILL_SIGN_IN"]
    assert "Léa Petit" in outcome.errors[0].message
    assert await tables.digest() == before


async def test_an_invitation_is_waited_for_unless_it_is_cancelled(database: str) -> None:  # R-ACC-03
    viewer, (town, _, agent) = await operator(), await orphaned()
    first = await nomination.nominate(viewer, Nomination(town.id, WHY, person=zoe(town, "zoe@royam.example")))
    secret = secret_in(next(one for one in await mails() if one["kind"] == "INVITATION"))
    waited = await nomination.nominate(viewer, Nomination(town.id, WHY, agent.id))
    assert [(one.code.value, one.path) for one in waited.errors] == [("CAN_STILL_SIGN_IN", ("despiteInvitation",))]
    again = await nomination.nominate(viewer, Nomination(town.id, WHY, first.user_id))
    assert (codes(again), again.is_invited) == ([], True)
    assert await password.link(secret) is None
    done = await nomination.nominate(viewer, Nomination(town.id, WHY, agent.id, despite_invitation=True))
    assert codes(done) == []
    misspelt = await User.get(id=first.user_id)
    assert misspelt.deleted_at is not None
    assert await db.rows("SELECT id FROM links WHERE used_at IS NULL AND revoked_at IS NULL") == []
    [deleted] = await tables.journal("user.deleted")
    assert (deleted["subject_id"], deleted["establishment_id"]) == (misspelt.id, town.id)


async def test_two_operators_at_once_nominate_one(database: str) -> None:  # R-ACC-02, R-ACC-05
    one, other, (town, _, agent) = await operator(), await operator(), await orphaned()
    second = await builders.user(town)
    outcomes = await asyncio.gather(
        nomination.nominate(one, Nomination(town.id, WHY, agent.id)),
        nomination.nominate(other, Nomination(town.id, WHY, second.id)),
        nomination.nominate(one, Nomination(town.id, WHY, person=zoe(town))),
    )
    assert sorted(codes(each) for each in outcomes) == [[], ["CAN_STILL_SIGN_IN"], ["CAN_STILL_SIGN_IN"]]
    assert await User.filter(establishment_id=town.id, is_administrator=True).count() == 2  # the expired one, and one


async def test_a_nomination_is_refused_with_its_reason(database: str) -> None:
    viewer, (town, chief, agent) = await operator(), await orphaned()
    elsewhere = await builders.user(await builders.establishment())
    gone = await builders.user(town, deleted_at=clock.now())
    former = await builders.operator()
    await db.execute("UPDATE users SET is_operator = $1 WHERE id = $2", [False, former.id])
    program, _ = await builders.api_client("MANAGE_ESTABLISHMENTS")
    manages = Viewer(api_client_id=program.id, scopes=frozenset({"MANAGE_ESTABLISHMENTS"}))
    before = await tables.digest()
    cases = [
        (viewer, Nomination(town.id, " ", agent.id), ["REASON_NEEDED"]),
        (viewer, Nomination(town.id, "x" * 501, agent.id), ["INVALID_VALUE"]),
        (viewer, Nomination(town.id, WHY), ["INVALID_VALUE"]),
        (viewer, Nomination(town.id, WHY, agent.id, zoe(town)), ["INVALID_VALUE"]),
        (viewer, Nomination(town.id, WHY, elsewhere.id), ["NOT_FOUND"]),
        (viewer, Nomination(town.id, WHY, gone.id), ["NOT_FOUND"]),
        (viewer, Nomination(999_999, WHY, agent.id), ["NOT_FOUND"]),
        (viewer, Nomination(town.id, WHY, person=zoe(town, agent.email)), ["EMAIL_TAKEN"]),
        (viewer, Nomination(town.id, WHY, person=zoe(town, "zoe")), ["INVALID_EMAIL"]),
        (builders.viewer(agent), Nomination(town.id, WHY, agent.id), ["NOT_ALLOWED"]),
        (builders.viewer(chief), Nomination(town.id, WHY, agent.id), ["NOT_ALLOWED"]),
        (builders.viewer(former, is_operator=True), Nomination(town.id, WHY, agent.id), ["NOT_ALLOWED"]),
        (manages, Nomination(town.id, WHY, agent.id), ["NOT_ALLOWED"]),
    ]
    for asker, given, expected in cases:
        assert codes(await nomination.nominate(asker, given)) == expected, given
    assert await tables.digest() == before


# ---------------------------------------------------------------- the operators' list


async def test_the_list_holds_who_has_nobody_left_and_since_when(database: str, moved_clock: Move) -> None:  # R-ACC-11
    moved_clock("2026-06-10T12:00+02:00")
    viewer = await operator()
    expired = await builders.establishment("A")
    await builders.user(expired, administrator=True, expires_on=date(2026, 5, 31))
    await builders.user(expired, administrator=True, expires_on=date(2026, 3, 1))
    deleted = await builders.establishment("B")
    await builders.user(deleted, administrator=True, deleted_at=clock.now() - timedelta(days=9))
    letters = await builders.establishment("C", registered_on=date(2024, 2, 3))
    await builders.courrier(letters)
    await builders.establishment("Sans compte ni courrier")
    fine = await builders.establishment("D")
    await builders.user(fine, administrator=True)
    await builders.user(fine, administrator=True, expires_on=date(2026, 5, 31))
    locked = await builders.establishment("E")
    await builders.user(locked, administrator=True, locked_at=clock.now())
    awaited = await builders.establishment("F")
    async with db.transaction():
        await user.add(viewer, zoe(awaited))
    assert await listed(viewer) == [expired.id, deleted.id, letters.id]
    ids = [expired.id, deleted.id, letters.id, fine.id, awaited.id]
    since = [date(2026, 6, 1), date(2026, 6, 1), date(2024, 2, 3), None, None]
    assert await reads.without_administrator_since(ids) == since
    rest = reads.listing(viewer, reads.Filter(without_administrator=False))
    everything = reads.listing(viewer, reads.Filter())
    assert await rest.total() == await everything.total() - 3


async def test_a_dead_invitation_puts_the_establishment_on_the_list(
    database: str, moved_clock: Move
) -> None:  # R-ACC-11
    moved_clock("2026-06-01T12:00+02:00")
    viewer, town = await operator(), await builders.establishment()
    async with db.transaction():
        await user.add(viewer, zoe(town))
    moved_clock("2026-06-16T11:59+02:00")
    before = await listed(viewer)
    moved_clock("2026-06-16T12:00+02:00")
    assert (before, await listed(viewer)) == ([], [town.id])


async def test_the_last_administrator_expires_is_listed_and_replaced(
    database: str, moved_clock: Move
) -> None:  # R-ACC-11
    moved_clock("2026-06-30T23:59+02:00")
    viewer, (town, chief, agent) = await operator(), await orphaned(expired=0)
    await db.execute("UPDATE users SET expires_on = '2026-12-31' WHERE id IN ($1, $2)", [agent.id, viewer.user_id])
    before = await listed(viewer)
    moved_clock("2026-07-01T00:00+02:00")
    assert (before, await listed(viewer)) == ([], [town.id])
    assert codes(await nomination.nominate(viewer, Nomination(town.id, WHY, agent.id))) == []
    assert await listed(viewer) == []
    assert chief.is_administrator
