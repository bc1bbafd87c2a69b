"""The public side of certificates, for anybody, without signing in (R-COU-15).

`POST /verification/certificat` says whether a certificate, brought as JSON or as the PDF that carries it, is genuine.
`GET /verification/cles.json` and `GET /verification/cles/{key}.pem` are the public keys, at addresses that do not
change. The letter itself is never sent: its hash is computed by the browser and compared there.
"""

import asyncio
from collections import OrderedDict
from datetime import datetime, timedelta

import orjson
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from backend import clock
from backend.gateways import certificate as press
from backend.gateways.files import FileTooLarge, collect
from backend.rules import certificate, seal

LARGEST = 2 * 1024 * 1024
"""Bytes of what is brought."""

ALLOWED = 30
EVERY = timedelta(minutes=1)
ADDRESSES = 10_000
"""Addresses remembered at once, by each process."""


class Allowance:
    """How often each address asks: so many times in so long, then it waits. The oldest addresses are forgotten."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, tuple[datetime, int]] = OrderedDict()

    def spend(self, address: str) -> int:
        """One more request: 0 where it is allowed, or the seconds to wait."""
        now = clock.now()
        since, count = self._asked.get(address, (now, 0))
        if now - since >= EVERY or now < since:
            since, count = now, 0
        if count >= ALLOWED:
            return max(1, int((since + EVERY - now).total_seconds()))
        self._asked[address] = (since, count + 1)
        self._asked.move_to_end(address)
        while len(self._asked) > ADDRESSES:
            self._asked.popitem(last=False)
        return 0


allowance = Allowance()


async def post_certificate(request: Request) -> Response:
    """Say whether it is genuine, and if so what it says; nothing more is looked up."""
    wait = allowance.spend(request.client.host if request.client else "")
    if wait:
        message = "Trop de vérifications en peu de temps : attendez une minute, puis recommencez."
        return _told({"verdict": "TRY_LATER", "message": message}, 429, **{"retry-after": str(wait)})
    try:
        brought = await collect(request.stream(), LARGEST)
    except FileTooLarge:
        return _told({"verdict": "TOO_LARGE", "message": "Ce fichier est trop gros pour être un certificat."}, 413)
    if brought.startswith(b"%PDF-"):
        attached = await asyncio.to_thread(press.attached, brought)
        brought = attached or b""
    found = await certificate.verify(brought)
    return _told(
        {
            "verdict": found.verdict.value,
            "certificate": found.body,
            "journalHolds": found.journal_holds,
        },
        200,
    )


async def get_keys(request: Request) -> Response:
    """The public keys: the one that signs now first, then those that signed before."""
    found = {seal.name_of(one): seal.pem(one) for one in await seal.keys()}
    keys = [{"id": name, "algorithm": certificate.ALGORITHM, "pem": pem} for name, pem in found.items()]
    return Response(orjson.dumps({"keys": keys}), media_type="application/json", headers=_PUBLIC)


async def get_key(request: Request) -> Response:
    """One of them, as OpenSSL takes it."""
    found = {seal.name_of(one): seal.pem(one) for one in await seal.keys()}
    pem = found.get(request.path_params["key"])
    if pem is None:
        return PlainTextResponse("Cette clé n’est pas de cette plateforme.", 404)
    return Response(pem, media_type="application/x-pem-file", headers=_PUBLIC)


_PUBLIC = {"cache-control": "public, max-age=3600"}


def _told(answer: object, status: int, **headers: str) -> Response:
    headers = {"cache-control": "no-store", **headers}
    return Response(orjson.dumps(answer), status, media_type="application/json", headers=headers)
