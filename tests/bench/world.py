"""A world of campaign size, poured by SQL in seconds: a centre de gestion of 2,000 communes beside one that has one."""

from dataclasses import dataclass
from datetime import timedelta

from backend import clock
from backend import database as db
from backend.database import words
from backend.models import User
from tests import builders

COMMUNES, LETTERS_OF_EACH, EVERYBODY = 2_000, 150, 500_000
FUNDS = ("CNRACL", "IRCANTEC", "RAFP", "FIPHFP", "FNC", "FAEFM")


@dataclass(frozen=True)
class Bench:
    """Who reads for one establishment, who reads for two thousand; both read at home too, and the second's chief."""

    one: User
    many: User
    chief: User


async def pour(communes: int = COMMUNES, everybody: int = EVERYBODY) -> Bench:
    """Make it, in a migrated, empty database."""
    kinds = [
        await builders.courrier_type(f"{fund}-{number}", "COURRIERS" if number else "CREANCES", fund=fund)
        for fund in FUNDS
        for number in range(3)
    ]
    rights = {"COURRIERS": builders.READ, "CREANCES": builders.READ}
    centres, members, chiefs = [], [], []
    for name in ("Centre de gestion d’une commune", "Centre de gestion de deux mille communes"):
        centre = await builders.establishment(name, is_centralisateur=True)
        centres.append(centre)
        chiefs.append(await builders.user(centre, administrator=True, rights=rights))
        members.append(await builders.user(centre, rights=rights, last_name=f"Lecteur {len(centres)}"))
    towns = await _towns(1 + communes + max(0, everybody // LETTERS_OF_EACH - communes))
    await _delegate(centres[0].id, chiefs[0].id, members[0].id, towns[:1])
    await _delegate(centres[1].id, chiefs[1].id, members[1].id, towns[1 : communes + 1])
    await _write(towns, kinds)
    await _mark([one.id for one in members], towns)
    if db.dialect() == "postgres":
        await db.execute("ANALYZE")
    return Bench(members[0], members[1], chiefs[1])


async def _towns(number: int) -> list[int]:
    async with db.transaction():
        ids = await db.allocate_ids("establishments", number)
        columns = (
            "id siret name sort_name search_text category postal_code city departement is_centralisateur is_platform "
            "registered_on"
        ).split()
        rows = []
        for one in ids:
            siret, place, code = builders.siret(100_000 + one), f"Saint-Essai-{one}", f"17{one % 1000:03d}"
            text = f"commune de {place.lower()} {siret} {code} {place.lower()}"
            rows.append(
                (one, siret, f"Commune de {place}", f"commune de {place.lower()}", text, "COMMUNE", code, place,
                 "17", False, False, "2020-01-01")
            )  # fmt: skip
        await db.insert_many("establishments", columns, rows)
    return ids


async def _delegate(centre: int, chief: int, member: int, towns: list[int]) -> None:
    now = int(clock.to_microseconds(clock.now() - timedelta(days=30)))
    services = [one["id"] for one in await db.rows("SELECT id FROM services WHERE code IN ('COURRIERS', 'CREANCES')")]
    async with db.transaction():
        ids = await db.allocate_ids("delegations", len(towns))
        await db.insert_many(
            "delegations",
            ["id", "centralisateur_id", "delegataire_id", "status", "requested_by_id", "requested_at", "decided_at"],
            [(number, centre, town, "ACCEPTED", chief, now, now) for number, town in zip(ids, towns, strict=True)],
        )
        await db.insert_many(
            "delegation_services",
            ["delegation_id", "service_id", "level_asked", "level_granted"],
            [(number, service, 1, 1) for number in ids for service in services],
        )
        await db.insert_many(
            "delegation_members",
            ["delegation_id", "user_id", "added_at", "added_by_id"],
            [(number, member, now, chief) for number in ids],
        )


async def _write(towns: list[int], kinds: list[builders.CourrierType]) -> None:
    """Letters in the order of time, each establishment in turn, all of one document; each has its entry in the feed."""
    paper = await builders.document()
    now = int(clock.to_microseconds(clock.now()))
    count = len(towns) * LETTERS_OF_EACH
    columns = (
        "id establishment_id type_id fund_id reference subject search_text letter_date document_id file_name "
        "content_hash acknowledgement_required sent_by_post deposited_at publish_at available_at"
    ).split()
    async with db.transaction():
        first = (await db.allocate_ids("courriers", count))[0]
    for start in range(0, count, 20_000):
        rows, feed, found = [], [], []
        for number in range(start, min(count, start + 20_000)):
            kind, town = kinds[number * 7 % len(kinds)], towns[number % len(towns)]
            at = now - (count - number) * 60_000_000
            reference = f"{kind.fund_id}-{number:07d}"
            subject = f"Appel de cotisations {kind.fund_id} {2020 + number % 6}"
            rows.append(
                (first + number, town, kind.id, kind.fund_id, reference, subject, f"{subject} {reference}".lower(),
                 clock.from_microseconds(at).date().isoformat(), paper.id, f"{reference}.pdf", "0" * 64, False, False,
                 at, at, at)
            )  # fmt: skip
            feed.append((town, first + number, at))
            found.append(words.Letter(first + number, town, subject, reference))
        async with db.transaction():
            await db.insert_many("courriers", columns, rows)
            await db.insert_many("feed_entries", ["establishment_id", "courrier_id", "occurred_at"], feed)
            await words.keep(found)


async def _mark(members: list[int], towns: list[int]) -> None:
    """Each reader has read one letter out of ten of those they reach, and put one out of a hundred away."""
    now = int(clock.to_microseconds(clock.now()))
    for member in members:
        await db.execute(
            "INSERT INTO courrier_marks (user_id, courrier_id, read_at, archived_at) "
            "SELECT m.user_id, c.id, CAST($2 AS BIGINT), CASE WHEN c.id % 100 = 0 THEN CAST($2 AS BIGINT) END "
            "FROM courriers c "
            "JOIN delegations d ON d.delegataire_id = c.establishment_id "
            "JOIN delegation_members m ON m.delegation_id = d.id AND m.user_id = $1 WHERE c.id % 10 = 0",
            [member, now],
        )
