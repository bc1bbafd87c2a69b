"""Delegations decided, withdrawn, recalled, ended, extended (R-DEL-02, R-DEL-04)."""

from collections.abc import Callable

import pytest

from backend import database as db
from backend.models import Notification, Service, User
from backend.rules import access, delegation, delegation_request
from backend.rules.delegation import Narrowing
from backend.rules.delegation_request import Request
from backend.rules.right import Wanted
from tests import builders
from tests.rules import tables
from tests.rules.pair import REASON, a_pair, ask, choose, counted, day, last_mail, mailed, many_towns, refused

Move = Callable[[str], None]
NOON = "2026-06-01T12:00+02:00"
BOTH = (Wanted("COURRIERS", 2), Wanted("DSN", 1))
BOTH_LEVELS = {one.service: one.level for one in BOTH}


async def granted(number: int) -> dict[str, int]:
    rows = await db.rows(
        "SELECT s.code, ds.level_granted AS level FROM delegation_services ds JOIN services s ON s.id = ds.service_id "
        "WHERE ds.delegation_id = $1 AND ds.level_granted IS NOT NULL",
        [number],
    )
    return {one["code"]: one["level"] for one in rows}


# ---------------------------------------------------------------- the walk


async def test_a_delegation_is_asked_accepted_used_and_ended(database: str, moved_clock: Move) -> None:  # R-DEL-01, 08
    moved_clock("2026-06-01T10:00+02:00")
    pair = await a_pair()
    await builders.courrier(pair.town)
    number = await ask(pair, BOTH, message=" Bonjour ", ends_on=day("2026-12-31"))
    told = (await Notification.get(kind="DELEGATION_REQUESTED")).body_text
    assert "une personne du Centre de gestion 17 verra un de vos courriers et utilisera 2 services en votre nom" in told
    assert (await delegation.accept(pair.asked, number, Narrowing((Wanted("COURRIERS", 1),)))).errors == ()
    letter = await builders.courrier(pair.town)
    assert await access.capacity(pair.member, letter.id) == (False, None)
    await choose(pair, number, add=(pair.agent.id,))
    assert await access.capacity(pair.member, letter.id) == (True, number)
    assert (await delegation.extend(pair.asked, number, day("2027-06-30"))).errors == ()
    assert (await delegation.end(pair.asked, number, REASON)).errors == ()
    assert await access.capacity(pair.member, letter.id) == (False, None)
    actions = ["requested", "accepted", "members_changed", "extended", "ended"]
    assert [len(await tables.journal(f"delegation.{one}")) for one in actions] == [1] * 5


# ---------------------------------------------------------------- accepted


async def test_accepted_whole_it_is_what_was_asked(database: str, moved_clock: Move) -> None:  # R-DEL-02
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair, BOTH, starts_on=day("2026-06-01"), ends_on=day("2026-12-31"))
    moved_clock("2026-06-10T09:30+02:00")
    assert await delegation.accept(pair.asked, number) == delegation.Outcome(number)
    row = await tables.one("delegations", number)
    assert (row["status"], row["decided_by_id"], row["starts_on"], row["ends_on"]) == (
        "ACCEPTED", pair.mayor.id, "2026-06-10", "2026-12-31",
    )  # fmt: skip
    assert await granted(number) == {"COURRIERS": 2, "DSN": 1}
    [event] = await tables.journal("delegation.accepted")
    assert (event["actor_id"], event["establishment_id"], event["delegation_id"]) == (
        pair.mayor.id, pair.town.id, number,
    )  # fmt: skip
    assert event["body"]["facts"] == {
        "centralisateur": "Centre de gestion 17", "delegataire": "Commune de Royan", "narrowed": False,
    }  # fmt: skip
    assert await mailed("DELEGATION_DECIDED") == [
        (pair.chief.id, "R-DEL-02", "Délégation acceptée : Commune de Royan"),
        (pair.mayor.id, "R-DEL-02", "Délégation acceptée : Centre de gestion 17"),
    ]
    text = await last_mail(pair.chief)
    assert "Alix Maire (Commune de Royan) a accepté la demande telle qu’elle était." in text
    assert "à partir du 10\u00a0juin\u00a02026 et jusqu’au 31\u00a0décembre\u00a02026" in text
    assert "Choisissez qui, chez vous, agit pour la Commune de Royan" in text


