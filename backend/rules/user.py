"""Accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.rules.error import ErrorCode, Results, UserError
from backend.rules.right import Wanted
from backend.rules.viewer import Viewer

_SOON = (UserError(ErrorCode.NOT_ALLOWED, "Pas encore possible."),)


@dataclass(frozen=True)
class NewUser:
    """An account to be."""

    establishment_id: int
    first_name: str
    last_name: str
    email: str
    is_administrator: bool
    civility: str | None = None
    phone: str | None = None
    rights: tuple[Wanted, ...] = ()


@dataclass(frozen=True)
class Created:
    """The outcome."""

    user_id: int | None = None
    identifier: str | None = None
    errors: tuple[UserError, ...] = ()


async def create(viewer: Viewer, given: NewUser) -> Created:
    """Not yet."""
    return Created(errors=_SOON)


async def set_profile(viewer: Viewer, user_id: int, *, is_administrator: bool) -> list[UserError]:
    """Not yet."""
    return list(_SOON)


async def renew(viewer: Viewer, user_ids: Sequence[int]) -> Results:
    """Not yet."""
    return Results(errors=_SOON)


async def delete(viewer: Viewer, user_ids: Sequence[int]) -> Results:
    """Not yet."""
    return Results(errors=_SOON)


async def resend_invitation(viewer: Viewer, user_id: int) -> list[UserError]:
    """Not yet."""
    return list(_SOON)


async def unlock(viewer: Viewer, user_id: int) -> list[UserError]:
    """Not yet."""
    return list(_SOON)
