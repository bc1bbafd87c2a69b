"""Accounts and rights in the graph."""

import asyncio
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from backend import database as db
from backend.reads import journal, notification, task, user
from backend.rules import access, globalid, session
from backend.rules.error import Results
from backend.schema.connection import Connection
from backend.schema.context import Context, Info
from backend.schema.enums import LEVELS, NUMBERS, AccountStatus, Civility, Level, Profile
from backend.schema.error import ItemResult, errors
from backend.schema.journal import AuditEvent, AuditFilterArgument, audit_page, read_filter
from backend.schema.node import Node, finds, referred
from backend.schema.scalars import After, Before, First, Last, ServiceCode, at, instant
from backend.schema.service import Service, service_named

if TYPE_CHECKING:
    from backend.schema.delegation import Delegation
    from backend.schema.establishment import Establishment

LazyEstablishment = Annotated["Establishment", strawberry.lazy("backend.schema.establishment")]
LazyDelegation = Annotated["Delegation", strawberry.lazy("backend.schema.delegation")]
LazyUser = Annotated["User", strawberry.lazy("backend.schema.user")]


@strawberry.type(description="Un droit : le niveau d’un compte sur un service.")
class Right:
    """A right."""

    service_id: strawberry.Private[int]
    giver_id: strawberry.Private[int | None]
    level: Level = strawberry.field(description="Le niveau.")
    granted_at: datetime = strawberry.field(description="Quand il a été donné.")

    @strawberry.field(description="Le service.")
    async def service(self, info: Info) -> Service:
        """The service."""
        return await service_named(info.context, self.service_id)

    @strawberry.field(description="Qui l’a donné ; null pour un droit repris de l’ancienne plateforme.")
    async def granted_by(self, info: Info) -> LazyUser | None:
        """Who gave it."""
        return await user_named(info.context, self.giver_id)


def right_of(row: db.Row) -> Right:
    """From its row."""
    return Right(
        service_id=row["service_id"],
        giver_id=row["granted_by_id"],
        level=LEVELS[row["level"]],
        granted_at=at(row["granted_at"]),
    )


