"""E-mails in the graph."""

from datetime import datetime
from typing import Self

import strawberry

from backend import database as db
from backend.reads.page import Listing
from backend.rules import globalid, preference
from backend.rules import replay as sent
from backend.schema.connection import Connection, connect
from backend.schema.enums import FundCode, NotificationKind, NotificationRhythm, NotificationStatus
from backend.schema.node import Node
from backend.schema.scalars import at, instant

_REASONS = {
    NotificationKind.INVITATION: "Envoyé quand un compte est ouvert ou rouvert, pour choisir son mot de passe.",
    NotificationKind.PASSWORD_RESET: "Envoyé quand un nouveau mot de passe est demandé avec l’identifiant du compte.",
    NotificationKind.ACCOUNT_EXPIRING: "Envoyé avant qu’un compte expire, 14 jours, 7 jours puis 1 jour avant, à sa "
    "personne et à ses administrateurs ; à ceux-ci, aussi le 20 du mois précédent.",
    NotificationKind.ACCOUNT_EXPIRED: "Envoyé quand un compte expire, à sa personne et à ses administrateurs.",
    NotificationKind.NEW_COURRIER: "Envoyé à chaque nouveau courrier, aux personnes qui peuvent le lire et ont choisi "
    "d’être prévenues à chaque dépôt.",
    NotificationKind.COURRIER_DIGEST: "Envoyé chaque jour ou chaque semaine, aux personnes qui ont choisi un "
    "récapitulatif de leurs nouveaux courriers.",
    NotificationKind.DELEGATION_REQUESTED: "Envoyé aux administrateurs d’un établissement à qui une délégation est "
    "demandée.",
    NotificationKind.DELEGATION_DECIDED: "Envoyé quand une demande de délégation est acceptée, refusée, retirée "
    "ou reste sans réponse, et quand une délégation est prolongée.",
    NotificationKind.DELEGATION_ENDED: "Envoyé quand une délégation prend fin et, avant sa date de fin, 60 jours, "
    "15 jours puis 1 jour avant.",
    NotificationKind.DELEGATION_MEMBER: "Envoyé à une personne quand un administrateur la choisit pour agir pour "
    "d’autres établissements, ou la retire.",
    NotificationKind.NEW_SERVICE: "Envoyé aux administrateurs quand un service ouvre et que ses droits sont à donner.",
    NotificationKind.NEW_TERMS: "Envoyé aux administrateurs quand les conditions générales changent et sont à "
    "accepter.",
    NotificationKind.READ_REMINDER: "Envoyé quand un courrier n’a été lu par personne.",
    NotificationKind.SECURITY_ALERT: "Envoyé chaque fois que quelque chose touche à la sécurité du compte ou à sa "
    "personne.",
    NotificationKind.EMAIL_CONFIRMATION: "Envoyé à une nouvelle adresse de messagerie, pour la confirmer.",
    NotificationKind.IDENTIFIER_REMINDER: "Envoyé quand un identifiant oublié est demandé avec l’adresse du compte.",
    NotificationKind.ACCOUNT_UNLOCKED: "Envoyé quand un administrateur débloque le compte.",
    NotificationKind.SECOND_ADMINISTRATOR: "Envoyé une fois par mois à qui administre seul les comptes d’un "
    "établissement.",
}


@strawberry.type(description="Un message que la plateforme envoie, et où il en est.")
class Notification(Node):
    """An e-mail."""

    kind: NotificationKind = strawberry.field(description="Pourquoi il est envoyé.")
    reason: str = strawberry.field(description="La règle qui le fait envoyer, en une phrase.")
    recipient: str = strawberry.field(description="À qui.")
    subject: str = strawberry.field(description="Son objet.")
    status: NotificationStatus = strawberry.field(description="Où il en est.")
    attempts: int = strawberry.field(description="Nombre d’essais.")
    queued_at: datetime = strawberry.field(description="Quand il a été mis en attente d’envoi.")
    sent_at: datetime | None = strawberry.field(description="Quand il a été remis au serveur de messagerie.")
    last_error: str | None = strawberry.field(description="Ce qui a empêché le dernier essai.")
    next_attempt_at: datetime | None = strawberry.field(
        description="Quand il sera essayé, ou essayé de nouveau ; null s’il ne l’est plus."
    )
    bounced_at: datetime | None = strawberry.field(description="Quand le serveur a refusé l’adresse pour de bon.")

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("Notification", row["id"])),
            kind=NotificationKind(row["kind"]),
            reason=_REASONS[NotificationKind(row["kind"])],
            recipient=row["recipient"],
            subject=row["subject"],
            status=NotificationStatus(row["status"]),
            attempts=row["attempts"],
            queued_at=at(row["queued_at"]),
            sent_at=instant(row["sent_at"]),
            last_error=row["last_error"],
            next_attempt_at=at(row["next_attempt_at"]) if row["status"] in {"QUEUED", "FAILED"} else None,
            bounced_at=instant(row["bounced_at"]),
        )


@strawberry.type(description="Comment une personne est prévenue des nouveaux courriers et de son compte.")
class NotificationPreferences:
    """Preferences."""

    new_courriers: NotificationRhythm = strawberry.field(description="Le rythme des annonces de courriers.")
    funds: list[FundCode] = strawberry.field(description="Les fonds dont les courriers sont annoncés.")
    account_expiry: bool = strawberry.field(description="Prévenue avant l’expiration de son compte.")

    @classmethod
    def of(cls, given: preference.Preferences) -> Self:
        """From what is kept: the funds that are silenced."""
        return cls(
            new_courriers=NotificationRhythm(given.rhythm),
            funds=[one for one in FundCode if one.value not in given.muted_funds],
            account_expiry=given.account_expiry,
        )


@strawberry.type(description="Combien de messages sont dans un état.")
class NotificationCount:
    """A count."""

    status: NotificationStatus = strawberry.field(description="L’état.")
    count: int = strawberry.field(description="Combien.")


@strawberry.input(description="Quels messages ; ce qui n’est pas dit ne filtre pas.")
class NotificationFilter:
    """Which."""

    status: list[NotificationStatus] | None = strawberry.field(default=None, description="Dans l’un de ces états.")
    kind: list[NotificationKind] | None = strawberry.field(default=None, description="De l’une de ces sortes.")
    recipient: str | None = strawberry.field(
        default=None, description="À cette adresse, ou à celles qui commencent ainsi."
    )
    bounced: bool | None = strawberry.field(default=None, description="Dont l’adresse a été refusée pour de bon.")


def read_filter(given: NotificationFilter | None) -> sent.Filter:
    """As rules and reads say it."""
    if given is None:
        return sent.Filter()
    return sent.Filter(
        statuses=tuple(one.value for one in given.status or ()),
        kinds=tuple(one.value for one in given.kind or ()),
        recipient=given.recipient or "",
        bounced=given.bounced,
    )


async def notifications_page(
    listing: Listing, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Notification]:
    """A page of messages."""
    found: Connection[Notification] = await connect(listing, Notification.of, first, after, last, before)
    return found
