"""An inbox over many establishments: which way its list is read, and its counts, kept between two changes.

Whoever acts for a few establishments has their letters gathered and counted each time. For thousands of them the list
is read in its order, each letter judged as it comes, and the counts are kept in the tables, right as long as nothing
they are made of has changed (migration 0011 says how that is known); letters fed since are added when asked.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access
from backend.rules.viewer import Viewer

FEW = 8
"""Up to so many delegations, an inbox is gathered and counted each time: it is quicker than to find out."""

NEWS = 20_000
"""Entries of the feed that are looked at to bring kept counts up to now; beyond, everything is counted anew."""

AGAIN = 200
"""So many entries later, counts that were brought up to now are kept as such."""

Counts = Mapping[str, tuple[int, int]]
"""By fund: letters that are not archived, and those of them that are not read."""

_EPOCH = "COALESCE((SELECT CAST(p.value AS BIGINT) FROM platform_facts p WHERE p.name = 'inbox_epoch'), 0)"
_FED = "(SELECT COALESCE(max(f.id), 0) FROM feed_entries f)"
_READABLE = "c.available_at IS NOT NULL AND c.withdrawn_at IS NULL"


@dataclass(frozen=True)
class Reach:
    """How far a person reads: on which services, by number, and whether for many establishments."""

    services: tuple[int, ...]
    is_wide: bool

    @property
    def listed(self) -> str:
        """The services, as kept counts name them."""
        return ",".join(map(str, self.services))


async def reach(viewer: Viewer) -> Reach:
    """How far a viewer reads; nothing wide about operators and programs, who see letters in another way."""
    if viewer.user_id is None or viewer.establishment_id is None or viewer.is_operator:
        return Reach((), is_wide=False)
    services, delegations = await access.standing(viewer, FEW + 1)
    return Reach(services, is_wide=delegations > FEW)


@dataclass(frozen=True)
class Counted:
    """A wide inbox, counted: its letters by fund, and the establishments reached through delegations."""

    by_fund: Counts
    places: int


async def counts(viewer: Viewer, far: Reach) -> Counts:
    """The letters of a wide inbox."""
    return (await counted(viewer, far)).by_fund


async def counted(viewer: Viewer, far: Reach) -> Counted:
    """A wide inbox, counted: as it was kept, or anew."""
    kept = await _kept(viewer, far)
    return await _anew(viewer, far) if kept is None else kept


async def is_walked(wanted: int, expected: int, total: int) -> bool:
    """Whether a page of a wide inbox is found sooner by going through everybody's letters in order, judging each.

    Walking looks at as many letters as it takes to meet `wanted` of the `expected` ones of the list; gathering looks
    at all the `total` of the inbox.
    """
    found = await db.row("SELECT max(id) AS letters FROM courriers")
    everybody = int(found["letters"] or 0) if found else 0
    return wanted * everybody <= expected * total


async def _kept(viewer: Viewer, far: Reach) -> Counted | None:
    """The kept counts, and what was fed since; None where they are not right any more."""
    sql = Sql()
    user = sql.bind(viewer.user_id)
    sql.add(f"SELECT NULL AS fund_id, b.places AS total, b.version AS unread, {_FED} AS fed, b.counted_to,")
    sql.add(f"{_EPOCH} AS epoch FROM inboxes b WHERE b.user_id = {user} AND b.counted_version = b.version")
    sql.add(f"AND b.counted_on = {sql.bind(clock.today().isoformat())} AND b.counted_epoch = {_EPOCH}")
    sql.add(f"AND b.counted_services = {sql.bind(far.listed)} AND b.counted_to >= {_FED} - {NEWS}")
    sql.add("UNION ALL SELECT k.fund_id, k.total, k.unread, NULL, NULL, NULL FROM inbox_counts k")
    found = await db.rows(sql.add(f"WHERE k.user_id = {user}"))
    box = next((one for one in found if one["fund_id"] is None), None)
    if box is None:
        return None
    places, after, fed = box["total"], box["counted_to"], box["fed"]
    if fed == after:
        return Counted(_summed(found), places)
    kept = Counted(_summed([*found, *await _fed(viewer, after, fed)]), places)
    if fed - after > AGAIN:
        await _keep(viewer, far, {**box, "version": box["unread"]}, kept)
    return kept


async def _fed(viewer: Viewer, after: int, until: int) -> list[db.Row]:
    """By fund, the letters fed after a position and up to another that the viewer reads and has not archived."""
    sql = Sql("SELECT c.fund_id, count(*) AS total, count(CASE WHEN m.read_at IS NULL THEN 1 END) AS unread")
    sql.add("FROM feed_entries n CROSS JOIN courriers c")
    sql.add(f"LEFT JOIN courrier_marks m ON m.courrier_id = c.id AND m.user_id = {sql.bind(viewer.user_id)}")
    sql.add(f"WHERE n.id > {sql.bind(after)} AND n.id <= {sql.bind(until)} AND c.id = n.courrier_id")
    sql.add(f"AND m.archived_at IS NULL AND {access.documents(sql, viewer, 'c', one_by_one=True)}")
    return await db.rows(sql.add("GROUP BY c.fund_id"))


async def _anew(viewer: Viewer, far: Reach) -> Counted:
    """Count by one statement, which also says as of when; and keep it, unless something has changed meanwhile."""
    sql = Sql(f"SELECT b.version, {_EPOCH} AS epoch, {_FED} AS fed, q.fund_id, q.total, q.unread, (SELECT")
    sql.add(f"count(DISTINCT p.delegataire_id) FROM ({access.reached_establishments(sql, viewer)}) p) AS places")
    sql.add("FROM (SELECT 1) one")
    sql.add(f"LEFT JOIN inboxes b ON b.user_id = {sql.bind(viewer.user_id)}")
    sql.add("LEFT JOIN (SELECT g.fund_id, sum(g.letters) AS total, sum(g.letters) AS unread FROM (")
    sql.add("SELECT c.establishment_id, c.type_id, c.fund_id, count(*) AS letters FROM courriers c")
    sql.add(f"WHERE {_READABLE} AND c.establishment_id IN ({_places(sql, viewer)})")
    sql.add("GROUP BY c.establishment_id, c.type_id, c.fund_id) g")
    sql.add(f"WHERE {_read_there(sql, viewer, 'g')} GROUP BY g.fund_id")
    sql.add("UNION ALL SELECT c.fund_id, -count(m.archived_at), -count(*) FROM courrier_marks m")
    sql.add(f"JOIN courriers c ON c.id = m.courrier_id WHERE m.user_id = {sql.bind(viewer.user_id)} AND {_READABLE}")
    sql.add(f"AND (m.read_at IS NOT NULL OR m.archived_at IS NOT NULL) AND {_read_there(sql, viewer, 'c')}")
    sql.add(f"GROUP BY c.fund_id) q ON {access.EVERYTHING}")
    found = await db.rows(sql)
    anew = Counted(_summed(found), int(found[0]["places"]))
    if found[0]["version"] is not None:
        await _keep(viewer, far, found[0], anew)
    return anew


async def _keep(viewer: Viewer, far: Reach, as_of: db.Row, these: Counted) -> None:
    async with db.transaction():
        kept = await db.execute(
            "UPDATE inboxes SET counted_version = version, counted_on = $3, counted_epoch = $4, "
            "counted_services = $5, counted_to = $6, places = $7 WHERE user_id = $1 AND version = $2",
            [
                viewer.user_id,
                as_of["version"],
                clock.today().isoformat(),
                as_of["epoch"],
                far.listed,
                as_of["fed"],
                these.places,
            ],
        )
        if kept:
            await db.execute("DELETE FROM inbox_counts WHERE user_id = $1", [viewer.user_id])
            rows = [(viewer.user_id, fund, total, unread) for fund, (total, unread) in these.by_fund.items()]
            await db.insert_many("inbox_counts", ["user_id", "fund_id", "total", "unread"], rows)


def _places(sql: Sql, viewer: Viewer) -> str:
    home = f"SELECT CAST({sql.bind(viewer.establishment_id)} AS BIGINT)"
    return f"{home} UNION ALL {access.reached_establishments(sql, viewer)}"


def _read_there(sql: Sql, viewer: Viewer, alias: str) -> str:
    """The letters of a type that a viewer reads at an establishment, gathered."""
    return (
        f"({alias}.establishment_id, {alias}.type_id) IN (SELECT reach.establishment_id, t.id "
        f"FROM ({access.reach(sql, viewer)}) reach JOIN courrier_types t ON t.service_id = reach.service_id)"
    )


def _summed(rows: list[db.Row]) -> Counts:
    """By fund, in the order of their codes; a fund none of whose letters are left is not there."""
    totals: dict[str, tuple[int, int]] = {}
    for one in rows:
        if one["fund_id"] is not None:  # the others say as of when
            total, unread = totals.get(one["fund_id"], (0, 0))
            totals[one["fund_id"]] = (total + int(one["total"]), unread + int(one["unread"]))
    return {fund: totals[fund] for fund in sorted(totals) if totals[fund][0]}
