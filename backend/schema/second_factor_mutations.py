"""What one can change of second factors, and how they are given."""

from typing import Annotated

import strawberry
from strawberry.scalars import JSON

from backend.reads import second_factor as reads
from backend.rules import globalid, second_factor, trusted_device
from backend.rules.error import ErrorCode
from backend.rules.error import UserError as Refusal
from backend.schema.context import Info, signed_in
from backend.schema.enums import SecondFactorKind, SessionTransport
from backend.schema.error import ERRORS, UserError, errors
from backend.schema.second_factor import SecondFactor, SecondFactorChallenge, SecondFactorEnrolment
from backend.schema.sensitive import Sensitive
from backend.schema.sign_in import LogInPayload, carried_by, log_in_payload
from backend.schema.user import User, changed, user_seen

PASSKEY_ANSWER = "Ce que le navigateur a répondu pour la clé d’accès (PublicKeyCredentialJSON)."


@strawberry.input(
    description="De quoi répondre à une demande de second facteur : un code, une clé ou un code de secours."
)
class ConfirmSecondFactorInput:
    """One of three."""

    challenge: str = strawberry.field(description="Le jeton de la demande.")
    code: str | None = strawberry.field(default=None, description="Le code affiché par l’application.")
    recovery_code: str | None = strawberry.field(default=None, description="Un code de secours.")
    passkey: JSON | None = strawberry.field(default=None, description=PASSKEY_ANSWER)
    trust_device: bool = strawberry.field(
        default=False, description="Ne plus demander le second facteur sur cet appareil pendant 7 jours."
    )
    transport: SessionTransport = strawberry.field(
        default=SessionTransport.COOKIE, description="Comment la session ouverte sera reconnue."
    )


@strawberry.type(description="Une demande de second facteur avant une action sensible.")
class StartConfirmationPayload:
    """Asked."""

    challenge: SecondFactorChallenge | None = strawberry.field(description="La demande ; null en cas de refus.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(
    description="De quoi enregistrer un second facteur, en deux fois : son genre d’abord ; puis, avec ce qui a été "
    "répondu, le premier code ou la clé faite."
)
class EnrolSecondFactorInput:
    """Twice."""

    kind: SecondFactorKind | None = strawberry.field(default=None, description="Pour commencer : le genre.")
    password: str | None = strawberry.field(
        default=None,
        description="Pour commencer le premier : le mot de passe, si la connexion a plus de 15 minutes.",
    )
    challenge: str | None = strawberry.field(
        default=None, description="Pour confirmer : le jeton de la première réponse."
    )
    label: str = strawberry.field(default="", description="Pour confirmer : un nom, par exemple celui de l’appareil.")
    code: str | None = strawberry.field(default=None, description="Pour confirmer une application : le code affiché.")
    passkey: JSON | None = strawberry.field(default=None, description=PASSKEY_ANSWER)


@strawberry.type(description="Le résultat d’un enregistrement de second facteur.")
class EnrolSecondFactorPayload:
    """Begun, done, or why not."""

    enrolment: SecondFactorEnrolment | None = strawberry.field(description="Commencé : de quoi continuer.")
    second_factor: SecondFactor | None = strawberry.field(description="Confirmé : le second facteur.")
    recovery_codes: list[str] = strawberry.field(
        description="Avec le premier second facteur : dix codes de secours, montrés cette seule fois."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quel second facteur retirer.")
class RemoveSecondFactorInput:
    """Which."""

    id: strawberry.ID = strawberry.field(description="L’un de viewer.secondFactors.")


@strawberry.type(description="Le résultat du retrait d’un second facteur.")
class RemoveSecondFactorPayload:
    """Removed, or why not."""

    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="De nouveaux codes de secours.")
