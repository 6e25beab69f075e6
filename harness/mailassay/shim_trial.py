"""What a case of Secure Headers talks to: an adapter, and the vectors that it is asked.

Every answer of the target goes into the evidence.  An answer that does not come, or is none, breaks
the clause that was asked about, and gives the case a verdict of its own.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mailassay.judging import Judging
from mailassay.peers.transcript import Track, printable
from mailassay.targets.shim import (
    Shim,
    ShimCrash,
    ShimFault,
    ShimHang,
    ShimNonsense,
    ShimUnimplemented,
)
from mailassay.vectors import Expected, Vector, of_case, vectors_of
from mailassay.verdicts import Kind, Party, Role, Verdict

TELLS_FIELDS = "tells-fields"
TELLS_WARNINGS = "tells-warnings"
TELLS_ADDRESSES = "tells-addresses"
SLOW = "slow"
BY_SMTP = "by-smtp"
# Operations that are about no message.
WITHOUT_OCTETS = frozenset({"statement"})
# What stands in the evidence beside a message.
TOLD = (
    "policy", "time", "encapsulation", "addresses", "replacements", "cipher", "military",
)
# How many vectors of a group a slow target is asked.
SAMPLE = 2

# The clauses that ask for each warning, and for the name in it.
WARNING_CLAUSES: Mapping[str, tuple[str, ...]] = {
    "missing": ("rfc7508/4.5.2/13",),
    "mismatch": ("rfc7508/4.5.2/19", "rfc7508/4.5.2/20"),
    "extra": ("rfc7508/4.5.2/25", "rfc7508/4.5.2/26"),
    "not-secured": ("rfc7508/4.5.2/8",),
    "mandatory-unsigned": ("rfc7508/4.5.2/29", "rfc7508/4.5.2/6"),
}
MATCH_CLAUSE = "rfc7508/4.5.2/4"
VALUE_CLAUSE = "rfc7508/4.5.2/5"
PROPERTIES_CLAUSE = "rfc7508/4.5.2/30"
# That the sender is held against the certificate, and that a difference is told.
ADDRESS_CLAUSES = ("rfc8550/3/9", "rfc8550/3/10")
# Clauses that go with the one that a vector is about, where the case has them.
ALONG = (
    "rfc7508/4.5.2/9",  # that the steps are gone through
    "rfc7508/4.3/1",
    "rfc7508/4.5.2/2",
    "rfc7508/4.5.2/12",
    "rfc7508/4.5.2/15",
    "rfc7508/4.5.2/16",
    "rfc7508/4.5.2/17",
    "rfc7508/4.5.2/22",
    "rfc7508/4/4",
    "rfc7508/4/6",
    "rfc7508/4/9",
    "rfc7508/4.1/4",
    "rfc7508/4.1/6",
    "draft-cailleux/4.1/5",
    "rfc7508/4.1/13",
    "rfc7508/4.1/18",
    "draft-cailleux/4.1/17",
    "rfc7508/4.1/21",
    "rfc7508/4.3/10",
    "rfc7508/4.4/2",
    "draft-cailleux/4.4/2",
    "rfc7508/4.5.2/1",
    "rfc7508/4.5.2/18",
    "rfc7508/4.5.2/23",
    "rfc7508/5/1",
    "rfc7508/5/3",
    "rfc7508/5/4",
    "rfc7508/5/5",
    "rfc7508/5/6",
    "rfc7508/7/1",
    "draft-cailleux/7/1",
)
# Warnings that are as good as another, by readings of the clause.
AS_GOOD_AS = {"not-secured": ("not-secured", "extra", "mandatory-unsigned")}
OUTCOMES = (
    "valid", "invalid", "signature-invalid", "no-secure-headers", "not-signed", "unreadable"
)
# How else an engine may put what it makes of a signature.
AS_UNAWARE = {"no-secure-headers": ("valid",), "signature-invalid": ("unreadable", "invalid")}
MISBEHAVIOUR = {
    ShimCrash: Verdict.CRASH, ShimHang: Verdict.HANG, ShimNonsense: Verdict.NONSENSE
}


@dataclass(frozen=True)
class Answer:
    """What a target made of a message that it verified."""

    outcome: str
    reason: str
    layers: tuple[Mapping[str, Any], ...]

    @property
    def warnings(self) -> tuple[tuple[str, str], ...]:
        """Kind and name of all that was warned of."""
        return tuple(
            (str(w.get("warning")), str(w.get("name")))
            for h in self._headers
            for w in _objects(h.get("warnings"))
        )

    @property
    def fields(self) -> tuple[Mapping[str, Any], ...]:
        """All signed fields that are shown, of all signatures."""
        return tuple(f for h in self._headers for f in _objects(h.get("fields")))

    @property
    def algorithms(self) -> tuple[str, ...]:
        return tuple(str(h.get("algorithm")) for h in self._headers)

    @property
    def addresses(self) -> tuple[str, ...]:
        """How each signer's certificate stands to the sender."""
        return tuple(
            str(s.get("address"))
            for layer in self.layers for s in _objects(layer.get("signers"))
        )

    @property
    def _headers(self) -> tuple[Mapping[str, Any], ...]:
        found = (layer.get("secure_headers") for layer in self.layers)
        return tuple(h for h in found if isinstance(h, dict))

    @property
    def story(self) -> str:
        return self.outcome + (f" ({self.reason})" if self.reason else "")


