"""Reading a non-delivery notification: RFC 3464 where it is one, anything at all where not.

The octets are a target's: reading them never fails and takes bounded time, and every text that
comes out is printable.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import email
import email.policy
import quopri
from dataclasses import dataclass, field
from email.message import Message

from mailassay.peers.transcript import printable_text

# What is taken apart; a bounce of the lab's short messages is far below.  Python's parser needs
# time by the square of a field's size, and looks at a line once for each multipart around it.
MAX_PARTS = 100
MAX_OCTETS = 100_000
MAX_LINES = 5_000
MAX_VALUE = 1_000  # characters of a field

STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
RETURNED_TYPES = (
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/global-headers",
    "message/rfc822",
    "message/global",
)

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RecipientReport:
    """The fields of one recipient [rfc3464/2.3], empty where missing.

    `address` is the Final-Recipient without its type, `status` without a comment."""

    address: str
    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True)
class Report:
    """A bounce taken apart.

    `structure` are the content types of all parts, outermost first; `message_fields` those of the
    message as a whole [rfc3464/2.2]; `returned` is the content type of the returned part, or
    empty, and `returned_content` what it holds."""

    is_delivery_status: bool
    structure: tuple[str, ...] = ()
    message_fields: Fields = ()
    recipients: tuple[RecipientReport, ...] = ()
    returned: str = ""
    returned_content: bytes = field(repr=False, default=b"")
    _texts: tuple[bytes, ...] = field(repr=False, default=())

    def contains(self, text: str) -> bool:
        """Whether the text stands anywhere in the octets, or decoded in any part taken apart."""
        return any(text.encode() in t for t in self._texts)


def parse_report(octets: bytes) -> Report:
    """Takes a bounce apart; never fails, whatever the octets are."""
    shown = octets[:MAX_OCTETS]
    shown = b"".join(shown.splitlines(keepends=True)[:MAX_LINES])
    try:
        return _taken_apart(octets, email.message_from_bytes(shown, policy=email.policy.compat32))
    except Exception:  # deep nesting, unheard-of charsets, whatever else Python's parser trips over
        return Report(is_delivery_status=False, _texts=(octets,))


def _taken_apart(octets: bytes, message: Message) -> Report:
    parts = [part for _, part in zip(range(MAX_PARTS), message.walk())]
    types = [part.get_content_type() for part in parts]
    status = next((p for p, t in zip(parts, types) if t in STATUS_TYPES), None)
    returned = next((p for p, t in zip(parts, types) if t in RETURNED_TYPES), None)
    kind = str(message.get_param("report-type", "")).lower()
    is_report = types[0] == "multipart/report" and kind == "delivery-status"
    blocks = _blocks(status) if status is not None else []
    return Report(
        is_delivery_status=is_report and status is not None,
        structure=tuple(printable_text(t[:MAX_VALUE]) for t in types),
        message_fields=_fields(blocks[0]) if blocks else (),
        recipients=tuple(_recipient(b) for b in blocks if b.get("Final-Recipient") is not None),
        returned=returned.get_content_type() if returned is not None else "",
        returned_content=_content(returned) if returned is not None else b"",
        _texts=(octets, *(_content(part) for part in parts)),
    )


def _blocks(status: Message) -> list[Message]:
    """The groups of fields of a status part: of the message first, then of each recipient."""
    payload = status.get_payload()
    blocks = [b for b in payload if isinstance(b, Message)] if isinstance(payload, list) else []
    if status.get_content_type() != STATUS_TYPES[0] and blocks:
        # Python takes the fields of this type for a message: header section, then a body.
        rest = blocks[0].get_payload()
        groups = rest.replace("\r\n", "\n").split("\n\n") if isinstance(rest, str) else []
        blocks = [blocks[0], *(email.message_from_string(g.strip("\n")) for g in groups)]
    return blocks[:MAX_PARTS]


def _fields(block: Message) -> Fields:
    return tuple((printable_text(name), _clean(value)) for name, value in block.items())


def _recipient(block: Message) -> RecipientReport:
    return RecipientReport(
        address=_value(block, "Final-Recipient").partition(";")[2].strip(),
        action=_value(block, "Action"),
        status=_value(block, "Status").split(" ")[0],
        diagnostic=_value(block, "Diagnostic-Code"),
    )


def _value(block: Message, name: str) -> str:
    return _clean(block.get(name, ""))


def _clean(value: object) -> str:
    """A field's value on one line."""
    return printable_text(" ".join(str(value).split())[:MAX_VALUE])


def _content(part: Message) -> bytes:
    """What a part holds, decoded; empty for a multipart."""
    if part.get_content_maintype() == "multipart":
        return b""
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    inner = part.get_payload()
    if not isinstance(inner, list) or not inner or not isinstance(inner[0], Message):
        return b""
    return _transfer_decoded(part, inner[0].as_bytes())


def _transfer_decoded(part: Message, octets: bytes) -> bytes:
    """A message inside a message must not be encoded, but nothing shall hide in one that is."""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if encoding == "base64":
        with contextlib.suppress(binascii.Error):
            return base64.b64decode(octets)
    elif encoding == "quoted-printable":
        return quopri.decodestring(octets)
    return octets
