"""What the tables of the demonstration's letters are made of: their scope, amounts in cents, rates, their writing.

Rates are in hundredths of a percent and close to those of public life, without being a reference.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random

from backend.gateways.letter import Table


@dataclass(frozen=True, slots=True)
class Scope:
    """What a table is about: `agents` and `payroll` (cents a year) say how big the employer is."""

    random: Random
    fund: str
    agents: int
    payroll: int
    year: int
    dated: date
    due: date
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures:
    """A table and the facts that sentences quote from it, ready to read."""

    table: Table
    facts: Mapping[str, str]


def money(cents: int) -> str:
    """1 234,56 € with a narrow no-break space between thousands; a true minus sign."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'−' if cents < 0 else ''}{whole:,}".replace(",", "\u202f") + f",{rest:02d}\u00a0€"


def percent(hundredths: int) -> str:
    """30,65 % from 3065."""
    return f"{hundredths // 100},{hundredths % 100:02d}\u00a0%"


def number(value: int) -> str:
    """1 234 with a narrow no-break space."""
    return f"{value:,}".replace(",", "\u202f")


def short_date(day: date) -> str:
    """31/12/2023."""
    return f"{day:%d/%m/%Y}"


def rates(fund: str, year: int) -> tuple[tuple[str, int, int], ...]:
    """What is levied for a fund: nature, rate, share of the payroll it bears on (percent)."""
    if fund == "CNRACL":
        employer = {2024: 3165, 2025: 3465, 2026: 3765}.get(year, 3065 if year < 2024 else 4065)
        return (("Retenue des agents", 1110, 72), ("Contribution de l’employeur", employer, 72))
    if fund == "IRCANTEC":
        return (
            ("Tranche A, part des agents", 280, 24),
            ("Tranche A, part de l’employeur", 420, 24),
            ("Tranche B, part des agents", 695, 2),
            ("Tranche B, part de l’employeur", 1255, 2),
        )
    if fund == "RAFP":
        return (("Cotisation des agents", 500, 12), ("Cotisation de l’employeur", 500, 12))
    if fund == "FSPOEIE":
        return (("Retenue des ouvriers de l’État", 1110, 65), ("Contribution de l’employeur", 3501, 65))
    if fund == "FNC":
        return (("Agents à temps complet", 124, 68), ("Agents à temps non complet", 140, 4))
    return (("Contribution de l’employeur", 40, 72),)
