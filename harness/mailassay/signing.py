"""Judges what a signer made: its structure by the harness's own reading, its CMS by OpenSSL."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
import subprocess
import tempfile
from collections import Counter
from dataclasses import dataclass
from typing import Any

from mailassay import vectors
from mailassay.peers.transcript import printable
from mailassay.shim_trial import ShimTrial
from mailassay.smime import (
    SignerAttributes,
    SmimeError,
    Structure,
    attribute_type,
    content_of,
    signers_of,
    split,
    structure_of,
)
from mailassay.vectors import Vector
from mailassay.verdicts import Edition, Verdict

ONE_VALUE = "rfc7508/4/2"
TYPE = "rfc7508/4.1/2"
TYPE_OF_DRAFT = "draft-cailleux/4.1/2"
SYNTAX = "rfc7508/4.1/1"
DER = "rfc7508/4.1/11"
EMBEDDED = "rfc7508/4.5.1/1"
ALGORITHM = "rfc7508/4.5.1/2"
STEPS = "rfc7508/4.5.1/8"
HOLDS = "rfc7508/4.5.1/14"
# What a signature that OpenSSL verifies shows as well.
ALONG_WITH_CMS = (HOLDS, "rfc7508/4/4", "rfc7508/4/9", "rfc7508/4.3/10")
# That a gateway signs beside others or around them, and both readings.
INSERTS = "rfc7508/6/3"
INSERTED = "signerInfos inserted"
OF_ITS_OWN = "a signature of its own"
OPENSSL_DEADLINE = 20.0


@dataclass(frozen=True)
class _Made:
    """What a signer made of a vector."""

    vector: Vector
    message: bytes
    signers: tuple[SignerAttributes, ...]


async def judge_signing(t: ShimTrial) -> None:
    """Lets the target sign every vector of the case, and judges what it made."""
    for vector in t.vectors:
        made = await _signed(t, vector)
        if made is None:
            continue
        structures = [_structure(t, made, signer) for signer in made.signers]
        found = [s for s in structures if s is not None]
        if len(found) == len(structures) and found:
            _judge_structures(t, vector, found)
        if t.declares(HOLDS):
            await _judge_cms(t, made)


async def judge_signing_beside(t: ShimTrial) -> None:
    """Lets the target sign messages that others have signed, and judges what it made.  It puts its
    signerInfos beside theirs, or makes a signature of its own around the message."""
    for vector in t.vectors:
        message = await _message(t, vector)
        if message is None:
            continue
        try:
            before, after = split(vector.message), split(message)
            theirs, all_of_them = signers_of(before.cms), signers_of(after.cms)
        except SmimeError as problem:
            _broken(t, vector, "a signed message", str(problem))
            continue
        known = {s.octets for s in theirs}
        came = tuple(s for s in all_of_them if s.octets not in known)
        beside = known <= {s.octets for s in all_of_them}
        around = not beside and after.content is not None and before.cms in _within(after.content)
        wanted = len(vector.request["signers"])
        for clause in filter(t.declares, (vector.requirement, INSERTS)):
            t.judge(
                clause, (beside or around) and len(came) == wanted,
                expected=f"{vector.id}: {wanted} signatures more, and the others as they were",
                observed=f"{vector.id}: {len(came)} that are new, of {len(all_of_them)}",
                reading=(INSERTED if beside else OF_ITS_OWN) if clause == INSERTS else None,
            )
        if not beside:
            continue
        made = _Made(vector, message, came)
        _judge_rest(t, vector, before.content == after.content and _header(message) ==
                    _header(vector.message))
        kind = attribute_type(t.edition)
        aware = tuple(s for s in theirs if kind in s.values)
        found = [_structure(t, made, signer) for signer in (*came, *aware)]
        structures = [s for s in found if s is not None]
        if structures and len(structures) == len(found):
            _judge_structures(t, vector, structures)
        await _judge_cms(t, made)


def _within(content: bytes) -> bytes:
    """The CMS object of what is signed once more; nothing where that is not signed."""
    try:
        return split(content).cms
    except SmimeError:
        return b""


def _header(message: bytes) -> bytes:
    return message.partition(b"\r\n\r\n")[0]


def _judge_rest(t: ShimTrial, vector: Vector, same: bool) -> None:
    t.judge(
        vector.requirement, same,
        expected=f"{vector.id}: header and content octet by octet",
        observed=f"{vector.id}: {'the same' if same else 'others'}",
    )


async def judge_adding_nothing(t: ShimTrial) -> None:
    """A message to whose signature nothing can be put: the target refuses, or makes a signature of
    its own around it."""
    for vector in t.vectors:
        result = await t.ask(vector)
        if result is None:
            continue
        outcome = str(result.get("outcome"))
        if outcome == "signed":
            try:
                message = base64.b64decode(str(result.get("message", "")), validate=True)
                theirs = {s.octets for s in signers_of(split(vector.message).cms)}
                beside = theirs & {s.octets for s in signers_of(split(message).cms)}
                outcome = "a signature beside the others" if beside else "a signature of its own"
            except (binascii.Error, SmimeError) as problem:
                outcome = str(problem)
        t.judge(
            vector.requirement, outcome in ("refused", "a signature of its own"),
            expected=f"{vector.id}: nothing beside the others: {vector.note}",
            observed=f"{vector.id}: {printable(outcome.encode(), 300)}",
        )


async def judge_refusing(t: ShimTrial) -> None:
    """Lets the target sign what can't be signed as the policy has it.  It refuses, or signs without
    what can't be in the structure; CMS verifies then, and no other structure is written."""
    for vector in t.vectors:
        result = await t.ask(vector)
        if result is None:
            continue
        outcome = str(result.get("outcome"))
        fault = None if outcome == "refused" else await asyncio.to_thread(_fault, vector, result)
        t.judge(
            vector.requirement, fault is None,
            expected=f"{vector.id}: {' or '.join(vector.expected.outcomes)}: {vector.note}",
            observed=f"{vector.id}: {fault or outcome}",
            reading=vector.expected.readings.get(outcome),
        )


