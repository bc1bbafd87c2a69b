"""E-mails leave once each, whatever the mail server does (R-NOT-01)."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from backend import clock
from backend import database as db
from backend import settings as settings_room
from backend.gateways import mail as gateway
from backend.gateways.mail import DemonstrationMailer, Mail, SmtpMailer
from backend.jobs import outbox
from backend.jobs.outbox import send_due
from backend.models import CourrierFact, Notification
from backend.rules import courrier
from backend.rules.viewer import Viewer
from tests import builders
from tests.serving import Served

ACCEPTED = "250 OK"


@dataclass
class MailServer:
    """A mail server on this machine. `answer(recipient)` is what it says to RCPT; `hang` and `drop` are two answers."""

    address: str = ""
    answer: Callable[[str], str] = lambda _: ACCEPTED
    received: list[tuple[str, Message]] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        said = self.answer(address)
        if said == "hang":
            await asyncio.Event().wait()
        if said == "drop":
            server.transport.close()
        if said == ACCEPTED or said.startswith("after"):
            envelope.rcpt_tos.append(address)
            return ACCEPTED
        return said

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        said = self.answer(f"data:{envelope.rcpt_tos[0]}")
        if said == ACCEPTED:
            self.received.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content)))
        return said

    @property
    def times(self) -> Counter[str]:
        """How many times each address received something."""
        return Counter(address for address, _ in self.received)


@pytest.fixture
async def smtp(database_url: str) -> AsyncIterator[MailServer]:
    made = MailServer()
    loop = asyncio.get_running_loop()
    protocols: list[SMTP] = []

    def protocol() -> SMTP:
        protocols.append(SMTP(made, enable_SMTPUTF8=True, loop=loop))
        return protocols[-1]

    listening = await loop.create_server(protocol, "127.0.0.1", 0)
    made.address = f"smtp://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    settings_room.use(replace(settings_room.current(), smtp_url=made.address, mail_connections=1))
    yield made
    listening.close()
    for one in protocols:
        if one._handler_coroutine is not None:
            one._handler_coroutine.cancel()
    await asyncio.gather(
        *(one._handler_coroutine for one in protocols if one._handler_coroutine), return_exceptions=True
    )


@pytest.fixture
def by(smtp: MailServer) -> SmtpMailer:
    return SmtpMailer(smtp.address, "PEP's <ne-pas-repondre@peps.example>")


async def mail(recipient: str, courrier_id: int | None = None) -> Notification:
    """A queued message."""
    return await Notification.create(
        kind="NEW_COURRIER",
        rule="R-COU-10",
        recipient=recipient,
        subject="Un courrier à l’été",
        body_text="Bonjour,\n",
        body_html="<p>Bonjour,</p>",
        status="QUEUED",
        queued_at=clock.now(),
        next_attempt_at=clock.now(),
        courrier_id=courrier_id,
    )


async def status_of(one: Notification) -> tuple[str, int]:
    found = await Notification.get(id=one.id)
    return found.status, found.attempts


async def test_a_message_says_everything_in_both_parts(database: str, smtp: MailServer, by: SmtpMailer) -> None:
    """R-NOT-03."""
    sent = await mail("agent@exemple.example")
    assert await send_due(by) == 1
    ((recipient, message),) = smtp.received
    assert recipient == "agent@exemple.example"
    assert message["Message-ID"] == f"<notification-{sent.id}@peps.example>"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert await status_of(sent) == ("SENT", 1)
    assert await send_due(by) == 0


async def test_each_message_leaves_once_from_a_server_that_fails_at_random(
    database: str, smtp: MailServer, by: SmtpMailer, moved_clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-NOT-01: refused, cut or kept waiting before it was accepted, it is tried again; accepted, never again."""
    monkeypatch.setattr(gateway, "PATIENCE", 0.15)
    chance, failures = random.Random(6), Counter[str]()

    def answer(address: str) -> str:
        said = chance.choice(["451 Réessayez".encode("ascii", "replace").decode(), "drop", "hang", ACCEPTED, ACCEPTED])
        if said == "hang" and address.startswith("data:"):
            said = "421 Later"
        if said == "drop" and address.startswith("data:"):
            said = "452 Full"
        failures[address.removeprefix("data:")] += said != ACCEPTED
        return ACCEPTED if failures[address.removeprefix("data:")] > 4 else said

    smtp.answer = answer
    addresses = [f"agent-{number}@exemple.example" for number in range(15)]
    moved_clock("2026-05-04T08:00+02:00")
    for address in addresses:
        await mail(address)
    for _ in range(6):
        await send_due(by)
        moved_clock((clock.now() + timedelta(hours=4)).isoformat())
    assert smtp.times == Counter(addresses)
    assert {one.status for one in await Notification.all()} == {"SENT"}
    assert max(one.attempts for one in await Notification.all()) > 1


