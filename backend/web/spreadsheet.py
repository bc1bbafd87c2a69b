"""Files that spreadsheets open: semicolons, no formula, never kept by caches."""

import csv
import io
from collections.abc import Sequence

MARK = "\ufeff"
"""A byte order mark begins the file: without it spreadsheets misread accents."""

NOT_KEPT = {"cache-control": "private, no-store"}


def written(rows: Sequence[Sequence[str]]) -> str:
    """Lines of the file."""
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows([harmless(cell) for cell in row] for row in rows)
    return text.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
