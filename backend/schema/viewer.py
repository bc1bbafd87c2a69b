"""Who is asking, in the graph."""

import asyncio
from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.reads import (
    api_client,
    courrier,
    due_calendar,
    establishment,
    notification,
    page,
    saved_view,
    second_factor,
    session,
    task,
    terms,
    user,
)
from backend.rules import preference
from backend.rules.viewer import Viewer as Who
from backend.schema.api_client import ApiClient
from backend.schema.connection import Connection, connect
from backend.schema.context import Info
from backend.schema.courrier import ORDERS, Courrier, CourrierSummary, courriers_page, read_filter, summary_of
from backend.schema.enums import HeldBack, TaskKind
from backend.schema.establishment import (
    CourrierFilterArgument,
    CourrierOrderArgument,
    Establishment,
    establishment_named,
    establishments_page,
)
from backend.schema.notification import Notification, NotificationPreferences, notifications_page
from backend.schema.saved_view import SavedView
from backend.schema.scalars import After, Before, First, Last, day, instant
from backend.schema.second_factor import SecondFactor, TrustedDevice
from backend.schema.session import Session
from backend.schema.terms import Terms
from backend.schema.user import User


@strawberry.type(description="Quelque chose qui attend la personne.")
class Task:
    """A task."""

    establishment_id: strawberry.Private[int | None]
    kind: TaskKind = strawberry.field(description="Quoi.")
    count: int = strawberry.field(description="Combien.")
    label: str = strawberry.field(description="En une phrase.")
    due_on: date | None = strawberry.field(description="Avant ce jour.")

    @strawberry.field(description="Dans quel établissement ; null si c’est dans plusieurs.")
    async def establishment(self, info: Info) -> Establishment | None:
        """Where."""
        if self.establishment_id is None:
            return None
        return await establishment_named(info.context, self.establishment_id)


