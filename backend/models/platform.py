"""Facts about this deployment that must live with its data."""

from tortoise import fields
from tortoise.models import Model


class PlatformFact(Model):
    """A named fact: `demonstration` (the scale of the demonstration world), `schema` …"""

    name = fields.CharField(max_length=64, primary_key=True)
    value = fields.TextField()

    class Meta:
        table = "platform_facts"
