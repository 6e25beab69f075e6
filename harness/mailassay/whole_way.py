"""A draft on its whole way: handed in by its drafter, read and decided on by those who may
authorize it, and what is in everybody's mailbox in the end.

Judged by reading alone: octets as they stand, fields by Python's `email`, signatures by OpenSSL."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailassay import release_vectors
from mailassay.adaptation import body_of
from mailassay.authorizing import fault_of_outer_signature, users_in
from mailassay.countersignatures import layer_of
from mailassay.release_vectors import ReleaseVector
from mailassay.shim_trial import ShimTrial
from mailassay.vectors import Expected, Vector

DRAFTER = "ann@mil.example"
ONE, TWO, THREE = "one@mil.example", "two@mil.example", "three@mil.example"
# The second is in no field of the message.
TO, BLIND = "bob@example.net", "carol@example.net"
SIGNERS = {ONE: "officer-one", TWO: "officer-two", THREE: "officer-three"}

ARRIVES = "rfc7912/3.1/2"  # where it should, and nowhere else
STAYS = "rfc7912/3.1/1"    # what is not released
KEPT = "rfc7912/1/1"
SIGNED = "rfc7912/1/2"
BROUGHT = "rfc7912/3.2/2"  # to those who may authorize it
TOLD = "rfc7912/3.3/16"


@dataclass(frozen=True)
class Way:
    """What is done with a draft, and what has to come of it.  `released_by` are the users in the
    field of what the recipients get; empty: they get nothing.  `waits_for` are users one of whom
    has it in his mailbox in the end; `said` is in what its drafter gets."""

    note: str
    decisions: tuple[tuple[str, str], ...] = ()
    released_by: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    said: str = ""
    needed: int = 1
    order: str = "any"
    forged: str = ""  # a field that the drafter has put on top
    policy: Mapping[str, Any] = field(default_factory=dict)


def draft() -> ReleaseVector:
    """A message that its drafter has signed as a whole."""
    return next(
        v for v in release_vectors.load() if v.id == "release/agent/rfc/origin/signed"
    )


async def goes(t: ShimTrial, way: Way) -> None:
    """Sends a draft that way, and judges what is in the mailboxes."""
    message = way.forged.encode() + draft().message
    result = await t.ask(Vector(
        id=t.case.name, case=t.case.name, operation="carry", edition=t.edition, flags=(),
        requirement=t.case.requirements[0], message=message, request=_request(way),
        expected=Expected(outcomes=("carried",)), reason="", note=way.note,
    ))
    if result is None:
        return
    try:
        mailboxes = {
            str(a): [base64.b64decode(m, validate=True) for m in found]
            for a, found in result["mailboxes"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        t.judge(t.case.requirements[0], False, expected="mailboxes", observed=str(problem))
        return
    for clause, fault in _faults(way, mailboxes).items():
        if t.declares(clause) and t.catalogue.translate(clause, t.edition) is not None:
            t.judge(
                clause, not fault, expected=f"{way.note} {_wanted(way)}",
                observed=fault or _seen(way, clause, mailboxes, result.get("refusals")),
            )


def _request(way: Way) -> dict[str, Any]:
    decisions = [
        {
            "user": user, "decision": decision, "explanation": way.said or "not so",
            "signer": release_vectors.signer(SIGNERS[user]),
        }
        for user, decision in way.decisions
    ]
    policy = {"officers": [ONE, TWO, THREE], "needed": way.needed, "order": way.order}
    return {
        "policy": {**policy, **way.policy}, "time": release_vectors.TIME,
        "trust": [release_vectors.ROOT.read_text("ascii")], "sender": DRAFTER,
        "recipients": [TO, BLIND], "decisions": decisions,
    }


def _faults(way: Way, mailboxes: Mapping[str, list[bytes]]) -> dict[str, str]:
    """By clause what is wrong; empty: nothing."""
    came = {a: mailboxes.get(a, []) for a in (TO, BLIND)}
    others = set(mailboxes) - {TO, BLIND, DRAFTER, ONE, TWO, THREE}
    faults = {STAYS: ""}
    if others:
        faults[STAYS] = f"it came to {', '.join(sorted(others))}"
    elif not way.released_by and any(came.values()):
        faults[STAYS] = "it came to its recipients"
    if way.released_by:
        faults[ARRIVES] = faults[STAYS] or _fault_of_arrival(way, came)
        both = [m for found in came.values() for m in found]
        faults[SIGNED] = next(
            (f for f in (_fault_of_signatures(m, _signers(way)) for m in both) if f), ""
        ) or ("" if both else "nothing came")
        if not _redrafters(way):
            kept = both and all(body_of(draft().message) in m for m in both)
            faults[KEPT] = "" if kept else "the octets that the drafter signed are not in it"
    if way.waits_for:
        held = [a for a in way.waits_for if mailboxes.get(a)]
        faults[BROUGHT] = "" if held else "nobody who may authorize it has it"
    if way.said:
        notes = mailboxes.get(DRAFTER, [])
        told = len(notes) == 1 and way.said.encode() in notes[0]
        faults[TOLD] = "" if told else f"the drafter has {len(notes)} messages without the reason"
    return faults


def _redrafters(way: Way) -> list[str]:
    return [SIGNERS[user] for user, decision in way.decisions if decision == "redraft"]


def _signers(way: Way) -> list[str]:
    """Whose signatures the recipients find, from the outside to the inside."""
    users = [SIGNERS[user] for user in reversed(way.released_by)]
    return [*users, *(_redrafters(way) or ["drafter"])]


def _fault_of_signatures(message: bytes, signers: Iterable[str]) -> str:
    """Empty: OpenSSL verifies theirs, one within the other from the outside to the inside."""
    for name in signers:
        layer = layer_of(message)
        fault = fault_of_outer_signature(message, name)
        if layer is None or fault:
            return f"the signature of {name}: {fault or 'it is not there'}"
        message = layer.content.partition(b"\r\n\r\n")[2]
    return ""


def _fault_of_arrival(way: Way, came: Mapping[str, list[bytes]]) -> str:
    for address, found in came.items():
        if len(found) != 1:
            return f"{address} has {len(found)} messages"
        if BLIND.encode() in found[0]:
            return f"{address} sees who got a blind copy"
        users = users_in(found[0])
        if users != list(way.released_by):
            return f"the field for {address} names {', '.join(users) or 'nobody'}"
    return ""


def _wanted(way: Way) -> str:
    if way.released_by:
        return f"{TO} and {BLIND} have it once, released by {', '.join(way.released_by)}"
    return "no recipient has it"


def _seen(
    way: Way, clause: str, mailboxes: Mapping[str, list[bytes]], refusals: object
) -> str:
    """What shows that the clause was kept."""
    if clause == SIGNED:
        return (
            f"OpenSSL verifies in each recipient's copy, from the outside to the inside, the "
            f"signatures of {', '.join(_signers(way))}"
        )
    if clause == KEPT:
        return "the octets that the drafter signed are in each recipient's copy, and his signature"
    return _told(mailboxes, refusals)


def _told(mailboxes: Mapping[str, list[bytes]], refusals: object) -> str:
    counts = ", ".join(f"{a}: {len(found)}" for a, found in sorted(mailboxes.items()))
    return f"{counts or 'nothing anywhere'}; refused: {refusals}"[:600]
