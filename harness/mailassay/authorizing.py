"""What became of the vectors of vectors/release, judged by reading alone.

The reference has no part in it: header fields are read by Python's own `email` (in `bordering`),
signatures are verified by OpenSSL, and octets are compared as they stand.
"""

from __future__ import annotations

import base64
import binascii
import json
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from email import message_from_bytes
from pathlib import Path
from typing import Any

from mailassay import release_vectors
from mailassay.adaptation import body_of, fields_of
from mailassay.bordering import normal, people
from mailassay.countersignatures import Layer, layers_of
from mailassay.peers.transcript import printable
from mailassay.release_vectors import ROOT, ReleaseVector
from mailassay.shim_trial import ShimTrial
from mailassay.smime import SmimeError, split
from mailassay.vectors import Expected, Vector
from mailassay.verdicts import Verdict

FIELD = "mmhs-authorizing-users"
OUTCOMES = {
    "authorize": (
        "released", "to-next", "returned", "to-abuse", "discarded", "redrafted", "set-aside",
    ),
    "check-release": ("judged", "authorized", "not-authorized"),
}
# Clauses that one aspect alone tells of: the drafter's octets, and the user's signature.
KEPT = ("rfc7912/1/1",)
SIGNED = ("rfc7912/1/2", "rfc7912/3.3/15")
# What an outcome of a vector has beside what is to be seen.
ABOUT = ("reading", "kept", "signed")
# What is seen in a message that goes on, and in a notice: by whom it is read.
OF_MESSAGE = ("signer", "signers", "countersigners")
OF_NOTICE = ("told", "report", "said")
PATIENCE = 20.0
SHOWN = 600

Read = dict[str, Any]


async def authorizes(t: ShimTrial) -> None:
    """Puts every vector of the case to the target, and judges what comes."""
    for vector in release_vectors.of_case(t.case.name, t.edition):
        result = await _asked(t, vector)
        if result is not None:
            _judge(t, vector, result)
    t.tell_left_out()


async def _asked(t: ShimTrial, vector: ReleaseVector) -> dict[str, Any] | None:
    clause = declared(t, vector)[0]
    outcomes = OUTCOMES[vector.operation]
    result = await t.ask(Vector(
        id=vector.id, case=t.case.name, operation=vector.operation, edition=vector.edition,
        flags=vector.flags, requirement=clause, message=vector.message, request=vector.request,
        expected=Expected(outcomes=outcomes), reason="", note=vector.note,
    ))
    if result is not None and result.get("outcome") not in outcomes:
        told = printable(json.dumps(result)[:SHOWN].encode(), SHOWN)
        t.judge(clause, False, expected=f"an answer to '{vector.operation}'", observed=told)
        t.misbehaved = Verdict.NONSENSE
        return None
    return result


def declared(t: ShimTrial, vector: ReleaseVector) -> tuple[str, ...]:
    """The vector's clauses that the case cites and the edition has.  Raises `ValueError` when there
    is none, which is the author's fault."""
    found = tuple(
        c for c in vector.clauses
        if t.declares(c) and t.catalogue.translate(c, t.edition) is not None
    )
    if not found:
        raise ValueError(f"{vector.id}: no clause of the edition")
    return found


def _judge(t: ShimTrial, vector: ReleaseVector, result: Mapping[str, Any]) -> None:
    read, fault = reading_of(vector, result)
    kept = None if fault else followed(vector, read)
    wanted = " or ".join(_shown(o) for o in vector.outcomes)
    seen = fault or _shown(_compared(read, vector.outcomes))
    alone = (*KEPT, *SIGNED)
    for clause in declared(t, vector):
        if clause not in alone:
            t.judge(
                clause, kept is not None,
                expected=f"{vector.id}: {vector.note} {wanted}"[:2 * SHOWN],
                observed=f"{vector.id}: {seen}",
                reading=None if kept is None else kept.get("reading"),
            )
    if kept is not None and kept.get("kept"):
        _judge_octets(t, vector, _octets(result.get("message")))