@pytest.mark.parametrize(
    ("narrowing", "levels", "dates"),
    [
        (Narrowing((Wanted("COURRIERS", 2),)), {"COURRIERS": 2}, ("2026-06-15", "2026-12-31")),
        (Narrowing((*BOTH[:1], Wanted("DSN", 0))), {"COURRIERS": 2}, ("2026-06-15", "2026-12-31")),
        (Narrowing((Wanted("COURRIERS", 1), BOTH[1])), {"COURRIERS": 1, "DSN": 1}, ("2026-06-15", "2026-12-31")),
        (Narrowing(starts_on=day("2026-09-01")), {"COURRIERS": 2, "DSN": 1}, ("2026-09-01", "2026-12-31")),
        (Narrowing(ends_on=day("2026-06-15")), {"COURRIERS": 2, "DSN": 1}, ("2026-06-15", "2026-06-15")),
        (
            Narrowing((Wanted("DSN", 1),), day("2026-07-01"), day("2026-07-01")),
            {"DSN": 1},
            ("2026-07-01", "2026-07-01"),
        ),
    ],
)
async def test_accepted_in_part_it_is_fewer_services_a_lower_level_or_shorter(  # R-DEL-02
    database: str, moved_clock: Move, narrowing: Narrowing, levels: dict[str, int], dates: tuple[str, str]
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair, BOTH, starts_on=day("2026-06-15"), ends_on=day("2026-12-31"))
    assert (await delegation.accept(pair.asked, number, narrowing)).errors == ()
    row = await tables.one("delegations", number)
    assert (await granted(number), (row["starts_on"], row["ends_on"])) == (levels, dates)
    [event] = await tables.journal("delegation.accepted")
    names = {0: "NONE", 1: "READ", 2: "MODIFY"}
    expected = {
        code: [names[level], names[levels.get(code, 0)]]
        for code, level in BOTH_LEVELS.items()
        if level != levels.get(code, 0)
    }
    asked = {"starts_on": "2026-06-15", "ends_on": "2026-12-31"}
    expected |= {
        name: [before, after] for (name, before), after in zip(asked.items(), dates, strict=True) if before != after
    }
    assert (event["body"]["changes"], event["body"]["facts"]["narrowed"]) == (expected, True)
    assert "a accepté la demande en partie." in await last_mail(pair.mayor)


async def test_without_dates_asked_it_may_be_given_some(database: str, moved_clock: Move) -> None:  # R-DEL-02
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair)
    assert (await delegation.accept(pair.asked, number, Narrowing(ends_on=day("2027-01-31")))).errors == ()
    row = await tables.one("delegations", number)
    assert (row["starts_on"], row["ends_on"]) == ("2026-06-01", "2027-01-31")
    [event] = await tables.journal("delegation.accepted")
    assert event["body"]["facts"]["narrowed"] is True
    assert event["body"]["changes"] == {"starts_on": [None, "2026-06-01"], "ends_on": [None, "2027-01-31"]}


