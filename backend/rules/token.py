"""Secrets that people and programs carry: random, known to the database by their SHA-256 only."""

import hashlib
import secrets


def issue() -> str:
    """A new secret of 256 bits, safe in an address."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What the database keeps of a secret. No salt or slow hash is needed: 256 random bits cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()
