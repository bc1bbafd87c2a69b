"""Refusals, as values: a code for programs, a French message for people, a path to the input at fault."""

from dataclasses import dataclass
from enum import StrEnum


class ErrorCode(StrEnum):
    """Why a rule was not met."""

    BAD_CREDENTIALS = "BAD_CREDENTIALS"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    ACCOUNT_EXPIRED = "ACCOUNT_EXPIRED"
    LINK_INVALID = "LINK_INVALID"
    PASSWORD_TOO_SHORT = "PASSWORD_TOO_SHORT"  # noqa: S105
    PASSWORD_TOO_WEAK = "PASSWORD_TOO_WEAK"  # noqa: S105
    PASSWORD_PERSONAL = "PASSWORD_PERSONAL"  # noqa: S105
    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    INVALID_VALUE = "INVALID_VALUE"
    UNKNOWN_SIRET = "UNKNOWN_SIRET"
    UNKNOWN_TYPE = "UNKNOWN_TYPE"
    UNKNOWN_UPLOAD = "UNKNOWN_UPLOAD"
    REFERENCE_TAKEN = "REFERENCE_TAKEN"
    TRANSPORT_UNSUPPORTED = "TRANSPORT_UNSUPPORTED"
    FILE_EMPTY = "FILE_EMPTY"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    FILE_NOT_PDF = "FILE_NOT_PDF"
    FILE_DAMAGED = "FILE_DAMAGED"
    FILE_ENCRYPTED = "FILE_ENCRYPTED"
    FILE_ACTIVE_CONTENT = "FILE_ACTIVE_CONTENT"


@dataclass(frozen=True)
class UserError:
    """A rule that was not met."""

    code: ErrorCode
    message: str
    path: tuple[str, ...] = ()


class BadRequest(Exception):  # noqa: N818  it is the client's fault, not a fault of ours
    """What was asked cannot be a request of this product at all: forged cursor, page too large, malformed id.

    Raised inside, translated once at the edge into a top-level error with `extensions.code`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
