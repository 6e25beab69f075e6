"""Two readers of interpersonal messages that are not ours: Wireshark, and pyasn1 with X.420's own
types. People come out as the vectors name them (vectors/mixer/README.md)."""

from __future__ import annotations

import re
import struct
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from pyasn1.codec.ber import decoder as ber
from pyasn1.codec.der import encoder as der
from pyasn1.type import char, namedtype, tag, univ

LETTERS = {"a": "@", "p": "%", "b": "!", "q": '"', "u": "_", "l": "(", "r": ")"}
TYPES = ("RFC-822", "RFC822C1", "RFC822C2", "RFC822C3")


@dataclass(slots=True)
class People:
    """Who stands where in one heading, each list in its order."""

    originator: list[str] = field(default_factory=list)
    authorizing_users: list[str] = field(default_factory=list)
    primary_recipients: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def unescaped(printable: str) -> str:
    """RFC 2156 section 3.4."""
    return re.sub(
        r"\(([apbqulr])\)|\((\d{3})\)",
        lambda m: LETTERS[m[1].lower()] if m[1] else chr(int(m[2])),
        printable,
        flags=re.IGNORECASE,
    )


def named(attributes: list[tuple[str, str]], defined: list[tuple[str, str]], free_form: str) -> str:
    """A person, of standard attributes by key and domain-defined ones by type."""
    parts = dict(defined)
    if "RFC-822" in parts:
        return unescaped("".join(parts.get(name, "") for name in TYPES))
    if attributes:
        return "/" + "".join(f"{key}={value}/" for key, value in attributes)
    return f"{free_form}:;"


# -- Wireshark ------------------------------------------------------------------------------------

# So that it takes packets of that link type for interpersonal messages.
AS_IPM = ("-o", 'uat:user_dlts:"User 0 (DLT=147)","p22","0","","0",""')

KEYS = {
    "p1.printable.surname": "S", "p1.surname": "S", "p1.private_domain_name": "PRMD",
    "p1.administration_domain_name": "ADMD", "p1.country_name": "C",
}


def capture(octets: list[bytes]) -> bytes:
    """A capture file with each as a packet of a link type for private use."""
    file = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 147)
    return file + b"".join(struct.pack("<IIII", 0, 0, len(o), len(o)) + o for o in octets)


