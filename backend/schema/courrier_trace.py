"""What is left, in the graph, of letters that are read no more."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from backend import database as db
from backend.reads import courrier
from backend.rules import globalid
from backend.schema.context import Context, Info
from backend.schema.courrier import Courrier
from backend.schema.courrier_type import CourrierType, courrier_type_named
from backend.schema.fund import Fund, fund_named
from backend.schema.node import referred
from backend.schema.scalars import instant

if TYPE_CHECKING:
    from backend.schema.establishment import Establishment

LazyEstablishment = Annotated["Establishment", strawberry.lazy("backend.schema.establishment")]


@strawberry.type(
    description="La trace d’un courrier qui ne se lit plus : retiré par qui l’avait déposé, ou supprimé au terme de sa "
    "conservation. Ni son objet ni son document : pour qui pourrait encore le lire."
)
class CourrierTrace:
    """What is left (R-COU-13, R-COU-14)."""

    row: strawberry.Private[db.Row]
    courrier_id: strawberry.ID = strawberry.field(description="Le courrier dont c’est la trace.")
    reference: str = strawberry.field(description="Sa référence.")
    letter_date: date = strawberry.field(description="Sa date.")
    available_at: datetime | None = strawberry.field(description="Quand il avait été mis à disposition.")
    withdrawn_at: datetime | None = strawberry.field(description="Quand il a été retiré ; null s’il a été supprimé.")
    withdrawal_reason: str | None = strawberry.field(description="Pourquoi il a été retiré.")
    removed_at: datetime | None = strawberry.field(description="Quand il a été supprimé, au terme de sa conservation.")

    @strawberry.field(description="Son modèle.")
    async def type(self, info: Info) -> CourrierType:
        """Its type."""
        return await courrier_type_named(info.context, self.row["type_id"])

    @strawberry.field(description="Le fonds qui l’adressait.")
    async def fund(self, info: Info) -> Fund:
        """Its fund."""
        return await fund_named(info.context, self.row["fund_id"])

    @strawberry.field(description="L’établissement à qui il était adressé.")
    async def establishment(self, info: Info) -> LazyEstablishment:
        """Its addressee."""
        found: LazyEstablishment = await referred(info.context, "Establishment", self.row["establishment_id"])
        return found

    @strawberry.field(description="Le courrier qui le remplace, si vous le voyez.")
    async def replaced_by(self, info: Info) -> Courrier | None:
        """The later one."""
        row = await info.context.look_up(courrier.replacing, self.row["id"])
        return Courrier.of(row) if row else None

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        is_removed = row["removed_at"] is not None and row["removed_at"] == row["withdrawn_at"]
        return cls(
            row=row,
            courrier_id=strawberry.ID(globalid.encode("Courrier", row["id"])),
            reference=row["reference"],
            letter_date=date.fromisoformat(row["letter_date"]),
            available_at=instant(row["available_at"]),
            withdrawn_at=None if is_removed else instant(row["withdrawn_at"]),
            withdrawal_reason=row["withdrawal_reason"],
            removed_at=instant(row["removed_at"]),
        )


async def trace_seen(context: Context, number: int | None) -> CourrierTrace | None:
    """The trace of a courrier, if the viewer sees it."""
    if number is None:
        return None
    row = await context.look_up(courrier.traces, number)
    return CourrierTrace.of(row) if row else None
