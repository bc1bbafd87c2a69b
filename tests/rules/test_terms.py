"""The terms of use: published, accepted, waited for (R-CGU-01 to 03)."""

import asyncio
import hashlib
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.models import Establishment, Terms, User
from backend.reads import terms as reads
from backend.rules import access, announcement, details, session, terms, user
from backend.rules.viewer import HeldBack, Origin, Viewer
from tests import builders
from tests.rules import tables

BODY = "Conditions\n\n1. Objet\nLe texte.\n"


async def held(person: User) -> str | None:
    """What `access` says of somebody at this instant."""
    sql = Sql()
    sql.add(f"SELECT {access.held_back(sql, 'u')} AS held FROM users u WHERE u.id = {sql.bind(person.id)}")
    found = await db.row(sql)
    return found["held"] if found else None


async def a_town(**values: Any) -> tuple[Establishment, User, User]:
    """An establishment, its administrator and a colleague."""
    town = await builders.establishment(**values)
    return town, await builders.user(town, administrator=True), await builders.user(town)


async def operator() -> Viewer:
    return builders.viewer(await builders.operator())


def codes(errors: Any) -> list[str]:
    return [one.code.value for one in errors]


async def accept(who: User, version: Terms, *where: Establishment) -> terms.Accepted:
    return await terms.accept(builders.viewer(who), version.id, [one.id for one in where])


# ---------------------------------------------------------------- who is held back


async def test_until_one_accepts_administrators_see_only_the_terms(database: str) -> None:  # R-CGU-02
    town, chief, clerk = await a_town()
    second = await builders.user(town, administrator=True)
    assert [await held(one) for one in (chief, second, clerk)] == [None, None, None]
    version = await builders.terms(published_on=clock.today())
    assert [await held(one) for one in (chief, second, clerk)] == ["ACCEPT_TERMS", "ACCEPT_TERMS", None]
    await accept(second, version, town)
    assert [await held(one) for one in (chief, second, clerk)] == [None, None, None]


async def test_others_work_for_thirty_days_then_are_held_back(
    database: str, at: Callable[[str], Any]
) -> None:  # R-CGU-02
    _, _, clerk = await a_town()
    await builders.terms(published_on=date(2026, 3, 1))
    told = {}
    for instant in ("2026-03-01T00:00+01:00", "2026-03-30T23:59:59+02:00", "2026-03-31T00:00+02:00"):
        with at(instant):
            told[instant] = await held(clerk)
    assert list(told.values()) == [None, None, "ASK_TO_ACCEPT_TERMS"]


async def test_terms_to_come_bind_from_midnight_in_paris(database: str, at: Callable[[str], Any]) -> None:  # R-CGU-01
    _, chief, _ = await a_town()
    await builders.terms(published_on=date(2026, 7, 1))
    with at("2026-06-30T23:59:59+02:00"):
        assert await held(chief) is None
        assert await reads.current() is None
    with at("2026-07-01T00:00+02:00"):
        assert await held(chief) == "ACCEPT_TERMS"
        assert (await reads.current() or {})["version"] == "2026-01"


async def test_a_new_version_asks_again_and_the_old_acceptance_stays(database: str) -> None:  # R-CGU-01, 02, 03
    town, chief, _ = await a_town()
    await accept(chief, await builders.terms("1"), town)
    assert await held(chief) is None
    second = await builders.terms("2", clock.today())
    assert await held(chief) == "ACCEPT_TERMS"
    await accept(chief, second, town)
    [kept] = await reads.acceptances([town.id])
    assert {one["terms_id"] for one in kept} == {second.id, second.id - 1}
    assert await held(chief) is None


async def test_grace_begins_with_the_establishment_where_it_came_after_the_terms(
    database: str, at: Callable[[str], Any]
) -> None:  # R-CGU-02
    _, chief, clerk = await a_town(registered_on=date(2026, 3, 10))
    await builders.terms(published_on=date(2024, 1, 1))
    with at("2026-04-08T12:00+02:00"):
        assert (await held(chief), await held(clerk)) == ("ACCEPT_TERMS", None)
    with at("2026-04-09T12:00+02:00"):
        assert await held(clerk) == "ASK_TO_ACCEPT_TERMS"


