"""Delegations asked for: each establishment its own result, long lists by slices (R-DEL-01)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from backend import database as db
from backend.models import Delegation, Establishment, Notification, User
from backend.rules import delegation, delegation_request
from backend.rules.delegation_request import Request
from backend.rules.right import Wanted
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables
from tests.rules.pair import READING, REASON, a_pair, a_request, agree, ask, codes, day, request_refused

Move = Callable[[str], None]
NOON = "2026-06-01T12:00+02:00"


async def refused_line(who: Viewer, given: Request) -> tuple[str, str]:
    """Why the only line of a request was refused."""
    before = await tables.digest()
    answer = await delegation_request.request(who, given)
    assert await tables.digest() == before
    [line] = answer.lines
    [error] = line.errors
    assert error.path == ("sirets",)
    assert (answer.errors, line.delegation_id, line.warnings) == ((), None, ())
    return error.code.value, error.message


# ---------------------------------------------------------------- what is asked, kept and told


async def test_a_request_keeps_what_is_asked_and_tells_those_who_decide(  # R-DEL-01, R-DEL-02
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    second = await builders.user(pair.town, administrator=True)
    services = (Wanted("COURRIERS", 1), Wanted("DSN", 2))
    number = await ask(
        pair, services, message="  Bonjour, \n merci.  ", starts_on=day("2026-06-01"), ends_on=day("2026-12-31")
    )
    row = await tables.one("delegations", number)
    assert (row["centralisateur_id"], row["delegataire_id"], row["status"], row["message"]) == (
        pair.centre.id, pair.town.id, "PENDING", "Bonjour, \n merci.",
    )  # fmt: skip
    assert (row["starts_on"], row["ends_on"], row["requested_by_id"]) == ("2026-06-01", "2026-12-31", pair.chief.id)
    asked = await db.rows("SELECT level_asked, level_granted FROM delegation_services ORDER BY service_id")
    assert asked == [{"level_asked": 1, "level_granted": None}, {"level_asked": 2, "level_granted": None}]
    mails = await Notification.filter(kind="DELEGATION_REQUESTED").order_by("id")
    assert [(one.user_id, one.rule) for one in mails] == [(pair.mayor.id, "R-DEL-02"), (second.id, "R-DEL-02")]
    text = mails[0].body_text
    for words in (
        "refusez, le 31\u00a0juillet\u00a02026 au plus tard, la demande du Centre de gestion 17",
        "- Service COURRIERS (lecture seule)\n- Service DSN (modification)\n",
        "à partir du 1er\u00a0juin\u00a02026 et jusqu’au 31\u00a0décembre\u00a02026",
        "Message d’Elsa Chef : «\u00a0Bonjour",
    ):
        assert words in text, text
    [event] = await tables.journal("delegation.requested")
    assert (event["actor_id"], event["establishment_id"], event["subject_id"], event["delegation_id"]) == (
        pair.chief.id, pair.centre.id, number, number,
    )  # fmt: skip
    assert event["body"]["changes"] == {
        "COURRIERS": ["NONE", "READ"],
        "DSN": ["NONE", "MODIFY"],
        "message": [None, "Bonjour, \n merci."],
        "starts_on": [None, "2026-06-01"],
        "ends_on": [None, "2026-12-31"],
    }


async def test_a_request_says_the_last_day_to_answer_which_may_be_its_end(  # R-DEL-04
    database: str, moved_clock: Move
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    await ask(pair, ends_on=day("2026-06-20"))
    mail = await Notification.get(kind="DELEGATION_REQUESTED")
    assert mail.body_text.count("le 20\u00a0juin\u00a02026") == 2
    assert "31\u00a0juillet" not in mail.body_text


# ---------------------------------------------------------------- each line its result


async def test_each_establishment_has_its_own_result(database: str, moved_clock: Move) -> None:  # R-DEL-01
    moved_clock(NOON)
    pair = await a_pair()
    alone = await builders.establishment("Commune de Talmont")
    platform = await builders.establishment(is_platform=True)
    spaced = f"{pair.town.siret[:3]} {pair.town.siret[3:9]}\u00a0{pair.town.siret[9:]}"
    unknown, wrong = builders.siret(4_200_000), pair.town.siret[:-1] + str((int(pair.town.siret[-1]) + 1) % 10)
    others = [one.siret for one in (pair.centre, platform, pair.town, alone)]
    sirets = (spaced, wrong, "", "123", "１２３４５６７８９０１２３４", unknown, *others)
    answer = await delegation_request.request(pair.asker, Request(sirets, READING))
    assert [one.siret for one in answer.lines] == ["".join(one.split()) for one in sirets]
    assert codes(answer) == ["", *["UNKNOWN_SIRET"] * 5, "OWN_ESTABLISHMENT", "UNKNOWN_SIRET", "INVALID_VALUE", ""]
    names = [one.name for one in answer.lines]
    assert names == ["Commune de Royan", *[None] * 5, "Centre de gestion 17", None, "Commune de Royan",
                     "Commune de Talmont"]  # fmt: skip
    assert "clé de contrôle" in answer.lines[1].errors[0].message
    assert "Aucun établissement" in answer.lines[5].errors[0].message
    assert answer.lines[8].errors[0].message == "Ce SIRET est déjà dans la liste, à la ligne 1."
    assert answer.lines[0].warnings == ()
    assert "Aucun administrateur ne peut s’y connecter" in answer.lines[9].warnings[0]
    assert await Delegation.all().order_by("id").values_list("delegataire_id", flat=True) == [pair.town.id, alone.id]


async def test_what_is_repeated_is_asked_once_even_in_another_slice(  # R-DEL-01
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delegation_request, "SLICE", 2)
    pair = await a_pair()
    alone = await builders.establishment()
    answer = await delegation_request.request(pair.asker, a_request(alone, pair.town, pair.town, alone, pair.town))
    assert codes(answer) == ["", "", *["INVALID_VALUE"] * 3]
    assert [one.errors[0].message.rpartition(" ")[2] for one in answer.lines[2:]] == ["2.", "1.", "2."]
    assert [one.warnings for one in answer.lines[2:]] == [()] * 3


async def test_the_same_service_is_not_asked_twice(database: str, moved_clock: Move) -> None:  # R-DEL-01
    moved_clock(NOON)
    pair = await a_pair()
    reading, both = a_request(pair.town), a_request(pair.town, services=(Wanted("COURRIERS", 2), Wanted("DSN", 1)))
    number = await ask(pair)
    assert await refused_line(pair.asker, reading) == (
        "ALREADY_DELEGATED",
        "Une demande du 1er\u00a0juin\u00a02026 attend déjà sa réponse pour « Service COURRIERS ».",
    )
    assert (await refused_line(pair.asker, both))[0] == "ALREADY_DELEGATED"
    other = await ask(pair, (Wanted("DSN", 1),))
    assert (await delegation.accept(pair.asked, other)).errors == ()
    waits = "Une demande du 1er\u00a0juin\u00a02026 attend déjà sa réponse pour « Service COURRIERS »."
    granted = "Une délégation est déjà accordée pour « Service DSN »."
    assert await refused_line(pair.asker, both) == ("ALREADY_DELEGATED", f"{waits} {granted}")
    await delegation.accept(pair.asked, number, delegation.Narrowing(starts_on=day("2026-09-01")))
    assert (await refused_line(pair.asker, reading))[1].startswith("Une délégation est déjà accordée")  # to come


@pytest.mark.parametrize("how", ["refused", "withdrawn", "ended", "lapsed", "over", "less granted"])
async def test_what_stands_no_more_can_be_asked_again(database: str, moved_clock: Move, how: str) -> None:  # R-DEL-01
    moved_clock(NOON)
    pair = await a_pair()
    both = (Wanted("COURRIERS", 1), Wanted("DSN", 1))
    number = await ask(pair, both, ends_on=day("2027-12-31"))
    match how:
        case "refused":
            await delegation.refuse(pair.asked, number, REASON)
        case "withdrawn":
            await delegation.withdraw(pair.asker, [number])
        case "ended":
            await delegation.accept(pair.asked, number)
            await delegation.end(pair.asker, number, REASON)
        case "lapsed":
            moved_clock("2026-08-01T00:00+02:00")
        case "over":
            await delegation.accept(pair.asked, number)
            moved_clock("2028-01-01T00:00+01:00")
            await User.all().update(expires_on=date(2030, 1, 1))
        case "less granted":
            await delegation.accept(pair.asked, number, delegation.Narrowing((Wanted("DSN", 1),)))
    assert await ask(pair) > number


async def test_the_other_way_round_is_another_matter(database: str) -> None:  # R-DEL-01, R-DEL-06
    pair = await a_pair()
    await agree(pair)
    await Establishment.filter(id=pair.town.id).update(is_centralisateur=True)
    answer = await delegation_request.request(pair.asked, a_request(pair.centre))
    assert codes(answer) == [""]


# ---------------------------------------------------------------- the whole request


async def test_only_administrators_of_a_centralisateur_ask(database: str) -> None:  # R-DEL-01
    pair = await a_pair()
    locked = await builders.user(pair.centre, administrator=True, locked_at=None, expires_on=date(2020, 1, 1))
    operator = builders.viewer(await builders.operator())
    acting = replace(pair.member, acting_for_id=pair.town.id)
    says_so = replace(pair.member, is_administrator=True)
    for who in (pair.member, acting, says_so, builders.viewer(locked), operator, Viewer(), Viewer(api_client_id=1)):
        assert [one[0] for one in await request_refused(who, a_request(pair.town))] == ["NOT_ALLOWED"], who
    [(code, message, path)] = await request_refused(pair.asked, a_request(pair.centre))
    assert (code, path) == ("NOT_CENTRALISATEUR", ())
    assert "n’est pas centralisateur" in message
    await Establishment.filter(id=pair.centre.id).update(is_centralisateur=False)
    assert [one[0] for one in await request_refused(pair.asker, a_request(pair.town))] == ["NOT_CENTRALISATEUR"]


async def test_only_open_services_that_can_be_delegated_are_asked(database: str, moved_clock: Move) -> None:  # R-DEL-01
    moved_clock(NOON)
    pair = await a_pair()
    await builders.service("FERME", closed_on=day("2026-06-01"))
    await builders.service("BIENTOT", online_since=day("2026-06-02"))
    await builders.service("COMPTES", is_delegable=False)
    for wanted, code, path in (
        ((Wanted("COURRIERS", 1), Wanted("FERME", 1)), "UNKNOWN_SERVICE", ("services", "1", "service")),
        ((Wanted("BIENTOT", 1),), "UNKNOWN_SERVICE", ("services", "0", "service")),
        ((Wanted("JAMAIS", 2),), "UNKNOWN_SERVICE", ("services", "0", "service")),
        ((Wanted("DSN", 1), Wanted("COMPTES", 1)), "NOT_DELEGABLE", ("services", "1", "service")),
        ((Wanted("DSN", 1), Wanted("DSN", 2)), "INVALID_VALUE", ("services", "1", "service")),
        ((), "INVALID_VALUE", ("services",)),
        ((Wanted("DSN", 0),), "INVALID_VALUE", ("services",)),
    ):
        [(said, message, where)] = await request_refused(pair.asker, a_request(pair.town, services=wanted), "k")
        assert (said, where) == (code, path), message
    number = await ask(pair, (Wanted("DSN", 1), Wanted("COMPTES", 0)))
    assert await db.rows("SELECT count(*) AS n FROM delegation_services WHERE delegation_id = $1", [number]) == [
        {"n": 1}
    ]


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"starts_on": day("2026-05-31")}, "startsOn"),
        ({"ends_on": day("2026-05-31")}, "endsOn"),
        ({"starts_on": day("2026-07-02"), "ends_on": day("2026-07-01")}, "endsOn"),
        ({"message": "é" * 1001}, "message"),
        ({"sirets": ()}, "sirets"),
        ({"sirets": ("1",) * 2001}, "sirets"),
    ],
)
async def test_what_no_establishment_could_be_asked_is_refused_at_once(  # R-DEL-01
    database: str, moved_clock: Move, values: dict[str, Any], path: str
) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    [(code, _, where)] = await request_refused(pair.asker, replace(a_request(pair.town), **values))
    assert (code, where) == ("INVALID_VALUE", (path,))


@pytest.mark.parametrize(
    "values",
    [
        {"starts_on": day("2026-06-01"), "ends_on": day("2026-06-01")},
        {"ends_on": day("9999-12-31")},
        {"message": " " + "é" * 1000 + " "},
        {"message": "  "},
    ],
)
async def test_what_is_just_possible_is_asked(database: str, moved_clock: Move, values: dict[str, Any]) -> None:
    moved_clock(NOON)
    pair = await a_pair()
    row = await tables.one("delegations", await ask(pair, **values))
    assert row["message"] == (values.get("message", "").strip() or None)


@pytest.mark.parametrize("key", ["", "x" * 81, "a\nb"])
async def test_a_key_that_could_not_be_kept_is_refused(database: str, key: str) -> None:  # R-DEL-01
    pair = await a_pair()
    assert [one[2] for one in await request_refused(pair.asker, a_request(pair.town), key)] == [("idempotencyKey",)]


# ---------------------------------------------------------------- rehearsed


async def test_a_rehearsal_says_the_same_and_writes_nothing(database: str, moved_clock: Move) -> None:  # R-DEL-01
    moved_clock(NOON)
    pair = await a_pair()
    towns = [await builders.establishment() for _ in range(3)]
    await delegation_request.request(pair.asker, a_request(towns[1]))
    given = replace(a_request(pair.town, *towns), sirets=(*a_request(pair.town, *towns, towns[0]).sirets, "12"))
    before = await tables.digest()
    rehearsed = await delegation_request.request(pair.asker, given, "a key", dry_run=True)
    assert await tables.digest() == before
    assert await delegation_request.progress(pair.asker, "a key") is None
    done = await delegation_request.request(pair.asker, given, "a key")
    assert [replace(one, delegation_id=None) for one in done.lines] == list(rehearsed.lines)
    assert codes(done) == ["", "", "ALREADY_DELEGATED", "", "INVALID_VALUE", "UNKNOWN_SIRET"]
