"""Who has signed a message and who has countersigned that, by asn1crypto and Python's cryptography.

Independent of the reference: what an authorizing user's agent made is judged by this and by
OpenSSL, which verifies a SignedData with a damaged countersignature all the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from asn1crypto import cms, x509  # type: ignore[import]
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_der_x509_certificate

from mailassay.smime import SmimeError, split

MOST_LAYERS = 16
# Countersignatures on countersignatures.
DEEPEST = 4


@dataclass(frozen=True)
class Countersignature:
    """A signerInfo, and the value of the signature that it is over."""

    over: bytes
    info: Any


@dataclass(frozen=True)
class Layer:
    """The signatures of a message or an entity, from which `content` is what they are over."""

    signed_data: Any
    content: bytes

    @property
    def signers(self) -> tuple[Any, ...]:
        return tuple(self.signed_data["signer_infos"])

    @property
    def countersignatures(self) -> tuple[Countersignature, ...]:
        """All of them, those on countersignatures behind the one that they are on."""
        return tuple(c for info in self.signers for c in countersignatures_on(info))

    def certificate_of(self, info: Any) -> bytes:
        """In DER.  Raises `SmimeError` when it is not there."""
        serial = info["sid"].chosen["serial_number"].native
        found = {
            c.chosen.dump() for c in self.signed_data["certificates"]
            if isinstance(c.chosen, x509.Certificate) and c.chosen.serial_number == serial
        }
        if len(found) != 1:
            raise SmimeError(f"{len(found)} certificates of the signer {serial}")
        return bytes(*found)

    def fault_of(self, info: Any) -> str:
        """Of a signer's signature; empty: it holds."""
        return fault_of(self.content, info, self.certificate_of(info))

    def fault_of_countersignature(self, one: Countersignature) -> str:
        """Empty: it holds (RFC 5652 section 11.4)."""
        if "content_type" in _attributes(one.info):
            return "a content type"
        return fault_of(one.over, one.info, self.certificate_of(one.info))


def layer_of(message: bytes) -> Layer | None:
    """The outermost signatures of a message or an entity; None: there are none.  Raises
    `SmimeError` for what can't be read."""
    try:
        signed = split(message)
    except SmimeError:
        return None
    try:
        held = cms.ContentInfo.load(signed.cms)["content"]
        content = signed.content
        if content is None:
            content = held["encap_content_info"]["content"].native
    except (ValueError, TypeError, KeyError) as problem:
        raise SmimeError(f"its signature can't be read: {problem}") from None
    return Layer(held, bytes(content))


def layers_of(message: bytes) -> Iterator[Layer]:
    """From the outside to the inside, as far as nothing is encrypted."""
    for _ in range(MOST_LAYERS):
        layer = layer_of(message)
        if layer is None:
            return
        yield layer
        header, _, inner = layer.content.partition(b"\r\n\r\n")
        message = inner if b"message/rfc822" in header.lower() else layer.content


def countersignatures_on(info: Any, depth: int = 0) -> Iterator[Countersignature]:
    """Those on a signerInfo, and on them in turn."""
    attributes = info["unsigned_attrs"]
    if depth == DEEPEST or not attributes.native:
        return
    for attribute in attributes:
        if attribute["type"].native == "counter_signature":
            for value in attribute["values"]:
                yield Countersignature(info["signature"].native, value)
                yield from countersignatures_on(value, depth + 1)


def fault_of(octets: bytes, info: Any, certificate: bytes) -> str:
    """Of a signature with signed attributes over the octets (RFC 5652 section 5.4), by RSA with
    PKCS#1 v1.5 and SHA-256; empty: it holds."""
    if _attributes(info).get("message_digest") != hashlib.sha256(octets).digest():
        return "another digest"
    key = load_der_x509_certificate(certificate).public_key()
    if not isinstance(key, RSAPublicKey):
        return "a key of another kind"
    try:
        key.verify(
            info["signature"].native, info["signed_attrs"].untag().dump(), PKCS1v15(), SHA256()
        )
    except InvalidSignature:
        return "a wrong signature"
    return ""


def _attributes(info: Any) -> Mapping[str, Any]:
    return {a["type"].native: a["values"][0].native for a in info["signed_attrs"]}