async def test_operators_and_the_platform_itself_are_not_concerned(database: str) -> None:  # R-CGU-02
    await builders.terms()
    platform = await builders.establishment(is_platform=True)
    staff = await builders.user(platform, administrator=True, is_operator=True)
    helper = await builders.user(platform, administrator=True)
    assert (await held(staff), await held(helper)) == (None, None)
    assert await reads.to_accept(builders.viewer(helper)) == []


async def test_who_is_held_back_is_judged_by_the_statement_that_knows_them(database: str) -> None:  # R-CGU-02
    town, chief, clerk = await a_town()
    opened = [
        await session.log_in(one.identifier, builders.PASSWORD, session.TOKEN, Origin()) for one in (chief, clerk)
    ]
    version = await builders.terms()
    found = [await session.authenticate(one.secret or "", Origin()) for one in opened]
    assert [one.held_back for one in found if one] == [HeldBack.ACCEPT_TERMS, HeldBack.ASK_TO_ACCEPT_TERMS]
    assert {(one.establishment_id, one.is_administrator) for one in found if one} == {(None, False)}
    db.statements.seen = []
    await session.authenticate(opened[0].secret or "", Origin())
    asked, db.statements.seen = db.statements.seen, None
    assert len(asked) == 1
    chief_held = found[0]
    assert chief_held is not None
    assert await reads.to_accept(chief_held) == [town.id]
    assert codes((await terms.accept(chief_held, version.id, [town.id])).results.errors) == []
    again = await session.authenticate(opened[1].secret or "", Origin())
    assert again is not None
    assert again.held_back is None


async def test_who_is_held_back_changes_nothing_not_even_by_a_request_begun_before(
    database: str,
) -> None:  # R-CGU-02
    person = {"administrator": True, "email": "a@exemple.example", "first_name": "Anne", "last_name": "Roy"}
    town, elsewhere = await builders.establishment(), await builders.establishment()
    chief, there = await builders.user(town, **person), await builders.user(elsewhere, **person)
    clerk, colleague = await builders.user(town), await builders.user(elsewhere, expires_on=clock.today())
    begun = (await session.log_in(chief.identifier, builders.PASSWORD, session.TOKEN, Origin())).viewer
    assert begun is not None
    assert begun.held_back is None
    version = await builders.terms()
    await accept(there, version, elsewhere)
    before = await tables.digest()
    edit = details.Edit(phone="05 46 00 00 00")
    assert codes(await user.set_profile(begun, clerk.id, is_administrator=True)) == ["NOT_FOUND"]
    assert codes(await details.update_own(begun, edit)) == ["NOT_ALLOWED"]
    assert codes(await session.act_for(begun, elsewhere.id)) == ["NOT_ALLOWED"]
    assert codes((await user.renew(begun, [colleague.id])).results[0][1]) == ["NOT_FOUND"]
    assert await tables.digest() == before
    assert (await user.renew(builders.viewer(there), [colleague.id])).done_ids == [colleague.id]
    await accept(chief, version, town)
    assert await user.set_profile(begun, clerk.id, is_administrator=True) == []


# ---------------------------------------------------------------- accepting


async def test_what_is_kept_of_an_acceptance(database: str) -> None:  # R-CGU-03
    town, chief, _ = await a_town()
    version = await builders.terms(body=BODY)
    before = clock.now()
    outcome = await accept(chief, version, town)
    [[kept]] = await reads.acceptances([town.id])
    assert outcome.acceptance_ids == (kept["id"],)
    assert (kept["user_id"], kept["terms_id"], kept["establishment_id"]) == (chief.id, version.id, town.id)
    assert kept["body_sha256"] == hashlib.sha256(BODY.encode()).hexdigest()
    assert before <= clock.from_microseconds(kept["accepted_at"]) <= clock.now()
    event = await db.row("SELECT * FROM audit_events WHERE action = 'terms.accepted'")
    assert event is not None
    assert (event["actor_id"], event["establishment_id"], event["subject_id"]) == (chief.id, town.id, version.id)


