"""Passkeys (WebAuthn): what a browser is asked to make or to sign, and whether its answer is right.

They serve after the password, never instead: a credential need not be discoverable, and the device checks who holds
it if it can. They are bound to the platform's host name; an address of numbers cannot have any.
"""

import hmac
import ipaddress
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from backend import settings
from backend.rules import address

_NAME = "PEP’s"
_LONGEST_ID = 400

# What the library lets through of an answer that is none: it reads JSON, CBOR and keys that a client made up.
_MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, struct.error)


@dataclass(frozen=True)
class Made:
    """A passkey just made."""

    credential_id: str
    public_key: str
    counter: int


def is_possible() -> bool:
    """Whether the platform is reached by a host name."""
    return _party() is not None


def _party() -> tuple[str, list[str]] | None:
    """The name passkeys are bound to and the origins they come from; None where there can be none."""
    ours = settings.current().address
    parts = urlsplit(ours)
    host = parts.hostname or ""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        return host, [ours]
    if not number.is_loopback:
        return None
    port = f":{parts.port}" if parts.port else ""  # on one's own machine: reached by its name
    return "localhost", [urlunsplit(parts._replace(netloc=f"localhost{port}"))]


def request_to_make(
    nonce: str, user_id: int, identifier: str, name: str, credential_ids: Sequence[str]
) -> dict[str, Any] | None:
    """What a browser is asked in order to make a passkey; those the person has are not made again."""
    party = _party()
    if party is None:
        return None
    return options_to_json_dict(
        webauthn.generate_registration_options(
            rp_id=party[0],
            rp_name=_NAME,
            user_id=hmac.digest(address.derived_key("passkey owners"), str(user_id).encode(), "sha256"),
            user_name=identifier,
            user_display_name=name,
            challenge=base64url_to_bytes(nonce),
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.DISCOURAGED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
            exclude_credentials=_descriptors(credential_ids),
        )
    )


def request_to_sign(nonce: str, credential_ids: Sequence[str]) -> dict[str, Any] | None:
    """What a browser is asked in order to sign with one of a person's passkeys."""
    party = _party()
    if party is None or not credential_ids:
        return None
    return options_to_json_dict(
        webauthn.generate_authentication_options(
            rp_id=party[0], challenge=base64url_to_bytes(nonce), allow_credentials=_descriptors(credential_ids)
        )
    )


def _descriptors(credential_ids: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(one)) for one in credential_ids]


def made(answer: Mapping[str, Any], nonce: str) -> Made | None:
    """The passkey a browser answers with; None if the answer is not right."""
    party = _party()
    if party is None:
        return None
    try:
        verified = webauthn.verify_registration_response(
            credential=dict(answer),
            expected_challenge=base64url_to_bytes(nonce),
            expected_rp_id=party[0],
            expected_origin=party[1],
        )
    except _MALFORMED:
        return None
    credential_id = bytes_to_base64url(verified.credential_id)
    if len(credential_id) > _LONGEST_ID:
        return None
    return Made(credential_id, bytes_to_base64url(verified.credential_public_key), verified.sign_count)


def id_of(answer: Mapping[str, Any]) -> str:
    """The passkey that a browser says signed."""
    given = answer.get("id")
    return given if isinstance(given, str) else ""


def signed(answer: Mapping[str, Any], nonce: str, public_key: str) -> int | None:
    """How many times the passkey says it was used, if it signed this request; None if it did not.

    The counter is judged by whoever asks: one that does not grow tells a copy of the passkey.
    """
    party = _party()
    if party is None:
        return None
    try:
        return webauthn.verify_authentication_response(
            credential=dict(answer),
            expected_challenge=base64url_to_bytes(nonce),
            expected_rp_id=party[0],
            expected_origin=party[1],
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=0,
        ).new_sign_count
    except _MALFORMED:
        return None
