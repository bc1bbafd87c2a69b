"""The demonstration world: whole, the same each time, as large as public life, and true to the domain's rules."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from backend import cli, clock
from backend import database as db
from backend.database.sql import Sql
from backend.demo import letters, world
from backend.demo.sign_ins import PASSWORD, ROYAN, SIGN_INS, TALMONT
from backend.gateways import pdf
from backend.reads import adoption, delegation, establishment, terms
from backend.reads import journal as journal_reads
from backend.rules import access, document, journal, password, seal, session
from backend.rules.viewer import Origin, Viewer

ENGINES = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
TODAY = "2026-11-23T12:00+01:00"
Clock = Callable[[str], AbstractContextManager[None]]

# What chance must make unguessable differs from one load to the next: the hash's salt, tokens of links.
_SAME = {
    "establishments": "siret, search_text, functional_email, registered_on",
    "contracts": "number",
    "services": "code, online_since",
    "users": "identifier, search_text, is_administrator, created_at, last_login_at, expires_on, deleted_at",
    "rights": "user_id, service_id, level, granted_at, granted_by_id",
    "service_reviews": "establishment_id, service_id, reviewed_by_id, reviewed_at",
    "terms_acceptances": "terms_id, establishment_id, user_id, accepted_at, body_sha256",
    "delegations": "centralisateur_id, delegataire_id, status, requested_at, decided_at, ends_on, reminded_at",
    "delegation_members": "delegation_id, user_id",
    "switches": "user_id, establishment_id, at",
    "audit_events": "occurred_at, action, actor_id, establishment_id, on_behalf_of_id, delegation_id, subject_id",
    "courriers": "establishment_id, reference, search_text, content_hash, due_on, available_at, first_opened_at",
    "courrier_facts": "courrier_id, kind, occurred_at, actor_id, delegation_id, notification_id",
    "courrier_marks": "user_id, courrier_id, read_at, archived_at",
    "feed_entries": "courrier_id, occurred_at",
}


@pytest.fixture(scope="module", params=ENGINES)
def loaded_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with the small world, loaded at noon on a given day, once for these tests on each engine."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("world") / "peps.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        url = f"sqlite:///{path}"
    else:
        url = request.getfixturevalue("postgres_empty")(request.getfixturevalue("postgres_template"))
    asyncio.run(_load(url))
    return url


async def _load(url: str) -> None:
    await db.open_database(url)
    try:
        with clock.moved_to(datetime.fromisoformat(TODAY)):
            await world.load("small")
    finally:
        await db.close_database()


@pytest.fixture
async def small(loaded_url: str, at: Clock) -> AsyncIterator[None]:
    """The small world, open; time stands still."""
    await db.open_database(loaded_url)
    with at(TODAY):
        yield
    await db.close_database()


async def value(query: str, *values: Any) -> Any:
    found = await db.row(query, values)
    assert found is not None
    return next(iter(found.values()))


async def checksum() -> str:
    made = sha256()
    for table, columns in _SAME.items():
        for one in await db.rows(f"SELECT {columns} FROM {table} ORDER BY id"):
            made.update(repr([int(cell) if isinstance(cell, bool) else cell for cell in one.values()]).encode())
    return made.hexdigest()


async def test_the_same_day_gives_the_same_world_on_either_engine(loaded_url: str, sqlite_url: str) -> None:
    await db.open_database(loaded_url)
    first = await checksum()
    await db.close_database()
    await _load(sqlite_url)
    await db.open_database(sqlite_url)
    second = await checksum()
    await db.close_database()
    assert first == second


@pytest.mark.usefixtures("small")
async def test_an_occupied_database_is_left_alone() -> None:
    before = await world.scale_summary()
    with pytest.raises(world.NotEmptyError, match="base vide"):
        await world.load("small")
    assert await world.scale_summary() == before
    assert await value("SELECT value FROM platform_facts WHERE name = 'demonstration'") == "small"


async def test_an_interrupted_load_leaves_nothing(database: str) -> None:
    def interrupt(label: str, done: int, total: int) -> None:
        if label == "courriers":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await world.load("small", interrupt)
    assert await world.scale_summary() == world.Summary(0, 0, 0, 0, 0)
    assert await value("SELECT count(*) FROM platform_facts") == 0
    await world.load("small")


@pytest.mark.usefixtures("small")
async def test_every_state_of_an_account_and_of_a_delegation_is_shown() -> None:
    sql = Sql("SELECT DISTINCT")
    sql.add(f"{access.status(sql, 'u')} AS status FROM users u")
    assert {one["status"] for one in await db.rows(sql)} == {"ACTIVE", "INVITED", "EXPIRED", "LOCKED", "DELETED"}
    states = {one["status"] for one in await db.rows("SELECT DISTINCT status FROM delegations")}
    assert states == {"PENDING", "ACCEPTED", "REFUSED", "WITHDRAWN", "ENDED", "EXPIRED"}
    soon = clock.add_months(clock.today(), 2).isoformat()
    ending = "SELECT count(*) FROM delegations WHERE status = 'ACCEPTED' AND ends_on <= $1"
    assert await value(ending, soon) > 0
    expiring = "SELECT count(*) FROM users WHERE expires_on >= $1 AND expires_on <= $2 AND deleted_at IS NULL"
    assert await value(expiring, clock.today().isoformat(), soon) > 0


@pytest.mark.usefixtures("small")
async def test_every_establishment_has_an_administrator_and_few_have_none_who_can_sign_in() -> None:
    assert (
        await value(
            "SELECT count(*) FROM establishments e WHERE NOT EXISTS "
            "(SELECT 1 FROM users u WHERE u.establishment_id = e.id AND u.is_administrator AND u.deleted_at IS NULL)"
        )
        == 0
    )
    sql = Sql("SELECT count(*) AS n FROM establishments e WHERE NOT EXISTS (SELECT 1 FROM users u")
    sql.add(f"WHERE u.establishment_id = e.id AND u.is_administrator AND {access.can_sign_in(sql, 'u')})")
    found = await db.row(sql)
    assert found is not None
    assert 1 <= found["n"] <= 2


@pytest.mark.usefixtures("small")
async def test_the_fixed_accounts_can_sign_in_as_said() -> None:
    outcomes = {}
    for one in SIGN_INS:
        tried = await session.log_in(one.identifier, PASSWORD, session.COOKIE, Origin())
        outcomes[one.identifier] = tried.errors[0].code.value if tried.errors else "signed in"
    refused = {"expire-royan": "ACCOUNT_EXPIRED", "verrouille-royan": "ACCOUNT_LOCKED"}
    assert outcomes == {one.identifier: "signed in" for one in SIGN_INS} | refused
    expired = await session.log_in("expire-royan", PASSWORD, session.COOKIE, Origin())
    assert "Étienne Lacombe" in expired.ask_whom


@pytest.mark.usefixtures("small")
async def test_only_those_of_saujon_wait_for_the_terms() -> None:  # R-CGU-02
    sql = Sql("SELECT u.identifier,")
    sql.add(f"{access.held_back(sql, 'u')} AS held FROM users u")
    sql.add(f"WHERE u.identifier IN ({sql.bind_all([one.identifier for one in SIGN_INS])})")
    held = {one["identifier"]: one["held"] for one in await db.rows(sql)}
    waiting = {"cgu-saujon": "ACCEPT_TERMS", "cgu-agent-saujon": "ASK_TO_ACCEPT_TERMS"}
    assert held == {one.identifier: None for one in SIGN_INS} | waiting
    administrator = await viewer("cgu-saujon")
    assert (administrator.held_back, administrator.establishment_id) == ("ACCEPT_TERMS", None)
    before = await terms.last_accepted(administrator, clock.today().isoformat())
    assert before is not None  # so that the differences are shown
    assert before["version"] != (await terms.current() or before)["version"]


async def viewer(identifier: str) -> Viewer:
    signed = await session.log_in(identifier, PASSWORD, session.COOKIE, Origin())
    assert signed.viewer is not None
    return signed.viewer


@pytest.mark.usefixtures("small")
async def test_letters_wait_for_the_agent_of_royan_who_reads_every_type() -> None:
    agent = await viewer("agent-royan")
    sql = Sql("SELECT count(*) AS n FROM courriers c")
    sql.add(f"WHERE {access.documents(sql, agent, 'c')}")
    seen = (await db.rows(sql))[0]["n"]
    available = "SELECT count(*) FROM courriers c JOIN establishments e ON e.id = c.establishment_id WHERE e.name = $1"
    assert seen == await value(f"{available} AND available_at IS NOT NULL AND withdrawn_at IS NULL", ROYAN) > 50
    sql.add(f"AND c.id NOT IN (SELECT m.courrier_id FROM courrier_marks m WHERE m.user_id = {sql.bind(agent.user_id)})")
    unread = (await db.rows(sql))[0]["n"]
    assert 5 <= unread < seen / 2
    assert await value(f"{available} AND available_at IS NULL", ROYAN) == 2


@pytest.mark.usefixtures("small")
async def test_the_agent_of_the_centre_acts_for_a_dozen_communes_and_a_village_is_asked() -> None:
    agent = await viewer("agent-cdg17")
    sql = Sql("SELECT count(*) AS n FROM establishments e")
    sql.add(f"WHERE e.id IN ({access.reached_establishments(sql, agent)})")
    assert (await db.rows(sql))[0]["n"] == 12
    assert (
        await value(
            "SELECT d.status FROM delegations d JOIN establishments e ON e.id = d.delegataire_id WHERE e.name = $1",
            TALMONT,
        )
        == "PENDING"
    )
    assert (
        await value(
            "SELECT count(*) FROM users u JOIN establishments e ON e.id = u.establishment_id WHERE e.name = $1", TALMONT
        )
        == 1
    )
    assert (
        await value(
            "SELECT count(*) FROM users u JOIN establishments e ON e.id = u.establishment_id "
            "WHERE e.name = $1 AND u.is_administrator",
            ROYAN,
        )
        == 2
    )


@pytest.mark.usefixtures("small")
async def test_who_read_a_letter_had_the_right_and_an_account_that_day() -> None:
    at_home = await db.rows(
        "SELECT count(*) AS n, sum(CASE WHEN r.id IS NULL OR u.establishment_id <> c.establishment_id "
        "OR f.occurred_at < u.created_at OR f.occurred_at > u.last_login_at OR r.granted_at > f.occurred_at "
        "THEN 1 ELSE 0 END) AS wrong "
        "FROM courrier_facts f JOIN courriers c ON c.id = f.courrier_id JOIN courrier_types t ON t.id = c.type_id "
        "JOIN users u ON u.id = f.actor_id LEFT JOIN rights r ON r.user_id = u.id AND r.service_id = t.service_id "
        "WHERE f.kind = 'OPENED' AND f.delegation_id IS NULL"
    )
    assert at_home[0]["n"] > 500
    assert at_home[0]["wrong"] == 0
    through = await db.rows(
        "SELECT count(*) AS n, sum(CASE WHEN r.id IS NULL OR m.id IS NULL OR s.level_granted IS NULL "
        "OR d.delegataire_id <> c.establishment_id OR d.decided_at > f.occurred_at THEN 1 ELSE 0 END) AS wrong "
        "FROM courrier_facts f JOIN courriers c ON c.id = f.courrier_id JOIN courrier_types t ON t.id = c.type_id "
        "JOIN delegations d ON d.id = f.delegation_id AND d.status = 'ACCEPTED' "
        "LEFT JOIN delegation_members m ON m.delegation_id = d.id AND m.user_id = f.actor_id "
        "LEFT JOIN delegation_services s ON s.delegation_id = d.id AND s.service_id = t.service_id "
        "LEFT JOIN rights r ON r.user_id = f.actor_id AND r.service_id = t.service_id "
        "WHERE f.kind = 'OPENED' AND f.delegation_id IS NOT NULL"
    )
    assert through[0]["n"] > 20
    assert through[0]["wrong"] == 0


@pytest.mark.usefixtures("small")
async def test_a_letter_tells_the_same_as_its_facts() -> None:
    first = (
        "SELECT count(*) FROM courriers c WHERE first_opened_at IS NOT NULL AND NOT EXISTS ("
        "SELECT 1 FROM courrier_facts f WHERE f.courrier_id = c.id AND f.kind = 'OPENED' "
        "AND f.occurred_at = c.first_opened_at AND f.actor_id = c.first_opened_by_id)"
    )
    earlier = (
        "SELECT count(*) FROM courrier_facts f JOIN courriers c ON c.id = f.courrier_id WHERE f.kind = 'OPENED' "
        "AND (c.first_opened_at IS NULL OR c.first_opened_at > f.occurred_at)"
    )
    unmarked = (
        "SELECT count(*) FROM courrier_facts f WHERE f.kind = 'OPENED' AND NOT EXISTS (SELECT 1 FROM courrier_marks m "
        "WHERE m.user_id = f.actor_id AND m.courrier_id = f.courrier_id AND m.read_at = f.occurred_at)"
    )
    misdated = (
        "SELECT count(*) FROM courriers WHERE due_on < letter_date OR letter_date > $1 OR available_at > $2 "
        "OR acknowledged_at < first_opened_at"
    )
    assert [await value(query) for query in (first, earlier, unmarked)] == [0, 0, 0]
    now = int(clock.to_microseconds(clock.now()))
    assert await value(misdated, clock.today().isoformat(), now) == 0
    assert await value("SELECT count(*) FROM courriers WHERE replaces_id IS NOT NULL") > 0


@pytest.mark.usefixtures("small")
async def test_a_service_just_opened_is_to_be_reviewed_by_everybody() -> None:
    newest = "SELECT id FROM services ORDER BY online_since DESC LIMIT 1"
    assert await value(f"SELECT count(*) FROM service_reviews WHERE service_id = ({newest})") == 0
    assert await value(f"SELECT count(*) FROM rights WHERE service_id = ({newest})") == 0


@pytest.mark.usefixtures("small")
async def test_invitations_in_the_mailbox_work() -> None:
    mails = await db.rows("SELECT body_text FROM notifications WHERE kind = 'INVITATION' AND status = 'QUEUED'")
    assert len(mails) >= 2
    for mail in mails:
        secret = mail["body_text"].partition("jeton=")[2].split()[0]
        assert await password.link(secret) is not None


@pytest.mark.usefixtures("small")
async def test_the_journal_starts_with_a_chain_that_holds() -> None:  # R-JRN-01
    count, fault = await journal.verify()
    assert (count > 200, fault) == (True, None)
    instants = [one["occurred_at"] for one in await db.rows("SELECT occurred_at FROM audit_events ORDER BY id")]
    assert instants == sorted(instants)
    assert instants[-1] == int(clock.to_microseconds(clock.now()))
    assert await seal.seal() > 800
    assert (await seal.verify())[1] is None


def test_the_journal_is_sealed_as_soon_as_the_world_is_loaded(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:  # R-JRN-01
    """It tells of three years: without their seals, it would be said to have lost its end."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    assert cli.main(["demo", "--scale", "small"]) == 0
    assert cli.main(["journal", "verify"]) == 0


