"""The second factor over real HTTP: both transports, and the actions that ask for it again (R-ACC-16)."""

import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest

from backend import clock
from backend.models import User
from backend.rules import globalid
from backend.schema import build
from backend.schema.sensitive import Sensitive, empty
from tests import builders
from tests.schema.test_account import change
from tests.serving import Client, Served

Move = Callable[[str], None]

NOON = "2026-06-01T12:00:00+02:00"

NOT_SENSITIVE = {
    "logIn": "signing in asks for the second factor by itself",
    "confirmSecondFactor": "gives it",
    "startConfirmation": "asks for it",
    "logOut": "takes access away, from oneself",
    "endSession": "takes access away, from oneself",
    "forgetTrustedDevices": "takes trust away, from oneself",
    "recoverIdentifier": "sends a message to the address of an account",
    "confirmEmail": "carries the secret of a link, whose request asked",
    "requestPasswordReset": "nobody is signed in",
    "setPassword": "nobody is signed in: the link of an e-mail is the proof",
    "actFor": "changes nothing but what the session shows",
    "markCourriers": "one's own marks on letters",
    "acceptTerms": "comes before everything else, enrolling a second factor included",
    "publishTerms": "by operators, once a year, after a rehearsal: accounts and rights are not touched",
    "reviewServices": "says that one has looked: rights are given by setRights, which asks",
    "remindDelegations": "sends again what was asked for already, once a week at most",
    "withdrawCourrier": "by operators and programs: takes a letter away, with its trace; rights are not touched",
    "acknowledgeCourrier": "says that a letter was received: gives nobody anything",
    "depositCourrier": "by programs and operators, many an hour: rights are not touched",
    "openDepositBatch": "an empty batch: nobody sees it",
    "loadDepositBatch": "by programs and operators, many an hour: nobody sees what is loaded",
    "rehearseDepositBatch": "counts: nothing is changed that anybody sees",
    "publishDepositBatch": "as depositCourrier, after a rehearsal: rights are not touched",
    "cancelDepositBatch": "gives up what nobody has seen",
    "exportCourriers": "the letters one reads already, together; noted as downloaded when they are fetched",
    "saveView": "how somebody likes their own list",
    "deleteView": "how somebody likes their own list",
    "openDueCalendar": "days without what they are about, at an address that is told once and can be closed",
    "closeDueCalendar": "takes access away, from oneself",
    "updateNotificationPreferences": "what one is told by e-mail: security is told all the same",
    "retryNotifications": "by operators: sends again what was to be sent",
}
"""Mutations that do not ask again for the second factor, and why they need not."""

MUTATIONS = {field.name: field for field in build.schema().get_type_by_name("Mutation").fields}  # type: ignore[union-attr]


def _name(field: Any) -> str:
    first, *others = field.python_name.split("_")
    return first + "".join(one.title() for one in others)


SENSITIVE = {
    _name(field): field
    for field in MUTATIONS.values()
    if any(isinstance(extension, Sensitive) for extension in field.extensions)
}


def test_every_mutation_asks_again_or_says_why_not() -> None:  # R-ACC-16
    told = set(SENSITIVE) | set(NOT_SENSITIVE)
    assert sorted({_name(field) for field in MUTATIONS.values()} - told) == [], (
        "put the extension Sensitive on these mutations, or argue in NOT_SENSITIVE why they need not ask again"
    )
    assert sorted(set(SENSITIVE) & set(NOT_SENSITIVE)) == []
    assert sorted(told - {_name(field) for field in MUTATIONS.values()}) == []


@pytest.mark.parametrize("name", sorted(SENSITIVE))
def test_a_sensitive_mutation_can_answer_that_nothing_was_done(name: str) -> None:  # R-ACC-16
    payload = SENSITIVE[name].type
    assert payload(**empty(payload), errors=[]).errors == []


ENROL = "enrolment { challenge secret } secondFactor { id label } recoveryCodes"
LOG_IN = "viewer { user { identifier } } challenge { token methods passkeyOptions } token deviceToken"


def code(secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now(), counter_offset=steps)


