"""The walk that every client takes: a letter is deposited, told, read, and proved."""

from dataclasses import dataclass

from backend.models import CourrierType, Establishment, User
from tests import builders

LOG_IN = (
    "mutation($input: LogInInput!) { logIn(input: $input) { token viewer { isOperator } errors { code message } } }"
)

LIST = """{ viewer { feedCursor courrierSummary { total unread }
  courriers(first: 10) { totalCount edges { node { id reference subject isRead } } } } }"""

DEPOSIT = """mutation($input: DepositCourrierInput!) {
  depositCourrier(input: $input) { courrier { id reference } alreadyDeposited errors { code message path } } }"""

FOLLOW = """subscription($after: String) {
  courrierDeposited(after: $after) { cursor courrier { id reference subject } summary { total unread } } }"""

LETTER = """query($id: ID!) { node(id: $id) { ... on Courrier { reference isRead
  document { fileName size sha256 viewUrl downloadUrl }
  readings { totalCount edges { node { reader { lastName } } } }
  timeline { kind actor { lastName } } } } }"""


@dataclass
class World:
    """A town whose clerk reads, and an operator who deposits."""

    town: Establishment
    clerk: User
    operator: User
    kind: CourrierType

    def letter(self, upload: str, reference: str = "2026-0001") -> dict[str, str]:
        """What a deposit says."""
        return {
            "uploadId": upload,
            "siret": self.town.siret,
            "type": self.kind.code,
            "reference": reference,
            "subject": "Appel de cotisations de l’été",
            "letterDate": "2026-07-01",
            "fileName": "été.pdf",
        }


async def world() -> World:
    """Built anew."""
    town = await builders.establishment()
    clerk = await builders.user(town, rights={"COURRIERS": builders.READ})
    return World(town, clerk, await builders.operator(), await builders.courrier_type())


def log_in(user: User) -> dict[str, dict[str, str]]:
    """The variables of LOG_IN."""
    return {"input": {"identifier": user.identifier, "password": builders.PASSWORD, "transport": "TOKEN"}}
