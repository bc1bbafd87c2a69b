"""What one can change: each takes one input and answers with what changed and why not."""

import asyncio
from datetime import date, datetime
from typing import Annotated

import strawberry

from backend.rules import courrier as courriers
from backend.rules import document, globalid, password, session, siret
from backend.rules.error import ErrorCode
from backend.rules.error import UserError as Refusal
from backend.rules.viewer import Viewer as Who
from backend.schema.context import Info, signed_in
from backend.schema.courrier import Courrier, courrier_seen, ids_of
from backend.schema.courrier_mutations import CourrierMutations
from backend.schema.courrier_type_mutations import CourrierTypeMutations
from backend.schema.delegation_mutations import DelegationMutations
from backend.schema.details_mutations import DetailsMutations
from backend.schema.error import ERRORS, ItemResult, UserError, errors
from backend.schema.establishment_mutations import EstablishmentMutations
from backend.schema.right_mutations import RightMutations
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


@strawberry.input(description="Une pièce jointe d’un dépôt.")
class AttachmentInput:
    """A further file."""

    upload_id: strawberry.ID = strawberry.field(description="Ce qu’a répondu PUT /uploads.")
    file_name: str = strawberry.field(description="Le nom sous lequel la télécharger.")


@strawberry.input(
    description="Un courrier à déposer. Le PDF est envoyé d’abord à PUT /uploads, jamais à travers GraphQL. Déposer "
    "deux fois le même (même fonds, même référence, même contenu) répond avec le premier."
)
class DepositCourrierInput:
    """A letter (R-COU-01)."""

    upload_id: strawberry.ID = strawberry.field(description="Ce qu’a répondu PUT /uploads pour le PDF.")
    siret: str = strawberry.field(description="L’établissement à qui il est adressé.")
    type: str = strawberry.field(description="Le code de son modèle.")
    reference: str = strawberry.field(description="La référence du fonds, unique chez lui.")
    subject: str = strawberry.field(description="Son objet.")
    letter_date: date = strawberry.field(description="Sa date.")
    fiscal_year: int | None = strawberry.field(default=None, description="L’exercice qu’il concerne.")
    due_on: date | None = strawberry.field(default=None, description="Répondre ou agir avant ce jour.")
    acknowledgement_required: bool = strawberry.field(default=False, description="Demander un accusé de réception.")
    replaces: str | None = strawberry.field(default=None, description="La référence du courrier qu’il remplace.")
    publish_at: datetime | None = strawberry.field(default=None, description="Le mettre à disposition à cet instant.")
    attachments: list[AttachmentInput] = strawberry.field(default_factory=list, description="Ses pièces jointes.")
    file_name: str | None = strawberry.field(default=None, description="Le nom sous lequel le télécharger.")


@strawberry.type(description="Le résultat d’un dépôt.")
class DepositCourrierPayload:
    """Deposited, or why not."""

    courrier: Courrier | None = strawberry.field(description="Le courrier.")
    already_deposited: bool = strawberry.field(description="Il l’était déjà : c’est lui.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Tout ce que l’on peut changer.")
class Mutation(
    CourrierMutations,
    UserMutations,
    DetailsMutations,
    UserImportMutations,
    RightMutations,
    EstablishmentMutations,
    SecondFactorMutations,
    TermsMutations,
    ServiceMutations,
    DelegationMutations,
    CourrierTypeMutations,
):
    """Roots."""

    @strawberry.mutation(
        description="Se connecter. Un compte qui a un second facteur répond par ce qui le demande, à donner à "
        "confirmSecondFactor, sauf sur un appareil de confiance."
    )
    async def log_in(
        self,
        info: Info,
        input: Annotated[LogInInput, strawberry.argument(description="De quoi se connecter.")],  # noqa: A002
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
        input: Annotated[EndSessionInput, strawberry.argument(description="Laquelle.")],  # noqa: A002
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
        input: Annotated[RequestPasswordResetInput, strawberry.argument(description="Pour quel identifiant.")],  # noqa: A002
    ) -> RequestPasswordResetPayload:
        """R-ACC-15."""
        message = await password.request_reset(input.identifier, info.context.origin)
        return RequestPasswordResetPayload(message=message, errors=[])

    @strawberry.mutation(description="Choisir un mot de passe, avec le lien d’une invitation ou d’un oubli.")
    async def set_password(
        self,
        info: Info,
        input: Annotated[SetPasswordInput, strawberry.argument(description="Le lien et le mot de passe.")],  # noqa: A002
    ) -> SetPasswordPayload:
        """R-ACC-03, 15."""
        outcome = await password.set_password(input.token, input.password, info.context.origin)
        return SetPasswordPayload(identifier=outcome.identifier, errors=errors(outcome.errors))

    @strawberry.mutation(description="Agir pour un établissement atteint par délégation, ou revenir au sien.")
    async def act_for(
        self,
        info: Info,
        input: Annotated[ActForInput, strawberry.argument(description="Pour lequel.")],  # noqa: A002
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
        input: Annotated[MarkCourriersInput, strawberry.argument(description="Lesquels et comment.")],  # noqa: A002
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
        input: Annotated[DepositCourrierInput, strawberry.argument(description="Le courrier.")],  # noqa: A002
    ) -> DepositCourrierPayload:
        """R-COU-01, 03."""
        viewer = signed_in(info)
        given, refusals = await _deposit(viewer, input)
        if given is None:
            return DepositCourrierPayload(courrier=None, already_deposited=False, errors=errors(refusals))
        outcome = await courriers.deposit(viewer, given)
        return DepositCourrierPayload(
            courrier=await courrier_seen(info.context, outcome.courrier_id),
            already_deposited=outcome.already,
            errors=errors(outcome.errors),
        )


async def _deposit(viewer: Who, given: DepositCourrierInput) -> tuple[courriers.Deposit | None, list[Refusal]]:
    """The deposit with its uploads found; or which of them are not the viewer's."""
    refusals = []
    documents = []
    wanted = [(given.upload_id, ("uploadId",))] + [
        (one.upload_id, ("attachments", str(number), "uploadId")) for number, one in enumerate(given.attachments)
    ]
    for upload_id, path in wanted:
        found = await document.uploaded(viewer, upload_id)
        if found is None:
            message = "Ce fichier n’est pas de ceux que vous avez envoyés depuis 24 heures : envoyez-le de nouveau."
            refusals.append(Refusal(ErrorCode.UNKNOWN_UPLOAD, message, path))
        else:
            documents.append(found)
    if refusals:
        return None, refusals
    return (
        courriers.Deposit(
            document_id=documents[0][0],
            siret=siret.normalised(given.siret),
            type_code=given.type,
            reference=given.reference.strip(),
            subject=given.subject.strip(),
            letter_date=given.letter_date,
            file_name=given.file_name or documents[0][1],
            fiscal_year=given.fiscal_year,
            due_on=given.due_on,
            acknowledgement_required=given.acknowledgement_required,
            replaces=given.replaces,
            publish_at=given.publish_at,
            attachments=tuple(
                courriers.Attachment(found[0], one.file_name)
                for found, one in zip(documents[1:], given.attachments, strict=True)
            ),
        ),
        [],
    )
