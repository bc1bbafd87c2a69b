"""Reader coverage in the graph: what nobody can read, why, and the one thing that mends it (R-COU-12)."""

from datetime import datetime
from typing import Self

import strawberry

from backend import database as db
from backend.reads import coverage
from backend.schema.context import Info
from backend.schema.courrier_type import CourrierType, courrier_type_named
from backend.schema.enums import ReaderGapReason
from backend.schema.service import Service, service_named

WHY = {
    "ACCOUNT": "Personne ne peut se connecter : la plateforme doit nommer un administrateur.",
    "RIGHT": "Personne n’en a le droit : donnez-le à quelqu’un, dans la table des droits.",
    "EXPIRED": "Le compte qui en avait le droit a expiré : rouvrez-le, ou donnez le droit à quelqu’un d’autre.",
    "INVITATION": "La personne qui en a le droit n’a pas encore choisi son mot de passe : envoyez-lui de nouveau "
    "son invitation.",
    "TERMS": "Les conditions générales d’utilisation ne sont pas acceptées : un administrateur doit les accepter.",
    "SECOND_FACTOR": "La personne qui en a le droit doit d’abord enregistrer un second facteur : demandez-le-lui.",
}


@strawberry.type(description="Un modèle de courrier que personne d’un établissement ne peut lire aujourd’hui.")
class ReaderGap:
    """A gap."""

    type_id: strawberry.Private[int]
    code: ReaderGapReason = strawberry.field(description="Pourquoi, pour les programmes.")
    reason: str = strawberry.field(description="Pourquoi, pour les personnes, et ce qui y remédie.")
    waiting: int = strawberry.field(description="Courriers de ce modèle que personne n’a encore ouverts.")
    is_read_through_delegation: bool = strawberry.field(
        description="Quelqu’un qui agit par délégation peut le lire : jusqu’à ce qu’elle finisse."
    )

    @strawberry.field(description="Le modèle.")
    async def type(self, info: Info) -> CourrierType:
        """Which."""
        return await courrier_type_named(info.context, self.type_id)

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            type_id=row["type_id"],
            code=ReaderGapReason(row["reason"]),
            reason=WHY[row["reason"]],
            waiting=int(row["waiting"]),
            is_read_through_delegation=bool(row["delegated"]),
        )


@strawberry.type(description="Un service, et combien d’établissements ne peuvent pas lire ses courriers.")
class ServiceGap:
    """A service."""

    number: strawberry.Private[int]
    establishments: int = strawberry.field(
        description="Établissements qui en attendent des courriers et où personne ne peut les lire."
    )

    @strawberry.field(description="Le service.")
    async def service(self, info: Info) -> Service:
        """Which."""
        return await service_named(info.context, self.number)


@strawberry.type(
    description="Sur toute la plateforme : où personne ne peut lire des courriers que les fonds envoient (R-COU-12)."
)
class ReaderCoverage:
    """The whole."""

    found: strawberry.Private[coverage.Coverage]
    counted_at: datetime = strawberry.field(description="L’instant où ces chiffres ont été comptés.")
    establishments: int = strawberry.field(description="Établissements qui ont un contrat avec un fonds.")
    establishments_with_gap: int = strawberry.field(
        description="Dont ceux où personne ne peut lire l’un au moins des modèles attendus."
    )

    @strawberry.field(description="Par service, ceux où il manque quelqu’un.")
    def by_service(self) -> list[ServiceGap]:
        """Each."""
        return [ServiceGap(number=one, establishments=count) for one, count in self.found.by_service]

    @classmethod
    def of(cls, found: coverage.Coverage) -> Self:
        """From the figures."""
        return cls(
            found=found,
            counted_at=found.counted_at,
            establishments=found.establishments,
            establishments_with_gap=found.with_gap,
        )
