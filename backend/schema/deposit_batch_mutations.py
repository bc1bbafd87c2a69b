"""What one can do to a deposit batch: open, load, rehearse, publish, cancel it (R-COU-04)."""

from typing import Annotated

import strawberry

from backend.rules import deposit_batch as rules
from backend.rules import deposit_publication, deposit_rehearsal, globalid
from backend.schema.context import Context, Info, signed_in
from backend.schema.deposit import DepositCourrierInput, deposits
from backend.schema.deposit_batch import DepositBatch, batch_seen
from backend.schema.enums import DepositLineOutcome
from backend.schema.error import ERRORS, KEY, UserError, errors


@strawberry.input(description="Un lot à ouvrir.")
class OpenDepositBatchInput:
    """Which."""

    label: str = strawberry.field(description="Son nom, 200 caractères au plus.")
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.input(description="Une ligne d’un lot : un courrier à déposer, et son numéro.")
class DepositLineInput(DepositCourrierInput):
    """A line."""

    line: int = strawberry.field(description="Son numéro dans le lot, à partir de 1 : celui qu’un rejet dira.")


@strawberry.input(description="Des lignes à charger dans un lot.")
class LoadDepositBatchInput:
    """Where, what."""

    batch_id: strawberry.ID = strawberry.field(description="Le lot.")
    lines: list[DepositLineInput] = strawberry.field(
        description="Les lignes, 500 au plus. La même ligne chargée deux fois ne change rien ; autrement, elle prend "
        "la place de ce qui était chargé sous son numéro."
    )


@strawberry.input(description="Quel lot répéter.")
class RehearseDepositBatchInput:
    """Which."""

    batch_id: strawberry.ID = strawberry.field(description="Le lot.")


@strawberry.input(description="Quel lot publier.")
class PublishDepositBatchInput:
    """Which."""

    batch_id: strawberry.ID = strawberry.field(description="Le lot, une fois répété.")
    leave_out_rejected: bool = strawberry.field(
        default=False, description="Publier même si des lignes sont rejetées, sans elles."
    )


@strawberry.input(description="Quel lot annuler.")
class CancelDepositBatchInput:
    """Which."""

    batch_id: strawberry.ID = strawberry.field(description="Le lot, pas encore en cours de publication.")


@strawberry.type(description="Ce qu’est devenue une ligne chargée.")
class DepositLineResult:
    """A line's outcome."""

    line: int = strawberry.field(description="Son numéro.")
    outcome: DepositLineOutcome = strawberry.field(description="Ce qu’elle est devenue.")
    errors: list[UserError] = strawberry.field(description="Pourquoi elle est rejetée ; vide sinon.")


_BATCH = "Le lot, tel qu’il est à présent."


@strawberry.type(description="Le résultat de l’ouverture d’un lot.")
class OpenDepositBatchPayload:
    """Opened, or why not."""

    batch: DepositBatch | None = strawberry.field(description=_BATCH)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’un chargement, ligne par ligne.")
class LoadDepositBatchPayload:
    """Each line's outcome."""

    batch: DepositBatch | None = strawberry.field(description=_BATCH)
    lines: list[DepositLineResult] = strawberry.field(description="Ce qu’est devenue chaque ligne.")
    errors: list[UserError] = strawberry.field(description="Pourquoi rien n’a été chargé ; vide sinon.")


@strawberry.type(description="Le résultat d’une répétition.")
class RehearseDepositBatchPayload:
    """Rehearsed, or why not."""

    batch: DepositBatch | None = strawberry.field(description=_BATCH)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’une demande de publication.")
class PublishDepositBatchPayload:
    """On its way, or why not."""

    batch: DepositBatch | None = strawberry.field(description=_BATCH)
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat d’une annulation.")
class CancelDepositBatchPayload:
    """Cancelled, or why not."""

    batch: DepositBatch | None = strawberry.field(description=_BATCH)
    errors: list[UserError] = strawberry.field(description=ERRORS)


