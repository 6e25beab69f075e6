"""Folds checks into the verdict of a case and the findings for requirements.

- A broken check on a MUST or a STEP (a step of a procedure, or syntax, without a keyword) fails the
  case; on a MUST the finding is `violates`, on anything else `deviates`.
- A broken check on a SHOULD leaves the case passed, and says so; the finding is `deviates`.
- A MAY is `observed`, whatever was seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailassay.catalogue import Catalogue, Requirement
from mailassay.exits import Exit
from mailassay.targets.declaration import Declaration
from mailassay.verdicts import (
    CaseResult,
    Check,
    Edition,
    Finding,
    Level,
    Outcome,
    RunResult,
    Status,
    Verdict,
)

BINDING = (Level.MUST, Level.STEP)
UNDECIDED = (Verdict.INCONCLUSIVE, Verdict.ERROR)


def verdict_of(checks: Iterable[Check], catalogue: Catalogue) -> tuple[Verdict, str]:
    """The verdict over a case's checks, and the reason in one line."""
    broken = [c for c in checks if c.outcome is Outcome.BROKEN]
    failing = [c for c in broken if any(catalogue[r].level in BINDING for r in c.requirements)]
    if failing:
        first = failing[0]
        return (
            Verdict.FAIL,
            f"{first.requirements[0]}: expected {first.expected}; observed {first.observed}",
        )
    if broken:
        first = broken[0]
        return (
            Verdict.PASS,
            f"deviates from {first.requirements[0]} (SHOULD): observed {first.observed}",
        )
    return Verdict.PASS, ""


def findings(
    cases: Iterable[CaseResult], edition: Edition, catalogue: Catalogue, declared: Declaration
) -> list[Finding]:
    """One finding for every requirement of the edition, in the order of the text."""
    listed = list(cases)
    return [_finding(r, listed, declared) for r in catalogue.of_edition(edition)]


def _finding(
    requirement: Requirement, cases: list[CaseResult], declared: Declaration
) -> Finding:
    citing = [c for c in cases if requirement.id in c.requirements]
    checks = [(c, k) for c in citing for k in c.checks if requirement.id in k.requirements]
    broken = [(c, k) for c, k in checks if k.outcome is Outcome.BROKEN]
    held = [(c, k) for c, k in checks if k.outcome is Outcome.HELD]
    names = tuple(dict.fromkeys(c.name for c, _ in broken or checks))
    readings = tuple(dict.fromkeys(k.reading for _, k in checks if k.reading is not None))
    if broken:
        status = Status.VIOLATES if requirement.level is Level.MUST else Status.DEVIATES
        return Finding(requirement.id, status, broken[0][1].observed, names, readings)
    if requirement.level is Level.MAY and checks:
        return Finding(requirement.id, Status.OBSERVED, checks[0][1].observed, names, readings)
    if held:
        return Finding(requirement.id, Status.CONFORMS, "", names, readings)
    if checks:
        return Finding(requirement.id, Status.OBSERVED, checks[0][1].observed, names, readings)
    return _without_checks(requirement, citing, declared)


def _without_checks(
    requirement: Requirement, citing: list[CaseResult], declared: Declaration
) -> Finding:
    if requirement.untestable is not None:
        return Finding(requirement.id, Status.UNTESTABLE, requirement.untestable)
    if not set(requirement.roles) & set(declared.roles):
        roles = ", ".join(requirement.roles)
        return Finding(requirement.id, Status.UNTESTED, f"binds {roles}, which is not declared")
    if requirement.uncovered is not None:
        return Finding(requirement.id, Status.UNTESTED, requirement.uncovered)
    undecided = [c for c in citing if c.verdict in UNDECIDED]
    if undecided:
        why = f"{undecided[0].name} was {undecided[0].verdict}: {undecided[0].reason}"
        return Finding(requirement.id, Status.UNTESTED, why, tuple(c.name for c in undecided))
    left_out = [c for c in citing if c.verdict is Verdict.NOT_APPLICABLE]
    if left_out:
        return Finding(requirement.id, Status.NOT_APPLICABLE, left_out[0].reason)
    return Finding(requirement.id, Status.UNTESTED, "no case of this run reached it")


def judge(run: RunResult) -> tuple[Exit, str]:
    """The exit code of a run and its outcome in words.

    Nothing ran comes first; then a violation, since it stands whatever else went wrong; then what
    could not be decided."""
    cases = [c for t in run.targets for c in t.cases if c.verdict is not Verdict.NOT_APPLICABLE]
    if not cases:
        return Exit.NOTHING_RAN, "nothing ran"
    if any(c.verdict is Verdict.FAIL for c in cases):
        return Exit.NONCONFORMANT, "nonconformant"
    if any(c.verdict is Verdict.ERROR for c in cases):
        return Exit.HARNESS_ERROR, "harness error"
    if any(c.verdict is Verdict.INCONCLUSIVE for c in cases):
        return Exit.HARNESS_ERROR, "inconclusive"
    return Exit.CONFORMANT, "conformant"
