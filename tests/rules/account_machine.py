"""Random sequences of everything that can be done to accounts, by everybody, with time moved (Hypothesis).

What an operation answers is not predicted: whatever it did, the invariants of the domain must hold after it, and the
journal must tell all of it, done by somebody who was allowed to.
"""

import copy
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import pyotp
from hypothesis import currently_in_test_context, event, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.jobs import schedule
from backend.rules import (
    access,
    details,
    email_change,
    establishment,
    identifier,
    journal,
    nomination,
    password,
    password_change,
    right,
    second_factor,
    session,
    trusted_device,
    user,
    user_import,
)
from backend.rules.challenge import Challenge
from backend.rules.error import Results, UserError
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import account_world, retelling
from tests.rules.account_world import ORIGIN, PEOPLE, SERVICES, Account, Actor, Person, World, status
from tests.rules.retelling import Heard

T = TypeVar("T")
Work = Callable[[Viewer], Awaitable[T]]

DRIVEN: set[str] = set()
"""The mutations of the graph that the machine drives."""

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
    "right.exported",
}
BY_THEM_OR_ONESELF = {"user.details_changed", "user.email_requested", "user.email_cancelled", "user.email_changed"}
OPERATORS = {"establishment.registered", "establishment.changed", "establishment.administrator_nominated"}
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
NOBODY_YET = {"session.refused", "password.reset_requested", "identifier.recovery_requested"}

ENDED_BY = {
    "user.expired": {"INVITATION", "PASSWORD_RESET", "EMAIL_CONFIRMATION"},
    "user.reopened": {"INVITATION", "PASSWORD_RESET", "EMAIL_CONFIRMATION"},
    "user.email_changed": {"INVITATION", "PASSWORD_RESET", "EMAIL_CONFIRMATION"},
    "user.email_cancelled": {"EMAIL_CONFIRMATION"},
    "password.set": {"INVITATION", "PASSWORD_RESET"},
    "password.changed": {"PASSWORD_RESET"},
}
"""The links that an event ends, by their purpose."""

NEVER_LOOKED_AT = {"job_runs"}

PASSWORDS = ("encore quatre mots choisis au hasard", "trop court")


def drives(mutation: str) -> Callable[[T], T]:
    """Says which mutation of the graph a rule of the machine drives."""
    DRIVEN.add(mutation)
    return lambda what: what


def one(of: str) -> Any:
    """One of the machine's accounts or actors, by name in what Hypothesis prints."""
    return st.runner().flatmap(lambda machine: st.sampled_from(getattr(machine, of)))


def asked(*, of: str = "ACTIVE", several: bool = False) -> Any:
    """Somebody and whom they would do something to: often an administrator and colleagues in such a state, as often
    not.
    """

    def of_whom(machine: "AccountMachine", whom: Account) -> Any:
        who = st.sampled_from(machine.administrators_of(whom)) | st.sampled_from(machine.actors)
        if not several:
            return st.tuples(who, st.just(whom))
        others = st.sampled_from(machine.colleagues_of(whom)) | st.sampled_from(machine.accounts)
        return st.tuples(who, st.lists(others, max_size=2).map(lambda more: [whom, *more]))

    return st.runner().flatmap(
        lambda machine: (st.sampled_from(machine.in_state(of)) | st.sampled_from(machine.accounts)).flatmap(
            lambda whom: of_whom(machine, whom)
        )
    )


