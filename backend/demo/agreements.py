"""The delegations of the demonstration, in every state, between centres de gestion and communes."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from backend import clock, settings
from backend.demo.bulk import Progress, pour
from backend.demo.calendar import MINUTE, at_work, iso, midnight
from backend.demo.catalogue import SERVICES
from backend.demo.roles import COURRIER_SERVICES, MODIFY, READ, SERVICE_IDS
from backend.demo.sign_ins import CDG, ROYAN, TALMONT
from backend.demo.staff import Account, House
from backend.rules import delegation_steps

FULL_CDG = 400
"""Communes that the demonstration's centre de gestion acts for, where it has so many."""
WORST_DEPARTEMENT = "62"
"""The département with most communes: its centre de gestion acts for all of them."""
MOST_MEMBERS = 5
_FINANCES = tuple(SERVICE_IDS[code] for code in ("COMPTES_FINANCIERS", "DECLARATIONS_INDIVIDUELLES"))
_DELEGABLE = {SERVICE_IDS[service.code] for service in SERVICES if service.is_delegable}
MESSAGE = "Nous vous proposons de suivre pour vous les courriers des fonds, comme le prévoit notre convention."
_REFUSALS = (
    "La commune suit elle-même ses courriers depuis l’arrivée de sa nouvelle secrétaire générale.",
    "Le conseil municipal n’a pas encore délibéré : merci de renouveler votre demande à l’automne.",
)
_ENDS = (
    "La convention avec le centre de gestion n’a pas été renouvelée.",
    "La commune a recruté et reprend la gestion de sa paie.",
)
# What happens to the communes that were asked but for which nobody acts today.
_OTHER_STATES = ("PENDING", "REFUSED", "ENDED", "LAPSED", "WITHDRAWN", "OVER", "PENDING", "LATER")


@dataclass(slots=True, eq=False)
class Agreement:
    """A row of `delegations`; `services` holds (service, level asked, level granted).

    `extended`: when its end was put off, and what it was before.
    """

    id: int
    asker: House
    asked: House
    status: str
    requested_by: Account
    requested_at: int
    services: tuple[tuple[int, int, int | None], ...]
    decided_by: Account | None = None
    decided_at: int | None = None
    starts_on: str | None = None
    ends_on: str | None = None
    ended_by: Account | None = None
    ended_at: int | None = None
    reason: str | None = None
    reminded_at: int | None = None
    extended: tuple[int, str] | None = None
    members: tuple[Account, ...] = ()
    in_force: bool = False

    @property
    def first_end(self) -> str | None:
        """The last day that was asked for: later extended, perhaps."""
        return self.ends_on if self.extended is None else self.extended[1]

    @property
    def members_since(self) -> int:
        """When its members were chosen: an hour after it was accepted."""
        return (self.decided_at or 0) + 60 * MINUTE

    @property
    def answer_until(self) -> int:
        """The last day on which it could be answered."""
        asked_on = clock.paris_date(clock.from_microseconds(self.requested_at)).toordinal()
        last = asked_on + settings.current().durations.delegation_lapse_days
        return last if self.ends_on is None else min(last, date.fromisoformat(self.ends_on).toordinal())

    def grants(self, service: int) -> bool:
        """Whether letters of a service may be read through it."""
        return any(number == service and granted for number, _, granted in self.services)


def agreements(houses: list[House], today: int, random: Random) -> list[Agreement]:
    """Every delegation, in the order of requests."""
    communes: dict[str, list[House]] = defaultdict(list)
    centres = []
    for house in houses:
        if house.employer.category == "COMMUNE" and house.name != ROYAN:
            communes[house.employer.departement].append(house)
        elif house.employer.is_centralisateur:
            centres.append(house)
    made = [one for centre in centres for one in _of_centre(centre, communes, today, random)]
    made.sort(key=lambda one: one.requested_at)
    for number, one in enumerate(made, start=1):
        one.id = number
    return made


