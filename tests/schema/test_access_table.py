"""Who gets what: every root and every field of every object, for every kind of viewer, over real HTTP and WebSocket.

A letter in a row of the table is a kind of viewer (`access_world.KINDS`) who gets something there. A root or field
added to the graph must be given its row (R-ACC-17, R-RGT-03, R-COU-05, R-DEL-06).
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type, is_introspection_type, is_leaf_type, is_required_argument
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from backend.models import Establishment
from backend.rules import courrier
from backend.rules.viewer import Viewer
from backend.schema import build
from tests import builders
from tests.rules import tables
from tests.schema import access_world
from tests.schema.access_world import KINDS, World
from tests.serving import Served

GRAPH = build.schema()._schema
ROOTS = ("Query", "Mutation", "Subscription")
OBJECTS = {
    name: one
    for name, one in GRAPH.type_map.items()
    if isinstance(one, GraphQLObjectType) and not is_introspection_type(one) and name not in ROOTS
}
PLUMBING = {name for name in OBJECTS if name.endswith(("Connection", "Edge", "Payload"))} | {
    "PageInfo",
    "UserError",
    "ItemResult",
    "ImportLine",
    "CourrierDeposited",
    "CourrierWithdrawn",
    "DelegationRequestProgress",
    "DelegationRequestResult",
    "DepositLineResult",
    "TermsRehearsal",
    "ViewerChange",
    "SecondFactorChallenge",
    "SecondFactorEnrolment",
}
"""Carry what the fields that answer with them let through, and are judged there."""

FOUND = (
    'node(id: "$town") { ... on Establishment { courriers(filter: { search: "%s" }) '
    "{ edges { node { searchExtract { * } } } } } }"
)
"""The way to where a search found something."""

VIEWS: dict[str, tuple[str, str]] = {
    "Viewer": ("Viewer", "viewer { * }"),
    "Session": ("Session", "viewer { sessions { * } }"),
    "SecondFactor": ("SecondFactor", "viewer { secondFactors { * } }"),
    "SavedView": ("SavedView", "viewer { savedViews { * } }"),
    "TrustedDevice": ("TrustedDevice", "viewer { trustedDevices { * } }"),
    "Task": ("Task", "viewer { tasks { * } }"),
    "User": ("User", 'node(id: "$reader") { ... on User { * } }'),
    "User, an administrator": ("User", 'node(id: "$chief") { ... on User { * } }'),
    "User, who read": ("User", 'node(id: "$letter") { ... on Courrier { firstReadBy { * } } }'),
    "Right": ("Right", 'node(id: "$reader") { ... on User { rights { * } } }'),
    "Establishment": ("Establishment", 'node(id: "$town") { ... on Establishment { * } }'),
    "Establishment, its centre": ("Establishment", 'node(id: "$centre") { ... on Establishment { * } }'),
    "Address": ("Address", 'node(id: "$town") { ... on Establishment { address { * } } }'),
    "Contract": ("Contract", 'node(id: "$town") { ... on Establishment { contracts { * } } }'),
    "EstablishmentAccess": ("EstablishmentAccess", 'node(id: "$town") { ... on Establishment { viewerAccess { * } } }'),
    "ServiceLevel": ("ServiceLevel", 'node(id: "$town") { ... on Establishment { viewerAccess { levels { * } } } }'),
    "EstablishmentService": ("EstablishmentService", 'node(id: "$town") { ... on Establishment { services { * } } }'),
    "LevelCount": ("LevelCount", 'node(id: "$town") { ... on Establishment { services { usersByLevel { * } } } }'),
    "Courrier": ("Courrier", 'node(id: "$letter") { ... on Courrier { * } }'),
    "ExtractPart": ("ExtractPart", FOUND % "appel"),
    "ExtractPart, of the PDF": ("ExtractPart", FOUND % "canari"),
    "Document": ("Document", 'node(id: "$letter") { ... on Courrier { document { * } } }'),
    "Reading": ("Reading", 'node(id: "$letter") { ... on Courrier { readings { edges { node { * } } } } }'),
    "CourrierEvent": ("CourrierEvent", 'node(id: "$letter") { ... on Courrier { timeline { * } } }'),
    "Notification": ("Notification", 'node(id: "$letter") { ... on Courrier { notifications { * } } }'),
    "NotificationPreferences": ("NotificationPreferences", "viewer { notificationPreferences { * } }"),
    "NotificationCount": ("NotificationCount", "notificationCounts { * }"),
    "CourrierSummary": ("CourrierSummary", 'node(id: "$town") { ... on Establishment { courrierSummary { * } } }'),
    "FundCount": ("FundCount", 'node(id: "$town") { ... on Establishment { courrierSummary { byFund { * } } } }'),
    "Delegation": ("Delegation", 'node(id: "$agreement") { ... on Delegation { * } }'),
    "DelegationImpact": ("DelegationImpact", 'node(id: "$agreement") { ... on Delegation { impact { * } } }'),
    "CourrierTrace": ("CourrierTrace", 'courrierTrace(id: "$letter") { * }'),
    "Delegation, ended": ("Delegation", 'node(id: "$ended") { ... on Delegation { * } }'),
    "AuditEvent": ("AuditEvent", 'node(id: "$renewed") { ... on AuditEvent { * } }'),
    "AuditEvent, through a delegation": ("AuditEvent", 'node(id: "$opened") { ... on AuditEvent { * } }'),
    "AuditEvent, by a program": ("AuditEvent", 'node(id: "$deposit") { ... on AuditEvent { * } }'),
    "AuditEvent, of a delegation": ("AuditEvent", 'node(id: "$accepted") { ... on AuditEvent { * } }'),
    "Change": ("Change", 'node(id: "$renewed") { ... on AuditEvent { changes { * } } }'),
    "AuditOrigin": ("AuditOrigin", 'node(id: "$renewed") { ... on AuditEvent { origin { * } } }'),
    "DepositBatch": ("DepositBatch", 'node(id: "$batch") { ... on DepositBatch { * } }'),
    "DepositCounts": ("DepositCounts", 'node(id: "$batch") { ... on DepositBatch { counts { * } } }'),
    "DepositRehearsal": ("DepositRehearsal", 'node(id: "$batch") { ... on DepositBatch { rehearsal { * } } }'),
    "DepositRejection": (
        "DepositRejection",
        'node(id: "$batch") { ... on DepositBatch { rejections { edges { node { * } } } } }',
    ),
    "ApiClient, revoked": ("ApiClient", 'node(id: "$goneProgram") { ... on ApiClient { * } }'),
    "ApiClient": ("ApiClient", 'node(id: "$program") { ... on ApiClient { * } }'),
    "CourrierType": ("CourrierType", "courrierTypes { * }"),
    "Terms": ("Terms", "terms { * }"),
    "Piece": ("Piece", "terms { differences { * } }"),
    "TermsAcceptance": ("TermsAcceptance", 'node(id: "$town") { ... on Establishment { termsAcceptances { * } } }'),
    "TermsAcceptance, at the hamlet": (
        "TermsAcceptance",
        'node(id: "$hamlet") { ... on Establishment { termsAcceptances { * } } }',
    ),
    "Service": ("Service", "services { * }"),
    "Fund": ("Fund", "funds { * }"),
    "Limits": ("Limits", "limits { * }"),
    "Guide": ("Guide", 'guides(search: "courrier") { * }'),
    "GuideSection": ("GuideSection", 'guide(slug: "premiers-pas") { sections { * } }'),
    "ReadersOnDay": ("ReadersOnDay", 'readersOn(courrierId: "$letter", date: "$today") { * }'),
    "PastReader": (
        "PastReader",
        'readersOn(courrierId: "$letter", date: "$today") { readers { edges { node { * } } } }',
    ),
    "PasswordLink": ("PasswordLink", 'passwordLink(token: "$link") { * }'),
    "EmailLink": ("EmailLink", 'emailLink(token: "$confirmation") { * }'),
    "HealthCheck": ("HealthCheck", 'node(id: "$town") { ... on Establishment { health { * } } }'),
    "AccessExplanation": ("AccessExplanation", 'explainAccess(userId: "$reader", service: "COURRIERS") { * }'),
    "AccessReason": ("AccessReason", 'explainAccess(userId: "$reader", courrierId: "$letter") { because { * } }'),
    "AccessReason, of a member": (
        "AccessReason",
        'explainAccess(userId: "$member", courrierId: "$letter") { because { * } }',
    ),
    "Found": ("Found", 'find(text: "Partout") { * }'),
    "DeletedAccount": ("DeletedAccount", 'find(text: "Partout") { deletedAccounts { * } }'),
    "Adoption": ("Adoption", "adoption { * }"),
    "AdoptionMonth": ("AdoptionMonth", "adoption { byMonth { * } }"),
    "AdoptionFund": ("AdoptionFund", "adoption { byFund { * } }"),
    "AdoptionType": ("AdoptionType", "adoption { byType { * } }"),
    "AdoptionCategory": ("AdoptionCategory", "adoption { byCategory { * } }"),
    "AdoptionDepartement": ("AdoptionDepartement", "adoption { byDepartement { * } }"),
    "AdoptionCampaign": ("AdoptionCampaign", "adoption { byCampaign { * } }"),
    "NonReader": ("NonReader", "nonReaders { edges { node { * } } }"),
    "ReadingCampaign": ("ReadingCampaign", "readingCampaigns { edges { node { * } } }"),
    "ReadingEffect": ("ReadingEffect", "readingCampaigns { edges { node { effect { * } } } }"),
    "ReaderCoverage": ("ReaderCoverage", "readerCoverage { * }"),
    "ServiceGap": ("ServiceGap", "readerCoverage { byService { * } }"),
    "ReaderGap": ("ReaderGap", 'node(id: "$town") { ... on Establishment { unreadableTypes { * } } }'),
    "DepositGap": ("DepositGap", 'node(id: "$batch") { ... on DepositBatch { rehearsal { gaps { * } } } }'),
}
"""Ways to an object of each type, `*` standing for its fields."""

QUERIES: dict[str, str] = {
    "viewer": "viewer { __typename }",
    "node": 'node(id: "$letter") { __typename }',
    "nodes": 'nodes(ids: ["$letter"]) { __typename }',
    "establishment": 'establishment(siret: "$townSiret") { __typename }',
    "courrier": 'courrier(reference: "$reference", fund: CNRACL) { __typename }',
    "courrierTrace": 'courrierTrace(id: "$letter") { __typename }',
    "funds": "funds { __typename }",
    "services": "services { __typename }",
    "terms": "terms { __typename }",
    "termsVersions": "termsVersions { __typename }",
    "courrierTypes": "courrierTypes { __typename }",
    "passwordLink": 'passwordLink(token: "$link") { __typename }',
    "emailLink": 'emailLink(token: "$confirmation") { __typename }',
    "limits": "limits { __typename }",
    "guides": "guides { __typename }",
    "guide": 'guide(slug: "premiers-pas") { __typename }',
    "readersOn": 'readersOn(courrierId: "$letter", date: "$today") { __typename }',
    "explainAccess": 'explainAccess(userId: "$reader", service: "COURRIERS") { __typename }',
    "find": 'find(text: "Partout") { __typename }',
    "establishments": "establishments { totalCount }",
    "users": "users { totalCount }",
    "courriers": "courriers { totalCount }",
    "notifications": "notifications { totalCount }",
    "notificationCounts": "notificationCounts { count }",
    "adoption": "adoption { courriersDeposited }",
    "auditEvents": "auditEvents { totalCount }",
    "depositBatches": "depositBatches { totalCount }",
    "apiClients": "apiClients { totalCount }",
    "nonReaders": "nonReaders { totalCount }",
    "readingCampaigns": "readingCampaigns { totalCount }",
    "readerCoverage": "readerCoverage { establishments }",
}

TABLE: dict[str, str] = json.loads((Path(__file__).parent / "access_table.json").read_text())
"""`view.field` -> the kinds of viewer who get something; kept beside, a row for each field."""


def something(value: Any) -> bool:
    """Whether an answer holds anything: not null, not an empty list, not a count of none."""
    if isinstance(value, list):
        return any(something(one) for one in value)
    if isinstance(value, dict):
        return value.get("totalCount") != 0
    return value is not None and not (type(value) is int and value == 0)


def selected(name: str, field: Any) -> str:
    """A field with the least that can be asked of it."""
    required = [argument for argument, it in field.args.items() if is_required_argument(it)]
    assert required in ([], ["service"]), f"tell how to ask for {name}({required})"
    arguments = '(service: "COURRIERS")' if required else ""
    of = get_named_type(field.type)
    if is_leaf_type(of):
        return f"{name}{arguments}"
    return f"{name}{arguments} {{ {'totalCount' if of.name.endswith('Connection') else '__typename'} }}"


def filled(text: str, world: World) -> str:
    for name in sorted(world.ids, key=len, reverse=True):
        text = text.replace(f"${name}", world.ids[name])
    return text


def leaves(answer: Any, fields: set[str]) -> list[dict[str, Any]]:
    """The objects that hold the fields asked for, wherever the way leads through."""
    if isinstance(answer, list):
        return [found for one in answer for found in leaves(one, fields)]
    if not isinstance(answer, dict):
        return []
    if set(answer) == fields:
        return [answer]
    return [found for one in answer.values() for found in leaves(one, fields)]


FOR_OPERATORS = (
    "find", "establishments", "users", "courriers", "notifications", "adoption", "auditEvents", "depositBatches",
    "apiClients", "notificationCounts", "nonReaders", "readingCampaigns", "readerCoverage",
)  # fmt: skip
"""Roots that are refused rather than null: each is asked alone."""


ALONE = (
    *(f"Adoption{one}" for one in ("", "Month", "Fund", "Type", "Category", "Departement", "Campaign")),
    "Found", "DeletedAccount", "NonReader", "ReadingCampaign", "ReadingEffect", "ReaderCoverage",
    "ServiceGap", "NotificationCount",
)  # fmt: skip
"""Ways that lead through them."""


def _by_eight(views: list[str]) -> list[list[str]]:
    return [views[start : start + 8] for start in range(0, len(views), 8)]


def _way(view: str) -> str:
    of, way = VIEWS[view]
    return way.replace("*", " ".join(selected(name, it) for name, it in OBJECTS[of].fields.items()))


async def _ask(world: World, kind: str, asked: dict[str, str]) -> dict[str, Any]:
    """Several roots at once, each under a name of its own; null for all where one was refused."""
    text = " ".join(f"v{number}: {filled(one, world)}" for number, one in enumerate(asked.values()))
    data = (await world.clients[kind].ask(f"{{ {text} }}")).get("data") or {}
    return {name: data.get(f"v{number}") for number, name in enumerate(asked)}


async def seen(world: World) -> dict[str, str]:
    """The table as it is: for each view and field the kinds who get something."""
    found = {f"{view}.{name}": "" for view, (of, _) in VIEWS.items() for name in OBJECTS[of].fields}
    for kind in KINDS:
        for views in [
            *_by_eight([view for view in VIEWS if view not in ALONE]),
            *([view] for view in ALONE),
        ]:
            answer = await _ask(world, kind, {view: _way(view) for view in views})
            for view in views:
                fields = set(OBJECTS[VIEWS[view][0]].fields)
                for name in fields:
                    if any(something(one[name]) for one in leaves(answer[view], fields)):
                        found[f"{view}.{name}"] += kind
        nullable = [name for name in QUERIES if name not in FOR_OPERATORS]
        for names in [nullable, *([name] for name in FOR_OPERATORS)]:
            answer = await _ask(world, kind, {name: QUERIES[name] for name in names})
            for name in names:
                found.setdefault(f"Query.{name}", "")
                if something(answer[name]):
                    found[f"Query.{name}"] += kind
    return found


@pytest.fixture
def with_jobs() -> bool:
    """What a job of the hour writes meanwhile would be somebody's."""
    return False


