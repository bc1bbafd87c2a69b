"""The demonstration mailbox: the e-mails of a platform that has no mail server (R-NOT-01).

Served only on a database that holds the demonstration world, and only without SMTP: links that set passwords can be
read there by anybody.
"""

from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from backend import clock, settings
from backend.reads import mailbox
from backend.web.protection import STRICT_POLICY

_templates = Environment(
    loader=PackageLoader("backend.web", "pages"), autoescape=select_autoescape(["html"]), trim_blocks=True
)

# The message itself is shown in a frame that may run nothing; its links open in the page around it.
MESSAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)


async def _is_open() -> bool:
    return not settings.current().smtp_url and await mailbox.is_demonstration()


def _closed() -> Response:
    return PlainTextResponse("Cette page n’existe pas.", 404)


def _moment(microseconds: int) -> str:
    return clock.from_microseconds(microseconds).astimezone(clock.PARIS).strftime("%d/%m/%Y à %H:%M")


async def _message(number: int) -> dict[str, Any] | None:
    return await mailbox.message(number) if number < 2**63 else None


def _html(template: str, **values: Any) -> Response:
    page = _templates.get_template(template).render(moment=_moment, **values)
    return HTMLResponse(page, headers={"cache-control": "no-store", "content-security-policy": STRICT_POLICY})


async def inbox(request: Request) -> Response:
    """The latest messages, or those to one address."""
    if not await _is_open():
        return _closed()
    to = request.query_params.get("a", "").replace("\0", "").strip()
    before = request.query_params.get("avant", "")
    messages = await mailbox.latest(to, int(before) if before.isdecimal() and len(before) < 19 else None)
    return _html("mailbox.html", messages=messages, to=to, more=messages[-1]["id"] if len(messages) == 50 else None)


async def message(request: Request) -> Response:
    """One message, both its parts."""
    if not await _is_open():
        return _closed()
    found = await _message(request.path_params["number"])
    return _html("message.html", message=found) if found else _closed()


async def message_html(request: Request) -> Response:
    """The HTML part alone, for the frame of `message`."""
    if not await _is_open():
        return _closed()
    found = await _message(request.path_params["number"])
    if found is None:
        return _closed()
    # Links of an e-mail leave its frame for the page around it.
    body = str(found["body_html"]).replace("<head>", '<head><base target="_top">', 1)
    return HTMLResponse(body, headers={"cache-control": "no-store", "content-security-policy": MESSAGE_POLICY})
