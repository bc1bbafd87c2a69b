"""The schema, built once."""

from functools import cache

import strawberry
from strawberry.extensions import MaxTokensLimiter, ParserCache
from strawberry.schema.config import StrawberryConfig

from backend.engine.errors import telling
from backend.engine.limits import limiting
from backend.rules.error import BadRequest
from backend.schema.api_client import ApiClient
from backend.schema.mutation import Mutation
from backend.schema.notification import Notification
from backend.schema.query import CAPS, Query
from backend.schema.scalars import SCALARS
from backend.schema.subscription import Subscription


@cache
def schema() -> strawberry.Schema:
    """The graph. One per process: Strawberry's types belong to one schema."""
    return strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=[ApiClient, Notification],
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
        extensions=[
            telling(BadRequest),
            lambda: MaxTokensLimiter(max_token_count=CAPS.tokens),
            lambda: ParserCache(maxsize=512),
            limiting(CAPS),
        ],
    )


def sdl() -> str:
    """The schema in the schema definition language, as exported to `schema.graphql`."""
    return schema().as_str() + "\n"
