"""What the journal says of accounts, told again from its events: the tables must say the same (R-JRN-01)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from backend import clock, settings
from tests.rules.ground import Look

LEVELS = {"NONE": 0, "READ": 1, "MODIFY": 2}
DETAILS = ("civility", "first_name", "last_name", "email", "phone")


@dataclass
class Facts:
    """What is known of one account."""

    establishment_id: int
    identifier: str
    details: dict[str, str | None]
    is_administrator: bool
    expires_on: str
    is_deleted: bool = False
    has_password: bool = False
    locked_at: int | None = None
    rights: dict[str, int] = field(default_factory=dict)
    sessions: set[int] = field(default_factory=set)
    """Those not ended."""
    factors: set[int] = field(default_factory=set)
    is_erased: bool = False
    """What it was is told nowhere any more."""


Told = dict[int, Facts]
"""The facts of every account, by its id."""


def facts(look: Look) -> Told:
    """What the tables say."""
    told = {
        number: Facts(
            establishment_id=one["establishment_id"],
            identifier=one["identifier"],
            details={name: one[name] for name in DETAILS},
            is_administrator=bool(one["is_administrator"]),
            expires_on=one["expires_on"],
            is_deleted=one["deleted_at"] is not None,
            has_password=one["password_hash"] is not None,
            locked_at=one["locked_at"],
        )
        if one["erased_at"] is None
        else _nobody(one["establishment_id"])
        for number, one in look["users"].items()
    }
    codes = {number: one["code"] for number, one in look["services"].items()}
    for one in look["rights"].values():
        told[one["user_id"]].rights[codes[one["service_id"]]] = one["level"]
    for number, one in look["second_factors"].items():
        if told[one["user_id"]].is_erased is False and one["confirmed_at"] is not None:
            told[one["user_id"]].factors.add(number)
    for number, one in look["sessions"].items():
        if one["ended_at"] is None:
            told[one["user_id"]].sessions.add(number)
    return told


def _nobody(establishment_id: int) -> Facts:
    return Facts(establishment_id, "", {}, is_administrator=False, expires_on="", is_deleted=True, is_erased=True)


@dataclass(frozen=True)
class Heard:
    """An event with its detail."""

    action: str
    at: int
    actor: int | None
    establishment: int | None
    subject: tuple[str, int] | None
    changes: dict[str, Any]
    facts: dict[str, Any]

    @property
    def user(self) -> int:
        """The account it is about."""
        assert self.subject is not None
        assert self.subject[0] == "User", self
        return self.subject[1]


def events(look: Look, after: Look | None = None) -> list[Heard]:
    """The journal's events, oldest first; those that came after an earlier look."""
    seen = after["audit_events"] if after else {}
    bodies = {one["event_id"]: orjson.loads(one["body"]) for one in look["audit_details"].values()}
    return [
        Heard(
            one["action"],
            one["occurred_at"],
            one["actor_id"],
            one["establishment_id"],
            (one["subject_type"], one["subject_id"]) if one["subject_type"] else None,
            bodies[number]["changes"],
            bodies[number]["facts"],
        )
        for number, one in sorted(look["audit_events"].items())
        if number not in seen
    ]


def hear(told: Told, event: Heard) -> None:
    """One more event. An action that nothing is known of is an error: it must be understood here first."""
    _HEARD[event.action](told, event)


def _created(told: Told, event: Heard) -> None:
    given = {name: after for name, (_, after) in event.changes.items()}
    assert event.establishment is not None
    told[event.user] = Facts(
        establishment_id=event.establishment,
        identifier=event.facts["identifier"],
        details={name: given[name] for name in DETAILS},
        is_administrator=given["profile"] == "ADMINISTRATOR",
        expires_on=_expiry(event.at),
    )


def _rights(told: Told, event: Heard) -> None:
    held = told[event.user].rights
    for code, (before, after) in event.changes.items():
        assert held.get(code, 0) == LEVELS[before], (event, held)
        held[code] = LEVELS[after]
        if not held[code]:
            del held[code]


def _profile(told: Told, event: Heard) -> None:
    one = told[event.user]
    before, after = (profile == "ADMINISTRATOR" for profile in event.changes["profile"])
    assert (one.is_administrator, not before) == (before, after), event
    one.is_administrator = after


def _renewed(told: Told, event: Heard) -> None:
    one = told[event.user]
    before, after = event.changes["expires_on"]
    assert one.expires_on == before, event
    one.expires_on = after


