"""Opaque identifiers, the same everywhere a client or a link names an object (Relay's global object identification)."""

import base64
import binascii

from backend.rules.error import BadRequest

_TYPES = {
    "Establishment",
    "User",
    "Service",
    "Delegation",
    "Courrier",
    "CourrierType",
    "Notification",
    "ApiClient",
    "Session",
    "Terms",
    "SecondFactor",
    "TrustedDevice",
    "AuditEvent",
    "DepositBatch",
    "SavedView",
    "ReadingCampaign",
}


def encode(type_name: str, number: int) -> str:
    """The opaque identifier of an object."""
    return base64.urlsafe_b64encode(f"{type_name}:{number}".encode()).decode().rstrip("=")


def decode(identifier: str) -> tuple[str, int]:
    """The type and number behind an identifier. Raises BadRequest for one this platform never gave."""
    try:
        padded = identifier + "=" * (-len(identifier) % 4)
        type_name, _, number = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii").partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise _bad(identifier) from error
    if (
        type_name not in _TYPES
        or not number.isdigit()
        or len(number) > 18
        or encode(type_name, int(number)) != identifier
    ):
        raise _bad(identifier)
    return type_name, int(number)


def expect(identifier: str, type_name: str) -> int | None:
    """The number behind an identifier of one type; None if it names an object of another. Raises BadRequest."""
    found, number = decode(identifier)
    return number if found == type_name else None


def _bad(identifier: str) -> BadRequest:
    return BadRequest("BAD_ID", f"« {identifier[:60]} » n’est pas un identifiant donné par cette plateforme.")
