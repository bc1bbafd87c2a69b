"""Jobs by the clock: once each, whatever the number of processes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from backend import clock
from backend import database as db
from backend.jobs import schedule
from backend.jobs.schedule import Job, publish_due, run_once, tidy
from backend.models import Challenge, IdempotencyKey, JobRun, TrustedDevice
from backend.rules import courrier, deposit_batch, deposit_publication
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import batches

OPERATOR = Viewer(is_operator=True)


class Work:
    def __init__(self) -> None:
        self.times = 0

    async def __call__(self) -> None:
        self.times += 1
        await asyncio.sleep(0)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def job(work: Work) -> Job:
    return Job("essai", timedelta(minutes=1), work)


async def test_a_job_that_many_want_to_run_runs_once(database: str, job: Job, work: Work, moved_clock: Any) -> None:
    moved_clock("2026-05-04T08:00+02:00")
    assert sum(await asyncio.gather(*(run_once(job) for _ in range(12)))) == work.times == 1
    moved_clock("2026-05-04T08:00:59+02:00")
    assert await run_once(job) is False
    moved_clock("2026-05-04T08:01+02:00")
    assert sum(await asyncio.gather(*(run_once(job) for _ in range(12)))) == 1
    assert work.times == 2


async def test_the_lease_of_a_process_that_died_is_taken_over(
    database: str, job: Job, work: Work, moved_clock: Any
) -> None:
    moved_clock("2026-05-04T08:00+02:00")
    await JobRun.create(
        name=job.name,
        leased_until=clock.now() + timedelta(minutes=10),
        leased_by="another",
        last_started_at=clock.now(),
    )
    moved_clock("2026-05-04T08:09+02:00")
    assert await run_once(job) is False
    moved_clock("2026-05-04T08:11+02:00")
    assert await run_once(job) is True
    found = await JobRun.get(name=job.name)
    assert (work.times, found.leased_until) == (1, None)


async def test_the_lease_of_a_long_job_is_renewed(
    database: str, job: Job, work: Work, moved_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Alive after an hour, it is not taken over."""
    monkeypatch.setattr(schedule, "BEAT", 0.01)
    begun, over = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        begun.set()
        await over.wait()

    async def renewed() -> None:
        while (await JobRun.get(name=job.name)).leased_until != clock.now() + schedule.LEASE:
            await asyncio.sleep(0.005)

    moved_clock("2026-05-04T08:00+02:00")
    running = asyncio.create_task(run_once(Job(job.name, job.every, long)))
    await begun.wait()
    for minute in range(5, 60, 5):
        moved_clock(f"2026-05-04T08:{minute:02d}+02:00")
        async with asyncio.timeout(10):
            await renewed()
    assert await run_once(job) is False
    over.set()
    assert (await running, work.times) == (True, 0)
    assert (await JobRun.get(name=job.name)).last_error is None