async def a_world(server: Served) -> World:
    from backend.rules import document

    content = builders.pdf()

    async def render(number: int) -> bytes:
        return content

    document.use_renderer(render)
    return await access_world.build(server)


def test_every_field_has_its_row() -> None:
    fields = {f"{of}.{name}" for of, one in OBJECTS.items() if of not in PLUMBING for name in one.fields}
    fields |= {f"Query.{name}" for name in GRAPH.query_type.fields}
    rows = {f"{VIEWS[view][0] if view in VIEWS else view}.{name}" for view, _, name in map(_split, TABLE)}
    assert sorted(fields - rows) == [], "say in access_table.json who gets something from these fields"
    assert sorted(rows - fields) == [], "these rows are of fields that are no more"


def _split(row: str) -> tuple[str, str, str]:
    return row.rpartition(".")


def test_every_type_has_a_way_to_it() -> None:
    assert {of for of, _ in VIEWS.values()} == set(OBJECTS) - PLUMBING
    assert set(QUERIES) == set(GRAPH.query_type.fields)


async def test_everybody_gets_what_the_table_says_and_nothing_else(server: Served) -> None:
    found = await seen(await a_world(server))
    differ = {row: (found.get(row), TABLE.get(row)) for row in found | TABLE if found.get(row) != TABLE.get(row)}
    assert differ == {}, "(who gets something, who should)"


