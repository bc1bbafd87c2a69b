"""What one can change of rights."""

from typing import Annotated

import strawberry

from backend.rules import globalid, right
from backend.schema.context import Info, signed_in
from backend.schema.enums import NUMBERS, Level
from backend.schema.error import ERRORS, ItemResult, UserError, errors
from backend.schema.scalars import ServiceCode
from backend.schema.sensitive import Sensitive
from backend.schema.user import User, changed, ids_of, results_of, users_done


@strawberry.input(description="Un droit à donner : un niveau sur un service.")
class RightInput:
    """A right."""

    service: ServiceCode = strawberry.field(description="Le code du service.")
    level: Level = strawberry.field(description="Le niveau ; NONE retire le droit.")

    def read(self) -> right.Wanted:
        """As the rules take it."""
        return right.Wanted(self.service, NUMBERS[self.level])


@strawberry.input(description="À qui donner quels droits. Les services qui ne sont pas nommés ne changent pas.")
class SetRightsInput:
    """Whom, what."""

    user_ids: list[strawberry.ID] = strawberry.field(description="Les comptes, 500 au plus.")
    rights: list[RightInput] = strawberry.field(description="Les mêmes droits pour chacun, un par service.")


@strawberry.type(description="Le résultat d’un changement de droits, compte par compte.")
class SetRightsPayload:
    """Each one's outcome."""

    users: list[User] = strawberry.field(description="Les comptes qui ont ces droits, tels qu’ils sont à présent.")
    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacun.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="De quel collègue copier les droits, et à qui.")
class CopyRightsInput:
    """From whom, to whom."""

    from_user_id: strawberry.ID = strawberry.field(description="Le compte dont on copie les droits.")
    to_user_ids: list[strawberry.ID] = strawberry.field(
        description="Les comptes qui auront exactement les mêmes droits que lui, 500 au plus."
    )


@strawberry.type(description="Le résultat d’une copie de droits, compte par compte.")
class CopyRightsPayload:
    """Each one's outcome."""

    users: list[User] = strawberry.field(description="Les comptes qui ont ces droits, tels qu’ils sont à présent.")
    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacun.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="De quels comptes confirmer les droits.")
class ConfirmRightsInput:
    """Whose."""

    user_ids: list[strawberry.ID] = strawberry.field(description="Les comptes rouverts, 500 au plus.")


@strawberry.type(description="Le résultat d’une confirmation de droits, compte par compte.")
class ConfirmRightsPayload:
    """Each one's outcome."""

    users: list[User] = strawberry.field(description="Les comptes, tels qu’ils sont à présent.")
    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacun.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut changer aux droits.")
class RightMutations:
    """Roots."""

    @strawberry.mutation(
        description="Donner des droits, ou les retirer, à plusieurs comptes sur plusieurs services. Administrateurs de "
        "l’établissement. Vaut dès la requête suivante ; le refaire ne change rien.",
        extensions=[Sensitive()],
    )
    async def set_rights(
        self,
        info: Info,
        input: Annotated[SetRightsInput, strawberry.argument(description="À qui et lesquels.")],
    ) -> SetRightsPayload:
        """R-RGT-01, 02."""
        viewer = signed_in(info)
        outcome = await right.give(viewer, ids_of(input.user_ids), [one.read() for one in input.rights])
        await changed(info.context)
        return SetRightsPayload(
            users=await users_done(info.context, outcome), results=results_of(outcome), errors=errors(outcome.errors)
        )

    @strawberry.mutation(
        description="Donner à des comptes exactement les droits d’un collègue, sur les services ouverts. "
        "Administrateurs de l’établissement.",
        extensions=[Sensitive()],
    )
    async def copy_rights(
        self,
        info: Info,
        input: Annotated[CopyRightsInput, strawberry.argument(description="De qui et à qui.")],
    ) -> CopyRightsPayload:
        """R-RGT-02."""
        viewer = signed_in(info)
        source = globalid.expect(input.from_user_id, "User") or 0
        outcome = await right.copy(viewer, source, ids_of(input.to_user_ids))
        await changed(info.context)
        return CopyRightsPayload(
            users=await users_done(info.context, outcome), results=results_of(outcome), errors=errors(outcome.errors)
        )

    @strawberry.mutation(
        description="Dire que les droits de comptes rouverts conviennent tels qu’ils sont. Administrateurs de "
        "l’établissement. Donner ou copier des droits le dit aussi.",
        extensions=[Sensitive()],
    )
    async def confirm_rights(
        self,
        info: Info,
        input: Annotated[ConfirmRightsInput, strawberry.argument(description="De quels comptes.")],
    ) -> ConfirmRightsPayload:
        """R-ACC-11."""
        viewer = signed_in(info)
        outcome = await right.confirm(viewer, ids_of(input.user_ids))
        await changed(info.context)
        return ConfirmRightsPayload(
            users=await users_done(info.context, outcome), results=results_of(outcome), errors=errors(outcome.errors)
        )
