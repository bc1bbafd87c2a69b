"""Courriers: lists, one letter, its facts, counts; what is new since a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.reads import by_ids, inbox, search
from backend.reads.page import MAXIMUM, Listing, Order, Page, Slice, size
from backend.rules import access
from backend.rules.viewer import Viewer

COLUMNS = (
    "c.id, c.establishment_id, c.type_id, c.fund_id, c.reference, c.subject, c.letter_date, c.fiscal_year, c.due_on, "
    "c.document_id, c.file_name, c.acknowledgement_required, c.sent_by_post, c.replaces_id, c.deposited_at, "
    "c.available_at, c.withdrawn_at, c.first_opened_at, c.first_opened_by_id, c.acknowledged_at, c.acknowledged_by_id, "
    "c.withdrawn_by_id, c.withdrawal_reason, c.removed_at, m.read_at, m.archived_at"
)

AVAILABLE_NEWEST = Order("courrier-newest", ("c.available_at", "c.id"), (int, int), descending=True)
AVAILABLE_OLDEST = Order("courrier-oldest", ("c.available_at", "c.id"), (int, int))
LETTER_DATE = Order("courrier-letter-date", ("c.letter_date", "c.id"), (str, int), descending=True)
DUE = Order("courrier-due", ("c.due_on", "c.id"), (str, int))
SUBJECT = Order("courrier-subject", ("c.search_text", "c.id"), (str, int))
"""By the subject without accents or case, which the column begins with; the reference among those alike."""
RELEVANCE = search.relevance(None, "c")
"""Stands for the relevance of the words a list is narrowed to; without any, the newest first."""
WITHDRAWN_NEWEST = Order("courrier-withdrawn", ("c.withdrawn_at", "c.id"), (int, int), descending=True)


@dataclass(frozen=True)
class Filter:
    """What a list of courriers is narrowed to; `unread` and `archived` are the viewer's own marks (R-COU-07)."""

    unread: bool | None = None
    funds: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    fiscal_years: tuple[int, ...] = ()
    deposited_from: date | None = None
    deposited_until: date | None = None
    due: bool | None = None
    due_from: date | None = None
    due_until: date | None = None
    archived: bool | None = False
    establishments: tuple[int, ...] = ()
    search: str | None = None
    to_acknowledge: bool = False
    """Those only whose acknowledgement is asked, and not given (R-COU-06)."""
    needs_follow_up: bool = False
    """Those only that nobody opened until they were put on the operators' list (R-COU-11)."""
    withdrawn: bool = False
    """The traces of those withdrawn, instead of letters; in the order of withdrawals (R-COU-13)."""


_UNREAD = "NOT EXISTS (SELECT 1 FROM courrier_marks r WHERE r.id = m.id AND r.read_at IS NOT NULL LIMIT 1 OFFSET 0)"
"""PostgreSQL would take `m.read_at IS NULL` of letters without a mark for rare, and gather them all."""

_ANY_FUND = "(c.fund_id || '')"
"""The fund, where it narrows what was found and must not lead there: SQLite would go through all letters of a fund."""


def _source(viewer: Viewer) -> str:
    """Courriers with the viewer's marks beside them."""
    return f"courriers c LEFT JOIN courrier_marks m ON m.courrier_id = c.id AND m.user_id = {int(viewer.user_id or 0)}"


