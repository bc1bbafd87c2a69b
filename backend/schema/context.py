"""What a resolver is given: who is asking, and loaders that live as long as one operation."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import strawberry
from starlette.responses import Response
from strawberry.dataloader import DataLoader

from backend.gateways.signals import Signals
from backend.rules.error import BadRequest
from backend.rules.viewer import HeldBack, Origin, Viewer

Read = Callable[[Sequence[Any]], Awaitable[list[Any]]]
SeenRead = Callable[[Viewer, Sequence[Any]], Awaitable[list[Any]]]

NOBODY = Viewer()


@dataclass
class Context:
    """The context of one operation, never shared with another (finding L)."""

    viewer: Viewer | None
    origin: Origin
    signals: Signals
    response: Response | None = None
    set_cookie: Callable[[Response, str], None] | None = None
    clear_cookie: Callable[[Response], None] | None = None
    devices: tuple[str, ...] = ()
    set_device: Callable[[Response, int, str], None] | None = None
    _loaders: dict[Hashable, DataLoader[Any, Any]] = field(default_factory=dict)

    @property
    def seer(self) -> Viewer:
        """Who looks: the viewer, or nobody."""
        return self.viewer or NOBODY

    async def load(self, read: Read, key: Any) -> Any:
        """A row (or rows) by key, batched with the others of the operation: for what an object one sees refers to.

        Shielded: a field that fails has its siblings cancelled, and what others wait for too must not end with one.
        """
        if read not in self._loaders:
            self._loaders[read] = DataLoader(load_fn=read)
        return await asyncio.shield(self._loaders[read].load(key))

    async def look_up(self, read: SeenRead, key: Any) -> Any:
        """The same for a read that judges what the viewer sees."""
        if read not in self._loaders:
            self._loaders[read] = DataLoader(load_fn=partial(read, self.seer))
        return await asyncio.shield(self._loaders[read].load(key))

    def become(self, viewer: Viewer | None) -> None:
        """Somebody signed in or out, or switched: nothing loaded for who they were may serve any more."""
        self.viewer = viewer
        self._loaders.clear()


Info = strawberry.Info[Context, None]


_HELD_BACK = {
    HeldBack.ACCEPT_TERMS: "Acceptez d’abord les conditions générales d’utilisation.",
    HeldBack.ASK_TO_ACCEPT_TERMS: "Un administrateur de votre établissement doit d’abord accepter les conditions "
    "générales d’utilisation.",
    HeldBack.ENROL_SECOND_FACTOR: "Enregistrez d’abord un second facteur : il est obligatoire pour votre profil.",
}


def signed_in(info: Info, *, even_held_back: bool = False) -> Viewer:
    """The viewer. Raises BadRequest where nobody is signed in, or where something must be done first (R-CGU-02)."""
    viewer = info.context.viewer
    if viewer is None:
        raise BadRequest("UNAUTHENTICATED", "Connectez-vous pour continuer : vous n’êtes pas ou plus connecté.")
    if viewer.held_back is not None and not even_held_back:
        raise BadRequest(viewer.held_back, _HELD_BACK[HeldBack(viewer.held_back)])
    return viewer


def operator(info: Info) -> Viewer:
    """The viewer, who must be an operator. Raises BadRequest otherwise."""
    viewer = signed_in(info)
    if not viewer.is_operator:
        raise BadRequest("NOT_ALLOWED", "Cette recherche est réservée aux gestionnaires de la plateforme.")
    return viewer
