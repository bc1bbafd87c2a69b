"""What one can follow, over graphql-transport-ws."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from backend.gateways.signals import each_signal
from backend.reads import courrier, deposit_batch, page, viewer_change
from backend.rules import delegation_request, globalid, session
from backend.rules.error import BadRequest
from backend.schema.context import Info, signed_in
from backend.schema.courrier import Courrier, CourrierSummary, summary_of
from backend.schema.courrier_trace import CourrierTrace
from backend.schema.delegation import Delegation, delegation_named
from backend.schema.deposit_batch import DepositBatch, batch_seen
from backend.schema.enums import DepositBatchStatus, FundCode, ViewerChangeKind
from backend.schema.viewer import Viewer, viewer_of

AT_MOST = 15.0
"""Seconds between two looks at the tables even if no signal came: a lost one delays a letter, it never loses it."""

BATCH = 100

NAMED = 50
"""Delegations that one event names."""


@strawberry.type(description="Un courrier qui vient d’être mis à disposition.")
class CourrierDeposited:
    """News."""

    courrier: Courrier = strawberry.field(description="Le courrier.")
    cursor: str = strawberry.field(description="À donner comme after pour reprendre juste après lui.")
    summary: CourrierSummary = strawberry.field(description="Les courriers de son établissement, comptés à présent.")


@strawberry.type(description="Un courrier que l’on pouvait lire vient d’être retiré.")
class CourrierWithdrawn:
    """No news any more."""

    trace: CourrierTrace = strawberry.field(description="Ce qui en reste.")
    cursor: str = strawberry.field(description="À donner comme after pour reprendre juste après lui.")


@strawberry.type(
    description="Quelque chose a changé pour la personne connectée : à elle de demander de nouveau ce qu’elle montre."
)
class ViewerChange:
    """What changed."""

    begun: strawberry.Private[list[int]]
    ended: strawberry.Private[list[int]]
    kinds: list[ViewerChangeKind] = strawberry.field(description="Quoi.")
    viewer: Viewer = strawberry.field(description="Qui demande, tel qu’il est à présent.")

    @strawberry.field(description="Les délégations par lesquelles elle agit désormais, 50 au plus.")
    async def delegations_begun(self, info: Info) -> list[Delegation]:
        """R-DEL-05."""
        return await _delegations(info, self.begun)

    @strawberry.field(description="Les délégations par lesquelles elle n’agit plus, 50 au plus.")
    async def delegations_ended(self, info: Info) -> list[Delegation]:
        """R-DEL-08."""
        return await _delegations(info, self.ended)


async def _delegations(info: Info, numbers: list[int]) -> list[Delegation]:
    found = [await delegation_named(info.context, one) for one in numbers[:NAMED]]
    return [one for one in found if one is not None]


@strawberry.type(description="Où en est une demande de délégations, tranche après tranche.")
class DelegationRequestProgress:
    """R-DEL-01."""

    total: int = strawberry.field(description="Combien de SIRET la demande compte.")
    treated: int = strawberry.field(description="Combien ont leur résultat.")
    asked: int = strawberry.field(description="Combien de délégations ont été demandées.")
    is_over: bool = strawberry.field(description="Tous ont leur résultat : rien ne suivra.")


@strawberry.type(description="Tout ce que l’on peut suivre.")
class Subscription:
    """Roots."""

    @strawberry.subscription(
        description="Les nouveaux courriers des établissements que vous atteignez, dès qu’ils sont mis à disposition. "
        "after reprend où une connexion perdue s’est arrêtée : rien ne manque, rien ne vient deux fois."
    )
    async def courrier_deposited(
        self,
        info: Info,
        establishment_ids: Annotated[
            list[strawberry.ID] | None, strawberry.argument(description="De ces établissements seulement.")
        ] = None,
        funds: Annotated[list[FundCode] | None, strawberry.argument(description="De ces fonds seulement.")] = None,
        after: Annotated[
            str | None, strawberry.argument(description="Le dernier curseur reçu, ou viewer.feedCursor.")
        ] = None,
    ) -> AsyncGenerator[CourrierDeposited, None]:
        """R-COU-16. Rights are judged anew at each look: what was withdrawn meanwhile is no longer told (R-DEL-08)."""
        viewer = signed_in(info)
        establishments = [globalid.expect(one, "Establishment") or 0 for one in establishment_ids or ()]
        if after is None:
            position = await courrier.feed_position()
        else:
            position = page.decode(courrier.FEED, after)[0]
        async for _ in each_signal(info.context.signals, AT_MOST):
            now = await session.renewed(viewer)
            if now is None:
                raise BadRequest("UNAUTHENTICATED", "Votre connexion a pris fin : reconnectez-vous pour continuer.")
            info.context.become(now)
            until = await courrier.feed_position()
            while position < until:
                news = await courrier.news(
                    now, position, until, establishments, [one.value for one in funds or ()], BATCH
                )
                for row in news:
                    position = row["feed_id"]
                    yield CourrierDeposited(
                        courrier=Courrier.of(row),
                        cursor=page.encode(courrier.FEED, [position]),
                        summary=await summary_of(info.context, row["establishment_id"]),
                    )
                if len(news) < BATCH:
                    position = until

    @strawberry.subscription(
        description="Les courriers retirés de ceux que vous pouviez lire, dès qu’ils le sont : un écran ouvert les "
        "ôte. after reprend où une connexion perdue s’est arrêtée."
    )
    async def courrier_withdrawn(
        self,
        info: Info,
        after: Annotated[str | None, strawberry.argument(description="Le dernier curseur reçu.")] = None,
    ) -> AsyncGenerator[CourrierWithdrawn, None]:
        """R-COU-13. Rights are judged anew at each look."""
        viewer = signed_in(info)
        if after is None:
            position = await courrier.withdrawals_position()
        else:
            position = page.decode(courrier.WITHDRAWALS, after)[0]
        async for _ in each_signal(info.context.signals, AT_MOST):
            now = await session.renewed(viewer)
            if now is None:
                raise BadRequest("UNAUTHENTICATED", "Votre connexion a pris fin : reconnectez-vous pour continuer.")
            info.context.become(now)
            until = await courrier.withdrawals_position()
            while position < until:
                gone = await courrier.withdrawals(now, position, until, BATCH)
                for row in gone:
                    position = row["position"]
                    cursor = page.encode(courrier.WITHDRAWALS, [position])
                    yield CourrierWithdrawn(trace=CourrierTrace.of(row), cursor=cursor)
                if len(gone) < BATCH:
                    position = until

    @strawberry.subscription(
        description="Ce qui change pour la personne connectée : droits, profil, délégations qui commencent et "
        "finissent, demandes à décider, CGU, expiration. Chaque évènement dit ce qui a changé depuis le précédent."
    )
    async def viewer_changed(self, info: Info) -> AsyncGenerator[ViewerChange, None]:
        """R-DEL-08, R-ACC-06. The end of the session ends it."""
        viewer = signed_in(info, even_held_back=True)
        if viewer.user_id is None:
            raise BadRequest("NOT_ALLOWED", "Un client technique n’a pas de droits qui changent : rien à suivre.")
        before = await viewer_change.world(viewer)
        async for _ in each_signal(info.context.signals, AT_MOST):
            now = await session.renewed(viewer)
            if now is None:
                raise BadRequest("UNAUTHENTICATED", "Votre connexion a pris fin : reconnectez-vous pour continuer.")
            world = await viewer_change.world(now)
            kinds = world.changes_since(before)
            if kinds:
                info.context.become(now)
                found = viewer_of(now)
                assert found is not None  # noqa: S101 - somebody is signed in
                yield ViewerChange(
                    begun=world.begun_since(before),
                    ended=world.ended_since(before),
                    kinds=[ViewerChangeKind(one) for one in kinds],
                    viewer=found,
                )
            before = world

    @strawberry.subscription(
        description="Où en est une demande de délégations que l’on a envoyée, à chaque tranche, jusqu’à la dernière."
    )
    async def delegation_request_progress(
        self,
        info: Info,
        idempotency_key: Annotated[str, strawberry.argument(description="La clé donnée à requestDelegations.")],
    ) -> AsyncGenerator[DelegationRequestProgress, None]:
        """R-DEL-01."""
        viewer = signed_in(info)
        told = None
        async for _ in each_signal(info.context.signals, AT_MOST):
            if await session.renewed(viewer) is None:
                raise BadRequest("UNAUTHENTICATED", "Votre connexion a pris fin : reconnectez-vous pour continuer.")
            reached = await delegation_request.progress(viewer, idempotency_key)
            if reached is None or reached == told:
                continue
            told = reached
            yield DelegationRequestProgress(
                total=reached.total, treated=reached.treated, asked=reached.asked, is_over=reached.is_over
            )
            if reached.is_over:
                return

    @strawberry.subscription(
        description="Où en est un lot de courriers que l’on voit, à chaque pas, jusqu’à ce qu’il soit publié ou annulé."
    )
    async def deposit_progress(
        self, info: Info, batch_id: Annotated[strawberry.ID, strawberry.argument(description="Le lot.")]
    ) -> AsyncGenerator[DepositBatch, None]:
        """R-COU-04."""
        viewer = signed_in(info)
        number = globalid.expect(batch_id, "DepositBatch") or 0
        told = None
        async for _ in each_signal(info.context.signals, AT_MOST):
            now = await session.renewed(viewer)
            if now is None:
                raise BadRequest("UNAUTHENTICATED", "Votre connexion a pris fin : reconnectez-vous pour continuer.")
            info.context.become(now)
            found = await batch_seen(info.context, number)
            if found is None:
                return
            reached = (found.status, await deposit_batch.fingerprint(number))
            if reached != told:
                told = reached
                yield found
            if found.status in {DepositBatchStatus.PUBLISHED, DepositBatchStatus.CANCELLED}:
                return