# The events that each state leaves, in their order; one that may be there is in brackets.
_LIVES = {
    "PENDING": "requested [reminded]",
    "REFUSED": "requested refused",
    "WITHDRAWN": "requested withdrawn",
    "ACCEPTED": "requested accepted [members_changed] [extended]",
    "ENDED": "requested accepted [members_changed] ended",
    "LAPSED": "requested lapsed",
    "EXPIRED": "requested accepted [members_changed] expired",
}


@pytest.mark.usefixtures("small")
async def test_each_delegation_has_the_history_of_its_state() -> None:  # R-DEL-07
    """The same for both parties: who, when, what changed, as the row says."""
    happened: set[str] = set()
    for one in await db.rows("SELECT * FROM delegations ORDER BY id"):
        asker = Viewer(user_id=1, establishment_id=one["centralisateur_id"], is_administrator=True)
        asked = Viewer(user_id=2, establishment_id=one["delegataire_id"], is_administrator=True)
        [history] = await journal_reads.of_delegations(asker, [one["id"]])
        assert [history] == await journal_reads.of_delegations(asked, [one["id"]])
        state = "LAPSED" if one["status"] == "EXPIRED" and one["decided_at"] is None else one["status"]
        by = {event["action"].removeprefix("delegation."): event for event in history}
        life = _LIVES[state].split()
        assert {event for event in life if "[" not in event} <= by.keys()
        assert list(by) == [event.strip("[]") for event in life if event.strip("[]") in by]
        assert len(by) == len(history)
        happened |= by.keys()
        assert (by["requested"]["occurred_at"], by["requested"]["actor_id"]) == (
            one["requested_at"],
            one["requested_by_id"],
        )
        decided = by.get("accepted") or by.get("refused")
        if decided is not None:
            assert (decided["occurred_at"], decided["actor_id"]) == (one["decided_at"], one["decided_by_id"])
            assert decided["establishment_id"] == one["delegataire_id"]
        over = by.get("ended") or by.get("withdrawn") or by.get("lapsed")
        if over is not None:
            assert (over["occurred_at"], over["actor_id"]) == (one["ended_at"], one["ended_by_id"])
        assert by.get("reminded", {"occurred_at": None})["occurred_at"] == one["reminded_at"]
        [members] = await delegation.members([one["id"]])
        assert ("members_changed" in by) == bool(members)
    assert happened == {one.strip("[]") for life in _LIVES.values() for one in life.split()}


