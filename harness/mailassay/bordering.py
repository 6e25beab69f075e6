"""What a gateway to X.400 made of the vectors of vectors/mixer, judged by reading alone.

The reference has no part in it: headings of X.400 are read by `x420`, header fields by Python's own
`email`, and who stands where is compared here with all that the text allows.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mailassay import mixer_vectors
from mailassay.adaptation import fields_of
from mailassay.mixer_vectors import TO_X400, MixerVector
from mailassay.peers.transcript import printable
from mailassay.shim_trial import ShimTrial
from mailassay.vectors import Expected, Vector
from mailassay.verdicts import Verdict
from mailassay.x420 import Descriptor, X420Error, read_ipm

OUTCOMES = ("mapped", "refused")
# Readings by which somebody is missing in what is made, and which ask for a word on it.
TOLD = ("left out", "as absent", "first alone")
# Fields that a header has once (RFC 5322 section 3.6, RFC 6477 section 3).
ONCE = ("from", "sender", "to", "cc", "bcc", "reply-to", "subject", "message-id", "in-reply-to",
        "references")
MMHS = "mmhs-"
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


def _judge(t: ShimTrial, vector: MixerVector, result: Mapping[str, Any]) -> None:
    read, fault = reading_of(vector, result)
    kept = None if fault else followed(vector, read, told_of(result))
    wanted = " or ".join(_shown(o) for o in vector.outcomes)
    for clause in declared(t, vector):
        t.judge(
            clause, kept is not None,
            expected=f"{vector.id}: {vector.note} {wanted}"[:2 * SHOWN],
            observed=f"{vector.id}: {fault or _shown(_compared(read, vector.outcomes))}",
            reading=None if kept is None else kept.get("reading"),
        )


def told_of(result: Mapping[str, Any]) -> bool:
    """Whether the answer says that something is lost."""
    return bool(result.get("losses")) or bool(result.get("reason"))


def followed(vector: MixerVector, read: Read, told: bool) -> Mapping[str, Any] | None:
    """The outcome that the answer is, of those that the text allows."""
    for outcome in vector.outcomes:
        alike = all(
            key in ("reading", "kind") or _same(value, read.get(key))
            for key, value in outcome.items()
        )
        silent = outcome.get("reading") in TOLD and not told
        if alike and not silent:
            return outcome
    return None


def _same(wanted: object, seen: object) -> bool:
    """Addresses are the same however they are quoted and whatever the case of their domain."""
    if isinstance(wanted, list) and isinstance(seen, list):
        return list(map(normal, wanted)) == list(map(normal, seen))
    if isinstance(wanted, str) and isinstance(seen, str):
        return normal(wanted) == normal(seen)
    return wanted == seen


def normal(person: str) -> str:
    """An address without its quotes where it needs none, its domain in small letters."""
    local, at, domain = person.rpartition("@")
    if not at:
        return person
    if len(local) > 1 and local.startswith('"') and local.endswith('"'):
        inner, local, escaped = local[1:-1], "", False
        for c in inner:
            escaped = not escaped and c == "\\"
            local += "" if escaped else c
    return f"{local}@{domain.lower()}"


def _compared(read: Read, outcomes: Iterable[Mapping[str, Any]]) -> Read:
    """Of what was read that which the outcomes speak of."""
    keys = dict.fromkeys(key for outcome in outcomes for key in outcome)
    return {key: read[key] for key in ("outcome", *keys) if key in read}


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
    return {
        "originator": "" if read.originator is None else person(read.originator),
        "authorizing-users": [person(d) for d in read.authorizing_users or ()],
        "primary-recipients": [person(d) for d in read.primary],
    }


def person(who: Descriptor) -> str:
    """As the vectors name people: Internet address, O/R address in text, or "Name:;"."""
    if who.address is None:
        return f"{who.free_form or ''}:;"
    return who.address.internet or who.address.text


def header(octets: bytes) -> Read:
    """The header of an Internet message.  Raises `ValueError`."""
    if not octets.isascii():
        raise ValueError("a header that is not ASCII")
    names = [f.name for f in fields_of(octets)]
    twice = [n for n in names if names.count(n) > 1 and (n in ONCE or n.startswith(MMHS))]
    if twice:
        raise ValueError(f"the field {twice[0]} stands twice")
    message = email.message_from_bytes(octets, policy=email.policy.default)
    if "mmhs-authorizing-users" in names and not people(message, "MMHS-Authorizing-Users"):
        raise ValueError("MMHS-Authorizing-Users with nobody in it")
    return {name: people(message, name) for name in ("From", "Sender", "MMHS-Authorizing-Users")}


def people(message: email.message.Message, name: str) -> list[str]:
    """Those whom a field names.  Raises `ValueError` for what is no list of addresses."""
    value = message[name]
    if value is None:
        return []
    parsed: Any = email.policy.default.header_factory("To", str(value))
    if parsed.defects:
        raise ValueError(f"{name}: {parsed.defects[0]}")
    named: list[str] = []
    for group in parsed.groups:
        if group.display_name is not None and not group.addresses:
            named.append(f"{group.display_name}:;")
        named += [address.addr_spec for address in group.addresses]
    return named
