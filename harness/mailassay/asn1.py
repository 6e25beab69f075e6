"""ASN.1 octets as nested values: enough of X.690 to look into a signature without the reference.

`read` takes BER, since CMS objects may be BER; `is_der` says whether octets are DER as far as tags,
lengths and the order of sets go.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_DEPTH = 64
SEQUENCE, SET = 0x30, 0x31
INTEGER, OID, ENUMERATED, UTF8, VISIBLE, IA5 = 0x02, 0x06, 0x0A, 0x0C, 0x1A, 0x16
OCTETS = 0x04


class Asn1Error(Exception):
    """The octets are no value; the text says where."""


@dataclass(frozen=True)
class Value:
    """One value.  `tag` is its identifier octet; `content` what is behind its length, without an
    end of contents; `raw` all of it; `members` the values in a constructed one."""

    tag: int
    content: bytes
    raw: bytes
    members: tuple[Value, ...] = ()

    @property
    def is_constructed(self) -> bool:
        return bool(self.tag & 0x20)

    @property
    def octets(self) -> bytes:
        """Of an OCTET STRING, which BER may have in pieces."""
        return b"".join(m.octets for m in self.members) if self.is_constructed else self.content

    @property
    def number(self) -> int:
        return int.from_bytes(self.content, "big", signed=True)

    @property
    def dotted(self) -> str:
        """Of an object identifier."""
        arcs: list[int] = []
        arc = 0
        for octet in self.content:
            arc = arc << 7 | octet & 0x7F
            if not octet & 0x80:
                arcs.append(arc)
                arc = 0
        first = min(arcs[0] // 40, 2) if arcs else 0
        return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:]))) if arcs else ""


def read(octets: bytes) -> Value:
    """Exactly one value."""
    value, end = _read(octets, 0, 0)
    if end != len(octets):
        raise Asn1Error(f"{len(octets) - end} octets behind the value")
    return value


def is_der(octets: bytes) -> bool:
    """Definite, shortest lengths, and the members of each SET in order.

    A SET and a SET OF are ordered alike here: by tag, then by octets."""
    try:
        value = read(octets)
    except Asn1Error:
        return False
    return _encode(value) == octets


def _encode(value: Value) -> bytes:
    content = value.content
    if value.is_constructed:
        parts = [_encode(m) for m in value.members]
        if value.tag == SET:
            parts.sort()
        content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((value.tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((value.tag, 0x80 | len(length))) + length + content


def _read(octets: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth > MAX_DEPTH:
        raise Asn1Error(f"nested too deeply at {at}")
    start = at
    if at + 2 > len(octets):
        raise Asn1Error(f"cut off at {at}")
    tag, length = octets[at], octets[at + 1]
    if tag & 0x1F == 0x1F:
        raise Asn1Error(f"a long tag at {at}")
    at += 2
    if length == 0x80:
        return _read_indefinite(octets, start, at, tag, depth)
    if length > 0x80:
        count = length & 0x7F
        if count > 8 or at + count > len(octets):
            raise Asn1Error(f"a bad length at {at}")
        length = int.from_bytes(octets[at:at + count], "big")
        at += count
    end = at + length
    if end > len(octets):
        raise Asn1Error(f"longer than what there is at {start}")
    content = octets[at:end]
    members: list[Value] = []
    if tag & 0x20:
        while at < end:
            member, at = _read(octets[:end], at, depth + 1)
            members.append(member)
    return Value(tag, content, octets[start:end], tuple(members)), end


def _read_indefinite(
    octets: bytes, start: int, at: int, tag: int, depth: int
) -> tuple[Value, int]:
    if not tag & 0x20:
        raise Asn1Error(f"a primitive value of indefinite length at {start}")
    begun = at
    members: list[Value] = []
    while octets[at:at + 2] != b"\0\0":
        member, at = _read(octets, at, depth + 1)
        members.append(member)
    end = at + 2
    return Value(tag, octets[begun:at], octets[start:end], tuple(members)), end