def _narrowed(sql: Sql, given: Filter) -> list[str]:
    kept = []
    if given.unread is not None:
        kept.append(_UNREAD if given.unread else "m.read_at IS NOT NULL")
    if given.archived is not None:
        kept.append("m.archived_at IS NOT NULL" if given.archived else "m.archived_at IS NULL")
    if given.establishments:
        kept.append(f"c.establishment_id IN ({sql.bind_all(given.establishments)})")
    if given.funds:
        fund = "c.fund_id" if db.dialect() == "postgres" else _ANY_FUND
        kept.append(f"{fund} IN ({sql.bind_all(given.funds)})")
    if given.types:
        kept.append(f"c.type_id IN (SELECT t.id FROM courrier_types t WHERE t.code IN ({sql.bind_all(given.types)}))")
    if given.fiscal_years:
        stored = tuple(year for year in given.fiscal_years if 1900 <= year <= 2200)  # others no letter can have
        kept.append(f"c.fiscal_year IN ({sql.bind_all(stored)})")
    if given.deposited_from is not None:
        start = int(clock.to_microseconds(clock.start_of_day(given.deposited_from)))
        kept.append(f"c.available_at >= {sql.bind(start)}")
    if given.deposited_until is not None:
        end = int(clock.to_microseconds(clock.end_of_day(given.deposited_until)))
        kept.append(f"c.available_at < {sql.bind(end)}")
    if given.due is not None:
        today = sql.bind(clock.today().isoformat())
        kept.append(f"c.due_on >= {today}" if given.due else f"(c.due_on IS NULL OR c.due_on < {today})")
    if given.due_from is not None:
        kept.append(f"c.due_on >= {sql.bind(given.due_from.isoformat())}")
    if given.due_until is not None:
        kept.append(f"c.due_on <= {sql.bind(given.due_until.isoformat())}")
    if given.to_acknowledge:
        kept.append("c.acknowledgement_required AND c.acknowledged_at IS NULL")
    if given.needs_follow_up:
        kept.append("c.net_step = 3 AND c.first_opened_at IS NULL")
    return kept


def listing(
    viewer: Viewer, given: Filter, order: Order = AVAILABLE_NEWEST, establishment_id: int | None = None
) -> Listing:
    """The courriers a viewer sees, of one establishment or over all they reach (R-COU-05, R-COU-07)."""
    listed = _listing(viewer, given, order, establishment_id)
    if establishment_id is not None or given.withdrawn:
        return listed
    return _Everywhere(
        listed.columns,
        listed.source,
        listed.conditions,
        listed.order,
        viewer=viewer,
        given=given,
        first=_listing(viewer, given, order, None, one_by_one=True, first=True),
        each=_listing(viewer, given, order, None, one_by_one=True, each=True),
    )


def _listing(
    viewer: Viewer,
    given: Filter,
    order: Order,
    establishment_id: int | None,
    *,
    one_by_one: bool = False,
    first: bool = False,
    each: bool = False,
) -> Listing:
    """The list, its letters gathered or judged one by one; what is searched leading to them, or looked for in each."""
    places = given.establishments if establishment_id is None else (establishment_id,)

    def conditions(sql: Sql) -> list[str]:
        if given.withdrawn:
            kept = [access.traces_of_courriers(sql, viewer, "c"), *search.traces(sql, given.search, "c")]
        else:
            kept = [
                access.courriers(sql, viewer, "c", establishment_id, one_by_one=one_by_one),
                "c.available_at IS NOT NULL AND c.withdrawn_at IS NULL",
                *search.matching(sql, viewer, given.search, "c", places, first=first, one_by_one=each),
            ]
        if establishment_id is not None:
            kept.append(f"c.establishment_id = {sql.bind(establishment_id)}")
        if order is DUE:
            kept.append("c.due_on IS NOT NULL")
        return kept + _narrowed(sql, given)

    if given.withdrawn:
        order = WITHDRAWN_NEWEST
    elif order is RELEVANCE:
        order = search.relevance(given.search, "c", places)
    return Listing(COLUMNS, _source(viewer), conditions, order)


