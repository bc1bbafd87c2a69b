"""Sessions: signing in and out, locks, expiry, acting for another (R-ACC-08, 11, 14, R-DEL-06, R-JRN-01)."""

import asyncio
import time
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from backend import clock
from backend import database as db
from backend.models import ApiClient, Delegation, Notification, User
from backend.rules import globalid, password, session, token
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules import tables
from tests.serving import Served

Move = Callable[[str], None]

ORIGIN = Origin("192.0.2.7", "Un navigateur")
WRONG = "ce n'est pas le bon"


async def sign_in(identifier: str, given: str = builders.PASSWORD, transport: str = session.TOKEN) -> session.LogIn:
    return await session.log_in(identifier, given, transport, ORIGIN)


def codes(outcome: session.LogIn) -> list[str]:
    return [one.code.value for one in outcome.errors]


async def opened(identifier: str, transport: str = session.TOKEN) -> tuple[str, Viewer]:
    """A session opened now: its secret and its viewer."""
    outcome = await sign_in(identifier, transport=transport)
    assert outcome.secret is not None
    assert outcome.viewer is not None
    return outcome.secret, outcome.viewer


async def is_open(secret: str) -> bool:
    return await session.authenticate(secret, ORIGIN) is not None


# ---------------------------------------------------------------- expiry


@pytest.mark.parametrize(
    ("signed_in", "last_day"),
    [
        ("2026-03-10T09:00+01:00", "2027-09-10"),
        ("2026-08-31T09:00+02:00", "2028-02-29"),  # month end, in a leap year
        ("2025-08-31T09:00+02:00", "2027-02-28"),
        ("2028-02-29T09:00+01:00", "2029-08-29"),  # from a leap day
        ("2026-03-28T23:30+00:00", "2027-09-29"),  # already the 29th in Paris, the night the hour changes
        ("2026-10-24T21:59+00:00", "2028-04-24"),
        ("2026-10-24T22:01+00:00", "2028-04-25"),  # already the 25th in Paris, in summer time
    ],
)
async def test_signing_in_moves_the_expiry_eighteen_months(  # R-ACC-08
    database: str, moved_clock: Move, signed_in: str, last_day: str
) -> None:
    moved_clock(signed_in)
    agent = await builders.user(expires_on=clock.today())
    await sign_in(agent.identifier)
    assert (await User.get(id=agent.id)).expires_on == date.fromisoformat(last_day)


@pytest.mark.parametrize(
    ("last_day", "last_instant", "too_late"),
    [
        (date(2026, 6, 30), "2026-06-30T23:59:59+02:00", "2026-07-01T00:00:00+02:00"),
        (date(2026, 3, 29), "2026-03-29T23:59:59+02:00", "2026-03-30T00:00:00+02:00"),  # a day of 23 hours
        (date(2026, 10, 25), "2026-10-25T23:59:59+01:00", "2026-10-26T00:00:00+01:00"),  # a day of 25 hours
    ],
)
async def test_an_account_can_sign_in_until_the_end_of_its_last_day_in_paris(  # R-ACC-08
    database: str, moved_clock: Move, last_day: date, last_instant: str, too_late: str
) -> None:
    moved_clock("2026-01-15T12:00+01:00")
    agent = await builders.user(expires_on=last_day)
    moved_clock(too_late)
    refused = codes(await sign_in(agent.identifier))
    moved_clock(last_instant)
    assert (refused, codes(await sign_in(agent.identifier))) == (["ACCOUNT_EXPIRED"], [])


async def test_an_expired_account_is_told_whom_to_ask_once_its_password_was_right(database: str) -> None:  # R-ACC-11
    town = await builders.establishment()
    yesterday = clock.today() - timedelta(days=1)
    gone = await builders.user(town, expires_on=yesterday)
    await builders.user(town, administrator=True, first_name="Alix", last_name="Bernard")
    await builders.user(town, administrator=True, first_name="Expirée", last_name="Zoé", expires_on=yesterday)
    await builders.user(town, first_name="Simple", last_name="Agent")
    assert (await sign_in(gone.identifier)).ask_whom == ("Alix Bernard",)


