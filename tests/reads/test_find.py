"""Finding anything by what somebody says: identifier, address, SIRET, reference, name; for operators (R-ACC-12)."""

import pytest

from backend import clock
from backend.reads import find
from backend.rules.viewer import Viewer
from tests import builders


async def staff() -> Viewer:
    return builders.viewer(await builders.operator())


async def test_each_thing_is_found_by_what_names_it(database: str) -> None:
    viewer = await staff()
    town = await builders.establishment("Commune de L’Île-d’Aix")
    zoe = await builders.user(
        town, identifier="zlefevre-0412", first_name="Zoé", last_name="Lefèvre", email="Zoe@Ile.example"
    )
    letter = await builders.courrier(town, reference="CNR-2026-7")
    for said in ("zlefevre-0412", " ZLEFEVRE-0412 ", "zoe@ile.EXAMPLE", "lefevre zoe", "Lefèvre"):
        assert (await find.anything(viewer, said)).users == (zoe.id,), said
    spaced = f"{town.siret[:3]} {town.siret[3:9]} {town.siret[9:]}"
    for said in (town.siret, spaced, town.siret[:9], "ile-d'aix"):
        assert (await find.anything(viewer, said)).establishments == (town.id,), said
    for said in ("CNR-2026-7", "cnr-2026-7"):
        assert (await find.anything(viewer, said)).courriers == (letter.id,), said


async def test_a_deleted_account_is_found_by_its_identifier_alone(database: str) -> None:  # R-ACC-12
    viewer, town = await staff(), await builders.establishment()
    gone = await builders.user(town, identifier="gone-0001", email="gone@royan.example", deleted_at=clock.now())
    found = await find.anything(viewer, "GONE-0001")
    assert ([one["id"] for one in found.deleted], found.users) == ([gone.id], ())
    assert set(found.deleted[0]) == {"id", "establishment_id", "identifier", "created_at", "deleted_at"}
    assert await find.anything(viewer, "gone@royan.example") == find.Found()


async def test_no_more_than_twenty_of_a_kind_are_told_the_exact_first(database: str) -> None:
    viewer, town = await staff(), await builders.establishment()
    for _ in range(find.MOST + 5):
        await builders.user(town, last_name="Martin")
    exact = await builders.user(town, identifier="martin", last_name="Zola")
    found = await find.anything(viewer, "martin")
    assert (len(found.users), found.users[0], found.more) == (find.MOST, exact.id, True)


@pytest.mark.parametrize("said", ["", " ", "a", "\0", "%%", "a\nb", "!_%"])
async def test_nothing_is_found_by_nothing(database: str, said: str) -> None:
    viewer = await staff()
    await builders.establishment("Commune de Royan")
    assert await find.anything(viewer, said) == find.Found()


async def test_others_find_no_more_than_they_see(database: str) -> None:
    town = await builders.establishment("Commune de Royan")
    agent = await builders.user(town, last_name="Royan")
    elsewhere = await builders.user(await builders.establishment("Ville de Royan"), last_name="Royan")
    await builders.user(town, identifier="gone-0001", deleted_at=clock.now())
    found = await find.anything(builders.viewer(agent), "royan")
    assert (found.establishments, found.users) == ((town.id,), (agent.id,))
    assert elsewhere.id not in found.users
    assert (await find.anything(builders.viewer(agent), "gone-0001")).deleted == ()
