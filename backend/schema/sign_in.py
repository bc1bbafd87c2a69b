"""What signing in answers with, by password alone or with a second factor."""

import strawberry

from backend.rules import session
from backend.rules.error import ErrorCode
from backend.rules.error import UserError as Refusal
from backend.schema.context import Info
from backend.schema.enums import SessionTransport
from backend.schema.error import ERRORS, UserError, errors
from backend.schema.second_factor import SecondFactorChallenge
from backend.schema.viewer import Viewer, viewer_of


@strawberry.type(description="Le résultat d’une connexion.")
class LogInPayload:
    """Signed in, asked for the second factor, or why not."""

    viewer: Viewer | None = strawberry.field(
        description="Qui est connecté ; null en cas de refus, ou tant que le second facteur n’est pas donné."
    )
    challenge: SecondFactorChallenge | None = strawberry.field(
        description="Le second facteur est demandé : rien n’est ouvert avant confirmSecondFactor."
    )
    token: str | None = strawberry.field(description="Le jeton à porter, pour le transport TOKEN ; montré une fois.")
    device_token: str | None = strawberry.field(
        description="Le jeton de l’appareil de confiance, pour le transport TOKEN ; à donner aux connexions suivantes."
    )
    ask_whom: list[str] = strawberry.field(
        description="Pour un compte expiré : les administrateurs qui peuvent le rouvrir, par leur nom."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


def carried_by(info: Info, transport: SessionTransport) -> LogInPayload | None:
    """A refusal where a session cannot be carried as asked: only HTTP sets cookies."""
    if transport is not SessionTransport.COOKIE or _sets_cookies(info):
        return None
    refusal = Refusal(
        ErrorCode.TRANSPORT_UNSUPPORTED,
        "Un cookie ne peut être posé que par HTTP : demandez le transport TOKEN.",
        ("transport",),
    )
    return log_in_payload(info, session.LogIn(errors=(refusal,)), transport)


def _sets_cookies(info: Info) -> bool:
    return info.context.set_cookie is not None and info.context.response is not None


def log_in_payload(info: Info, outcome: session.LogIn, transport: SessionTransport) -> LogInPayload:
    """A sign-in's outcome, as the graph tells it: its secrets in cookies or in the payload, as the client asked."""
    context = info.context
    by_cookie = transport is SessionTransport.COOKIE
    if by_cookie and context.response is not None:
        if outcome.secret is not None and context.set_cookie is not None:
            context.set_cookie(context.response, outcome.secret)
        if outcome.device and outcome.viewer and outcome.viewer.user_id and context.set_device is not None:
            context.set_device(context.response, outcome.viewer.user_id, outcome.device)
    if outcome.viewer is not None:
        context.become(outcome.viewer)
    return LogInPayload(
        viewer=viewer_of(outcome.viewer),
        challenge=SecondFactorChallenge.of(outcome.challenge),
        token=None if by_cookie else outcome.secret,
        device_token=None if by_cookie else outcome.device,
        ask_whom=list(outcome.ask_whom),
        errors=errors(outcome.errors),
    )
