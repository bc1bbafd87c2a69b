"""Funds (fonds): CNRACL, Ircantec, RAFP …"""

from tortoise import fields
from tortoise.models import Model


class Fund(Model):
    """A fund that deposits courriers."""

    code = fields.CharField(max_length=16, primary_key=True)
    label = fields.CharField(max_length=200)
    position = fields.IntField()

    class Meta:
        table = "funds"
