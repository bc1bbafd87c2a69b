"""Migration operations of our own, written per dialect.

Tortoise's own silently skip constraints (finding C), and its SQLite rebuilds lose rows and indexes (finding B). Ours
say their SQL, forward and backward, and rebuild SQLite tables the documented way (https://sqlite.org/lang_altertable.html
section 7): new table, copy, drop, rename, indexes and triggers made again. `migrate` runs them with foreign keys
unenforced and checks them all afterwards.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tortoise.migrations import operations as ops
from tortoise.migrations.operations import TortoiseOperation


async def _run(state_editor: Any, statement: str) -> None:
    if state_editor.collect_sql:
        state_editor.collected_sql.append(statement)
    else:
        await state_editor.client.execute_query(statement)


def _dialect(state_editor: Any) -> str:
    return str(state_editor.client.capabilities.dialect)


class Together(TortoiseOperation):
    """Operations run as one: Tortoise copies the state of every model before each, three seconds for forty tables."""

    def __init__(self, *operations: Any) -> None:
        self.operations = operations

    def state_forward(self, app_label: str, state: Any) -> None:
        """Tell the models' state. What each has changed is drawn anew once for all: it is what takes time."""
        changed: set[tuple[str, str]] = set()
        state.reload_model = lambda app, name: changed.add((app, name))
        state.reload_models = changed.update
        try:
            for operation in self.operations:
                operation.state_forward(app_label, state)
        finally:
            del state.reload_model, state.reload_models
        if changed:
            state.reload_models(changed)

    async def database_forward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Apply them in order."""
        for operation in self.operations:
            await operation.database_forward(app_label, old_state, new_state, state_editor)

    async def database_backward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Undo them in the other order."""
        for operation in reversed(self.operations):
            await operation.database_backward(app_label, old_state, new_state, state_editor)


class DialectSQL(TortoiseOperation):
    """Statements for each dialect, forward and backward; each is sent whole, so triggers may hold semicolons."""

    def __init__(
        self,
        *,
        sqlite: Sequence[str],
        postgres: Sequence[str],
        sqlite_backward: Sequence[str],
        postgres_backward: Sequence[str],
    ) -> None:
        self.forward = {"sqlite": sqlite, "postgres": postgres}
        self.backward = {"sqlite": sqlite_backward, "postgres": postgres_backward}

    async def database_forward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Apply."""
        if state_editor is not None:
            for statement in self.forward[_dialect(state_editor)]:
                await _run(state_editor, statement)

    async def database_backward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Undo."""
        if state_editor is not None:
            for statement in self.backward[_dialect(state_editor)]:
                await _run(state_editor, statement)


class AddIndex(DialectSQL):
    """A (partial, unique) index written in SQL both engines understand."""

    def __init__(self, name: str, on: str, *, unique: bool = False, where: str = "") -> None:
        self.on, self.unique = on, unique
        create = f"CREATE {'UNIQUE ' if unique else ''}INDEX {name} ON {on}" + (f" WHERE {where}" if where else "")
        drop = [f"DROP INDEX {name}"]
        super().__init__(sqlite=[create], postgres=[create], sqlite_backward=drop, postgres_backward=drop)


class AddColumn(DialectSQL):
    """A nullable column; on the way back SQLite drops it in place: Tortoise would rebuild the table (finding B)."""

    def __init__(self, model: str, table: str, name: str, field: Any, *, sqlite: str, postgres: str) -> None:
        self._field = ops.AddField(model_name=model, name=name, field=field)
        drop = [f'ALTER TABLE "{table}" DROP COLUMN "{name}"']
        super().__init__(
            sqlite=[f'ALTER TABLE "{table}" ADD COLUMN "{name}" {sqlite}'],
            postgres=[f'ALTER TABLE "{table}" ADD COLUMN "{name}" {postgres}'],
            sqlite_backward=drop,
            postgres_backward=drop,
        )

    def state_forward(self, app_label: str, state: Any) -> None:
        """Tell the models' state."""
        self._field.state_forward(app_label, state)


class AppendOnly(DialectSQL):
    """Triggers that refuse to change or remove a row of a table; `columns` limits what may not change."""

    def __init__(self, table: str, columns: Sequence[str] = ()) -> None:
        self.table, self.columns = table, tuple(columns)
        changed = f"UPDATE OF {', '.join(columns)}" if columns else "UPDATE"
        message = f"{table} is append-only"
        names = {f"{table}_no_update": changed, f"{table}_no_delete": "DELETE"}
        super().__init__(
            sqlite=[
                f"CREATE TRIGGER {name} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
                for name, event in names.items()
            ],
            sqlite_backward=[f"DROP TRIGGER {name}" for name in names],
            postgres=[
                (
                    f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                    f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END $$"
                ),
                *(
                    f"CREATE TRIGGER {name} BEFORE {event} ON {table} "
                    f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
                    for name, event in names.items()
                ),
            ],
            postgres_backward=[
                *(f"DROP TRIGGER {name} ON {table}" for name in names),
                f"DROP FUNCTION {table}_append_only()",
            ],
        )


