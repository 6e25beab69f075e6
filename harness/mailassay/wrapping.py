"""Signatures around envelopes (triple wrapping), judged by OpenSSL and by reading alone.

What an authority put around an envelope is verified, its signer and its mark are looked at; what an
authority tells of the signatures that it took off is held against the vector.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mailassay import vectors
from mailassay.asn1 import OID, SEQUENCE, Asn1Error, Value, read
from mailassay.dca_vectors import Around, Decrypt, Encrypt, Signature
from mailassay.signing import openssl_refuses
from mailassay.smime import (
    SIGNED_DATA,
    SignedMessage,
    SmimeError,
    content_of,
    signed_attributes,
    split,
)

ROOT = (vectors.FOLDER / "keys" / "root.pem").read_text("ascii")
TIME = "2026-06-01T12:00:00Z"
# The attribute for the type of a signature: by the text's own number, and as registered since.
SIGNATURE_TYPE = ("1.2.840.113549.1.9.16.9", "1.2.840.113549.1.9.16.2.28")
MARKS = {"domain": "1.2.840.113549.1.9.16.9.2", "review": "1.2.840.113549.1.9.16.9.4"}
ORIGINATOR = "1.2.840.113549.1.9.16.9.1"
DEADLINE = 20.0


@dataclass(frozen=True)
class Seen:
    """One aspect of an answer."""

    held: bool
    expected: str
    observed: str


def asked_for(vector: Encrypt) -> dict[str, Any]:
    """What a request has beside for the signature that the vector asks for; nothing without."""
    wish = vector.signature
    if wish is None:
        return {}
    signer = {"certificate": wish.signer.certificate, "key": wish.signer.key}
    outer = {"as": wish.marked, "encapsulation": wish.encapsulation, "signer": signer}
    return {"outer": outer, "trust": [ROOT], "time": TIME}


# -- what was put on ------------------------------------------------------------------------------


def judge_made(vector: Encrypt, message: bytes) -> list[Seen]:
    """The signature around the envelope, where the vector asks for one."""
    if vector.signature is None:
        return []
    if vector.wrapped != "signed":
        return _judge_none(message)
    return _judge_signature(vector.signature, message)


def _judge_none(message: bytes) -> list[Seen]:
    """An agent's signature wraps another one, be it an empty one: there is none around this."""
    marks = _marks_of(message) if _is_signed(message) else ()
    wrong = [mark for mark in marks if mark in MARKS.values()]
    return [Seen(
        not wrong, "no agent's signature around what is not signed",
        f"signed, and marked as {', '.join(wrong)}" if wrong else "none",
    )]


def _judge_signature(wish: Signature, message: bytes) -> list[Seen]:
    expected = f"a signature of {wish.signer.name} around the envelope, {wish.encapsulation}"
    try:
        parts = split(message)
        form = "opaque" if parts.content is None else "detached"
        refusal = openssl_refuses(message)
        by = _is_by(wish, parts)
        marks = _marks_of(message)
    except (SmimeError, Asn1Error) as problem:
        return [Seen(False, expected, str(problem))]
    wanted = {MARKS[wish.marked]} if wish.marked in MARKS else set()
    return [
        Seen(refusal is None, f"{expected}, which OpenSSL verifies", refusal or "verified"),
        Seen(form == wish.encapsulation, expected, f"it is {form}"),
        Seen(by, expected, "so it is" if by else "its signer is another"),
        Seen(
            set(marks) - {ORIGINATOR} == wanted and len(marks) == len(set(marks)),
            f"marked as {wanted or 'nothing'}", f"marked as {', '.join(marks) or 'nothing'}",
        ),
    ]


def within(message: bytes) -> bytes:
    """The envelope as an entity, without the signatures around it; the message itself where there
    are none.  Raises `SmimeError`."""
    if not _is_signed(message):
        return message
    parts = split(message)
    return within(parts.content if parts.content is not None else content_of(parts.cms))


def _is_signed(message: bytes) -> bool:
    try:
        return read(split(message).cms).members[0].dotted == SIGNED_DATA
    except (SmimeError, Asn1Error, IndexError):
        return False


def _is_by(wish: Signature, parts: SignedMessage) -> bool:
    """Whether OpenSSL finds the signature to be by that key."""
    content = parts.content if parts.content is not None else content_of(parts.cms)
    with tempfile.TemporaryDirectory() as folder:
        info, signed, signers = (Path(folder) / name for name in ("cms", "content", "signers"))
        info.write_bytes(parts.cms)
        signed.write_bytes(content)
        detached = () if parts.content is None else ("-content", str(signed))
        ended = subprocess.run(
            ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(info), *detached,
             "-noverify", "-signer", str(signers), "-out", "/dev/null"],
            capture_output=True, timeout=DEADLINE,
        )
        found = signers.read_text("ascii") if ended.returncode == 0 else ""
    return _body(wish.signer.certificate) == _body(found)


def _body(pem: str) -> str:
    """The base64 of the first certificate in a text."""
    _, _, rest = pem.partition("-----BEGIN CERTIFICATE-----")
    return "".join(rest.partition("-----END CERTIFICATE-----")[0].split())


def _marks_of(message: bytes) -> tuple[str, ...]:
    """The types that the signers say that their signatures are of.  Raises `SmimeError`."""
    return tuple(
        kind.dotted
        for attributes in signed_attributes(split(message).cms)
        for attribute in attributes if attribute.members[0].dotted in SIGNATURE_TYPE
        for value in attribute.members[1].members for kind in _types_in(value)
    )


def _types_in(value: Value) -> tuple[Value, ...]:
    if value.tag != SEQUENCE or any(member.tag != OID for member in value.members):
        raise SmimeError("the type of a signature is no SEQUENCE OF OBJECT IDENTIFIER")
    return tuple(value.members)


# -- what was taken off ---------------------------------------------------------------------------


def judge_told(vector: Decrypt, told: Mapping[str, Any]) -> list[Seen]:
    """What a target tells of the signatures around an envelope that it opened."""
    if not vector.around:
        return []
    wanted = [_wanted(each) for each in vector.around]
    outer = told.get("outer")
    found = [_told(each) for each in outer if isinstance(each, dict)] \
        if isinstance(outer, list) else []
    return [Seen(
        sorted(wanted) == sorted(found),
        f"of the signatures around it: {'; '.join(wanted)}",
        f"of the signatures around it: {'; '.join(found) or 'nothing'}",
    )]


def _wanted(each: Around) -> str:
    flagged = "flagged" if each.faults else "not flagged"
    return f"{each.standing} as {', '.join(each.agents) or 'nobody'}, {flagged}"


def _told(each: Mapping[str, Any]) -> str:
    agents, faults = each.get("as") or [], each.get("faults") or []
    flagged = "flagged" if faults else "not flagged"
    return f"{each.get('standing')} as {', '.join(map(str, agents)) or 'nobody'}, {flagged}"
