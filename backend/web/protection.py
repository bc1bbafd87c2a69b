"""What every response carries, and which requests are refused before anything looks at them."""

from urllib.parse import urlsplit

import orjson
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend import settings

STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'"
)
"""The SPA's: nothing inline, nothing from elsewhere."""

_SAFE = {"GET", "HEAD", "OPTIONS"}


class SameOrigin:
    """Refuses what changes something and comes from a page of another site (CSRF).

    Browsers say where a request comes from by `Sec-Fetch-Site` and `Origin`; programs say nothing and carry no cookie.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] == "http" and scope["method"] not in _SAFE and not self._is_ours(Headers(scope=scope)):
            refusal = {
                "message": "Cette requête vient d’un autre site : elle est refusée.",
                "extensions": {"code": "CROSS_ORIGIN"},
            }
            response = Response(orjson.dumps({"errors": [refusal]}), 403, media_type="application/json")
            await response(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None and site not in {"same-origin", "none"}:
            return False
        origin = headers.get("origin")
        if origin is None:
            return True
        ours = {headers.get("host", ""), urlsplit(settings.current().address).netloc} - {""}
        return urlsplit(origin).netloc in ours


class SecurityHeaders:
    """Puts the protecting headers on every response that has not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding headers to what comes back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-security-policy", STRICT_POLICY)
                headers.setdefault("x-content-type-options", "nosniff")
                headers.setdefault("referrer-policy", "same-origin")
                headers.setdefault("cross-origin-opener-policy", "same-origin")
                headers.setdefault("cross-origin-resource-policy", "same-origin")
                headers.setdefault("permissions-policy", "camera=(), geolocation=(), microphone=()")
                if settings.current().is_secure:
                    headers.setdefault("strict-transport-security", "max-age=31536000; includeSubDomains")
            await send(message)

        await self.app(scope, receive, protected)


class Compression(GZipMiddleware):
    """Compresses what gains from it: not documents, alone or in a ZIP, which PDF has compressed already."""

    apart = ("/documents/", "/exports/courriers/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, compressing what comes back."""
        if scope["type"] == "http" and scope["path"].startswith(self.apart):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)
