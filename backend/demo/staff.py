"""The accounts of the demonstration: how many at each establishment, whose, in which state, with which rights."""

from dataclasses import dataclass
from random import Random

from backend.demo.calendar import MINUTE, at_work, iso, midnight, months_after
from backend.demo.employers import Employer, email_domain, headcount
from backend.demo.people import Person, emails, people, slug
from backend.demo.roles import Grants, grants
from backend.demo.sign_ins import CDG, HOSPITAL, ROYAN, TALMONT, SignIn, sign_ins_of

FULL_ACCOUNTS = 150_000
MOST = 300
READING_SHARE = 0.797
"""Establishments that open their letters, as in public life: 38,000 of 48,000."""
ORPHAN_SHARE = 0.004
"""Establishments whose every administrator has expired (R-ACC-11)."""
_SIZES = {HOSPITAL: 60, ROYAN: 16, TALMONT: 1, CDG: 14}
_STATES = ("ACTIVE", "EXPIRING", "EXPIRED", "INVITED", "LOCKED", "DELETED")
_STATE_WEIGHTS = (81, 4, 6, 4, 0.4, 4.6)
_ROLES = ("GENERALIST", "FINANCE", "READER", "CAREER", "PREVENTION", "NONE")
_ROLE_WEIGHTS = (14, 22, 16, 22, 12, 14)


@dataclass(slots=True, eq=False)
class Account:
    """A row of `users`, with what its rights will be. Instants are microseconds."""

    id: int
    establishment_id: int
    identifier: str
    person: Person
    email: str
    is_administrator: bool
    is_operator: bool
    state: str
    rights: Grants
    created_at: int
    last_login_at: int | None
    expires_on: str
    invited_at: int | None = None
    locked_at: int | None = None
    deleted_at: int | None = None

    @property
    def reads(self) -> bool:
        """Whether the account could open letters at some time."""
        return self.last_login_at is not None and self.deleted_at is None


@dataclass(slots=True, eq=False)
class House:
    """An establishment and its people, an administrator first. `reads`: whether somebody there opens letters."""

    id: int
    employer: Employer
    name: str
    reads: bool
    accounts: list[Account]

    @property
    def administrator(self) -> Account:
        """The one who signed for the establishment."""
        return self.accounts[0]


class Registry:
    """Gives accounts their number and identifier, and states their dates, around one day."""

    def __init__(self, today: int, now: int, random: Random) -> None:
        self.today, self.now, self.random = today, now, random
        self.last_id = 0
        self._identifiers: set[str] = set()

    def identifier(self, person: Person) -> str:
        """A new identifier, like mlefebvre-0412."""
        stem = person.mailbox[0] + slug(person.last_name).replace("-", "")[:12]
        while True:
            made = f"{stem}-{int(self.random.random() * 10_000):04d}"
            if made not in self._identifiers:
                self._identifiers.add(made)
                return made

    def account(
        self, house: int, person: Person, email: str, state: str, role: str, *, administrator: bool, seen: int
    ) -> Account:
        """An account in a state, last signed in `seen` days ago if that state leaves it free."""
        random, today = self.random, self.today
        self.last_id += 1
        invited = locked = deleted = None
        last: int | None = today - seen
        if state in {"EXPIRED", "EXPIRING"}:
            soon = state == "EXPIRING"
            end = today + random.randint(1, 60) if soon else random.randint(months_after(today, -6) + 2, today - 1)
            last = months_after(end, -18)
            expires = end
        elif state == "INVITED":
            last = None
            begun = today - random.randint(1, 85)
            invited = at_work(random, begun)
            expires = months_after(begun, 18)
        else:
            expires = months_after(today - seen, 18)
        if state == "LOCKED":
            locked = self.now
        if state == "DELETED":
            deleted = midnight(today - random.randint(1, seen) + 1) - MINUTE
        if last is None:
            created = invited or 0
        else:
            # Administrators came first: what is read or decided in these three years is by people already there.
            born = random.randint(1100, 1500) if administrator else random.randint(30, 1300)
            created = at_work(random, min(today - born, last - 1))
        return Account(
            id=self.last_id,
            establishment_id=house,
            identifier=self.identifier(person),
            person=person,
            email=email,
            is_administrator=administrator,
            is_operator=False,
            state=state,
            rights=() if state == "DELETED" else grants(role, random),
            created_at=created,
            last_login_at=None if last is None else at_work(random, last),
            expires_on=iso(expires),
            invited_at=invited,
            locked_at=locked,
            deleted_at=deleted,
        )

    def let_expire(self, one: Account, days: int = 9) -> None:
        """Have an account expire in so many days, its person not having signed in for nearly 18 months."""
        last = months_after(self.today + days, -18)
        one.state, one.expires_on, one.last_login_at = "EXPIRING", iso(self.today + days), midnight(last) + 600 * MINUTE
        one.created_at = min(one.created_at, midnight(last - 200))

    def planted(self, house: int, one: SignIn, person: Person, email: str) -> Account:
        """An account of `SIGN_INS`. Those of Royan have not signed in for a week: letters wait for them."""
        made = self.account(house, person, email, one.state, one.role, administrator=one.is_administrator, seen=7)
        made.identifier, made.is_operator = one.identifier, one.is_operator
        if one.state != "EXPIRED":
            made.created_at = midnight(self.today - 1460) + len(one.identifier) * MINUTE
        return made


