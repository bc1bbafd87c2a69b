"""A person's details: an account is corrected, never handed on (R-ACC-06, R-ACC-07)."""

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as some

from backend import database as db
from backend.models import Establishment, User
from backend.rules import details, email_change, password, resemblance, session, user
from backend.rules.details import Edit
from backend.rules.resemblance import Identity
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.rules import tables
from tests.rules.test_right import refused_viewers

Move = Callable[[str], None]
ORIGIN = Origin("192.0.2.7", "Un navigateur")
OLD, NEW = "zoe.lefevre@royan.example", "zoe@ville-royan.example"


async def a_town() -> tuple[Establishment, Viewer]:
    town = await builders.establishment("Commune de Royan")
    chief = await builders.user(town, administrator=True, first_name="Alix", last_name="Bernard")
    return town, builders.viewer(chief)


async def zoe(at: Establishment, **values: Any) -> User:
    return await builders.user(at, **{"first_name": "Zoé", "last_name": "Lefèvre", "email": OLD, **values})


async def edit(viewer: Viewer, of: User, **values: Any) -> list[str]:
    return [one.code.value for one in await details.update(viewer, of.id, Edit(**values))]


async def confirm(secret: str) -> list[str]:
    return [one.code.value for one in (await email_change.confirm(secret, ORIGIN)).errors]


async def mails(template: str = "") -> list[db.Row]:
    return await db.rows("SELECT * FROM notifications WHERE subject LIKE $1 ORDER BY id", [f"%{template}%"])


async def secret_sent() -> str:
    found = re.search(r"/adresse\?jeton=([\w-]+)", (await mails("confirmez votre nouvelle"))[-1]["body_text"])
    assert found is not None
    return found[1]


async def identity(of: User) -> tuple[str, str, str]:
    row = await tables.one("users", of.id)
    return row["first_name"], row["last_name"], row["email"]


async def sessions_of(of: User) -> int:
    found = await db.row("SELECT count(*) AS n FROM sessions WHERE user_id = $1 AND ended_at IS NULL", [of.id])
    return int(found["n"]) if found else 0


# ---------------------------------------------------------------- what changes


async def test_what_is_not_said_does_not_change(database: str) -> None:  # R-ACC-06
    town, viewer = await a_town()
    person = await zoe(town, civility="MADAME", phone="05 46 00 00 00")
    assert await edit(viewer, person, phone=" 05 46  11 11 11 ") == []
    row = await tables.one("users", person.id)
    kept = (row["civility"], row["phone"], row["last_name"], row["email"])
    assert kept == (
        "MADAME",
        "05 46 11 11 11",
        "Lefèvre",
        OLD,
    )
    assert await edit(viewer, person, civility=None, phone=None) == []
    row = await tables.one("users", person.id)
    assert (row["civility"], row["phone"]) == (None, None)
    first, second = await tables.journal("user.details_changed")
    assert first["body"]["changes"] == {"phone": ["05 46 00 00 00", "05 46 11 11 11"]}
    assert second["body"]["changes"] == {"civility": ["MADAME", None], "phone": ["05 46 11 11 11", None]}
    assert (first["actor_id"], first["subject_id"], first["establishment_id"]) == (viewer.user_id, person.id, town.id)


async def test_an_edit_that_changes_nothing_leaves_no_trace(database: str) -> None:  # R-ACC-06
    town, viewer = await a_town()
    person = await zoe(town)
    before = await tables.digest()
    assert await edit(viewer, person, first_name="Zoé", email=OLD.upper(), phone=None) == []
    assert await tables.digest() == before


async def test_a_correction_follows_in_lists_and_searches(database: str) -> None:  # R-ACC-06
    town, viewer = await a_town()
    person = await zoe(town, last_name="Lefèbre")
    token_session = await session.log_in(person.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    assert await edit(viewer, person, last_name="Lefèvre") == []
    row = await tables.one("users", person.id)
    assert (row["sort_name"], row["search_text"]) == ("lefevre zoe", f"zoe lefevre {OLD} {person.identifier}")
    assert token_session.secret is not None
    assert await session.authenticate(token_session.secret, ORIGIN) is not None  # a correction closes nothing
    assert await mails("nom") == []


async def test_only_administrators_of_the_establishment_change_an_account(database: str) -> None:  # R-ACC-02
    town, _ = await a_town()
    person = await zoe(town)
    viewers = await refused_viewers(town, await builders.user(town))
    before = await tables.digest()
    outcomes = [await edit(one, person, phone="05 46 11 11 11", email=NEW) for one in viewers]
    assert outcomes == [["NOT_FOUND"]] * len(viewers)
    assert await tables.digest() == before


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"first_name": " "}, "INVALID_VALUE"),
        ({"last_name": "x" * 101}, "INVALID_VALUE"),
        ({"email": "zoe@royan"}, "INVALID_EMAIL"),
        ({"phone": "appeler Zoé"}, "INVALID_VALUE"),
        ({"last_name": "Martin", "name_change_reason": "x" * 501}, "INVALID_VALUE"),
    ],
)
async def test_what_cannot_be_is_refused(database: str, values: dict[str, str], code: str) -> None:  # R-ACC-06
    town, viewer = await a_town()
    person = await zoe(town)
    before = await tables.digest()
    assert await edit(viewer, person, **values) == [code]
    assert await tables.digest() == before