async def test_an_expired_account_answers_a_wrong_password_like_any_other(database: str) -> None:  # R-ACC-11
    gone = await builders.user(expires_on=clock.today() - timedelta(days=1))
    outcome = await sign_in(gone.identifier, WRONG)
    assert (codes(outcome), outcome.ask_whom) == (["BAD_CREDENTIALS"], ())


async def test_where_no_administrator_can_sign_in_the_assistance_is_named(database: str) -> None:  # R-ACC-11
    gone = await builders.user(expires_on=clock.today() - timedelta(days=1))
    assert "assistance@" in (await sign_in(gone.identifier)).errors[0].message


async def test_an_expired_sign_in_moves_no_expiry(database: str) -> None:  # R-ACC-11
    gone = await builders.user(expires_on=clock.today() - timedelta(days=1))
    await sign_in(gone.identifier)
    assert (await User.get(id=gone.id)).expires_on == gone.expires_on


@pytest.mark.parametrize("transport", [session.COOKIE, session.TOKEN])
async def test_sessions_end_at_the_instant_the_account_expires(  # R-ACC-11
    database: str, moved_clock: Move, transport: str
) -> None:
    moved_clock("2026-06-30T23:30+02:00")
    agent = await builders.user()
    secret, viewer = await opened(agent.identifier, transport)
    await User.filter(id=agent.id).update(expires_on=date(2026, 6, 30))
    moved_clock("2026-06-30T23:59:59+02:00")
    before = (await is_open(secret), await session.renewed(viewer) is not None)
    moved_clock("2026-07-01T00:00:00+02:00")
    after = (await is_open(secret), await session.renewed(viewer) is not None)
    assert (before, after) == ((True, True), (False, False))


# ---------------------------------------------------------------- locks


async def attempts(identifier: str, times: int) -> list[list[str]]:
    return [codes(await sign_in(identifier, WRONG)) for _ in range(times)]


SEVEN = [["BAD_CREDENTIALS"]] * 4 + [["ACCOUNT_LOCKED"]] * 3


@pytest.mark.parametrize("who", ["an active account", "an unknown one", "a deleted one", "an invited one"])
async def test_five_failures_lock_whoever_it_is(database: str, who: str) -> None:  # R-ACC-14
    values = {"a deleted one": {"deleted_at": clock.now()}, "an invited one": {"password_hash": None}}
    agent = await builders.user(**values.get(who, {}))
    assert await attempts("personne" if who == "an unknown one" else agent.identifier, 7) == SEVEN


async def test_words_and_statements_are_the_same_for_an_unknown_identifier(database: str) -> None:  # R-ACC-14
    agent = await builders.user()
    told: dict[str, list[tuple[str, int]]] = {}
    for identifier in (agent.identifier, "personne"):
        for _ in range(7):
            db.statements.seen = []
            outcome = await sign_in(identifier, WRONG)
            told.setdefault(identifier, []).append((outcome.errors[0].message, len(db.statements.seen)))
    db.statements.seen = None
    assert told["personne"] == told[agent.identifier]


async def test_an_unknown_identifier_costs_as_much_to_answer(database: str) -> None:  # R-ACC-14
    agent = await builders.user(password_hash=await password.hash_password(builders.PASSWORD))
    await sign_in("encore personne", WRONG)  # makes the hash nobody has

    async def cost(identifier: str) -> float:
        spent = []
        for number in range(3):
            start = time.process_time()
            await sign_in(identifier if identifier == agent.identifier else f"{identifier}{number}", WRONG)
            spent.append(time.process_time() - start)
        return min(spent)

    known, unknown = await cost(agent.identifier), await cost("personne")
    assert known / 2 < unknown < known * 2


async def test_a_locked_account_refuses_the_right_password_too(database: str) -> None:  # R-ACC-14
    agent = await builders.user()
    await attempts(agent.identifier, 5)
    assert codes(await sign_in(agent.identifier)) == ["ACCOUNT_LOCKED"]


