"""Documents kept by a service that speaks S3: one object for each, named by its SHA-256.

An answer of the service to a PUT says that the object is kept durably. Imported only where such a service is set.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import S3Store

from backend.gateways.files import PIECE, FileDamaged, Kept, State, hash_of, is_hash

if TYPE_CHECKING:
    from obstore.store import S3Config

PATIENCE = "60s"
"""For one request."""


@dataclass(frozen=True)
class Service:
    """Where and as whom; `endpoint` is empty for the region's own."""

    bucket: str
    region: str
    endpoint: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)


@lru_cache(maxsize=4)
def _store(service: Service) -> S3Store:
    config: S3Config = {"region": service.region, "disable_bulk_delete": True}  # one at a time: every service can
    if service.endpoint:
        config["endpoint"] = service.endpoint
    if service.access_key:
        config["access_key_id"], config["secret_access_key"] = service.access_key, service.secret_key
    return S3Store(
        service.bucket,
        config=config,
        client_options={"allow_http": service.endpoint.startswith("http://"), "timeout": PATIENCE},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
    )


class S3Files:
    """Objects of a bucket."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._store = _store(service)

    async def put(self, content: bytes) -> str:
        """Keep `content`, once: an object that is there is left, unless its bytes are others."""
        sha256 = hash_of(content)
        try:
            await obstore.put_async(self._store, sha256, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            if await self.state(sha256, len(content)) is not State.WHOLE:
                await obstore.put_async(self._store, sha256, content, use_multipart=False)
        return sha256

    async def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Keep several."""
        return [await self.put(one) for one in contents]

    async def get(self, sha256: str) -> bytes:
        """The bytes of a hash, checked again (R-COU-02)."""
        content, digest = bytearray(), hashlib.sha256()
        async for piece in self.pieces(sha256):
            content += piece
            digest.update(piece)
        if digest.hexdigest() != sha256:
            raise FileDamaged(sha256)
        return bytes(content)

    async def pieces(self, sha256: str) -> AsyncIterator[bytes]:
        """A piece in memory at a time, however large the object and slow its reader."""
        try:
            found = await obstore.get_async(self._store, sha256)
        except FileNotFoundError as error:
            raise FileDamaged(sha256) from error
        async for piece in found.stream(min_chunk_size=PIECE):
            yield bytes(piece)

    async def remove(self, sha256: str) -> None:
        """Remove the object of a hash (R-COU-14)."""
        await obstore.delete_async(self._store, sha256)

    async def remove_unfinished(self, kept: Kept) -> bool:
        """Nothing: an object is there whole, or not at all; one of another name is somebody else's."""
        return False

    async def state(self, sha256: str, size: int, *, thoroughly: bool = True) -> State:
        """Missing, of another size or other bytes, or whole."""
        try:
            found = await obstore.head_async(self._store, sha256)
        except FileNotFoundError:
            return State.MISSING
        if found["size"] != size:
            return State.ALTERED
        if thoroughly:
            digest = hashlib.sha256()
            async for piece in self.pieces(sha256):
                digest.update(piece)
            if digest.hexdigest() != sha256:
                return State.ALTERED
        return State.WHOLE

    async def everything(self) -> AsyncIterator[list[Kept]]:
        """The objects, a page at a time."""
        async for page in obstore.list(self._store):
            yield [
                Kept(
                    one["path"] if is_hash(one["path"]) else None,
                    f"s3://{self._service.bucket}/{one['path']}",
                    one["size"],
                    one["last_modified"].timestamp(),
                )
                for one in page
            ]