@pytest.mark.parametrize("view", ["User", "User, who read", "User, an administrator"])
def test_the_private_side_of_an_account_is_for_its_owner_its_administrators_and_operators(view: str) -> None:
    allowed = {"User": "rao", "User, who read": "ro", "User, an administrator": "ao"}[view]
    private = (
        "identifier phone status createdAt lastLoginAt expiresOn expiresSoon hasSecondFactor emailBounces level "
        "rightsToReviewSince".split()
    )
    assert {name: TABLE[f"{view}.{name}"] for name in private if set(TABLE[f"{view}.{name}"]) - set(allowed)} == {}


def test_a_document_is_opened_by_its_readers_alone() -> None:  # R-COU-05
    assert {TABLE["Document.viewUrl"], TABLE["Document.downloadUrl"]} == {"rm"}


def test_who_is_expired_or_locked_gets_what_nobody_gets() -> None:  # R-ACC-11, R-ACC-14
    assert [row for row, kinds in TABLE.items() if len({"n", "e", "l"} & set(kinds)) not in {0, 3}] == []


def test_who_is_held_back_gets_nothing_but_themselves_and_what_is_public() -> None:  # R-CGU-02
    own = {"Viewer", "Session", "Query"}
    odd = [row for row, kinds in TABLE.items() if {"t", "g"} & set(kinds) and "n" not in kinds]
    assert [row for row in odd if _split(row)[0] not in own | {"Terms", "Piece"}] == []
    assert not {row for row in odd if row.startswith("Query.")} - {"Query.viewer"}
    away = "".join(TABLE[f"Viewer.{name}"] for name in ("actingFor", "establishments", "tasks", "courriers"))
    assert not {"t", "g"} & set(away)


