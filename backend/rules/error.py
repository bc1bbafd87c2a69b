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
    FILE_MISSING = "FILE_MISSING"
    FILE_EMPTY = "FILE_EMPTY"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    FILE_NOT_PDF = "FILE_NOT_PDF"
    FILE_TRUNCATED = "FILE_TRUNCATED"
    FILE_DAMAGED = "FILE_DAMAGED"
    FILE_ENCRYPTED = "FILE_ENCRYPTED"
    FILE_ACTIVE_CONTENT = "FILE_ACTIVE_CONTENT"
    FILE_EMBEDDED_FILES = "FILE_EMBEDDED_FILES"
    FILE_TOO_COMPLEX = "FILE_TOO_COMPLEX"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    INVALID_EMAIL = "INVALID_EMAIL"
    LAST_ADMINISTRATOR = "LAST_ADMINISTRATOR"
    SOLE_USER_MUST_ADMINISTER = "SOLE_USER_MUST_ADMINISTER"
    ALREADY_EXPIRED = "ALREADY_EXPIRED"
    NOT_INVITED = "NOT_INVITED"
    NOT_LOCKED = "NOT_LOCKED"
    UNKNOWN_SERVICE = "UNKNOWN_SERVICE"
    TAKEOVER = "TAKEOVER"
    NAME_CHANGE_TO_CONFIRM = "NAME_CHANGE_TO_CONFIRM"
    REASON_NEEDED = "REASON_NEEDED"
    NOT_EXPIRED = "NOT_EXPIRED"
    REOPENING_TOO_LATE = "REOPENING_TOO_LATE"
    KEY_REUSED = "KEY_REUSED"
    FILE_UNREADABLE = "FILE_UNREADABLE"
    SERVICE_CODE_TAKEN = "SERVICE_CODE_TAKEN"
    VERSION_TAKEN = "VERSION_TAKEN"
    TERMS_CHANGED = "TERMS_CHANGED"
    ALREADY_ACCEPTED = "ALREADY_ACCEPTED"
    SIRET_TAKEN = "SIRET_TAKEN"
    CAN_STILL_SIGN_IN = "CAN_STILL_SIGN_IN"
    SECOND_FACTOR_NEEDED = "SECOND_FACTOR_NEEDED"
    SECOND_FACTOR_WRONG = "SECOND_FACTOR_WRONG"
    CHALLENGE_INVALID = "CHALLENGE_INVALID"
    SECOND_FACTOR_REQUIRED = "SECOND_FACTOR_REQUIRED"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105
    PASSWORD_NEEDED = "PASSWORD_NEEDED"  # noqa: S105
    TRY_LATER = "TRY_LATER"
    NOT_CENTRALISATEUR = "NOT_CENTRALISATEUR"
    OWN_ESTABLISHMENT = "OWN_ESTABLISHMENT"
    NOT_DELEGABLE = "NOT_DELEGABLE"
    ALREADY_DELEGATED = "ALREADY_DELEGATED"
    ALREADY_DECIDED = "ALREADY_DECIDED"
    NOT_DECIDED = "NOT_DECIDED"
    BEYOND_REQUEST = "BEYOND_REQUEST"
    REMINDED_RECENTLY = "REMINDED_RECENTLY"
    ACKNOWLEDGEMENT_NOT_ASKED = "ACKNOWLEDGEMENT_NOT_ASKED"
    ALREADY_ACKNOWLEDGED = "ALREADY_ACKNOWLEDGED"
    ALREADY_WITHDRAWN = "ALREADY_WITHDRAWN"
    BATCH_CLOSED = "BATCH_CLOSED"
    BATCH_CHANGED = "BATCH_CHANGED"
    BATCH_HAS_REJECTIONS = "BATCH_HAS_REJECTIONS"


@dataclass(frozen=True)
class UserError:
    """A rule that was not met."""

    code: ErrorCode
    message: str
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Results:
    """The outcome of an action on many at once: for each asked for, in order, why it was refused; `errors` for all."""

    results: tuple[tuple[int, tuple[UserError, ...]], ...] = ()
    errors: tuple[UserError, ...] = ()

    @property
    def done_ids(self) -> list[int]:
        """Those for which it was done."""
        return [one for one, errors in self.results if not errors]


class BadRequest(Exception):
    """What was asked cannot be a request of this product at all: forged cursor, page too large, malformed id.

    Raised inside, translated once at the edge into a top-level error with `extensions.code`.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
