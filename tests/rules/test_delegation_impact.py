"""What a village reads before it accepts: one sentence, counted from the data (R-DEL-03)."""

import re
from collections.abc import Callable

import pytest

from backend import clock
from backend.models import Service
from backend.rules import access, delegation, delegation_impact
from backend.rules.delegation_impact import Impact
from backend.rules.elision import of
from backend.rules.right import Wanted
from tests import builders
from tests.rules import tables
from tests.rules.pair import REASON, Pair, a_pair, act, agree, ask, choose, counted, day

Move = Callable[[str], None]
NOON = "2026-06-01T12:00+02:00"
BOTH = (Wanted("COURRIERS", 1), Wanted("DSN", 1))


async def impact(number: int, services: list[str] | None = None) -> Impact:
    [found] = await delegation_impact.impacts([number], services)
    assert found is not None
    return found


async def letters(pair: Pair, count: int) -> None:
    for _ in range(count):
        await builders.courrier(pair.town)


# ---------------------------------------------------------------- the words


THEY_WOULD = [
    ((12, 1034, 2), "jusqu’à 12 personnes du Centre verront 1\u202f034 de vos courriers et utiliseront 2 services"),
    ((1, 1, 1), "une personne du Centre verra un de vos courriers et utilisera un service"),
    ((3, 0, 1), "jusqu’à 3 personnes du Centre ne verront aucun courrier pour le moment et utiliseront un service"),
    ((1, 0, 4), "une personne du Centre ne verra aucun courrier pour le moment et utilisera 4 services"),
]
NOBODY_WOULD = [
    ((0, 5, 1), " pour le moment : chez le Centre, aucun compte n’a encore de droit sur ces services."),
    ((0, 0, 0), " : aucun de ces services n’est ouvert aujourd’hui."),
]
NOW, LATER = "Aujourd’hui", "À partir du 1er\u00a0septembre\u00a02026"
THEY_DO = [
    ((2, 3, 1), NOW, "2 personnes d’Agglo voient 3 de vos courriers et utilisent un service en votre nom."),
    ((1, 0, 1), NOW, "une personne d’Agglo ne voit aucun courrier pour le moment et utilise un service en votre nom."),
    ((0, 3, 1), NOW, "personne d’Agglo n’agit pour vous."),
    ((2, 3, 1), LATER, "2 personnes d’Agglo verront 3 de vos courriers et utiliseront un service en votre nom."),
    ((0, 3, 1), LATER, "personne d’Agglo n’agira pour vous : personne n’est encore choisi."),
]


@pytest.mark.parametrize(("counts", "what"), THEY_WOULD)
def test_what_is_asked_is_said_in_one_sentence(counts: tuple[int, int, int], what: str) -> None:  # R-DEL-03
    assert delegation_impact.asked("Centre", *counts) == f"Si vous acceptez, {what} en votre nom."


@pytest.mark.parametrize(("counts", "why"), NOBODY_WOULD)
def test_why_nobody_would_see_anything_is_said(counts: tuple[int, int, int], why: str) -> None:  # R-DEL-03
    assert delegation_impact.asked("Centre", *counts) == f"Si vous acceptez, personne ne verra rien{why}"


@pytest.mark.parametrize(("counts", "when", "what"), THEY_DO)
def test_what_was_accepted_is_said_in_one_sentence(  # R-DEL-03
    counts: tuple[int, int, int], when: str, what: str
) -> None:
    begins = day("2026-09-01") if when == LATER else None
    assert delegation_impact.accepted("Agglo", *counts, begins) == f"{when}, {what}"


@pytest.mark.parametrize(
    ("name", "after"),
    [("Royan", "de Royan"), ("Épinal", "d’Épinal"), ("Yvelines", "d’Yvelines"), ("Hyères", "de Hyères"),
     ("Œuvres", "d’Œuvres"), ("", "de ")],
)  # fmt: skip
def test_de_is_elided_before_a_vowel(name: str, after: str) -> None:
    assert of(name) == after


# ---------------------------------------------------------------- the counts


