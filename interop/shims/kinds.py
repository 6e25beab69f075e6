"""Kinds of messages that mail clients treat in ways of their own, signed attribute or not.

What a client makes of such a message says nothing of the attribute when it makes the same of a
control of that kind, which has none.
"""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from email.message import Message
from enum import StrEnum

# id-envelopedData and id-ct-authEnvelopedData in DER.
ENVELOPES = (
    bytes.fromhex("06092a864886f70d010703"), bytes.fromhex("060b2a864886f70d0109100117"),
)
# Where a ContentInfo has its type: behind the tag and the length, of whatever form.
TYPE_BY = 24
# id-RSASSA-PSS in DER.
PSS = bytes.fromhex("06092a864886f70d01010a")
SMIME = re.compile(r"application/(x-)?pkcs7-(mime|signature)", re.IGNORECASE)
SIGNATURE_INSIDE = re.compile(SMIME.pattern.encode(), re.IGNORECASE)
LONE_CR_OR_LF = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class Kind(StrEnum):
    """What a message has."""

    PSS = "a signature by RSASSA-PSS"
    LAYERS = "a signature around another"
    LINE_ENDS = "a line that does not end in CRLF"


def kinds_of(message: bytes) -> frozenset[Kind]:
    """All kinds that the message is of, as far as it can be read."""
    found = {Kind.LINE_ENDS} if LONE_CR_OR_LF.search(message) else set()
    signatures = _cms_in(message)
    if any(PSS in octets for octets in signatures):
        found.add(Kind.PSS)
    if len(signatures) > 1 or any(SIGNATURE_INSIDE.search(octets) for octets in signatures):
        found.add(Kind.LAYERS)
    return frozenset(found)


def holds_envelope(message: bytes) -> bool:
    """Whether there is encrypted text in it, beneath a signature or alone."""
    return any(kind in cms[:TYPE_BY] for cms in _cms_in(message) for kind in ENVELOPES)


def _cms_in(message: bytes) -> list[bytes]:
    """What its parts of S/MIME are, as far as it can be read."""
    try:
        return list(_parts(email.message_from_bytes(message)))
    except (ValueError, LookupError, RecursionError):
        return []


def _parts(message: Message) -> Iterator[bytes]:
    for part in message.walk():
        octets = part.get_payload(decode=True)
        if isinstance(octets, bytes) and SMIME.fullmatch(part.get_content_type()):
            yield octets
