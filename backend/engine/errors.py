"""What a client is told of an error: a code always, details only where they are meant for it (finding M)."""

import logging
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.extensions import SchemaExtension
from strawberry.schema.exceptions import CannotGetOperationTypeError

logger = logging.getLogger(__name__)
logging.getLogger("strawberry.execution").disabled = True  # it logs each client's mistake, with its whole document

INTERNAL = (
    "Une erreur est survenue de notre côté ; rien n’a été changé. Réessayez, et si cela se répète, prévenez "
    "l’assistance en donnant l’heure."
)


def told(error: GraphQLError, public: type[Exception]) -> GraphQLError:
    """The error as the client may see it.

    `public` is the exception type whose `code` and `message` are written for clients; any other exception is logged
    and hidden. Errors of graphql-core itself (syntax, validation, variables) get a code.
    """
    cause = error.original_error
    if isinstance(cause, public):
        return _again(error, str(cause), str(getattr(cause, "code", "BAD_REQUEST")))
    if isinstance(cause, CannotGetOperationTypeError):
        return _again(error, cause.as_http_error_reason(), "BAD_REQUEST")
    if isinstance(error, GraphQLSyntaxError):
        return _again(error, error.message, "GRAPHQL_PARSE_FAILED")
    if cause is None or isinstance(cause, GraphQLError):
        if "code" in (error.extensions or {}):
            return error
        return _again(error, error.message, "GRAPHQL_VALIDATION_FAILED" if error.path is None else "BAD_USER_INPUT")
    logger.error("unexpected error at %s", error.path, exc_info=cause)
    return _again(error, INTERNAL, "INTERNAL")


def _again(error: GraphQLError, message: str, code: str) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions={**(error.extensions or {}), "code": code},
    )


def telling(public: type[Exception]) -> type[SchemaExtension]:
    """A schema extension that tells errors as `told` says, streamed results included."""

    class Telling(SchemaExtension):
        """Rewrites the errors of each result."""

        def on_operation(self) -> Iterator[None]:
            """After the operation."""
            yield
            _rewrite(self.execution_context.result, public)
            early = self.execution_context.pre_execution_errors
            if early:
                self.execution_context.pre_execution_errors = [told(one, public) for one in early]

        def on_stream_result(self, result: Any) -> Iterator[None]:
            """Before each result of a subscription leaves."""
            _rewrite(result, public)
            yield None

    return Telling


def _rewrite(result: Any, public: type[Exception]) -> None:
    errors = getattr(result, "errors", None)
    if errors:
        result.errors = [told(one, public) for one in errors]
