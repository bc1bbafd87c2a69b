"""What one can follow, over graphql-transport-ws."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from backend.gateways.signals import each_signal
from backend.reads import courrier, page
from backend.rules import globalid, session
from backend.rules.error import BadRequest
from backend.schema.context import Info, signed_in
from backend.schema.courrier import Courrier, CourrierSummary, summary_of
from backend.schema.enums import FundCode

AT_MOST = 15.0
"""Seconds between two looks at the tables even if no signal came: a lost one delays a letter, it never loses it."""

BATCH = 100


@strawberry.type(description="Un courrier qui vient d’être mis à disposition.")
class CourrierDeposited:
    """News."""

    courrier: Courrier = strawberry.field(description="Le courrier.")
    cursor: str = strawberry.field(description="À donner comme after pour reprendre juste après lui.")
    summary: CourrierSummary = strawberry.field(description="Les courriers de son établissement, comptés à présent.")


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