async def test_a_message_is_tried_for_more_than_four_hours_ever_less_often_then_given_up_visibly(
    database: str, smtp: MailServer, by: SmtpMailer, moved_clock: Any
) -> None:
    """R-NOT-01."""
    letter = await builders.courrier()
    smtp.answer = lambda _: "451 Later"
    moved_clock("2026-05-04T08:00+02:00")
    begun = clock.now()
    sent = await mail("agent@exemple.example", letter.id)
    delays = []
    while await send_due(by):
        found = await Notification.get(id=sent.id)
        if found.status != "FAILED":
            break
        assert found.last_error
        assert "451" in found.last_error
        delays.append(found.next_attempt_at - clock.now())
        with clock.moved_to(found.next_attempt_at - timedelta(seconds=1)):
            assert await send_due(by) == 0, "not before"
        moved_clock(found.next_attempt_at.isoformat())
    assert await status_of(sent) == ("GIVEN_UP", len(delays) + 1)
    assert delays == sorted(set(delays)), "growing"
    assert clock.now() - begun > timedelta(hours=4)
    fact = await CourrierFact.get(courrier_id=letter.id)
    assert (fact.kind, fact.notification_id, "451" in (fact.detail or "")) == ("NOTIFICATION_FAILED", sent.id, True)
    moved_clock((clock.now() + timedelta(days=30)).isoformat())
    assert await send_due(by) == 0


async def test_an_address_refused_for_good_is_not_tried_again(database: str, smtp: MailServer, by: SmtpMailer) -> None:
    smtp.answer = lambda address: "550 No such user" if address.startswith("parti") else ACCEPTED
    letter = await builders.courrier()
    gone, here = await mail("parti@exemple.example", letter.id), await mail("agent@exemple.example", letter.id)
    await send_due(by)
    assert await status_of(gone) == ("GIVEN_UP", 1)
    assert await status_of(here) == ("SENT", 1)
    facts = {fact.kind: fact.notification_id for fact in await CourrierFact.filter(courrier_id=letter.id)}
    assert facts == {"NOTIFICATION_FAILED": gone.id, "NOTIFIED": here.id}


async def test_a_message_that_cannot_be_made_does_not_hold_up_the_others(
    database: str, smtp: MailServer, by: SmtpMailer
) -> None:
    impossible, other = await mail("a@b.example\nBcc: c@d.example"), await mail("agent@exemple.example")
    await send_due(by)
    assert await status_of(impossible) == ("FAILED", 1)
    assert await status_of(other) == ("SENT", 1)
    assert smtp.times == Counter(["agent@exemple.example"])


async def test_no_server_at_all_is_a_reason_to_wait(database: str) -> None:
    sent = await mail("agent@exemple.example")
    await send_due(SmtpMailer("smtp://127.0.0.1:1", "a@b.example"))
    assert await status_of(sent) == ("FAILED", 1)