# ---------------------------------------------------------------- taking over


@pytest.mark.parametrize(
    "values",
    [
        {"last_name": "Martin", "email": NEW},
        {"last_name": "Lefèvres", "email": NEW},
        {"first_name": "Léo", "last_name": "Martin"},
        {"first_name": "Léo", "email": NEW},
        {"first_name": "Léo", "last_name": "Martin", "email": NEW},
    ],
)
async def test_an_account_is_not_handed_on_by_editing_it(database: str, values: dict[str, str]) -> None:  # R-ACC-07
    town, viewer = await a_town()
    for person in (await zoe(town), await zoe(town, email="invitee@royan.example", password_hash=None)):
        before = await tables.digest()
        [refusal] = await details.update(viewer, person.id, Edit(**values, name_change_reason="Un remplacement"))  # type: ignore[arg-type]
        assert refusal.code == "TAKEOVER"
        assert "créez un nouveau compte" in refusal.message.lower()
        assert await tables.digest() == before


async def test_a_takeover_in_two_steps_is_refused(database: str, moved_clock: Move) -> None:  # R-ACC-07
    """The address one day and the name the next, or the other way round, by the same hands or by others."""
    moved_clock("2026-03-02T09:00:00+01:00")
    town, viewer = await a_town()
    one, other = await zoe(town), await zoe(town, email="autre@royan.example")
    assert await edit(viewer, one, email=NEW) == []
    marriage = {"last_name": "Martin", "name_change_reason": "Mariage"}
    assert await edit(viewer, one, **marriage) == ["TAKEOVER"]  # while it waits: it may come into use at any time
    assert await confirm(await secret_sent()) == []
    assert await edit(viewer, other, **marriage) == []
    for moment in ("2026-03-03T09:00:00+01:00", "2026-03-31T08:59:59+02:00"):
        moved_clock(moment)
        assert await edit(viewer, one, **marriage) == ["TAKEOVER"]
        assert await edit(viewer, other, email="nouvelle@royan.example") == ["TAKEOVER"]
    moved_clock("2026-04-02T09:00:01+02:00")
    assert await edit(viewer, one, **marriage) == []
    assert await edit(viewer, other, email="nouvelle@royan.example") == []


