"""The roots one reads from."""

import asyncio
from dataclasses import replace
from datetime import date
from typing import Annotated

import strawberry

from backend import settings
from backend.engine.limits import Limits as Caps
from backend.reads import (
    adoption,
    api_client,
    courrier,
    courrier_type,
    coverage,
    delegation,
    deposit_batch,
    establishment,
    explanation,
    fund,
    guide,
    journal,
    non_reader,
    notification,
    page,
    past_reader,
    reading_campaign,
    service,
    terms,
    user,
)
from backend.rules import email_change, globalid, password
from backend.rules.error import BadRequest
from backend.rules.non_reading import Filter as NonReading
from backend.schema.adoption import Adoption
from backend.schema.api_client import ApiClient
from backend.schema.connection import Connection, connect
from backend.schema.context import Context, Info, operator, signed_in
from backend.schema.courrier import ORDERS as COURRIER_ORDERS
from backend.schema.courrier import Courrier, courrier_seen, courriers_page, read_filter
from backend.schema.courrier_trace import CourrierTrace, trace_seen
from backend.schema.courrier_type import CourrierType
from backend.schema.delegation import Delegation
from backend.schema.deposit_batch import DepositBatch, batch_seen
from backend.schema.enums import EstablishmentOrder, FundCode, GuideAudience, NotificationStatus
from backend.schema.establishment import ORDERS as ESTABLISHMENT_ORDERS
from backend.schema.establishment import (
    CourrierFilterArgument,
    CourrierOrderArgument,
    Establishment,
    EstablishmentFilter,
    UserFilterArgument,
    UserOrderArgument,
    establishments_page,
)
from backend.schema.explanation import AccessExplanation
from backend.schema.find import Found, found
from backend.schema.fund import Fund
from backend.schema.guide import Guide
from backend.schema.journal import AuditEvent, AuditFilterArgument, audit_event_seen, audit_page
from backend.schema.journal import read_filter as read_audit_filter
from backend.schema.node import Node
from backend.schema.non_reader import NonReader, NonReaderFilter, ReadingCampaign
from backend.schema.notification import Notification, NotificationCount, NotificationFilter, notifications_page
from backend.schema.notification import read_filter as read_notification_filter
from backend.schema.past_reader import ReadersOnDay
from backend.schema.reader_gap import ReaderCoverage
from backend.schema.scalars import After, Before, First, Last, ServiceCode
from backend.schema.service import Service
from backend.schema.session import EmailLink, PasswordLink
from backend.schema.terms import Terms, terms_seen
from backend.schema.user import ORDERS as USER_ORDERS
from backend.schema.user import User
from backend.schema.viewer import Viewer, viewer_of

CAPS = Caps(page=page.MAXIMUM, default_page=page.DEFAULT)


@strawberry.type(description="Les plafonds que le serveur applique, pour qu’un client n’ait pas à les deviner.")
class Limits:
    """The caps."""

    maximum_depth: int = strawberry.field(description="Profondeur d’une requête.")
    maximum_tokens: int = strawberry.field(description="Longueur d’une requête, en lexèmes.")
    maximum_aliases: int = strawberry.field(description="Nombre d’alias d’une requête.")
    maximum_cost: int = strawberry.field(description="Nombre d’objets qu’une requête peut faire chercher.")
    maximum_page_size: int = strawberry.field(description="Nombre d’éléments d’une page.")
    maximum_upload_size: int = strawberry.field(description="Taille d’un fichier envoyé, en octets.")


async def _node(context: Context, identifier: str) -> Node | None:
    """An object by its id, as far as the viewer sees it: what one may not see does not exist."""
    kind, number = globalid.decode(identifier)
    if kind == "Courrier":
        return await courrier_seen(context, number)
    if kind == "ApiClient":
        if context.seer.api_client_id != number and not context.seer.is_operator:
            return None
        row = await api_client.named(number)
        return ApiClient.of(row) if row else None
    if kind == "Service":
        row = await context.look_up(service.visible, number)
        return Service.of(row) if row else None
    if kind == "CourrierType":
        row = await context.load(courrier_type.named, number)
        return CourrierType.of(row) if row else None
    if kind == "Establishment":
        row = await context.look_up(establishment.visible, number)
        return Establishment.of(row) if row else None
    if kind == "User":
        row = await context.look_up(user.visible, number)
        return User.of(row) if row else None
    if kind == "Terms":
        return await terms_seen(context, number)
    if kind == "Delegation":
        row = await context.look_up(delegation.visible, number)
        return Delegation.of(row) if row else None
    if kind == "DepositBatch":
        return await batch_seen(context, number)
    if kind == "AuditEvent":
        return await audit_event_seen(context, number)
    return None


