"""Codes of authenticator applications (TOTP, RFC 6238): secrets kept encrypted, codes of one step either way."""

import base64
import hmac
import logging
import secrets

import pyotp
import segno
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend import clock
from backend.rules import address

STEP = 30
"""Seconds one code lives."""

_DRIFT = 1
"""Steps that the person's clock may be ahead or behind."""

_PURPOSE = "totp secrets"
_ISSUER = "PEP’s"

logger = logging.getLogger(__name__)


def new_secret() -> str:
    """A secret of 160 bits, as applications take it."""
    return pyotp.random_base32()


def seal(secret: str, user_id: int) -> str:
    """A secret as it is stored: encrypted for this account, so that a row copied to another is worth nothing."""
    nonce = secrets.token_bytes(12)
    sealed = AESGCM(address.derived_key(_PURPOSE)).encrypt(nonce, secret.encode(), _bound(user_id))
    return base64.b64encode(nonce + sealed).decode()


def unseal(sealed: str, user_id: int) -> str | None:
    """The secret; None where the platform's secret key is no longer the one it was sealed with."""
    whole = base64.b64decode(sealed)
    try:
        return AESGCM(address.derived_key(_PURPOSE)).decrypt(whole[:12], whole[12:], _bound(user_id)).decode()
    except InvalidTag:
        logger.error("a second factor cannot be read: SECRET_KEY is not the one it was stored with")
        return None


def _bound(user_id: int) -> bytes:
    return f"user {user_id}".encode()


def step_of(secret: str, code: str) -> int | None:
    """The step a code is of, now or one step away; None if it is wrong."""
    given = "".join(code.split())
    now = int(clock.now().timestamp()) // STEP
    generated = pyotp.TOTP(secret)
    found = None
    for step in range(now - _DRIFT, now + _DRIFT + 1):  # all are compared, so that an answer takes as long
        if hmac.compare_digest(generated.generate_otp(step).encode(), given.encode()):
            found = step
    return found


def address_of(secret: str, identifier: str) -> str:
    """The `otpauth:` address an application reads from the picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=identifier, issuer_name=_ISSUER)


def picture_of(text: str) -> str:
    """A QR code of a text, as an SVG image in a `data:` address: dark on white, whatever the screen's colours."""
    return segno.make(text, error="m").svg_data_uri(scale=6, border=4, dark="#000", light="#fff")
