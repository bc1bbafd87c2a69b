"""Funds, services and types of letter of the demonstration (data/catalogue.toml), and the composition of a letter."""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any, Protocol

from backend.clock import french_date
from backend.demo import accounts, rosters
from backend.demo.employers import headcount
from backend.demo.figures import Figures, Scope
from backend.gateways.letter import Letter

CLOSING = "Nous vous prions d’agréer, Madame, Monsieur, l’expression de notre considération distinguée."
PAYROLL_PER_AGENT = 2_650_000
"""Cents a year, before contributions."""
FIGURES: Mapping[str, Callable[[Scope], Figures]] = {
    "account": accounts.account,
    "allowances": rosters.allowances,
    "anomalies": rosters.anomalies,
    "compensation_due": accounts.compensation_due,
    "compensation_paid": accounts.compensation_paid,
    "contributions": accounts.contributions,
    "debts": accounts.debts,
    "departures": rosters.departures,
    "documents": rosters.documents,
    "elected": accounts.elected,
    "grants": accounts.grants,
    "invoice": accounts.invoice,
    "overpaid": accounts.overpaid,
    "penalties": accounts.penalties,
    "points": rosters.points,
    "rates": accounts.rate_notice,
    "refund": accounts.refund,
    "regularisation": accounts.regularisation,
    "retroactive": rosters.retroactive,
    "schedule": accounts.schedule,
}
"""The tables, by the name the catalogue gives them."""


@dataclass(frozen=True, slots=True)
class Fund:
    """A fund; `label` is its short name on the screen, `the` and `to_the` its short name with an article."""

    code: str
    label: str
    name: str
    the: str
    to_the: str
    place: str
    address: tuple[str, ...]
    signatory: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """One function of the platform."""

    code: str
    label: str
    description: str
    theme: str
    funds: tuple[str, ...]
    online_since: date
    is_delegable: bool


@dataclass(frozen=True, slots=True)
class Kind:
    """What several types of letter have in common: their table, what they say before it and after it."""

    code: str
    figures: str
    text: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CourrierType:
    """A type of letter. `weight` is its relative frequency; `subject` holds {year} or {next_year}.

    `is_campaign`: deposited for everybody in May, about the year before. `due_days` is None when nothing is to be done.
    """

    code: str
    label: str
    fund: str
    service: str
    kind: str
    channel: str
    notifies_by_email: bool
    retention_months: int
    available_since: date
    weight: float
    is_campaign: bool
    due_days: int | None
    subject: str
    text: tuple[str, ...]
    pieces: tuple[str, ...]


class Addressee(Protocol):
    """What a letter needs to know of the establishment it is sent to."""

    @property
    def siret(self) -> str:
        """Fourteen digits."""

    @property
    def name(self) -> str:
        """As on the envelope."""

    @property
    def category(self) -> str:
        """COMMUNE, EPCI, HOSPITAL…"""

    @property
    def line1(self) -> str:
        """Number and street."""

    @property
    def postal_code(self) -> str:
        """Five digits."""

    @property
    def city(self) -> str:
        """The commune of the address."""

    @property
    def population(self) -> int:
        """Inhabitants served, which the figures grow with."""


def subject(type_code: str, fiscal_year: int) -> str:
    """The subject of a letter of that type about that year."""
    return TYPES_BY_CODE[type_code].subject.format(year=fiscal_year, next_year=fiscal_year + 1)


def due_date(type_code: str, letter_date: date) -> date | None:
    """The day by which the letter asks to act, if it asks."""
    days = TYPES_BY_CODE[type_code].due_days
    return None if days is None else letter_date + timedelta(days)


