"""Headings of interpersonal messages (X.420) as values, written and read without the reference.

A second reader for what a gateway to X.400 made, and a writer for what it is given.  It knows who
is named in a heading, its subject, identifier and extensions; what else stands there is passed
over.  `write_ipm` writes DER and checks nothing, so that it can also write what no gateway should
take; `read_ipm` refuses what breaks X.420.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mailassay.asn1 import OID, SEQUENCE, SET, Asn1Error, Value, read

NUMERIC, PRINTABLE, TELETEX, NULL = 0x12, 0x13, 0x14, b"\x05\x00"
COUNTRY, ADMD = 0x61, 0x62  # APPLICATION 1 and 2, around a string
THIS_IPM, OR_NAME = 0x6B, 0x60  # APPLICATION 11 and 0
ORIGINATOR, USERS, PRIMARY, COPY, BLIND, REPLIED_TO, RELATED, SUBJECT, REPLY, EXTENSIONS = (
    0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA7, 0xA8, 0xAB, 0xAF
)
FREE_FORM, TELEPHONE, RECIPIENT = 0x80, 0x81, 0xA0
X121, TERMINAL, PRMD, ORGANIZATION, USER_ID, PERSONAL_NAME, UNITS = (
    0x80, 0x81, 0xA2, 0x83, 0x84, 0xA5, 0xA6
)
# Those of postal and network addresses that RFC 2156 has keys for, in the order of the text form.
NET_NUMBER, NET_SUB, LINES = "NET-NUM", "NET-SUB", "PD-ADDRESS"
FURTHER = {
    22: NET_NUMBER, 21: "PD-LOCAL", 20: "PD-UNIQUE", 19: "PD-RESTANTE", 18: "PD-BOX",
    17: "PD-STREET", 16: LINES, 15: "PD-EXT-DELIVERY", 14: "PD-O", 13: "PD-PN",
    12: "PD-EXT-ADDRESS", 11: "PD-OFFICE-NUM", 10: "PD-OFFICE", 9: "PD-CODE", 8: "PD-C",
    7: "PD-SERVICE",
}
# Among the extension attributes (X.411): each a SEQUENCE of a number and a value.
COMMON_NAME, NUMBER, VALUE = 1, 0x80, 0xA1
SURNAME, GIVEN_NAME, INITIALS, GENERATION = 0x80, 0x81, 0x82, 0x83
IPM = 0xA0
EXEMPTED = "1.3.26.0.4406.0.2.4"  # its value is a list of people
RFC_822_FIELDS = "1.3.6.1.7.1.3.2"  # RFC 2156, appendix D
IA5 = 0x16
MMHS = "1.3.26.0.4406.0.2."  # the arc of the heading extensions of STANAG 4406
RFC_822 = "RFC-822"
SEPARATOR = re.compile(r"(?=[/=])")  # what stands after a dollar sign in a value


class X420Error(Exception):
    """The octets are no interpersonal message; the text says why."""


@dataclass(frozen=True)
class OrAddress:
    """The attributes of the mnemonic form.  `units` and `domain_defined`: the most significant
    first, as they stand in ASN.1."""

    country: str = ""
    admd: str = ""
    prmd: str = ""
    organization: str = ""
    units: tuple[str, ...] = ()
    surname: str = ""
    given_name: str = ""
    initials: str = ""
    generation: str = ""
    domain_defined: tuple[tuple[str, str], ...] = ()
    common_name: str = ""
    x121: str = ""
    terminal: str = ""
    user_id: str = ""
    # Postal and network attributes by their keys; of two encodings the printable one.
    further: tuple[tuple[str, str], ...] = ()
    # Of country, ADMD and PRMD those that stand there as numeric strings; nothing of the address.
    numeric: tuple[str, ...] = field(default=(), compare=False)

    @property
    def text(self) -> str:
        """The text form of RFC 2156, 4.1.3, the most significant attribute to the right."""
        pairs = (
            *(_keyed(pair) for pair in reversed(self.domain_defined)),
            *self.further, ("CN", self.common_name), ("G", self.given_name), ("I", self.initials),
            ("S", self.surname), ("GQ", self.generation), ("UA-ID", self.user_id),
            ("T-ID", self.terminal), ("X121", self.x121),
            *(("OU", unit) for unit in reversed(self.units)),
            ("O", self.organization), ("PRMD", self.prmd), ("ADMD", self.admd), ("C", self.country),
        )
        written = "".join(f"/{key}={SEPARATOR.sub('$', value)}" for key, value in pairs if value)
        return f"{written}/" if written else ""

    @property
    def internet(self) -> str | None:
        """The Internet address that it carries, its escapes undone (RFC 2156, 3.4 and 4.3.2)."""
        parts = {kind.upper(): value for kind, value in self.domain_defined}
        if RFC_822 not in parts:
            return None
        more = (parts.get(f"RFC822C{i}", "") for i in (1, 2, 3))
        return unescaped(parts[RFC_822] + "".join(more))


@dataclass(frozen=True)
class Identifier:
    """An IPMIdentifier: what its user calls it, and who that is."""

    local: str
    user: OrAddress | None = None


@dataclass(frozen=True)
class Descriptor:
    """An ORDescriptor: whom, and as a person would say it (T.61 as Latin 1).  `requests`: how many
    other elements a recipient's specifier has."""

    address: OrAddress | None = None
    free_form: str | None = None
    telephone: str | None = None
    requests: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Heading:
    """`authorizing_users`: None where there is no such element, which an empty one is not.
    `extensions`: object identifier and the octets of the value, of each."""

    identifier: str = ""
    originator: Descriptor | None = None
    authorizing_users: tuple[Descriptor, ...] | None = None
    primary: tuple[Descriptor, ...] = ()
    copy: tuple[Descriptor, ...] = ()
    blind_copy: tuple[Descriptor, ...] = ()
    replied_to: Identifier | None = None
    related: tuple[Identifier, ...] = ()
    subject: str | None = None
    reply_recipients: tuple[Descriptor, ...] = ()
    extensions: tuple[tuple[str, bytes], ...] = ()
    identifier_user: OrAddress | None = None

    @property
    def is_military(self) -> bool:
        return any(kind.startswith(MMHS) for kind, _ in self.extensions)


