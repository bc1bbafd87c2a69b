"""Establishments, their contracts, and how each has the services."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold, like
from backend.reads import by_ids, coverage, inbox
from backend.reads.page import MAXIMUM, Listing, Order, Page, Slice, decode, direction, encode, is_backward, size
from backend.rules import access, siret
from backend.rules.viewer import Viewer

COLUMNS = (
    "e.id, e.siret, e.name, e.category, e.line1, e.line2, e.postal_code, e.city, e.insee_code, e.departement, "
    "e.is_centralisateur, e.functional_email, e.registered_on"
)

BY_NAME = Order("establishment-name", ("e.sort_name", "e.id"), (str, int))
NEWEST = Order("establishment-registered", ("e.registered_on", "e.id"), (str, int), descending=True)


@dataclass(frozen=True)
class Filter:
    """What a list of establishments is narrowed to."""

    search: str | None = None
    categories: tuple[str, ...] = ()
    departements: tuple[str, ...] = ()
    centralisateur: bool | None = None
    without_administrator: bool | None = None
    without_reader: bool | None = None


def _searched(sql: Sql, search: str | None) -> list[str]:
    words = fold(search or "").split()[:8]
    digits = siret.normalised(search or "")
    if digits.isdigit() and len(digits) >= 9:
        return [f"e.siret LIKE {sql.bind(digits + '%')}"]
    words.sort(key=_says_little)
    return [f"e.search_text LIKE {sql.bind(like(word))} ESCAPE '!'" for word in words]


def _says_little(word: str) -> tuple[bool, int]:
    """What is asked last of each name: « saint » and « de » are in most of them, a number or a long word in few."""
    return not any(map(str.isdigit, word)), -len(word)


def listing(viewer: Viewer, given: Filter, order: Order = BY_NAME) -> Listing:
    """Every establishment the viewer can look up."""

    def conditions(sql: Sql) -> list[str]:
        kept = [access.establishments(sql, viewer, "e"), *_searched(sql, given.search)]
        if given.categories:
            kept.append(f"e.category IN ({sql.bind_all(given.categories)})")
        if given.departements:
            kept.append(f"e.departement IN ({sql.bind_all(given.departements)})")
        if given.centralisateur is not None:
            kept.append("e.is_centralisateur" if given.centralisateur else "NOT e.is_centralisateur")
        if given.without_administrator is not None:
            alone = access.without_administrator(sql, "e")
            kept.append(alone if given.without_administrator else f"NOT {alone}")
        if given.without_reader is not None:
            gap = coverage.has_gap(sql)
            kept.append(gap if given.without_reader else f"NOT {gap}")
        return kept

    return Listing(COLUMNS, "establishments e", conditions, order)


async def without_administrator_since(ids: Sequence[int]) -> list[date | None]:
    """For each establishment that nobody is left to administer, since which day; None for the others (R-ACC-11)."""
    sql = Sql("SELECT e.id, e.registered_on, max(u.deleted_at) AS deleted_at,")
    sql.add("max(CASE WHEN u.deleted_at IS NULL AND u.password_hash IS NOT NULL THEN u.expires_on END) AS expires_on")
    sql.add("FROM establishments e LEFT JOIN users u ON u.establishment_id = e.id AND u.is_administrator")
    sql.add(f"WHERE e.id IN ({sql.bind_all(list(ids))}) AND {access.without_administrator(sql, 'e')}")
    sql.add("GROUP BY e.id, e.registered_on")
    found = {one["id"]: _since(one) for one in await db.rows(sql)}
    return [found.get(one) for one in ids]


def _since(row: db.Row) -> date:
    """The day after the last one on which an administrator could sign in; of the registration where none ever could."""
    days = []
    if row["expires_on"] is not None:
        days.append(date.fromisoformat(row["expires_on"]) + timedelta(days=1))
    if row["deleted_at"] is not None:
        days.append(clock.paris_date(clock.from_microseconds(row["deleted_at"])))
    return max(days, default=date.fromisoformat(row["registered_on"]))


def reached(viewer: Viewer, search: str | None) -> Listing:
    """Own establishment first, then those reached through a delegation in force, by name (Viewer.establishments)."""

    def conditions(sql: Sql) -> list[str]:
        if viewer.user_id is None:
            return [access.NOTHING]
        home = sql.bind(viewer.establishment_id)
        return [f"(e.id = {home} OR e.id IN ({access.reached_establishments(sql, viewer)}))", *_searched(sql, search)]

    order = Order("establishment-reached", (_rank(viewer), "e.sort_name", "e.id"), (int, str, int))
    return _Reached(COLUMNS, "establishments e", conditions, order, viewer=viewer, search=search)


def _rank(viewer: Viewer) -> str:
    """One's own establishment before all others."""
    return f"CASE WHEN e.id = {int(viewer.establishment_id or 0)} THEN 0 ELSE 1 END"


SAMPLE = 100
"""Establishments looked at to tell whether a search finds many."""


