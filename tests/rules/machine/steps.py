"""What every operation of the machine goes through: somebody does something, and what came of it is judged."""

import copy
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from datetime import datetime
from typing import Any, TypeVar

from hypothesis import currently_in_test_context, event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from backend import clock, settings
from backend.rules import idempotency
from backend.rules.error import Results, UserError
from backend.rules.viewer import Viewer
from tests.rules import tables
from tests.rules.ground import Look
from tests.rules.machine import judges, plainly, retelling, world
from tests.rules.machine.world import Account, Actor, World

T = TypeVar("T")
Work = Callable[[Viewer], Awaitable[T]]

DRIVEN: set[str] = set()
"""The mutations of the graph that the machine drives."""

ENDED_BY = {
    "user.expired": {"INVITATION", "PASSWORD_RESET", "EMAIL_CONFIRMATION"},
    "user.reopened": {"INVITATION", "PASSWORD_RESET", "EMAIL_CONFIRMATION"},
    "user.email_changed": {"INVITATION", "PASSWORD_RESET", "EMAIL_CONFIRMATION"},
    "user.email_cancelled": {"EMAIL_CONFIRMATION"},
    "password.set": {"INVITATION", "PASSWORD_RESET"},
    "password.changed": {"PASSWORD_RESET"},
}
"""The links that an event ends, by their purpose."""

DEVICES_FORGOTTEN_BY = {
    "password.set",
    "password.changed",
    "second_factor.removed",
    "second_factor.reset",
    "device.forgotten",
    "user.reopened",
    "user.erased",
}
"""The events after which no device of the account is trusted (R-ACC-16)."""

TOO_MANY_WRONG_ONES = {"log in", "change a password", "give a second factor", "begin to enrol"}
"""What may lock an account, and so leave an establishment without an administrator: no act of an administrator."""


def drives(mutation: str) -> Callable[[T], T]:
    """Says which mutation of the graph a rule of the machine drives."""
    DRIVEN.add(mutation)
    return lambda what: what


def among(of: str) -> Any:
    """One of the machine's accounts or actors, by name in what Hypothesis prints."""
    return st.runner().flatmap(lambda machine: st.sampled_from(getattr(machine, of)))


def asked(*, of: str = "ACTIVE", several: bool = False) -> Any:
    """Somebody and whom they would do something to: often an administrator and colleagues in such a state, or whoever
    their establishment rests on; as often not.
    """

    def of_whom(machine: "Steps", whom: Account) -> Any:
        who = st.sampled_from(machine.administrators_of(whom)) | st.sampled_from(machine.actors)
        if not several:
            return st.tuples(who, st.just(whom))
        others = st.sampled_from(machine.colleagues_of(whom)) | st.sampled_from(machine.accounts)
        return st.tuples(who, st.lists(others, max_size=2).map(lambda more: [whom, *more]))

    def drawn(machine: "Steps") -> Any:
        whom = st.sampled_from(machine.in_state(of)) | st.sampled_from(machine.accounts)
        return (whom | st.sampled_from(machine.pillars) if of == "ACTIVE" else whom).flatmap(
            lambda chosen: of_whom(machine, chosen)
        )

    return st.runner().flatmap(drawn)


ABLE, ACTOR, ACCOUNT = among("able"), among("actors"), among("accounts")
OPERATOR = among("operators") | ACTOR


