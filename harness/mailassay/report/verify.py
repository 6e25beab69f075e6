"""Whether a report is whole: its evidence is what it was made with, and all that it concludes
follows from its checks.

Verdicts, findings, counts and the exit code are concluded once more.  What the checks alone do not
tell is taken as it stands: that a case was undecided, and that it did not apply."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from mailassay.baseline import broken_in
from mailassay.catalogue import Catalogue
from mailassay.report.findings import findings, judge, verdict_of
from mailassay.targets.declaration import Declaration
from mailassay.verdicts import FAILED, CaseResult, RunResult, TargetResult, Verdict


def problems(
    run: RunResult, told: dict[str, Any], folder: Path, catalogue: Catalogue
) -> Iterator[str]:
    """What is wrong with a report that `report.read` read from the folder; a line each."""
    yield from _of_evidence(told, folder)
    unknown = {
        r for t in run.targets for c in t.cases for r in _cited(c) if r not in catalogue
    }
    if unknown:
        yield f"{min(unknown)}: no such requirement; was the report made by another catalogue?"
        return
    yield from _repeated([f"{t.target} ({t.edition})" for t in run.targets])
    for target, raw in zip(run.targets, told["targets"], strict=True):
        name = f"{target.target} ({target.edition})"
        yield from (f"{name}: {p}" for p in _of_target(target, raw, catalogue))
    yield from _of_baseline(run, catalogue)
    code, outcome = judge(run)
    if (run.exit_code, run.outcome) != (code, outcome):
        yield f"exit code {run.exit_code}, {run.outcome}: its cases say {code:d}, {outcome}"


def evidence_of(told: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Every file of evidence that a report names, with its digest."""
    for target in told["targets"]:
        for holder in (*(c["evidence"] for c in target["cases"]), *target["logs"]):
            if holder is not None:
                yield holder


def _of_evidence(told: dict[str, Any], folder: Path) -> Iterator[str]:
    for evidence in evidence_of(told):
        try:
            digest = hashlib.sha256((folder / evidence["file"]).read_bytes()).hexdigest()
        except OSError as problem:
            yield f"{evidence['file']}: {problem.strerror}"
            continue
        if digest != evidence["sha256"]:
            yield f"{evidence['file']}: it is not what the report was made with"


def _of_target(
    target: TargetResult, raw: dict[str, Any], catalogue: Catalogue
) -> Iterator[str]:
    yield from _repeated([c.name for c in target.cases])
    for case in target.cases:
        yield from (f"{case.name}: {p}" for p in _of_case(case, catalogue))
    declared = Declaration((target.edition,), target.roles, target.options)
    follow = {f.requirement: f for f in findings(target.cases, target.edition, catalogue, declared)}
    there = {f.requirement: f for f in target.findings}
    for requirement in dict.fromkeys((*follow, *there)):
        stands, follows = there.get(requirement), follow.get(requirement)
        if stands != follows:
            says = "is missing" if stands is None else f"is {stands.status}: {stands.reason}"
            asks = "there is none" if follows is None else f"{follows.status}: {follows.reason}"
            yield f"{requirement}: the finding {says}; from the checks follows: {asks}"
    if raw["verdicts"] != dict(Counter(str(c.verdict) for c in target.cases)):
        yield "the counts of verdicts are not those of its cases"
    if raw["statuses"] != dict(Counter(str(f.status) for f in target.findings)):
        yield "the counts of findings are not those of its findings"
    for finding in raw["findings"]:
        name = finding["requirement"]
        if name in catalogue and finding["level"] != catalogue[name].level:
            yield f"{name}: it is a {catalogue[name].level}, not a {finding['level']}"


def _of_case(case: CaseResult, catalogue: Catalogue) -> Iterator[str]:
    follows, _ = verdict_of(case.checks, catalogue)
    if case.verdict is Verdict.PASS or case.verdict in FAILED:
        # Which way a target failed to answer is not told by its checks.
        stands = Verdict.FAIL if case.verdict in FAILED else case.verdict
        if stands is not follows:
            yield f"the verdict is {case.verdict}; from the checks follows {follows}"
    elif case.verdict is Verdict.INCONCLUSIVE and follows is Verdict.FAIL:
        yield "the verdict is inconclusive; from the checks follows fail"
    elif case.verdict is Verdict.NOT_APPLICABLE and case.checks:
        yield "it has checks, yet is said not to apply"


def _of_baseline(run: RunResult, catalogue: Catalogue) -> Iterator[str]:
    if run.baseline is None:
        return
    held = {(b.key, b.observed) for _, b in run.baseline.known}
    held |= {(b.key, b.observed) for b in run.baseline.regressions}
    for key, _ in sorted(held ^ {(b.key, b.observed) for b in broken_in(run.targets, catalogue)}):
        yield f"{' '.join(key)}: what the baseline was held against is not what is broken"


def _cited(case: CaseResult) -> Iterator[str]:
    yield from case.requirements
    for check in case.checks:
        yield from check.requirements


def _repeated(names: Iterable[str]) -> Iterator[str]:
    yield from (f"{name}: stands twice" for name, count in Counter(names).items() if count > 1)
