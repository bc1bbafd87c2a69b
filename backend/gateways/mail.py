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
    unsubscribe: str | None = None
    """Where one click ends such messages, without signing in (RFC 8058)."""


class NotSent(Exception):
    """The message did not leave. `final` where trying again is useless; `bounced` where its address was refused for
    good.
    """

    def __init__(self, reason: str, *, final: bool, bounced: bool = False) -> None:
        super().__init__(reason)
        self.final = final
        self.bounced = bounced


class Mailer(Protocol):
    """Something that sends."""

    async def send(self, mail: Mail) -> None:
        """Hand a message over. Raises NotSent."""
        ...

    async def rest(self) -> None:
        """Nothing more to send for now: keep no connection."""
        ...


class DemonstrationMailer:
    """Keeps nothing and sends nothing: the queued rows are what the demonstration mailbox shows (R-NOT-01)."""

    async def send(self, mail: Mail) -> None:
        """Done: the message can be read on the platform's own page."""

    async def rest(self) -> None:
        """There is nothing to keep."""


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

        self._idle: list[aiosmtplib.SMTP] = []

    async def send(self, mail: Mail) -> None:
        """Hand a message to the server. Raises NotSent, final for an address or a message refused with a 5xx code.

        A sender or a password that the server refuses is a matter of settings, to be mended while messages wait.
        """
        message = self._message(mail)
        try:
            async with asyncio.timeout(2 * PATIENCE):
                await self._hand_over(message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = all(one.code >= 500 for one in error.recipients)
            reason = "; ".join(f"{one.code} {one.message}" for one in error.recipients)
            raise NotSent(reason, final=refused, bounced=refused) from error
        except aiosmtplib.SMTPResponseException as error:
            final = isinstance(error, aiosmtplib.SMTPDataError) and error.code >= 500
            unknown = final and "5.1." in error.message
            raise NotSent(f"{error.code} {error.message}", final=final, bounced=unknown) from error
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotSent(str(error) or type(error).__name__, final=False) from error

    async def _hand_over(self, message: EmailMessage) -> None:
        client = await self._connected()
        try:
            await client.send_message(message)
        except aiosmtplib.SMTPRecipientsRefused:
            self._idle.append(client)  # an address was refused, not the connection
            raise
        except BaseException:
            client.close()
            raise
        self._idle.append(client)

    async def _connected(self) -> aiosmtplib.SMTP:
        """A connection kept from the last message if it still answers, or a new one."""
        while self._idle:
            client = self._idle.pop()
            try:
                await client.rset(timeout=PATIENCE)
            except (aiosmtplib.SMTPException, OSError):
                client.close()
            else:
                return client
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            use_tls=self.use_tls,
            timeout=PATIENCE,
        )
        try:
            await client.connect()
        except BaseException:
            client.close()
            raise
        return client

    async def rest(self) -> None:
        """Say goodbye on every connection that was kept."""
        idle, self._idle = self._idle, []
        for client in idle:
            try:
                await client.quit(timeout=PATIENCE)
            except (aiosmtplib.SMTPException, OSError):
                client.close()

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = mail.recipient
        message["Subject"] = mail.subject
        message["Date"] = formatdate(localtime=False)
        domain = parseaddr(self.sender)[1].partition("@")[2] or "localhost"
        message["Message-ID"] = f"<notification-{mail.number}@{domain}>" if mail.number else make_msgid(domain=domain)
        message["Auto-Submitted"] = "auto-generated"
        if mail.unsubscribe is not None:
            message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        return message
