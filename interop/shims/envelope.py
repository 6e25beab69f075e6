"""A message taken apart into the fields that cross the wire and the entity that is encrypted.

What an engine encrypts and decrypts is the entity alone: the header is hidden and restored by
whoever knows the attribute, and an engine does not.
"""

from __future__ import annotations

import base64
import binascii
import re
import textwrap
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from email.policy import compat32

FIELD = re.compile(rb"[^\r\n][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
ENVELOPES = {None, "enveloped-data", "authenveloped-data"}


class EnvelopeError(Exception):
    """The message can't be taken apart; the text says why."""


class NotEncryptedError(EnvelopeError):
    """The message is no envelope."""


@dataclass(frozen=True)
class Parts:
    """`outer`: the fields that cross the wire; `entity`: those of the content, and the body."""

    outer: bytes
    entity: bytes


def split(message: bytes) -> Parts:
    """Raises `EnvelopeError`."""
    header, separator, body = message.partition(b"\r\n\r\n")
    if not separator:
        raise EnvelopeError("the message has no body")
    fields = FIELD.findall(header + b"\r\n")
    inner = [f for f in fields if f.lower().startswith(b"content-")]
    outer = [f for f in fields if f not in inner]
    return Parts(b"".join(outer), b"".join(inner) + b"\r\n" + body)


def cms_in(message: bytes) -> bytes:
    """The CMS object of an envelope.  Raises `EnvelopeError`."""
    header, separator, body = message.partition(b"\r\n\r\n")
    if not separator:
        raise EnvelopeError("the message has no body")
    told = BytesHeaderParser(policy=compat32).parsebytes(header + b"\r\n\r\n")
    kind = told.get_param("smime-type")
    if told.get_content_type() not in TYPES or _lower(kind) not in ENVELOPES:
        raise NotEncryptedError(f"the message is {told.get_content_type()}")
    encoding = str(told.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    if encoding in ("7bit", "8bit", "binary"):
        return body
    if encoding != "base64":
        raise EnvelopeError(f"the encoding {encoding!r} is not known")
    try:
        return base64.b64decode(body)
    except (binascii.Error, ValueError) as problem:
        raise EnvelopeError(f"its base64 is none: {problem}") from None


def carried(outer: bytes, cms: bytes, is_authenticated: bool) -> bytes:
    """The message that crosses the wire."""
    kind = "authEnveloped-data" if is_authenticated else "enveloped-data"
    lines = textwrap.wrap(base64.b64encode(cms).decode("ascii"), 76)
    head = (
        f'Content-Type: application/pkcs7-mime; smime-type={kind}; name="smime.p7m"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return outer + (head + "".join(f"{line}\r\n" for line in lines)).encode("ascii")


def _lower(parameter: object) -> str | None:
    return None if parameter is None else str(parameter).lower()
