"""Who could read a letter on a day, in the graph."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from backend import clock
from backend import database as db
from backend.reads import past_reader
from backend.schema.connection import Connection, connect
from backend.schema.context import Info
from backend.schema.delegation import Delegation, delegation_named
from backend.schema.enums import LEVELS, Level
from backend.schema.node import referred
from backend.schema.scalars import After, Before, First, Last, at, instant
from backend.schema.user import User, user_named

if TYPE_CHECKING:
    from backend.schema.establishment import Establishment

LazyEstablishment = Annotated["Establishment", strawberry.lazy("backend.schema.establishment")]


@strawberry.type(
    description="Une personne qui pouvait lire un courrier, à quel titre et à quel niveau. Il y en a une par titre, et "
    "par période sans interruption."
)
class PastReader:
    """Who could read."""

    found: strawberry.Private[past_reader.Reader]
    level: Level = strawberry.field(description="À quel niveau : par une délégation, le plus bas des deux.")
    since: datetime = strawberry.field(description="Depuis quand ce courrier lui était lisible à ce titre.")
    until: datetime | None = strawberry.field(description="Jusqu’à quand ; null : il l’est encore.")

    @strawberry.field(description="Qui.")
    async def user(self, info: Info) -> User:
        """The person."""
        named = await user_named(info.context, self.found.user_id)
        if named is None:
            raise LookupError("a reader without an account")
        return named

    @strawberry.field(description="Son établissement.")
    async def establishment(self, info: Info) -> LazyEstablishment:
        """Their home."""
        found: LazyEstablishment = await referred(info.context, "Establishment", self.found.establishment_id)
        return found

    @strawberry.field(description="La délégation par laquelle cette personne pouvait lire ; null : chez elle.")
    async def through(self, info: Info) -> Delegation | None:
        """In what capacity."""
        return await delegation_named(info.context, self.found.delegation_id)

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From what was found."""
        found: past_reader.Reader = row["reader"]
        return cls(found=found, level=LEVELS[found.level], since=at(found.since), until=instant(found.until))


@strawberry.type(
    description="Qui pouvait lire un courrier, à un moment ou à un autre d’un jour de Paris : d’après les droits, les "
    "délégations, la vie des comptes et les conditions d’utilisation. Un blocage d’une demi-heure et un second facteur "
    "à enregistrer ne retirent pas un droit : ils ne comptent pas."
)
class ReadersOnDay:
    """The answer (R-JRN-04)."""

    found: strawberry.Private[past_reader.Readers]
    asked_on: date = strawberry.field(description="Le jour demandé.")
    known_since: date | None = strawberry.field(
        description="Si ce jour est trop ancien pour être connu sûrement : le jour depuis lequel tout ce qui change "
        "est gardé. null si la réponse est sûre."
    )
    remark: str | None = strawberry.field(description="Ce qu’il faut en savoir alors ; null si la réponse est sûre.")

    @strawberry.field(description="Ces personnes, par nom.")
    async def readers(
        self, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[PastReader]:
        """The people."""
        page: Connection[PastReader] = await connect(self.found, PastReader.of, first, after, last, before)
        return page

    @classmethod
    def of(cls, day: date, found: past_reader.Readers) -> Self:
        """From what was found."""
        remark = None
        if found.known_since is not None:
            remark = (
                f"Les droits qui changent sont gardés depuis le {clock.french_date(found.known_since)}. Avant, cette "
                "réponse est reconstituée d’après le journal : il peut y manquer ce qui a été retiré à une personne "
                "dont le compte a depuis été effacé, et ce qui n’était pas encore écrit au journal."
            )
        return cls(found=found, asked_on=day, known_since=found.known_since, remark=remark)