class RegenerateRecoveryCodesPayload:
    """New ones, or why not."""

    recovery_codes: list[str] = strawberry.field(description="Dix codes, montrés cette seule fois.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="À qui retirer ses seconds facteurs.")
class ResetSecondFactorInput:
    """Whose."""

    id: strawberry.ID = strawberry.field(description="Le compte.")


@strawberry.type(description="Le résultat d’une réinitialisation de la double authentification.")
class ResetSecondFactorPayload:
    """Reset, or why not."""

    user: User | None = strawberry.field(description="Le compte, tel qu’il est à présent ; null en cas de refus.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quel appareil n’est plus de confiance.")
class ForgetTrustedDevicesInput:
    """Which."""

    id: strawberry.ID | None = strawberry.field(
        default=None, description="L’un de viewer.trustedDevices ; tous s’il n’est pas donné."
    )


@strawberry.type(description="Le résultat de l’oubli d’appareils de confiance.")
class ForgetTrustedDevicesPayload:
    """Forgotten, or why not."""

    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut changer aux seconds facteurs.")
class SecondFactorMutations:
    """Roots."""

    @strawberry.mutation(
        description="Donner le second facteur demandé : par logIn, et la session s’ouvre ; par startConfirmation, et "
        "les actions sensibles sont permises 15 minutes."
    )
    async def confirm_second_factor(
        self,
        info: Info,
        input: Annotated[ConfirmSecondFactorInput, strawberry.argument(description="De quoi répondre.")],
    ) -> LogInPayload:
        """R-ACC-16."""
        refused = carried_by(info, input.transport)
        if refused is not None:
            return refused
        proof = second_factor.Proof(input.code, input.recovery_code, _answer(input.passkey))
        context = info.context
        outcome = await second_factor.confirm(
            input.challenge, proof, input.transport.value, context.origin, context.viewer, trust=input.trust_device
        )
        return log_in_payload(info, outcome, input.transport)

    @strawberry.mutation(description="Demander à donner son second facteur, avant une action sensible.")
    async def start_confirmation(self, info: Info) -> StartConfirmationPayload:
        """R-ACC-16."""
        asked = await second_factor.start_confirmation(signed_in(info, even_held_back=True))
        refusals = [] if asked else [Refusal(ErrorCode.NOT_FOUND, "Vous n’avez pas de second facteur.")]
        return StartConfirmationPayload(challenge=SecondFactorChallenge.of(asked), errors=errors(refusals))

    @strawberry.mutation(
        description="Enregistrer un second facteur : une application ou une clé d’accès.", extensions=[Sensitive()]
    )
    async def enrol_second_factor(
        self,
        info: Info,
        input: Annotated[EnrolSecondFactorInput, strawberry.argument(description="Commencer, puis confirmer.")],
    ) -> EnrolSecondFactorPayload:
        """R-ACC-16."""
        viewer = signed_in(info, even_held_back=True)
        if input.challenge is None:
            kind = (input.kind or SecondFactorKind.TOTP).value
            begun = await second_factor.start_enrolment(viewer, kind, input.password)
            if begun.errors:
                await changed(info.context)
            return EnrolSecondFactorPayload(
                enrolment=SecondFactorEnrolment.of(begun),
                second_factor=None,
                recovery_codes=[],
                errors=errors(begun.errors),
            )
        proof = second_factor.Proof(code=input.code, passkey=_answer(input.passkey))
        outcome = await second_factor.enrol(viewer, input.challenge, input.label, proof)
        await changed(info.context)
        rows = {row["id"]: row for row in await reads.mine(viewer)}
        return EnrolSecondFactorPayload(
            enrolment=None,
            second_factor=SecondFactor.of(rows[outcome.factor_id]) if outcome.factor_id in rows else None,
            recovery_codes=list(outcome.recovery_codes),
            errors=errors(outcome.errors),
        )

    @strawberry.mutation(
        description="Retirer l’un de ses seconds facteurs ; plus aucun appareil n’est alors de confiance.",
        extensions=[Sensitive()],
    )
    async def remove_second_factor(
        self,
        info: Info,
        input: Annotated[RemoveSecondFactorInput, strawberry.argument(description="Lequel.")],
    ) -> RemoveSecondFactorPayload:
        """R-ACC-16."""
        viewer = signed_in(info)
        refusals = await second_factor.remove(viewer, globalid.expect(input.id, "SecondFactor") or 0)
        return RemoveSecondFactorPayload(errors=errors(refusals))

    @strawberry.mutation(
        description="Remplacer ses codes de secours : les anciens ne valent plus rien.", extensions=[Sensitive()]
    )
    async def regenerate_recovery_codes(self, info: Info) -> RegenerateRecoveryCodesPayload:
        """R-ACC-16."""
        codes, refusals = await second_factor.renew_recovery_codes(signed_in(info))
        return RegenerateRecoveryCodesPayload(recovery_codes=codes, errors=errors(refusals))

    @strawberry.mutation(
        description="Retirer ses seconds facteurs à une personne qui les a tous perdus, et fermer ses connexions. Un "
        "autre administrateur de l’établissement ; un gestionnaire pour un autre gestionnaire, ou pour un "
        "administrateur que personne d’autre de l’établissement ne peut aider.",
        extensions=[Sensitive()],
    )
    async def reset_second_factor(
        self,
        info: Info,
        input: Annotated[ResetSecondFactorInput, strawberry.argument(description="À qui.")],
    ) -> ResetSecondFactorPayload:
        """R-ACC-16."""
        number = globalid.expect(input.id, "User") or 0
        refusals = await second_factor.reset(signed_in(info), number)
        await changed(info.context)
        return ResetSecondFactorPayload(
            user=None if refusals else await user_seen(info.context, number), errors=errors(refusals)
        )

    @strawberry.mutation(
        description="Ne plus faire confiance à un appareil, ou à aucun : le second facteur y est redemandé."
    )
    async def forget_trusted_devices(
        self,
        info: Info,
        input: Annotated[ForgetTrustedDevicesInput, strawberry.argument(description="Lequel.")],
    ) -> ForgetTrustedDevicesPayload:
        """R-ACC-16."""
        viewer = signed_in(info, even_held_back=True)
        number = None if input.id is None else globalid.expect(input.id, "TrustedDevice") or 0
        return ForgetTrustedDevicesPayload(errors=errors(await trusted_device.forget(viewer, number)))


def _answer(given: JSON | None) -> dict[str, object] | None:
    """What a browser answered, if it is an object at all; an empty one proves nothing."""
    return dict(given) if isinstance(given, dict) else None