class Steps(RuleBasedStateMachine):
    """One example: its clock, its settings, and what everybody in it knows."""

    def __init__(self, beginning: World) -> None:
        super().__init__()
        self.world, self.ground = beginning, beginning.ground
        self.ground.restore()
        self.places = dict(beginning.places)
        self.accounts, self.actors = copy.deepcopy((beginning.accounts, beginning.actors))
        self.moves = ExitStack()
        self.moves.enter_context(clock.moved_to(datetime.fromisoformat(world.BEGINNING)))
        self.moves.callback(settings.use, settings.current())
        self.now = self.before = self.look()
        self.told = retelling.facts(self.now)
        self.identifiers = {one["identifier"]: number for number, one in self.now["users"].items()}
        self.done: set[tuple[str, str]] = set()
        self.held_at: Any = None
        self.held_as: Any = None

    def teardown(self) -> None:
        self.moves.close()

    def look(self) -> Look:
        """Everything there is, but what is made of the rest, and keys past their day: whose leaving nobody can tell."""
        found = self.ground.look()
        since = int(clock.to_microseconds(clock.now() - idempotency.KEPT))
        keys = {number: one for number, one in found["idempotency_keys"].items() if one["created_at"] >= since}
        kept = {name: rows for name, rows in found.items() if name not in tables.MADE_OF_THE_REST}
        return {**kept, "idempotency_keys": keys}

    # ------------------------------------------------------------ a step

    def act(self, actor: Actor, name: str, work: Work[T]) -> T:
        """Have somebody do something, and judge what came of it."""
        viewer = self.ground.run(actor.viewer())
        outcome: T = self.step(work(viewer), name, actor.account)
        if self.refused(outcome):
            assert self.now == self.before, f"{name} was refused, and changed something"
        return outcome

    def step(self, work: Coroutine[Any, Any, T] | Awaitable[T], name: str, who: Account | None) -> T:
        """Do something, whoever does it, and judge what came of it."""
        self.before = self.look()

        async def run() -> T:
            return await work

        outcome = self.ground.run(run())
        self.now = self.look()
        ended = "refused" if self.refused(outcome) else "done"
        self.done.add((name, ended))
        if currently_in_test_context():
            event(f"{name} {ended}")
        for heard in retelling.events(self.now, self.before):
            if currently_in_test_context():
                note(f"    {heard.action} {heard.subject} by {heard.actor} {heard.changes} {heard.facts}")
            judges.judge(heard, name, who.id if who else None, self)
            retelling.hear(self.told, heard)
            self.learn(heard)
        judges.judge_news(self.now, self.before)
        for number in sorted(set(self.now["users"]) - set(self.before["users"])):
            self.accounts.append(self.meet(number))
        for number, link in world.links_mailed(self.now, self.before):
            self.account(number).links.append(link)
        lost = plainly.administered(self.before) - plainly.administered(self.now)
        assert not lost or name in TOO_MANY_WRONG_ONES, f"R-ACC-05: {name} left {lost} without an administrator"
        return outcome

    def learn(self, heard: retelling.Heard) -> None:
        """What an event makes worthless of what its person holds."""
        if heard.subject is None or heard.subject[0] != "User":
            return
        person = self.account(heard.user) if heard.user in self.before["users"] else None
        if person is None:
            return
        for purpose in ENDED_BY.get(heard.action, ()):
            for link in person.links:
                link.revoked = link.revoked or link.purpose == purpose
        carried = person.factors
        if heard.action in DEVICES_FORGOTTEN_BY:
            for device in carried.devices:
                device.is_forgotten = True
        if not plainly.factors_of(self.now, person.id) or heard.action == "recovery_codes.renewed":
            carried.dead_codes += carried.codes
            carried.codes = []

    @staticmethod
    def refused(outcome: object) -> bool:
        """Whether nothing at all was done."""
        if outcome is False:
            return True
        if isinstance(outcome, Results):
            return bool(outcome.errors) or not outcome.done_ids
        if isinstance(results := getattr(outcome, "results", None), Results):
            return Steps.refused(results)
        errors = outcome if isinstance(outcome, list | tuple) else getattr(outcome, "errors", ())
        return any(isinstance(one, UserError) for one in errors)

    # ------------------------------------------------------------ who and whom

    @property
    def able(self) -> list[Actor]:
        """Those who administer an establishment now, their request begun now or earlier; everybody where none does."""
        found = [
            one
            for one in self.actors
            if one.account and plainly.administers(self.now, one.account.id, self.place_of(one))
        ]
        return found or self.actors

    @property
    def pillars(self) -> list[Account]:
        """Those who alone can administer their establishment; everybody where there are none (R-ACC-05)."""
        able = [one for one in self.accounts if self.is_able(one)]
        places = [self.now["users"][one.id]["establishment_id"] for one in able]
        return [one for one, place in zip(able, places, strict=True) if places.count(place) == 1] or self.accounts

    def is_able(self, account: Account) -> bool:
        return plainly.administers(self.now, account.id, self.now["users"][account.id]["establishment_id"])

    @property
    def operators(self) -> list[Actor]:
        return [one for one in self.actors if one.account and self.now["users"][one.account.id]["is_operator"]]

    @property
    def orphans(self) -> list[Account]:
        """The accounts of establishments where nobody can sign in as an administrator; all where there are none."""
        places = plainly.without_administrator(self.now)
        theirs = [one for one in self.accounts if self.now["users"][one.id]["establishment_id"] in places]
        return theirs or self.accounts

    @property
    def members(self) -> list[Actor]:
        """Those who act through a delegation; everybody where none does."""
        theirs = {one["user_id"] for one in self.now["delegation_members"].values()}
        return [one for one in self.actors if one.account and one.account.id in theirs] or self.actors

    @property
    def held_back(self) -> list[Actor]:
        """Those who must accept the terms; administrators where nobody must."""
        found = [
            one
            for one in self.actors
            if one.account and plainly.held_back(self.now, one.account.id) == "ACCEPT_TERMS" and one.secret
        ]
        return found or self.able

    @property
    def protected(self) -> list[Account]:
        """The accounts that have a second factor; all where none has."""
        return [one for one in self.accounts if plainly.factors_of(self.now, one.id)] or self.accounts

    @property
    def mailed(self) -> list[Account]:
        return [one for one in self.accounts if one.links]

    def place_of(self, actor: Actor) -> int:
        return self.now["users"][actor.account.id]["establishment_id"] if actor.account else self.places["Royan"]

    def in_state(self, wanted: str) -> list[Account]:
        """The accounts in a state; all of them where none is."""
        return [one for one in self.accounts if plainly.status(self.now["users"][one.id]) == wanted] or self.accounts

    def colleagues_of(self, account: Account) -> list[Account]:
        place = self.now["users"][account.id]["establishment_id"]
        return [one for one in self.accounts if self.now["users"][one.id]["establishment_id"] == place]

    def administrators_of(self, account: Account) -> list[Actor]:
        place = self.now["users"][account.id]["establishment_id"]
        return [one for one in self.able if one.account and self.place_of(one) == place] or self.actors

    def meet(self, number: int) -> Account:
        """An account that has just been opened."""
        row = self.now["users"][number]
        at = next(name for name, place in self.places.items() if place == row["establishment_id"])
        return Account(f"{row['first_name']} at {at} ({len(self.accounts) + 1})", number, row["identifier"])

    def account(self, number: int) -> Account:
        return next(one for one in self.accounts if one.id == number)

    @property
    def never_done(self) -> list[str]:
        """Operations that were tried, and always refused."""
        return sorted(
            {name for name, how in self.done if how == "refused"} - {n for n, how in self.done if how == "done"}
        )