# ---------------------------------------------------------------- what one may change

MARK = """markCourriers(input: {ids: ["$letter"], read: true, archived: true}) {
  results { errors { code } } errors { code } }"""
ACT = 'actFor(input: {establishmentId: "$town"}) { errors { code } }'
DEPOSIT = """depositCourrier(input: {uploadId: "$upload", siret: "$townSiret", type: "APPEL", reference: "N-$kind",
  subject: "Objet", letterDate: "2026-01-01"}) { errors { code } }"""
FORGOT = 'requestPasswordReset(input: {identifier: "inconnu"}) { errors { code } }'
SET = 'setPassword(input: {token: "inventé", password: "une suite de mots sans rapport"}) { errors { code } }'
RECOVER = 'recoverIdentifier(input: {email: "inconnu@exemple.example"}) { errors { code } }'
EDIT = 'updateUser(input: {id: "$leaver", phone: "05 46 00 00 17"}) { errors { code } }'
OWN = 'updateOwnDetails(input: {phone: "05 46 00 00 18"}) { errors { code } }'
CONFIRM = 'confirmEmail(input: {token: "inventé"}) { errors { code } }'
CHANGE = """changePassword(input: {currentPassword: "une erreur", newPassword: "une suite de mots sans rapport"}) {
  errors { code } }"""
