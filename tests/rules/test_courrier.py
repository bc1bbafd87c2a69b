"""Courriers: deposited, published, announced, marked, opened (R-COU-01, 03, 06, 09, 10, 13)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from backend import clock
from backend import database as db
from backend.jobs import schedule
from backend.models import Courrier, CourrierFact, CourrierMark, Establishment, NotificationPreference, User
from backend.rules import courrier, globalid
from backend.rules.courrier import Attachment, Deposit, Deposited
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables

Move = Callable[[str], None]
READ = builders.READ


async def an_operator() -> Viewer:
    return builders.viewer(await builders.operator())


async def a_deposit(to: Establishment | None = None, **values: Any) -> Deposit:
    """An ordinary deposit, its document stored."""
    to = to or await builders.establishment()
    kind = await builders.courrier_type()
    return Deposit(
        document_id=values.pop("document_id", None) or (await builders.document()).id,
        siret=to.siret,
        type_code=kind.code,
        **{"reference": "REF", "subject": "Appel de cotisations", "letter_date": clock.today(), **values},
    )


def told(outcome: Deposited) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.code.value, one.path) for one in outcome.errors]


async def deposited(given: Deposit, by: Viewer | None = None) -> int:
    """A deposit that must succeed: the courrier's id."""
    outcome = await courrier.deposit(by or await an_operator(), given)
    assert told(outcome) == []
    assert outcome.courrier_id is not None
    return outcome.courrier_id


# ---------------------------------------------------------------- refusals

REFUSALS: list[tuple[dict[str, Any], tuple[str, tuple[str, ...]]]] = [
    ({"siret": ""}, ("UNKNOWN_SIRET", ("siret",))),
    ({"siret": "12345678901234"}, ("UNKNOWN_SIRET", ("siret",))),
    ({"siret": builders.siret(700_000_000)}, ("UNKNOWN_SIRET", ("siret",))),
    ({"type_code": "INCONNU"}, ("UNKNOWN_TYPE", ("type",))),
    ({"reference": ""}, ("INVALID_VALUE", ("reference",))),
    ({"reference": "R" * 65}, ("INVALID_VALUE", ("reference",))),
    ({"subject": ""}, ("INVALID_VALUE", ("subject",))),
    ({"subject": "S" * 201}, ("INVALID_VALUE", ("subject",))),
    ({"letter_date": date(1989, 12, 31)}, ("INVALID_VALUE", ("letterDate",))),
    ({"letter_date": date(2099, 1, 1)}, ("INVALID_VALUE", ("letterDate",))),
    ({"due_on": date(2001, 1, 1)}, ("INVALID_VALUE", ("dueOn",))),
    ({"fiscal_year": 1989}, ("INVALID_VALUE", ("fiscalYear",))),
    ({"fiscal_year": 99999}, ("INVALID_VALUE", ("fiscalYear",))),
    ({"replaces": "INCONNUE"}, ("NOT_FOUND", ("replaces",))),
    ({"attachments": (Attachment(1, "x.pdf"),) * 21}, ("INVALID_VALUE", ("attachments",))),
    ({"file_name": "n" * 201}, ("INVALID_VALUE", ("fileName",))),
    ({"attachments": (Attachment(1, "n" * 201),)}, ("INVALID_VALUE", ("attachments", "0", "fileName"))),
    ({"publish_at": datetime(2026, 1, 1)}, ("INVALID_VALUE", ("publishAt",))),
    ({"attachments": (Attachment(1, ""),)}, ("INVALID_VALUE", ("attachments", "0", "fileName"))),
]


@pytest.mark.parametrize(("wrong", "refusal"), REFUSALS)
async def test_a_deposit_that_cannot_be_is_refused_and_changes_nothing(  # R-COU-01
    database: str, wrong: dict[str, Any], refusal: tuple[str, tuple[str, ...]]
) -> None:
    operator, given = await an_operator(), replace(await a_deposit(), **wrong)
    before = await tables.digest()
    outcome = await courrier.deposit(operator, given)
    assert (told(outcome), await tables.digest()) == ([refusal], before)


