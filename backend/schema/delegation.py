"""Delegations in the graph."""

import asyncio
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from backend import database as db
from backend.reads import delegation, journal
from backend.rules import access, delegation_impact, globalid
from backend.rules import delegation as rules
from backend.schema.connection import Connection
from backend.schema.context import Context, Info
from backend.schema.enums import LEVELS, DelegationAction, DelegationOrder, DelegationStatus
from backend.schema.journal import AuditEvent, audit_page
from backend.schema.node import Node, finds, referred
from backend.schema.scalars import After, Before, First, Last, ServiceCode, at, day, instant
from backend.schema.service import ServiceLevel
from backend.schema.user import User, user_named

if TYPE_CHECKING:
    from backend.schema.establishment import Establishment

LazyEstablishment = Annotated["Establishment", strawberry.lazy("backend.schema.establishment")]


@strawberry.type(description="Ce qu’accepter signifie, compté dans les données.")
class DelegationImpact:
    """R-DEL-03."""

    people: int = strawberry.field(
        description="Combien de personnes du centralisateur : celles qui pourraient être choisies tant que rien n’est "
        "décidé, celles qui agissent ensuite."
    )
    courriers: int = strawberry.field(description="Combien de courriers du délégataire elles voient ou verraient.")
    services: int = strawberry.field(description="Sur combien de services.")
    sentence: str = strawberry.field(description="En une phrase, pour le délégataire.")


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
    ended_at: datetime | None = strawberry.field(
        description="Quand l’une des parties y a mis fin, ou quand la demande a été retirée ou n’a plus rien valu."
    )
    answer_until: date | None = strawberry.field(
        description="Le dernier jour pour répondre à la demande ; null une fois décidée."
    )
    reminded_at: datetime | None = strawberry.field(description="Quand le demandeur a relancé la dernière fois.")
    is_in_force: bool = strawberry.field(description="Acceptée, commencée et pas encore finie : elle donne accès.")

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

    @strawberry.field(description="Pourquoi l’une des parties y a mis fin. Pour les parties et les membres.")
    async def end_reason(self, info: Info) -> str | None:
        """Private."""
        return self.row["end_reason"] if await self._is_private_to(info) else None

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

    @strawberry.field(description="Les services tels qu’ils ont été demandés, avec le niveau demandé.")
    async def services_asked(self, info: Info) -> list[ServiceLevel]:
        """What was asked."""
        return [
            ServiceLevel(service_id=row["service_id"], level=LEVELS[row["level"]])
            for row in await info.context.load(delegation.services_asked, self.row["id"])
        ]

    @strawberry.field(
        description="Ce qu’accepter signifie, ou ce qu’elle permet aujourd’hui. Pour les parties et les membres ; tant "
        "qu’elle n’est pas acceptée, pour le délégataire seul."
    )
    async def impact(
        self,
        info: Info,
        services: Annotated[
            list[ServiceCode] | None,
            strawberry.argument(description="De ces services seulement, pour une acceptation en partie."),
        ] = None,
    ) -> DelegationImpact | None:
        """R-DEL-03."""
        if not await self._is_private_to(info) or not access.sees_impact(info.context.seer, self.row):
            return None
        if services is None:
            found = await info.context.load(delegation_impact.impacts, self.row["id"])
        else:
            [found] = await delegation_impact.impacts([self.row["id"]], services)
        return DelegationImpact(**vars(found)) if found else None

    @strawberry.field(description="Ce que vous pouvez en faire, telle qu’elle est.")
    def allowed_actions(self, info: Info) -> list[DelegationAction]:
        """So that a screen shows only what will work."""
        return [DelegationAction(one) for one in rules.actions(info.context.seer, self.row)]

    @strawberry.field(
        description="Ce qui a été fait par elle, du plus récent au plus ancien : qui, quoi, quand. Pour les "
        "administrateurs des deux parties."
    )
    async def activity(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[AuditEvent]:
        """R-DEL-07."""
        listing = journal.through_delegation(info.context.seer, self.row["id"])
        return await audit_page(listing, first, after, last, before)

    @strawberry.field(
        description="Combien de comptes du centralisateur agissent par elle. Pour les parties et les membres."
    )
    async def member_count(self, info: Info) -> int | None:
        """Counted, for lists."""
        if not await self._is_private_to(info):
            return None
        found: int = await info.context.load(delegation.member_counts, self.row["id"])
        return found

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
            answer_until=rules.answer_until(row),
            reminded_at=instant(row["reminded_at"]),
            is_in_force=access.is_in_force(row),
        )


@finds("Delegation")
async def delegation_named(context: Context, number: int | None) -> Delegation | None:
    """The delegation that a fact one sees names."""
    if number is None:
        return None
    row = await context.load(delegation.named, number)
    return Delegation.of(row) if row else None


async def delegation_seen(context: Context, number: int | None) -> Delegation | None:
    """The delegation, if the viewer looks it up."""
    row = None if number is None else await context.look_up(delegation.visible, number)
    return Delegation.of(row) if row else None


@strawberry.input(description="Ce à quoi une liste de délégations est réduite.")
class DelegationFilter:
    """A filter of delegations."""

    status: list[DelegationStatus] | None = strawberry.field(default=None, description="Dans l’un de ces états.")
    search: str | None = strawberry.field(
        default=None, description="Mots du nom ou de la commune de l’autre partie, ou son SIRET."
    )
    member: strawberry.ID | None = strawberry.field(default=None, description="Par lesquelles ce compte agit.")
    not_member: strawberry.ID | None = strawberry.field(
        default=None, description="Par lesquelles ce compte n’agit pas."
    )
    has_members: bool | None = strawberry.field(
        default=None, description="Où quelqu’un agit (true), ou personne encore (false)."
    )
    ends_until: date | None = strawberry.field(default=None, description="Qui finissent ce jour-là au plus tard.")
    in_force: bool | None = strawberry.field(
        default=None, description="Qui donnent accès aujourd’hui (true), ou non (false)."
    )

    def read(self) -> delegation.Filter:
        """As the reads take it."""
        return delegation.Filter(
            status=tuple(one.value for one in self.status or ()),
            search=self.search,
            member_id=_account(self.member),
            not_member_id=_account(self.not_member),
            has_members=self.has_members,
            ends_until=self.ends_until,
            in_force=self.in_force,
        )


def _account(identifier: strawberry.ID | None) -> int | None:
    """The number of an account; one of another type names nothing (0)."""
    return None if identifier is None else globalid.expect(identifier, "User") or 0


ORDERS = {
    None: delegation.NEWEST,
    DelegationOrder.REQUESTED_DESC.value: delegation.NEWEST,
    DelegationOrder.ENDS_ASC.value: delegation.ENDING,
}
