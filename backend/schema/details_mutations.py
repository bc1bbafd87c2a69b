"""What one can change of a person's details, of one's own password; and what is asked by who forgot."""

from typing import Annotated

import strawberry

from backend.rules import details, email_change, globalid, identifier, password_change
from backend.rules.details import UNSAID, Edit
from backend.schema.context import Info, signed_in
from backend.schema.enums import Civility
from backend.schema.error import ERRORS, UserError, errors
from backend.schema.sensitive import Sensitive
from backend.schema.user import User, changed, user_seen

USER_NOW = "Le compte, tel qu’il est à présent ; null en cas de refus."

EMAIL = (
    "Adresse de messagerie : la nouvelle ne sert qu’une fois confirmée par le lien qui y est envoyé ; celle "
    "d’aujourd’hui annule une demande en attente, celle qui attend la renvoie. Le compte d’une personne qui ne s’est "
    "jamais connectée est corrigé aussitôt, et l’invitation renvoyée."
)


@strawberry.input(description="Ce qu’il faut changer aux coordonnées d’un compte. Ce qui n’est pas dit ne change pas.")
class UpdateUserInput:
    """Whose, what (R-ACC-07)."""

    id: strawberry.ID = strawberry.field(description="Le compte.")
    civility: Civility | None = strawberry.field(default=strawberry.UNSET, description="Civilité ; null l’efface.")
    first_name: str | None = strawberry.field(default=strawberry.UNSET, description="Prénom, de 1 à 100 caractères.")
    last_name: str | None = strawberry.field(default=strawberry.UNSET, description="Nom, de 1 à 100 caractères.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description=EMAIL)
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="Téléphone ; null l’efface.")
    name_change_reason: str | None = strawberry.field(
        default=None,
        description="Le motif d’un vrai changement de nom (mariage, par exemple), de 3 à 500 caractères : il est "
        "inscrit au journal, la personne en est avertie et ses connexions sont fermées. Inutile pour une correction.",
    )

    def read(self) -> Edit:
        """As the rules take it."""
        return Edit(
            civility=_civility(self.civility),
            first_name=_said(self.first_name),
            last_name=_said(self.last_name),
            email=_said(self.email),
            phone=UNSAID if self.phone is strawberry.UNSET else self.phone,
            name_change_reason=self.name_change_reason,
        )


