"""What one can change: each takes one input and answers with what changed and why not."""

import asyncio
from typing import Annotated

import strawberry

from backend.rules import courrier as courriers
from backend.rules import globalid, password, session
from backend.schema.api_client_mutations import ApiClientMutations
from backend.schema.context import Info, signed_in
from backend.schema.courrier import Courrier, courrier_seen, ids_of
from backend.schema.courrier_export import CourrierExportMutations
from backend.schema.courrier_mutations import CourrierMutations
from backend.schema.courrier_type_mutations import CourrierTypeMutations
from backend.schema.delegation_mutations import DelegationMutations
from backend.schema.deposit import DepositCourrierInput, deposits
from backend.schema.deposit_batch_mutations import DepositBatchMutations
from backend.schema.details_mutations import DetailsMutations
from backend.schema.error import ERRORS, ItemResult, UserError, errors
from backend.schema.establishment_mutations import EstablishmentMutations
from backend.schema.non_reader import ReadingMutations
from backend.schema.notification_mutations import NotificationMutations
from backend.schema.right_mutations import RightMutations
from backend.schema.saved_view import SavedViewMutations
from backend.schema.second_factor_mutations import SecondFactorMutations
from backend.schema.service_mutations import ServiceMutations
from backend.schema.session import ActForInput, LogInInput, RequestPasswordResetInput, SetPasswordInput
from backend.schema.sign_in import LogInPayload, carried_by, log_in_payload
from backend.schema.terms_mutations import TermsMutations
from backend.schema.user_import import UserImportMutations
from backend.schema.user_mutations import UserMutations
from backend.schema.viewer import Viewer, viewer_of


@strawberry.type(description="Le résultat d’une déconnexion.")
class LogOutPayload:
    """Signed out."""

    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quelle connexion fermer.")
class EndSessionInput:
    """Which."""

    id: strawberry.ID = strawberry.field(description="L’une de viewer.sessions, celle dont on se sert comprise.")


@strawberry.type(description="Le résultat de la fermeture d’une connexion.")
class EndSessionPayload:
    """Ended, or why not."""

    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="La réponse à une demande de nouveau mot de passe, la même dans tous les cas.")
class RequestPasswordResetPayload:
    """Always the same."""

    message: str = strawberry.field(description="Ce qu’il faut dire à la personne.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat du choix d’un mot de passe.")
class SetPasswordPayload:
    """Set, or why not."""

    identifier: str | None = strawberry.field(description="L’identifiant du compte, pour se connecter ensuite.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’un changement d’établissement.")
class ActForPayload:
    """Switched, or why not."""

    viewer: Viewer | None = strawberry.field(description="Qui demande, agissant désormais pour cet établissement.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quels courriers marquer, et comment. Ce qui n’est pas dit ne change pas.")
class MarkCourriersInput:
    """Which, and how."""

    ids: list[strawberry.ID] = strawberry.field(description="Les courriers, 500 au plus.")
    read: bool | None = strawberry.field(
        default=None, description="Lus (true) ou non lus (false) pour moi : aucun fait n’est effacé."
    )
    archived: bool | None = strawberry.field(default=None, description="Archivés (true) ou remis (false) pour moi.")


@strawberry.type(description="Le résultat d’un marquage, courrier par courrier.")
class MarkCourriersPayload:
    """Each one's outcome."""

    courriers: list[Courrier] = strawberry.field(description="Ceux qui ont été marqués, tels qu’ils sont à présent.")
    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacun.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’un dépôt.")
class DepositCourrierPayload:
    """Deposited, or why not."""

    courrier: Courrier | None = strawberry.field(description="Le courrier.")
    already_deposited: bool = strawberry.field(description="Il l’était déjà : c’est lui.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Tout ce que l’on peut changer.")
