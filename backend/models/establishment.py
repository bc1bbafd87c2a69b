"""Establishments (établissements) and their contracts with funds."""

from datetime import date

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model

from backend.database.fields import LegalDateField


class Establishment(Model):
    """A public employer, known by its SIRET."""

    id = fields.BigIntField(primary_key=True)
    siret = fields.CharField(max_length=14, unique=True)
    name = fields.CharField(max_length=200)
    sort_name = fields.CharField(max_length=220)
    search_text = fields.TextField()
    category = fields.CharField(max_length=24)
    line1 = fields.CharField(max_length=200, null=True)
    line2 = fields.CharField(max_length=200, null=True)
    postal_code = fields.CharField(max_length=10)
    city = fields.CharField(max_length=120)
    insee_code = fields.CharField(max_length=5, null=True)
    departement = fields.CharField(max_length=3)
    functional_email = fields.CharField(max_length=254, null=True)
    is_centralisateur = fields.BooleanField(default=False)
    is_platform = fields.BooleanField(default=False)
    registered_on: date = LegalDateField()

    class Meta:
        table = "establishments"
        indexes = (
            Index(fields=("sort_name", "id"), name="establishments_by_name"),
            Index(fields=("registered_on", "id"), name="establishments_by_date"),
            Index(fields=("departement",), name="establishments_by_departement"),
        )


class Contract(Model):
    """The employer's number at one fund (affiliation, immatriculation)."""

    id = fields.BigIntField(primary_key=True)
    establishment_id: int
    establishment = fields.ForeignKeyField("peps.Establishment", on_delete=fields.CASCADE)
    fund_id: str
    fund = fields.ForeignKeyField("peps.Fund", on_delete=fields.RESTRICT, db_index=True)
    number = fields.CharField(max_length=32)

    class Meta:
        table = "contracts"
        unique_together = (("establishment_id", "fund_id", "number"),)