def _fault(vector: Vector, result: dict[str, Any]) -> str | None:
    """What is wrong with a message that was signed without what can't be."""
    if result.get("outcome") != "signed":
        return f"the outcome {printable(str(result.get('outcome')).encode(), 60)!r}"
    try:
        message = base64.b64decode(str(result.get("message", "")), validate=True)
        for signer in signers_of(split(message).cms):
            for edition in Edition:
                for value in signer.values.get(attribute_type(edition), ()):
                    if fault := _misfit(vector, structure_of(value, vector.edition)):
                        return fault
        return openssl_refuses(message)
    except (binascii.Error, SmimeError) as problem:
        return str(problem)


def _misfit(vector: Vector, structure: Structure) -> str | None:
    """What stands in a structure that can't: each value is in the message, as it was written."""
    for field in structure.fields:
        lines = (f"{field.name}:{space}{field.value}\r\n".encode().lower() for space in ("", " "))
        if not any(line in vector.message.lower() for line in lines):
            return f"a field {field.name}: {field.value!r} that the message has not"
    return None


async def _message(t: ShimTrial, vector: Vector) -> bytes | None:
    """The message that the target signed; None when there is none, which is recorded."""
    result = await t.ask(vector)
    if result is None:
        return None
    if result.get("outcome") != "signed":
        told = f"{result.get('outcome')}: {result.get('reason', '')}"
        _broken(t, vector, "a signed message", printable(told.encode(), 300))
        return None
    try:
        return base64.b64decode(str(result.get("message", "")), validate=True)
    except binascii.Error:
        _broken(t, vector, "a message in base64", "no base64")
        t.misbehaved = Verdict.NONSENSE
        return None


async def _signed(t: ShimTrial, vector: Vector) -> _Made | None:
    message = await _message(t, vector)
    if message is None:
        return None
    try:
        made = _Made(vector, message, signers_of(split(message).cms))
    except SmimeError as problem:
        _broken(t, vector, "a signed message", str(problem))
        return None
    wanted = len(vector.request["signers"])
    if len(made.signers) != wanted:
        _broken(t, vector, f"{wanted} signerInfos", f"{len(made.signers)}")
        return None
    return made


def _broken(t: ShimTrial, vector: Vector, expected: str, observed: str) -> None:
    t.judge(
        vector.requirement, False,
        expected=f"{vector.id}: {expected}", observed=f"{vector.id}: {observed}",
    )


def _structure(t: ShimTrial, made: _Made, signer: SignerAttributes) -> Structure | None:
    """The structure that the signerInfo holds; None when there is none, which is recorded."""
    vector = made.vector
    kind, values = _found(t, vector, signer)
    if not values:
        told = f"{vector.id}: a signerInfo with {signer.count} signed attributes, not this one"
        clause = EMBEDDED if t.declares(EMBEDDED) else vector.requirement
        t.judge(clause, False, expected="the structure as signed attribute", observed=told)
        return None
    if t.declares(EMBEDDED):
        t.judge(EMBEDDED, True, expected="the structure as signed attribute", observed=kind)
    if t.declares(ONE_VALUE):
        t.judge(
            ONE_VALUE, len(values) == 1,
            expected=f"{vector.id}: one value in one attribute",
            observed=f"{vector.id}: {len(values)} values",
        )
    try:
        structure = structure_of(values[0], t.edition)
    except SmimeError as problem:
        clause = next((c for c in (DER, SYNTAX) if t.declares(c)), vector.requirement)
        t.judge(
            clause, False,
            expected=f"{vector.id}: the syntax of the edition, in DER",
            observed=f"{vector.id}: {problem}: {values[0][:200].hex()}",
        )
        return None
    for clause in (DER, SYNTAX, ALGORITHM):
        if t.declares(clause):
            t.judge(clause, True, expected="the syntax of the edition", observed="as it is")
    return structure


