"""Signing in, and second factors of every kind: enrolled, given well or badly, lost, reset (R-ACC-16)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
from hypothesis import strategies as st
from hypothesis.stateful import rule

from backend import clock
from backend.rules import second_factor, session, trusted_device
from backend.rules.challenge import Challenge
from backend.rules.error import ErrorCode, UserError
from backend.rules.second_factor import PASSKEY, TOTP, Proof
from backend.rules.viewer import Viewer
from tests.authenticator import Authenticator
from tests.rules.machine import plainly
from tests.rules.machine.steps import ABLE, ACCOUNT, ACTOR, Steps, among, asked, drives
from tests.rules.machine.world import ORIGIN, Account, Actor, Device

SITE = ("http://localhost:8000", "localhost")
"""Where browsers find the platform of the tests' settings, and the name passkeys are bound to."""

BY_CODE, BY_PASSKEY, BY_RECOVERY_CODE = "a code", "a passkey", "a recovery code"
AGAIN, COPIED, DEAD = "the code given last", "a copy of a passkey", "a recovery code that is dead"
HOWS = st.sampled_from([BY_CODE, BY_CODE, BY_PASSKEY, BY_RECOVERY_CODE, AGAIN, COPIED, DEAD])

PROOFS = st.sampled_from(["the right one", "the right one", "ce n’est pas le bon", None])
"""The password, given with an enrolment."""


