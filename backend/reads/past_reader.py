"""Who could read a letter on a day: told from what is, and from what was and has been kept (R-JRN-04).

It says what `access` said then: a right on the service of the letter's type, at home or through a delegation, of an
account that could be used and that nothing held back. Each of these has its periods; somebody could read while all of
them, and the letter's own, went together. Not counted, since they take no right away: the half-hour for which failed
sign-ins lock an account, and a second factor still to be enrolled.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.reads.page import Order, Page, Slice, decode, encode, is_backward, size
from backend.rules import access
from backend.rules.error import BadRequest
from backend.rules.viewer import Viewer

EVER = 2**62
"""An instant that has not come."""

ORDER = Order("past_readers", ("name", "user", "delegation", "since"), (str, int, int, int))

Period = tuple[int, int]
"""From an instant until just before another, in microseconds; EVER where it has not ended."""


@dataclass(frozen=True)
class Reader:
    """Somebody who could read, in which capacity and from when to when."""

    user_id: int
    delegation_id: int | None
    level: int
    since: int
    until: int | None
    name: str
    establishment_id: int


@dataclass(frozen=True)
class Readers:
    """The answer; `known_since` is the day since when all that is needed is kept, None where it always was."""

    found: tuple[Reader, ...]
    known_since: date | None

    async def total(self) -> int:
        """How many."""
        return len(self.found)

    async def up_to(self, limit: int) -> int:
        """How many, not counted beyond a limit."""
        return min(len(self.found), limit)

    async def page(self, slice_: Slice) -> Page:
        """A page of it. The whole is as many as may read for one establishment: it is cut, not asked for again."""
        wanted, backward = size(slice_), is_backward(slice_)
        keyed = [(_key(one), one) for one in self.found]
        if slice_.after is not None:
            after = tuple(decode(ORDER, slice_.after))
            keyed = [one for one in keyed if one[0] > after]
        if slice_.before is not None:
            before = tuple(decode(ORDER, slice_.before))
            keyed = [one for one in keyed if one[0] < before]
        kept = (keyed[-wanted:] if wanted else []) if backward else keyed[:wanted]
        more = len(keyed) > wanted
        return Page(
            [{"reader": one} for _, one in kept],
            [encode(ORDER, key) for key, _ in kept],
            has_next=slice_.before is not None if backward else more,
            has_previous=more if backward else slice_.after is not None,
        )


def _key(one: Reader) -> tuple[str, int, int, int]:
    return one.name, one.user_id, one.delegation_id or 0, one.since


@dataclass(frozen=True)
class _Letter:
    """What the letter is, and the window that is asked about."""

    establishment_id: int
    services: Mapping[int, list[Period]]
    """While its type's letters took a right on each service, and that service was open."""
    window: Period


async def on_day(viewer: Viewer, courrier_id: int, day: date) -> Readers | None:
    """Who could read a letter at one moment or another of a day in Paris; None for who may not ask.

    Raises BadRequest for a day to come: nobody knows.
    """
    if day > clock.today():
        raise BadRequest("DAY_TO_COME", "Ce jour n’est pas encore venu : choisissez aujourd’hui ou un jour passé.")
    letter = await _letter(viewer, courrier_id, day)
    if letter is None:
        return None
    paths = await _paths(letter) if letter.window[0] < letter.window[1] and letter.services else []
    people = {one["user_id"]: one for one in paths}
    usable = await _usable(people) if people else {}
    found = []
    for one in paths:
        periods = [(one["since"], EVER if one["until"] is None else one["until"])]
        if one["delegation_id"] is not None:
            periods = _both(periods, [_agreed(one)])
        periods = _both(periods, letter.services[one["service_id"]])
        periods = _both(periods, usable[one["user_id"]])
        found += [
            Reader(
                one["user_id"],
                one["delegation_id"],
                one["level"],
                since,
                None if until > int(clock.to_microseconds(clock.now())) else until,
                one["sort_name"],
                one["home_id"],
            )
            for since, until in periods
            if since < letter.window[1] and until > letter.window[0]
        ]
    return Readers(tuple(sorted(found, key=_key)), await _known_since(day))


# ---------------------------------------------------------------- periods


def _both(these: Iterable[Period], those: Sequence[Period]) -> list[Period]:
    """While the ones and the others."""
    pairs = ((max(a, c), min(b, d)) for a, b in these for c, d in those)
    return [(since, until) for since, until in pairs if since < until]


def _without(these: Iterable[Period], those: Sequence[Period]) -> list[Period]:
    """While the ones and not the others."""
    left = list(these)
    for since, until in those:
        left = [piece for a, b in left for piece in ((a, min(b, since)), (max(a, until), b)) if piece[0] < piece[1]]
    return left


def _joined(these: Iterable[Period]) -> list[Period]:
    """What follows on without a break is one."""
    whole: list[Period] = []
    for since, until in sorted(these):
        if whole and since <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(until, whole[-1][1]))
        else:
            whole.append((since, until))
    return whole


def _start(day: str) -> int:
    return int(clock.to_microseconds(clock.start_of_day(date.fromisoformat(day))))


