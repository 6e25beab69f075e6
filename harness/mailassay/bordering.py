"""What a gateway to X.400 made of the vectors of vectors/mixer, judged by reading alone.

The reference has no part in it: headings of X.400 are read by `x420`, header fields by Python's own
`email`, and who stands where is compared here with all that the text allows.
"""

from __future__ import annotations

import base64
import binascii
import email.errors
import email.policy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mailassay import mixer_vectors
from mailassay.adaptation import fields_of
from mailassay.mixer_vectors import TO_X400, MixerVector
from mailassay.peers.transcript import printable
from mailassay.shim_trial import ShimTrial
from mailassay.vectors import Expected, Vector
from mailassay.verdicts import Verdict
from mailassay.x420 import (
    EXEMPTED,
    RFC_822_FIELDS,
    Descriptor,
    Identifier,
    X420Error,
    read_fields,
    read_ipm,
    read_people,
)
from mailassay.x420 import MMHS as MMHS_ARC

OUTCOMES = ("mapped", "refused")
# Readings by which somebody is missing in what is made, and which ask for a word on it.
TOLD = ("left out", "as absent", "first alone")
# Fields that a header has once (RFC 5322 section 3.6, RFC 6477 section 3).
ONCE = ("from", "sender", "to", "cc", "bcc", "reply-to", "subject", "message-id", "in-reply-to",
        "references")
MMHS = "mmhs-"
ADDRESSES = (
    "From", "Sender", "MMHS-Authorizing-Users", "To", "Cc", "Bcc", "Reply-To",
    "MMHS-Exempted-Address",
)
IDENTIFIERS = ("Message-ID", "In-Reply-To", "References")
PRECEDENCES = ("deferred", "routine", "priority", "immediate", "flash", "override")
# Words that stand for numbers (RFC 6477 sections 3.8 to 3.10).
WORDS = {
    "MMHS-Primary-Precedence": PRECEDENCES,
    "MMHS-Copy-Precedence": PRECEDENCES,
    "MMHS-Message-Type": ("exercise", "operation", "project", "drill"),
}
# What a reading of a field that stands twice is for each clause that has readings of it.
READINGS = {
    "rfc7912/4/2": {
        "refused": "returned", "first": "mended", "last": "mended", "joined": "mended",
    },
    "rfc7912/4/3": {
        "refused": "none", "first": "one kept", "last": "one kept", "joined": "joined",
    },
}
SHOWN = 600

# What is read of an answer: each aspect by the name that the vectors have for it.
Read = dict[str, Any]


async def crosses(t: ShimTrial) -> None:
    """Puts every vector of the case to the target, and judges what comes."""
    for vector in mixer_vectors.of_case(t.case.name, t.edition):
        result = await _asked(t, vector)
        if result is not None:
            _judge(t, vector, result)
    t.tell_left_out()


async def _asked(t: ShimTrial, vector: MixerVector) -> dict[str, Any] | None:
    clause = declared(t, vector)[0]
    result = await t.ask(Vector(
        id=vector.id, case=t.case.name, operation=vector.operation, edition=vector.edition,
        flags=vector.flags, requirement=clause, message=vector.octets, request=vector.given,
        expected=Expected(outcomes=OUTCOMES), reason="", note=vector.note,
    ))
    if result is not None and result.get("outcome") not in OUTCOMES:
        told = printable(json.dumps(result)[:SHOWN].encode(), SHOWN)
        t.judge(clause, False, expected=f"an answer to '{vector.operation}'", observed=told)
        t.misbehaved = Verdict.NONSENSE
        return None
    return result


def declared(t: ShimTrial, vector: MixerVector) -> tuple[str, ...]:
    """The vector's clauses by the ids that the case cites: a draft's clause that makes the same
    demand as a published one is cited by that."""
    ids = (c if t.declares(c) else t.catalogue[c].same_as or c for c in vector.clauses)
    return tuple(dict.fromkeys(ids))


def reading_for(clause: str, reading: str | None) -> str | None:
    """The reading of that clause: of a field that stands twice two clauses speak, each in its own
    words."""
    return READINGS[clause].get(reading or "") if clause in READINGS else reading


def _judge(t: ShimTrial, vector: MixerVector, result: Mapping[str, Any]) -> None:
    read, fault = reading_of(vector, result)
    kept = None if fault else followed(vector, read, told_of(result))
    wanted = " or ".join(_shown(o) for o in vector.outcomes)
    for clause in declared(t, vector):
        t.judge(
            clause, kept is not None,
            expected=f"{vector.id}: {vector.note} {wanted}"[:2 * SHOWN],
            observed=f"{vector.id}: {fault or _shown(_compared(read, vector.outcomes))}",
            reading=None if kept is None else reading_for(clause, kept.get("reading")),
        )


