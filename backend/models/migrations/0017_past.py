"""What was and is no more is kept, and told again from the journal as far as it goes (R-JRN-04)."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.operations import TortoiseOperation

from backend import clock
from backend import database as db
from backend.database.fields import InstantField
from backend.database.operations import AddChecks, AddColumn, AppendOnly, Together

TOLD = (
    "right.changed",
    "user.deleted",
    "user.reopened",
    "user.profile_changed",
    "password.set",
    "delegation.members_changed",
    "courrier_type.defined",
)
LEVELS = {"READ": 1, "MODIFY": 2}
TOGETHER = 2_000


class TellThePast(TortoiseOperation):
    """What the journal still says. Since when everything is kept is a fact of the platform, where it is not new."""

    async def database_forward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Read the events in their order."""
        if state_editor is None or state_editor.collect_sql:
            return
        if not await db.rows("SELECT id FROM users LIMIT 1"):
            return
        now = int(clock.to_microseconds(clock.now()))
        await db.execute("INSERT INTO platform_facts (name, value) VALUES ('past_kept_since', $1)", [str(now)])
        await _Past(
            await _accounts(), await _services(), await _delegations(), [one async for one in _events()]
        ).write()

    async def database_backward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """The rows go with their tables."""
        if state_editor is not None and not state_editor.collect_sql:
            await db.execute("DELETE FROM platform_facts WHERE name = 'past_kept_since'")


async def _accounts() -> dict[int, db.Row]:
    columns = "id, created_at, expires_on, deleted_at, is_administrator, password_hash IS NOT NULL AS has_password"
    return {one["id"]: one for one in await db.rows(f"SELECT {columns} FROM users")}


async def _services() -> dict[str, int]:
    return {one["code"]: one["id"] for one in await db.rows("SELECT id, code FROM services")}


async def _delegations() -> dict[int, int]:
    """When each was decided, or else asked for: nobody acted through it before."""
    found = await db.rows("SELECT id, COALESCE(decided_at, requested_at) AS since FROM delegations")
    return {one["id"]: one["since"] for one in found}


async def _events() -> Any:
    last, listed = 0, ", ".join(f"'{one}'" for one in TOLD)
    while found := await db.rows(
        "SELECT e.id, e.action, e.occurred_at, e.subject_id, d.body FROM audit_events e "
        f"LEFT JOIN audit_details d ON d.event_id = e.id WHERE e.action IN ({listed}) AND e.id > $1 "
        f"ORDER BY e.id LIMIT {TOGETHER}",
        [last],
    ):
        last = found[-1]["id"]
        for one in found:
            said = orjson.loads(one["body"]) if one["body"] else {}
            yield {**one, "changes": said.get("changes") or {}, "facts": said.get("facts") or {}}