@dataclass(frozen=True, kw_only=True)
class _Everywhere(Listing):
    """The courriers of all the establishments one reaches: gathered, or, where there are many, met on the way; where
    few are asked for, they lead (`first`), and `each` is looked at where many are.
    """

    viewer: Viewer
    given: Filter
    first: Listing
    each: Listing
    asked: list[bool] = field(default_factory=list)
    """Whether what is searched finds many: asked once for a page and its count."""

    async def page(self, slice_: Slice) -> Page:
        """A page, found the quicker way."""
        way = await self._way(size(slice_) + 1)
        return await (way.page(slice_) if way is not None else super().page(slice_))

    async def total(self) -> int:
        """The number of courriers: known without counting, where nothing but the counts' own cuts is asked."""
        far = await inbox.reach(self.viewer)
        if far.is_wide and self._is_of_counts():
            return self._expected(await inbox.counts(self.viewer, far))
        if far.is_wide and self._are_few():
            return await self.first.total()
        return await super().total()

    async def up_to(self, limit: int) -> int:
        """The number, not counted beyond a limit."""
        if self._is_of_counts():
            return min(limit, await self.total())
        way = await self._way(limit)
        return await (way.up_to(limit) if way is not None else super().up_to(limit))

    def _is_of_counts(self) -> bool:
        return replace(self.given, funds=(), unread=None) == Filter()

    def _are_few(self) -> bool:
        """Whether something is asked that few courriers have, and that leads to them."""
        return bool(self.given.establishments or self.given.archived)

    def _are_some(self) -> bool:
        """Whether something is asked that some courriers have, here and there."""
        given = self.given
        by_day = (given.due, given.due_from, given.due_until)
        return bool(
            given.types
            or given.fiscal_years
            or given.to_acknowledge
            or given.needs_follow_up
            or by_day != (None, None, None)
        )

    async def _way(self, wanted: int) -> Listing | None:
        """How so many courriers are found soonest; None: gathered."""
        far = await inbox.reach(self.viewer)
        if not far.is_wide:
            return None
        if self._are_few():
            return self.first
        if self.given.search:
            if not self.asked:
                self.asked.append(await search.finds_many(self.viewer, self.given.search))
            return self.each if self.asked[0] else self.first
        counts = await inbox.counts(self.viewer, far)
        total = sum(one for one, _ in counts.values())
        expected = self._expected(counts)
        if self._are_some():
            expected //= 20  # how many is not known
        return self.each if await inbox.is_walked(wanted, expected, total) else None

    def _expected(self, counts: inbox.Counts) -> int:
        """How many courriers of these funds there are, read or not as is asked."""
        asked = [pair for fund, pair in counts.items() if not self.given.funds or fund in self.given.funds]
        total, unread = sum(one for one, _ in asked), sum(one for _, one in asked)
        return {None: total, True: unread, False: total - unread}[self.given.unread]


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Courriers the viewer sees; None for others, which do not exist for them."""
    sql = Sql()
    allowed = access.courriers(sql, viewer, "c", one_by_one=True)
    return by_ids.placed(await by_ids.fetch(COLUMNS, _source(viewer), "c.id", ids, allowed, sql=sql), "id", ids)


async def by_reference(viewer: Viewer, fund: str, reference: str) -> db.Row | None:
    """The courrier of a fund's reference, if the viewer sees it."""
    sql = Sql(f"SELECT {COLUMNS} FROM {_source(viewer)}")
    sql.add(f"WHERE c.fund_id = {sql.bind(fund)} AND c.reference = {sql.bind(reference)}")
    sql.add(f"AND {access.courriers(sql, viewer, 'c', one_by_one=True)}")
    return await db.row(sql)


LONGEST_CHAIN = 50
"""Replacements followed, one after the other."""