async def test_every_fault_is_told_at_once(database: str) -> None:  # R-COU-01
    given = replace(await a_deposit(), siret="1", reference="", subject="")
    outcome = await courrier.deposit(await an_operator(), given)
    assert [path for _, path in told(outcome)] == [("siret",), ("reference",), ("subject",)]


@pytest.mark.parametrize("who", ["a user with every right", "an administrator", "a program without scope", "nobody"])
async def test_only_operators_and_programs_with_the_scope_deposit(database: str, who: str) -> None:  # R-COU-01
    town = await builders.establishment()
    agent = await builders.user(town, rights={"COURRIERS": builders.MODIFY})
    chief = await builders.user(town, administrator=True)
    viewers = {
        "a user with every right": builders.viewer(agent),
        "an administrator": builders.viewer(chief),
        "a program without scope": Viewer(api_client_id=1, scopes=frozenset({"READ_STATISTICS"})),
        "nobody": Viewer(),
    }
    given = await a_deposit(town)
    assert told(await courrier.deposit(viewers[who], given)) == [("NOT_ALLOWED", ())]


async def test_a_program_s_deposit_names_it(database: str) -> None:  # R-COU-01, R-JRN-01
    program, _ = await builders.api_client()
    viewer = Viewer(api_client_id=program.id, scopes=frozenset({"DEPOSIT_COURRIERS"}))
    made = await Courrier.get(id=await deposited(await a_deposit(), viewer))
    [event] = await tables.journal("courrier.deposited")
    assert (made.deposited_by_client_id, made.deposited_by_id, event["api_client_id"]) == (program.id, None, program.id)


# ---------------------------------------------------------------- the same reference again


async def test_the_same_deposit_again_answers_with_the_first(database: str) -> None:  # R-COU-03
    operator, given = await an_operator(), await a_deposit()
    first = await courrier.deposit(operator, given)
    before = await tables.digest()
    again = await courrier.deposit(operator, given)
    assert (again, await tables.digest()) == (Deposited(first.courrier_id, already=True), before)


@pytest.mark.parametrize("what", ["subject", "document_id", "due_on", "acknowledgement_required", "attachments"])
async def test_the_same_reference_with_another_content_is_refused(database: str, what: str) -> None:  # R-COU-03
    operator, given = await an_operator(), await a_deposit()
    await courrier.deposit(operator, given)
    document = (await builders.document()).id
    others = {
        "subject": "Autre objet",
        "document_id": document,
        "due_on": clock.today(),
        "acknowledgement_required": True,
        "attachments": (Attachment(document, "annexe.pdf"),),
    }
    outcome = await courrier.deposit(operator, replace(given, **{what: others[what]}))
    assert told(outcome) == [("REFERENCE_TAKEN", ("reference",))]


async def test_another_fund_may_use_the_same_reference(database: str) -> None:  # R-COU-01
    await builders.courrier_type("AUTRE", fund="IRCANTEC")
    given = await a_deposit()
    ids = {await deposited(given), await deposited(replace(given, type_code="AUTRE"))}
    assert len(ids) == 2


async def test_the_same_deposit_ten_times_at_once_is_one_courrier(database: str) -> None:  # R-COU-03
    operator, given = await an_operator(), await a_deposit()
    outcomes = await asyncio.gather(*(courrier.deposit(operator, given) for _ in range(10)))
    assert sorted(one.already for one in outcomes) == [False] + [True] * 9
    assert {one.courrier_id for one in outcomes} == {one["id"] for one in await db.rows("SELECT id FROM courriers")}
    assert len(await db.rows("SELECT id FROM feed_entries")) == 1


async def test_of_different_deposits_under_one_reference_at_once_one_wins(database: str) -> None:  # R-COU-03
    operator, given = await an_operator(), await a_deposit()
    outcomes = await asyncio.gather(
        *(courrier.deposit(operator, replace(given, subject=f"Objet {number}")) for number in range(10))
    )
    refused = [told(one) for one in outcomes if one.courrier_id is None]
    assert refused == [[("REFERENCE_TAKEN", ("reference",))]] * 9


