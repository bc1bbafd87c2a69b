"""No query that a screen sends costs a statement more for each thing more that it shows."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend import clock
from backend import database as db
from backend.gateways.signals import Signals
from backend.models import (
    Courrier,
    CourrierFact,
    DelegationMember,
    Establishment,
    Notification,
    ReadingCampaign,
    ReadingReminder,
    Session,
    User,
)
from backend.rules import globalid, journal
from backend.rules.viewer import Origin, Viewer
from backend.schema.build import schema
from backend.schema.context import Context
from tests import builders
from tests.documents import document
from tests.engine.wire import one_engine
from tests.reads.test_statements import ask, counted
from tests.rules import batches

SCREENS = Path(__file__).resolve().parents[2] / "frontend" / "src"
FEW, MANY = 9, 18
"""Both beyond the delegations up to which an inbox is counted anew each time."""
PAGE = 50

A_PAGE_EACH = {"ReceivedDelegations": "what was last done through each delegation that it shows"}
"""Queries that ask for a page of something for each of what they list: a statement for each page."""
AT_MOST = 4
"""And for what each page names: who, for whom, through what."""


def queries() -> dict[str, str]:
    """The queries of all screens: the name of each, and the file it is in."""
    return {
        name: str(path.relative_to(SCREENS))
        for path in sorted(SCREENS.rglob("*.ts*"))
        for name in re.findall(r"graphql\(`\s*query (\w+)", path.read_text(encoding="utf-8"))
    }


@dataclass
class World:
    """A town, its centralisateur, the platform's staff; and how much there is of everything so far."""

    town: Establishment
    centre: Establishment
    chief: User
    reader: User
    member: User
    head: User
    staff: User
    size: int = 0
    ids: dict[str, list[str]] = field(default_factory=dict)

    def keep(self, **numbers: int) -> None:
        for name, number in numbers.items():
            self.ids.setdefault(name, []).append(globalid.encode(name, number))

    @property
    def viewers(self) -> dict[str, Viewer]:
        people = {"chief": self.chief, "reader": self.reader, "member": self.member, "head": self.head}
        seen = {
            name: builders.viewer(one, acting_for_id=one.establishment_id, session_id=self.sessions[one.id])
            for name, one in people.items()
        }
        through = builders.viewer(self.member, acting_for_id=self.town.id, session_id=self.sessions[self.member.id])
        staff = builders.viewer(self.staff, session_id=self.sessions[self.staff.id])
        return {**seen, "member, elsewhere": through, "operator": staff, "nobody": Viewer()}

    sessions: dict[int, int] = field(default_factory=dict)
    first: Courrier | None = None
    agreement: int = 0


RIGHTS = {"COURRIERS": builders.READ, "AUTRE": builders.MODIFY}


async def a_world() -> World:
    centre = await builders.establishment("Centre de gestion", is_centralisateur=True)
    town = await builders.establishment("Commune de Royan")
    made = World(
        town=town,
        centre=centre,
        chief=await builders.user(town, administrator=True, rights=RIGHTS),
        reader=await builders.user(town, rights=RIGHTS),
        member=await builders.user(centre, rights=RIGHTS),
        head=await builders.user(centre, administrator=True, rights=RIGHTS),
        staff=await builders.operator(),
    )
    made.ids["Member"] = [globalid.encode("User", made.member.id)]
    for one in (made.chief, made.reader, made.member, made.head, made.staff):
        made.keep(User=one.id)
        made.sessions[one.id] = await a_session(one)
    for version, day in (("2024-01", "2024-01-01"), ("2025-01", "2025-01-01")):
        terms = await builders.terms(version, clock.today().fromisoformat(day))
        for one in (made.chief, made.head):
            await builders.acceptance(terms, one)
    made.keep(Establishment=town.id)
    return made


async def a_session(of: User) -> int:
    now = clock.now()
    made = await Session.create(
        token_hash=f"{await Session.all().count():064}", transport="COOKIE", user_id=of.id, created_at=now,
        last_seen_at=now, expires_at=clock.now().replace(year=now.year + 1),
    )  # fmt: skip
    return made.id