async def replacing(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """For each courrier, the one that replaces it, if the viewer sees it; one withdrawn since gives way to its own
    replacement (R-COU-13).
    """
    return await _along(viewer, ids, ("c.replaces_id", "c.id"), ("n.replaces_id = chain.id", "n.id"))


async def replaced(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """For each courrier, the one it replaces, if the viewer sees it; one withdrawn gives way to what it replaced."""
    return await _along(viewer, ids, ("c.id", "c.replaces_id"), ("n.id = chain.id", "n.replaces_id"))


async def _along(
    viewer: Viewer, ids: Sequence[int], first: tuple[str, str], following: tuple[str, str]
) -> list[db.Row | None]:
    """The first courrier not withdrawn along a chain of replacements, from each of `ids`."""
    sql = Sql(f"SELECT chain.origin, {COLUMNS} FROM {_source(viewer)}")
    (start, link), (step, next_link) = first, following
    sql.add("JOIN (WITH RECURSIVE chain(origin, id, steps) AS (")
    sql.add(f"SELECT {start}, {link}, 1 FROM courriers c WHERE {start} IN ({sql.bind_all(list(ids))})")
    sql.add(f"UNION ALL SELECT chain.origin, {next_link}, chain.steps + 1 FROM chain")
    sql.add("JOIN courriers passed ON passed.id = chain.id AND passed.withdrawn_at IS NOT NULL")
    sql.add(f"JOIN courriers n ON {step} WHERE chain.steps < {LONGEST_CHAIN}")
    sql.add(") SELECT origin, id FROM chain) chain ON chain.id = c.id")
    sql.add(f"WHERE c.withdrawn_at IS NULL AND {access.courriers(sql, viewer, 'c', one_by_one=True)}")
    return by_ids.placed(await db.rows(sql), "origin", ids)


async def traces(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """What is left of courriers that are read no more, for who would read them; None for others (R-COU-13, 14)."""
    sql = Sql()
    allowed = access.traces_of_courriers(sql, viewer, "c")
    return by_ids.placed(await by_ids.fetch(COLUMNS, _source(viewer), "c.id", ids, allowed, sql=sql), "id", ids)


async def readable_document(viewer: Viewer, ids: Sequence[int]) -> list[bool]:
    """For each courrier, whether the viewer reads its document (R-COU-05)."""
    sql = Sql()
    allowed = access.documents(sql, viewer, "c", one_by_one=True)
    found = {one["id"] for one in await by_ids.fetch("c.id", "courriers c", "c.id", ids, allowed, sql=sql)}
    return [one in found for one in ids]


async def certified(viewer: Viewer, ids: Sequence[int]) -> list[bool]:
    """For each courrier, whether the viewer may have its certificate (R-COU-15)."""
    sql = Sql()
    allowed = access.certified(sql, viewer, "c")
    found = {one["id"] for one in await by_ids.fetch("c.id", "courriers c", "c.id", ids, allowed, sql=sql)}
    return [one in found for one in ids]


async def documents(ids: Sequence[int]) -> list[db.Row | None]:
    """Documents by id."""
    rows = await by_ids.fetch("d.id, d.sha256, d.size, d.page_count, d.removed_at", "documents d", "d.id", ids)
    return by_ids.placed(rows, "id", ids)


async def attachments(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each courrier, its attachments in order."""
    rows = await by_ids.fetch(
        "a.courrier_id, a.document_id, a.file_name, a.position", "courrier_attachments a", "a.courrier_id", ids
    )
    return by_ids.grouped(sorted(rows, key=lambda one: int(one["position"])), "courrier_id", ids)


async def facts(ids: Sequence[int]) -> list[list[db.Row]]:
    """For each courrier, what happened to it, oldest first (R-COU-06)."""
    rows = await by_ids.fetch(
        "f.id, f.courrier_id, f.kind, f.occurred_at, f.actor_id, f.delegation_id, f.detail",
        "courrier_facts f",
        "f.courrier_id",
        ids,
    )
    return by_ids.grouped(sorted(rows, key=lambda one: (one["occurred_at"], one["id"])), "courrier_id", ids)


async def opened_through(ids: Sequence[int]) -> list[int | None]:
    """For each courrier, the delegation through which it was first opened; None: at home, or never opened."""
    return await _through(ids, "first_opened_by_id", "'OPENED', 'DOWNLOADED'")


async def acknowledged_through(ids: Sequence[int]) -> list[int | None]:
    """For each courrier, the delegation through which it was acknowledged; None: at home, or not acknowledged."""
    return await _through(ids, "acknowledged_by_id", "'ACKNOWLEDGED'")


async def _through(ids: Sequence[int], who: str, kinds: str) -> list[int | None]:
    """In what capacity the person that a courrier names did the first of these facts (R-DEL-07)."""
    rows = await by_ids.fetch(
        "f.courrier_id, f.delegation_id, f.id",
        f"courrier_facts f JOIN courriers c ON c.id = f.courrier_id AND c.{who} = f.actor_id",
        "f.courrier_id",
        ids,
        f"f.kind IN ({kinds})",
    )
    first = {one["courrier_id"]: one for one in sorted(rows, key=lambda one: int(one["id"]), reverse=True)}
    return [first[one]["delegation_id"] if one in first else None for one in ids]


READINGS = Order("reading", ("f.occurred_at", "f.id"), (int, int))


def readings(courrier_id: int) -> Listing:
    """The first opening of a courrier by each person, in each capacity, oldest first (of a courrier one sees)."""

    def conditions(sql: Sql) -> list[str]:
        return [
            f"f.courrier_id = {sql.bind(courrier_id)}",
            "f.kind IN ('OPENED', 'DOWNLOADED')",
            (
                "NOT EXISTS (SELECT 1 FROM courrier_facts b WHERE b.courrier_id = f.courrier_id "
                "AND b.kind IN ('OPENED', 'DOWNLOADED') AND b.actor_id = f.actor_id "
                "AND COALESCE(b.delegation_id, 0) = COALESCE(f.delegation_id, 0) AND b.id < f.id)"
            ),
        ]

    return Listing("f.id, f.actor_id, f.delegation_id, f.occurred_at", "courrier_facts f", conditions, READINGS)


async def notifications(viewer: Viewer, ids: Sequence[int]) -> list[list[db.Row]]:
    """For each courrier, the e-mails about it that the viewer may see (R-NOT-02)."""
    sql = Sql()
    allowed = access.notifications(sql, viewer, "n")
    rows = await by_ids.fetch(
        "n.id, n.courrier_id, n.kind, n.recipient, n.subject, n.status, n.attempts, n.queued_at, n.sent_at, "
        "n.last_error, n.next_attempt_at, n.bounced_at",
        "notifications n",
        "n.courrier_id",
        ids,
        allowed,
        sql=sql,
    )
    return by_ids.grouped(sorted(rows, key=lambda one: int(one["id"])), "courrier_id", ids)


@dataclass(frozen=True)
class Summary:
    """Counts of an inbox, for one viewer: in all, and by fund its code, its courriers and those not read."""

    total: int
    unread: int
    by_fund: tuple[tuple[str, int, int], ...]


async def summary(viewer: Viewer, establishment_id: int | None = None) -> Summary:
    """How many letters there are and how many the viewer has not read, archived ones left out, by fund."""
    far = None if establishment_id is not None else await inbox.reach(viewer)
    if far is not None and far.is_wide:
        counts = await inbox.counts(viewer, far)
        found = [(fund, total, unread) for fund, (total, unread) in counts.items()]
    else:
        found = await _counted(viewer, establishment_id)
    return Summary(sum(total for _, total, _ in found), sum(unread for _, _, unread in found), tuple(found))


async def _counted(viewer: Viewer, establishment_id: int | None) -> list[tuple[str, int, int]]:
    sql = Sql(
        f"SELECT {_ANY_FUND} AS fund_id, count(*) AS total, count(CASE WHEN m.read_at IS NULL THEN 1 END) AS unread",
        f"FROM {_source(viewer)}",
        "WHERE c.available_at IS NOT NULL AND c.withdrawn_at IS NULL AND m.archived_at IS NULL",
    )
    sql.add(f"AND {access.courriers(sql, viewer, 'c', establishment_id)}")
    if establishment_id is not None:
        sql.add(f"AND c.establishment_id = {sql.bind(establishment_id)}")
    sql.add(f"GROUP BY {_ANY_FUND} ORDER BY 1")
    return [(one["fund_id"], one["total"], one["unread"]) for one in await db.rows(sql)]


async def latest(viewer: Viewer, establishment_id: int | None = None) -> int | None:
    """When the newest of the letters that a summary counts was made available (microseconds); None for none."""
    found = await listing(viewer, Filter(), establishment_id=establishment_id).page(Slice(first=1))
    return int(found.rows[0]["available_at"]) if found.rows else None


async def to_acknowledge(viewer: Viewer, establishment_id: int | None = None) -> int:
    """How many letters wait for their acknowledgement, archived ones left out: those the list of them shows."""
    given = Filter(to_acknowledge=True, archived=False)
    return await listing(viewer, given, establishment_id=establishment_id).total()


async def numbers(found: Listing, limit: int) -> tuple[list[int], bool]:
    """The courriers of a list in its order, up to a limit, and whether there are others beyond."""
    taken: list[int] = []
    after = None
    while True:
        page = await found.page(Slice(first=min(MAXIMUM, limit - len(taken)), after=after))
        taken += [row["id"] for row in page.rows]
        if not page.has_next or len(taken) == limit:
            return taken, page.has_next
        after = page.cursors[-1]


async def described(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Courriers the viewer reads, with the names of what they refer to, for a file of them; None for others."""
    sql = Sql()
    allowed = access.documents(sql, viewer, "c", one_by_one=True)
    rows = await by_ids.fetch(
        f"{COLUMNS}, t.label AS type_label, f.label AS fund_label, e.name AS establishment_name, e.siret",
        f"{_source(viewer)} JOIN courrier_types t ON t.id = c.type_id JOIN funds f ON f.code = c.fund_id "
        "JOIN establishments e ON e.id = c.establishment_id",
        "c.id",
        ids,
        allowed,
        sql=sql,
    )
    return by_ids.placed(rows, "id", ids)


FEED = Order("feed", ("f.id",), (int,))


async def feed_position() -> int:
    """Where the feed stands now."""
    found = await db.row("SELECT COALESCE(max(id), 0) AS last FROM feed_entries")
    return int(found["last"]) if found else 0


async def news(
    viewer: Viewer, after: int, until: int, establishments: Sequence[int], funds: Sequence[str], limit: int
) -> list[db.Row]:
    """The courriers fed after a position (exclusive) and up to another, that the viewer sees now, in feed order.

    Judged by today's rights, at each event (R-DEL-08). Operators follow what they may see as metadata.
    """
    sql = Sql(f"SELECT {COLUMNS}, f.id AS feed_id FROM feed_entries f JOIN courriers c ON c.id = f.courrier_id")
    sql.add(f"LEFT JOIN courrier_marks m ON m.courrier_id = c.id AND m.user_id = {int(viewer.user_id or 0)}")
    sql.add(f"WHERE f.id > {sql.bind(after)} AND f.id <= {sql.bind(until)}")
    sql.add(f"AND c.withdrawn_at IS NULL AND {access.courriers(sql, viewer, 'c', one_by_one=True)}")
    if establishments:
        sql.add(f"AND f.establishment_id IN ({sql.bind_all(list(establishments))})")
    if funds:
        sql.add(f"AND c.fund_id IN ({sql.bind_all(list(funds))})")
    sql.add(f"ORDER BY f.id LIMIT {sql.bind(limit)}")
    return await db.rows(sql)


async def holds(courrier_id: int, document_id: int) -> bool:
    """Whether a document is a courrier's own or one of its attachments."""
    found = await db.row(
        "SELECT 1 AS yes FROM courriers c WHERE c.id = $1 AND (c.document_id = $2 OR EXISTS "
        "(SELECT 1 FROM courrier_attachments a WHERE a.courrier_id = c.id AND a.document_id = $2))",
        [courrier_id, document_id],
    )
    return found is not None


WITHDRAWALS = Order("withdrawals", ("e.id",), (int,))
"""Withdrawals as they were committed: the journal's numbers follow the order of commits."""


async def withdrawals_position() -> int:
    """Where the journal stands now."""
    found = await db.row("SELECT COALESCE(max(id), 0) AS last FROM audit_events")
    return int(found["last"]) if found else 0


async def withdrawals(viewer: Viewer, after: int, until: int, limit: int) -> list[db.Row]:
    """The courriers withdrawn after a position (exclusive) and up to another, whose trace the viewer sees (R-COU-13).

    Judged by today's rights, at each event (R-DEL-08).
    """
    sql = Sql(f"SELECT {COLUMNS}, e.id AS position FROM audit_events e JOIN courriers c ON c.id = e.subject_id")
    sql.add(f"LEFT JOIN courrier_marks m ON m.courrier_id = c.id AND m.user_id = {int(viewer.user_id or 0)}")
    sql.add(f"WHERE e.action = 'courrier.withdrawn' AND e.id > {sql.bind(after)} AND e.id <= {sql.bind(until)}")
    sql.add(f"AND {access.traces_of_courriers(sql, viewer, 'c')} ORDER BY e.id LIMIT {sql.bind(limit)}")
    return await db.rows(sql)
