"""Sensitive mutations: they ask again for the second factor of whoever has one (R-ACC-16)."""

from collections.abc import Awaitable, Callable
from typing import Any

from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.field import StrawberryField

from backend.rules import second_factor
from backend.schema.context import Info
from backend.schema.error import errors


class Sensitive(FieldExtension):
    """Put on a mutation: when the second factor was not given for 15 minutes, nothing is done and its payload says
    SECOND_FACTOR_NEEDED. It is given by startConfirmation and confirmSecondFactor; the same mutation is then sent
    again.
    """

    def __init__(self) -> None:
        self._field: StrawberryField | None = None

    def apply(self, field: StrawberryField) -> None:
        """Keep the field: its payload is known once the schema is built."""
        self._field = field

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        """Ask first."""
        viewer = info.context.viewer
        if viewer is not None and await second_factor.is_needed(viewer):
            return self._refused()
        return await next_(source, info, **arguments)

    def _refused(self) -> Any:
        payload: Any = self._field.type if self._field is not None else None
        return payload(**empty(payload), errors=errors([second_factor.needed()]))


_NOTHING: dict[Any, Any] = {bool: False, int: 0}


def empty(payload: Any) -> dict[str, Any]:
    """What a payload tells when nothing was done: null, false, no item."""
    definition: StrawberryObjectDefinition = payload.__strawberry_definition__
    told: dict[str, Any] = {}
    for field in definition.fields:
        if field.python_name == "errors":
            continue
        if isinstance(field.type, StrawberryOptional):
            told[field.python_name] = None
        elif isinstance(field.type, StrawberryList):
            told[field.python_name] = []
        elif field.type in _NOTHING:
            told[field.python_name] = _NOTHING[field.type]
        else:
            raise TypeError(f"{definition.name}.{field.python_name} has no value for when nothing is done")
    return told
