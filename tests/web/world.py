"""Letters with their real files, and the addresses of their documents."""

from dataclasses import dataclass
from typing import Any

from backend import clock
from backend.models import CourrierFact, Establishment, User
from backend.rules import courrier, document, globalid
from backend.rules.viewer import Viewer
from tests import builders
from tests.serving import Client, Served

ADDRESSES = "query($id: ID!) { node(id: $id) { ... on Courrier { document { viewUrl downloadUrl } } } }"


@dataclass
class Letter:
    """A letter whose PDF is stored."""

    id: int
    content: bytes
    sha256: str

    @property
    def node_id(self) -> str:
        return globalid.encode("Courrier", self.id)

    async def addresses(self, client: Client) -> tuple[str, str]:
        """To show it and to download it."""
        found = (await client.data(ADDRESSES, id=self.node_id))["node"]["document"]
        return found["viewUrl"], found["downloadUrl"]

    async def facts(self) -> list[tuple[str, int | None]]:
        """What was read of it: kind and delegation."""
        found = await CourrierFact.filter(courrier_id=self.id, kind__in=["OPENED", "DOWNLOADED"]).order_by("id")
        return [(one.kind, one.delegation_id) for one in found]


async def letter(to: Establishment, **values: Any) -> Letter:
    """Deposited with a real PDF."""
    content = builders.pdf("Appel de cotisations")
    stored = await document.store(content)
    kind = await builders.courrier_type()
    said = {"reference": "2026-1", "subject": "Appel", "file_name": "Été à l’œuvre.pdf", **values}
    made = await courrier.deposit(
        Viewer(is_operator=True),
        courrier.Deposit(
            document_id=stored.document_id,
            siret=to.siret,
            type_code=kind.code,
            letter_date=clock.today(),
            **said,
        ),
    )
    assert made.courrier_id is not None, made.errors
    return Letter(made.courrier_id, content, stored.sha256)


async def reader(server: Served, **values: Any) -> tuple[Client, User, Letter]:
    """Somebody signed in, who can read a letter."""
    town = await builders.establishment()
    user = await builders.user(town, rights={"COURRIERS": builders.READ}, **values)
    return await server.signed_in(user.identifier), user, await letter(town)