@pytest.mark.parametrize(
    ("narrowing", "code", "path"),
    [
        (Narrowing((Wanted("COURRIERS", 1), Wanted("DSN", 2))), "BEYOND_REQUEST", ("services", "1", "level")),
        (Narrowing((Wanted("AUTRE", 1),)), "BEYOND_REQUEST", ("services", "0", "service")),
        (Narrowing(()), "INVALID_VALUE", ("services",)),
        (Narrowing((Wanted("COURRIERS", 0), Wanted("DSN", 0))), "INVALID_VALUE", ("services",)),
        (Narrowing((Wanted("DSN", 1), Wanted("DSN", 1))), "INVALID_VALUE", ("services", "1", "service")),
        (Narrowing(starts_on=day("2026-06-14")), "BEYOND_REQUEST", ("startsOn",)),
        (Narrowing(ends_on=day("2027-01-01")), "BEYOND_REQUEST", ("endsOn",)),
        (Narrowing(ends_on=day("2026-06-14")), "INVALID_VALUE", ("endsOn",)),
        (Narrowing(starts_on=day("2026-08-02"), ends_on=day("2026-08-01")), "INVALID_VALUE", ("endsOn",)),
        (Narrowing(starts_on=day("2027-01-01")), "INVALID_VALUE", ("endsOn",)),
    ],
)
async def test_nothing_is_accepted_beyond_what_was_asked(  # R-DEL-02
    database: str, moved_clock: Move, narrowing: Narrowing, code: str, path: tuple[str, ...]
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    await builders.service("AUTRE")
    number = await ask(pair, BOTH, starts_on=day("2026-06-15"), ends_on=day("2026-12-31"))
    assert (await refused(delegation.accept(pair.asked, number, narrowing)))[:2] == (code, path)


async def test_it_cannot_begin_in_the_past(database: str, moved_clock: Move) -> None:  # R-DEL-02
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair)
    moved_clock("2026-06-10T09:30+02:00")
    code, path, message = await refused(delegation.accept(pair.asked, number, Narrowing(starts_on=day("2026-06-09"))))
    assert (code, path) == ("BEYOND_REQUEST", ("startsOn",))
    assert message == "La délégation peut commencer le 10\u00a0juin\u00a02026 au plus tôt."


async def test_a_service_closed_since_it_was_asked_gives_nothing(  # R-DEL-02, R-RGT-05
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair, BOTH)
    await Service.filter(code="COURRIERS").update(closed_on=day("2026-06-01"))
    letter = await builders.courrier(pair.town)
    assert (await delegation.accept(pair.asked, number)).errors == ()
    await choose(pair, number, add=(pair.agent.id,))
    assert await granted(number) == {"COURRIERS": 2, "DSN": 1}, "it is what was asked, and hidden while it is closed"
    assert await access.capacity(pair.member, letter.id) == (False, None)


# ---------------------------------------------------------------- refused


async def test_refused_with_a_reason_that_the_asker_reads(database: str, moved_clock: Move) -> None:  # R-DEL-02
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair)
    for reason in ("", " \n "):
        assert (await refused(delegation.refuse(pair.asked, number, reason)))[:2] == ("REASON_NEEDED", ("reason",))
    assert (await refused(delegation.refuse(pair.asked, number, "é" * 1001)))[0] == "INVALID_VALUE"
    assert (await delegation.refuse(pair.asked, number, " Le conseil n’a pas délibéré. ")).errors == ()
    row = await tables.one("delegations", number)
    assert (row["status"], row["refusal_reason"], row["decided_by_id"]) == (
        "REFUSED", "Le conseil n’a pas délibéré.", pair.mayor.id,
    )  # fmt: skip
    assert "pour ce motif : «\u00a0Le conseil n’a pas délibéré.\u00a0»" in await last_mail(pair.chief)
    assert [one[0] for one in await mailed("DELEGATION_DECIDED")] == [pair.chief.id, pair.mayor.id]
    [event] = await tables.journal("delegation.refused")
    assert event["body"]["facts"]["reason"] == "Le conseil n’a pas délibéré."


async def test_where_the_asker_has_left_all_who_administer_there_are_told(database: str) -> None:  # R-DEL-02
    pair = await a_pair()
    number = await ask(pair)
    second = await builders.user(pair.centre, administrator=True)
    third = await builders.user(pair.centre, administrator=True)
    await User.filter(id=pair.chief.id).update(is_administrator=False)
    await delegation.refuse(pair.asked, number, REASON)
    assert [one[0] for one in await mailed("DELEGATION_DECIDED")] == [second.id, third.id, pair.mayor.id]


# ---------------------------------------------------------------- withdrawn


async def test_withdrawn_while_nobody_has_decided(database: str, moved_clock: Move) -> None:  # R-DEL-04
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair)
    done = await delegation.withdraw(pair.asker, [number])
    assert (done.results, done.errors) == (((number, ()),), ())
    row = await tables.one("delegations", number)
    assert (row["status"], row["ended_by_id"], row["decided_at"]) == ("WITHDRAWN", pair.chief.id, None)
    assert await mailed("DELEGATION_DECIDED") == [
        (pair.mayor.id, "R-DEL-04", "Demande de délégation retirée : Centre de gestion 17")
    ]
    code, path, message = await refused(delegation.accept(pair.asked, number))
    assert (code, path) == ("ALREADY_DECIDED", ("id",))
    assert message == (
        "Cette demande a été retirée par Elsa Chef (Centre de gestion 17) le 1er\u00a0juin\u00a02026 à 12 h 00."
    )


