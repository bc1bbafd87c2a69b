"""The second factor: enrolled, asked for, trusted, removed, reset, required (R-ACC-16)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.models import RecoveryCode, SecondFactor, Session, User
from backend.rules import journal, own_password, password, password_change, second_factor, session, totp, trusted_device
from backend.rules.second_factor import Proof
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.authenticator import Authenticator
from tests.rules import tables

Move = Callable[[str], None]

ORIGIN = Origin("192.0.2.7", "Un navigateur")
NOON = "2026-06-01T12:00:00+02:00"


@dataclass
class Person:
    """Somebody signed in, with an application enrolled."""

    user: User
    viewer: Viewer
    secret: str
    codes: list[str]
    factor_id: int

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(clock.now(), counter_offset=steps)


def codes(outcome: Any) -> list[str]:
    errors = outcome if isinstance(outcome, list) else outcome.errors
    return [one.code.value for one in errors]


async def sign_in(who: User, devices: tuple[str, ...] = (), transport: str = session.TOKEN) -> session.LogIn:
    return await session.log_in(who.identifier, builders.PASSWORD, transport, ORIGIN, devices)


async def opened(who: User) -> Viewer:
    viewer = (await sign_in(who)).viewer
    assert viewer is not None
    return viewer


async def with_application(who: User | None = None, viewer: Viewer | None = None) -> Person:
    """An account whose owner enrolled an application; its first code was of the step before this one."""
    who = who or await builders.user()
    viewer = viewer or await opened(who)
    begun = await second_factor.start_enrolment(viewer, "TOTP")
    assert begun.secret is not None
    assert begun.challenge is not None
    first = Proof(code=pyotp.TOTP(begun.secret).at(clock.now(), counter_offset=-1))
    done = await second_factor.enrol(viewer, begun.challenge.secret, "Téléphone", first)
    assert done.factor_id is not None, done.errors
    return Person(who, viewer, begun.secret, list(done.recovery_codes), done.factor_id)


async def asked(who: User, devices: tuple[str, ...] = ()) -> str:
    """The challenge of a sign-in whose password was right."""
    outcome = await sign_in(who, devices)
    assert outcome.secret is None
    assert outcome.challenge is not None, outcome.errors
    return outcome.challenge.secret


async def give(challenge: str, trust: bool = False, viewer: Viewer | None = None, **proof: Any) -> session.LogIn:
    return await second_factor.confirm(challenge, Proof(**proof), session.TOKEN, ORIGIN, viewer, trust=trust)


async def mails() -> list[str]:
    return [one["subject"] for one in await db.rows("SELECT subject FROM notifications ORDER BY id")]


# ---------------------------------------------------------------- enrolling


async def test_without_a_second_factor_the_password_is_enough(database: str) -> None:  # R-ACC-16
    outcome = await sign_in(await builders.user())
    assert (outcome.secret is not None, outcome.challenge) == (True, None)


async def test_an_application_enrolled_is_asked_for_at_the_next_sign_in(  # R-ACC-16
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    person = await with_application()
    outcome = await sign_in(person.user)
    assert outcome.secret is None
    assert outcome.viewer is None
    assert outcome.challenge is not None
    assert outcome.challenge.methods == ("CODE", "RECOVERY_CODE")
    done = await give(outcome.challenge.secret, code=person.code())
    assert done.viewer is not None
    assert done.viewer.user_id == person.user.id


async def begun_after(when: str, move: Move, given: str | None) -> tuple[User, second_factor.Enrolment]:
    """The first enrolment, begun by a session opened at noon."""
    move(NOON)
    who = await builders.user()
    viewer = await opened(who)
    move(f"2026-06-01T{when}+02:00")
    return who, await second_factor.start_enrolment(viewer, "TOTP", given)


@pytest.mark.parametrize(
    ("when", "given", "answer"),
    [
        ("12:14:59", None, []),
        ("12:15:00", None, ["PASSWORD_NEEDED"]),
        ("12:15:00", "", ["WRONG_PASSWORD"]),
        ("12:15:00", "ce n’est pas le bon", ["WRONG_PASSWORD"]),
        ("12:15:00", builders.PASSWORD, []),
    ],
)
async def test_the_first_asks_for_the_password_unless_one_has_just_signed_in(  # R-ACC-16
    database: str, moved_clock: Move, when: str, given: str | None, answer: list[str]
) -> None:
    who, begun = await begun_after(when, moved_clock, given)
    assert (codes(begun), begun.challenge is None) == (answer, bool(answer))
    assert (await User.get(id=who.id)).failed_sign_ins == (answer == ["WRONG_PASSWORD"])


async def test_a_session_left_open_does_not_serve_to_try_passwords(  # R-ACC-14, R-ACC-16
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    who = await builders.user()
    viewer = await opened(who)
    moved_clock("2026-06-01T13:00:00+02:00")
    told = [codes(await second_factor.start_enrolment(viewer, "TOTP", "un autre")) for _ in range(5)]
    assert told == [*[["WRONG_PASSWORD"]] * 4, ["ACCOUNT_LOCKED"]]
    assert await session.renewed(viewer) is None
    refused = await tables.journal("password.refused")
    assert [one["body"]["facts"]["for"] for one in refused] == ["enrol"] * 5
    assert "bloqué" in (await mails())[-1]


async def test_a_password_changed_meanwhile_begins_no_enrolment(  # R-ACC-15, R-ACC-16
    database: str, moved_clock: Move, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the moment it was read and the moment it serves."""
    moved_clock(NOON)
    who = await builders.user()
    viewer = await opened(who)
    moved_clock("2026-06-01T13:00:00+02:00")
    judge = own_password.judge

    async def then_changed(*given: Any) -> Any:
        told = await judge(*given)
        await User.filter(id=who.id).update(password_hash="x")
        return told

    monkeypatch.setattr(own_password, "judge", then_changed)
    assert codes(await second_factor.start_enrolment(viewer, "TOTP", builders.PASSWORD)) == ["WRONG_PASSWORD"]


