"""SIRET numbers (Insee): a Luhn key, La Poste apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.rules import siret
from tests import builders

DIGITS = st.text("0123456789", min_size=14, max_size=14)
ORDINARY = DIGITS.filter(lambda digits: not digits.startswith(siret.LA_POSTE))


def luhn(digits: str) -> bool:
    """The definition: every second digit from the right doubled, and its digits added."""
    doubled = [str(int(digit) * 2) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return sum(int(digit) for digit in "".join(doubled)) % 10 == 0


@given(ORDINARY)
def test_a_siret_is_valid_where_its_luhn_sum_is_a_multiple_of_ten(digits: str) -> None:
    assert siret.is_valid(digits) == luhn(digits)


@given(ORDINARY)
def test_one_wrong_digit_is_always_seen(digits: str) -> None:
    others = [
        digits[:place] + other + digits[place + 1 :]
        for place in range(14)
        for other in "0123456789"
        if other != digits[place]
    ]
    kept = [one for one in others if siret.is_valid(one) and not one.startswith(siret.LA_POSTE)]
    assert not (siret.is_valid(digits) and kept)


@given(st.text().filter(lambda text: len(text) != 14 or not text.isascii() or not text.isdigit()))
def test_what_is_not_fourteen_digits_is_no_siret(text: str) -> None:
    assert not siret.is_valid(text)


@pytest.mark.parametrize("number", ["١٢٣٤٥٦٧٨٩٠١٢٣٤", "１８００２００２６００２９９", "²²²²²²²²²²²²²²"])
def test_digits_of_other_scripts_are_none(number: str) -> None:
    assert not siret.is_valid(number)


@pytest.mark.parametrize("number", ["35600000000048", "35600000049837", "35600000009075"])
def test_establishments_of_la_poste_follow_their_own_rule(number: str) -> None:
    assert siret.is_valid(number)


@given(st.integers(0, 10**9))
def test_the_builders_make_valid_ones(number: int) -> None:
    assert siret.is_valid(builders.siret(number))


@given(ORDINARY, st.lists(st.integers(0, 14)))
def test_spaces_between_digits_do_not_count(digits: str, places: list[int]) -> None:
    spaced = digits
    for place in places:
        spaced = spaced[:place] + " \u00a0"[place % 2] + spaced[place:]
    assert siret.normalised(spaced) == digits
