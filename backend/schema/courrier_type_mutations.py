"""What one can change of the catalogue."""

from datetime import date
from typing import Annotated

import strawberry

from backend.rules import courrier_type as rules
from backend.schema.context import Context, Info, operator
from backend.schema.courrier_type import CourrierType, courrier_type_named
from backend.schema.enums import Channel, FundCode
from backend.schema.error import ERRORS, UserError, errors
from backend.schema.scalars import ServiceCode
from backend.schema.sensitive import Sensitive


@strawberry.input(description="Un modèle de courrier : nouveau, ou celui de ce code tel qu’il sera désormais.")
class DefineCourrierTypeInput:
    """A model."""

    code: str = strawberry.field(
        description="Son code : lettres majuscules, chiffres et traits bas, 64 au plus. Il ne change plus."
    )
    label: str = strawberry.field(description="Son nom, 200 caractères au plus.")
    fund: FundCode = strawberry.field(description="Le fonds qui l’adresse. Il ne change plus.")
    service: ServiceCode = strawberry.field(description="Le service dont le droit permet de lire ces courriers.")
    channel: Channel = strawberry.field(
        description="Sur la plateforme seulement, ou aussi par la poste : toujours pour FNC et FAEFM."
    )
    notifies_by_email: bool = strawberry.field(default=True, description="Annoncé par messagerie.")
    retention_months: int = strawberry.field(default=120, description="Durée de conservation, de 12 à 1200 mois.")
    remind_after: int | None = strawberry.field(
        default=None, description="Jours sans ouverture avant un rappel ; 0 : jamais. Sans réponse, inchangé, ou 7."
    )
    escalate_after: int | None = strawberry.field(
        default=None,
        description="Jours sans ouverture avant les administrateurs ; 0 : jamais. Sans réponse, inchangé, ou 21.",
    )
    follow_up_after: int | None = strawberry.field(
        default=None,
        description="Jours sans ouverture avant la liste de suivi ; 0 : jamais. Sans réponse, inchangé, ou 45.",
    )
    available_since: date = strawberry.field(description="Accessible sur la plateforme depuis ce jour.")


@strawberry.type(description="Le résultat d’une définition de modèle.")
class DefineCourrierTypePayload:
    """Defined, or why not."""

    courrier_type: CourrierType | None = strawberry.field(
        description="Le modèle, tel qu’il est à présent ; null en cas de refus."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire du catalogue.")
class CourrierTypeMutations:
    """Roots."""

    @strawberry.mutation(
        description="Ajouter un modèle au catalogue, ou changer celui qui a ce code. Gestionnaires. Les courriers déjà "
        "déposés gardent la façon dont ils sont partis.",
        extensions=[Sensitive()],
    )
    async def define_courrier_type(
        self,
        info: Info,
        input: Annotated[DefineCourrierTypeInput, strawberry.argument(description="Le modèle.")],
    ) -> DefineCourrierTypePayload:
        """R-COU-17."""
        outcome = await rules.define(
            operator(info),
            rules.Definition(
                code=input.code,
                label=input.label,
                fund=input.fund.value,
                service=input.service,
                channel=input.channel.value,
                notifies_by_email=input.notifies_by_email,
                retention_months=input.retention_months,
                available_since=input.available_since,
                remind_after=input.remind_after,
                escalate_after=input.escalate_after,
                follow_up_after=input.follow_up_after,
            ),
        )
        context: Context = info.context
        context.become(context.viewer)
        found = None if outcome.type_id is None else await courrier_type_named(context, outcome.type_id)
        return DefineCourrierTypePayload(courrier_type=found, errors=errors(outcome.errors))
