"""Services: published, told, reviewed, closed (R-RGT-04, 05)."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.models import Establishment, Service, User
from backend.reads import establishment as reads
from backend.reads import service as catalogue
from backend.reads import task
from backend.rules import access, announcement, right, service
from backend.rules.error import UserError
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables


async def operator() -> Viewer:
    await builders.fund()
    return builders.viewer(await builders.operator())


async def a_town() -> tuple[Establishment, User, User]:
    """An establishment, its administrator and a colleague."""
    town = await builders.establishment()
    return town, await builders.user(town, administrator=True), await builders.user(town)


def new(**values: Any) -> service.NewService:
    given: dict[str, Any] = {
        "code": "PRESTATIONS",
        "label": "Prestations",
        "description": "Suivre les prestations de vos agents.",
        "theme": "Gestion",
        "funds": ("CNRACL",),
        "online_since": clock.today(),
    }
    return service.NewService(**given | values)


async def published(who: Viewer, **values: Any) -> int:
    outcome = await service.publish(who, new(**values))
    assert outcome.errors == ()
    assert outcome.service_id is not None
    return outcome.service_id


def refusals(errors: Sequence[UserError]) -> list[tuple[str, str]]:
    return [(one.code.value, one.path[0] if one.path else "") for one in errors]


async def to_review(town: Establishment) -> set[int]:
    [found] = await reads.services_to_review([town.id])
    return {one["service_id"] for one in found}


async def reached(who: User) -> set[int]:
    """The services on which somebody's rights count now."""
    sql = Sql()
    sql.add(f"SELECT r.service_id FROM ({access.reach(sql, builders.viewer(who))}) r")
    return {one["service_id"] for one in await db.rows(sql)}


# ---------------------------------------------------------------- publishing


async def test_a_published_service_is_for_everybody_to_review_and_for_nobody_to_use(database: str) -> None:  # R-RGT-04
    town, chief, clerk = await a_town()
    await builders.service("ANCIEN")  # there before the establishment came
    number = await published(await operator(), code=" prestations ", label="  Prestations   et droits ")
    kept = await tables.one("services", number)
    assert (kept["code"], kept["label"], kept["closed_on"]) == ("PRESTATIONS", "Prestations et droits", None)
    assert kept["position"] == 2
    assert await db.rows("SELECT fund_id FROM service_funds WHERE service_id = $1", [number]) == [{"fund_id": "CNRACL"}]
    assert await to_review(town) == {number}
    assert (await task.waiting(builders.viewer(chief)))[0].kind == "REVIEW_NEW_SERVICES"
    assert "REVIEW_NEW_SERVICES" not in [one.kind for one in await task.waiting(builders.viewer(clerk))]
    assert (await reached(chief), await reached(clerk)) == (set(), set())
    [event] = await tables.journal("service.published")
    assert (event["subject_type"], event["subject_id"]) == ("Service", number)
    told = {name: kept[name] for name in ("code", "label", "description", "theme", "position", "online_since")}
    assert event["body"]["facts"] == {**told, "is_delegable": True, "funds": ["CNRACL"]}


async def test_an_operator_who_left_since_their_request_began_changes_no_service(database: str) -> None:  # R-ACC-12
    who = await operator()
    await builders.service()
    await User.filter(id=who.user_id or 0).update(expires_on=clock.today() - timedelta(days=1))
    before = await tables.digest()
    assert refusals((await service.publish(who, new())).errors) == [("NOT_ALLOWED", "")]
    assert refusals((await service.close(who, "COURRIERS", clock.today())).errors) == [("NOT_ALLOWED", "")]
    assert await tables.digest() == before


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"code": "Prestations d’été"}, "code"),
        ({"code": "1A"}, "code"),
        ({"code": "A" * 41}, "code"),
        ({"label": "  "}, "label"),
        ({"label": "x" * 121}, "label"),
        ({"description": ""}, "description"),
        ({"description": "a\u0000b"}, "description"),
        ({"theme": " "}, "theme"),
        ({"online_since": date(2020, 1, 1)}, "onlineSince"),
        ({"position": -1}, "position"),
        ({"position": 10_000}, "position"),
    ],
)
async def test_what_is_not_a_service_is_refused(database: str, values: dict[str, Any], path: str) -> None:  # R-RGT-04
    outcome = await service.publish(await operator(), new(**values))
    assert refusals(outcome.errors) == [("INVALID_VALUE", path)]
    assert await db.rows("SELECT 1 FROM services") == []
    assert await db.rows("SELECT 1 FROM platform_facts") == []


