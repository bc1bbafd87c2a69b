"""What a deposit says, in the graph: one, or a line of a batch."""

from collections.abc import Sequence
from datetime import date, datetime

import strawberry

from backend.rules import document, siret
from backend.rules.deposit_content import Attachment, Deposit
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer


@strawberry.input(description="Une pièce jointe d’un dépôt.")
class AttachmentInput:
    """A further file."""

    upload_id: strawberry.ID = strawberry.field(description="Ce qu’a répondu PUT /uploads.")
    file_name: str = strawberry.field(description="Le nom sous lequel la télécharger.")


@strawberry.input(
    description="Un courrier à déposer. Le PDF est envoyé d’abord à PUT /uploads, jamais à travers GraphQL. Déposer "
    "deux fois le même (même fonds, même référence, même contenu) répond avec le premier."
)
class DepositCourrierInput:
    """A letter (R-COU-01)."""

    upload_id: strawberry.ID = strawberry.field(description="Ce qu’a répondu PUT /uploads pour le PDF.")
    siret: str = strawberry.field(description="L’établissement à qui il est adressé.")
    type: str = strawberry.field(description="Le code de son modèle.")
    reference: str = strawberry.field(description="La référence du fonds, unique chez lui.")
    subject: str = strawberry.field(description="Son objet.")
    letter_date: date = strawberry.field(description="Sa date.")
    fiscal_year: int | None = strawberry.field(default=None, description="L’exercice qu’il concerne.")
    due_on: date | None = strawberry.field(default=None, description="Répondre ou agir avant ce jour.")
    acknowledgement_required: bool = strawberry.field(default=False, description="Demander un accusé de réception.")
    replaces: str | None = strawberry.field(default=None, description="La référence du courrier qu’il remplace.")
    publish_at: datetime | None = strawberry.field(default=None, description="Le mettre à disposition à cet instant.")
    attachments: list[AttachmentInput] = strawberry.field(default_factory=list, description="Ses pièces jointes.")
    file_name: str | None = strawberry.field(default=None, description="Le nom sous lequel le télécharger.")


async def deposits(
    viewer: Viewer, given: Sequence[DepositCourrierInput]
) -> list[tuple[Deposit | None, tuple[UserError, ...]]]:
    """Each deposit with its uploads found; or which of them are not the viewer's."""
    named = [each for one in given for each in (one.upload_id, *(file.upload_id for file in one.attachments))]
    found = await document.uploaded(viewer, named)
    return [_deposit(one, found) for one in given]


def _deposit(
    given: DepositCourrierInput, found: dict[str, tuple[int, str | None]]
) -> tuple[Deposit | None, tuple[UserError, ...]]:
    wanted = [(given.upload_id, ("uploadId",))] + [
        (one.upload_id, ("attachments", str(number), "uploadId")) for number, one in enumerate(given.attachments)
    ]
    message = "Ce fichier n’est pas de ceux que vous avez envoyés depuis 24 heures : envoyez-le de nouveau."
    refusals = [UserError(ErrorCode.UNKNOWN_UPLOAD, message, path) for one, path in wanted if one not in found]
    if refusals:
        return None, tuple(refusals)
    document_id, file_name = found[given.upload_id]
    return (
        Deposit(
            document_id=document_id,
            siret=siret.normalised(given.siret),
            type_code=given.type,
            reference=given.reference.strip(),
            subject=given.subject.strip(),
            letter_date=given.letter_date,
            file_name=given.file_name or file_name,
            fiscal_year=given.fiscal_year,
            due_on=given.due_on,
            acknowledgement_required=given.acknowledgement_required,
            replaces=given.replaces,
            publish_at=given.publish_at,
            attachments=tuple(Attachment(found[one.upload_id][0], one.file_name) for one in given.attachments),
        ),
        (),
    )