def _end(day: str | None) -> int:
    return EVER if day is None else int(clock.to_microseconds(clock.end_of_day(date.fromisoformat(day))))


_SAID = (
    "SELECT a.subject_id, max(a.occurred_at) AS said_at FROM audit_events a "
    "WHERE a.action = '{action}' AND a.subject_type = '{subject}' GROUP BY a.subject_id"
)
"""When it was last said, of a service or of a version of the terms."""


def _taking_effect(one: db.Row, day: str) -> int:
    """The beginning of a day, or when it was decided in the course of that very day."""
    return max(_start(one[day]), one["said_at"] or 0)


# ---------------------------------------------------------------- the letter


async def _letter(viewer: Viewer, courrier_id: int, day: date) -> _Letter | None:
    sql = Sql("SELECT c.establishment_id, c.available_at, c.withdrawn_at, t.service_id, p.service_id AS earlier,")
    sql.add("p.until FROM courriers c JOIN courrier_types t ON t.id = c.type_id")
    sql.add("LEFT JOIN past_type_services p ON p.type_id = t.id")
    sql.add(f"WHERE c.id = {sql.bind(courrier_id)} AND {access.with_past_readers(sql, viewer, 'c')}")
    found = await db.rows(sql.add("ORDER BY p.until, p.id"))
    if not found:
        return None
    one = found[0]
    # Asked today, the day is not over: what is to come of it is not told.
    last = min(clock.end_of_day(day), clock.now())
    asked = (int(clock.to_microseconds(clock.start_of_day(day))), int(clock.to_microseconds(last)) + 1)
    readable = (EVER if one["available_at"] is None else one["available_at"], one["withdrawn_at"] or EVER)
    window = next(iter(_both([asked], [readable])), (0, 0))
    taken: dict[int, list[Period]] = defaultdict(list)
    since = 0
    for earlier in found:
        if earlier["until"] is not None:
            taken[earlier["earlier"]].append((since, earlier["until"]))
            since = earlier["until"]
    taken[one["service_id"]].append((since, EVER))
    open_ = await _open(list(taken))
    services = {
        number: whole
        for number, periods in taken.items()
        if (whole := _both(_both(_joined(periods), [open_[number]]), [readable]))
    }
    return _Letter(one["establishment_id"], services, window)


async def _open(service_ids: Sequence[int]) -> dict[int, Period]:
    """While each service was open (R-RGT-05): a closing is moved only while it is to come."""
    sql = Sql("SELECT s.id, s.online_since, s.closed_on, x.said_at FROM services s")
    sql.add(f"LEFT JOIN ({_SAID.format(action='service.closed', subject='Service')}) x ON x.subject_id = s.id")
    found = await db.rows(sql.add(f"WHERE s.id IN ({sql.bind_all(list(service_ids))})"))
    return {
        one["id"]: (_start(one["online_since"]), EVER if one["closed_on"] is None else _taking_effect(one, "closed_on"))
        for one in found
    }


# ---------------------------------------------------------------- rights and delegations

_RIGHTS = (
    "(SELECT user_id, service_id, level, granted_at AS since, CAST(NULL AS BIGINT) AS until FROM rights UNION ALL "
    "SELECT user_id, service_id, level, since, until FROM past_rights)"
)
_MEMBERS = (
    "(SELECT delegation_id, user_id, added_at AS since, CAST(NULL AS BIGINT) AS until FROM delegation_members "
    "UNION ALL SELECT delegation_id, user_id, since, until FROM past_members)"
)


async def _paths(letter: _Letter) -> list[db.Row]:
    """Everybody who held a right on one of the services in the window, at home or as a member of a delegation."""
    sql = Sql()
    there = sql.bind(letter.establishment_id)
    services = sql.bind_all(list(letter.services))
    begun, over = sql.bind(letter.window[1]), sql.bind(letter.window[0])

    def then(alias: str) -> str:
        return f"{alias}.since < {begun} AND ({alias}.until IS NULL OR {alias}.until > {over})"

    sql.add("SELECT u.id AS user_id, u.sort_name, u.establishment_id AS home_id, r.service_id, r.level,")
    sql.add("r.since, r.until, CAST(NULL AS BIGINT) AS delegation_id, CAST(NULL AS BIGINT) AS decided_at,")
    sql.add("CAST(NULL AS BIGINT) AS ended_at, NULL AS starts_on, NULL AS ends_on")
    sql.add(f"FROM users u JOIN {_RIGHTS} r ON r.user_id = u.id")
    sql.add(f"WHERE u.establishment_id = {there} AND r.service_id IN ({services}) AND {then('r')} UNION ALL")
    sql.add("SELECT u.id, u.sort_name, u.establishment_id, r.service_id,")
    sql.add("CASE WHEN ds.level_granted < r.level THEN ds.level_granted ELSE r.level END,")
    sql.add("CASE WHEN m.since > r.since THEN m.since ELSE r.since END,")
    sql.add("CASE WHEN m.until IS NULL OR r.until < m.until THEN r.until ELSE m.until END,")
    sql.add("d.id, d.decided_at, CASE WHEN d.status = 'ENDED' THEN d.ended_at END, d.starts_on, d.ends_on")
    sql.add(f"FROM delegations d JOIN {_MEMBERS} m ON m.delegation_id = d.id")
    sql.add("JOIN delegation_services ds ON ds.delegation_id = d.id AND ds.level_granted IS NOT NULL")
    sql.add("JOIN users u ON u.id = m.user_id AND u.establishment_id = d.centralisateur_id")
    sql.add(f"JOIN {_RIGHTS} r ON r.user_id = m.user_id AND r.service_id = ds.service_id")
    sql.add(f"WHERE d.delegataire_id = {there} AND d.status IN ('ACCEPTED', 'ENDED', 'EXPIRED')")
    sql.add(f"AND d.decided_at IS NOT NULL AND ds.service_id IN ({services}) AND {then('m')} AND {then('r')}")
    return await db.rows(sql)


