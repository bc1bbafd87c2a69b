"""Text that a database can keep: a document or a variable with a NUL character is refused before anything runs."""

import re
from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

_WRITTEN = re.compile(r"\\u(?:0000|\{0+\})")
"""A NUL as GraphQL writes it in a text; raw, it does not parse."""


def has_nul(value: Any) -> bool:
    """Whether a variable's value holds a NUL character anywhere."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                return True
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False


class Legible(SchemaExtension):
    """Judges each request's text."""

    def on_validate(self) -> Iterator[None]:
        """Before validation: a refused document is not executed."""
        context = self.execution_context
        if has_nul(context.variables) or _WRITTEN.search(context.query or ""):
            message = "Un texte contient un caractère nul (U+0000) : retirez-le."
            context.pre_execution_errors = [GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})]
        yield