async def test_a_process_that_dies_after_sending_sends_again_under_the_same_number(
    database: str, smtp: MailServer, by: SmtpMailer, moved_clock: Any
) -> None:
    """R-NOT-01: a duplicate that can be told from its Message-ID, rather than a loss."""

    class Dies:
        async def send(self, mail: Mail) -> None:
            await by.send(mail)
            raise asyncio.CancelledError

        async def rest(self) -> None: ...

    moved_clock("2026-05-04T08:00+02:00")
    sent = await mail("agent@exemple.example")
    with pytest.raises(asyncio.CancelledError):
        await send_due(Dies())
    assert await status_of(sent) == ("QUEUED", 1)
    assert await send_due(by) == 0, "leased"
    moved_clock((clock.now() + outbox.LEASE + timedelta(seconds=1)).isoformat())
    assert await send_due(by) == 1
    assert await status_of(sent) == ("SENT", 2)
    first, second = (message["Message-ID"] for _, message in smtp.received)
    assert first == second


async def test_workers_at_once_send_each_message_once(database: str, smtp: MailServer, by: SmtpMailer) -> None:
    addresses = [f"agent-{number}@exemple.example" for number in range(110)]
    for address in addresses:
        await mail(address)
    tried = await asyncio.gather(*(send_due(by) for _ in range(5)))
    assert sum(tried) == 110
    assert smtp.times == Counter(addresses)


async def test_a_worker_held_up_by_a_slow_server_does_not_send_what_another_has_sent(
    database: str, smtp: MailServer, by: SmtpMailer, moved_clock: Any
) -> None:
    """A lease lapses while fifty messages wait for a server that takes minutes over each."""
    moved_clock("2026-05-04T08:00+02:00")
    addresses = [f"agent-{number}@exemple.example" for number in range(8)]
    letter = await builders.courrier()
    for address in addresses:
        await mail(address, letter.id)

    class Slow:
        async def send(self, mail: Mail) -> None:
            await by.send(mail)
            moved_clock((clock.now() + timedelta(minutes=1)).isoformat())
            if len(smtp.received) == 7:
                await send_due(by)

        async def rest(self) -> None: ...

    class VerySlow:
        async def send(self, mail: Mail) -> None:
            await by.send(mail)
            moved_clock((clock.now() + timedelta(minutes=6)).isoformat())
            await send_due(by)

        async def rest(self) -> None: ...

    assert await send_due(Slow()) == 8
    assert smtp.times == Counter(addresses), "leases were renewed"
    smtp.received.clear()
    addresses = [f"autre-{number}@exemple.example" for number in range(8)]
    for address in addresses:
        await mail(address, letter.id)
    await send_due(VerySlow())
    times = smtp.times
    assert sorted(times.values()) == [1] * 7 + [2], "one was sent, and its lease lapsed before that was written"
    assert set(times) == set(addresses)
    assert await CourrierFact.filter(kind="NOTIFIED").count() == 16


async def test_a_letter_is_announced_by_the_running_platform(
    smtp: MailServer, server: Served, moved_clock: Any
) -> None:
    """R-COU-10, R-NOT-01: queued with the deposit, sent at once by day, and a fact of the letter."""
    moved_clock(f"{clock.today().isoformat()}T12:00+01:00")
    town, kind = await builders.establishment(), await builders.courrier_type()
    user = await builders.user(town, rights={"COURRIERS": builders.READ})
    made = await courrier.deposit(
        Viewer(is_operator=True),
        courrier.Deposit(
            document_id=(await builders.document()).id,
            siret=town.siret,
            type_code=kind.code,
            reference="2026-1",
            subject="Secret du contenu",
            letter_date=clock.today(),
        ),
    )
    async with asyncio.timeout(5):
        while not await db.rows("SELECT 1 AS one FROM courrier_facts WHERE kind = 'NOTIFIED'"):
            await asyncio.sleep(0.01)
    ((recipient, message),) = smtp.received
    assert recipient == user.email
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    assert all(isinstance(part, bytes) and "Secret du contenu" not in part.decode() for part in parts)
    assert made.errors == ()
    # RFC 8058: one click ends such messages without signing in.
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Unsubscribe"].strip(" \r\n<>").startswith(f"{settings_room.current().address}/preferences/")


async def test_without_a_mail_server_messages_are_kept_for_the_mailbox(database: str) -> None:
    sent = await mail("agent@exemple.example")
    assert isinstance(outbox.mailer(), DemonstrationMailer)
    await send_due(outbox.mailer())
    assert await status_of(sent) == ("SENT", 1)