class WithFactors(Steps):
    """Operations that ask for a second factor or change one."""

    # ------------------------------------------------------------ signing in

    @drives("logIn")
    @rule(whose=among("protected") | ACCOUNT, how=HOWS, trust=st.booleans())
    def log_in(self, whose: Account, how: str, trust: bool) -> None:
        self.sign_in(whose, how, trust=trust)

    def sign_in(self, whose: Account, how: str = BY_CODE, *, trust: bool = False) -> None:
        """With the right password, on the last device that was trusted; `how` the second factor is given, if asked."""
        carried = whose.factors.devices[-1:]
        is_trusted = any(not one.is_forgotten and clock.to_microseconds(clock.now()) < one.until for one in carried)
        devices = [one.secret for one in carried]
        attempt = session.log_in(whose.identifier, whose.password or "rien du tout", session.TOKEN, ORIGIN, devices)
        opened = self.step(attempt, "log in", whose)
        has_factor = bool(plainly.factors_of(self.now, whose.id))
        if opened.challenge is not None:
            assert has_factor, "asked for a second factor they do not have"
            assert not is_trusted, "asked for a second factor on a device that is trusted"
            opened = self.prove(whose, opened.challenge, None, how, trust=trust)
        else:
            assert opened.secret is None or not has_factor or is_trusted, "not asked for their second factor"
        if opened.secret is not None:
            number = sum(one.account is whose for one in self.actors)
            self.actors.append(Actor(f"{whose} ({number})", whose, opened.secret))
            self.actors.append(Actor(f"{whose} ({number}) as then", whose, kept=opened.viewer))

    @drives("confirmSecondFactor")
    def prove(
        self, whose: Account, asked: Challenge, viewer: Viewer | None, how: str, *, trust: bool = False
    ) -> session.LogIn:
        """Answer, half a minute later: what is good opens, and what is not does not."""
        self.moves.enter_context(clock.moved_to(clock.now() + timedelta(seconds=31)))
        given, is_good = self.proof(whose, asked, how)
        work = second_factor.confirm(asked.secret, given, session.TOKEN, ORIGIN, viewer, trust=trust)
        before = self.now
        done = self.step(work, "give a second factor", whose)
        wrong = [one.code for one in done.errors]
        assert not is_good or ErrorCode.SECOND_FACTOR_WRONG not in wrong, f"{how} was refused"
        assert is_good or wrong, f"{how} was taken"
        if not wrong:
            self.served(whose, given, done.device)
        elif ErrorCode.SECOND_FACTOR_WRONG not in wrong and ErrorCode.ACCOUNT_LOCKED not in wrong:
            assert self.now == before, "a challenge that is over changed something"
        return done

    def proof(self, whose: Account, asked: Challenge, how: str) -> tuple[Proof, bool]:
        """What their telephone, their key or their sheet of paper gives, and whether it is good."""
        carried, theirs = whose.factors, plainly.factors_of(self.now, whose.id)
        if how == BY_PASSKEY and carried.passkeys and asked.passkey_request is not None:
            number, key = max(carried.passkeys.items(), key=lambda pair: pair[0] in theirs)
            return Proof(passkey=key.sign(dict(asked.passkey_request))), number in theirs
        if how == COPIED and carried.passkeys and asked.passkey_request is not None:
            number, key = max(carried.passkeys.items(), key=lambda pair: pair[0] in theirs)
            copy = replace(key, count=key.count - 1).sign(dict(asked.passkey_request))
            return Proof(passkey=copy), number in theirs and self.is_ahead(number, key.count)
        if how == BY_RECOVERY_CODE and carried.codes:
            return Proof(recovery_code=carried.codes[-1].upper()), True
        if how == DEAD and carried.dead_codes:
            return Proof(recovery_code=carried.dead_codes[-1]), False
        if how == AGAIN or not carried.applications:
            return Proof(code=carried.last_code), False
        number, secret = max(carried.applications.items(), key=lambda pair: pair[0] in theirs)
        carried.last_code = pyotp.TOTP(secret).at(clock.now())
        return Proof(code=carried.last_code), number in theirs

    def is_ahead(self, number: int, count: int) -> bool:
        """Whether a passkey's count has grown; one that has never counted need not."""
        kept = self.now["second_factors"][number]["counter"]
        return bool(count > kept or count == kept == 0)

    def served(self, whose: Account, given: Proof, device: str | None) -> None:
        """It was taken: what serves once is crossed out, and the device is perhaps trusted."""
        carried = whose.factors
        if given.recovery_code is not None:
            carried.dead_codes.append(carried.codes.pop())
        if device is not None:
            until = clock.to_microseconds(clock.now() + timedelta(days=7))
            carried.devices.append(Device(device, until))

    @drives("startConfirmation")
    @rule(who=ABLE | ACTOR, how=HOWS)
    def confirm_again(self, who: Actor, how: str) -> None:
        viewer = self.ground.run(who.viewer())
        asked = self.step(second_factor.start_confirmation(viewer), "be asked for a second factor", who.account)
        if asked is not None and who.account is not None:
            self.prove(who.account, asked, viewer, how)

    # ------------------------------------------------------------ having one

    @drives("enrolSecondFactor")
    @rule(who=ABLE | ACTOR, kind=st.sampled_from([TOTP, PASSKEY]), given=PROOFS)
    def enrol(self, who: Actor, kind: str, given: str | None) -> None:
        begun = self.begin(who, kind, given)
        if begun.challenge is None or who.account is None:
            return
        secret, key = begun.challenge.secret, Authenticator(*SITE)
        proof = first_proof(begun, key)
        first = not plainly.factors_of(self.now, who.account.id)
        done = self.act(who, "enrol", lambda viewer: second_factor.enrol(viewer, secret, "Téléphone", proof))
        if done.factor_id is None:
            return
        carried = who.account.factors
        assert bool(done.recovery_codes) == first, "recovery codes come with the first factor"
        carried.codes += done.recovery_codes
        if kind == TOTP:
            carried.applications[done.factor_id] = begun.secret or ""
        else:
            carried.passkeys[done.factor_id] = key

    def begin(self, who: Actor, kind: str, given: str | None) -> second_factor.Enrolment:
        """The first one asks for the password, unless they have just signed in."""
        word = who.account.password if who.account and given == "the right one" else given
        viewer = self.ground.run(who.viewer())
        asks = viewer.user_id is not None and not plainly.factors_of(self.now, viewer.user_id)
        asks = asks and not self.is_recent(viewer)
        begun = self.step(second_factor.start_enrolment(viewer, kind, word), "begin to enrol", who.account)
        assert begun.challenge is None or not asks or (given == "the right one"), f"{given!r} was enough"
        codes = {one.code for one in begun.errors}
        assert asks or not codes & {ErrorCode.PASSWORD_NEEDED, ErrorCode.WRONG_PASSWORD}, "asked for nothing"
        if begun.errors and not codes & {ErrorCode.WRONG_PASSWORD, ErrorCode.ACCOUNT_LOCKED}:
            assert self.now == self.before, "begin to enrol was refused, and changed something"
        return begun

    def is_recent(self, viewer: Viewer) -> bool:
        one = self.now["sessions"].get(viewer.session_id)
        since = clock.to_microseconds(clock.now() - timedelta(minutes=15))
        return one is not None and one["created_at"] > since

    @drives("removeSecondFactor")
    @rule(who=ABLE | ACTOR, whose=ACCOUNT, own=st.booleans())
    def remove_factor(self, who: Actor, whose: Account, own: bool) -> None:
        theirs = plainly.factors_of(self.now, (who.account if own and who.account else whose).id)
        self.act(who, "remove a second factor", lambda viewer: second_factor.remove(viewer, next(iter(theirs), 0)))
        for one in self.now["users"].values():
            if plainly.is_second_factor_required(one) and plainly.factors_of(self.before, one["id"]):
                assert plainly.factors_of(self.now, one["id"]), "the last one stays where one is required"

    @drives("regenerateRecoveryCodes")
    @rule(who=ABLE | ACTOR)
    def renew_codes(self, who: Actor) -> None:
        codes: list[str] = []

        async def work(viewer: Viewer) -> list[UserError]:
            made, errors = await second_factor.renew_recovery_codes(viewer)
            codes.extend(made)
            return errors

        self.act(who, "renew recovery codes", work)
        if who.account is not None:
            who.account.factors.codes += codes

    @drives("forgetTrustedDevices")
    @rule(who=ABLE | ACTOR)
    def forget_devices(self, who: Actor) -> None:
        self.act(who, "forget devices", lambda viewer: trusted_device.forget(viewer, None))

    @drives("resetSecondFactor")
    @rule(asked=asked())
    def reset_factor(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "reset a second factor", lambda viewer: second_factor.reset(viewer, whom.id))


def first_proof(begun: second_factor.Enrolment, key: Authenticator) -> Proof:
    """What confirms an enrolment."""
    if begun.passkey_request is not None:
        request: Mapping[str, Any] = begun.passkey_request
        return Proof(passkey=key.make(dict(request)))
    return Proof(code=pyotp.TOTP(begun.secret or "").at(clock.now()))
