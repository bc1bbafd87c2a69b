"""Batches: opened, loaded, rehearsed, then published as a whole or cancelled (R-COU-01, 03, 04, 13)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.models import ApiClient, Courrier, Establishment, NotificationPreference
from backend.reads import courrier as courriers
from backend.rules import courrier, deposit_batch, deposit_publication, deposit_rehearsal, retention
from backend.rules.deposit_batch import Line
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables
from tests.rules.batches import (
    a_program,
    an_operator,
    assert_whole,
    codes,
    count,
    decided,
    line,
    lines_of,
    loaded,
    opened,
    published,
    status,
    told,
)

READ = builders.READ


async def a_town() -> Establishment:
    """An establishment with one reader."""
    town = await builders.establishment()
    await builders.user(town, rights={"COURRIERS": READ})
    return town


async def test_a_batch_is_opened_loaded_rehearsed_and_published(database: str) -> None:  # R-COU-04
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, *[await line(number, town) for number in (1, 2, 3)])
    assert await count("courriers") == await count("notifications") == 0, "nothing is visible before"
    await decided(viewer, batch_id)
    assert await count("courriers") == 0
    assert [await deposit_publication.publish_slice(batch_id) for _ in range(3)] == [True, False, False]
    assert await status(batch_id) == "PUBLISHED"
    await assert_whole(3)
    assert await count("notifications", "kind = 'NEW_COURRIER'") == 3
    letters = await db.rows("SELECT reference, subject, batch_id, deposited_by_id FROM courriers ORDER BY id")
    assert letters[0] == {
        "reference": "L-1",
        "subject": "Appel 1",
        "batch_id": batch_id,
        "deposited_by_id": viewer.user_id,
    }
    assert await count("deposit_contents") == await count("deposit_documents") == 0


async def test_everything_that_is_done_to_a_batch_is_an_event(database: str) -> None:  # R-JRN-01
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town))
    await published(viewer, batch_id)
    gone = await opened(viewer)
    await deposit_batch.cancel(viewer, gone)
    for action in ("opened", "loaded", "rehearsed", "publishing", "published", "cancelled"):
        events = await tables.journal(f"deposit_batch.{action}")
        assert {one["subject_type"] for one in events} == {"DepositBatch"}, action
        assert {one["actor_id"] for one in events} == {viewer.user_id}, action


async def test_all_that_a_deposit_says_comes_through_a_batch(database: str) -> None:  # R-COU-01
    """The letter of a batch is the one that the same deposit alone would have made, fingerprint included."""
    viewer, town = await an_operator(), await a_town()
    await builders.courrier(town, reference="AVANT")
    attached = await builders.document()
    values: dict[str, Any] = {
        "fiscal_year": 2025,
        "due_on": clock.today() + timedelta(days=30),
        "acknowledgement_required": True,
        "replaces": "AVANT",
        "publish_at": clock.now() - timedelta(hours=1),
        "file_name": "appel.pdf",
        "attachments": (courrier.Attachment(attached.id, "annexe.pdf"),),
    }
    one = await line(1, town, **values)
    batch_id = await loaded(viewer, one)
    await published(viewer, batch_id)
    made = await Courrier.get(reference="L-1")
    replaced = await Courrier.get(reference="AVANT")
    assert (made.fiscal_year, made.due_on, made.acknowledgement_required) == (2025, values["due_on"], True)
    assert (made.replaces_id, made.file_name) == (replaced.id, "appel.pdf")
    assert await db.rows("SELECT document_id, file_name, position FROM courrier_attachments") == [
        {"document_id": attached.id, "file_name": "annexe.pdf", "position": 1}
    ]
    assert one.deposit is not None
    again = await courrier.deposit(viewer, one.deposit)
    assert (again.courrier_id, again.already) == (made.id, True), "R-COU-03"


async def test_each_rejection_has_its_line_and_reason(database: str) -> None:  # R-COU-04
    viewer, town = await an_operator(), await a_town()
    other = await builders.document()
    taken = await line(7, town, reference="PRIS")
    assert taken.deposit is not None
    await courrier.deposit(viewer, taken.deposit)
    batch_id = await opened(viewer)
    unreadable = UserError(ErrorCode.FILE_ENCRYPTED, "Le PDF est chiffré.", ("file",))
    outcome = await deposit_batch.load(
        viewer,
        batch_id,
        [
            await line(1, town),
            await line(2, town, siret=builders.siret(700_000_000)),
            await line(3, town, siret="123"),
            await line(4, town, type_code="INCONNU"),
            await line(5, town, subject=""),
            await line(6, town, reference="L-1"),
            taken,
            await line(8, town, reference="PRIS", document_id=other.id),
            await line(9, town, replaces="INCONNU"),
            Line(10, errors=(unreadable,), reference="L-10"),
        ],
    )
    assert told(outcome) == [
        (1, "READY", []),
        (2, "REJECTED", ["UNKNOWN_SIRET"]),
        (3, "REJECTED", ["UNKNOWN_SIRET"]),
        (4, "REJECTED", ["UNKNOWN_TYPE"]),
        (5, "REJECTED", ["INVALID_VALUE"]),
        (6, "REJECTED", ["REFERENCE_TAKEN"]),
        (7, "ALREADY", []),
        (8, "REJECTED", ["REFERENCE_TAKEN"]),
        (9, "REJECTED", ["NOT_FOUND"]),
        (10, "REJECTED", ["FILE_ENCRYPTED"]),
    ]
    kept = await db.rows(
        "SELECT line, reference, rejection_message FROM deposit_lines WHERE rejection_code IS NOT NULL"
    )
    assert {one["line"]: one["rejection_message"] for one in kept}[6] == (
        "La référence « L-1 » est déjà celle de la ligne 1 de ce lot."
    )
    assert {one["line"]: one["reference"] for one in kept}[10] == "L-10"
    assert await deposit_batch.counts(batch_id) == deposit_batch.Counts(loaded=10, rejected=8, already=1)


async def test_the_same_line_loaded_again_changes_nothing(database: str) -> None:  # R-COU-03
    viewer, town = await an_operator(), await a_town()
    lines = [await line(number, town) for number in (1, 2)]
    batch_id = await loaded(viewer, *lines)
    before = await tables.contents({"idempotency_keys"})
    outcome = await deposit_batch.load(viewer, batch_id, [lines[1], lines[0]])
    assert told(outcome) == [(2, "READY", []), (1, "READY", [])]
    assert await tables.contents({"idempotency_keys"}) == before


async def test_a_line_with_other_content_takes_the_place_of_the_first(database: str) -> None:  # R-COU-04
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town), await line(2, town, siret="123"))
    await deposit_rehearsal.rehearse(viewer, batch_id)
    assert await status(batch_id) == "CHECKED"
    mended = await deposit_batch.load(viewer, batch_id, [await line(2, town), await line(1, town, subject="Corrigé")])
    assert told(mended) == [(2, "READY", []), (1, "READY", [])]
    assert await status(batch_id) == "OPEN", "to be rehearsed again"
    assert codes(await deposit_publication.publish(viewer, batch_id)) == ["BATCH_CLOSED"]
    await published(viewer, batch_id)
    subjects = await db.rows("SELECT subject FROM courriers ORDER BY reference")
    assert [one["subject"] for one in subjects] == ["Corrigé", "Appel 2"]


async def test_a_line_whose_file_lapsed_leaves_what_was_accepted(database: str) -> None:
    """The answer to a first loading was lost: the same is sent a day later, its uploads are no more (R-COU-03)."""
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town))
    lapsed = UserError(ErrorCode.UNKNOWN_UPLOAD, "Inconnu.", ("uploadId",))
    outcome = await deposit_batch.load(
        viewer, batch_id, [Line(1, errors=(lapsed,)), Line(2, errors=(lapsed,)), await line(3, town, reference="L-1")]
    )
    assert told(outcome) == [
        (1, "READY", []),
        (2, "REJECTED", ["UNKNOWN_UPLOAD"]),
        (3, "REJECTED", ["REFERENCE_TAKEN"]),
    ]


async def test_lines_are_at_most_500_each_with_its_number(database: str) -> None:
    viewer, town = await an_operator(), await a_town()
    batch_id = await opened(viewer)
    one = await line(1, town)
    for lines in ([one, one], [Line(0)], [Line(number) for number in range(1, 502)]):
        assert codes(await deposit_batch.load(viewer, batch_id, lines)) == ["INVALID_VALUE"]
    assert await lines_of(batch_id) == []


async def test_a_batch_with_rejections_is_published_only_where_one_says_so(database: str) -> None:  # R-COU-04
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town), await line(2, town, siret="123"))
    assert codes(await deposit_publication.publish(viewer, batch_id)) == ["BATCH_CLOSED"], "not rehearsed"
    await deposit_rehearsal.rehearse(viewer, batch_id)
    assert codes(await deposit_publication.publish(viewer, batch_id)) == ["BATCH_HAS_REJECTIONS"]
    assert (await deposit_publication.publish(viewer, batch_id, leave_out_rejected=True)).errors == ()
    assert (await deposit_publication.publish(viewer, batch_id)).errors == (), "asked again, no fault"
    while await deposit_publication.publish_slice(batch_id):
        pass
    await assert_whole(1)
    assert await lines_of(batch_id) == [(1, "PUBLISHED", None), (2, "REJECTED", "UNKNOWN_SIRET")]


async def test_a_cancelled_batch_leaves_nothing_but_its_rejections(database: str) -> None:  # R-COU-04
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town), await line(2, town, siret="123"))
    assert (await deposit_batch.cancel(viewer, batch_id)).errors == ()
    assert (await deposit_batch.cancel(viewer, batch_id)).errors == ()
    assert await count("deposit_contents") == await count("deposit_documents") == await count("courriers") == 0
    for outcome in (
        await deposit_batch.load(viewer, batch_id, [await line(3, town)]),
        await deposit_rehearsal.rehearse(viewer, batch_id),
        await deposit_publication.publish(viewer, batch_id),
    ):
        assert codes(outcome) == ["BATCH_CLOSED"]
    assert not await deposit_publication.publish_slice(batch_id)


async def test_what_is_being_published_is_neither_loaded_nor_cancelled(database: str) -> None:  # R-COU-04
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town))
    await decided(viewer, batch_id)
    assert codes(await deposit_batch.cancel(viewer, batch_id)) == ["BATCH_CLOSED"]
    assert codes(await deposit_batch.load(viewer, batch_id, [await line(2, town)])) == ["BATCH_CLOSED"]
    assert await deposit_publication.publishing() == [batch_id]


async def test_a_letter_may_replace_one_of_its_own_batch(database: str) -> None:
    """R-COU-13: whichever call loaded it, whichever slice publishes it; once."""
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town), await line(2, town, replaces="L-1"))
    await deposit_batch.load(
        viewer, batch_id, [await line(3, town, replaces="L-2"), await line(4, town, replaces="L-3")]
    )
    await deposit_batch.load(viewer, batch_id, [await line(5, town, replaces="L-1")])
    await published(viewer, batch_id)
    assert await lines_of(batch_id) == [
        *((n, "PUBLISHED", None) for n in (1, 2, 3, 4)),
        (5, "REJECTED", "INVALID_VALUE"),
    ]
    replaced = await db.rows(
        "SELECT c.reference, r.reference AS of FROM courriers c JOIN courriers r ON r.id = c.replaces_id ORDER BY c.id"
    )
    assert [(one["reference"], one["of"]) for one in replaced] == [("L-2", "L-1"), ("L-3", "L-2"), ("L-4", "L-3")]


async def test_what_changed_since_it_was_loaded_is_rejected_when_published(database: str) -> None:  # R-COU-03
    viewer, town = await an_operator(), await a_town()
    same, other = await line(1, town), await line(2, town)
    batch_id = await loaded(viewer, same, other, await line(3, town))
    await decided(viewer, batch_id)
    assert same.deposit is not None
    first = await courrier.deposit(viewer, same.deposit)
    second = await line(9, town, reference="L-2", subject="Un autre")
    assert second.deposit is not None
    await courrier.deposit(viewer, second.deposit)
    while await deposit_publication.publish_slice(batch_id):
        pass
    assert await lines_of(batch_id) == [
        (1, "ALREADY", None),
        (2, "REJECTED", "REFERENCE_TAKEN"),
        (3, "PUBLISHED", None),
    ]
    assert await db.rows("SELECT courrier_id FROM deposit_lines WHERE line = 1") == [{"courrier_id": first.courrier_id}]


async def test_a_letter_for_later_waits_for_its_date(database: str) -> None:  # R-COU-01
    viewer, town = await an_operator(), await a_town()
    tomorrow = clock.now() + timedelta(days=1)
    batch_id = await loaded(viewer, await line(1, town), await line(2, town, publish_at=tomorrow))
    await published(viewer, batch_id)
    assert await db.rows("SELECT reference FROM courriers WHERE available_at IS NOT NULL") == [{"reference": "L-1"}]
    assert await count("courriers") == 2


# ---------------------------------------------------------------- who


async def test_only_who_deposits_handles_batches(database: str) -> None:  # R-COU-01
    town = await a_town()
    reader = builders.viewer(await builders.user(town, administrator=True))
    stranger = Viewer(api_client_id=(await builders.api_client("READ_STATISTICS"))[0].id)
    for viewer in (reader, stranger, Viewer()):
        assert codes(await deposit_batch.open_batch(viewer, "Un lot")) == ["NOT_ALLOWED"]
    program, other, operator = await a_program(), await a_program(), await an_operator()
    batch_id = await loaded(program, await line(1, town))
    for viewer in (reader, stranger, Viewer(), other):
        for outcome in (
            await deposit_batch.load(viewer, batch_id, [await line(2, town)]),
            await deposit_rehearsal.rehearse(viewer, batch_id),
            await deposit_publication.publish(viewer, batch_id),
            await deposit_batch.cancel(viewer, batch_id),
        ):
            assert codes(outcome) == ["NOT_FOUND"]
    await published(operator, batch_id)
    assert await db.rows("SELECT deposited_by_client_id AS by FROM courriers") == [{"by": program.api_client_id}]


async def test_a_program_revoked_meanwhile_does_nothing_more(database: str) -> None:
    program, town = await a_program(), await a_town()
    batch_id = await loaded(program, await line(1, town))
    await ApiClient.filter(id=program.api_client_id).update(revoked_at=clock.now())
    assert codes(await deposit_batch.load(program, batch_id, [await line(2, town)])) == ["NOT_FOUND"]
    assert codes(await deposit_batch.open_batch(program, "Un autre")) == ["NOT_ALLOWED"]


async def test_a_batch_opened_twice_under_one_key_is_one(database: str) -> None:
    viewer = await an_operator()
    first = await deposit_batch.open_batch(viewer, "Mai", "clé")
    assert (await deposit_batch.open_batch(viewer, "Mai", "clé")).batch_id == first.batch_id
    assert codes(await deposit_batch.open_batch(viewer, "Juin", "clé")) == ["KEY_REUSED"]
    assert await count("deposit_batches") == 1
    for label in ("", "x" * 201, "a\0b"):
        assert codes(await deposit_batch.open_batch(viewer, label)) == ["INVALID_VALUE"]


# ---------------------------------------------------------------- rehearsal


async def figures(batch_id: int) -> dict[str, Any]:
    import orjson

    found = await db.row("SELECT rehearsal FROM deposit_batches WHERE id = $1", [batch_id])
    assert found is not None
    read: dict[str, Any] = orjson.loads(found["rehearsal"])
    return read


async def test_the_rehearsal_says_who_would_get_nothing_and_what_would_leave(database: str) -> None:  # R-COU-04
    viewer = await an_operator()
    by_post = await builders.courrier_type("RELANCE", channel="DIGITAL_AND_POST")
    read = {"COURRIERS": READ}
    two = await builders.establishment()
    await builders.user(two, rights=read)
    weekly = await builders.user(two, rights=read)
    await NotificationPreference.create(user_id=weekly.id, new_courriers="WEEKLY_DIGEST")
    deaf = await builders.establishment()
    muted = await builders.user(deaf, rights=read)
    await NotificationPreference.create(user_id=muted.id, muted_funds="CNRACL")
    nobody = await builders.establishment()
    await builders.user(nobody, rights=read, password_hash=None)
    address = await builders.establishment(functional_email="mairie@royan.example")
    opened_before = {"first_opened_at": clock.now(), "first_opened_by_id": weekly.id}
    await builders.courrier(two, **opened_before)
    await builders.courrier(two)
    lines = [
        await line(1, two),
        await line(2, two, kind=by_post),
        await line(3, deaf),
        await line(4, nobody),
        await line(5, address),
        await line(6, address, siret="123"),
        await line(7, two, reference="L-1"),
    ]
    batch_id = await loaded(viewer, *lines)
    before = await count("notifications")
    assert (await deposit_rehearsal.rehearse(viewer, batch_id)).errors == ()
    told = await figures(batch_id)
    gaps = [(one["reason"], one["establishments"], one["letters"]) for one in told.pop("gaps")]
    assert gaps == [("ACCOUNT", 1, 1), ("INVITATION", 1, 1)]
    assert told == {
        "letters": 5,
        "establishments": 4,
        "without_reader": 2,
        "without_email": 2,
        "duplicates": 1,
        "emails": 3,
        "postal_copies": 1,
        "expected_read_rate": 0.3,
    }
    assert (await count("notifications"), await count("courriers", "batch_id IS NOT NULL")) == (before, 0)
    await published(viewer, batch_id)
    assert await count("notifications", "kind = 'NEW_COURRIER'") == 3, "as many e-mails as were told"


async def test_the_rehearsal_rejects_what_was_deposited_meanwhile(database: str) -> None:  # R-COU-03
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town), await line(2, town))
    await builders.courrier(town, reference="L-2")
    await deposit_rehearsal.rehearse(viewer, batch_id)
    assert await lines_of(batch_id) == [(1, "READY", None), (2, "REJECTED", "REFERENCE_TAKEN")]


async def test_a_line_loaded_during_the_rehearsal_has_it_begun_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town))
    late = await line(2, town)
    genuine = deposit_rehearsal._figures

    async def meanwhile(number: int) -> Any:
        await deposit_batch.load(viewer, batch_id, [late])
        return await genuine(number)

    monkeypatch.setattr(deposit_rehearsal, "_figures", meanwhile)
    assert codes(await deposit_rehearsal.rehearse(viewer, batch_id)) == ["BATCH_CHANGED"]
    assert await status(batch_id) == "OPEN"


# ---------------------------------------------------------------- what stops in between


async def test_a_slice_that_fails_leaves_no_half_of_it(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-COU-04: whichever letter of it fails, none of its letters is there; the next run publishes them all."""
    monkeypatch.setattr(deposit_publication, "SLICE", 4)
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, *[await line(number, town) for number in range(1, 11)])
    await decided(viewer, batch_id)
    genuine = courrier.write
    writes = 0

    async def failing(*arguments: Any) -> int:
        nonlocal writes
        writes += 1
        if writes == 7:
            raise ConnectionError("the line is cut")
        return await genuine(*arguments)

    monkeypatch.setattr(courrier, "write", failing)
    assert await deposit_publication.publish_slice(batch_id)
    with pytest.raises(ConnectionError):
        await deposit_publication.publish_slice(batch_id)
    await assert_whole(4)
    while await deposit_publication.publish_slice(batch_id):
        pass
    await assert_whole(10)