async def more(world: World, number: int) -> None:
    """As much more of everything, each with what is shown of it."""
    for place in range(world.size, world.size + number):
        await one_more(world, place)
    world.size += number


async def one_more(world: World, place: int) -> None:
    now, town = clock.now(), world.town
    fund = ("CNRACL", "IRCANTEC", "RAFP")[place % 3]
    kind = await builders.courrier_type(f"APPEL_{place}", ("COURRIERS", "AUTRE")[place % 2], fund=fund)
    unread = await builders.courrier_type(f"MUET_{place}", f"SANS_{place}")
    agent = await builders.user(town, rights=RIGHTS, last_name=f"Agent {place}", profile="Agent")
    other = await builders.user(world.centre, rights=RIGHTS, last_name=f"Membre {place}")
    await builders.user(town, expires_on=clock.today(), last_name=f"Bientôt {place}")
    letter = await builders.courrier(
        town, kind=kind, subject=f"Appel de cotisations {place}", due_on=clock.today(),
        first_opened_at=now, first_opened_by_id=agent.id,
    )  # fmt: skip
    waiting = await builders.courrier(town, kind=unread)
    withdrawn = await builders.courrier(
        town, kind=kind, withdrawn_at=now, withdrawn_by_id=world.staff.id, withdrawal_reason="Erreur de destinataire."
    )
    world.first = world.first or letter
    for of, who in ((letter, agent), (letter, world.member), (withdrawn, agent), (world.first, other)):
        await CourrierFact.create(courrier_id=of.id, kind="OPENED", occurred_at=now, actor_id=who.id)
    for of, kind_of_mail, to in ((letter, "NEW_COURRIER", world.reader), (waiting, "READ_REMINDER", world.chief)):
        await Notification.create(
            kind=kind_of_mail, rule="R-COU-10", establishment_id=town.id, user_id=to.id, courrier_id=of.id,
            recipient=to.email, subject="Un courrier", body_text="Bonjour", body_html="<p>Bonjour</p>",
            status=("SENT", "GIVEN_UP")[place % 2], sent_at=(now, None)[place % 2], attempts=1, queued_at=now,
            next_attempt_at=now,
        )  # fmt: skip
    elsewhere = await builders.establishment(f"Commune de Sans-Lecture {place}")
    await builders.user(elsewhere, administrator=True)
    await builders.courrier(elsewhere, kind=kind)
    lender, asked = [await builders.establishment(f"Commune de {name} {place}") for name in ("Prêt", "Demande")]
    for one in (lender, asked):
        await builders.user(one, administrator=True)
        await builders.courrier(one, kind=kind)
    given = await builders.delegation(
        world.centre, lender, services=RIGHTS, members=[world.member, other], asker=world.head
    )
    world.agreement = world.agreement or given.id
    if place:
        await DelegationMember.create(
            delegation_id=world.agreement, user_id=other.id, added_at=now, added_by_id=world.head.id
        )
    requested = await builders.delegation(world.centre, asked, services=RIGHTS, status="PENDING", asker=world.head)
    received = [
        await builders.delegation(
            await builders.establishment(f"Intercommunalité {place} {status}", is_centralisateur=True),
            town,
            services=RIGHTS,
            status=status,
        )
        for status in ("PENDING", "ACCEPTED")
    ]
    if place == 0:
        await builders.delegation(world.centre, town, services=RIGHTS, members=[world.member], asker=world.head)
    campaign = await ReadingCampaign.create(started_by_id=world.staff.id, started_at=now, finished_at=now)
    await ReadingReminder.create(
        campaign_id=campaign.id, establishment_id=elsewhere.id, outcome="SENT", emails=1, told_at=now
    )
    program, _ = await builders.api_client()
    operator = builders.viewer(world.staff)
    lines = [
        await batches.line(number, town, kind=kind, reference=f"LOT-{place}-{number}", siret=siret)
        for number, siret in ((1, town.siret), (2, "00000000000000"))
    ]
    batch = await batches.loaded(operator, *lines)
    async with db.transaction():
        for who, of, event in (
            (world.chief, town, "user.renewed"), (world.head, world.centre, "delegation.requested"),
            (world.reader, town, "courrier.opened"), (agent, town, "courrier.opened"),
            (world.staff, town, "user.renewed"),
        ):  # fmt: skip
            subject = {"u": ("User", agent.id), "d": ("Delegation", given.id), "c": ("Courrier", letter.id)}[event[0]]
            journal.record(
                builders.viewer(who), journal.Event(event, establishment_id=of.id, subject=subject, facts={})
            )
    for who in (world.chief, world.reader, world.member, world.head, world.staff):
        await a_session(who)
    world.keep(
        User=agent.id, Courrier=letter.id, Delegation=given.id, DepositBatch=batch, Establishment=lender.id,
        ApiClient=program.id,
    )  # fmt: skip
    world.ids.setdefault("Requested", []).append(globalid.encode("Delegation", requested.id))
    world.ids.setdefault("Received", []).append(globalid.encode("Delegation", received[0].id))


