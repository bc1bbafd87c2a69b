"""The terms of use (CGU) in the graph."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from backend import database as db
from backend.reads import terms
from backend.rules import address, difference, globalid
from backend.schema.context import Context, Info
from backend.schema.enums import PieceKind
from backend.schema.node import Node, referred
from backend.schema.scalars import Url, at

if TYPE_CHECKING:
    from backend.schema.establishment import Establishment
    from backend.schema.user import User

LazyUser = Annotated["User", strawberry.lazy("backend.schema.user")]
LazyEstablishment = Annotated["Establishment", strawberry.lazy("backend.schema.establishment")]


@strawberry.type(description="Un passage d’un texte, comparé à une version antérieure.")
class Piece:
    """A passage."""

    kind: PieceKind = strawberry.field(description="Inchangé, ajouté ou supprimé.")
    text: str = strawberry.field(description="Le passage, tel qu’il est écrit.")


async def pieces(before: str, after: str) -> list[Piece]:
    """What changed between two texts, in a thread: long ones take a moment."""
    found = await asyncio.to_thread(difference.between, before, after)
    return [Piece(kind=PieceKind(one.kind), text=one.text) for one in found]


@strawberry.type(description="Une version des conditions générales d’utilisation (CGU) : publiée, elle ne change plus.")
class Terms(Node):
    """A version."""

    number: strawberry.Private[int]
    version: str = strawberry.field(description="Son nom.")
    published_on: date = strawberry.field(description="En vigueur à partir de ce jour, jusqu’à la suivante.")
    body: str = strawberry.field(
        description="Son texte : un titre par ligne commençant par un numéro ou #, une liste par lignes commençant "
        "par un tiret, un paragraphe par ligne sinon."
    )
    body_sha256: str = strawberry.field(description="L’empreinte SHA-256 de son texte en UTF-8.")
    changes: str | None = strawberry.field(description="Ce qu’elle change, en quelques phrases.")
    is_to_come: bool = strawberry.field(description="N’est pas encore en vigueur.")

    @strawberry.field(description="Un administrateur de votre établissement l’a acceptée.")
    async def accepted_by_viewer(self, info: Info) -> bool:
        """R-CGU-02."""
        found: bool = await info.context.look_up(terms.accepted_at_home, self.number)
        return found

    async def _before(self, info: Info) -> db.Row | None:
        return await terms.last_accepted(info.context.seer, self.published_on.isoformat())

    @strawberry.field(description="La version que votre établissement a acceptée avant elle ; null s’il n’y en a pas.")
    async def accepted_before(self, info: Info) -> "Terms | None":
        """R-CGU-03."""
        found = await self._before(info)
        return Terms.of(found) if found else None

    @strawberry.field(
        description="Mot à mot, ce qui a changé depuis la version que votre établissement a acceptée avant elle ; vide "
        "s’il n’y en a pas."
    )
    async def differences(self, info: Info) -> list[Piece]:
        """R-CGU-03."""
        found = await self._before(info)
        return await pieces(found["body"], self.body) if found else []

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("Terms", row["id"])),
            number=row["id"],
            version=row["version"],
            published_on=date.fromisoformat(row["published_on"]),
            body=row["body"],
            body_sha256=row["body_sha256"],
            changes=row["changes"],
            is_to_come=terms.is_to_come(row["published_on"]),
        )


@strawberry.type(description="L’acceptation d’une version des CGU pour un établissement, gardée comme preuve.")
class TermsAcceptance:
    """Who accepted what, when, for whom."""

    row: strawberry.Private[db.Row]
    accepted_at: datetime = strawberry.field(description="Quand.")
    body_sha256: str = strawberry.field(description="L’empreinte SHA-256 du texte accepté.")

    @strawberry.field(description="La version.")
    async def terms(self, info: Info) -> Terms:
        """What."""
        return Terms.of(await info.context.load(terms.named, self.row["terms_id"]))

    @strawberry.field(description="L’administrateur qui a accepté.")
    async def user(self, info: Info) -> LazyUser:
        """Who."""
        found: LazyUser = await referred(info.context, "User", self.row["user_id"])
        return found

    @strawberry.field(description="L’établissement.")
    async def establishment(self, info: Info) -> LazyEstablishment:
        """For whom."""
        found: LazyEstablishment = await referred(info.context, "Establishment", self.row["establishment_id"])
        return found

    @strawberry.field(description="L’adresse du récépissé (PDF), pour qui est connecté.")
    def receipt_url(self) -> Url:
        """Its receipt."""
        return Url(address.of_receipt(self.row["id"]))

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(row=row, accepted_at=at(row["accepted_at"]), body_sha256=row["body_sha256"])


async def terms_seen(context: Context, number: int) -> Terms | None:
    """A version, if the viewer can read it."""
    row = await context.look_up(terms.visible, number)
    return Terms.of(row) if row else None


async def acceptances_of(context: Context, establishment_id: int) -> list[TermsAcceptance]:
    """What was accepted for an establishment."""
    return [TermsAcceptance.of(row) for row in await context.load(terms.acceptances, establishment_id)]


async def acceptances_done(context: Context, ids: Sequence[int]) -> list[TermsAcceptance]:
    """Acceptances by id."""
    return [TermsAcceptance.of(row) for row in await terms.done(context.seer, ids)]