async def test_processes_that_publish_at_once_take_turns(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deposit_publication, "SLICE", 3)
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, *[await line(number, town) for number in range(1, 21)])
    await decided(viewer, batch_id)

    async def work() -> None:
        while await deposit_publication.publish_slice(batch_id):
            pass

    await asyncio.gather(*(work() for _ in range(4)))
    await assert_whole(20)
    assert len(await tables.journal("deposit_batch.published")) == 1


async def test_a_file_that_a_batch_names_is_kept(database: str, moved_clock: Any) -> None:  # R-COU-14
    """The last letter that had it is removed at the end of its retention: the batch still needs it."""
    moved_clock("2026-01-10T12:00+01:00")
    viewer, town = await an_operator(), await a_town()
    kind = await builders.courrier_type(retention_months=1)
    shared = await builders.document()
    await builders.courrier(town, kind=kind, document_id=shared.id)
    batch_id = await loaded(viewer, await line(1, town, document_id=shared.id))
    moved_clock("2026-03-10T12:00+01:00")
    await retention.remove_due()
    assert (await tables.one("documents", shared.id))["removed_at"] is None
    await deposit_batch.cancel(viewer, batch_id)
    await retention.remove_due()
    assert (await tables.one("documents", shared.id))["removed_at"] is not None


async def test_publishing_sends_few_statements(database: str) -> None:
    """A hundred letters of ten towns: an insertion for each, the rest for all, readers for each town."""
    viewer = await an_operator()
    towns = [await a_town() for _ in range(10)]
    batch_id = await loaded(viewer, *[await line(n, towns[n % 10]) for n in range(1, 101)])
    await decided(viewer, batch_id)
    db.statements.seen = []
    try:
        await deposit_publication.publish_slice(batch_id)
        assert len(db.statements.seen) < 160
    finally:
        db.statements.seen = None


async def test_a_letter_of_a_batch_is_found_by_its_words(database: str) -> None:  # R-COU-02, R-COU-07
    viewer, town = await an_operator(), await a_town()
    batch_id = await loaded(viewer, await line(1, town))
    await decided(viewer, batch_id)
    reader = builders.viewer(await builders.user(town, rights={"COURRIERS": builders.READ}))
    given = courriers.Filter(search="appels")
    assert await courriers.listing(reader, given).total() == 0
    await deposit_publication.publish_slice(batch_id)
    assert await courriers.listing(reader, given).total() == 1
