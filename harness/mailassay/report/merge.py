"""Joins reports, of shards or of several targets, into one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mailassay.cases.registry import NAME, all_cases
from mailassay.catalogue import Catalogue
from mailassay.report.findings import findings, judge
from mailassay.targets.declaration import Declaration
from mailassay.verdicts import (
    CaseResult,
    Comparison,
    Edition,
    Outcome,
    RunResult,
    Stale,
    TargetResult,
)


class MergeError(Exception):
    """Reports that can't be one; the text says why, in one line."""


def joined(runs: Sequence[RunResult], catalogue: Catalogue) -> RunResult:
    """One run that found all that these found.  A case that several report is taken from the first,
    and they must agree on it.  Findings, the outcome and the exit code are concluded anew.

    `runs` were read with their evidence (`report.read.read_whole`).  Raises `MergeError`."""
    versions = {(r.program, r.program_version) for r in runs}
    if len(versions) != 1:
        raise MergeError(f"made by different versions: {', '.join(sorted(v for _, v in versions))}")
    together: dict[tuple[str, Edition], TargetResult] = {}
    for target in (t for r in runs for t in r.targets):
        key = (target.target, target.edition)
        together[key] = _both(together[key], target) if key in together else target
    made = replace(
        runs[0],
        started=min(r.started for r in runs),
        seconds=sum(r.seconds for r in runs),
        peak_memory_kib=max(r.peak_memory_kib for r in runs),
        filters=tuple(dict.fromkeys(f for r in runs for f in r.filters)),
        targets=[_concluded(t, catalogue) for t in together.values()],
        unavailable=list(dict.fromkeys(u for r in runs for u in r.unavailable)),
        baseline=_compared([r.baseline for r in runs]),
    )
    code, made.outcome = judge(made)
    made.exit_code = int(code)
    return made


def left_out(run: RunResult) -> list[str]:
    """The cases of this suite that no target of the run was asked about."""
    asked = {c.name for t in run.targets for c in t.cases}
    return [c.name for c in all_cases() if c.name not in asked]


def _both(first: TargetResult, second: TargetResult) -> TargetResult:
    name = f"{first.target} ({first.edition})"
    for what in ("version", "title", "roles", "options"):
        if getattr(first, what) != getattr(second, what):
            raise MergeError(f"{name}: the reports differ about its {what}")
    cases = {c.name: c for c in first.cases}
    for case in second.cases:
        before = cases.setdefault(case.name, case)
        if _essence(before) != _essence(case):
            raise MergeError(f"{name}: the reports contradict each other about {case.name}")
    logs = dict(first.logs)
    for log, text in second.logs.items():
        if logs.get(log) != text:
            logs[_free(log, logs)] = text
    seconds = first.seconds + second.seconds
    return replace(first, cases=list(cases.values()), logs=logs, seconds=seconds)


def _essence(case: CaseResult) -> tuple[object, ...]:
    """What two reports of a case must agree on; what was observed may be worded otherwise."""
    checks = {(r, k.outcome) for k in case.checks for r in k.requirements}
    return case.verdict, case.requirements, checks - {(r, Outcome.NOTED) for r, _ in checks}


def _free(log: str, taken: Iterable[str]) -> str:
    number = 2
    while f"{log}.{number}" in taken:
        number += 1
    return log if log not in taken else f"{log}.{number}"


def _concluded(target: TargetResult, catalogue: Catalogue) -> TargetResult:
    odd = next((c.name for c in target.cases if not NAME.fullmatch(c.name)), None)
    if odd is not None:
        raise MergeError(f"{target.target}: '{odd}' is no name of a case")
    cases = sorted(target.cases, key=lambda c: c.name)
    declared = Declaration((target.edition,), target.roles, target.options)
    found = findings(cases, target.edition, catalogue, declared)
    return replace(target, cases=cases, findings=found)


def _compared(held: Sequence[Comparison | None]) -> Comparison | None:
    there = [c for c in held if c is not None]
    if not there:
        return None
    if len(there) != len(held):
        raise MergeError("some of the reports were held against a baseline, and some were not")
    stale: dict[object, Stale] = {}
    for told in (s for c in there for s in c.stale):
        stale.setdefault((told.entry.key, told.entry.observed, told.why), told)
    return Comparison(
        ", ".join(dict.fromkeys(c.baseline for c in there)),
        tuple(dict.fromkeys(k for c in there for k in c.known)),
        tuple(dict.fromkeys(b for c in there for b in c.regressions)),
        tuple(stale.values()),
    )
