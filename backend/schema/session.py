"""Signing in and one's sessions in the graph."""

from datetime import datetime
from typing import Self

import strawberry

from backend import database as db
from backend.rules import email_change, globalid, password
from backend.rules.viewer import Viewer
from backend.schema.enums import PasswordLinkPurpose, SessionTransport
from backend.schema.scalars import at


@strawberry.type(description="Une de vos connexions ouvertes.")
class Session:
    """A session."""

    id: strawberry.ID = strawberry.field(description="Son identifiant.")
    created_at: datetime = strawberry.field(description="Ouverte le.")
    last_seen_at: datetime = strawberry.field(description="Dernier usage, à la minute près.")
    user_agent: str | None = strawberry.field(description="Le navigateur ou le programme, tel qu’il se présente.")
    is_current: bool = strawberry.field(description="C’est celle dont vous vous servez.")

    @classmethod
    def of(cls, row: db.Row, viewer: Viewer) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("Session", row["id"])),
            created_at=at(row["created_at"]),
            last_seen_at=at(row["last_seen_at"]),
            user_agent=row["user_agent"],
            is_current=row["id"] == viewer.session_id,
        )


@strawberry.type(description="Ce que vaut un lien de mot de passe, avant d’en choisir un.")
class PasswordLink:
    """A link."""

    identifier: str = strawberry.field(description="L’identifiant du compte.")
    establishment_name: str = strawberry.field(description="L’établissement du compte.")
    purpose: PasswordLinkPurpose = strawberry.field(description="Premier mot de passe, ou nouveau.")
    expires_at: datetime = strawberry.field(description="Valable jusqu’à cet instant.")

    @classmethod
    def of(cls, found: password.PasswordLink) -> Self:
        """From the rule's answer."""
        return cls(
            identifier=found.identifier,
            establishment_name=found.establishment_name,
            purpose=PasswordLinkPurpose(found.purpose),
            expires_at=found.expires_at,
        )


@strawberry.type(description="Ce que vaut un lien de confirmation d’adresse, avant de la confirmer.")
class EmailLink:
    """A link."""

    new_email: str = strawberry.field(description="L’adresse à confirmer.")
    establishment_name: str = strawberry.field(description="L’établissement du compte.")
    expires_at: datetime = strawberry.field(description="Valable jusqu’à cet instant.")

    @classmethod
    def of(cls, found: email_change.EmailLink) -> Self:
        """From the rule's answer."""
        return cls(
            new_email=found.new_email,
            establishment_name=found.establishment_name,
            expires_at=found.expires_at,
        )


@strawberry.input(description="De quoi se connecter.")
class LogInInput:
    """Credentials."""

    identifier: str = strawberry.field(description="L’identifiant donné par la plateforme.")
    password: str = strawberry.field(description="Le mot de passe.")
    transport: SessionTransport = strawberry.field(
        default=SessionTransport.COOKIE, description="Comment la session sera reconnue."
    )
    device_token: str | None = strawberry.field(
        default=None,
        description="Pour le transport TOKEN : ce que confirmSecondFactor a donné à cet appareil de confiance.",
    )


@strawberry.input(description="De quoi demander un nouveau mot de passe.")
class RequestPasswordResetInput:
    """Whose."""

    identifier: str = strawberry.field(description="L’identifiant donné par la plateforme.")
    return_to: str | None = strawberry.field(
        default=None, description="Où la personne allait, un chemin de la plateforme : le lien reçu l’y mènera."
    )


@strawberry.input(description="De quoi choisir un mot de passe.")
class SetPasswordInput:
    """The link and the password."""

    token: str = strawberry.field(description="Le jeton du lien reçu par messagerie.")
    password: str = strawberry.field(description="Le mot de passe choisi, de 12 caractères au moins.")


@strawberry.input(description="Pour quel établissement agir.")
class ActForInput:
    """Which."""

    establishment_id: strawberry.ID = strawberry.field(
        description="Un établissement de viewer.establishments ; le sien pour y revenir."
    )
