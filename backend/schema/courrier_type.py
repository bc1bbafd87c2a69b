"""The catalogue in the graph."""

from datetime import date
from typing import Self

import strawberry

from backend import database as db
from backend.reads import courrier_type
from backend.rules import globalid
from backend.schema.context import Context, Info
from backend.schema.enums import Channel
from backend.schema.fund import Fund, fund_named
from backend.schema.node import Node
from backend.schema.service import Service, service_named


@strawberry.type(
    description="Un modèle de courrier. La liste publiée des courriers accessibles sur la plateforme est celle-ci."
)
class CourrierType(Node):
    """A model of letter."""

    row: strawberry.Private[db.Row]
    code: str = strawberry.field(description="Son code, stable.")
    label: str = strawberry.field(description="Son nom.")
    channel: Channel = strawberry.field(description="Sur la plateforme seulement, ou aussi par la poste.")
    notifies_by_email: bool = strawberry.field(description="Annoncé par messagerie.")
    retention_months: int = strawberry.field(description="Durée de conservation, en mois.")
    remind_after: int = strawberry.field(
        description="Jours sans ouverture avant un rappel à ses lecteurs ; 0 : jamais."
    )
    escalate_after: int = strawberry.field(
        description="Jours sans ouverture avant d’en parler aux administrateurs ; 0 : jamais."
    )
    follow_up_after: int = strawberry.field(
        description="Jours sans ouverture avant la liste de suivi des gestionnaires ; 0 : jamais."
    )
    available_since: date = strawberry.field(description="Accessible sur la plateforme depuis ce jour.")

    @strawberry.field(description="Le fonds qui l’adresse.")
    async def fund(self, info: Info) -> Fund:
        """Its fund."""
        return await fund_named(info.context, self.row["fund_id"])

    @strawberry.field(description="Le service dont le droit permet de lire ces courriers.")
    async def service(self, info: Info) -> Service:
        """Its service."""
        return await service_named(info.context, self.row["service_id"])

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("CourrierType", row["id"])),
            row=row,
            code=row["code"],
            label=row["label"],
            channel=Channel(row["channel"]),
            notifies_by_email=bool(row["notifies_by_email"]),
            retention_months=row["retention_months"],
            remind_after=row["remind_after"],
            escalate_after=row["escalate_after"],
            follow_up_after=row["follow_up_after"],
            available_since=date.fromisoformat(row["available_since"]),
        )


async def courrier_type_named(context: Context, number: int) -> CourrierType:
    """The model of a courrier one sees."""
    return CourrierType.of(await context.load(courrier_type.named, number))
