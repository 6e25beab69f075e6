"""Reading a non-delivery notification: RFC 3464 where it is one, anything at all where not."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, field
from email.message import Message

MAX_PARTS = 100
MAX_CONTENT = 10_000_000


@dataclass(frozen=True)
class RecipientReport:
    """The fields of one recipient: RFC 3464 section 2.3."""

    address: str
    action: str
    status: str
    diagnostic: str


@dataclass(frozen=True)
class Report:
    """A bounce taken apart.  `returned` is the content type of the returned part, or empty."""

    is_delivery_status: bool
    recipients: tuple[RecipientReport, ...]
    returned: str
    _texts: tuple[str, ...] = field(repr=False, default=())

    def contains(self, text: str) -> bool:
        """Whether the text stands anywhere in it, in any part, decoded or not."""
        return any(text in t for t in self._texts)


def parse_report(octets: bytes) -> Report:
    """Takes a bounce apart; never fails, whatever the octets are."""
    octets = octets[:MAX_CONTENT]
    message = email.message_from_bytes(octets, policy=email.policy.compat32)
    parts = [part for _, part in zip(range(MAX_PARTS), message.walk())]
    texts = [octets.decode("latin-1"), *(_decoded(p) for p in parts)]
    status = next((p for p in parts if p.get_content_type() == "message/delivery-status"), None)
    is_report = (
        message.get_content_type() == "multipart/report"
        and str(message.get_param("report-type", "")).lower() == "delivery-status"
    )
    returned = next(
        (p.get_content_type() for p in parts if p.get_content_type() in RETURNED_TYPES), ""
    )
    return Report(
        is_delivery_status=is_report and status is not None,
        recipients=_recipients(status) if status is not None else (),
        returned=returned,
        _texts=tuple(texts),
    )


RETURNED_TYPES = (
    "text/rfc822-headers",
    "message/rfc822-headers",
    "message/rfc822",
    "message/global",
    "message/global-headers",
)


def _decoded(part: Message) -> str:
    if part.is_multipart():
        return ""
    payload = part.get_payload(decode=True)
    return payload.decode("latin-1") if isinstance(payload, bytes) else ""


def _recipients(status: Message) -> tuple[RecipientReport, ...]:
    blocks = status.get_payload()
    if not isinstance(blocks, list):
        return ()
    found = []
    for block in blocks[:MAX_PARTS]:
        if not isinstance(block, Message) or block.get("Final-Recipient") is None:
            continue
        found.append(
            RecipientReport(
                address=_value(block, "Final-Recipient").partition(";")[2].strip(),
                action=_value(block, "Action"),
                status=_value(block, "Status").split(" ")[0],
                diagnostic=_value(block, "Diagnostic-Code"),
            )
        )
    return tuple(found)


def _value(block: Message, name: str) -> str:
    return " ".join(str(block.get(name, "")).split())