@strawberry.type(description="Le résultat d’un changement de coordonnées.")
class UpdateUserPayload:
    """Changed, or why not."""

    user: User | None = strawberry.field(description=USER_NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(
    description="Ce qu’il faut changer à ses propres coordonnées. Ce qui n’est pas dit ne change pas. Le nom et le "
    "prénom se changent par un administrateur."
)
class UpdateOwnDetailsInput:
    """What (R-ACC-07, 17)."""

    civility: Civility | None = strawberry.field(default=strawberry.UNSET, description="Civilité ; null l’efface.")
    email: str | None = strawberry.field(default=strawberry.UNSET, description=EMAIL)
    phone: str | None = strawberry.field(default=strawberry.UNSET, description="Téléphone ; null l’efface.")

    def read(self) -> Edit:
        """As the rules take it."""
        return Edit(
            civility=_civility(self.civility),
            email=_said(self.email),
            phone=UNSAID if self.phone is strawberry.UNSET else self.phone,
        )


@strawberry.type(description="Le résultat d’un changement de ses coordonnées.")
class UpdateOwnDetailsPayload:
    """Changed, or why not."""

    user: User | None = strawberry.field(description=USER_NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="De quoi confirmer une nouvelle adresse.")
class ConfirmEmailInput:
    """The link."""

    token: str = strawberry.field(description="Le jeton du lien reçu à la nouvelle adresse.")


@strawberry.type(description="Le résultat de la confirmation d’une adresse.")
class ConfirmEmailPayload:
    """Confirmed, or why not."""

    email: str | None = strawberry.field(description="L’adresse désormais en service ; null en cas de refus.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="De quoi changer son mot de passe.")
class ChangePasswordInput:
    """The one in use, the one chosen."""

    current_password: str = strawberry.field(
        description="Le mot de passe actuel ; une erreur compte comme une connexion manquée."
    )
    new_password: str = strawberry.field(description="Le mot de passe choisi, de 12 caractères au moins.")


@strawberry.type(description="Le résultat d’un changement de mot de passe.")
class ChangePasswordPayload:
    """Changed, or why not."""

    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="De quoi retrouver son identifiant.")
class RecoverIdentifierInput:
    """Whose."""

    email: str = strawberry.field(description="L’adresse de messagerie du compte.")


@strawberry.type(description="La réponse à une demande d’identifiant, la même dans tous les cas.")
class RecoverIdentifierPayload:
    """Always the same."""

    message: str = strawberry.field(description="Ce qu’il faut dire à la personne.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


def _said(value: str | None) -> str | details.Unsaid:
    """A text that cannot be erased: null says nothing."""
    return UNSAID if value is strawberry.UNSET or value is None else value


def _civility(value: Civility | None) -> str | details.Unsaid | None:
    if value is strawberry.UNSET:
        return UNSAID
    return value.value if value else None


@strawberry.type(description="Ce que l’on peut changer des coordonnées d’une personne.")
class DetailsMutations:
    """Roots."""

    @strawberry.mutation(
        description="Changer les coordonnées d’un compte. Un compte ne se transmet pas : changer le nom et l’adresse "
        "ensemble, ou trop, est refusé. Administrateurs de l’établissement.",
        extensions=[Sensitive()],
    )
    async def update_user(
        self,
        info: Info,
        input: Annotated[UpdateUserInput, strawberry.argument(description="Ce qui change.")],
    ) -> UpdateUserPayload:
        """R-ACC-06, 07."""
        number = globalid.expect(input.id, "User") or 0
        refusals = await details.update(signed_in(info), number, input.read())
        await changed(info.context)
        return UpdateUserPayload(
            user=None if refusals else await user_seen(info.context, number), errors=errors(refusals)
        )

    @strawberry.mutation(description="Changer ses propres coordonnées.", extensions=[Sensitive()])
    async def update_own_details(
        self,
        info: Info,
        input: Annotated[UpdateOwnDetailsInput, strawberry.argument(description="Ce qui change.")],
    ) -> UpdateOwnDetailsPayload:
        """R-ACC-07."""
        viewer = signed_in(info)
        refusals = await details.update_own(viewer, input.read())
        await changed(info.context)
        return UpdateOwnDetailsPayload(
            user=None if refusals else await user_seen(info.context, viewer.user_id), errors=errors(refusals)
        )

    @strawberry.mutation(
        description="Confirmer une nouvelle adresse, avec le lien qui y a été reçu. Sans être connecté."
    )
    async def confirm_email(
        self,
        info: Info,
        input: Annotated[ConfirmEmailInput, strawberry.argument(description="Le lien.")],
    ) -> ConfirmEmailPayload:
        """R-ACC-07."""
        outcome = await email_change.confirm(input.token, info.context.origin)
        await changed(info.context)
        return ConfirmEmailPayload(email=outcome.email, errors=errors(outcome.errors))

    @strawberry.mutation(
        description="Changer son mot de passe : ses autres connexions sont fermées.", extensions=[Sensitive()]
    )
    async def change_password(
        self,
        info: Info,
        input: Annotated[ChangePasswordInput, strawberry.argument(description="L’actuel et le nouveau.")],
    ) -> ChangePasswordPayload:
        """R-ACC-14, 15."""
        viewer = signed_in(info, even_held_back=True)
        refusals = await password_change.change(viewer, input.current_password, input.new_password)
        await changed(info.context)
        return ChangePasswordPayload(errors=errors(refusals))

    @strawberry.mutation(description="Recevoir par messagerie l’identifiant que l’on a oublié.")
    async def recover_identifier(
        self,
        info: Info,
        input: Annotated[RecoverIdentifierInput, strawberry.argument(description="À quelle adresse.")],
    ) -> RecoverIdentifierPayload:
        """R-ACC-15."""
        message = await identifier.recover(input.email, info.context.origin)
        return RecoverIdentifierPayload(message=message, errors=[])