# ---------------------------------------------------------------- replacing


async def test_a_replacement_is_linked_to_what_it_replaces(database: str) -> None:  # R-COU-13
    given = await a_deposit()
    first = await deposited(given)
    second = await deposited(replace(given, reference="REF-2", replaces="REF"))
    assert (await Courrier.get(id=second)).replaces_id == first


async def test_a_courrier_is_replaced_once(database: str) -> None:  # R-COU-13
    operator, given = await an_operator(), await a_deposit()
    await deposited(given)
    outcomes = await asyncio.gather(
        *(courrier.deposit(operator, replace(given, reference=f"REF-{n}", replaces="REF")) for n in (2, 3, 4))
    )
    assert sorted(told(one) for one in outcomes) == [[], *[[("INVALID_VALUE", ("replaces",))]] * 2]


async def test_a_courrier_of_another_establishment_or_fund_is_not_replaced(database: str) -> None:  # R-COU-13
    await builders.courrier_type("AUTRE", fund="IRCANTEC")
    operator, given = await an_operator(), await a_deposit()
    await deposited(given)
    elsewhere = await builders.establishment()
    attempts = [
        replace(given, reference="REF-2", replaces="REF", siret=elsewhere.siret),
        replace(given, reference="REF-2", replaces="REF", type_code="AUTRE"),
    ]
    refused = [told(await courrier.deposit(operator, one)) for one in attempts]
    assert refused == [[("NOT_FOUND", ("replaces",))]] * 2


# ---------------------------------------------------------------- publication


async def test_a_deferred_courrier_waits_for_its_instant(database: str, moved_clock: Move) -> None:  # R-COU-01
    moved_clock("2026-06-01T10:00+02:00")
    town = await builders.establishment()
    await builders.user(town, rights={"COURRIERS": READ})
    later = clock.now() + timedelta(days=2)
    number = await deposited(await a_deposit(town, publish_at=later))
    seen = []
    for instant in ("2026-06-03T09:59:59+02:00", "2026-06-03T10:00:00+02:00", "2026-06-03T10:00:05+02:00"):
        moved_clock(instant)
        await schedule.publish_due()
        made = await Courrier.get(id=number)
        news = [len(await db.rows(f"SELECT id FROM {table}")) for table in ("feed_entries", "notifications")]
        seen.append((made.available_at, news))
    assert seen == [(None, [0, 0]), (later, [1, 1]), (later, [1, 1])]


async def test_a_withdrawn_courrier_is_never_published(database: str, moved_clock: Move) -> None:  # R-COU-13
    moved_clock("2026-06-01T10:00+02:00")
    number = await deposited(await a_deposit(publish_at=clock.now() + timedelta(days=2)))
    await Courrier.filter(id=number).update(withdrawn_at=clock.now())
    moved_clock("2026-06-04T10:00+02:00")
    await schedule.publish_due()
    assert (await Courrier.get(id=number)).available_at is None


async def test_a_deposit_leaves_its_fact_its_event_its_news_and_its_message(database: str) -> None:  # R-COU-01, 06, 16
    town = await builders.establishment()
    await builders.user(town, rights={"COURRIERS": READ})
    number = await deposited(await a_deposit(town))
    facts = [(one.courrier_id, one.kind) for one in await CourrierFact.all()]
    feed = [(one["courrier_id"], one["establishment_id"]) for one in await db.rows("SELECT * FROM feed_entries")]
    events = [one["subject_id"] for one in await tables.journal("courrier.deposited")]
    messages = [one["courrier_id"] for one in await db.rows("SELECT * FROM notifications")]
    assert (facts, feed, events, messages) == ([(number, "AVAILABLE")], [(number, town.id)], [number], [number])


async def _refuse_inserts(table: str) -> None:
    if db.dialect() == "sqlite":
        await db.execute(
            f"CREATE TRIGGER broken BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'a fault of the machine'); END"
        )
        return
    await db.execute(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'a fault of the machine' USING ERRCODE = 'check_violation'; END $$"
    )
    await db.execute(f"CREATE TRIGGER broken BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION broken()")