OF_ONE = {
    "Account": "User", "AccountActivity": "User", "ColleagueRights": "User", "PersonDelegations": "Member",
    "Courrier": "Courrier", "DueDate": "Courrier", "FreshCertificate": "Courrier", "FreshDocument": "Courrier",
    "PastReaders": "Courrier",
    "DelegationActivity": "Delegation", "Ending": "Delegation", "OneDelegation": "Delegation",
    "DecidedMeanwhile": "Received", "NarrowedImpact": "Received", "DepositBatch": "DepositBatch",
    "EditedEstablishment": "Establishment", "Nomination": "Establishment", "OperatorEstablishment": "Establishment",
    "SelectedAccounts": "User", "SelectedDelegations": "Delegation",
}  # fmt: skip
"""Of what the queries of one thing, or of those chosen, are asked."""

WHERE = "{ viewer { actingFor { courriers(first: 1) { edges { cursor } } } } }"


async def answered(viewer: Viewer, query: str, given: dict[str, Any]) -> tuple[int, str]:
    """How many statements an answer took, and what was wrong."""
    context = Context(viewer=viewer, origin=Origin(), signals=Signals({}))
    with counted() as seen:
        result = await schema().execute(query, variable_values=given, context_value=context)
    return len(seen), str(result.errors or "")


async def costs(world: World) -> dict[tuple[str, str], tuple[int, str]]:
    """Each query, asked by each kind of viewer."""
    found = {}
    for who, viewer in world.viewers.items():
        there = (await ask(viewer, WHERE))["viewer"]
        edges = there["actingFor"]["courriers"]["edges"] if there and there["actingFor"] else []
        common = {
            "first": PAGE, "isSearch": False, "alone": True, "token": "inventé", "text": "Royan", "search": "Royan",
            "date": clock.today().isoformat(), "until": clock.today().isoformat(), "within": 90, "most": PAGE,
            "slug": "vos-courriers", "siret": world.town.siret,
            "here": edges[0]["cursor"] if edges else "", "userId": world.ids["User"][1],
            "courrierId": world.ids.get("Courrier", [""])[0],
        }  # fmt: skip
        for name, source in queries().items():
            chosen = world.ids.get(OF_ONE.get(name, ""), [])
            given = {**common, "id": chosen[0] if chosen else "", "ids": chosen}
            found[who, name] = await answered(viewer, document(source, name), given)
    return found


@one_engine
async def test_no_screen_sends_a_statement_more_for_each_thing_more(database: str) -> None:
    """And each query, as the screens write it, is one that somebody is answered."""
    world = await a_world()
    await more(world, FEW)
    few = await costs(world)
    await more(world, MANY - FEW)
    many = await costs(world)
    more_of_each = MANY - FEW
    grown = {key: many[key][0] - cost for key, (cost, _) in few.items()}
    # Not exactly as many: what is asked for at the same time goes together, and a busy machine parts it now and then.
    by_thing = {key: growth for key, growth in grown.items() if growth >= more_of_each}
    assert {name for _, name in by_thing} <= set(A_PAGE_EACH), by_thing
    for name in A_PAGE_EACH:
        assert 0 < max(growth for (_, one), growth in grown.items() if one == name) <= AT_MOST * more_of_each
    refused = {key: wrong for key, (_, wrong) in many.items() if wrong}
    assert [name for name in queries() if all((who, name) in refused for who in world.viewers)] == [], refused
