"""The demonstration world: real employers, invented people and letters, the same each time for a given day.

Everything is written in one transaction, whose last row says that the demonstration is there: an interrupted load
leaves the database empty.
"""

from dataclasses import dataclass
from datetime import date
from random import Random

from backend import clock, settings
from backend import database as db
from backend.demo import registers
from backend.demo.agreements import agreements, write_delegations
from backend.demo.bulk import (
    Progress,
    continue_numbers,
    fill,
    gather_statistics,
    make_indexes,
    roomy_cache,
    set_indexes_aside,
)
from backend.demo.chronicle import write_chronicle
from backend.demo.employers import Employer, Scale, employers
from backend.demo.post import CLIENT_ID, Post
from backend.demo.readings import Reading
from backend.demo.roles import openings
from backend.demo.sign_ins import PASSWORD, PLATFORM, SIGN_INS, SignIn
from backend.demo.staff import FULL_ACCOUNTS, Account, House, Registry, houses, platform_house
from backend.demo.timeline import FULL_LETTERS, Deposit, deposits
from backend.rules import access, journal, notification, password
from backend.rules.viewer import Viewer

__all__ = ["PASSWORD", "SIGN_INS", "NotEmptyError", "Scale", "SignIn", "Summary", "load", "scale_summary"]

FACT = "demonstration"
LETTERS = {"small": 2_400, "medium": 20_100, "full": FULL_LETTERS}
MAILS = {"small": 60, "medium": 400, "full": 3_000}
INVITATIONS = 3
_PLATFORM = Employer(
    siret="99900001100014",
    name=PLATFORM,
    category="STATE",
    line1="1 allée des Exemples",
    postal_code="33000",
    city="Bordeaux",
    insee_code="33063",
    departement="33",
    region="75",
    population=0,
    epci_siren="",
    is_centralisateur=False,
)


class NotEmptyError(Exception):
    """The database already holds something: the demonstration is never mixed with it."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How many of each there are."""

    establishments: int
    accounts: int
    rights: int
    delegations: int
    courriers: int


def _silently(label: str, done: int, total: int) -> None:
    """Tell nobody."""


async def load(scale: Scale, progress: Progress = _silently) -> None:
    """Fill an empty, migrated, open database with the demonstration of that scale; all of it or nothing.

    Raises NotEmptyError where something is there already. `progress` is told the table, rows written, rows to write.
    """
    await _refuse_unless_empty()
    password_hash = await password.hash_password(PASSWORD)  # outside the transaction, as its docstring asks
    async with roomy_cache(), db.transaction():
        await _refuse_unless_empty()
        await _load(scale, password_hash, progress)
        await fill("platform_facts", ("name", "value"), [(FACT, scale)])
    await gather_statistics()


async def scale_summary() -> Summary:
    """The counts to print after a load."""
    counts = []
    for table in ("establishments", "users", "rights", "delegations", "courriers"):
        found = await db.row(f"SELECT count(*) AS n FROM {table}")
        counts.append(int(found["n"]) if found else 0)
    return Summary(*counts)


async def _refuse_unless_empty() -> None:
    for table in ("platform_facts WHERE name = 'demonstration'", "establishments", "users", "funds", "audit_events"):
        if await db.row(f"SELECT 1 AS there FROM {table} LIMIT 1"):
            raise NotEmptyError(
                "La base contient déjà des données : le monde de démonstration ne se charge que dans une base vide. "
                "Choisissez une autre base, ou videz celle-ci d’abord."
            )