async def test_a_code_is_taken_for_ever_even_at_once(database: str) -> None:  # R-RGT-04
    who = await operator()
    outcomes = await asyncio.gather(*(service.publish(who, new()) for _ in range(3)))
    refused = [refusals(one.errors) for one in outcomes if one.errors]
    assert refused == [[("SERVICE_CODE_TAKEN", "code")]] * 2
    await Service.all().update(closed_on=clock.today())
    assert refusals((await service.publish(who, new())).errors) == [("SERVICE_CODE_TAKEN", "code")]
    assert await db.rows("SELECT count(*) AS n FROM services") == [{"n": 1}]
    assert len(await tables.journal("service.published")) == 1


async def test_only_operators_publish_and_close(database: str) -> None:  # R-RGT-04, 05
    _, chief, _ = await a_town()
    await builders.service()
    viewer = builders.viewer(chief)
    assert [one.code.value for one in (await service.publish(viewer, new())).errors] == ["NOT_ALLOWED"]
    assert [one.code.value for one in (await service.close(viewer, "COURRIERS", clock.today())).errors] == [
        "NOT_ALLOWED"
    ]
    assert await db.rows("SELECT code, closed_on FROM services") == [{"code": "COURRIERS", "closed_on": None}]


async def test_a_service_to_come_opens_and_is_told_on_its_day(
    database: str, moved_clock: Callable[[str], None]
) -> None:  # R-RGT-04
    moved_clock("2026-03-01T10:00+01:00")
    who = await operator()
    town, chief, _ = await a_town()
    number = await published(who, online_since=date(2026, 3, 10))
    await announcement.tell_due()
    assert await to_review(town) == set()
    assert await catalogue.visible(builders.viewer(chief), [number]) == [None]
    assert (await catalogue.visible(who, [number]))[0] is not None
    assert (await catalogue.online(), len(await catalogue.every())) == ([], 1)
    told = "SELECT recipient, body_text FROM notifications WHERE kind = 'NEW_SERVICE'"
    assert await db.rows(told) == []
    given = await right.give(builders.viewer(chief), [chief.id], [right.Wanted("PRESTATIONS", 1)])
    assert [one.code.value for one in given.errors] == ["UNKNOWN_SERVICE"]
    moved_clock("2026-03-10T00:01+01:00")
    for _ in range(2):
        await announcement.tell_due()
    assert await to_review(town) == {number}
    [mail] = await db.rows(told)
    assert mail["recipient"] == chief.email
    assert "/etablissement/services/a-revoir" in mail["body_text"]
    assert await db.rows("SELECT name FROM platform_facts") == []


# ---------------------------------------------------------------- closing


async def test_a_service_that_closes_hides_its_rights_and_keeps_them(
    database: str, moved_clock: Callable[[str], None]
) -> None:  # R-RGT-05
    moved_clock("2026-03-01T10:00+01:00")
    who = await operator()
    town, _, _ = await a_town()
    reader = await builders.user(town, rights={"COURRIERS": builders.READ})
    number = (await Service.get(code="COURRIERS")).id
    closed = await service.close(who, "COURRIERS", date(2026, 3, 3))
    assert (closed.service_id, closed.errors) == (number, ())
    assert await reached(reader) == {number}
    moved_clock("2026-03-02T23:59+01:00")
    assert await reached(reader) == {number}
    moved_clock("2026-03-03T00:00+01:00")
    assert await reached(reader) == set()
    assert await catalogue.online() == []
    assert len(await db.rows("SELECT 1 FROM rights WHERE user_id = $1", [reader.id])) == 1
    [event] = await tables.journal("service.closed")
    assert event["body"]["changes"] == {"closed_on": [None, "2026-03-03"]}
    assert event["body"]["facts"] == {"code": "COURRIERS"}
    again = await service.close(who, "COURRIERS", date(2026, 4, 1))
    assert refusals(again.errors) == [("INVALID_VALUE", "code")]
    assert "3 mars 2026" in again.errors[0].message.replace("\u00a0", " ")


