"""What became of each letter: who opened it, when, through which delegation, every fact that tells it (R-COU-06)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from backend.demo.agreements import Agreement
from backend.demo.calendar import MINUTE, SECOND, at_work, midnight
from backend.demo.catalogue import COURRIER_TYPES
from backend.demo.roles import SERVICE_OF_TYPE, services_given
from backend.demo.sign_ins import ROYAN
from backend.demo.staff import Account, House
from backend.demo.timeline import Deposit

DAY = 1440 * MINUTE
NEVER = 2**62
_DILIGENCE = (0.99, 0.97, 0.93, 0.9, 0.85, 0.75)
_REMINDED_DAYS = 60
"""Reminders are told for the letters of the last weeks only: the net is new (R-COU-11)."""
ACKNOWLEDGED = frozenset(
    number for number, kind in enumerate(COURRIER_TYPES) if "RELANCE" in kind.code or "MISE_EN_DEMEURE" in kind.code
)
"""The types that ask for an acknowledgement."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A row of `courrier_facts`, its letter known."""

    kind: str
    at: int
    actor: Account | None = None
    agreement: Agreement | None = None


@dataclass(slots=True)
class Story:
    """A letter's facts in order, its first reader, and (reader, read, archived) for each reader."""

    facts: list[Fact] = field(default_factory=list)
    opened: Fact | None = None
    acknowledged: Fact | None = None
    marks: list[tuple[Account, int, int | None]] = field(default_factory=list)


class Reading:
    """Tells the story of each letter, from who may read what where."""

    def __init__(
        self, houses: list[House], agreements: list[Agreement], operator: Account, today: int, random: Random
    ) -> None:
        self.today, self.random, self.operator = today, random, operator
        self._readers = dict(_readers(houses))
        self._agreement: Mapping[int, Agreement] = {
            one.asked.id: one for one in agreements if one.in_force and one.members
        }
        self._diligence = {house.id: random.choice(_DILIGENCE) for house in houses}

    def story(self, one: Deposit) -> Story:
        """What happened to a letter until yesterday."""
        told = Story()
        if one.publish_at >= midnight(self.today):
            return told
        told.facts.append(Fact("AVAILABLE", one.publish_at))
        if one.withdrawn:
            told.facts.append(Fact("WITHDRAWN", one.moment + 2 * DAY, self.operator))
            return told
        if one.house.reads:
            self._read(one, told)
        if one.day > self.today - _REMINDED_DAYS:
            end = told.opened.at if told.opened else midnight(self.today)
            for days in (7, 21, 45):
                if one.publish_at + days * DAY < end:
                    told.facts.append(Fact("REMINDED", one.publish_at + days * DAY))
        told.facts.sort(key=lambda fact: fact.at)
        return told

    def _read(self, one: Deposit, told: Story) -> None:
        random, house = self.random, one.house
        service = SERVICE_OF_TYPE[one.kind]
        candidates = self._readers.get((house.id, service), ())
        if random.random() > (0.985 if house.name == ROYAN else self._diligence[house.id]):
            return
        moment = self._later(one)
        agreement = self._agreement.get(house.id)
        if (
            agreement is not None
            and agreement.grants(service)
            and moment > (agreement.decided_at or NEVER) + DAY
            and random.random() < 0.6
        ):
            member = random.choice(agreement.members)
            if service in services_given(member.rights) and _was_there(member, moment):
                self._open(one, told, member, moment, agreement)
        if told.opened is None and candidates:
            preferred = candidates[0] if random.random() < 0.8 else random.choice(candidates)
            for reader in (preferred, house.administrator):
                if reader in candidates and _was_there(reader, moment):
                    self._open(one, told, reader, moment, None)
                    break
        if told.opened is not None and len(candidates) > 1 and random.random() < 0.12:
            other, moment = random.choice(candidates), told.opened.at + random.randint(1, 6) * DAY
            if other is not told.opened.actor and _was_there(other, moment):
                self._open(one, told, other, moment, None)

    def _open(self, one: Deposit, told: Story, reader: Account, moment: int, agreement: Agreement | None) -> None:
        random = self.random
        opened = Fact("OPENED", moment, reader, agreement)
        told.facts.append(opened)
        if told.opened is None:
            told.opened = opened
            if one.kind in ACKNOWLEDGED and random.random() < 0.8:
                told.acknowledged = Fact("ACKNOWLEDGED", moment + 3 * MINUTE, reader, agreement)
                told.facts.append(told.acknowledged)
        if random.random() < 0.3:
            told.facts.append(Fact("DOWNLOADED", moment + MINUTE, reader, agreement))
        archived = (
            moment + 20 * DAY if random.random() < 0.05 and moment + 21 * DAY < (reader.last_login_at or 0) else None
        )
        told.marks.append((reader, moment, archived))

    def _later(self, one: Deposit) -> int:
        """When somebody comes to it: the same day for one in eight, within four days for half."""
        random = self.random
        days = int(random.expovariate(1 / 5.5))
        if days == 0:
            return one.publish_at + int(10 * 60 + random.random() * 7200) * SECOND
        return at_work(random, one.day + days)


def _was_there(reader: Account, moment: int) -> bool:
    return reader.created_at + DAY < moment <= (reader.last_login_at or 0)


def _readers(houses: list[House]) -> Iterator[tuple[tuple[int, int], list[Account]]]:
    """Who may read the letters of a service at home: ordinary users first, for they are who reads them."""
    services = frozenset(SERVICE_OF_TYPE)
    for house in houses:
        if not house.reads:
            continue
        by_service: dict[int, list[Account]] = {}
        for one in sorted(house.accounts, key=lambda one: (one.is_administrator, one.id)):
            if one.reads:
                for service in services_given(one.rights) & services:
                    by_service.setdefault(service, []).append(one)
        for service, able in by_service.items():
            yield (house.id, service), able
