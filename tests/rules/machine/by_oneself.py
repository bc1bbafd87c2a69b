"""What everybody does for themselves: passwords, addresses, sessions, the terms they accept."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from backend.rules import details, email_change, identifier, password, password_change, session, terms
from tests.rules.machine import plainly
from tests.rules.machine.by_administrators import EDITS
from tests.rules.machine.steps import ABLE, ACCOUNT, ACTOR, among, drives
from tests.rules.machine.with_factors import WithFactors
from tests.rules.machine.world import ORIGIN, PEOPLE, Account, Actor, Link, Person

PASSWORDS = ("encore quatre mots choisis au hasard", "trop court")
PLACES = ("their own", "Royan", "Saintes", "centre", "platform")


class ByOneself(WithFactors):
    """Operations on one's own account."""

    @rule(place=st.sampled_from(["Royan", "Saintes", "Marennes", "centre", "platform"]))
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
    @rule(whose=among("mailed"), which=st.sampled_from([0, 0, 1, 2]), chosen=st.sampled_from(PASSWORDS))
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
    def confirm(self, whose: Account, link: Link) -> None:
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
    @rule(who=among("members") | ACTOR, place=st.sampled_from(["Royan", "Royan", None, "Saintes", "centre"]))
    def act_for(self, who: Actor, place: str | None) -> None:
        self.act(who, "act for", lambda viewer: session.act_for(viewer, self.places[place] if place else None))

    @drives("acceptTerms")
    @rule(
        who=among("held_back") | ACTOR,
        where=st.lists(
            st.sampled_from(["their own", "Royan", "Saintes", "centre", "platform"]), min_size=1, max_size=3
        ),
        which=st.sampled_from(["in force", "in force", "in force", "another"]),
    )
    def accept(self, who: Actor, where: list[str], which: str) -> None:
        """The version in force, or another."""
        current = plainly.current_terms(self.now)
        others = [number for number in self.now["terms"] if current is None or number != current["id"]]
        number = current["id"] if current and which == "in force" else next(iter(others), 0)
        places = [self.place_of(who) if one == "their own" else self.places[one] for one in where]
        self.act(who, "accept terms", lambda viewer: terms.accept(viewer, number, places))

    @rule()
    def everybody_accepts(self) -> None:
        """Every administrator who is asked to, at home and wherever else they can."""
        for who in [one for one in self.held_back if one.secret]:
            if (current := plainly.current_terms(self.now)) and who.account:
                number = current["id"]
                self.act(who, "accept terms", lambda viewer: terms.accept(viewer, number, [*self.places.values()]))  # noqa: B023
