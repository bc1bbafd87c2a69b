"""What a person's own world is made of, to tell when it changes (R-DEL-08, R-ACC-06)."""

from dataclasses import dataclass

from backend import database as db
from backend.database.sql import Sql
from backend.rules import access
from backend.rules.viewer import Viewer

RIGHTS, PROFILE, DELEGATIONS = "RIGHTS", "PROFILE", "DELEGATIONS"
DELEGATION_REQUESTS, TERMS, EXPIRY = "DELEGATION_REQUESTS", "TERMS", "EXPIRY"


@dataclass(frozen=True)
class World:
    """A person's world at an instant. `delegations`: those in force through which they act, and what each allows.
    `requests`: for an administrator, how many wait for their decision, and the last of them.
    """

    profile: tuple[bool, bool]
    held_back: str | None
    expires_on: str | None
    rights: frozenset[tuple[int, int]]
    delegations: dict[int, frozenset[tuple[int, int]]]
    requests: tuple[int, int]

    def changes_since(self, before: "World") -> tuple[str, ...]:
        """The kinds of what differs from an earlier one."""
        pairs = {
            RIGHTS: (before.rights, self.rights),
            PROFILE: (before.profile, self.profile),
            DELEGATIONS: (before.delegations, self.delegations),
            DELEGATION_REQUESTS: (before.requests, self.requests),
            TERMS: (before.held_back, self.held_back),
            EXPIRY: (before.expires_on, self.expires_on),
        }
        return tuple(kind for kind, (then, now) in pairs.items() if then != now)

    def begun_since(self, before: "World") -> list[int]:
        """Delegations through which they act now and did not."""
        return sorted(set(self.delegations) - set(before.delegations))

    def ended_since(self, before: "World") -> list[int]:
        """Delegations through which they acted and do not any more."""
        return sorted(set(before.delegations) - set(self.delegations))


async def world(viewer: Viewer) -> World:
    """A viewer's world now, by two statements, however many delegations there are."""
    sql = Sql("SELECT u.expires_on, count(d.id) AS requests, COALESCE(max(d.id), 0) AS last_request FROM users u")
    sql.add("LEFT JOIN delegations d ON u.is_administrator")
    sql.add(f"AND d.delegataire_id = {sql.bind(viewer.establishment_id)}")
    sql.add(f"AND {access.delegation_status(sql, 'd')} = 'PENDING'")
    sql.add(f"WHERE u.id = {sql.bind(viewer.user_id)} GROUP BY u.id, u.expires_on")
    found = await db.row(sql)
    rights: set[tuple[int, int]] = set()
    delegations: dict[int, set[tuple[int, int]]] = {}
    if viewer.establishment_id is not None:
        sql = Sql()
        sql.add(f"SELECT delegation_id, service_id, level FROM ({access.levels_held(sql, viewer)}) held")
        for one in await db.rows(sql):
            held = (one["service_id"], one["level"])
            if one["delegation_id"] is None:
                rights.add(held)
            else:
                delegations.setdefault(one["delegation_id"], set()).add(held)
    return World(
        profile=(viewer.is_administrator, viewer.is_operator),
        held_back=viewer.held_back,
        expires_on=found["expires_on"] if found else None,
        rights=frozenset(rights),
        delegations={number: frozenset(several) for number, several in delegations.items()},
        requests=(int(found["requests"]), int(found["last_request"])) if found else (0, 0),
    )