def _judge_octets(t: ShimTrial, vector: ReleaseVector, message: bytes) -> None:
    clauses = declared(t, vector)
    faults = {KEPT: fault_of_octets(vector, message), SIGNED: fault_of_signature(vector, message)}
    for about, fault in faults.items():
        for clause in (c for c in about if c in clauses):
            t.judge(
                clause, not fault,
                expected=f"{vector.id}: what the drafter signed, and the user's signature",
                observed=f"{vector.id}: {fault or 'both'}",
            )


def reading_of(vector: ReleaseVector, result: Mapping[str, Any]) -> tuple[Read, str]:
    """What the answer says by the words of the vectors, and what is wrong with it."""
    read: Read = {"outcome": result["outcome"]}
    try:
        if "recipients" in result:
            read["fates"] = [str(r["fate"]) for r in result["recipients"]]
        if "users" in result:
            read["proven"] = [normal(str(u)) for u in result["users"]]
        if "next" in result and result["next"] is not None:
            read["next"] = str(result["next"])
        if "steps" in result:
            read["reviewed"] = "review" in result["steps"]
        if "message" in result:
            message = _octets(result["message"])
            read["unchanged"] = message == vector.message
            read["users"] = users_in(message)
            if _is_asked(vector, OF_MESSAGE):
                read |= signatures_in(message, user_of(vector))
        if _is_asked(vector, OF_NOTICE) and "notice" in result:
            read |= notice_in(result["notice"], vector)
    except (binascii.Error, ValueError, KeyError, TypeError, SmimeError) as problem:
        return read, printable(str(problem).encode(), SHOWN)
    except RecursionError:  # of Python's own reader, in comments within comments
        return read, "what goes on has a field that is nested too deeply to be read"
    return read, ""


def followed(vector: ReleaseVector, read: Read) -> Mapping[str, Any] | None:
    """The outcome that the answer is, of those that the text allows.  Whoever does not tell the
    steps is not judged by them."""
    for outcome in vector.outcomes:
        if all(
            key in ABOUT or (key == "reviewed" and key not in read) or _same(value, read.get(key))
            for key, value in outcome.items()
        ):
            return outcome
    return None


def _same(wanted: object, seen: object) -> bool:
    if isinstance(wanted, list) and isinstance(seen, list):
        return [normal(str(w)) for w in wanted] == [normal(str(s)) for s in seen]
    return wanted == seen


def _compared(read: Read, outcomes: Iterable[Mapping[str, Any]]) -> Read:
    keys = dict.fromkeys(key for outcome in outcomes for key in outcome)
    return {key: read[key] for key in ("outcome", *keys) if key in read}


def _shown(outcome: Mapping[str, Any]) -> str:
    return printable(json.dumps(outcome, ensure_ascii=False).encode(), SHOWN)


def _is_asked(vector: ReleaseVector, aspects: Iterable[str]) -> bool:
    return any(aspect in outcome for outcome in vector.outcomes for aspect in aspects)


def user_of(vector: ReleaseVector) -> str:
    """The name of the user's certificate."""
    return str(vector.given.get("signer", ""))


# -- signatures and notices --------------------------------------------------------------------


def signatures_in(message: bytes, user: str) -> Read:
    """By whom a message is signed: the user around it, and others beneath that or in its place.
    Raises `SmimeError` when one of these signatures does not hold."""
    layers = list(layers_of(message))
    read: Read = {}
    if layers and _names(layers[0], layers[0].signers) == [user]:
        read["signer"] = user
        layers = layers[1:]
    signers = layers[0].signers if layers else ()
    countersignatures = layers[0].countersignatures if layers else ()
    for info in signers:
        if fault := layers[0].fault_of(info):
            raise SmimeError(f"a signature on what the drafter sent: {fault}")
    for one in countersignatures:
        if fault := layers[0].fault_of_countersignature(one):
            raise SmimeError(f"a countersignature: {fault}")
    infos = [one.info for one in countersignatures]
    read["signers"] = sorted(_names(layers[0], signers)) if signers else []
    read["countersigners"] = sorted(_names(layers[0], infos)) if infos else []
    return read


