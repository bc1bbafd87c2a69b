"""Random sequences of everything that can be done to accounts, by everybody, with time moved (Hypothesis).

What an operation answers is not predicted, but for second factors: whatever it did, the invariants of the domain must
hold after it, and the journal must tell all of it, done by somebody who was allowed to.
"""

from tests.rules.machine.by_administrators import ByAdministrators
from tests.rules.machine.by_oneself import ByOneself
from tests.rules.machine.by_operators import ByOperators
from tests.rules.machine.in_time import InTime
from tests.rules.machine.invariants import Invariants


class AccountMachine(ByAdministrators, ByOneself, ByOperators, InTime, Invariants):
    """Everything, one example."""
