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
    copy_recipients: list[str] = field(default_factory=list)
    blind_copy_recipients: list[str] = field(default_factory=list)
    reply_recipients: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


def unescaped(printable: str) -> str:
    """RFC 2156 section 3.4."""
    return re.sub(
        r"\(([apbqulr])\)|\((\d{3})\)",
        lambda m: LETTERS[m[1].lower()] if m[1] else chr(int(m[2])),
        printable,
        flags=re.IGNORECASE,
    )


# The order of the text form; what stands there several times comes from the last on.
ORDER = (
    "NET-SUB", "NET-NUM", "PD-BOX", "PD-ADDRESS", "PD-CODE", "PD-C", "PD-SERVICE",
    "CN", "G", "I", "S", "GQ", "UA-ID", "T-ID", "X121", "OU", "O", "PRMD", "ADMD", "C",
)


def named(attributes: list[tuple[str, str]], defined: list[tuple[str, str]], free_form: str) -> str:
    """A person, of standard attributes by key and domain-defined ones by type, in their order."""
    parts = {kind.upper(): value for kind, value in defined}
    if "RFC-822" in parts:
        return unescaped("".join(parts.get(name, "") for name in TYPES))
    pairs = [(f"DD.{kind}", value) for kind, value in reversed(defined)]
    for wanted in ORDER:
        pairs += [(key, value) for key, value in reversed(attributes) if key == wanted]
    if not pairs:
        return f"{free_form}:;"
    return "/" + "".join(f"{key}={re.sub('(?=[/=])', '$', value)}/" for key, value in pairs)


# -- Wireshark ------------------------------------------------------------------------------------

# So that it takes packets of that link type for interpersonal messages.
AS_IPM = ("-o", 'uat:user_dlts:"User 0 (DLT=147)","p22","0","","0",""')

KEYS = {
    "p1.printable.surname": "S", "p1.surname": "S", "p1.private_domain_name": "PRMD",
    "p1.administration_domain_name": "ADMD", "p1.country_name": "C",
    "p1.given_name": "G", "p1.initials": "I", "p1.generation_qualifier": "GQ",
    "p1.network_address": "X121", "p1.terminal_identifier": "T-ID",
    "p1.numeric_user_identifier": "UA-ID", "p1.OrganizationalUnitName": "OU",
    "p1.organization_name": "O", "p1.CommonName": "CN",
}
# Some of postal and network addresses; each is the text of all that is in it.
FURTHER = {
    "p1.PDSName": "PD-SERVICE", "p1.PhysicalDeliveryCountryName": "PD-C",
    "p1.PostalCode": "PD-CODE", "p1.UnformattedPostalAddress_element": "PD-ADDRESS",
    "p1.PostOfficeBoxAddress_element": "PD-BOX", "p1.number": "NET-NUM",
    "p1.sub_address": "NET-SUB",
}
LISTS = (
    "authorizing_users", "primary_recipients", "copy_recipients", "blind_copy_recipients",
    "reply_recipients",
)
# Of an extension that it has no name for it says only that.
UNKNOWN = "BER: Dissector for OID not implemented"


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
            complaint = node.get("show") or node.get("showname") or name
            if not complaint.startswith(UNKNOWN):
                people.complaints.append(complaint)
        elif name == "p22.originator_element":
            people.originator.append(_of_descriptor(node))
        elif name.removeprefix("p22.") in LISTS:
            listed = getattr(people, name.removeprefix("p22."))
            listed.extend(_of_descriptor(child) for child in node)
    if not any(node.get("name") == "p22.heading_element" for node in packet.iter()):
        people.complaints.append("no heading")
    return people


def _of_descriptor(node: ElementTree.Element) -> str:
    attributes: list[tuple[str, str]] = []
    defined: list[tuple[str, str]] = []
    free_form = ""
    for each in node.iter("field"):
        name = each.get("name", "")
        if name in KEYS:
            inner = [child.get("show", "") for child in each]
            attributes.append((KEYS[name], inner[0] if inner else each.get("show", "")))
        elif name in FURTHER:
            leaves = [f.get("show", "") for f in each.iter("field") if not len(f)]
            attributes.append((FURTHER[name], "|".join(leaves)))
        elif name == "p1.BuiltInDomainDefinedAttribute_element":
            shown = [child.get("show", "") for child in each]
            defined.append((shown[0], shown[1]))
        elif name == "p22.free_form_name":
            free_form = each.get("show", "")
    return named(attributes, defined, free_form)


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


PARTS = (("surname", "S"), ("given-name", "G"), ("initials", "I"), ("generation", "GQ"))
COMMON_NAME = 1  # among the extension attributes


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


