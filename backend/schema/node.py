"""Relay's Node, and finding objects that others refer to."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import strawberry

from backend.schema.context import Context

Finder = TypeVar("Finder", bound=Callable[..., Awaitable[Any]])

_finders: dict[str, Callable[..., Awaitable[Any]]] = {}


@strawberry.interface(description="Un objet retrouvé par son identifiant, le même partout et pour toujours.")
class Node:
    """An object with a global id."""

    id: strawberry.ID = strawberry.field(description="Identifiant opaque, unique sur toute la plateforme.")


def finds(type_name: str) -> Callable[[Finder], Finder]:
    """Register how to find an object of a type that something one sees refers to.

    The graph is connected: a courrier leads to its establishment and back. Files must not be: those below find
    what is above them by its name.
    """

    def register(finder: Finder) -> Finder:
        _finders[type_name] = finder
        return finder

    return register


async def referred(context: Context, type_name: str, number: int | None) -> Any:
    """The object of a type that something one sees refers to; None for no number."""
    return None if number is None else await _finders[type_name](context, number)
