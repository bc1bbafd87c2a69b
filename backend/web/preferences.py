"""`/preferences/{signed}`: the rhythm of announcements, changed from an e-mail without signing in (R-COU-10, RFC 8058).

Following the address only shows and asks: mail scanners follow links. Sending it back does.
"""

from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from backend.rules import preference, preference_change
from backend.web.protection import STRICT_POLICY

_templates = Environment(
    loader=PackageLoader("backend.web", "pages"), autoescape=select_autoescape(["html"]), trim_blocks=True
)

LARGEST = 4096
"""Bytes of a form."""

_CHOICES = {
    preference.IMMEDIATE: "À chaque courrier",
    preference.DAILY: "Un récapitulatif chaque matin",
    preference.WEEKLY: "Un récapitulatif chaque lundi matin",
    preference.NONE: "Aucune annonce par messagerie",
}


def _page(holder: preference.Holder | None, *, done: bool = False) -> Response:
    page = _templates.get_template("preferences.html").render(holder=holder, choices=_CHOICES, done=done)
    headers = {"cache-control": "no-store", "content-security-policy": STRICT_POLICY, "x-robots-tag": "noindex"}
    return HTMLResponse(page, 200 if holder else 404, headers=headers)


async def get_preferences(request: Request) -> Response:
    """What is chosen, and the choice. Changes nothing."""
    return _page(await preference.read(request.path_params["signed"]))


async def post_preferences(request: Request) -> Response:
    """The form of the page, or the one click of a mail program, which ends announcements (RFC 8058)."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return PlainTextResponse("Ce formulaire est trop long.", 413)
    given = _read(bytes(body), request.headers.get("content-type", ""))
    one_click = given.get("List-Unsubscribe") == "One-Click"
    rhythm = preference.NONE if one_click else given.get("rythme", "")
    if rhythm not in preference.RHYTHMS:
        return _page(await preference.read(request.path_params["signed"]))
    holder = await preference_change.change_by_address(request.path_params["signed"], rhythm)
    return _page(holder, done=holder is not None)


def _read(body: bytes, content_type: str) -> dict[str, str]:
    """The fields of a form, urlencoded or multipart: RFC 8058 lets mail programs choose."""
    if not content_type.lower().startswith("multipart/form-data"):
        return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    head = f"content-type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    found: dict[str, str] = {}
    for part in BytesParser(EmailMessage, policy=HTTP).parsebytes(head + body).walk():
        name = part.get_param("name", header="content-disposition")
        value = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(value, bytes):
            found[name] = value.decode("utf-8", "replace").strip()
    return found
