"""Sending e-mail: by SMTP, or into the demonstration mailbox where no server is set."""

import asyncio
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

PATIENCE = 30.0
"""Seconds to wait for each answer of the server; twice as many for the whole conversation."""


@dataclass(frozen=True)
class Mail:
    """One e-mail. `number` makes its Message-ID the same at each attempt, so that duplicates can be told."""

    number: int
    recipient: str
    subject: str
    text: str
    html: str


class NotSent(Exception):
    """The message did not leave. `final` where trying again is useless: the address was refused for good."""

    def __init__(self, reason: str, *, final: bool) -> None:
        super().__init__(reason)
        self.final = final


class Mailer(Protocol):
    """Something that sends."""

    async def send(self, mail: Mail) -> None:
        """Hand a message over. Raises NotSent."""
        ...


class DemonstrationMailer:
    """Keeps nothing and sends nothing: the queued rows are what the demonstration mailbox shows (R-NOT-01)."""

    async def send(self, mail: Mail) -> None:
        """Done: the message can be read on the platform's own page."""


class SmtpMailer:
    """Sends by SMTP: `smtp://user:password@host:port`, `smtps://…` for TLS from the start."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.sender = sender
        self.host = parts.hostname or "127.0.0.1"
        self.use_tls = parts.scheme == "smtps"
        self.port = parts.port or (465 if self.use_tls else 25)
        self.user = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None

    async def send(self, mail: Mail) -> None:
        """Hand a message to the server. Raises NotSent, final for an address refused with a 5xx code."""
        try:
            async with asyncio.timeout(2 * PATIENCE):
                await aiosmtplib.send(
                    self._message(mail),
                    hostname=self.host,
                    port=self.port,
                    username=self.user,
                    password=self.password,
                    use_tls=self.use_tls,
                    timeout=PATIENCE,
                )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise NotSent(str(error), final=all(code >= 500 for code in codes)) from error
        except aiosmtplib.SMTPResponseException as error:
            raise NotSent(f"{error.code} {error.message}", final=error.code >= 500) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotSent(str(error) or type(error).__name__, final=False) from error

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.recipient
        message["Subject"] = mail.subject
        message["Date"] = formatdate(localtime=False)
        domain = parseaddr(self.sender)[1].partition("@")[2] or "localhost"
        message["Message-ID"] = f"<notification-{mail.number}@{domain}>" if mail.number else make_msgid(domain=domain)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message
