"""What the whole life of an account asks for: second factors' challenges, idempotency keys, erasure, more e-mails."""

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from backend.database.fields import InstantField
from backend.database.operations import AddChecks, AddColumn, AddIndex, ChangeCheck, Together

_KINDS = (
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
)
_MORE_KINDS = (*_KINDS, "EMAIL_CONFIRMATION", "IDENTIFIER_REMINDER", "ACCOUNT_UNLOCKED", "SECOND_ADMINISTRATOR")


def _one_of(column: str, *values: str) -> str:
    listed = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({listed})"


class Migration(migrations.Migration):
    """Two tables, two columns, more kinds of e-mail; and the indexes that find them."""

    dependencies = [("peps", "0002_constraints")]

    operations = [
        Together(
            ops.CreateModel(
                name="Challenge",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("token_hash", fields.CharField(unique=True, max_length=64)),
                    ("purpose", fields.CharField(max_length=12)),
                    (
                        "user",
                        fields.ForeignKeyField(
                            "peps.User",
                            source_field="user_id",
                            db_index=True,
                            db_constraint=True,
                            to_field="id",
                            on_delete=OnDelete.CASCADE,
                        ),
                    ),
                    ("nonce", fields.CharField(null=True, max_length=200)),
                    ("created_at", InstantField(generated=False, null=False, unique=False)),
                    ("expires_at", InstantField(db_index=True, generated=False, null=False, unique=False)),
                    ("failures", fields.IntField(default=0)),
                    ("used_at", InstantField(null=True, generated=False, unique=False)),
                ],
                options={"table": "challenges", "app": "peps", "pk_attr": "id"},
                bases=["Model"],
            ),
            ops.CreateModel(
                name="IdempotencyKey",
                fields=[
                    ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                    ("owner", fields.CharField(max_length=32)),
                    ("operation", fields.CharField(max_length=48)),
                    ("key", fields.CharField(max_length=100)),
                    ("request_hash", fields.CharField(max_length=64)),
                    ("answer", fields.TextField(unique=False)),
                    ("created_at", InstantField(db_index=True, generated=False, null=False, unique=False)),
                ],
                options={
                    "table": "idempotency_keys",
                    "app": "peps",
                    "unique_together": (("owner", "operation", "key"),),
                    "pk_attr": "id",
                },
                bases=["Model"],
            ),
            AddChecks(
                "challenges",
                {
                    "challenges_purpose": _one_of("purpose", "SIGN_IN", "ACTION", "ENROLMENT"),
                    "challenges_failures": "failures >= 0",
                },
            ),
            AddChecks("idempotency_keys", {"idempotency_keys_hash": "length(request_hash) = 64"}),
            AddColumn(
                "Session",
                "sessions",
                "second_factor_at",
                InstantField(null=True, generated=False, unique=False),
                sqlite="BIGINT",
                postgres="BIGINT",
            ),
            AddColumn(
                "User",
                "users",
                "erased_at",
                InstantField(null=True, generated=False, unique=False),
                sqlite="BIGINT",
                postgres="BIGINT",
            ),
            AddIndex("users_to_erase", "users (deleted_at)", where="deleted_at IS NOT NULL AND erased_at IS NULL"),
            AddIndex("users_invited", "users (invited_at)", where="password_hash IS NULL AND deleted_at IS NULL"),
            ChangeCheck(
                "notifications",
                "notifications_kind",
                before=_one_of("kind", *_KINDS),
                after=_one_of("kind", *_MORE_KINDS),
            ),
        )
    ]