def _of_centre(centre: House, communes: dict[str, list[House]], today: int, random: Random) -> Iterator[Agreement]:
    able = [one for one in communes[centre.employer.departement] if one.administrator.state == "ACTIVE"]
    random.shuffle(able)
    village = next((one for one in able if one.name == TALMONT), None)
    if village is not None:
        able.remove(village)
        yield _agreement(centre, village, "PENDING", (), today, random)
    if centre.name == CDG:
        active = min(FULL_CDG, max(12, len(able) - 60)) if len(able) > 60 else min(12, len(able))
    elif centre.employer.departement == WORST_DEPARTEMENT:
        active = len(able)
    else:
        active = min(len(able), random.randint(10, 60))
    members = _members(centre)
    for rank, house in enumerate(able[:active]):
        state = "ENDING" if rank % 10 == 3 else "IN_FORCE"
        yield _agreement(centre, house, state, _some(members, random), today, random)
    asked = able[active : active + max(8, active // 4)]
    for rank, house in enumerate(asked):
        state = _OTHER_STATES[rank % len(_OTHER_STATES)]
        yield _agreement(centre, house, state, _some(members, random), today, random)


def _members(centre: House) -> list[Account]:
    """Those of the centre who read letters there; the fixed agent of the demonstration first."""
    able = [one for one in centre.accounts if one.state == "ACTIVE" and one.reads and len(one.rights) > 4]
    return sorted(
        able, key=lambda one: (one.identifier != "agent-cdg17", one.is_administrator, -(one.last_login_at or 0))
    )


def _some(members: list[Account], random: Random) -> tuple[Account, ...]:
    """The first one always, and a few others."""
    others = members[1:]
    return (*members[:1], *random.sample(others, min(len(others), random.randint(1, MOST_MEMBERS - 1))))


def _agreement(
    centre: House, asked: House, state: str, members: tuple[Account, ...], today: int, random: Random
) -> Agreement:
    """One delegation in a state: those of the database, more finely told."""
    if state == "PENDING":
        requested = today - random.randint(3, 40)
    elif state == "LATER":
        requested = today - random.randint(15, 30)
    else:
        requested = today - random.randint(120, 950)
    decided = requested + random.randint(1, 14)
    accepts = state in {"IN_FORCE", "ENDING", "ENDED", "OVER", "LATER"}
    level = MODIFY if random.random() < 0.3 else READ
    chosen = (*COURRIER_SERVICES, *(one for one in _FINANCES if random.random() < 0.5))
    services = tuple(
        (number, level, random.choice((READ, level)) if accepts else None)
        for number in sorted(chosen)
        if number in _DELEGABLE and (number in COURRIER_SERVICES[:3] or random.random() < 0.85)
    )
    made = Agreement(0, centre, asked, "ACCEPTED", centre.administrator, at_work(random, requested), services)
    if accepts or state == "REFUSED":
        made.decided_by, made.decided_at = asked.administrator, at_work(random, decided)
    if accepts:
        made.members = members
        made.starts_on = iso(decided if state != "LATER" else today + random.randint(10, 60))
    match state:
        case "IN_FORCE":
            made.in_force = True
            made.ends_on = None if random.random() < 0.5 else iso(today + random.randint(100, 900))
            made.extended = _extended(made, decided, today)
        case "ENDING":
            made.in_force, made.ends_on = True, iso(today + random.choice((1, 6, 12, 15, 28, 45)))
        case "PENDING":
            made.status, made.ends_on = "PENDING", iso(today + 730)
            made.reminded_at = _reminded(made, requested, today)
        case "REFUSED":
            made.status, made.reason = "REFUSED", random.choice(_REFUSALS)
        case "WITHDRAWN":
            made.status, made.ended_by = "WITHDRAWN", centre.administrator
            made.ended_at = made.requested_at + random.randint(30, 9000) * MINUTE
        case "ENDED":
            made.status, made.reason = "ENDED", random.choice(_ENDS)
            made.ended_by, made.ended_at = asked.administrator, at_work(random, random.randint(decided + 1, today - 1))
        case "OVER":
            made.status, made.ends_on = "EXPIRED", iso(random.randint(decided + 1, today - 1))
        case "LAPSED":
            made.status, made.ended_at = "EXPIRED", midnight(made.answer_until + 1)
    return made


def _reminded(made: Agreement, requested: int, today: int) -> int | None:
    """When a request that waits was recalled by hand: a week after it, but for the village's and the newest."""
    if made.asked.name == TALMONT or requested + 9 >= today:
        return None
    return midnight(requested + 8) + 9 * 60 * MINUTE


def _extended(made: Agreement, decided: int, today: int) -> tuple[int, str] | None:
    """When the end of a delegation in force was put off, for one in three of those that have one, and from when."""
    if made.ends_on is None or made.asked.id % 3 or decided + 40 >= today:
        return None
    return midnight(decided + 30) + 11 * 60 * MINUTE, iso(decided + 60)


_COLUMNS = (
    "id",
    "centralisateur_id",
    "delegataire_id",
    "status",
    "message",
    "requested_by_id",
    "requested_at",
    "decided_by_id",
    "decided_at",
    "refusal_reason",
    "starts_on",
    "ends_on",
    "ended_by_id",
    "ended_at",
    "end_reason",
    "reminded_at",
)


def _row(one: Agreement) -> tuple[object, ...]:
    """A delegation as stored."""
    return (
        one.id,
        one.asker.id,
        one.asked.id,
        one.status,
        MESSAGE,
        one.requested_by.id,
        one.requested_at,
        one.decided_by.id if one.decided_by else None,
        one.decided_at,
        one.reason if one.status == "REFUSED" else None,
        one.starts_on,
        one.ends_on,
        one.ended_by.id if one.ended_by else None,
        one.ended_at,
        one.reason if one.status == "ENDED" else None,
        one.reminded_at,
    )


def _steps_told(one: Agreement, today: date) -> Iterator[tuple[object, ...]]:
    """The steps of its calendar that are behind it: a demonstration does not begin with hundreds of e-mails."""
    last = None if one.ends_on is None else date.fromisoformat(one.ends_on)
    told_at = int(clock.to_microseconds(clock.now()))
    steps: list[tuple[str, date, int]] = []
    if one.decided_at is None:
        until = date.fromordinal(one.answer_until)
        steps += [("ANSWER", until, days) for days in delegation_steps.BEFORE_ANSWER]
        steps.append(("LIST", until, 0))
    elif last is not None:
        steps += [(kind, last, days) for kind in ("END", "LIST") for days in (60, 15, 1)]
        steps.append(("LIST", last, 0))
    for kind, due_on, days in steps:
        if due_on - timedelta(days=days) <= today - timedelta(days=days == 0):
            yield (one.id, kind, due_on.isoformat(), days, told_at)


async def write_delegations(kept: list[Agreement], progress: Progress) -> None:
    """Delegations, their services and their members."""
    await pour("delegations", _COLUMNS, map(_row, kept), progress, "délégations", len(kept))
    await pour(
        "delegation_services",
        ("delegation_id", "service_id", "level_asked", "level_granted"),
        ((one.id, *service) for one in kept for service in one.services),
        progress,
        "services délégués",
    )
    await pour(
        "delegation_members",
        ("delegation_id", "user_id", "added_at", "added_by_id"),
        ((one.id, member.id, one.members_since, one.requested_by.id) for one in kept for member in one.members),
        progress,
        "membres de délégations",
    )
    today = clock.today()
    await pour(
        "delegation_steps",
        ("delegation_id", "kind", "due_on", "days_before", "told_at"),
        (step for one in kept for step in _steps_told(one, today)),
        progress,
        "étapes de délégations",
    )
