"""What a processor of OPES made of the vectors of vectors/opes, judged by reading alone.

The reference has no part in it: the header that comes out is split, listed and compared here.
"""

from __future__ import annotations

import base64
import binascii
import email
import email.policy
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailassay import opes_vectors, stating
from mailassay.bypassing import planned
from mailassay.opes_seen import (
    BY_SYSTEM,
    DELEGATED,
    FEWER,
    HELD,
    IN_TIME,
    IN_VIA,
    KEPT,
    LEGAL,
    REFUSED,
    REPORTED,
    SERVICES_TRACED,
    STILL_THERE,
    SYSTEMS_ALONE,
    TRACED,
    Seen,
    normal,
    same,
)
from mailassay.opes_vectors import OpesVector
from mailassay.peers.transcript import printable
from mailassay.shim_trial import ShimTrial
from mailassay.vectors import Expected, Vector
from mailassay.verdicts import Verdict

OUTCOMES = {
    "trace": ("forwarded", "quarantined", "rejected", "refused"),
    "bypass": ("planned", "refused"),
    "report": ("reported", "refused"),
    "statement": ("stated", "refused"),
}
REPLY = re.compile(r"([45][0-9]{2})([ -])([ -~]*)")
REPLY_OCTETS = 510  # without the line end
LINE_OCTETS = 998
SHOWN = 600

SYSTEM, VIA = "opes-system", "opes-via"


@dataclass(frozen=True)
class Field:
    """A field of a header as it stands there."""

    name: str  # in small letters
    raw: bytes

    @property
    def body(self) -> str:
        text = self.raw.partition(b":")[2].decode("utf-8", "backslashreplace")
        return re.sub(r"\r\n(?=[ \t])", "", text).strip()


async def processes(t: ShimTrial, times: int = 1) -> None:
    """Puts every vector of the case to the target, so many times, and judges what comes."""
    for vector in opes_vectors.of_case(t.case.name, t.edition) * times:
        result = await _asked(t, vector)
        if result is not None:
            _judge(t, vector, aspects_of(vector, result))
    t.tell_left_out()


async def _asked(t: ShimTrial, vector: OpesVector) -> dict[str, Any] | None:
    clause = _clause(t, vector)
    question = Vector(
        id=vector.id, case=t.case.name, operation=vector.operation, edition=vector.edition,
        flags=vector.flags, requirement=clause, message=vector.message, request=vector.given,
        expected=Expected(outcomes=OUTCOMES[vector.operation]), reason="", note=vector.note,
    )
    result = await t.ask(question)
    if result is not None and result.get("outcome") not in OUTCOMES[vector.operation]:
        told = printable(json.dumps(result)[:SHOWN].encode(), SHOWN)
        t.judge(clause, False, expected=f"an answer to '{vector.operation}'", observed=told)
        t.misbehaved = Verdict.NONSENSE
        return None
    return result


def _clause(t: ShimTrial, vector: OpesVector) -> str:
    """The clause that the vector is about, or the first that the edition has: the texts on which
    RFC 4902 rests have no draft here."""
    for clause in (vector.requirement, *t.case.requirements):
        if t.declares(clause) and t.catalogue.translate(clause, t.edition) is not None:
            return clause
    raise ValueError(f"{t.case.name}: no clause of the edition")


def _judge(t: ShimTrial, vector: OpesVector, aspects: Iterable[Seen]) -> None:
    own = _clause(t, vector)
    for seen in aspects:
        whose = () if seen.apart else (own,)
        for clause in dict.fromkeys((*whose, *filter(t.declares, seen.clauses))):
            if t.catalogue.translate(clause, t.edition) is None:
                continue
            t.judge(
                clause, seen.held,
                expected=f"{vector.id}: {seen.expected}", observed=f"{vector.id}: {seen.observed}",
                reading=seen.reading if seen.held else None,
            )


