"""What an inbox over thousands of establishments asks for: counts kept, and the orders of its list."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from backend.database.fields import LegalDateField
from backend.database.operations import AddIndex, DialectSQL, Together

_RAISE = "UPDATE inboxes SET version = version + 1 WHERE user_id"
_MEMBERS = "SELECT dm.user_id FROM delegation_members dm WHERE dm.delegation_id"
_NEW_EPOCH = (
    "INSERT INTO platform_facts (name, value) VALUES ('inbox_epoch', '1') ON CONFLICT (name) DO UPDATE SET "
    "value = CAST(CAST(platform_facts.value AS BIGINT) + 1 AS TEXT)"
)
_LEFT = (
    "OLD.available_at IS NOT NULL AND (OLD.withdrawn_at IS NULL) <> (NEW.withdrawn_at IS NULL) "
    "OR OLD.available_at IS NOT NULL AND OLD.available_at <> COALESCE(NEW.available_at, 0) "
    "OR OLD.type_id <> NEW.type_id OR OLD.establishment_id <> NEW.establishment_id OR OLD.fund_id <> NEW.fund_id"
)
"""What happens to a letter that was counted: no letter is counted otherwise without an entry in the feed."""

_HIDDEN = "({0}.read_at IS NOT NULL OR {0}.archived_at IS NOT NULL)"
_NOT_COUNTED_YET = (
    "EXISTS (SELECT 1 FROM feed_entries f JOIN inboxes b ON b.user_id = {0}.user_id "
    "WHERE f.courrier_id = {0}.courrier_id AND f.id > b.counted_to)"
)


def _sqlite_mark(event: str, new: bool, old: bool) -> str:
    """A mark that appears, changes or goes: the kept counts follow it."""
    row = "NEW" if new else "OLD"
    is_archived, is_hidden = [], []
    for name, sign, there in (("NEW", "+", new), ("OLD", "-", old)):
        if there:
            is_archived.append(f"{sign} ({name}.archived_at IS NOT NULL)")
            is_hidden.append(f"{sign} {_HIDDEN.format(name)}")
    return (
        f"CREATE TRIGGER inboxes_{event.lower()}_mark AFTER {event} ON courrier_marks BEGIN "
        f"UPDATE inbox_counts SET total = total - (0 {' '.join(is_archived)}), unread = unread - (0 "
        f"{' '.join(is_hidden)}) WHERE user_id = {row}.user_id "
        f"AND fund_id = (SELECT c.fund_id FROM courriers c WHERE c.id = {row}.courrier_id) "
        f"AND NOT {_NOT_COUNTED_YET.format(row)}; "
        "UPDATE inboxes SET version = version + 1, "
        "counted_version = CASE WHEN counted_version = version THEN version + 1 END "
        f"WHERE user_id = {row}.user_id; END"
    )


_SQLITE = [
    (
        "CREATE TRIGGER inboxes_of_user AFTER INSERT ON users BEGIN "
        "INSERT INTO inboxes (user_id, version) VALUES (NEW.id, 0); END"
    ),
    (
        "CREATE TRIGGER inboxes_delegation AFTER UPDATE OF status, starts_on, ends_on ON delegations "
        f"BEGIN {_RAISE} IN ({_MEMBERS} = NEW.id); END"
    ),
    *(
        f"CREATE TRIGGER inboxes_{event.lower()}_service AFTER {event} ON delegation_services "
        f"BEGIN {_RAISE} IN ({_MEMBERS} = {row}.delegation_id); END"
        for event, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ),
    *(
        f"CREATE TRIGGER inboxes_{event.lower()}_member AFTER {event} ON delegation_members "
        f"BEGIN {_RAISE} = {row}.user_id; END"
        for event, row in (("INSERT", "NEW"), ("DELETE", "OLD"))
    ),
    (
        "CREATE TRIGGER inboxes_courrier AFTER UPDATE OF available_at, withdrawn_at, type_id, establishment_id, "
        f"fund_id ON courriers WHEN {_LEFT} BEGIN {_NEW_EPOCH}; END"
    ),
    (
        "CREATE TRIGGER inboxes_type AFTER UPDATE OF service_id ON courrier_types "
        f"WHEN OLD.service_id <> NEW.service_id BEGIN {_NEW_EPOCH}; END"
    ),
    _sqlite_mark("INSERT", new=True, old=False),
    _sqlite_mark("UPDATE", new=True, old=True),
    _sqlite_mark("DELETE", new=False, old=True),
]
_SQLITE_TRIGGERS = [one.split()[2] for one in _SQLITE]

_POSTGRES_FUNCTIONS = {
    "inboxes_made": "BEGIN INSERT INTO inboxes (user_id, version) SELECT id, 0 FROM made; RETURN NULL; END",
    "inboxes_raised": (
        # In order of accounts: two delegations that end at once never wait for each other.
        "BEGIN PERFORM 1 FROM inboxes WHERE user_id IN ("
        "SELECT dm.user_id FROM delegation_members dm WHERE dm.delegation_id = "
        "CASE WHEN TG_TABLE_NAME = 'delegations' THEN (to_jsonb(NEW) ->> 'id')::bigint "
        "WHEN TG_OP = 'DELETE' THEN (to_jsonb(OLD) ->> 'delegation_id')::bigint "
        "ELSE (to_jsonb(NEW) ->> 'delegation_id')::bigint END) ORDER BY user_id FOR UPDATE; "
        f"{_RAISE} IN (SELECT dm.user_id FROM delegation_members dm WHERE dm.delegation_id = "
        "CASE WHEN TG_TABLE_NAME = 'delegations' THEN (to_jsonb(NEW) ->> 'id')::bigint "
        "WHEN TG_OP = 'DELETE' THEN (to_jsonb(OLD) ->> 'delegation_id')::bigint "
        "ELSE (to_jsonb(NEW) ->> 'delegation_id')::bigint END); RETURN NULL; END"
    ),
    "inboxes_joined": (
        "BEGIN PERFORM 1 FROM inboxes WHERE user_id IN (SELECT user_id FROM moved) ORDER BY user_id FOR UPDATE; "
        f"{_RAISE} IN (SELECT user_id FROM moved); RETURN NULL; END"
    ),
    "inboxes_left": f"BEGIN {_NEW_EPOCH}; RETURN NULL; END",
}


def _postgres_mark(event: str, new: bool, old: bool) -> tuple[str, str]:
    """The function of a statement that makes, changes or removes marks, and its trigger."""
    sides = [
        f"SELECT user_id, courrier_id, {sign}(archived_at IS NOT NULL)::int AS archived, "
        f"{sign}(read_at IS NOT NULL OR archived_at IS NOT NULL)::int AS hidden FROM {name}"
        for name, sign, there in (("made", "", new), ("gone", "-", old))
        if there
    ]
    touched = " UNION ".join(f"SELECT user_id FROM {name}" for name, there in (("made", new), ("gone", old)) if there)
    name = f"inboxes_{event.lower()}_mark"
    function = (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"PERFORM 1 FROM inboxes WHERE user_id IN ({touched}) ORDER BY user_id FOR UPDATE; "
        "UPDATE inbox_counts k SET total = k.total - d.archived, unread = k.unread - d.hidden FROM ("
        "SELECT m.user_id, c.fund_id, sum(m.archived) AS archived, sum(m.hidden) AS hidden "
        f"FROM ({' UNION ALL '.join(sides)}) m JOIN courriers c ON c.id = m.courrier_id "
        f"WHERE NOT {_NOT_COUNTED_YET.format('m')} GROUP BY m.user_id, c.fund_id) d "
        "WHERE d.user_id = k.user_id AND d.fund_id = k.fund_id; "
        "UPDATE inboxes SET version = version + 1, "
        "counted_version = CASE WHEN counted_version = version THEN version + 1 END "
        f"WHERE user_id IN ({touched}); RETURN NULL; END $$"
    )
    tables = " ".join(
        f"{which} TABLE AS {table}" for which, table, there in (("NEW", "made", new), ("OLD", "gone", old)) if there
    )
    return function, (
        f"CREATE TRIGGER {name} AFTER {event} ON courrier_marks REFERENCING {tables} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    )


_MARKS = {
    event: _postgres_mark(event, new=new, old=old)
    for event, new, old in (("INSERT", True, False), ("UPDATE", True, True), ("DELETE", False, True))
}
_POSTGRES_TRIGGERS = {
    "inboxes_of_user": (
        "users",
        "AFTER INSERT ON users REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION inboxes_made()",
    ),
    "inboxes_delegation": (
        "delegations",
        "AFTER UPDATE OF status, starts_on, ends_on ON delegations FOR EACH ROW EXECUTE FUNCTION inboxes_raised()",
    ),
    "inboxes_service": (
        "delegation_services",
        "AFTER INSERT OR UPDATE OR DELETE ON delegation_services FOR EACH ROW EXECUTE FUNCTION inboxes_raised()",
    ),
    "inboxes_insert_member": (
        "delegation_members",
        (
            "AFTER INSERT ON delegation_members REFERENCING NEW TABLE AS moved "
            "FOR EACH STATEMENT EXECUTE FUNCTION inboxes_joined()"
        ),
    ),
    "inboxes_delete_member": (
        "delegation_members",
        (
            "AFTER DELETE ON delegation_members REFERENCING OLD TABLE AS moved "
            "FOR EACH STATEMENT EXECUTE FUNCTION inboxes_joined()"
        ),
    ),
    "inboxes_courrier": (
        "courriers",
        (
            "AFTER UPDATE OF available_at, withdrawn_at, type_id, establishment_id, fund_id ON courriers FOR EACH ROW "
            f"WHEN ({_LEFT}) EXECUTE FUNCTION inboxes_left()"
        ),
    ),
    "inboxes_type": (
        "courrier_types",
        (
            "AFTER UPDATE OF service_id ON courrier_types FOR EACH ROW WHEN (OLD.service_id <> NEW.service_id) "
            "EXECUTE FUNCTION inboxes_left()"
        ),
    ),
}
_POSTGRES = [
    *(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
        for name, body in _POSTGRES_FUNCTIONS.items()
    ),
    *(f"CREATE TRIGGER {name} {what}" for name, (_, what) in _POSTGRES_TRIGGERS.items()),
    *(statement for pair in _MARKS.values() for statement in pair),
]
_POSTGRES_BACKWARD = [
    *(f"DROP TRIGGER inboxes_{event.lower()}_mark ON courrier_marks" for event in _MARKS),
    *(f"DROP TRIGGER {name} ON {table}" for name, (table, _) in _POSTGRES_TRIGGERS.items()),
    *(f"DROP FUNCTION {name}()" for name in _POSTGRES_FUNCTIONS),
    *(f"DROP FUNCTION inboxes_{event.lower()}_mark()" for event in _MARKS),
]

_EVERYBODY = "INSERT INTO inboxes (user_id, version) SELECT id, 0 FROM users ORDER BY id"
_USER: dict[str, Any] = {
    "source_field": "user_id",
    "db_constraint": True,
    "to_field": "id",
    "on_delete": OnDelete.CASCADE,
}


class Migration(migrations.Migration):
    """Two tables, the triggers that keep them right, and three indexes."""

    dependencies = [("peps", "0010_proof")]

    operations = [
        Together(
            ops.CreateModel(
                name="Inbox",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("user", fields.ForeignKeyField("peps.User", unique=True, **_USER)),
                    ("version", fields.BigIntField(default=0)),
                    ("counted_version", fields.BigIntField(null=True)),
                    ("counted_on", LegalDateField(generated=False, null=True, unique=False)),
                    ("counted_epoch", fields.BigIntField(null=True)),
                    ("counted_services", fields.TextField(null=True, unique=False)),
                    ("counted_to", fields.BigIntField(null=True)),
                    ("places", fields.BigIntField(null=True)),
                ],
                options={"table": "inboxes", "app": "peps", "pk_attr": "id"},
                bases=["Model"],
            ),
            ops.CreateModel(
                name="InboxCount",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("user", fields.ForeignKeyField("peps.User", **_USER)),
                    (
                        "fund",
                        fields.ForeignKeyField(
                            "peps.Fund",
                            source_field="fund_id",
                            db_constraint=True,
                            to_field="code",
                            on_delete=OnDelete.CASCADE,
                        ),
                    ),
                    ("total", fields.BigIntField()),
                    ("unread", fields.BigIntField()),
                ],
                options={
                    "table": "inbox_counts",
                    "app": "peps",
                    "unique_together": (("user_id", "fund_id"),),
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            AddIndex("inboxes_of_user", "inboxes (user_id)", unique=True),
            AddIndex("courriers_counted", "courriers (establishment_id, type_id, fund_id, withdrawn_at, available_at)"),
            AddIndex("courriers_by_day_of_letter", "courriers (letter_date, id)"),
            AddIndex("courriers_by_due_day", "courriers (due_on, id)", where="due_on IS NOT NULL"),
            DialectSQL(
                sqlite=[_EVERYBODY, *_SQLITE],
                sqlite_backward=[f"DROP TRIGGER {name}" for name in _SQLITE_TRIGGERS],
                postgres=[_EVERYBODY, *_POSTGRES],
                postgres_backward=_POSTGRES_BACKWARD,
            ),
        )
    ]
