"""Documents, stored once by their SHA-256, and uploads that wait to be named by a deposit."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from backend.database.fields import InstantField


class Document(Model):
    """A PDF. One without a hash is a demonstration letter, rendered the first time somebody needs it."""

    id = fields.BigIntField(primary_key=True)
    sha256 = fields.CharField(max_length=64, null=True, unique=True)
    size = fields.IntField(null=True)
    page_count = fields.IntField(null=True)
    media_type = fields.CharField(max_length=64, default="application/pdf")
    text = fields.TextField(null=True)
    stored_at: datetime | None = InstantField(null=True)
    """When it was last brought."""
    removed_at: datetime | None = InstantField(null=True)
    """When its file went, with the last letter that had it (R-COU-14). Its hash stays, as a proof."""

    class Meta:
        table = "documents"


class Upload(Model):
    """A file sent to `PUT /uploads`, usable by who sent it until it lapses."""

    id = fields.BigIntField(primary_key=True)
    token_hash = fields.CharField(max_length=64, unique=True)
    document_id: int
    document = fields.ForeignKeyField("peps.Document", on_delete=fields.RESTRICT, db_index=True)
    file_name = fields.CharField(max_length=200, null=True)
    user_id: int | None
    user = fields.ForeignKeyField("peps.User", on_delete=fields.CASCADE, null=True, db_index=True)
    api_client_id: int | None
    api_client = fields.ForeignKeyField("peps.ApiClient", on_delete=fields.CASCADE, null=True, db_index=True)
    uploaded_at: datetime = InstantField()
    expires_at: datetime = InstantField(db_index=True)

    class Meta:
        table = "uploads"