def _keyed(pair: tuple[str, str]) -> tuple[str, str]:
    return (pair[0] if pair[0].upper() == RFC_822 else f"DD.{pair[0]}", pair[1])


# -- the escapes of RFC 2156, section 3.4 ---------------------------------------------------

ESCAPES = {"@": "a", "%": "p", "!": "b", '"': "q", "_": "u", "(": "l", ")": "r"}
PLAIN = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '+,-./:=?"
)
BRACKETED = PLAIN | frozenset("()")


def escaped(text: str) -> str:
    """ASCII as a printable string."""
    return "".join(c if c in PLAIN else f"({ESCAPES.get(c, f'{ord(c):03}')})" for c in text)


def unescaped(text: str) -> str:
    """Raises `X420Error` where a bracket opens no escape."""
    made, at = "", 0
    letters = {letter: c for c, letter in ESCAPES.items()}
    while at < len(text):
        if text[at] != "(":
            made, at = made + text[at], at + 1
            continue
        inner, closed, _ = text[at + 1:].partition(")")
        if inner.lower() in letters:
            made += letters[inner.lower()]
        elif len(inner) == 3 and inner.isascii() and inner.isdigit() and int(inner) < 128:
            made += chr(int(inner))
        else:
            raise X420Error(f"no escape: ({inner[:8]!r}")
        if not closed:
            raise X420Error("an escape that does not end")
        at += len(inner) + 2
    return made


# -- writing --------------------------------------------------------------------------------


