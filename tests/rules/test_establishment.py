"""Establishments: registered with their first administrator, and changed, by operators (R-ACC-02, 03, 04)."""

import asyncio
from dataclasses import replace

import pytest

from backend import database as db
from backend.models import Contract as StoredContract
from backend.models import Establishment, User
from backend.rules import establishment
from backend.rules.establishment import Address, Changes, Contract, NewEstablishment
from backend.rules.user import NewUser
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables
from tests.rules.test_user import codes, mails, secret_in

SIRET = builders.siret(4_200_000)
SAINTES = NewEstablishment(
    siret=SIRET,
    name="Commune de Saintes",
    category="COMMUNE",
    address=Address("17100", "Saintes", "Square André Maudet", None, "17415"),
    contracts=(Contract("CNRACL", "17000415"), Contract("IRCANTEC", "0042 17")),
    functional_email="accueil@saintes.example",
)
ALIX = NewUser(0, "Alix", "Bernard", "alix@saintes.example", is_administrator=True, civility="MADAME")


async def an_operator() -> Viewer:
    for code in ("CNRACL", "IRCANTEC"):
        await builders.fund(code)
    return builders.viewer(await builders.operator())


async def a_program(scopes: str = "MANAGE_ESTABLISHMENTS") -> Viewer:
    await an_operator()
    made, _ = await builders.api_client(scopes)
    return Viewer(api_client_id=made.id, scopes=frozenset(scopes.split()))


async def test_an_establishment_is_registered_with_its_administrator(database: str) -> None:  # R-ACC-02, R-ACC-03
    viewer = await an_operator()
    given = replace(SAINTES, siret=f" {SIRET[:3]} {SIRET[3:9]} {SIRET[9:]}", name="  Commune de  Saintes ")
    outcome = await establishment.register(viewer, given, ALIX)
    assert outcome.errors == ()
    town = await Establishment.get(id=outcome.establishment_id)
    assert (town.siret, town.name, town.sort_name) == (SIRET, "Commune de Saintes", "commune de saintes")
    assert (town.departement, town.insee_code, town.is_platform) == ("17", "17415", False)
    assert town.search_text == f"commune de saintes {SIRET} 17100 saintes"
    numbers = await StoredContract.filter(establishment_id=town.id).order_by("id").values_list("fund_id", "number")
    assert numbers == [("CNRACL", "17000415"), ("IRCANTEC", "0042 17")]
    chief = await User.get(id=outcome.user_id)
    assert (chief.is_administrator, chief.identifier, chief.establishment_id) == (True, outcome.identifier, town.id)
    [mail] = await mails()
    assert (mail["kind"], mail["recipient"]) == ("INVITATION", "alix@saintes.example")
    assert secret_in(mail)
    assert "remis par l’équipe de la plateforme" in mail["body_text"]
    assert chief.identifier not in mail["body_text"] + mail["body_html"]
    [event] = await tables.journal("establishment.registered")
    assert (event["actor_id"], event["establishment_id"], event["subject_id"]) == (viewer.user_id, town.id, town.id)
    assert event["body"]["facts"] == {"siret": SIRET}
    assert event["body"]["changes"]["contracts"] == [None, "CNRACL 17000415, IRCANTEC 0042 17"]


async def test_the_first_administrator_is_one_whatever_is_said(database: str) -> None:  # R-ACC-04
    outcome = await establishment.register(await an_operator(), SAINTES, replace(ALIX, is_administrator=False))
    assert (await User.get(id=outcome.user_id)).is_administrator


async def test_a_program_with_the_scope_registers_and_changes(database: str) -> None:
    viewer = await a_program()
    outcome = await establishment.register(viewer, SAINTES, ALIX)
    [mail] = await mails()
    assert "L’équipe de la plateforme vous a ouvert un compte" in mail["body_text"]
    [event] = await tables.journal("establishment.registered")
    assert (event["actor_id"], event["api_client_id"]) == (None, viewer.api_client_id)
    assert await establishment.update(viewer, outcome.establishment_id or 0, Changes(name="Saintes")) == []