async def _accept_inserts() -> None:
    if db.dialect() == "sqlite":
        await db.execute("DROP TRIGGER broken")
    else:
        await db.execute("DROP FUNCTION broken CASCADE")


@pytest.mark.parametrize("table", ["courrier_facts", "notifications", "feed_entries", "audit_events", "audit_details"])
async def test_a_fault_at_any_moment_of_a_deposit_leaves_nothing(database: str, table: str) -> None:  # R-COU-01
    town = await builders.establishment()
    await builders.user(town, rights={"COURRIERS": READ})
    operator, given = await an_operator(), await a_deposit(town)
    before = await tables.digest()
    await _refuse_inserts(table)
    try:
        with pytest.raises(IntegrityError, match="fault of the machine"):
            await courrier.deposit(operator, given)
    finally:
        await _accept_inserts()
    assert await tables.digest() == before
    assert (await courrier.deposit(operator, given)).already is False


@pytest.mark.parametrize(("channel", "by_post"), [("DIGITAL", False), ("DIGITAL_AND_POST", True)])
async def test_the_letter_says_whether_it_is_posted_too(database: str, channel: str, by_post: bool) -> None:  # R-COU-09
    await builders.courrier_type("PAPIER", channel=channel)
    number = await deposited(replace(await a_deposit(), type_code="PAPIER"))
    made = await Courrier.get(id=number)
    assert made.sent_by_post is by_post


# ---------------------------------------------------------------- e-mails


async def recipients(number: int) -> list[str]:
    rows = await db.rows("SELECT recipient FROM notifications WHERE courrier_id = $1", [number])
    return sorted(one["recipient"].partition("@")[0] for one in rows)


async def prefer(agent: User, **values: Any) -> None:
    await NotificationPreference.create(user_id=agent.id, **values)


async def test_those_who_can_read_it_and_want_it_at_once_are_told(database: str) -> None:  # R-COU-10
    centre, town = await builders.establishment(is_centralisateur=True), await builders.establishment()
    read = {"COURRIERS": READ}
    await builders.user(town, identifier="reader", rights=read)
    await builders.user(town, identifier="writer", rights={"COURRIERS": builders.MODIFY})
    await builders.user(town, identifier="no-right")
    await builders.user(town, identifier="chief", administrator=True)
    await builders.user(town, identifier="elsewhere", rights={"AUTRE": READ})
    await builders.user(town, identifier="gone", rights=read, deleted_at=clock.now())
    await builders.user(town, identifier="expired", rights=read, expires_on=clock.today() - timedelta(days=1))
    await builders.user(town, identifier="invited", rights=read, password_hash=None)
    for rhythm in ("NONE", "DAILY_DIGEST", "WEEKLY_DIGEST", "IMMEDIATE"):
        await prefer(await builders.user(town, identifier=rhythm.lower(), rights=read), new_courriers=rhythm)
    await prefer(await builders.user(town, identifier="muted", rights=read), muted_funds="RAFP CNRACL")
    await prefer(await builders.user(town, identifier="otherwise-muted", rights=read), muted_funds="RAFP FNC")
    member = await builders.user(centre, identifier="member", rights=read)
    without = await builders.user(centre, identifier="member-without-right")
    await builders.user(centre, identifier="no-member", rights=read)
    await builders.delegation(centre, town, members=[member, without])
    former = await builders.user(centre, identifier="former", rights=read)
    await builders.delegation(centre, town, members=[former], status="ENDED")
    number = await deposited(await a_deposit(town))
    assert await recipients(number) == ["immediate", "member", "otherwise-muted", "reader", "writer"]


@pytest.mark.parametrize("has_reader", [True, False])
async def test_the_establishment_s_address_is_told_only_where_nobody_reads(  # R-COU-10
    database: str, has_reader: bool
) -> None:
    town = await builders.establishment(functional_email="mairie@exemple.example")
    if has_reader:
        await prefer(await builders.user(town, rights={"COURRIERS": READ}), new_courriers="NONE")
    number = await deposited(await a_deposit(town))
    assert await recipients(number) == ([] if has_reader else ["mairie"])


