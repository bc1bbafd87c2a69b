"""The journal as people read it: lists by keyset, whatever their length, and each event in words (R-JRN-02)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import orjson

from backend import clock
from backend import database as db
from backend.database.sql import Sql
from backend.database.text import fold, like
from backend.reads import by_ids, sentence
from backend.reads.page import Listing, Order, Page, Slice, beyond, direction, fetch, size
from backend.rules import access
from backend.rules.viewer import Viewer

COLUMNS = (
    "e.id, e.occurred_at, e.action, e.actor_id, e.api_client_id, e.establishment_id, e.on_behalf_of_id, "
    "e.delegation_id, e.subject_type, e.subject_id"
)
NEWEST = Order("journal", ("e.id",), (int,), descending=True)

DISORDER = timedelta(hours=1)
"""How much the clocks of several machines may disagree: events are numbered in the order of commits, not by time."""

_NO_EVENT = 2**63 - 1

MOST_NAMESAKES = 200
"""People whose name a search may find."""


@dataclass(frozen=True)
class Filter:
    """What a list of events is narrowed to. `since` and `until` are legal days, both included."""

    categories: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    search: str | None = None
    """Words of the name of who acted, or of whose account it is about."""
    actor_id: int | None = None
    subject_id: int | None = None


@dataclass(frozen=True)
class _Journal(Listing):
    """A list reached by several ways, each through its own index: the newest of each, then the newest of all.

    Asked with OR, they would be gathered whole and sorted for every page.
    """

    viewer: Viewer = field(default_factory=Viewer)
    given: Filter = field(default_factory=Filter)
    user_id: int | None = None
    establishment_id: int | None = None

    async def page(self, slice_: Slice) -> Page:
        """A page."""
        people = await self._people()
        sql = Sql()
        limit = f"ORDER BY {direction(NEWEST, slice_)} LIMIT {size(slice_) + 1}"
        ways = [
            f"SELECT w{number}.id FROM (SELECT e.id FROM audit_events e WHERE "
            f"{' AND '.join([way, *self._narrowed(sql), *beyond(sql, NEWEST, slice_)])} {limit}) w{number}"
            for number, way in enumerate(self._ways(sql, people))
        ]
        found = f"e.id IN ({' UNION '.join(ways)})"
        return await fetch(sql, COLUMNS, "audit_events e", [found], NEWEST, slice_)

    async def total(self) -> int:
        """How many there are."""
        people = await self._people()
        sql = Sql()
        ways = [
            f"SELECT e.id FROM audit_events e WHERE {' AND '.join([way, *self._narrowed(sql)])}"
            for way in self._ways(sql, people)
        ]
        sql.add(f"SELECT count(*) AS n FROM ({' UNION '.join(ways)}) found")
        found = await db.row(sql)
        return int(found["n"]) if found else 0

    async def _people(self) -> list[int] | None:
        """The accounts whose name is searched; None where none is. Their names only: an address is not looked up."""
        words = fold(self.given.search or "").split()[:8]
        if not words:
            return None
        sql = Sql("SELECT u.id FROM users u WHERE")
        sql.add(" AND ".join(f"u.sort_name LIKE {sql.bind(like(word))} ESCAPE '!'" for word in words))
        sql.add(f"ORDER BY u.id LIMIT {MOST_NAMESAKES}")
        return [one["id"] for one in await db.rows(sql)]

    def _ways(self, sql: Sql, people: list[int] | None) -> list[str]:
        """Conditions, any of which an event of the list meets, each led by an index."""
        if people is not None:
            within = _any(self._of_user(sql, self.user_id) if self.user_id is not None else self._about(sql))
            named = sql.bind_all(people)
            return [
                f"e.actor_id IN ({named}) AND {within}",
                f"e.subject_type = 'User' AND e.subject_id IN ({named}) AND {within}",
            ]
        if self.user_id is not None:
            return self._of_user(sql, self.user_id)
        about = self._about(sql)
        if self.given.actor_id is not None:  # the one who acted leads to fewer events than the place
            return [f"e.actor_id = {sql.bind(self.given.actor_id)} AND {_any(about)}"]
        if self.given.subject_id is not None:
            subject = f"e.subject_type = 'User' AND e.subject_id = {sql.bind(self.given.subject_id)}"
            return [f"{subject} AND {_any(about)}"]
        if about == [access.EVERYTHING] and self.given.categories:
            return [f"e.action = {sql.bind(one)}" for one in self._actions()] or [access.NOTHING]
        return about

    def _of_user(self, sql: Sql, user_id: int) -> list[str]:
        ways = access.audit_events_of_user(sql, user_id, "e")
        if not self.viewer.is_operator and self.viewer.user_id != user_id:
            ways = [f"{way} AND {access.audit_events(sql, self.viewer, 'e')}" for way in ways]
        return ways

    def _about(self, sql: Sql) -> list[str]:
        """What the list is about: an establishment, as far as the viewer reads its events, or everything."""
        viewer, place = self.viewer, self.establishment_id
        if place is None:
            return [access.audit_events(sql, viewer, "e")]
        if viewer.is_operator or access.manages_accounts(viewer, place):
            return access.audit_events_of_establishment(sql, place, "e")
        if viewer.user_id is not None and viewer.establishment_id == place:
            theirs = _any(access.audit_events_of_establishment(sql, place, "e"))
            return [f"{way} AND {theirs}" for way in access.audit_events_of_user(sql, viewer.user_id, "e")]
        return [f"e.on_behalf_of_id = {sql.bind(place)} AND {access.audit_events(sql, viewer, 'e')}"]

    def _actions(self) -> tuple[str, ...]:
        return sentence.actions_of(self.given.categories)

    def _narrowed(self, sql: Sql) -> list[str]:
        given, kept = self.given, []
        if given.categories:
            kept.append(f"e.action IN ({sql.bind_all(self._actions())})")
        if given.actor_id is not None:
            kept.append(f"e.actor_id = {sql.bind(given.actor_id)}")
        if given.subject_id is not None:
            kept.append(f"e.subject_type = 'User' AND e.subject_id = {sql.bind(given.subject_id)}")
        if given.since is not None:
            kept += _from(sql, given.since)
        if given.until is not None:
            kept += _before(sql, given.until)
        return kept


def _any(ways: Sequence[str]) -> str:
    return "(" + " OR ".join(f"({way})" for way in ways) + ")"


_DISORDER = DISORDER // timedelta(microseconds=1)


def _from(sql: Sql, day: date) -> list[str]:
    """Since a day. The last event well before it tells, by an index, where to stop."""
    start = int(clock.to_microseconds(clock.start_of_day(day)))
    passed = f"SELECT t.id FROM audit_events t WHERE t.occurred_at < {sql.bind(start - _DISORDER)}"
    return [
        f"e.occurred_at >= {sql.bind(start)}",
        f"e.id > COALESCE(({passed} ORDER BY t.occurred_at DESC, t.id DESC LIMIT 1), 0)",
    ]


def _before(sql: Sql, day: date) -> list[str]:
    """Until a day, included. The first event well after it tells, by an index, where to start."""
    end = int(clock.to_microseconds(clock.end_of_day(day)))
    beyond_it = f"SELECT t.id FROM audit_events t WHERE t.occurred_at >= {sql.bind(end + _DISORDER)}"
    return [
        f"e.occurred_at < {sql.bind(end)}",
        f"e.id < COALESCE(({beyond_it} ORDER BY t.occurred_at, t.id LIMIT 1), {_NO_EVENT})",
    ]


def of_user(viewer: Viewer, user_id: int, given: Filter) -> Listing:
    """The events of an account, as far as the viewer reads them."""
    return _Journal("", "", lambda _: [], NEWEST, viewer=viewer, given=given, user_id=user_id)


def of_establishment(viewer: Viewer, establishment_id: int, given: Filter) -> Listing:
    """The events of an establishment, as far as the viewer reads them."""
    return _Journal("", "", lambda _: [], NEWEST, viewer=viewer, given=given, establishment_id=establishment_id)


def of_everyone(viewer: Viewer, given: Filter) -> Listing:
    """Every event, for operators."""
    return _Journal("", "", lambda _: [], NEWEST, viewer=viewer, given=given)


async def visible(viewer: Viewer, ids: Sequence[int]) -> list[db.Row | None]:
    """Events the viewer reads."""
    sql = Sql()
    allowed = access.audit_events(sql, viewer, "e")
    return by_ids.placed(await by_ids.fetch(COLUMNS, "audit_events e", "e.id", ids, allowed, sql=sql), "id", ids)


async def of_delegations(viewer: Viewer, ids: Sequence[int]) -> list[list[db.Row]]:
    """What happened to each delegation itself, oldest first: one history, the same for both parties (R-DEL-07)."""
    sql = Sql()
    allowed = access.audit_events(sql, viewer, "e")
    rows = await by_ids.fetch(
        COLUMNS, "audit_events e", "e.subject_id", ids, "e.subject_type = 'Delegation'", allowed, sql=sql
    )
    return by_ids.grouped(sorted(rows, key=lambda one: int(one["id"])), "subject_id", ids)


def through_delegation(viewer: Viewer, delegation_id: int) -> Listing:
    """What was done through a delegation, for the administrators of both parties (R-DEL-07)."""

    def conditions(sql: Sql) -> list[str]:
        return [
            f"e.delegation_id = {sql.bind(delegation_id)}",
            "(e.subject_type IS NULL OR e.subject_type <> 'Delegation')",
            access.audit_events(sql, viewer, "e"),
        ]

    return Listing(COLUMNS, "audit_events e", conditions, NEWEST)


# ---------------------------------------------------------------- in words


@dataclass(frozen=True)
class Told:
    """An event in words, as far as the viewer is told."""

    summary: str
    category: str
    changes: tuple[sentence.Change, ...]
    is_erased: bool
    actor: str
    establishment: str | None
    on_behalf_of: str | None
    is_delegated: bool = False
    """Done for another establishment through a delegation (R-DEL-07)."""
    address: str | None = None
    user_agent: str | None = None


async def told(viewer: Viewer, ids: Sequence[int]) -> list[Told]:
    """Events the viewer reads, in words: as many statements for one as for a hundred."""
    rows = await by_ids.fetch(
        f"{COLUMNS}, d.body", "audit_events e LEFT JOIN audit_details d ON d.event_id = e.id", "e.id", ids
    )
    details = {row["id"]: _detail(row["body"]) for row in rows}
    people = await _people(rows, details)
    programs = await _labels("name", "api_clients", [row["api_client_id"] for row in rows])
    establishments = await _labels("name", "establishments", _establishments(rows, details))
    letters = await _letters(viewer, rows)
    services = {one["code"]: one["label"] for one in await db.rows("SELECT code, label FROM services")}

    def one(row: db.Row) -> Told:
        detail = details[row["id"]]
        body: Mapping[str, Any] = detail or {}
        actor = people.get(row["actor_id"] or 0)
        changes = sentence.changes_of(body.get("changes") or {}, services, establishments)
        facts = body.get("facts") or {}
        changes += _of_members(facts, people)
        if not access.sees_changes_of(viewer, row):
            changes, facts = (), {}
        sees_origin = access.sees_origin_of(viewer, row, actor.home if actor else None)
        named = sentence.Named(
            action=row["action"],
            actor=actor.name if actor else programs.get(row["api_client_id"]) or _unnamed(row),
            subject=_subject(row, people, establishments, letters),
            establishment=establishments.get(row["establishment_id"]),
            on_behalf_of=establishments.get(row["on_behalf_of_id"]),
            is_own=row["subject_type"] == "User" and row["subject_id"] == row["actor_id"],
            changes=changes,
            facts=facts,
            colleague=people[copied].name if (copied := facts.get("copied_from")) in people else None,
            is_delegated=row["delegation_id"] is not None and row["on_behalf_of_id"] is not None,
        )
        return Told(
            summary=sentence.summary_of(named),
            category=sentence.category_of(row["action"]),
            changes=changes,
            is_erased=detail is None,
            actor=named.actor,
            establishment=named.establishment,
            on_behalf_of=named.on_behalf_of,
            is_delegated=named.is_delegated,
            address=body.get("address") if sees_origin else None,
            user_agent=body.get("user_agent") if sees_origin else None,
        )

    by_id = {row["id"]: one(row) for row in rows}
    return [by_id[number] for number in ids]


def _detail(body: str | None) -> dict[str, Any] | None:
    """What an event's detail says; None once erased (R-ACC-12, R-JRN-03)."""
    if not body:
        return None
    found = orjson.loads(body)
    return found if isinstance(found, dict) and "facts" in found else None


