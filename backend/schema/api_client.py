"""API clients in the graph."""

from datetime import date, datetime
from typing import Self

import strawberry

from backend import database as db
from backend.reads import api_client
from backend.rules import globalid
from backend.schema.context import Context
from backend.schema.enums import ApiScope
from backend.schema.node import Node
from backend.schema.scalars import at, day, instant


@strawberry.type(description="Un client technique : un programme avec son propre jeton.")
class ApiClient(Node):
    """A program."""

    name: str = strawberry.field(description="Son nom.")
    scopes: list[ApiScope] = strawberry.field(description="Ce qu’il peut faire.")
    created_at: datetime = strawberry.field(description="Quand il a été créé.")
    last_used_at: datetime | None = strawberry.field(description="Dernier usage.")
    expires_on: date | None = strawberry.field(description="Dernier jour de son jeton.")
    revoked_at: datetime | None = strawberry.field(description="Quand son jeton lui a été retiré.")

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("ApiClient", row["id"])),
            name=row["name"],
            scopes=[ApiScope(one) for one in row["scopes"].split()],
            created_at=at(row["created_at"]),
            last_used_at=instant(row["last_used_at"]),
            expires_on=day(row["expires_on"]),
            revoked_at=instant(row["revoked_at"]),
        )


async def api_client_named(context: Context, number: int) -> ApiClient | None:
    """The program that an event one reads names."""
    row = await context.load(api_client.several, number)
    return ApiClient.of(row) if row else None
