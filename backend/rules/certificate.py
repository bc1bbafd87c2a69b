"""Certificates of availability and reading: what happened to a letter, signed, for anybody to verify (R-COU-15).

A certificate is JSON: `certificate`, what is certified, and `signature`, Ed25519 over the canonical form of the former
(RFC 8785: members sorted, no white space, UTF-8; there are no numbers but whole ones). The key is the one that seals
the journal. It holds no content: hashes, facts, who in what capacity, and where the journal stood.
"""

import base64
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature

from backend import clock, settings
from backend import database as db
from backend.database.sql import Sql
from backend.rules import access, document, journal, seal
from backend.rules.viewer import Viewer

FORMAT = "peps-certificate-1"
ALGORITHM = "Ed25519"

Body = Mapping[str, Any]


@dataclass(frozen=True)
class Certificate:
    """What was issued: what it certifies, the name of the key that signed it, and the whole as it is handed over."""

    number: str
    body: Body
    key: str
    content: bytes


async def is_for(viewer: Viewer, courrier_id: int) -> bool:
    """Whether a viewer may have the certificate of a letter."""
    return await _letter(viewer, courrier_id) is not None


async def issue(viewer: Viewer, courrier_id: int, number: str, form: str) -> Certificate | None:
    """Issue the certificate of a letter, under a number, and say so in the journal; None for who may not have it.

    `form` is the format it is asked in. Nothing is kept of it: whoever has it verifies it with the public key alone.
    """
    documents = await _documents(courrier_id)
    async with db.transaction():
        letter = await _letter(viewer, courrier_id)
        if letter is None:
            return None
        body = {
            "format": FORMAT,
            "number": number,
            "issued_at": _instant(int(clock.to_microseconds(clock.now()))),
            "issuer": {"name": "PEP’s, plateforme employeurs publics", "address": settings.current().address},
            "courrier": _courrier(letter),
            "documents": documents,
            "facts": await _facts(letter),
            "journal": await _journal(),
        }
        key, content = await _signed(body)
        facts = {"number": number, "format": form}
        event = journal.Event("courrier.certified", viewer.establishment_id, ("Courrier", courrier_id), facts=facts)
        journal.record(viewer, await _on_behalf(viewer, letter, event))
    return Certificate(number, body, key, content)


async def _on_behalf(viewer: Viewer, letter: db.Row, event: journal.Event) -> journal.Event:
    """The same event, with both establishments where a member asks through a delegation (R-DEL-07)."""
    if viewer.is_operator:
        return replace(event, establishment_id=letter["establishment_id"])
    _, delegation_id = await access.capacity(viewer, letter["id"])
    if delegation_id is None:
        return event
    return replace(event, on_behalf_of_id=letter["establishment_id"], delegation_id=delegation_id)


def canonical(body: Body) -> bytes:
    """What is signed of a certificate (RFC 8785)."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS)


async def _signed(body: Body) -> tuple[str, bytes]:
    """The name of the key, and the signed certificate."""
    signing = seal.private_key()
    public = signing.public_key()
    await seal.keep(public)
    key = seal.name_of(public)
    value = base64.b64encode(signing.sign(canonical(body))).decode()
    signature = {"algorithm": ALGORITHM, "key": key, "value": value}
    return key, orjson.dumps({"certificate": body, "signature": signature}, option=orjson.OPT_INDENT_2)


# ---------------------------------------------------------------- what is certified


async def _letter(viewer: Viewer, courrier_id: int) -> db.Row | None:
    sql = Sql(
        "SELECT c.id, c.establishment_id, c.reference, c.letter_date, c.fiscal_year, c.deposited_at, c.available_at,",
        "c.acknowledgement_required, c.withdrawn_at, c.removed_at, c.fund_id, f.label AS fund, t.code AS type_code,",
        "t.label AS type, e.name AS establishment, e.siret FROM courriers c JOIN funds f ON f.code = c.fund_id",
        "JOIN courrier_types t ON t.id = c.type_id JOIN establishments e ON e.id = c.establishment_id",
    )
    sql.add(f"WHERE c.id = {sql.bind(courrier_id)} AND {access.certified(sql, viewer, 'c')}")
    return await db.row(sql)


def _courrier(letter: db.Row) -> Body:
    """Which letter: never its subject, which may say what it is about."""
    return {
        "fund": {"code": letter["fund_id"], "label": _plain(letter["fund"])},
        "type": {"code": letter["type_code"], "label": _plain(letter["type"])},
        "reference": _plain(letter["reference"]),
        "letter_date": letter["letter_date"],
        "fiscal_year": letter["fiscal_year"],
        "establishment": {"name": _plain(letter["establishment"]), "siret": letter["siret"]},
        "deposited_at": _instant(letter["deposited_at"]),
        "available_at": _instant(letter["available_at"]),
        "acknowledgement_required": bool(letter["acknowledgement_required"]),
        "withdrawn_at": _instant(letter["withdrawn_at"]),
        "removed_at": _instant(letter["removed_at"]),
    }


async def _documents(courrier_id: int) -> list[Body]:
    """The letter's own document, then its attachments, each by its hash."""
    found = await db.rows(
        "SELECT d.id, d.sha256, d.size, d.removed_at, x.position FROM (SELECT c.document_id, 0 AS position "
        "FROM courriers c WHERE c.id = $1 UNION ALL SELECT a.document_id, a.position FROM courrier_attachments a "
        "WHERE a.courrier_id = $1) x JOIN documents d ON d.id = x.document_id ORDER BY x.position",
        [courrier_id],
    )
    told: list[Body] = []
    for one in found:
        sha256, size = one["sha256"], one["size"]
        if sha256 is None and one["removed_at"] is None:  # a demonstration letter nobody has needed yet
            stored = await document.ensure_stored(one["id"])
            sha256, size = stored.sha256, stored.size
        told.append({"role": "ATTACHMENT" if one["position"] else "LETTER", "sha256": sha256, "size": size})
    return told


