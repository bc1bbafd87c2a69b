"""What one can do to services: publish one, close one, say that its rights were reviewed."""

from datetime import date
from typing import Annotated

import strawberry

from backend.rules import globalid
from backend.rules import service as rules
from backend.schema.context import Info, operator, signed_in
from backend.schema.enums import FundCode
from backend.schema.error import ERRORS, UserError, errors
from backend.schema.establishment import Establishment, establishment_named
from backend.schema.scalars import ServiceCode
from backend.schema.sensitive import Sensitive
from backend.schema.service import Service, service_named
from backend.schema.user import changed


@strawberry.input(description="Un service à publier. Son code ne change plus.")
class PublishServiceInput:
    """A service."""

    code: ServiceCode = strawberry.field(
        description="Son code : lettres majuscules, chiffres et traits bas, 40 au plus."
    )
    label: str = strawberry.field(description="Son nom, 120 caractères au plus.")
    description: str = strawberry.field(description="Ce qu’il permet, en une phrase, 500 caractères au plus.")
    theme: str = strawberry.field(description="Le thème sous lequel les écrans le rangent, 60 caractères au plus.")
    funds: list[FundCode] = strawberry.field(description="Les fonds qu’il concerne.")
    online_since: date = strawberry.field(description="Le jour où il ouvre : aujourd’hui ou plus tard.")
    is_delegable: bool = strawberry.field(default=True, description="Peut faire l’objet d’une délégation.")
    position: int | None = strawberry.field(
        default=None, description="Son rang dans les listes, de 0 à 9999 ; après tous les autres sinon."
    )


@strawberry.type(description="Le résultat d’une publication de service.")
class PublishServicePayload:
    """Published, or why not."""

    service: Service | None = strawberry.field(description="Le service ; null en cas de refus.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Le service à fermer, et quand.")
class CloseServiceInput:
    """Which, when."""

    code: ServiceCode = strawberry.field(description="Son code.")
    closed_on: date = strawberry.field(description="Le premier jour où il est fermé : aujourd’hui ou plus tard.")


@strawberry.type(description="Le résultat d’une fermeture de service.")
class CloseServicePayload:
    """Closed, or why not."""

    service: Service | None = strawberry.field(description="Le service ; null en cas de refus.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Les services dont les droits ont été revus.")
class ReviewServicesInput:
    """Where, which."""

    establishment_id: strawberry.ID = strawberry.field(description="L’établissement que l’on administre.")
    services: list[ServiceCode] = strawberry.field(description="Leurs codes, 100 au plus.")


@strawberry.type(description="Le résultat d’une revue de services.")
class ReviewServicesPayload:
    """Reviewed, or why not."""

    establishment: Establishment | None = strawberry.field(
        description="L’établissement, tel qu’il est à présent ; null en cas de refus."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire des services.")
class ServiceMutations:
    """Roots."""

    @strawberry.mutation(
        description="Publier un service, ouvert à sa date. Gestionnaires. Personne n’y a de droit tant que les "
        "administrateurs n’en donnent pas ; ils en sont avertis le jour où il ouvre.",
        extensions=[Sensitive()],
    )
    async def publish_service(
        self,
        info: Info,
        input: Annotated[PublishServiceInput, strawberry.argument(description="Le service.")],
    ) -> PublishServicePayload:
        """R-RGT-04."""
        outcome = await rules.publish(
            operator(info),
            rules.NewService(
                code=input.code,
                label=input.label,
                description=input.description,
                theme=input.theme,
                funds=tuple(one.value for one in input.funds),
                online_since=input.online_since,
                is_delegable=input.is_delegable,
                position=input.position,
            ),
        )
        return PublishServicePayload(
            service=await service_named(info.context, outcome.service_id) if outcome.service_id else None,
            errors=errors(outcome.errors),
        )

    @strawberry.mutation(
        description="Fermer un service à une date : ses droits ne valent plus, et restent au journal. Gestionnaires. "
        "Une fermeture à venir peut être déplacée.",
        extensions=[Sensitive()],
    )
    async def close_service(
        self,
        info: Info,
        input: Annotated[CloseServiceInput, strawberry.argument(description="Lequel et quand.")],
    ) -> CloseServicePayload:
        """R-RGT-05."""
        outcome = await rules.close(operator(info), input.code, input.closed_on)
        return CloseServicePayload(
            service=await service_named(info.context, outcome.service_id) if outcome.service_id else None,
            errors=errors(outcome.errors),
        )

    @strawberry.mutation(
        description="Dire que les droits de l’établissement sur des services ont été revus. Administrateurs de "
        "l’établissement. Le premier qui le dit compte ; le redire ne change rien."
    )
    async def review_services(
        self,
        info: Info,
        input: Annotated[ReviewServicesInput, strawberry.argument(description="Où et lesquels.")],
    ) -> ReviewServicesPayload:
        """R-RGT-04."""
        number = globalid.expect(input.establishment_id, "Establishment") or 0
        refusals = await rules.review(signed_in(info), number, input.services)
        await changed(info.context)
        return ReviewServicesPayload(
            establishment=None if refusals else await establishment_named(info.context, number),
            errors=errors(refusals),
        )