@strawberry.type(
    description="Le compte d’une personne dans un établissement. Une personne est nommée là où elle a agi ; les champs "
    "privés (ceux qui peuvent être null) ne le sont pas pour elle-même, ses administrateurs et les gestionnaires."
)
class User(Node):
    """An account: its public face, and its private side for who may see it."""

    row: strawberry.Private[db.Row]
    first_name: str = strawberry.field(description="Prénom.")
    last_name: str = strawberry.field(description="Nom.")
    civility: Civility | None = strawberry.field(description="Civilité.")
    profile: Profile = strawberry.field(description="Profil.")

    def _is_private_to(self, info: Info) -> bool:
        if self.row.get("is_administered"):
            return True
        return access.manages_account(info.context.seer, self.row["id"], self.row["establishment_id"])

    @strawberry.field(description="L’établissement du compte.")
    async def establishment(self, info: Info) -> LazyEstablishment:
        """Its establishment."""
        found: LazyEstablishment = await referred(info.context, "Establishment", self.row["establishment_id"])
        return found

    @strawberry.field(description="L’identifiant de connexion, donné par la plateforme, jamais redonné. Privé.")
    def identifier(self, info: Info) -> str | None:
        """Private."""
        return self.row["identifier"] if self._is_private_to(info) else None

    @strawberry.field(description="Adresse de messagerie. Privé, sauf celle d’un administrateur pour ses collègues.")
    def email(self, info: Info) -> str | None:
        """Private, but for colleagues of an administrator."""
        home, is_administrator = self.row["establishment_id"], bool(self.row["is_administrator"])
        writable = access.sees_address_of(info.context.seer, home, is_administrator=is_administrator)
        return self.row["email"] if writable or self._is_private_to(info) else None

    @strawberry.field(description="Le dernier message à son adresse n’a pas pu être remis. Privé.")
    async def email_bounces(self, info: Info) -> bool | None:
        """Private (R-NOT-02)."""
        if not self._is_private_to(info):
            return None
        bounces: bool = await info.context.load(notification.bounces, self.row["id"])
        return bounces

    @strawberry.field(
        description="L’adresse demandée qui attend d’être confirmée ; null s’il n’y en a pas. Jusque-là, c’est email "
        "qui sert. Privé."
    )
    async def pending_email(self, info: Info) -> str | None:
        """Private (R-ACC-07)."""
        if not self._is_private_to(info):
            return None
        found: str | None = await info.context.load(user.pending_emails, self.row["id"])
        return found

    @strawberry.field(description="Téléphone. Privé.")
    def phone(self, info: Info) -> str | None:
        """Private."""
        return self.row["phone"] if self._is_private_to(info) else None

    @strawberry.field(description="L’état du compte à cet instant. Privé.")
    def status(self, info: Info) -> AccountStatus | None:
        """Private."""
        return AccountStatus(self.row["status"]) if self._is_private_to(info) else None

    @strawberry.field(description="Quand le compte a été créé. Privé.")
    def created_at(self, info: Info) -> datetime | None:
        """Private."""
        return at(self.row["created_at"]) if self._is_private_to(info) else None

    @strawberry.field(description="Dernière connexion. Privé.")
    def last_login_at(self, info: Info) -> datetime | None:
        """Private."""
        return instant(self.row["last_login_at"]) if self._is_private_to(info) else None

    @strawberry.field(
        description="Dernier jour où le compte peut servir sans nouvelle connexion ni renouvellement. Privé."
    )
    def expires_on(self, info: Info) -> date | None:
        """Private (R-ACC-08)."""
        return date.fromisoformat(self.row["expires_on"]) if self._is_private_to(info) else None

    @strawberry.field(description="Expire dans les 60 jours. Privé.")
    def expires_soon(self, info: Info) -> bool | None:
        """Private."""
        return task.soon(self.row["expires_on"]) if self._is_private_to(info) else None

    @strawberry.field(
        description="Depuis quand ses droits sont à revoir : le compte a été rouvert et aucun administrateur ne les a "
        "confirmés ni changés ; null sinon. Privé."
    )
    def rights_to_review_since(self, info: Info) -> datetime | None:
        """Private (R-ACC-11)."""
        return instant(self.row["rights_to_review_since"]) if self._is_private_to(info) else None

    @strawberry.field(description="A un second facteur. Privé.")
    def has_second_factor(self, info: Info) -> bool | None:
        """Private."""
        return bool(self.row["has_second_factor"]) if self._is_private_to(info) else None

    @strawberry.field(description="Ses droits, service par service ; un service absent vaut Aucun. Privé.")
    async def rights(self, info: Info) -> list[Right] | None:
        """Private (R-RGT-01)."""
        if not self._is_private_to(info):
            return None
        return [right_of(row) for row in await info.context.load(user.rights, self.row["id"])]

    @strawberry.field(description="Son niveau sur un service. Privé.")
    async def level(
        self, info: Info, service: Annotated[ServiceCode, strawberry.argument(description="Code du service.")]
    ) -> Level | None:
        """Private: one level, from the same load as all rights."""
        if not self._is_private_to(info):
            return None
        held = {row["code"]: row["level"] for row in await info.context.load(user.rights, self.row["id"])}
        return LEVELS[held.get(service)]

    @strawberry.field(description="Les délégations en vigueur par lesquelles il agit. Privé.")
    async def delegated_access(self, info: Info) -> list[LazyDelegation] | None:
        """Private (R-DEL-05)."""
        if not self._is_private_to(info):
            return None
        rows = await info.context.load(user.delegations, self.row["id"])
        return [await referred(info.context, "Delegation", row["id"]) for row in rows]

    @strawberry.field(
        description="Son journal, du plus récent au plus ancien : ce que ce compte a fait et ce qui lui a été fait, "
        "autant que vous avez à le savoir. Privé."
    )
    async def audit_events(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: AuditFilterArgument = None,
    ) -> Connection[AuditEvent] | None:
        """Private (R-JRN-02, R-ACC-17)."""
        if not self._is_private_to(info):
            return None
        found = journal.of_user(info.context.seer, self.row["id"], read_filter(filter))
        return await audit_page(found, first, after, last, before)

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("User", row["id"])),
            row=row,
            first_name=row["first_name"],
            last_name=row["last_name"],
            civility=Civility(row["civility"]) if row["civility"] else None,
            profile=Profile.ADMINISTRATOR if row["is_administrator"] else Profile.USER,
        )


