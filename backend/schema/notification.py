"""E-mails in the graph."""

from datetime import datetime
from typing import Self

import strawberry

from backend import database as db
from backend.rules import globalid
from backend.schema.enums import NotificationKind, NotificationStatus
from backend.schema.node import Node
from backend.schema.scalars import at, instant


@strawberry.type(description="Un message que la plateforme envoie, et où il en est.")
class Notification(Node):
    """An e-mail."""

    kind: NotificationKind = strawberry.field(description="Pourquoi il est envoyé.")
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
            recipient=row["recipient"],
            subject=row["subject"],
            status=NotificationStatus(row["status"]),
            attempts=row["attempts"],
            queued_at=at(row["queued_at"]),
            sent_at=instant(row["sent_at"]),
            last_error=row["last_error"],
        )