async def test_nobody_else_registers_or_changes(database: str) -> None:  # R-ACC-02
    town = await builders.establishment()
    chief = await builders.user(town, administrator=True)
    former = await builders.operator()
    revoked = await a_program()
    await db.execute("UPDATE users SET is_operator = $1 WHERE id = $2", [False, former.id])
    await db.execute("UPDATE api_clients SET revoked_at = 1 WHERE id = $1", [revoked.api_client_id])
    viewers = [builders.viewer(chief), builders.viewer(former), revoked, await a_program("DEPOSIT_COURRIERS"), Viewer()]
    before = await tables.digest()
    for viewer in viewers:
        assert codes(list((await establishment.register(viewer, SAINTES, ALIX)).errors)) == ["NOT_ALLOWED"]
        assert codes(await establishment.update(viewer, town.id, Changes(name="Autre"))) == ["NOT_ALLOWED"]
    assert await tables.digest() == before


@pytest.mark.parametrize(
    ("wrong", "path", "code"),
    [
        ({"siret": "12345678901234"}, ["siret"], "UNKNOWN_SIRET"),
        ({"name": " "}, ["name"], "INVALID_VALUE"),
        ({"name": "x" * 201}, ["name"], "INVALID_VALUE"),
        ({"address": Address("1710", "Saintes")}, ["address", "postalCode"], "INVALID_VALUE"),
        ({"address": Address("١٧١٠٠", "Saintes")}, ["address", "postalCode"], "INVALID_VALUE"),
        ({"address": Address("17100", "")}, ["address", "city"], "INVALID_VALUE"),
        ({"address": Address("17100", "Saintes", "x" * 201)}, ["address", "line1"], "INVALID_VALUE"),
        ({"address": Address("17100", "Saintes", insee_code="2C001")}, ["address", "inseeCode"], "INVALID_VALUE"),
        ({"contracts": ()}, ["contracts"], "INVALID_VALUE"),
        ({"contracts": (Contract("CNRACL", " "),)}, ["contracts", "0", "number"], "INVALID_VALUE"),
        (
            {"contracts": (Contract("CNRACL", "1"), Contract("CNRACL", " 1 "))},
            ["contracts", "1", "number"],
            "INVALID_VALUE",
        ),
        ({"functional_email": "accueil"}, ["functionalEmail"], "INVALID_EMAIL"),
    ],
)
async def test_what_is_said_is_checked(database: str, wrong: dict[str, object], path: list[str], code: str) -> None:
    viewer = await an_operator()
    before = await tables.digest()
    outcome = await establishment.register(viewer, replace(SAINTES, **wrong), ALIX)  # type: ignore[arg-type]
    assert [(one.code.value, list(one.path)) for one in outcome.errors] == [(code, path)]
    assert all(one.message for one in outcome.errors)
    assert await tables.digest() == before


async def test_everything_wrong_is_told_at_once(database: str) -> None:
    outcome = await establishment.register(
        await an_operator(), replace(SAINTES, siret="1", name=""), replace(ALIX, email="alix")
    )
    assert [one.path for one in outcome.errors] == [("siret",), ("name",), ("administrator", "email")]


async def test_a_refused_administrator_takes_the_establishment_back(database: str) -> None:  # R-ACC-04
    viewer = await an_operator()
    before = await tables.digest()
    outcome = await establishment.register(viewer, SAINTES, replace(ALIX, first_name=""))
    assert [one.path for one in outcome.errors] == [("administrator", "firstName")]
    assert await tables.digest() == before


async def test_a_siret_is_registered_once_even_at_once(database: str) -> None:  # R-ACC-02
    viewer = await an_operator()
    outcomes = await asyncio.gather(*(establishment.register(viewer, SAINTES, ALIX) for _ in range(3)))
    assert sorted(codes(list(one.errors)) for one in outcomes) == [[], ["SIRET_TAKEN"], ["SIRET_TAKEN"]]
    refused = next(one for one in outcomes if one.errors)
    assert "Commune de Saintes" in refused.errors[0].message
    assert (await Establishment.filter(siret=SIRET).count(), await User.filter(email=ALIX.email).count()) == (1, 1)
    assert len(await mails()) == 1