async def test_a_model_not_announced_by_email_is_not(database: str) -> None:  # R-COU-10
    town = await builders.establishment(functional_email="mairie@exemple.example")
    await builders.courrier_type("MUET", notifies_by_email=False)
    assert await recipients(await deposited(replace(await a_deposit(town), type_code="MUET"))) == []


async def test_the_message_names_establishment_fund_and_type_and_never_the_content(database: str) -> None:  # R-COU-10
    town = await builders.establishment("Commune de Royan")
    await builders.user(town, rights={"COURRIERS": READ})
    given = await a_deposit(town, reference="CANARI-REF", subject="Canari confidentiel", file_name="canari.pdf")
    number = await deposited(given)
    [mail] = await db.rows("SELECT * FROM notifications")
    for part in ("body_text", "body_html"):
        assert "canari" not in mail[part].lower()
        for named in ("Commune de Royan", "CNRACL", "Modèle APPEL", globalid.encode("Courrier", number)):
            assert named in mail[part]
    assert "canari" not in mail["subject"].lower()


# ---------------------------------------------------------------- reading


async def a_reader(**values: Any) -> tuple[Viewer, Courrier]:
    town = await builders.establishment()
    agent = await builders.user(town, rights={"COURRIERS": READ}, **values)
    return builders.viewer(agent), await builders.courrier(town)


async def opens(viewer: Viewer, of: Courrier, nonce: str, **values: Any) -> None:
    given = {"kind": "OPENED", "delegation_id": None, **values}
    await courrier.record_opening(viewer, of.id, link_nonce=nonce, **given)


async def kept(of: Courrier) -> list[tuple[str, int | None, int | None]]:
    return [
        (one.kind, one.actor_id, one.delegation_id)
        for one in await CourrierFact.filter(courrier_id=of.id).order_by("id")
    ]


async def read_at(viewer: Viewer, of: Courrier) -> Any:
    mark = await CourrierMark.get_or_none(user_id=viewer.user_id, courrier_id=of.id)
    return mark.read_at if mark else None


async def test_each_opening_is_a_fact_and_the_first_stays_the_first(
    database: str, moved_clock: Move
) -> None:  # R-COU-06
    moved_clock("2026-06-01T10:00+02:00")
    first, letter = await a_reader()
    first_instant = clock.now()
    await opens(first, letter, "a")
    second = builders.viewer(await builders.user(await letter.establishment, rights={"COURRIERS": READ}))
    moved_clock("2026-06-02T10:00+02:00")
    await opens(second, letter, "b")
    await opens(first, letter, "c", kind="DOWNLOADED")
    made = await Courrier.get(id=letter.id)
    assert (made.first_opened_at, made.first_opened_by_id) == (first_instant, first.user_id)
    assert await kept(letter) == [
        ("OPENED", first.user_id, None),
        ("OPENED", second.user_id, None),
        ("DOWNLOADED", first.user_id, None),
    ]


async def test_one_signed_address_is_one_fact_however_often_it_is_asked(database: str) -> None:  # R-COU-06
    viewer, letter = await a_reader()
    await asyncio.gather(*(opens(viewer, letter, "same") for _ in range(10)))
    assert (await kept(letter), len(await tables.journal("courrier.opened"))) == ([("OPENED", viewer.user_id, None)], 1)


async def test_read_for_me_is_not_read_for_my_colleague(database: str) -> None:  # R-COU-06
    viewer, letter = await a_reader()
    colleague = builders.viewer(await builders.user(await letter.establishment, rights={"COURRIERS": READ}))
    await opens(viewer, letter, "a")
    assert (await read_at(viewer, letter) is not None, await read_at(colleague, letter)) == (True, None)