def write_ipm(heading: Heading, repeated: Iterable[bytes] = ()) -> bytes:
    """An IPM with an empty body.  `repeated` are further elements, which may be there already."""
    elements = [_identifier(heading.identifier), *repeated]
    if heading.originator is not None:
        elements.append(_tlv(ORIGINATOR, _descriptor(heading.originator)))
    if heading.authorizing_users is not None:
        users = (_tlv(SET, _descriptor(u)) for u in heading.authorizing_users)
        elements.append(_tlv(USERS, *users))
    for tag, people in (
        (PRIMARY, heading.primary), (COPY, heading.copy), (BLIND, heading.blind_copy)
    ):
        if people:
            found = (_tlv(SET, _tlv(RECIPIENT, _descriptor(p))) for p in people)
            elements.append(_tlv(tag, *found))
    if heading.subject is not None:
        elements.append(_tlv(SUBJECT, _tlv(TELETEX, heading.subject.encode("latin-1"))))
    if heading.extensions:
        found = (_tlv(SEQUENCE, _tlv(OID, _oid(kind)), value) for kind, value in heading.extensions)
        elements.append(_tlv(EXTENSIONS, *sorted(found)))
    return _tlv(IPM, _tlv(SET, *sorted(elements)), _tlv(SEQUENCE))


def originator_element(who: Descriptor) -> bytes:
    """As it stands in a heading; for one that has it twice."""
    return _tlv(ORIGINATOR, _descriptor(who))


