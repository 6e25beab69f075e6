"""What changed from one report to another, and whether any of it is for the worse."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from mailassay.catalogue import Catalogue
from mailassay.verdicts import CaseResult, Level, Outcome, RunResult, Verdict

Key = tuple[str, str, str]  # target, edition, case


class Change(StrEnum):
    """What became of a case."""

    REGRESSED = "regressed"  # it broke, or broke more
    FIXED = "fixed"  # what was broken holds now
    NEW = "new"  # it was not in the first report
    REMOVED = "removed"  # it is not in the second, or does not apply there
    UNDECIDED = "undecided"  # it came to a verdict in one of the two only
    EVIDENCE = "evidence changed"  # the same verdict, seen otherwise


@dataclass(frozen=True)
class Difference:
    """A case of a target, and how the two reports differ about it.  `worse`: something is broken
    that was not, or what held is not shown to hold any more."""

    target: str
    edition: str
    case: str
    change: Change
    worse: bool
    before: str
    after: str


UNDECIDED = (Verdict.INCONCLUSIVE, Verdict.ERROR)
# What differs from run to run though nothing changed: how long was waited, the queue's own id.
WAITED = re.compile(r"\b\d+(\.\d+)? s\b")
QUEUED = re.compile(r"(?i)\b((?:queued as|message accepted|id=?) *)\S+")
IDENTIFIER = re.compile(r"\b(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9-]{8,}\b(?!\.)")


def differences(first: RunResult, second: RunResult, catalogue: Catalogue) -> list[Difference]:
    """Every case that is not the same in both, the gravest changes first."""
    before, after = _cases(first), _cases(second)
    found = []
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        change = _change(was, now, catalogue)
        if change is not None:
            worse = _is_worse(change, was, now, catalogue)
            found.append(Difference(*key, change, worse, *_both_told(was, now)))
    order = list(Change)
    return sorted(
        found, key=lambda d: (not d.worse, order.index(d.change), d.target, d.edition, d.case)
    )


def _cases(run: RunResult) -> dict[Key, CaseResult]:
    """All cases that apply."""
    return {
        (t.target, str(t.edition), c.name): c
        for t in run.targets
        for c in t.cases
        if c.verdict is not Verdict.NOT_APPLICABLE
    }


def _change(
    before: CaseResult | None, after: CaseResult | None, catalogue: Catalogue
) -> Change | None:
    if before is None:
        return Change.NEW
    if after is None:
        return Change.REMOVED
    if _broken(after, catalogue) - _broken(before, catalogue):
        return Change.REGRESSED
    if (before.verdict in UNDECIDED) != (after.verdict in UNDECIDED):
        return Change.UNDECIDED
    if _broken(before, catalogue) - _broken(after, catalogue):
        return Change.FIXED
    return Change.EVIDENCE if _seen(before) != _seen(after) else None


def _is_worse(
    change: Change, before: CaseResult | None, after: CaseResult | None, catalogue: Catalogue
) -> bool:
    if change is Change.REMOVED:
        return before is not None and before.verdict is Verdict.PASS
    assert after is not None
    if change is Change.UNDECIDED:
        return after.verdict in UNDECIDED
    if change is Change.NEW:
        return bool(_broken(after, catalogue)) or after.verdict in UNDECIDED
    return change is Change.REGRESSED


def _broken(case: CaseResult, catalogue: Catalogue) -> set[str]:
    """The clauses that the case found broken; a MAY never is.  One that the catalogue does not
    know any more is taken for one that binds."""
    return {
        r
        for k in case.checks
        if k.outcome is Outcome.BROKEN
        for r in k.requirements
        if r not in catalogue or catalogue[r].level is not Level.MAY
    }


def _seen(case: CaseResult) -> tuple[Verdict, set[tuple[str, str, str]]]:
    return case.verdict, {
        (r, str(k.outcome), steady(k.observed)) for k in case.checks for r in k.requirements
    }


def steady(observed: str) -> str:
    """An observation without what differs from run to run though nothing changed."""
    for pattern, instead in ((WAITED, "… s"), (QUEUED, r"\1…"), (IDENTIFIER, "…")):
        observed = pattern.sub(instead, observed)
    return observed


def _both_told(before: CaseResult | None, after: CaseResult | None) -> tuple[str, str]:
    """Both in words; of checks that both have, nothing is told."""
    seen = [_seen(c)[1] if c is not None else set() for c in (before, after)]
    same = seen[0] & seen[1]
    return _told(before, seen[0] - same), _told(after, seen[1] - same)


def _told(case: CaseResult | None, seen: set[tuple[str, str, str]]) -> str:
    if case is None:
        return "not there"
    listed = "; ".join(f"{r} {outcome}: {observed}" for r, outcome, observed in sorted(seen))
    return f"{case.verdict}, {listed}" if listed else str(case.verdict)
