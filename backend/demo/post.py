"""Writing down the letters: documents to be printed on demand, courriers, their stories, and the e-mails about them."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import islice
from random import Random
from typing import Any

from backend import database as db
from backend import settings
from backend.database import words
from backend.database.text import fold
from backend.demo.bulk import CHUNK, Progress, fill
from backend.demo.calendar import MINUTE, iso
from backend.demo.catalogue import COURRIER_TYPES, FUNDS_BY_CODE, due_date, subject
from backend.demo.chronicle import Through
from backend.demo.example import ATTACHED
from backend.demo.readings import ACKNOWLEDGED, Reading, Story
from backend.demo.roles import SERVICE_OF_TYPE, services_given
from backend.demo.sign_ins import ROYAN
from backend.demo.staff import Account, House
from backend.demo.timeline import Deposit
from backend.rules import globalid, notification, preference

Values = tuple[Any, ...]
CLIENT_ID = 1
BY_HAND_EVERY = 60
"""One letter in so many was deposited by an operator, the others by the production chain."""
_ANNEXED = frozenset(number for number, kind in enumerate(COURRIER_TYPES) if kind.code in ATTACHED)
_COURRIER = (
    "id",
    "establishment_id",
    "type_id",
    "fund_id",
    "reference",
    "subject",
    "search_text",
    "letter_date",
    "fiscal_year",
    "due_on",
    "document_id",
    "file_name",
    "content_hash",
    "acknowledgement_required",
    "sent_by_post",
    "replaces_id",
    "batch_id",
    "deposited_by_id",
    "deposited_by_client_id",
    "deposited_at",
    "publish_at",
    "available_at",
    "first_opened_at",
    "first_opened_by_id",
    "acknowledged_at",
    "acknowledged_by_id",
    "withdrawn_at",
    "withdrawn_by_id",
    "withdrawal_reason",
    "net_step",
)
_FACT = ("courrier_id", "kind", "occurred_at", "actor_id", "delegation_id", "notification_id", "detail")
_MISTAKE = "Courrier déposé par erreur : il est remplacé par un autre, de même objet."


class Post:
    """Writes letters in the order of their deposit, and remembers what the e-mails need."""

    def __init__(self, reading: Reading, operator: Account, random: Random) -> None:
        self.reading, self.operator, self.random = reading, operator, random
        self.through: list[Through] = []
        """What was done through delegations, for the journal."""
        self._ranks: dict[str, int] = {}
        self._batches: dict[int, int] = {}
        self._lines: dict[int, int] = {}

    async def open_batches(self, made: list[Deposit]) -> None:
        """The batch of each campaign of May, published as it went."""
        moments: dict[int, list[int]] = {}
        for one in made:
            if one.campaign:
                moments.setdefault(one.campaign, []).append(one.moment)
        self._batches = {year: number for number, year in enumerate(sorted(moments), start=1)}
        await fill(
            "deposit_batches",
            ("id", "label", "status", "opened_by_client_id", "opened_at", "published_at"),
            [
                (number, f"Campagne de mai {year}", "PUBLISHED", CLIENT_ID, min(moments[year]), max(moments[year]))
                for year, number in self._batches.items()
            ],
        )

    async def write(self, made: list[Deposit], progress: Progress) -> None:
        """All of them, a chunk at a time."""
        remaining, annex_id, written = iter(made), len(made), 0
        while chunk := list(islice(remaining, CHUNK)):
            stories = [self.reading.story(one) for one in chunk]
            annexed = [one for one in chunk if one.kind in _ANNEXED]
            annexes = list(zip(annexed, range(annex_id + 1, annex_id + 1 + len(annexed)), strict=True))
            annex_id += len(annexes)
            numbers = [one.number for one in chunk] + [number for _, number in annexes]
            await fill("documents", ("id", "media_type"), [(number, "application/pdf") for number in numbers])
            rows = [self._courrier(one, story) for one, story in zip(chunk, stories, strict=True)]
            await fill("courriers", _COURRIER, rows)
            await words.keep(list(_letters(chunk, rows)))
            await fill(
                "deposit_lines",
                ("batch_id", "line", "reference", "outcome", "courrier_id"),
                [self._line(one, row) for one, row in zip(chunk, rows, strict=True) if one.campaign],
            )
            await fill(
                "courrier_attachments",
                ("courrier_id", "document_id", "file_name", "position"),
                [(one.number, number, f"annexe-{number}.pdf", 1) for one, number in annexes],
            )
            await fill("courrier_facts", _FACT, list(_facts(chunk, stories)))
            await fill(
                "courrier_marks", ("user_id", "courrier_id", "read_at", "archived_at"), list(_marks(chunk, stories))
            )
            self.through += _through(chunk, stories)
            written += len(chunk)
            progress("courriers", written, len(made))

    def _courrier(self, one: Deposit, story: Story) -> Values:
        kind = COURRIER_TYPES[one.kind]
        letter_day = one.day - (one.number * 7) % 5
        year = date.fromordinal(letter_day).year
        fiscal_year = year if kind.code.endswith("_TAUX") else year - 1
        title, folded = _subject(kind.code, fiscal_year)
        reference = self._reference(kind.fund, date.fromordinal(one.day).year)
        available = bool(story.facts)
        by_hand = one.number % BY_HAND_EVERY == 0
        return (
            one.number,
            one.house.id,
            one.kind + 1,
            kind.fund,
            reference,
            title,
            f"{folded} {reference.lower()}",
            iso(letter_day),
            fiscal_year,
            _due(kind.code, letter_day),
            one.number,
            f"{reference}.pdf",
            hashlib.sha256(reference.encode()).hexdigest(),
            one.kind in ACKNOWLEDGED,
            kind.channel == "DIGITAL_AND_POST",
            one.replaces.number if one.replaces else None,
            self._batches.get(one.campaign),
            self.operator.id if by_hand else None,
            None if by_hand else CLIENT_ID,
            one.moment,
            one.publish_at,
            one.publish_at if available else None,
            story.opened.at if story.opened else None,
            story.opened.actor.id if story.opened and story.opened.actor else None,
            story.acknowledged.at if story.acknowledged else None,
            story.acknowledged.actor.id if story.acknowledged and story.acknowledged.actor else None,
            story.facts[-1].at if one.withdrawn else None,
            self.operator.id if one.withdrawn else None,
            _MISTAKE if one.withdrawn else None,
            sum(fact.kind == "REMINDED" for fact in story.facts),
        )

    def _line(self, one: Deposit, row: Values) -> Values:
        line = self._lines[one.campaign] = self._lines.get(one.campaign, 0) + 1
        reference = row[_COURRIER.index("reference")]
        return self._batches[one.campaign], line, reference, "PUBLISHED", one.number

    def _reference(self, fund: str, year: int) -> str:
        key = f"{fund}-{year}"
        rank = self._ranks[key] = self._ranks.get(key, 0) + 1
        return f"{key}-{rank:06d}"

    async def announce(self, made: list[Deposit], wanted: int, now: int) -> None:
        """Feed entries of the newest letters, the e-mails about them, and the facts of these e-mails."""
        available = [one for one in made if self._is_available(one)]
        newest = sorted(available[-300:], key=lambda one: one.publish_at)
        await fill(
            "feed_entries",
            ("establishment_id", "courrier_id", "occurred_at"),
            [(one.house.id, one.number, one.publish_at) for one in newest],
        )
        mails: list[Values] = []
        facts: list[Values] = []
        for one in available[::-1]:
            if len(mails) >= wanted:
                break
            for place, reader in enumerate(self._told(one)):
                number = len(mails) + 1
                bounces = number % 23 == 7 or (one.house.name == ROYAN and place == 3)
                mails.append(self._mail(number, one, reader, now, bounces=bounces))
                status, attempted = mails[-1][11], one.publish_at + MINUTE
                if status == "SENT":
                    facts.append((one.number, "NOTIFIED", attempted, None, None, number, None))
                elif status == "GIVEN_UP":
                    detail = "L’adresse a refusé le message."
                    facts.append((one.number, "NOTIFICATION_FAILED", attempted, None, None, number, detail))
        await fill("notifications", _NOTIFICATION, mails)
        await fill("courrier_facts", _FACT, facts)
        for start in range(0, len(made), CHUNK):
            await self._announce_the_others(start, start + CHUNK)

    async def _announce_the_others(self, after: int, until: int) -> None:
        """Of older letters, the fact that an e-mail left is kept, and not the e-mail."""
        await db.execute(
            "INSERT INTO courrier_facts (courrier_id, kind, occurred_at) "
            "SELECT c.id, 'NOTIFIED', c.available_at + CAST($1 AS BIGINT) FROM courriers c "
            "JOIN courrier_types t ON t.id = c.type_id AND t.notifies_by_email "
            "JOIN establishments e ON e.id = c.establishment_id "
            "WHERE c.id > $2 AND c.id <= $3 AND c.available_at IS NOT NULL AND c.withdrawn_at IS NULL "
            "AND (e.functional_email IS NOT NULL "
            "OR e.id IN (SELECT u.establishment_id FROM users u WHERE u.last_login_at IS NOT NULL)) "
            "AND c.id NOT IN (SELECT n.courrier_id FROM notifications n WHERE n.courrier_id IS NOT NULL) ORDER BY c.id",
            [MINUTE, after, until],
        )

    def _is_available(self, one: Deposit) -> bool:
        return one.publish_at == one.moment and not one.withdrawn

    def _told(self, one: Deposit) -> list[Account | None]:
        """The readers who are told, or None for the establishment's own address."""
        if not COURRIER_TYPES[one.kind].notifies_by_email:
            return []
        service = SERVICE_OF_TYPE[one.kind]
        able = [
            reader
            for reader in one.house.accounts
            if reader.state in {"ACTIVE", "EXPIRING"} and service in services_given(reader.rights)
        ]
        return list(able[:4]) or [None]

    def _mail(self, number: int, one: Deposit, reader: Account | None, now: int, *, bounces: bool) -> Values:
        kind = COURRIER_TYPES[one.kind]
        values = {
            "establishment": one.house.name,
            "fund": FUNDS_BY_CODE[kind.fund].label,
            "type": kind.label,
            "by_post": kind.channel == "DIGITAL_AND_POST",
            "link": f"{settings.current().address}/courriers/{globalid.encode('Courrier', one.number)}",
            "why": "Vous recevez ce message parce que vous pouvez lire ce courrier et que vous avez choisi d’être "
            "prévenu à chaque dépôt."
            if reader
            else "Vous recevez ce message à l’adresse de votre établissement parce que personne n’y a encore le "
            "droit de lire ce courrier : un administrateur peut le donner dans « Ses Droits ».",
            "change": preference.address(reader.id, reader.email) if reader else None,
        }
        mail = notification.render("new_courrier", values)
        status, attempts, error = "SENT", 1, None
        if bounces:
            status, attempts, error = "GIVEN_UP", 1, "550 5.1.1 adresse inconnue"
        elif number % 41 == 11:
            status, attempts, error = "FAILED", 2, "451 4.7.1 boîte momentanément indisponible"
        return (
            number,
            "NEW_COURRIER",
            "R-COU-10",
            f"courrier:{one.number}:{reader.id if reader else 'address'}",
            one.house.id,
            reader.id if reader else None,
            one.number,
            reader.email if reader else _contact(one.house),
            mail.subject,
            mail.text,
            mail.html,
            status,
            attempts,
            one.publish_at,
            now + 120 * MINUTE if status == "FAILED" else one.publish_at,
            one.publish_at + MINUTE if status == "SENT" else None,
            error,
            True,
            one.publish_at + MINUTE if bounces else None,
        )