LOG_IN = 'logIn(input: {identifier: "inconnu", password: "x", transport: TOKEN}) { errors { code } }'
LOG_OUT = "logOut { errors { code } }"
BOTH = "{ results { errors { code } } errors { code } }"
CREATE = """createUser(input: {establishmentId: "$town", firstName: "Alix", lastName: "Bernard", profile: USER,
  email: "alix-$kind@royan.example", rights: [{service: "COURRIERS", level: READ}]}) { errors { code } }"""
PROFILE = 'setProfile(input: {id: "$leaver", profile: ADMINISTRATOR}) { errors { code } }'
RIGHTS = f"""setRights(input: {{userIds: ["$waiting", "$bolted"],
  rights: [{{service: "COURRIERS", level: MODIFY}}]}}) {BOTH}"""
COPY = f'copyRights(input: {{fromUserId: "$reader", toUserIds: ["$waiting"]}}) {BOTH}'
REVIEWED = f'confirmRights(input: {{userIds: ["$leaver"]}}) {BOTH}'
RENEW = f'renewUsers(input: {{ids: ["$reader", "$chief"]}}) {BOTH}'
RESEND = 'resendInvitation(input: {id: "$waiting"}) { errors { code } }'
CANCEL = 'cancelInvitation(input: {id: "$waiting"}) { errors { code } }'
REOPEN = 'reopenUser(input: {id: "$expired"}) { user { status } errors { code } }'
IMPORT = """importUsers(input: {establishmentId: "$town", dryRun: false,
  csv: "prénom;nom;adresse de messagerie\\nLou;Morel;lou-$kind@royan.example"}) { created errors { code } }"""
UNLOCK = 'unlockUser(input: {id: "$bolted"}) { errors { code } }'
PUBLISH_TERMS = """publishTerms(input: {version: "N-$kind", publishedOn: "2098-01-01", body: "Texte.",
  changes: "Tout."}) { errors { code } }"""
ACCEPT = f'acceptTerms(input: {{termsId: "$terms", establishmentIds: ["$hamlet"]}}) {BOTH}'
END = 'endSession(input: {id: "$furtherSession"}) { errors { code } }'
PUBLISH = """publishService(input: {code: "N_$kind", label: "Un service", description: "Il sert.", theme: "Courriers",
  funds: [CNRACL], onlineSince: "2098-01-01"}) { errors { code } }"""