async def _facts(letter: db.Row) -> list[Body]:
    """Every fact, oldest first: what, when, by whom in what capacity (R-COU-06)."""
    found = await db.rows(
        "SELECT f.kind, f.occurred_at, f.delegation_id, f.detail, u.first_name, u.last_name, u.is_operator, "
        "u.establishment_id, e.name AS establishment, e.siret FROM courrier_facts f "
        "LEFT JOIN users u ON u.id = f.actor_id LEFT JOIN establishments e ON e.id = u.establishment_id "
        "WHERE f.courrier_id = $1 ORDER BY f.occurred_at, f.id",
        [letter["id"]],
    )
    return [
        {
            "kind": one["kind"],
            "at": _instant(one["occurred_at"]),
            "by": _actor(one),
            "detail": _plain(one["detail"]) if one["kind"] in {"WITHDRAWN", "REMOVED"} and one["detail"] else None,
        }
        for one in found
    ]


def _actor(fact: db.Row) -> Body | None:
    """Who, and in what capacity: of the establishment, through a delegation, or of the platform, who is not named."""
    if fact["last_name"] is None:
        return None
    if fact["is_operator"] and fact["kind"] == "WITHDRAWN":
        return {"name": None, "capacity": "OPERATOR", "establishment": None}
    return {
        "name": _plain(f"{fact['first_name']} {fact['last_name']}"),
        "capacity": "ESTABLISHMENT" if fact["delegation_id"] is None else "DELEGATION",
        "establishment": {"name": _plain(fact["establishment"]), "siret": fact["siret"]},
    }


async def _journal() -> Body:
    """Where the journal stood, and its last seal: whoever keeps the certificate can tell if it was rewritten since."""
    last = await db.row("SELECT id, hash FROM audit_events ORDER BY id DESC LIMIT 1")
    sealed = await db.row("SELECT day, event_id, hash, signature FROM audit_seals ORDER BY day DESC LIMIT 1")
    told: dict[str, Any] = {
        "event": last["id"] if last else 0,
        "hash": last["hash"] if last else journal.GENESIS,
        "seal": None,
    }
    if sealed is not None:
        key, _, signature = sealed["signature"].partition(":")
        told["seal"] = {
            "day": sealed["day"],
            "event": sealed["event_id"],
            "hash": sealed["hash"],
            "key": key,
            "signature": signature,
        }
    return told


def _instant(microseconds: int | None) -> str | None:
    return None if microseconds is None else clock.from_microseconds(microseconds).isoformat().replace("+00:00", "Z")


def _plain(text: str) -> str:
    """Text as any printer and any reader of JSON gives it back: composed, without control characters."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if unicodedata.category(one) in {"Cc", "Cs"} else one for one in composed)


# ---------------------------------------------------------------- verifying


class Verdict(StrEnum):
    """What there is to say of something brought as a certificate."""

    GENUINE = "GENUINE"
    CHANGED = "CHANGED"
    """It names a key of this platform, which never signed this."""
    UNKNOWN_KEY = "UNKNOWN_KEY"
    NOT_A_CERTIFICATE = "NOT_A_CERTIFICATE"


@dataclass(frozen=True)
class Verified:
    """The verdict; of a genuine one, what it certifies and whether the journal is still as it was then."""

    verdict: Verdict
    body: Body | None = None
    journal_holds: bool | None = None


async def verify(content: bytes) -> Verified:
    """Whether a certificate was issued by this platform and is as it was issued."""
    try:
        found = orjson.loads(content)
        body, signature = found["certificate"], found["signature"]
        said, key, value = body["format"], signature["key"], base64.b64decode(signature["value"], validate=True)
    except (ValueError, KeyError, TypeError):
        return Verified(Verdict.NOT_A_CERTIFICATE)
    if said != FORMAT or signature.get("algorithm") != ALGORITHM:
        return Verified(Verdict.NOT_A_CERTIFICATE)
    keys = {seal.name_of(one): one for one in await seal.keys()}
    if not isinstance(key, str) or key not in keys:
        return Verified(Verdict.UNKNOWN_KEY)
    try:
        keys[key].verify(value, canonical(body))
    except InvalidSignature:
        return Verified(Verdict.CHANGED)
    return Verified(Verdict.GENUINE, body, await _holds(body["journal"]))


async def _holds(then: Mapping[str, Any]) -> bool:
    """Whether the journal still has, at that place, the event it had when the certificate was issued."""
    if then["event"] == 0:
        return True
    found = await db.row("SELECT hash FROM audit_events WHERE id = $1", [then["event"]])
    return found is not None and found["hash"] == then["hash"]
