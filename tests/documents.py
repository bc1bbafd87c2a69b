"""The GraphQL documents that the screens send, read from their sources: what is measured is what they ask."""

import re
from functools import cache
from pathlib import Path

_SCREENS = Path(__file__).resolve().parent.parent / "frontend" / "src"


@cache
def document(source: str, operation: str) -> str:
    """The document of an operation, with the fragments it spreads: `document("user/accounts.tsx", "Accounts")`."""
    written = (_SCREENS / source).read_text(encoding="utf-8")
    [found] = re.findall(rf"graphql\(`(\s*(?:query|mutation) {operation}\b[^`]*)`", written)
    return "\n".join([str(found), *_spread(str(found))])


def _spread(text: str) -> list[str]:
    """The fragments that a document needs, each once."""
    needed: dict[str, str] = {}
    waiting = re.findall(r"\.\.\.(\w+)", text)
    while waiting:
        name = waiting.pop()
        if name not in needed and name in _fragments():
            needed[name] = _fragments()[name]
            waiting += re.findall(r"\.\.\.(\w+)", needed[name])
    return list(needed.values())


@cache
def _fragments() -> dict[str, str]:
    found: dict[str, str] = {}
    for source in sorted(_SCREENS.rglob("*.ts*")):
        for text in re.findall(r"graphql\(`\s*(fragment [^`]*)`", source.read_text(encoding="utf-8")):
            assert text.split()[1] not in found, f"{source}: another screen names a fragment {text.split()[1]} too"
            found[text.split()[1]] = text.replace(" @_unmask", "")
    return found
