"""Composing a statement: text with bound values, never values in the text."""

from typing import Any


class Sql:
    """A statement under construction. `bind` keeps a value and gives the placeholder to write in its place.

    The pieces are joined in the order they were added:

        sql = Sql("SELECT id FROM users")
        sql.add(f"WHERE establishment_id = {sql.bind(7)}")
    """

    def __init__(self, *pieces: str) -> None:
        self.pieces = list(pieces)
        self.values: list[Any] = []

    def add(self, *pieces: str) -> "Sql":
        """Append pieces of text."""
        self.pieces.extend(pieces)
        return self

    def bind(self, value: Any) -> str:
        """The placeholder that stands for `value`."""
        self.values.append(value)
        return f"${len(self.values)}"

    def bind_all(self, values: "list[Any] | tuple[Any, ...]") -> str:
        """Placeholders for an IN list, comma separated; `NULL`, which matches nothing, for an empty one."""
        return ", ".join(self.bind(value) for value in values) or "NULL"

    def text(self) -> str:
        """The statement."""
        return "\n".join(self.pieces)