class _Past:
    """What each event ends, from what came before it."""

    def __init__(
        self,
        accounts: dict[int, db.Row],
        services: dict[str, int],
        delegations: dict[int, int],
        events: list[dict[str, Any]],
    ) -> None:
        self.accounts, self.services, self.delegations, self.events = accounts, services, delegations, events
        self.held_since: dict[tuple[int, str], int] = {}
        self.member_since: dict[tuple[int, int], int] = {}
        self.profiles: dict[int, list[tuple[int, bool]]] = defaultdict(list)
        """Until when each account had which profile, in order."""
        for one in events:
            if one["action"] == "user.profile_changed" and "profile" in one["changes"]:
                was = one["changes"]["profile"][0] == "ADMINISTRATOR"
                self.profiles[one["subject_id"]].append((one["occurred_at"], was))
        set_by_link = {one["subject_id"] for one in events if one["action"] == "password.set"}
        self.in_use: dict[int, int] = {
            number: one["created_at"]
            for number, one in accounts.items()
            if one["has_password"] and number not in set_by_link
        }
        self.rights: list[tuple[int, ...]] = []
        self.members: list[tuple[int, ...]] = []
        self.used: list[tuple[int, bool, int, int]] = []
        self.types: list[tuple[int, ...]] = []

    async def write(self) -> None:
        """All of it."""
        for one in self.events:
            getattr(self, "_" + one["action"].replace(".", "_"))(one, one["subject_id"], one["occurred_at"])
        await db.insert_many("past_rights", ("user_id", "service_id", "level", "since", "until"), self.rights)
        await db.insert_many("past_members", ("delegation_id", "user_id", "since", "until"), self.members)
        await db.insert_many("past_accounts", ("user_id", "is_administrator", "since", "until"), self.used)
        await db.insert_many("past_type_services", ("type_id", "service_id", "until"), self.types)
        since = [(instant, number) for number, instant in self.in_use.items() if instant != self._made(number)]
        await db.execute_many("UPDATE users SET in_use_since = $1 WHERE id = $2", since)

    def _made(self, user_id: int) -> int:
        return int(self.accounts[user_id]["created_at"]) if user_id in self.accounts else 0

    def _right_changed(self, one: dict[str, Any], user_id: int, until: int) -> None:
        for code, (before, after) in one["changes"].items():
            self._no_more_right(user_id, code, LEVELS.get(before, 0), until)
            if after in LEVELS:
                self.held_since[user_id, code] = until

    def _no_more_right(self, user_id: int, code: str, level: int, until: int) -> None:
        since = self.held_since.pop((user_id, code), self._made(user_id))
        if level and code in self.services and user_id in self.accounts and since <= until:
            self.rights.append((user_id, self.services[code], level, since, until))

    def _user_deleted(self, one: dict[str, Any], user_id: int, until: int) -> None:
        for code, level in (one["facts"].get("rights") or {}).items():
            self._no_more_right(user_id, code, level, until)
        for delegation_id in one["facts"].get("delegations") or ():
            self._no_more_member(delegation_id, user_id, until)
        if user_id in self.accounts:
            self._no_more_used(user_id, until, self.accounts[user_id]["expires_on"])

    def _user_reopened(self, one: dict[str, Any], user_id: int, until: int) -> None:
        if "expires_on" in one["changes"]:
            self._no_more_used(user_id, until, one["changes"]["expires_on"][0])

    def _user_profile_changed(self, one: dict[str, Any], user_id: int, until: int) -> None:
        if user_id in self.in_use:
            self._no_more_used(user_id, until)
            self.in_use[user_id] = until

    def _no_more_used(self, user_id: int, until: int, last_day: str = "9999-12-31") -> None:
        since = self.in_use.pop(user_id, None)
        end = min(until, int(clock.to_microseconds(clock.end_of_day(date.fromisoformat(last_day)))))
        if since is not None and since < end:
            self.used.append((user_id, self._administered(user_id, until), since, end))

    def _administered(self, user_id: int, until: int) -> bool:
        later = (was for instant, was in self.profiles[user_id] if instant >= until)
        return next(later, bool(self.accounts[user_id]["is_administrator"]))

    def _password_set(self, _: dict[str, Any], user_id: int, since: int) -> None:
        if user_id in self.accounts:
            self.in_use.setdefault(user_id, since)

    def _delegation_members_changed(self, one: dict[str, Any], delegation_id: int, instant: int) -> None:
        for user_id in one["facts"].get("removed") or ():
            self._no_more_member(delegation_id, user_id, instant)
        for user_id in one["facts"].get("added") or ():
            self.member_since[delegation_id, user_id] = instant

    def _no_more_member(self, delegation_id: int, user_id: int, until: int) -> None:
        since = self.member_since.pop((delegation_id, user_id), self.delegations.get(delegation_id))
        if since is not None and user_id in self.accounts and since <= until:
            self.members.append((delegation_id, user_id, since, until))

    def _courrier_type_defined(self, one: dict[str, Any], type_id: int, until: int) -> None:
        before = one["changes"].get("service_id", (None,))[0]
        if before is not None:
            self.types.append((type_id, before, until))


def _refers(name: str, model: str, *, db_index: bool = False) -> tuple[str, Any]:
    return name, fields.ForeignKeyField(
        f"peps.{model}",
        source_field=f"{name}_id",
        db_index=db_index or None,
        db_constraint=True,
        to_field="id",
        on_delete=OnDelete.RESTRICT,
    )


def _instant(name: str) -> tuple[str, Any]:
    return name, InstantField(generated=False, unique=False)


def _table(model: str, table: str, index: Index, *columns: tuple[str, Any]) -> Iterator[Any]:
    number = ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True))
    options = {"table": table, "app": "peps", "indexes": [index], "pk_attr": "id"}
    yield ops.CreateModel(name=model, fields=[number, *columns], options=options, bases=["Model"])


_PERIOD = (_instant("since"), _instant("until"))


class Migration(migrations.Migration):
    """Four tables that are only added to, and since when an account can be used as it is."""

    dependencies = [("peps", "0016_reading")]

    operations = [
        Together(
            AddColumn(
                "User",
                "users",
                "in_use_since",
                InstantField(null=True, generated=False, unique=False),
                sqlite="BIGINT",
                postgres="BIGINT",
            ),
            *_table(
                "PastRight",
                "past_rights",
                Index(fields=["user_id", "service_id"], name="past_rights_by_user"),
                _refers("user", "User"),
                _refers("service", "Service", db_index=True),
                ("level", fields.SmallIntField()),
                *_PERIOD,
            ),
            *_table(
                "PastMember",
                "past_members",
                Index(fields=["delegation_id", "user_id"], name="past_members_by_delegation"),
                _refers("delegation", "Delegation"),
                _refers("user", "User", db_index=True),
                *_PERIOD,
            ),
            *_table(
                "PastAccount",
                "past_accounts",
                Index(fields=["user_id"], name="past_accounts_by_user"),
                _refers("user", "User"),
                ("is_administrator", fields.BooleanField()),
                *_PERIOD,
            ),
            *_table(
                "PastTypeService",
                "past_type_services",
                Index(fields=["type_id", "until"], name="past_type_services_by_type"),
                _refers("type", "CourrierType"),
                _refers("service", "Service", db_index=True),
                _instant("until"),
            ),
            AddChecks(
                "past_rights",
                {"past_rights_level": "level IN (1, 2)", "past_rights_period": "since <= until"},
            ),
            AddChecks("past_members", {"past_members_period": "since <= until"}),
            AddChecks("past_accounts", {"past_accounts_period": "since <= until"}),
            TellThePast(),
            *(AppendOnly(table) for table in ("past_rights", "past_members", "past_accounts", "past_type_services")),
        )
    ]