def _agreed(one: db.Row) -> Period:
    """While a delegation was in force (R-DEL-04): its last day may have been put off, never once it had passed."""
    since = one["decided_at"]
    if one["starts_on"] is not None:
        since = max(since, _start(one["starts_on"]))
    return since, min(EVER if one["ended_at"] is None else one["ended_at"], _end(one["ends_on"]))


# ---------------------------------------------------------------- accounts


async def _usable(people: Mapping[int, db.Row]) -> dict[int, list[Period]]:
    """While each account could be used, and the terms did not hold it back (R-ACC-08, 11, 12, R-CGU-02)."""
    sql = Sql("SELECT u.id, u.is_operator, u.is_administrator, COALESCE(u.in_use_since, u.created_at) AS since,")
    sql.add("CAST(NULL AS BIGINT) AS until, u.expires_on FROM users u")
    sql.add(f"WHERE u.id IN ({sql.bind_all(list(people))}) AND u.password_hash IS NOT NULL AND u.deleted_at IS NULL")
    sql.add("UNION ALL SELECT p.user_id, u.is_operator, p.is_administrator, p.since, p.until, NULL")
    sql.add("FROM past_accounts p JOIN users u ON u.id = p.user_id")
    found = await db.rows(sql.add(f"WHERE p.user_id IN ({sql.bind_all(list(people))})"))
    held_back = await _held_back(sorted({one["home_id"] for one in people.values()}))
    periods: dict[int, list[Period]] = {number: [] for number in people}
    for one in found:
        whole = [(one["since"], _end(one["expires_on"]) if one["until"] is None else one["until"])]
        if not one["is_operator"]:
            administrators, everybody = held_back[people[one["id"]]["home_id"]]
            whole = _without(whole, administrators if one["is_administrator"] else everybody)
        periods[one["id"]] += whole
    return {number: _joined(one) for number, one in periods.items()}


async def _held_back(establishment_ids: Sequence[int]) -> dict[int, tuple[list[Period], list[Period]]]:
    """While terms waited to be accepted at each establishment: for its administrators; past the grace, for all."""
    said = _SAID.format(action="terms.published", subject="Terms")
    versions = await db.rows(
        f"SELECT t.id, t.published_on, x.said_at FROM terms t LEFT JOIN ({said}) x ON x.subject_id = t.id "
        "ORDER BY t.published_on, t.id"
    )
    sql = Sql("SELECT e.id, e.is_platform, e.registered_on, ta.terms_id, ta.accepted_at FROM establishments e")
    sql.add("LEFT JOIN terms_acceptances ta ON ta.establishment_id = e.id")
    accepted: dict[int, dict[int, int]] = {}
    places: dict[int, db.Row] = {}
    for one in await db.rows(sql.add(f"WHERE e.id IN ({sql.bind_all(list(establishment_ids))})")):
        places[one["id"]] = one
        known = accepted.setdefault(one["id"], {})
        if one["terms_id"] is not None:
            known[one["terms_id"]] = min(known.get(one["terms_id"], EVER), one["accepted_at"])
    told: dict[int, tuple[list[Period], list[Period]]] = {}
    for number, place in places.items():
        administrators: list[Period] = []
        everybody: list[Period] = []
        for this, following in zip_longest(versions, versions[1:]):
            if place["is_platform"]:
                break
            replaced = EVER if following is None else _taking_effect(following, "published_on")
            until = min(accepted[number].get(this["id"], EVER), replaced)
            grace = settings.current().durations.terms_grace
            first = date.fromisoformat(max(this["published_on"], place["registered_on"])) + grace
            begun = _taking_effect(this, "published_on")
            for periods, since in ((administrators, begun), (everybody, max(begun, _start(first.isoformat())))):
                if since < until:
                    periods.append((since, until))
        told[number] = (administrators, everybody)
    return told


# ---------------------------------------------------------------- how far back it is known


async def _known_since(day: date) -> date | None:
    """The day since when everything is kept, where the day asked about is before it."""
    found = await db.row("SELECT value FROM platform_facts WHERE name = 'past_kept_since'")
    if found is None:
        return None
    since = clock.paris_date(clock.from_microseconds(int(found["value"])))
    return since if day <= since else None
