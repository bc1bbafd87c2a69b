"""Funds in the graph."""

from typing import Self

import strawberry

from backend import database as db
from backend.reads import fund
from backend.schema.context import Context
from backend.schema.enums import FundCode


@strawberry.type(description="Un fonds qui adresse des courriers aux employeurs publics.")
class Fund:
    """A fund."""

    code: FundCode = strawberry.field(description="Son sigle.")
    label: str = strawberry.field(description="Son nom.")

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(code=FundCode(row["code"]), label=row["label"])


async def fund_named(context: Context, code: str) -> Fund:
    """The fund of a code that something one sees refers to."""
    return Fund.of(await context.load(fund.named, code))
