"""Accounts: their whole life under their administrators (R-ACC-01 to 06, 08, 10, 12, 14, 17)."""

import asyncio
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from backend import clock
from backend import database as db
from backend.models import Establishment, User
from backend.rules import password, right, session, user
from backend.rules.error import Results, UserError
from backend.rules.user import Created, NewUser
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules import tables
from tests.rules.test_right import refused_viewers

Move = Callable[[str], None]
ORIGIN = Origin("192.0.2.7", "Un navigateur")


def codes(outcome: Results | Created | list[UserError]) -> list[str]:
    errors = list(outcome if isinstance(outcome, list) else outcome.errors)
    if isinstance(outcome, Results):
        errors += [one for _, refusals in outcome.results for one in refusals]
    return [one.code.value for one in errors]


def somebody(at: Establishment, **values: object) -> NewUser:
    given = {"first_name": "Zoé", "last_name": "Lefèvre-Martin", "email": "zoe@royan.example", **values}
    return NewUser(**{"establishment_id": at.id, "is_administrator": False, **given})  # type: ignore[arg-type]


async def a_town() -> tuple[Establishment, User, Viewer]:
    town = await builders.establishment("Commune de Royan")
    chief = await builders.user(town, administrator=True, first_name="Alix", last_name="Bernard")
    return town, chief, builders.viewer(chief)


async def mails() -> list[db.Row]:
    return await db.rows("SELECT * FROM notifications ORDER BY id")


def secret_in(mail: db.Row) -> str:
    found = re.search(r"jeton=([\w-]+)", mail["body_text"])
    assert found is not None
    return found[1]


# ---------------------------------------------------------------- creating


async def test_an_account_is_created_with_its_rights_and_an_invitation(database: str) -> None:  # R-ACC-03
    town, chief, viewer = await a_town()
    await builders.service("COURRIERS")
    outcome = await user.create(
        viewer,
        somebody(town, civility="MADAME", phone=" 05 46  00 00 00 ", rights=(right.Wanted("COURRIERS", 2),)),
    )
    assert outcome.errors == ()
    made = await User.get(id=outcome.user_id)
    assert re.fullmatch(r"zlefevremarti-\d{4}", made.identifier)
    assert (made.identifier, made.phone, made.is_administrator) == (outcome.identifier, "05 46 00 00 00", False)
    assert (made.password_hash, made.sort_name) == (None, "lefevre-martin zoe")
    assert made.expires_on == clock.add_months(clock.today(), 18)  # R-ACC-08
    [mail] = await mails()
    assert (mail["kind"], mail["recipient"], mail["user_id"]) == ("INVITATION", "zoe@royan.example", made.id)
    assert "Alix Bernard" in mail["body_text"]
    assert "Commune de Royan" in mail["body_text"]
    assert made.identifier not in mail["body_text"] + mail["body_html"] + mail["subject"]
    [created], [given] = await tables.journal("user.created"), await tables.journal("right.changed")
    assert (created["actor_id"], created["subject_id"], created["establishment_id"]) == (chief.id, made.id, town.id)
    assert created["body"]["changes"]["profile"] == [None, "USER"]
    assert (given["subject_id"], given["body"]["changes"]) == (made.id, {"COURRIERS": ["NONE", "MODIFY"]})


