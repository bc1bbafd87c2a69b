"""What operators do to API clients: give them a token, take it back."""

from datetime import date
from typing import Annotated

import strawberry

from backend.rules import api_client as rules
from backend.rules import globalid
from backend.schema.api_client import ApiClient, api_client_named
from backend.schema.context import Info, operator
from backend.schema.enums import ApiScope
from backend.schema.error import ERRORS, UserError, errors
from backend.schema.sensitive import Sensitive


@strawberry.input(description="Un client technique à créer.")
class CreateApiClientInput:
    """Which."""

    name: str = strawberry.field(description="Son nom, 100 caractères au plus, que nul autre ne porte.")
    scopes: list[ApiScope] = strawberry.field(description="Ce qu’il pourra faire, et rien d’autre.")
    expires_on: date = strawberry.field(description="Dernier jour de son jeton, dans un an au plus.")


@strawberry.type(description="Le résultat de la création d’un client technique.")
class CreateApiClientPayload:
    """Created, or why not."""

    api_client: ApiClient | None = strawberry.field(description="Le client.")
    secret: str | None = strawberry.field(
        description="Son jeton, à porter dans l’en-tête Authorization: Bearer. Il n’est dit qu’ici, une seule fois : "
        "la plateforme ne le garde pas."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="À quel client technique retirer son jeton.")
class RevokeApiClientInput:
    """Which."""

    id: strawberry.ID = strawberry.field(description="Le client.")


@strawberry.type(description="Le résultat du retrait d’un jeton.")
class RevokeApiClientPayload:
    """Revoked, or why not."""

    api_client: ApiClient | None = strawberry.field(description="Le client, tel qu’il est à présent.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire des clients techniques.")
class ApiClientMutations:
    """Roots."""

    @strawberry.mutation(
        description="Créer un client technique et lui donner un jeton, dit une seule fois. Gestionnaires.",
        extensions=[Sensitive()],
    )
    async def create_api_client(
        self,
        info: Info,
        input: Annotated[CreateApiClientInput, strawberry.argument(description="Lequel.")],
    ) -> CreateApiClientPayload:
        """Its secret is answered once."""
        outcome = await rules.create(operator(info), input.name, [one.value for one in input.scopes], input.expires_on)
        number = outcome.api_client_id
        return CreateApiClientPayload(
            api_client=None if number is None else await api_client_named(info.context, number),
            secret=outcome.secret,
            errors=errors(outcome.errors),
        )

    @strawberry.mutation(
        description="Retirer son jeton à un client technique : il ne peut plus rien, aussitôt. Gestionnaires.",
        extensions=[Sensitive()],
    )
    async def revoke_api_client(
        self,
        info: Info,
        input: Annotated[RevokeApiClientInput, strawberry.argument(description="Auquel.")],
    ) -> RevokeApiClientPayload:
        """From the next request on."""
        number = globalid.expect(input.id, "ApiClient") or 0
        refusals = await rules.revoke(operator(info), number)
        return RevokeApiClientPayload(api_client=await api_client_named(info.context, number), errors=errors(refusals))
