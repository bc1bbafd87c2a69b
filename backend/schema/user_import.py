"""Accounts opened from a file, in the graph."""

from typing import Annotated

import strawberry

from backend.rules import globalid, user_import
from backend.schema.context import Info, signed_in
from backend.schema.enums import ImportOutcome, Profile
from backend.schema.error import KEY, UserError, errors
from backend.schema.sensitive import Sensitive
from backend.schema.user import User, changed, user_seen


@strawberry.input(description="Un fichier de comptes à créer.")
class ImportUsersInput:
    """A CSV (R-ACC-18)."""

    establishment_id: strawberry.ID = strawberry.field(description="L’établissement des comptes : le sien.")
    csv: str = strawberry.field(
        description="Le fichier, en texte : une ligne de titres (civilité, prénom, nom, adresse de messagerie, "
        "téléphone, profil, puis une colonne par service, sous son code ou son libellé), une ligne par personne, 1 000 "
        "au plus et 500 000 caractères ; séparées par des points-virgules, des virgules ou des tabulations."
    )
    dry_run: bool = strawberry.field(description="Un essai : dire ce que deviendrait chaque ligne, sans rien changer.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type(description="Ce que devient une ligne d’un fichier de comptes.")
class ImportLine:
    """A line's outcome."""

    user_id: strawberry.Private[int | None]
    line: int = strawberry.field(description="Son numéro dans le fichier, comme dans un tableur.")
    outcome: ImportOutcome = strawberry.field(description="Ce qu’elle devient.")
    first_name: str = strawberry.field(description="Le prénom lu.")
    last_name: str = strawberry.field(description="Le nom lu.")
    email: str = strawberry.field(description="L’adresse de messagerie lue.")
    profile: Profile = strawberry.field(description="Le profil lu.")
    rights: int = strawberry.field(description="Le nombre de droits à donner.")
    identifier: str | None = strawberry.field(
        description="L’identifiant à remettre à la personne ; null si elle n’a pas de compte."
    )
    errors: list[UserError] = strawberry.field(description="Pourquoi elle est refusée ; vide sinon.")

    @strawberry.field(description="Le compte créé, ou celui qui existait ; null sinon.")
    async def user(self, info: Info) -> User | None:
        """The account."""
        return await user_seen(info.context, self.user_id)


@strawberry.type(description="Le résultat d’un import de comptes, ligne par ligne.")
class ImportUsersPayload:
    """Each line's outcome."""

    lines: list[ImportLine] = strawberry.field(description="Le résultat de chaque ligne, dans l’ordre du fichier.")
    created: int = strawberry.field(description="Combien de comptes sont créés, ou le seraient.")
    unchanged: int = strawberry.field(description="Combien de personnes ont déjà un compte.")
    rejected: int = strawberry.field(description="Combien de lignes sont refusées.")
    errors: list[UserError] = strawberry.field(
        description="Pourquoi le fichier ne peut pas être pris du tout ; vide sinon."
    )


@strawberry.type(description="L’import de comptes.")
class UserImportMutations:
    """Roots."""

    @strawberry.mutation(
        description="Créer des comptes à partir d’un fichier CSV ; à l’essai d’abord. Une ligne refusée n’arrête pas "
        "les autres ; un fichier envoyé deux fois ne crée rien deux fois. Administrateurs de l’établissement.",
        extensions=[Sensitive()],
    )
    async def import_users(
        self,
        info: Info,
        input: Annotated[ImportUsersInput, strawberry.argument(description="Le fichier.")],
    ) -> ImportUsersPayload:
        """R-ACC-18."""
        outcome = await user_import.load(
            signed_in(info),
            globalid.expect(input.establishment_id, "Establishment") or 0,
            input.csv,
            dry_run=input.dry_run,
            key=input.idempotency_key,
        )
        await changed(info.context)
        lines = [
            ImportLine(
                user_id=one.user_id,
                line=one.number,
                outcome=ImportOutcome(one.outcome),
                first_name=one.first_name,
                last_name=one.last_name,
                email=one.email,
                profile=Profile.ADMINISTRATOR if one.is_administrator else Profile.USER,
                rights=one.rights,
                identifier=one.identifier,
                errors=errors(one.errors),
            )
            for one in outcome.lines
        ]
        told = [one.outcome for one in lines]
        return ImportUsersPayload(
            lines=lines,
            created=told.count(ImportOutcome.CREATED) + told.count(ImportOutcome.WOULD_CREATE),
            unchanged=told.count(ImportOutcome.UNCHANGED),
            rejected=told.count(ImportOutcome.REJECTED),
            errors=errors(outcome.errors),
        )
