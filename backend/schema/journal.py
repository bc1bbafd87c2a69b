"""The journal in the graph: who did what, for whom, when, from where (R-JRN-01, R-JRN-02)."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Self

import strawberry

from backend import database as db
from backend.reads import delegation, establishment, journal
from backend.reads.page import Listing
from backend.rules import globalid
from backend.schema.api_client import ApiClient, api_client_named
from backend.schema.connection import Connection, connect
from backend.schema.context import Context, Info
from backend.schema.enums import AuditCategory
from backend.schema.node import Node, referred
from backend.schema.scalars import at

if TYPE_CHECKING:
    from backend.schema.delegation import Delegation
    from backend.schema.establishment import Establishment
    from backend.schema.user import User

LazyDelegation = Annotated["Delegation", strawberry.lazy("backend.schema.delegation")]
LazyEstablishment = Annotated["Establishment", strawberry.lazy("backend.schema.establishment")]
LazyUser = Annotated["User", strawberry.lazy("backend.schema.user")]

_LOOKED_UP = {"Delegation": delegation.visible, "Establishment": establishment.visible}
"""Subjects that are shown only to those who can look them up; letters are judged where they are found."""


@strawberry.type(description="Ce qui a changé : un champ, sa valeur avant et après, telles qu’on les lit.")
class Change:
    """A change."""

    field: str = strawberry.field(description="Le champ, en français ; pour un droit, le service.")
    before: str | None = strawberry.field(description="Avant ; null : rien.")
    after: str | None = strawberry.field(description="Après ; null : rien.")


@strawberry.type(
    description="D’où cela a été fait. Pour la personne elle-même, ses administrateurs et les gestionnaires."
)
class AuditOrigin:
    """Where it was done from."""

    address: str | None = strawberry.field(description="L’adresse IP.")
    user_agent: str | None = strawberry.field(description="Le navigateur ou le programme, tel qu’il se présente.")


@strawberry.type(
    description="Un évènement du journal, jamais modifié ni effacé, chaîné au précédent : qui a fait quoi, pour qui, "
    "quand. Chacun lit les siens, les administrateurs ceux de leur établissement et ce qui y est fait par délégation."
)
class AuditEvent(Node):
    """An event."""

    row: strawberry.Private[db.Row]
    occurred_at: datetime = strawberry.field(description="Quand.")
    action: str = strawberry.field(description="Ce qui a été fait, pour un programme : « user.renewed ».")

    async def _told(self, info: Info) -> journal.Told:
        found: journal.Told = await info.context.look_up(journal.told, self.row["id"])
        return found

    @strawberry.field(description="En une phrase.")
    async def summary(self, info: Info) -> str:
        """The sentence."""
        return (await self._told(info)).summary

    @strawberry.field(description="De quoi il s’agit.")
    async def category(self, info: Info) -> AuditCategory:
        """Its category."""
        return AuditCategory((await self._told(info)).category)

    @strawberry.field(description="Ce qui a changé ; vide pour l’autre partie d’une délégation.")
    async def changes(self, info: Info) -> list[Change]:
        """Before and after (R-ACC-06)."""
        return [Change(field=one.field, before=one.before, after=one.after) for one in (await self._told(info)).changes]

    @strawberry.field(description="Le détail en a été effacé, avec les données d’une personne partie.")
    async def is_erased(self, info: Info) -> bool:
        """Whether its detail was erased (R-ACC-12)."""
        return (await self._told(info)).is_erased

    @strawberry.field(description="D’où ; null pour qui n’a pas à le savoir.")
    async def origin(self, info: Info) -> AuditOrigin | None:
        """From where."""
        told = await self._told(info)
        if told.address is None and told.user_agent is None:
            return None
        return AuditOrigin(address=told.address, user_agent=told.user_agent)

    @strawberry.field(description="Qui l’a fait ; null pour la plateforme, un programme ou une personne non connectée.")
    async def actor(self, info: Info) -> LazyUser | None:
        """Who."""
        found: LazyUser | None = await referred(info.context, "User", self.row["actor_id"])
        return found

    @strawberry.field(description="Le client technique qui l’a fait. Gestionnaires.")
    async def api_client(self, info: Info) -> ApiClient | None:
        """The program, for operators."""
        if not info.context.seer.is_operator or self.row["api_client_id"] is None:
            return None
        return await api_client_named(info.context, self.row["api_client_id"])

    @strawberry.field(description="L’établissement où c’est arrivé, celui de la personne qui agit.")
    async def establishment(self, info: Info) -> LazyEstablishment | None:
        """Where."""
        found: LazyEstablishment | None = await referred(info.context, "Establishment", self.row["establishment_id"])
        return found

    @strawberry.field(description="L’établissement pour lequel, par une délégation.")
    async def on_behalf_of(self, info: Info) -> LazyEstablishment | None:
        """For whom (R-DEL-07)."""
        found: LazyEstablishment | None = await referred(info.context, "Establishment", self.row["on_behalf_of_id"])
        return found

    @strawberry.field(description="La délégation par laquelle.")
    async def through(self, info: Info) -> LazyDelegation | None:
        """Through what (R-DEL-07)."""
        found: LazyDelegation | None = await referred(info.context, "Delegation", self.row["delegation_id"])
        return found

    @strawberry.field(description="Ce sur quoi cela porte, si vous le voyez.")
    async def subject(self, info: Info) -> Node | None:
        """On what."""
        kind, number = self.row["subject_type"], self.row["subject_id"]
        if kind in _LOOKED_UP and not await info.context.look_up(_LOOKED_UP[kind], number):
            return None
        if kind in {"User", "Courrier", *_LOOKED_UP}:
            found: Node | None = await referred(info.context, kind, number)
            return found
        return None

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("AuditEvent", row["id"])),
            row=row,
            occurred_at=at(row["occurred_at"]),
            action=row["action"],
        )


async def audit_event_seen(context: Context, number: int) -> AuditEvent | None:
    """An event, if the viewer reads it."""
    row = await context.look_up(journal.visible, number)
    return AuditEvent.of(row) if row else None


async def audit_page(
    listing: Listing, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[AuditEvent]:
    """A page of events."""
    page: Connection[AuditEvent] = await connect(listing, AuditEvent.of, first, after, last, before)
    return page


@strawberry.input(description="Ce à quoi un journal est réduit.")
class AuditFilter:
    """A filter of events (R-JRN-02)."""

    categories: list[AuditCategory] | None = strawberry.field(default=None, description="De l’une de ces catégories.")
    from_: date | None = strawberry.field(name="from", default=None, description="Depuis ce jour, compris (Paris).")
    until: date | None = strawberry.field(default=None, description="Jusqu’à ce jour, compris (Paris).")
    search: str | None = strawberry.field(
        default=None, description="Mots du nom d’une personne qui a agi ou sur qui porte l’évènement."
    )
    actor: strawberry.ID | None = strawberry.field(default=None, description="Fait par ce compte.")
    subject: strawberry.ID | None = strawberry.field(default=None, description="Portant sur ce compte.")

    def read(self) -> journal.Filter:
        """As the reads take it."""
        return journal.Filter(
            categories=tuple(one.value for one in self.categories or ()),
            since=self.from_,
            until=self.until,
            search=self.search,
            actor_id=_account(self.actor),
            subject_id=_account(self.subject),
        )


def _account(identifier: Any) -> int | None:
    """The number of an account; one of another type names nothing (0)."""
    return None if identifier is None else globalid.expect(identifier, "User") or 0


AuditFilterArgument = Annotated[AuditFilter | None, strawberry.argument(description="Ce à quoi la liste est réduite.")]


def read_filter(given: AuditFilter | None) -> journal.Filter:
    """The filter as the reads take it."""
    return given.read() if given else journal.Filter()
