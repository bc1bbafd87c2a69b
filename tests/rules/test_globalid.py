"""Opaque identifiers: what was given comes back, and nothing else is taken."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.rules import globalid
from backend.rules.error import BadRequest

TYPES = st.sampled_from(sorted(globalid._TYPES))
NUMBERS = st.integers(0, 10**18 - 1)


def raw(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def code(identifier: str) -> str | None:
    try:
        globalid.decode(identifier)
    except BadRequest as refusal:
        return refusal.code
    return None


@given(TYPES, NUMBERS)
def test_an_identifier_names_the_object_it_was_made_for(type_name: str, number: int) -> None:
    assert globalid.decode(globalid.encode(type_name, number)) == (type_name, number)


@given(TYPES, TYPES, NUMBERS)
def test_an_identifier_of_another_type_names_nothing(type_name: str, other: str, number: int) -> None:
    found = globalid.expect(globalid.encode(type_name, number), other)
    assert found == (number if type_name == other else None)


@given(st.text() | st.binary().map(lambda content: base64.urlsafe_b64encode(content).decode()))
def test_whatever_is_sent_is_decoded_or_refused(identifier: str) -> None:
    assert code(identifier) in {None, "BAD_ID"}


@given(TYPES, NUMBERS, st.integers(0, 60), st.characters())
def test_there_is_one_writing_of_an_identifier(type_name: str, number: int, place: int, letter: str) -> None:
    given_one = globalid.encode(type_name, number)
    changed = given_one[:place] + letter + given_one[place + 1 :]
    taken = code(changed) is None
    assert not taken or globalid.encode(*globalid.decode(changed)) == changed


@pytest.mark.parametrize(
    "identifier",
    [
        "",
        "1",
        "Courrier:1",
        raw("Courrier:"),
        raw("Courrier"),
        raw("Courrier:-1"),
        raw("Courrier:+1"),
        raw("Courrier:01"),
        raw("Courrier: 1"),
        raw("Courrier:1 "),
        raw("Courrier:1_0"),
        raw("Courrier:1.0"),
        raw("Courrier:1:1"),
        raw("Courrier:²"),
        raw("Courrier:١"),
        raw("Courrier:" + "9" * 19),
        raw("Courrier:" + "9" * 5000),
        raw("Inconnu:1"),
        raw("courrier:1"),
        raw("Courrier:1\0"),
        base64.urlsafe_b64encode(b"Courrier:1").decode(),
        raw("Courrier:1") + "\n",
        " " + raw("Courrier:1"),
        raw("Courrier:1") + "====",
        "\ud800",
        "é" * 20,
        "A" * 200_000,
    ],
)
def test_a_forged_foreign_huge_or_padded_identifier_is_refused(identifier: str) -> None:
    assert code(identifier) == "BAD_ID"


def test_the_refusal_does_not_repeat_a_long_identifier() -> None:
    with pytest.raises(BadRequest) as refusal:
        globalid.decode("A" * 200_000)
    assert len(refusal.value.message) < 200