def houses(employers: tuple[Employer, ...], registry: Registry, total: int | None) -> list[House]:
    """The establishments and their accounts; `total` in all if given."""
    random = registry.random
    counts = _counts(employers, random, total)
    crowd = iter(people(17, sum(counts)))
    free = [place for place, one in enumerate(employers) if not sign_ins_of(one.name)]
    orphans = set(random.sample(free, max(1, round(ORPHAN_SHARE * len(employers)))))
    made = []
    for place, (employer, count) in enumerate(zip(employers, counts, strict=True)):
        planted = sign_ins_of(employer.name)
        reads = bool(planted) or (place not in orphans and random.random() < READING_SHARE)
        persons = [_person(one) for one in planted] + [next(crowd) for _ in range(max(count - len(planted), 0))]
        made.append(_house(registry, place + 1, employer, persons, planted, reads=reads, orphan=place in orphans))
    return made


def _house(
    registry: Registry,
    number: int,
    employer: Employer,
    persons: list[Person],
    planted: list[SignIn],
    *,
    reads: bool,
    orphan: bool,
) -> House:
    random = registry.random
    addresses = emails(persons, email_domain(employer))
    accounts = [
        registry.planted(number, one, person, email)
        for one, person, email in zip(planted, persons, addresses, strict=False)
    ]
    administrators = _administrators(random, len(persons)) - sum(one.is_administrator for one in planted)
    for rank in range(len(planted), len(persons)):
        first = rank == 0
        administrator = administrators > 0
        administrators -= 1
        state = "ACTIVE" if first or administrator else random.choices(_STATES, _STATE_WEIGHTS)[0]
        if orphan and administrator:
            state = "EXPIRED"
        if employer.name == ROYAN and rank == len(persons) - 1:
            state = "INVITED"  # so that the fixed sign-ins of Royan have an invitation to show
        role = random.choices(_ROLES, _ROLE_WEIGHTS)[0]
        if first and reads:
            role, seen = random.choice(("ALL", "GENERALIST", "READER", "FINANCE")), random.randint(1, 12)
        elif first:
            seen = random.randint(5, 480)
        else:
            seen = min(480, 1 + int(random.expovariate(1 / 60)))
        accounts.append(
            registry.account(
                number, persons[rank], addresses[rank], state, role, administrator=administrator, seen=seen
            )
        )
        if employer.name == ROYAN and rank == len(persons) - 2:
            registry.let_expire(accounts[-1])  # and somebody to be reminded of
    return House(number, employer, employer.name, reads, accounts)


def _administrators(random: Random, accounts: int) -> int:
    if accounts < 4:
        return 1 + (accounts > 1 and random.random() < 0.4)
    return 2 if accounts < 25 else random.randint(2, 5)


def _counts(employers: tuple[Employer, ...], random: Random, total: int | None) -> list[int]:
    """How many accounts at each: it grows with the staff, slower."""
    counts = []
    for one in employers:
        staff = headcount(one.category, one.population)
        usual = min(MOST, max(1, round(0.58 * staff**0.6 * (0.6 + 0.8 * random.random()))))
        counts.append(_SIZES.get(one.name, usual))
    while total is not None and (missing := total - sum(counts)):
        step = 1 if missing > 0 else -1
        changeable = [
            place
            for place, count in enumerate(counts)
            if count > 1 + (step < 0) and count < MOST and employers[place].name not in _SIZES
        ]
        for place in random.sample(changeable, min(abs(missing), len(changeable))):
            counts[place] += step
    return counts


def _person(one: SignIn) -> Person:
    mailbox = f"{slug(one.first_name)}.{slug(one.last_name)}"
    return Person(one.civility, one.first_name, one.last_name, "01 99 00 17 17", mailbox)


def platform_house(registry: Registry, number: int, employer: Employer) -> House:
    """The operators' own establishment."""
    planted = sign_ins_of(employer.name)
    persons = [_person(one) for one in planted]
    return _house(registry, number, employer, persons, planted, reads=False, orphan=False)