async def test_nothing_is_enrolled_until_a_first_code_is_right(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    who = await builders.user()
    viewer = await opened(who)
    begun = await second_factor.start_enrolment(viewer, "TOTP")
    assert begun.challenge is not None
    refused = await second_factor.enrol(viewer, begun.challenge.secret, "", Proof(code="000000"))
    assert codes(refused) == ["SECOND_FACTOR_WRONG"]
    assert (await SecondFactor.all().count(), (await sign_in(who)).challenge) == (0, None)


async def test_an_enrolment_is_of_whoever_began_it(database: str) -> None:  # R-ACC-16
    mine, other = await opened(await builders.user()), await opened(await builders.user())
    begun = await second_factor.start_enrolment(mine, "TOTP")
    assert begun.challenge is not None
    assert begun.secret is not None
    taken = Proof(code=pyotp.TOTP(begun.secret).at(clock.now()))
    assert codes(await second_factor.enrol(other, begun.challenge.secret, "", taken)) == ["CHALLENGE_INVALID"]


async def test_the_secret_is_encrypted_where_it_is_kept(database: str) -> None:  # R-ACC-16
    person = await with_application()
    kept = await SecondFactor.get(id=person.factor_id)
    assert person.secret not in kept.secret
    assert totp.unseal(kept.secret, person.user.id) == person.secret
    assert totp.unseal(kept.secret, person.user.id + 1) is None  # copied to another's row, it is worth nothing


async def test_with_another_secret_key_no_code_is_right(database: str) -> None:  # R-ACC-16
    person = await with_application()
    challenge = await asked(person.user)
    settings_room.use(replace(settings_room.current(), secret_key="another secret, of a platform set up anew"))
    assert codes(await give(challenge, code=person.code())) == ["SECOND_FACTOR_WRONG"]


async def test_several_may_be_enrolled_named_by_their_owner(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person = await with_application()
    second = await with_application(person.user, person.viewer)
    assert second.codes == []  # recovery codes come with the first
    for one in (person, second):
        assert (await give(await asked(person.user), code=one.code())).secret
    assert [one.label for one in await SecondFactor.all()] == ["Téléphone", "Téléphone"]


async def test_ten_at_most(database: str) -> None:  # R-ACC-16
    person = await with_application()
    await SecondFactor.bulk_create(
        SecondFactor(
            user_id=person.user.id,
            kind="PASSKEY",
            label="Clé",
            secret="s",
            enrolled_at=clock.now(),
            confirmed_at=clock.now(),
        )
        for _ in range(9)
    )
    assert codes(await second_factor.start_enrolment(person.viewer, "TOTP")) == ["INVALID_VALUE"]


async def test_the_address_and_picture_carry_the_secret(database: str) -> None:  # R-ACC-16
    who = await builders.user()
    begun = await second_factor.start_enrolment(await opened(who), "TOTP")
    assert begun.uri is not None
    assert begun.picture is not None
    read = pyotp.parse_uri(begun.uri)
    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.name, read.issuer) == (begun.secret, who.identifier, "PEP’s")
    assert begun.picture.startswith("data:image/svg+xml")


async def test_other_sessions_are_asked_within_seven_days(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    who = await builders.user()
    phone = await sign_in(who, transport=session.TOKEN)
    await with_application(who)
    assert phone.secret is not None
    moved_clock("2026-06-08T11:59:00+02:00")
    before = await session.authenticate(phone.secret, ORIGIN)
    moved_clock("2026-06-08T12:01:00+02:00")
    assert (before is not None, await session.authenticate(phone.secret, ORIGIN)) == (True, None)


# ---------------------------------------------------------------- codes


@pytest.mark.parametrize(
    ("steps", "answer"), [(-2, ["SECOND_FACTOR_WRONG"]), (0, []), (1, []), (2, ["SECOND_FACTOR_WRONG"])]
)
async def test_a_clock_one_step_away_is_forgiven(  # R-ACC-16
    database: str, moved_clock: Move, steps: int, answer: list[str]
) -> None:
    moved_clock(NOON)
    person = await with_application()
    assert codes(await give(await asked(person.user), code=person.code(steps))) == answer


async def test_the_code_of_the_step_before_is_good_if_it_has_not_served(  # R-ACC-16
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    person = await with_application()
    moved_clock("2026-06-01T12:05:00+02:00")
    assert codes(await give(await asked(person.user), code=person.code(-1))) == []


async def test_a_code_serves_once(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person = await with_application()
    code = person.code()
    first = await give(await asked(person.user), code=f" {code[:3]} {code[3:]} ")
    again = await give(await asked(person.user), code=code)
    earlier = await give(await asked(person.user), code=person.code(-1))
    assert (codes(first), codes(again), codes(earlier)) == ([], ["SECOND_FACTOR_WRONG"], ["SECOND_FACTOR_WRONG"])


async def test_the_same_code_twice_at_once_serves_once(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person = await with_application()
    challenges = [await asked(person.user) for _ in range(4)]
    outcomes = await asyncio.gather(*(give(one, code=person.code()) for one in challenges))
    assert sorted(codes(one) for one in outcomes) == [[], *[["SECOND_FACTOR_WRONG"]] * 3]


async def test_a_recovery_code_works_once_and_tells_its_owner(database: str) -> None:  # R-ACC-16
    person = await with_application()
    assert len(set(person.codes)) == 10
    typed = person.codes[3].upper().replace("-", " ")
    first = await give(await asked(person.user), recovery_code=typed)
    again = await give(await asked(person.user), recovery_code=person.codes[3])
    assert (codes(first), codes(again)) == ([], ["SECOND_FACTOR_WRONG"])
    told = await db.row("SELECT body_text, kind FROM notifications ORDER BY id DESC LIMIT 1")
    assert told is not None
    assert (told["kind"], "Il vous reste 9 codes de secours." in told["body_text"]) == ("SECURITY_ALERT", True)


async def test_the_same_recovery_code_twice_at_once_serves_once(database: str) -> None:  # R-ACC-16
    person = await with_application()
    challenges = [await asked(person.user) for _ in range(4)]
    outcomes = await asyncio.gather(*(give(one, recovery_code=person.codes[0]) for one in challenges))
    assert sorted(codes(one) for one in outcomes) == [[], *[["SECOND_FACTOR_WRONG"]] * 3]
    assert len([one for one in await mails() if "code de secours" in one]) == 1


async def test_recovery_codes_are_not_kept_readable(database: str) -> None:  # R-ACC-16
    person = await with_application()
    kept = " ".join(one.code_hash for one in await RecoveryCode.all())
    assert all(code not in kept and code.replace("-", "") not in kept for code in person.codes)


async def test_new_recovery_codes_kill_the_old_ones(database: str) -> None:  # R-ACC-16
    person = await with_application()
    fresh, errors = await second_factor.renew_recovery_codes(person.viewer)
    old = await give(await asked(person.user), recovery_code=person.codes[0])
    new = await give(await asked(person.user), recovery_code=fresh[0])
    assert (errors, codes(old), codes(new)) == ([], ["SECOND_FACTOR_WRONG"], [])


async def test_there_are_no_recovery_codes_without_a_factor(database: str) -> None:  # R-ACC-16
    viewer = await opened(await builders.user())
    fresh, errors = await second_factor.renew_recovery_codes(viewer)
    assert (fresh, codes(errors)) == ([], ["NOT_FOUND"])


async def test_a_code_of_somebody_else_proves_nothing(database: str) -> None:  # R-ACC-16
    one, other = await with_application(), await with_application()
    challenge = await asked(one.user)
    assert codes(await give(challenge, code=other.code())) == ["SECOND_FACTOR_WRONG"]
    assert codes(await give(challenge, recovery_code=other.codes[0])) == ["SECOND_FACTOR_WRONG"]
    assert codes(await give(challenge)) == ["SECOND_FACTOR_WRONG"]


# ---------------------------------------------------------------- challenges and attempts


async def test_a_challenge_works_once(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person = await with_application()
    challenge = await asked(person.user)
    outcomes = await asyncio.gather(give(challenge, code=person.code()), give(challenge, recovery_code=person.codes[0]))
    assert sorted(codes(one) for one in outcomes) == [[], ["CHALLENGE_INVALID"]]


@pytest.mark.parametrize(("when", "answer"), [("12:09:59", []), ("12:10:00", ["CHALLENGE_INVALID"])])
async def test_a_challenge_lives_ten_minutes(  # R-ACC-16
    database: str, moved_clock: Move, when: str, answer: list[str]
) -> None:
    moved_clock(NOON)
    person = await with_application()
    challenge = await asked(person.user)
    moved_clock(f"2026-06-01T{when}+02:00")
    assert codes(await give(challenge, code=person.code())) == answer


async def test_five_wrong_codes_lock_the_account_and_kill_the_challenge(  # R-ACC-14, R-ACC-16
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    person = await with_application()
    challenge = await asked(person.user)
    answers = [codes(await give(challenge, code="000000")) for _ in range(5)]
    assert answers == [*[["SECOND_FACTOR_WRONG"]] * 4, ["ACCOUNT_LOCKED"]]
    assert codes(await give(challenge, code=person.code())) == ["CHALLENGE_INVALID"]
    assert codes(await sign_in(person.user)) == ["ACCOUNT_LOCKED"]
    assert await session.renewed(person.viewer) is None  # no locked account holds a live session
    assert (await mails())[-1] == "PEP’s : quelqu’un connaît votre mot de passe"


async def test_the_password_alone_forgets_no_failure(database: str) -> None:  # R-ACC-14, R-ACC-16
    person = await with_application()
    answers = [codes(await give(await asked(person.user), code="000000")) for _ in range(5)]
    assert answers[-1] == ["ACCOUNT_LOCKED"]


async def test_failures_of_both_kinds_count_together(database: str) -> None:  # R-ACC-14, R-ACC-16
    person = await with_application()
    challenge = await asked(person.user)
    for _ in range(3):
        await session.log_in(person.user.identifier, "ce n'est pas le bon", session.TOKEN, ORIGIN)
    answers = [codes(await give(challenge, code="000000")) for _ in range(2)]
    assert answers == [["SECOND_FACTOR_WRONG"], ["ACCOUNT_LOCKED"]]


async def test_giving_it_forgets_earlier_failures(database: str, moved_clock: Move) -> None:  # R-ACC-14, R-ACC-16
    moved_clock(NOON)
    person = await with_application()
    challenge = await asked(person.user)
    for _ in range(4):
        await give(challenge, code="000000")
    assert codes(await give(challenge, code=person.code())) == []
    assert (await User.get(id=person.user.id)).failed_sign_ins == 0


@pytest.mark.parametrize("how", ["deleted", "expired", "locked"])
async def test_an_account_that_can_sign_in_no_more_is_not_let_in_by_its_factor(  # R-ACC-11, 12, 14, 16
    database: str, moved_clock: Move, how: str
) -> None:
    moved_clock(NOON)
    person = await with_application()
    challenge = await asked(person.user)
    values: dict[str, Any] = {
        "deleted": {"deleted_at": clock.now()},
        "expired": {"expires_on": clock.today() - timedelta(days=1)},
        "locked": {"locked_at": clock.now()},
    }[how]
    await User.filter(id=person.user.id).update(**values)
    assert codes(await give(challenge, code=person.code())) == ["CHALLENGE_INVALID"]


@pytest.mark.parametrize("since", ["expired", "locked"])
async def test_whoever_can_sign_in_no_more_changes_no_factor(database: str, since: str) -> None:  # R-ACC-11, 14, 16
    """They could when the request began."""
    person = await with_application()
    viewer, other = await opened(await builders.user()), person.user
    begun = await second_factor.start_enrolment(viewer, second_factor.TOTP)
    values = {"expired": {"expires_on": clock.today() - timedelta(days=1)}, "locked": {"locked_at": clock.now()}}
    await User.filter(id__in=[viewer.user_id, other.id]).update(**values[since])
    before = await tables.digest()
    proof = Proof(code=pyotp.TOTP(begun.secret or "").at(clock.now()))
    theirs = builders.viewer(other)
    number = (await SecondFactor.get(user_id=other.id)).id
    told = [
        (await second_factor.start_enrolment(viewer, second_factor.TOTP)).errors,
        (await second_factor.enrol(viewer, begun.challenge.secret, "", proof)).errors,  # type: ignore[union-attr]
        await second_factor.remove(theirs, number),
        (await second_factor.renew_recovery_codes(theirs))[1],
    ]
    assert (all(told), await tables.digest()) == (True, before)


async def test_whoever_has_terms_to_accept_removes_no_factor_first(database: str) -> None:  # R-CGU-02
    person = await with_application(await builders.user(administrator=True))
    await builders.terms()
    told = await second_factor.remove(person.viewer, person.factor_id)
    assert (codes(told), codes((await second_factor.renew_recovery_codes(person.viewer))[1])) == (["NOT_FOUND"],) * 2
    assert await SecondFactor.all().count() == 1


async def test_an_operator_whose_account_is_over_resets_nobody_s_factor(database: str) -> None:  # R-ACC-11, R-ACC-16
    person = await with_application(await builders.user(is_operator=True))
    operator = await builders.operator()
    await User.filter(id=operator.id).update(expires_on=clock.today() - timedelta(days=1))
    assert codes(await second_factor.reset(builders.viewer(operator), person.user.id)) == ["NOT_FOUND"]


@pytest.mark.parametrize("how", ["link", "change"])
async def test_a_new_password_kills_challenges_and_trust(  # R-ACC-15, R-ACC-16
    database: str, moved_clock: Move, how: str
) -> None:
    moved_clock(NOON)
    person = await with_application()
    device = (await give(await asked(person.user), trust=True, code=person.code())).device
    challenge = (await second_factor.start_confirmation(person.viewer)) or pytest.fail("nothing asked")
    chosen = "girafe tunnel orange cadran"
    if how == "link":
        async with db.transaction():
            link = await password.issue_link(person.user.id, "PASSWORD_RESET")
        assert (await password.set_password(link, chosen, ORIGIN)).errors == ()
    else:
        assert await password_change.change(person.viewer, builders.PASSWORD, chosen) == []
    again = await session.log_in(person.user.identifier, chosen, session.TOKEN, ORIGIN, (device or "",))
    assert again.challenge is not None
    moved_clock("2026-06-01T12:02:00+02:00")
    late = await give(challenge.secret, viewer=person.viewer, code=person.code())
    assert codes(late) == ["CHALLENGE_INVALID"]


async def test_the_journal_tells_by_what_it_was_given(database: str, moved_clock: Move) -> None:  # R-JRN-01
    moved_clock(NOON)
    person = await with_application()
    device = (await give(await asked(person.user), trust=True, code=person.code())).device
    await give(await asked(person.user), recovery_code=person.codes[0])
    assert (await sign_in(person.user, (device or "",))).secret
    told = [one["body"]["facts"] for one in await tables.journal("session.opened")]
    how = [(one.get("by"), one.get("trusted", False)) for one in told]
    assert how == [(None, False), ("TOTP", True), ("RECOVERY_CODE", False), ("TRUSTED_DEVICE", False)]


async def test_each_act_is_in_the_journal(database: str, moved_clock: Move) -> None:  # R-JRN-01
    moved_clock(NOON)
    person = await with_application()
    challenge = await asked(person.user)
    await give(challenge, code="000000")
    await give(challenge, code=person.code(), trust=True)
    await second_factor.remove(person.viewer, person.factor_id)
    actions = [one["action"] for one in await db.rows("SELECT action FROM audit_events ORDER BY id")]
    assert actions == [
        "session.opened",
        "second_factor.added",
        "session.refused",
        "session.opened",
        "second_factor.removed",
    ]
    assert (await journal.verify())[1] is None


# ---------------------------------------------------------------- trusted devices


@pytest.mark.parametrize(("when", "is_asked"), [("2026-06-08T11:59", False), ("2026-06-08T12:00", True)])
async def test_a_trusted_device_is_not_asked_for_seven_days(  # R-ACC-16
    database: str, moved_clock: Move, when: str, is_asked: bool
) -> None:
    moved_clock(NOON)
    person = await with_application()
    device = (await give(await asked(person.user), trust=True, code=person.code())).device
    assert device is not None
    moved_clock(f"{when}:00+02:00")
    outcome = await sign_in(person.user, ("of somebody else", device))
    assert (outcome.challenge is not None, outcome.secret is None) == (is_asked, is_asked)


async def test_a_device_is_trusted_for_one_account_only(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person, other = await with_application(), await with_application()
    device = (await give(await asked(person.user), trust=True, code=person.code())).device
    assert (await sign_in(other.user, (device or "",))).challenge is not None


async def test_a_device_not_trusted_is_asked_each_time(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person = await with_application()
    assert (await give(await asked(person.user), code=person.code())).device is None
    assert (await sign_in(person.user)).challenge is not None


async def test_an_expired_account_forgets_no_device(database: str, moved_clock: Move) -> None:  # R-ACC-11
    """A request begun before the expiry changes nothing after it. Found by the random machine."""
    moved_clock(NOON)
    person = await with_application()
    assert (await give(await asked(person.user), trust=True, code=person.code())).device is not None
    await db.execute("UPDATE users SET expires_on = '2020-01-01' WHERE id = $1", [person.user.id])
    assert await trusted_device.forget(person.viewer, None) == []
    assert await db.rows("SELECT id FROM trusted_devices WHERE user_id = $1", [person.user.id]) != []
    assert await tables.journal("device.forgotten") == []


async def test_a_device_can_be_forgotten_by_its_owner_only(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person, other = await with_application(), await with_application()
    device = (await give(await asked(person.user), trust=True, code=person.code())).device or ""
    kept = await db.row("SELECT id FROM trusted_devices")
    assert kept is not None
    assert codes(await trusted_device.forget(other.viewer, kept["id"])) == ["NOT_FOUND"]
    assert (await sign_in(person.user, (device,))).challenge is None
    assert await trusted_device.forget(person.viewer, kept["id"]) == []
    assert (await sign_in(person.user, (device,))).challenge is not None


async def test_removing_a_factor_trusts_no_device_any_more(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person = await with_application()
    second = await with_application(person.user, person.viewer)
    device = (await give(await asked(person.user), trust=True, code=person.code())).device
    assert await second_factor.remove(person.viewer, second.factor_id) == []
    assert (await sign_in(person.user, (device or "",))).challenge is not None


async def test_a_session_of_a_program_does_not_outlive_the_seven_days(  # R-ACC-16
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    person = await with_application()
    outcome = await give(await asked(person.user), code=person.code())
    assert outcome.viewer is not None
    kept = await Session.get(id=outcome.viewer.session_id)
    assert kept.expires_at == clock.now() + timedelta(days=7)


# ---------------------------------------------------------------- sensitive actions


async def test_a_sensitive_action_asks_again_after_fifteen_minutes(  # R-ACC-16
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    person = await with_application()
    needed = [await second_factor.is_needed(person.viewer)]
    moved_clock("2026-06-01T12:14:59+02:00")
    needed.append(await second_factor.is_needed(person.viewer))
    moved_clock("2026-06-01T12:15:00+02:00")
    needed.append(await second_factor.is_needed(person.viewer))
    challenge = await second_factor.start_confirmation(person.viewer)
    assert challenge is not None
    done = await give(challenge.secret, viewer=person.viewer, code=person.code())
    needed.append(await second_factor.is_needed(person.viewer))
    assert (codes(done), needed) == ([], [False, False, True, False])


async def test_signing_in_from_a_trusted_device_does_not_confirm(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person = await with_application()
    device = (await give(await asked(person.user), trust=True, code=person.code())).device
    moved_clock("2026-06-01T14:00:00+02:00")
    viewer = (await sign_in(person.user, (device or "",))).viewer
    assert viewer is not None
    assert await second_factor.is_needed(viewer)


async def test_nothing_is_asked_of_who_has_none(database: str) -> None:  # R-ACC-16
    viewer = await opened(await builders.user())
    assert not await second_factor.is_needed(viewer)
    assert await second_factor.start_confirmation(viewer) is None


async def test_a_confirmation_is_of_whoever_asked(database: str, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    person, other = await with_application(), await with_application()
    challenge = await second_factor.start_confirmation(person.viewer)
    assert challenge is not None
    for viewer in (other.viewer, None):
        assert codes(await give(challenge.secret, viewer=viewer, code=person.code())) == ["CHALLENGE_INVALID"]


# ---------------------------------------------------------------- removing, resetting, requiring


async def test_removing_the_last_one_tells_its_owner_and_the_password_is_enough(database: str) -> None:  # R-ACC-16
    person = await with_application()
    assert await second_factor.remove(person.viewer, person.factor_id) == []
    assert (await sign_in(person.user)).secret is not None
    assert await RecoveryCode.filter(user_id=person.user.id).count() == 0
    assert await mails() == [
        "PEP’s : un second facteur a été ajouté à votre compte",
        "PEP’s : un second facteur a été retiré de votre compte",
    ]


async def test_nobody_removes_another_s(database: str) -> None:  # R-ACC-16
    person, other = await with_application(), await with_application()
    assert codes(await second_factor.remove(other.viewer, person.factor_id)) == ["NOT_FOUND"]


def require(whom: str) -> None:
    settings_room.use(replace(settings_room.current(), second_factor=whom))


@pytest.mark.parametrize(
    ("policy", "held"),
    [
        ("optional", [None, None, None]),
        ("administrators", [None, "ENROL_SECOND_FACTOR", "ENROL_SECOND_FACTOR"]),
        ("everybody", ["ENROL_SECOND_FACTOR"] * 3),
    ],
)
async def test_who_must_have_one_is_held_back_until_then(  # R-ACC-16
    database: str, policy: str, held: list[str | None]
) -> None:
    people = [await builders.user(), await builders.user(administrator=True), await builders.operator()]
    require(policy)
    assert [(await opened(one)).held_back for one in people] == held


async def test_enrolling_frees_who_was_held_back(database: str) -> None:  # R-ACC-16
    require("administrators")
    person = await with_application(await builders.user(administrator=True))
    assert person.viewer.held_back == "ENROL_SECOND_FACTOR"
    free = await session.renewed(person.viewer)
    assert free is not None
    assert (free.held_back, free.is_administrator) == (None, True)


async def test_the_last_one_stays_where_one_is_required(database: str) -> None:  # R-ACC-16
    person = await with_application(await builders.user(administrator=True))
    second = await with_application(person.user, person.viewer)
    require("administrators")
    outcomes = await asyncio.gather(
        second_factor.remove(person.viewer, person.factor_id), second_factor.remove(person.viewer, second.factor_id)
    )
    assert sorted(codes(one) for one in outcomes) == [[], ["SECOND_FACTOR_REQUIRED"]]


async def test_another_administrator_helps_who_lost_everything(database: str) -> None:  # R-ACC-16
    town = await builders.establishment()
    chief = await builders.user(town, administrator=True, first_name="Alix", last_name="Bernard")
    person = await with_application(await builders.user(town, administrator=True))
    assert await second_factor.reset(await opened(chief), person.user.id) == []
    assert await session.renewed(person.viewer) is None
    assert (await sign_in(person.user)).secret is not None
    told = await db.row("SELECT body_text, recipient FROM notifications ORDER BY id DESC LIMIT 1")
    assert told is not None
    assert (told["recipient"], "Alix Bernard a retiré" in told["body_text"]) == (person.user.email, True)


@pytest.mark.parametrize("who", ["themselves", "a colleague", "another town's administrator", "an operator"])
async def test_nobody_else_resets_it(database: str, who: str) -> None:  # R-ACC-16
    town = await builders.establishment()
    await builders.user(town, administrator=True)
    person = await with_application(await builders.user(town, administrator=True))
    viewers = {
        "themselves": person.viewer,
        "a colleague": builders.viewer(await builders.user(town)),
        "another town's administrator": builders.viewer(await builders.user(administrator=True)),
        "an operator": builders.viewer(await builders.operator()),
    }
    assert codes(await second_factor.reset(viewers[who], person.user.id)) == ["NOT_FOUND"]
    assert (await sign_in(person.user)).challenge is not None


async def test_an_operator_helps_an_administrator_whom_nobody_else_can(database: str) -> None:  # R-ACC-02, R-ACC-16
    person = await with_application(await builders.user(administrator=True))
    assert await second_factor.reset(builders.viewer(await builders.operator()), person.user.id) == []


async def test_an_operator_helps_another_operator(database: str) -> None:  # R-ACC-16
    person = await with_application(await builders.operator())
    assert await second_factor.reset(builders.viewer(await builders.operator()), person.user.id) == []


# ---------------------------------------------------------------- passkeys


@pytest.fixture
def named(database_url: str) -> None:
    """The platform has a name, without which there are no passkeys."""
    settings_room.use(replace(settings_room.current(), public_url="https://peps.example"))


async def with_passkey(who: User | None = None) -> tuple[User, Viewer, Authenticator]:
    who = who or await builders.user()
    viewer = await opened(who)
    begun = await second_factor.start_enrolment(viewer, "PASSKEY")
    assert begun.challenge is not None, begun.errors
    assert begun.passkey_request is not None
    key = Authenticator("https://peps.example", "peps.example")
    proof = Proof(passkey=key.make(dict(begun.passkey_request)))
    done = await second_factor.enrol(viewer, begun.challenge.secret, "", proof)
    assert done.factor_id is not None, done.errors
    assert len(done.recovery_codes) == 10
    return who, viewer, key


async def asked_of_key(who: User) -> tuple[str, dict[str, Any]]:
    outcome = await sign_in(who)
    assert outcome.challenge is not None
    assert outcome.challenge.passkey_request is not None
    assert outcome.challenge.methods == ("PASSKEY", "RECOVERY_CODE")
    return outcome.challenge.secret, dict(outcome.challenge.passkey_request)


@pytest.mark.usefixtures("named")
async def test_a_passkey_signs_in_after_the_password(database: str) -> None:  # R-ACC-16
    who, _, key = await with_passkey()
    for _ in range(2):
        challenge, request = await asked_of_key(who)
        assert codes(await give(challenge, passkey=key.sign(request))) == []
    assert (await SecondFactor.get(user_id=who.id)).counter == 2


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("how", ["another site", "another key", "an older request", "nothing", "rubbish"])
async def test_a_passkey_s_answer_must_be_right(database: str, how: str) -> None:  # R-ACC-16
    who, _, key = await with_passkey()
    _, older = await asked_of_key(who)
    challenge, request = await asked_of_key(who)
    answers = {
        "another site": replace(key, origin="https://peps.example.attaque.example").sign(request),
        "another key": replace(key, key=Authenticator("", "").key).sign(request),
        "an older request": key.sign(older),
        "nothing": {},
        "rubbish": {"id": key.sign(request)["id"], "rawId": 3, "response": {"clientDataJSON": "é"}, "type": "x"},
    }
    assert codes(await give(challenge, passkey=answers[how])) == ["SECOND_FACTOR_WRONG"]


@pytest.mark.usefixtures("named")
async def test_a_copied_passkey_is_refused_and_told(database: str) -> None:  # R-ACC-16
    who, _, key = await with_passkey()
    key.count = 7
    copy = replace(key)
    challenge, request = await asked_of_key(who)
    assert codes(await give(challenge, passkey=key.sign(request))) == []
    challenge, request = await asked_of_key(who)
    assert codes(await give(challenge, passkey=copy.sign(request))) == ["SECOND_FACTOR_WRONG"]
    assert (await mails())[-1] == "PEP’s : une clé d’accès de votre compte a été refusée"


@pytest.mark.usefixtures("named")
async def test_a_passkey_that_counts_nothing_is_good(database: str) -> None:  # R-ACC-16
    who, _, key = await with_passkey()
    for _ in range(2):
        key.count = -1
        challenge, request = await asked_of_key(who)
        assert codes(await give(challenge, passkey=key.sign(request))) == []


@pytest.mark.usefixtures("named")
async def test_a_passkey_is_enrolled_once(database: str) -> None:  # R-ACC-16
    _, _, key = await with_passkey()
    other = await opened(await builders.user())
    begun = await second_factor.start_enrolment(other, "PASSKEY")
    assert begun.challenge is not None
    assert begun.passkey_request is not None
    proof = Proof(passkey=key.make(dict(begun.passkey_request)))
    assert codes(await second_factor.enrol(other, begun.challenge.secret, "", proof)) == ["SECOND_FACTOR_WRONG"]


async def test_an_address_of_numbers_has_no_passkeys(database: str) -> None:  # R-ACC-16
    viewer = await opened(await builders.user())
    settings_room.use(replace(settings_room.current(), public_url="https://192.0.2.1"))
    assert codes(await second_factor.start_enrolment(viewer, "PASSKEY")) == ["INVALID_VALUE"]
    settings_room.use(replace(settings_room.current(), public_url=""))  # one's own machine is reached by its name
    assert codes(await second_factor.start_enrolment(viewer, "PASSKEY")) == []
