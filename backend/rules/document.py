"""Documents: accepted, stored once by their hash, checked again at every download (R-COU-02)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from backend import clock, settings
from backend import database as db
from backend.database import words
from backend.database.sql import Sql
from backend.gateways import pdf
from backend.gateways.files import DiskFiles, Files, hash_of
from backend.rules import access, token
from backend.rules.error import ErrorCode, UserError
from backend.rules.viewer import Viewer

Scanner = Callable[[bytes], Awaitable[str | None]]
"""A malware scanner: the name of what it found, or None."""

Renderer = Callable[[int], Awaitable[bytes]]
"""Renders the document of a demonstration letter, given the document's id."""


class _Hooks:
    scanner: Scanner | None = None
    renderer: Renderer | None = None


def use_scanner(scanner: Scanner | None) -> None:
    """Have every file that comes in looked at by a malware scanner (R-COU-02)."""
    _Hooks.scanner = scanner


def use_renderer(renderer: Renderer | None) -> None:
    """Have demonstration letters, which have no file yet, rendered by `renderer` the first time they are needed."""
    _Hooks.renderer = renderer


def files() -> Files:
    """Where documents are kept: on the disk, or in a bucket where one is set."""
    current = settings.current()
    if not current.s3_bucket:
        return DiskFiles(current.files_dir)
    from backend.gateways.s3 import S3Files, Service  # what most do without is loaded for none of them

    keys = (current.s3_access_key, current.s3_secret_key)
    return S3Files(Service(current.s3_bucket, current.s3_region, current.s3_endpoint, *keys))


@dataclass(frozen=True)
class Stored:
    """A file that was accepted and stored, or why it was not."""

    document_id: int = 0
    sha256: str = ""
    size: int = 0
    page_count: int = 0
    errors: tuple[UserError, ...] = ()


_FAULTS = {
    pdf.Fault.EMPTY: (ErrorCode.FILE_EMPTY, "Le fichier est vide."),
    pdf.Fault.NOT_PDF: (ErrorCode.FILE_NOT_PDF, "Le fichier n’est pas un PDF."),
    pdf.Fault.TRUNCATED: (ErrorCode.FILE_TRUNCATED, "Le PDF est incomplet : la fin du fichier manque."),
    pdf.Fault.DAMAGED: (ErrorCode.FILE_DAMAGED, "Le PDF est abîmé : il ne peut pas être lu."),
    pdf.Fault.ENCRYPTED: (ErrorCode.FILE_ENCRYPTED, "Le PDF est chiffré ou protégé par un mot de passe."),
    pdf.Fault.ACTIVE_CONTENT: (
        ErrorCode.FILE_ACTIVE_CONTENT,
        "Le PDF contient un script ou un formulaire actif : déposez un PDF sans contenu actif.",
    ),
    pdf.Fault.EMBEDDED_FILES: (
        ErrorCode.FILE_EMBEDDED_FILES,
        "Le PDF contient un fichier joint : déposez-le à part, comme pièce jointe du courrier, si c’est un PDF.",
    ),
    pdf.Fault.TOO_COMPLEX: (
        ErrorCode.FILE_TOO_COMPLEX,
        "Le PDF est trop complexe pour être examiné : enregistrez-le de nouveau sous une forme plus simple.",
    ),
}


def too_large() -> UserError:
    """The refusal of a file over the limit."""
    megabytes = settings.current().maximum_upload_size // (1024 * 1024)
    return UserError(ErrorCode.FILE_TOO_LARGE, f"Le fichier dépasse {megabytes} Mo.", ("file",))


async def store(content: bytes) -> Stored:
    """Accept a PDF: look into it, scan it, keep it by its hash, durably, then make its row (R-COU-02).

    The same bytes are one file and one row.
    """
    [stored] = await store_all([content])
    return stored


async def store_all(contents: Sequence[bytes]) -> list[Stored]:
    """Accept PDFs, each by itself; those that are accepted get their files, then their rows, in one transaction."""
    known = await _known([hash_of(one) for one in contents])
    found = await asyncio.gather(*(_looked_at(one, known.get(hash_of(one))) for one in contents))
    accepted = {hash_of(one): (one, what) for one, what in zip(contents, found, strict=True) if not what.errors}
    await files().put_all([one for one, _ in accepted.values()])
    ids = await _write({sha256: accepted[sha256] for sha256 in sorted(accepted)}) if accepted else {}
    return [
        Stored(errors=what.errors) if what.errors else Stored(ids[hash_of(one)], hash_of(one), len(one), what.pages)
        for one, what in zip(contents, found, strict=True)
    ]


@dataclass(frozen=True)
class _Looked:
    """What was found in a file, or why it is refused."""

    pages: int = 0
    text: str = ""
    errors: tuple[UserError, ...] = ()


async def _known(hashes: Sequence[str]) -> dict[str, pdf.Inspection]:
    """What was found when the same bytes were accepted before: looking into them is what takes time."""
    sql = Sql("SELECT sha256, page_count, text FROM documents WHERE removed_at IS NULL AND text IS NOT NULL")
    sql.add(f"AND sha256 IN ({sql.bind_all(sorted(set(hashes)))})")
    return {
        one["sha256"]: pdf.Inspection(page_count=one["page_count"], texts=(one["text"],)) for one in await db.rows(sql)
    }


async def _looked_at(content: bytes, known: pdf.Inspection | None) -> _Looked:
    if len(content) > settings.current().maximum_upload_size:
        return _Looked(errors=(too_large(),))
    found = known or await pdf.inspect(content)
    if found.fault is not None:
        code, message = _FAULTS[found.fault]
        return _Looked(errors=(UserError(code, message, ("file",)),))
    if _Hooks.scanner is not None:
        threat = await _Hooks.scanner(content)
        if threat is not None:
            message = "Le fichier a été refusé par l’antivirus."
            return _Looked(errors=(UserError(ErrorCode.FILE_ACTIVE_CONTENT, message, ("file",)),))
    return _Looked(found.page_count, found.text)


