"""What one can change of announcements, and of messages that did not leave."""

from typing import Annotated

import strawberry

from backend.rules import globalid, preference, preference_change
from backend.rules import replay as rules
from backend.schema.context import Info, operator, signed_in
from backend.schema.enums import FundCode, NotificationRhythm
from backend.schema.error import ERRORS, UserError, errors
from backend.schema.notification import NotificationFilter, NotificationPreferences, read_filter


@strawberry.input(description="Ses préférences d’annonces. Ce qui n’est pas dit ne change pas.")
class NotificationPreferencesInput:
    """Preferences."""

    new_courriers: NotificationRhythm | None = strawberry.field(default=None, description="Le rythme.")
    funds: list[FundCode] | None = strawberry.field(
        default=None, description="Les fonds dont on veut que les courriers soient annoncés."
    )
    account_expiry: bool | None = strawberry.field(
        default=None, description="Être prévenu avant l’expiration de son compte."
    )


@strawberry.type(description="Le résultat d’un changement de préférences.")
class UpdateNotificationPreferencesPayload:
    """Changed, or why not."""

    preferences: NotificationPreferences | None = strawberry.field(description="Les préférences, telles qu’elles sont.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(
    description="Les messages abandonnés à envoyer de nouveau : ceux-ci, ou tous ceux que le filtre garde."
)
class RetryNotificationsInput:
    """Which."""

    ids: list[strawberry.ID] | None = strawberry.field(default=None, description="Ceux-ci, 100 au plus.")
    filter: NotificationFilter | None = strawberry.field(default=None, description="Parmi ceux-ci seulement.")


@strawberry.type(description="Le résultat d’une relance de messages.")
class RetryNotificationsPayload:
    """How many, or why not."""

    count: int = strawberry.field(description="Combien de messages repartent.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire des annonces et des messages.")
class NotificationMutations:
    """Roots."""

    @strawberry.mutation(description="Changer ses préférences d’annonces.")
    async def update_notification_preferences(
        self,
        info: Info,
        input: Annotated[NotificationPreferencesInput, strawberry.argument(description="Ce qui change.")],
    ) -> UpdateNotificationPreferencesPayload:
        """R-COU-10."""
        viewer = signed_in(info)
        refusals = await preference_change.change(
            viewer,
            rhythm=input.new_courriers.value if input.new_courriers else None,
            funds=None if input.funds is None else [one.value for one in input.funds],
            account_expiry=input.account_expiry,
        )
        info.context.become(viewer)
        kept = None if viewer.user_id is None else NotificationPreferences.of(await preference.of(viewer.user_id))
        return UpdateNotificationPreferencesPayload(preferences=kept, errors=errors(refusals))

    @strawberry.mutation(
        description="Envoyer de nouveau des messages abandonnés. Gestionnaires. Les liens qui servent à choisir un mot "
        "de passe ne repartent pas."
    )
    async def retry_notifications(
        self,
        info: Info,
        input: Annotated[RetryNotificationsInput, strawberry.argument(description="Lesquels.")],
    ) -> RetryNotificationsPayload:
        """R-NOT-01."""
        numbers = None if input.ids is None else [globalid.expect(one, "Notification") or 0 for one in input.ids]
        outcome = await rules.replay(operator(info), numbers, read_filter(input.filter))
        return RetryNotificationsPayload(count=outcome.count, errors=errors(outcome.errors))