class AddChecks(TortoiseOperation):
    """CHECK constraints on one table: name -> condition, in SQL both engines understand."""

    def __init__(self, table: str, checks: Mapping[str, str]) -> None:
        self.table = table
        self.checks = dict(checks)

    async def database_forward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Add them."""
        if state_editor is None:
            return
        clauses = [f"CONSTRAINT {name} CHECK ({condition})" for name, condition in self.checks.items()]
        if _dialect(state_editor) == "postgres":
            await _run(state_editor, f"ALTER TABLE {self.table} " + ", ".join(f"ADD {one}" for one in clauses))
        else:
            await _rebuild(state_editor, self.table, lambda sql: _with_clauses(sql, clauses))

    async def database_backward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Drop them."""
        if state_editor is None:
            return
        if _dialect(state_editor) == "postgres":
            drops = ", ".join(f"DROP CONSTRAINT {name}" for name in self.checks)
            await _run(state_editor, f"ALTER TABLE {self.table} {drops}")
        else:
            clauses = [f"CONSTRAINT {name} CHECK ({condition})" for name, condition in self.checks.items()]
            await _rebuild(state_editor, self.table, lambda sql: _without_clauses(sql, clauses))


class ChangeCheck(TortoiseOperation):
    """One CHECK constraint made wider or narrower: its condition before, and after."""

    def __init__(self, table: str, name: str, *, before: str, after: str) -> None:
        self.table, self.name, self.before, self.after = table, name, before, after

    async def database_forward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """Put the one in the place of the other."""
        await self._change(state_editor, self.before, self.after)

    async def database_backward(self, app_label: Any, old_state: Any, new_state: Any, state_editor: Any = None) -> None:
        """The other way round. Raises where a row does not keep to the earlier condition."""
        await self._change(state_editor, self.after, self.before)

    async def _change(self, state_editor: Any, old: str, new: str) -> None:
        if state_editor is None:
            return
        if _dialect(state_editor) == "postgres":
            added = f"ADD CONSTRAINT {self.name} CHECK ({new})"
            await _run(state_editor, f"ALTER TABLE {self.table} DROP CONSTRAINT {self.name}, {added}")
        else:
            clause = f"CONSTRAINT {self.name} CHECK ({{}})"
            await _rebuild(state_editor, self.table, lambda sql: _replaced(sql, clause.format(old), clause.format(new)))


def _replaced(create: str, old: str, new: str) -> str:
    if old not in create:
        raise ValueError(f"{old} is not in the table's definition")
    return create.replace(old, new)


def _with_clauses(create: str, clauses: Sequence[str]) -> str:
    body, closing, rest = create.rpartition(")")
    return body.rstrip() + "".join(f",\n    {clause}" for clause in clauses) + "\n" + closing + rest


def _without_clauses(create: str, clauses: Sequence[str]) -> str:
    for clause in clauses:
        if clause not in create:
            raise ValueError(f"{clause} is not in the table's definition")
        create = create.replace(f",\n    {clause}", "")
    return create


async def _rebuild(state_editor: Any, table: str, change: Any) -> None:
    client = state_editor.client
    if state_editor.collect_sql:
        state_editor.collected_sql.append(f"-- rebuild of {table}")
        return
    made = await client.execute_query_dict(
        "SELECT type, sql FROM sqlite_master WHERE tbl_name = $1 AND sql IS NOT NULL ORDER BY type = 'table' DESC",
        [table],
    )
    create = made[0]["sql"]
    name = f'"{table}"'
    if name not in create:
        raise ValueError(f"the definition of {table} does not quote its name")
    columns = ", ".join(
        f'"{column["name"]}"' for column in await client.execute_query_dict(f"PRAGMA table_info({name})")
    )
    await client.execute_query(change(create).replace(name, f'"{table}__new"', 1))
    await client.execute_query(f'INSERT INTO "{table}__new" ({columns}) SELECT {columns} FROM {name}')
    sequence = await client.execute_query_dict("SELECT seq FROM sqlite_sequence WHERE name = $1", [table])
    await client.execute_query(f"DROP TABLE {name}")
    # Triggers of other tables name this one, which is not there for a moment: not to be looked at now.
    await client.execute_query("PRAGMA legacy_alter_table=ON")
    await client.execute_query(f'ALTER TABLE "{table}__new" RENAME TO {name}')
    await client.execute_query("PRAGMA legacy_alter_table=OFF")
    if sequence:  # AUTOINCREMENT never gives a number twice, not even after a rebuild
        await client.execute_query("DELETE FROM sqlite_sequence WHERE name = $1", [table])
        await client.execute_query(
            "INSERT INTO sqlite_sequence (name, seq) VALUES ($1, $2)", [table, sequence[0]["seq"]]
        )
    for one in made[1:]:
        await client.execute_query(one["sql"])
