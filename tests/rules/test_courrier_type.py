"""The catalogue: models of letter defined by operators (R-COU-09, R-COU-17)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend.models import CourrierType
from backend.rules import access, courrier_type
from backend.rules.courrier_type import Definition
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables

MODEL = Definition(
    "cnracl_appel", " Appel  de cotisations ", "CNRACL", "COURRIERS", "DIGITAL", True, 120, date(2026, 1, 1)
)


async def ground() -> Viewer:
    for code in ("CNRACL", "FNC"):
        await builders.fund(code)
    await builders.service("COURRIERS")
    await builders.service("COTISATIONS")
    await builders.service("FERMÉ", closed_on=date(2020, 1, 1))
    return builders.viewer(await builders.operator())


async def test_an_operator_adds_a_model_and_changes_it(database: str) -> None:  # R-COU-17
    viewer = await ground()
    made = await courrier_type.define(viewer, MODEL)
    [kind] = await CourrierType.all()
    assert (made.type_id, made.errors) == (kind.id, ())
    assert (kind.code, kind.label, kind.notifies_by_email) == ("CNRACL_APPEL", "Appel de cotisations", True)
    changed = await courrier_type.define(viewer, replace(MODEL, service="COTISATIONS", notifies_by_email=False))
    assert (changed.type_id, await CourrierType.all().count()) == (kind.id, 1)
    again = await courrier_type.define(viewer, replace(MODEL, service="COTISATIONS", notifies_by_email=False))
    assert again.errors == ()
    first, second = await tables.journal("courrier_type.defined")  # and nothing for what changed nothing
    assert first["body"]["facts"]["is_new"] is True
    assert set(second["body"]["changes"]) == {"service_id", "notifies_by_email"}


async def test_who_reads_follows_the_service_at_once(database: str) -> None:  # R-COU-05
    operator = await ground()
    await courrier_type.define(operator, MODEL)
    town = await builders.establishment()
    reader = builders.viewer(await builders.user(town, rights={"COTISATIONS": 1}))
    letter = await builders.courrier(town, kind=await CourrierType.get(code="CNRACL_APPEL"))
    assert (await access.capacity(reader, letter.id))[0] is False
    await courrier_type.define(operator, replace(MODEL, service="COTISATIONS"))
    assert (await access.capacity(reader, letter.id))[0] is True


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"code": "9a"}, "INVALID_VALUE", "code"),
        ({"label": " "}, "INVALID_VALUE", "label"),
        ({"service": "INCONNU"}, "UNKNOWN_SERVICE", "service"),
        ({"service": "FERMÉ"}, "UNKNOWN_SERVICE", "service"),
        ({"fund": "FNC"}, "INVALID_VALUE", "channel"),  # R-COU-09: all of FNC and FAEFM leaves by post too
        ({"retention_months": 6}, "INVALID_VALUE", "retentionMonths"),
        ({"available_since": date(1789, 7, 14)}, "INVALID_VALUE", "availableSince"),
    ],
)
async def test_a_model_that_cannot_be_is_refused(database: str, given: dict[str, Any], code: str, path: str) -> None:
    viewer = await ground()
    before = await tables.digest()
    refused = await courrier_type.define(viewer, replace(MODEL, **given))
    assert [(one.code, one.path) for one in refused.errors] == [(code, (path,))]
    assert await tables.digest() == before


async def test_a_model_keeps_its_fund(database: str) -> None:
    viewer = await ground()
    await courrier_type.define(viewer, MODEL)
    refused = await courrier_type.define(viewer, replace(MODEL, fund="FNC", channel="DIGITAL_AND_POST"))
    assert [one.path for one in refused.errors] == [("fund",)]


async def test_only_operators_keep_the_catalogue(database: str) -> None:
    await ground()
    chief = builders.viewer(await builders.user(administrator=True))
    for viewer in (chief, Viewer(), Viewer(api_client_id=1, scopes=frozenset({access.DEPOSIT_COURRIERS}))):
        assert [one.code for one in (await courrier_type.define(viewer, MODEL)).errors] == ["NOT_ALLOWED"]
    assert await CourrierType.all().count() == 0
