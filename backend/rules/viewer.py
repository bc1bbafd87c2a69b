"""Who is asking: what every rule and every read is given first."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True)
class Origin:
    """Where a request comes from, for the journal and the list of one's sessions."""

    address: str | None = None
    user_agent: str | None = None


class HeldBack(StrEnum):
    """What somebody who signed in must do, or have done, before they may do anything else."""

    ACCEPT_TERMS = "ACCEPT_TERMS"
    ASK_TO_ACCEPT_TERMS = "ASK_TO_ACCEPT_TERMS"
    ENROL_SECOND_FACTOR = "ENROL_SECOND_FACTOR"


@dataclass(frozen=True)
class Viewer:
    """A person signed in, or an API client; judged anew at each request and each event, never kept longer."""

    user_id: int | None = None
    session_id: int | None = None
    establishment_id: int | None = None
    is_administrator: bool = False
    is_operator: bool = False
    acting_for_id: int | None = None
    api_client_id: int | None = None
    scopes: frozenset[str] = frozenset()
    held_back: str | None = None
    """What this person must do before anything else: a HeldBack. They then reach nothing but themselves."""
    origin: Origin = field(default_factory=Origin)
