"""Establishments in the graph."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Self

import strawberry

from backend import database as db
from backend.reads import courrier, coverage, delegation, establishment, health, journal, user
from backend.reads.page import Listing
from backend.rules import access, globalid
from backend.schema.connection import Connection, connect
from backend.schema.context import Context, Info
from backend.schema.courrier import ORDERS as COURRIER_ORDERS
from backend.schema.courrier import (
    Courrier,
    CourrierFilter,
    CourrierSummary,
    courriers_page,
    read_filter,
    summary_of,
)
from backend.schema.delegation import ORDERS as DELEGATION_ORDERS
from backend.schema.delegation import Delegation, DelegationFilter, delegation_named
from backend.schema.enums import (
    LEVELS,
    CourrierOrder,
    DelegationOrder,
    DelegationStatus,
    EstablishmentCategory,
    TaskKind,
    UserOrder,
)
from backend.schema.fund import Fund, fund_named
from backend.schema.journal import AuditEvent, AuditFilterArgument, audit_page
from backend.schema.journal import read_filter as read_audit_filter
from backend.schema.node import Node, finds
from backend.schema.reader_gap import ReaderGap
from backend.schema.scalars import After, Before, First, Last
from backend.schema.service import EstablishmentService, ServiceLevel, services_of
from backend.schema.terms import TermsAcceptance, acceptances_of
from backend.schema.user import ORDERS as USER_ORDERS
from backend.schema.user import User, UserFilter

StatusArgument = Annotated[
    list[DelegationStatus] | None, strawberry.argument(description="Dans l’un de ces états seulement.")
]
DelegationFilterArgument = Annotated[
    DelegationFilter | None, strawberry.argument(description="Ce à quoi la liste est réduite.")
]
DelegationOrderArgument = Annotated[
    DelegationOrder | None, strawberry.argument(description="L’ordre ; les dernières demandées d’abord sinon.")
]
CourrierFilterArgument = Annotated[
    CourrierFilter | None, strawberry.argument(description="Ce à quoi la liste est réduite.")
]
CourrierOrderArgument = Annotated[
    CourrierOrder | None, strawberry.argument(description="L’ordre ; les plus récents d’abord sinon.")
]
UserFilterArgument = Annotated[UserFilter | None, strawberry.argument(description="Ce à quoi la liste est réduite.")]
UserOrderArgument = Annotated[UserOrder | None, strawberry.argument(description="L’ordre ; par nom sinon.")]


@strawberry.type(description="Une adresse postale.")
class Address:
    """A postal address."""

    line1: str | None = strawberry.field(description="Première ligne.")
    line2: str | None = strawberry.field(description="Seconde ligne.")
    postal_code: str = strawberry.field(description="Code postal.")
    city: str = strawberry.field(description="Commune.")
    insee_code: str | None = strawberry.field(description="Code officiel géographique de la commune (Insee).")


@strawberry.type(description="Le numéro d’un employeur auprès d’un fonds (affiliation, immatriculation).")
class Contract:
    """A contract."""

    code: strawberry.Private[str]
    number: str = strawberry.field(description="Le numéro.")

    @strawberry.field(description="Le fonds.")
    async def fund(self, info: Info) -> Fund:
        """The fund."""
        return await fund_named(info.context, self.code)


@strawberry.type(description="Ce que vous pouvez faire dans un établissement, pour ne montrer que ce qui marchera.")
class EstablishmentAccess:
    """What the viewer may do there."""

    establishment_id: strawberry.Private[int]
    is_administrator: bool = strawberry.field(description="Vous en êtes administrateur.")
    can_manage_accounts: bool = strawberry.field(description="Vous pouvez en gérer les comptes.")

    async def _levels(self, info: Info) -> list[db.Row]:
        rows: list[db.Row] = await info.context.look_up(establishment.levels, self.establishment_id)
        return rows

    @strawberry.field(description="Vous pouvez en lire des courriers.")
    async def can_read_courriers(self, info: Info) -> bool:
        """Whether any level opens letters there."""
        return bool(await self._levels(info))

    @strawberry.field(description="La délégation par laquelle vous y accédez ; null pour ses propres comptes.")
    async def through(self, info: Info) -> Delegation | None:
        """Through what."""
        found = [row["delegation_id"] for row in await self._levels(info)]
        if not found or None in found:
            return None
        return await delegation_named(info.context, min(found))

    @strawberry.field(description="Vos niveaux, service par service ; un service absent vaut Aucun.")
    async def levels(self, info: Info) -> list[ServiceLevel]:
        """One's levels there: the highest where several delegations give one."""
        highest: dict[int, int] = {}
        for row in await self._levels(info):
            highest[row["service_id"]] = max(row["level"], highest.get(row["service_id"], 0))
        return [ServiceLevel(service_id=one, level=LEVELS[level]) for one, level in sorted(highest.items())]