_NOTIFICATION = (
    "id",
    "kind",
    "rule",
    "once_key",
    "establishment_id",
    "user_id",
    "courrier_id",
    "recipient",
    "subject",
    "body_text",
    "body_html",
    "status",
    "attempts",
    "queued_at",
    "next_attempt_at",
    "sent_at",
    "last_error",
    "is_bulk",
    "bounced_at",
)


def _contact(house: House) -> str:
    return f"contact@{house.administrator.email.partition('@')[2]}"


def _facts(chunk: Iterable[Deposit], stories: Iterable[Story]) -> Iterator[Values]:
    for one, story in zip(chunk, stories, strict=True):
        for fact in story.facts:
            actor = fact.actor.id if fact.actor else None
            through = fact.agreement.id if fact.agreement else None
            yield one.number, fact.kind, fact.at, actor, through, None, None


def _through(chunk: Iterable[Deposit], stories: Iterable[Story]) -> Iterator[Through]:
    for one, story in zip(chunk, stories, strict=True):
        for fact in story.facts:
            if fact.actor is not None and fact.agreement is not None:
                yield Through(one.number, fact, fact.actor, fact.agreement, is_first=fact is story.opened)


def _letters(chunk: Iterable[Deposit], rows: Iterable[Values]) -> Iterator[words.Letter]:
    """What is found of them: the PDF is not printed yet, and its text not known."""
    subject, reference = _COURRIER.index("subject"), _COURRIER.index("reference")
    for one, row in zip(chunk, rows, strict=True):
        if not one.withdrawn:
            yield words.Letter(one.number, one.house.id, row[subject], row[reference])


def _marks(chunk: Iterable[Deposit], stories: Iterable[Story]) -> Iterator[Values]:
    for one, story in zip(chunk, stories, strict=True):
        for reader, read_at, archived_at in story.marks:
            yield reader.id, one.number, read_at, archived_at


@cache
def _subject(type_code: str, fiscal_year: int) -> tuple[str, str]:
    text = subject(type_code, fiscal_year)
    return text, fold(text)


@cache
def _due(type_code: str, letter_day: int) -> str | None:
    due = due_date(type_code, date.fromordinal(letter_day))
    return due.isoformat() if due else None
