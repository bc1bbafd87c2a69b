"""Field types of our own: instants and legal dates stored the same way on both engines.

Tortoise stores datetimes as text on SQLite and compares them as text, so an instant with another offset than UTC gives
silently wrong answers (finding H). Instants are therefore integers of microseconds on both engines, which is also the
cheapest keyset, and legal dates are ISO 8601 text, which sorts as dates do.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tortoise import fields

from backend import clock

if TYPE_CHECKING:
    from tortoise.models import Model


class InstantField(fields.Field[datetime], datetime):
    """An instant: an aware datetime in Python, BIGINT microseconds since 1970 UTC in the database."""

    SQL_TYPE = "BIGINT"

    def to_db_value(self, value: Any, instance: "type[Model] | Model") -> int | None:
        """The stored integer; raises ValueError for a naive datetime."""
        if value is None or isinstance(value, int):
            return value
        return clock.to_microseconds(value)

    def to_python_value(self, value: Any) -> datetime | None:
        """The aware instant, in UTC."""
        if isinstance(value, int):
            return clock.from_microseconds(value)
        return value  # type: ignore[no-any-return]


class LegalDateField(fields.Field[date], date):
    """A legal date (Europe/Paris calendar): a date in Python, `YYYY-MM-DD` in the database."""

    SQL_TYPE = "VARCHAR(10)"

    def to_db_value(self, value: Any, instance: "type[Model] | Model") -> str | None:
        """The ISO 8601 text."""
        if isinstance(value, datetime):
            raise ValueError("a legal date is a date: convert the instant with clock.paris_date")
        return value.isoformat() if isinstance(value, date) else value

    def to_python_value(self, value: Any) -> date | None:
        """The date."""
        return date.fromisoformat(value) if isinstance(value, str) else value
