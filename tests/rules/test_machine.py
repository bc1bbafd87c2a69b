"""The invariants of accounts hold under attack: random sequences of every operation, by everybody (R-ACC-01 to 14).

The sequences are the same at each run, so that a failure is one of the change that is tested. To search further, for
as long as one likes, in random ones:

    pytest tests/rules/test_machine.py --hypothesis-profile=long -k sqlite
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import hypothesis
import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck
from hypothesis.stateful import run_state_machine_as_test

from backend import clock
from backend.rules import password
from backend.rules.details import Edit
from backend.rules.right import Wanted
from backend.schema.build import schema
from tests.rules.ground import opened
from tests.rules.machine.by_oneself import PASSWORDS
from tests.rules.machine.machine import AccountMachine
from tests.rules.machine.steps import DRIVEN
from tests.rules.machine.with_factors import AGAIN, BY_CODE, BY_PASSKEY, BY_RECOVERY_CODE, COPIED
from tests.rules.machine.world import BEGINNING, PEOPLE, World

OF_LETTERS = {
    "markCourriers",
    "depositCourrier",
    "acknowledgeCourrier",
    "withdrawCourrier",
    "defineCourrierType",
    "openDepositBatch",
    "loadDepositBatch",
    "rehearseDepositBatch",
    "publishDepositBatch",
    "cancelDepositBatch",
    "createApiClient",
    "revokeApiClient",
    "exportCourriers",
    "saveView",
    "deleteView",
    "openDueCalendar",
    "closeDueCalendar",
    "updateNotificationPreferences",
    "retryNotifications",
    "remindNonReaders",
}
OF_DELEGATIONS = {
    "requestDelegations",
    "acceptDelegation",
    "refuseDelegation",
    "withdrawDelegation",
    "withdrawDelegations",
    "remindDelegations",
    "extendDelegation",
    "endDelegation",
    "setDelegationMembers",
}
"""The mutations that are not about accounts, sessions, rights, services or terms."""


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2id at its cheapest: hundreds are verified. The hashes of tests/builders.py are made alike."""
    monkeypatch.setattr(password, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    password._nobody.cache_clear()
    yield
    password._nobody.cache_clear()


@pytest.fixture(autouse=True)
def few_identifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Identifiers drawn from a few, so that one would soon be given again."""
    drawn = iter(range(10**8))
    monkeypatch.setattr("backend.rules.user.secrets.randbelow", lambda limit: next(drawn) % min(limit, 7))


@contextmanager
def a_world(url: str) -> Iterator[World]:
    """Everybody at the beginning."""
    with opened(url) as ground:
        with clock.moved_to(datetime.fromisoformat(BEGINNING)):
            world = World.build(ground)
        yield world


def drive(url: str, examples: int, steps: int) -> None:
    """Run the machine."""
    long = hypothesis.settings.get_current_profile_name() == "long"
    chosen = hypothesis.settings(
        max_examples=hypothesis.settings().max_examples if long else examples,
        stateful_step_count=60 if long else steps,
        derandomize=not long,
        suppress_health_check=list(HealthCheck),
    )
    with a_world(url) as world:
        run_state_machine_as_test(lambda: AccountMachine(world), settings=chosen)


def test_the_invariants_hold_on_sqlite(sqlite_url: str) -> None:
    drive(sqlite_url, examples=70, steps=25)


@pytest.mark.postgres
def test_the_invariants_hold_on_postgresql(postgres_url: str) -> None:
    drive(postgres_url, examples=15, steps=25)


def test_every_mutation_about_accounts_is_driven() -> None:
    """A new one fails here until the machine drives it."""
    root = schema()._schema.mutation_type
    assert root is not None
    assert set(root.fields) - OF_LETTERS - OF_DELEGATIONS == DRIVEN


def test_the_machine_can_do_everything_it_tries(sqlite_url: str) -> None:
    """What is always refused proves little."""
    with a_world(sqlite_url) as world:
        machine = AccountMachine(world)
        account = {str(one): one for one in machine.accounts}
        actor = {str(one): one for one in machine.actors}
        alix, chloe, emile = actor["Alix at Royan"], account["Chloé at Royan"], account["Émile at Royan"]
        operator, staff = actor["an operator"], actor["an operators' administrator"]
        theirs = account["an operators' administrator"]
        for what, *given in (
            (machine.create, alix, "their own", PEOPLE[0], False, [Wanted("COTISATIONS", 2)], "a key"),
            (machine.load, alix, "their own", [(PEOPLE[2], "Utilisateur")], False, None),
            (machine.export_rights, alix),
            (machine.reopen, (alix, account["Émile at Royan"])),
            (machine.confirm_rights, (alix, [account["Émile at Royan"]])),
            (machine.change_details, (alix, chloe), Edit(phone="05 46 00 00 00")),
            (machine.change_own_details, alix, Edit(email="a@b.example")),
            (machine.follow_link, account["Alix at Royan"], 0, PASSWORDS[0]),
            (machine.change_password, actor["Elsa of the centre"], True, PASSWORDS[0]),
            (machine.forget_identifier, PEOPLE[3]),
            (machine.enrol, staff, "TOTP", None),
            (machine.enrol, staff, "PASSKEY", None),
            (machine.log_in, theirs, BY_CODE, False),
            (machine.log_in, theirs, AGAIN, False),
            (machine.log_in, theirs, BY_PASSKEY, False),
            (machine.log_in, theirs, COPIED, False),
            (machine.log_in, theirs, BY_RECOVERY_CODE, True),
            (machine.log_in, theirs, BY_CODE, False),
            (machine.confirm_again, staff, BY_PASSKEY),
            (machine.renew_codes, staff),
            (machine.forget_devices, staff),
            (machine.remove_factor, staff, chloe, True),
            (machine.enrol, actor["Chloé at Royan"], "PASSKEY", "the right one"),
            (machine.reset_factor, (alix, chloe)),
            (machine.log_in, chloe, BY_CODE, False),
            (machine.register, operator, 1, PEOPLE[0]),
            (machine.change_establishment, operator, "Pons", "A"),
            (lambda: machine.nominate(operator, machine.accounts[-1], PEOPLE[2], True),),
            (machine.cancel_invitation, (alix, account["Denis at Royan"])),
            (machine.set_profile, (alix, chloe), True),
            (machine.give, (alix, [chloe]), [Wanted("COURRIERS", 2)]),
            (machine.copy, (alix, [chloe, emile])),
            (machine.invite_again, (alix, emile)),
            (machine.follow_link, emile, 0, PASSWORDS[0]),
            (machine.mistype, emile, 5),
            (machine.unlock, (alix, emile)),
            (machine.forget_password, emile),
            (machine.log_in, emile, BY_CODE, False),
            (lambda: machine.end_session(machine.actors[-2], machine.actors[-2]),),
            (machine.act_for, actor["Farid of the centre"], "Royan"),
            (machine.log_out, actor["Farid of the centre"]),
            (machine.publish_service, operator, "NOUVEAU", 0),
            (machine.review, alix, "their own", ["NOUVEAU"]),
            (machine.run_jobs,),
            (machine.close_service, operator, "NOUVEAU", 10),
            (machine.publish_terms, operator, 1, 0, False),
            (machine.accept, alix, ["their own", "Saintes"], "in force"),
            (machine.everybody_accepts,),
            (machine.require_a_second_factor, "administrators"),
            (machine.require_a_second_factor, "optional"),
            (machine.wait, "a day"),
            (machine.come_to_work, "Royan"),
            (machine.renew, (alix, [emile])),
            (machine.delete, (alix, [emile])),
            (machine.wait_for_the_next_expiry,),
            (machine.run_jobs,),
        ):
            what(*given)
            machine.everything_holds()
        machine.teardown()
    assert machine.never_done == []