async def _load(scale: Scale, password_hash: str, progress: Progress) -> None:
    instant = clock.now()
    today, now = clock.today().toordinal(), int(clock.to_microseconds(instant))
    real = employers(scale)
    # Each part has its own chance, so that a change in one leaves the others as they were.
    registry = Registry(today, now, Random("accounts"))
    total = FULL_ACCOUNTS - 1 if scale == "full" else None
    everybody = houses(real, registry, total)
    platform = platform_house(registry, len(real) + 1, _PLATFORM)
    every_house = [*everybody, platform]
    offered = openings(clock.today())

    indexes = await set_indexes_aside() if scale != "small" else []
    await registers.write_catalogue(offered)
    await registers.write_establishments(every_house, today, Random("establishments"), progress)
    await registers.write_accounts(every_house, password_hash, Random("preferences"), progress)
    await registers.write_rights(every_house, offered, Random("reviews"), progress)
    await registers.write_terms(every_house, today, Random("terms"), progress)
    agreed = agreements(everybody, today, Random("delegations"))
    await write_delegations(agreed, progress)

    await _write_client(now)
    operator = platform.administrator
    post = Post(Reading(everybody, agreed, operator, today, Random("readings")), operator, Random("post"))
    letters = deposits(everybody, LETTERS[scale], today, Random("letters"))
    await post.open_batches(letters)
    await post.write(letters, progress)
    await post.announce(letters, MAILS[scale], now)
    await _write_postal_copies(today)
    await write_chronicle(agreed, post.through, today, progress)
    await make_indexes(indexes, progress)
    await continue_numbers()
    await _invite(everybody, now)
    _remember(scale, letters)


async def _write_client(now: int) -> None:
    """The funds' production chain. Nothing hashes to these zeros: its token exists for nobody."""
    await fill(
        "api_clients",
        ("id", "name", "token_hash", "scopes", "created_at"),
        [(CLIENT_ID, "Chaîne de production (démonstration)", "0" * 64, access.DEPOSIT_COURRIERS, now)],
    )


async def _write_postal_copies(today: int) -> None:
    """What leaves on paper too has left, but for the letters of the last two days."""
    until = int(clock.to_microseconds(clock.start_of_day(date.fromordinal(today - 2))))
    await db.execute(
        "INSERT INTO postal_copies (courrier_id, file_name, handed_over_at) "
        "SELECT id, 'courriers-postaux-demonstration.zip', available_at FROM courriers "
        "WHERE sent_by_post AND available_at < $1 ORDER BY id",
        [until],
    )


async def _invite(everybody: list[House], now: int) -> None:
    """A few invitations whose links work, to be found in the demonstration's mailbox (R-ACC-03)."""
    waiting = [
        (house, one)
        for house in everybody
        for one in house.accounts
        if one.state == "INVITED" and house.administrator.state == "ACTIVE"
    ]
    for house, one in waiting[:INVITATIONS]:
        await _invite_one(house, one, now)


async def _invite_one(house: House, one: Account, now: int) -> None:
    secret = await password.issue_link(one.id, "INVITATION")
    until = clock.paris_date(clock.now() + settings.current().durations.invitation_link)
    by = house.administrator.person
    await db.execute("UPDATE users SET invited_at = $1 WHERE id = $2", [now, one.id])
    await notification.queue(
        notification.Message(
            kind="INVITATION",
            rule="R-ACC-03",
            template="invitation",
            recipient=one.email,
            user_id=one.id,
            establishment_id=house.id,
            values={
                "first_name": one.person.first_name,
                "last_name": one.person.last_name,
                "until": clock.french_date(until),
                "link": f"{settings.current().address}/mot-de-passe?jeton={secret}",
                "invited_by": f"{by.first_name} {by.last_name}",
                "establishment": house.name,
            },
        )
    )


def _remember(scale: Scale, letters: list[Deposit]) -> None:
    """The journal goes on: the load, and the newest deposits."""
    chain = Viewer(api_client_id=CLIENT_ID)
    journal.record(journal.NOBODY, journal.Event("world.loaded", facts={"scale": scale}))
    for one in letters[-40:]:
        event = journal.Event("courrier.deposited", establishment_id=one.house.id, subject=("Courrier", one.number))
        journal.record(chain, event)