def _unnamed(row: db.Row) -> str:
    """Who acted where nobody is named: somebody at the door, or what runs by itself."""
    at_the_door = row["action"].startswith(("session.", "password.", "identifier.", "email."))
    return sentence.SOMEBODY if at_the_door and row["actor_id"] is None else sentence.PLATFORM_ITSELF


@dataclass(frozen=True)
class _Person:
    name: str
    home: int


async def _people(rows: Sequence[db.Row], details: Mapping[int, dict[str, Any] | None]) -> dict[int, _Person]:
    wanted = {row["actor_id"] for row in rows}
    wanted |= {row["subject_id"] for row in rows if row["subject_type"] == "User"}
    for facts in ((detail or {}).get("facts") or {} for detail in details.values()):
        wanted |= {facts.get("copied_from"), *_members(facts, "added"), *_members(facts, "removed")}
    columns = "u.id, u.establishment_id, u.first_name, u.last_name, u.erased_at"
    found = await by_ids.fetch(columns, "users u", "u.id", _numbers(wanted))
    return {one["id"]: _Person(_name(one), one["establishment_id"]) for one in found}


def _members(facts: Mapping[str, Any], fact: str) -> list[Any]:
    """The accounts added to a delegation, or removed from it: names are looked up, and never kept in the journal."""
    several = facts.get(fact)
    return several if isinstance(several, list) else []