@finds("User")
async def user_named(context: Context, number: int | None) -> User | None:
    """The person that a fact one sees names."""
    if number is None:
        return None
    row = await context.load(user.named, number)
    return User.of(row) if row else None


async def user_seen(context: Context, number: int | None) -> User | None:
    """An account, if the viewer can look it up."""
    if number is None:
        return None
    row = await context.look_up(user.visible, number)
    return User.of(row) if row else None


async def users_renewed(context: Context, outcome: Results) -> list["User"]:
    """The accounts that were renewed, as they are now, in all the establishments one administers (R-ACC-10)."""
    rows = await user.administered(context.seer, outcome.done_ids)
    return [User.of(row) for row in rows if row is not None]


def ids_of(identifiers: Sequence[str]) -> list[int]:
    """The numbers of accounts' identifiers; one of another type names nothing (0)."""
    return [globalid.expect(one, "User") or 0 for one in identifiers]


async def changed(context: Context) -> None:
    """Accounts or rights have changed, the viewer's own perhaps: judge them anew, and load everything anew."""
    if context.viewer is not None:
        context.become(await session.renewed(context.viewer))


async def users_done(context: Context, outcome: Results) -> list[User]:
    """The accounts for which a grouped action was done, as they are now."""
    found = await asyncio.gather(*(user_seen(context, one) for one in outcome.done_ids))
    return [one for one in found if one is not None]


def results_of(outcome: Results) -> list[ItemResult]:
    """Each account's result."""
    return [
        ItemResult(id=strawberry.ID(globalid.encode("User", one)), errors=errors(refusals))
        for one, refusals in outcome.results
    ]


@strawberry.input(description="Ce à quoi une liste de comptes est réduite.")
class UserFilter:
    """A filter of accounts."""

    search: str | None = strawberry.field(
        default=None, description="Mots du nom, du prénom, de l’adresse ou de l’identifiant ; sans accents ni casse."
    )
    status: list[AccountStatus] | None = strawberry.field(default=None, description="Dans l’un de ces états.")
    profile: Profile | None = strawberry.field(default=None, description="De ce profil.")
    service: ServiceCode | None = strawberry.field(default=None, description="Ayant un droit sur ce service.")
    level: Level | None = strawberry.field(
        default=None,
        description="Ayant ce niveau : sur ce service s’il est dit, sur l’un d’eux sinon ; NONE, aucun droit.",
    )
    expires_within: int | None = strawberry.field(default=None, description="Expirant d’ici ce nombre de jours.")
    expires_from: date | None = strawberry.field(default=None, description="Expirant à partir de ce jour.")
    expires_until: date | None = strawberry.field(default=None, description="Expirant au plus tard ce jour.")
    rights_to_review: bool | None = strawberry.field(
        default=None, description="Rouverts, et dont les droits sont à revoir (true) ou non (false)."
    )

    def read(self) -> user.Filter:
        """As the reads take it."""
        return user.Filter(
            search=self.search,
            status=tuple(one.value for one in self.status or ()),
            is_administrator=None if self.profile is None else self.profile is Profile.ADMINISTRATOR,
            service=self.service,
            level=None if self.level is None else NUMBERS[self.level],
            expires_within=self.expires_within,
            expires_from=self.expires_from,
            expires_until=self.expires_until,
            has_rights_to_review=self.rights_to_review,
        )


ORDERS = {
    None: user.BY_NAME,
    "NAME_ASC": user.BY_NAME,
    "EXPIRES_ASC": user.BY_EXPIRY,
    "LAST_LOGIN_DESC": user.BY_LAST_LOGIN,
    "CREATED_DESC": user.NEWEST,
}