def _tlv(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _text(tag: int, text: str) -> bytes:
    return _tlv(tag, text.encode("latin-1"))


def _oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    made = b""
    for arc in (40 * first + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        made += bytes(reversed(septets))
    return made


def _identifier(local: str) -> bytes:
    return _tlv(THIS_IPM, _text(PRINTABLE, local))


def _descriptor(who: Descriptor) -> bytes:
    name = b"" if who.address is None else _tlv(OR_NAME, _address(who.address))
    return name + (b"" if who.free_form is None else _text(FREE_FORM, who.free_form))


def _either(text: str) -> bytes:
    """RFC 2156, 4.1.1: digits and nothing but digits are a numeric string."""
    return _text(NUMERIC if text.isascii() and text.isdigit() else PRINTABLE, text)


def _address(of: OrAddress) -> bytes:
    name = (
        (SURNAME, of.surname), (GIVEN_NAME, of.given_name), (INITIALS, of.initials),
        (GENERATION, of.generation),
    )
    parts = b"".join(_text(tag, text) for tag, text in name if text)
    standard = _tlv(
        SEQUENCE,
        _tlv(COUNTRY, _either(of.country)) if of.country else b"",
        _tlv(ADMD, _either(of.admd)) if of.admd else b"",
        _tlv(PRMD, _either(of.prmd)) if of.prmd else b"",
        _text(ORGANIZATION, of.organization) if of.organization else b"",
        _tlv(PERSONAL_NAME, parts) if parts else b"",
        _tlv(UNITS, *(_text(PRINTABLE, u) for u in of.units)) if of.units else b"",
    )
    defined = (
        _tlv(SEQUENCE, _text(PRINTABLE, kind), _text(PRINTABLE, value))
        for kind, value in of.domain_defined
    )
    return standard + (_tlv(SEQUENCE, *defined) if of.domain_defined else b"")


# -- reading --------------------------------------------------------------------------------


def read_ipm(octets: bytes) -> Heading:
    """Raises `X420Error`: no BER, no IPM, an element twice or missing, an empty list of users."""
    try:
        content = read(octets)
    except Asn1Error as problem:
        raise X420Error(str(problem)) from None
    if content.tag != IPM or not content.members or content.members[0].tag != SET:
        raise X420Error("no interpersonal message")
    elements: dict[int, Value] = {}
    for element in content.members[0].members:
        if element.tag in elements:
            raise X420Error(f"the element {element.tag:#x} stands twice in the heading")
        elements[element.tag] = element
    if THIS_IPM not in elements:
        raise X420Error("the heading has no this-IPM")
    if USERS in elements and not elements[USERS].members:
        raise X420Error("authorizing-users has nobody in it")
    return _heading(elements)


def read_people(octets: bytes) -> tuple[Descriptor, ...]:
    """A SEQUENCE OF ORDescriptor, the value of an extension.  Raises `X420Error`."""
    return tuple(_described(_set(member)) for member in _listed(octets))


def read_fields(octets: bytes) -> tuple[str, ...]:
    """The header fields in the extension for them.  Raises `X420Error`."""
    members = _listed(octets)
    if any(m.tag != IA5 or not m.octets.isascii() for m in members):
        raise X420Error("a field that is no IA5String")
    return tuple(m.octets.decode("ascii") for m in members)


def _listed(octets: bytes) -> tuple[Value, ...]:
    try:
        value = read(octets)
    except Asn1Error as problem:
        raise X420Error(str(problem)) from None
    if value.tag != SEQUENCE:
        raise X420Error("the value of an extension that is no list")
    return value.members


def _heading(elements: dict[int, Value]) -> Heading:
    this = _identified(elements[THIS_IPM])
    originator, users = elements.get(ORIGINATOR), elements.get(USERS)
    subject, extensions = elements.get(SUBJECT), elements.get(EXTENSIONS)
    if subject is not None and [m.tag for m in subject.members] != [TELETEX]:
        raise X420Error("the subject is no teletex string")
    replied_to, related = elements.get(REPLIED_TO), elements.get(RELATED)
    return Heading(
        identifier=this.local,
        identifier_user=this.user,
        originator=None if originator is None else _described(originator),
        authorizing_users=(
            None if users is None else tuple(_described(_set(m)) for m in users.members)
        ),
        primary=_recipients(elements.get(PRIMARY)),
        copy=_recipients(elements.get(COPY)),
        blind_copy=_recipients(elements.get(BLIND)),
        replied_to=None if replied_to is None else _identified(replied_to),
        related=tuple(_identified(m) for m in _members(related)),
        subject=None if subject is None else _string(subject.members[0]),
        reply_recipients=tuple(_described(_set(m)) for m in _members(elements.get(REPLY))),
        extensions=() if extensions is None else tuple(map(_extension, extensions.members)),
    )


def _identified(value: Value) -> Identifier:
    local = [m for m in value.members if m.tag == PRINTABLE]
    users = [m for m in value.members if m.tag == OR_NAME]
    if len(local) != 1 or len(users) > 1:
        raise X420Error("an identifier has one local part, and one user at most")
    return Identifier(_string(local[0]), _addressed(users[0]) if users else None)


def _set(value: Value) -> Value:
    if value.tag != SET:
        raise X420Error(f"{value.tag:#x} where a SET stands")
    return value


def _string(value: Value) -> str:
    text = value.octets.decode("latin-1")
    if value.tag == PRINTABLE and not BRACKETED.issuperset(text):
        raise X420Error(f"no printable string: {text[:40]!r}")
    return text


def _extension(value: Value) -> tuple[str, bytes]:
    if value.tag != SEQUENCE or not value.members or value.members[0].tag != OID:
        raise X420Error("an extension without a type")
    return value.members[0].dotted, value.members[1].raw if value.members[1:] else NULL


def _recipients(listed: Value | None) -> tuple[Descriptor, ...]:
    return () if listed is None else tuple(
        replace(
            _described(_only(_set(member), RECIPIENT)), requests=len(member.members) - 1
        )
        for member in listed.members
    )


def _only(value: Value, tag: int) -> Value:
    found = [m for m in value.members if m.tag == tag]
    if len(found) != 1:
        raise X420Error(f"{len(found)} times {tag:#x}, which stands once")
    return found[0]


def _described(descriptor: Value) -> Descriptor:
    names = [m for m in descriptor.members if m.tag == OR_NAME]
    spoken = [m for m in descriptor.members if m.tag & ~0x20 == FREE_FORM]
    numbers = [m for m in descriptor.members if m.tag & ~0x20 == TELEPHONE]
    if len(names) > 1 or len(spoken) > 1 or len(numbers) > 1:
        raise X420Error("a descriptor with two names, or two telephone numbers")
    return Descriptor(
        address=_addressed(names[0]) if names else None,
        free_form=_string(spoken[0]) if spoken else None,
        telephone=_string(numbers[0]) if numbers else None,
    )


def _addressed(name: Value) -> OrAddress:
    if not name.members or name.members[0].tag != SEQUENCE:
        raise X420Error("an O/R name without standard attributes")
    standard = {m.tag: m for m in name.members[0].members}
    personal = {m.tag & ~0x20: _string(m) for m in _members(standard.get(PERSONAL_NAME))}
    defined = next((m for m in name.members[1:] if m.tag == SEQUENCE), None)
    extended = dict(_numbered(e) for m in name.members[1:] if m.tag == SET for e in m.members)
    choices = ((COUNTRY, "C"), (ADMD, "ADMD"), (PRMD, "PRMD"))
    return OrAddress(
        country=_inner(standard.get(COUNTRY)),
        admd=_inner(standard.get(ADMD)),
        prmd=_inner(standard.get(PRMD)),
        x121=_maybe(standard.get(X121)),
        terminal=_maybe(standard.get(TERMINAL)),
        user_id=_maybe(standard.get(USER_ID)),
        organization=_maybe(standard.get(ORGANIZATION)),
        units=tuple(_string(m) for m in _members(standard.get(UNITS))),
        surname=personal.get(SURNAME, ""),
        given_name=personal.get(GIVEN_NAME, ""),
        initials=personal.get(INITIALS, ""),
        generation=personal.get(GENERATION, ""),
        domain_defined=tuple(_pair(m) for m in _members(defined)),
        common_name=_maybe(extended.get(COMMON_NAME)),
        further=tuple(
            pair for kind in FURTHER if kind in extended for pair in _further(kind, extended[kind])
        ),
        numeric=tuple(
            key for tag, key in choices
            if tag in standard and standard[tag].members[0].tag == NUMERIC
        ),
    )


def _numbered(value: Value) -> tuple[int, Value]:
    """An extension attribute."""
    parts = {m.tag: m for m in value.members}
    if set(parts) != {NUMBER, VALUE} or len(parts[VALUE].members) != 1:
        raise X420Error("an extension attribute has a number and a value")
    return int.from_bytes(parts[NUMBER].octets), parts[VALUE].members[0]


def _further(kind: int, value: Value) -> Iterator[tuple[str, str]]:
    """A presentation address has no text here."""
    if FURTHER[kind] == NET_NUMBER:
        if value.tag == SEQUENCE:
            parts = {m.tag: _string(m) for m in value.members}
            yield from ((NET_SUB, parts[0x81]),) if 0x81 in parts else ()
            yield NET_NUMBER, parts.get(0x80, "")
    elif value.tag == SET:
        for member in value.members:
            if member.tag == SEQUENCE:
                yield FURTHER[kind], "|".join(map(_string, member.members))
            elif member.tag == PRINTABLE:
                yield FURTHER[kind], _string(member)
    else:
        yield FURTHER[kind], _string(value)


def _maybe(value: Value | None) -> str:
    return "" if value is None else _string(value)


def _members(value: Value | None) -> tuple[Value, ...]:
    return () if value is None else value.members


def _inner(value: Value | None) -> str:
    if value is not None and [m.tag for m in value.members] not in ([NUMERIC], [PRINTABLE]):
        raise X420Error(f"the attribute {value.tag:#x} is neither numeric nor printable")
    return "" if value is None else _string(value.members[0])


def _pair(value: Value) -> tuple[str, str]:
    if [m.tag for m in value.members] != [PRINTABLE, PRINTABLE]:
        raise X420Error("a domain-defined attribute that is no pair of printable strings")
    return _string(value.members[0]), _string(value.members[1])
