"""What operators do to messages: have them sent again."""

from typing import Annotated

import strawberry

from backend.reads.notification import Filter
from backend.rules import globalid
from backend.rules import notification as rules
from backend.schema.context import Info, operator
from backend.schema.enums import NotificationKind
from backend.schema.error import ERRORS, UserError, errors


@strawberry.input(description="Les messages à renvoyer : ceux que l’on nomme, ou tous ceux qui correspondent.")
class RetryNotificationsInput:
    """Which."""

    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ces messages seulement, 10 000 au plus. Sans eux, tous ceux qui correspondent."
    )
    kind: list[NotificationKind] | None = strawberry.field(default=None, description="De l’une de ces sortes.")
    search: str | None = strawberry.field(default=None, description="Dont l’adresse contient ce texte.")


@strawberry.type(description="Le résultat d’un renvoi.")
class RetryNotificationsPayload:
    """In the queue again, or why not."""

    retried: int = strawberry.field(
        description="Combien de messages sont de nouveau en attente d’envoi. Ceux qui sont partis déjà n’en sont pas."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire des messages.")
class NotificationMutations:
    """Roots."""

    @strawberry.mutation(
        description="Remettre en attente des messages abandonnés ou échoués, 10 000 au plus à la fois ; à l’adresse "
        "actuelle de la personne pour ce qui est envoyé en nombre. Gestionnaires."
    )
    async def retry_notifications(
        self,
        info: Info,
        input: Annotated[RetryNotificationsInput, strawberry.argument(description="Lesquels.")],
    ) -> RetryNotificationsPayload:
        """R-NOT-01."""
        ids = None if input.ids is None else [globalid.expect(one, "Notification") or 0 for one in input.ids]
        kinds = tuple(one.value for one in input.kind or ())
        outcome = await rules.retry(operator(info), ids, Filter(kinds=kinds, search=input.search or "").conditions)
        return RetryNotificationsPayload(retried=outcome.number, errors=errors(outcome.errors))
