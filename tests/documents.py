"""The GraphQL documents that the screens send, read from their sources: what is measured is what they ask."""

import re
from functools import cache
from pathlib import Path

_SCREENS = Path(__file__).resolve().parent.parent / "frontend" / "src"


@cache
def document(source: str, operation: str) -> str:
    """The document of an operation without fragments: `document("user/accounts.tsx", "Accounts")`."""
    written = (_SCREENS / source).read_text(encoding="utf-8")
    [found] = re.findall(rf"graphql\(`(\s*(?:query|mutation) {operation}\b[^`]*)`\)", written)
    return str(found)