@dataclass
class _Known:
    """What a list has learnt of itself for its page, and answers its count from."""

    reach: inbox.Reach | None = None
    searched: int | None = None
    """How many a search found, up to one more than the longest page."""


@dataclass(frozen=True, kw_only=True)
class _Reached(Listing):
    """The establishments one reaches: gathered, or, where there are many, met on the way through all names."""

    viewer: Viewer
    search: str | None
    known: _Known = field(default_factory=_Known)

    async def page(self, slice_: Slice) -> Page:
        """A page; one of many forward ones without search looks at no more than it shows."""
        if self.search and slice_.after is None and slice_.before is None and slice_.last is None:
            return await self._sought(slice_)
        if self.search or is_backward(slice_) or not (await self._reach()).is_wide:
            return await super().page(slice_)
        sql = Sql()
        return await self._shown(sql, self._walked(sql, size(slice_) + 1, slice_.after), slice_)

    async def _reach(self) -> inbox.Reach:
        if self.known.reach is None:
            self.known.reach = await inbox.reach(self.viewer)
        return self.known.reach

    async def _sought(self, slice_: Slice) -> Page:
        """The first page of what is searched, and how many there are: gathered, unless most names have it."""
        sql = Sql()
        find = self._walked if await self._is_everywhere() else self._gathered
        return await self._shown(sql, find(sql, MAXIMUM + 1), slice_)

    async def _is_everywhere(self) -> bool:
        """Whether many are reached and one name out of ten has what is searched, as a sample of them tells."""
        sql = Sql()
        sql.add(f"SELECT {access.memberships(sql, self.viewer, inbox.FEW + 1)} AS delegations, count(*) AS found FROM")
        sql.add(f"(SELECT e.siret, e.search_text FROM establishments e ORDER BY e.id DESC LIMIT {SAMPLE}) e")
        told = await db.row(sql.add(f"WHERE {' AND '.join(_searched(sql, self.search)) or access.EVERYTHING}"))
        return told is not None and told["delegations"] > inbox.FEW and told["found"] * 10 >= SAMPLE

    def _gathered(self, sql: Sql, most: int) -> str:
        keyed = f"e.id, {_rank(self.viewer)} AS nearness, e.sort_name"
        return (
            f"SELECT {keyed} FROM establishments e WHERE {' AND '.join(self.conditions(sql))} "
            f"ORDER BY {direction(self.order, Slice())} LIMIT {sql.bind(most)}"
        )

    def _walked(self, sql: Sql, most: int, after: str | None = None) -> str:
        """The same, each name judged as it comes."""
        passed = [*decode(self.order, after)] if after is not None else None
        home = sql.bind(self.viewer.establishment_id)
        parts = []
        if passed is None:
            own = [f"e.id = {home}", *_searched(sql, self.search)]
            parts.append(f"SELECT e.id, 0 AS nearness, e.sort_name FROM establishments e WHERE {' AND '.join(own)}")
        kept = [f"e.id <> {home}", *_searched(sql, self.search), access.is_reached(sql, self.viewer, "e")]
        if passed is not None and passed[0] == 1:
            kept.append(f"(e.sort_name, e.id) > ({sql.bind(passed[1])}, {sql.bind(passed[2])})")
        parts.append(
            "SELECT * FROM (SELECT e.id, 1 AS nearness, e.sort_name FROM establishments e "
            f"WHERE {' AND '.join(kept)} ORDER BY e.sort_name, e.id LIMIT {sql.bind(most)}) others"
        )
        return " UNION ALL ".join(parts)

    async def _shown(self, sql: Sql, found: str, slice_: Slice) -> Page:
        """A page of what a subquery finds; how many it found is remembered, where that is all of a search."""
        wanted = size(slice_)
        sql.add(f"SELECT {COLUMNS}, n.nearness, n.sort_name, n.found FROM")
        sql.add("(SELECT f.id, f.nearness, f.sort_name, count(*) OVER () AS found")
        sql.add(f"FROM ({found}) f ORDER BY f.nearness, f.sort_name, f.id LIMIT {sql.bind(wanted + 1)}) n")
        sql.add("CROSS JOIN establishments e WHERE e.id = n.id ORDER BY n.nearness, n.sort_name, n.id")
        rows = await db.rows(sql)
        if self.search:
            self.known.searched = int(rows[0]["found"]) if rows else 0
        shown = rows[:wanted]
        cursors = [encode(self.order, [one["nearness"], one["sort_name"], one["id"]]) for one in shown]
        return Page(shown, cursors, has_next=len(rows) > wanted, has_previous=slice_.after is not None)

    async def total(self) -> int:
        """Their number: known without counting, where there are many and nothing is searched."""
        far = await self._reach()
        if self.search or not far.is_wide:
            return await super().total()
        return 1 + (await inbox.counted(self.viewer, far)).places

    async def up_to(self, limit: int) -> int:
        """Their number, not counted beyond a limit; told by what a search looked at for its first page."""
        if limit <= MAXIMUM and self.known.searched is not None:
            return min(limit, self.known.searched)
        return await super().up_to(limit)


