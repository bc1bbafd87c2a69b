"""Long lists of establishments: by slices, taken up again after a crash, and the same key (R-DEL-01, R-DEL-09)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.models import Delegation, Establishment, IdempotencyKey, Notification, Service, User
from backend.rules import delegation, delegation_notice, delegation_request
from backend.rules.delegation_request import Progress, Request
from backend.rules.right import Wanted
from tests import builders
from tests.rules import tables
from tests.rules.pair import READING, a_pair, a_request, ask, codes, counted, day, many_towns, request_refused, told

Move = Callable[[str], None]
NOON = "2026-06-01T12:00+02:00"


async def test_two_thousand_are_asked_by_slices_that_cost_the_same(database: str) -> None:  # R-DEL-01, R-DEL-09
    pair = await a_pair()
    sirets = await many_towns(2000)
    with counted() as one_slice:
        await delegation_request.request(pair.asker, Request(sirets[:3], READING), "few")
    with counted() as twenty:
        answer = await delegation_request.request(pair.asker, Request(sirets[3:], READING), "many")
    assert codes(answer) == [""] * 1997
    assert len(twenty) == 20 * len(one_slice)
    assert await Delegation.all().count() == await Notification.all().count() == 2000
    assert await delegation_request.progress(pair.asker, "many") == Progress(1997, 1997, 1997)
    again = await delegation_request.request(pair.asker, Request(sirets[3:], READING), "many")
    assert again == answer
    assert await Delegation.all().count() == 2000


class Crash(Exception):
    pass


async def test_what_stops_between_two_slices_is_taken_up_again(  # R-DEL-01
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delegation_request, "SLICE", 3)
    pair = await a_pair()
    sirets = await many_towns(10)
    given, genuine, calls = Request(sirets, READING), delegation_notice.waiting, 0

    async def crash_in_the_third(numbers: Any, *, rule: str) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise Crash
        await genuine(numbers, rule=rule)

    monkeypatch.setattr(delegation_notice, "waiting", crash_in_the_third)
    with pytest.raises(Crash):
        await delegation_request.request(pair.asker, given, "a key")
    assert await Delegation.all().count() == await Notification.all().count() == 6
    assert await delegation_request.progress(pair.asker, "a key") == Progress(10, 6, 6)
    kept = await Delegation.all().order_by("id").values_list("id", flat=True)

    answer = await delegation_request.request(pair.asker, given, "a key")
    assert codes(answer) == [""] * 10
    assert [one.delegation_id for one in answer.lines[:6]] == kept
    assert await Delegation.all().count() == await Notification.all().count() == 10
    assert await delegation_request.progress(pair.asker, "a key") == Progress(10, 10, 10)
    assert [one.delegataire_id for one in await Delegation.all().order_by("id")] == [
        (await Establishment.get(siret=one)).id for one in sirets
    ]


async def test_a_right_lost_half_way_stops_what_is_left(  # R-DEL-01
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delegation_request, "SLICE", 2)
    pair = await a_pair()
    sirets = await many_towns(4)
    genuine = delegation_request._note

    async def demoted(*given: Any) -> None:
        await genuine(*given)
        await User.filter(id=pair.chief.id).update(is_administrator=False)

    monkeypatch.setattr(delegation_request, "_note", demoted)
    answer = await delegation_request.request(pair.asker, Request(sirets, READING), "a key")
    assert (codes(answer), [one[0] for one in told(answer.errors)]) == (["", ""], ["NOT_ALLOWED"])
    assert await Delegation.all().count() == 2


# ---------------------------------------------------------------- sent again


async def test_the_same_key_answers_the_same_and_asks_once(database: str, moved_clock: Move) -> None:  # R-DEL-01
    moved_clock(NOON)
    pair = await a_pair()
    alone = await builders.establishment()
    given = Request((pair.town.siret, alone.siret, "12"), READING, "Bonjour")
    first = await delegation_request.request(pair.asker, given, "a key")
    moved_clock("2026-06-02T12:00+02:00")
    await Service.filter(code="COURRIERS").update(closed_on=day("2026-06-02"))
    before = await tables.digest({"idempotency_keys"})
    spaced = replace(given, sirets=(f" {pair.town.siret}", *given.sirets[1:]), message=" Bonjour ")
    assert await delegation_request.request(pair.asker, spaced, "a key") == first
    assert await tables.digest({"idempotency_keys"}) == before


async def test_a_key_does_not_serve_for_another_request(  # R-DEL-01
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delegation_request, "SLICE", 2)
    pair = await a_pair()
    sirets = await many_towns(5)
    given = Request(sirets[:4], READING)
    assert codes(await delegation_request.request(pair.asker, given, "a key")) == [""] * 4
    for other in (
        replace(given, sirets=sirets),  # its first slices are the same
        replace(given, sirets=sirets[:2]),
        replace(given, services=(Wanted("COURRIERS", 2),)),
        replace(given, message="Bonjour"),
        replace(given, ends_on=day("2099-01-01")),
    ):
        assert [one[0] for one in await request_refused(pair.asker, other, "a key")] == ["KEY_REUSED"]
    second = builders.viewer(await builders.user(pair.centre, administrator=True))
    assert codes(await delegation_request.request(second, given, "a key")) == ["ALREADY_DELEGATED"] * 4  # theirs


async def test_a_key_is_given_back_where_nothing_could_be_asked(database: str) -> None:  # R-DEL-01
    pair = await a_pair()
    number = await ask(pair)
    assert codes(await delegation_request.request(pair.asker, a_request(pair.town), "a key")) == ["ALREADY_DELEGATED"]
    assert await IdempotencyKey.filter(key="a key/0").count() == 0
    await delegation.withdraw(pair.asker, [number])
    assert codes(await delegation_request.request(pair.asker, a_request(pair.town), "a key")) == [""]


async def test_the_same_sent_twice_at_once_asks_once(database: str) -> None:  # R-DEL-01
    pair = await a_pair()
    both = await asyncio.gather(
        *(delegation_request.request(pair.asker, a_request(pair.town), "a key") for _ in range(2))
    )
    assert both[0] == both[1]
    assert (codes(both[0]), await Delegation.all().count(), await Notification.all().count()) == ([""], 1, 1)
