"""What operators do: establishments and their first administrators, services, terms; and whoever tries to."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule

from backend import clock
from backend.rules import establishment, nomination, service, terms, user
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules.machine import plainly
from tests.rules.machine.plainly import status
from tests.rules.machine.steps import ACCOUNT, OPERATOR, Steps, among, drives
from tests.rules.machine.world import NEW_SERVICES, PEOPLE, SERVICES, Account, Actor, Person

IN_DAYS = st.sampled_from([0, 0, 0, 10, 45, -1])


def new_user(establishment_id: int, person: Person) -> user.NewUser:
    return user.NewUser(establishment_id, person.first_name, person.last_name, person.email, is_administrator=True)


class ByOperators(Steps):
    """Operations on the platform."""

    @drives("nominateAdministrator")
    @rule(
        who=OPERATOR,
        whom=among("orphans") | ACCOUNT,
        person=st.none() | st.sampled_from(PEOPLE),
        despite=st.booleans(),
    )
    def nominate(self, who: Actor, whom: Account, person: Person | None, despite: bool) -> None:
        """Them, or somebody new where they are."""
        place = self.now["users"][whom.id]["establishment_id"]
        given = nomination.Nomination(
            place,
            "Demande du maire, vérifiée par téléphone.",
            user_id=None if person else whom.id,
            person=new_user(place, person) if person else None,
            despite_invitation=despite,
        )
        able = [one for one in plainly.accounts_of(self.now, place) if one["is_administrator"]]
        outcome = self.act(who, "nominate", lambda viewer: nomination.nominate(viewer, given))
        assert not (outcome.user_id and any(status(one) == "ACTIVE" for one in able)), "somebody still could sign in"

    @drives("registerEstablishment")
    @rule(who=OPERATOR, number=st.integers(1, 3), person=st.sampled_from(PEOPLE))
    def register(self, who: Actor, number: int, person: Person) -> None:
        given = establishment.NewEstablishment(
            siret=builders.siret(700_000_000 + number),
            name=f"Commune nouvelle {number}",
            category="COMMUNE",
            address=establishment.Address("17200", "Royan"),
            contracts=(establishment.Contract("CNRACL", f"1799{number}"),),
        )

        async def work(viewer: Viewer) -> establishment.Registered:
            done = await establishment.register(viewer, given, new_user(0, person))
            if done.establishment_id is not None:
                self.places[given.name] = done.establishment_id
            return done

        self.act(who, "register", work)

    @drives("updateEstablishment")
    @rule(who=OPERATOR, place=st.sampled_from(["Royan", "Pons"]), name=st.sampled_from(["A", "B"]))
    def change_establishment(self, who: Actor, place: str, name: str) -> None:
        changes = establishment.Changes(name=f"Commune de {place} {name}")
        self.act(
            who, "change an establishment", lambda viewer: establishment.update(viewer, self.places[place], changes)
        )

    @drives("publishService")
    @rule(who=OPERATOR, code=st.sampled_from(NEW_SERVICES) | st.sampled_from(SERVICES), days=IN_DAYS)
    def publish_service(self, who: Actor, code: str, days: int) -> None:
        given = service.NewService(
            code=code,
            label=f"Service {code}",
            description="Un service de plus.",
            theme="Gestion",
            funds=("CNRACL",),
            online_since=clock.today() + timedelta(days=days),
        )
        self.act(who, "publish a service", lambda viewer: service.publish(viewer, given))

    @drives("closeService")
    @rule(who=OPERATOR, code=st.sampled_from(("BIENTOT", *NEW_SERVICES)) | st.sampled_from(SERVICES), days=IN_DAYS)
    def close_service(self, who: Actor, code: str, days: int) -> None:
        day = clock.today() + timedelta(days=days)
        self.act(who, "close a service", lambda viewer: service.close(viewer, code, day))

    @drives("publishTerms")
    @rule(who=OPERATOR, version=st.integers(1, 5), days=IN_DAYS, rehearsal=st.sampled_from([False, False, True]))
    def publish_terms(self, who: Actor, version: int, days: int, rehearsal: bool) -> None:
        given = terms.NewTerms(
            f"{version}", clock.today() + timedelta(days=days), f"Conditions, version {version}.", "Presque tout."
        )
        self.act(who, "publish terms", lambda viewer: terms.publish(viewer, given, rehearsal=rehearsal))
        assert not rehearsal or self.now == self.before