async def _write(accepted: Mapping[str, tuple[bytes, _Looked]]) -> dict[str, int]:
    """The rows of files that are there already, in the order of their hashes: two who do it at once take turns."""
    now = int(clock.to_microseconds(clock.now()))
    async with db.transaction():
        sql = Sql("INSERT INTO documents (sha256, size, page_count, media_type, text, stored_at) VALUES")
        given = [
            (sha256, len(content), what.pages, "application/pdf", what.text, now)
            for sha256, (content, what) in accepted.items()
        ]
        sql.add(", ".join(f"({sql.bind_all(one)})" for one in given))
        made = await db.rows(sql.add("ON CONFLICT (sha256) DO NOTHING RETURNING id, sha256"))
        ids = {one["sha256"]: int(one["id"]) for one in made}
        for sha256, (content, what) in accepted.items():
            if sha256 not in ids:
                # Brought again: whoever removes it (`retention`) holds the row, and comes before or leaves it.
                again = await db.rows(
                    "UPDATE documents SET stored_at = $1, removed_at = NULL, text = $2, page_count = $3, size = $4 "
                    "WHERE sha256 = $5 RETURNING id",
                    [now, what.text, what.pages, len(content), sha256],
                )
                ids[sha256] = again[0]["id"]
                await files().put(content)
    return ids


@dataclass(frozen=True)
class Uploaded:
    """A file waiting to be named by a deposit: the secret that names it."""

    upload: str = ""
    stored: Stored = Stored()


async def upload(viewer: Viewer, content: bytes, file_name: str | None) -> Uploaded:
    """Keep a file sent by somebody who may deposit, for a day, until a deposit names it (R-COU-01)."""
    if not access.may_deposit(viewer):
        refused = UserError(ErrorCode.NOT_ALLOWED, "Seuls les gestionnaires et les clients techniques déposent.")
        return Uploaded(stored=Stored(errors=(refused,)))
    stored = await store(content)
    if stored.errors:
        return Uploaded(stored=stored)
    secret = token.issue()
    now = clock.now()
    await db.execute(
        "INSERT INTO uploads (token_hash, document_id, file_name, user_id, api_client_id, uploaded_at, expires_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            token.fingerprint(secret),
            stored.document_id,
            "".join(one for one in file_name or "" if one.isprintable())[:200] or None,
            viewer.user_id,
            viewer.api_client_id,
            int(clock.to_microseconds(now)),
            int(clock.to_microseconds(now + settings.current().durations.upload)),
        ],
    )
    return Uploaded(secret, stored)


async def uploaded(viewer: Viewer, secrets: Iterable[str]) -> dict[str, tuple[int, str | None]]:
    """The document and file name of each of one's own uploads; nothing for another's, a lapsed or a made-up one."""
    prints = {token.fingerprint(one): one for one in secrets}
    sql = Sql("SELECT token_hash, document_id, file_name FROM uploads")
    sql.add(f"WHERE token_hash IN ({sql.bind_all(sorted(prints))})")
    sql.add(f"AND expires_at > {sql.bind(int(clock.to_microseconds(clock.now())))}")
    sql.add(f"AND (user_id = {sql.bind(viewer.user_id)} OR api_client_id = {sql.bind(viewer.api_client_id)})")
    return {prints[one["token_hash"]]: (one["document_id"], one["file_name"]) for one in await db.rows(sql)}


async def ensure_stored(document_id: int) -> Stored:
    """A document that has its file: a demonstration letter is rendered and stored now if it was not yet."""
    found = await db.row("SELECT sha256, size, page_count, removed_at FROM documents WHERE id = $1", [document_id])
    if found is None or found["removed_at"] is not None:
        raise LookupError(f"no document {document_id}")
    if found["sha256"] is not None:
        return Stored(document_id, found["sha256"], found["size"], found["page_count"] or 0)
    if _Hooks.renderer is None:
        raise LookupError(f"document {document_id} has no file and nothing can render it")
    content = await _Hooks.renderer(document_id)
    inspected = await pdf.inspect(content)
    sha256 = await files().put(content)
    # Two readers at once render the same bytes; whoever writes second changes nothing.
    async with db.transaction():
        changed = await db.execute(
            "UPDATE documents SET sha256 = $1, size = $2, page_count = $3, text = $4, stored_at = $5 "
            "WHERE id = $6 AND sha256 IS NULL AND removed_at IS NULL",
            [
                sha256,
                len(content),
                inspected.page_count,
                inspected.text,
                int(clock.to_microseconds(clock.now())),
                document_id,
            ],
        )
        if changed:
            await _make_findable(document_id, inspected.text)
    return Stored(document_id, sha256, len(content), inspected.page_count)


async def _make_findable(document_id: int, text: str) -> None:
    """The letters of a document are found by its text from now on; held: one withdrawn meanwhile is found no more."""
    letters = await db.rows(
        "SELECT c.id, c.establishment_id, c.subject, c.reference FROM courriers c "
        f"WHERE c.document_id = $1 AND c.withdrawn_at IS NULL ORDER BY c.id {db.held('c')}",
        [document_id],
    )
    await words.keep(
        [words.Letter(one["id"], one["establishment_id"], one["subject"], one["reference"], text) for one in letters]
    )


async def read(document_id: int) -> bytes:
    """The bytes of a document, checked against its hash. Raises FileDamaged, LookupError."""
    stored = await ensure_stored(document_id)
    return await files().get(stored.sha256)