@pytest.mark.parametrize(("minutes", "answer"), [(29, ["ACCOUNT_LOCKED"]), (30, [])])
async def test_a_lock_opens_after_thirty_minutes(  # R-ACC-14
    database: str, moved_clock: Move, minutes: int, answer: list[str]
) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    agent = await builders.user()
    await attempts(agent.identifier, 5)
    moved_clock(f"2026-06-01T10:{minutes}+02:00")
    assert codes(await sign_in(agent.identifier)) == answer


async def test_after_a_lock_has_passed_there_are_five_tries_again(database: str, moved_clock: Move) -> None:  # R-ACC-14
    moved_clock("2026-06-01T10:00+02:00")
    agent = await builders.user()
    await attempts(agent.identifier, 5)
    moved_clock("2026-06-01T10:31+02:00")
    assert await attempts(agent.identifier, 7) == SEVEN


async def test_signing_in_forgets_earlier_failures(database: str) -> None:  # R-ACC-14
    agent = await builders.user()
    await attempts(agent.identifier, 4)
    await sign_in(agent.identifier)
    assert await attempts(agent.identifier, 4) == [["BAD_CREDENTIALS"]] * 4


async def test_another_password_unlocks(database: str) -> None:  # R-ACC-14
    agent = await builders.user()
    await attempts(agent.identifier, 5)
    async with db.transaction():
        secret = await password.issue_link(agent.id, "PASSWORD_RESET")
    await password.set_password(secret, "nouvelle suite de mots tranquilles", ORIGIN)
    assert codes(await sign_in(agent.identifier, "nouvelle suite de mots tranquilles")) == []


async def test_a_lock_ends_the_sessions_of_the_account(database: str, moved_clock: Move) -> None:  # R-ACC-14
    moved_clock("2026-06-01T10:00+02:00")
    agent = await builders.user()
    secret, _ = await opened(agent.identifier)
    await attempts(agent.identifier, 5)
    moved_clock("2026-06-01T10:31+02:00")
    assert not await is_open(secret)


async def test_failures_at_the_same_time_are_all_counted(database: str) -> None:  # R-ACC-14
    agent = await builders.user()
    await asyncio.gather(*(sign_in(agent.identifier, WRONG) for _ in range(4)))
    assert (await User.get(id=agent.id)).failed_sign_ins == 4


async def _locked_mails() -> list[Notification]:
    return await Notification.filter(rule="R-ACC-14").order_by("id")


async def test_a_lock_is_told_to_its_person_with_who_can_unlock_by_name(database: str, moved_clock: Move) -> None:
    """R-ACC-14: the screen must not tell that the account exists, so the names go to its own address."""
    moved_clock("2026-06-01T10:00+02:00")
    town = await builders.establishment()
    agent = await builders.user(town, identifier="agent", administrator=True)
    await builders.user(town, administrator=True, first_name="Claire", last_name="Martin")
    await builders.user(town, administrator=True, first_name="Parti", last_name="Ailleurs", password_hash=None)
    await builders.user(town, first_name="Simple", last_name="Agent")
    for identifier in ("agent", "personne"):
        for _ in range(5):
            await sign_in(identifier, WRONG)
    (mail,) = await _locked_mails()
    assert (mail.user_id, mail.recipient, mail.kind) == (agent.id, agent.email, "SECURITY_ALERT")
    for part in (mail.body_text, mail.body_html):
        assert "Claire Martin" in part
        assert "Ailleurs" not in part
        assert "Simple" not in part
        assert "30 minutes" in part


async def test_a_lock_is_told_once_a_day(database: str, moved_clock: Move) -> None:  # R-ACC-14
    await builders.user(identifier="agent")
    for moment, told in (("01T10:00", 1), ("01T11:00", 1), ("02T10:00", 2)):
        moved_clock(f"2026-06-{moment}+02:00")
        for _ in range(5):
            await sign_in("agent", WRONG)
        mails = await _locked_mails()
        assert len(mails) == told
        assert "Aucun autre administrateur" in mails[-1].body_text


