"""What the database itself refuses, since Tortoise's own constraints are not created (finding C)."""

from tortoise import migrations

from backend.database.operations import AddChecks, AddIndex, AppendOnly, Together


def _one_of(column: str, *values: str) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


def _date(column: str) -> str:
    return f"{column} LIKE '____-__-__'"


class Migration(migrations.Migration):
    """Checks, partial unique indexes, indexes for lookups Tortoise cannot describe, append-only tables."""

    dependencies = [("peps", "0001_initial")]

    operations = [
        Together(
            AddChecks(
                "funds",
                {
                    "funds_code": _one_of(
                        "code", "CNRACL", "IRCANTEC", "RAFP", "FIPHFP", "FNC", "FAEFM", "ATIACL", "FSPOEIE"
                    )
                },
            ),
            AddChecks("services", {"services_online_since": _date("online_since")}),
            AddChecks(
                "establishments",
                {
                    "establishments_siret": "length(siret) = 14",
                    "establishments_name": "length(name) > 0",
                    "establishments_category": _one_of(
                        "category",
                        "COMMUNE",
                        "EPCI",
                        "DEPARTEMENT",
                        "REGION",
                        "HOSPITAL",
                        "CENTRE_DE_GESTION",
                        "SOCIAL_CARE",
                        "STATE",
                        "OTHER",
                    ),
                    "establishments_registered_on": _date("registered_on"),
                },
            ),
            AddChecks(
                "users",
                {
                    "users_civility": _one_of("civility", "MADAME", "MONSIEUR"),
                    "users_expires_on": _date("expires_on"),
                    "users_email": "email LIKE '%_@_%'",
                    "users_failed_sign_ins": "failed_sign_ins >= 0",
                    "users_names": "length(first_name) > 0 AND length(last_name) > 0",
                },
            ),
            AddIndex("users_one_email", "users (establishment_id, email_key)", unique=True, where="deleted_at IS NULL"),
            AddChecks("sessions", {"sessions_transport": _one_of("transport", "COOKIE", "TOKEN")}),
            AddChecks(
                "links",
                {
                    "links_purpose": _one_of("purpose", "INVITATION", "PASSWORD_RESET", "EMAIL_CONFIRMATION"),
                    "links_used_or_revoked": "used_at IS NULL OR revoked_at IS NULL",
                },
            ),
            AddChecks("second_factors", {"second_factors_kind": _one_of("kind", "TOTP", "PASSKEY")}),
            AddChecks("rights", {"rights_level": "level IN (1, 2)"}),
            AddChecks(
                "terms", {"terms_published_on": _date("published_on"), "terms_body_sha256": "length(body_sha256) = 64"}
            ),
            AddChecks(
                "delegations",
                {
                    "delegations_status": _one_of(
                        "status", "PENDING", "ACCEPTED", "REFUSED", "WITHDRAWN", "ENDED", "EXPIRED"
                    ),
                    "delegations_not_itself": "centralisateur_id <> delegataire_id",
                    "delegations_decided": "status NOT IN ('ACCEPTED', 'REFUSED', 'ENDED') OR decided_at IS NOT NULL",
                    "delegations_reason": "status <> 'REFUSED' OR refusal_reason IS NOT NULL",
                    "delegations_dates": "starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on",
                },
            ),
            AddChecks(
                "delegation_services",
                {
                    "delegation_services_asked": "level_asked IN (1, 2)",
                    "delegation_services_granted": "level_granted IN (1, 2) AND level_granted <= level_asked",
                },
            ),
            AddChecks(
                "courrier_types",
                {
                    "courrier_types_channel": _one_of("channel", "DIGITAL", "DIGITAL_AND_POST"),
                    "courrier_types_retention": "retention_months > 0",
                    "courrier_types_available_since": _date("available_since"),
                },
            ),
            AddChecks(
                "documents",
                {
                    "documents_sha256": "length(sha256) = 64",
                    "documents_size": "size > 0",
                    "documents_whole": "sha256 IS NULL OR (size IS NOT NULL AND stored_at IS NOT NULL)",
                },
            ),
            AddChecks("uploads", {"uploads_owner": "(user_id IS NULL) <> (api_client_id IS NULL)"}),
            AddChecks(
                "courriers",
                {
                    "courriers_reference": "length(reference) > 0",
                    "courriers_subject": "length(subject) > 0",
                    "courriers_letter_date": _date("letter_date"),
                    "courriers_due_on": _date("due_on"),
                    "courriers_fiscal_year": "fiscal_year BETWEEN 1900 AND 2200",
                    "courriers_depositor": "deposited_by_id IS NULL OR deposited_by_client_id IS NULL",
                    "courriers_not_itself": "replaces_id <> id",
                    "courriers_opened": "(first_opened_at IS NULL) = (first_opened_by_id IS NULL)",
                    "courriers_acknowledged": "(acknowledged_at IS NULL) = (acknowledged_by_id IS NULL)",
                },
            ),
            AddIndex("courriers_due", "courriers (establishment_id, due_on, id)", where="due_on IS NOT NULL"),
            AddIndex("courriers_to_publish", "courriers (publish_at)", where="available_at IS NULL"),
            AddIndex(
                "courriers_replaced_once", "courriers (replaces_id)", unique=True, where="replaces_id IS NOT NULL"
            ),
            AddChecks(
                "courrier_facts",
                {
                    "courrier_facts_kind": _one_of(
                        "kind",
                        "AVAILABLE",
                        "NOTIFIED",
                        "NOTIFICATION_FAILED",
                        "OPENED",
                        "DOWNLOADED",
                        "ACKNOWLEDGED",
                        "REMINDED",
                        "WITHDRAWN",
                    ),
                    "courrier_facts_reader": "kind NOT IN ('OPENED', 'DOWNLOADED', 'ACKNOWLEDGED') OR actor_id IS NOT NULL",
                },
            ),
            AppendOnly("courrier_facts", ("courrier_id", "kind", "occurred_at", "actor_id", "delegation_id", "detail")),
            AddChecks(
                "deposit_batches",
                {
                    "deposit_batches_status": _one_of(
                        "status", "OPEN", "CHECKED", "PUBLISHING", "PUBLISHED", "CANCELLED"
                    )
                },
            ),
            AddChecks(
                "deposit_lines",
                {"deposit_lines_outcome": "courrier_id IS NULL OR rejection_code IS NULL"},
            ),
            AddChecks(
                "notifications",
                {
                    "notifications_status": _one_of("status", "QUEUED", "SENT", "FAILED", "GIVEN_UP"),
                    "notifications_kind": _one_of(
                        "kind",
                        "INVITATION",
                        "PASSWORD_RESET",
                        "ACCOUNT_EXPIRING",
                        "ACCOUNT_EXPIRED",
                        "NEW_COURRIER",
                        "COURRIER_DIGEST",
                        "DELEGATION_REQUESTED",
                        "DELEGATION_DECIDED",
                        "DELEGATION_ENDED",
                        "NEW_SERVICE",
                        "NEW_TERMS",
                        "READ_REMINDER",
                        "SECURITY_ALERT",
                    ),
                    "notifications_sent": "status <> 'SENT' OR sent_at IS NOT NULL",
                    "notifications_attempts": "attempts >= 0",
                },
            ),
            AddIndex(
                "notifications_to_send", "notifications (next_attempt_at, id)", where="status IN ('QUEUED', 'FAILED')"
            ),
            AddChecks(
                "notification_preferences",
                {
                    "notification_preferences_rhythm": _one_of(
                        "new_courriers", "IMMEDIATE", "DAILY_DIGEST", "WEEKLY_DIGEST", "NONE"
                    )
                },
            ),
            AddChecks(
                "audit_events",
                {
                    "audit_events_actor": "actor_id IS NULL OR api_client_id IS NULL",
                    "audit_events_hashes": "length(hash) = 64 AND length(previous_hash) = 64 AND length(detail_hash) = 64",
                },
            ),
            AddIndex("audit_events_chain", "audit_events (previous_hash)", unique=True),
            AppendOnly("audit_events"),
            # Tortoise's migrations forget that a foreign key is unique.
            AddIndex("feed_entries_courrier", "feed_entries (courrier_id)", unique=True),
            AppendOnly("feed_entries"),
        )
    ]
