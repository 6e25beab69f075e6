"""Signed messages looked into by the harness itself: the parts, the signers, the attribute.

Independent of the reference: what a signer made is judged by this and by OpenSSL."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from mailassay.asn1 import ENUMERATED, IA5, INTEGER, OCTETS, OID, SEQUENCE, SET, UTF8, VISIBLE
from mailassay.asn1 import Asn1Error, Value, is_der, read
from mailassay.verdicts import Edition

SIGNED_DATA = "1.2.840.113549.1.7.2"
ATTRIBUTE_TYPES = {Edition.RFC: 55, Edition.DRAFT: 80}
CONTENT_FIELD = re.compile(rb"(?i)(?<=\r\n)content-[^\s:]+:[^\r\n]*(?:\r\n[ \t][^\r\n]*)*")
SMIME_ATTRIBUTES = "1.2.840.113549.1.9.16.2."
ALGORITHMS = {0: "simple", 1: "relaxed"}
STATUSES = {0: "duplicated", 1: "deleted", 2: "modified"}


class SmimeError(Exception):
    """The message or its signature can't be read; the text says why."""


@dataclass(frozen=True)
class SignedMessage:
    """`content` is what a detached signature is over; None: it is in the CMS object."""

    cms: bytes
    content: bytes | None


@dataclass(frozen=True)
class SignedField:
    """A field as a structure has it, with what its octets say."""

    name: str
    value: str
    status: str


@dataclass(frozen=True)
class Structure:
    """A SecureHeaderFields that was read strictly in the syntax of an edition."""

    algorithm: str
    fields: tuple[SignedField, ...]


@dataclass(frozen=True)
class SignerAttributes:
    """What one signerInfo holds of the attribute: by the attributes' types, the values."""

    values: dict[str, tuple[bytes, ...]]
    count: int  # attributes of any type
    octets: bytes  # the whole signerInfo


def split(message: bytes) -> SignedMessage:
    """The signature of a message, and what it is over."""
    header, separator, body = message.partition(b"\r\n\r\n")
    if not separator:
        raise SmimeError("the message has no body")
    parsed = _content_fields(header)
    kind = parsed.get_content_type()
    if kind in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
        return SignedMessage(_decoded(parsed, body), None)
    if kind != "multipart/signed":
        raise SmimeError(f"the message is {kind}, and not signed")
    boundary = parsed.get_boundary()
    if not boundary:
        raise SmimeError("multipart/signed without a boundary")
    delimiter = re.compile(rb"(?:\r\n|\A)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*\r\n")
    pieces = delimiter.split(b"\r\n" + body)
    if len(pieces) != 4:
        raise SmimeError(f"multipart/signed has {len(pieces) - 2} parts")
    part_header, _, part_body = pieces[2].partition(b"\r\n\r\n")
    return SignedMessage(_decoded(_content_fields(part_header), part_body), pieces[1])


def _content_fields(header: bytes) -> Message:
    """The fields about the content alone.

    At a name with a space behind it, or an octet that no name has, Python ends the header."""
    fields = CONTENT_FIELD.findall(b"\r\n" + header + b"\r\n")
    return BytesParser(policy=compat32).parsebytes(b"\r\n".join([*fields, b"\r\n"]))


