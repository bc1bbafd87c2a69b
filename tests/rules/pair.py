"""A centre de gestion and a town, and what passes between them: for the tests of delegations."""

from collections.abc import Awaitable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from backend import database as db
from backend.models import Establishment, Notification, User
from backend.rules import delegation, delegation_members, delegation_request
from backend.rules.delegation_members import Change
from backend.rules.delegation_request import Answer, Request
from backend.rules.error import UserError
from backend.rules.right import Wanted
from backend.rules.viewer import Viewer
from tests import builders
from tests.rules import tables

if TYPE_CHECKING:
    from collections.abc import Iterator

Refusals = list[tuple[str, str, tuple[str, ...]]]
"""Codes, messages and paths."""

READING = (Wanted("COURRIERS", 1),)
REASON = "La convention n’est pas renouvelée."


@dataclass
class Pair:
    """The centre's administrator and agent, the town's administrator and clerk."""

    centre: Establishment
    town: Establishment
    chief: User
    agent: User
    mayor: User
    clerk: User

    @property
    def asker(self) -> Viewer:
        return builders.viewer(self.chief)

    @property
    def asked(self) -> Viewer:
        return builders.viewer(self.mayor)

    @property
    def member(self) -> Viewer:
        return builders.viewer(self.agent)


async def a_pair() -> Pair:
    """Services COURRIERS, whose letters are those of the only type, and DSN; the agent has both, the chief none."""
    centre = await builders.establishment("Centre de gestion 17", is_centralisateur=True)
    town = await builders.establishment("Commune de Royan")
    await builders.courrier_type()
    await builders.service("DSN", position=2)
    return Pair(
        centre,
        town,
        chief=await builders.user(centre, administrator=True, first_name="Elsa", last_name="Chef"),
        agent=await builders.user(centre, rights={"COURRIERS": 1, "DSN": 2}, first_name="Farid", last_name="Agent"),
        mayor=await builders.user(town, administrator=True, first_name="Alix", last_name="Maire"),
        clerk=await builders.user(town, rights={"COURRIERS": 2}, first_name="Chloé", last_name="Commis"),
    )


def a_request(*towns: Establishment, services: tuple[Wanted, ...] = READING, **values: Any) -> Request:
    """The same asked of several."""
    return Request(tuple(one.siret for one in towns), services, **values)


async def ask(pair: Pair, services: tuple[Wanted, ...] = READING, **values: Any) -> int:
    """A request that waits: its number."""
    answer = await delegation_request.request(pair.asker, a_request(pair.town, services=services, **values))
    return the_one_asked(answer)


def the_one_asked(answer: Answer) -> int:
    [line] = answer.lines
    assert (answer.errors, line.errors) == ((), ())
    assert line.delegation_id is not None
    return line.delegation_id


async def agree(pair: Pair, services: tuple[Wanted, ...] = READING, **values: Any) -> int:
    """A delegation that was accepted as it was asked: its number."""
    number = await ask(pair, services, **values)
    assert (await delegation.accept(pair.asked, number)).errors == ()
    return number


async def act(pair: Pair, services: tuple[Wanted, ...] = READING, **values: Any) -> int:
    """A delegation through which the agent acts: its number."""
    number = await agree(pair, services, **values)
    await choose(pair, number, add=(pair.agent.id,))
    return number


async def choose(pair: Pair, number: int, *, add: tuple[int, ...] = (), remove: tuple[int, ...] = ()) -> None:
    """Members changed."""
    chosen = await delegation_members.choose(pair.asker, [number], Change(add, remove))
    assert (chosen.errors, chosen.done_ids) == ((), [number])


async def many_towns(number: int) -> tuple[str, ...]:
    """Establishments with an administrator each, inserted in bulk."""
    sirets = [builders.siret(500_000 + one) for one in range(number)]
    columns = "siret name sort_name search_text category postal_code city departement is_centralisateur is_platform"
    values = "COMMUNE", "17200", "Royan", "17", False, False, "2020-01-01"
    async with db.transaction():
        await db.insert_many(
            "establishments",
            [*columns.split(), "registered_on"],
            [(one, f"Commune {place}", f"commune {place}", "", *values) for place, one in enumerate(sirets)],
        )
        places = await db.rows(
            "SELECT id, siret FROM establishments WHERE name LIKE 'Commune %' AND departement = '17'"
        )
        rows = [
            (one["id"], f"maire-{one['id']}", "Alix", "Maire", "maire alix", "", f"m{one['id']}@exemple.example",
             f"m{one['id']}@exemple.example", True, False, "hash", 0, "2099-01-01", 0)
            for one in places if one["siret"] in set(sirets)
        ]  # fmt: skip
        columns = "establishment_id identifier first_name last_name sort_name search_text email email_key "
        columns += "is_administrator is_operator password_hash created_at expires_on failed_sign_ins"
        await db.insert_many("users", columns.split(), rows)
    return tuple(sirets)


def day(text: str) -> date:
    return date.fromisoformat(text)


@contextmanager
def counted() -> "Iterator[list[str]]":
    """The statements sent as text meanwhile."""
    before, db.statements.seen = db.statements.seen, []
    try:
        yield db.statements.seen
    finally:
        db.statements.seen = before


def told(errors: "tuple[UserError, ...]") -> Refusals:
    return [(one.code.value, one.message, one.path) for one in errors]


def codes(answer: Answer) -> list[str]:
    return [line.errors[0].code.value if line.errors else "" for line in answer.lines]


async def request_refused(who: Viewer, given: Request, key: str | None = None) -> Refusals:
    """What a request refused as a whole is told; nothing was written."""
    before = await tables.digest()
    answer = await delegation_request.request(who, given, key)
    assert await tables.digest() == before
    assert answer.lines == ()
    return told(answer.errors)


async def refused(act: Awaitable[Any]) -> tuple[str, tuple[str, ...], str]:
    """The only error of an act on one delegation, which changed nothing: its code, where and what it says."""
    before = await tables.digest()
    outcome = await act
    assert await tables.digest() == before
    errors = outcome.errors or tuple(error for _, several in outcome.results for error in several)
    [error] = errors
    return error.code.value, error.path, error.message


async def mailed(kind: str) -> list[tuple[int | None, str, str]]:
    """To whom, by which rule, and the subject of what was queued."""
    found = await Notification.filter(kind=kind).order_by("id")
    return [(one.user_id, one.rule, one.subject) for one in found]


async def last_mail(to: User) -> str:
    return (await Notification.filter(user_id=to.id).order_by("-id").first()).body_text  # type: ignore[union-attr]
