"""Courriers in the graph."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Self

import strawberry

from backend import database as db
from backend.reads import courrier, search
from backend.reads.page import Listing
from backend.rules import address, document, globalid
from backend.schema.connection import Connection, connect
from backend.schema.context import Context, Info
from backend.schema.courrier_type import CourrierType, courrier_type_named
from backend.schema.delegation import Delegation, delegation_named
from backend.schema.enums import CertificateFormat, CourrierEventKind, FundCode
from backend.schema.fund import Fund, fund_named
from backend.schema.node import Node, finds, referred
from backend.schema.notification import Notification
from backend.schema.scalars import After, Before, First, Last, Url, at, day, instant
from backend.schema.user import User, user_named

if TYPE_CHECKING:
    from backend.schema.establishment import Establishment

LazyEstablishment = Annotated["Establishment", strawberry.lazy("backend.schema.establishment")]
LazyCourrier = Annotated["Courrier", strawberry.lazy("backend.schema.courrier")]


@strawberry.type(description="Un fichier PDF : le courrier lui-même ou une pièce jointe.")
class Document:
    """A PDF."""

    number: strawberry.Private[int]
    courrier_id: strawberry.Private[int]
    file_name: str = strawberry.field(description="Nom du fichier.")

    async def _stored(self, info: Info) -> document.Stored:
        row = await info.context.load(courrier.documents, self.number)
        if row["removed_at"] is not None:  # its hash stays, if it ever had one
            return document.Stored(self.number, row["sha256"] or "", row["size"] or 0)
        if row["sha256"] is None:  # a demonstration letter nobody has needed yet
            return await document.ensure_stored(self.number)
        return document.Stored(self.number, row["sha256"], row["size"], row["page_count"] or 0)

    @strawberry.field(description="Son type : application/pdf.")
    def media_type(self) -> str:
        """The media type."""
        return "application/pdf"

    @strawberry.field(description="Sa taille, en octets.")
    async def size(self, info: Info) -> int:
        """In bytes."""
        return (await self._stored(info)).size

    @strawberry.field(description="Son nombre de pages.")
    async def page_count(self, info: Info) -> int | None:
        """Pages."""
        return (await self._stored(info)).page_count or None

    @strawberry.field(description="Son empreinte SHA-256, en hexadécimal : elle prouve que c’est bien ce fichier.")
    async def sha256(self, info: Info) -> str:
        """The hash."""
        return (await self._stored(info)).sha256

    @strawberry.field(
        description="Adresse signée et brève, pour vous seul, pour l’afficher dans la page : l’ouvrir compte comme "
        "« ouvert ». null pour qui voit le courrier sans pouvoir le lire (les gestionnaires)."
    )
    async def view_url(self, info: Info) -> Url | None:
        """Signed, for display."""
        return await self._address(info, address.VIEW)

    @strawberry.field(
        description="La même, pour le télécharger : l’ouvrir compte comme « téléchargé ». Demander l’adresse n’est "
        "pas lire, l’ouvrir l’est."
    )
    async def download_url(self, info: Info) -> Url | None:
        """Signed, for download."""
        return await self._address(info, address.DOWNLOAD)

    @strawberry.field(
        description="La même, pour en lire le texte, extrait du PDF page par page (JSON : `pages`) : l’ouvrir compte "
        "comme « ouvert », comme afficher le PDF."
    )
    async def text_url(self, info: Info) -> Url | None:
        """Signed, for its text."""
        return await self._address(info, address.TEXT)

    async def _address(self, info: Info, disposition: str) -> Url | None:
        if not await info.context.look_up(courrier.readable_document, self.courrier_id):
            return None
        signed = address.sign(info.context.seer, self.courrier_id, self.number, disposition, self.file_name)
        return Url(signed)


@strawberry.type(description="Un morceau d’extrait : des mots trouvés, ou ce qui les entoure.")
class ExtractPart:
    """A piece of an extract, as text: whoever shows it has nothing to escape."""

    text: str = strawberry.field(description="Le texte.")
    is_marked: bool = strawberry.field(description="Ce sont des mots trouvés.")


@strawberry.type(description="La première lecture d’un courrier par une personne, chez elle ou par une délégation.")
class Reading:
    """Who read."""

    row: strawberry.Private[db.Row]
    read_at: datetime = strawberry.field(description="Quand.")

    @strawberry.field(description="Qui a lu.")
    async def reader(self, info: Info) -> User:
        """The reader."""
        found = await user_named(info.context, self.row["actor_id"])
        if found is None:
            raise LookupError("a reading without its reader")
        return found

    @strawberry.field(description="La délégation par laquelle cette personne a lu ; null : chez elle.")
    async def through(self, info: Info) -> Delegation | None:
        """Through which delegation."""
        return await delegation_named(info.context, self.row["delegation_id"])

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(row=row, read_at=at(row["occurred_at"]))


@strawberry.type(description="Un fait de la vie d’un courrier : jamais effacé ni réécrit.")
class CourrierEvent:
    """A fact."""

    row: strawberry.Private[db.Row]
    kind: CourrierEventKind = strawberry.field(description="Ce qui est arrivé.")
    occurred_at: datetime = strawberry.field(description="Quand.")
    detail: str | None = strawberry.field(description="Une précision, par exemple l’erreur d’un envoi.")

    @strawberry.field(description="Qui l’a fait ; null pour la plateforme.")
    async def actor(self, info: Info) -> User | None:
        """Who."""
        return await user_named(info.context, self.row["actor_id"])

    @strawberry.field(description="La délégation par laquelle il l’a fait.")
    async def through(self, info: Info) -> Delegation | None:
        """Through what."""
        return await delegation_named(info.context, self.row["delegation_id"])

    @classmethod
    def of(cls, row: db.Row) -> Self:
        """From its row."""
        return cls(
            row=row,
            kind=CourrierEventKind(row["kind"]),
            occurred_at=at(row["occurred_at"]),
            detail=row["detail"],
        )


@strawberry.type(description="Une lettre officielle d’un fonds à un établissement : ses métadonnées et son PDF.")
class Courrier(Node):
    """A letter."""

    row: strawberry.Private[db.Row]
    searched: strawberry.Private[str | None]
    reference: str = strawberry.field(description="La référence du fonds, unique chez lui.")
    subject: str = strawberry.field(description="Son objet.")
    fiscal_year: int | None = strawberry.field(description="L’exercice qu’il concerne.")
    letter_date: date = strawberry.field(description="Sa date.")
    deposited_at: datetime = strawberry.field(description="Quand il a été déposé.")
    available_at: datetime | None = strawberry.field(description="Quand il a été mis à disposition de ses lecteurs.")
    due_on: date | None = strawberry.field(description="Répondre ou agir avant ce jour ; null s’il ne demande rien.")
    is_read: bool = strawberry.field(description="Ouvert par quelqu’un de l’établissement, ou pour lui.")
    is_read_by_viewer: bool = strawberry.field(description="Lu pour moi : ouvert par moi, ou que j’ai marqué ainsi.")
    first_read_at: datetime | None = strawberry.field(description="Quand il a été ouvert la première fois.")
    acknowledgement_required: bool = strawberry.field(description="Le fonds demande un accusé de réception.")
    acknowledged_at: datetime | None = strawberry.field(description="Quand l’accusé de réception a été donné.")
    withdrawn_at: datetime | None = strawberry.field(
        description="Quand il a été retiré par qui l’avait déposé : il n’est plus à lire. null sinon."
    )
    withdrawal_reason: str | None = strawberry.field(description="Pourquoi il a été retiré.")
    removed_at: datetime | None = strawberry.field(
        description="Quand il a été supprimé, au terme de sa conservation : il n’en reste que la trace. null sinon."
    )
    is_archived: bool = strawberry.field(description="Archivé par moi.")
    sent_by_post: bool = strawberry.field(description="Un exemplaire papier part aussi par la poste.")

    @strawberry.field(description="Son modèle.")
    async def type(self, info: Info) -> CourrierType:
        """Its type."""
        return await courrier_type_named(info.context, self.row["type_id"])

    @strawberry.field(description="Le fonds qui l’adresse.")
    async def fund(self, info: Info) -> Fund:
        """Its fund."""
        return await fund_named(info.context, self.row["fund_id"])

    @strawberry.field(description="L’établissement à qui il est adressé.")
    async def establishment(self, info: Info) -> LazyEstablishment:
        """Its addressee."""
        found: LazyEstablishment = await referred(info.context, "Establishment", self.row["establishment_id"])
        return found

    @strawberry.field(description="Le PDF.")
    def document(self) -> Document:
        """The PDF."""
        return Document(number=self.row["document_id"], courrier_id=self.row["id"], file_name=self.row["file_name"])

    @strawberry.field(description="Les pièces jointes.")
    async def attachments(self, info: Info) -> list[Document]:
        """The others."""
        return [
            Document(number=row["document_id"], courrier_id=self.row["id"], file_name=row["file_name"])
            for row in await info.context.load(courrier.attachments, self.row["id"])
        ]

    @strawberry.field(description="Qui l’a ouvert en premier.")
    async def first_read_by(self, info: Info) -> User | None:
        """The first reader."""
        return await user_named(info.context, self.row["first_opened_by_id"])

    @strawberry.field(description="La délégation par laquelle cette personne l’a ouvert ; null : chez elle.")
    async def first_read_through(self, info: Info) -> Delegation | None:
        """In what capacity the first reader read (R-DEL-07)."""
        if self.row["first_opened_by_id"] is None:
            return None
        return await delegation_named(info.context, await info.context.load(courrier.opened_through, self.row["id"]))

    @strawberry.field(description="Qui a donné l’accusé de réception.")
    async def acknowledged_by(self, info: Info) -> User | None:
        """Who acknowledged."""
        return await user_named(info.context, self.row["acknowledged_by_id"])

    @strawberry.field(description="La délégation par laquelle cette personne l’a donné ; null : chez elle.")
    async def acknowledged_through(self, info: Info) -> Delegation | None:
        """In what capacity it was acknowledged (R-DEL-07)."""
        if self.row["acknowledged_by_id"] is None:
            return None
        number = await info.context.load(courrier.acknowledged_through, self.row["id"])
        return await delegation_named(info.context, number)

    @strawberry.field(description="Qui l’a lu, la première fois de chacun, dans l’ordre.")
    async def readings(
        self, info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
    ) -> Connection[Reading]:
        """Its readers."""
        listing = courrier.readings(self.row["id"])
        page: Connection[Reading] = await connect(listing, Reading.of, first, after, last, before)
        return page

    @strawberry.field(description="Ce qui lui est arrivé, du plus ancien au plus récent.")
    async def timeline(self, info: Info) -> list[CourrierEvent]:
        """Its facts (R-COU-06)."""
        return [CourrierEvent.of(row) for row in await info.context.load(courrier.facts, self.row["id"])]

    @strawberry.field(
        description="Adresse signée et brève, pour vous seul, du certificat de mise à disposition et de lecture : "
        "chacun peut le vérifier à /verification. null pour qui ne lit pas le courrier, gestionnaires exceptés."
    )
    async def certificate_url(
        self,
        info: Info,
        format: Annotated[
            CertificateFormat, strawberry.argument(description="Sous quelle forme.")
        ] = CertificateFormat.PDF,
    ) -> Url | None:
        """Signed; following it issues one (R-COU-15)."""
        if not await info.context.look_up(courrier.certified, self.row["id"]):
            return None
        name = f"certificat.{format.value.lower()}"
        return Url(address.of_certificate(info.context.seer, self.row["id"], format.value, name))

    @strawberry.field(
        description="Adresse signée et brève, pour vous seul, de son échéance pour un agenda (iCalendar, RFC 5545), "
        "sans son objet. null s’il n’a pas d’échéance, et pour qui ne lit pas le courrier."
    )
    async def calendar_url(self, info: Info) -> Url | None:
        """Signed; to follow it is not to read."""
        if self.row["due_on"] is None or not await info.context.look_up(courrier.readable_document, self.row["id"]):
            return None
        return Url(address.of_due_date(info.context.seer, self.row["id"]))

    @strawberry.field(description="Qui l’a retiré ; null pour un client technique.")
    async def withdrawn_by(self, info: Info) -> User | None:
        """Who took it back."""
        return await user_named(info.context, self.row["withdrawn_by_id"])

    @strawberry.field(description="Le courrier que celui-ci remplace, si vous le voyez.")
    async def replaces(self, info: Info) -> LazyCourrier | None:
        """The earlier one; one withdrawn gives way to what it replaced."""
        if self.row["replaces_id"] is None:
            return None
        row = await info.context.look_up(courrier.replaced, self.row["id"])
        return Courrier.of(row) if row else None

    @strawberry.field(description="Le courrier qui remplace celui-ci, si vous le voyez.")
    async def replaced_by(self, info: Info) -> LazyCourrier | None:
        """The later one."""
        row = await info.context.look_up(courrier.replacing, self.row["id"])
        return Courrier.of(row) if row else None

    @strawberry.field(
        description="Les messages qui l’annoncent : tous pour les administrateurs de l’établissement et les "
        "gestionnaires, les siens pour les autres."
    )
    async def notifications(self, info: Info) -> list[Notification]:
        """Its e-mails, as far as the viewer may see them."""
        return [Notification.of(row) for row in await info.context.look_up(courrier.notifications, self.row["id"])]

    @strawberry.field(
        description="Où la recherche l’a trouvé : un court extrait de son objet, de sa référence ou de son PDF, les "
        "mots trouvés marqués. null hors d’une liste où l’on cherche."
    )
    async def search_extract(self, info: Info) -> list[ExtractPart] | None:
        """Where the words are (R-COU-07)."""
        if not self.searched:
            return None
        parts = await info.context.look_up(search.extracts, (self.row["id"], self.searched))
        return [ExtractPart(text=one.text, is_marked=one.is_marked) for one in parts] if parts else None

    @classmethod
    def of(cls, row: db.Row, searched: str | None = None) -> Self:
        """From its row; `searched` is what the list was narrowed to, if it was."""
        return cls(
            id=strawberry.ID(globalid.encode("Courrier", row["id"])),
            row=row,
            searched=searched,
            reference=row["reference"],
            subject=row["subject"],
            fiscal_year=row["fiscal_year"],
            letter_date=date.fromisoformat(row["letter_date"]),
            deposited_at=at(row["deposited_at"]),
            available_at=instant(row["available_at"]),
            due_on=day(row["due_on"]),
            is_read=row["first_opened_at"] is not None,
            is_read_by_viewer=row["read_at"] is not None,
            first_read_at=instant(row["first_opened_at"]),
            acknowledgement_required=bool(row["acknowledgement_required"]),
            acknowledged_at=instant(row["acknowledged_at"]),
            withdrawn_at=None if row["removed_at"] == row["withdrawn_at"] else instant(row["withdrawn_at"]),
            withdrawal_reason=row["withdrawal_reason"],
            removed_at=instant(row["removed_at"]),
            is_archived=row["archived_at"] is not None,
            sent_by_post=bool(row["sent_by_post"]),
        )


@finds("Courrier")
async def courrier_seen(context: Context, number: int | None) -> Courrier | None:
    """A courrier, if the viewer sees it."""
    if number is None:
        return None
    row = await context.look_up(courrier.visible, number)
    return Courrier.of(row) if row else None


async def courriers_page(
    listing: Listing,
    given: "CourrierFilter | None",
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Connection[Courrier]:
    """A page of courriers, found by what was searched where something was."""
    made = partial(Courrier.of, searched=given.search if given else None)
    page: Connection[Courrier] = await connect(listing, made, first, after, last, before)
    return page


ORDERS = {
    None: courrier.AVAILABLE_NEWEST,
    "DEPOSITED_DESC": courrier.AVAILABLE_NEWEST,
    "DEPOSITED_ASC": courrier.AVAILABLE_OLDEST,
    "LETTER_DATE_DESC": courrier.LETTER_DATE,
    "DUE_ASC": courrier.DUE,
    "SUBJECT_ASC": courrier.SUBJECT,
    "RELEVANCE": courrier.RELEVANCE,
}


@strawberry.input(description="Ce à quoi une liste de courriers est réduite. Lu et archivé sont ceux de qui demande.")
class CourrierFilter:
    """A filter of courriers (R-COU-07)."""

    unread: bool | None = strawberry.field(default=None, description="Non lus par moi (true) ou lus (false).")
    funds: list[FundCode] | None = strawberry.field(default=None, description="De l’un de ces fonds.")
    types: list[str] | None = strawberry.field(default=None, description="De l’un de ces modèles, par leur code.")
    fiscal_years: list[int] | None = strawberry.field(default=None, description="De l’un de ces exercices.")
    deposited_from: date | None = strawberry.field(default=None, description="Mis à disposition depuis ce jour.")
    deposited_until: date | None = strawberry.field(default=None, description="Mis à disposition jusqu’à ce jour.")
    due: bool | None = strawberry.field(default=None, description="Avec une échéance à venir (true), ou sans (false).")
    due_from: date | None = strawberry.field(default=None, description="D’une échéance à partir de ce jour.")
    due_until: date | None = strawberry.field(default=None, description="D’une échéance jusqu’à ce jour.")
    archived: bool | None = strawberry.field(
        default=False, description="Archivés par moi (true) ou non (false) ; null pour tous."
    )
    establishments: list[strawberry.ID] | None = strawberry.field(
        default=None, description="Adressés à l’un de ces établissements."
    )
    to_acknowledge: bool | None = strawberry.field(
        default=None, description="Ceux seulement dont l’accusé de réception est demandé et pas encore donné (true)."
    )
    needs_follow_up: bool | None = strawberry.field(
        default=None,
        description="Ceux seulement que personne n’a ouverts jusqu’au délai de suivi de leur modèle, ni depuis (true).",
    )
    withdrawn: bool | None = strawberry.field(
        default=None,
        description="Les traces de ceux qui ne se lisent plus, retirés ou supprimés, au lieu des courriers (true) ; "
        "les derniers retirés d’abord, quel que soit l’ordre demandé.",
    )
    search: str | None = strawberry.field(
        default=None,
        description="Mots de l’objet, de la référence et du texte du PDF, tous voulus ; accents, majuscules, pluriels "
        'et féminins ne comptent pas. « "une expression" » telle quelle, « -sans » ce mot, « début* » d’un mot ; huit '
        "au plus. Le PDF n’est cherché que pour qui le lit.",
    )

    def read(self) -> courrier.Filter:
        """As the reads take it."""
        return courrier.Filter(
            unread=self.unread,
            funds=tuple(one.value for one in self.funds or ()),
            types=tuple(self.types or ()),
            fiscal_years=tuple(self.fiscal_years or ()),
            deposited_from=self.deposited_from,
            deposited_until=self.deposited_until,
            due=self.due,
            due_from=self.due_from,
            due_until=self.due_until,
            archived=self.archived,
            establishments=tuple(globalid.expect(one, "Establishment") or 0 for one in self.establishments or ()),
            search=self.search,
            to_acknowledge=bool(self.to_acknowledge),
            needs_follow_up=bool(self.needs_follow_up),
            withdrawn=bool(self.withdrawn),
        )


def read_filter(given: CourrierFilter | None) -> courrier.Filter:
    """The filter as the reads take it; archived letters are left out where nothing is said."""
    return given.read() if given else courrier.Filter()


@strawberry.type(description="Un fonds, et ses courriers comptés.")
class FundCount:
    """Counts by fund."""

    code: strawberry.Private[str]
    total: int = strawberry.field(description="Nombre de courriers.")
    unread: int = strawberry.field(description="Dont non lus par moi.")

    @strawberry.field(description="Le fonds.")
    async def fund(self, info: Info) -> Fund:
        """The fund."""
        return await fund_named(info.context, self.code)


@strawberry.type(description="Les courriers comptés, archivés exclus, selon les mêmes droits que la liste.")
class CourrierSummary:
    """Counts of a mailbox."""

    total: int = strawberry.field(description="Nombre de courriers.")
    unread: int = strawberry.field(description="Dont non lus par moi.")
    by_fund: list[FundCount] = strawberry.field(description="Par fonds.")
    establishment_id: strawberry.Private[int | None] = None

    @strawberry.field(description="Mise à disposition du plus récent.")
    async def latest_deposited_at(self, info: Info) -> datetime | None:
        """Looked for only where it is asked for."""
        return instant(await courrier.latest(info.context.seer, self.establishment_id))

    @strawberry.field(description="Dont l’accusé de réception est demandé par le fonds, et pas encore donné.")
    async def to_acknowledge(self, info: Info) -> int:
        """Counted only where it is asked for."""
        return await courrier.to_acknowledge(info.context.seer, self.establishment_id)


async def summary_of(context: Context, establishment_id: int | None = None) -> CourrierSummary:
    """The counts of an establishment, or over all the viewer reaches."""
    found = await courrier.summary(context.seer, establishment_id)
    return CourrierSummary(
        total=found.total,
        unread=found.unread,
        by_fund=[FundCount(code=code, total=total, unread=unread) for code, total, unread in found.by_fund],
        establishment_id=establishment_id,
    )


def ids_of(identifiers: Sequence[str]) -> list[int]:
    """The numbers of courriers' identifiers; one of another type names nothing (0)."""
    return [globalid.expect(one, "Courrier") or 0 for one in identifiers]
