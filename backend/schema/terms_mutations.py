"""What one can do to the terms of use: publish a version, accept it."""

from datetime import date
from typing import Annotated

import strawberry

from backend.reads import terms as reads
from backend.rules import globalid
from backend.rules import terms as rules
from backend.schema.context import Info, operator, signed_in
from backend.schema.error import ERRORS, ItemResult, UserError, errors
from backend.schema.terms import Piece, Terms, TermsAcceptance, acceptances_done, pieces, terms_seen
from backend.schema.user import changed
from backend.schema.viewer import Viewer, viewer_of


@strawberry.input(description="Les conditions qu’un administrateur accepte, et pour quels établissements.")
class AcceptTermsInput:
    """What, for whom."""

    terms_id: strawberry.ID = strawberry.field(description="La version en vigueur, telle qu’elle vient d’être lue.")
    establishment_ids: list[strawberry.ID] = strawberry.field(
        description="Parmi viewer.establishmentsToAccept, 500 au plus."
    )


@strawberry.type(description="Le résultat d’une acceptation, établissement par établissement.")
class AcceptTermsPayload:
    """Each one's outcome."""

    acceptances: list[TermsAcceptance] = strawberry.field(
        description="Les acceptations qui valent désormais, celle d’un collègue plus rapide comprise."
    )
    results: list[ItemResult] = strawberry.field(description="Le résultat pour chaque établissement.")
    viewer: Viewer | None = strawberry.field(description="Qui demande, et ce qui le retient encore.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="Une version des CGU à publier. Une fois publiée, elle ne change plus.")
class PublishTermsInput:
    """A version."""

    version: str = strawberry.field(description="Son nom, 32 caractères au plus, par exemple 2026-11.")
    published_on: date = strawberry.field(description="Le jour où elle entre en vigueur : aujourd’hui ou plus tard.")
    body: str = strawberry.field(description="Son texte, 100 000 caractères au plus.")
    changes: str | None = strawberry.field(
        default=None, description="Ce qu’elle change, une phrase par ligne ; nécessaire dès la deuxième version."
    )
    rehearsal: bool = strawberry.field(
        default=False, description="Dire ce que la publication ferait, sans rien publier."
    )


@strawberry.type(description="Ce que publier une version des CGU ferait.")
class TermsRehearsal:
    """What would happen."""

    establishments: int = strawberry.field(description="Établissements dont un administrateur devra accepter.")
    emails: int = strawberry.field(description="Messages qui partiront aux administrateurs le jour venu.")
    body: str = strawberry.field(description="Le texte, tel qu’il sera gardé.")
    changes: str | None = strawberry.field(description="Ce qu’elle change, tel que ce sera gardé.")
    since: Terms | None = strawberry.field(description="La version en vigueur, à laquelle elle est comparée.")
    differences: list[Piece] = strawberry.field(description="Mot à mot, ce qui change depuis la version en vigueur.")


@strawberry.type(description="Le résultat d’une publication de CGU, ou de sa répétition.")
class PublishTermsPayload:
    """Published, rehearsed, or why not."""

    terms: Terms | None = strawberry.field(description="La version publiée ; null en cas de refus ou de répétition.")
    rehearsal: TermsRehearsal | None = strawberry.field(description="Pour une répétition : ce qui se passerait.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire des CGU.")
class TermsMutations:
    """Roots."""

    @strawberry.mutation(
        description="Accepter les CGU en vigueur, en un seul acte, pour des établissements que l’on administre. Permis "
        "à qui doit les accepter avant toute autre chose. Le premier qui accepte compte ; un second apprend qui et "
        "quand."
    )
    async def accept_terms(
        self,
        info: Info,
        input: Annotated[AcceptTermsInput, strawberry.argument(description="Quoi et pour qui.")],
    ) -> AcceptTermsPayload:
        """R-CGU-02, 03."""
        viewer = signed_in(info, even_held_back=True)
        ids = [globalid.expect(one, "Establishment") or 0 for one in input.establishment_ids]
        outcome = await rules.accept(viewer, globalid.expect(input.terms_id, "Terms") or 0, ids)
        await changed(info.context)
        return AcceptTermsPayload(
            acceptances=await acceptances_done(info.context, outcome.acceptance_ids),
            results=[
                ItemResult(id=strawberry.ID(globalid.encode("Establishment", one)), errors=errors(refusals))
                for one, refusals in outcome.results.results
            ],
            viewer=viewer_of(info.context.viewer),
            errors=errors(outcome.results.errors),
        )

    @strawberry.mutation(
        description="Publier une version des CGU, en vigueur à sa date, ou répéter la publication. Gestionnaires."
    )
    async def publish_terms(
        self,
        info: Info,
        input: Annotated[PublishTermsInput, strawberry.argument(description="La version.")],
    ) -> PublishTermsPayload:
        """R-CGU-01."""
        viewer = operator(info)
        given = rules.tidied(rules.NewTerms(input.version, input.published_on, input.body, input.changes))
        outcome = await rules.publish(viewer, given, rehearsal=input.rehearsal)
        rehearsed = input.rehearsal and not outcome.errors
        return PublishTermsPayload(
            terms=await terms_seen(info.context, outcome.terms_id) if outcome.terms_id else None,
            rehearsal=await _rehearsal(given) if rehearsed else None,
            errors=errors(outcome.errors),
        )


async def _rehearsal(given: rules.NewTerms) -> TermsRehearsal:
    establishments, emails = await reads.concerned()
    current = await reads.current()
    return TermsRehearsal(
        establishments=establishments,
        emails=emails,
        body=given.body,
        changes=given.changes,
        since=Terms.of(current) if current else None,
        differences=await pieces(current["body"], given.body) if current else [],
    )
