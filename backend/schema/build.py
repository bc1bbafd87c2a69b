"""The schema, built once."""

from functools import cache

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from backend.engine.errors import telling
from backend.engine.limits import Parsing, limiting
from backend.engine.text import Legible
from backend.rules.error import BadRequest
from backend.schema.api_client import ApiClient
from backend.schema.mutation import Mutation
from backend.schema.notification import Notification
from backend.schema.query import CAPS, Query
from backend.schema.scalars import SCALARS
from backend.schema.subscription import Subscription


class _Schema(strawberry.Schema):
    """Strawberry's, but for its log of every error: it would keep what clients sent, passwords included."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: `telling` logs what is a fault of ours."""


@cache
def schema() -> strawberry.Schema:
    """The graph. One per process: Strawberry's types belong to one schema."""
    return _Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[ApiClient, Notification],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        extensions=[
            telling(BadRequest),
            lambda: MaxTokensLimiter(max_token_count=CAPS.tokens),
            Parsing,
            limiting(CAPS),
            Legible,
        ],
    )


def sdl() -> str:
    """The schema in the schema definition language, as exported to `schema.graphql`."""
    return schema().as_str() + "\n"