ABLE, ACTOR, ACCOUNT, MAILED = one("able"), one("actors"), one("accounts"), one("mailed")
OF_ONE, OF_SEVERAL = asked(), asked(several=True)
LEVELS = st.lists(
    st.builds(right.Wanted, st.sampled_from(SERVICES[:2]) | st.sampled_from(SERVICES), st.sampled_from([1, 2, 0])),
    max_size=2,
)
EDITS = st.builds(
    details.Edit,
    last_name=st.sampled_from([details.UNSAID, details.UNSAID, "Bernard", "Durand-Bernard"]),
    email=st.sampled_from(
        [details.UNSAID, "zoe@exemple.example", "alix@exemple.example", "alix.bernard@exemple.example", "a@b.example"]
    ),
    phone=st.sampled_from([details.UNSAID, None, "05 46 00 00 00"]),
    name_change_reason=st.sampled_from([None, "Mariage"]),
)
WAITS = {
    "a minute": timedelta(minutes=1),
    "half an hour": timedelta(minutes=30),
    "three hours": timedelta(hours=3),
    "a day": timedelta(days=1),
    "a fortnight": timedelta(days=15),
    "a month": timedelta(days=31),
    "three months": timedelta(days=92),
    "six months": timedelta(days=183),
    "eighteen months": timedelta(days=548),
    "twenty-five months": timedelta(days=761),
}


def new_user(establishment_id: int, person: Person) -> user.NewUser:
    return user.NewUser(establishment_id, person.first_name, person.last_name, person.email, is_administrator=True)