async def test_the_same_request_with_the_same_key_registers_once(database: str) -> None:
    viewer = await an_operator()
    wrong = replace(SAINTES, name="")
    assert codes(list((await establishment.register(viewer, wrong, ALIX, "clé")).errors)) == ["INVALID_VALUE"]
    outcomes = await asyncio.gather(*(establishment.register(viewer, SAINTES, ALIX, "clé") for _ in range(3)))
    assert [one.errors for one in outcomes] == [()] * 3
    assert len(set(outcomes)) == 1
    other = await establishment.register(viewer, replace(SAINTES, siret=builders.siret(4_200_001)), ALIX, "clé")
    assert codes(list(other.errors)) == ["KEY_REUSED"]
    assert (await Establishment.filter(siret=SIRET).count(), len(await mails())) == (1, 1)


@pytest.mark.parametrize(
    ("postal_code", "insee_code", "departement"),
    [
        ("17100", None, "17"),
        ("20000", None, "2A"),
        ("20200", None, "2B"),
        ("20137", "2A247", "2A"),
        ("97400", None, "974"),
        ("98800", None, "988"),
        ("01410", "39258", "39"),
    ],
)
def test_the_departement_follows_the_commune(postal_code: str, insee_code: str | None, departement: str) -> None:
    assert establishment.departement(insee_code or postal_code) == departement


# ---------------------------------------------------------------- changing


async def test_what_is_said_changes_and_the_rest_stays(database: str) -> None:  # R-ACC-02, R-JRN-01
    viewer = await an_operator()
    number = (await establishment.register(viewer, SAINTES, ALIX)).establishment_id or 0
    before = await tables.one("establishments", number)
    contracts = (Contract("IRCANTEC", "0042 17"), Contract("CNRACL", "17000999"))
    changes = Changes(name="Ville de Saintes", contracts=contracts, functional_email="")
    assert await establishment.update(viewer, number, changes) == []
    after = await tables.one("establishments", number)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"name", "sort_name", "search_text", "functional_email"}
    assert (after["search_text"], after["functional_email"]) == (f"ville de saintes {SIRET} 17100 saintes", None)
    kept = await StoredContract.filter(establishment_id=number).order_by("id").values_list("fund_id", "number")
    assert kept == [("IRCANTEC", "0042 17"), ("CNRACL", "17000999")]
    [event] = await tables.journal("establishment.changed")
    assert event["body"]["changes"] == {
        "name": ["Commune de Saintes", "Ville de Saintes"],
        "functional_email": ["accueil@saintes.example", None],
        "contracts": ["CNRACL 17000415, IRCANTEC 0042 17", "CNRACL 17000999, IRCANTEC 0042 17"],
    }


async def test_changing_nothing_writes_nothing(database: str) -> None:
    viewer = await an_operator()
    number = (await establishment.register(viewer, SAINTES, ALIX)).establishment_id or 0
    before = await tables.digest()
    assert await establishment.update(viewer, number, Changes(name=SAINTES.name, category="COMMUNE")) == []
    assert await tables.digest() == before


async def test_a_wrong_change_changes_nothing(database: str) -> None:
    viewer = await an_operator()
    number = (await establishment.register(viewer, SAINTES, ALIX)).establishment_id or 0
    before = await tables.digest()
    wrong = Changes(name="Bon nom", address=Address("x", "Saintes"), contracts=(), functional_email="x")
    refusals = await establishment.update(viewer, number, wrong)
    assert [one.path for one in refusals] == [("address", "postalCode"), ("contracts",), ("functionalEmail",)]
    assert codes(await establishment.update(viewer, 999_999, Changes(name="Nulle part"))) == ["NOT_FOUND"]
    assert await tables.digest() == before


async def test_what_came_from_elsewhere_does_not_stop_another_change(database: str) -> None:
    viewer = await an_operator()
    town = await builders.establishment(postal_code="BP 12")
    await StoredContract.filter(establishment_id=town.id).delete()
    assert await establishment.update(viewer, town.id, Changes(is_centralisateur=True)) == []
    assert (await Establishment.get(id=town.id)).is_centralisateur
