"""Who is asking: what every rule and every read is given first."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Origin:
    """Where a request comes from, for the journal and the list of one's sessions."""

    address: str | None = None
    user_agent: str | None = None


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
    origin: Origin = field(default_factory=Origin)