@strawberry.type(description="Une chose qui doit tenir dans un établissement.")
class HealthCheck:
    """A check."""

    code: str = strawberry.field(
        description="Laquelle, pour les programmes : TWO_ADMINISTRATORS ou TERMS_ACCEPTED, par exemple."
    )
    holds: bool = strawberry.field(description="Elle tient.")
    message: str = strawberry.field(description="Pour les personnes : ce qu’il en est, et ce qui la rétablit.")
    task: TaskKind | None = strawberry.field(description="La tâche d’administrateur qui la rétablit, s’il y en a une.")


@strawberry.type(description="Un employeur public, connu par son SIRET.")
class Establishment(Node):
    """An establishment."""

    number: strawberry.Private[int]
    written_to: strawberry.Private[str | None]
    siret: str = strawberry.field(description="Son SIRET, 14 chiffres.")
    name: str = strawberry.field(description="Son nom.")
    category: EstablishmentCategory = strawberry.field(description="Ce qu’il est.")
    address: Address | None = strawberry.field(description="Son adresse.")
    is_centralisateur: bool = strawberry.field(
        description="Peut demander une délégation à d’autres (un centre de gestion, par exemple)."
    )
    registered_on: date = strawberry.field(description="Inscrit sur la plateforme depuis ce jour.")

    @strawberry.field(description="Ses contrats ; vide pour qui n’en est pas.")
    async def contracts(self, info: Info) -> list[Contract]:
        """Its contracts, for its own users and operators."""
        if not access.sees_inside(info.context.seer, self.number):
            return []
        return [
            Contract(code=row["fund_id"], number=row["number"])
            for row in await info.context.load(establishment.contracts, self.number)
        ]

    @strawberry.field(
        description="L’adresse de messagerie de l’établissement, à qui l’on écrit quand personne ne peut lire un "
        "courrier ; null pour qui n’en est pas."
    )
    def functional_email(self, info: Info) -> str | None:
        """For its own users and operators (R-COU-10)."""
        return self.written_to if access.sees_inside(info.context.seer, self.number) else None

    @strawberry.field(
        description="Depuis quel jour plus personne ne peut l’administrer ; null si quelqu’un le peut, ou y est "
        "attendu. Gestionnaires."
    )
    async def without_administrator_since(self, info: Info) -> date | None:
        """For operators (R-ACC-11)."""
        if not info.context.seer.is_operator:
            return None
        since: date | None = await info.context.load(establishment.without_administrator_since, self.number)
        return since

    @strawberry.field(description="Ses administrateurs qui peuvent se connecter : vers qui se tourner.")
    async def administrators(self, info: Info) -> list[User]:
        """Its administrators (R-ACC-17)."""
        return [User.of(row) for row in await info.context.load(user.administrators, self.number)]

    @strawberry.field(description="Ses comptes : tous pour ses administrateurs, soi-même et ses administrateurs sinon.")
    async def users(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: UserFilterArgument = None,
        order_by: UserOrderArgument = None,
    ) -> Connection[User]:
        """Its accounts, as far as the viewer looks them up."""
        found = user.listing(
            info.context.seer,
            filter.read() if filter else user.Filter(),
            USER_ORDERS[order_by.value if order_by else None],
            self.number,
        )
        page: Connection[User] = await connect(found, User.of, first, after, last, before)
        return page

    @strawberry.field(description="Ses courriers, ceux que vous pouvez lire.")
    async def courriers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: CourrierFilterArgument = None,
        order_by: CourrierOrderArgument = None,
    ) -> Connection[Courrier]:
        """Its letters (R-COU-07)."""
        order = COURRIER_ORDERS[order_by.value if order_by else None]
        found = courrier.listing(info.context.seer, read_filter(filter), order, self.number)
        return await courriers_page(found, filter, first, after, last, before)

    @strawberry.field(description="Ses courriers, comptés.")
    async def courrier_summary(self, info: Info) -> CourrierSummary:
        """Its counts."""
        return await summary_of(info.context, self.number)

    @strawberry.field(description="Les délégations qu’il a demandées.")
    async def delegations_requested(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        status: StatusArgument = None,
        filter: DelegationFilterArgument = None,
        order_by: DelegationOrderArgument = None,
    ) -> Connection[Delegation]:
        """As centralisateur."""
        given = _delegation_filter(status, filter)
        order = DELEGATION_ORDERS[order_by.value if order_by else None]
        found = delegation.listing(info.context.seer, "centralisateur_id", self.number, given, order)
        page: Connection[Delegation] = await connect(found, Delegation.of, first, after, last, before)
        return page

    @strawberry.field(description="Les délégations qui lui ont été demandées.")
    async def delegations_received(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        status: StatusArgument = None,
        filter: DelegationFilterArgument = None,
        order_by: DelegationOrderArgument = None,
    ) -> Connection[Delegation]:
        """As délégataire."""
        given = _delegation_filter(status, filter)
        order = DELEGATION_ORDERS[order_by.value if order_by else None]
        found = delegation.listing(info.context.seer, "delegataire_id", self.number, given, order)
        page: Connection[Delegation] = await connect(found, Delegation.of, first, after, last, before)
        return page

    @strawberry.field(description="Les services en ligne, tels qu’il les a ; vide pour qui n’en est pas.")
    async def services(self, info: Info) -> list[EstablishmentService]:
        """Services, for its own users and operators."""
        if not access.sees_inside(info.context.seer, self.number):
            return []
        return await services_of(info.context, self.number)

    @strawberry.field(description="Les CGU acceptées pour lui, la dernière d’abord ; vide pour qui n’en est pas.")
    async def terms_acceptances(self, info: Info) -> list[TermsAcceptance]:
        """R-CGU-03, for its own users and operators."""
        if not access.sees_inside(info.context.seer, self.number):
            return []
        return await acceptances_of(info.context, self.number)

    @strawberry.field(
        description="Ce qui doit tenir pour que ses courriers soient lus demain aussi, chaque ligne avec ce qui la "
        "rétablit. Pour ses administrateurs et les gestionnaires ; vide pour les autres."
    )
    async def health(self, info: Info) -> list[HealthCheck]:
        """For its administrators and operators (R-ACC-05)."""
        seer = info.context.seer
        if not (seer.is_operator or access.manages_accounts(seer, self.number)):
            return []
        return [
            HealthCheck(
                code=one.code, holds=one.holds, message=one.message, task=TaskKind(one.task) if one.task else None
            )
            for one in await info.context.load(health.checks, self.number)
        ]

    @strawberry.field(
        description="Les modèles de courrier que ses fonds envoient et que personne n’y peut lire aujourd’hui, chacun "
        "avec sa raison (R-COU-12). Pour ses administrateurs et les gestionnaires ; vide pour les autres."
    )
    async def unreadable_types(self, info: Info) -> list[ReaderGap]:
        """For its administrators and operators."""
        seer = info.context.seer
        if not (seer.is_operator or access.manages_accounts(seer, self.number)):
            return []
        return [ReaderGap.of(row) for row in await info.context.load(coverage.gaps, self.number)]

    @strawberry.field(
        description="Son journal, du plus récent au plus ancien : tout pour ses administrateurs, y compris ce qui s’y "
        "fait par délégation ; pour les autres, ce qu’ils y ont fait eux-mêmes."
    )
    async def audit_events(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: AuditFilterArgument = None,
    ) -> Connection[AuditEvent]:
        """Its events, as far as the viewer reads them (R-JRN-02, R-DEL-07)."""
        found = journal.of_establishment(info.context.seer, self.number, read_audit_filter(filter))
        return await audit_page(found, first, after, last, before)

    @strawberry.field(description="Ce que vous pouvez y faire.")
    def viewer_access(self, info: Info) -> EstablishmentAccess:
        """What the viewer may do there."""
        seer = info.context.seer
        return EstablishmentAccess(
            establishment_id=self.number,
            is_administrator=access.manages_accounts(seer, self.number),
            can_manage_accounts=access.manages_accounts(seer, self.number),
        )

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("Establishment", row["id"])),
            number=row["id"],
            written_to=row["functional_email"],
            siret=row["siret"],
            name=row["name"],
            category=EstablishmentCategory(row["category"]),
            address=Address(
                line1=row["line1"],
                line2=row["line2"],
                postal_code=row["postal_code"],
                city=row["city"],
                insee_code=row["insee_code"],
            ),
            is_centralisateur=bool(row["is_centralisateur"]),
            registered_on=date.fromisoformat(row["registered_on"]),
        )


