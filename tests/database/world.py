"""Two valid rows for each table, different wherever the table asks for it: what bad rows are made from.

Written as columns, not as models, so that they can be put into the database of any migration.
"""

from collections.abc import Iterable
from typing import Any

from backend.database import execute, rows
from tests.rules.tables import names

Row = dict[str, Any]

NOON = 1_790_000_000_000_000
"""An instant, in microseconds."""

_A, _B = "a" * 64, "b" * 64

# In the order in which foreign keys want them.
WORLD: dict[str, tuple[Row, Row]] = {
    "api_clients": (
        {"id": 1, "name": "Chaîne CNRACL", "token_hash": _A, "scopes": "deposit", "created_at": NOON},
        {"id": 2, "name": "Logiciel RH", "token_hash": _B, "scopes": "read", "created_at": NOON},
    ),
    "funds": (
        {"code": "CNRACL", "label": "CNRACL", "position": 1},
        {"code": "IRCANTEC", "label": "Ircantec", "position": 2},
    ),
    "platform_facts": ({"name": "demonstration", "value": "small"}, {"name": "schema", "value": "1"}),
    "job_runs": ({"name": "outbox"}, {"name": "reminders", "last_started_at": NOON}),
    "issued_identifiers": ({"value": "PEP0001", "issued_at": NOON}, {"value": "PEP0002", "issued_at": NOON}),
    "stranger_sign_ins": (
        {"identifier_hash": _A, "failed_sign_ins": 1, "last_at": NOON},
        {"identifier_hash": _B, "failed_sign_ins": 2, "last_at": NOON},
    ),
    "establishments": (
        {
            "id": 1, "siret": "21330063500017", "name": "Commune de Bordeaux", "sort_name": "bordeaux",
            "search_text": "commune de bordeaux", "category": "COMMUNE", "postal_code": "33000", "city": "Bordeaux",
            "departement": "33", "is_centralisateur": False, "is_platform": False, "registered_on": "2020-01-01",
        },
        {
            "id": 2, "siret": "28330001700018", "name": "CDG 33", "sort_name": "cdg 33", "search_text": "cdg 33",
            "category": "CENTRE_DE_GESTION", "postal_code": "33000", "city": "Bordeaux", "departement": "33",
            "is_centralisateur": True, "is_platform": False, "registered_on": "2020-01-02",
        },
    ),
    "contracts": (
        {"id": 1, "establishment_id": 1, "fund_id": "CNRACL", "number": "A1"},
        {"id": 2, "establishment_id": 2, "fund_id": "IRCANTEC", "number": "B2"},
    ),
    "services": (
        {
            "id": 1, "code": "COURRIERS", "label": "Courriers", "description": "…", "theme": "Échanges", "position": 1,
            "is_delegable": True, "online_since": "2021-01-01",
        },
        {
            "id": 2, "code": "DSN", "label": "DSN", "description": "…", "theme": "Déclarations", "position": 2,
            "is_delegable": False, "online_since": "2021-01-01", "closed_on": "2024-12-31",
        },
    ),
    "service_funds": (
        {"id": 1, "service_id": 1, "fund_id": "CNRACL"},
        {"id": 2, "service_id": 2, "fund_id": "IRCANTEC"},
    ),
    "courrier_types": (
        {
            "id": 1, "code": "RELANCE", "label": "Relance", "fund_id": "CNRACL", "service_id": 1, "channel": "DIGITAL",
            "notifies_by_email": True, "retention_months": 120, "available_since": "2021-01-01",
        },
        {
            "id": 2, "code": "APPEL", "label": "Appel", "fund_id": "IRCANTEC", "service_id": 2,
            "channel": "DIGITAL_AND_POST", "notifies_by_email": False, "retention_months": 60,
            "available_since": "2021-01-01",
        },
    ),
    "users": (
        {
            "id": 1, "establishment_id": 1, "identifier": "PEP0001", "civility": "MADAME", "first_name": "Ada",
            "last_name": "Œuvrard", "sort_name": "oeuvrard ada", "search_text": "ada oeuvrard",
            "email": "Ada@bordeaux.example", "email_key": "ada@bordeaux.example", "is_administrator": True,
            "is_operator": False, "created_at": NOON, "expires_on": "2027-06-30", "failed_sign_ins": 0,
        },
        {
            "id": 2, "establishment_id": 2, "identifier": "PEP0002", "first_name": "Luc", "last_name": "Hérault",
            "sort_name": "herault luc", "search_text": "luc herault", "email": "luc@cdg.example",
            "email_key": "luc@cdg.example", "is_administrator": False, "is_operator": False, "created_at": NOON,
            "expires_on": "2027-06-30", "failed_sign_ins": 4,
        },
    ),
    "service_reviews": (
        {"id": 1, "establishment_id": 1, "service_id": 1, "reviewed_by_id": 1, "reviewed_at": NOON},
        {"id": 2, "establishment_id": 2, "service_id": 2, "reviewed_by_id": 2, "reviewed_at": NOON},
    ),
    "sessions": (
        {
            "id": 1, "token_hash": _A, "transport": "COOKIE", "user_id": 1, "created_at": NOON, "last_seen_at": NOON,
            "expires_at": NOON,
        },
        {
            "id": 2, "token_hash": _B, "transport": "TOKEN", "user_id": 2, "acting_for_id": 1, "created_at": NOON,
            "last_seen_at": NOON, "expires_at": NOON,
        },
    ),
    "links": (
        {"id": 1, "token_hash": _A, "purpose": "INVITATION", "user_id": 1, "created_at": NOON, "expires_at": NOON},
        {
            "id": 2, "token_hash": _B, "purpose": "EMAIL_CONFIRMATION", "user_id": 2, "new_email": "l@cdg.example",
            "created_at": NOON, "expires_at": NOON, "used_at": NOON,
        },
    ),
    "saved_views": (
        {"id": 1, "user_id": 1, "name": "À lire", "query": "vue=non-lus", "saved_at": NOON},
        {"id": 2, "user_id": 2, "name": "À lire", "query": "", "saved_at": NOON},
    ),
    "courrier_exports": (
        {"id": 1, "user_id": 1, "form": "ZIP", "courriers": "1,2", "asked_at": NOON},
        {"id": 2, "user_id": 2, "form": "CSV", "courriers": "2", "asked_at": NOON},
    ),
    "due_calendars": (
        {"id": 1, "user_id": 1, "token_hash": _A, "opened_at": NOON},
        {"id": 2, "user_id": 2, "token_hash": _B, "opened_at": NOON},
    ),
    "second_factors": (
        {"id": 1, "user_id": 1, "kind": "TOTP", "label": "Téléphone", "secret": "s", "credential_id": "t", "counter": 0,
         "enrolled_at": NOON},
        {
            "id": 2, "user_id": 2, "kind": "PASSKEY", "label": "Clé", "secret": "s", "credential_id": "c", "counter": 3,
            "enrolled_at": NOON,
        },
    ),
    "recovery_codes": (
        {"id": 1, "user_id": 1, "code_hash": _A, "created_at": NOON},
        {"id": 2, "user_id": 2, "code_hash": _A, "created_at": NOON, "used_at": NOON},
    ),
    "expiry_steps": (
        {"id": 1, "user_id": 1, "expires_on": "2025-07-01", "days_before": 14, "told_at": NOON},
        {"id": 2, "user_id": 2, "expires_on": "2025-07-01", "days_before": 0, "told_at": NOON},
    ),
    "challenges": (
        {"id": 1, "token_hash": _A, "purpose": "SIGN_IN", "user_id": 1, "created_at": NOON, "expires_at": NOON,
         "failures": 0},
        {
            "id": 2, "token_hash": _B, "purpose": "ENROLMENT", "user_id": 2, "nonce": "n", "created_at": NOON,
            "expires_at": NOON, "failures": 1, "used_at": NOON,
        },
    ),
    "idempotency_keys": (
        {"id": 1, "owner": "User:1", "operation": "createUser", "key": "k", "request_hash": _A, "answer": "{}",
         "created_at": NOON},
        {"id": 2, "owner": "User:2", "operation": "createUser", "key": "k", "request_hash": _B, "answer": "{}",
         "created_at": NOON},
    ),
    "trusted_devices": (
        {"id": 1, "user_id": 1, "token_hash": _A, "trusted_at": NOON, "expires_at": NOON},
        {"id": 2, "user_id": 2, "token_hash": _B, "trusted_at": NOON, "expires_at": NOON},
    ),
    "rights": (
        {"id": 1, "user_id": 1, "service_id": 1, "level": 2, "granted_at": NOON},
        {"id": 2, "user_id": 2, "service_id": 2, "level": 1, "granted_at": NOON, "granted_by_id": 1},
    ),
    "terms": (
        {"id": 1, "version": "1", "published_on": "2021-01-01", "body": "…", "body_sha256": _A},
        {"id": 2, "version": "2", "published_on": "2022-01-01", "changes": "…", "body": "…", "body_sha256": _B},
    ),
    "terms_acceptances": (
        {"id": 1, "terms_id": 1, "establishment_id": 1, "user_id": 1, "accepted_at": NOON, "body_sha256": _A},
        {"id": 2, "terms_id": 2, "establishment_id": 2, "user_id": 2, "accepted_at": NOON, "body_sha256": _B},
    ),
    "delegations": (
        {
            "id": 1, "centralisateur_id": 2, "delegataire_id": 1, "status": "PENDING", "requested_by_id": 2,
            "requested_at": NOON,
        },
        {
            "id": 2, "centralisateur_id": 1, "delegataire_id": 2, "status": "ACCEPTED", "requested_by_id": 1,
            "requested_at": NOON, "decided_by_id": 2, "decided_at": NOON, "starts_on": "2024-01-01",
            "ends_on": "2024-01-01",
        },
    ),
    "delegation_services": (
        {"id": 1, "delegation_id": 1, "service_id": 1, "level_asked": 2},
        {"id": 2, "delegation_id": 2, "service_id": 2, "level_asked": 2, "level_granted": 1},
    ),
    "delegation_members": (
        {"id": 1, "delegation_id": 1, "user_id": 2, "added_at": NOON, "added_by_id": 2},
        {"id": 2, "delegation_id": 2, "user_id": 1, "added_at": NOON, "added_by_id": 1},
    ),
    "delegation_steps": (
        {"id": 1, "delegation_id": 1, "kind": "LIST", "due_on": "2026-07-01", "days_before": 60, "told_at": NOON},
        {"id": 2, "delegation_id": 2, "kind": "END", "due_on": "2026-07-01", "days_before": 1, "told_at": NOON},
    ),
    "switches": (
        {"id": 1, "user_id": 1, "establishment_id": 2, "at": NOON},
        {"id": 2, "user_id": 2, "establishment_id": 1, "at": NOON},
    ),
    "inboxes": (
        {"id": 1, "user_id": 1, "version": 0},
        {
            "id": 2, "user_id": 2, "version": 3, "counted_version": 3, "counted_on": "2026-07-01", "counted_epoch": 0,
            "counted_services": "1,2", "counted_to": 0, "places": 4,
        },
    ),
    "inbox_counts": (
        {"id": 1, "user_id": 1, "fund_id": "CNRACL", "total": 2, "unread": 1},
        {"id": 2, "user_id": 2, "fund_id": "IRCANTEC", "total": 3, "unread": 0},
    ),
    "documents": (
        {"id": 1, "sha256": _A, "size": 10, "media_type": "application/pdf", "stored_at": NOON},
        {"id": 2, "sha256": _B, "size": 11, "media_type": "application/pdf", "stored_at": NOON},
    ),
    "uploads": (
        {"id": 1, "token_hash": _A, "document_id": 1, "user_id": 1, "uploaded_at": NOON, "expires_at": NOON},
        {"id": 2, "token_hash": _B, "document_id": 2, "api_client_id": 1, "uploaded_at": NOON, "expires_at": NOON},
    ),
    "deposit_batches": (
        {"id": 1, "label": "Appels de janvier", "status": "OPEN", "opened_by_id": 1, "opened_at": NOON},
        {"id": 2, "label": "Relances", "status": "PUBLISHED", "opened_by_client_id": 1, "opened_at": NOON},
    ),
    "courriers": (
        {
            "id": 1, "establishment_id": 1, "type_id": 1, "fund_id": "CNRACL", "reference": "R1", "subject": "Relance",
            "search_text": "relance", "letter_date": "2024-01-01", "document_id": 1, "file_name": "r1.pdf",
            "content_hash": _A, "acknowledgement_required": True, "sent_by_post": False, "deposited_by_id": 1,
            "deposited_at": NOON, "publish_at": NOON, "available_at": NOON, "first_opened_at": NOON,
            "first_opened_by_id": 1, "acknowledged_at": NOON, "acknowledged_by_id": 1, "due_on": "2024-02-01",
        },
        {
            "id": 2, "establishment_id": 2, "type_id": 2, "fund_id": "IRCANTEC", "reference": "R2", "subject": "Appel",
            "search_text": "appel", "letter_date": "2024-01-01", "fiscal_year": 2024, "document_id": 2,
            "file_name": "r2.pdf", "content_hash": _B, "acknowledgement_required": False, "sent_by_post": True,
            "replaces_id": 1, "batch_id": 2, "deposited_by_client_id": 1, "deposited_at": NOON, "publish_at": NOON,
            "withdrawn_at": NOON,
        },
    ),
    "courrier_attachments": (
        {"id": 1, "courrier_id": 1, "document_id": 2, "file_name": "a.pdf", "position": 1},
        {"id": 2, "courrier_id": 2, "document_id": 1, "file_name": "b.pdf", "position": 2},
    ),
    "postal_copies": (
        {"id": 1, "courrier_id": 1, "file_name": "a.zip", "handed_over_at": NOON},
        {"id": 2, "courrier_id": 2, "file_name": "a.zip", "handed_over_at": NOON},
    ),
    "courrier_marks": (
        {"id": 1, "user_id": 1, "courrier_id": 1, "read_at": NOON},
        {"id": 2, "user_id": 2, "courrier_id": 2, "archived_at": NOON},
    ),
    "deposit_lines": (
        {"id": 1, "batch_id": 1, "line": 1, "outcome": "REJECTED", "rejection_code": "UNKNOWN_SIRET"},
        {"id": 2, "batch_id": 2, "line": 2, "outcome": "PUBLISHED", "courrier_id": 2},
    ),
    "deposit_contents": (
        {
            "id": 1, "line_id": 1, "batch_id": 1, "establishment_id": 1, "type_id": 1, "fund_id": "CNRACL",
            "reference": "R1", "content_hash": _A, "said": "{}",
        },
        {
            "id": 2, "line_id": 2, "batch_id": 2, "establishment_id": 2, "type_id": 2, "fund_id": "IRCANTEC",
            "reference": "R2", "content_hash": _B, "said": "{}",
        },
    ),
    "deposit_documents": (
        {"id": 1, "content_id": 1, "document_id": 1, "file_name": "a.pdf", "position": 0},
        {"id": 2, "content_id": 2, "document_id": 2, "file_name": "b.pdf", "position": 1},
    ),
    "notifications": (
        {
            "id": 1, "kind": "NEW_COURRIER", "rule": "R-COU-08", "once_key": "k1", "establishment_id": 1, "user_id": 1,
            "courrier_id": 1, "recipient": "ada@bordeaux.example", "subject": "…", "body_text": "…", "body_html": "…",
            "status": "SENT", "attempts": 1, "queued_at": NOON, "next_attempt_at": NOON, "sent_at": NOON,
        },
        {
            "id": 2, "kind": "INVITATION", "rule": "R-ACC-03", "once_key": "k2", "recipient": "luc@cdg.example",
            "subject": "…", "body_text": "…", "body_html": "…", "status": "QUEUED", "attempts": 0, "queued_at": NOON,
            "next_attempt_at": NOON,
        },
    ),
    "notification_preferences": (
        {"id": 1, "user_id": 1, "new_courriers": "IMMEDIATE", "muted_funds": "", "account_expiry": True},
        {"id": 2, "user_id": 2, "new_courriers": "NONE", "muted_funds": "CNRACL", "account_expiry": False},
    ),
    "courrier_facts": (
        {"id": 1, "courrier_id": 1, "kind": "AVAILABLE", "occurred_at": NOON, "link_nonce": "n1"},
        {
            "id": 2, "courrier_id": 1, "kind": "OPENED", "occurred_at": NOON, "actor_id": 1, "delegation_id": 1,
            "notification_id": 1, "link_nonce": "n2",
        },
    ),
    "feed_entries": (
        {"id": 1, "establishment_id": 1, "courrier_id": 1, "occurred_at": NOON},
        {"id": 2, "establishment_id": 2, "courrier_id": 2, "occurred_at": NOON},
    ),
    "adoption_figures": (
        {"id": 1, "period": "figures/", "counted_at": NOON, "body": "{}"},
        {"id": 2, "period": "figures/2026-01-01/", "counted_at": NOON, "body": "{}"},
    ),
    "reading_campaigns": (
        {"id": 1, "started_by_id": 1, "started_at": NOON},
        {"id": 2, "started_by_id": 2, "started_at": NOON, "finished_at": NOON},
    ),
    "reading_reminders": (
        {"id": 1, "campaign_id": 1, "establishment_id": 1, "outcome": "WAITING", "emails": 0},
        {"id": 2, "campaign_id": 2, "establishment_id": 2, "outcome": "SENT", "emails": 2, "told_at": NOON},
    ),
    "past_rights": (
        {"id": 1, "user_id": 1, "service_id": 1, "level": 1, "since": NOON, "until": NOON},
        {"id": 2, "user_id": 2, "service_id": 2, "level": 2, "since": NOON, "until": NOON + 1},
    ),
    "past_members": (
        {"id": 1, "delegation_id": 1, "user_id": 1, "since": NOON, "until": NOON},
        {"id": 2, "delegation_id": 2, "user_id": 2, "since": NOON, "until": NOON + 1},
    ),
    "past_accounts": (
        {"id": 1, "user_id": 1, "is_administrator": True, "since": NOON, "until": NOON},
        {"id": 2, "user_id": 2, "is_administrator": False, "since": NOON, "until": NOON + 1},
    ),
    "past_type_services": (
        {"id": 1, "type_id": 1, "service_id": 2, "until": NOON},
        {"id": 2, "type_id": 2, "service_id": 1, "until": NOON},
    ),
    "audit_events": (
        {
            "id": 1, "occurred_at": NOON, "action": "SIGN_IN", "actor_id": 1, "detail_hash": _A,
            "previous_hash": "0" * 64, "hash": _A,
        },
        {
            "id": 2, "occurred_at": NOON, "action": "DEPOSIT", "api_client_id": 1, "detail_hash": _A,
            "previous_hash": _A, "hash": _B,
        },
    ),
    "audit_details": (
        {"id": 1, "event_id": 1, "salt": "s", "body": "{}"},
        {"id": 2, "event_id": 2, "salt": "t", "body": "{}"},
    ),
    "audit_seals": (
        {"day": "2024-01-01", "event_id": 1, "hash": _A, "signature": "…", "sealed_at": NOON},
        {"day": "2024-01-02", "event_id": 2, "hash": _B, "signature": "…", "sealed_at": NOON},
    ),
}  # fmt: skip


async def insert(table: str, row: Row) -> None:
    """Insert one row."""
    columns = ", ".join(f'"{column}"' for column in row)
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await execute(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', list(row.values()))


async def fill(tables: Iterable[str] = WORLD, *, both: bool = True) -> None:
    """Put the valid rows into every table: the first of each, or both."""
    for table in tables:
        for row in WORLD[table] if both else WORLD[table][:1]:
            await insert(table, row)
        if table == "users" and "inboxes" in await names():
            await execute("DELETE FROM inboxes")  # made by a trigger; the rows of this world come in their turn


async def contents(table: str, columns: Iterable[str]) -> list[Row]:
    """The rows of a table, whole, in a steady order."""
    listed = ", ".join(f'"{column}"' for column in columns)
    return await rows(f'SELECT {listed} FROM "{table}" ORDER BY 1')
