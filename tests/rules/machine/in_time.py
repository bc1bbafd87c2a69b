"""Time that passes, and what runs by itself."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from backend import clock, settings
from backend.jobs import schedule
from tests.rules.machine.plainly import status
from tests.rules.machine.steps import Steps

WAITS = {
    "a minute": timedelta(minutes=1),
    "half an hour": timedelta(minutes=30),
    "three hours": timedelta(hours=3),
    "a day": timedelta(days=1),
    "a fortnight": timedelta(days=15),
    "a month": timedelta(days=31),
    "three months": timedelta(days=92),
    "six months": timedelta(days=183),
    "eighteen months": timedelta(days=548),
    "twenty-five months": timedelta(days=761),
}


class InTime(Steps):
    """The clock, the jobs, and the setting that a deployment may change."""

    @rule(length=st.sampled_from(sorted(WAITS, key=lambda name: WAITS[name])))
    def wait(self, length: str) -> None:
        self.moves.enter_context(clock.moved_to(clock.now() + WAITS[length]))

    @rule()
    def wait_for_the_next_expiry(self) -> None:
        """Until the last evening of the account that expires first."""
        days = [one["expires_on"] for one in self.now["users"].values() if status(one) in ("ACTIVE", "INVITED")]
        if days:
            evening = clock.end_of_day(datetime.fromisoformat(min(days)).date()) - timedelta(minutes=5)
            self.moves.enter_context(clock.moved_to(max(evening, clock.now())))

    @rule()
    def run_jobs(self) -> None:
        """Twice: what was done is not done again; only news told just now may have a reminder that is due already."""
        for job in schedule.JOBS:
            self.step(job.work(), "jobs", None)
        for job in schedule.JOBS:
            self.step(job.work(), "jobs", None)
            assert self.now == self.before or job.name == "announce", f"{job.name} did it again"
        self.nothing_due_is_left()

    def nothing_due_is_left(self) -> None:
        """R-ACC-11, 12, 13, R-CGU-02, R-RGT-04: once the jobs have run, what time brings is done and told."""
        lengths, today = settings.current().durations, clock.today()
        for one in self.now["users"].values():
            if one["deleted_at"] is not None:
                gone = clock.paris_date(clock.from_microseconds(one["deleted_at"]))
                assert one["erased_at"] or clock.add_months(gone, lengths.erasure_months) > today, one
                continue
            expired_on = datetime.fromisoformat(one["expires_on"]).date()
            assert clock.add_months(expired_on, lengths.account_reopening_months) >= today, one
            if one["password_hash"] is None:
                assert clock.from_microseconds(one["invited_at"]) > clock.now() - lengths.invitation, one
        for name in self.now["platform_facts"]:
            if name.startswith("announce/"):
                _, what, number = name.split("/")
                rows = self.now["services" if what == "service" else "terms"]
                day = rows[int(number)]["online_since" if what == "service" else "published_on"]
                told_from = lengths.terms_grace - lengths.terms_reminder if what == "reminder" else timedelta(0)
                assert datetime.fromisoformat(day).date() + told_from > today, f"{name} was not told"

    @rule(required=st.sampled_from(["optional", "optional", "optional", "administrators", "everybody"]))
    def require_a_second_factor(self, required: str) -> None:
        """The platform is started again with another setting (R-ACC-16)."""
        settings.use(replace(settings.current(), second_factor=required))
