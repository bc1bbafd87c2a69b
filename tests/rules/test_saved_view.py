"""Views of the list that a person names (R-COU-07)."""

from backend.reads import saved_view as reads
from backend.rules import saved_view
from tests import builders


async def names(viewer: saved_view.Viewer) -> list[tuple[str, str]]:
    return [(one["name"], one["query"]) for one in await reads.mine(viewer)]


async def test_a_view_is_named_found_again_renamed_and_deleted(database: str) -> None:
    town = await builders.establishment()
    viewer = builders.viewer(await builders.user(town))
    other = builders.viewer(await builders.user(town))
    made = await saved_view.save(viewer, "  À lire\u0000 ", "vue=non-lus&tri=DUE_ASC")
    assert await names(viewer) == [("À lire", "vue=non-lus&tri=DUE_ASC")]
    assert await names(other) == []
    assert made.view_id is not None
    taken = await saved_view.save(viewer, "À lire", "")
    assert [one.path for one in taken.errors] == [("name",)]
    assert (await saved_view.save(other, "Volée", None, made.view_id)).errors[0].code == "NOT_FOUND"
    assert (await saved_view.delete(other, made.view_id))[0].code == "NOT_FOUND"
    assert (await saved_view.save(viewer, "Autre nom", None, made.view_id)).errors == ()
    assert await names(viewer) == [("Autre nom", "vue=non-lus&tri=DUE_ASC")]
    assert await saved_view.delete(viewer, made.view_id) == ()
    assert await names(viewer) == []


async def test_they_are_few_short_and_lead_nowhere_else(database: str) -> None:
    viewer = builders.viewer(await builders.user(await builders.establishment()))
    for name, query in (("", "q=1"), ("n" * 61, "q=1"), ("n", "q=" + "1" * 1000), ("n", "a\r\nb"), ("n", "\u00e9")):
        assert (await saved_view.save(viewer, name, query)).errors[0].code == "INVALID_VALUE"
    for number in range(saved_view.MOST):
        assert (await saved_view.save(viewer, f"Vue {number}", "q=1")).errors == ()
    assert "20 vues" in (await saved_view.save(viewer, "De trop", "q=1")).errors[0].message