async def test_many_are_withdrawn_or_recalled_by_as_many_statements_as_one(  # R-DEL-04, R-DEL-09
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    sirets = await many_towns(40)
    asked = await delegation_request.request(pair.asker, Request(sirets, (Wanted("COURRIERS", 1),)))
    numbers = [one.delegation_id or 0 for one in asked.lines]
    elsewhere = (await builders.delegation(await builders.establishment(), pair.town, status="PENDING")).id
    await db.execute("UPDATE delegations SET status = 'EXPIRED' WHERE id = $1", [numbers[0]])
    decider = await User.get(establishment_id=(await tables.one("delegations", numbers[1]))["delegataire_id"])
    assert (await delegation.refuse(builders.viewer(decider), numbers[1], REASON)).errors == ()
    await delegation.withdraw(pair.asker, numbers[2:3])
    moved_clock("2026-06-09T12:00+02:00")
    for work, events in ((delegation.remind, "delegation.reminded"), (delegation.withdraw, "delegation.withdrawn")):
        before = len(await tables.journal(events))
        with counted() as few:
            await work(pair.asker, [numbers[1], numbers[3]])
        with counted() as many:
            done = await work(pair.asker, [*numbers[:3], *numbers[4:], numbers[4], elsewhere, 0])
        assert len(many) == len(few)
        assert [one for one, _ in done.results] == [*numbers[:3], *numbers[4:], elsewhere, 0]
        assert done.done_ids == numbers[4:]
        told = {one: errors[0].code for one, errors in done.results if errors}
        assert told == {**dict.fromkeys(numbers[:3], "ALREADY_DECIDED"), elsewhere: "NOT_FOUND", 0: "NOT_FOUND"}
        assert len(await tables.journal(events)) - before == 37


async def test_too_many_at_once_are_refused(database: str) -> None:  # R-DEL-04
    pair = await a_pair()
    for work in (delegation.withdraw, delegation.remind):
        assert (await refused(work(pair.asker, range(2001))))[:2] == ("INVALID_VALUE", ("ids",))


# ---------------------------------------------------------------- recalled


async def test_those_who_must_decide_are_recalled_once_a_week(database: str, moved_clock: Move) -> None:  # R-DEL-02
    moved_clock(NOON)
    pair = await a_pair()
    number = await ask(pair)

    async def actions() -> tuple[str, ...]:
        sql = f"SELECT {delegation.COLUMNS}, d.status FROM delegations d JOIN establishments c ON c.id = "
        sql += "d.centralisateur_id JOIN establishments e ON e.id = d.delegataire_id"
        return delegation.actions(pair.asker, (await db.rows(sql))[0])

    moved_clock("2026-06-07T23:59+02:00")
    assert await actions() == ("WITHDRAW",)
    code, path, message = await refused(delegation.remind(pair.asker, [number]))
    assert (code, path) == ("REMINDED_RECENTLY", ("ids",))
    assert message == (
        "La demande à Commune de Royan date de moins d’une semaine : relancez à partir du 8\u00a0juin\u00a02026."
    )
    moved_clock("2026-06-08T00:00+02:00")
    assert await actions() == ("REMIND", "WITHDRAW")
    assert (await delegation.remind(pair.asker, [number])).done_ids == [number]
    moved_clock("2026-06-14T22:00+02:00")
    assert "La dernière relance à Commune de Royan" in (await refused(delegation.remind(pair.asker, [number])))[2]
    moved_clock("2026-06-15T08:00+02:00")
    assert (await delegation.remind(pair.asker, [number])).done_ids == [number]
    mails = await mailed("DELEGATION_REQUESTED")
    subject = "Centre de gestion 17 demande à agir pour vous"
    assert mails == [(pair.mayor.id, "R-DEL-02", f"{start}{subject}") for start in ("", "Rappel : ", "Rappel : ")]
    assert len(await tables.journal("delegation.reminded")) == 2
