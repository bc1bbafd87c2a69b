"""Who is told what of the last days of requests and delegations (R-DEL-04)."""

from collections.abc import Callable
from datetime import date, datetime

from backend import clock
from backend import database as db
from backend.jobs import schedule
from backend.rules import delegation_notice
from tests import builders
from tests.rules import tables
from tests.rules.calendar_world import (
    LAPSED,
    LONG_AGO,
    ONE_LAPSED,
    PASSES,
    REMINDER,
    a_centre,
    a_day,
    a_town,
    at,
    between,
    everything,
    in_force,
    mails,
    noon,
    plain,
    somebody,
    status,
    told,
    waiting,
)
from tests.rules.pair import a_pair, agree, ask

Move = Callable[[str], None]


async def test_a_request_whose_own_end_has_passed_lapses_with_it(database: str) -> None:  # R-DEL-04
    with at("2026-06-01T12:00+02:00"):
        pair = await a_pair()
        number = await ask(pair, ends_on=date(2026, 6, 20))
    for day in between("2026-06-02", "2026-08-15"):
        await a_day(day)
    assert await told(pair.mayor) == [
        ("2026-06-01", "Centre de gestion 17 demande à agir pour vous"),
        ("2026-06-16", REMINDER),
        ("2026-06-21", LAPSED),
    ]
    assert await told(pair.chief) == [("2026-06-21", ONE_LAPSED.format("de Royan"))]
    [mail] = [one for one in await mails("DELEGATION_DECIDED") if one["user_id"] == pair.mayor.id]
    assert "jusqu’au 20\u00a0juin\u00a02026 au soir" in mail["body_text"]
    row = await tables.one("delegations", number)
    assert (row["status"], row["decided_at"]) == ("EXPIRED", None)
    assert row["ended_at"] == clock.to_microseconds(datetime.fromisoformat("2026-06-21T00:00+02:00"))


async def test_the_delegataire_is_told_how_to_extend_and_what_it_means(database: str, moved_clock: Move) -> None:
    """R-DEL-04: the first line and the link are of the one act; the sentence counts who acts today."""
    moved_clock("2026-06-01T12:00+02:00")
    pair = await a_pair()
    number = await agree(pair, ends_on=date(2026, 8, 15))
    moved_clock("2026-06-16T12:00+02:00")
    await everything()
    [mail] = [one for one in await mails("DELEGATION_ENDED") if one["user_id"] == pair.mayor.id]
    text = plain(mail["body_text"])
    link = delegation_notice.encode("Delegation", number)
    assert "Prolongez avant la fin du 15 août 2026 la délégation accordée au Centre de gestion 17" in text
    assert f"/etablissement/delegations/{link} Sans prolongation, elle finit dans 60 jours" in text
    assert "à partir du 16 août 2026, elle ne donnera plus accès à rien." in text
    assert "personne du Centre de gestion 17 n’agit pour vous" in text
    assert mail["rule"] == "R-DEL-04"


async def test_a_long_list_is_cut_and_links_to_the_page(database: str, moved_clock: Move) -> None:
    moved_clock("2026-11-20T12:00+01:00")
    centre, [chief] = await a_centre()
    for number in range(delegation_notice.LISTED + 2):
        await in_force(centre, chief, f"du-lieu-{number:02d}", "2026-12-05")
    await in_force(centre, chief, "d’Arvert", "2026-11-21")
    await everything()
    [mail] = [one for one in await mails() if one["user_id"] == chief.id]
    assert plain(mail["subject"]) == "33 délégations finissent bientôt"
    lines = [line for line in mail["body_text"].splitlines() if line.startswith("- ")]
    assert len(lines) == delegation_notice.LISTED + 1
    assert plain(lines[0]) == "- Commune d’Arvert, le 21 novembre 2026"  # the nearest first
    assert lines[-1] == "- et 3 autres, sur la même page"
    assert "/etablissement/delegations?fin=60\n" in mail["body_text"]
    assert mail["body_html"].count("<li>") == len(lines)