class Mutation(
    CourrierMutations,
    CourrierExportMutations,
    SavedViewMutations,
    UserMutations,
    DetailsMutations,
    UserImportMutations,
    RightMutations,
    ReadingMutations,
    EstablishmentMutations,
    SecondFactorMutations,
    TermsMutations,
    ServiceMutations,
    DelegationMutations,
    CourrierTypeMutations,
    DepositBatchMutations,
    ApiClientMutations,
    NotificationMutations,
):
    """Roots."""

    @strawberry.mutation(
        description="Se connecter. Un compte qui a un second facteur répond par ce qui le demande, à donner à "
        "confirmSecondFactor, sauf sur un appareil de confiance."
    )
    async def log_in(
        self,
        info: Info,
        input: Annotated[LogInInput, strawberry.argument(description="De quoi se connecter.")],
    ) -> LogInPayload:
        """R-ACC-08, 11, 14, 16."""
        refused = carried_by(info, input.transport)
        if refused is not None:
            return refused
        devices = info.context.devices if input.device_token is None else (input.device_token,)
        outcome = await session.log_in(
            input.identifier, input.password, input.transport.value, info.context.origin, devices
        )
        return log_in_payload(info, outcome, input.transport)

    @strawberry.mutation(description="Se déconnecter.")
    async def log_out(self, info: Info) -> LogOutPayload:
        """Ends the session one is using; harmless where there is none."""
        context = info.context
        if context.viewer is not None:
            await session.log_out(context.viewer)
        if context.clear_cookie is not None and context.response is not None:
            context.clear_cookie(context.response)
        context.become(None)
        return LogOutPayload(errors=[])

    @strawberry.mutation(description="Fermer l’une de ses connexions ouvertes : elle ne vaut plus rien aussitôt.")
    async def end_session(
        self,
        info: Info,
        input: Annotated[EndSessionInput, strawberry.argument(description="Laquelle.")],
    ) -> EndSessionPayload:
        """R-ACC-17."""
        context, viewer = info.context, signed_in(info, even_held_back=True)
        number = globalid.expect(input.id, "Session") or 0
        refusals = await session.end(viewer, number)
        if not refusals and number == viewer.session_id:
            if context.clear_cookie is not None and context.response is not None:
                context.clear_cookie(context.response)
            context.become(None)
        return EndSessionPayload(errors=errors(refusals))

    @strawberry.mutation(description="Demander un lien pour choisir un nouveau mot de passe.")
    async def request_password_reset(
        self,
        info: Info,
        input: Annotated[RequestPasswordResetInput, strawberry.argument(description="Pour quel identifiant.")],
    ) -> RequestPasswordResetPayload:
        """R-ACC-15."""
        message = await password.request_reset(input.identifier, info.context.origin, input.return_to)
        return RequestPasswordResetPayload(message=message, errors=[])

    @strawberry.mutation(description="Choisir un mot de passe, avec le lien d’une invitation ou d’un oubli.")
    async def set_password(
        self,
        info: Info,
        input: Annotated[SetPasswordInput, strawberry.argument(description="Le lien et le mot de passe.")],
    ) -> SetPasswordPayload:
        """R-ACC-03, 15."""
        outcome = await password.set_password(input.token, input.password, info.context.origin)
        return SetPasswordPayload(identifier=outcome.identifier, errors=errors(outcome.errors))

    @strawberry.mutation(description="Agir pour un établissement atteint par délégation, ou revenir au sien.")
    async def act_for(
        self,
        info: Info,
        input: Annotated[ActForInput, strawberry.argument(description="Pour lequel.")],
    ) -> ActForPayload:
        """R-DEL-06."""
        viewer = signed_in(info)
        wanted = globalid.expect(input.establishment_id, "Establishment")
        refusals = await session.act_for(viewer, wanted or 0)
        if not refusals:
            info.context.become(await session.renewed(viewer))
        return ActForPayload(viewer=viewer_of(info.context.viewer), errors=errors(refusals))

    @strawberry.mutation(description="Marquer des courriers lus, non lus, archivés ou remis, pour soi.")
    async def mark_courriers(
        self,
        info: Info,
        input: Annotated[MarkCourriersInput, strawberry.argument(description="Lesquels et comment.")],
    ) -> MarkCourriersPayload:
        """R-COU-06."""
        outcome = await courriers.mark(signed_in(info), ids_of(input.ids), read=input.read, archived=input.archived)
        found = await asyncio.gather(*(courrier_seen(info.context, one) for one in outcome.marked_ids))
        return MarkCourriersPayload(
            courriers=[one for one in found if one is not None],
            results=[
                ItemResult(id=strawberry.ID(globalid.encode("Courrier", one)), errors=errors(refusals))
                for one, refusals in outcome.results
            ],
            errors=errors(outcome.errors),
        )

    @strawberry.mutation(description="Déposer un courrier. Gestionnaires, et clients techniques qui en ont le droit.")
    async def deposit_courrier(
        self,
        info: Info,
        input: Annotated[DepositCourrierInput, strawberry.argument(description="Le courrier.")],
    ) -> DepositCourrierPayload:
        """R-COU-01, 03."""
        viewer = signed_in(info)
        [(given, refusals)] = await deposits(viewer, [input])
        if given is None:
            return DepositCourrierPayload(courrier=None, already_deposited=False, errors=errors(refusals))
        outcome = await courriers.deposit(viewer, given)
        return DepositCourrierPayload(
            courrier=await courrier_seen(info.context, outcome.courrier_id),
            already_deposited=outcome.already,
            errors=errors(outcome.errors),
        )
