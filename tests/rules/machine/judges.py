"""Whether what the journal tells was done by somebody who was allowed to, or was due: as things were before it."""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

from backend import clock, settings
from tests.rules.ground import Look
from tests.rules.machine import plainly
from tests.rules.machine.plainly import status
from tests.rules.machine.retelling import Heard, Told

ACCOUNTS_BY_THEIR_ADMINISTRATORS = {
    "user.created",
    "user.invited",
    "user.profile_changed",
    "user.renewed",
    "user.unlocked",
    "user.deleted",
    "user.reopened",
    "user.imported",
    "right.changed",
    "right.reviewed",
    "right.exported",
    "service.reviewed",
}
BY_THEM_OR_ONESELF = {"user.details_changed", "user.email_requested", "user.email_cancelled", "user.email_changed"}
OPERATORS = {
    "establishment.registered",
    "establishment.changed",
    "establishment.administrator_nominated",
    "terms.published",
    "service.published",
    "service.closed",
}
ONESELF = {
    "session.opened",
    "session.closed",
    "session.acts_for",
    "password.set",
    "password.changed",
    "password.refused",
    "second_factor.added",
    "second_factor.removed",
    "recovery_codes.renewed",
    "device.forgotten",
    "session.confirmed",
}
NOBODY_YET = {
    "session.refused",
    "second_factor.copied",
    "password.reset_requested",
    "identifier.recovery_requested",
}
STATES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "user.invited": lambda one: status(one) == "INVITED",
    "user.renewed": lambda one: status(one) != "EXPIRED",
    "user.unlocked": plainly.is_locked,
    "user.reopened": lambda one: (
        status(one) == "EXPIRED"
        and clock.today()
        <= clock.add_months(
            date.fromisoformat(one["expires_on"]), settings.current().durations.account_reopening_months
        )
    ),
}
"""What an account must have been for this to be done to it (R-ACC-03, 10, 11, 14)."""

WAY_OUT = {
    "session.opened",
    "session.closed",
    "session.confirmed",
    "password.set",
    "password.changed",
    "password.refused",
    "second_factor.added",
    "device.forgotten",
    "terms.accepted",
    "user.email_changed",
}
"""What somebody who must first accept the terms, or enrol a second factor, may do: nothing else (R-CGU-02)."""


class Step(Protocol):
    """What is known of a step: everything before it, everything after it, and what had been told."""

    before: Look
    now: Look
    told: Told
    places: dict[str, int]


def judge(heard: Heard, name: str, who: int | None, step: Step) -> None:
    """Whether whoever did this was allowed to."""
    if name == "jobs":
        assert heard.actor is None, heard
        judge_time(heard, step)
        return
    if heard.action in NOBODY_YET:
        assert heard.actor is None, heard
        return
    assert heard.actor is not None, heard
    assert heard.actor == who, heard
    if plainly.held_back(step.before, heard.actor) is not None:
        assert heard.action in WAY_OUT, f"{plainly.held_back(step.before, heard.actor)}: {heard}"
    by = step.before["users"][heard.actor]
    if heard.action in OPERATORS or name in {"nominate", "register"}:
        assert by["is_operator"], heard
        assert status(by) == "ACTIVE", heard
        judge_publication(heard, step)
    elif heard.action in BY_THEM_OR_ONESELF and heard.subject and heard.actor == heard.subject[1]:
        assert name == "confirm an address" or status(by) == "ACTIVE", heard
    elif heard.action == "second_factor.reset":
        assert heard.actor != heard.user, heard
        administers = plainly.administers(step.before, heard.actor, heard.establishment)
        assert administers or (by["is_operator"] and status(by) == "ACTIVE"), heard
    elif heard.action == "terms.accepted":
        judge_acceptance(heard, step)
    elif heard.action in ACCOUNTS_BY_THEIR_ADMINISTRATORS | BY_THEM_OR_ONESELF:
        judge_administrator(heard, step)
    else:
        assert heard.action in ONESELF, f"who may do {heard.action}? Say it here"
        judge_oneself(heard, step)


def judge_administrator(heard: Heard, step: Step) -> None:
    """R-ACC-02, R-ACC-10, R-RGT-02, R-RGT-04."""
    elsewhere = heard.action == "user.renewed" and plainly.administers_elsewhere(
        step.before, heard.actor, heard.establishment
    )
    assert elsewhere or plainly.administers(step.before, heard.actor, heard.establishment), heard
    if heard.action == "service.reviewed":
        assert heard.establishment is not None
        assert plainly.is_online(step.before["services"][heard.number]), heard
        assert (heard.establishment, heard.number) not in step.told.reviews, heard
    elif heard.subject is not None:
        assert step.now["users"][heard.user]["establishment_id"] == heard.establishment, heard
        known = step.before["users"].get(heard.user)
        assert known is None or (known["deleted_at"] is None and heard.action != "user.created"), heard
        assert known is not None or heard.user in step.told.users or heard.action == "user.created", heard
        if heard.action in STATES:
            assert known is not None, heard
            assert STATES[heard.action](known), heard
        if heard.action == "right.changed":
            online = {one["code"] for one in step.before["services"].values() if plainly.is_online(one)}
            assert set(heard.changes) <= online, heard