async def test_one_act_for_all_the_establishments_one_administers(database: str) -> None:  # R-CGU-03
    person = {"email": "a@cdg.example", "first_name": "Anne", "last_name": "Roy", "administrator": True}
    towns = [await builders.establishment(f"Commune {name}") for name in "ABC"]
    accounts = [await builders.user(town, **person) for town in towns]
    elsewhere = await builders.establishment()
    await builders.user(elsewhere, administrator=True)
    version = await builders.terms()
    assert await reads.to_accept(builders.viewer(accounts[1])) == [towns[1].id, towns[0].id, towns[2].id]
    outcome = await accept(accounts[0], version, *towns, elsewhere)
    assert [codes(errors) for _, errors in outcome.results.results] == [[], [], [], ["NOT_FOUND"]]
    assert len(outcome.acceptance_ids) == 3
    assert await reads.to_accept(builders.viewer(accounts[0])) == []
    assert {one["user_id"] for [one] in await reads.acceptances([town.id for town in towns])} == {accounts[0].id}


async def test_only_administrators_accept_and_only_at_home(database: str) -> None:  # R-CGU-02
    town, _, clerk = await a_town()
    other, stranger, _ = await a_town()
    version = await builders.terms()
    for who, where in ((clerk, town), (stranger, town)):
        outcome = await accept(who, version, where)
        assert [codes(errors) for _, errors in outcome.results.results] == [["NOT_FOUND"]]
    staff = await terms.accept(await operator(), version.id, [other.id])
    assert [codes(errors) for _, errors in staff.results.results] == [["NOT_FOUND"]]
    assert await db.rows("SELECT 1 FROM terms_acceptances") == []


async def test_only_the_version_in_force_is_accepted(database: str) -> None:  # R-CGU-01
    town, chief, _ = await a_town()
    old = await builders.terms("1")
    coming = await builders.terms("3", clock.today() + timedelta(days=1))
    await builders.terms("2", clock.today())
    for version in (old, coming):
        assert codes((await accept(chief, version, town)).results.errors) == ["TERMS_CHANGED"]
    assert await db.rows("SELECT 1 FROM terms_acceptances") == []


async def test_two_who_accept_at_once_leave_one_acceptance(database: str) -> None:  # R-CGU-02, 03
    town, chief, _ = await a_town()
    second = await builders.user(town, administrator=True, first_name="Ève", last_name="Petit")
    version = await builders.terms()
    outcomes = await asyncio.gather(*(accept(one, version, town) for one in (chief, second, chief, second)))
    refused = [errors for outcome in outcomes for _, errors in outcome.results.results if errors]
    assert [codes(errors) for errors in refused] == [["ALREADY_ACCEPTED"]] * 3
    assert len({one.acceptance_ids for one in outcomes}) == 1
    [[kept]] = await reads.acceptances([town.id])
    name = {chief.id: f"{chief.first_name} {chief.last_name}", second.id: "Ève Petit"}[kept["user_id"]]
    when = clock.from_microseconds(kept["accepted_at"]).astimezone(clock.PARIS)
    said = f"Déjà acceptées par {name} le {clock.french_date(when.date())} à {when:%H:%M} : "
    assert {errors[0].message for errors in refused} == {f"{said}vous n’avez rien de plus à faire."}
    assert len(await db.rows("SELECT 1 FROM audit_events WHERE action = 'terms.accepted'")) == 1


# ---------------------------------------------------------------- publishing


def new(version: str = "2026-12", **values: Any) -> terms.NewTerms:
    return terms.NewTerms(**{"version": version, "published_on": clock.today(), "body": BODY, **values})