async def test_the_invitation_lives_fifteen_days(database: str, moved_clock: Move) -> None:  # R-ACC-03
    moved_clock("2026-06-01T10:00+02:00")
    town, _, viewer = await a_town()
    await user.create(viewer, somebody(town))
    [mail] = await mails()
    moved_clock("2026-06-16T09:59+02:00")
    alive = await password.link(secret_in(mail))
    moved_clock("2026-06-16T10:00+02:00")
    assert (alive is not None, await password.link(secret_in(mail))) == (True, None)
    assert "16\u00a0juin\u00a02026" in mail["body_text"]


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ({"first_name": " "}, "firstName", "INVALID_VALUE"),
        ({"last_name": "x" * 101}, "lastName", "INVALID_VALUE"),
        ({"last_name": "Mar\u202etin"}, "lastName", "INVALID_VALUE"),
        ({"email": "zoe"}, "email", "INVALID_EMAIL"),
        ({"email": "zoe@royan"}, "email", "INVALID_EMAIL"),
        ({"email": "zoé@royan.example"}, "email", "INVALID_EMAIL"),
        ({"email": "a..b@royan.example"}, "email", "INVALID_EMAIL"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "email", "INVALID_EMAIL"),
        ({"email": f"{'a' * 64}@{'b.' * 100}example"}, "email", "INVALID_EMAIL"),
        ({"phone": "appelez-moi"}, "phone", "INVALID_VALUE"),
        ({"phone": "((((((("}, "phone", "INVALID_VALUE"),
        ({"rights": (right.Wanted("NEVER", 1),)}, "rights", "UNKNOWN_SERVICE"),
    ],
)
async def test_details_are_checked(database: str, wrong: dict[str, object], path: str, code: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    before = await tables.digest()
    outcome = await user.create(viewer, somebody(town, **wrong))
    assert (codes(outcome), outcome.errors[0].path[0], await tables.digest()) == ([code], path, before)


async def test_everything_wrong_is_told_at_once(database: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    outcome = await user.create(viewer, somebody(town, first_name="", last_name="", email="", phone="x"))
    assert codes(outcome) == ["INVALID_VALUE", "INVALID_VALUE", "INVALID_EMAIL", "INVALID_VALUE"]


async def test_an_address_serves_once_in_an_establishment_but_in_several(database: str) -> None:  # R-ACC-01
    town, _, viewer = await a_town()
    other, _, elsewhere = await a_town()
    await user.create(viewer, somebody(town))
    again = await user.create(viewer, somebody(town, email="ZOE@royan.example"))
    assert (codes(again), codes(await user.create(elsewhere, somebody(other)))) == (["EMAIL_TAKEN"], [])


async def test_of_two_accounts_created_at_once_for_an_address_one_is(database: str) -> None:  # R-ACC-01
    town, _, viewer = await a_town()
    outcomes = await asyncio.gather(*(user.create(viewer, somebody(town)) for _ in range(2)))
    assert sorted(codes(one) for one in outcomes) == [[], ["EMAIL_TAKEN"]]


async def test_the_first_account_of_an_establishment_is_an_administrator(database: str) -> None:  # R-ACC-04
    town = await builders.establishment()
    viewer = builders.viewer(await builders.operator())
    async with db.transaction():
        refused = await user.add(viewer, somebody(town))
        done = await user.add(viewer, somebody(town, is_administrator=True))
    assert (codes(refused), codes(done)) == (["SOLE_USER_MUST_ADMINISTER"], [])


async def test_an_identifier_is_never_given_again(  # R-ACC-12
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, _, viewer = await a_town()
    drawn = iter([7, 7, 8])
    monkeypatch.setattr("backend.rules.user.secrets.randbelow", lambda _: next(drawn))
    first = await user.create(viewer, somebody(town))
    await user.delete(viewer, [first.user_id or 0])
    second = await user.create(viewer, somebody(town))
    assert (first.identifier, second.identifier) == ("zlefevremarti-0007", "zlefevremarti-0008")


async def test_a_name_without_latin_letters_has_an_identifier_too(database: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    outcome = await user.create(viewer, somebody(town, first_name="София", last_name="Иванова"))
    assert re.fullmatch(r"compte-\d{4}", outcome.identifier or "")


async def test_nobody_but_an_administrator_of_the_establishment_manages_accounts(database: str) -> None:  # R-ACC-02
    town, _, _ = await a_town()
    agent = await builders.user(town)
    waiting = await builders.user(town, password_hash=None)
    locked = await builders.user(town, locked_at=clock.now())
    viewers = await refused_viewers(town, agent)
    before = await tables.digest()
    told = []
    for one in viewers:
        told += [codes(await user.create(one, somebody(town)))]
        told += [codes(await user.set_profile(one, waiting.id, is_administrator=True))]
        told += [codes(await user.renew(one, [waiting.id])), codes(await user.delete(one, [waiting.id]))]
        told += [codes(await user.resend_invitation(one, waiting.id)), codes(await user.unlock(one, locked.id))]
    assert [one for one in told if one != ["NOT_FOUND"]] == []
    assert await tables.digest() == before


# ---------------------------------------------------------------- inviting again


async def test_a_new_invitation_kills_the_earlier_link(database: str) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    made = await user.create(viewer, somebody(town))
    assert await user.resend_invitation(viewer, made.user_id or 0) == []
    first, second = await mails()
    assert await password.link(secret_in(first)) is None
    assert await password.link(secret_in(second)) is not None
    assert [one["subject_id"] for one in await tables.journal("user.invited")] == [made.user_id]


@pytest.mark.parametrize("values", [{}, {"password_hash": None, "expires_on": date(2020, 1, 1)}])
async def test_only_who_is_awaited_is_invited_again(database: str, values: dict[str, object]) -> None:  # R-ACC-03
    town, _, viewer = await a_town()
    agent = await builders.user(town, **values)
    assert (codes(await user.resend_invitation(viewer, agent.id)), await mails()) == (["NOT_INVITED"], [])


# ---------------------------------------------------------------- profile


async def test_a_profile_changes_and_is_journaled(database: str) -> None:  # R-ACC-06
    town, _, viewer = await a_town()
    agent = await builders.user(town)
    for is_administrator in (True, True, False):
        assert await user.set_profile(viewer, agent.id, is_administrator=is_administrator) == []
    assert [one["body"]["changes"]["profile"] for one in await tables.journal("user.profile_changed")] == [
        ["USER", "ADMINISTRATOR"],
        ["ADMINISTRATOR", "USER"],
    ]


async def test_the_sole_user_stays_administrator(database: str) -> None:  # R-ACC-04
    _, chief, viewer = await a_town()
    outcome = await user.set_profile(viewer, chief.id, is_administrator=False)
    assert codes(outcome) == ["SOLE_USER_MUST_ADMINISTER"]


UNABLE: list[dict[str, object]] = [
    {"administrator": False},
    {"password_hash": None},
    {"expires_on": date(2020, 1, 1)},
    {"locked_at": True},
]


@pytest.mark.parametrize("values", UNABLE)
async def test_the_last_administrator_who_can_sign_in_is_not_demoted_nor_deleted(  # R-ACC-05
    database: str, values: dict[str, object]
) -> None:
    town, chief, viewer = await a_town()
    locked = {"locked_at": clock.now()} if "locked_at" in values else values
    await builders.user(town, **{"administrator": True, **locked})  # type: ignore[arg-type]
    before = await tables.digest()
    assert codes(await user.set_profile(viewer, chief.id, is_administrator=False)) == ["LAST_ADMINISTRATOR"]
    assert codes(await user.delete(viewer, [chief.id])) == ["LAST_ADMINISTRATOR"]
    assert await tables.digest() == before


async def test_one_leaves_once_a_successor_is_named(database: str) -> None:  # R-ACC-05
    town, chief, viewer = await a_town()
    agent = await builders.user(town)
    await user.set_profile(viewer, agent.id, is_administrator=True)
    assert await user.set_profile(viewer, chief.id, is_administrator=False) == []


# ---------------------------------------------------------------- renewing


@pytest.mark.parametrize(("day", "code"), [("2026-06-30", []), ("2026-07-01", ["ALREADY_EXPIRED"])])
async def test_accounts_are_renewed_until_their_last_day(  # R-ACC-10
    database: str, moved_clock: Move, day: str, code: list[str]
) -> None:
    moved_clock("2026-01-15T12:00+01:00")
    town, _, viewer = await a_town()
    agent = await builders.user(town, expires_on=date(2026, 6, 30))
    moved_clock(f"{day}T23:59+02:00")
    outcome = await user.renew(viewer, [agent.id])
    assert codes(outcome) == code
    renewed = (await User.get(id=agent.id)).expires_on
    assert renewed == (date(2026, 6, 30) if code else date(2027, 12, 30))
    assert [one["body"]["changes"] for one in await tables.journal("user.renewed")] == (
        [] if code else [{"expires_on": ["2026-06-30", "2027-12-30"]}]
    )


async def test_each_account_to_renew_has_its_result(database: str) -> None:  # R-ACC-10
    town, _, viewer = await a_town()
    soon, late = [await builders.user(town, expires_on=clock.today() + timedelta(days=days)) for days in (3, -1)]
    elsewhere = await builders.user()
    outcome = await user.renew(viewer, [late.id, soon.id, elsewhere.id, soon.id])
    assert [(one, [error.code.value for error in errors]) for one, errors in outcome.results] == [
        (late.id, ["ALREADY_EXPIRED"]),
        (soon.id, []),
        (elsewhere.id, ["NOT_FOUND"]),
    ]


async def test_renewing_again_the_same_day_changes_nothing(database: str) -> None:  # R-ACC-10
    town, _, viewer = await a_town()
    agent = await builders.user(town, expires_on=clock.today())
    await user.renew(viewer, [agent.id])
    before = await tables.digest()
    assert (codes(await user.renew(viewer, [agent.id])), await tables.digest()) == ([], before)


# ---------------------------------------------------------------- unlocking


async def test_another_administrator_unlocks(database: str) -> None:  # R-ACC-14
    town, chief, viewer = await a_town()
    second = await builders.user(town, administrator=True)
    for _ in range(5):
        await session.log_in(second.identifier, "ce n’est pas le bon", session.TOKEN, ORIGIN)
    own = await user.unlock(builders.viewer(second), second.id)
    assert (codes(own), codes(await user.unlock(viewer, second.id))) == (["NOT_FOUND"], [])
    assert (await session.log_in(second.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)).errors == ()
    assert [one["subject_id"] for one in await tables.journal("user.unlocked")] == [second.id]
    _, told = await mails()  # the first told the owner that the account was locked
    assert (told["kind"], told["recipient"]) == ("ACCOUNT_UNLOCKED", second.email)
    assert f"{chief.first_name} {chief.last_name} a débloqué votre compte" in told["body_text"]


@pytest.mark.parametrize("minutes", [None, 31])
async def test_only_what_is_locked_is_unlocked(database: str, minutes: int | None) -> None:  # R-ACC-14
    town, _, viewer = await a_town()
    locked_at = clock.now() - timedelta(minutes=minutes) if minutes else None
    agent = await builders.user(town, locked_at=locked_at)
    assert codes(await user.unlock(viewer, agent.id)) == ["NOT_LOCKED"]


# ---------------------------------------------------------------- deleting


async def test_deletion_takes_every_access_away(database: str) -> None:  # R-ACC-12
    town, _, viewer = await a_town()
    leaver = await builders.user(town, rights={"COURRIERS": 2})
    agreement = await builders.delegation(town, await builders.establishment(), members=[leaver])
    opened = await session.log_in(leaver.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    async with db.transaction():
        link = await password.issue_link(leaver.id, "PASSWORD_RESET")
    assert codes(await user.delete(viewer, [leaver.id])) == []
    again = await session.log_in(leaver.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    assert [one.code.value for one in again.errors] == ["BAD_CREDENTIALS"]
    assert await session.authenticate(opened.secret or "", ORIGIN) is None
    assert await password.link(link) is None
    for table in ("rights", "delegation_members"):
        assert await db.rows(f"SELECT id FROM {table} WHERE user_id = $1", [leaver.id]) == []
    [event] = await tables.journal("user.deleted")
    assert event["body"]["facts"] == {"rights": {"COURRIERS": 2}, "delegations": [agreement.id]}


async def test_of_accounts_deleted_together_each_trace_tells_its_own_rights(database: str) -> None:  # R-ACC-12
    town, _, viewer = await a_town()
    held: list[dict[str, int]] = [{"COURRIERS": 1, "AUTRE": 2}, {}, {"AUTRE": 1}]
    leavers = [await builders.user(town, rights=one) for one in held]
    assert codes(await user.delete(viewer, [one.id for one in leavers])) == []
    told = {one["subject_id"]: one["body"]["facts"] for one in await tables.journal("user.deleted")}
    assert told == {one.id: {"rights": rights, "delegations": []} for one, rights in zip(leavers, held, strict=True)}


async def test_one_deletes_oneself_if_another_administrator_remains(database: str) -> None:  # R-ACC-05
    town, chief, viewer = await a_town()
    await builders.user(town, administrator=True)
    assert codes(await user.delete(viewer, [chief.id])) == []


async def test_of_all_accounts_one_administrator_stays(database: str) -> None:  # R-ACC-05
    town, chief, viewer = await a_town()
    others = [await builders.user(town, administrator=number < 2) for number in range(4)]
    outcome = await user.delete(viewer, [others[0].id, chief.id, others[1].id, others[2].id, others[3].id])
    assert [one for one, errors in outcome.results if errors] == [others[1].id]
    assert await User.filter(establishment_id=town.id, deleted_at=None).count() == 1


async def test_the_one_left_becomes_administrator(database: str) -> None:  # R-ACC-04
    alone = await builders.user()
    viewer = builders.viewer(await builders.operator())
    async with db.transaction():
        await user.promote_the_one_left(viewer, alone.establishment_id)
    assert (await User.get(id=alone.id)).is_administrator
    assert [one["subject_id"] for one in await tables.journal("user.profile_changed")] == [alone.id]


async def test_no_ordinary_account_becomes_administrator_among_several(database: str) -> None:  # R-ACC-04
    town, _, viewer = await a_town()
    agents = [await builders.user(town) for _ in range(2)]
    await user.delete(viewer, [agents[0].id])
    assert not (await User.get(id=agents[1].id)).is_administrator


async def test_deleting_again_finds_nothing(database: str) -> None:  # R-ACC-12
    town, _, viewer = await a_town()
    agent = await builders.user(town)
    await user.delete(viewer, [agent.id])
    assert codes(await user.delete(viewer, [agent.id])) == ["NOT_FOUND"]


@pytest.mark.parametrize("what", ["renew", "delete"])
async def test_forty_accounts_take_as_many_statements_as_two(database: str, what: str) -> None:
    town, _, viewer = await a_town()
    agents = [await builders.user(town, expires_on=clock.today(), rights={"COURRIERS": 1}) for _ in range(42)]
    counts = []
    for some in (agents[:2], agents[2:]):
        db.statements.seen = []
        await (user.renew if what == "renew" else user.delete)(viewer, [one.id for one in some])
        counts.append(len(db.statements.seen))
        db.statements.seen = None
    assert counts[0] == counts[1] < 24


@pytest.mark.parametrize("what", ["renew", "delete"])
async def test_more_than_500_at_once_are_refused(database: str, what: str) -> None:
    _, _, viewer = await a_town()
    assert codes(await (user.renew if what == "renew" else user.delete)(viewer, list(range(501)))) == ["INVALID_VALUE"]


# ---------------------------------------------------------------- one's own sessions


async def test_one_ends_one_s_own_sessions_and_no_others(database: str) -> None:  # R-ACC-17
    town, chief, _ = await a_town()
    agent = await builders.user(town)
    opened = [
        await session.log_in(one.identifier, builders.PASSWORD, session.TOKEN, ORIGIN) for one in (agent, agent, chief)
    ]
    mine, other, theirs = [one.viewer for one in opened if one.viewer is not None]
    told = [codes(await session.end(mine, one.session_id or 0)) for one in (other, other, theirs)]
    assert told == [[], ["NOT_FOUND"], ["NOT_FOUND"]]
    live = [await session.authenticate(one.secret or "", ORIGIN) is not None for one in opened]
    assert live == [True, False, True]
    assert len(await tables.journal("session.closed")) == 1


async def test_an_administrator_ends_nobody_else_s_session(database: str) -> None:  # R-ACC-17
    town, _, viewer = await a_town()
    opened = await session.log_in((await builders.user(town)).identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    assert opened.viewer is not None
    assert codes(await session.end(viewer, opened.viewer.session_id or 0)) == ["NOT_FOUND"]
    assert codes(await session.end(Viewer(api_client_id=1), opened.viewer.session_id or 0)) == ["NOT_FOUND"]