def _found(t: ShimTrial, vector: Vector, signer: SignerAttributes) -> tuple[str, tuple[bytes, ...]]:
    """The attribute's type and values.  The draft leaves the type open."""
    own = attribute_type(t.edition)
    if t.edition is Edition.RFC:
        if t.declares(TYPE):
            others = ", ".join(signer.values) or "none of S/MIME"
            t.judge(
                TYPE, own in signer.values,
                expected=f"{vector.id}: an attribute {own}", observed=f"{vector.id}: {others}",
            )
        return own, signer.values.get(own, ())
    readings = {own: "the example's", attribute_type(Edition.RFC): "the one registered later"}
    for kind, reading in readings.items():
        if kind in signer.values:
            if t.declares(TYPE_OF_DRAFT):
                t.judge(
                    TYPE_OF_DRAFT, True, expected="one of two numbers", observed=kind,
                    reading=reading,
                )
            return kind, signer.values[kind]
    return own, ()


def _judge_structures(t: ShimTrial, vector: Vector, structures: list[Structure]) -> None:
    wanted = Counter(_key(vector, f) for f in vector.expected.fields or ())
    first = structures[0]
    given = Counter(_key(vector, f) for f in first.fields)
    alike = all(s == first for s in structures)
    held = (
        given == wanted
        and alike
        and first.algorithm == (vector.expected.algorithm or first.algorithm)
    )
    told = json.dumps([_key(vector, f) for f in first.fields])[:2000]
    expected = json.dumps(sorted(wanted.elements()))[:2000]
    agreement = "" if alike else "; the signers' structures differ"
    clauses = [
        c for c in t.case.requirements
        if c == vector.requirement or (c in OF_THE_FIELDS and t.declares(c))
    ]
    for clause in clauses:
        t.judge(
            clause, held,
            expected=f"{vector.id}: {vector.expected.algorithm}: {expected}",
            observed=f"{vector.id}: {first.algorithm}: {told}{agreement}",
        )


# Clauses that a structure which is not what it should be breaks as well, where a case has them.
OF_THE_FIELDS = (
    STEPS, "rfc7508/4.5.1/4", "rfc7508/4.5.2/7", "rfc7508/4.4/3", "rfc7508/4.3/2",
    "rfc7508/4.5.1/13", "rfc7508/4.1/16", "rfc7508/4.5.1/11", "draft-cailleux/4.5.1/11",
    "rfc7508/7/1", "draft-cailleux/7/1", "draft-cailleux/4.4/2", "rfc7508/4.1/6",
    "draft-cailleux/4.1/5", "rfc7508/4.1/18", "draft-cailleux/4.1/17", "rfc7508/2/1", "rfc7508/2/2",
    "rfc7508/2/3", "rfc7508/4.1/12", "rfc7508/4.1/21", "rfc7508/4.4/2", "draft-cailleux/4.4/3",
    "draft-cailleux/4.5.1/12", "rfc7508/4.1/4", "rfc7508/5/1", "rfc7508/5/2", "rfc7508/5/3",
    "rfc7508/5/4", "rfc7508/5/5", "rfc7508/5/6", "rfc7508/4.5.1/6", "rfc7508/6/1",
)


def _key(vector: Vector, field: vectors.Field | object) -> tuple[str, str, str]:
    """A field as it is compared.  Relaxed lets a name be stored in any case; a simple value may
    or may not have the space behind the colon, and no vector's message has one."""
    name, value, status = (str(getattr(field, k)) for k in ("name", "value", "status"))
    return (name.lower() if vector.expected.algorithm == "relaxed" else name, value, status)


async def _judge_cms(t: ShimTrial, made: _Made) -> None:
    """OpenSSL's word on the signature."""
    vector = made.vector
    said = await asyncio.to_thread(openssl_refuses, made.message)
    for clause in filter(t.declares, ALONG_WITH_CMS):
        t.judge(
            clause, said is None,
            expected=f"{vector.id}: a signature that OpenSSL verifies",
            observed=f"{vector.id}: {said or 'verified'}",
        )


def openssl_refuses(message: bytes) -> str | None:
    """Why it does not verify the message; None when it does."""
    parts = split(message)
    content = parts.content if parts.content is not None else content_of(parts.cms)
    root = vectors.FOLDER / "keys" / "root.pem"
    with tempfile.NamedTemporaryFile() as cms, tempfile.NamedTemporaryFile() as signed:
        cms.write(parts.cms)
        cms.flush()
        signed.write(content)
        signed.flush()
        detached = () if parts.content is None else ("-content", signed.name)
        ended = subprocess.run(
            ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", cms.name, *detached,
             "-CAfile", str(root), "-out", "/dev/null"],
            capture_output=True, timeout=OPENSSL_DEADLINE,
        )
    if ended.returncode == 0:
        return None
    return printable(ended.stderr[-300:], 300)