def _names(layer: Layer, infos: Iterable[Any]) -> list[str]:
    known = release_vectors.names()
    return [known.get(layer.certificate_of(info), "unknown") for info in infos]


def notice_in(notice: Mapping[str, Any], vector: ReleaseVector) -> Read:
    """Whom a notice is for and what it is; what a vector wants said in it, if that is there.
    Raises `ValueError` when it does not go to whom it is for."""
    message = message_from_bytes(_octets(notice["message"]))
    told = normal(str(notice["to"]))
    if normal(str(message["To"])) != told:
        raise ValueError(f"a notice for {told} has {message['To']!r} in To")
    read: Read = {"told": told}
    parts = list(message.walk())
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            read["report"] = str(part.get_payload(1)["Action"])
    text = "".join(str(p.get_payload()) for p in parts if p.get_content_type() == "text/plain")
    for outcome in vector.outcomes:
        if "said" in outcome and outcome["said"] in text:
            read["said"] = outcome["said"]
    return read


# -- octets -----------------------------------------------------------------------------------


def users_in(message: bytes) -> list[str]:
    """Those in the field of a message that goes on.  Raises `ValueError` for a field that stands
    twice, or is no list."""
    bodies = [f.body for f in fields_of(message) if f.name == FIELD]
    if len(bodies) > 1:
        raise ValueError("MMHS-Authorizing-Users stands twice")
    if not bodies:
        return []
    named = people({FIELD: bodies[0]}, FIELD)
    if not named:
        raise ValueError("MMHS-Authorizing-Users with nobody in it")
    return named


def fault_of_octets(vector: ReleaseVector, message: bytes) -> str:
    """Empty: the body that came, with the drafter's signature, is in the message as it was, and so
    are the fields above it."""
    if body_of(vector.message) not in message:
        return "the body that came is not in it as it was"
    mime = ("mime-version", "content-type", "content-transfer-encoding", FIELD)
    there = [f.raw for f in fields_of(message)]
    lost = [
        f.name for f in fields_of(vector.message) if f.name not in mime and f.raw not in there
    ]
    return f"the field {lost[0]} is not as it was" if lost else ""


def fault_of_signature(vector: ReleaseVector, message: bytes) -> str:
    """Empty: OpenSSL verifies the message's outer signature, and it is the user's."""
    return fault_of_outer_signature(message, str(vector.given["signer"]))


def fault_of_outer_signature(message: bytes, name: str) -> str:
    """The same for the signer of that name."""
    with tempfile.TemporaryDirectory() as folder:
        mail, who = Path(folder) / "message.eml", Path(folder) / "signer.pem"
        mail.write_bytes(message)
        ended = subprocess.run(
            ["openssl", "cms", "-verify", "-in", mail, "-CAfile", ROOT, "-purpose", "smimesign",
             "-signer", who, "-out", "/dev/null"],
            capture_output=True, timeout=PATIENCE,
        )
        if ended.returncode != 0:
            return "OpenSSL does not verify its outer signature"
        signers = who.read_text("ascii")
    certificate = release_vectors.signer(name)["certificate"]
    body = "".join(certificate.partition("-----BEGIN CERTIFICATE-----")[2].split())
    try:
        there = body in "".join(signers.partition("-----BEGIN CERTIFICATE-----")[2].split())
        split(message)
    except SmimeError as problem:
        return str(problem)
    return "" if there else "its outer signature is not the user's"


def _octets(coded: object) -> bytes:
    if not isinstance(coded, str):
        raise ValueError("octets in base64 are wanted")
    return base64.b64decode(coded, validate=True)
