"""What operators can change of establishments: registered, changed, given an administrator."""

from typing import Annotated

import strawberry

from backend.rules import establishment, globalid, nomination
from backend.rules.user import NewUser
from backend.schema.context import Context, Info, signed_in
from backend.schema.enums import Civility, EstablishmentCategory, FundCode
from backend.schema.error import ERRORS, KEY, UserError, errors
from backend.schema.establishment import Establishment, establishment_named
from backend.schema.sensitive import Sensitive
from backend.schema.user import User, changed, user_seen


@strawberry.input(description="Une adresse postale.")
class AddressInput:
    """Where."""

    line1: str | None = strawberry.field(default=None, description="Première ligne.")
    line2: str | None = strawberry.field(default=None, description="Seconde ligne.")
    postal_code: str = strawberry.field(description="Code postal, 5 chiffres.")
    city: str = strawberry.field(description="Commune.")
    insee_code: str | None = strawberry.field(
        default=None, description="Code officiel géographique de la commune (Insee) : décide du département."
    )

    def read(self) -> establishment.Address:
        """As the rules take it."""
        return establishment.Address(self.postal_code, self.city, self.line1, self.line2, self.insee_code)


@strawberry.input(description="Le numéro d’un employeur auprès d’un fonds.")
class ContractInput:
    """A contract."""

    fund: FundCode = strawberry.field(description="Le fonds.")
    number: str = strawberry.field(description="Le numéro, 32 caractères au plus.")

    def read(self) -> establishment.Contract:
        """As the rules take it."""
        return establishment.Contract(self.fund.value, self.number)


@strawberry.input(description="Une personne qui administrera un établissement, et à qui un compte est ouvert.")
class AdministratorInput:
    """A person."""

    civility: Civility | None = strawberry.field(default=None, description="Civilité.")
    first_name: str = strawberry.field(description="Prénom, de 1 à 100 caractères.")
    last_name: str = strawberry.field(description="Nom, de 1 à 100 caractères.")
    email: str = strawberry.field(description="Adresse de messagerie, à laquelle part l’invitation.")
    phone: str | None = strawberry.field(default=None, description="Téléphone.")

    def read(self, establishment_id: int = 0) -> NewUser:
        """As the rules take it."""
        return NewUser(
            establishment_id,
            self.first_name,
            self.last_name,
            self.email,
            is_administrator=True,
            civility=self.civility.value if self.civility else None,
            phone=self.phone,
        )


@strawberry.input(description="Un établissement à inscrire, avec son premier administrateur.")
class RegisterEstablishmentInput:
    """An employer and a person."""

    siret: str = strawberry.field(description="Son SIRET, qu’aucun autre n’a.")
    name: str = strawberry.field(description="Son nom, de 1 à 200 caractères.")
    category: EstablishmentCategory = strawberry.field(description="Ce qu’il est.")
    address: AddressInput = strawberry.field(description="Son adresse.")
    contracts: list[ContractInput] = strawberry.field(description="Ses contrats avec les fonds, de 1 à 50.")
    is_centralisateur: bool = strawberry.field(default=False, description="Peut demander des délégations.")
    functional_email: str | None = strawberry.field(
        default=None, description="Adresse à qui écrire quand personne ne peut lire un courrier."
    )
    administrator: AdministratorInput = strawberry.field(
        description="Son premier administrateur, qui est invité par messagerie."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)

    def read(self) -> establishment.NewEstablishment:
        """As the rules take it."""
        return establishment.NewEstablishment(
            siret=self.siret,
            name=self.name,
            category=self.category.value,
            address=self.address.read(),
            contracts=tuple(one.read() for one in self.contracts),
            is_centralisateur=self.is_centralisateur,
            functional_email=self.functional_email,
        )


