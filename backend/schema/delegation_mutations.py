"""What one can change of delegations (R-DEL-01 to 05)."""

from dataclasses import replace
from datetime import date
from typing import Annotated

import strawberry

from backend.rules import delegation, delegation_members, delegation_request, globalid, right
from backend.rules.error import Results
from backend.schema.context import Context, Info, signed_in
from backend.schema.delegation import Delegation, delegation_seen
from backend.schema.error import ERRORS, KEY, ItemResult, UserError, errors
from backend.schema.right_mutations import RightInput
from backend.schema.sensitive import Sensitive

NOW = (
    "La délégation, telle qu’elle est à présent, aussi pour qui vient en second ; null si elle n’est pas de celles que "
    "vous voyez."
)
REASON = "Le motif, que l’autre partie lira : 1000 caractères au plus."


@strawberry.input(description="Des délégations à demander : la même chose à chacun de ces établissements.")
class RequestDelegationsInput:
    """Whom, what, from when until when (R-DEL-01)."""

    sirets: list[str] = strawberry.field(description="Les SIRET des établissements, 2000 au plus.")
    services: list[RightInput] = strawberry.field(
        description="Les services demandés et leur niveau : ceux qui se délèguent."
    )
    message: str | None = strawberry.field(
        default=None, description="Un message à leurs administrateurs, 1000 caractères au plus."
    )
    starts_on: date | None = strawberry.field(default=None, description="Premier jour ; null : dès l’acceptation.")
    ends_on: date | None = strawberry.field(default=None, description="Dernier jour ; null : sans date de fin.")
    dry_run: bool = strawberry.field(
        default=False, description="Dire seulement ce qui serait demandé ou refusé : rien n’est écrit ni envoyé."
    )
    idempotency_key: str | None = strawberry.field(
        default=None,
        description=f"{KEY} 80 caractères au plus. Elle sert aussi à suivre l’avancement (delegationRequestProgress).",
    )


@strawberry.type(description="Ce qu’il advient d’un SIRET de la liste.")
class DelegationRequestResult:
    """A line."""

    number: strawberry.Private[int | None]
    siret: str = strawberry.field(description="Le SIRET, sans espaces.")
    name: str | None = strawberry.field(
        description="Le nom de l’établissement ; null si la plateforme ne le connaît pas."
    )
    errors: list[UserError] = strawberry.field(description="Pourquoi rien ne lui est demandé ; vide sinon.")
    warnings: list[str] = strawberry.field(description="Ce qu’il faut savoir, bien que la demande soit possible.")

    @strawberry.field(description="La délégation demandée ; null en cas de refus, et pour un essai.")
    async def delegation(self, info: Info) -> Delegation | None:
        """What was asked."""
        return await delegation_seen(info.context, self.number)


@strawberry.type(description="Le résultat d’une demande de délégations, établissement par établissement.")
class RequestDelegationsPayload:
    """Each one's outcome."""

    results: list[DelegationRequestResult] = strawberry.field(
        description="Le résultat pour chaque SIRET, dans l’ordre donné."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(
    description="La demande à accepter, en tout ou en partie. Ce qui n’est pas dit est accepté tel que demandé."
)
class AcceptDelegationInput:
    """Which, how much."""

    id: strawberry.ID = strawberry.field(description="La délégation.")
    services: list[RightInput] | None = strawberry.field(
        default=None,
        description="Les services accordés, à leur niveau : une partie de ceux demandés, jamais au-delà ; null : tous.",
    )
    starts_on: date | None = strawberry.field(default=None, description="Commencer plus tard que demandé.")
    ends_on: date | None = strawberry.field(default=None, description="Finir plus tôt que demandé.")


@strawberry.input(description="La demande à refuser.")
class RefuseDelegationInput:
    """Which, why."""

    id: strawberry.ID = strawberry.field(description="La délégation.")
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="La demande à retirer.")
class WithdrawDelegationInput:
    """Which."""

    id: strawberry.ID = strawberry.field(description="La délégation, tant que personne n’a décidé.")


@strawberry.input(description="Les demandes à retirer ou à relancer.")
class DelegationsInput:
    """Which."""

    ids: list[strawberry.ID] = strawberry.field(description="Les délégations, 2000 au plus.")


@strawberry.input(description="La délégation à laquelle mettre fin, tout de suite.")
class EndDelegationInput:
    """Which, why."""

    id: strawberry.ID = strawberry.field(description="La délégation.")
    reason: str = strawberry.field(description=REASON)


@strawberry.input(description="La délégation à prolonger.")
class ExtendDelegationInput:
    """Which, until when."""

    id: strawberry.ID = strawberry.field(description="La délégation, qui a une date de fin.")
    ends_on: date | None = strawberry.field(description="Son nouveau dernier jour ; null : sans date de fin.")