async def _changed(context: Context, outcome: rules.Outcome) -> DepositBatch | None:
    """The batch as it is now."""
    context.become(context.viewer)
    return await batch_seen(context, outcome.batch_id)


def _number(identifier: strawberry.ID) -> int:
    return globalid.expect(identifier, "DepositBatch") or 0


@strawberry.type(description="Ce que l’on peut faire d’un lot.")
class DepositBatchMutations:
    """Roots."""

    @strawberry.mutation(
        description="Ouvrir un lot de courriers. Gestionnaires, et clients techniques qui ont le droit de déposer."
    )
    async def open_deposit_batch(
        self,
        info: Info,
        input: Annotated[OpenDepositBatchInput, strawberry.argument(description="Le lot.")],
    ) -> OpenDepositBatchPayload:
        """R-COU-04."""
        outcome = await rules.open_batch(signed_in(info), input.label, input.idempotency_key)
        return OpenDepositBatchPayload(batch=await _changed(info.context, outcome), errors=errors(outcome.errors))

    @strawberry.mutation(
        description="Charger des lignes dans un lot, 500 au plus à la fois : chacune est acceptée, ou rejetée avec sa "
        "raison. Rien n’en est visible. Qui l’a ouvert, et les gestionnaires."
    )
    async def load_deposit_batch(
        self,
        info: Info,
        input: Annotated[LoadDepositBatchInput, strawberry.argument(description="Les lignes.")],
    ) -> LoadDepositBatchPayload:
        """R-COU-04, 03."""
        viewer = signed_in(info)
        found = await deposits(viewer, input.lines[: rules.MOST + 1])
        lines = [
            rules.Line(one.line, given, refusals, one.reference.strip())
            for one, (given, refusals) in zip(input.lines, found, strict=False)
        ]
        outcome = await rules.load(viewer, _number(input.batch_id), lines)
        return LoadDepositBatchPayload(
            batch=await _changed(info.context, outcome),
            lines=[
                DepositLineResult(line=one.number, outcome=DepositLineOutcome(one.outcome), errors=errors(one.errors))
                for one in outcome.lines
            ],
            errors=errors(outcome.errors),
        )

    @strawberry.mutation(
        description="Répéter un lot : tout est jugé de nouveau, rien n’est visible ; le lot dit qui ne recevrait rien "
        "et ce qui partirait. Qui l’a ouvert, et les gestionnaires."
    )
    async def rehearse_deposit_batch(
        self,
        info: Info,
        input: Annotated[RehearseDepositBatchInput, strawberry.argument(description="Lequel.")],
    ) -> RehearseDepositBatchPayload:
        """R-COU-04."""
        outcome = await deposit_rehearsal.rehearse(signed_in(info), _number(input.batch_id))
        return RehearseDepositBatchPayload(batch=await _changed(info.context, outcome), errors=errors(outcome.errors))

    @strawberry.mutation(
        description="Publier un lot répété, en entier : la publication va à son terme, quoi qu’il arrive ; "
        "depositProgress la suit. Qui l’a ouvert, et les gestionnaires."
    )
    async def publish_deposit_batch(
        self,
        info: Info,
        input: Annotated[PublishDepositBatchInput, strawberry.argument(description="Lequel.")],
    ) -> PublishDepositBatchPayload:
        """R-COU-04."""
        outcome = await deposit_publication.publish(
            signed_in(info), _number(input.batch_id), leave_out_rejected=input.leave_out_rejected
        )
        return PublishDepositBatchPayload(batch=await _changed(info.context, outcome), errors=errors(outcome.errors))

    @strawberry.mutation(description="Annuler un lot : rien n’en aura été vu. Qui l’a ouvert, et les gestionnaires.")
    async def cancel_deposit_batch(
        self,
        info: Info,
        input: Annotated[CancelDepositBatchInput, strawberry.argument(description="Lequel.")],
    ) -> CancelDepositBatchPayload:
        """R-COU-04."""
        outcome = await rules.cancel(signed_in(info), _number(input.batch_id))
        return CancelDepositBatchPayload(batch=await _changed(info.context, outcome), errors=errors(outcome.errors))