class AccountMachine(RuleBasedStateMachine):
    """One example."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.ground = world, world.ground
        self.ground.restore()
        self.places = dict(world.places)
        self.accounts, self.actors = copy.deepcopy((world.accounts, world.actors))
        self.moves = ExitStack()
        self.moves.enter_context(clock.moved_to(datetime.fromisoformat(account_world.BEGINNING)))
        self.now = self.ground.look()
        self.told = retelling.facts(self.now)
        self.identifiers = {one["identifier"]: number for number, one in self.now["users"].items()}
        self.done: set[tuple[str, str]] = set()

    def teardown(self) -> None:
        self.moves.close()

    # ------------------------------------------------------------ a step

    def act(self, actor: Actor, name: str, work: Work[T], *, on: list[Account] | None = None) -> T:
        """Have somebody do something, and judge what came of it."""
        viewer = self.ground.run(actor.viewer())
        outcome: T = self.step(work(viewer), name, actor.account)
        if self.refused(outcome):
            assert self.now == self.before, f"{name} was refused, and changed something"
        return outcome

    def step(self, work: Coroutine[Any, Any, T] | Awaitable[T], name: str, who: Account | None) -> T:
        """Do something, whoever does it, and judge what came of it."""
        self.before = self.ground.look()

        async def run() -> T:
            return await work

        outcome = self.ground.run(run())
        self.now = self.ground.look()
        ended = "refused" if self.refused(outcome) else "done"
        self.done.add((name, ended))
        if currently_in_test_context():
            event(f"{name} {ended}")
        for heard in retelling.events(self.now, self.before):
            if currently_in_test_context():
                note(f"    {heard.action} {heard.subject} by {heard.actor} {heard.changes} {heard.facts}")
            self.judge(heard, name, who)
            retelling.hear(self.told, heard)
            for purpose in ENDED_BY.get(heard.action, ()):
                for link in self.account(heard.user).links:
                    link.revoked = link.revoked or link.purpose == purpose
        for number in sorted(set(self.now["users"]) - set(self.before["users"])):
            self.accounts.append(self.meet(number))
        for number, link in account_world.links_mailed(self.now, self.before):
            self.account(number).links.append(link)
        able = {one for one in self.before["establishments"] if account_world.accounts_of(self.before, one)}
        able -= account_world.without_administrator(self.before)
        lost = account_world.without_administrator(self.now) & able
        assert not lost or self.may_lose(name), f"R-ACC-05: {name} left {lost} without an administrator"
        return outcome

    def judge(self, heard: Heard, name: str, who: Account | None) -> None:
        """Whether whoever did this was allowed to, as things were before."""
        if name == "jobs":
            assert heard.actor is None, heard
            self.judge_time(heard)
        elif heard.action in OPERATORS or (who is not None and name in {"nominate", "register"}):
            assert who is not None, heard
            assert heard.actor == who.id, heard
            operator = self.before["users"][who.id]
            assert operator["is_operator"], heard
            assert status(operator) == "ACTIVE", heard
        elif heard.action in BY_THEM_OR_ONESELF and heard.subject and heard.actor == heard.subject[1]:
            assert who is not None, heard
            assert heard.actor == who.id, heard
            assert name == "confirm an address" or status(self.before["users"][who.id]) == "ACTIVE", heard
        elif heard.action == "second_factor.reset":
            assert who is not None, heard
            assert heard.actor == who.id != heard.user, heard
            by = self.before["users"][who.id]
            administers = account_world.administers(self.before, who.id, heard.establishment)
            assert administers or (by["is_operator"] and status(by) == "ACTIVE"), heard
        elif heard.action in ACCOUNTS_BY_THEIR_ADMINISTRATORS | BY_THEM_OR_ONESELF:
            assert who is not None, heard
            assert heard.actor == who.id, heard
            self.judge_administrator(heard)
        elif heard.action in ONESELF:
            assert who is not None, heard
            assert heard.actor == who.id, heard
            self.judge_oneself(heard, self.before["users"][who.id])
        else:
            assert heard.action in NOBODY_YET, f"who may do {heard.action}? Say it here"
            assert heard.actor is None, heard

    def judge_administrator(self, heard: Heard) -> None:
        elsewhere = heard.action == "user.renewed" and account_world.administers_elsewhere(
            self.before, heard.actor, heard.establishment
        )
        assert elsewhere or account_world.administers(self.before, heard.actor, heard.establishment), heard
        if heard.subject is not None:
            assert self.now["users"][heard.user]["establishment_id"] == heard.establishment, heard
            known = self.before["users"].get(heard.user)
            assert known is None or (known["deleted_at"] is None and heard.action != "user.created"), heard
            assert known is not None or heard.user in self.told or heard.action == "user.created", heard
            if heard.action == "user.reopened":
                assert known is not None, heard
                assert status(known) == "EXPIRED", heard

    def judge_time(self, heard: Heard) -> None:
        """What nobody did was due."""
        one, lengths = self.before["users"][heard.user], settings.current().durations
        if heard.action == "user.profile_changed":
            assert heard.changes["profile"][1] == "ADMINISTRATOR", heard  # R-ACC-04: it is left alone, seen below
            assert len(account_world.accounts_of(self.now, one["establishment_id"])) == 1, heard
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

    def judge_oneself(self, heard: Heard, before: dict[str, Any]) -> None:
        if heard.action in {"password.set", "password.refused"}:
            assert status(before) != "DELETED", heard
        elif heard.action != "session.closed":  # one that is over already may be closed
            assert status(before) == "ACTIVE", heard
        if heard.action == "session.acts_for" and (reached := self.now["sessions"][heard.subject[1]]["acting_for_id"]):
            assert reached == self.places["Royan"], heard
            members = [one["user_id"] for one in self.before["delegation_members"].values()]
            assert heard.actor in members, heard

    def may_lose(self, name: str) -> bool:
        """What may leave an establishment without an administrator who can sign in: no act of an administrator."""
        return name in {"log in", "change a password", "give a second factor"}  # too many wrong ones lock

    @staticmethod
    def refused(outcome: object) -> bool:
        """Whether nothing at all was done."""
        if outcome is False:
            return True
        if isinstance(outcome, Results):
            return bool(outcome.errors) or not outcome.done_ids
        errors = outcome if isinstance(outcome, list) else getattr(outcome, "errors", ())
        return any(isinstance(one, UserError) for one in errors)

    @property
    def able(self) -> list[Actor]:
        """Those who administer an establishment now, their request begun now or earlier; everybody where none does."""
        found = [
            one
            for one in self.actors
            if one.account and account_world.administers(self.now, one.account.id, self.place_of(one))
        ]
        return found or self.actors

    @property
    def operators(self) -> list[Actor]:
        return [one for one in self.actors if one.account and self.now["users"][one.account.id]["is_operator"]]

    @property
    def orphans(self) -> list[Account]:
        """The accounts of establishments where nobody can sign in as an administrator; all where there are none."""
        places = account_world.without_administrator(self.now)
        theirs = [one for one in self.accounts if self.now["users"][one.id]["establishment_id"] in places]
        return theirs or self.accounts

    @property
    def members(self) -> list[Actor]:
        """Those who act through a delegation; everybody where none does."""
        theirs = {one["user_id"] for one in self.now["delegation_members"].values()}
        return [one for one in self.actors if one.account and one.account.id in theirs] or self.actors

    @property
    def mailed(self) -> list[Account]:
        return [one for one in self.accounts if one.links]

    def place_of(self, actor: Actor) -> int:
        return self.now["users"][actor.account.id]["establishment_id"] if actor.account else self.places["Royan"]

    def in_state(self, wanted: str) -> list[Account]:
        """The accounts in a state; all of them where none is."""
        return [one for one in self.accounts if status(self.now["users"][one.id]) == wanted] or self.accounts

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

    # ------------------------------------------------------------ administrators' operations

    @drives("createUser")
    @rule(
        who=ABLE | ACTOR,
        at=st.sampled_from(["their own", "their own", "their own", "Royan", "Saintes", "Pons"]),
        person=st.sampled_from(PEOPLE),
        administrator=st.booleans(),
        rights=LEVELS,
        key=st.sampled_from([None, None, "the same key"]),
    )
    def create(
        self, who: Actor, at: str, person: Person, administrator: bool, rights: list[right.Wanted], key: str | None
    ) -> None:
        place = self.place_of(who) if at == "their own" else self.places[at]
        given = user.NewUser(
            establishment_id=place,
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            is_administrator=administrator,
            rights=tuple(rights),
        )
        self.act(who, "create", lambda viewer: user.create(viewer, given, key))

    @drives("importUsers")
    @rule(
        who=ABLE | ACTOR,
        at=st.sampled_from(["their own", "their own", "Royan", "Pons"]),
        people=st.lists(
            st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["Utilisateur", "Administrateur"])), max_size=3
        ),
        dry_run=st.booleans(),
        key=st.sampled_from([None, None, "the same key"]),
    )
    def load(self, who: Actor, at: str, people: list[tuple[Person, str]], dry_run: bool, key: str | None) -> None:
        place = self.place_of(who) if at == "their own" else self.places[at]
        lines = [f"{one.first_name};{one.last_name};{one.email};{profile};Lecture" for one, profile in people]
        file = "\n".join(["Prénom;Nom;E-mail;Profil;COURRIERS", *lines])
        self.act(who, "import", lambda viewer: user_import.load(viewer, place, file, dry_run=dry_run, key=key))
        assert not dry_run or self.now == self.before

    @drives("setProfile")
    @rule(asked=OF_ONE, administrator=st.booleans())
    def set_profile(self, asked: tuple[Actor, Account], administrator: bool) -> None:
        who, whom = asked
        self.act(who, "set profile", lambda viewer: user.set_profile(viewer, whom.id, is_administrator=administrator))

    @drives("setRights")
    @rule(asked=OF_SEVERAL, levels=LEVELS)
    def give(self, asked: tuple[Actor, list[Account]], levels: list[right.Wanted]) -> None:
        who, whom = asked
        self.act(who, "give", lambda viewer: right.give(viewer, [one.id for one in whom], levels))

    @drives("copyRights")
    @rule(asked=OF_SEVERAL)
    def copy(self, asked: tuple[Actor, list[Account]]) -> None:
        """To the others from the first of them."""
        who, (source, *whom) = asked
        self.act(who, "copy", lambda viewer: right.copy(viewer, source.id, [one.id for one in whom]))

    @drives("renewUsers")
    @rule(asked=OF_SEVERAL)
    def renew(self, asked: tuple[Actor, list[Account]]) -> None:
        who, whom = asked
        self.act(who, "renew", lambda viewer: user.renew(viewer, [one.id for one in whom]))

    @drives("deleteUsers")
    @rule(asked=OF_SEVERAL)
    def delete(self, asked: tuple[Actor, list[Account]]) -> None:
        who, whom = asked
        self.act(who, "delete", lambda viewer: user.delete(viewer, [one.id for one in whom]))

    @drives("unlockUser")
    @rule(asked=asked(of="LOCKED"))
    def unlock(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "unlock", lambda viewer: user.unlock(viewer, whom.id))

    @drives("resendInvitation")
    @rule(asked=asked(of="INVITED"))
    def invite_again(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "invite again", lambda viewer: user.resend_invitation(viewer, whom.id))

    @drives("cancelInvitation")
    @rule(asked=asked(of="INVITED"))
    def cancel_invitation(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "cancel an invitation", lambda viewer: user.cancel_invitation(viewer, whom.id))

    @drives("reopenUser")
    @rule(asked=asked(of="EXPIRED"))
    def reopen(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "reopen", lambda viewer: user.reopen(viewer, whom.id))

    @drives("updateUser")
    @rule(asked=OF_ONE, edit=EDITS)
    def change_details(self, asked: tuple[Actor, Account], edit: details.Edit) -> None:
        who, whom = asked
        self.act(who, "change details", lambda viewer: details.update(viewer, whom.id, edit))

    @drives("nominateAdministrator")
    @rule(
        who=one("operators") | ACTOR,
        whom=one("orphans") | ACCOUNT,
        person=st.none() | st.sampled_from(PEOPLE),
        despite=st.booleans(),
    )
    def nominate(self, who: Actor, whom: Account, person: Person | None, despite: bool) -> None:
        """Them, or somebody new where they are."""
        place = self.now["users"][whom.id]["establishment_id"]
        given = nomination.Nomination(
            place,
            "Demande du maire, vérifiée par téléphone.",
            user_id=None if person else whom.id,
            person=new_user(place, person) if person else None,
            despite_invitation=despite,
        )
        able = [one for one in account_world.accounts_of(self.now, place) if one["is_administrator"]]
        outcome = self.act(who, "nominate", lambda viewer: nomination.nominate(viewer, given))
        assert not (outcome.user_id and any(status(one) == "ACTIVE" for one in able)), "somebody still could sign in"

    @drives("registerEstablishment")
    @rule(who=one("operators") | ACTOR, number=st.integers(1, 3), person=st.sampled_from(PEOPLE))
    def register(self, who: Actor, number: int, person: Person) -> None:
        given = establishment.NewEstablishment(
            siret=builders.siret(700_000_000 + number),
            name=f"Commune nouvelle {number}",
            category="COMMUNE",
            address=establishment.Address("17200", "Royan"),
            contracts=(establishment.Contract("CNRACL", f"1799{number}"),),
        )

        async def work(viewer: Viewer) -> establishment.Registered:
            done = await establishment.register(viewer, given, new_user(0, person))
            if done.establishment_id is not None:
                self.places[given.name] = done.establishment_id
            return done

        self.act(who, "register", work)

    @drives("updateEstablishment")
    @rule(who=one("operators") | ACTOR, place=st.sampled_from(["Royan", "Pons"]), name=st.sampled_from(["A", "B"]))
    def change_establishment(self, who: Actor, place: str, name: str) -> None:
        changes = establishment.Changes(name=f"Commune de {place} {name}")
        self.act(
            who, "change an establishment", lambda viewer: establishment.update(viewer, self.places[place], changes)
        )

    @rule(who=ABLE | ACTOR)
    def export_rights(self, who: Actor) -> None:
        self.act(who, "export rights", lambda viewer: right.exporting(viewer, {}))

    # ------------------------------------------------------------ everybody's own

    @drives("logIn")
    @rule(whose=ACCOUNT)
    def log_in(self, whose: Account) -> None:
        self.sign_in(whose)

    def sign_in(self, whose: Account) -> None:
        opened = self.step(
            session.log_in(whose.identifier, whose.password or "rien du tout", session.TOKEN, ORIGIN), "log in", whose
        )
        if opened.challenge is not None:
            assert self.factors_of(whose), "asked for a second factor they do not have"
            opened = self.prove(whose, opened.challenge, None)
        else:
            assert opened.secret is None or not self.factors_of(whose), "not asked for their second factor"
        if opened.secret is not None:
            number = sum(one.account is whose for one in self.actors)
            self.actors.append(Actor(f"{whose} ({number})", whose, opened.secret))
            self.actors.append(Actor(f"{whose} ({number}) as then", whose, kept=opened.viewer))

    def factors_of(self, whose: Account) -> list[int]:
        return [number for number, one in self.now["second_factors"].items() if one["user_id"] == whose.id]

    @drives("confirmSecondFactor")
    def prove(self, whose: Account, asked: Challenge, viewer: Viewer | None) -> session.LogIn:
        """With the code that their telephone shows a moment later; it may be of a factor they have no more."""
        self.moves.enter_context(clock.moved_to(clock.now() + timedelta(seconds=31)))
        code = pyotp.TOTP(whose.application).at(clock.now()) if whose.application else "000000"
        work = second_factor.confirm(asked.secret, second_factor.Proof(code=code), session.TOKEN, ORIGIN, viewer)
        return self.step(work, "give a second factor", whose)

    @drives("startConfirmation")
    @rule(who=ABLE | ACTOR)
    def confirm_again(self, who: Actor) -> None:
        viewer = self.ground.run(who.viewer())
        asked = self.step(second_factor.start_confirmation(viewer), "be asked for a second factor", who.account)
        if asked is not None and who.account is not None:
            self.prove(who.account, asked, viewer)

    @drives("enrolSecondFactor")
    @rule(who=ABLE | ACTOR)
    def enrol(self, who: Actor) -> None:
        begun = self.act(
            who, "begin to enrol", lambda viewer: second_factor.start_enrolment(viewer, second_factor.TOTP)
        )
        if begun.challenge is None or who.account is None:
            return
        code = second_factor.Proof(code=pyotp.TOTP(begun.secret or "").at(clock.now()))
        secret = begun.challenge.secret
        done = self.act(who, "enrol", lambda viewer: second_factor.enrol(viewer, secret, "Téléphone", code))
        if not done.errors:
            who.account.application = begun.secret

    @drives("removeSecondFactor")
    @rule(who=ABLE | ACTOR, whose=ACCOUNT, own=st.booleans())
    def remove_factor(self, who: Actor, whose: Account, own: bool) -> None:
        number = next(iter(self.factors_of(who.account if own and who.account else whose)), 0)
        self.act(who, "remove a second factor", lambda viewer: second_factor.remove(viewer, number))

    @drives("regenerateRecoveryCodes")
    @rule(who=ABLE | ACTOR)
    def renew_codes(self, who: Actor) -> None:
        async def work(viewer: Viewer) -> list[UserError]:
            return (await second_factor.renew_recovery_codes(viewer))[1]

        self.act(who, "renew recovery codes", work)

    @drives("forgetTrustedDevices")
    @rule(who=ABLE | ACTOR)
    def forget_devices(self, who: Actor) -> None:
        self.act(who, "forget devices", lambda viewer: trusted_device.forget(viewer, None))

    @drives("resetSecondFactor")
    @rule(asked=asked())
    def reset_factor(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "reset a second factor", lambda viewer: second_factor.reset(viewer, whom.id))

    @rule(place=st.sampled_from(["Royan", "Saintes", "Pons", "centre", "platform"]))
    def come_to_work(self, place: str) -> None:
        """Everybody somewhere logs in."""
        for one in list(self.accounts):
            if one.password and self.now["users"][one.id]["establishment_id"] == self.places[place]:
                self.sign_in(one)

    @rule(whose=ACCOUNT, times=st.sampled_from([5, 4, 1]))
    def mistype(self, whose: Account, times: int) -> None:
        for _ in range(times):
            outcome = self.step(
                session.log_in(whose.identifier, "ce n’est pas le bon", session.TOKEN, ORIGIN), "log in", whose
            )
            assert outcome.secret is None

    @drives("setPassword")
    @precondition(lambda self: self.mailed)
    @rule(whose=MAILED, which=st.sampled_from([0, 0, 1, 2]), chosen=st.sampled_from(PASSWORDS))
    def follow_link(self, whose: Account, which: int, chosen: str) -> None:
        """The last link they were mailed, or an earlier one."""
        if which >= len(whose.links):
            return
        link = whose.links[-1 - which]
        if link.purpose == "EMAIL_CONFIRMATION":
            self.confirm(whose, link)
            return
        outcome = self.step(password.set_password(link.secret, chosen, ORIGIN), "follow a link", whose)
        if self.refused(outcome):
            assert self.now == self.before
        else:
            link.worked += 1
            whose.password = chosen

    @drives("confirmEmail")
    def confirm(self, whose: Account, link: account_world.Link) -> None:
        outcome = self.step(email_change.confirm(link.secret, ORIGIN), "confirm an address", whose)
        if self.refused(outcome):
            assert self.now == self.before
        else:
            link.worked += 1

    @drives("changePassword")
    @rule(who=ABLE | ACTOR, right_one=st.booleans(), chosen=st.sampled_from(PASSWORDS))
    def change_password(self, who: Actor, right_one: bool, chosen: str) -> None:
        current = (who.account.password if who.account and right_one else None) or "ce n’est pas le bon"
        viewer = self.ground.run(who.viewer())
        outcome = self.step(password_change.change(viewer, current, chosen), "change a password", who.account)
        if who.account and not self.refused(outcome):
            who.account.password = chosen

    @drives("recoverIdentifier")
    @rule(person=st.sampled_from(PEOPLE))
    def forget_identifier(self, person: Person) -> None:
        told = self.step(identifier.recover(person.email, ORIGIN), "forget an identifier", None)
        assert told == identifier.SAME_ANSWER

    @drives("updateOwnDetails")
    @rule(who=ABLE | ACTOR, edit=EDITS)
    def change_own_details(self, who: Actor, edit: details.Edit) -> None:
        self.act(who, "change one's own details", lambda viewer: details.update_own(viewer, edit))

    @drives("requestPasswordReset")
    @rule(whose=ACCOUNT)
    def forget_password(self, whose: Account) -> None:
        told = self.step(password.request_reset(whose.identifier, ORIGIN), "forget a password", whose)
        assert told == password.SAME_ANSWER

    @drives("logOut")
    @rule(who=ACTOR)
    def log_out(self, who: Actor) -> None:
        self.act(who, "log out", session.log_out)

    @drives("endSession")
    @rule(who=ACTOR, of=ACTOR)
    def end_session(self, who: Actor, of: Actor) -> None:
        viewer = self.ground.run(of.viewer())
        self.act(who, "end a session", lambda asking: session.end(asking, viewer.session_id or 0))

    @drives("actFor")
    @rule(who=one("members") | ACTOR, place=st.sampled_from(["Royan", "Royan", None, "Saintes", "centre"]))
    def act_for(self, who: Actor, place: str | None) -> None:
        self.act(who, "act for", lambda viewer: session.act_for(viewer, self.places[place] if place else None))

    # ------------------------------------------------------------ time

    @rule(length=st.sampled_from(sorted(WAITS, key=lambda name: WAITS[name])))
    def wait(self, length: str) -> None:
        self.moves.enter_context(clock.moved_to(clock.now() + WAITS[length]))

    @rule()
    def wait_for_the_next_expiry(self) -> None:
        """Until the last evening of the account that expires first."""
        days = [one["expires_on"] for one in self.now["users"].values() if status(one) in ("ACTIVE", "INVITED")]
        if days:
            evening = clock.end_of_day(datetime.fromisoformat(min(days)).date()) - timedelta(minutes=5)
            self.moves.enter_context(clock.moved_to(max(evening, clock.now())))

    @rule()
    def run_jobs(self) -> None:
        for job in schedule.JOBS:
            self.step(job.work(), "jobs", None)

    # ------------------------------------------------------------ what must always hold

    @invariant()
    def everything_holds(self) -> None:
        self.the_journal_tells_everything()
        self.the_chain_holds()
        self.no_dead_account_holds_a_session()
        self.no_identifier_is_given_again()
        self.a_sole_account_administers()
        self.nobody_has_two_accounts_at_one_place()
        self.a_link_works_once_and_never_after_a_later_one()
        self.the_operators_list_is_right()

    def the_journal_tells_everything(self) -> None:
        """R-JRN-01."""
        known = retelling.facts(self.now)
        for one in (*self.told.values(), *known.values()):
            one.sessions = {number for number in one.sessions if number in self.now["sessions"]}
        different = {
            number: (self.told.get(number), one) for number, one in known.items() if self.told.get(number) != one
        }
        assert different == {}
        assert set(self.told) == set(known)

    def the_chain_holds(self) -> None:
        """R-JRN-01."""
        count, wrong = self.ground.run(journal.verify())
        assert (count, wrong) == (len(self.now["audit_events"]), None)

    def no_dead_account_holds_a_session(self) -> None:
        """R-ACC-11, 12, 14."""
        for actor in self.actors:
            if actor.secret is not None and actor.account is not None:
                found = self.ground.run(session.authenticate(actor.secret, ORIGIN))
                row = self.now["users"][actor.account.id]
                assert found is None or status(row) == "ACTIVE", f"{actor} is {status(row)}"
                assert found is None or found.is_administrator == bool(row["is_administrator"])
            if actor.kept is not None and actor.kept.session_id is not None:
                found = self.ground.run(session.renewed(actor.kept))
                row = self.now["users"][actor.kept.user_id]
                assert found is None or status(row) == "ACTIVE", f"{actor} is {status(row)}"

    def no_identifier_is_given_again(self) -> None:
        """R-ACC-12."""
        for number, row in self.now["users"].items():
            if row["erased_at"] is not None:
                continue
            assert self.identifiers.setdefault(row["identifier"], number) == number
        assert set(self.identifiers) <= set(self.now["issued_identifiers"])

    def a_sole_account_administers(self) -> None:
        """R-ACC-04."""
        for place in self.places.values():
            theirs = account_world.accounts_of(self.now, place)
            assert len(theirs) != 1 or theirs[0]["is_administrator"]

    def nobody_has_two_accounts_at_one_place(self) -> None:
        """R-ACC-01."""
        for place in self.places.values():
            addresses = [one["email"].casefold() for one in account_world.accounts_of(self.now, place)]
            assert len(addresses) == len(set(addresses))

    def a_link_works_once_and_never_after_a_later_one(self) -> None:
        """R-ACC-03, 15."""
        now = int(clock.to_microseconds(clock.now()))
        for account in self.accounts:
            deleted = status(self.now["users"][account.id]) == "DELETED"
            for place, link in enumerate(account.links):
                assert link.worked <= 1
                later = any(one.purpose == link.purpose for one in account.links[place + 1 :])
                too_old = now >= link.mailed_at + link.lives
                of_address = link.purpose == "EMAIL_CONFIRMATION"
                found = self.ground.run((email_change if of_address else password).link(link.secret))
                dead = link.worked or later or too_old or deleted or link.revoked
                assert (found is None) == bool(dead), (account, link)

    def the_operators_list_is_right(self) -> None:
        """R-ACC-02, 05, 11."""
        sql = Sql()
        sql.add(f"SELECT e.id FROM establishments e WHERE {access.without_administrator(sql, 'e')}")
        found = self.ground.run(db.rows(sql))
        assert {one["id"] for one in found} == account_world.to_be_listed(self.now)