@pytest.mark.usefixtures("small")
async def test_a_history_tells_what_a_delegation_covers_and_for_whom() -> None:  # R-DEL-07
    one = await db.row("SELECT d.* FROM delegations d WHERE d.status = 'ACCEPTED' ORDER BY d.id LIMIT 1")
    assert one is not None
    asked = Viewer(user_id=one["decided_by_id"], establishment_id=one["delegataire_id"], is_administrator=True)
    [history] = await journal_reads.of_delegations(asked, [one["id"]])
    told = await journal_reads.told(asked, [event["id"] for event in history])
    assert told[0].summary.startswith("Hélène Fofana a demandé que Centre de gestion de la fonction publique")
    levels = {change.field: change.after for change in told[0].changes}
    services = await db.rows(
        "SELECT s.label FROM delegation_services ds JOIN services s ON s.id = ds.service_id "
        "WHERE ds.delegation_id = $1",
        [one["id"]],
    )
    assert {service["label"] for service in services} < levels.keys()
    [chosen] = [each for each in told if each.summary.startswith("Hélène Fofana a ajouté")]
    assert "Malik Renaud" in (chosen.changes[0].after or "")


@pytest.mark.usefixtures("small")
async def test_what_was_done_through_a_delegation_is_read_by_both_parties() -> None:  # R-DEL-07
    """As many events as facts, by the same people at the same instants."""
    facts = await db.rows(
        "SELECT 'courrier.' || lower(kind) AS action, occurred_at, actor_id, delegation_id, courrier_id AS subject_id "
        "FROM courrier_facts WHERE delegation_id IS NOT NULL ORDER BY occurred_at, kind"
    )
    events = await db.rows(
        "SELECT action, occurred_at, actor_id, delegation_id, subject_id FROM audit_events "
        "WHERE delegation_id IS NOT NULL AND subject_type = 'Courrier' ORDER BY occurred_at, action"
    )
    assert len(facts) > 50
    assert sorted(tuple(one.values()) for one in events) == sorted(tuple(one.values()) for one in facts)
    busiest = await db.row(
        "SELECT d.* FROM delegations d JOIN courrier_facts f ON f.delegation_id = d.id GROUP BY d.id ORDER BY "
        "count(*) DESC, d.id LIMIT 1"
    )
    assert busiest is not None
    theirs = await value("SELECT count(*) FROM courrier_facts WHERE delegation_id = $1", busiest["id"])
    for side in ("centralisateur_id", "delegataire_id"):
        viewer_ = Viewer(user_id=1, establishment_id=busiest[side], is_administrator=True)
        listing = journal_reads.through_delegation(viewer_, busiest["id"])
        switched = "SELECT count(*) FROM audit_events WHERE action = 'session.acts_for' AND delegation_id = $1"
        assert await listing.total() == theirs + await value(switched, busiest["id"])


