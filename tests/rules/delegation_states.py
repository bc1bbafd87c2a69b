"""A centre with a town for each state a delegation can be in, and everybody who might try something on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from backend import clock
from backend import database as db
from backend.models import Establishment, User
from backend.rules import delegation, delegation_members, delegation_request
from backend.rules.delegation import Narrowing
from backend.rules.delegation_members import Change
from backend.rules.delegation_request import Request
from backend.rules.viewer import HeldBack, Viewer
from tests import builders
from tests.rules.ground import Ground
from tests.rules.pair import READING, REASON, day

ASKED, DECIDED, NOW = "2026-06-01T09:00+02:00", "2026-06-02T10:00+02:00", "2026-06-15T12:00+02:00"
LATER = day("2027-12-31")


# ---------------------------------------------------------------- the states


@dataclass(frozen=True)
class State:
    """How a delegation came to be as it is, and what those who come second are told of it."""

    status: str
    """PENDING, ACCEPTED or OVER: what can be done with it."""
    told: str
    asked: str = ASKED
    ends_on: date | None = LATER
    narrowing: Narrowing | None = None
    decision: str = ""
    marked: str = ""
    """What a job has said of it already."""


ACCEPTED = "Cette demande a déjà été acceptée par Alix Maire ({town}) le 2\u00a0juin\u00a02026 à 10 h 00."
UNANSWERED = "Cette demande n’a pas reçu de réponse à temps : elle ne vaut plus rien. Il en faut une nouvelle."
OVER = "Cette délégation est arrivée à son terme le 14\u00a0juin\u00a02026."
NOT_YET = "Cette demande n’a pas encore été acceptée : il n’y a pas de délégation en vigueur."
ENDED = "Il a déjà été mis fin à cette délégation par Elsa Chef (Centre) le 2\u00a0juin\u00a02026 à 10 h 00."

STATES = {
    "pending": State("PENDING", NOT_YET),
    "pending, on its last day": State("PENDING", NOT_YET, asked="2026-04-16T00:00+02:00"),
    "lapsed, not yet marked": State("OVER", UNANSWERED, asked="2026-04-15T23:59+02:00"),
    "pending past its end, not yet marked": State("OVER", UNANSWERED, ends_on=day("2026-06-14")),
    "to come": State("ACCEPTED", ACCEPTED, decision="accept", narrowing=Narrowing(starts_on=day("2026-06-16"))),
    "in force": State("ACCEPTED", ACCEPTED, decision="accept"),
    "in force without end": State("ACCEPTED", ACCEPTED, decision="accept", ends_on=None),
    "in force, on its last day": State("ACCEPTED", ACCEPTED, decision="accept", ends_on=day("2026-06-15")),
    "over, not yet marked": State("OVER", OVER, decision="accept", ends_on=day("2026-06-14")),
    "refused": State(
        "OVER",
        "Cette demande a déjà été refusée par Alix Maire ({town}) le 2\u00a0juin\u00a02026 à 10 h 00.",
        decision="refuse",
    ),
    "withdrawn": State(
        "OVER",
        "Cette demande a été retirée par Elsa Chef (Centre) le 2\u00a0juin\u00a02026 à 10 h 00.",
        decision="withdraw",
    ),
    "ended": State("OVER", ENDED, decision="end"),
    "ended before it began": State("OVER", ENDED, decision="end", narrowing=Narrowing(starts_on=day("2026-06-16"))),
    "expired without an answer": State("OVER", UNANSWERED, asked="2026-01-15T09:00+01:00", marked="EXPIRED"),
    "expired at its end": State("OVER", OVER, decision="accept", ends_on=day("2026-06-14"), marked="EXPIRED"),
}


@dataclass
class Town:
    """A délégataire, its people, and its delegation."""

    place: Establishment
    mayor: User
    clerk: User
    delegation_id: int


@dataclass
class World:
    """A centre with a town for each state, and everybody else who might try."""

    ground: Ground
    centre: Establishment
    chief: User
    agent: User
    member: User
    elsewhere: User
    rival: User
    operator: User
    gone: dict[str, User]
    towns: dict[str, Town]


async def a_world(ground: Ground) -> World:
    centre = await builders.establishment("Centre", is_centralisateur=True)
    await builders.courrier_type()
    read = {"COURRIERS": 1}
    other_centre = await builders.establishment("Autre centre", is_centralisateur=True)
    made = World(
        ground=ground,
        centre=centre,
        chief=await builders.user(centre, administrator=True, first_name="Elsa", last_name="Chef"),
        agent=await builders.user(centre, rights=read),
        member=await builders.user(centre, rights=read),
        elsewhere=await builders.user(administrator=True, rights=read),
        rival=await builders.user(other_centre, administrator=True),
        operator=await builders.user(
            await builders.establishment(is_platform=True), is_operator=True, administrator=True
        ),
        gone={
            "expired": await builders.user(centre, administrator=True, expires_on=date(2030, 1, 1)),
            "deleted": await builders.user(centre, administrator=True),
            "demoted": await builders.user(centre, administrator=True),
            "locked": await builders.user(centre, administrator=True),
        },
        towns={},
    )
    for name, state in STATES.items():
        made.towns[name] = await a_town(made, name, state)
    await User.filter(id=made.gone["expired"].id).update(expires_on=date(2026, 6, 14))
    with clock.moved_to(datetime.fromisoformat(NOW)):
        await User.filter(id=made.gone["deleted"].id).update(deleted_at=clock.now())
        await User.filter(id=made.gone["locked"].id).update(locked_at=clock.now())
    await User.filter(id=made.gone["demoted"].id).update(is_administrator=False)
    return made


async def a_town(made: World, name: str, state: State) -> Town:
    """By the rules, as time went by; what only a job says is written."""
    place = await builders.establishment(f"Commune {name}")
    mayor = await builders.user(place, administrator=True, first_name="Alix", last_name="Maire")
    clerk = await builders.user(place, rights={"COURRIERS": 2})
    asker, asked = builders.viewer(made.chief), builders.viewer(mayor)
    with clock.moved_to(datetime.fromisoformat(state.asked)):
        answer = await delegation_request.request(asker, Request((place.siret,), READING, ends_on=state.ends_on))
    number = answer.lines[0].delegation_id
    assert number is not None, answer
    with clock.moved_to(datetime.fromisoformat(DECIDED)):
        match state.decision:
            case "accept" | "end":
                assert (await delegation.accept(asked, number, state.narrowing)).errors == ()
                added = await delegation_members.choose(asker, [number], Change((made.member.id,)))
                assert added.done_ids == [number]
                if state.decision == "end":
                    assert (await delegation.end(asker, number, REASON)).errors == ()
            case "refuse":
                assert (await delegation.refuse(asked, number, REASON)).errors == ()
            case "withdraw":
                assert (await delegation.withdraw(asker, [number])).done_ids == [number]
    if state.marked:
        await db.execute("UPDATE delegations SET status = $1 WHERE id = $2", [state.marked, number])
    return Town(place, mayor, clerk, number)


# ---------------------------------------------------------------- who tries

Kind = Callable[[World, Town], Viewer]

CENTRE_SIDE, TOWN_SIDE, ELSEWHERE, RIVAL = "centralisateur", "délégataire", "elsewhere", "another centralisateur"
ACTORS: dict[str, tuple[Kind, str | None]] = {
    "an administrator of the centralisateur": (lambda world, _: builders.viewer(world.chief), CENTRE_SIDE),
    "the same, acting for the délégataire": (
        lambda world, town: builders.viewer(world.chief, acting_for_id=town.place.id),
        CENTRE_SIDE,
    ),
    "an administrator of the délégataire": (lambda _, town: builders.viewer(town.mayor), TOWN_SIDE),
    "a user of the centralisateur": (lambda world, _: builders.viewer(world.agent), None),
    "a member": (lambda world, _: builders.viewer(world.member), None),
    "a member acting for the délégataire": (
        lambda world, town: builders.viewer(world.member, acting_for_id=town.place.id),
        None,
    ),
    "a member who says they administer": (
        lambda world, town: builders.viewer(world.member, acting_for_id=town.place.id, is_administrator=True),
        None,
    ),
    "a member who says they are of the délégataire": (
        lambda world, town: builders.viewer(
            world.member, establishment_id=town.place.id, acting_for_id=town.place.id, is_administrator=True
        ),
        None,
    ),
    "a user of the délégataire": (lambda _, town: builders.viewer(town.clerk), None),
    "a user of the délégataire who says they administer": (
        lambda _, town: builders.viewer(town.clerk, is_administrator=True),
        None,
    ),
    "an administrator elsewhere": (lambda world, _: builders.viewer(world.elsewhere), ELSEWHERE),
    "an administrator of another centralisateur": (lambda world, _: builders.viewer(world.rival), RIVAL),
    "an operator": (lambda world, _: builders.viewer(world.operator), ELSEWHERE),
    "an API client": (
        lambda *_: Viewer(api_client_id=1, scopes=frozenset({"DEPOSIT_COURRIERS", "MANAGE_ESTABLISHMENTS"})),
        None,
    ),
    "an administrator held back by the terms": (
        lambda _, town: Viewer(user_id=town.mayor.id, session_id=1, held_back=HeldBack.ACCEPT_TERMS),
        None,
    ),
    "an administrator who has expired since": (lambda world, _: builders.viewer(world.gone["expired"]), None),
    "an administrator who was deleted since": (lambda world, _: builders.viewer(world.gone["deleted"]), None),
    "an administrator who was demoted since": (lambda world, _: builders.viewer(world.gone["demoted"]), None),
    "an administrator who was locked since": (lambda world, _: builders.viewer(world.gone["locked"]), None),
    "nobody": (lambda *_: Viewer(), None),
}
"""Somebody, and what they administer at this instant: a side, another establishment, or nothing."""
