"""What an authority made of the vectors of vectors/dca, judged by OpenSSL and by reading alone.

The reference has no part in it: OpenSSL opens what was encrypted and verifies what came out, and
the harness looks for hidden values in the message and in all that the target said beside it.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mailassay import dca_vectors, wrapping
from mailassay.dca_vectors import Decrypt, Encrypt, Holder
from mailassay.leaks import look_for
from mailassay.peers.transcript import printable
from mailassay.shim_trial import ShimTrial
from mailassay.signing import openssl_refuses
from mailassay.smime import SmimeError, split
from mailassay.vectors import Expected, Vector
from mailassay.verdicts import Verdict
from mailassay.wrapping import Seen

TELLS_FLAGS = "tells-flags"
ENCRYPTED = ("encrypted", "refused")
DECRYPTED = ("decrypted", "not-a-recipient", "not-encrypted", "unreadable")
SIGNED = ("valid", "invalid", "no-secure-headers")  # by CMS the signature holds
DEADLINE = 20.0
SHOWN = 600
# Of the messages that most vectors are made of.
USUAL_SUBJECT = "Quarterly figures"
USUAL_BODY = "Hello Bob."
# What an authority that opened a message is judged by, whatever the vector is about.
ARRIVED = ("rfc7508/4.6.2/5", "rfc3183/5/3")
# What the mark of an agent's signature looks like.
MARK = "rfc3183/3.1.2/1"

Fields = Counter[tuple[str, str]]


@dataclass(frozen=True)
class Made:
    """What a target answered; `message` is empty where there is none."""

    outcome: str
    told: Mapping[str, Any]
    message: bytes
    beside: Mapping[str, bytes]  # what else it gave away, by the place

    @property
    def story(self) -> str:
        reason = printable(str(self.told.get("reason", "")).encode(), 300)
        return self.outcome + (f" ({reason})" if reason else "")

    @property
    def faults(self) -> list[str]:
        """All faults of names that were flagged."""
        flags = self.told.get("flags")
        return [
            str(fault)
            for flag in (flags if isinstance(flags, list) else ()) if isinstance(flag, dict)
            for fault in (flag.get("faults") or ())
        ]


# -- the cases' two questions ---------------------------------------------------------------


async def encrypts(t: ShimTrial, group: str, also: Sequence[str] = ()) -> None:
    """Asks the target to encrypt every message of the group, and judges what crosses the wire;
    `also` are clauses that each message is about, beside its own."""
    for vector in dca_vectors.to_encrypt():
        if vector.edition is not t.edition or dca_vectors.group_of(vector.id) != group:
            continue
        made = await _encrypted(t, vector)
        if made is None:
            continue
        aspects = [_outcome(vector, made), *await _leaks(vector, made)]
        if made.outcome == "encrypted":
            aspects += [
                await asyncio.to_thread(_opens, vector, made, r) for r in vector.recipients
            ]
        # What the reference refuses others may encrypt; no text says what crosses the wire then.
        if made.outcome == "encrypted" and vector.expected.header is not None:
            aspects += [_outer(vector, made), *_flags(t, vector, made)]
            around = await asyncio.to_thread(wrapping.judge_made, vector, made.message)
            aspects += around
            if vector.signature and vector.signature.marked in wrapping.MARKS and t.declares(MARK):
                _judge_under(t, MARK, vector, around[-1:])
        _judge(t, vector, aspects, also)
    t.tell_left_out()


async def decrypts(t: ShimTrial, group: str, also: Sequence[str] = ()) -> None:
    """Asks the target to decrypt every message of the group, and judges what comes out; `also` are
    clauses that each message is about, beside its own."""
    for vector in dca_vectors.to_decrypt():
        if vector.edition is not t.edition or dca_vectors.group_of(vector.id) != group:
            continue
        made = await _asked(t, vector, "decrypt", DECRYPTED, {
            "certificate": vector.holder.certificate, "key": vector.holder.key,
            **({"trust": [wrapping.ROOT], "time": wrapping.TIME} if vector.around else {}),
        })
        if made is None:
            continue
        aspects = [_outcome(vector, made), *await _leaks(vector, made)]
        if made.outcome == "decrypted":
            aspects += wrapping.judge_told(vector, made.told)
        if made.outcome == "decrypted" and vector.restored is not None:
            aspects += [
                _fields(vector, vector.restored, made),
                await asyncio.to_thread(_content, vector, vector.restored, made),
                *_flags(t, vector, made),
            ]
        _judge(t, vector, aspects, also)
    t.tell_left_out()


async def carries(t: ShimTrial, group: str) -> None:
    """Has the target encrypt each message of the group, and decrypt what crossed the wire: what
    comes out is what went in."""
    for vector in dca_vectors.to_encrypt():
        if vector.edition is not t.edition or dca_vectors.group_of(vector.id) != group:
            continue
        sent = await _encrypted(t, vector)
        if sent is None:
            continue
        aspects = [_outcome(vector, sent), *await _leaks(vector, sent)]
        if sent.outcome == "encrypted":
            aspects.append(_outer(vector, sent))
        _judge(t, vector, aspects)
        if sent.outcome == "encrypted":
            came = await _asked(t, replace(vector, message=sent.message), "decrypt", DECRYPTED, {
                "certificate": vector.recipients[0].certificate, "key": vector.recipients[0].key,
            })
            if came is not None:
                arrived = await _leaks(vector, replace(came, message=b""))
                arrived += await asyncio.to_thread(_arrived, vector, came)
                for clause in ARRIVED:
                    if t.declares(clause):
                        _judge_under(t, clause, vector, arrived)
    t.tell_left_out()


def _arrived(vector: Encrypt, came: Made) -> list[Seen]:
    """Whether a message is what it was before it was encrypted."""
    aspects = [Seen(came.outcome == "decrypted", "decrypted", came.story)]
    if came.outcome == "decrypted":
        wanted, found = halves(vector.message)[0], halves(came.message)[0]
        aspects.append(_difference(_of_header(wanted), _of_header(found), "fields"))
        aspects.append(_content(vector, vector.message, came))
    return aspects


async def _encrypted(t: ShimTrial, vector: Encrypt) -> Made | None:
    return await _asked(t, vector, "encrypt", ENCRYPTED, {
        "recipients": [r.certificate for r in vector.recipients],
        "replacements": dict(vector.replacements),
        "cipher": vector.cipher,
        **wrapping.asked_for(vector),
    })


async def _asked(
    t: ShimTrial, vector: Encrypt | Decrypt, operation: str, outcomes: tuple[str, ...],
    request: Mapping[str, Any],
) -> Made | None:
    clause = _clause(t, vector)
    question = Vector(
        id=vector.id, case=t.case.name, operation=operation, edition=vector.edition,
        flags=vector.flags, requirement=clause, message=vector.message,
        request={**request, "addresses": list(vector.addresses)},
        expected=Expected(outcomes=outcomes), reason="", note=vector.note,
    )
    heard = bytearray()
    result = await t.ask(question, heard)
    if result is None:
        return None
    beside = {
        "standard error": bytes(heard),
        **{str(k): str(v).encode() for k, v in (result.get("evidence") or {}).items()},
    }
    outcome, octets = result.get("outcome"), _octets(result.get("message", ""))
    with_message = outcome in ("encrypted", "decrypted")
    if outcome not in outcomes or octets is None or bool(octets) != with_message:
        told = printable(json.dumps(result)[:SHOWN].encode(), SHOWN)
        t.judge(clause, False, expected=f"an answer to '{operation}'", observed=told)
        t.misbehaved = Verdict.NONSENSE
        return None
    return Made(str(outcome), result, octets, beside)


def _octets(coded: object) -> bytes | None:
    try:
        return base64.b64decode(str(coded), validate=True)
    except (binascii.Error, ValueError):
        return None


def _clause(t: ShimTrial, vector: Encrypt | Decrypt) -> str:
    """The clause that the vector is about, or the case's own where it declares another, or where
    the edition has none such: RFC 3183 goes with the RFC."""
    clause = vector.requirement
    known = t.declares(clause) and t.catalogue.translate(clause, t.edition) is not None
    return clause if known else t.case.requirements[0]


def _judge(
    t: ShimTrial, vector: Encrypt | Decrypt, aspects: Sequence[Seen], also: Sequence[str] = ()
) -> None:
    """Under the vector's clause, and those of the case that are about all of its vectors: those
    that are named, and those that no vector anywhere is about."""
    about_one = {v.requirement for v in dca_vectors.to_encrypt()}
    about_one |= {v.requirement for v in dca_vectors.to_decrypt()}
    clauses = dict.fromkeys(
        (_clause(t, vector),
         *(c for c in t.case.requirements if c in also or c not in about_one))
    )
    for clause in clauses:
        _judge_under(t, clause, vector, aspects)


def _judge_under(
    t: ShimTrial, clause: str, vector: Encrypt | Decrypt, aspects: Sequence[Seen]
) -> None:
    for seen in aspects:
        t.judge(
            clause, seen.held,
            expected=f"{vector.id}: {seen.expected}", observed=f"{vector.id}: {seen.observed}",
        )


# -- aspects --------------------------------------------------------------------------------


def _outcome(vector: Encrypt | Decrypt, made: Made) -> Seen:
    wanted = vector.expected.outcomes
    return Seen(
        made.outcome in wanted, f"{' or '.join(wanted)}: {vector.note}", made.story
    )


def _flags(t: ShimTrial, vector: Encrypt | Decrypt, made: Made) -> list[Seen]:
    """Of a target that declares that it tells them."""
    if TELLS_FLAGS not in t.options:
        return []
    wanted = list(vector.expected.faults)
    return [Seen(
        sorted(made.faults) == sorted(wanted),
        f"flagged: {', '.join(wanted) or 'nothing'}",
        f"flagged: {', '.join(made.faults) or 'nothing'}",
    )]


def halves(octets: bytes) -> tuple[Fields, bytes]:
    """The fields of a message or an entity, without their folding and the case of their names; and
    its body."""
    header, _, body = (b"\r\n" + octets).partition(b"\r\n\r\n")
    unfolded = re.sub(rb"\r\n(?=[ \t])", b"", header).decode("utf-8", "backslashreplace")
    named = (line.partition(":") for line in unfolded.split("\r\n") if line)
    return Counter((n.strip(" \t").lower(), " ".join(v.split())) for n, _, v in named), body


def _of_header(fields: Fields) -> Fields:
    """Without those that describe the content, which encryption replaces."""
    return Counter({
        f: n for f, n in fields.items()
        if not f[0].startswith("content-") and f[0] != "mime-version"
    })


def _told(fields: Fields) -> str:
    text = "; ".join(f"{name}: {value}" for name, value in sorted(fields.elements()))
    return printable(text.encode()[:SHOWN], SHOWN) or "none"


def _difference(wanted: Fields, found: Fields, what: str) -> Seen:
    return Seen(
        wanted == found,
        f"{what}: {_told(wanted - found) if wanted != found else 'as they should be'}",
        f"{what}: {_told(found - wanted) if wanted != found else 'as they should be'}",
    )


def _outer(vector: Encrypt, made: Made) -> Seen:
    wanted, _ = halves("\r\n".join(vector.outer).encode() + b"\r\n\r\n")
    found, _ = halves(made.message)
    return _difference(_of_header(wanted), _of_header(found), "fields on the wire")


async def _leaks(vector: Encrypt | Decrypt, made: Made) -> list[Seen]:
    """All that left the target but its answer to whoever asked: what crosses the wire, and what it
    logged.  Nothing is told where there is nothing to look for, or in."""
    sources = dict(made.beside)
    if isinstance(vector, Encrypt) and made.outcome == "encrypted":
        sources["the message"] = made.message
    hidden = _hidden_by(vector, made)
    if not sources or not hidden:
        return []
    return [await asyncio.to_thread(_found, vector, hidden, sources)]


def _hidden_by(vector: Encrypt | Decrypt, made: Made) -> tuple[str, ...]:
    """What must not be seen.  Of what others encrypt, unlike the reference, no rule that a text has
    says whether a field of the header is hidden."""
    others = made.outcome == "encrypted" and vector.expected.header is None
    return _usual_body(vector.message) if others else hidden_in(vector)


def _found(
    vector: Encrypt | Decrypt, hidden: Iterable[str], sources: Mapping[str, bytes]
) -> Seen:
    leaks: list[str] = []
    of_transport = (*vector.addresses, *_message_ids(vector.message))
    for source, octets in sources.items():
        # Whom a message is for stands in its envelope, which transport tells and logs; and a server
        # logs the Message-ID of what it takes, before any authority sees the message.
        values = {v: v for v in hidden if source == "the message" or v not in of_transport}
        leaks += [str(leak) for leak in look_for(values, {source: octets})]
    return Seen(
        not leaks, f"no hidden value, in any form, in {', '.join(sources)}",
        "; ".join(leaks[:3]) or "none",
    )


def hidden_in(vector: Encrypt | Decrypt) -> tuple[str, ...]:
    """What must not be seen beside the message, no value too short to be looked for: what is to be
    hidden; of a message that is not encrypted its Subject and body; of one that is decrypted what
    the envelope held and the header lacked; of one that is not, what all of them hold.  None, where
    a message to be decrypted hides nothing."""
    if isinstance(vector, Encrypt):
        return vector.hidden or _usual(vector.message)
    values = {USUAL_SUBJECT, USUAL_BODY}
    if vector.restored is not None:
        hidden = _of_header(halves(vector.restored)[0]) - _of_header(halves(vector.message)[0])
        values = {value for _, value in hidden if value} | set(_usual(vector.restored))
    shown = {leak.name for leak in look_for({v: v for v in values}, {"": vector.message})}
    return tuple(sorted(values - shown))


def _usual(message: bytes) -> tuple[str, ...]:
    """What most messages are confidential for."""
    subjects = [value for name, value in halves(message)[0] if name == "subject" and value]
    return (*subjects, *_usual_body(message))


def _usual_body(message: bytes) -> tuple[str, ...]:
    return (USUAL_BODY,) if look_for({"body": USUAL_BODY}, {"message": message}) else ()


def _message_ids(message: bytes) -> tuple[str, ...]:
    """With their angle brackets, and without."""
    ids = [value for name, value in halves(message)[0] if name == "message-id"]
    return (*ids, *(value.strip("<>") for value in ids))


def _opens(vector: Encrypt, made: Made, holder: Holder) -> Seen:
    """Whether OpenSSL opens the message with this key, and finds what was to be encrypted."""
    expected = f"opened by {holder.name}, and what was signed is in it"
    try:
        entity = opened(split(wrapping.within(made.message)).cms, holder)
    except (SmimeError, OpeningError) as problem:
        return Seen(False, expected, str(problem))
    if _refusal(vector.message) is None:
        refusal = _refusal(entity)
        return Seen(refusal is None, expected, refusal or "opened; its signature holds")
    same = halves(entity)[1].strip() == halves(vector.message)[1].strip()
    return Seen(same, expected, "opened; " + ("the same body" if same else "another body"))


def _fields(vector: Decrypt, restored: bytes, made: Made) -> Seen:
    """That each field is there as it was, as often as it was; where the text determines it, in its
    order and folding as well."""
    if vector.is_determined and made.message == restored:
        return Seen(True, "the message octet for octet", "so it is")
    wanted, found = halves(restored)[0], halves(made.message)[0]
    seen = _difference(_of_header(wanted), _of_header(found), "fields")
    if not seen.held or not vector.is_determined:
        return seen
    order = [_in_order(octets) for octets in (restored, made.message)]
    return Seen(
        order[0] == order[1], "the signed fields in their order",
        "so they are" if order[0] == order[1] else "in another order",
    )


def _in_order(message: bytes) -> list[tuple[str, str]]:
    header = message.partition(b"\r\n\r\n")[0]
    return [
        field for line in re.split(rb"\r\n(?![ \t])", header)
        for field in _of_header(halves(line + b"\r\n\r\n")[0])
    ]


def _content(vector: Encrypt | Decrypt, restored: bytes, made: Made) -> Seen:
    """That what was encrypted came out: by its signature, or else by its octets."""
    if vector.expected.verifies in SIGNED:
        refusal = _refusal(made.message)
        return Seen(
            refusal is None, "a signature that OpenSSL verifies", refusal or "verified by OpenSSL"
        )
    same = halves(restored)[1].strip() == halves(made.message)[1].strip()
    return Seen(same, "the body that was encrypted", "so it is" if same else "another body")


def _refusal(entity: bytes) -> str | None:
    """Why OpenSSL refuses the signature; None when it holds."""
    try:
        return openssl_refuses(entity)
    except SmimeError as problem:
        return str(problem)


# -- OpenSSL --------------------------------------------------------------------------------


class OpeningError(Exception):
    """An envelope can't be opened; the text says why."""


def opened(cms: bytes, by: Holder) -> bytes:
    """What OpenSSL finds in the ContentInfo.  Raises `OpeningError`."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = Path(folder) / "certificate.pem", Path(folder) / "key.pem"
        certificate.write_text(by.certificate, encoding="ascii")
        key.write_text(by.key, encoding="ascii")
        ended = subprocess.run(
            ["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-recip", certificate,
             "-inkey", key],
            input=cms, capture_output=True, timeout=DEADLINE,
        )
    if ended.returncode != 0:
        raise OpeningError(f"OpenSSL: {printable(ended.stderr[-300:], 300)}")
    return ended.stdout