@pytest.mark.usefixtures("small")
async def test_the_agent_of_the_centre_finds_those_it_last_acted_for() -> None:  # R-DEL-06
    agent = await viewer("agent-cdg17")
    found = await establishment.switched_to(agent, 20)
    assert len(found) == 5
    lately = await db.rows(
        "SELECT on_behalf_of_id FROM audit_events WHERE action = 'session.acts_for' ORDER BY id DESC"
    )
    assert [one["id"] for one in found] == [one["on_behalf_of_id"] for one in lately]


@pytest.mark.usefixtures("small")
async def test_new_rows_take_numbers_nobody_has() -> None:
    async with db.transaction():
        for table in ("users", "courriers", "documents", "establishments", "rights", "courrier_facts", "feed_entries"):
            highest = await value(f"SELECT max(id) FROM {table}")
            assert (await db.allocate_ids(table, 1))[0] > highest


@pytest.mark.usefixtures("small")
async def test_a_letter_is_printed_when_it_is_first_read_and_its_annex_too() -> None:
    document.use_renderer(letters.render)
    try:
        one = await db.row(
            "SELECT c.document_id, c.reference, c.subject, e.name FROM courriers c "
            "JOIN establishments e ON e.id = c.establishment_id ORDER BY c.id DESC LIMIT 1"
        )
        assert one is not None
        content = await document.read(one["document_id"])
        annex = await document.read(await value("SELECT max(document_id) FROM courrier_attachments"))
    finally:
        document.use_renderer(None)
    found = await pdf.inspect(content)
    assert found.fault is None
    text = " ".join(found.text.split())
    for said in (one["reference"], one["name"].replace("'", "’")):
        assert said in text.replace("'", "’")
    assert (await pdf.inspect(annex)).fault is None
    assert await letters.render(one["document_id"]) == content


