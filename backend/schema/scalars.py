"""Scalars of the graph."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any, NewType

import strawberry

from backend import clock

ServiceCode = NewType("ServiceCode", str)
Url = NewType("Url", str)
Duration = NewType("Duration", timedelta)

SCALARS: dict[object, Any] = {
    ServiceCode: strawberry.scalar(
        name="ServiceCode",
        description="Le code stable d’un service, par exemple COURRIERS_CNRACL.",
        serialize=str,
        parse_value=str,
    ),
    Url: strawberry.scalar(
        name="URL",
        description="Une adresse, relative à celle de la plateforme (RFC 3986).",
        serialize=str,
        parse_value=str,
    ),
    Duration: strawberry.scalar(
        name="Duration",
        description="Une durée en heures entières, comme l’écrit ISO 8601 : PT52H pour 52 heures.",
        serialize=lambda value: f"PT{value // timedelta(hours=1)}H",
    ),
}

First = Annotated[int | None, strawberry.argument(description="Nombre d’éléments de la page, de 0 à 100 (20 sinon).")]
After = Annotated[str | None, strawberry.argument(description="Curseur après lequel commence la page.")]
Last = Annotated[int | None, strawberry.argument(description="Nombre d’éléments de la page, en remontant, de 0 à 100.")]
Before = Annotated[str | None, strawberry.argument(description="Curseur avant lequel finit la page.")]


def instant(microseconds: int | None) -> datetime | None:
    """A stored instant, or None."""
    return None if microseconds is None else clock.from_microseconds(microseconds)


def at(microseconds: int) -> datetime:
    """A stored instant."""
    return clock.from_microseconds(microseconds)


def day(text: str | None) -> date | None:
    """A stored legal date, or None."""
    return None if text is None else date.fromisoformat(text)