def aspects_of(vector: OpesVector, result: dict[str, Any]) -> list[Seen]:
    """All that is seen of an answer."""
    outcome = str(result.get("outcome"))
    wanted = [str(o) for o in vector.expected["outcomes"]]
    told = printable(str(result.get("reason", "")).encode(), 300)
    seen = [Seen(
        outcome in wanted, f"{' or '.join(wanted)}: {vector.note}",
        outcome + (f" ({told})" if told else ""),
    )]
    if outcome not in wanted:
        return seen
    try:
        match outcome:
            case "forwarded":
                seen += _forwarded(vector, result)
            case "quarantined":
                seen += [*_forwarded(vector, result), *_held(vector, result)]
            case "stated":
                seen += [
                    Seen(held, expected, observed, clauses, apart=True)
                    for held, expected, observed, clauses in stating.aspects(
                        {**vector.given, "services": vector.services}, result["statement"]
                    )
                ]
            case "rejected":
                seen += _rejected(vector, result)
            case "planned":
                seen += planned(vector, result)
            case "reported":
                seen += _reported(vector, _octets(result.get("message")))
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError) as problem:
        told = f"{type(problem).__name__}: {problem}"
        seen.append(Seen(False, "an answer of the protocol", printable(told.encode(), SHOWN)))
    return seen


def _octets(coded: object) -> bytes:
    if not isinstance(coded, str):
        raise ValueError("octets in base64 are wanted")
    return base64.b64decode(coded, validate=True)


# -- trace ----------------------------------------------------------------------------------


def fields_of(message: bytes) -> list[Field]:
    """The header, a field each."""
    header = (b"\r\n" + message).partition(b"\r\n\r\n")[0].removeprefix(b"\r\n")
    lines = [line for line in re.split(rb"\r\n(?![ \t])", header) if line]
    return [
        Field(line.partition(b":")[0].strip().decode("ascii", "replace").lower(), line)
        for line in lines
    ]


def body_of(message: bytes) -> bytes:
    return (b"\r\n" + message).partition(b"\r\n\r\n")[2]