async def test_marking_read_is_not_opening(database: str) -> None:  # R-COU-06
    viewer, letter = await a_reader()
    await courrier.mark(viewer, [letter.id], read=True)
    made = await Courrier.get(id=letter.id)
    assert (await read_at(viewer, letter) is not None, made.first_opened_at, await kept(letter)) == (True, None, [])


async def test_marking_unread_erases_no_fact(database: str) -> None:  # R-COU-06
    viewer, letter = await a_reader()
    await opens(viewer, letter, "a")
    facts, opened = await kept(letter), (await Courrier.get(id=letter.id)).first_opened_at
    await courrier.mark(viewer, [letter.id], read=False)
    made = await Courrier.get(id=letter.id)
    assert (await read_at(viewer, letter), await kept(letter), made.first_opened_at) == (None, facts, opened)


async def test_marking_read_again_keeps_the_first_time(database: str, moved_clock: Move) -> None:  # R-COU-06
    moved_clock("2026-06-01T10:00+02:00")
    viewer, letter = await a_reader()
    await courrier.mark(viewer, [letter.id], read=True)
    moved_clock("2026-06-02T10:00+02:00")
    first = await read_at(viewer, letter)
    await courrier.mark(viewer, [letter.id, letter.id], read=True, archived=True)
    assert await read_at(viewer, letter) == first


async def test_archiving_and_taking_back_leaves_read_as_it_is(database: str) -> None:  # R-COU-08
    viewer, letter = await a_reader()
    await courrier.mark(viewer, [letter.id], read=True)
    marks = []
    for archived in (True, False):
        await courrier.mark(viewer, [letter.id], archived=archived)
        mark = await CourrierMark.get(user_id=viewer.user_id, courrier_id=letter.id)
        marks.append((mark.read_at is not None, mark.archived_at is not None))
    assert marks == [(True, True), (True, False)]


async def test_each_courrier_has_its_own_result(database: str) -> None:  # R-COU-08
    viewer, letter = await a_reader()
    foreign = await builders.courrier()
    outcome = await courrier.mark(viewer, [letter.id, foreign.id, 10**17, letter.id], read=True)
    results = [(number, [one.code.value for one in errors]) for number, errors in outcome.results]
    assert results == [(letter.id, []), (foreign.id, ["NOT_FOUND"]), (10**17, ["NOT_FOUND"])]


async def test_what_may_not_be_read_cannot_be_marked(database: str) -> None:  # R-COU-05
    _, letter = await a_reader()
    town = await letter.establishment
    others = [
        builders.viewer(await builders.user(town, administrator=True)),
        builders.viewer(await builders.user(rights={"COURRIERS": READ})),
        await an_operator(),
        Viewer(),
        Viewer(api_client_id=1, scopes=frozenset({"DEPOSIT_COURRIERS"})),
    ]
    before = await tables.digest()
    marked = [(await courrier.mark(one, [letter.id], read=True)).marked_ids for one in others]
    assert (marked, await tables.digest()) == ([[]] * 5, before)


@pytest.mark.parametrize(("count", "codes"), [(500, []), (501, ["INVALID_VALUE"])])
async def test_at_most_five_hundred_are_marked_at_once(database: str, count: int, codes: list[str]) -> None:  # R-COU-08
    viewer, _ = await a_reader()
    outcome = await courrier.mark(viewer, list(range(1, count + 1)), read=True)
    assert [one.code.value for one in outcome.errors] == codes


async def test_reading_through_a_delegation_is_kept_as_such(database: str) -> None:  # R-COU-06, R-DEL-07
    centre, town = await builders.establishment(is_centralisateur=True), await builders.establishment()
    member = await builders.user(centre, rights={"COURRIERS": READ})
    agreement = await builders.delegation(centre, town, members=[member])
    letter = await builders.courrier(town)
    await opens(builders.viewer(member), letter, "a", delegation_id=agreement.id)
    [event] = await tables.journal("courrier.opened")
    assert await kept(letter) == [("OPENED", member.id, agreement.id)]
    names = ("actor_id", "establishment_id", "on_behalf_of_id", "delegation_id")
    assert [event[name] for name in names] == [member.id, centre.id, town.id, agreement.id]
