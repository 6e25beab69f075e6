"""DKIM (RFC 6376) as far as the harness needs it: one kind of signature, made and verified.

rsa-sha256, relaxed for fields and body, no `l=`.  Independent of every signer under test; the tests
hold it against opendkim."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from mailassay.milter.message import Field, Mail

NAME = b"DKIM-Signature"
SIGNATURE = re.compile(rb"(;\s*b=)[^;]*")


def signed(mail: Mail, key: RSAPrivateKey, domain: bytes, names: Sequence[bytes]) -> Mail:
    """The mail with a signature over the named fields above its header; the selector is `s`."""
    tags = (
        b" v=1; a=rsa-sha256; c=relaxed/relaxed; d=" + domain + b"; s=s;\r\n\th="
        + b":".join(names) + b";\r\n\tbh=" + _body_hash(mail.body) + b";\r\n\tb="
    )
    covered = _covered(mail.fields, names, Field(NAME, tags))
    value = base64.b64encode(key.sign(covered, PKCS1v15(), SHA256()))
    folded = b"\r\n\t".join(value[n:n + 70] for n in range(0, len(value), 70))
    return Mail(
        mail.sender, mail.recipients, (Field(NAME, tags + folded), *mail.fields), mail.body
    )


def fault_of(mail: Mail, signature: Field, key: RSAPublicKey) -> str | None:
    """Why that signature, made by `signed`, does not hold over the mail; None when it does."""
    own = _unfolded(signature.value)
    if not any(f.is_called(NAME) and _unfolded(f.value) == own for f in mail.fields):
        return "the signature is no longer there"
    parts = (part.strip().partition(b"=") for part in own.split(b";"))
    tags = {name: value for name, _, value in parts}
    if _body_hash(mail.body) != re.sub(rb"\s", b"", tags[b"bh"]):
        return "the body is not the one that was signed"
    names = [n.strip() for n in tags[b"h"].split(b":")]
    others = tuple(f for f in mail.fields if _unfolded(f.value) != own)
    covered = _covered(others, names, Field(NAME, SIGNATURE.sub(rb"\1", signature.value)))
    try:
        key.verify(
            base64.b64decode(re.sub(rb"\s", b"", tags[b"b"])), covered, PKCS1v15(), SHA256()
        )
    except InvalidSignature:
        return "the fields are not the ones that were signed"
    return None


def _covered(fields: Sequence[Field], names: Sequence[bytes], own: Field) -> bytes:
    """The octets under a signature: of each name the lowest field that is left, then its own."""
    left = list(fields)
    parts = []
    for name in names:
        at = next((n for n in reversed(range(len(left))) if left[n].is_called(name)), None)
        if at is not None:
            parts.append(_relaxed(left.pop(at)) + b"\r\n")
    return b"".join(parts) + _relaxed(own)


def _relaxed(field: Field) -> bytes:
    return field.name.lower().strip() + b":" + _unfolded(field.value)


def _unfolded(value: bytes) -> bytes:
    return re.sub(rb"[ \t]+", b" ", re.sub(rb"\r\n(?=[ \t])", b"", value)).strip(b" \t\r\n")


def _body_hash(body: bytes) -> bytes:
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    relaxed = b"\r\n".join(lines).rstrip(b"\r\n")
    return base64.b64encode(hashlib.sha256(relaxed + b"\r\n" if relaxed else b"").digest())
