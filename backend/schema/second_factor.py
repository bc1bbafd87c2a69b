"""Second factors and trusted devices in the graph."""

from datetime import datetime
from typing import Self

import strawberry
from strawberry.scalars import JSON

from backend import database as db
from backend.rules import challenge, globalid, second_factor
from backend.schema.enums import SecondFactorKind, SecondFactorMethod
from backend.schema.scalars import at, instant


@strawberry.type(description="L’un de vos seconds facteurs : une application ou une clé d’accès.")
class SecondFactor:
    """A second factor."""

    id: strawberry.ID = strawberry.field(description="Son identifiant.")
    kind: SecondFactorKind = strawberry.field(description="Son genre.")
    label: str = strawberry.field(description="Le nom que vous lui avez donné.")
    enrolled_at: datetime = strawberry.field(description="Enregistré le.")
    last_used_at: datetime | None = strawberry.field(description="Dernier usage.")

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("SecondFactor", row["id"])),
            kind=SecondFactorKind(row["kind"]),
            label=row["label"],
            enrolled_at=at(row["enrolled_at"]),
            last_used_at=instant(row["last_used_at"]),
        )


@strawberry.type(description="Un appareil où le second facteur n’est pas demandé pendant 7 jours.")
class TrustedDevice:
    """A device."""

    id: strawberry.ID = strawberry.field(description="Son identifiant.")
    user_agent: str | None = strawberry.field(description="Le navigateur ou le programme, tel qu’il se présente.")
    trusted_at: datetime = strawberry.field(description="De confiance depuis.")
    expires_at: datetime = strawberry.field(description="De confiance jusqu’à.")

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            id=strawberry.ID(globalid.encode("TrustedDevice", row["id"])),
            user_agent=row["user_agent"],
            trusted_at=at(row["trusted_at"]),
            expires_at=at(row["expires_at"]),
        )


@strawberry.type(description="Une demande de second facteur, à laquelle répond confirmSecondFactor.")
class SecondFactorChallenge:
    """What is asked."""

    token: str = strawberry.field(description="À donner avec la réponse ; ne sert qu’une fois.")
    expires_at: datetime = strawberry.field(description="Valable jusqu’à cet instant.")
    methods: list[SecondFactorMethod] = strawberry.field(description="Ce par quoi la personne peut répondre.")
    passkey_options: JSON | None = strawberry.field(
        description="Ce que le navigateur doit faire signer à la clé d’accès (PublicKeyCredentialRequestOptionsJSON) ; "
        "null si la personne n’en a pas."
    )

    @classmethod
    def of(cls, asked: challenge.Challenge | None) -> Self | None:
        """From the rule's answer."""
        if asked is None:
            return None
        return cls(
            token=asked.secret,
            expires_at=asked.expires_at,
            methods=[SecondFactorMethod(one) for one in asked.methods],
            passkey_options=JSON(asked.passkey_request) if asked.passkey_request is not None else None,
        )


@strawberry.type(description="Un enregistrement commencé : ce qui n’est montré qu’une fois.")
class SecondFactorEnrolment:
    """What an application or a browser is given."""

    challenge: str = strawberry.field(description="À donner avec la confirmation.")
    expires_at: datetime = strawberry.field(description="À confirmer avant cet instant.")
    secret: str | None = strawberry.field(description="TOTP : le secret, à recopier dans l’application.")
    uri: str | None = strawberry.field(description="TOTP : le même, en adresse otpauth:.")
    qr_code: str | None = strawberry.field(description="TOTP : le même, en image à photographier (SVG, adresse data:).")
    passkey_options: JSON | None = strawberry.field(
        description="PASSKEY : ce que le navigateur doit faire (PublicKeyCredentialCreationOptionsJSON)."
    )

    @classmethod
    def of(cls, begun: second_factor.Enrolment) -> Self | None:
        """From the rule's answer."""
        if begun.challenge is None:
            return None
        return cls(
            challenge=begun.challenge.secret,
            expires_at=begun.challenge.expires_at,
            secret=begun.secret,
            uri=begun.uri,
            qr_code=begun.picture,
            passkey_options=JSON(begun.passkey_request) if begun.passkey_request is not None else None,
        )
