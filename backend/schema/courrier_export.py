"""Taking courriers away, in the graph: as a file, or their due dates in a calendar."""

from typing import Annotated

import strawberry

from backend import clock
from backend.reads import courrier
from backend.rules import address, courrier_export, due_calendar, globalid
from backend.rules.error import ErrorCode
from backend.rules.error import UserError as Refusal
from backend.rules.viewer import Viewer
from backend.schema.context import Info, signed_in
from backend.schema.courrier import ORDERS, CourrierFilter, ids_of, read_filter
from backend.schema.enums import CourrierOrder, ExportFormat
from backend.schema.error import ERRORS, UserError, errors
from backend.schema.scalars import Url


@strawberry.input(description="Quels courriers exporter : ceux que l’on nomme, ou toute une liste.")
class ExportCourriersInput:
    """Which, and how."""

    format: ExportFormat = strawberry.field(description="Sous quelle forme.")
    ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Ceux-là : 1 000 au plus en ZIP, 10 000 en CSV. Sinon, toute la liste décrite ici."
    )
    establishment_id: strawberry.ID | None = strawberry.field(
        default=None, description="La liste d’un établissement ; null : de tous ceux que vous atteignez."
    )
    filter: CourrierFilter | None = strawberry.field(default=None, description="Ce à quoi la liste est réduite.")
    order_by: CourrierOrder | None = strawberry.field(default=None, description="L’ordre de la liste.")


@strawberry.type(description="Le résultat d’un export.")
class ExportCourriersPayload:
    """Where to fetch it, or why not."""

    url: Url | None = strawberry.field(
        description="Adresse signée et brève, pour vous seul. Vos droits sont jugés à nouveau, courrier par courrier, "
        "quand vous l’ouvrez."
    )
    count: int = strawberry.field(description="Combien de courriers y sont.")
    is_cut: bool = strawberry.field(description="La liste en a d’autres, au-delà de ce qu’un fichier contient.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat de l’ouverture d’un agenda.")
class OpenDueCalendarPayload:
    """Its address, or why not."""

    url: Url | None = strawberry.field(
        description="L’adresse à donner à votre agenda. Elle n’est dite qu’ici ; qui la connaît lit vos échéances."
    )
    errors: list[UserError] = strawberry.field(description=ERRORS)


@strawberry.type(description="Le résultat de la fermeture d’un agenda.")
class CloseDueCalendarPayload:
    """Closed."""

    errors: list[UserError] = strawberry.field(description=ERRORS)


async def _wanted(viewer: Viewer, given: ExportCourriersInput) -> tuple[list[int], bool]:
    if given.ids is not None:
        return ids_of(given.ids), False
    place = None if given.establishment_id is None else globalid.expect(given.establishment_id, "Establishment") or 0
    order = ORDERS[given.order_by.value if given.order_by else None]
    found = courrier.listing(viewer, read_filter(given.filter), order, place)
    return await courrier.numbers(found, courrier_export.MOST[given.format.value])


@strawberry.type(description="Ce que l’on emporte de ses courriers.")
class CourrierExportMutations:
    """Roots."""

    @strawberry.mutation(description="Demander des courriers sous forme de fichier : un ZIP des PDF, ou un tableau.")
    async def export_courriers(
        self, info: Info, input: Annotated[ExportCourriersInput, strawberry.argument(description="Lesquels.")]
    ) -> ExportCourriersPayload:
        """R-COU-08."""
        viewer = signed_in(info)
        numbers, is_cut = await _wanted(viewer, input)
        outcome = await courrier_export.ask(viewer, numbers, input.format.value)
        if outcome.export_id is None:
            return ExportCourriersPayload(url=None, count=0, is_cut=False, errors=errors(outcome.errors))
        name = f"courriers-{clock.today().isoformat()}.{input.format.value.lower()}"
        url = Url(address.of_export(viewer, outcome.export_id, name))
        return ExportCourriersPayload(url=url, count=outcome.count, is_cut=is_cut, errors=[])

    @strawberry.mutation(
        description="Donner à son agenda l’adresse des échéances de ses courriers, sans leur objet ; la précédente "
        "n’est plus valable."
    )
    async def open_due_calendar(self, info: Info) -> OpenDueCalendarPayload:
        """An address."""
        path = await due_calendar.subscribe(signed_in(info))
        if path is None:
            refused = Refusal(ErrorCode.NOT_ALLOWED, "Seuls les lecteurs de courriers suivent leurs échéances.")
            return OpenDueCalendarPayload(url=None, errors=errors([refused]))
        return OpenDueCalendarPayload(url=Url(path), errors=[])

    @strawberry.mutation(description="Fermer l’agenda de ses échéances : son adresse n’est plus valable.")
    async def close_due_calendar(self, info: Info) -> CloseDueCalendarPayload:
        """No address any more."""
        await due_calendar.unsubscribe(signed_in(info))
        return CloseDueCalendarPayload(errors=[])
