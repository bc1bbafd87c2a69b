"""Relay's Node."""

import strawberry


@strawberry.interface(description="Un objet retrouvé par son identifiant, le même partout et pour toujours.")
class Node:
    """An object with a global id."""

    id: strawberry.ID = strawberry.field(description="Identifiant opaque, unique sur toute la plateforme.")
