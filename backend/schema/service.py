"""Services in the graph."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from backend import database as db
from backend.reads import establishment, service
from backend.rules import globalid
from backend.schema.context import Context, Info
from backend.schema.enums import LEVELS, Level
from backend.schema.fund import Fund
from backend.schema.node import Node, referred
from backend.schema.scalars import ServiceCode, day, instant

if TYPE_CHECKING:
    from backend.schema.user import User

LazyUser = Annotated["User", strawberry.lazy("backend.schema.user")]


@strawberry.type(description="Un service de la plateforme, ouvert depuis une date ; son code est stable.")
class Service(Node):
    """A service."""

    number: strawberry.Private[int]
    code: ServiceCode = strawberry.field(description="Son code.")
    label: str = strawberry.field(description="Son nom.")
    description: str = strawberry.field(description="Ce qu’il permet, en une phrase.")
    theme: str = strawberry.field(description="Le thème sous lequel les écrans le rangent.")
    online_since: date = strawberry.field(description="Ouvert depuis ce jour.")
    closed_on: date | None = strawberry.field(description="Fermé, ou à fermer, à partir de ce jour.")
    is_delegable: bool = strawberry.field(description="Peut faire l’objet d’une délégation.")

    @strawberry.field(description="Les fonds qu’il concerne.")
    async def funds(self, info: Info) -> list[Fund]:
        """Its funds."""
        return [Fund.of(row) for row in await info.context.load(service.funds, self.number)]

    @strawberry.field(description="Les niveaux que l’on peut y donner.")
    def levels(self) -> list[Level]:
        """Its levels."""
        return [Level.NONE, Level.READ, Level.MODIFY]

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("Service", row["id"])),
            number=row["id"],
            code=ServiceCode(row["code"]),
            label=row["label"],
            description=row["description"],
            theme=row["theme"],
            online_since=date.fromisoformat(row["online_since"]),
            closed_on=day(row["closed_on"]),
            is_delegable=bool(row["is_delegable"]),
        )


async def service_named(context: Context, number: int) -> Service:
    """The service that something one sees refers to."""
    return Service.of(await context.load(service.named, number))


@strawberry.type(description="Un service et un niveau.")
class ServiceLevel:
    """A service at a level."""

    service_id: strawberry.Private[int]
    level: Level = strawberry.field(description="Le niveau.")

    @strawberry.field(description="Le service.")
    async def service(self, info: Info) -> Service:
        """The service."""
        return await service_named(info.context, self.service_id)


@strawberry.type(description="Combien de comptes ont ce niveau.")
class LevelCount:
    """A count by level."""

    level: Level = strawberry.field(description="Le niveau.")
    count: int = strawberry.field(description="Nombre de comptes.")


@strawberry.type(
    description="Un service tel qu’un établissement l’a : un nouveau service attend que ses droits soient revus."
)
class EstablishmentService:
    """A service as one establishment has it."""

    establishment_id: strawberry.Private[int]
    reviewer_id: strawberry.Private[int | None]
    service: Service = strawberry.field(description="Le service.")
    reviewed_at: datetime | None = strawberry.field(description="Quand les droits y ont été revus ; null : jamais.")

    @strawberry.field(description="Ouvert depuis que l’établissement est inscrit, et ses droits n’y ont pas été revus.")
    async def is_to_review(self, info: Info) -> bool:
        """R-RGT-04."""
        rows = await info.context.load(establishment.services_to_review, self.establishment_id)
        return any(row["service_id"] == self.service.number for row in rows)

    @strawberry.field(description="L’administrateur qui les a revus.")
    async def reviewed_by(self, info: Info) -> LazyUser | None:
        """The reviewer."""
        found: LazyUser | None = await referred(info.context, "User", self.reviewer_id)
        return found

    @strawberry.field(description="Combien de comptes de l’établissement ont chaque niveau.")
    async def users_by_level(self, info: Info) -> list[LevelCount]:
        """Counts by level, NONE included."""
        rows = await info.context.load(establishment.users_by_level, self.establishment_id)
        everyone = await info.context.load(establishment.account_counts, self.establishment_id)
        held = {row["level"]: row["users"] for row in rows if row["service_id"] == self.service.number}
        none = (everyone["users"] if everyone else 0) - sum(held.values())
        return [
            LevelCount(level=Level.NONE, count=none),
            *(LevelCount(level=LEVELS[level], count=held.get(level, 0)) for level in (1, 2)),
        ]


async def services_of(context: Context, establishment_id: int) -> list[EstablishmentService]:
    """Every service online, as an establishment has it."""
    reviews = {row["service_id"]: row for row in await context.load(establishment.services, establishment_id)}
    return [
        EstablishmentService(
            establishment_id=establishment_id,
            reviewer_id=reviews[row["id"]]["reviewed_by_id"] if row["id"] in reviews else None,
            service=Service.of(row),
            reviewed_at=instant(reviews[row["id"]]["reviewed_at"]) if row["id"] in reviews else None,
        )
        for row in await service.online()
    ]
