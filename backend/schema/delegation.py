"""Delegations in the graph."""

import asyncio
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from backend import database as db
from backend.reads import delegation, journal
from backend.rules import globalid
from backend.schema.context import Context, Info
from backend.schema.enums import LEVELS, DelegationStatus
from backend.schema.journal import AuditEvent
from backend.schema.node import Node, finds, referred
from backend.schema.scalars import at, day, instant
from backend.schema.service import ServiceLevel
from backend.schema.user import User, user_named

if TYPE_CHECKING:
    from backend.schema.establishment import Establishment

LazyEstablishment = Annotated["Establishment", strawberry.lazy("backend.schema.establishment")]


@strawberry.type(
    description="Le centralisateur demande, le délégataire accepte ou refuse ; tant qu’elle est en vigueur, des "
    "comptes choisis du centralisateur agissent pour le délégataire sur les services délégués, jamais au-delà du "
    "niveau délégué."
)
class Delegation(Node):
    """A delegation."""

    row: strawberry.Private[db.Row]
    status: DelegationStatus = strawberry.field(description="Où elle en est.")
    requested_at: datetime = strawberry.field(description="Quand elle a été demandée.")
    decided_at: datetime | None = strawberry.field(description="Quand elle a été acceptée ou refusée.")
    starts_on: date | None = strawberry.field(description="Premier jour ; null : dès l’acceptation.")
    ends_on: date | None = strawberry.field(description="Dernier jour ; null : sans terme.")
    ended_at: datetime | None = strawberry.field(description="Quand l’une des parties y a mis fin.")

    async def _is_private_to(self, info: Info) -> bool:
        """Whether the viewer looks this delegation up, and is not only told that somebody read through it."""
        return await info.context.look_up(delegation.visible, self.row["id"]) is not None

    @strawberry.field(description="Le message de la demande. Pour les parties et les membres.")
    async def message(self, info: Info) -> str | None:
        """Private."""
        return self.row["message"] if await self._is_private_to(info) else None

    @strawberry.field(description="Le motif du refus. Pour les parties et les membres.")
    async def refusal_reason(self, info: Info) -> str | None:
        """Private."""
        return self.row["refusal_reason"] if await self._is_private_to(info) else None

    @strawberry.field(description="Celui qui demande et dont les comptes agissent.")
    async def centralisateur(self, info: Info) -> LazyEstablishment:
        """The asker."""
        found: LazyEstablishment = await referred(info.context, "Establishment", self.row["centralisateur_id"])
        return found

    @strawberry.field(description="Celui pour qui l’on agit.")
    async def delegataire(self, info: Info) -> LazyEstablishment:
        """The asked."""
        found: LazyEstablishment = await referred(info.context, "Establishment", self.row["delegataire_id"])
        return found

    @strawberry.field(description="Les services délégués et leur niveau ; ceux demandés tant que rien n’est décidé.")
    async def services(self, info: Info) -> list[ServiceLevel]:
        """Its services."""
        return [
            ServiceLevel(service_id=row["service_id"], level=LEVELS[row["level"]])
            for row in await info.context.load(delegation.services, self.row["id"])
        ]

    @strawberry.field(
        description="Les comptes du centralisateur qui agissent par elle ; vide : personne encore. Pour les parties et "
        "les membres."
    )
    async def members(self, info: Info) -> list[User]:
        """Its members, for the parties (their administrators) and the members."""
        if not await self._is_private_to(info):
            return []
        rows = await info.context.load(delegation.members, self.row["id"])
        found = await asyncio.gather(*(user_named(info.context, row["user_id"]) for row in rows))
        return [one for one in found if one is not None]

    @strawberry.field(description="Qui l’a demandée.")
    async def requested_by(self, info: Info) -> User:
        """The person who asked."""
        found = await user_named(info.context, self.row["requested_by_id"])
        if found is None:
            raise LookupError("a delegation without its asker")
        return found

    @strawberry.field(description="Qui l’a acceptée ou refusée.")
    async def decided_by(self, info: Info) -> User | None:
        """The person who decided."""
        return await user_named(info.context, self.row["decided_by_id"])

    @strawberry.field(description="Qui y a mis fin.")
    async def ended_by(self, info: Info) -> User | None:
        """The person who ended it."""
        return await user_named(info.context, self.row["ended_by_id"])

    @strawberry.field(
        description="Son histoire, du plus ancien au plus récent, la même pour les deux parties. Pour leurs "
        "administrateurs."
    )
    async def history(self, info: Info) -> list[AuditEvent]:
        """One history, the same for both parties (R-DEL-07)."""
        rows = await info.context.look_up(journal.of_delegations, self.row["id"])
        return [AuditEvent.of(row) for row in rows]

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("Delegation", row["id"])),
            row=row,
            status=DelegationStatus(row["status"]),
            requested_at=at(row["requested_at"]),
            decided_at=instant(row["decided_at"]),
            starts_on=day(row["starts_on"]),
            ends_on=day(row["ends_on"]),
            ended_at=instant(row["ended_at"]),
        )


@finds("Delegation")
async def delegation_named(context: Context, number: int | None) -> Delegation | None:
    """The delegation that a fact one sees names."""
    if number is None:
        return None
    row = await context.load(delegation.named, number)
    return Delegation.of(row) if row else None
