"""Every action recorded anywhere has its French sentence, and every field that may change its name (R-JRN-01)."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.reads import sentence
from backend.reads.sentence import Named, changes_of, summary_of
from backend.schema.enums import AuditCategory
from backend.web import journal as exported

BACKEND = Path(__file__).resolve().parents[2] / "backend"

MADE_UP = {"courrier.{}": ("courrier.opened", "courrier.downloaded")}
"""Actions whose name is put together, and what it may be."""


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(BACKEND.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
                if name in {"Event", "_event", "_record", "record_event"} and "/gateways/" not in str(path):
                    yield f"{path.relative_to(BACKEND)}:{node.lineno}", node


def _first(call: ast.Call) -> ast.expr:
    """The argument that says the action: the first that reads like one, or the first."""
    given = [*call.args, *(one.value for one in call.keywords if one.arg == "action")]
    like_one = [one for one in given if isinstance(one, ast.Constant) and re.fullmatch(r"\w+\.\w+", str(one.value))]
    return (like_one or given)[0]


def _actions(of: ast.expr) -> list[str] | None:
    """The actions an expression may stand for; None for a name, told where it was given."""
    if isinstance(of, ast.Constant):
        return [of.value]
    if isinstance(of, ast.IfExp):
        return [*(_actions(of.body) or ()), *(_actions(of.orelse) or ())]
    if isinstance(of, ast.JoinedStr):
        pattern = "".join(one.value if isinstance(one, ast.Constant) else "{}" for one in of.values)
        assert pattern in MADE_UP, f"say in MADE_UP which actions {pattern} may be"
        return list(MADE_UP[pattern])
    return None


def recorded() -> dict[str, str]:
    """Every action recorded in the code, and where."""
    found = {}
    for where, call in _calls():
        for action in _actions(_first(call)) or ():
            found[action] = where
    return found


def test_the_actions_are_found() -> None:
    assert len(recorded()) > 15
    assert {"user.created", "right.changed", "courrier.opened", "session.refused", "user.renewed"} <= set(recorded())


def test_an_action_that_is_not_written_out_is_handed_on() -> None:
    """`_event(action, …)` may give on what it was given; nothing else may hide an action from this test."""
    unknown = {where: ast.unparse(_first(call)) for where, call in _calls() if _actions(_first(call)) is None}
    assert set(unknown.values()) <= {"action"}, unknown


@pytest.mark.parametrize("action", sorted(recorded()))
def test_every_action_recorded_has_its_sentence(action: str) -> None:
    assert action in sentence.SENTENCES, f"{recorded()[action]} needs a line in backend/reads/sentence.py"


@pytest.mark.parametrize("action", sorted(sentence.SENTENCES))
@pytest.mark.parametrize("is_own", [True, False])
def test_every_sentence_can_be_said_of_anything(action: str, is_own: bool) -> None:
    """With nothing known, the details having been erased, too."""
    told = summary_of(Named(action, "Claire {Martin}", is_own=is_own))
    assert told
    assert told[0] == told[0].upper()
    assert "None" not in told
    assert not told.endswith(".")
    full = Named(action, "Claire Martin", "Paul Durand", "Royan", "Saintes", is_own=is_own)
    assert "Saintes" in summary_of(full), "for whom is always told (R-DEL-07)"


def test_every_field_that_changes_has_its_name() -> None:
    """The keys of `changes={…}` written out in calls of Event, and of dictionaries named changes."""
    fields: dict[str, str] = {}
    for path in sorted((BACKEND / "rules").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            given = None
            if (isinstance(node, ast.keyword) and node.arg == "changes") or (
                isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == ["changes"]
            ):
                given = node.value
            if isinstance(given, ast.Dict):
                for key in given.keys:
                    if isinstance(key, ast.Constant):
                        fields[key.value] = f"{path.relative_to(BACKEND)}:{node.value.lineno}"
    assert {"email", "profile", "expires_on"} <= set(fields)
    assert {name: where for name, where in fields.items() if name not in sentence.FIELDS} == {}


def test_categories_are_the_same_everywhere() -> None:
    told = {one.category for one in sentence.SENTENCES.values()}
    assert told <= {one.value for one in AuditCategory} == set(exported.CATEGORIES)


@pytest.mark.parametrize(
    ("changes", "is_own", "told"),
    [
        ({"COURRIERS": ["NONE", "MODIFY"]}, False, "a donné à Paul Durand le niveau Modification sur Vos courriers"),
        ({"COURRIERS": ["READ", "NONE"]}, False, "a retiré à Paul Durand le droit sur Vos courriers"),
        ({"COURRIERS": ["NONE", "READ"]}, True, "s’est donné le niveau Lecture seule sur Vos courriers"),
        ({"A": ["NONE", "READ"], "B": ["NONE", "READ"]}, False, "a modifié les droits de Paul Durand sur 2 services"),
    ],
)
def test_rights_are_told_in_one_sentence(changes: dict[str, list[str]], is_own: bool, told: str) -> None:
    read = changes_of(changes, {"COURRIERS": "Vos courriers"}, {})
    event = Named("right.changed", "Claire Martin", "Paul Durand", is_own=is_own, changes=read)
    assert summary_of(event) == f"Claire Martin {told}"


def test_values_are_told_as_people_read_them() -> None:
    told = changes_of(
        {
            "profile": ["USER", "ADMINISTRATOR"],
            "expires_on": ["2026-03-01", "2027-05-25"],
            "locked_at": ["2026-07-01T10:05:00+00:00", None],
            "phone": [None, "05 46 00 00 00"],
            "civility": [None, None],
            "COURRIERS": ["NONE", "READ"],
            "acting_for": [None, 4],
        },
        {"COURRIERS": "Vos courriers"},
        {4: "Commune de Royan"},
    )
    assert [(one.field, one.before, one.after) for one in told] == [
        ("Profil", "Utilisateur", "Administrateur"),
        ("Expire le", "1er\u00a0mars\u00a02026", "25\u00a0mai\u00a02027"),
        ("Bloqué depuis", "1er\u00a0juillet\u00a02026 à 12 h 05", None),
        ("Téléphone", None, "05 46 00 00 00"),
        ("Vos courriers", "Aucun", "Lecture seule"),
        ("Agit pour", None, "Commune de Royan"),
    ]


def test_a_secret_would_never_be_told() -> None:
    assert changes_of({"password_hash": ["a", "b"], "token": [None, "c"]}, {}, {}) == ()


@pytest.mark.parametrize(
    ("name", "told"), [("Odile", "d’Odile"), ("Yves", "d’Yves"), ("Yann", "de Yann"), ("Hugo", "de Hugo")]
)
def test_de_is_elided_before_a_vowel(name: str, told: str) -> None:
    event = sentence.Named("user.expired", actor="La plateforme", subject=f"{name} Perrin")
    assert sentence.summary_of(event) == f"Le compte {told} Perrin a expiré"