def judge_acceptance(heard: Heard, step: Step) -> None:
    """Only the version in force, by an administrator of the establishment, once (R-CGU-01, 02, 03)."""
    assert heard.establishment is not None
    assert plainly.administers_elsewhere(step.before, heard.actor, heard.establishment), heard
    version = plainly.current_terms(step.before)
    assert version is not None, heard
    assert heard.number == version["id"], heard
    assert heard.facts["sha256"] == hashlib.sha256(version["body"].encode()).hexdigest(), heard
    accepted = [(terms, place) for terms, place, _, _ in step.told.acceptances.values()]
    assert (heard.number, heard.establishment) not in accepted, heard


def judge_publication(heard: Heard, step: Step) -> None:
    """Nothing begins or ends before today, and an end that has come is final (R-CGU-01, R-RGT-04, R-RGT-05)."""
    today = clock.today().isoformat()
    if heard.action == "terms.published":
        assert heard.facts["published_on"] >= today, heard
    elif heard.action == "service.published":
        assert heard.facts["online_since"] >= today, heard
        assert heard.facts["code"] not in {one["code"] for one in step.before["services"].values()}, heard
    elif heard.action == "service.closed":
        before, after = heard.changes["closed_on"]
        assert before is None or before > today, heard
        assert after >= today, heard


def judge_time(heard: Heard, step: Step) -> None:
    """What nobody did was due."""
    one, lengths = step.before["users"][heard.user], settings.current().durations
    if heard.action == "user.profile_changed":
        assert heard.changes["profile"][1] == "ADMINISTRATOR", heard  # R-ACC-04: it is left alone, seen below
        assert len(plainly.accounts_of(step.now, one["establishment_id"])) == 1, heard
    elif heard.action == "user.erased":
        deleted_on = clock.paris_date(clock.from_microseconds(one["deleted_at"]))
        assert clock.add_months(deleted_on, lengths.erasure_months) <= clock.today(), heard
    elif heard.action == "user.expired":
        assert status(one) == "EXPIRED", heard
    elif status(one) == "INVITED":
        assert heard.action == "user.deleted", heard
        assert clock.from_microseconds(one["invited_at"]) <= clock.now() - lengths.invitation, heard
    else:
        assert (heard.action, status(one)) == ("user.deleted", "EXPIRED"), heard
        reopened_until = clock.add_months(date.fromisoformat(one["expires_on"]), lengths.account_reopening_months)
        invited = clock.from_microseconds(one["invited_at"]) if one["password_hash"] is None else None
        assert reopened_until < clock.today() or (invited and invited <= clock.now() - lengths.invitation), heard


def judge_oneself(heard: Heard, step: Step) -> None:
    before = step.before["users"][heard.actor]
    if heard.action in {"password.set", "password.refused"}:
        assert status(before) != "DELETED", heard
    elif heard.action != "session.closed":  # one that is over already may be closed
        assert status(before) == "ACTIVE", heard
    if heard.action == "session.acts_for" and (reached := step.now["sessions"][heard.number]["acting_for_id"]):
        assert reached in {one["delegataire_id"] for one in plainly.agreements_of(step.before, before["id"])}, heard


# ---------------------------------------------------------------- what administrators are told


NEWS = {"new-terms": "terms", "terms-reminder": "reminder", "new-service": "service"}
"""What the key of an e-mail begins with, and the plan it carries out."""


def judge_news(now: Look, before: Look) -> None:
    """Each plan is carried out whole, on its day, and nobody else is told anything (R-CGU-02, R-RGT-04)."""
    told = {
        one["once_key"]
        for number, one in now["notifications"].items()
        if number not in before["notifications"] and one["kind"] in {"NEW_TERMS", "NEW_SERVICE"}
    }
    over = {name.removeprefix("announce/") for name in set(before["platform_facts"]) - set(now["platform_facts"])}
    expected: set[str] = set()
    for plan in over:
        what, number = plan.split("/")
        key = next(key for key, kind in NEWS.items() if kind == what)
        told_of = _told_of_service if what == "service" else _told_of_terms
        expected |= {f"{key}/{number}/{one}" for one in told_of(before, what, int(number))}
    assert told == expected, (over, told ^ expected)


def _told_of_terms(look: Look, what: str, number: int) -> set[int]:
    version = look["terms"][number]
    since, lengths = date.fromisoformat(version["published_on"]), settings.current().durations
    assert since <= clock.today(), "told before its day"
    current = plainly.current_terms(look)
    if current is None or current["id"] != number:
        return set()
    if what == "reminder":
        assert clock.today() >= since + lengths.terms_grace - lengths.terms_reminder, "reminded too early"
        if clock.today() >= since + lengths.terms_grace:
            return set()
    return {
        one["id"]
        for one in _administrators(look)
        if not look["establishments"][one["establishment_id"]]["is_platform"]
        and look["establishments"][one["establishment_id"]]["registered_on"] <= version["published_on"]
        and not plainly.has_accepted(look, one["establishment_id"], number)
    }


def _told_of_service(look: Look, _: str, number: int) -> set[int]:
    assert look["services"][number]["online_since"] <= clock.today().isoformat(), "told before its day"
    return {one["id"] for one in _administrators(look) if plainly.has_to_review(look, one["establishment_id"], number)}


def _administrators(look: Look) -> list[dict[str, Any]]:
    return [one for one in look["users"].values() if one["is_administrator"] and status(one) == "ACTIVE"]
