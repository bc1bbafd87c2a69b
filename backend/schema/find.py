"""What a text names, in the graph."""

import asyncio
from datetime import datetime

import strawberry

from backend.reads import find
from backend.schema.context import Context, Info
from backend.schema.courrier import Courrier, courrier_seen
from backend.schema.establishment import Establishment, establishment_named
from backend.schema.scalars import at
from backend.schema.user import User, user_seen


@strawberry.type(description="La trace d’un compte supprimé : la personne n’y est plus nommée.")
class DeletedAccount:
    """A trace (R-ACC-12)."""

    establishment_id: strawberry.Private[int]
    identifier: str = strawberry.field(description="L’identifiant, qui ne sera jamais redonné.")
    created_at: datetime = strawberry.field(description="Quand le compte avait été créé.")
    deleted_at: datetime = strawberry.field(description="Quand il a été supprimé.")

    @strawberry.field(description="L’établissement du compte.")
    async def establishment(self, info: Info) -> Establishment:
        """Its establishment."""
        return await establishment_named(info.context, self.establishment_id)


@strawberry.type(description="Ce qu’un texte désigne, 20 de chaque sorte au plus, ce qui est exact d’abord.")
class Found:
    """The hits."""

    establishments: list[Establishment] = strawberry.field(
        description="Les établissements de ce SIRET (ou dont il commence ainsi), de ce nom ou de cette commune."
    )
    users: list[User] = strawberry.field(description="Les comptes de cet identifiant, de cette adresse ou de ce nom.")
    courriers: list[Courrier] = strawberry.field(description="Les courriers de cette référence.")
    deleted_accounts: list[DeletedAccount] = strawberry.field(
        description="La trace d’un compte supprimé, retrouvée par son identifiant."
    )
    has_more: bool = strawberry.field(description="Il y en a d’autres : précisez.")


async def found(context: Context, text: str) -> Found:
    """Everything found."""
    hits = await find.anything(context.seer, text)
    establishments, users, courriers = await asyncio.gather(
        asyncio.gather(*(establishment_named(context, one) for one in hits.establishments)),
        asyncio.gather(*(user_seen(context, one) for one in hits.users)),
        asyncio.gather(*(courrier_seen(context, one) for one in hits.courriers)),
    )
    return Found(
        establishments=list(establishments),
        users=[one for one in users if one is not None],
        courriers=[one for one in courriers if one is not None],
        deleted_accounts=[
            DeletedAccount(
                establishment_id=row["establishment_id"],
                identifier=row["identifier"],
                created_at=at(row["created_at"]),
                deleted_at=at(row["deleted_at"]),
            )
            for row in hits.deleted
        ],
        has_more=hits.more,
    )