def _of_members(facts: Mapping[str, Any], people: Mapping[int, _Person]) -> tuple[sentence.Change, ...]:
    names = {
        fact: ", ".join(people[one].name for one in _members(facts, fact) if one in people)
        for fact in ("added", "removed")
    }
    told = (
        sentence.Change("Personnes ajoutées", None, names["added"] or None),
        sentence.Change("Personnes retirées", names["removed"] or None, None),
    )
    return tuple(one for one in told if one.before or one.after)


def _name(person: db.Row) -> str:
    if person["erased_at"] is not None:
        return f"une personne partie (compte n° {person['id']})"
    return f"{person['first_name']} {person['last_name']}"


async def _labels(column: str, table: str, wanted: Iterable[Any]) -> dict[Any, str]:
    found = await by_ids.fetch(f"t.id, t.{column}", f"{table} t", "t.id", _numbers(wanted))
    return {one["id"]: one[column] for one in found}


def _establishments(rows: Sequence[db.Row], details: Mapping[int, dict[str, Any] | None]) -> set[Any]:
    wanted = {row["establishment_id"] for row in rows} | {row["on_behalf_of_id"] for row in rows}
    wanted |= {row["subject_id"] for row in rows if row["subject_type"] == "Establishment"}
    for detail in details.values():
        wanted |= sentence.establishments_in((detail or {}).get("changes") or {})
    return wanted


def _numbers(wanted: Iterable[Any]) -> list[int]:
    return sorted(one for one in set(wanted) if type(one) is int)


async def _letters(viewer: Viewer, rows: Sequence[db.Row]) -> dict[int, str]:
    """The letters that the viewer sees; an administrator without the right is told only of « un courrier »."""
    wanted = _numbers(row["subject_id"] for row in rows if row["subject_type"] == "Courrier")
    sql = Sql()
    seen = access.courriers(sql, viewer, "c", one_by_one=True)
    found = await by_ids.fetch("c.id, c.reference, c.subject", "courriers c", "c.id", wanted, seen, sql=sql)
    return {one["id"]: f"le courrier « {one['subject']} » ({one['reference']})" for one in found}


def _subject(
    row: db.Row, people: Mapping[int, _Person], establishments: Mapping[Any, str], letters: Mapping[int, str]
) -> str | None:
    kind, number = row["subject_type"], row["subject_id"]
    if kind == "User":
        return people[number].name if number in people else f"une personne partie (compte n° {number})"
    if kind == "Establishment":
        return establishments.get(number)
    if kind == "Courrier":
        return letters.get(number, "un courrier")
    return None