def _objects(value: Any) -> Iterable[Mapping[str, Any]]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


@dataclass(kw_only=True)
class ShimTrial(Judging):
    """One case on one target that is reached by the shim protocol."""

    shim: Shim
    options: tuple[str, ...]
    # How many messages the target did not judge, for which reason.
    _left_out: Counter[str] = field(default_factory=Counter)

    @property
    def vectors(self) -> tuple[Vector, ...]:
        """What this case asks in this edition."""
        return of_case(self.case.name, self.edition)

    # -- asking -----------------------------------------------------------------------------

    async def ask(
        self, vector: Vector, heard: bytearray | None = None
    ) -> dict[str, Any] | None:
        """The target's result for the vector; None when there is none, which is recorded.  To
        `heard` is added what it said on standard error meanwhile."""
        track = self.recorder.open(vector.operation, vector.id, "shim")
        track.add(Party.LAB, Kind.NOTE, vector.note)
        track.octets(Party.LAB, Kind.DATA, vector.message)
        for key in TOLD:
            if key in vector.request:
                track.add(Party.LAB, Kind.NOTE, f"{key}: {json.dumps(vector.request[key])}")
        request = {**vector.request, "edition": str(vector.edition)}
        if vector.operation not in WITHOUT_OCTETS:
            request[_octets_are(vector)] = base64.b64encode(vector.message).decode("ascii")
        try:
            result = await self.shim.ask(vector.operation, request, heard=heard)
        except (ShimCrash, ShimHang, ShimNonsense) as problem:
            self._misbehave(vector, track, problem)
            return None
        except ShimFault as problem:
            track.add(Party.TARGET, Kind.NOTE, str(problem))
            self.inconclusive(f"{vector.id}: {problem}")
            return None
        except ShimUnimplemented as gap:
            self._leave_out(vector, track, str(gap))
            return None
        evidence = result.get("evidence", {})
        told = {key: value for key, value in result.items() if key != "evidence"}
        track.octets(Party.TARGET, Kind.DATA, json.dumps(told).encode())
        for name, shown in evidence.items() if isinstance(evidence, dict) else ():
            _add_evidence(track, str(name), str(shown))
        return result

    def _leave_out(self, vector: Vector, track: Track, why: str) -> None:
        """An unaware program is asked of the attribute alone: what it does not do with a kind of
        messages that have none either, is nothing against it; nor is what SMTP does not carry
        against a program behind SMTP."""
        told = why or f"it does not implement '{vector.operation}'"
        track.add(Party.TARGET, Kind.NOTE, told)
        excused = self.case.roles == (Role.UNAWARE_VERIFIER,) or BY_SMTP in self.options
        if why and excused:
            self._left_out[why] += 1
        else:
            self.inconclusive(f"{vector.id}: {told}")

    def _misbehave(self, vector: Vector, track: Track, problem: Exception) -> None:
        told = f"{vector.id}: {problem}"
        track.add(Party.TARGET, Kind.NOTE, printable(str(problem).encode(), 1000))
        self.judge(vector.requirement, False, expected="an answer", observed=told)
        self.misbehaved = MISBEHAVIOUR[type(problem)]

    async def verified(self, vector: Vector) -> Answer | None:
        """The vector's message, verified by the target."""
        result = await self.ask(vector)
        if result is None:
            return None
        outcome, layers = result.get("outcome"), result.get("layers", [])
        if outcome not in OUTCOMES or not isinstance(layers, list):
            told = f"{vector.id}: the outcome {printable(str(outcome).encode(), 60)!r} is none"
            self.judge(vector.requirement, False, expected="an outcome", observed=told)
            self.misbehaved = Verdict.NONSENSE
            return None
        reason = printable(str(result.get("reason", "")).encode(), 300)
        return Answer(outcome, reason, tuple(_objects(layers)))

    # -- judging ----------------------------------------------------------------------------

    async def judge_verifying(self) -> None:
        """Asks every vector of the case and judges the answers."""
        for vector in self.vectors:
            answer = await self.verified(vector)
            if answer is not None:
                self._judge_outcome(vector, answer)
                if answer.outcome in vector.expected.outcomes:
                    self._judge_telling(vector, answer)

    def _judge_outcome(self, vector: Vector, answer: Answer) -> None:
        expected = vector.expected
        for clause in (vector.requirement, *(c for c in ALONG if self.declares(c))):
            of_it = clause == vector.requirement
            self.judge(
                clause,
                answer.outcome in expected.outcomes,
                expected=f"{vector.id}: {' or '.join(expected.outcomes)}: {vector.note}",
                observed=f"{vector.id}: {answer.story}",
                reading=expected.readings.get(answer.outcome) if of_it else None,
            )

    async def judge_unaware(self, clause: str, outcome: str, also: tuple[str, ...] = ()) -> None:
        """Asks every vector of which CMS alone tells that outcome, and judges the answers; a slow
        target is asked some of each group."""
        fitting = [v for v in vectors_of(self.edition) if v.expected.unaware == outcome]
        chosen = some_of_each(fitting, SAMPLE) if SLOW in self.options else fitting
        if len(chosen) < len(fitting):
            self.remark(f"{len(chosen)} of {len(fitting)} vectors, {SAMPLE} of each group at most")
        for vector in chosen:
            answer = await self.verified(replace(vector, requirement=clause))
            if answer is None:
                continue
            for of_it in (clause, *also):
                self.judge(
                    of_it,
                    answer.outcome in (outcome, *AS_UNAWARE[outcome]),
                    expected=f"{vector.id}: {outcome} by CMS alone: {vector.note}",
                    observed=f"{vector.id}: {answer.story}",
                )
        self.tell_left_out()

    def tell_left_out(self) -> None:
        """How many messages the target was not judged by."""
        for why, count in self._left_out.items():
            self.remark(f"{count} left out: {why}")

    def _judge_telling(self, vector: Vector, answer: Answer) -> None:
        """What is shown beside the verdict, as far as the target declares that it tells."""
        expected = vector.expected
        if TELLS_WARNINGS in self.options:
            self._judge_warnings(vector, expected, answer)
        if TELLS_FIELDS in self.options and expected.fields is not None:
            self._judge_fields(vector, expected, answer)
        if TELLS_ADDRESSES in self.options and expected.address is not None:
            self._judge_address(vector, expected.address, answer)

    def _judge_warnings(self, vector: Vector, expected: Expected, answer: Answer) -> None:
        given = {(kind, name.lower()) for kind, name in answer.warnings}
        told = ", ".join(f"{k} {n}" for k, n in answer.warnings) or "no warning"
        for kind, name in expected.warnings:
            for clause in WARNING_CLAUSES.get(kind, ()):
                if self.declares(clause):
                    self.judge(
                        clause,
                        any((k, name.lower()) in given for k in AS_GOOD_AS.get(kind, (kind,))),
                        expected=f"{vector.id}: a warning, {kind}, of {name}",
                        observed=f"{vector.id}: {told}",
                    )
        for kind in expected.silent:
            self.judge(
                vector.requirement,
                kind not in {k for k, _ in given},
                expected=f"{vector.id}: no warning of the kind {kind}",
                observed=f"{vector.id}: {told}",
            )

    def _judge_address(self, vector: Vector, wanted: str, answer: Answer) -> None:
        for clause in (vector.requirement, *filter(self.declares, ADDRESS_CLAUSES)):
            self.judge(
                clause,
                set(answer.addresses) == {wanted},
                expected=f"{vector.id}: the certificate's address: {wanted}: {vector.note}",
                observed=f"{vector.id}: {', '.join(answer.addresses) or 'nothing told'}",
            )

    def _judge_fields(self, vector: Vector, expected: Expected, answer: Answer) -> None:
        wanted = [(f.name.lower(), f.value, f.status, f.match) for f in expected.fields or ()]
        shown = [
            tuple(str(f.get(k)) for k in ("name", "value", "status", "match"))
            for f in answer.fields
        ]
        shown = [(name.lower(), *rest) for name, *rest in shown]
        told = f"{vector.id}: {json.dumps(shown)}"
        aspects = (
            (MATCH_CLAUSE, (0, 3), "validity of each field"),
            (VALUE_CLAUSE, (0, 1), "signed value of each field"),
            (PROPERTIES_CLAUSE, (0, 1, 2), "name, value and status of each field"),
        )
        for clause, columns, what in aspects:
            if self.declares(clause):
                self.judge(
                    clause,
                    _columns(wanted, columns) == _columns(shown, columns),
                    expected=f"{vector.id}: {what}: {json.dumps(wanted)}",
                    observed=told,
                )
        if expected.algorithm is not None and self.declares(PROPERTIES_CLAUSE):
            self.judge(
                PROPERTIES_CLAUSE,
                expected.algorithm in answer.algorithms,
                expected=f"{vector.id}: the algorithm {expected.algorithm}",
                observed=f"{vector.id}: {', '.join(answer.algorithms) or 'none'}",
            )


def _octets_are(vector: Vector) -> str:
    """What the protocol calls the octets of a question: all but one operation takes a message."""
    return "ipm" if vector.operation == "from-x400" else "message"


def _add_evidence(track: Track, name: str, shown: str) -> None:
    """Texts without their empty lines; a picture would fill the report."""
    if name == "png":
        track.add(Party.TARGET, Kind.NOTE, f"a picture of {len(shown)} octets, left out")
        return
    track.add(Party.TARGET, Kind.NOTE, f"{name}:")
    for line in filter(None, shown.splitlines()):
        track.octets(Party.TARGET, Kind.DATA, line.encode())


def some_of_each(vectors: Iterable[Vector], most: int) -> list[Vector]:
    """Of the vectors of each case the first ones, in order."""
    taken: Counter[str] = Counter()
    chosen = []
    for vector in vectors:
        taken[vector.case] += 1
        if taken[vector.case] <= most:
            chosen.append(vector)
    return chosen


def _columns(rows: Iterable[tuple[str, ...]], columns: tuple[int, ...]) -> list[tuple[str, ...]]:
    """Those columns of the rows, in an order that does not depend on that of the rows."""
    return sorted(tuple(row[c] for c in columns) for row in rows)