async def test_an_address_given_up_no_longer_counts(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    await edit(viewer, person, email=NEW)
    await edit(viewer, person, email=OLD)
    assert await edit(viewer, person, last_name="Martin", name_change_reason="Mariage") == []


async def test_small_corrections_do_not_add_up_to_another_name(database: str, moved_clock: Move) -> None:  # R-ACC-07
    """Judged against the name last vouched for, however long ago: not against the one just before."""
    town, viewer = await a_town()
    person = await zoe(town, last_name="Dupont")
    outcomes = []
    for number, name in enumerate(("Dumont", "Dumond", "Durond", "Durand")):
        moved_clock(f"2027-0{number * 2 + 1}-01T09:00:00+01:00")
        outcomes.append(await edit(viewer, person, last_name=name))
    assert outcomes == [[], ["NAME_CHANGE_TO_CONFIRM"], ["NAME_CHANGE_TO_CONFIRM"], ["NAME_CHANGE_TO_CONFIRM"]]
    assert await edit(viewer, person, last_name="Durand", name_change_reason="Une adoption") == []
    assert await edit(viewer, person, last_name="Duran") == []  # vouched for from there


EDITS = some.lists(
    some.fixed_dictionaries(
        {},
        optional={
            "first_name": some.sampled_from(["Zoé", "Zoe", "Zoée", "Léo", "Léon", "Zoé Léa"]),
            "last_name": some.sampled_from(["Lefèvre", "Lefebvre", "Lefort", "Martin", "Lefèvre-Martin", "Marin"]),
            "email": some.sampled_from([OLD, NEW, "leo.martin@royan.example"]),
            "name_change_reason": some.just("Mariage"),
        },
    ),
    max_size=6,
)


@given(EDITS)
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_sequence_of_edits_hands_an_account_on(database: str, edits: list[dict[str, str]]) -> None:
    """R-ACC-07: whatever is accepted in a month, two of the three still are those of the person of the first day; and
    a name that is no longer the one vouched for was given a reason."""
    town, viewer = await a_town()
    person = await zoe(town)
    first = Identity(*await identity(person))
    for one in edits:
        before = (await identity(person))[1]
        refused = await edit(viewer, person, **one)
        if not refused and one.get("email", OLD) != (await identity(person))[2]:
            await confirm(await secret_sent())
        now = Identity(*await identity(person))
        assert not resemblance.is_handed_on(first, now)
        if not resemblance.resembles(before, now.last_name):
            assert "name_change_reason" in one


# ---------------------------------------------------------------- a real change of name


async def test_a_marriage_is_confirmed_with_its_reason(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    for transport in (session.TOKEN, session.COOKIE):
        await session.log_in(person.identifier, builders.PASSWORD, transport, ORIGIN)
    before = await tables.digest()
    for reason in (None, "  "):
        assert await edit(viewer, person, last_name="Martin", name_change_reason=reason) == ["NAME_CHANGE_TO_CONFIRM"]
    assert await tables.digest() == before
    assert await edit(viewer, person, last_name="Martin", name_change_reason=" Mariage ") == []
    assert await sessions_of(person) == 0
    assert (await identity(person))[1] == "Martin"
    [event] = await tables.journal("user.details_changed")
    assert event["body"]["changes"] == {"last_name": ["Lefèvre", "Martin"]}
    assert event["body"]["facts"] == {"reason": "Mariage"}
    [mail] = await mails("nom de votre compte")
    assert (mail["kind"], mail["recipient"], mail["user_id"]) == ("SECURITY_ALERT", OLD, person.id)
    for said in ("Zoé Lefèvre est devenu Zoé Martin", "Motif indiqué : Mariage.", "Alix Bernard", "Commune de Royan"):
        assert said in mail["body_text"]
    again = await session.log_in(person.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    assert again.secret is not None  # the same identifier and password


async def test_a_change_of_name_tells_the_address_that_waits_too(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    assert await edit(viewer, person, email=NEW) == []
    assert await edit(viewer, person, last_name="Lefèvre-Martin") == ["NAME_CHANGE_TO_CONFIRM"]
    assert await edit(viewer, person, last_name="Lefèvre-Martin", name_change_reason="Mariage") == []
    assert sorted(mail["recipient"] for mail in await mails("nom de votre compte")) == sorted([OLD, NEW])


async def test_a_reason_changes_nothing_of_a_correction(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    await session.log_in(person.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    assert await edit(viewer, person, last_name="LEFEVRE", name_change_reason="Mariage") == []
    assert await sessions_of(person) == 1
    [event] = await tables.journal("user.details_changed")
    assert event["body"]["facts"] == {}


async def test_the_same_sure_number_of_statements_whatever_the_history(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    counts = []
    for number in range(12):
        db.statements.seen = []
        await edit(viewer, person, phone=f"05 46 00 00 {number + 10}", last_name=("LEFEVRE", "Lefèvre")[number % 2])
        counts.append(len(db.statements.seen))
        db.statements.seen = None
    assert len(set(counts)) == 1


# ---------------------------------------------------------------- a new address


async def test_a_new_address_is_used_only_once_confirmed_from_there(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    assert await edit(viewer, person, email=NEW) == []
    assert (await identity(person))[2] == OLD
    asked, told = await mails("adresse")
    assert (asked["kind"], asked["recipient"]) == ("EMAIL_CONFIRMATION", NEW)
    assert (told["kind"], told["recipient"]) == ("SECURITY_ALERT", OLD)
    assert "jeton" not in told["body_text"] + told["body_html"]
    for mail in (asked, told):
        assert "Alix Bernard" in mail["body_text"]
        assert person.identifier not in mail["body_text"] + mail["body_html"]
    secret = await secret_sent()
    link = await email_change.link(secret)
    assert link is not None
    assert (link.new_email, link.establishment_name) == (NEW, "Commune de Royan")

    reset = await a_reset(person)
    assert await confirm(secret) == []
    row = await tables.one("users", person.id)
    assert (row["email"], row["email_key"]) == (NEW, NEW)
    assert NEW in row["search_text"]
    assert [mail["recipient"] for mail in await mails("a changé")] == [OLD, NEW]
    assert await password.link(reset) is None  # sent to the old address
    assert (await email_change.link(secret), await confirm(secret)) == (None, ["LINK_INVALID"])
    [requested], [changed] = await tables.journal("user.email_requested"), await tables.journal("user.email_changed")
    assert (requested["actor_id"], requested["body"]["facts"]) == (viewer.user_id, {"new_email": NEW})
    assert (changed["actor_id"], changed["body"]["changes"]) == (person.id, {"email": [OLD, NEW]})


async def a_reset(of: User) -> str:
    async with db.transaction():
        return await password.issue_link(of.id, "PASSWORD_RESET")


async def test_the_link_lives_seven_days(database: str, moved_clock: Move) -> None:  # R-ACC-07
    moved_clock("2026-06-01T10:00:00+02:00")
    town, viewer = await a_town()
    person = await zoe(town)
    await edit(viewer, person, email=NEW)
    secret = await secret_sent()
    assert "8\u00a0juin\u00a02026" in (await mails("confirmez"))[0]["body_text"]
    moved_clock("2026-06-08T10:00:00+02:00")
    assert (await email_change.link(secret), await confirm(secret)) == (None, ["LINK_INVALID"])
    moved_clock("2026-06-08T09:59:59+02:00")
    assert await confirm(secret) == []


async def test_the_earlier_link_dies_and_the_present_address_cancels(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    secrets = []
    for email in (NEW, "zoe@royan.example", "zoe@royan.example"):
        assert await edit(viewer, person, email=email) == []
        secrets.append(await secret_sent())
    assert [await email_change.link(one) is not None for one in secrets] == [False, False, True]
    assert await edit(viewer, person, email=OLD) == []
    assert [await confirm(one) for one in secrets] == [["LINK_INVALID"]] * 3
    [cancelled] = await tables.journal("user.email_cancelled")
    assert cancelled["body"]["facts"] == {"new_email": "zoe@royan.example"}


async def test_a_mailbox_is_not_flooded(database: str, moved_clock: Move) -> None:  # R-ACC-07
    moved_clock("2026-06-01T10:00:00+02:00")
    town, viewer = await a_town()
    person = await zoe(town)
    outcomes = [await edit(viewer, person, email=NEW) for _ in range(7)]
    assert outcomes == [[]] * 5 + [["TRY_LATER"]] * 2
    moved_clock("2026-06-01T11:00:01+02:00")
    assert await edit(viewer, person, email=NEW) == []


async def test_one_address_never_serves_twice_at_an_establishment(database: str) -> None:  # R-ACC-01, R-ACC-07
    town, viewer = await a_town()
    person, colleague = await zoe(town), await zoe(town, email="leo@royan.example")
    elsewhere = await zoe(await builders.establishment("Commune de Saujon"), email="saujon@royan.example")
    assert await edit(viewer, person, email="LEO@royan.example") == ["EMAIL_TAKEN"]
    assert await edit(viewer, person, email=elsewhere.email) == []  # another establishment's: the same person's perhaps
    assert await edit(viewer, person, email=NEW) == []
    secret = await secret_sent()
    await User.filter(id=colleague.id).update(email=NEW, email_key=NEW)
    before = await tables.digest()
    assert await confirm(secret) == ["EMAIL_TAKEN"]
    assert await tables.digest() == before


async def test_two_confirmations_of_one_address_at_once_leave_one(database: str) -> None:  # R-ACC-01, R-ACC-07
    for _ in range(5):
        town, viewer = await a_town()
        people = [await zoe(town), await zoe(town, email="autre@royan.example")]
        secrets = []
        for person in people:
            assert await edit(viewer, person, email=NEW) == []
            secrets.append(await secret_sent())
        outcomes = await asyncio.gather(*(confirm(one) for one in secrets))
        assert sorted(outcomes) == [[], ["EMAIL_TAKEN"]]
        assert [(await identity(one))[2] for one in people].count(NEW) == 1


async def test_a_link_used_twice_at_once_works_once(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    await edit(viewer, person, email=NEW)
    secret = await secret_sent()
    outcomes = await asyncio.gather(*(confirm(secret) for _ in range(6)))
    assert sorted(outcomes) == [[], *[["LINK_INVALID"]] * 5]
    assert len(await tables.journal("user.email_changed")) == 1


async def test_a_confirmation_against_a_deletion_leaves_a_deleted_account_as_it_was(database: str) -> None:  # R-ACC-12
    for _ in range(5):
        town, viewer = await a_town()
        person = await zoe(town)
        await edit(viewer, person, email=NEW)
        outcome, _ = await asyncio.gather(confirm(await secret_sent()), user.delete(viewer, [person.id]))
        row = await tables.one("users", person.id)
        assert row["deleted_at"] is not None
        assert (outcome, row["email"]) in (([], NEW), (["LINK_INVALID"], OLD))
        assert await confirm(await secret_sent()) == ["LINK_INVALID"]


async def test_an_address_and_a_name_at_once_by_two_administrators_hand_nothing_on(database: str) -> None:  # R-ACC-07
    for _ in range(5):
        town, viewer = await a_town()
        second = builders.viewer(await builders.user(town, administrator=True))
        person = await zoe(town)
        outcomes = await asyncio.gather(
            edit(viewer, person, email=NEW),
            edit(second, person, last_name="Martin", name_change_reason="Mariage"),
        )
        assert sorted(outcomes) == [[], ["TAKEOVER"]]


# ---------------------------------------------------------------- whoever never signed in


async def test_a_wrong_address_of_an_invitation_is_corrected_at_once(database: str) -> None:  # R-ACC-03, R-ACC-07
    town, viewer = await a_town()
    made = await user.create(viewer, user.NewUser(town.id, "Zoé", "Lefèvre", "zoe.lefebvre@royan.example", False))
    assert made.user_id is not None
    person = await User.get(id=made.user_id)
    [first] = await mails("choisissez")
    dead = re.findall(r"jeton=([\w-]+)", first["body_text"])[0]
    reset = await a_reset(person)
    assert await edit(viewer, person, email=OLD, first_name="Zoë") == []
    row = await tables.one("users", person.id)
    assert (row["email"], row["search_text"]) == (OLD, f"zoe lefevre {OLD} {person.identifier}")
    assert (await password.link(dead), await password.link(reset)) == (None, None)
    invitation = (await mails("choisissez"))[-1]
    assert invitation["recipient"] == OLD
    assert await password.link(re.findall(r"jeton=([\w-]+)", invitation["body_text"])[0]) is not None
    [withdrawn] = await mails("plus valable")
    assert withdrawn["recipient"] == "zoe.lefebvre@royan.example"
    assert OLD not in withdrawn["body_text"]  # read by a stranger
    assert await edit(viewer, person, email="ailleurs@royan.example", last_name="Martin") == ["TAKEOVER"]


async def test_whoever_signed_in_once_confirms_even_when_reopened(database: str) -> None:  # R-ACC-07, R-ACC-11
    town, viewer = await a_town()
    person = await zoe(town)
    await session.log_in(person.identifier, builders.PASSWORD, session.TOKEN, ORIGIN)
    await User.filter(id=person.id).update(password_hash=None)
    assert await edit(viewer, person, email=NEW) == []
    assert (await identity(person))[2] == OLD


# ---------------------------------------------------------------- one's own


async def own(of: User, **values: Any) -> list[str]:
    return [one.code.value for one in await details.update_own(builders.viewer(of), Edit(**values))]


async def test_one_changes_how_to_be_reached_and_not_who_one_is(database: str) -> None:  # R-ACC-02, R-ACC-07
    town, _ = await a_town()
    person = await zoe(town)
    assert await own(person, first_name="Léo", last_name="Martin", phone="05 46 11 11 11", civility="MADAME") == []
    assert await identity(person) == ("Zoé", "Lefèvre", OLD)
    row = await tables.one("users", person.id)
    assert (row["phone"], row["civility"]) == ("05 46 11 11 11", "MADAME")
    assert await own(person, email=NEW) == []
    assert (await identity(person))[2] == OLD
    asked, told = await mails("adresse")
    assert "Vous avez demandé" in asked["body_text"]
    assert "connecté avec votre compte" in told["body_text"]
    assert await confirm(await secret_sent()) == []
    assert (await identity(person))[2] == NEW


async def test_ones_own_account_is_not_handed_on_either(database: str) -> None:  # R-ACC-07
    town, viewer = await a_town()
    person = await zoe(town)
    assert await edit(viewer, person, last_name="Martin", name_change_reason="Mariage") == []
    assert await own(person, email=NEW) == ["TAKEOVER"]


async def test_a_program_or_nobody_has_no_details(database: str) -> None:  # R-ACC-07
    for viewer in (Viewer(), Viewer(api_client_id=1, scopes=frozenset({"DEPOSIT_COURRIERS"}))):
        [refusal] = await details.update_own(viewer, Edit(phone="05 46 11 11 11"))
        assert refusal.code == "NOT_ALLOWED"