async def test_a_document_of_nobody_is_not_rendered(database: str) -> None:
    with pytest.raises(LookupError):
        await letters.render(1)


async def test_three_departements_look_like_public_life(sqlite_url: str, at: Clock) -> None:
    """R-ADO: four establishments in five opened a letter; the campaign of May; three accounts, eight rights each."""
    await db.open_database(sqlite_url)
    try:
        with at(TODAY):
            await world.load("medium")
            found = await world.scale_summary()
            assert found.establishments == 1_935
            assert 2.5 < found.accounts / found.establishments < 5
            assert 6.5 < found.rights / found.accounts < 9
            assert 19_500 < found.courriers < 20_500
            assert not await db.rows("PRAGMA foreign_key_check")
            served = await value("SELECT count(DISTINCT establishment_id) FROM courriers")
            reading = await value("SELECT count(DISTINCT establishment_id) FROM courriers WHERE first_opened_at > 0")
            assert 0.76 < reading / served < 0.82
            may = await value("SELECT count(*) FROM courriers WHERE letter_date BETWEEN '2026-05-01' AND '2026-05-31'")
            assert 0.10 < may / found.courriers < 0.15
            indexes = "SELECT count(*) FROM sqlite_master WHERE type = 'index' AND tbl_name = 'courriers'"
            assert await value(indexes) >= 8
    finally:
        await db.close_database()