def told_of(result: Mapping[str, Any]) -> bool:
    """Whether the answer says that something is lost."""
    return bool(result.get("losses")) or bool(result.get("reason"))


def followed(vector: MixerVector, read: Read, told: bool) -> Mapping[str, Any] | None:
    """The outcome that the answer is, of those that the text allows."""
    for outcome in vector.outcomes:
        alike = all(_agrees(read, aspect, value) for aspect, value in outcome.items())
        silent = outcome.get("reading") in TOLD and not told
        if alike and not silent:
            return outcome
    return None


def _agrees(read: Read, aspect: str, wanted: Any) -> bool:
    match aspect:
        case "reading" | "kind":  # the vector's own; a gateway need not say the latter
            return True
        case "mmhs":
            return all(read.get(aspect, {}).get(kind) == value for kind, value in wanted.items())
        case "fields":
            return all(_value_of(read, name) == _bare(name, v) for name, v in wanted.items())
        case "absent":
            return not {str(name).lower() for name in wanted} & set(read.get("values", {}))
        case "mentioned":
            return all(each in read.get("values", {}).get("to", "") for each in wanted)
        case "never":
            return not set(wanted) & set(read.get("MMHS-Authorizing-Users", ()))
    return _same(wanted, read.get(aspect))


def _value_of(read: Read, name: str) -> str | None:
    value = read.get("values", {}).get(name.lower())
    return None if value is None else _bare(name, value)


def _bare(name: str, value: str) -> str:
    """A value without what says nothing: comments, a word for a number, quotes of an identifier."""
    if name in IDENTIFIERS:
        return re.sub(r"\s+", " ", value.replace('"', "")).strip()
    if not name.startswith("MMHS-"):
        return value
    bare = re.sub(r"\([^()]*\)", "", value)
    bare = re.sub(r"\s+", " ", re.sub(r"\s*;\s*", "; ", bare)).strip()
    words = WORDS.get(name, ())
    return str(words.index(bare.lower())) if bare.lower() in words else bare


def _same(wanted: object, seen: object) -> bool:
    """Addresses are the same however they are quoted and whatever the case of their domain."""
    if isinstance(wanted, list) and isinstance(seen, list):
        return list(map(normal, wanted)) == list(map(normal, seen))
    if isinstance(wanted, str) and isinstance(seen, str):
        return normal(wanted) == normal(seen)
    return wanted == seen


def normal(person: str) -> str:
    """An address without its quotes where it needs none, its domain in small letters, and in the
    text form of an O/R address those attributes in one order of which none is asked for."""
    local, at, domain = person.rpartition("@")
    if not at:
        return _ordered(person)
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        inner, local, escaped = local[1:-1], "", False
        for c in inner:
            escaped = not escaped and c == "\\"
            local += "" if escaped else c
    return f"{_ordered(local)}@{domain.lower()}"


def _ordered(text: str) -> str:
    """RFC 2156, 4.3.3: of units, and of domain-defined attributes, the order is told, and the
    organization stands to the right of units; the order of others is recommended."""
    if len(text) < 2 or text[0] != "/" or text[-1] != "/":
        return text
    pairs = re.split(r"(?<!\$)/", text[1:-1])
    keys = [pair.split("=")[0].upper() for pair in pairs]
    units = [p for p, k in zip(pairs, keys) if k in ("O", "OU")]
    defined = [p for p, k in zip(pairs, keys) if k.startswith("DD.") or k == "RFC-822"]
    rest = sorted(p for p in pairs if p not in units and p not in defined)
    return f"/{'/'.join((*rest, *defined, *units))}/"


def _compared(read: Read, outcomes: Iterable[Mapping[str, Any]]) -> Read:
    """Of what was read that which the outcomes speak of."""
    keys = dict.fromkeys(key for outcome in outcomes for key in outcome)
    shown = {key: read[key] for key in ("outcome", *keys) if key in read}
    if {"fields", "absent", "mentioned", "never"} & set(keys):
        shown |= {"values": read.get("values")}
    return shown


def _shown(outcome: Mapping[str, Any]) -> str:
    return printable(json.dumps(outcome, ensure_ascii=False).encode(), SHOWN)


# -- reading ---------------------------------------------------------------------------------


def reading_of(vector: MixerVector, result: Mapping[str, Any]) -> tuple[Read, str]:
    """What the answer says, and what is wrong with it as a heading or a header."""
    if result["outcome"] == "refused":
        return {"outcome": "refused"}, ""
    key, reader = ("ipm", heading) if vector.operation == TO_X400 else ("message", header)
    try:
        return {"outcome": "mapped", **_read(reader, result.get(key))}, ""
    except (X420Error, binascii.Error, ValueError) as problem:
        return {"outcome": "mapped"}, printable(str(problem).encode(), SHOWN)


