"""What administrators do to the accounts, rights and services of their establishment, and whoever tries to."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from backend.rules import details, right, service, user, user_import
from tests.rules.machine.steps import ABLE, ACTOR, Steps, asked, drives
from tests.rules.machine.world import NEW_SERVICES, PEOPLE, SERVICES, Account, Actor, Person

OF_ONE, OF_SEVERAL = asked(), asked(several=True)
LEVELS = st.lists(
    st.builds(right.Wanted, st.sampled_from(SERVICES[:2]) | st.sampled_from(SERVICES), st.sampled_from([1, 2, 0])),
    max_size=2,
)
EDITS = st.builds(
    details.Edit,
    last_name=st.sampled_from([details.UNSAID, details.UNSAID, "Bernard", "Durand-Bernard"]),
    email=st.sampled_from(
        [details.UNSAID, "zoe@exemple.example", "alix@exemple.example", "alix.bernard@exemple.example", "a@b.example"]
    ),
    phone=st.sampled_from([details.UNSAID, None, "05 46 00 00 00"]),
    name_change_reason=st.sampled_from([None, "Mariage"]),
)


class ByAdministrators(Steps):
    """Operations on the accounts of an establishment."""

    @drives("createUser")
    @rule(
        who=ABLE | ACTOR,
        at=st.sampled_from(["their own", "their own", "their own", "Royan", "Saintes", "Pons"]),
        person=st.sampled_from(PEOPLE),
        administrator=st.booleans(),
        rights=LEVELS,
        key=st.sampled_from([None, None, "the same key"]),
    )
    def create(
        self, who: Actor, at: str, person: Person, administrator: bool, rights: list[right.Wanted], key: str | None
    ) -> None:
        place = self.place_of(who) if at == "their own" else self.places[at]
        given = user.NewUser(
            establishment_id=place,
            first_name=person.first_name,
            last_name=person.last_name,
            email=person.email,
            is_administrator=administrator,
            rights=tuple(rights),
        )
        self.act(who, "create", lambda viewer: user.create(viewer, given, key))

    @drives("importUsers")
    @rule(
        who=ABLE | ACTOR,
        at=st.sampled_from(["their own", "their own", "Royan", "Pons"]),
        people=st.lists(
            st.tuples(st.sampled_from(PEOPLE), st.sampled_from(["Utilisateur", "Administrateur"])), max_size=3
        ),
        dry_run=st.booleans(),
        key=st.sampled_from([None, None, "the same key"]),
    )
    def load(self, who: Actor, at: str, people: list[tuple[Person, str]], dry_run: bool, key: str | None) -> None:
        place = self.place_of(who) if at == "their own" else self.places[at]
        lines = [f"{one.first_name};{one.last_name};{one.email};{profile};Lecture" for one, profile in people]
        file = "\n".join(["Prénom;Nom;E-mail;Profil;COURRIERS", *lines])
        self.act(who, "import", lambda viewer: user_import.load(viewer, place, file, dry_run=dry_run, key=key))
        assert not dry_run or self.now == self.before

    @drives("setProfile")
    @rule(asked=OF_ONE, administrator=st.booleans())
    def set_profile(self, asked: tuple[Actor, Account], administrator: bool) -> None:
        who, whom = asked
        self.act(who, "set profile", lambda viewer: user.set_profile(viewer, whom.id, is_administrator=administrator))

    @drives("setRights")
    @rule(asked=OF_SEVERAL, levels=LEVELS)
    def give(self, asked: tuple[Actor, list[Account]], levels: list[right.Wanted]) -> None:
        who, whom = asked
        self.act(who, "give", lambda viewer: right.give(viewer, [one.id for one in whom], levels))

    @drives("copyRights")
    @rule(asked=OF_SEVERAL)
    def copy(self, asked: tuple[Actor, list[Account]]) -> None:
        """To the others from the first of them."""
        who, (source, *whom) = asked
        self.act(who, "copy", lambda viewer: right.copy(viewer, source.id, [one.id for one in whom]))

    @drives("confirmRights")
    @rule(asked=OF_SEVERAL)
    def confirm_rights(self, asked: tuple[Actor, list[Account]]) -> None:
        who, whom = asked
        self.act(who, "confirm rights", lambda viewer: right.confirm(viewer, [one.id for one in whom]))

    @drives("renewUsers")
    @rule(asked=OF_SEVERAL)
    def renew(self, asked: tuple[Actor, list[Account]]) -> None:
        who, whom = asked
        self.act(who, "renew", lambda viewer: user.renew(viewer, [one.id for one in whom]))

    @drives("deleteUsers")
    @rule(asked=OF_SEVERAL)
    def delete(self, asked: tuple[Actor, list[Account]]) -> None:
        who, whom = asked
        self.act(who, "delete", lambda viewer: user.delete(viewer, [one.id for one in whom]))

    @drives("unlockUser")
    @rule(asked=asked(of="LOCKED"))
    def unlock(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "unlock", lambda viewer: user.unlock(viewer, whom.id))

    @drives("resendInvitation")
    @rule(asked=asked(of="INVITED"))
    def invite_again(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "invite again", lambda viewer: user.resend_invitation(viewer, whom.id))

    @drives("cancelInvitation")
    @rule(asked=asked(of="INVITED"))
    def cancel_invitation(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "cancel an invitation", lambda viewer: user.cancel_invitation(viewer, whom.id))

    @drives("reopenUser")
    @rule(asked=asked(of="EXPIRED"))
    def reopen(self, asked: tuple[Actor, Account]) -> None:
        who, whom = asked
        self.act(who, "reopen", lambda viewer: user.reopen(viewer, whom.id))

    @drives("updateUser")
    @rule(asked=OF_ONE, edit=EDITS)
    def change_details(self, asked: tuple[Actor, Account], edit: details.Edit) -> None:
        who, whom = asked
        self.act(who, "change details", lambda viewer: details.update(viewer, whom.id, edit))

    @rule(who=ABLE | ACTOR)
    def export_rights(self, who: Actor) -> None:
        self.act(who, "export rights", lambda viewer: right.exporting(viewer, {}))

    @drives("reviewServices")
    @rule(
        who=ABLE | ACTOR,
        at=st.sampled_from(["their own", "their own", "their own", "Royan", "Saintes"]),
        codes=st.lists(st.sampled_from(("BIENTOT", *NEW_SERVICES)) | st.sampled_from(SERVICES), max_size=2),
    )
    def review(self, who: Actor, at: str, codes: list[str]) -> None:
        place = self.place_of(who) if at == "their own" else self.places[at]
        self.act(who, "review services", lambda viewer: service.review(viewer, place, codes))
