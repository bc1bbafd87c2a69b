"""What one can do to a letter, besides depositing and marking it."""

from typing import Annotated

import strawberry

from backend.rules import acknowledgement, globalid, withdrawal
from backend.schema.context import Info, signed_in
from backend.schema.courrier import Courrier, courrier_seen
from backend.schema.error import ERRORS, UserError, errors


@strawberry.input(description="De quel courrier accuser réception.")
class AcknowledgeCourrierInput:
    """Which."""

    id: strawberry.ID = strawberry.field(description="Le courrier.")


@strawberry.type(description="Le résultat d’un accusé de réception.")
class AcknowledgeCourrierPayload:
    """Acknowledged, or why not."""

    courrier: Courrier | None = strawberry.field(
        description="Le courrier, tel qu’il est à présent ; donné aussi à qui arrive en second."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quel courrier retirer, et pourquoi.")
class WithdrawCourrierInput:
    """Which, and why."""

    id: strawberry.ID = strawberry.field(description="Le courrier, mis à disposition ou encore à paraître.")
    reason: str = strawberry.field(
        description="Le motif, en 300 caractères au plus. Ceux qui pouvaient lire le courrier le liront : n’y mettez "
        "rien de son contenu."
    )


@strawberry.type(description="Le résultat d’un retrait.")
class WithdrawCourrierPayload:
    """Withdrawn, or why not."""

    courrier: Courrier | None = strawberry.field(description="Le courrier, tel que vous en voyez la trace.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire d’un courrier.")
class CourrierMutations:
    """Roots."""

    @strawberry.mutation(
        description="Accuser réception d’un courrier, pour l’établissement, là où le fonds le demande. Le premier "
        "compte ; le suivant apprend qui l’a fait et quand."
    )
    async def acknowledge_courrier(
        self,
        info: Info,
        input: Annotated[AcknowledgeCourrierInput, strawberry.argument(description="Lequel.")],
    ) -> AcknowledgeCourrierPayload:
        """R-COU-06."""
        number = globalid.expect(input.id, "Courrier") or 0
        outcome = await acknowledgement.acknowledge(signed_in(info), number)
        return AcknowledgeCourrierPayload(
            courrier=await courrier_seen(info.context, outcome.courrier_id), errors=errors(outcome.errors)
        )

    @strawberry.mutation(
        description="Retirer un courrier déposé par erreur : il quitte aussitôt toutes les listes, sa trace reste, et "
        "ceux qui l’ont ouvert sont prévenus. Gestionnaires, et le client technique qui l’a déposé."
    )
    async def withdraw_courrier(
        self,
        info: Info,
        input: Annotated[WithdrawCourrierInput, strawberry.argument(description="Lequel, et pourquoi.")],
    ) -> WithdrawCourrierPayload:
        """R-COU-13."""
        number = globalid.expect(input.id, "Courrier") or 0
        outcome = await withdrawal.withdraw(signed_in(info), number, input.reason)
        return WithdrawCourrierPayload(
            courrier=await courrier_seen(info.context, outcome.courrier_id), errors=errors(outcome.errors)
        )
