"""Establishments that never opened a letter, and the campaigns that remind them, in the graph (R-ADO-02)."""

from datetime import datetime
from typing import Annotated, Self

import strawberry

from backend import database as db
from backend.reads import non_reader, reading_campaign
from backend.rules import globalid, reading_reminder
from backend.rules.error import BadRequest
from backend.rules.non_reading import Filter
from backend.schema.context import Context, Info, operator
from backend.schema.enums import EstablishmentCategory, NonReaderReason
from backend.schema.error import ERRORS, KEY, UserError, errors
from backend.schema.establishment import Establishment
from backend.schema.scalars import at, instant
from backend.schema.sensitive import Sensitive
from backend.schema.user import User, user_named


@strawberry.type(description="Un établissement qui a reçu des courriers et n’en a jamais ouvert (R-ADO-02).")
class NonReader:
    """One of them."""

    number: strawberry.Private[int]
    establishment: Establishment = strawberry.field(description="L’établissement.")

    async def _standing(self, info: Info) -> db.Row:
        found: db.Row = await info.context.load(non_reader.standings, self.number)
        return found

    @strawberry.field(description="La première chose qui manque pour qu’un courrier y soit ouvert.")
    async def reason(self, info: Info) -> NonReaderReason:
        """Why."""
        return NonReaderReason((await self._standing(info))["reason"])

    @strawberry.field(description="Courriers mis à disposition, aucun n’est ouvert.")
    async def waiting(self, info: Info) -> int:
        """How many."""
        return int((await self._standing(info))["waiting"])

    @strawberry.field(description="Quand le premier d’entre eux a été mis à disposition.")
    async def since(self, info: Info) -> datetime:
        """Since when."""
        return at((await self._standing(info))["since"])

    @strawberry.field(description="Quand il a été relancé pour la dernière fois ; null s’il ne l’a jamais été.")
    async def reminded_at(self, info: Info) -> datetime | None:
        """The last reminder."""
        return instant((await self._standing(info))["reminded_at"])

    @strawberry.field(description="Ses comptes qui ont le droit d’en lire et n’ont pas expiré : 20 au plus.")
    async def readers(self, info: Info) -> list[User]:
        """Who might."""
        rows = await info.context.load(non_reader.readers, self.number)
        found = [await user_named(info.context, row["id"]) for row in rows]
        return [one for one in found if one is not None]

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(number=row["id"], establishment=Establishment.of(row))


@strawberry.input(description="Ce à quoi la liste de ceux qui n’ont jamais rien ouvert est réduite.")
class NonReaderFilter:
    """A filter."""

    categories: list[EstablishmentCategory] | None = strawberry.field(
        default=None, description="De l’une de ces catégories."
    )
    departements: list[str] | None = strawberry.field(default=None, description="De l’un de ces départements.")
    reasons: list[NonReaderReason] | None = strawberry.field(default=None, description="Pour l’une de ces raisons.")
    reminded: bool | None = strawberry.field(default=None, description="Déjà relancés (true), ou jamais (false).")

    def read(self) -> Filter:
        """As the reads take it."""
        return Filter(
            categories=tuple(one.value for one in self.categories or ()),
            departements=tuple(self.departements or ()),
            reasons=tuple(one.value for one in self.reasons or ()),
            reminded=self.reminded,
        )


@strawberry.type(
    description="Ce qu’une relance a changé jusqu’ici. Ceux qui n’ont pas été relancés ne sont pas tirés au sort : la "
    "comparaison indique, elle ne prouve pas."
)
class ReadingEffect:
    """What came of it."""

    reminded: int = strawberry.field(description="Établissements relancés.")
    waiting: int = strawberry.field(description="Établissements qui attendent leur tour.")
    opened_before: int = strawberry.field(description="Non relancés : ils ont ouvert un courrier avant leur tour.")
    unreachable: int = strawberry.field(description="Non relancés : plus personne à qui écrire à leur tour.")
    emails: int = strawberry.field(description="Messages confiés à l’envoi.")
    opened_since: int = strawberry.field(description="Des relancés, ceux qui ont ouvert un courrier depuis.")
    median_days: int | None = strawberry.field(
        description="Délai médian entre la relance et cette ouverture, en jours entiers ; null si aucun n’a ouvert."
    )
    others: int = strawberry.field(
        description="Établissements qui n’avaient rien ouvert non plus ce jour-là, et n’ont jamais été relancés."
    )
    others_opened_since: int = strawberry.field(description="Dont ceux qui ont ouvert un courrier depuis.")


