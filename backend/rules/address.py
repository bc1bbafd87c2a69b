"""Signed, short-lived addresses of documents: for one viewer, one document, one use, five minutes.

The secret key signs `courrier.document.user.session.disposition.expiry.nonce`; rights are judged again when the
address is used, so that one withdrawn meanwhile opens nothing (R-ACC-06, R-DEL-08).
"""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend import clock, settings
from backend.rules import key
from backend.rules.viewer import Viewer

VIEW = "v"
DOWNLOAD = "d"
TEXT = "t"
DUE_DATE = "i"
EXPORT = "x"
CERTIFICATES = {"PDF": "cp", "JSON": "cj"}
"""What an address of a certificate is for, by its format."""
_SIGNATURE = 22


@dataclass(frozen=True)
class Signed:
    """What an address says; for a selection, `courrier_id` is the export's number."""

    courrier_id: int
    document_id: int
    user_id: int
    session_id: int
    disposition: str
    nonce: str


def secret_key() -> bytes:
    """The key that signs: SECRET_KEY, or one made once and kept beside the data."""
    given = settings.current().secret_key
    if given:
        return hashlib.sha256(given.encode()).digest()
    return key.kept(settings.current().data_dir / "secret.key")


def derived_key(purpose: str) -> bytes:
    """A key of 256 bits for one purpose alone, derived from the secret key (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret_key())


def sign(viewer: Viewer, courrier_id: int, document_id: int, disposition: str, file_name: str) -> str:
    """An address for this viewer, relative to the platform's."""
    return f"/documents/{_signed(viewer, courrier_id, document_id, disposition)}/{quote(file_name, safe='')}"


def of_certificate(viewer: Viewer, courrier_id: int, form: str, file_name: str) -> str:
    """An address of a letter's certificate in a format, for this viewer; following it issues one (R-COU-15)."""
    return f"/certificats/{_signed(viewer, courrier_id, 0, CERTIFICATES[form])}/{quote(file_name, safe='')}"


def of_due_date(viewer: Viewer, courrier_id: int) -> str:
    """An address of a letter's due date for a calendar, for this viewer."""
    return f"/agenda/{_signed(viewer, courrier_id, 0, DUE_DATE)}/echeance.ics"


def of_export(viewer: Viewer, export_id: int, file_name: str) -> str:
    """An address of a selection as a file, for this viewer (R-COU-08)."""
    return f"/exports/courriers/{_signed(viewer, export_id, 0, EXPORT)}/{quote(file_name, safe='')}"


def _signed(viewer: Viewer, courrier_id: int, document_id: int, disposition: str) -> str:
    until = clock.now() + settings.current().durations.signed_address
    parts = (courrier_id, document_id, viewer.user_id or 0, viewer.session_id or 0, disposition, int(until.timestamp()))
    said = ".".join(map(str, (*parts, secrets.token_urlsafe(12))))
    return f"{said}.{_signature(said)}"


def of_receipt(acceptance_id: int) -> str:
    """The address of an acceptance's receipt; whoever opens it must be signed in, and is judged then (R-CGU-03)."""
    return f"/cgu/recepisses/{acceptance_id}"


def _signature(said: str) -> str:
    digest = hmac.new(secret_key(), said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:_SIGNATURE]


def read(signed: str) -> Signed | None:
    """What a signed address says; None for one forged, changed or too old."""
    said, _, signature = signed.rpartition(".")
    if not signed.isascii() or not hmac.compare_digest(signature, _signature(said)):
        return None
    courrier, document, user, session, disposition, until, nonce = said.split(".")
    if int(until) < clock.now().timestamp():
        return None
    return Signed(int(courrier), int(document), int(user), int(session), disposition, nonce)
