"""Relay connections over the reads' listings."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import strawberry

from backend import database as db
from backend.reads.page import Pages, Slice

T = TypeVar("T")


@strawberry.type(description="Où l’on est dans une liste paginée.")
class PageInfo:
    """Relay's PageInfo."""

    has_next_page: bool = strawberry.field(description="Y a-t-il des éléments après cette page ?")
    has_previous_page: bool = strawberry.field(description="Y a-t-il des éléments avant cette page ?")
    start_cursor: str | None = strawberry.field(description="Curseur du premier élément de la page.")
    end_cursor: str | None = strawberry.field(description="Curseur du dernier élément de la page.")


@strawberry.type(description="Un élément d’une liste, avec son curseur.")
class Edge(Generic[T]):
    """Relay's Edge."""

    node: T = strawberry.field(description="L’élément.")
    cursor: str = strawberry.field(description="Sa place dans la liste, opaque.")


@strawberry.type(description="Une page d’une liste. Une page compte 100 éléments au plus.")
class Connection(Generic[T]):
    """Relay's Connection."""

    listing: strawberry.Private[Pages]
    edges: list[Edge[T]] = strawberry.field(description="Les éléments de la page, dans l’ordre de la liste.")
    page_info: PageInfo = strawberry.field(description="Où l’on est dans la liste.")

    @strawberry.field(description="Nombre d’éléments de toute la liste ; compté seulement si on le demande.")
    async def total_count(self) -> int:
        """Counted on demand."""
        return await self.listing.total()

    @strawberry.field(
        description="Nombre d’éléments de toute la liste, sans compter au-delà d’une limite : d’un coût connu d’avance."
    )
    async def count_up_to(
        self, limit: Annotated[int, strawberry.argument(description="Jusqu’où compter, de 1 à 1 000.")] = 1_000
    ) -> int:
        """For lists that may be very long, where the exact number says nothing more."""
        return await self.listing.up_to(min(max(limit, 1), 1_000))


async def connect(
    listing: Pages,
    make: Callable[[db.Row], Any],
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    """A page of a listing as a connection, its rows made into objects by `make`."""
    page = await listing.page(Slice(first, after, last, before))
    edges = [Edge(node=make(row), cursor=cursor) for row, cursor in zip(page.rows, page.cursors, strict=True)]
    return Connection(
        listing=listing,
        edges=edges,
        page_info=PageInfo(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        ),
    )
