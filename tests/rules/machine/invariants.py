"""What must hold after every step, whatever was done."""

import hashlib
from datetime import timedelta
from typing import Any

from hypothesis.stateful import invariant

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, email_change, journal, password, second_factor, session
from backend.rules.viewer import Viewer
from tests.rules.machine import plainly, retelling
from tests.rules.machine.plainly import status
from tests.rules.machine.steps import Steps
from tests.rules.machine.world import ORIGIN, Actor


class Invariants(Steps):
    """Checked by Hypothesis after each step."""

    @invariant()
    def everything_holds(self) -> None:
        """Where nothing has changed, nor time passed, since it was seen to hold, it does."""
        as_now = (clock.now(), settings.current().second_factor, len(self.actors))
        if self.held_at == as_now and self.held_as == self.now:
            return
        self.held_at, self.held_as = as_now, self.now
        self.the_journal_tells_everything()
        self.the_chain_holds()
        self.ground.run(self.only_who_may_holds_a_session())
        self.no_identifier_is_given_again()
        self.a_sole_account_administers()
        self.nobody_has_two_accounts_at_one_place()
        self.ground.run(self.a_link_works_once_and_never_after_a_later_one())
        self.the_operators_list_is_right()
        self.who_must_review_is_right()
        self.what_was_published_or_accepted_stays()
        self.factors_die_with_their_account()

    def the_journal_tells_everything(self) -> None:
        """R-JRN-01."""
        known = retelling.facts(self.now)
        for one in (*self.told.users.values(), *known.users.values()):
            one.sessions = {number for number in one.sessions if number in self.now["sessions"]}
        told = self.told.users
        different = {number: (told.get(number), one) for number, one in known.users.items() if told.get(number) != one}
        assert different == {}
        assert set(told) == set(known.users)
        assert self.told.services == known.services
        assert self.told.terms == known.terms
        assert self.told.acceptances == known.acceptances
        assert self.told.reviews == known.reviews

    def the_chain_holds(self) -> None:
        """R-JRN-01."""
        count, wrong = self.ground.run(journal.verify())
        assert (count, wrong) == (len(self.now["audit_events"]), None)

    async def only_who_may_holds_a_session(self) -> None:
        """R-ACC-11, 12, 14; and who is held back is nobody but themselves (R-CGU-02, R-ACC-16)."""
        seers: dict[int, Viewer] = {}
        judged: set[int] = set()
        for actor in self.actors:
            found = await self.found(actor)
            if found is None or actor.account is None:
                continue
            row = self.now["users"][actor.account.id]
            assert found.user_id == row["id"]
            assert status(row) == "ACTIVE", f"{actor} is {status(row)}"
            assert found.held_back == plainly.held_back(self.now, row["id"]), actor
            if found.session_id not in judged:
                await self.the_viewer_is_right(found, row)
            judged.add(found.session_id or 0)
            seers[row["id"]] = found
        for viewer in seers.values():
            await self.sees_what_is_theirs(viewer)

    async def found(self, actor: Actor) -> Viewer | None:
        """Who the platform says they are now."""
        if actor.secret is not None:
            return await session.authenticate(actor.secret, ORIGIN)
        if actor.kept is not None and actor.kept.session_id is not None:
            return await session.renewed(actor.kept)
        return None

    async def the_viewer_is_right(self, found: Viewer, row: dict[str, Any]) -> None:
        """As the account is now; asked again for the second factor after 15 minutes."""
        held = found.held_back is not None
        profile = (found.establishment_id, found.is_administrator, found.is_operator)
        theirs = (row["establishment_id"], bool(row["is_administrator"]), bool(row["is_operator"]))
        assert profile == ((None, False, False) if held else theirs)
        given_at = self.now["sessions"][found.session_id]["second_factor_at"]
        since = clock.to_microseconds(clock.now() - timedelta(minutes=15))
        is_stale = bool(plainly.factors_of(self.now, row["id"])) and (given_at is None or given_at <= since)
        assert await second_factor.is_needed(found) == is_stale

    async def sees_what_is_theirs(self, viewer: Viewer) -> None:
        """R-ACC-02, 17, R-RGT-01, 05, R-DEL-05, 06, R-COU-05, R-CGU-02: no more than their rights, at this instant."""
        user_id = viewer.user_id or 0
        held = viewer.held_back is not None
        sql = Sql()
        sql.add(f"SELECT 'user' AS what, u.id FROM users u WHERE {access.users(sql, viewer, 'u')}")
        sql.add(f"UNION ALL SELECT 'letter', c.id FROM courriers c WHERE {access.documents(sql, viewer, 'c')}")
        sql.add(f"UNION ALL SELECT 'place', e.id FROM establishments e WHERE {access.establishments(sql, viewer, 'e')}")
        sql.add(f"UNION ALL SELECT 'agreement', d.id FROM delegations d WHERE {access.delegations(sql, viewer, 'd')}")
        sql.add(f"UNION ALL SELECT 'managed', u.id FROM users u WHERE {access.managed(sql, viewer, 'u')}")
        sql.add(f"UNION ALL SELECT 'renewed', u.id FROM users u WHERE {access.administered_accounts(sql, viewer, 'u')}")
        seen: dict[str, set[int]] = {}
        for one in await db.rows(sql):
            seen.setdefault(one["what"], set()).add(one["id"])
        people = {user_id} if held else plainly.people_of(self.now, user_id)
        assert seen.pop("user") == people
        assert seen.pop("letter", set()) == (set() if held else plainly.letters_of(self.now, user_id))
        if held:
            assert seen == {}, viewer
            return
        assert seen.pop("managed", set()) == self.managed_by(viewer)
        renewed = {
            number
            for number, one in self.now["users"].items()
            if one["deleted_at"] is None and self.may_renew(user_id, one["establishment_id"])
        }
        assert seen.pop("renewed", set()) == renewed

    def managed_by(self, viewer: Viewer) -> set[int]:
        if not viewer.is_administrator:
            return set()
        return {one["id"] for one in plainly.accounts_of(self.now, viewer.establishment_id or 0)}

    def may_renew(self, user_id: int, establishment_id: int) -> bool:
        """R-ACC-10: at home or elsewhere, from nowhere where something must be done first."""
        return plainly.administers_elsewhere(self.now, user_id, establishment_id, unless_held_back=True)

    def no_identifier_is_given_again(self) -> None:
        """R-ACC-12."""
        for number, row in self.now["users"].items():
            if row["erased_at"] is not None:
                continue
            assert self.identifiers.setdefault(row["identifier"], number) == number
        assert set(self.identifiers) <= set(self.now["issued_identifiers"])

    def a_sole_account_administers(self) -> None:
        """R-ACC-04."""
        for place in self.places.values():
            theirs = plainly.accounts_of(self.now, place)
            assert len(theirs) != 1 or theirs[0]["is_administrator"]

    def nobody_has_two_accounts_at_one_place(self) -> None:
        """R-ACC-01."""
        for place in self.places.values():
            addresses = [one["email"].casefold() for one in plainly.accounts_of(self.now, place)]
            assert len(addresses) == len(set(addresses))

    async def a_link_works_once_and_never_after_a_later_one(self) -> None:
        """R-ACC-03, 15."""
        now = int(clock.to_microseconds(clock.now()))
        for account in self.accounts:
            deleted = status(self.now["users"][account.id]) == "DELETED"
            for place, link in enumerate(account.links):
                assert link.worked <= 1
                later = any(one.purpose == link.purpose for one in account.links[place + 1 :])
                too_old = now >= link.mailed_at + link.lives
                of_address = link.purpose == "EMAIL_CONFIRMATION"
                found = await (email_change if of_address else password).link(link.secret)
                dead = link.worked or later or too_old or deleted or link.revoked
                assert (found is None) == bool(dead), (account, link)

    def the_operators_list_is_right(self) -> None:
        """R-ACC-02, 05, 11."""
        sql = Sql()
        sql.add(f"SELECT e.id FROM establishments e WHERE {access.without_administrator(sql, 'e')}")
        found = self.ground.run(db.rows(sql))
        assert {one["id"] for one in found} == plainly.to_be_listed(self.now)

    def who_must_review_is_right(self) -> None:
        """R-RGT-04."""
        sql = Sql("SELECT e.id AS place, s.id AS service FROM establishments e CROSS JOIN services s")
        sql.add(f"WHERE {access.has_to_review(sql, 'e.id', 'e.registered_on', 's.id')}")
        found = {(one["place"], one["service"]) for one in self.ground.run(db.rows(sql))}
        assert found == {
            (place, service)
            for place in self.now["establishments"]
            for service in self.now["services"]
            if plainly.has_to_review(self.now, place, service)
        }

    def what_was_published_or_accepted_stays(self) -> None:
        """R-CGU-01, 03, R-RGT-05: no version, acceptance, review or service is ever taken back."""
        for table in ("terms", "terms_acceptances", "service_reviews"):
            for number, row in self.before[table].items():
                assert self.now[table].get(number) == row, f"{table} {number} has changed"
        assert set(self.before["services"]) <= set(self.now["services"])
        for one in self.now["terms_acceptances"].values():
            version = self.now["terms"][one["terms_id"]]
            assert one["body_sha256"] == version["body_sha256"] == hashlib.sha256(version["body"].encode()).hexdigest()

    def factors_die_with_their_account(self) -> None:
        """R-ACC-16: nobody without a second factor has recovery codes or trusted devices."""
        for table in ("recovery_codes", "trusted_devices"):
            for one in self.now[table].values():
                assert plainly.factors_of(self.now, one["user_id"]), f"{table} of nobody: {one}"