def _decoded(header: Message, body: bytes) -> bytes:
    coding = str(header.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    if coding != "base64":
        return body
    try:
        return base64.b64decode(b"".join(body.split()), validate=True)
    except ValueError as problem:
        raise SmimeError(f"its base64 is none: {problem}") from None


def signed_attributes(cms: bytes) -> tuple[tuple[Value, ...], ...]:
    """Every signerInfo's signed attributes."""
    return tuple(_listed(signer) for signer in _signer_infos(cms))


def signers_of(cms: bytes) -> tuple[SignerAttributes, ...]:
    """Every signerInfo's signed attributes of Secure Headers, of whichever edition."""
    try:
        return tuple(_signer(signer) for signer in _signer_infos(cms))
    except (Asn1Error, IndexError) as problem:
        raise SmimeError(f"the CMS object can't be read: {problem}") from None


def _signer_infos(cms: bytes) -> tuple[Value, ...]:
    try:
        info = read(cms)
        if info.members[0].dotted != SIGNED_DATA:
            raise SmimeError("the CMS object is no SignedData")
        return tuple(info.members[1].members[0].members[-1].members)
    except (Asn1Error, IndexError) as problem:
        raise SmimeError(f"the CMS object can't be read: {problem}") from None


def _listed(signer: Value) -> tuple[Value, ...]:
    return tuple(next((m.members for m in signer.members if m.tag == 0xA0), ()))


def _signer(signer: Value) -> SignerAttributes:
    listed = _listed(signer)
    values: dict[str, tuple[bytes, ...]] = {}
    for attribute in listed:
        kind = attribute.members[0]
        if kind.tag == OID and kind.dotted.startswith(SMIME_ATTRIBUTES):
            found = tuple(v.raw for v in attribute.members[1].members)
            values[kind.dotted] = values.get(kind.dotted, ()) + found
    return SignerAttributes(values, len(listed), signer.raw)


def attribute_type(edition: Edition) -> str:
    """The object identifier, in dots."""
    return f"{SMIME_ATTRIBUTES}{ATTRIBUTE_TYPES[edition]}"


def structure_of(octets: bytes, edition: Edition) -> Structure:
    """The structure in an attribute's value.  Raises `SmimeError` on whatever is not the edition's
    syntax in DER."""
    if not is_der(octets):
        raise SmimeError("the attribute's value is not DER")
    outer = read(octets)
    list_tag, value_tag = (SEQUENCE, UTF8) if edition is Edition.RFC else (SET, IA5)
    if outer.tag != SET or [m.tag for m in outer.members] != [ENUMERATED, list_tag]:
        raise SmimeError("the value is not a SET of an ENUMERATED and a list of the right type")
    algorithm, listed = outer.members
    if len(algorithm.content) != 1 or algorithm.number not in ALGORITHMS:
        raise SmimeError(f"the algorithm is {algorithm.content.hex()}")
    if not listed.members:
        raise SmimeError("the list has no field")
    fields = tuple(_field(f, value_tag) for f in listed.members)
    return Structure(ALGORITHMS[algorithm.number], fields)


def _field(field: Value, value_tag: int) -> SignedField:
    tags = [m.tag for m in field.members]
    if field.tag != SEQUENCE or tags[:2] != [VISIBLE, value_tag] or tags[2:] not in ([], [INTEGER]):
        raise SmimeError(f"a field has the types {[hex(t) for t in tags]}")
    status = field.members[2].number if len(tags) == 3 else 0
    if len(tags) == 3 and (len(field.members[2].content) != 1 or status not in (1, 2)):
        raise SmimeError(f"a status is {field.members[2].content.hex()}")
    name, value = field.members[0].content, field.members[1].content
    if not name or any(not 33 <= c <= 126 or c == 58 for c in name):
        raise SmimeError(f"a name is {name!r}")
    of_draft = value_tag == IA5
    if of_draft and any(c in b"\t\x7f" for c in value):
        raise SmimeError(f"the value of {name!r} has a character that the draft leaves out")
    try:
        text = value.decode("ascii" if of_draft else "utf-8")
    except UnicodeDecodeError:
        raise SmimeError(f"the value of {name!r} is not of its string type") from None
    return SignedField(name.decode("ascii"), text, STATUSES[status])


def content_of(cms: bytes) -> bytes:
    """What an opaque signature is over."""
    try:
        encapsulated = read(cms).members[1].members[0].members[2]
        wrapped = encapsulated.members[1].members[0]
        if wrapped.tag & 0x1F != OCTETS:
            raise SmimeError("the content is no OCTET STRING")
        return wrapped.octets
    except (Asn1Error, IndexError) as problem:
        raise SmimeError(f"there is no content in the CMS object: {problem}") from None