async def test_of_what_lapsed_whoever_asked_is_told_and_everybody_once_they_are_gone(
    database: str, moved_clock: Move
) -> None:  # R-DEL-02, R-DEL-04
    moved_clock("2026-11-20T12:00+01:00")
    centre, [first, second, third] = await a_centre(administrators=3)
    long_ago = noon(date(2026, 9, 20))
    for asker, names in ((first, ("A", "B")), (second, ("C",))):
        for name in names:
            await waiting(centre, asker, name, long_ago)
    await db.execute("UPDATE users SET is_administrator = FALSE WHERE id = $1", [second.id])
    await everything()
    lists = {one["recipient"].partition("@")[0]: one["body_text"] for one in await mails()}
    found = {
        who: sorted(line[10:11] for line in text.splitlines() if line.startswith("- "))
        for who, text in lists.items()
        if who.startswith("chief")
    }
    assert found == {first.identifier: ["A", "B", "C"], third.identifier: ["C"]}
    assert "/etablissement/delegations?vue=finies" in lists[first.identifier]


async def test_a_delegataire_without_administrator_still_lapses_and_expires(database: str, moved_clock: Move) -> None:
    """R-DEL-04: nobody to write to there; the centralisateur is told."""
    moved_clock("2026-11-20T12:00+01:00")
    centre, [chief] = await a_centre()
    town = await builders.establishment("Commune d’Arvert")
    await builders.user(town, administrator=True, password_hash=None)
    over = await in_force(centre, chief, "", "2026-11-19", town=town)
    lapsed = await waiting(centre, chief, "", noon(date(2026, 9, 20)), town=town)
    await in_force(centre, chief, "", "2026-11-21", town=town)
    await waiting(centre, chief, "", noon(date(2026, 11, 1)), town=town)
    await everything()
    assert [(await status(one))[0] for one in (over, lapsed)] == ["EXPIRED", "EXPIRED"]
    assert {one["user_id"] for one in await mails()} == {chief.id}
    assert len(await mails()) == 3


async def test_a_centralisateur_without_administrator_is_told_nothing_and_not_later_either(
    database: str, moved_clock: Move
) -> None:
    moved_clock("2026-11-20T12:00+01:00")
    centre, [chief] = await a_centre()
    await in_force(centre, chief, "Arvert", "2026-11-19")
    await db.execute("UPDATE users SET deleted_at = 1 WHERE id = $1", [chief.id])
    await everything()
    late = await somebody(centre, "late")
    await everything()
    assert late.id not in {one["user_id"] for one in await mails()}
    assert len(await mails()) == 1


async def test_nothing_is_written_to_the_platforms_own_people(database: str, moved_clock: Move) -> None:
    moved_clock("2026-11-20T12:00+01:00")
    own = await builders.establishment("Gestion de la plateforme", is_platform=True, is_centralisateur=True)
    chief = await somebody(own, "operator")
    one = await in_force(own, chief, "Arvert", "2026-11-19")
    await everything()
    assert (await status(one))[0] == "EXPIRED"
    assert [one["recipient"].partition("@")[0] for one in await mails()] == ["mayor-Arvert-0"]


async def test_nothing_is_told_where_nothing_happens(database: str) -> None:  # R-DEL-04
    with clock.moved_to(LONG_AGO):
        centre, [chief] = await a_centre()
        await in_force(centre, chief, "Arvert", "2027-06-30")
        await waiting(centre, chief, "Royan", noon(date(2026, 11, 20)))
        for state, end in (("ENDED", "2026-12-01"), ("REFUSED", "2026-12-01"), ("WITHDRAWN", "2026-12-01")):
            town = await a_town(state)
            await builders.delegation(centre, town, status=state, asker=chief, ends_on=date.fromisoformat(end))
    for day in between("2026-11-20", "2026-12-04"):
        await a_day(day)
    assert await mails() == []
    assert await tables.contents() == {**await tables.contents(), "delegation_steps": [], "audit_events": []}


async def test_the_schedule_runs_them_all() -> None:
    assert {*PASSES} <= {job.work for job in schedule.JOBS}