DEFINE = """defineCourrierType(input: {code: "N_$kind", label: "Un modèle", fund: CNRACL, service: "COURRIERS",
    channel: DIGITAL, availableSince: "2026-01-01"}) { errors { code } }"""
CLOSE = 'closeService(input: {code: "COURRIERS", closedOn: "2098-12-31"}) { errors { code } }'
REVIEW = 'reviewServices(input: {establishmentId: "$town", services: ["NOUVEAU"]}) { errors { code } }'
REGISTER = """registerEstablishment(input: {siret: "$freeSiret", name: "Commune de Saintes", category: COMMUNE,
  address: {postalCode: "17100", city: "Saintes"}, contracts: [{fund: CNRACL, number: "17000415"}],
  administrator: {firstName: "Alix", lastName: "Bernard", email: "alix@saintes.example"}}) { errors { code } }"""
UPDATE = 'updateEstablishment(input: {id: "$town", name: "Ville de Royan"}) { errors { code } }'
NOMINATE = """nominateAdministrator(input: {establishmentId: "$orphanTown", userId: "$orphaned", reason: "Demande"}) {
  errors { code } }"""
DELETE = f'deleteUsers(input: {{ids: ["$leaver"]}}) {BOTH}'
CONFIRM = 'confirmSecondFactor(input: {challenge: "inventé", code: "000000", transport: TOKEN}) { errors { code } }'
START = "startConfirmation { errors { code } }"
ENROL = "enrolSecondFactor(input: {kind: TOTP}) { errors { code } }"
REMOVE = 'removeSecondFactor(input: {id: "$factor"}) { errors { code } }'
CODES = "regenerateRecoveryCodes { errors { code } }"
RESET = 'resetSecondFactor(input: {id: "$leaver"}) { errors { code } }'
FORGET = "forgetTrustedDevices(input: {}) { errors { code } }"

ASK = f"""requestDelegations(input: {{sirets: ["$townSiret"],
  services: [{{service: "COURRIERS", level: READ}}]}}) {BOTH}"""
AGREE = 'acceptDelegation(input: {id: "$agreement"}) { errors { code } }'
DISAGREE = 'refuseDelegation(input: {id: "$agreement", reason: "Non."}) { errors { code } }'
TAKE_BACK = 'withdrawDelegation(input: {id: "$agreement"}) { errors { code } }'
TAKE_ALL_BACK = f'withdrawDelegations(input: {{ids: ["$agreement"]}}) {BOTH}'
REMIND = f'remindDelegations(input: {{ids: ["$agreement"]}}) {BOTH}'
EXTEND = 'extendDelegation(input: {id: "$ended", endsOn: null}) { errors { code } }'
CHOOSE = f'setDelegationMembers(input: {{delegationIds: ["$ended"], add: ["$reader"]}}) {BOTH}'
FINISH = 'endDelegation(input: {id: "$agreement", reason: "La convention est finie."}) { errors { code } }'
ACKNOWLEDGE = 'acknowledgeCourrier(input: {id: "$letter"}) { errors { code } }'
WITHDRAW = 'withdrawCourrier(input: {id: "$town", reason: "Erreur."}) { errors { code } }'
OPEN_BATCH = 'openDepositBatch(input: {label: "Lot $kind"}) { errors { code } }'
LOAD_BATCH = """loadDepositBatch(input: {batchId: "$batch", lines: [{line: 9, uploadId: "inconnu", siret: "$townSiret",
  type: "APPEL", reference: "N-$kind", subject: "Objet", letterDate: "2026-01-01"}]}) { errors { code } }"""
REHEARSE_BATCH = 'rehearseDepositBatch(input: {batchId: "$batch"}) { errors { code } }'
PUBLISH_BATCH = 'publishDepositBatch(input: {batchId: "$shelved"}) { errors { code } }'
CANCEL_BATCH = 'cancelDepositBatch(input: {batchId: "$shelved"}) { errors { code } }'
CREATE_PROGRAM = """createApiClient(input: {name: "Client $kind", scopes: [READ_STATISTICS], expiresOn: "$inAMonth"}) {
  errors { code } }"""
PREFER = "updateNotificationPreferences(input: {newCourriers: DAILY_DIGEST}) { errors { code } }"
RETRY = "retryNotifications(input: {}) { errors { code } }"
REVOKE_PROGRAM = 'revokeApiClient(input: {id: "$spareProgram"}) { errors { code } }'
REMIND_THEM = "remindNonReaders(input: {}) { errors { code } }"

