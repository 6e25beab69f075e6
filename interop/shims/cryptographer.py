"""An S/MIME engine that encrypts and decrypts: the operations `encrypt` and `decrypt`.

It knows nothing of hidden fields, so the header goes through as it is and no answer has `header`.
An engine is a class with `encrypt` and `decrypt`, given to `engine.main`.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import envelope
import lines

CIPHERS = ("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm")
CERTIFICATE = "-----BEGIN CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----"


class RefusedError(Exception):
    """The engine does not encrypt this; its own words."""


class UnopenedError(Exception):
    """The engine does not open this; its own words."""


class NotARecipientError(UnopenedError):
    """The envelope has nothing for this key."""


@dataclass(frozen=True)
class Holder:
    """A certificate and its key, PEM."""

    certificate: str
    key: str


@dataclass(frozen=True)
class Sealing:
    """What is encrypted, and to whom.  `roots` (PEM) are for an engine that encrypts to nobody
    whose chain it can't judge."""

    entity: bytes
    recipients: tuple[str, ...]  # PEM
    cipher: str  # one of CIPHERS
    roots: tuple[str, ...]


class Cryptographer(Protocol):
    """An engine under the shim's control."""

    def encrypt(self, sealing: Sealing) -> bytes:
        """The CMS object.  Raises `RefusedError`."""
        ...

    def decrypt(self, cms: bytes, holder: Holder) -> bytes:
        """What was encrypted.  Raises `UnopenedError`."""
        ...


def operations(engine: Cryptographer) -> dict[str, lines.Operation]:
    """For `lines.serve`."""

    def encrypt(request: Mapping[str, Any]) -> dict[str, Any]:
        return _encrypt(engine, request)

    def decrypt(request: Mapping[str, Any]) -> dict[str, Any]:
        return _decrypt(engine, request)

    return {"encrypt": encrypt, "decrypt": decrypt}


def _encrypt(engine: Cryptographer, request: Mapping[str, Any]) -> dict[str, Any]:
    cipher = request.get("cipher", "aes-256-cbc")
    if cipher not in CIPHERS:
        raise lines.RequestError(f"cipher should be one of {', '.join(CIPHERS)}")
    listed = request.get("recipients", [])
    if not isinstance(listed, list) or not all(_is_pem(each, CERTIFICATE) for each in listed):
        raise lines.RequestError("recipients should be a list of certificates in PEM")
    try:
        parts = envelope.split(lines.octets(request, "message"))
        cms = engine.encrypt(Sealing(parts.entity, tuple(listed), cipher, lines.roots(request)))
    except (envelope.EnvelopeError, RefusedError) as problem:
        return {"outcome": "refused", "reason": str(problem)}
    message = envelope.carried(parts.outer, cms, cipher.endswith("gcm"))
    return {"outcome": "encrypted", "message": base64.b64encode(message).decode("ascii")}


def _decrypt(engine: Cryptographer, request: Mapping[str, Any]) -> dict[str, Any]:
    holder = Holder(str(request.get("certificate")), str(request.get("key")))
    if not _is_pem(holder.certificate, CERTIFICATE) or not _is_pem(holder.key, KEY):
        raise lines.RequestError("certificate and key should be PEM")
    message = lines.octets(request, "message")
    try:
        entity = engine.decrypt(envelope.cms_in(message), holder)
    except envelope.NotEncryptedError as problem:
        return {"outcome": "not-encrypted", "reason": str(problem)}
    except NotARecipientError as problem:
        return {"outcome": "not-a-recipient", "reason": str(problem)}
    except (envelope.EnvelopeError, UnopenedError) as problem:
        return {"outcome": "unreadable", "reason": str(problem)}
    opened = envelope.split(message).outer + entity
    return {"outcome": "decrypted", "message": base64.b64encode(opened).decode("ascii")}


def _is_pem(text: object, begin: str) -> bool:
    return isinstance(text, str) and text.isascii() and begin in text
