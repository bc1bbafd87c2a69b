"""Rights."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.rules.error import ErrorCode, Results, UserError
from backend.rules.viewer import Viewer

_SOON = (UserError(ErrorCode.NOT_ALLOWED, "Pas encore possible."),)


@dataclass(frozen=True)
class Wanted:
    """A level to give on a service, by its code; 0 takes the right away."""

    service: str
    level: int


async def give(viewer: Viewer, user_ids: Sequence[int], wanted: Sequence[Wanted]) -> Results:
    """Not yet."""
    return Results(errors=_SOON)


async def copy(viewer: Viewer, source_id: int, user_ids: Sequence[int]) -> Results:
    """Not yet."""
    return Results(errors=_SOON)
