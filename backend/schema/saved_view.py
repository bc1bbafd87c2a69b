"""Views of the list of courriers in the graph."""

from typing import Annotated, Self

import strawberry

from backend import database as db
from backend.reads import saved_view as reads
from backend.rules import globalid, saved_view
from backend.schema.context import Info, signed_in
from backend.schema.error import ERRORS, UserError, errors


@strawberry.type(description="Une vue de vos courriers : des filtres et un ordre auxquels vous avez donné un nom.")
class SavedView:
    """A view."""

    id: strawberry.ID = strawberry.field(description="Son identifiant.")
    name: str = strawberry.field(description="Son nom, unique parmi vos vues.")
    query: str = strawberry.field(description="Ce que l’adresse de la liste dit après « ? » ; vide : tout.")

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        number = strawberry.ID(globalid.encode("SavedView", row["id"]))
        return cls(id=number, name=row["name"], query=row["query"])


@strawberry.input(description="La vue à enregistrer.")
class SaveViewInput:
    """Which."""

    id: strawberry.ID | None = strawberry.field(default=None, description="Celle à changer ; null pour une nouvelle.")
    name: str = strawberry.field(description="Son nom, de 60 caractères au plus.")
    query: str | None = strawberry.field(
        default=None, description="Ce que l’adresse de la liste dit après « ? » ; null ne le change pas."
    )


@strawberry.type(description="Le résultat de l’enregistrement d’une vue.")
class SaveViewPayload:
    """Saved, or why not."""

    view: SavedView | None = strawberry.field(description="La vue, telle qu’elle est à présent.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.input(description="La vue à supprimer.")
class DeleteViewInput:
    """Which."""

    id: strawberry.ID = strawberry.field(description="L’une des vôtres.")


@strawberry.type(description="Le résultat de la suppression d’une vue.")
class DeleteViewPayload:
    """Deleted, or why not."""

    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Ce que l’on peut faire de ses vues.")
class SavedViewMutations:
    """Roots."""

    @strawberry.mutation(
        description="Donner un nom à une liste de courriers, pour la retrouver sur chaque appareil ; 20 vues au plus."
    )
    async def save_view(
        self, info: Info, input: Annotated[SaveViewInput, strawberry.argument(description="Laquelle.")]
    ) -> SaveViewPayload:
        """R-COU-07."""
        viewer = signed_in(info)
        number = None if input.id is None else globalid.expect(input.id, "SavedView") or 0
        outcome = await saved_view.save(viewer, input.name, input.query, number)
        found = [one for one in await reads.mine(viewer) if one["id"] == outcome.view_id]
        return SaveViewPayload(view=SavedView.of(found[0]) if found else None, errors=errors(outcome.errors))

    @strawberry.mutation(description="Supprimer l’une de ses vues ; les courriers restent ce qu’ils sont.")
    async def delete_view(
        self, info: Info, input: Annotated[DeleteViewInput, strawberry.argument(description="Laquelle.")]
    ) -> DeleteViewPayload:
        """R-COU-07."""
        number = globalid.expect(input.id, "SavedView") or 0
        return DeleteViewPayload(errors=errors(await saved_view.delete(signed_in(info), number)))