@strawberry.type(description="Le résultat d’une inscription.")
class RegisterEstablishmentPayload:
    """Registered, or why not."""

    establishment: Establishment | None = strawberry.field(description="L’établissement ; null en cas de refus.")
    administrator: User | None = strawberry.field(
        description="Le compte de son administrateur ; null en cas de refus, et pour un client technique."
    )
    identifier: str | None = strawberry.field(
        description="L’identifiant à remettre soi-même à l’administrateur : il n’est pas dans le message de "
        "l’invitation."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(
    description="Ce qui change d’un établissement. Ce qui n’est pas dit, ou vaut null, reste comme avant. Le SIRET ne "
    "change pas : il est l’identité de l’établissement, un employeur qui en change est inscrit de nouveau."
)
class UpdateEstablishmentInput:
    """Which, and what."""

    id: strawberry.ID = strawberry.field(description="L’établissement.")
    name: str | None = strawberry.field(default=None, description="Son nom, de 1 à 200 caractères.")
    category: EstablishmentCategory | None = strawberry.field(default=None, description="Ce qu’il est.")
    address: AddressInput | None = strawberry.field(default=None, description="Son adresse, entière.")
    contracts: list[ContractInput] | None = strawberry.field(
        default=None, description="Ses contrats, tous : ceux qui n’y sont pas sont retirés."
    )
    is_centralisateur: bool | None = strawberry.field(
        default=None, description="Peut demander des délégations ; celles en vigueur ne changent pas."
    )
    functional_email: str | None = strawberry.field(
        default=None, description="Son adresse fonctionnelle ; vide pour n’en avoir aucune."
    )

    def read(self) -> establishment.Changes:
        """As the rules take it."""
        return establishment.Changes(
            name=self.name,
            category=self.category.value if self.category else None,
            address=self.address.read() if self.address else None,
            contracts=None if self.contracts is None else tuple(one.read() for one in self.contracts),
            is_centralisateur=self.is_centralisateur,
            functional_email=self.functional_email,
        )


@strawberry.type(description="Le résultat d’un changement d’établissement inscrit.")
class UpdateEstablishmentPayload:
    """Changed, or why not."""

    establishment: Establishment | None = strawberry.field(
        description="L’établissement, tel qu’il est à présent ; null en cas de refus."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(
    description="Qui nommer administrateur d’un établissement que plus personne ne peut administrer : un de ses "
    "comptes, ou une personne à qui en ouvrir un."
)
class NominateAdministratorInput:
    """Where, whom, why."""

    establishment_id: strawberry.ID = strawberry.field(description="L’établissement.")
    user_id: strawberry.ID | None = strawberry.field(
        default=None, description="Un compte de l’établissement ; expiré ou invité, sa personne est invitée de nouveau."
    )
    administrator: AdministratorInput | None = strawberry.field(
        default=None, description="Ou une personne, à qui un compte est ouvert."
    )
    reason: str = strawberry.field(
        description="Qui l’a demandé et comment on s’en est assuré : gardé au journal, dit aux intéressés. 500 "
        "caractères au plus."
    )
    despite_invitation: bool = strawberry.field(
        default=False,
        description="Nommer bien que quelqu’un soit déjà invité à administrer : son invitation est annulée.",
    )


@strawberry.type(description="Le résultat d’une nomination.")
class NominateAdministratorPayload:
    """Nominated, or why not."""

    user: User | None = strawberry.field(description="Le compte de l’administrateur ; null en cas de refus.")
    establishment: Establishment | None = strawberry.field(description="L’établissement ; null en cas de refus.")
    identifier: str | None = strawberry.field(
        description="L’identifiant de l’administrateur, à lui remettre soi-même s’il est invité."
    )
    is_invited: bool = strawberry.field(
        description="La personne est invitée à choisir un mot de passe ; sinon elle se connecte comme d’habitude."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


async def _establishment_now(context: Context, number: int | None) -> Establishment | None:
    return None if number is None else await establishment_named(context, number)


@strawberry.type(description="Ce que les gestionnaires changent aux établissements.")
class EstablishmentMutations:
    """Roots."""

    @strawberry.mutation(
        description="Inscrire un établissement et inviter son premier administrateur. Gestionnaires, et clients "
        "techniques qui en ont le droit.",
        extensions=[Sensitive()],
    )
    async def register_establishment(
        self,
        info: Info,
        input: Annotated[RegisterEstablishmentInput, strawberry.argument(description="Lequel.")],
    ) -> RegisterEstablishmentPayload:
        """R-ACC-02, 04."""
        outcome = await establishment.register(
            signed_in(info), input.read(), input.administrator.read(), input.idempotency_key
        )
        await changed(info.context)
        return RegisterEstablishmentPayload(
            establishment=await _establishment_now(info.context, outcome.establishment_id),
            administrator=await user_seen(info.context, outcome.user_id),
            identifier=outcome.identifier,
            errors=errors(outcome.errors),
        )

    @strawberry.mutation(
        description="Changer ce qui est dit d’un établissement. Gestionnaires, et clients techniques qui en ont le "
        "droit.",
        extensions=[Sensitive()],
    )
    async def update_establishment(
        self,
        info: Info,
        input: Annotated[UpdateEstablishmentInput, strawberry.argument(description="Lequel et quoi.")],
    ) -> UpdateEstablishmentPayload:
        """R-ACC-02."""
        number = globalid.expect(input.id, "Establishment") or 0
        refusals = await establishment.update(signed_in(info), number, input.read())
        await changed(info.context)
        return UpdateEstablishmentPayload(
            establishment=await _establishment_now(info.context, None if refusals else number), errors=errors(refusals)
        )

    @strawberry.mutation(
        description="Nommer un administrateur là où plus personne ne peut administrer. Gestionnaires. L’établissement "
        "et la personne en sont avertis.",
        extensions=[Sensitive()],
    )
    async def nominate_administrator(
        self,
        info: Info,
        input: Annotated[NominateAdministratorInput, strawberry.argument(description="Où, qui, pourquoi.")],
    ) -> NominateAdministratorPayload:
        """R-ACC-02, 11."""
        where = globalid.expect(input.establishment_id, "Establishment") or 0
        wanted = nomination.Nomination(
            establishment_id=where,
            reason=input.reason,
            user_id=None if input.user_id is None else globalid.expect(input.user_id, "User") or 0,
            person=input.administrator.read(where) if input.administrator else None,
            despite_invitation=input.despite_invitation,
        )
        outcome = await nomination.nominate(signed_in(info), wanted)
        await changed(info.context)
        return NominateAdministratorPayload(
            user=await user_seen(info.context, outcome.user_id),
            establishment=await _establishment_now(info.context, None if outcome.errors else where),
            identifier=outcome.identifier,
            is_invited=outcome.is_invited,
            errors=errors(outcome.errors),
        )