@pytest.mark.usefixtures("small")
async def test_the_four_published_figures_come_out_of_the_world(at: Clock) -> None:
    """R-ADO-01: deposited, in the campaign, concerned, having opened."""
    with at(TODAY):
        found = await adoption.count(None, None)
    readable = "available_at IS NOT NULL AND withdrawn_at IS NULL"
    assert found.deposited == await value(f"SELECT count(*) FROM courriers WHERE {readable}")
    opened = f"{readable} AND first_opened_at IS NOT NULL"
    served, reading = [
        await value(f"SELECT count(DISTINCT establishment_id) FROM courriers WHERE {one}") for one in (readable, opened)
    ]
    assert (found.served, found.reading) == (served, reading)
    assert 0.7 < reading / served < 1
    assert found.reading_all < reading < found.notified <= served
    campaigns = {one.key: one.deposited for one in found.by["campaign"]}
    last = await db.row("SELECT id, label FROM deposit_batches ORDER BY id DESC LIMIT 1")
    assert last is not None
    assert last["label"] == "Campagne de mai 2026"
    letters = f"SELECT count(*) FROM courriers WHERE {readable} AND batch_id = $1"
    assert campaigns[str(last["id"])] == await value(letters, last["id"])
    assert campaigns[str(last["id"])] > 100, "a letter or two of each type to each employer: few are small's"
    lines = "SELECT count(*) FROM deposit_lines WHERE outcome = 'PUBLISHED'"
    assert await value(lines) == await value("SELECT count(*) FROM courriers WHERE batch_id IS NOT NULL")