@strawberry.input(description="Qui agit par des délégations : ceux que l’on ajoute, ceux que l’on retire.")
class SetDelegationMembersInput:
    """Which, whom."""

    delegation_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="Les délégations, 2000 au plus ; vide avec everyDelegation."
    )
    every_delegation: bool = strawberry.field(
        default=False, description="Toutes celles de votre établissement qui sont acceptées."
    )
    add: list[strawberry.ID] = strawberry.field(default_factory=list, description="Les comptes à ajouter.")
    remove: list[strawberry.ID] = strawberry.field(default_factory=list, description="Les comptes à retirer.")


@strawberry.type(description="Le résultat d’une acceptation.")
class AcceptDelegationPayload:
    """Done, or why not."""

    delegation: Delegation | None = strawberry.field(description=NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’un refus.")
class RefuseDelegationPayload:
    """Done, or why not."""

    delegation: Delegation | None = strawberry.field(description=NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’un retrait.")
class WithdrawDelegationPayload:
    """Done, or why not."""

    delegation: Delegation | None = strawberry.field(description=NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’une fin de délégation.")
class EndDelegationPayload:
    """Done, or why not."""

    delegation: Delegation | None = strawberry.field(description=NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’une prolongation.")
class ExtendDelegationPayload:
    """Done, or why not."""

    delegation: Delegation | None = strawberry.field(description=NOW)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat de retraits, demande par demande.")
class WithdrawDelegationsPayload:
    """Each one's outcome."""

    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacune.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat de relances, demande par demande.")
class RemindDelegationsPayload:
    """Each one's outcome."""

    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacune.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’un choix de membres, délégation par délégation.")
class SetDelegationMembersPayload:
    """Each one's outcome."""

    results: list[ItemResult] = strawberry.field(description="Le résultat pour chacune.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire des délégations.")
class DelegationMutations:
    """Roots."""

    @strawberry.mutation(
        description="Demander à agir pour un ou plusieurs établissements. Administrateurs d’un centralisateur. Chacun "
        "a son résultat : un refus n’arrête pas les autres. Une longue liste est traitée par tranches de 100.",
        extensions=[Sensitive()],
    )
    async def request_delegations(
        self,
        info: Info,
        input: Annotated[RequestDelegationsInput, strawberry.argument(description="À qui et quoi.")],
    ) -> RequestDelegationsPayload:
        """R-DEL-01."""
        answer = await delegation_request.request(
            signed_in(info),
            delegation_request.Request(
                sirets=tuple(input.sirets),
                services=_wanted(input.services),
                message=input.message,
                starts_on=input.starts_on,
                ends_on=input.ends_on,
            ),
            input.idempotency_key,
            dry_run=input.dry_run,
        )
        return RequestDelegationsPayload(
            results=[
                DelegationRequestResult(
                    number=one.delegation_id,
                    siret=one.siret,
                    name=one.name,
                    errors=errors(one.errors),
                    warnings=list(one.warnings),
                )
                for one in answer.lines
            ],
            errors=errors(answer.errors),
        )

    @strawberry.mutation(
        description="Accepter une demande, en tout ou en partie. Administrateurs du délégataire. Le premier qui décide "
        "compte ; le second apprend ce qui l’a été, par qui et quand.",
        extensions=[Sensitive()],
    )
    async def accept_delegation(
        self,
        info: Info,
        input: Annotated[AcceptDelegationInput, strawberry.argument(description="Laquelle et combien.")],
    ) -> AcceptDelegationPayload:
        """R-DEL-02."""
        narrowing = delegation.Narrowing(
            services=None if input.services is None else _wanted(input.services),
            starts_on=input.starts_on,
            ends_on=input.ends_on,
        )
        outcome = await delegation.accept(signed_in(info), _number(input.id), narrowing)
        return AcceptDelegationPayload(delegation=await _now(info, outcome), errors=errors(outcome.errors))

    @strawberry.mutation(
        description="Refuser une demande, avec un motif. Administrateurs du délégataire.", extensions=[Sensitive()]
    )
    async def refuse_delegation(
        self,
        info: Info,
        input: Annotated[RefuseDelegationInput, strawberry.argument(description="Laquelle et pourquoi.")],
    ) -> RefuseDelegationPayload:
        """R-DEL-02."""
        outcome = await delegation.refuse(signed_in(info), _number(input.id), input.reason)
        return RefuseDelegationPayload(delegation=await _now(info, outcome), errors=errors(outcome.errors))

    @strawberry.mutation(
        description="Retirer une demande tant que personne n’a décidé. Administrateurs du centralisateur.",
        extensions=[Sensitive()],
    )
    async def withdraw_delegation(
        self,
        info: Info,
        input: Annotated[WithdrawDelegationInput, strawberry.argument(description="Laquelle.")],
    ) -> WithdrawDelegationPayload:
        """R-DEL-04."""
        number = _number(input.id)
        results = await delegation.withdraw(signed_in(info), [number])
        refused = [*results.errors, *(error for _, several in results.results for error in several)]
        context: Context = info.context
        context.become(context.viewer)
        return WithdrawDelegationPayload(
            delegation=await delegation_seen(context, number),
            errors=errors(replace(one, path=("id",)) for one in refused),
        )

    @strawberry.mutation(
        description="Retirer plusieurs demandes tant que personne n’a décidé. Administrateurs du centralisateur.",
        extensions=[Sensitive()],
    )
    async def withdraw_delegations(
        self,
        info: Info,
        input: Annotated[DelegationsInput, strawberry.argument(description="Lesquelles.")],
    ) -> WithdrawDelegationsPayload:
        """R-DEL-04."""
        found = await delegation.withdraw(signed_in(info), [_number(one) for one in input.ids])
        return WithdrawDelegationsPayload(results=_results(found), errors=errors(found.errors))

    @strawberry.mutation(
        description="Relancer par messagerie ceux qui doivent décider, une fois par semaine au plus pour chaque "
        "demande. Administrateurs du centralisateur."
    )
    async def remind_delegations(
        self,
        info: Info,
        input: Annotated[DelegationsInput, strawberry.argument(description="Lesquelles.")],
    ) -> RemindDelegationsPayload:
        """R-DEL-02."""
        found = await delegation.remind(signed_in(info), [_number(one) for one in input.ids])
        return RemindDelegationsPayload(results=_results(found), errors=errors(found.errors))

    @strawberry.mutation(
        description="Mettre fin tout de suite à une délégation, en vigueur ou à venir, avec un motif. Administrateurs "
        "de l’une ou l’autre partie.",
        extensions=[Sensitive()],
    )
    async def end_delegation(
        self,
        info: Info,
        input: Annotated[EndDelegationInput, strawberry.argument(description="Laquelle et pourquoi.")],
    ) -> EndDelegationPayload:
        """R-DEL-04."""
        outcome = await delegation.end(signed_in(info), _number(input.id), input.reason)
        return EndDelegationPayload(delegation=await _now(info, outcome), errors=errors(outcome.errors))

    @strawberry.mutation(
        description="Reculer la date de fin d’une délégation, ou la supprimer. Administrateurs du délégataire.",
        extensions=[Sensitive()],
    )
    async def extend_delegation(
        self,
        info: Info,
        input: Annotated[ExtendDelegationInput, strawberry.argument(description="Laquelle et jusqu’à quand.")],
    ) -> ExtendDelegationPayload:
        """R-DEL-04."""
        outcome = await delegation.extend(signed_in(info), _number(input.id), input.ends_on)
        return ExtendDelegationPayload(delegation=await _now(info, outcome), errors=errors(outcome.errors))

    @strawberry.mutation(
        description="Choisir qui agit par des délégations acceptées : des comptes de son établissement. "
        "Administrateurs du centralisateur. Ajouter qui agit déjà, retirer qui n’agit pas, ne change rien.",
        extensions=[Sensitive()],
    )
    async def set_delegation_members(
        self,
        info: Info,
        input: Annotated[SetDelegationMembersInput, strawberry.argument(description="Par lesquelles et qui.")],
    ) -> SetDelegationMembersPayload:
        """R-DEL-05."""
        if input.every_delegation and input.delegation_ids:
            return SetDelegationMembersPayload(results=[], errors=errors([delegation_members.either_or()]))
        numbers = None if input.every_delegation else [_number(one) for one in input.delegation_ids]
        change = delegation_members.Change(
            add=tuple(_account(one) for one in input.add), remove=tuple(_account(one) for one in input.remove)
        )
        found = await delegation_members.choose(signed_in(info), numbers, change)
        return SetDelegationMembersPayload(results=_results(found), errors=errors(found.errors))


def _wanted(given: list[RightInput]) -> tuple[right.Wanted, ...]:
    return tuple(one.read() for one in given)


def _number(identifier: strawberry.ID) -> int:
    """The number of a delegation; an object of another type names none (0)."""
    return globalid.expect(identifier, "Delegation") or 0


def _account(identifier: strawberry.ID) -> int:
    return globalid.expect(identifier, "User") or 0


def _results(found: Results) -> list[ItemResult]:
    return [
        ItemResult(id=strawberry.ID(globalid.encode("Delegation", one)), errors=errors(refusals))
        for one, refusals in found.results
    ]


async def _now(info: Info, outcome: delegation.Outcome) -> Delegation | None:
    """The delegation after the act, judged and read anew."""
    context: Context = info.context
    context.become(context.viewer)
    return await delegation_seen(context, outcome.delegation_id)
