"""What one can change of accounts."""

from typing import Annotated

import strawberry

from backend.rules import globalid
from backend.rules import user as users
from backend.schema.context import Info, signed_in
from backend.schema.enums import Civility, Profile
from backend.schema.error import ERRORS, KEY, ItemResult, UserError, errors
from backend.schema.right_mutations import RightInput
from backend.schema.sensitive import Sensitive
from backend.schema.user import User, changed, ids_of, results_of, user_seen, users_renewed

USER_NOW = "Le compte, tel qu’il est à présent ; null en cas de refus."


@strawberry.input(description="Un compte à créer, pour une personne.")
class CreateUserInput:
    """A person, a profile, rights (R-ACC-03)."""

    establishment_id: strawberry.ID = strawberry.field(description="L’établissement du compte : le sien.")
    civility: Civility | None = strawberry.field(default=None, description="Civilité.")
    first_name: str = strawberry.field(description="Prénom, de 1 à 100 caractères.")
    last_name: str = strawberry.field(description="Nom, de 1 à 100 caractères.")
    email: str = strawberry.field(description="Adresse de messagerie, qu’aucun autre compte de l’établissement n’a.")
    phone: str | None = strawberry.field(default=None, description="Téléphone.")
    profile: Profile = strawberry.field(description="Profil.")
    rights: list[RightInput] = strawberry.field(
        default_factory=list, description="Ses droits, un par service ; un service absent vaut Aucun."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type(description="Le résultat d’une création de compte.")
class CreateUserPayload:
    """Created, or why not."""

    user: User | None = strawberry.field(description="Le compte créé ; null en cas de refus.")
    identifier: str | None = strawberry.field(
        description="Son identifiant, à remettre soi-même à la personne : il n’est pas dans le message de l’invitation."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Le profil à donner à un compte.")
class SetProfileInput:
    """Whom, what."""

    id: strawberry.ID = strawberry.field(description="Le compte.")
    profile: Profile = strawberry.field(description="Son profil désormais.")


@strawberry.type(description="Le résultat d’un changement de profil.")
class SetProfilePayload:
    """Changed, or why not."""

    user: User | None = strawberry.field(description=USER_NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quels comptes renouveler.")
class RenewUsersInput:
    """Which."""

    ids: list[strawberry.ID] = strawberry.field(description="Les comptes, 500 au plus.")


@strawberry.type(description="Le résultat d’un renouvellement, compte par compte.")
class RenewUsersPayload:
    """Each one's outcome."""

    users: list[User] = strawberry.field(description="Ceux qui ont été renouvelés, tels qu’ils sont à présent.")
    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacun.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quels comptes supprimer.")
class DeleteUsersInput:
    """Which."""

    ids: list[strawberry.ID] = strawberry.field(description="Les comptes, 500 au plus.")


@strawberry.type(description="Le résultat d’une suppression, compte par compte.")
class DeleteUsersPayload:
    """Each one's outcome."""

    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacun.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Qui inviter de nouveau.")
class ResendInvitationInput:
    """Whom."""

    id: strawberry.ID = strawberry.field(description="Le compte.")


@strawberry.type(description="Le résultat d’une nouvelle invitation.")
class ResendInvitationPayload:
    """Sent, or why not."""

    user: User | None = strawberry.field(description=USER_NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quelle invitation annuler.")
class CancelInvitationInput:
    """Whose."""

    id: strawberry.ID = strawberry.field(description="Le compte, qui n’a jamais servi.")


@strawberry.type(description="Le résultat de l’annulation d’une invitation.")
class CancelInvitationPayload:
    """Cancelled, or why not."""

    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Quel compte rouvrir.")
class ReopenUserInput:
    """Which."""

    id: strawberry.ID = strawberry.field(description="Le compte, expiré depuis 6 mois au plus.")


@strawberry.type(description="Le résultat de la réouverture d’un compte.")
class ReopenUserPayload:
    """Reopened, or why not."""

    user: User | None = strawberry.field(
        description="Le compte, tel qu’il est à présent, avec les droits qu’il avait : à revoir ; null en cas de refus."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Qui débloquer.")
class UnlockUserInput:
    """Whom."""

    id: strawberry.ID = strawberry.field(description="Le compte.")


@strawberry.type(description="Le résultat d’un déblocage.")
class UnlockUserPayload:
    """Unlocked, or why not."""

    user: User | None = strawberry.field(description=USER_NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut changer aux comptes.")
class UserMutations:
    """Roots."""

    @strawberry.mutation(
        description="Créer un compte et inviter sa personne à choisir un mot de passe. Administrateurs de "
        "l’établissement.",
        extensions=[Sensitive()],
    )
    async def create_user(
        self,
        info: Info,
        input: Annotated[CreateUserInput, strawberry.argument(description="Le compte.")],
    ) -> CreateUserPayload:
        """R-ACC-03."""
        given = users.NewUser(
            establishment_id=globalid.expect(input.establishment_id, "Establishment") or 0,
            civility=input.civility.value if input.civility else None,
            first_name=input.first_name,
            last_name=input.last_name,
            email=input.email,
            phone=input.phone,
            is_administrator=input.profile is Profile.ADMINISTRATOR,
            rights=tuple(one.read() for one in input.rights),
        )
        outcome = await users.create(signed_in(info), given, input.idempotency_key)
        await changed(info.context)
        return CreateUserPayload(
            user=await user_seen(info.context, outcome.user_id),
            identifier=outcome.identifier,
            errors=errors(outcome.errors),
        )

    @strawberry.mutation(
        description="Donner un profil à un compte. Administrateurs de l’établissement, qui en garde toujours un.",
        extensions=[Sensitive()],
    )
    async def set_profile(
        self,
        info: Info,
        input: Annotated[SetProfileInput, strawberry.argument(description="À qui et lequel.")],
    ) -> SetProfilePayload:
        """R-ACC-04, 05, 06."""
        number = globalid.expect(input.id, "User") or 0
        refusals = await users.set_profile(
            signed_in(info), number, is_administrator=input.profile is Profile.ADMINISTRATOR
        )
        await changed(info.context)
        return SetProfilePayload(
            user=None if refusals else await user_seen(info.context, number), errors=errors(refusals)
        )

    @strawberry.mutation(
        description="Renouveler des comptes avant qu’ils n’expirent, pour 18 mois : de tous les établissements dont "
        "vous êtes administrateur, aussi par un autre de vos comptes.",
        extensions=[Sensitive()],
    )
    async def renew_users(
        self,
        info: Info,
        input: Annotated[RenewUsersInput, strawberry.argument(description="Lesquels.")],
    ) -> RenewUsersPayload:
        """R-ACC-10."""
        outcome = await users.renew(signed_in(info), ids_of(input.ids))
        await changed(info.context)
        return RenewUsersPayload(
            users=await users_renewed(info.context, outcome), results=results_of(outcome), errors=errors(outcome.errors)
        )

    @strawberry.mutation(
        description="Supprimer les comptes de personnes parties : leur accès cesse aussitôt. Administrateurs de "
        "l’établissement, qui en garde toujours un.",
        extensions=[Sensitive()],
    )
    async def delete_users(
        self,
        info: Info,
        input: Annotated[DeleteUsersInput, strawberry.argument(description="Lesquels.")],
    ) -> DeleteUsersPayload:
        """R-ACC-05, 12."""
        outcome = await users.delete(signed_in(info), ids_of(input.ids))
        await changed(info.context)
        return DeleteUsersPayload(results=results_of(outcome), errors=errors(outcome.errors))

    @strawberry.mutation(
        description="Envoyer une nouvelle invitation à qui n’a pas encore choisi de mot de passe ; le lien d’avant ne "
        "vaut plus. Administrateurs de l’établissement.",
        extensions=[Sensitive()],
    )
    async def resend_invitation(
        self,
        info: Info,
        input: Annotated[ResendInvitationInput, strawberry.argument(description="À qui.")],
    ) -> ResendInvitationPayload:
        """R-ACC-03."""
        number = globalid.expect(input.id, "User") or 0
        refusals = await users.resend_invitation(signed_in(info), number)
        await changed(info.context)
        return ResendInvitationPayload(
            user=None if refusals else await user_seen(info.context, number), errors=errors(refusals)
        )

    @strawberry.mutation(
        description="Annuler l’invitation de qui n’a jamais servi de son compte : le lien ne vaut plus, le compte est "
        "retiré. Administrateurs de l’établissement.",
        extensions=[Sensitive()],
    )
    async def cancel_invitation(
        self,
        info: Info,
        input: Annotated[CancelInvitationInput, strawberry.argument(description="Laquelle.")],
    ) -> CancelInvitationPayload:
        """R-ACC-03."""
        refusals = await users.cancel_invitation(signed_in(info), globalid.expect(input.id, "User") or 0)
        await changed(info.context)
        return CancelInvitationPayload(errors=errors(refusals))

    @strawberry.mutation(
        description="Rouvrir un compte expiré depuis 6 mois au plus : sa personne reçoit une nouvelle invitation, "
        "l’ancien mot de passe ne vaut plus, ses droits sont à revoir. Administrateurs de l’établissement.",
        extensions=[Sensitive()],
    )
    async def reopen_user(
        self,
        info: Info,
        input: Annotated[ReopenUserInput, strawberry.argument(description="Lequel.")],
    ) -> ReopenUserPayload:
        """R-ACC-11."""
        number = globalid.expect(input.id, "User") or 0
        refusals = await users.reopen(signed_in(info), number)
        await changed(info.context)
        return ReopenUserPayload(
            user=None if refusals else await user_seen(info.context, number), errors=errors(refusals)
        )

    @strawberry.mutation(
        description="Débloquer un compte après trop d’essais de connexion. Administrateurs de l’établissement.",
        extensions=[Sensitive()],
    )
    async def unlock_user(
        self,
        info: Info,
        input: Annotated[UnlockUserInput, strawberry.argument(description="Lequel.")],
    ) -> UnlockUserPayload:
        """R-ACC-14."""
        number = globalid.expect(input.id, "User") or 0
        refusals = await users.unlock(signed_in(info), number)
        await changed(info.context)
        return UnlockUserPayload(
            user=None if refusals else await user_seen(info.context, number), errors=errors(refusals)
        )
