"""What the journal tells of the demonstration's delegations: their lives, what was done through them (R-DEL-07).

The same events as the rules write, at their own instants, chained in that order before any other event.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from typing import Any

from backend.demo.agreements import MESSAGE, Agreement
from backend.demo.bulk import CHUNK, Progress, fill
from backend.demo.calendar import MINUTE, iso, midnight
from backend.demo.readings import Fact
from backend.demo.roles import SERVICE_IDS
from backend.demo.staff import Account
from backend.rules import delegation, journal
from backend.rules.journal import NOBODY, Event
from backend.rules.viewer import Viewer

SWITCHER = "agent-cdg17"
"""Acted lately for some of the establishments that the centre acts for: those its list begins with (R-DEL-06)."""
SWITCHES = 5

_CODES = {number: code for code, number in SERVICE_IDS.items()}

Moment = tuple[int, Viewer, Event]
"""When, by whom, what."""


@dataclass(frozen=True, slots=True)
class Through:
    """What was done with a letter through a delegation; `is_first`: nobody had opened the letter before."""

    courrier: int
    fact: Fact
    actor: Account
    agreement: Agreement
    is_first: bool


async def write_chronicle(agreed: list[Agreement], through: Iterable[Through], today: int, progress: Progress) -> None:
    """The events, and the establishments that somebody switched to lately."""
    switches = list(_switches(agreed, today))
    told = [moment for one in agreed for moment in _life(one)]
    told += [_reading(one) for one in through]
    told += [_switch(*one) for one in switches]
    told.sort(key=lambda moment: moment[0])
    numbered = ((number, *moment) for number, moment in enumerate(told, start=1))
    rows, written = journal.chained(journal.GENESIS, numbered), 0
    while chunk := list(islice(rows, CHUNK)):
        await fill("audit_events", journal.EVENT, [event for event, _ in chunk])
        await fill("audit_details", journal.DETAIL, [detail for _, detail in chunk])
        written += len(chunk)
        progress("journal", written, len(told))
    await fill(
        "switches", ("user_id", "establishment_id", "at"), [(who.id, one.asked.id, at) for at, who, one in switches]
    )


@cache
def _viewer(account: Account) -> Viewer:
    return Viewer(user_id=account.id, establishment_id=account.establishment_id)


# ---------------------------------------------------------------- the life of a delegation


def _life(one: Agreement) -> Iterator[Moment]:
    """In order of time."""
    asker, answerer = one.requested_by, one.decided_by
    yield _moment(one, one.requested_at, asker, "requested", _asked(one))
    if one.reminded_at is not None:
        yield _moment(one, one.reminded_at, asker, "reminded")
    if one.decided_at is not None and one.status == "REFUSED":
        yield _moment(one, one.decided_at, answerer, "refused", facts={"reason": one.reason})
    elif one.decided_at is not None:
        narrowed = any(asked != granted for _, asked, granted in one.services)
        yield _moment(one, one.decided_at, answerer, "accepted", _granted(one), {"narrowed": narrowed})
    if one.members:
        facts = {"added": [member.id for member in one.members], "removed": []}
        yield _moment(one, one.members_since, asker, "members_changed", facts=facts)
    if one.extended is not None:
        at, before = one.extended
        yield _moment(one, at, answerer, "extended", {"ends_on": (before, one.ends_on)})
    match one.status:
        case "WITHDRAWN":
            yield _moment(one, one.ended_at or 0, one.ended_by, "withdrawn")
        case "ENDED":
            yield _moment(one, one.ended_at or 0, one.ended_by, "ended", facts={"reason": one.reason})
        case "EXPIRED" if one.ends_on is not None:
            last = date.fromisoformat(one.ends_on).toordinal()
            yield _moment(one, midnight(last + 1), None, "expired", facts={"ends_on": one.ends_on})
        case "EXPIRED":
            last = one.answer_until
            yield _moment(one, midnight(last + 1), None, "lapsed", facts={"answer_until": iso(last)})


def _moment(
    one: Agreement,
    at: int,
    by: Account | None,
    action: str,
    changes: Mapping[str, tuple[Any, Any]] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Moment:
    viewer = NOBODY if by is None else _viewer(by)
    found = {"id": one.id, "centralisateur": one.asker.name, "delegataire": one.asked.name}
    return at, viewer, delegation.event_of(viewer, f"delegation.{action}", found, changes, facts)


def _asked(one: Agreement) -> dict[str, tuple[Any, Any]]:
    """What a request asks for."""
    levels = {_CODES[number]: ("NONE", delegation.LEVELS[asked]) for number, asked, _ in one.services}
    return {**levels, "message": (None, MESSAGE), "ends_on": (None, one.first_end)}


def _granted(one: Agreement) -> dict[str, tuple[Any, Any]]:
    """What an acceptance makes of it."""
    levels = {
        _CODES[number]: (delegation.LEVELS[asked], delegation.LEVELS[granted or 0])
        for number, asked, granted in one.services
    }
    return {**levels, "starts_on": (None, one.starts_on)}


# ---------------------------------------------------------------- what is done through it


def _reading(one: Through) -> Moment:
    """A letter opened, downloaded or acknowledged for the establishment it was sent to."""
    fact = one.fact
    event = Event(
        f"courrier.{fact.kind.lower()}",
        establishment_id=one.actor.establishment_id,
        on_behalf_of_id=one.agreement.asked.id,
        delegation_id=one.agreement.id,
        subject=("Courrier", one.courrier),
        facts={} if fact.kind == "ACKNOWLEDGED" else {"first": one.is_first},
    )
    return fact.at, _viewer(one.actor), event


def _switches(agreed: list[Agreement], today: int) -> Iterator[tuple[int, Account, Agreement]]:
    """The last days' switches, one each day, to the establishments asked first."""
    theirs = (
        (member, one) for one in agreed if one.in_force for member in one.members if member.identifier == SWITCHER
    )
    for ago, (member, one) in enumerate(islice(theirs, SWITCHES), start=1):
        yield midnight(today - ago) + (9 * 60 + 7 * ago) * MINUTE, member, one


def _switch(at: int, who: Account, one: Agreement) -> Moment:
    event = Event(
        "session.acts_for",
        establishment_id=who.establishment_id,
        on_behalf_of_id=one.asked.id,
        delegation_id=one.id,
        changes={"acting_for": (None, one.asked.id)},
    )
    return at, _viewer(who), event
