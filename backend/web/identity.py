"""Recognising who sends a request: the session cookie of the SPA, or a bearer token."""

import hmac
from collections.abc import Mapping
from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

from backend import settings
from backend.rules import address, session
from backend.rules.viewer import Origin, Viewer


def cookie_name() -> str:
    """`__Host-sid` over TLS, which no subdomain can overwrite (RFC 6265bis); plain `sid` on one's own machine."""
    return "__Host-sid" if settings.current().is_secure else "sid"


def set_cookie(response: Response, secret: str) -> None:
    """Give the browser its session: HttpOnly, SameSite=Lax so that a link in an e-mail finds one signed in."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=int(settings.current().durations.session_length.total_seconds()),
        path="/",
        secure=settings.current().is_secure,
        httponly=True,
        samesite="lax",
    )


def clear_cookie(response: Response) -> None:
    """Take the session back from the browser."""
    response.delete_cookie(cookie_name(), path="/", secure=settings.current().is_secure, httponly=True, samesite="lax")


_DEVICE = "device-"
_MOST_DEVICES = 20


def _device_prefix() -> str:
    return f"__Host-{_DEVICE}" if settings.current().is_secure else _DEVICE


def devices_of(connection: HTTPConnection) -> tuple[str, ...]:
    """The secrets of the accounts for which this browser is trusted (R-ACC-16)."""
    prefix = _device_prefix()
    return tuple(value for name, value in connection.cookies.items() if name.startswith(prefix))[:_MOST_DEVICES]


def set_device(response: Response, user_id: int, secret: str) -> None:
    """Have the browser keep that it is trusted for an account: a cookie for each, whose name does not tell whose."""
    number = hmac.new(address.derived_key("device cookies"), str(user_id).encode(), "sha256").hexdigest()[:12]
    response.set_cookie(
        f"{_device_prefix()}{number}",
        secret,
        max_age=int(settings.current().durations.trusted_device.total_seconds()),
        path="/",
        secure=settings.current().is_secure,
        httponly=True,
        samesite="strict",
    )


def origin_of(connection: HTTPConnection) -> Origin:
    """Where a request comes from."""
    client = connection.client
    return Origin(address=client.host if client else None, user_agent=connection.headers.get("user-agent"))


def _bearer(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    scheme, _, secret = value.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" and secret.strip() else None


async def viewer_of(connection: HTTPConnection, parameters: Mapping[str, Any] | None = None) -> Viewer | None:
    """Who sends this: by the Authorization header, the parameters of a socket's `connection_init`, or the cookie."""
    said = parameters or {}
    secret = (
        _bearer(connection.headers.get("authorization"))
        or _bearer(said.get("authorization") or said.get("Authorization"))
        or connection.cookies.get(cookie_name())
    )
    return await session.authenticate(secret, origin_of(connection)) if secret else None