async def test_a_process_whose_lease_has_lapsed_stops(
    database: str, job: Job, work: Work, moved_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that slept: another process may have taken the job over."""
    monkeypatch.setattr(schedule, "BEAT", 0.01)
    begun, stopped = asyncio.Event(), asyncio.Event()

    async def long() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    moved_clock("2026-05-04T08:00+02:00")
    running = asyncio.create_task(run_once(Job(job.name, job.every, long)))
    await begun.wait()
    moved_clock("2026-05-04T08:11+02:00")
    async with asyncio.timeout(10):
        assert await running is True
    assert stopped.is_set()
    assert (await JobRun.get(name=job.name)).last_error == "LeaseLost: essai"
    assert await run_once(job) is True


async def test_a_process_that_stops_gives_its_lease_back(database: str, work: Work, moved_clock: Any) -> None:
    """Deferred letters would wait ten minutes after each restart otherwise."""
    begun = asyncio.Event()

    async def long() -> None:
        begun.set()
        await asyncio.Event().wait()

    moved_clock("2026-05-04T08:00+02:00")
    running = asyncio.create_task(run_once(Job("essai", timedelta(seconds=5), long)))
    await begun.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    moved_clock("2026-05-04T08:00:05+02:00")
    assert await run_once(Job("essai", timedelta(seconds=5), work)) is True


async def test_a_job_that_fails_says_why_and_is_tried_again(database: str, work: Work, moved_clock: Any) -> None:
    async def fails() -> None:
        raise RuntimeError("disque plein")

    moved_clock("2026-05-04T08:00+02:00")
    assert await run_once(Job("essai", timedelta(minutes=1), fails)) is True
    assert (await JobRun.get(name="essai")).last_error == "RuntimeError: disque plein"
    moved_clock("2026-05-04T08:01+02:00")
    assert await run_once(Job("essai", timedelta(minutes=1), work)) is True
    assert (await JobRun.get(name="essai")).last_error is None


async def test_a_letter_is_published_at_its_date_and_not_before(database: str, moved_clock: Any) -> None:
    """R-COU-01."""
    moved_clock("2026-05-04T08:00+02:00")
    town, kind = await builders.establishment(), await builders.courrier_type()
    await builders.user(town, rights={"COURRIERS": builders.READ})
    for number in range(3):
        made = await courrier.deposit(
            OPERATOR,
            courrier.Deposit(
                document_id=(await builders.document()).id,
                siret=town.siret,
                type_code=kind.code,
                reference=f"2026-{number}",
                subject="Objet",
                letter_date=clock.today(),
                publish_at=clock.now() + timedelta(days=1),
            ),
        )
        assert made.errors == ()

    async def counted() -> tuple[int, ...]:
        tables = ("courrier_facts", "feed_entries", "notifications")
        return tuple([(await db.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"] for table in tables])

    moved_clock("2026-05-05T07:59:59+02:00")
    await publish_due()
    assert await counted() == (0, 0, 0)
    moved_clock("2026-05-05T08:00+02:00")
    await asyncio.gather(*(publish_due() for _ in range(4)))
    assert await counted() == (3, 3, 3), "once each, though four processes published"


async def half_published(letters: int) -> int:
    """A batch whose publication stopped after its first letter."""
    viewer = builders.viewer(await builders.operator())
    town = await builders.establishment()
    batch_id = await batches.loaded(viewer, *[await batches.line(number, town) for number in range(1, letters + 1)])
    await batches.decided(viewer, batch_id)
    await deposit_publication.publish_slice(batch_id)
    return batch_id


async def test_a_publication_that_stopped_is_taken_up(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """R-COU-04: whichever processes do it."""
    monkeypatch.setattr(deposit_publication, "SLICE", 1)
    monkeypatch.setattr(deposit_batch, "BREATH", 0)
    batch_id = await half_published(6)
    await batches.assert_whole(1)
    await asyncio.gather(*(schedule.publish_batches() for _ in range(3)))
    await batches.assert_whole(6)
    assert await batches.status(batch_id) == "PUBLISHED"


async def test_a_long_publication_leaves_other_jobs_their_turn(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deposit_publication, "SLICE", 1)
    monkeypatch.setattr(schedule, "TURN", -1.0)
    batch_id = await half_published(6)
    await schedule.publish_batches()
    await batches.assert_whole(2)
    assert await batches.status(batch_id) == "PUBLISHING"


async def test_the_process_that_publishes_and_dies_is_replaced_within_a_minute(
    database: str, work: Work, moved_clock: Any
) -> None:  # R-COU-04
    [job] = [one for one in schedule.JOBS if one.name == "publish_batches"]
    moved_clock("2026-05-04T08:00+02:00")
    dead = Job(job.name, job.every, work, job.lease)
    await run_once(dead)
    await JobRun.filter(name=job.name).update(leased_by="another", leased_until=clock.now() + job.lease)
    moved_clock("2026-05-04T08:00:59+02:00")
    assert await run_once(dead) is False
    moved_clock("2026-05-04T08:01:01+02:00")
    assert await run_once(dead) is True


async def test_what_lapsed_a_week_ago_is_removed(database: str, moved_clock: Any) -> None:
    moved_clock("2026-05-04T08:00+02:00")
    user = await builders.user()
    document = await builders.document()
    columns = "token_hash, document_id, user_id, uploaded_at, expires_at"
    moment = int(clock.to_microseconds(clock.now()))
    await db.execute(f"INSERT INTO uploads ({columns}) VALUES ('a', $1, $2, $3, $3)", [document.id, user.id, moment])
    moved_clock("2026-05-11T08:00+02:00")
    await tidy()
    assert len(await db.rows("SELECT id FROM uploads")) == 1
    moved_clock("2026-05-11T08:00:01+02:00")
    await tidy()
    assert await db.rows("SELECT id FROM uploads") == []


def test_every_job_has_a_name_of_its_own() -> None:
    assert len({job.name for job in schedule.JOBS}) == len(schedule.JOBS)


async def test_keys_challenges_and_devices_that_lapsed_a_week_ago_are_removed(database: str, moved_clock: Any) -> None:
    moved_clock("2026-05-04T08:00+02:00")
    user = await builders.user()
    now = clock.now()
    common = {"user_id": user.id, "token_hash": "0" * 64, "expires_at": now}
    await Challenge.create(purpose="SIGN_IN", created_at=now, **common)
    await TrustedDevice.create(trusted_at=now, **common)
    await IdempotencyKey.create(
        owner="1", operation="createUser", key="k", request_hash="0" * 64, answer="{}", created_at=now
    )
    tables = ("challenges", "trusted_devices", "idempotency_keys")
    moved_clock("2026-05-11T08:00+02:00")
    await tidy()
    assert [len(await db.rows(f"SELECT id FROM {table}")) for table in tables] == [1, 1, 1]
    moved_clock("2026-05-11T08:00:01+02:00")
    await tidy()
    assert [len(await db.rows(f"SELECT id FROM {table}")) for table in tables] == [0, 0, 0]