@pytest.mark.parametrize("known", [True, False])
async def test_twenty_failures_at_the_same_time_lock(database: str, known: bool) -> None:  # R-ACC-14
    agent = await builders.user()
    identifier = agent.identifier if known else "personne"
    outcomes = await asyncio.gather(*(sign_in(identifier, WRONG) for _ in range(20)))
    told = [codes(one)[0] for one in outcomes]
    assert (told.count("BAD_CREDENTIALS"), await attempts(identifier, 1)) == (4, [["ACCOUNT_LOCKED"]])


async def test_guesses_sent_all_at_once_do_not_get_past_the_lock(  # R-ACC-14
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The right one, let in before the lock and verified after it: without being held, it may come before the fifth."""
    agent = await builders.user()
    verify, let_in, counted = password.verify, asyncio.Event(), asyncio.Event()

    async def verify_the_right_one_last(given: str, password_hash: str | None) -> bool:
        if given == builders.PASSWORD:
            let_in.set()
            await counted.wait()
        return await verify(given, password_hash)

    monkeypatch.setattr(password, "verify", verify_the_right_one_last)
    right = asyncio.create_task(sign_in(agent.identifier))
    await let_in.wait()
    wrong = await asyncio.gather(*(sign_in(agent.identifier, WRONG) for _ in range(12)))
    counted.set()
    assert ([codes(one)[0] for one in wrong].count("BAD_CREDENTIALS"), (await right).secret) == (4, None)


# ---------------------------------------------------------------- who cannot sign in


async def test_a_deleted_account_is_nobody_and_its_sessions_end(database: str) -> None:  # R-ACC-12
    agent = await builders.user()
    secret, _ = await opened(agent.identifier)
    await User.filter(id=agent.id).update(deleted_at=clock.now())
    assert (codes(await sign_in(agent.identifier)), await is_open(secret)) == (["BAD_CREDENTIALS"], False)


async def test_an_invited_account_has_no_password_to_sign_in_with(database: str) -> None:  # R-ACC-03
    agent = await builders.user(password_hash=None)
    assert [codes(await sign_in(agent.identifier, given)) for given in ("", "None", builders.PASSWORD)] == [
        ["BAD_CREDENTIALS"]
    ] * 3


async def test_the_identifier_is_taken_without_case_or_surrounding_spaces(database: str) -> None:
    await builders.user(identifier="agent")
    assert codes(await sign_in("  AGENT ")) == []


# ---------------------------------------------------------------- the life of a session


async def test_a_browser_s_session_ends_two_hours_after_its_last_use(database: str, moved_clock: Move) -> None:
    moved_clock("2026-06-01T08:00+02:00")
    agent = await builders.user()
    secret, _ = await opened(agent.identifier, session.COOKIE)
    moved_clock("2026-06-01T09:59+02:00")
    used = await is_open(secret)
    moved_clock("2026-06-01T11:58+02:00")
    used_again = await is_open(secret)
    moved_clock("2026-06-01T14:00+02:00")
    assert (used, used_again, await is_open(secret)) == (True, True, False)


async def test_a_browser_s_session_ends_after_twelve_hours_even_in_use(database: str, moved_clock: Move) -> None:
    moved_clock("2026-06-01T08:00+02:00")
    agent = await builders.user()
    secret, _ = await opened(agent.identifier, session.COOKIE)
    seen = []
    for hour in range(9, 21):
        moved_clock(f"2026-06-01T{hour:02d}:{'59' if hour < 20 else '00'}+02:00")
        seen.append(await is_open(secret))
    assert seen == [True] * 11 + [False]


async def test_a_program_s_token_lives_thirty_days(database: str, moved_clock: Move) -> None:
    moved_clock("2026-06-01T08:00+02:00")
    agent = await builders.user()
    secret, _ = await opened(agent.identifier, session.TOKEN)
    moved_clock("2026-07-01T07:59+02:00")
    last = await is_open(secret)
    moved_clock("2026-07-01T08:01+02:00")
    assert (last, await is_open(secret)) == (True, False)


async def test_signing_out_ends_this_session_and_no_other(database: str) -> None:
    agent = await builders.user()
    here, viewer = await opened(agent.identifier)
    elsewhere, _ = await opened(agent.identifier)
    await session.log_out(viewer)
    await session.log_out(viewer)
    assert (await is_open(here), await is_open(elsewhere)) == (False, True)


async def test_a_made_up_secret_is_nobody(database: str) -> None:
    agent = await builders.user()
    secret, _ = await opened(agent.identifier)
    assert [await is_open(one) for one in ("", "x", secret[:-1], secret + "a", token.fingerprint(secret))] == [
        False
    ] * 5


async def test_profile_and_rights_are_judged_anew_at_each_request(database: str) -> None:  # R-ACC-06
    agent = await builders.user(administrator=True)
    secret, _ = await opened(agent.identifier)
    await User.filter(id=agent.id).update(is_administrator=False)
    viewer = await session.authenticate(secret, ORIGIN)
    assert viewer is not None
    assert not viewer.is_administrator


# ---------------------------------------------------------------- acting for another establishment


async def a_member() -> tuple[User, Delegation]:
    centre, town = await builders.establishment(is_centralisateur=True), await builders.establishment()
    agent = await builders.user(centre, rights={"COURRIERS": builders.READ})
    return agent, await builders.delegation(centre, town, members=[agent])


async def test_a_member_acts_for_the_delegataire_and_comes_back(database: str) -> None:  # R-DEL-06
    agent, agreement = await a_member()
    secret, viewer = await opened(agent.identifier)
    acted = []
    for wanted in (agreement.delegataire_id, agent.establishment_id):
        assert await session.act_for(viewer, wanted) == []
        now = await session.authenticate(secret, ORIGIN)
        assert now is not None
        acted.append(now.acting_for_id)
    assert acted == [agreement.delegataire_id, None]


NOT_IN_FORCE = {
    "pending": {"status": "PENDING", "decided_at": None},
    "refused": {"status": "REFUSED", "refusal_reason": "Non."},
    "withdrawn": {"status": "WITHDRAWN"},
    "ended": {"status": "ENDED"},
    "lapsed": {"status": "EXPIRED"},
    "not begun": {"starts_on": date(2026, 6, 2)},
    "over": {"ends_on": date(2026, 5, 31)},
}


@pytest.mark.parametrize("state", NOT_IN_FORCE)
async def test_nobody_acts_through_a_delegation_not_in_force(  # R-DEL-06
    database: str, moved_clock: Move, state: str
) -> None:
    moved_clock("2026-06-01T10:00+02:00")
    agent, agreement = await a_member()
    await Delegation.filter(id=agreement.id).update(**NOT_IN_FORCE[state])
    _, viewer = await opened(agent.identifier)
    refusals = await session.act_for(viewer, agreement.delegataire_id)
    assert [one.code.value for one in refusals] == ["NOT_FOUND"]


async def test_nobody_acts_through_a_delegation_of_which_they_are_no_member(database: str) -> None:  # R-DEL-05
    agent, agreement = await a_member()
    colleague = await builders.user(await agent.establishment, administrator=True)
    _, viewer = await opened(colleague.identifier)
    assert await session.act_for(viewer, agreement.delegataire_id) != []


@pytest.mark.parametrize("since", ["ended", "expired", "locked"])
async def test_nobody_acts_with_a_session_that_is_over(database: str, since: str) -> None:  # R-ACC-11, 12, 14, R-DEL-06
    """It was good when the request began."""
    agent, agreement = await a_member()
    _, viewer = await opened(agent.identifier)
    if since == "ended":
        await session.log_out(viewer)
    values = {"expired": {"expires_on": date(2020, 1, 1)}, "locked": {"locked_at": clock.now()}}.get(since)
    if values:
        await User.filter(id=agent.id).update(**values)
    before = await tables.digest()
    refusals = await session.act_for(viewer, agreement.delegataire_id)
    assert ([one.code.value for one in refusals], await tables.digest()) == (["NOT_ALLOWED"], before)


async def test_acting_for_whom_one_acts_for_already_changes_nothing(database: str) -> None:  # R-DEL-06
    agent, agreement = await a_member()
    _, viewer = await opened(agent.identifier)
    assert await session.act_for(viewer, agreement.delegataire_id) == []
    before = await tables.digest()
    assert (await session.act_for(viewer, agreement.delegataire_id), await tables.digest()) == ([], before)


async def test_once_the_delegation_has_ended_one_acts_for_oneself_again(server: Served) -> None:  # R-DEL-06, R-DEL-08
    agent, agreement = await a_member()
    client = await server.signed_in(agent.identifier)
    query = "{ viewer { actingFor { siret } } }"
    wanted = globalid.encode("Establishment", agreement.delegataire_id)
    switch = "mutation($id: ID!) { actFor(input: {establishmentId: $id}) { errors { code } } }"
    assert (await client.data(switch, id=wanted))["actFor"]["errors"] == []
    during = await client.data(query)
    await Delegation.filter(id=agreement.id).update(status="ENDED", ended_at=clock.now())
    after = await client.data(query)
    sirets = [one["viewer"]["actingFor"]["siret"] for one in (during, after)]
    assert sirets == [(await agreement.delegataire).siret, (await agreement.centralisateur).siret]


# ---------------------------------------------------------------- programs


async def test_an_api_client_has_its_scopes_and_nothing_else(database: str) -> None:  # R-COU-01
    program, secret = await builders.api_client("DEPOSIT_COURRIERS READ_STATISTICS")
    viewer = await session.authenticate(secret, ORIGIN)
    scopes = frozenset({"DEPOSIT_COURRIERS", "READ_STATISTICS"})
    assert viewer == Viewer(api_client_id=program.id, scopes=scopes, origin=ORIGIN)


async def test_an_api_client_stops_the_day_after_its_last_and_when_revoked(database: str, moved_clock: Move) -> None:
    moved_clock("2026-06-30T23:59+02:00")
    _, until_june = await builders.api_client(expires_on=date(2026, 6, 30))
    revoked, its_secret = await builders.api_client()
    before = [await is_open(until_june), await is_open(its_secret)]
    await ApiClient.filter(id=revoked.id).update(revoked_at=clock.now())
    moved_clock("2026-07-01T00:00+02:00")
    assert (before, [await is_open(until_june), await is_open(its_secret)]) == ([True, True], [False, False])


async def test_a_program_cannot_act_for_an_establishment(database: str) -> None:  # R-DEL-06
    _, secret = await builders.api_client()
    viewer = await session.authenticate(secret, ORIGIN)
    assert viewer is not None
    refusals = await session.act_for(viewer, (await builders.establishment()).id)
    assert [one.code.value for one in refusals] == ["NOT_ALLOWED"]


# ---------------------------------------------------------------- what is kept


async def test_sign_ins_and_refusals_are_in_the_journal(database: str) -> None:  # R-JRN-01
    agent = await builders.user()
    await sign_in(agent.identifier)
    await sign_in("personne", WRONG)
    await attempts(agent.identifier, 6)
    [arrival] = await tables.journal("session.opened")
    refusals = await tables.journal("session.refused")
    assert arrival["actor_id"] == agent.id
    assert arrival["body"]["address"] == ORIGIN.address
    assert [(one["subject_id"], one["body"]["facts"]["why"]) for one in refusals] == [
        (None, "password"),
        *[(agent.id, "password")] * 4,
        *[(agent.id, "locked")] * 2,
    ]


async def test_no_password_and_no_secret_is_kept_in_clear(database: str) -> None:
    agent = await builders.user()
    secret, viewer = await opened(agent.identifier)
    await sign_in(agent.identifier, "canari-mot-de-passe-faux")
    await sign_in("canari-identifiant-inconnu", "canari-autre-mot-de-passe")
    await password.request_reset(agent.identifier, ORIGIN)
    async with db.transaction():
        link = await password.issue_link(agent.id, "PASSWORD_RESET")
    await password.set_password(link, "canari choisi avec soin et sans hâte", ORIGIN)
    await session.log_out(viewer)
    canaries = [secret, link, "canari", builders.PASSWORD]
    assert [await tables.holding(one) for one in canaries] == [[], [], [], []]
