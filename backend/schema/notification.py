"""E-mails in the graph."""

from datetime import datetime
from typing import Self

import strawberry

from backend import database as db
from backend.reads.page import Listing
from backend.rules import globalid
from backend.schema.connection import Connection, connect
from backend.schema.enums import NotificationKind, NotificationStatus
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
        )


async def notifications_page(
    listing: Listing, first: int | None, after: str | None, last: int | None, before: str | None
) -> Connection[Notification]:
    """A page of messages."""
    found: Connection[Notification] = await connect(listing, Notification.of, first, after, last, before)
    return found
