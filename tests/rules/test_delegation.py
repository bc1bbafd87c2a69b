"""Delegations: asked, decided, followed, ended (R-DEL-01 to 05)."""

from collections.abc import Callable
from datetime import date

from backend.models import Delegation, Establishment, Notification, User
from backend.rules import access, delegation, delegation_members, delegation_request
from backend.rules.delegation_request import Request
from backend.rules.right import Wanted
from tests import builders
from tests.rules import tables

Move = Callable[[str], None]


async def a_pair() -> tuple[User, User, Establishment]:
    """The administrators of a centre and of a town; the services COURRIERS and DSN."""
    centre = await builders.establishment("Centre de gestion 17", is_centralisateur=True)
    town = await builders.establishment("Commune de Royan")
    await builders.courrier_type()
    await builders.service("DSN")
    return (
        await builders.user(centre, administrator=True, rights={"COURRIERS": 2}),
        await builders.user(town, administrator=True),
        town,
    )


async def test_a_delegation_is_asked_accepted_used_and_ended(database: str, moved_clock: Move) -> None:  # R-DEL-01
    moved_clock("2026-06-01T10:00+02:00")
    chief, mayor, town = await a_pair()
    asker, asked = builders.viewer(chief), builders.viewer(mayor)
    await builders.courrier(town)
    given = Request((town.siret,), (Wanted("COURRIERS", 2), Wanted("DSN", 1)), " Bonjour ", None, date(2026, 12, 31))
    tried = await delegation_request.request(asker, given, dry_run=True)
    assert (tried.errors, [one.errors for one in tried.lines], await Delegation.all().count()) == ((), [()], 0)
    [line] = (await delegation_request.request(asker, given, "k")).lines
    assert line.errors == (), line
    number = line.delegation_id
    assert number is not None
    again = (await delegation_request.request(asker, given, "k")).lines
    assert [one.delegation_id for one in again] == [number]
    [told] = await Notification.filter(kind="DELEGATION_REQUESTED")
    assert "une personne de Centre de gestion 17 verra un de vos courriers et utilisera 2 services" in told.body_text

    narrowing = delegation.Narrowing((Wanted("COURRIERS", 1),))
    assert (await delegation.accept(asked, number, narrowing)).errors == ()
    [second] = (await delegation.accept(asked, number)).errors
    assert second.code == "ALREADY_DECIDED"
    assert "a déjà été acceptée par " in second.message
    assert "le 1er\u00a0juin\u00a02026 à 10 h 00" in second.message
    chosen = await delegation_members.choose(asker, [number], delegation_members.Change(add=(chief.id,)))
    assert (chosen.errors, chosen.done_ids) == ((), [number])
    letter = await builders.courrier(town)
    assert await access.capacity(asker, letter.id) == (True, number)
    assert (await delegation.extend(asked, number, date(2027, 6, 30))).errors == ()
    assert (await delegation.end(asker, number, "La convention n’est pas renouvelée.")).errors == ()
    assert await access.capacity(asker, letter.id) == (False, None)
    actions = ["requested", "accepted", "members_changed", "extended", "ended"]
    assert [len(await tables.journal(f"delegation.{one}")) for one in actions] == [1] * 5