@finds("Establishment")
async def establishment_named(context: Context, number: int) -> Establishment:
    """The establishment that something one sees refers to."""
    return Establishment.of(await context.load(establishment.named, number))


def _delegation_filter(status: list[DelegationStatus] | None, given: DelegationFilter | None) -> delegation.Filter:
    """What a list of delegations is narrowed to; `status` is a shorter way to say a part of it."""
    found = given.read() if given else delegation.Filter()
    return replace(found, status=found.status or tuple(one.value for one in status or ()))


async def establishments_page(
    listing: Listing, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Establishment]:
    """A page of establishments."""
    page: Connection[Establishment] = await connect(listing, Establishment.of, first, after, last, before)
    return page


@strawberry.input(description="Ce à quoi une liste d’établissements est réduite.")
class EstablishmentFilter:
    """A filter of establishments."""

    search: str | None = strawberry.field(default=None, description="Mots du nom, code postal, commune, ou SIRET.")
    categories: list[EstablishmentCategory] | None = strawberry.field(
        default=None, description="De l’une de ces catégories."
    )
    departements: list[str] | None = strawberry.field(default=None, description="De l’un de ces départements.")
    centralisateur: bool | None = strawberry.field(default=None, description="Centralisateurs (true) ou non (false).")
    without_administrator: bool | None = strawberry.field(
        default=None,
        description="Qui ont des comptes ou des courriers et que plus personne ne peut administrer (true), ou les "
        "autres (false).",
    )

    without_reader: bool | None = strawberry.field(
        default=None,
        description="Où personne ne peut lire l’un au moins des modèles de courrier attendus (true), ou les autres "
        "(false).",
    )

    def read(self) -> establishment.Filter:
        """As the reads take it."""
        return establishment.Filter(
            search=self.search,
            categories=tuple(one.value for one in self.categories or ()),
            departements=tuple(self.departements or ()),
            centralisateur=self.centralisateur,
            without_administrator=self.without_administrator,
            without_reader=self.without_reader,
        )


ORDERS = {
    None: establishment.BY_NAME,
    "NAME_ASC": establishment.BY_NAME,
    "REGISTERED_DESC": establishment.NEWEST,
}
