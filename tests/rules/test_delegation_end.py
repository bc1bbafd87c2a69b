"""Delegations ended by either side, extended by the délégataire, over by their date (R-DEL-04, R-DEL-08)."""

from collections.abc import Callable

import pytest

from backend.rules import access, delegation
from backend.rules.delegation import Narrowing
from tests import builders
from tests.rules import tables
from tests.rules.pair import REASON, a_pair, act, agree, ask, day, last_mail, mailed, refused

Move = Callable[[str], None]
NOON = "2026-06-01T12:00+02:00"


# ---------------------------------------------------------------- ended


@pytest.mark.parametrize("side", ["asker", "asked"])
@pytest.mark.parametrize("starts_on", [None, "2026-09-01"])
async def test_either_side_ends_it_at_once_in_force_or_to_come(  # R-DEL-04, R-DEL-08
    database: str, moved_clock: Move, side: str, starts_on: str | None
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    letter = await builders.courrier(pair.town)
    number = await act(pair, starts_on=day(starts_on) if starts_on else None)
    assert (await access.capacity(pair.member, letter.id))[0] is (starts_on is None)
    who = getattr(pair, side)
    assert (await refused(delegation.end(who, number, " ")))[:2] == ("REASON_NEEDED", ("reason",))
    assert (await refused(delegation.end(who, number, "é" * 1001)))[:2] == ("INVALID_VALUE", ("reason",))
    assert (await delegation.end(who, number, f" {REASON} ")).errors == ()
    row = await tables.one("delegations", number)
    assert (row["status"], row["ended_by_id"], row["end_reason"]) == ("ENDED", who.user_id, REASON)
    moved_clock("2026-09-02T12:00+02:00")
    assert await access.capacity(pair.member, letter.id) == (False, None)
    assert [one[:2] for one in await mailed("DELEGATION_ENDED")] == [
        (pair.chief.id, "R-DEL-04"), (pair.mayor.id, "R-DEL-04"),
    ]  # fmt: skip
    for person, which in ((pair.chief, "par la Commune de Royan"), (pair.mayor, "au Centre de gestion 17")):
        said = f"a mis fin à la délégation accordée {which}, pour ce motif : «\u00a0{REASON}\u00a0»"
        assert said in await last_mail(person)
    [event] = await tables.journal("delegation.ended")
    assert (event["actor_id"], event["establishment_id"], event["body"]["facts"]["reason"]) == (
        who.user_id, who.establishment_id, REASON,
    )  # fmt: skip
    told = {"asker": "Elsa Chef (Centre de gestion 17)", "asked": "Alix Maire (Commune de Royan)"}[side]
    for again in (pair.asker, pair.asked):
        code, _, message = await refused(delegation.end(again, number, "Encore."))
        assert (code, message) == (
            "ALREADY_DECIDED",
            f"Il a déjà été mis fin à cette délégation par {told} le 1er\u00a0juin\u00a02026 à 12 h 00.",
        )


# ---------------------------------------------------------------- extended


async def test_the_delegataire_extends_in_one_act(database: str, moved_clock: Move) -> None:  # R-DEL-04
    moved_clock(NOON)
    pair = await a_pair()
    number = await act(pair, ends_on=day("2026-12-31"))
    for ends_on in ("2026-12-31", "2026-12-30", "2026-01-01"):
        assert (await refused(delegation.extend(pair.asked, number, day(ends_on))))[:2] == (
            "INVALID_VALUE",
            ("endsOn",),
        )
    moved_clock("2026-12-31T23:30+01:00")  # its last evening
    assert (await delegation.extend(pair.asked, number, day("2027-12-31"))).errors == ()
    moved_clock("2027-01-01T00:30+01:00")
    letter = await builders.courrier(pair.town)
    assert await access.capacity(pair.member, letter.id) == (True, number)
    assert (await delegation.extend(pair.asked, number, None)).errors == ()
    assert (await refused(delegation.extend(pair.asked, number, day("2030-01-01"))))[:2] == (
        "INVALID_VALUE",
        ("endsOn",),
    )
    events = await tables.journal("delegation.extended")
    assert [one["body"]["changes"]["ends_on"] for one in events] == [["2026-12-31", "2027-12-31"], ["2027-12-31", None]]
    mails = [one for one in await mailed("DELEGATION_DECIDED") if "prolongée" in one[2]]
    assert [one[:2] for one in mails] == [(pair.chief.id, "R-DEL-04"), (pair.mayor.id, "R-DEL-04")] * 2
    assert "l’a prolongée sans date de fin." in await last_mail(pair.chief)


async def test_an_end_that_was_brought_forward_can_be_put_off_again(  # R-DEL-04
    database: str, moved_clock: Move
) -> None:
    """The délégataire decides how long: it may also go beyond what was asked."""
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair, ends_on=day("2026-12-31"))
    assert (await delegation.accept(pair.asked, number, Narrowing(ends_on=day("2026-07-31")))).errors == ()
    for ends_on in ("2026-12-31", "2028-12-31"):
        assert (await delegation.extend(pair.asked, number, day(ends_on))).errors == ()
    assert (await tables.one("delegations", number))["ends_on"] == "2028-12-31"


async def test_one_that_is_over_is_not_extended(database: str, moved_clock: Move) -> None:  # R-DEL-04
    moved_clock(NOON)
    pair = await a_pair()
    number = await agree(pair, ends_on=day("2026-06-30"))
    moved_clock("2026-07-01T00:00+02:00")
    code, path, message = await refused(delegation.extend(pair.asked, number, day("2027-06-30")))
    assert (code, path) == ("ALREADY_DECIDED", ("id",))
    assert message == "Cette délégation est arrivée à son terme le 30\u00a0juin\u00a02026."