def agents_of(field: Field) -> list[str]:
    """The URIs of a list; of what is none, nothing."""
    without_quoted = re.sub(r'"(?:\\.|[^"\\])*"', '""', field.body)
    entries = (entry.partition(";")[0].strip() for entry in without_quoted.split(","))
    return [e for e in entries if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[!-~]+", e)]


def _names(fields: Iterable[Field], agent: str) -> int:
    """How many entries are the agent's."""
    return sum(same(entry, agent) for field in fields for entry in agents_of(field))


def _trace(fields: Iterable[Field]) -> list[Field]:
    return [f for f in fields if f.name in (SYSTEM, VIA)]


def _of(fields: Iterable[Field], name: str) -> list[Field]:
    return [f for f in fields if f.name == name]


def _forwarded(vector: OpesVector, result: dict[str, Any]) -> list[Seen]:
    message = _octets(result.get("message"))
    came, went = fields_of(vector.message), fields_of(message)
    told = "; ".join(f"{f.name}: {f.body[:120]}" for f in _trace(went))[:SHOWN] or "no trace"
    seen = [
        _is_traced(vector, came, went, told),
        *_is_kept(vector, came, went, told),
        _is_in_time(vector, came, result),
        _names_services(vector, went, told),
        *_names_otherwise(vector, came, went, told),
        _names_systems_alone(vector, came, went, told),
        *_is_in_via(vector, came, went, told),
        _is_legal(message),
    ]
    if "body" in vector.expected:
        wanted = str(vector.expected["body"]).encode()
        same_body = body_of(message) == wanted
        seen.append(Seen(
            same_body, "the body " + printable(wanted, 200),
            "so it is" if same_body else printable(body_of(message), 200),
        ))
    for line in vector.expected.get("fields", ()):
        lines = [f.raw.decode("utf-8", "replace") for f in went]
        wanted_name = str(line).partition(":")[0].lower()
        there = "; ".join(x for x in lines if x.lower().startswith(wanted_name))
        seen.append(Seen(line in lines, f"the field {line!r}", repr(there)))
    return seen


def _is_traced(
    vector: OpesVector, came: list[Field], went: list[Field], told: str
) -> Seen:
    before, after = (_names(_of(f, SYSTEM), vector.system) for f in (came, went))
    return Seen(
        after == before + 1, f"one entry of {vector.system} in OPES-System, of its own", told,
        (*TRACED, *STILL_THERE),
    )


def _position(fields: Sequence[Field], of: Field, start: int) -> int | None:
    """Where the field stands from `start` on: octet for octet, or with entries behind its own."""
    for i, field in enumerate(fields[start:], start):
        extended = of.name in (SYSTEM, VIA) and field.name == of.name and (
            field.raw.startswith(of.raw.rstrip(b", \t") + b",")
        )
        if field.raw == of.raw or extended:
            return i
    return None


def _is_kept(
    vector: OpesVector, came: list[Field], went: list[Field], told: str
) -> list[Seen]:
    """The trace of others in its order, the rest of the header unless a service was told to change
    it, and the system's entry above them or in theirs."""
    missing, at, first = [], 0, None
    for field in _trace(came):
        found = _position(went, field, at)
        if found is None:
            missing.append(field.raw)
        else:
            first = found if first is None else first
            at = found + 1
    seen = [Seen(
        not missing, "every entry of others, in its order",
        told if not missing else "not there: " + printable(missing[0], 200),
        (*KEPT, *STILL_THERE),
    )]
    others = [f.raw for f in came if f.name not in (SYSTEM, VIA)]
    there = [f.raw for f in went if f.name not in (SYSTEM, VIA)]
    changing = any(s.get("edits") for s in vector.services) or "readdress" in vector.given
    if not changing:
        seen.append(Seen(
            others == there, "all other fields as they were",
            "so they are" if others == there else "other fields", KEPT,
        ))
    own = next(
        (i for i, f in enumerate(went)
         if f.name == SYSTEM and any(same(a, vector.system) for a in agents_of(f))), None
    )
    below = [went.index(f) for f in went if f.raw in {c.raw for c in came}]
    if own is not None and below and not changing:
        on_top = own <= min(below)
        seen.append(Seen(
            on_top or first == own, "the system's entry above the fields that came",
            f"field {own + 1} of {len(went)}", ("rfc4902/3.1/9", "rfc4236/4/8"),
            "one of each system" if on_top else "one of all",
        ))
    return seen


def _is_in_time(vector: OpesVector, came: list[Field], result: dict[str, Any]) -> Seen:
    given = [fields_of(_octets(each)) for each in result.get("given", ())]
    before = _names(_of(came, SYSTEM), vector.system)
    untraced = [
        i for i, fields in enumerate(given) if _names(_of(fields, SYSTEM), vector.system) <= before
    ]
    complete = len(given) == len(vector.services)
    return Seen(
        complete and not untraced, f"the system's entry in what each of {len(vector.services)} "
        "services is given", f"{len(given)} given, {len(untraced)} without it", IN_TIME,
    )


def _names_services(vector: OpesVector, went: list[Field], told: str) -> Seen:
    uris = [str(s["uri"]) for s in vector.services]
    missing = [u for u in uris if not _names(_of(went, VIA), u)]
    listed = [a for f in reversed(_of(went, VIA)) for a in agents_of(f)]
    own = [a for a in listed if any(same(a, u) for u in uris)]
    in_order = list(dict.fromkeys(normal(a) for a in own)) == [normal(u) for u in uris]
    return Seen(
        not missing and in_order, "an entry of each service in OPES-Via, in their order", told,
        SERVICES_TRACED,
    )


def _names_otherwise(
    vector: OpesVector, came: list[Field], went: list[Field], told: str
) -> list[Seen]:
    """What is the system's to choose: an entry of the processor, and how it names its services."""
    system = {normal(vector.system)}
    known = {normal(a) for f in _trace(came) for a in agents_of(f)}
    known |= system | {normal(str(s["uri"])) for s in vector.services}
    own = [a for f in _trace(went) for a in agents_of(f) if normal(a) not in known]
    seen = [Seen(
        _names(_of(went, SYSTEM), vector.system) > 0, "an entry that is the processor's", told,
        BY_SYSTEM, "by itself" if own else "by its system", apart=True,
    )]
    if vector.services and not _of(came, VIA):
        seen.append(Seen(
            bool(_of(went, VIA)), "OPES-Via may be there", told, DELEGATED, apart=True
        ))
    in_via = [f for f in _of(went, VIA) if _names([f], vector.system)]
    if _of(came, VIA) and in_via:
        seen.append(Seen(
            not any("policy" in f.body for f in in_via), "its entry in OPES-Via may be shorter",
            told, FEWER, apart=True,
        ))
    return seen


def _names_systems_alone(
    vector: OpesVector, came: list[Field], went: list[Field], told: str
) -> Seen:
    known = {normal(a) for f in _of(came, SYSTEM) for a in agents_of(f)}
    known.add(normal(vector.system))
    strange = [a for f in _of(went, SYSTEM) for a in agents_of(f) if normal(a) not in known]
    return Seen(
        not strange, "none but systems in OPES-System",
        f"also {strange[0]}" if strange else told, SYSTEMS_ALONE,
    )


def _is_in_via(
    vector: OpesVector, came: list[Field], went: list[Field], told: str
) -> list[Seen]:
    if not _of(came, VIA):
        return []
    before, after = (_names(_of(f, VIA), vector.system) for f in (came, went))
    return [Seen(
        after > before, "the system's entry in OPES-Via too, as others have it there", told, IN_VIA
    )]


def _is_legal(message: bytes) -> Seen:
    header = (b"\r\n" + message).partition(b"\r\n\r\n")[0]
    longest = max(len(line) for line in header.split(b"\r\n"))
    named = all(re.match(rb"[!-9;-~]+[ \t]*:", f.raw) for f in fields_of(message))
    return Seen(
        longest <= LINE_OCTETS and named, f"fields of RFC 5322, in lines of at most {LINE_OCTETS}",
        f"lines of up to {longest}" + ("" if named else ", and what is no field"), LEGAL,
    )


# -- refusals and reports -------------------------------------------------------------------


def _rejected(vector: OpesVector, result: dict[str, Any]) -> list[Seen]:
    lines = [str(line) for line in result["reply"]]
    told = printable("\n".join(lines).encode(), SHOWN)
    read = [REPLY.fullmatch(line) for line in lines]
    legal = bool(lines) and all(
        m is not None and m[1] == vector.expected["code"]
        and m[2] == (" " if i == len(lines) - 1 else "-") and len(line) <= REPLY_OCTETS
        for i, (m, line) in enumerate(zip(read, lines))
    )
    asked = next(i for i, s in enumerate(vector.services) if "reply" in s and not _holds(s)) + 1
    given = len(result.get("given", ()))
    return [
        Seen(legal, f"a reply {vector.expected['code']} of printable lines", told, LEGAL),
        Seen(
            any(vector.system in line for line in lines), f"{vector.system} in the reply", told,
            REFUSED,
        ),
        Seen(
            any(str(vector.expected["text"]) in line for line in lines),
            f"the reason: {vector.expected['text']!r}", told, REFUSED,
        ),
        Seen(given == asked, f"{asked} services asked, none behind the refusal", f"{given} asked"),
    ]


def _holds(service: Mapping[str, Any]) -> bool:
    """Whether what the service refuses is held."""
    return service.get("refusing") == "quarantines" and str(service["reply"]).startswith("5")


def _held(vector: OpesVector, result: dict[str, Any]) -> list[Seen]:
    """Whoever looks after what is held learns which system holds it, and why."""
    reasons = [str(r) for r in result["reasons"]]
    told = printable(" | ".join(reasons).encode(), SHOWN)
    refusing = [s for s in vector.services if "reply" in s]
    text = str(vector.expected["text"])
    return [
        Seen(len(reasons) == len(refusing), f"{len(refusing)} reasons", told, HELD),
        Seen(bool(reasons) and text in reasons[0], f"the reason: {text!r}", told),
        Seen(
            all(vector.system in r for r in reasons), f"{vector.system} in each", told, REFUSED
        ),
    ]


def _reported(vector: OpesVector, message: bytes) -> list[Seen]:
    report = email.message_from_bytes(message, policy=email.policy.default)
    told = printable(message[:SHOWN], SHOWN)
    is_report = report.get_content_type() == "multipart/report"
    texts = [
        str(part) for part in report.walk()
        if part.get_content_type() in ("message/delivery-status", "text/plain")
    ]
    recipient = str(vector.given["recipient"])
    return [
        Seen(is_report, "a report (RFC 6522)", report.get_content_type(), REPORTED),
        Seen(
            any(recipient in text for text in texts), f"what became of {recipient}", told, REPORTED
        ),
        Seen(
            any(vector.system in text for text in texts),
            f"{vector.system} in what the report tells, not in the returned message alone", told,
            REPORTED,
        ),
    ]
