"""A world with one of everything that can be seen, and somebody of each kind to look at it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from backend import clock
from backend import database as db
from backend.models import (
    Courrier,
    CourrierAttachment,
    CourrierFact,
    Delegation,
    DepositBatch,
    DepositLine,
    DueCalendar,
    Establishment,
    Link,
    Notification,
    ReadingCampaign,
    ReadingReminder,
    Right,
    SavedView,
    SecondFactor,
    Service,
    ServiceFund,
    ServiceReview,
    Session,
    Terms,
    User,
)
from backend.rules import globalid, journal, password, recovery_code, token, totp, trusted_device
from backend.rules.viewer import Origin, Viewer
from tests import builders
from tests.serving import Client, Served

KINDS = {
    "n": "nobody",
    "r": "a user with the right to read",
    "c": "a user without any right",
    "a": "the administrator, without any right",
    "s": "an administrator elsewhere",
    "m": "a member of a delegation in force",
    "f": "a member of one that has ended",
    "o": "an operator",
    "d": "the program that deposited",
    "p": "a program without that scope",
    "e": "an account that has expired",
    "l": "an account that is locked",
    "t": "an administrator who must accept the terms first",
    "g": "a user whose administrator did not accept them in time",
}


@dataclass
class World:
    """The ids of what there is to see, and a client for each kind of viewer."""

    ids: dict[str, str]
    clients: dict[str, Client]
    town_id: int
    centre_id: int


async def build(server: Served) -> World:
    """Rows, then sign-ins, then what takes some of them away."""
    read = {"COURRIERS": builders.READ}
    town = await builders.establishment(
        "Commune de Royan",
        line1="1 rue de la Mairie",
        insee_code="17306",
        functional_email="mairie@royan.example",
    )
    centre = await builders.establishment("Centre de gestion", is_centralisateur=True)
    hamlet = await builders.establishment("Commune de Talmont")
    people = {
        "r": await builders.user(town, identifier="reader", civility="MADAME", phone="0546000000"),
        "c": await builders.user(town, identifier="clerk"),
        "a": await builders.user(town, identifier="chief", administrator=True, phone="0546000001"),
        "s": await builders.user(identifier="stranger", administrator=True, rights=read),
        "m": await builders.user(centre, identifier="member", rights=read),
        "f": await builders.user(centre, identifier="former", rights=read),
        "o": await builders.operator(),
        "e": await builders.user(town, identifier="expired", rights=read),
        "l": await builders.user(town, identifier="locked", rights=read),
        "t": await builders.user(hamlet, identifier="mayor", administrator=True, rights=read),
        "g": await builders.user(hamlet, identifier="deputy", rights=read),
    }
    terms = await _terms(people)
    reader, chief, member = people["r"], people["a"], people["m"]
    await User.filter(id__in=[reader.id, chief.id]).update(rights_to_review_since=clock.now())
    waiting = await builders.user(town, identifier="waiting", password_hash=None)
    bolted = await builders.user(town, identifier="bolted", locked_at=clock.now())
    soon = clock.today() + timedelta(days=30)
    leaver = await builders.user(town, identifier="leaver", expires_on=soon, rights_to_review_since=clock.now())
    orphan = await builders.establishment("Commune de Partout")  # "Partout" names one thing of each kind
    orphaned = await builders.user(orphan, identifier="orphaned", last_name="Partout")
    await builders.user(orphan, identifier="partout", deleted_at=clock.now())
    await builders.courrier(orphan, reference="PARTOUT")
    service = await builders.service()
    await Service.filter(id=service.id).update(closed_on=date(2099, 1, 1))
    await builders.service("NOUVEAU")  # reviewed by nobody
    await builders.fund()
    await ServiceFund.create(service_id=service.id, fund_id="CNRACL")
    await Right.create(
        user_id=reader.id, service_id=service.id, level=1, granted_at=clock.now(), granted_by_id=chief.id
    )
    await ServiceReview.create(
        establishment_id=town.id, service_id=service.id, reviewed_by_id=chief.id, reviewed_at=clock.now()
    )
    agreement = await builders.delegation(
        centre,
        town,
        members=[member],
        message="Bonjour",
        starts_on=date(2020, 1, 1),
        ends_on=date(2099, 1, 1),
        decided_by_id=chief.id,
    )
    ended = await builders.delegation(
        centre,
        town,
        members=[people["f"]],
        status="ENDED",
        ended_at=clock.now(),
        ended_by_id=chief.id,
    )
    await Delegation.filter(id__in=[agreement.id, ended.id]).update(refusal_reason="Gardé pour voir.")
    depositor, its_secret = await builders.api_client(expires_on=date(2099, 1, 1))
    _, other_secret = await builders.api_client("READ_STATISTICS")
    spare, _ = await builders.api_client("READ_STATISTICS")
    gone, _ = await builders.api_client(expires_on=date(2099, 1, 1), revoked_at=clock.now(), last_used_at=clock.now())
    beyond = await builders.courrier_type("AUTRE", "NOUVEAU")  # read by nobody
    batch, shelved = await _batches(depositor.id, beyond.id)
    now = clock.now()
    earlier = await builders.courrier(town, deposited_by_client_id=depositor.id)
    letter = await builders.courrier(
        town,
        replaces_id=earlier.id,
        deposited_by_client_id=depositor.id,
        fiscal_year=2026,
        due_on=date(2099, 1, 1),
        first_opened_at=now,
        first_opened_by_id=reader.id,
        document_id=(await builders.document("Un canari.")).id,
        acknowledged_at=now,
        acknowledged_by_id=reader.id,
    )
    await builders.courrier(town, replaces_id=letter.id, deposited_by_client_id=depositor.id)
    await CourrierAttachment.create(
        courrier_id=letter.id, document_id=(await builders.document()).id, file_name="annexe.pdf", position=1
    )
    for person, through in ((reader, None), (member, agreement.id)):
        await CourrierFact.create(
            courrier_id=letter.id,
            kind="OPENED",
            occurred_at=now,
            actor_id=person.id,
            delegation_id=through,
            detail="Un détail.",
        )
    await Notification.create(
        kind="NEW_COURRIER", rule="R-COU-10", establishment_id=town.id, user_id=reader.id, courrier_id=letter.id,
        recipient=reader.email, subject="Un courrier", body_text="…", body_html="…", status="SENT", attempts=1,
        queued_at=now, next_attempt_at=now, sent_at=now, last_error="Une erreur.",
    )  # fmt: skip
    async with db.transaction():
        journal.record(
            Viewer(user_id=member.id, origin=Origin("192.0.2.7", "Un navigateur")),
            journal.Event(
                "courrier.opened",
                establishment_id=centre.id,
                on_behalf_of_id=town.id,
                delegation_id=agreement.id,
                subject=("Courrier", letter.id),
            ),
        )
        journal.record(
            Viewer(api_client_id=depositor.id),
            journal.Event("courrier.deposited", establishment_id=town.id, subject=("Courrier", letter.id)),
        )
        journal.record(
            builders.viewer(chief, origin=Origin("192.0.2.8", "Un navigateur")),
            journal.Event(
                "user.renewed",
                establishment_id=town.id,
                subject=("User", reader.id),
                changes={"expires_on": ("2098-01-01", "2099-01-01")},
            ),
        )
        journal.record(
            builders.viewer(chief),
            journal.Event(
                "delegation.accepted",
                establishment_id=town.id,
                delegation_id=agreement.id,
                subject=("Delegation", agreement.id),
            ),
        )
    await Courrier.filter(id=letter.id).update(batch_id=batch)
    await _never_read(town, (centre, hamlet, orphan), people["o"])
    events = await db.rows("SELECT id FROM audit_events ORDER BY id DESC LIMIT 4")
    async with db.transaction():
        secret = await password.issue_link(people["c"].id, "PASSWORD_RESET")
    confirmation = token.issue()
    await Link.create(
        token_hash=token.fingerprint(confirmation), purpose="EMAIL_CONFIRMATION", user_id=reader.id,
        new_email="nouvelle@exemple.example", created_at=now, expires_at=now + timedelta(days=7),
    )  # fmt: skip
    clients = {kind: await server.signed_in(person.identifier) for kind, person in people.items()}
    await server.signed_in(reader.identifier)  # a second session, to be ended
    further = await db.row("SELECT max(id) AS id FROM sessions WHERE user_id = $1", [reader.id])
    clients |= {
        "n": server.anybody(),
        "d": server.anybody(authorization=f"Bearer {its_secret}"),
        "p": server.anybody(authorization=f"Bearer {other_secret}"),
    }
    view = await SavedView.create(user_id=reader.id, name="À lire", query="vue=non-lus", saved_at=now)
    await DueCalendar.create(user_id=reader.id, token_hash=token.fingerprint("agenda"), opened_at=now)
    factor = await _second_factor(reader)
    await _second_factor(leaver)
    for client in clients.values():
        client.http.headers["user-agent"] = "Un programme"
    await clients["d"].data("{ viewer { isOperator } }")  # used once, for there to be a last use
    await User.filter(id=people["e"].id).update(expires_on=clock.today() - timedelta(days=1))
    await User.filter(id=people["l"].id).update(locked_at=clock.now())
    ids = {
        "reader": globalid.encode("User", reader.id),
        "chief": globalid.encode("User", chief.id),
        "town": globalid.encode("Establishment", town.id),
        "townSiret": town.siret,
        "centre": globalid.encode("Establishment", centre.id),
        "letter": globalid.encode("Courrier", letter.id),
        "reference": letter.reference,
        "agreement": globalid.encode("Delegation", agreement.id),
        "ended": globalid.encode("Delegation", ended.id),
        "program": globalid.encode("ApiClient", depositor.id),
        "link": secret,
        "hamlet": globalid.encode("Establishment", hamlet.id),
        "terms": globalid.encode("Terms", terms.id),
        "batch": globalid.encode("DepositBatch", batch),
        "shelved": globalid.encode("DepositBatch", shelved),
        "spareProgram": globalid.encode("ApiClient", spare.id),
        "goneProgram": globalid.encode("ApiClient", gone.id),
        "inAMonth": soon.isoformat(),
        "today": clock.today().isoformat(),
        "confirmation": confirmation,
        "accepted": globalid.encode("AuditEvent", events[0]["id"]),
        "renewed": globalid.encode("AuditEvent", events[1]["id"]),
        "deposit": globalid.encode("AuditEvent", events[2]["id"]),
        "opened": globalid.encode("AuditEvent", events[3]["id"]),
        "waiting": globalid.encode("User", waiting.id),
        "expired": globalid.encode("User", people["e"].id),
        "bolted": globalid.encode("User", bolted.id),
        "leaver": globalid.encode("User", leaver.id),
        "view": globalid.encode("SavedView", view.id),
        "factor": globalid.encode("SecondFactor", factor),
        "orphanTown": globalid.encode("Establishment", orphan.id),
        "member": globalid.encode("User", member.id),
        "orphaned": globalid.encode("User", orphaned.id),
        "freeSiret": builders.siret(4_200_000),
        "furtherSession": globalid.encode("Session", further["id"] if further else 0),
    }
    return World(ids, clients, town.id, centre.id)


async def _never_read(town: Establishment, others: Collection[Establishment], by: User) -> None:
    """A village that never opened a letter; a reminder of forty days ago, with something of each outcome."""
    past = clock.now() - timedelta(days=60)
    village = await builders.establishment("Commune de Breuillet")
    lazy = await builders.user(village, identifier="lazy", rights={"COURRIERS": builders.READ})
    unread = await builders.courrier(village, available_at=past)
    await CourrierFact.create(courrier_id=unread.id, kind="NOTIFIED", occurred_at=past)
    elsewhere = await builders.establishment("Commune de Saujon")
    await builders.courrier(elsewhere, available_at=past, first_opened_at=clock.now(), first_opened_by_id=lazy.id)
    told = clock.now() - timedelta(days=40)
    campaign = await ReadingCampaign.create(started_by_id=by.id, started_at=told, finished_at=clock.now())
    for place in (village, town):
        await ReadingReminder.create(
            campaign_id=campaign.id, establishment_id=place.id, outcome="SENT", emails=1, told_at=told
        )
    for place, outcome in zip(others, ("WAITING", "OPENED", "NOBODY"), strict=True):
        await ReadingReminder.create(
            campaign_id=campaign.id,
            establishment_id=place.id,
            outcome=outcome,
            told_at=None if outcome == "WAITING" else told,
        )


async def _batches(depositor_id: int, kind_id: int) -> tuple[int, int]:
    """Two batches of the program: one rehearsed, finished as far as one can see, and one to be cancelled."""
    now = clock.now()
    figures = (
        '{"letters": 1, "establishments": 1, "without_reader": 1, "without_email": 1, "duplicates": 1, "emails": 1, '
        '"postal_copies": 1, "expected_read_rate": 0.5, '
        f'"gaps": [{{"type_id": {kind_id}, "reason": "RIGHT", "establishments": 1, "letters": 1}}]}}'
    )
    batch = await DepositBatch.create(
        label="Campagne", status="CHECKED", opened_by_client_id=depositor_id, opened_at=now, published_at=now,
        cancelled_at=now, rehearsal=figures,
    )  # fmt: skip
    await DepositLine.create(
        batch_id=batch.id, line=1, reference="REJETEE", outcome="REJECTED", rejection_code="UNKNOWN_SIRET",
        rejection_message="Inconnu.",
    )  # fmt: skip
    sent = await builders.courrier()
    for line, outcome in ((2, "ALREADY"), (3, "PUBLISHED")):
        await DepositLine.create(batch_id=batch.id, line=line, outcome=outcome, courrier_id=sent.id)
    shelved = await DepositBatch.create(label="Autre", status="OPEN", opened_by_client_id=depositor_id, opened_at=now)
    return batch.id, shelved.id


async def _terms(people: dict[str, User]) -> Terms:
    """Two versions: all had accepted the first; at the hamlet nobody accepts the second. And one to come."""
    first = await builders.terms("1", date(2020, 1, 1), body="Les mots d’avant.\n")
    second = await builders.terms("2", date(2020, 2, 1), body="Les mots d’après.\n", changes="Un mot.")
    await builders.terms("3", date(2099, 1, 1))
    for kind in "asmt":
        await builders.acceptance(first, people[kind])
        if kind != "t":
            await builders.acceptance(second, people[kind])
    return second


async def _second_factor(person: User) -> int:
    """Somebody has a second factor, given a moment ago, recovery codes and a trusted device; the factor's number."""
    now = clock.now()
    factor = await SecondFactor.create(
        user_id=person.id, kind="TOTP", label="Téléphone", secret=totp.seal(totp.new_secret(), person.id),
        enrolled_at=now, confirmed_at=now, last_used_at=now,
    )  # fmt: skip
    async with db.transaction():
        await recovery_code.renew(person.id)
        await trusted_device.trust(person.id, Origin(user_agent="Un programme"))
    await Session.filter(user_id=person.id).update(second_factor_at=now)
    return factor.id