async def test_a_closing_to_come_is_moved_and_never_goes_back_in_time(database: str) -> None:  # R-RGT-05
    who = await operator()
    number = (await builders.service()).id
    today = clock.today()
    assert refusals((await service.close(who, "COURRIERS", today - timedelta(days=1))).errors) == [
        ("INVALID_VALUE", "closedOn")
    ]
    assert refusals((await service.close(who, "INCONNU", today)).errors) == [("UNKNOWN_SERVICE", "code")]
    for days in (30, 30, 10):
        assert (await service.close(who, "COURRIERS", today + timedelta(days=days))).errors == ()
    assert (await tables.one("services", number))["closed_on"] == (today + timedelta(days=10)).isoformat()
    days = [(today + timedelta(days=days)).isoformat() for days in (30, 10)]
    told = [one["body"]["changes"]["closed_on"] for one in await tables.journal("service.closed")]
    assert told == [[None, days[0]], days]


async def test_one_closed_before_its_review_waits_for_nobody(database: str) -> None:  # R-RGT-04, 05
    who = await operator()
    town, _, _ = await a_town()
    await published(who)
    await service.close(who, "PRESTATIONS", clock.today())
    assert await to_review(town) == set()
    await announcement.tell_due()
    assert await db.rows("SELECT 1 FROM notifications WHERE kind = 'NEW_SERVICE'") == []


# ---------------------------------------------------------------- reviewing


async def test_a_review_counts_once_and_ends_the_wait(database: str) -> None:  # R-RGT-04
    town, chief, _ = await a_town()
    other, _, _ = await a_town()
    number = await published(await operator())
    codes = ["PRESTATIONS", "PRESTATIONS"]
    for _ in range(2):
        assert await service.review(builders.viewer(chief), town.id, codes) == ()
    assert (await to_review(town), await to_review(other)) == (set(), {number})
    assert "REVIEW_NEW_SERVICES" not in [one.kind for one in await task.waiting(builders.viewer(chief))]
    [kept] = await db.rows("SELECT establishment_id, service_id, reviewed_by_id FROM service_reviews")
    assert list(kept.values()) == [town.id, number, chief.id]
    [event] = await tables.journal("service.reviewed")
    assert (event["actor_id"], event["establishment_id"], event["subject_id"]) == (chief.id, town.id, number)


async def test_two_who_review_at_once_leave_one_review(database: str) -> None:  # R-RGT-04
    town, chief, _ = await a_town()
    second = await builders.user(town, administrator=True)
    await published(await operator())
    viewers = [builders.viewer(one) for one in (chief, second, chief, second)]
    outcomes = await asyncio.gather(*(service.review(one, town.id, ["PRESTATIONS"]) for one in viewers))
    assert outcomes == [()] * 4
    assert len(await db.rows("SELECT 1 FROM service_reviews")) == 1
    assert len(await tables.journal("service.reviewed")) == 1


async def test_only_its_administrators_review_and_only_what_is_open(database: str) -> None:  # R-RGT-04
    town, chief, clerk = await a_town()
    _, stranger, _ = await a_town()
    who = await operator()
    await published(who)
    await published(who, code="BIENTOT", online_since=clock.today() + timedelta(days=1))
    for one in (builders.viewer(clerk), builders.viewer(stranger), who):
        assert refusals(await service.review(one, town.id, ["PRESTATIONS"])) == [("NOT_FOUND", "establishmentId")]
    viewer = builders.viewer(chief)
    found = await service.review(viewer, town.id, ["PRESTATIONS", "BIENTOT", "INCONNU"])
    assert [(one.code.value, one.path) for one in found] == [
        ("UNKNOWN_SERVICE", ("services", "1")),
        ("UNKNOWN_SERVICE", ("services", "2")),
    ]
    for codes in ([], ["PRESTATIONS"] * 101):
        assert refusals(await service.review(viewer, town.id, codes)) == [("INVALID_VALUE", "services")]
    assert await db.rows("SELECT 1 FROM service_reviews") == []