async def switched_to(viewer: Viewer, most: int) -> list[db.Row]:
    """The establishments a person last acted for, of those they still reach, the last one first (R-DEL-06)."""
    sql = Sql(f"SELECT {COLUMNS} FROM switches w JOIN establishments e ON e.id = w.establishment_id")
    sql.add(f"WHERE w.user_id = {sql.bind(viewer.user_id)}")
    sql.add(f"AND {access.is_reached(sql, viewer, 'e')}")
    return await db.rows(sql.add(f"ORDER BY w.at DESC, w.id DESC LIMIT {sql.bind(most)}"))


async def reachable(viewer: Viewer, ids: Sequence[int]) -> list[bool]:
    """For each establishment, whether the viewer may act for it through a delegation in force (R-DEL-06)."""
    sql = Sql()
    allowed = access.is_reached(sql, viewer, "e")
    found = {one["id"] for one in await by_ids.fetch("e.id", "establishments e", "e.id", ids, allowed, sql=sql)}
    return [one in found for one in ids]


async def named(ids: Sequence[int]) -> list[db.Row | None]:
    """Establishments as an object one sees names them (the letter's, the delegation's parties)."""
    return by_ids.placed(await by_ids.fetch(COLUMNS, "establishments e", "e.id", ids), "id", ids)


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Establishments the viewer can look up; None for others, which do not exist for them."""
    sql = Sql()
    allowed = access.establishments(sql, viewer, "e", one_by_one=True)
    return by_ids.placed(await by_ids.fetch(COLUMNS, "establishments e", "e.id", ids, allowed, sql=sql), "id", ids)


async def by_siret(viewer: Viewer, number: str) -> db.Row | None:
    """The establishment of a SIRET, if the viewer can look it up."""
    sql = Sql(f"SELECT {COLUMNS} FROM establishments e")
    sql.add(f"WHERE e.siret = {sql.bind(siret.normalised(number))}")
    sql.add(f"AND {access.establishments(sql, viewer, 'e', one_by_one=True)}")
    return await db.row(sql)


async def contracts(ids: Sequence[int]) -> list[list[db.Row]]:
    """The contracts of several establishments."""
    rows = await by_ids.fetch(
        "c.id, c.establishment_id, c.fund_id, c.number",
        "contracts c JOIN funds f ON f.code = c.fund_id",
        "c.establishment_id",
        ids,
    )
    return by_ids.grouped(sorted(rows, key=lambda one: (one["fund_id"], one["number"])), "establishment_id", ids)


async def services(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each establishment, its reviews of services (R-RGT-04)."""
    rows = await by_ids.fetch(
        "r.establishment_id, r.service_id, r.reviewed_at, r.reviewed_by_id",
        "service_reviews r",
        "r.establishment_id",
        ids,
    )
    return by_ids.grouped(rows, "establishment_id", ids)


async def services_to_review(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each establishment, the services on which its administrators have still to give rights (R-RGT-04)."""
    sql = Sql("SELECT e.id AS establishment_id, s.id AS service_id FROM establishments e JOIN services s")
    sql.add(f"ON {access.has_to_review(sql, 'e.id', 'e.registered_on', 's.id')}")
    sql.add(f"WHERE e.id IN ({sql.bind_all(list(ids))})")
    return by_ids.grouped(await db.rows(sql), "establishment_id", ids)


async def users_by_level(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each establishment, how many of its accounts hold each level on each service."""
    sql = Sql("SELECT u.establishment_id, r.service_id, r.level, count(*) AS users")
    sql.add("FROM rights r JOIN users u ON u.id = r.user_id")
    sql.add(f"WHERE u.establishment_id IN ({sql.bind_all(list(ids))}) AND u.deleted_at IS NULL")
    sql.add("GROUP BY u.establishment_id, r.service_id, r.level")
    return by_ids.grouped(await db.rows(sql), "establishment_id", ids)


async def account_counts(ids: Sequence[int]) -> list[db.Row | None]:
    """For each establishment, how many accounts it has that are not deleted."""
    sql = Sql("SELECT u.establishment_id, count(*) AS users FROM users u")
    sql.add(f"WHERE u.establishment_id IN ({sql.bind_all(list(ids))}) AND u.deleted_at IS NULL")
    sql.add("GROUP BY u.establishment_id")
    return by_ids.placed(await db.rows(sql), "establishment_id", ids)


async def levels(viewer: Viewer, ids: Sequence[int]) -> list[list[db.Row]]:
    """What the viewer's own levels are at each establishment, service by service, and through which delegation."""
    if viewer.user_id is None:
        return [[] for _ in ids]
    sql = Sql()
    reach = access.reach(sql, viewer)
    sql.add(f"SELECT establishment_id, service_id, level, delegation_id FROM ({reach}) reach")
    sql.add(f"WHERE establishment_id IN ({sql.bind_all(list(ids))})")
    return by_ids.grouped(await db.rows(sql), "establishment_id", ids)
