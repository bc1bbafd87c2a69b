"""Finding C: what the database refuses by itself. Every constraint of the migrations has its bad row here."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.fields.relational import ForeignKeyFieldInstance

from backend import models
from backend.database import dialect, execute, rows
from backend.database.operations import AddChecks, AddIndex, AppendOnly, Together
from tests.database.world import NOON, WORLD, Row, fill, insert

BAD_ROWS: dict[str, list[Row]] = {
    "funds_code": [{"code": "SNCF"}],
    "services_online_since": [{"online_since": "01/01/2021"}],
    "establishments_siret": [{"siret": "123"}],
    "establishments_name": [{"name": ""}],
    "establishments_category": [{"category": "COMPANY"}],
    "establishments_registered_on": [{"registered_on": "2020"}],
    "users_civility": [{"civility": "MLLE"}],
    "users_expires_on": [{"expires_on": "tomorrow"}],
    "users_email": [{"email": "luc"}, {"email": "@cdg.example"}, {"email": "luc@"}],
    "users_failed_sign_ins": [{"failed_sign_ins": -1}],
    "users_names": [{"first_name": ""}, {"last_name": ""}],
    "expiry_steps_days": [{"days_before": 3}],
    "expiry_steps_expires_on": [{"expires_on": "soon"}],
    "delegation_steps_kind": [{"kind": "MAYBE"}],
    "delegation_steps_days": [{"days_before": 7}],
    "delegation_steps_due_on": [{"due_on": "soon"}],
    "sessions_transport": [{"transport": "FAX"}],
    "links_purpose": [{"purpose": "FUN"}],
    "links_used_or_revoked": [{"used_at": NOON, "revoked_at": NOON}],
    "second_factors_kind": [{"kind": "SMS"}],
    "challenges_purpose": [{"purpose": "FUN"}],
    "challenges_failures": [{"failures": -1}],
    "idempotency_keys_hash": [{"request_hash": "h"}],
    "rights_level": [{"level": 0}, {"level": 3}],
    "terms_published_on": [{"published_on": "soon"}],
    "terms_body_sha256": [{"body_sha256": "a"}],
    "delegations_status": [{"status": "MAYBE"}],
    "delegations_not_itself": [{"centralisateur_id": 1, "delegataire_id": 1}],
    "delegations_decided": [
        {"status": status, "decided_at": None, "refusal_reason": "…"} for status in ("ACCEPTED", "REFUSED", "ENDED")
    ],
    "delegations_reason": [{"status": "REFUSED", "refusal_reason": None}],
    "delegations_dates": [{"starts_on": "2024-01-02", "ends_on": "2024-01-01"}],
    "delegation_services_asked": [{"level_asked": 0, "level_granted": None}, {"level_asked": 3}],
    "delegation_services_granted": [{"level_granted": 0}, {"level_asked": 1, "level_granted": 2}],
    "courrier_types_channel": [{"channel": "PIGEON"}],
    "courrier_types_retention": [{"retention_months": 0}],
    "courrier_types_available_since": [{"available_since": "2021"}],
    "documents_sha256": [{"sha256": "b"}],
    "documents_size": [{"size": 0}],
    "documents_whole": [{"size": None}, {"stored_at": None}],
    "uploads_owner": [{"user_id": None, "api_client_id": None}, {"user_id": 1, "api_client_id": 1}],
    "courriers_reference": [{"reference": ""}],
    "courriers_subject": [{"subject": ""}],
    "courriers_letter_date": [{"letter_date": "1er mars"}],
    "courriers_due_on": [{"due_on": "bientôt"}],
    "courriers_fiscal_year": [{"fiscal_year": 24}, {"fiscal_year": 2201}],
    "courriers_depositor": [{"deposited_by_id": 1, "deposited_by_client_id": 1}],
    "courriers_not_itself": [{"replaces_id": 2}],
    "courriers_opened": [{"first_opened_at": NOON}, {"first_opened_by_id": 1}],
    "courriers_withdrawn": [
        {"withdrawn_at": None, "withdrawn_by_id": 1},
        {"withdrawn_at": None, "withdrawn_by_id": None, "withdrawal_reason": "…"},
    ],
    "courriers_removed_is_withdrawn": [{"withdrawn_at": None, "removed_at": NOON}],
    "courriers_acknowledged": [{"acknowledged_at": NOON}, {"acknowledged_by_id": 1}],
    "courrier_facts_kind": [{"kind": "LOST"}],
    "courrier_facts_reader": [{"kind": kind, "actor_id": None} for kind in ("OPENED", "DOWNLOADED", "ACKNOWLEDGED")],
    "saved_views_name": [{"name": ""}],
    "courrier_exports_form": [{"form": "PDF"}],
    "deposit_batches_status": [{"status": "LOST"}],
    "deposit_lines_outcome": [{"courrier_id": 1, "rejection_code": "UNKNOWN_SIRET"}],
    "deposit_lines_known_outcome": [{"outcome": "LOST", "courrier_id": None}],
    "deposit_lines_rejected": [
        {"outcome": "REJECTED", "courrier_id": None},
        {"outcome": "READY", "courrier_id": None, "rejection_code": "UNKNOWN_SIRET"},
    ],
    "deposit_lines_deposited": [{"outcome": "READY"}, {"courrier_id": None}],
    "past_rights_level": [{"level": 0}, {"level": 3}],
    "past_rights_period": [{"until": NOON - 1}],
    "past_members_period": [{"until": NOON - 1}],
    "past_accounts_period": [{"until": NOON - 1}],
    "notifications_status": [{"status": "LOST"}],
    "notifications_kind": [{"kind": "SPAM"}],
    "notifications_sent": [{"status": "SENT", "sent_at": None}],
    "notifications_attempts": [{"attempts": -1}],
    "notifications_bounced": [{"status": "FAILED", "bounced_at": NOON}],
    "courrier_types_safety_net": [{"remind_after": -1}, {"escalate_after": 366}, {"follow_up_after": -1}],
    "courriers_net_step": [{"net_step": 4}, {"net_step": -1}],
    "notification_preferences_rhythm": [{"new_courriers": "HOURLY"}],
    "reading_reminders_outcome": [{"outcome": "LOST", "emails": 0}],
    "reading_reminders_told": [{"told_at": None}, {"outcome": "WAITING", "emails": 0}],
    "reading_reminders_emails": [{"emails": 0}, {"outcome": "NOBODY"}],
    "audit_events_actor": [{"actor_id": 1, "api_client_id": 1}],
    "audit_events_hashes": [{"hash": "h"}, {"previous_hash": "h"}, {"detail_hash": "h"}],
}
"""The name of a CHECK -> what makes the second valid row of its table a bad one."""

MIGRATIONS = sorted(path.stem for path in Path(models.__path__[0], "migrations").glob("0*.py"))
TABLES = {getattr(models, name)._meta.db_table: getattr(models, name)._meta for name in models.__all__}


def operations() -> Iterator[Any]:
    for name in MIGRATIONS:
        for one in importlib.import_module(f"backend.models.migrations.{name}").Migration.operations:
            yield from one.operations if isinstance(one, Together) else [one]


CHECKS = {name: one.table for one in operations() if isinstance(one, AddChecks) for name in one.checks}
APPEND_ONLY = {one.table: one.columns for one in operations() if isinstance(one, AppendOnly)}


def uniques(table: str) -> list[tuple[str, ...]]:
    """Every unique set of columns of a table, but the number that the database gives."""
    meta = TABLES[table]
    columns = meta.fields_db_projection
    found = [(columns[name],) for name, field in meta.fields_map.items() if name in columns and field.unique]
    found += [(str(one.source_field),) for one in meta.fields_map.values() if _is_relation(one) and one.unique]
    found += [tuple(together) for together in meta.unique_together]
    for one in operations():
        if isinstance(one, AddIndex) and one.unique and one.on.startswith(f"{table} ("):
            found.append(tuple(one.on.removeprefix(f"{table} (").removesuffix(")").split(", ")))
    return sorted(set(found) - {("id",)})


def foreign_keys(table: str) -> dict[str, str]:
    """Each column that refers to a table, and which."""
    return {
        str(field.source_field): TABLES_BY_MODEL[field.model_name]
        for field in TABLES[table].fields_map.values()
        if _is_relation(field)
    }


def _is_relation(field: Any) -> bool:
    return isinstance(field, ForeignKeyFieldInstance)


TABLES_BY_MODEL = {f"peps.{name}": getattr(models, name)._meta.db_table for name in models.__all__}


async def refusal(table: str, row: Row) -> str:
    """What the database answers to a row it must refuse; empty, if it takes it."""
    try:
        await insert(table, row)
    except IntegrityError as error:
        return str(error)
    return ""


def before(table: str) -> list[str]:
    """The tables that must be filled before this one."""
    return list(WORLD)[: list(WORLD).index(table)]


def test_every_table_is_in_the_world_of_these_tests() -> None:
    assert set(WORLD) == set(TABLES)


def test_every_check_of_the_migrations_has_its_bad_rows() -> None:
    assert set(BAD_ROWS) == set(CHECKS)


@pytest.mark.parametrize("table", [table for table in WORLD if table in CHECKS.values()])
async def test_every_check_refuses_its_bad_rows(table: str, database: str) -> None:
    await fill(before(table))
    first, second = WORLD[table]
    await insert(table, first)
    for check in (name for name, checked in CHECKS.items() if checked == table):
        for change in BAD_ROWS[check]:
            assert check in await refusal(table, second | change), (check, change)
    await insert(table, second)


@pytest.mark.parametrize("table", [table for table in WORLD if uniques(table)])
async def test_what_is_unique_cannot_be_twice(table: str, database: str) -> None:
    await fill(before(table))
    first, second = WORLD[table]
    await insert(table, first)
    for columns in uniques(table):
        if all(first.get(column) is None for column in columns):
            continue  # tried by a test of its own, below
        answer = await refusal(table, second | {column: first[column] for column in columns})
        if dialect() == "sqlite":
            named = ", ".join(f"{table}.{column}" for column in columns)
            assert f"UNIQUE constraint failed: {named}" in answer
        else:
            assert f"Key ({', '.join(columns)})=" in answer.replace('"', ""), columns
    await insert(table, second)


def test_only_the_replaced_courrier_needs_a_test_of_its_own() -> None:
    untried = {
        (table, columns)
        for table in WORLD
        for columns in uniques(table)
        if all(WORLD[table][0].get(column) is None for column in columns)
    }
    assert untried == {("courriers", ("replaces_id",))}


async def test_a_courrier_is_replaced_once(database: str) -> None:
    await fill([*before("courriers"), "courriers"])
    again = WORLD["courriers"][1] | {"id": 3, "reference": "R3"}
    assert "replace" in await refusal("courriers", again)
    await insert("courriers", again | {"replaces_id": 2})


async def test_an_address_is_free_again_once_its_account_is_deleted(database: str) -> None:
    await fill([*before("users"), "users"])
    again = WORLD["users"][0] | {"id": 3, "identifier": "PEP0003"}
    assert await refusal("users", again)
    await execute("UPDATE users SET deleted_at = $1 WHERE id = 1", [NOON])
    await insert("users", again)


@pytest.mark.parametrize("table", [table for table in WORLD if foreign_keys(table)])
async def test_nothing_refers_to_what_does_not_exist(table: str, database: str) -> None:
    await fill(before(table))
    for column, target in foreign_keys(table).items():
        row = next((one for one in WORLD[table] if one.get(column) is not None), WORLD[table][1])
        row = {name: value for name, value in row.items() if foreign_keys(table).get(name) != table}
        answer = await refusal(table, row | {column: "NOBODY" if target == "funds" else 999_999})
        assert "foreign key" in answer.lower(), column
    await fill([table])


@pytest.mark.parametrize("table", APPEND_ONLY)
async def test_what_is_written_stays_written(table: str, database: str) -> None:
    await fill([*before(table), table])
    whole = await rows(f'SELECT * FROM "{table}" ORDER BY id')
    for column in APPEND_ONLY[table] or TABLES[table].fields_db_projection.values():
        with pytest.raises(IntegrityError, match="append-only"):
            await execute(f'UPDATE "{table}" SET "{column}" = "{column}"')
    with pytest.raises(IntegrityError, match="append-only"):
        await execute(f'DELETE FROM "{table}" WHERE id = 1')
    assert await rows(f'SELECT * FROM "{table}" ORDER BY id') == whole


async def test_the_e_mail_of_a_fact_may_be_forgotten(database: str) -> None:
    await fill([*before("courrier_facts"), "courrier_facts"])
    await execute("DELETE FROM notifications WHERE id = 1")
    assert await rows("SELECT notification_id FROM courrier_facts WHERE id = 2") == [{"notification_id": None}]
