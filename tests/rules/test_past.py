"""R-JRN-04: who could read a letter on a day is what `access` said then, whatever has happened since."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from argon2 import PasswordHasher

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.models import Courrier, CourrierType, Establishment, User
from backend.reads import past_reader
from backend.rules import (
    access,
    courrier_type,
    delegation,
    delegation_calendar,
    delegation_members,
    delegation_request,
    expiry,
    password,
    right,
    service,
    terms,
    user,
    withdrawal,
)
from backend.rules.courrier_type import Definition
from backend.rules.delegation import Narrowing
from backend.rules.delegation_members import Change
from backend.rules.delegation_request import Request
from backend.rules.right import Wanted
from backend.rules.terms import NewTerms
from backend.rules.viewer import Origin, Viewer
from tests import builders

STEPS = int(os.environ.get("PEPS_PAST_STEPS", "80"))
SEEDS = range(int(os.environ.get("PEPS_PAST_SEEDS", "2")))
ORIGIN = Origin("192.0.2.7", "Un navigateur")

Said = dict[int, set[tuple[int, int | None, int]]]
"""By letter: who reads it, through which delegation, at which level."""


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(password, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    password._nobody.cache_clear()
    yield
    password._nobody.cache_clear()


async def said_now() -> Said:
    """What `access` says at this instant of every letter, of every account that could act."""
    sql = Sql("SELECT u.id, u.establishment_id FROM users u")
    people = await db.rows(sql.add(f"WHERE {access.may_act(sql, 'u')}"))
    told: Said = {one["id"]: set() for one in await db.rows("SELECT id FROM courriers")}
    for one in people:
        viewer = Viewer(user_id=one["id"], establishment_id=one["establishment_id"])
        sql = Sql("SELECT c.id, reach.level, reach.delegation_id FROM courriers c")
        sql.add("JOIN courrier_types t ON t.id = c.type_id")
        sql.add(f"JOIN ({access.reach(sql, viewer)}) reach")
        sql.add("ON reach.establishment_id = c.establishment_id AND reach.service_id = t.service_id")
        for row in await db.rows(sql.add(f"WHERE {access.documents(sql, viewer, 'c')}")):
            told[row["id"]].add((one["id"], row["delegation_id"], row["level"]))
    return told


class Play:
    """Random happenings among a centre and two towns, in the order of time."""

    def __init__(self, chance: Random, moves: ExitStack) -> None:
        self.chance, self.moves = chance, moves
        self.remembered: dict[int, Said] = {}
        self.done: dict[str, int] = {}

    async def begin(self) -> None:
        self.centre = await builders.establishment("Centre", is_centralisateur=True)
        self.towns = [await builders.establishment(name) for name in ("Royan", "Saintes")]
        self.operator = await builders.operator()
        for code in ("A", "B", "C"):
            await builders.service(code, position=ord(code))
        self.types = [await builders.courrier_type(f"TYPE_{code}", code) for code in ("A", "B")]
        for at in (self.centre, *self.towns):
            await builders.user(at, administrator=True, rights={"A": 1})
            for _ in range(2):
                await builders.user(at, rights={"A": 1, "B": 2})
            for kind in self.types:
                await self.letter(at, kind)
        await builders.terms()
        await self.accept()
        for _ in range(3):
            await self.ask()
            await self.members()

    async def letter(self, at: Establishment, kind: CourrierType) -> Courrier:
        return await builders.courrier(at, kind=kind)

    # ------------------------------------------------------------ who

    async def people(self, **having: Any) -> list[User]:
        return await User.filter(deleted_at=None, **having).exclude(id=self.operator.id).order_by("id")

    async def someone(self, **having: Any) -> User | None:
        found = await self.people(**having)
        return self.chance.choice(found) if found else None

    async def administrator(self, establishment_id: int) -> Viewer:
        found = await self.people(establishment_id=establishment_id, is_administrator=True)
        usable = [one for one in found if one.password_hash and one.expires_on >= clock.today()]
        return builders.viewer(self.chance.choice(usable)) if usable else Viewer()

    def code(self) -> str:
        return self.chance.choice("AABBC")

    # ------------------------------------------------------------ what happens

    async def rights(self) -> None:
        whom = await self.someone()
        if whom:
            wanted = [Wanted(self.code(), self.chance.choice((0, 0, 1, 2)))]
            await right.give(await self.administrator(whom.establishment_id), [whom.id], wanted)

    async def profile(self) -> None:
        whom = await self.someone()
        if whom:
            by = await self.administrator(whom.establishment_id)
            await user.set_profile(by, whom.id, is_administrator=not whom.is_administrator)

    async def leave(self) -> None:
        whom = await self.someone()
        if whom:
            await user.delete(await self.administrator(whom.establishment_id), [whom.id])

    async def come(self) -> None:
        at = self.chance.choice([self.centre, *self.towns])
        await builders.user(at, administrator=self.chance.random() < 0.3, rights={self.code(): 2})

    async def reopen(self) -> None:
        whom = await self.someone(expires_on__lt=clock.today())
        if whom:
            await user.reopen(await self.administrator(whom.establishment_id), whom.id)

    async def invited(self) -> None:
        """Whoever holds an invitation follows it."""
        sent = await db.rows("SELECT body_text FROM notifications WHERE kind = 'INVITATION' ORDER BY id DESC LIMIT 2")
        for one in sent:
            found = re.search(r"jeton=([\w-]+)", one["body_text"])
            assert found
            await password.set_password(found[1], "trombone-lavande-cascade-71", ORIGIN)

    async def renew(self) -> None:
        at = self.chance.choice([self.centre, *self.towns])
        numbers = [one.id for one in await self.people(establishment_id=at.id)]
        await user.renew(await self.administrator(at.id), self.chance.sample(numbers, min(2, len(numbers))))

    async def ask(self) -> None:
        town = self.chance.choice(self.towns)
        wanted = tuple(
            Wanted(code, self.chance.choice((1, 2))) for code in self.chance.sample("AB", self.chance.choice((1, 2)))
        )
        request = Request((town.siret,), wanted)
        answer = await delegation_request.request(await self.administrator(self.centre.id), request)
        if answer.lines and answer.lines[0].delegation_id:
            today = clock.today()
            starts = self.chance.choice((None, None, today + timedelta(days=self.chance.randint(1, 20))))
            ends = self.chance.choice((None, today + timedelta(days=self.chance.randint(20, 60))))
            narrowing = Narrowing(starts_on=starts, ends_on=ends)
            number = answer.lines[0].delegation_id
            await delegation.accept(await self.administrator(town.id), number, narrowing)

    async def members(self) -> None:
        found = await db.rows("SELECT id FROM delegations WHERE status = 'ACCEPTED' ORDER BY id")
        people = [one.id for one in await self.people(establishment_id=self.centre.id)]
        if found and people:
            chosen = tuple(self.chance.sample(people, min(2, len(people))))
            change = Change(add=chosen) if self.chance.random() < 0.7 else Change(remove=chosen)
            number = self.chance.choice(found)["id"]
            await delegation_members.choose(await self.administrator(self.centre.id), [number], change)

    async def over(self) -> None:
        found = await db.rows("SELECT id, delegataire_id FROM delegations WHERE status = 'ACCEPTED' ORDER BY id")
        if found:
            one = self.chance.choice(found)
            by = await self.administrator(one["delegataire_id"])
            if self.chance.random() < 0.5:
                await delegation.end(by, one["id"], "La convention n’est pas renouvelée.")
            else:
                await delegation.extend(by, one["id"], clock.today() + timedelta(days=40))

    async def move_type(self) -> None:
        kind = self.chance.choice(self.types)
        given = Definition(kind.code, kind.label, "CNRACL", self.code(), "DIGITAL", True, 120, date(2021, 1, 1))
        await courrier_type.define(builders.viewer(self.operator), given)

    async def close(self) -> None:
        if self.chance.random() < 0.3:
            day = clock.today() + timedelta(days=self.chance.randint(0, 30))
            await service.close(builders.viewer(self.operator), "C", day)

    async def deposit(self) -> None:
        await self.letter(self.chance.choice(self.towns), self.chance.choice(self.types))

    async def withdraw(self) -> None:
        letters = await Courrier.filter(withdrawn_at=None).order_by("id")
        if len(letters) > 4:
            await withdrawal.withdraw(builders.viewer(self.operator), self.chance.choice(letters).id, "Doublon.")

    async def new_terms(self) -> None:
        day = clock.today() + timedelta(days=self.chance.choice((0, 0, 9)))
        given = NewTerms(f"{clock.now():%Y%m%d%H%M%S}", day, "Conditions générales.", "Presque rien.")
        await terms.publish(builders.viewer(self.operator), given)

    async def accept(self) -> None:
        newest = await db.row(
            "SELECT id FROM terms WHERE published_on <= $1 ORDER BY published_on DESC, id DESC LIMIT 1",
            [clock.today().isoformat()],
        )
        assert newest
        for at in (self.centre, *self.towns):
            await terms.accept(await self.administrator(at.id), newest["id"], [at.id])

    async def jobs(self) -> None:
        await expiry.expire()
        await delegation_calendar.expire()

    # ------------------------------------------------------------ the play

    async def step(self, number: int) -> None:
        """Time passes, something happens, and what may be read then is remembered. Nowhere is left without anybody."""
        pauses = (timedelta(0), timedelta(hours=7), timedelta(days=3), timedelta(days=25))
        pause = self.chance.choices(pauses, (2, 8, 5, 2))[0]
        if number == STEPS // 2:
            pause = timedelta(days=560)  # the accounts nobody renewed have expired, and may be reopened
        self.moves.enter_context(clock.moved_to(clock.now() + pause))
        for at in (self.centre, *self.towns):
            if (await self.administrator(at.id)).user_id is None:
                await builders.user(at, administrator=True, rights={"A": 1})
        await self.remember()
        happenings = {
            self.rights: 9, self.members: 7, self.ask: 4, self.over: 2, self.profile: 3, self.leave: 3, self.come: 2,
            self.reopen: 5, self.invited: 5, self.renew: 2, self.move_type: 2, self.close: 0.4, self.deposit: 1.5,
            self.withdraw: 0.7, self.new_terms: 0.7, self.accept: 3, self.jobs: 2,
        }  # fmt: skip
        happening = self.chance.choices(list(happenings), list(happenings.values()))[0]
        before = await db.row("SELECT max(id) AS id FROM audit_events")
        await happening()
        after = await db.row("SELECT max(id) AS id FROM audit_events")
        name = happening.__name__
        self.done[name] = self.done.get(name, 0) + (before != after)
        await self.remember()

    async def remember(self) -> None:
        self.remembered[int(clock.to_microseconds(clock.now()))] = await said_now()


@pytest.mark.parametrize("seed", SEEDS)
async def test_it_is_what_access_said_then(database: str, seed: int) -> None:
    """R-JRN-04: at every instant remembered, and, over a day, everybody who could at one of its instants."""
    with ExitStack() as moves:
        moves.enter_context(clock.moved_to(datetime.fromisoformat("2024-03-04T09:00+01:00")))
        play = Play(Random(seed), moves)
        await play.begin()
        for number in range(STEPS):
            await play.step(number)
        asked = builders.viewer(play.operator)
        answers: dict[tuple[int, date], tuple[past_reader.Reader, ...]] = {}
        told = through = 0
        for instant, said in play.remembered.items():
            day = clock.paris_date(clock.from_microseconds(instant))
            for letter, readers in said.items():
                if (letter, day) not in answers:
                    found = await past_reader.on_day(asked, letter, day)
                    assert found is not None
                    assert found.known_since is None
                    answers[letter, day] = found.found
                there = answers[letter, day]
                then = {
                    (one.user_id, one.delegation_id, one.level)
                    for one in there
                    if one.since <= instant and (one.until is None or instant < one.until)
                }
                assert then == readers, (clock.from_microseconds(instant), letter)
                told += len(then)
                through += sum(one[1] is not None for one in then)
    assert told > STEPS
    assert through > 0
    assert min(play.done.get(name, 0) for name in ("rights", "members", "profile", "leave")) > 0, play.done