EXPORT = 'exportCourriers(input: {format: ZIP, ids: ["$letter"]}) { errors { code } }'
SAVE = 'saveView(input: {name: "Vue $kind", query: "vue=non-lus"}) { errors { code } }'
FORGET_VIEW = 'deleteView(input: {id: "$view"}) { errors { code } }'
OPEN_CALENDAR = "openDueCalendar { errors { code } }"
CLOSE_CALENDAR = "closeDueCalendar { errors { code } }"

MUTATIONS: dict[str, tuple[str, str]] = {
    "markCourriers": (MARK, "rm"),
    "exportCourriers": (EXPORT, "rm"),
    "saveView": (SAVE, "rcasmfo"),
    "deleteView": (FORGET_VIEW, "r"),
    "openDueCalendar": (OPEN_CALENDAR, "rcasmf"),
    "closeDueCalendar": (CLOSE_CALENDAR, "rcasmfodp"),
    "actFor": (ACT, "rcam"),
    "depositCourrier": (DEPOSIT, "od"),
    "openDepositBatch": (OPEN_BATCH, "od"),
    "loadDepositBatch": (LOAD_BATCH, "od"),
    "rehearseDepositBatch": (REHEARSE_BATCH, "od"),
    "publishDepositBatch": (PUBLISH_BATCH, ""),
    "cancelDepositBatch": (CANCEL_BATCH, "od"),
    "createApiClient": (CREATE_PROGRAM, "o"),
    "remindNonReaders": (REMIND_THEM, "o"),
    "revokeApiClient": (REVOKE_PROGRAM, "o"),
    "updateNotificationPreferences": (PREFER, "rcasmfo"),
    "retryNotifications": (RETRY, "o"),
    "requestPasswordReset": (FORGOT, "nrcasmfodpeltg"),
    "setPassword": (SET, ""),
    "recoverIdentifier": (RECOVER, "nrcasmfodpeltg"),
    "updateUser": (EDIT, "a"),
    "updateOwnDetails": (OWN, "rcasmfo"),
    "confirmEmail": (CONFIRM, ""),
    "changePassword": (CHANGE, ""),
    "logIn": (LOG_IN, ""),
    "createUser": (CREATE, "a"),
    "setProfile": (PROFILE, "a"),
    "setRights": (RIGHTS, "a"),
    "copyRights": (COPY, "a"),
    "confirmRights": (REVIEWED, "a"),
    "renewUsers": (RENEW, "a"),
    "resendInvitation": (RESEND, "a"),
    "cancelInvitation": (CANCEL, "a"),
    "reopenUser": (REOPEN, "a"),
    "importUsers": (IMPORT, "a"),
    "unlockUser": (UNLOCK, "a"),
    "confirmSecondFactor": (CONFIRM, ""),
    "startConfirmation": (START, "r"),
    "enrolSecondFactor": (ENROL, "rcasmfotg"),
    "regenerateRecoveryCodes": (CODES, "r"),
    "forgetTrustedDevices": (FORGET, "rcasmfotg"),
    "removeSecondFactor": (REMOVE, "r"),
    "resetSecondFactor": (RESET, "a"),
    "endSession": (END, "r"),
    "deleteUsers": (DELETE, "a"),
    "publishTerms": (PUBLISH_TERMS, "o"),
    "acceptTerms": (ACCEPT, "t"),
    "publishService": (PUBLISH, "o"),
    "closeService": (CLOSE, "o"),
    "defineCourrierType": (DEFINE, "o"),
    "reviewServices": (REVIEW, "a"),
    "registerEstablishment": (REGISTER, "o"),
    "updateEstablishment": (UPDATE, "o"),
    "nominateAdministrator": (NOMINATE, "o"),
    "requestDelegations": (ASK, ""),
    "acceptDelegation": (AGREE, ""),
    "refuseDelegation": (DISAGREE, ""),
    "withdrawDelegation": (TAKE_BACK, ""),
    "withdrawDelegations": (TAKE_ALL_BACK, ""),
    "remindDelegations": (REMIND, ""),
    "extendDelegation": (EXTEND, ""),
    "setDelegationMembers": (CHOOSE, ""),
    "acknowledgeCourrier": (ACKNOWLEDGE, ""),
    "withdrawCourrier": (WITHDRAW, ""),
    "endDelegation": (FINISH, "a"),
    "logOut": (LOG_OUT, "nrcasmfodpeltg"),
}
"""Each mutation as everybody tries it, and who may do it."""

UNTOUCHED = {"sessions", "users", "audit_events", "audit_details", "stranger_sign_ins", "api_clients", "job_runs"}


