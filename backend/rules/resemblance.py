"""Whether an account's details still are the same person's: an account is not handed on by editing it (R-ACC-07).

Plain functions over plain data. Three things are told apart, for a name before and after:

- a **correction**: the same name written otherwise (case, accents, hyphens, apostrophes, spaces, words in another
  order), or a slip of the keyboard: a letter wrong, missing, added, or two swapped; one slip in a name of 4 to 7
  letters, two in a longer one, none in a shorter one;
- a name that **resembles** the one before: a correction, or one that keeps it and adds to it, or keeps a part of it:
  « Dupont », « Dupont-Martin » (a married name, a second first name);
- a name that does not, « Dupont » become « Martin ».

Nothing is known of diminutives: « Alex » does not resemble « Alexandre », and such a change asks for a reason.
"""

import re
from dataclasses import dataclass

from backend.database.text import fold

_APART = re.compile(r"[^\w]+|_+")
_PARTICLES = frozenset(
    "al ben d da de del della den der des di do dos du el la le les l saint sainte st ste van von".split()
)
"""Words that so many names share that keeping one is not keeping the name."""


@dataclass(frozen=True)
class Identity:
    """What says whose account it is."""

    first_name: str
    last_name: str
    email: str


def is_correction(before: str, after: str) -> bool:
    """Whether a name is the same, written otherwise or with a slip of the keyboard mended."""
    old, new = _words(before), _words(after)
    if sorted(old) == sorted(new) or "".join(old) == "".join(new):
        return True
    longest = max(len("".join(old)), len("".join(new)))
    allowed = 0 if longest < 4 else 1 if longest < 8 else 2
    return _distance("".join(old), "".join(new)) <= allowed


def resembles(before: str, after: str) -> bool:
    """Whether a name keeps the one before, or a part of it, as a married name or a second first name does."""
    old, new = (frozenset(_words(name)) for name in (before, after))
    kept = (old & new) - _PARTICLES
    return is_correction(before, after) or (bool(kept) and (old <= new or new <= old))


def is_handed_on(before: Identity, after: Identity) -> bool:
    """Whether details have become somebody else's: two or more of first name, last name and e-mail no longer resemble.

    Another mailbox does not resemble: nothing in an address says who reads it.
    """
    far = [
        not resembles(before.first_name, after.first_name),
        not resembles(before.last_name, after.last_name),
        not _is_same_mailbox(before, after),
    ]
    return sum(far) >= 2


def changes_name_and_mailbox(before: Identity, after: Identity) -> bool:
    """Whether one edit changes the e-mail and the last name together, were the name's change the smallest."""
    return _words(before.last_name) != _words(after.last_name) and not _is_same_mailbox(before, after)


def _is_same_mailbox(before: Identity, after: Identity) -> bool:
    return before.email.casefold() == after.email.casefold()


def _words(name: str) -> list[str]:
    return [word for word in _APART.split(fold(name)) if word]


def _distance(one: str, other: str) -> int:
    """Letters wrong, missing, added, or swapped with their neighbour, between two words."""
    before: list[int] = []
    above = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, facing in enumerate(other, 1):
            cost = min(above[column] + 1, line[-1] + 1, above[column - 1] + (letter != facing))
            if row > 1 and column > 1 and (letter, one[row - 2]) == (other[column - 2], facing):
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, above = above, line
    return above[-1]
