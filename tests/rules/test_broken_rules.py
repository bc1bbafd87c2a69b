"""The machine of test_machine notices what is broken: rules put out of order on purpose, one at a time.

Random sequences find where to look; what is proved here is that, once there, it is not looked over.
"""

from collections.abc import Callable
from typing import Any

import pytest

from backend import database as db
from backend.rules import access, announcement, journal, own_password, recovery_code, second_factor, terms, user
from tests.rules.machine.machine import AccountMachine
from tests.rules.machine.with_factors import BY_RECOVERY_CODE, COPIED, DEAD
from tests.rules.test_machine import a_world, cheap_passwords, few_identifiers

__all__ = ["cheap_passwords", "few_identifiers"]

Patch = pytest.MonkeyPatch


class Play:
    """A machine, and who is in it, by name."""

    def __init__(self, machine: AccountMachine) -> None:
        self.machine = machine
        self.account = {str(one): one for one in machine.accounts}
        self.actor = {str(one): one for one in machine.actors}


def answers(what: Any) -> Callable[..., Any]:
    async def answer(*_: Any, **__: Any) -> Any:
        return what

    return answer


def without(action: str) -> Callable[..., None]:
    """A journal that forgets one kind of event."""
    record = journal.record

    def recorded(viewer: Any, event: journal.Event) -> None:
        if event.action != action:
            record(viewer, event)

    return recorded


def the_last_administrator_leaves(patch: Patch) -> None:
    patch.setattr(user, "_able_administrators", answers({-1, -2}))


def a_deletion_ends_no_session(patch: Patch) -> None:
    patch.setattr(user, "_end_access", answers(None))


def a_renewal_is_not_journaled(patch: Patch) -> None:
    patch.setattr(journal, "record", without("user.renewed"))


def nobody_is_held_back(patch: Patch) -> None:
    patch.setattr(access, "held_back", lambda *_: "NULL")


def anybody_accepts(patch: Patch) -> None:
    async def asked(_: Any, establishment_ids: list[int]) -> set[int]:
        return set(establishment_ids)

    patch.setattr(terms, "_administered", asked)


def anybody_administers(patch: Patch) -> None:
    patch.setattr(access, "holds_accounts", answers(True))


def anybody_operates(patch: Patch) -> None:
    patch.setattr(access, "still_operates", answers(True))


def a_service_closed_keeps_its_rights(patch: Patch) -> None:
    patch.setattr(
        access,
        "_services_at_home",
        lambda sql, viewer: f"SELECT r.service_id, r.level FROM rights r WHERE r.user_id = {sql.bind(viewer.user_id)}",
    )


def news_are_told_to_nobody(patch: Patch) -> None:
    patch.setattr(announcement, "_tell", answers(None))


def a_recovery_code_serves_twice(patch: Patch) -> None:
    patch.setattr(recovery_code, "use", answers(True))


def a_passkey_may_be_copied(patch: Patch) -> None:
    async def moved(factor_id: int, count: int) -> bool:
        await db.execute("UPDATE second_factors SET counter = $1 WHERE id = $2", [count, factor_id])
        return True

    patch.setattr(second_factor, "_move_counter", moved)


def no_password_is_asked(patch: Patch) -> None:
    patch.setattr(own_password, "is_recent", answers(True))


def publish_terms(play: Play) -> None:
    play.machine.publish_terms(play.actor["an operator"], 1, 0, False)


def publish_and_accept(play: Play) -> None:
    publish_terms(play)
    play.machine.accept(play.actor["Chloé at Royan"], ["Royan"], "in force")


def publish_and_review(play: Play) -> None:
    play.machine.publish_service(play.actor["an operator"], "NOUVEAU", 0)
    play.machine.review(play.actor["Hugo at Marennes"], "their own", ["NOUVEAU"])


def sign_in_twice(first: str, again: str) -> Callable[[Play], None]:
    """With a passkey enrolled."""

    def act(play: Play) -> None:
        chloe = play.account["Chloé at Royan"]
        play.machine.enrol(play.actor["Chloé at Royan"], "PASSKEY", "the right one")
        play.machine.log_in(chloe, first, False)
        play.machine.log_in(chloe, again, False)

    return act


def enrol_later(play: Play) -> None:
    play.machine.wait("half an hour")
    play.machine.enrol(play.actor["Chloé at Royan"], "TOTP", None)


def announce(play: Play) -> None:
    publish_terms(play)
    play.machine.run_jobs()


def of_marennes(what: str, whom: str) -> Callable[[Play], None]:
    """What its administrator does to one account."""

    def act(play: Play) -> None:
        account = play.account[f"{whom} at Marennes"]
        getattr(play.machine, what)((play.actor["Gaëlle at Marennes"], [account]))

    return act


FAULTS: dict[Callable[[Patch], None], Callable[[Play], None]] = {
    the_last_administrator_leaves: of_marennes("delete", "Gaëlle"),
    a_deletion_ends_no_session: of_marennes("delete", "Hugo"),
    a_renewal_is_not_journaled: lambda play: (play.machine.wait("a day"), of_marennes("renew", "Hugo")(play))[1],
    nobody_is_held_back: publish_terms,
    anybody_accepts: publish_and_accept,
    anybody_administers: publish_and_review,
    anybody_operates: lambda play: play.machine.publish_terms(play.actor["Alix at Royan"], 1, 0, False),
    a_service_closed_keeps_its_rights: lambda play: play.machine.close_service(
        play.actor["an operator"], "COURRIERS", 0
    ),
    news_are_told_to_nobody: announce,
    a_recovery_code_serves_twice: sign_in_twice(BY_RECOVERY_CODE, DEAD),
    a_passkey_may_be_copied: sign_in_twice("a passkey", COPIED),
    no_password_is_asked: enrol_later,
}
"""What is broken, and what is done until it shows."""


@pytest.mark.parametrize("is_broken", [False, True], ids=["whole", "broken"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_the_machine_notices(
    sqlite_url: str, monkeypatch: Patch, fault: Callable[[Patch], None], is_broken: bool
) -> None:
    with a_world(sqlite_url) as world:
        machine = AccountMachine(world)
        try:
            if is_broken:
                fault(monkeypatch)
                with pytest.raises(AssertionError):
                    _play(machine, FAULTS[fault])
            else:
                _play(machine, FAULTS[fault])
        finally:
            machine.teardown()


def _play(machine: AccountMachine, act: Callable[[Play], None]) -> None:
    machine.everything_holds()
    act(Play(machine))
    machine.everything_holds()