def codes(answer: Any) -> list[str]:
    if isinstance(answer, list):
        return [code for one in answer for code in codes(one)]
    if isinstance(answer, dict):
        own = [answer["code"]] if isinstance(answer.get("code"), str) else []
        return own + [code for one in answer.values() for code in codes(one)]
    return []


def test_every_mutation_and_subscription_is_tried() -> None:
    assert set(MUTATIONS) == set(GRAPH.mutation_type.fields)
    followed = {"courrierDeposited", "courrierWithdrawn", "viewerChanged", "delegationRequestProgress"}
    followed |= {"depositProgress"}
    assert set(GRAPH.subscription_type.fields) == followed  # but the first, in the tests of what they tell


async def test_who_may_not_change_something_changes_nothing(server: Served) -> None:
    world = await a_world(server)
    wrong = {}
    before = await tables.digest(UNTOUCHED)
    for name, (asked, allowed) in MUTATIONS.items():
        for kind in KINDS:
            client = world.clients[kind]
            sent = (
                await client.http.put("/uploads", content=builders.pdf(f"{kind}"))
                if name == "depositCourrier"
                else None
            )
            upload = sent.json().get("uploadId", "inconnu") if sent is not None else "inconnu"
            if sent is not None:
                before = await tables.digest(UNTOUCHED)
            answer = await client.ask(
                "mutation { " + filled(asked, world).replace("$upload", upload).replace("$kind", kind) + " }"
            )
            last, before = before, await tables.digest(UNTOUCHED)
            did, changed = codes(answer) == [], before != last
            if did != (kind in allowed) or (changed and not did):
                wrong[name, kind] = answer
    assert wrong == {}


# ---------------------------------------------------------------- what one may follow


HELD = {"t": "ACCEPT_TERMS", "g": "ASK_TO_ACCEPT_TERMS"}
"""What whoever must see the terms accepted first is told instead (R-CGU-02)."""


async def follows(server: Served, world: World, kind: str, deposit: courrier.Deposit) -> str:
    """What a viewer of a kind is told of a new letter: "news", "nothing", a code, or how the socket was closed."""
    secret = world.clients[kind].http.headers.get("authorization", "")
    address = server.address.replace("http", "ws") + "/graphql"
    query = "subscription($after: String) { courrierDeposited(after: $after) { courrier { subject } } }"
    try:
        async with connect(address, subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]
            await socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": secret}}))
            await socket.recv()
            # From a cursor: where it begins must not depend on how quickly the server gets to the subscription.
            asked = {"query": "{ viewer { feedCursor } }"}
            await socket.send(json.dumps({"id": "2", "type": "subscribe", "payload": asked}))
            after = json.loads(await socket.recv())["payload"]["data"]["viewer"]["feedCursor"]
            asked = {"query": query, "variables": {"after": after}}
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": asked}))
            await courrier.deposit(Viewer(user_id=None, is_operator=True), deposit)
            return await _first(socket, 10 if kind in "rmo" else 0.4)
    except ConnectionClosed as closed:
        return str(closed.rcvd.code if closed.rcvd else closed)


async def _first(socket: Any, patience: float) -> str:
    try:
        async with asyncio.timeout(patience):
            while True:
                message = json.loads(await socket.recv())
                if message["id"] == "1" and message["type"] == "next":
                    return "news" if message["payload"].get("data") else codes(message["payload"])[0]
                if message["id"] == "1" and message["type"] == "error":
                    return codes(message["payload"])[0]
    except TimeoutError:
        return "nothing"


async def test_a_new_letter_is_told_to_those_who_see_it(server: Served) -> None:  # R-COU-05, R-COU-16, R-DEL-08
    world = await a_world(server)
    town = await Establishment.get(id=world.town_id)
    told = {}
    for kind in KINDS:
        deposit = courrier.Deposit(
            document_id=(await builders.document()).id,
            siret=town.siret,
            type_code="APPEL",
            reference=f"FIL-{kind}",
            subject="Nouvelle",
            letter_date=town.registered_on,
        )
        told[kind] = await follows(server, world, kind, deposit)
    silent = dict.fromkeys("casfdp", "nothing") | HELD
    assert told == {**dict.fromkeys("rmo", "news"), **silent, **dict.fromkeys("nel", "4403")}


async def test_the_letters_of_another_are_not_told_by_naming_their_establishment(server: Served) -> None:  # R-COU-05
    world = await a_world(server)
    asked = filled('{ node(id: "$town") { ... on Establishment { courriers { totalCount } } } }', world)
    found = {kind: (await world.clients[kind].ask(asked))["data"]["node"] for kind in "csf"}
    assert found == {"c": {"courriers": {"totalCount": 0}}, "s": None, "f": None}
