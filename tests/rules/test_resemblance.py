"""What tells a correction from a change of name, and a change of name from a take-over (R-ACC-07)."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.rules.resemblance import Identity, changes_name_and_mailbox, is_correction, is_handed_on, resembles

NAMES = some.text("abcdefghijklmnopqrstuvwxyzéèêëçœÉÇ-' ", min_size=1, max_size=30).filter(
    lambda name: any(letter.isalpha() for letter in name)
)
ZOE = Identity("Zoé", "Lefèvre", "zoe.lefevre@royan.example")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Lefèvre", "LEFEVRE"),
        ("Lefèvre", "Lefevre"),
        ("Lecœur", "Lecoeur"),
        ("Martin-Dupont", "Martin Dupont"),
        ("Martin Dupont", "Dupont Martin"),
        ("O’Brien", "Obrien"),
        ("d'Alembert", "D’Alembert"),
        ("Jean-Luc", "Jean Luc"),
        ("Dupnot", "Dupont"),
        ("Dupond", "Dupont"),
        ("Duont", "Dupont"),
        ("Duppont", "Dupont"),
        ("Benalli", "Benali"),
        ("Rousselott", "Rousselot"),
        ("Lemarchnad", "Lemarchand"),
        ("Lemarchent", "Lemarchand"),
        ("Le Goff", "Legoff"),
    ],
)
def test_the_same_name_written_otherwise_is_a_correction(before: str, after: str) -> None:
    assert is_correction(before, after)
    assert resembles(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Dupont", "Dupont-Martin"),
        ("Dupont-Martin", "Dupont"),
        ("Dupont", "Dupont ép. Martin"),
        ("Marie", "Marie-Claude"),
        ("Ly", "Ly-Martin"),
        ("De Gaulle", "De Gaulle Anthonioz"),
    ],
)
def test_a_name_that_keeps_the_one_before_resembles_it_without_being_a_correction(before: str, after: str) -> None:
    assert not is_correction(before, after)
    assert resembles(before, after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Dupont", "Martin"),
        ("Zoé", "Léo"),
        ("Ly", "Le"),
        ("Roy", "Rey"),
        ("Dupont-Martin", "Dupont-Lefèvre"),
        ("Le Goff", "Le"),
        ("De La Tour", "De La Croix"),
        ("Martin", "Martinez-Garcia"),
        ("Alex", "Alexandre"),
        ("Bernard", "Besnard-Lacroix"),
        ("Durand", "Dumont"),
    ],
)
def test_another_name_does_not_resemble(before: str, after: str) -> None:
    assert not is_correction(before, after)
    assert not resembles(before, after)


@given(NAMES, NAMES)
def test_resembling_goes_both_ways(one: str, other: str) -> None:
    assert is_correction(one, other) == is_correction(other, one)
    assert resembles(one, other) == resembles(other, one)


@given(NAMES)
def test_a_name_is_itself_whatever_its_case_hyphens_and_spaces(name: str) -> None:
    assert is_correction(name, name.upper())
    assert is_correction(name, f" {name.replace(' ', '-')} ")


@given(NAMES.filter(lambda name: len(name) >= 4), some.integers(0, 40), some.sampled_from("aeinrst"))
def test_one_letter_too_many_in_a_long_enough_name_is_a_slip(name: str, place: int, letter: str) -> None:
    slipped = name[: place % len(name)] + letter + name[place % len(name) :]
    assert is_correction(name, slipped) or sum(one.isalpha() for one in slipped) < 4


@pytest.mark.parametrize(
    "after",
    [
        Identity("Zoé", "Martin", "zoe.martin@royan.example"),
        Identity("Léo", "Martin", ZOE.email),
        Identity("Léo", ZOE.last_name, "leo@royan.example"),
        Identity("Léo", "Martin", "leo.martin@royan.example"),
    ],
)
def test_two_of_three_that_no_longer_resemble_are_somebody_else(after: Identity) -> None:
    assert is_handed_on(ZOE, after)


@pytest.mark.parametrize(
    "after",
    [
        ZOE,
        Identity("Zoé", "Martin", ZOE.email),
        Identity("Léo", ZOE.last_name, ZOE.email),
        Identity("ZOE", "Lefevre", "zoe@ville-royan.example"),
        Identity("Zoé", "Lefèvre-Martin", "zoe@ville-royan.example"),
        Identity("Zoé", "Martin", ZOE.email.upper()),
    ],
)
def test_one_of_three_is_the_same_person(after: Identity) -> None:
    assert not is_handed_on(ZOE, after)


def test_an_edit_of_the_address_and_the_last_name_is_told_however_small() -> None:
    assert changes_name_and_mailbox(ZOE, Identity("Zoé", "Lefèvres", "zoe@ville-royan.example"))
    assert not changes_name_and_mailbox(ZOE, Identity("Zoé", "LEFEVRE", "zoe@ville-royan.example"))
    assert not changes_name_and_mailbox(ZOE, Identity("Zoé", "Martin", ZOE.email.upper()))
    assert not changes_name_and_mailbox(ZOE, Identity("Léo", "Lefèvre", "leo@royan.example"))