@strawberry.type(description="Une relance d’établissements qui n’ont jamais ouvert un courrier.")
class ReadingCampaign:
    """A campaign."""

    number: strawberry.Private[int]
    started_by_id: strawberry.Private[int]
    id: strawberry.ID = strawberry.field(description="Son identifiant.")
    started_at: datetime = strawberry.field(description="Quand elle a été décidée.")
    finished_at: datetime | None = strawberry.field(description="Quand le dernier établissement a eu son tour.")

    @strawberry.field(description="Qui l’a décidée.")
    async def started_by(self, info: Info) -> User | None:
        """Who."""
        return await user_named(info.context, self.started_by_id)

    @strawberry.field(description="Ce qu’elle a changé jusqu’ici.")
    async def effect(self, info: Info) -> ReadingEffect:
        """What came of it."""
        found: reading_campaign.Effect = await info.context.load(reading_campaign.effects, self.number)
        return ReadingEffect(
            reminded=found.reminded,
            waiting=found.waiting,
            opened_before=found.opened_before,
            unreachable=found.unreachable,
            emails=found.emails,
            opened_since=found.opened_since,
            median_days=found.median_days,
            others=found.others,
            others_opened_since=found.others_opened,
        )

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            number=row["id"],
            started_by_id=row["started_by_id"],
            id=strawberry.ID(globalid.encode("ReadingCampaign", row["id"])),
            started_at=at(row["started_at"]),
            finished_at=instant(row["finished_at"]),
        )


@strawberry.input(description="Qui relancer : ceux que l’on choisit, ou tous ceux du filtre.")
class RemindNonReadersInput:
    """Whom."""

    establishment_ids: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Les établissements choisis, 1000 au plus ; null : tous ceux du filtre."
    )
    filter: NonReaderFilter | None = strawberry.field(
        default=None, description="Le filtre ; null : tous ceux qui n’ont jamais ouvert un courrier."
    )
    dry_run: bool = strawberry.field(
        default=False, description="Dire seulement combien seraient relancés : rien n’est écrit ni envoyé."
    )
    idempotency_key: str | None = strawberry.field(default=None, description=KEY)


@strawberry.type(description="Le résultat d’une relance, ou de son essai.")
class RemindNonReadersPayload:
    """How many, or why not."""

    establishments: int = strawberry.field(
        description="Établissements qui le seront, à raison de 50 par minute au plus, de 8 h à 19 h."
    )
    recently_reminded: int = strawberry.field(description="Laissés de côté : relancés depuis moins de 30 jours.")
    unreachable: int = strawberry.field(description="Laissés de côté : personne à qui écrire.")
    campaign: ReadingCampaign | None = strawberry.field(description="La relance ; null pour un essai ou un refus.")
    errors: list[UserError] = strawberry.field(description=ERRORS)


def _numbers(ids: list[strawberry.ID] | None) -> list[int] | None:
    if ids is None:
        return None
    found = [globalid.expect(one, "Establishment") for one in ids]
    if None in found:
        raise BadRequest("BAD_ID", "Ces identifiants ne sont pas tous ceux d’établissements.")
    return [one for one in found if one is not None]


@strawberry.type(description="Ce que l’on peut faire pour ceux qui ne lisent pas.")
class ReadingMutations:
    """Roots."""

    @strawberry.mutation(
        description="Relancer par messagerie des établissements qui n’ont jamais ouvert un courrier. Gestionnaires. Le "
        "même établissement ne l’est pas deux fois en 30 jours, ni s’il ouvre un courrier avant son tour.",
        extensions=[Sensitive()],
    )
    async def remind_non_readers(
        self,
        info: Info,
        input: Annotated[RemindNonReadersInput, strawberry.argument(description="Qui relancer.")],
    ) -> RemindNonReadersPayload:
        """R-ADO-02."""
        given = input.filter.read() if input.filter else Filter()
        outcome = await reading_reminder.remind(
            operator(info),
            given,
            _numbers(input.establishment_ids),
            dry_run=input.dry_run,
            key=input.idempotency_key,
        )
        context: Context = info.context
        context.become(context.viewer)
        row = None if outcome.campaign_id is None else await context.load(reading_campaign.named, outcome.campaign_id)
        return RemindNonReadersPayload(
            establishments=outcome.establishments,
            recently_reminded=outcome.recently,
            unreachable=outcome.unreachable,
            campaign=ReadingCampaign.of(row) if row else None,
            errors=errors(outcome.errors),
        )
