"""Notifications: queued as rows in the transaction that causes them, in French, text and HTML (R-NOT-01, R-NOT-03)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from backend import clock, settings
from backend import database as db
from backend.rules import elision

_MORNING, _NIGHT = 7, 22
"""Hours in Paris."""

BULK = ("NEW_COURRIER", "COURRIER_DIGEST", "READ_REMINDER")
"""What many are told at once: it waits for what somebody waits for, and for the day."""


@dataclass(frozen=True)
class Message:
    """An e-mail to be. `template` names the files of `mails/`; a second one with the same `once_key` is nothing."""

    kind: str
    rule: str
    template: str
    recipient: str
    values: Mapping[str, Any] = field(default_factory=dict)
    user_id: int | None = None
    establishment_id: int | None = None
    courrier_id: int | None = None
    once_key: str | None = None
    not_before: datetime | None = None


@cache
def _templates() -> Environment:
    made = Environment(
        loader=PackageLoader("backend.rules", "mails"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"the": elision.the, "of": elision.of, "to": elision.to}
    return made


@dataclass(frozen=True)
class Rendered:
    """Subject and both parts of an e-mail."""

    subject: str
    text: str
    html: str


def render(template: str, values: Mapping[str, Any]) -> Rendered:
    """An e-mail's subject and parts. Each template `x.txt` begins with its subject line; `x.html` is the other part."""
    everything = {
        "address": settings.current().address,
        "support": settings.current().support_email,
        **values,
    }
    subject, _, text = _templates().get_template(f"{template}.txt").render(everything).partition("\n")
    html = _templates().get_template(f"{template}.html").render({**everything, "subject": subject})
    return Rendered(" ".join(subject.split())[:200], text.strip() + "\n", html)


def daytime(at: datetime | None = None) -> datetime:
    """An instant, now by default, or the next morning: what the calendar or a deposit causes does not ring at night."""
    here = (at or clock.now()).astimezone(clock.PARIS)
    if _MORNING <= here.hour < _NIGHT:
        return here
    return morning(here.date() if here.hour < _MORNING else here.date() + timedelta(days=1))


def morning(day: date) -> datetime:
    """When the night ends in Paris."""
    return datetime(day.year, day.month, day.day, _MORNING, tzinfo=clock.PARIS)


def is_night() -> bool:
    """Whether e-mails that ring wait for the morning."""
    return not _MORNING <= clock.now().astimezone(clock.PARIS).hour < _NIGHT


async def queue(*messages: Message) -> None:
    """Queue e-mails with the current transaction; the worker sends them once it is committed."""
    await queue_all(messages)


async def pretend(template: str, values: Mapping[str, Any]) -> None:
    """The work of queueing an e-mail, to nobody: where answers must take as long for an unknown person (R-ACC-14)."""
    render(template, values)
    await db.execute("UPDATE notifications SET attempts = attempts WHERE once_key = $1", [""])
    await db.tell_others()


async def queue_all(messages: Sequence[Message]) -> None:
    """The same, for a list. Messages of one template and values are rendered once."""
    now = int(clock.to_microseconds(clock.now()))
    rendered: dict[tuple[str, int], Rendered] = {}
    rows = []
    for message in messages:
        key = (message.template, id(message.values))
        if key not in rendered:
            rendered[key] = render(message.template, message.values)
        mail = rendered[key]
        rows.append(
            (
                message.kind,
                message.rule,
                message.once_key,
                message.establishment_id,
                message.user_id,
                message.courrier_id,
                message.recipient,
                mail.subject,
                mail.text,
                mail.html,
                "QUEUED",
                0,
                now,
                now if message.not_before is None else max(now, int(clock.to_microseconds(message.not_before))),
                message.kind in BULK,
            )
        )
    columns = (
        "kind, rule, once_key, establishment_id, user_id, courrier_id, recipient, subject, body_text, body_html, "
        "status, attempts, queued_at, next_attempt_at, is_bulk"
    )
    places = ", ".join(f"${number}" for number in range(1, 16))
    if rows:
        await db.execute_many(
            f"INSERT INTO notifications ({columns}) VALUES ({places}) ON CONFLICT (once_key) DO NOTHING",
            rows,
        )
        await db.tell_others()
        db.current_transaction().after_commit(tell)


_listeners: list[Any] = []


def on_queued(listener: Any) -> None:
    """Have `listener` called after each commit that queued e-mails."""
    _listeners.append(listener)


def forget(listener: Any) -> None:
    """Stop calling a listener."""
    _listeners.remove(listener)


def tell() -> None:
    """Wake the worker: something is to be sent."""
    for listener in list(_listeners):
        listener()
