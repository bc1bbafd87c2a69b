"""Seals: each day's last event, signed, so that not even who holds the database rewrites the journal (R-JRN-01).

The chain tells a row changed, removed, added or moved; whoever recomputes the whole chain, or cuts its end, meets the
seals. The private key never enters the database; the public one is among the platform's facts, and is best kept
elsewhere too (`peps journal key`).
"""

import base64
import hashlib
from datetime import date, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from backend import clock, settings
from backend import database as db
from backend.rules import journal, key

AT_ONCE = 50
"""Days sealed by one transaction."""

_FACT = "seal_key "
"""Before the name of a key, the platform's fact that keeps its public half."""


class BrokenJournal(Exception):
    """The chain does not hold: sealing it would vouch for it."""


def private_key() -> Ed25519PrivateKey:
    """The key that signs: SEAL_KEY, or one made once and kept beside the data."""
    given = settings.current().seal_key
    raw = bytes.fromhex(given) if given else key.kept(settings.current().data_dir / "seal.key")
    return Ed25519PrivateKey.from_private_bytes(raw)


def name_of(public: Ed25519PublicKey) -> str:
    """A key's short name, in each seal it signed."""
    return hashlib.sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def pem(public: Ed25519PublicKey) -> str:
    """A public key as it is handed over."""
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_of(text: str) -> Ed25519PublicKey:
    """A public key as it was handed over. Raises ValueError for anything else."""
    found = load_pem_public_key(text.encode())
    if not isinstance(found, Ed25519PublicKey):
        raise ValueError("This is not an Ed25519 public key.")
    return found


def _said(day: str, event_id: int, digest: str) -> bytes:
    """What a seal signs."""
    return f"PEPS journal\n{day}\n{event_id}\n{digest}".encode()


# ---------------------------------------------------------------- sealing


async def seal() -> int:
    """Seal each day that is over and has no seal yet, a day without any event too; how many were sealed.

    Once for each day whatever the number of processes. Raises BrokenJournal where the chain since the last seal does
    not hold.
    """
    sealed = 0
    while done := await _some():
        sealed += done
    return sealed


async def _some() -> int:
    signing = private_key()
    public = signing.public_key()
    async with db.transaction():
        await db.lock(journal.LOCK)  # no event dated of a day that is over can still be on its way
        last = await db.row("SELECT day, event_id, hash FROM audit_seals ORDER BY day DESC LIMIT 1")
        day = date.fromisoformat(last["day"]) + timedelta(days=1) if last else await _first_day()
        after, previous = (last["event_id"], last["hash"]) if last else (0, journal.GENESIS)
        seals: list[tuple[str, int, str, str, int]] = []
        while day is not None and day < clock.today() and len(seals) < AT_ONCE:
            after, previous = await _last_of(day, after, previous)
            signature = base64.b64encode(signing.sign(_said(day.isoformat(), after, previous))).decode()
            now = int(clock.to_microseconds(clock.now()))
            seals.append((day.isoformat(), after, previous, f"{name_of(public)}:{signature}", now))
            day += timedelta(days=1)
        if seals:
            await keep(public)
            await db.insert_many("audit_seals", ("day", "event_id", "hash", "signature", "sealed_at"), seals)
    return len(seals)


async def keep(public: Ed25519PublicKey) -> None:
    """Keep the public half of a key that signs, so that what it signed is verified after it was replaced."""
    await db.execute(
        "INSERT INTO platform_facts (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        [_FACT + name_of(public), pem(public)],
    )


async def _first_day() -> date | None:
    first = await db.row("SELECT occurred_at FROM audit_events ORDER BY id LIMIT 1")
    return clock.paris_date(clock.from_microseconds(first["occurred_at"])) if first else None


async def _last_of(day: date, after: int, previous: str) -> tuple[int, str]:
    """A day's last event and its hash, the chain up to it verified; those of the day before where it had none."""
    end = int(clock.to_microseconds(clock.end_of_day(day)))
    last = await db.row(
        "SELECT id, hash FROM audit_events WHERE id > $1 AND occurred_at < $2 ORDER BY id DESC LIMIT 1", [after, end]
    )
    until = last["id"] if last else after
    _, fault = await journal.verify(after, previous, until)
    if fault is not None:
        raise BrokenJournal(fault)
    return (last["id"], last["hash"]) if last else (after, previous)


# ---------------------------------------------------------------- verifying


async def verify(trusted: Ed25519PublicKey | None = None) -> tuple[int, str | None]:
    """Check every seal against the journal, one page after another: how many, and what is wrong first.

    Signatures must be of the key given; where none is, of this deployment's or one that it used before.
    """
    known = {name_of(one): one for one in ([trusted] if trusted else await keys())}
    count, before, day = 0, 0, ""
    while True:
        page = await db.rows(
            "SELECT s.day, s.event_id, s.hash, s.signature, e.hash AS found FROM audit_seals s "
            "LEFT JOIN audit_events e ON e.id = s.event_id WHERE s.day > $1 ORDER BY s.day LIMIT 500",
            [day],
        )
        if not page:
            return count, await _missing(count, day)
        for one in page:
            fault = _fault(one, known, before, day)
            if fault is not None:
                return count, fault
            count, before, day = count + 1, one["event_id"], one["day"]


async def keys() -> list[Ed25519PublicKey]:
    """The public keys of this deployment: the one that signs now, first, and those that signed before."""
    kept = await db.rows("SELECT value FROM platform_facts WHERE name LIKE $1", [_FACT + "%"])
    return [private_key().public_key(), *(public_of(one["value"]) for one in kept)]


def _fault(one: db.Row, keys: dict[str, Ed25519PublicKey], before: int, day_before: str) -> str | None:
    """What is wrong with a seal."""
    day = one["day"]
    if day_before and date.fromisoformat(day) != date.fromisoformat(day_before) + timedelta(days=1):
        return f"there is no seal between {day_before} and {day}"
    name, _, signature = one["signature"].partition(":")
    if name not in keys:
        return f"the seal of {day} is of a key that is not trusted ({name})"
    try:
        keys[name].verify(base64.b64decode(signature), _said(day, one["event_id"], one["hash"]))
    except (InvalidSignature, ValueError):
        return f"the seal of {day} was changed"
    if one["found"] is None:
        return f"event {one['event_id']}, the last of {day}, was removed: the end of the journal is missing"
    if one["found"] != one["hash"] or one["event_id"] < before:
        return f"the journal was rewritten before the end of {day}: event {one['event_id']} is not the one sealed"
    return None


async def _missing(count: int, last: str) -> str | None:
    """Seals that should be there: two days after a day is over, the job has had time for it."""
    expected = clock.today() - timedelta(days=2)
    first = await _first_day()
    if first is None or first > expected:
        return None
    if count == 0 or date.fromisoformat(last) < expected:
        return f"there is no seal after {last or 'the beginning'}: the end may be missing, or the job does not run"
    return None