def _read(reader: Callable[[bytes], Read], coded: object) -> Read:
    if not isinstance(coded, str):
        raise ValueError("octets in base64 are wanted")
    return reader(base64.b64decode(coded, validate=True))


def heading(octets: bytes) -> Read:
    """An interpersonal message of X.420.  Raises `X420Error`."""
    read = read_ipm(octets)
    users = read.authorizing_users or ()
    recipients = (read.primary, read.copy, read.blind_copy)
    mmhs = [(kind, value.hex()) for kind, value in read.extensions if kind.startswith(MMHS_ARC)]
    if len(dict(mmhs)) < len(mmhs):
        raise X420Error("an extension of MMHS stands twice")
    told = dict(read.extensions)
    return {
        "originator": "" if read.originator is None else person(read.originator),
        "authorizing-users": list(map(person, users)),
        "names": [d.free_form or "" for d in users],
        "addresses": ["" if d.address is None else d.address.text for d in users],
        "numeric": sorted({key for d in users if d.address for key in d.address.numeric}),
        "telephones": sum(d.telephone is not None for d in users),
        "primary-recipients": list(map(person, read.primary)),
        "copy-recipients": list(map(person, read.copy)),
        "blind-copy-recipients": list(map(person, read.blind_copy)),
        "reply-recipients": list(map(person, read.reply_recipients)),
        "requests": sum(d.requests for each in recipients for d in each),
        "subject": read.subject or "",
        "this-ipm": _named(Identifier(read.identifier, read.identifier_user)),
        "local-identifier": read.identifier,
        "has-user": read.identifier_user is not None,
        "replied-to": "" if read.replied_to is None else _named(read.replied_to),
        "related": list(map(_named, read.related)),
        "mmhs": dict(mmhs),
        "exempted": list(map(person, read_people(told[EXEMPTED]))) if EXEMPTED in told else [],
        "carried": list(read_fields(told[RFC_822_FIELDS])) if RFC_822_FIELDS in told else [],
    }


def person(who: Descriptor) -> str:
    """As the vectors name people: Internet address, O/R address in text, or "Name:;"."""
    if who.address is None:
        return f"{who.free_form or ''}:;"
    return who.address.internet or who.address.text


def _named(identifier: Identifier) -> str:
    return identifier.local + ("" if identifier.user is None else f"*{identifier.user.text}")


def header(octets: bytes) -> Read:
    """The header of an Internet message.  Raises `ValueError`."""
    if not octets.isascii():
        raise ValueError("a header that is not ASCII")
    fields = fields_of(octets)
    names = [f.name for f in fields]
    twice = [n for n in names if names.count(n) > 1 and (n in ONCE or n.startswith(MMHS))]
    if twice:
        raise ValueError(f"the field {twice[0]} stands twice")
    values = {f.name: f.body for f in fields}
    if "mmhs-authorizing-users" in values and not people(values, "MMHS-Authorizing-Users"):
        raise ValueError("MMHS-Authorizing-Users with nobody in it")
    return {
        **{name: people(values, name) for name in ADDRESSES},
        "names": _phrases(values, "MMHS-Authorizing-Users"),
        "comments": comments_in(values.get("to", "")),
        "values": values,
    }


def people(values: Mapping[str, str], name: str) -> list[str]:
    """Those whom a field names.  Raises `ValueError` for what is no list of addresses."""
    named: list[str] = []
    for group in _groups(values, name):
        if group.display_name is not None and not group.addresses:
            named.append(f"{group.display_name}:;")
        named += [address.addr_spec for address in group.addresses]
    return named


def _phrases(values: Mapping[str, str], name: str) -> list[str]:
    return [a.display_name for group in _groups(values, name) for a in group.addresses]


def _groups(values: Mapping[str, str], name: str) -> tuple[Any, ...]:
    if name.lower() not in values:
        return ()
    parsed: Any = email.policy.default.header_factory("To", values[name.lower()])
    # Python takes an obsolete form, which a name with a dot is, for a defect.
    defects = [d for d in parsed.defects if not isinstance(d, email.errors.ObsoleteHeaderDefect)]
    if defects:
        raise ValueError(f"{name}: {defects[0]}")
    return tuple(parsed.groups)


def comments_in(value: str) -> list[str]:
    """The comments of each address in a list, without their brackets; "" for none.  Commas within
    comments or quotes part nothing."""
    pieces = re.findall(r'"(?:\\.|[^"\\])*"|\((?:\\.|[^()\\])*\)|,|[^",(]+', value)
    found: list[str] = []
    here: list[str] = []
    for piece in (*pieces, ","):
        if piece == ",":
            found.append(" ".join(here))
            here = []
        elif piece.startswith("("):
            here.append(piece[1:-1])
    return found