def by_wireshark(octets: list[bytes], folder: Path) -> list[People]:
    """What tshark makes of each; one call for all."""
    file = folder / "ipm.pcap"
    file.write_bytes(capture(octets))
    ended = subprocess.run(
        ["tshark", "-n", *AS_IPM, "-r", file, "-T", "pdml"],
        capture_output=True, timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    packets = ElementTree.fromstring(ended.stdout).findall("packet")
    assert len(packets) == len(octets)
    return [_of_packet(packet) for packet in packets]


def _of_packet(packet: ElementTree.Element) -> People:
    people = People()
    for node in packet.iter():
        name = node.get("name", "")
        if name in ("_ws.expert.message", "_ws.malformed"):
            people.complaints.append(node.get("show") or node.get("showname") or name)
        elif name == "p22.originator_element":
            people.originator.append(_of_descriptor(node))
        elif name == "p22.authorizing_users":
            people.authorizing_users.extend(_of_descriptor(child) for child in node)
        elif name == "p22.primary_recipients":
            people.primary_recipients.extend(_of_descriptor(child) for child in node)
    if not any(node.get("name") == "p22.heading_element" for node in packet.iter()):
        people.complaints.append("no heading")
    return people


def _of_descriptor(node: ElementTree.Element) -> str:
    attributes: dict[str, str] = {}
    defined: list[tuple[str, str]] = []
    free_form = ""
    for each in node.iter("field"):
        name = each.get("name", "")
        if name in KEYS:
            inner = [child.get("show", "") for child in each]
            attributes[KEYS[name]] = inner[0] if inner else each.get("show", "")
        elif name == "p1.BuiltInDomainDefinedAttribute_element":
            shown = [child.get("show", "") for child in each]
            defined.append((shown[0], shown[1]))
        elif name == "p22.free_form_name":
            free_form = each.get("show", "")
    order = [(key, attributes[key]) for key in ("S", "PRMD", "ADMD", "C") if key in attributes]
    return named(order, defined, free_form)


# -- pyasn1 ---------------------------------------------------------------------------------------


def _implicit(number: int, of: Any, constructed: bool = False) -> Any:
    form = tag.tagFormatConstructed if constructed else tag.tagFormatSimple
    return of.subtype(implicitTag=tag.Tag(tag.tagClassContext, form, number))


def _explicit(number: int, of: Any, cls: int = tag.tagClassContext) -> Any:
    return of.subtype(explicitTag=tag.Tag(cls, tag.tagFormatConstructed, number))


def _types(*types: tuple[str, Any]) -> namedtype.NamedTypes:
    """Each OPTIONAL, unless its name ends in "!"."""
    return namedtype.NamedTypes(*(
        namedtype.NamedType(name[:-1], of) if name.endswith("!")
        else namedtype.OptionalNamedType(name, of)
        for name, of in types
    ))


class Domain(univ.Choice):  # type: ignore[misc]
    componentType = namedtype.NamedTypes(
        namedtype.NamedType("numeric", char.NumericString()),
        namedtype.NamedType("printable", char.PrintableString()),
    )


class PersonalName(univ.Set):  # type: ignore[misc]
    componentType = _types(*(
        (name, _implicit(number, char.PrintableString()))
        for number, name in enumerate(("surname", "given-name", "initials", "generation"))
    ))


class Units(univ.SequenceOf):  # type: ignore[misc]
    componentType = char.PrintableString()


class StandardAttributes(univ.Sequence):  # type: ignore[misc]
    componentType = _types(
        ("C", _explicit(1, Domain(), tag.tagClassApplication)),
        ("ADMD", _explicit(2, Domain(), tag.tagClassApplication)),
        ("X121", _implicit(0, char.NumericString())),
        ("T-ID", _implicit(1, char.PrintableString())),
        ("PRMD", _explicit(2, Domain())),
        ("O", _implicit(3, char.PrintableString())),
        ("UA-ID", _implicit(4, char.NumericString())),
        ("PN", _implicit(5, PersonalName(), constructed=True)),
        ("OU", _implicit(6, Units(), constructed=True)),
    )


class DomainDefined(univ.Sequence):  # type: ignore[misc]
    componentType = _types(("type!", char.PrintableString()), ("value!", char.PrintableString()))


class AllDomainDefined(univ.SequenceOf):  # type: ignore[misc]
    componentType = DomainDefined()


class ORName(univ.Sequence):  # type: ignore[misc]
    tagSet = univ.Sequence.tagSet.tagImplicitly(
        tag.Tag(tag.tagClassApplication, tag.tagFormatConstructed, 0)
    )
    componentType = _types(("standard!", StandardAttributes()), ("defined", AllDomainDefined()))


class ORDescriptor(univ.Set):  # type: ignore[misc]
    componentType = _types(
        ("formal-name", ORName()),
        ("free-form-name", _implicit(0, char.TeletexString())),
        ("telephone-number", _implicit(1, char.PrintableString())),
    )


class Users(univ.SequenceOf):  # type: ignore[misc]
    componentType = ORDescriptor()


class RecipientSpecifier(univ.Set):  # type: ignore[misc]
    componentType = _types(("recipient!", _implicit(0, ORDescriptor(), constructed=True)))


class Recipients(univ.SequenceOf):  # type: ignore[misc]
    componentType = RecipientSpecifier()


class Identifier(univ.Set):  # type: ignore[misc]
    tagSet = univ.Set.tagSet.tagImplicitly(
        tag.Tag(tag.tagClassApplication, tag.tagFormatConstructed, 11)
    )
    componentType = _types(("user", ORName()), ("local!", char.PrintableString()))


class Heading(univ.Set):  # type: ignore[misc]
    componentType = _types(
        ("this-IPM!", Identifier()),
        ("originator", _implicit(0, ORDescriptor(), constructed=True)),
        ("authorizing-users", _implicit(1, Users(), constructed=True)),
        ("primary-recipients", _implicit(2, Recipients(), constructed=True)),
        ("copy-recipients", _implicit(3, Recipients(), constructed=True)),
        ("blind-copy-recipients", _implicit(4, Recipients(), constructed=True)),
        ("subject", _explicit(8, char.TeletexString())),
    )


class Body(univ.SequenceOf):  # type: ignore[misc]
    componentType = univ.Any()


class Ipm(univ.Sequence):  # type: ignore[misc]
    tagSet = univ.Sequence.tagSet.tagImplicitly(
        tag.Tag(tag.tagClassContext, tag.tagFormatConstructed, 0)
    )
    componentType = _types(("heading!", Heading()), ("body!", Body()))


def by_pyasn1(octets: bytes) -> People:
    """Complains of what it can't read, and of what is written otherwise when it is written again:
    of two elements of one type it keeps one. Extensions are not among its types."""
    people = People()
    try:
        ipm, rest = ber.decode(octets, asn1Spec=Ipm())
        again = der.encode(ipm)
    except Exception as problem:  # pyasn1 raises more than its own errors
        people.complaints.append(str(problem)[:200])
        return people
    if rest or again != octets:
        people.complaints.append("not what would be written")
    heading = ipm["heading"]
    if heading["originator"].isValue:
        people.originator.append(_of_value(heading["originator"]))
    if heading["authorizing-users"].isValue:
        people.authorizing_users.extend(_of_value(u) for u in heading["authorizing-users"])
    if heading["primary-recipients"].isValue:
        people.primary_recipients.extend(
            _of_value(r["recipient"]) for r in heading["primary-recipients"]
        )
    return people


def _of_value(descriptor: Any) -> str:
    free_form = str(descriptor["free-form-name"]) if descriptor["free-form-name"].isValue else ""
    name = descriptor["formal-name"]
    if not name.isValue:
        return named([], [], free_form)
    defined = [(str(d["type"]), str(d["value"])) for d in name["defined"]] \
        if name["defined"].isValue else []
    standard = name["standard"]
    attributes = []
    if standard["PN"].isValue and standard["PN"]["surname"].isValue:
        attributes.append(("S", str(standard["PN"]["surname"])))
    attributes.extend(
        (key, str(standard[key].getComponent())) for key in ("PRMD", "ADMD", "C")
        if standard[key].isValue
    )
    return named(attributes, defined, free_form)