async def test_what_is_asked_counts_everybody_there_who_could_be_chosen(  # R-DEL-03
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    await letters(pair, 3)
    await builders.courrier(pair.town, available_at=None)
    await builders.courrier(pair.town, withdrawn_at=clock.now())
    await builders.courrier(pair.town, kind=await builders.courrier_type("AUTRE", "AUTRE"))
    await builders.courrier(pair.centre)
    read = {"COURRIERS": 1}
    await builders.user(pair.centre, rights=read, locked_at=clock.now())  # will sign in again
    await builders.user(pair.centre, rights=read, expires_on=day("2026-05-31"))
    await builders.user(pair.centre, rights=read, deleted_at=clock.now())
    await builders.user(pair.centre, rights=read, password_hash=None)
    await builders.user(pair.town, rights=read)
    await builders.user(pair.centre, rights={"AUTRE": 1})
    number = await ask(pair, BOTH)
    found = await impact(number)
    assert (found.people, found.courriers, found.services) == (2, 3, 2)
    only = await impact(number, ["DSN"])
    assert (only.people, only.courriers, only.services) == (1, 0, 1)
    assert (await impact(number, [])).services == 0
    await Service.filter(code="COURRIERS").update(closed_on=day("2026-06-01"))
    closed = await impact(number)
    assert (closed.people, closed.courriers, closed.services) == (1, 0, 1)


async def test_what_was_accepted_counts_its_members(database: str, moved_clock: Move) -> None:  # R-DEL-03, R-DEL-05
    moved_clock(NOON)
    pair = await a_pair()
    await letters(pair, 2)
    number = await ask(pair, BOTH, starts_on=day("2026-06-02"))
    await delegation.accept(pair.asked, number, delegation.Narrowing((Wanted("COURRIERS", 1),)))
    assert (await impact(number)).people == 0
    await choose(pair, number, add=(pair.agent.id, pair.chief.id))  # the chief has no right
    found = await impact(number)
    assert (found.people, found.courriers, found.services) == (1, 2, 1)
    assert found.sentence.startswith("À partir du 2\u00a0juin\u00a02026, une personne du Centre de gestion 17 verra 2 ")
    moved_clock("2026-06-02T08:00+02:00")
    assert (await impact(number)).sentence.startswith("Aujourd’hui, une personne du Centre de gestion 17 voit 2 de vos")


@pytest.mark.parametrize("how", ["ended", "over", "refused", "withdrawn", "lapsed"])
async def test_once_it_is_over_nothing_is_counted(database: str, moved_clock: Move, how: str) -> None:  # R-DEL-08
    """The letters that came since are not to be counted by who acts no more."""
    moved_clock(NOON)
    pair = await a_pair()
    if how in ("ended", "over"):
        number = await act(pair, ends_on=day("2026-06-30"))
    else:
        number = await ask(pair)
    match how:
        case "ended":
            await delegation.end(pair.asked, number, REASON)
        case "refused":
            await delegation.refuse(pair.asked, number, REASON)
        case "withdrawn":
            await delegation.withdraw(pair.asker, [number])
        case _:
            moved_clock("2026-08-01T12:00+02:00")
    await letters(pair, 3)
    words = "Cette délégation ne donne plus accès à rien." if how in ("ended", "over") else None
    assert await impact(number) == Impact(0, 0, 0, words or "Cette demande ne donne accès à rien.")


async def test_only_the_side_that_decides_counts_the_letters_of_a_request(database: str) -> None:  # R-DEL-03
    """A centralisateur could otherwise count the letters of every establishment by asking."""
    pair = await a_pair()
    number = await ask(pair)
    operator = builders.viewer(await builders.operator())

    async def told() -> dict[str, bool]:
        row = await tables.one("delegations", number)
        viewers = {"asker": pair.asker, "asked": pair.asked, "member": pair.member, "operator": operator}
        return {name: access.sees_impact(one, row) for name, one in viewers.items()}

    assert await told() == {"asker": False, "asked": True, "member": False, "operator": True}
    await delegation.accept(pair.asked, number)
    assert await told() == dict.fromkeys(("asker", "asked", "member", "operator"), True)


async def test_many_are_counted_by_as_many_statements_as_one(database: str) -> None:  # R-DEL-09
    pair = await a_pair()
    towns = [await builders.establishment() for _ in range(4)]
    others = [await builders.delegation(pair.centre, one, members=[pair.agent]) for one in towns]
    numbers = [await agree(pair), *(one.id for one in others)]
    with counted() as one:
        await delegation_impact.impacts(numbers[:1])
    with counted() as several:
        found = await delegation_impact.impacts([*numbers, 0])
    assert len(one) == len(several)
    assert [each.people if each else None for each in found] == [0, 1, 1, 1, 1, None]


async def test_the_sentence_of_an_e_mail_is_the_same(database: str) -> None:  # R-DEL-03
    pair = await a_pair()
    await letters(pair, 2)
    number = await ask(pair, BOTH)
    mails = await tables.contents()
    [mail] = [one for one in mails["notifications"] if one["kind"] == "DELEGATION_REQUESTED"]
    assert (await impact(number)).sentence in re.sub(r"\s+", " ", mail["body_text"])
