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
from tests.rules.account_machine import DRIVEN, PASSWORDS, AccountMachine
from tests.rules.account_world import BEGINNING, PEOPLE, World
from tests.rules.ground import opened

OF_LETTERS = {"markCourriers", "depositCourrier"}
"""The mutations that are not about accounts, sessions, rights or terms."""

NOT_YET = {"acceptTerms", "publishTerms", "publishService", "reviewServices"}
"""Those that are being made, to be driven as they come."""


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
    drive(sqlite_url, examples=60, steps=25)


@pytest.mark.postgres
def test_the_invariants_hold_on_postgresql(postgres_url: str) -> None:
    drive(postgres_url, examples=10, steps=25)


def test_every_mutation_about_accounts_is_driven() -> None:
    """A new one fails here until the machine drives it."""
    root = schema()._schema.mutation_type
    assert root is not None
    assert set(root.fields) - OF_LETTERS - NOT_YET == DRIVEN


def test_the_machine_can_do_everything_it_tries(sqlite_url: str) -> None:
    """What is always refused proves little."""
    with a_world(sqlite_url) as world:
        machine = AccountMachine(world)
        account = {str(one): one for one in machine.accounts}
        actor = {str(one): one for one in machine.actors}
        alix, chloe, emile = actor["Alix at Royan"], account["Chloé at Royan"], account["Émile at Royan"]
        for what, *given in (
            (machine.create, alix, "their own", PEOPLE[0], False, [Wanted("COTISATIONS", 2)], "a key"),
            (machine.load, alix, "their own", [(PEOPLE[2], "Utilisateur")], False, None),
            (machine.export_rights, alix),
            (machine.reopen, (alix, account["Émile at Royan"])),
            (machine.change_details, (alix, chloe), Edit(phone="05 46 00 00 00")),
            (machine.change_own_details, alix, Edit(email="a@b.example")),
            (machine.follow_link, account["Alix at Royan"], 0, PASSWORDS[0]),
            (machine.change_password, actor["Elsa of the centre"], True, PASSWORDS[0]),
            (machine.forget_identifier, PEOPLE[3]),
            (machine.enrol, actor["an operators' administrator"]),
            (machine.log_in, account["an operators' administrator"]),
            (machine.confirm_again, actor["an operators' administrator"]),
            (machine.renew_codes, actor["an operators' administrator"]),
            (machine.forget_devices, actor["an operators' administrator"]),
            (machine.remove_factor, actor["an operators' administrator"], chloe, True),
            (machine.enrol, actor["Chloé at Royan"]),
            (machine.reset_factor, (alix, chloe)),
            (machine.log_in, chloe),
            (machine.register, actor["an operator"], 1, PEOPLE[0]),
            (machine.change_establishment, actor["an operator"], "Pons", "A"),
            (lambda: machine.nominate(actor["an operator"], machine.accounts[-1], PEOPLE[2], True),),
            (machine.cancel_invitation, (alix, account["Denis at Royan"])),
            (machine.set_profile, (alix, chloe), True),
            (machine.give, (alix, [chloe]), [Wanted("COURRIERS", 2)]),
            (machine.copy, (alix, [chloe, emile])),
            (machine.invite_again, (alix, emile)),
            (machine.follow_link, emile, 0, PASSWORDS[0]),
            (machine.mistype, emile, 5),
            (machine.unlock, (alix, emile)),
            (machine.forget_password, emile),
            (machine.log_in, emile),
            (lambda: machine.end_session(machine.actors[-2], machine.actors[-2]),),
            (machine.act_for, actor["Farid of the centre"], "Royan"),
            (machine.log_out, actor["Farid of the centre"]),
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
