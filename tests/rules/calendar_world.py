"""A centre, its towns, their delegations at chosen dates; and what was sent on which day."""

from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from backend import clock
from backend import database as db
from backend.models import Delegation, Establishment, User
from backend.rules import delegation_calendar
from tests import builders
from tests.rules import tables

if TYPE_CHECKING:
    from collections.abc import Iterator

Move = Callable[[str], None]
DAY = timedelta(days=1)
LONG_AGO = datetime.fromisoformat("2020-01-01T12:00+01:00")
PASSES = (
    delegation_calendar.lapse,
    delegation_calendar.expire,
    delegation_calendar.remind_to_answer,
    delegation_calendar.announce_ends,
)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=clock.PARIS)


def days(first: date, last: date) -> Iterable[date]:
    return (first + DAY * number for number in range((last - first).days + 1))


def between(first: str, last: str) -> Iterable[date]:
    return days(date.fromisoformat(first), date.fromisoformat(last))


async def everything() -> None:
    for each in PASSES:
        await each()


async def a_day(day: date) -> None:
    """What runs by itself on a day, twice: once is all it may do."""
    for moment in (noon(day), noon(day) + timedelta(hours=1)):
        with clock.moved_to(moment):
            await everything()


@contextmanager
def at(moment: str) -> "Iterator[None]":
    with clock.moved_to(datetime.fromisoformat(moment)):
        yield


# ---------------------------------------------------------------- the world


async def a_centre(administrators: int = 1) -> tuple[Establishment, list[User]]:
    centre = await builders.establishment("Centre de gestion 17", is_centralisateur=True)
    chiefs = [await somebody(centre, f"chief-{centre.id}-{number}") for number in range(administrators)]
    return centre, chiefs


async def somebody(place: Establishment, identifier: str) -> User:
    return await builders.user(place, administrator=True, identifier=identifier, expires_on="2099-01-01")


async def a_town(name: str, *, administrators: int = 1) -> Establishment:
    town = await builders.establishment(f"Commune {name}")
    for number in range(administrators):
        await somebody(town, f"mayor-{name}-{number}")
    return town


async def in_force(centre: Establishment, asker: User, name: str, ends_on: str, **values: Any) -> Delegation:
    """A delegation of a town of that name, accepted long ago; its members are none."""
    town = values.pop("town", None) or await a_town(name)
    given = {"requested_at": LONG_AGO, "decided_at": LONG_AGO, "ends_on": date.fromisoformat(ends_on), **values}
    return await _made(centre, town, asker, "ACCEPTED", given)


async def waiting(centre: Establishment, asker: User, name: str, asked_at: datetime, **values: Any) -> Delegation:
    """A request to a town of that name, that waits since then."""
    town = values.pop("town", None) or await a_town(name)
    return await _made(centre, town, asker, "PENDING", {"requested_at": asked_at, **values})


async def _made(
    centre: Establishment, town: Establishment, asker: User, status: str, values: dict[str, Any]
) -> Delegation:
    return await Delegation.create(
        centralisateur_id=centre.id, delegataire_id=town.id, status=status, requested_by_id=asker.id, **values
    )


async def status(one: Delegation) -> tuple[str, str | None]:
    row = await tables.one("delegations", one.id)
    ended = row["ended_at"]
    return row["status"], clock.from_microseconds(ended).isoformat() if ended else None


# ---------------------------------------------------------------- what was sent


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


async def mails(kind: str = "") -> list[db.Row]:
    return [one for one in await db.rows("SELECT * FROM notifications ORDER BY id") if one["kind"].startswith(kind)]


async def sent() -> Counter[tuple[str, str, str]]:
    """How many e-mails of each day, recipient and subject."""
    return Counter(
        (
            clock.paris_date(clock.from_microseconds(one["queued_at"])).isoformat(),
            one["recipient"].partition("@")[0],
            plain(one["subject"]),
        )
        for one in await mails()
    )


async def told(who: User | str) -> list[tuple[str, str]]:
    """The days and subjects of what somebody was sent, in order."""
    name = who if isinstance(who, str) else who.identifier
    return sorted((when, line) for when, recipient, line in await sent() if recipient == name)


def french(day: date) -> str:
    return plain(clock.french_date(day))


ENDING = "La délégation accordée au Centre de gestion 17 finit le {}"
EXPIRED = "Fin de la délégation accordée au Centre de gestion 17"
LAPSED = "Demande de délégation restée sans réponse : Centre de gestion 17"
REMINDER = "Rappel : Centre de gestion 17 demande à agir pour vous"
ONE_ENDING = "La délégation accordée par la Commune {} finit le {}"
ONE_EXPIRED = "Fin de la délégation accordée par la Commune {}"
ONE_LAPSED = "Commune {} n’a pas répondu à votre demande de délégation"
