"""Folds checks into the verdict of a case and the findings for requirements.

- A broken check on a MUST or a STEP (a step of a procedure, or syntax, without a keyword) fails the
  case; on a MUST the finding is `violates`, on a STEP `deviates`.
- A broken check on a SHOULD leaves the case passed, and says so; the finding is `deviates`.
- A MAY is `observed`, whatever was seen, and breaks nothing.
- An observation alone judges nothing: what binds and was only looked at stays `untested`.
"""

from __future__ import annotations

from collections.abc import Iterable

from mailassay.catalogue import Catalogue, Requirement
from mailassay.exits import Exit
from mailassay.targets.declaration import Declaration
from mailassay.verdicts import (
    FAILED,
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
    listed = list(checks)
    if not listed:
        return Verdict.INCONCLUSIVE, "nothing was checked"
    broken = [
        (catalogue[r], c)
        for c in listed
        if c.outcome is Outcome.BROKEN
        for r in c.requirements
        if catalogue[r].level is not Level.MAY
    ]
    for requirement, check in broken:
        if requirement.level in BINDING:
            told = f"expected {check.expected}; observed {check.observed}"
            return Verdict.FAIL, f"{requirement.id}: {told}"
    for requirement, check in broken:
        return Verdict.PASS, f"deviates from {requirement.id} (SHOULD): observed {check.observed}"
    return Verdict.PASS, ""


def findings(
    cases: Iterable[CaseResult], edition: Edition, catalogue: Catalogue, declared: Declaration
) -> list[Finding]:
    """One finding for every requirement of the edition, in the order of the text; of mechanisms
    that the target has no role in there are none."""
    listed = list(cases)
    asked = catalogue.of_edition(edition, declared.mechanisms)
    return [_finding(r, listed, declared) for r in asked]


def _finding(
    requirement: Requirement, cases: list[CaseResult], declared: Declaration
) -> Finding:
    citing = [c for c in cases if requirement.id in c.requirements]
    checks = [(c, k) for c in citing for k in c.checks if requirement.id in k.requirements]
    if not checks:
        return _without_checks(requirement, citing, declared)
    broken = [(c, k) for c, k in checks if k.outcome is Outcome.BROKEN]
    readings = tuple(dict.fromkeys(k.reading for _, k in checks if k.reading is not None))
    names = tuple(dict.fromkeys(c.name for c, _ in broken or checks))
    seen = (broken or checks)[0][1].observed
    if requirement.level is Level.MAY:
        return Finding(requirement.id, Status.OBSERVED, seen, names, readings)
    if broken:
        status = Status.VIOLATES if requirement.level is Level.MUST else Status.DEVIATES
        return Finding(requirement.id, status, seen, names, readings)
    if any(k.outcome is Outcome.HELD for _, k in checks):
        doubt = _doubt([c for c in citing if c.verdict in UNDECIDED])
        return Finding(requirement.id, Status.CONFORMS, doubt, names, readings)
    why = f"seen, but not to be judged by: {seen}"
    return Finding(requirement.id, Status.UNTESTED, why, names, readings)


def _doubt(undecided: list[CaseResult]) -> str:
    if not undecided:
        return ""
    more = f" and {len(undecided) - 1} more" if len(undecided) > 1 else ""
    return f"as far as it was tested: {undecided[0].name} was {undecided[0].verdict}{more}"


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
    ran = [c for c in citing if c.verdict is not Verdict.NOT_APPLICABLE]
    names = tuple(c.name for c in ran)
    undecided = [c for c in ran if c.verdict in UNDECIDED]
    if undecided:
        why = f"{undecided[0].name} was {undecided[0].verdict}: {undecided[0].reason}"
        return Finding(requirement.id, Status.UNTESTED, why, names)
    if ran:
        why = f"{ran[0].name} ran, but came to nothing that this clause is judged by"
        return Finding(requirement.id, Status.UNTESTED, why, names)
    if citing:
        return Finding(requirement.id, Status.NOT_APPLICABLE, citing[0].reason)
    return Finding(requirement.id, Status.UNTESTED, "no case of this run is about it")


def judge(run: RunResult) -> tuple[Exit, str]:
    """The exit code of a run and its outcome in words.

    Nothing ran (on any one of the targets) comes first, unless all there is are targets that could
    not be had; then a violation, since it stands whatever else went wrong; then what could not be
    decided or had.  With a baseline a violation or deviation counts when the baseline does not know
    it, and a stale entry comes last."""
    ran = [
        [c.verdict for c in t.cases if c.verdict is not Verdict.NOT_APPLICABLE]
        for t in run.targets
    ]
    if not ran and run.unavailable:
        return Exit.HARNESS_ERROR, "not all ran"
    if not ran or not all(ran):
        return Exit.NOTHING_RAN, "nothing ran"
    verdicts = {verdict for of_one in ran for verdict in of_one}
    if run.baseline is not None and run.baseline.regressions:
        return Exit.REGRESSION, "regression"
    if run.baseline is None and verdicts & set(FAILED):
        return Exit.NONCONFORMANT, "nonconformant"
    if Verdict.ERROR in verdicts:
        return Exit.HARNESS_ERROR, "harness error"
    if Verdict.INCONCLUSIVE in verdicts:
        return Exit.HARNESS_ERROR, "inconclusive"
    if run.unavailable:
        return Exit.HARNESS_ERROR, "not all ran"
    if run.baseline is not None and run.baseline.stale:
        return Exit.STALE_BASELINE, "stale baseline"
    if run.baseline is not None and run.baseline.known:
        return Exit.CONFORMANT, "nothing new"
    return Exit.CONFORMANT, "conformant"