def compose(
    type_code: str,
    *,
    establishment: Addressee,
    contract_number: str,
    reference: str,
    letter_date: date,
    fiscal_year: int,
    seed: int,
) -> Letter:
    """A plausible letter, the same for the same arguments. Figures are invented and grow with the establishment."""
    courrier = TYPES_BY_CODE[type_code]
    kind, fund = KINDS[courrier.kind], FUNDS_BY_CODE[courrier.fund]
    due = due_date(type_code, letter_date) or letter_date
    agents = headcount(establishment.category, establishment.population)
    figures = FIGURES[kind.figures](
        Scope(
            random=Random(f"{type_code}/{establishment.siret}/{fiscal_year}/{seed}"),
            fund=fund.code,
            agents=agents,
            payroll=agents * PAYROLL_PER_AGENT,
            year=fiscal_year,
            dated=letter_date,
            due=due,
            pieces=courrier.pieces,
        )
    )
    words = {
        "year": str(fiscal_year),
        "next_year": str(fiscal_year + 1),
        "due": french_date(due),
        "contract": contract_number,
        "the_fund": fund.the,
        "to_the_fund": fund.to_the,
        **figures.facts,
    }
    return Letter(
        fund=fund.label,
        fund_name=fund.name,
        fund_address=fund.address,
        recipient=establishment.name,
        recipient_address=(establishment.line1, f"{establishment.postal_code} {establishment.city}"),
        siret=establishment.siret,
        contract_number=contract_number,
        reference=reference,
        subject=subject(type_code, fiscal_year),
        place=fund.place,
        dated=letter_date,
        paragraphs=tuple(sentence.format_map(words) for sentence in courrier.text or kind.text),
        table=figures.table,
        remarks=tuple(sentence.format_map(words) for sentence in kind.remarks),
        closing=CLOSING,
        signatory=fund.signatory,
    )


def typographic(text: str) -> str:
    """French typography: curly apostrophes, no-break spaces before : ; ? ! % and after n°."""
    text = text.replace("'", "’").replace(" :", "\u00a0:").replace(" %", "\u00a0%").replace("n° ", "n°\u00a0")
    for sign in ";?!":
        text = text.replace(f" {sign}", f"\u202f{sign}")
    return text


def _texts(values: list[str]) -> tuple[str, ...]:
    return tuple(typographic(value) for value in values)


def _fund(row: Mapping[str, Any]) -> Fund:
    return Fund(
        code=row["code"],
        label=row["label"],
        name=typographic(row["name"]),
        the=typographic(row["the"]),
        to_the=typographic(row["to_the"]),
        place=row["place"],
        address=_texts(row["address"]),
        signatory=_texts(row["signatory"]),
    )


def _service(row: Mapping[str, Any]) -> Service:
    return Service(
        code=row["code"],
        label=typographic(row["label"]),
        description=typographic(row["description"]),
        theme=row["theme"],
        funds=tuple(row["funds"]),
        online_since=row["since"],
        is_delegable=row.get("delegable", True),
    )


def _courrier_type(row: Mapping[str, Any]) -> CourrierType:
    fund = row["code"].partition("_")[0]
    posted = fund in {"FNC", "FAEFM"} or row["kind"] in {"debt", "formal_notice", "refund_call"}  # R-COU-09
    return CourrierType(
        code=row["code"],
        label=typographic(row["label"]),
        fund=fund,
        service=row["service"],
        kind=row["kind"],
        channel="DIGITAL_AND_POST" if posted else "DIGITAL",
        notifies_by_email=row.get("email", True),
        retention_months=row.get("retention_months", 120),
        available_since=row["since"],
        weight=float(row["weight"]),
        is_campaign=row.get("campaign", False),
        due_days=row.get("due_days"),
        subject=typographic(row["subject"]),
        text=_texts(row.get("text", [])),
        pieces=_texts(row.get("pieces", [])),
    )


_DATA = tomllib.loads((Path(__file__).parent / "data" / "catalogue.toml").read_text(encoding="utf-8"))

FUNDS = tuple(_fund(row) for row in _DATA["fund"])
SERVICES = tuple(_service(row) for row in _DATA["service"])
KINDS = {
    code: Kind(code, row["figures"], _texts(row["text"]), _texts(row["remarks"])) for code, row in _DATA["kind"].items()
}
COURRIER_TYPES = tuple(_courrier_type(row) for row in _DATA["type"])

FUNDS_BY_CODE = {fund.code: fund for fund in FUNDS}
TYPES_BY_CODE = {courrier.code: courrier for courrier in COURRIER_TYPES}
