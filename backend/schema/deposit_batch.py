"""Deposit batches in the graph (R-COU-04)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

import orjson
import strawberry

from backend import database as db
from backend.reads import deposit_batch
from backend.rules import globalid
from backend.rules.error import ErrorCode
from backend.schema.connection import Connection, connect
from backend.schema.context import Context, Info
from backend.schema.courrier_type import CourrierType, courrier_type_named
from backend.schema.enums import DepositBatchStatus, ReaderGapReason
from backend.schema.node import Node
from backend.schema.reader_gap import WHY
from backend.schema.scalars import After, Before, First, Last, Url, at, instant


@strawberry.type(description="Combien de lignes compte un lot, et où elles en sont.")
class DepositCounts:
    """How far."""

    loaded: int = strawberry.field(description="Chargées.")
    accepted: int = strawberry.field(description="Acceptées : celles qui ne sont pas rejetées.")
    rejected: int = strawberry.field(description="Rejetées, avec une raison.")
    already_deposited: int = strawberry.field(description="Acceptées, mais le même courrier était déjà déposé.")
    published: int = strawberry.field(description="Publiées.")


@strawberry.type(description="Un modèle que personne ne peut lire chez certains destinataires d’un lot, et pourquoi.")
class DepositGap:
    """A gap (R-COU-12)."""

    type_id: strawberry.Private[int]
    code: ReaderGapReason = strawberry.field(description="Pourquoi, pour les programmes.")
    reason: str = strawberry.field(description="Pourquoi, pour les personnes, et la seule chose à faire là-bas.")
    establishments: int = strawberry.field(description="Établissements où personne ne peut le lire.")
    letters: int = strawberry.field(description="Courriers du lot qui les attendent.")

    @strawberry.field(description="Le modèle.")
    async def type(self, info: Info) -> CourrierType:
        """Which."""
        return await courrier_type_named(info.context, self.type_id)


@strawberry.type(
    description="La répétition d’un lot : qui ne recevrait rien, et ce qui partirait. Rien n’est encore visible."
)
class DepositRehearsal:
    """Before publishing."""

    letters: int = strawberry.field(description="Courriers à publier.")
    establishments: int = strawberry.field(description="Établissements à qui ils sont adressés.")
    without_reader: int = strawberry.field(
        description="Établissements où personne ne peut lire l’un au moins de ces courriers."
    )
    without_email: int = strawberry.field(
        description="Établissements où personne ne serait prévenu de l’un au moins de ces courriers, ni à l’adresse de "
        "l’établissement."
    )
    duplicates: int = strawberry.field(description="Lignes en double, dans le lot ou avec ce qui est déjà déposé.")
    emails: int = strawberry.field(description="Messages qui partiraient aussitôt.")
    postal_copies: int = strawberry.field(description="Copies qui partiraient aussi par la poste.")
    expected_read_rate: float | None = strawberry.field(
        description="Part de ces courriers qui serait lue, de 0 à 1, d’après ce que chaque établissement a lu de ceux "
        "de l’année ; null si rien n’a encore été déposé."
    )
    gaps: list[DepositGap] = strawberry.field(
        description="Les modèles que personne ne peut lire quelque part, et pourquoi (R-COU-12)."
    )

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """From what was kept; a rehearsal of before gaps were told has none."""
        gaps = [
            DepositGap(
                type_id=one["type_id"],
                code=ReaderGapReason(one["reason"]),
                reason=WHY[one["reason"]],
                establishments=one["establishments"],
                letters=one["letters"],
            )
            for one in said.get("gaps", ())
        ]
        return cls(**{**said, "gaps": gaps})


@strawberry.type(description="Une ligne rejetée d’un lot.")
class DepositRejection:
    """A rejected line."""

    line: int = strawberry.field(description="Son numéro.")
    reference: str | None = strawberry.field(description="La référence qu’elle donnait.")
    code: ErrorCode = strawberry.field(description="La raison, pour les programmes.")
    message: str = strawberry.field(description="La raison, pour les personnes.")

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            line=row["line"],
            reference=row["reference"],
            code=ErrorCode(row["rejection_code"]),
            message=row["rejection_message"] or "",
        )


@strawberry.type(
    description="Un dépôt de nombreux courriers : ouvert, chargé, répété, puis publié en entier ou annulé. Rien n’en "
    "est visible avant sa publication."
)
class DepositBatch(Node):
    """A batch."""

    number: strawberry.Private[int]
    figures: strawberry.Private[str | None]
    label: str = strawberry.field(description="Son nom.")
    status: DepositBatchStatus = strawberry.field(description="Où il en est.")
    opened_at: datetime = strawberry.field(description="Quand il a été ouvert.")
    published_at: datetime | None = strawberry.field(description="Quand sa publication a été finie.")
    cancelled_at: datetime | None = strawberry.field(description="Quand il a été annulé.")

    @strawberry.field(description="Combien de lignes, et où elles en sont.")
    async def counts(self, info: Info) -> DepositCounts:
        """How far."""
        rows = await info.context.load(deposit_batch.counts, self.number)
        by = {one["outcome"]: int(one["n"]) for one in rows}
        rejected = by.get("REJECTED", 0)
        return DepositCounts(
            loaded=sum(by.values()),
            accepted=sum(by.values()) - rejected,
            rejected=rejected,
            already_deposited=by.get("ALREADY", 0),
            published=by.get("PUBLISHED", 0),
        )

    @strawberry.field(description="Les lignes rejetées, dans l’ordre, chacune avec sa raison.")
    async def rejections(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[DepositRejection]:
        """Why not."""
        found: Connection[DepositRejection] = await connect(
            deposit_batch.rejections(self.number), DepositRejection.of, first, after, last, before
        )
        return found

    @strawberry.field(description="L’adresse du fichier CSV des lignes rejetées.")
    def rejections_url(self) -> Url:
        """For download."""
        return Url(f"/exports/rejets.csv?lot={self.id}")

    @strawberry.field(description="Ce que dit la dernière répétition ; null si une ligne a été chargée depuis.")
    def rehearsal(self) -> DepositRehearsal | None:
        """The figures."""
        return None if self.figures is None else DepositRehearsal.of(orjson.loads(self.figures))

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("DepositBatch", row["id"])),
            number=row["id"],
            figures=row["rehearsal"],
            label=row["label"],
            status=DepositBatchStatus(row["status"]),
            opened_at=at(row["opened_at"]),
            published_at=instant(row["published_at"]),
            cancelled_at=instant(row["cancelled_at"]),
        )


async def batch_seen(context: Context, number: int | None) -> DepositBatch | None:
    """A batch, if the viewer sees it."""
    row = None if number is None else await context.look_up(deposit_batch.visible, number)
    return DepositBatch.of(row) if row else None