@strawberry.type(description="Qui demande : une personne connectée ou un client technique.")
class Viewer:
    """The viewer."""

    who: strawberry.Private[Who]
    is_operator: bool = strawberry.field(
        description="Gestionnaire de la plateforme : peut déposer, publier, inscrire, voir les statistiques."
    )

    @strawberry.field(description="Ce que vous devez faire avant toute autre chose ; null si rien ne vous retient.")
    def held_back(self) -> HeldBack | None:
        """R-CGU-02, R-ACC-16."""
        return HeldBack(self.who.held_back) if self.who.held_back else None

    @strawberry.field(description="Le compte connecté ; null pour un client technique.")
    async def user(self, info: Info) -> User | None:
        """The account."""
        if self.who.user_id is None:
            return None
        row = await info.context.load(user.named, self.who.user_id)
        return User.of(row) if row else None

    @strawberry.field(description="Le client technique qui porte le jeton ; null pour une personne.")
    async def api_client(self) -> ApiClient | None:
        """The program."""
        if self.who.api_client_id is None:
            return None
        row = await api_client.named(self.who.api_client_id)
        return ApiClient.of(row) if row else None

    @strawberry.field(description="L’établissement pour lequel vous agissez : le vôtre, ou un autre par délégation.")
    async def acting_for(self, info: Info) -> Establishment | None:
        """In whose name (R-DEL-06); one's own again where the delegation has ended (R-DEL-08)."""
        if self.who.establishment_id is None:
            return None
        elsewhere = self.who.acting_for_id
        if elsewhere is not None and await info.context.look_up(establishment.reachable, elsewhere):
            return await establishment_named(info.context, elsewhere)
        return await establishment_named(info.context, self.who.establishment_id)

    @strawberry.field(
        description="Votre établissement d’abord, puis chacun de ceux que vous atteignez par une délégation en vigueur."
    )
    async def establishments(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        search: Annotated[
            str | None, strawberry.argument(description="Mots du nom, code postal, commune, ou SIRET.")
        ] = None,
    ) -> Connection[Establishment]:
        """Those one reaches."""
        return await establishments_page(establishment.reached(self.who, search), first, after, last, before)

    @strawberry.field(
        description="Ceux pour lesquels vous avez agi, par une délégation encore en vigueur, le dernier d’abord."
    )
    async def recent_establishments(
        self,
        first: Annotated[int, strawberry.argument(description="Combien, de 0 à 20.")] = 8,
    ) -> list[Establishment]:
        """Those one switches to first (R-DEL-06)."""
        rows = await establishment.switched_to(self.who, min(max(first, 0), 20))
        return [Establishment.of(row) for row in rows]

    @strawberry.field(description="Ce qui vous attend.")
    async def tasks(self) -> list[Task]:
        """What waits."""
        return [
            Task(
                establishment_id=one.establishment_id,
                kind=TaskKind(one.kind),
                count=one.count,
                label=one.label,
                due_on=day(one.due_on),
            )
            for one in await task.waiting(self.who)
        ]

    @strawberry.field(
        description="Les CGU à accepter avant toute autre chose, par vous ou par vos administrateurs, ou pour un autre "
        "établissement que vous administrez ; null si vous êtes à jour."
    )
    async def terms_to_accept(self) -> Terms | None:
        """R-CGU-02."""
        waits = self.who.held_back in {HeldBack.ACCEPT_TERMS, HeldBack.ASK_TO_ACCEPT_TERMS}
        if not waits and not await terms.to_accept(self.who):
            return None
        row = await terms.current()
        return Terms.of(row) if row else None

    @strawberry.field(
        description="Les établissements que vous administrez où les CGU en vigueur attendent d’être acceptées, le "
        "vôtre d’abord, 500 au plus."
    )
    async def establishments_to_accept(self, info: Info) -> list[Establishment]:
        """R-CGU-03."""
        found = await terms.to_accept(self.who)
        return list(await asyncio.gather(*(establishment_named(info.context, one) for one in found)))

    @strawberry.field(
        description="Les comptes à renouveler, les plus proches de leur expiration d’abord : de tous les "
        "établissements dont vous êtes administrateur, aussi par un autre de vos comptes."
    )
    async def accounts_to_renew(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        within: Annotated[
            int | None, strawberry.argument(description="Expirant d’ici ce nombre de jours (60 sinon).")
        ] = None,
    ) -> Connection[User]:
        """R-ACC-10."""
        page: Connection[User] = await connect(user.to_renew(self.who, within), User.of, first, after, last, before)
        return page

    @strawberry.field(description="Tous vos courriers, de tous les établissements que vous atteignez, sans plafond.")
    async def courriers(
        self,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: CourrierFilterArgument = None,
        order_by: CourrierOrderArgument = None,
    ) -> Connection[Courrier]:
        """One inbox over all (R-DEL-09)."""
        order = ORDERS[order_by.value if order_by else None]
        found = courrier.listing(self.who, read_filter(filter), order)
        return await courriers_page(found, filter, first, after, last, before)

    @strawberry.field(description="Tous vos courriers, comptés.")
    async def courrier_summary(self, info: Info) -> CourrierSummary:
        """Counts over all."""
        return await summary_of(info.context)

    @strawberry.field(
        description="Où en est le fil des nouveaux courriers : à donner comme after à courrierDeposited, pour que rien "
        "ne tombe entre une liste et son abonnement."
    )
    async def feed_cursor(self) -> str:
        """The feed's position."""
        return page.encode(courrier.FEED, [await courrier.feed_position()])

    @strawberry.field(description="Vos préférences d’annonces ; null pour un client technique.")
    async def notification_preferences(self) -> NotificationPreferences | None:
        """R-COU-10."""
        if self.who.user_id is None or self.who.held_back is not None:
            return None
        return NotificationPreferences.of(await preference.of(self.who.user_id))

    @strawberry.field(
        description="Les messages que la plateforme vous a envoyés ou tenté de vous envoyer, du dernier au premier."
    )
    async def notifications(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Notification]:
        """R-NOT-02."""
        return await notifications_page(notification.mine(self.who), first, after, last, before)

    @strawberry.field(description="Vos vues des courriers, par nom.")
    async def saved_views(self) -> list[SavedView]:
        """R-COU-07."""
        return [SavedView.of(row) for row in await saved_view.mine(self.who)]

    @strawberry.field(description="Depuis quand votre agenda suit les échéances de vos courriers ; null sinon.")
    async def due_calendar_opened_at(self) -> datetime | None:
        """One's calendar."""
        return instant(await due_calendar.opened_at(self.who))

    @strawberry.field(description="Vos connexions ouvertes.")
    async def sessions(self) -> list[Session]:
        """One's sessions."""
        return [Session.of(row, self.who) for row in await session.mine(self.who)]

    @strawberry.field(description="Vos seconds facteurs, le plus ancien d’abord.")
    async def second_factors(self) -> list[SecondFactor]:
        """R-ACC-16."""
        return [SecondFactor.of(row) for row in await second_factor.mine(self.who)]

    @strawberry.field(description="Combien de codes de secours il vous reste ; 0 sans second facteur.")
    async def recovery_codes_left(self) -> int:
        """R-ACC-16."""
        return await second_factor.recovery_codes_left(self.who)

    @strawberry.field(
        description="Un second facteur est obligatoire pour votre profil : le dernier ne peut pas être retiré."
    )
    async def requires_second_factor(self) -> bool:
        """R-ACC-16."""
        return await second_factor.is_required(self.who)

    @strawberry.field(description="Les appareils où le second facteur ne vous est pas demandé, le dernier d’abord.")
    async def trusted_devices(self) -> list[TrustedDevice]:
        """R-ACC-16."""
        return [TrustedDevice.of(row) for row in await second_factor.devices(self.who)]


def viewer_of(who: Who | None) -> Viewer | None:
    """The viewer as the graph shows it."""
    return None if who is None else Viewer(who=who, is_operator=who.is_operator)