async def test_publishing_is_for_operators_and_is_journaled(database: str) -> None:  # R-CGU-01
    _, chief, _ = await a_town()
    assert codes((await terms.publish(builders.viewer(chief), new())).errors) == ["NOT_ALLOWED"]
    outcome = await terms.publish(await operator(), new())
    made = await Terms.get(id=outcome.terms_id or 0)
    assert (made.body, made.body_sha256) == (BODY, hashlib.sha256(BODY.encode()).hexdigest())
    assert await held(chief) == "ACCEPT_TERMS"
    assert await db.row("SELECT 1 FROM audit_events WHERE action = 'terms.published' AND subject_id = $1", [made.id])


async def test_an_operator_who_left_since_their_request_began_publishes_nothing(database: str) -> None:  # R-ACC-12
    staff = await builders.operator()
    await User.filter(id=staff.id).update(deleted_at=clock.now())
    assert codes((await terms.publish(builders.viewer(staff), new())).errors) == ["NOT_ALLOWED"]
    assert await Terms.all().count() == 0


async def test_what_is_wrong_with_a_version_is_said(database: str) -> None:  # R-CGU-01
    who = await operator()
    await builders.terms("1", clock.today())
    later = clock.today() + timedelta(days=9)
    cases = {
        ("1", later, BODY, "Tout."): [("VERSION_TAKEN", "version")],
        ("2", clock.today(), BODY, "Tout."): [("INVALID_VALUE", "publishedOn")],
        ("2", clock.today() - timedelta(days=1), BODY, "Tout."): [("INVALID_VALUE", "publishedOn")],
        ("2", later, " \n ", "Tout."): [("INVALID_VALUE", "body")],
        ("2", later, BODY, " "): [("INVALID_VALUE", "changes")],
        ("", later, BODY, "Tout."): [("INVALID_VALUE", "version")],
        ("2", later, "a" * 100_001, "Tout."): [("INVALID_VALUE", "body")],
        ("2", later, "caché\u202e", "Tout."): [("INVALID_VALUE", "body")],
    }
    told = {}
    for version, day, body, changes in cases:
        outcome = await terms.publish(who, terms.NewTerms(version, day, body, changes))
        told[version, day, body, changes] = [(one.code.value, one.path[0]) for one in outcome.errors]
    assert told == cases
    assert await Terms.all().count() == 1


async def test_a_rehearsal_publishes_nothing(database: str) -> None:
    outcome = await terms.publish(await operator(), new(), rehearsal=True)
    assert (outcome.terms_id, outcome.errors, await Terms.all().count()) == (None, (), 0)
    assert await db.rows("SELECT 1 FROM platform_facts") == []


async def test_two_who_publish_the_same_version_at_once_leave_one(database: str) -> None:  # R-CGU-01
    who = [await operator(), await operator()]
    outcomes = await asyncio.gather(*(terms.publish(one, new()) for one in who))
    assert sorted(codes(one.errors)[:1] for one in outcomes) == [[], ["VERSION_TAKEN"]]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE terms SET body = 'autre'",
        "UPDATE terms SET published_on = '2030-01-01'",
        "DELETE FROM terms",
        "UPDATE terms_acceptances SET user_id = user_id",
        "DELETE FROM terms_acceptances",
    ],
)
async def test_the_database_refuses_to_change_what_was_published_or_accepted(
    database: str, statement: str
) -> None:  # R-CGU-01, R-CGU-03
    town, chief, _ = await a_town()
    await accept(chief, await builders.terms(), town)
    with pytest.raises(Exception, match="append-only"):
        await db.execute(statement)


# ---------------------------------------------------------------- telling


async def mails() -> list[tuple[str, str]]:
    found = await db.rows("SELECT recipient, subject FROM notifications WHERE kind = 'NEW_TERMS' ORDER BY id")
    return [(one["recipient"], one["subject"]) for one in found]


