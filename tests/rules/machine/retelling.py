"""What the journal says of accounts, services and terms, told again from its events: the tables must say the same
(R-JRN-01).
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from backend import clock, settings
from backend.rules import recovery_code
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
    codes: int = 0
    """The recovery codes that have not served."""
    to_review: bool = False
    """Its rights are to be reviewed: it was reopened."""
    is_erased: bool = False
    """What it was is told nowhere any more."""


@dataclass
class Told:
    """What is known: of every account, by its id; of services and terms, by theirs; and what was done about them."""

    users: dict[int, Facts] = field(default_factory=dict)
    services: dict[int, dict[str, Any]] = field(default_factory=dict)
    terms: dict[int, dict[str, Any]] = field(default_factory=dict)
    acceptances: dict[int, tuple[int, int, int, str]] = field(default_factory=dict)
    """By its id: the version, the establishment, who, and the hash of what they read."""
    reviews: dict[tuple[int, int], int] = field(default_factory=dict)
    """Who reviewed: by establishment and service."""


SERVICE = ("code", "label", "description", "theme", "position", "is_delegable", "online_since", "closed_on")


def facts(look: Look) -> Told:
    """What the tables say."""
    funds = [(one["service_id"], one["fund_id"]) for one in look["service_funds"].values()]
    return Told(
        _users(look),
        {
            number: {name: one[name] for name in SERVICE}
            | {"is_delegable": bool(one["is_delegable"]), "funds": {fund for of, fund in funds if of == number}}
            for number, one in look["services"].items()
        },
        {
            number: {"version": one["version"], "published_on": one["published_on"], "sha256": one["body_sha256"]}
            for number, one in look["terms"].items()
        },
        {
            number: (one["terms_id"], one["establishment_id"], one["user_id"], one["body_sha256"])
            for number, one in look["terms_acceptances"].items()
        },
        {
            (one["establishment_id"], one["service_id"]): one["reviewed_by_id"]
            for one in look["service_reviews"].values()
        },
    )


def _users(look: Look) -> dict[int, Facts]:
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
            to_review=one["rights_to_review_since"] is not None,
        )
        if one["erased_at"] is None
        else _nobody(one["establishment_id"])
        for number, one in look["users"].items()
    }
    codes = {number: one["code"] for number, one in look["services"].items()}
    for one in look["rights"].values():
        told[one["user_id"]].rights[codes[one["service_id"]]] = one["level"]
    for number, one in look["second_factors"].items():
        if one["confirmed_at"] is not None:
            told[one["user_id"]].factors.add(number)
    for one in look["recovery_codes"].values():
        told[one["user_id"]].codes += one["used_at"] is None
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

    @property
    def number(self) -> int:
        """The id of what it is about."""
        assert self.subject is not None
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
    told.users[event.user] = Facts(
        establishment_id=event.establishment,
        identifier=event.facts["identifier"],
        details={name: given[name] for name in DETAILS},
        is_administrator=given["profile"] == "ADMINISTRATOR",
        expires_on=_expiry(event.at),
    )


def _rights(told: Told, event: Heard) -> None:
    held = told.users[event.user].rights
    for code, (before, after) in event.changes.items():
        assert held.get(code, 0) == LEVELS[before], (event, held)
        held[code] = LEVELS[after]
        if not held[code]:
            del held[code]


def _reviewed(told: Told, event: Heard) -> None:
    assert told.users[event.user].to_review, event
    told.users[event.user].to_review = False


def _profile(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    before, after = (profile == "ADMINISTRATOR" for profile in event.changes["profile"])
    assert (one.is_administrator, not before) == (before, after), event
    one.is_administrator = after


def _renewed(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    before, after = event.changes["expires_on"]
    assert one.expires_on == before, event
    one.expires_on = after


def _deleted(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    assert one.rights == event.facts["rights"], event
    one.is_deleted, one.rights, one.sessions, one.to_review = True, {}, set(), False


def _expired(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    assert one.expires_on == event.facts["expires_on"], event
    one.sessions = set()


def _reopened(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    before, after = event.changes["expires_on"]
    assert (one.expires_on, one.rights) == (before, event.facts["rights"]), event
    one.expires_on, one.has_password, one.locked_at, one.sessions = after, False, None, set()
    one.to_review = True


def _erased(told: Told, event: Heard) -> None:
    assert told.users[event.user].is_deleted, event
    told.users[event.user] = _nobody(told.users[event.user].establishment_id)


def _unlocked(told: Told, event: Heard) -> None:
    told.users[event.user].locked_at = None


def _opened(told: Told, event: Heard) -> None:
    assert event.actor is not None
    assert event.subject is not None
    one = told.users[event.actor]
    one.sessions.add(event.subject[1])
    one.expires_on, one.locked_at = _expiry(event.at), None
    one.codes -= event.facts.get("by") == "RECOVERY_CODE"


def _confirmed(told: Told, event: Heard) -> None:
    told.users[event.user].codes -= event.facts["by"] == "RECOVERY_CODE"


def _closed(told: Told, event: Heard) -> None:
    assert event.subject is not None
    for one in told.users.values():
        one.sessions.discard(event.subject[1])


def _refused(told: Told, event: Heard) -> None:
    if event.subject is None:
        return
    one = told.users[event.user]
    if "locked_at" not in event.changes:
        if event.facts["why"] in {"password", "second_factor"}:
            one.locked_at = None  # the lock there was has passed
    else:
        at = clock.to_microseconds(datetime.fromisoformat(event.changes["locked_at"][1]))
        one.locked_at, one.sessions = at, set()


def _password(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    one.has_password, one.locked_at, one.sessions = True, None, set()


def _changed_password(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    assert one.has_password, event
    one.locked_at = None
    one.sessions &= {event.facts["kept_session"]}


def _details(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    for name, (before, after) in event.changes.items():
        assert one.details[name] == before, event
        one.details[name] = after
    if event.facts.get("reason"):  # R-ACC-07: a real change of name
        one.sessions = set()


def _factor_added(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    one.codes = one.codes if one.factors else recovery_code.COUNT
    one.factors.add(event.facts["factor"])


def _factor_removed(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    one.factors.remove(event.facts["factor"])
    one.codes = one.codes if one.factors else 0


def _codes_renewed(told: Told, event: Heard) -> None:
    told.users[event.user].codes = recovery_code.COUNT


def _factors_reset(told: Told, event: Heard) -> None:
    one = told.users[event.user]
    assert one.factors == set(event.facts["factors"]), event
    one.factors, one.sessions, one.codes = set(), set(), 0


def _service_published(told: Told, event: Heard) -> None:
    facts = dict(event.facts)
    told.services[event.number] = {**facts, "closed_on": None, "funds": set(facts["funds"])}


def _service_closed(told: Told, event: Heard) -> None:
    one = told.services[event.number]
    before, after = event.changes["closed_on"]
    assert one["closed_on"] == before, event
    one["closed_on"] = after


def _service_reviewed(told: Told, event: Heard) -> None:
    assert event.establishment is not None
    assert event.actor is not None
    told.reviews[event.establishment, event.number] = event.actor


def _terms_published(told: Told, event: Heard) -> None:
    told.terms[event.number] = dict(event.facts)


def _terms_accepted(told: Told, event: Heard) -> None:
    assert event.establishment is not None
    assert event.actor is not None
    number = event.facts["acceptance"]
    told.acceptances[number] = (event.number, event.establishment, event.actor, event.facts["sha256"])


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
    "second_factor.copied": _nothing,
    "recovery_codes.renewed": _codes_renewed,
    "device.forgotten": _nothing,
    "session.confirmed": _confirmed,
    "service.published": _service_published,
    "service.closed": _service_closed,
    "service.reviewed": _service_reviewed,
    "terms.published": _terms_published,
    "terms.accepted": _terms_accepted,
    "right.changed": _rights,
    "right.reviewed": _reviewed,
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