async def enrolled(client: Client) -> str:
    """An application enrolled by somebody signed in: its secret."""
    begun = (await change(client, "enrolSecondFactor", ENROL, kind="TOTP"))["enrolment"]
    first = {"challenge": begun["challenge"], "label": "Téléphone", "code": code(begun["secret"], -1)}
    done = await change(client, "enrolSecondFactor", ENROL, **first)
    assert (done["errors"], done["secondFactor"]["label"], len(done["recoveryCodes"])) == ([], "Téléphone", 10)
    return str(begun["secret"])


async def log_in(client: Client, identifier: str, transport: str, **more: Any) -> dict[str, Any]:
    given = {"identifier": identifier, "password": builders.PASSWORD, "transport": transport, **more}
    return await change(client, "logIn", LOG_IN, **given)


async def confirm(client: Client, **given: Any) -> dict[str, Any]:
    query = "mutation($input: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $input) { %s errors { code } } }"
    found: dict[str, Any] = (await client.data(query % LOG_IN, input=given))["confirmSecondFactor"]
    return found


async def test_a_browser_gives_it_and_is_trusted(server: Served, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    await builders.user(identifier="agent")
    secret = await enrolled(await server.signed_in("agent"))
    browser = server.anybody()
    asked = await log_in(browser, "agent", "COOKIE")
    assert (asked["viewer"], asked["challenge"]["methods"], asked["token"]) == (None, ["CODE", "RECOVERY_CODE"], None)
    assert (await browser.data("{ viewer { isOperator } }"))["viewer"] is None
    given = {"challenge": asked["challenge"]["token"], "code": code(secret), "trustDevice": True}
    done = await confirm(browser, **given, transport="COOKIE")
    assert done["viewer"] == {"user": {"identifier": "agent"}}
    assert (done["token"], done["deviceToken"]) == (None, None)
    names = {re.sub("[0-9a-f]{12}$", "…", name) for name in browser.http.cookies}
    assert names == {"sid", "device-…"}
    trusted = (await browser.data("{ viewer { trustedDevices { id userAgent } } }"))["viewer"]["trustedDevices"]
    assert len(trusted) == 1
    await browser.data("mutation { logOut { errors { code } } }")
    again = await log_in(browser, "agent", "COOKIE")
    assert again["viewer"] == {"user": {"identifier": "agent"}}


async def test_the_cookie_of_a_trusted_device_cannot_be_read_by_a_page(  # R-ACC-16
    server: Served, moved_clock: Move
) -> None:
    moved_clock(NOON)
    await builders.user(identifier="agent")
    secret = await enrolled(await server.signed_in("agent"))
    browser = server.anybody()
    asked = (await log_in(browser, "agent", "COOKIE"))["challenge"]["token"]
    query = "mutation($input: ConfirmSecondFactorInput!) { confirmSecondFactor(input: $input) { errors { code } } }"
    given = {"challenge": asked, "code": code(secret), "trustDevice": True}
    response = await browser.http.post("/graphql", json={"query": query, "variables": {"input": given}})
    [cookie] = [one for one in response.headers.get_list("set-cookie") if one.startswith("device-")]
    assert {"HttpOnly", "SameSite=strict", "Max-Age=604800", "Path=/"} <= set(cookie.split("; "))


async def test_a_program_carries_its_tokens(server: Served, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    await builders.user(identifier="agent")
    secret = await enrolled(await server.signed_in("agent"))
    phone = server.anybody()
    asked = (await log_in(phone, "agent", "TOKEN"))["challenge"]["token"]
    done = await confirm(phone, challenge=asked, code=code(secret), trustDevice=True, transport="TOKEN")
    assert done["errors"] == []
    phone.http.headers["authorization"] = f"Bearer {done['token']}"
    assert (await phone.data("{ viewer { user { identifier } } }"))["viewer"]["user"]["identifier"] == "agent"
    again = await log_in(server.anybody(), "agent", "TOKEN", deviceToken=done["deviceToken"])
    assert (again["challenge"], again["token"] is not None) == (None, True)
    other = await log_in(server.anybody(), "agent", "TOKEN", deviceToken="inventé")
    assert (other["challenge"] is not None, other["token"]) == (True, None)


async def test_a_sensitive_action_waits_for_it_and_does_nothing(  # R-ACC-16
    server: Served, moved_clock: Move
) -> None:
    moved_clock(NOON)
    town = await builders.establishment()
    await builders.user(town, administrator=True, identifier="chief")
    agent = await builders.user(town)
    chief = await server.signed_in("chief")
    secret = await enrolled(chief)
    given = {"id": globalid.encode("User", agent.id), "profile": "ADMINISTRATOR"}
    moved_clock("2026-06-01T12:20:00+02:00")
    refused = await change(chief, "setProfile", "user { id }", **given)
    assert refused == {"user": None, "errors": [{"code": "SECOND_FACTOR_NEEDED", "path": []}]}
    assert not (await User.get(id=agent.id)).is_administrator

    started = await chief.data("mutation { startConfirmation { challenge { token methods } errors { code } } }")
    challenge = started["startConfirmation"]["challenge"]
    assert challenge["methods"] == ["CODE", "RECOVERY_CODE"]
    wrong = await confirm(chief, challenge=challenge["token"], code="000000", transport="TOKEN")
    assert wrong["errors"] == [{"code": "SECOND_FACTOR_WRONG"}]
    right = await confirm(chief, challenge=challenge["token"], code=code(secret), transport="TOKEN")
    assert (right["errors"], right["token"], right["viewer"]) == ([], None, {"user": {"identifier": "chief"}})
    done = await change(chief, "setProfile", "user { profile }", **given)
    assert done == {"user": {"profile": "ADMINISTRATOR"}, "errors": []}


async def test_the_first_asks_for_the_password_of_who_signed_in_a_while_ago(  # R-ACC-16
    server: Served, moved_clock: Move
) -> None:
    moved_clock(NOON)
    await builders.user(identifier="agent")
    agent = await server.signed_in("agent")
    moved_clock("2026-06-01T12:20:00+02:00")
    refused = await change(agent, "enrolSecondFactor", ENROL, kind="TOTP")
    assert refused["enrolment"] is None
    assert refused["errors"] == [{"code": "PASSWORD_NEEDED", "path": ["password"]}]
    begun = await change(agent, "enrolSecondFactor", ENROL, kind="TOTP", password=builders.PASSWORD)
    first = {"challenge": begun["enrolment"]["challenge"], "code": code(begun["enrolment"]["secret"])}
    assert (await change(agent, "enrolSecondFactor", ENROL, **first))["errors"] == []


async def test_who_has_none_is_not_asked(server: Served) -> None:  # R-ACC-16
    town = await builders.establishment()
    await builders.user(town, administrator=True, identifier="chief")
    agent = await builders.user(town)
    done = await change(
        await server.signed_in("chief"),
        "renewUsers",
        "results { errors { code } }",
        ids=[globalid.encode("User", agent.id)],
    )
    assert done["results"] == [{"errors": []}]


async def test_an_administrator_sees_who_has_one_and_resets_it(server: Served, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    town = await builders.establishment()
    await builders.user(town, administrator=True, identifier="chief")
    agent = await builders.user(town, identifier="agent")
    theirs = await server.signed_in("agent")
    await enrolled(theirs)
    chief = await server.signed_in("chief")
    number = globalid.encode("User", agent.id)
    done = await change(chief, "resetSecondFactor", "user { hasSecondFactor }", id=number)
    assert done == {"user": {"hasSecondFactor": False}, "errors": []}
    assert (await theirs.data("{ viewer { isOperator } }"))["viewer"] is None
    assert (await log_in(server.anybody(), "agent", "TOKEN"))["token"] is not None


async def test_secrets_are_never_told_again(server: Served, moved_clock: Move) -> None:  # R-ACC-16
    moved_clock(NOON)
    await builders.user(identifier="agent")
    client = await server.signed_in("agent")
    secret = await enrolled(client)
    told = await client.data("{ viewer { secondFactors { id kind label enrolledAt lastUsedAt } recoveryCodesLeft } }")
    assert told["viewer"]["recoveryCodesLeft"] == 10
    assert [one["label"] for one in told["viewer"]["secondFactors"]] == ["Téléphone"]
    assert secret not in str(told)