async def test_administrators_are_told_once_on_the_day_and_reminded_before_the_grace_ends(
    database: str, moved_clock: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:  # R-CGU-02, R-NOT-01
    monkeypatch.setattr(announcement, "BATCH", 2)
    moved_clock("2026-03-01T10:00+01:00")
    who = await operator()
    towns = [await a_town() for _ in range(3)]
    second = await builders.user(towns[0][0], administrator=True)
    await builders.user(towns[0][0], administrator=True, password_hash=None)  # invited: finds the terms at sign-in
    given = new("2026-03", published_on=date(2026, 3, 10), changes="- Les délégations.\n- Les délais.")
    outcome = await terms.publish(who, given)
    await announcement.tell_due()
    assert await mails() == []
    moved_clock("2026-03-10T00:00:01+01:00")
    await asyncio.gather(announcement.tell_due(), announcement.tell_due())
    await announcement.tell_due()
    chiefs = [chief.email for _, chief, _ in towns]
    first = "De nouvelles conditions générales d’utilisation à accepter"
    assert sorted(await mails()) == sorted((one, first) for one in [*chiefs, second.email])
    await terms.accept(builders.viewer(towns[0][1]), outcome.terms_id or 0, [towns[0][0].id])
    moved_clock("2026-04-01T23:59+02:00")
    await announcement.tell_due()
    assert len(await mails()) == 4
    moved_clock("2026-04-02T00:01+02:00")
    await announcement.tell_due()
    await announcement.tell_due()
    reminded = [one for one in await mails() if one[1].startswith("Rappel")]
    assert sorted(reminded) == sorted(
        (one, "Rappel : l’accès de votre établissement s’arrête le 9 avril 2026") for one in chiefs[1:]
    )
    assert await db.rows("SELECT name FROM platform_facts") == []


async def test_each_batch_goes_on_from_the_last_account_told(database: str) -> None:  # R-CGU-02, R-RGT-04
    """Where all accounts were gone through for each batch of 200, telling 65,000 people took two minutes."""
    if db.dialect() == "sqlite":
        await a_town()
        await terms.publish(await operator(), new())
        db.statements.seen = []
        await announcement.tell_due()
        asked, db.statements.seen = db.statements.seen, None
        [statement] = [one for one in asked if "FROM users u CROSS JOIN establishments e" in one]
        values = [1] * len(set(re.findall(r"\$\d+", statement)))
        plan = [one["detail"] for one in await db.rows(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert plan[0] == "SEARCH u USING INTEGER PRIMARY KEY (rowid>?)"
        assert [one for one in plan if "TEMP B-TREE" in one or one.startswith("SCAN")] == []


async def test_catching_up_late_tells_what_is_still_true(
    database: str, moved_clock: Callable[[str], None]
) -> None:  # R-CGU-02
    moved_clock("2026-03-01T10:00+01:00")
    who = await operator()
    _, chief, _ = await a_town()
    await terms.publish(who, new("1", published_on=date(2026, 3, 2)))
    await terms.publish(who, new("2", published_on=date(2026, 3, 4), changes="Tout."))
    moved_clock("2026-03-08T10:00+01:00")  # the worker stood still for a week: only the version in force is told
    await announcement.tell_due()
    found = await db.rows("SELECT recipient, body_text FROM notifications WHERE kind = 'NEW_TERMS'")
    assert [one["recipient"] for one in found] == [chief.email]
    assert "la version 2 des conditions" in found[0]["body_text"]


async def test_the_email_says_what_to_do_first_and_what_changes(database: str) -> None:  # R-NOT-03
    _, chief, _ = await a_town(name="Commune de Royan")
    await terms.publish(await operator(), new(changes="Les délégations & les délais <b>."))
    await announcement.tell_due()
    [mail] = await db.rows("SELECT body_text, body_html FROM notifications WHERE kind = 'NEW_TERMS'")
    lines = mail["body_text"].splitlines()
    assert lines[0] == f"Bonjour {chief.first_name} {chief.last_name},"
    assert lines[2].startswith("Acceptez, pour Commune de Royan, la version 2026-12")
    assert "- Les délégations & les délais <b>." in lines
    assert "Les délégations &amp; les délais &lt;b&gt;." in mail["body_html"]
    for part in (mail["body_text"], mail["body_html"]):
        assert "/conditions/accepter" in part
        assert "vous êtes administrateur de cet établissement" in part