class ExtensionAttribute(univ.Sequence):  # type: ignore[misc]
    componentType = _types(
        ("type!", _implicit(0, univ.Integer())), ("value!", _explicit(1, univ.Any()))
    )


class ExtensionAttributes(univ.SetOf):  # type: ignore[misc]
    componentType = ExtensionAttribute()


class ORName(univ.Sequence):  # type: ignore[misc]
    tagSet = univ.Sequence.tagSet.tagImplicitly(
        tag.Tag(tag.tagClassApplication, tag.tagFormatConstructed, 0)
    )
    componentType = _types(
        ("standard!", StandardAttributes()), ("defined", AllDomainDefined()),
        ("extended", ExtensionAttributes()), ("directory-name", _explicit(0, univ.Any())),
    )


class ORDescriptor(univ.Set):  # type: ignore[misc]
    componentType = _types(
        ("formal-name", ORName()),
        ("free-form-name", _implicit(0, char.TeletexString())),
        ("telephone-number", _implicit(1, char.PrintableString())),
    )


class Users(univ.SequenceOf):  # type: ignore[misc]
    componentType = ORDescriptor()


class Requests(univ.SetOf):  # type: ignore[misc]
    componentType = univ.Any()


class RecipientSpecifier(univ.Set):  # type: ignore[misc]
    componentType = _types(
        ("recipient!", _implicit(0, ORDescriptor(), constructed=True)),
        ("notification-requests", _implicit(1, univ.BitString())),
        ("reply-requested", _implicit(2, univ.Boolean())),
        ("extensions", _implicit(3, Requests(), constructed=True)),
    )


class Recipients(univ.SequenceOf):  # type: ignore[misc]
    componentType = RecipientSpecifier()


class Identifier(univ.Set):  # type: ignore[misc]
    tagSet = univ.Set.tagSet.tagImplicitly(
        tag.Tag(tag.tagClassApplication, tag.tagFormatConstructed, 11)
    )
    componentType = _types(("user", ORName()), ("local!", char.PrintableString()))


class Related(univ.SequenceOf):  # type: ignore[misc]
    componentType = Identifier()


class Untagged(univ.Set):  # type: ignore[misc]
    componentType = Identifier.componentType


class Subject(univ.Sequence):  # type: ignore[misc]
    """A choice of one, which is tagged explicitly."""

    componentType = _types(("teletex!", char.TeletexString()))


class Extension(univ.Sequence):  # type: ignore[misc]
    componentType = _types(("type!", univ.ObjectIdentifier()), ("value", univ.Any()))


class Extensions(univ.SetOf):  # type: ignore[misc]
    componentType = Extension()


class Heading(univ.Set):  # type: ignore[misc]
    componentType = _types(
        ("this-IPM!", Identifier()),
        ("originator", _implicit(0, ORDescriptor(), constructed=True)),
        ("authorizing-users", _implicit(1, Users(), constructed=True)),
        ("primary-recipients", _implicit(2, Recipients(), constructed=True)),
        ("copy-recipients", _implicit(3, Recipients(), constructed=True)),
        ("blind-copy-recipients", _implicit(4, Recipients(), constructed=True)),
        ("replied-to", _implicit(5, Untagged(), constructed=True)),
        ("related", _implicit(7, Related(), constructed=True)),
        ("subject", _implicit(8, Subject(), constructed=True)),
        ("reply-recipients", _implicit(11, Users(), constructed=True)),
        ("extensions", _implicit(15, Extensions(), constructed=True)),
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
    of two elements of one type it keeps one. An empty list it does not write."""
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
    for name in LISTS:
        key = name.replace("_", "-")
        if heading[key].isValue:
            listed = getattr(people, name)
            listed.extend(
                _of_value(each["recipient"] if "recipients" in key and "reply" not in key else each)
                for each in heading[key]
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
    attributes = [
        (key, str(standard[key].getComponent())) for key in ("PRMD", "ADMD", "C")
        if standard[key].isValue
    ]
    if standard["PN"].isValue:
        attributes += [
            (key, str(standard["PN"][part])) for part, key in PARTS
            if standard["PN"][part].isValue
        ]
    attributes += [
        (key, str(standard[key])) for key in ("O", "UA-ID", "T-ID", "X121")
        if standard[key].isValue
    ]
    if standard["OU"].isValue:
        attributes += [("OU", str(unit)) for unit in standard["OU"]]
    for each in name["extended"] if name["extended"].isValue else ():
        if each["type"] == COMMON_NAME:
            text, _ = ber.decode(each["value"], asn1Spec=char.PrintableString())
            attributes.append(("CN", str(text)))
    return named(attributes, defined, free_form)
