"""What changed from one report to another."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mailassay.verdicts import CaseResult, RunResult, Verdict

Key = tuple[str, str, str]  # target, edition, case


class Change(StrEnum):
    """What became of a case."""

    REGRESSED = "regressed"  # it broke, or broke more
    FIXED = "fixed"  # what was broken holds now
    NEW = "new"  # it was not in the first report
    REMOVED = "removed"  # it is not in the second
    UNDECIDED = "undecided"  # it came to a verdict in one of the two only
    EVIDENCE = "evidence changed"  # the same verdict, seen otherwise


@dataclass(frozen=True)
class Difference:
    """A case of a target, and how the two reports differ about it."""

    target: str
    edition: str
    case: str
    change: Change
    before: str
    after: str


UNDECIDED = (Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.NOT_APPLICABLE)


def differences(first: RunResult, second: RunResult) -> list[Difference]:
    """Every case that is not the same in both, the gravest changes first."""
    before, after = _cases(first), _cases(second)
    found = []
    for key in dict.fromkeys((*before, *after)):
        change = _change(before.get(key), after.get(key))
        if change is not None:
            told = (_told(before.get(key)), _told(after.get(key)))
            found.append(Difference(*key, change, *told))
    order = list(Change)
    return sorted(found, key=lambda d: (order.index(d.change), d.target, d.edition, d.case))


def _cases(run: RunResult) -> dict[Key, CaseResult]:
    return {(t.target, str(t.edition), c.name): c for t in run.targets for c in t.cases}


def _change(before: CaseResult | None, after: CaseResult | None) -> Change | None:
    if before is None:
        return Change.NEW
    if after is None:
        return Change.REMOVED
    if _broken(after) - _broken(before):
        return Change.REGRESSED
    if (before.verdict in UNDECIDED) != (after.verdict in UNDECIDED):
        return Change.UNDECIDED
    if _broken(before) - _broken(after):
        return Change.FIXED
    return Change.EVIDENCE if _told(before) != _told(after) else None


def _broken(case: CaseResult) -> set[str]:
    return {r for k in case.checks if k.outcome == "broken" for r in k.requirements}


def _told(case: CaseResult | None) -> str:
    if case is None:
        return "not there"
    seen = sorted({f"{r} {k.outcome}" for k in case.checks for r in k.requirements})
    return f"{case.verdict}: {', '.join(seen)}" if seen else str(case.verdict)
