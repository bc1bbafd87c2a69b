"""Batches to load, rehearse and publish."""

from typing import Any

from backend import clock
from backend import database as db
from backend.models import Establishment
from backend.rules import deposit_batch, deposit_publication, deposit_rehearsal
from backend.rules.deposit_batch import Line, Outcome
from backend.rules.deposit_content import Deposit
from backend.rules.viewer import Viewer
from tests import builders


async def an_operator() -> Viewer:
    return builders.viewer(await builders.operator())


async def a_program() -> Viewer:
    client, _ = await builders.api_client()
    return Viewer(api_client_id=client.id, scopes=frozenset({"DEPOSIT_COURRIERS"}))


async def line(number: int, to: Establishment, **values: Any) -> Line:
    """An ordinary line, its document stored."""
    kind = values.pop("kind", None) or await builders.courrier_type()
    given = Deposit(
        document_id=values.pop("document_id", None) or (await builders.document()).id,
        siret=values.pop("siret", to.siret),
        type_code=values.pop("type_code", kind.code),
        **{"reference": f"L-{number}", "subject": f"Appel {number}", "letter_date": clock.today(), **values},
    )
    return Line(number, given)


async def opened(viewer: Viewer, label: str = "Campagne de mai") -> int:
    outcome = await deposit_batch.open_batch(viewer, label)
    assert outcome.batch_id is not None, outcome.errors
    return outcome.batch_id


async def loaded(viewer: Viewer, *lines: Line) -> int:
    """A batch with these lines in it."""
    batch_id = await opened(viewer)
    outcome = await deposit_batch.load(viewer, batch_id, lines)
    assert outcome.errors == ()
    return batch_id


async def decided(viewer: Viewer, batch_id: int) -> None:
    """A batch that was rehearsed and is to be published without its rejected lines."""
    assert (await deposit_rehearsal.rehearse(viewer, batch_id)).errors == ()
    outcome = await deposit_publication.publish(viewer, batch_id, leave_out_rejected=True)
    assert outcome.errors == ()


async def published(viewer: Viewer, batch_id: int) -> None:
    """The same, published to its end."""
    await decided(viewer, batch_id)
    while await deposit_publication.publish_slice(batch_id):
        pass


def codes(outcome: Outcome) -> list[str]:
    return [one.code.value for one in outcome.errors]


def told(outcome: Outcome) -> list[tuple[int, str, list[str]]]:
    """What became of each line that was loaded."""
    return [(one.number, one.outcome, [error.code.value for error in one.errors]) for one in outcome.lines]


async def lines_of(batch_id: int) -> list[tuple[int, str, str | None]]:
    rows = await db.rows(
        "SELECT line, outcome, rejection_code FROM deposit_lines WHERE batch_id = $1 ORDER BY line", [batch_id]
    )
    return [(one["line"], one["outcome"], one["rejection_code"]) for one in rows]


async def count(table: str, where: str = "1 = 1") -> int:
    found = await db.row(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    return int(found["n"]) if found else 0


async def status(batch_id: int) -> str:
    found = await db.row("SELECT status FROM deposit_batches WHERE id = $1", [batch_id])
    return str(found["status"]) if found else ""


async def assert_whole(letters: int) -> None:
    """So many letters, each available once: one fact, one feed entry, one event, no e-mail twice, nothing left over."""
    assert await count("courriers", "available_at IS NOT NULL") == letters
    assert await count("courriers", "available_at IS NULL") == 0
    for table, where in (
        ("courrier_facts", "kind = 'AVAILABLE'"),
        ("feed_entries", "1 = 1"),
        ("audit_events", "action = 'courrier.deposited'"),
    ):
        assert await count(table, where) == letters, table
    for table, column in (("courrier_facts", "courrier_id"), ("feed_entries", "courrier_id")):
        assert await count(f"(SELECT DISTINCT {column} FROM {table}) x") == letters, table
    assert await count("deposit_lines", "outcome = 'PUBLISHED'") == letters
    assert await count("deposit_contents") == await count("deposit_lines", "outcome = 'READY'")