def _deleted(told: Told, event: Heard) -> None:
    one = told[event.user]
    assert one.rights == event.facts["rights"], event
    one.is_deleted, one.rights, one.sessions = True, {}, set()


def _expired(told: Told, event: Heard) -> None:
    one = told[event.user]
    assert one.expires_on == event.facts["expires_on"], event
    one.sessions = set()


def _reopened(told: Told, event: Heard) -> None:
    one = told[event.user]
    before, after = event.changes["expires_on"]
    assert (one.expires_on, one.rights) == (before, event.facts["rights"]), event
    one.expires_on, one.has_password, one.locked_at, one.sessions = after, False, None, set()


def _erased(told: Told, event: Heard) -> None:
    assert told[event.user].is_deleted, event
    told[event.user] = _nobody(told[event.user].establishment_id)


def _unlocked(told: Told, event: Heard) -> None:
    told[event.user].locked_at = None


def _opened(told: Told, event: Heard) -> None:
    assert event.actor is not None
    assert event.subject is not None
    one = told[event.actor]
    one.sessions.add(event.subject[1])
    one.expires_on, one.locked_at = _expiry(event.at), None


def _closed(told: Told, event: Heard) -> None:
    assert event.subject is not None
    for one in told.values():
        one.sessions.discard(event.subject[1])


def _refused(told: Told, event: Heard) -> None:
    if event.subject is None:
        return
    one = told[event.user]
    if "locked_at" not in event.changes:
        if event.facts["why"] in {"password", "second factor"}:
            one.locked_at = None  # the lock there was has passed
    else:
        at = clock.to_microseconds(datetime.fromisoformat(event.changes["locked_at"][1]))
        one.locked_at, one.sessions = at, set()


def _password(told: Told, event: Heard) -> None:
    one = told[event.user]
    one.has_password, one.locked_at, one.sessions = True, None, set()


def _changed_password(told: Told, event: Heard) -> None:
    one = told[event.user]
    assert one.has_password, event
    one.locked_at = None
    one.sessions &= {event.facts["kept_session"]}


def _details(told: Told, event: Heard) -> None:
    one = told[event.user]
    for name, (before, after) in event.changes.items():
        assert one.details[name] == before, event
        one.details[name] = after
    if event.facts.get("reason"):  # R-ACC-07: a real change of name
        one.sessions = set()


def _factor_added(told: Told, event: Heard) -> None:
    told[event.user].factors.add(event.facts["factor"])


def _factor_removed(told: Told, event: Heard) -> None:
    told[event.user].factors.remove(event.facts["factor"])


def _factors_reset(told: Told, event: Heard) -> None:
    one = told[event.user]
    assert one.factors == set(event.facts["factors"]), event
    one.factors, one.sessions = set(), set()


def _nothing(told: Told, event: Heard) -> None:
    """Changes nothing of what is told here."""


_HEARD = {
    "user.created": _created,
    "user.invited": _nothing,
    "user.profile_changed": _profile,
    "user.renewed": _renewed,
    "user.unlocked": _unlocked,
    "user.deleted": _deleted,
    "user.expired": _expired,
    "user.reopened": _reopened,
    "user.erased": _erased,
    "user.imported": _nothing,
    "establishment.administrator_nominated": _nothing,
    "user.details_changed": _details,
    "user.email_changed": _details,
    "user.email_requested": _nothing,
    "user.email_cancelled": _nothing,
    "password.changed": _changed_password,
    "password.refused": _refused,
    "identifier.recovery_requested": _nothing,
    "establishment.registered": _nothing,
    "establishment.changed": _nothing,
    "second_factor.added": _factor_added,
    "second_factor.removed": _factor_removed,
    "second_factor.reset": _factors_reset,
    "recovery_codes.renewed": _nothing,
    "device.forgotten": _nothing,
    "session.confirmed": _nothing,
    "right.changed": _rights,
    "right.exported": _nothing,
    "session.opened": _opened,
    "session.closed": _closed,
    "session.refused": _refused,
    "session.acts_for": _nothing,
    "password.set": _password,
    "password.reset_requested": _nothing,
}


def _expiry(at: int) -> str:
    """R-ACC-08."""
    day = clock.paris_date(clock.from_microseconds(at))
    return clock.add_months(day, settings.current().durations.account_months).isoformat()