@strawberry.type(description="Tout ce que l’on peut lire.")
class Query:
    """Roots."""

    @strawberry.field(description="Qui demande ; null si personne n’est connecté.")
    def viewer(self, info: Info) -> Viewer | None:
        """The viewer."""
        return viewer_of(info.context.viewer)

    @strawberry.field(description="Un objet par son identifiant ; null s’il n’existe pas pour vous.")
    async def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Son identifiant.")],
    ) -> Node | None:
        """One object."""
        return await _node(info.context, id)

    @strawberry.field(description="Plusieurs objets par leurs identifiants, 100 au plus, dans le même ordre.")
    async def nodes(
        self, info: Info, ids: Annotated[list[strawberry.ID], strawberry.argument(description="Leurs identifiants.")]
    ) -> list[Node | None]:
        """Several."""
        page.size(page.Slice(first=len(ids)))
        return list(await asyncio.gather(*(_node(info.context, one) for one in ids)))

    @strawberry.field(description="Un établissement par son SIRET ; null s’il n’existe pas pour vous.")
    async def establishment(
        self, info: Info, siret: Annotated[str, strawberry.argument(description="Son SIRET, 14 chiffres.")]
    ) -> Establishment | None:
        """By SIRET."""
        row = await establishment.by_siret(signed_in(info), siret)
        return Establishment.of(row) if row else None

    @strawberry.field(description="Un courrier par sa référence chez un fonds ; null s’il n’existe pas pour vous.")
    async def courrier(
        self,
        info: Info,
        reference: Annotated[str, strawberry.argument(description="La référence du fonds.")],
        fund: Annotated[FundCode, strawberry.argument(description="Le fonds.")],
    ) -> Courrier | None:
        """By reference."""
        row = await courrier.by_reference(signed_in(info), fund.value, reference)
        return Courrier.of(row) if row else None

    @strawberry.field(
        description="Ce qui reste d’un courrier retiré ou supprimé, pour qui pourrait encore le lire ; null sinon, et "
        "pour un courrier qui se lit."
    )
    async def courrier_trace(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Le courrier.")],
    ) -> CourrierTrace | None:
        """R-COU-13, R-COU-14."""
        return await trace_seen(info.context, globalid.expect(id, "Courrier") or 0)

    @strawberry.field(description="Les fonds. Public.")
    async def funds(self) -> list[Fund]:
        """Funds."""
        return [Fund.of(row) for row in await fund.everyone()]

    @strawberry.field(description="Les services en ligne. Public.")
    async def services(
        self,
        info: Info,
        all_of_them: Annotated[
            bool,
            strawberry.argument(
                name="all", description="Aussi ceux qui ouvriront et ceux qui ont fermé : pour les gestionnaires."
            ),
        ] = False,
    ) -> list[Service]:
        """Services."""
        if all_of_them:
            operator(info)
        return [Service.of(row) for row in await (service.every() if all_of_them else service.online())]

    @strawberry.field(description="Les conditions générales d’utilisation (CGU) en vigueur, ou une version. Public.")
    async def terms(
        self,
        info: Info,
        version: Annotated[
            str | None, strawberry.argument(description="Le nom d’une version ; celle en vigueur sinon.")
        ] = None,
    ) -> Terms | None:
        """R-CGU-01."""
        row = await (terms.current() if version is None else terms.of_version(info.context.seer, version))
        return Terms.of(row) if row else None

    @strawberry.field(
        description="Toutes les versions des CGU, la plus récente d’abord ; celles à venir pour les gestionnaires. "
        "Public."
    )
    async def terms_versions(self, info: Info) -> list[Terms]:
        """R-CGU-01."""
        return [Terms.of(row) for row in await terms.versions(info.context.seer)]

    @strawberry.field(description="Les courriers accessibles sur la plateforme, par modèle. Public.")
    async def courrier_types(
        self, fund: Annotated[FundCode | None, strawberry.argument(description="D’un fonds seulement.")] = None
    ) -> list[CourrierType]:
        """The catalogue (R-COU-17)."""
        return [CourrierType.of(row) for row in await courrier_type.catalogue(fund.value if fund else None)]

    @strawberry.field(description="Ce que vaut un lien de mot de passe ; null s’il n’est pas ou plus valable. Public.")
    async def password_link(
        self, token: Annotated[str, strawberry.argument(description="Le jeton du lien.")]
    ) -> PasswordLink | None:
        """A link."""
        found = await password.link(token)
        return PasswordLink.of(found) if found else None

    @strawberry.field(
        description="Ce que vaut un lien de confirmation d’adresse ; null s’il n’est pas ou plus valable. Public."
    )
    async def email_link(
        self, token: Annotated[str, strawberry.argument(description="Le jeton du lien.")]
    ) -> EmailLink | None:
        """A link."""
        found = await email_change.link(token)
        return EmailLink.of(found) if found else None

    @strawberry.field(description="Les guides de la plateforme. Public.")
    def guides(
        self,
        audience: Annotated[
            GuideAudience | None, strawberry.argument(description="Ceux qui s’adressent à eux ; tous sinon.")
        ] = None,
        search: Annotated[
            str, strawberry.argument(description="Ceux où se trouvent tous ces mots, accents et casse ignorés.")
        ] = "",
    ) -> list[Guide]:
        """R-GUI-01."""
        return [Guide.of(one) for one in guide.search(audience.value if audience else None, search[:200])]

    @strawberry.field(description="Un guide, par son nom ; null s’il n’y en a pas de ce nom. Public.")
    def guide(self, slug: Annotated[str, strawberry.argument(description="Son nom.")]) -> Guide | None:
        """A guide."""
        found = guide.one(slug)
        return Guide.of(guide.Found(found)) if found else None

    @strawberry.field(description="Les plafonds du serveur. Public.")
    def limits(self) -> Limits:
        """The caps."""
        return Limits(
            maximum_depth=CAPS.depth,
            maximum_tokens=CAPS.tokens,
            maximum_aliases=CAPS.aliases,
            maximum_cost=CAPS.cost,
            maximum_page_size=CAPS.page,
            maximum_upload_size=settings.current().maximum_upload_size,
        )

    @strawberry.field(
        description="Pourquoi un compte peut, ou ne peut pas, se servir d’un service ou lire un courrier : dites l’un "
        "ou l’autre. Pour soi, ses administrateurs et les gestionnaires ; null pour ce qui n’existe pas pour vous."
    )
    async def explain_access(
        self,
        info: Info,
        user_id: Annotated[strawberry.ID, strawberry.argument(description="Le compte.")],
        service: Annotated[
            ServiceCode | None, strawberry.argument(description="Le service, dans l’établissement du compte.")
        ] = None,
        courrier_id: Annotated[strawberry.ID | None, strawberry.argument(description="Ou le courrier.")] = None,
    ) -> AccessExplanation | None:
        """R-RGT-06."""
        viewer = signed_in(info)
        if (service is None) == (courrier_id is None):
            raise BadRequest("BAD_QUESTION", "Dites un service ou un courrier : l’un ou l’autre.")
        number = globalid.expect(user_id, "User") or 0
        letter = None if courrier_id is None else globalid.expect(courrier_id, "Courrier") or 0
        answer = await explanation.explain(viewer, explanation.Question(number, service, letter))
        return None if answer is None else AccessExplanation.of(number, answer)

    @strawberry.field(
        description="Qui pouvait lire un courrier un jour donné, à Paris. Pour les administrateurs de l’établissement "
        "à qui il est adressé et pour les gestionnaires ; null pour les autres."
    )
    async def readers_on(
        self,
        info: Info,
        courrier_id: Annotated[strawberry.ID, strawberry.argument(description="Le courrier, retiré ou non.")],
        date: Annotated[date, strawberry.argument(description="Le jour : aujourd’hui ou avant.")],
    ) -> ReadersOnDay | None:
        """R-JRN-04."""
        viewer = signed_in(info)
        found = await past_reader.on_day(viewer, globalid.expect(courrier_id, "Courrier") or 0, date)
        return None if found is None else ReadersOnDay.of(date, found)

    @strawberry.field(
        description="Tout ce qu’un texte désigne : un identifiant, une adresse de messagerie, un SIRET, la référence "
        "d’un courrier, un nom. Gestionnaires."
    )
    async def find(
        self, info: Info, text: Annotated[str, strawberry.argument(description="Le texte, de 2 caractères au moins.")]
    ) -> Found:
        """Anything."""
        operator(info)
        return await found(info.context, text)

    @strawberry.field(description="Tous les établissements. Gestionnaires.")
    async def establishments(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            EstablishmentFilter | None, strawberry.argument(description="Ce à quoi la liste est réduite.")
        ] = None,
        order_by: Annotated[
            EstablishmentOrder | None, strawberry.argument(description="L’ordre ; par nom sinon.")
        ] = None,
    ) -> Connection[Establishment]:
        """All of them."""
        order = ESTABLISHMENT_ORDERS[order_by.value if order_by else None]
        given = filter.read() if filter else establishment.Filter()
        return await establishments_page(
            establishment.listing(operator(info), given, order), first, after, last, before
        )

    @strawberry.field(description="Tous les comptes. Gestionnaires.")
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
        """All of them."""
        order = USER_ORDERS[order_by.value if order_by else None]
        given = filter.read() if filter else user.Filter()
        found = user.listing(operator(info), given, order)
        accounts: Connection[User] = await connect(found, User.of, first, after, last, before)
        return accounts

    @strawberry.field(description="Tous les courriers : métadonnées et états, jamais le document. Gestionnaires.")
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
        """All of them."""
        order = COURRIER_ORDERS[order_by.value if order_by else None]
        found = courrier.listing(operator(info), read_filter(filter), order)
        return await courriers_page(found, filter, first, after, last, before)

    @strawberry.field(description="Tous les messages envoyés ou à envoyer, du dernier au premier. Gestionnaires.")
    async def notifications(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        status: Annotated[
            list[NotificationStatus] | None, strawberry.argument(description="Dans l’un de ces états seulement.")
        ] = None,
        filter: Annotated[
            NotificationFilter | None, strawberry.argument(description="Lesquels ; status s’y ajoute.")
        ] = None,
    ) -> Connection[Notification]:
        """The board (R-NOT-01)."""
        given = read_notification_filter(filter)
        if status:
            given = replace(given, statuses=tuple(one.value for one in status))
        return await notifications_page(notification.listing(operator(info), given), first, after, last, before)

    @strawberry.field(description="Combien de messages sont dans chaque état. Gestionnaires.")
    async def notification_counts(self, info: Info) -> list[NotificationCount]:
        """The board's head."""
        counted = await notification.counts(operator(info))
        return [NotificationCount(status=one, count=counted.get(one.value, 0)) for one in NotificationStatus]

    @strawberry.field(
        description="Les lots de courriers, du dernier au premier : tous pour les gestionnaires, les siens pour un "
        "client technique."
    )
    async def deposit_batches(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DepositBatch]:
        """Those one sees (R-COU-04)."""
        found: Connection[DepositBatch] = await connect(
            deposit_batch.listing(signed_in(info)), DepositBatch.of, first, after, last, before
        )
        return found

    @strawberry.field(description="Tous les clients techniques, du dernier au premier. Gestionnaires.")
    async def api_clients(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ApiClient]:
        """All of them."""
        operator(info)
        found: Connection[ApiClient] = await connect(api_client.everyone(), ApiClient.of, first, after, last, before)
        return found

    @strawberry.field(description="Tout le journal, du plus récent au plus ancien. Gestionnaires.")
    async def audit_events(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: AuditFilterArgument = None,
    ) -> Connection[AuditEvent]:
        """All of it (R-JRN-02)."""
        found = journal.of_everyone(operator(info), read_audit_filter(filter))
        return await audit_page(found, first, after, last, before)

    @strawberry.field(description="L’adoption sur une période. Gestionnaires.")
    async def adoption(
        self,
        info: Info,
        from_: Annotated[
            date | None, strawberry.argument(name="from", description="Premier jour ; depuis toujours sinon.")
        ] = None,
        until: Annotated[date | None, strawberry.argument(description="Dernier jour ; aujourd’hui sinon.")] = None,
    ) -> Adoption:
        """The figures."""
        operator(info)
        return Adoption.of(await adoption.over(from_, until))

    @strawberry.field(
        description="Les établissements qui ont reçu des courriers et n’en ont jamais ouvert, par nom, avec ceux qui "
        "pourraient les lire. Gestionnaires."
    )
    async def non_readers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            NonReaderFilter | None, strawberry.argument(description="Ce à quoi la liste est réduite.")
        ] = None,
    ) -> Connection[NonReader]:
        """Those who never read (R-ADO-02)."""
        operator(info)
        listing = non_reader.listing(filter.read() if filter else NonReading())
        found: Connection[NonReader] = await connect(listing, NonReader.of, first, after, last, before)
        return found

    @strawberry.field(
        description="Les relances de ceux qui n’ont jamais ouvert un courrier, de la dernière à la première. "
        "Gestionnaires."
    )
    async def reading_campaigns(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[ReadingCampaign]:
        """R-ADO-02."""
        operator(info)
        found: Connection[ReadingCampaign] = await connect(
            reading_campaign.listing(), ReadingCampaign.of, first, after, last, before
        )
        return found

    @strawberry.field(description="Où personne ne peut lire des courriers que les fonds envoient. Gestionnaires.")
    async def reader_coverage(self, info: Info) -> ReaderCoverage:
        """R-COU-12."""
        operator(info)
        return ReaderCoverage.of(await coverage.overall())
