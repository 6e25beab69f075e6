"""Runs cases against one target: all at once, each within its time, each to a verdict."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Iterable

from mailassay.cases.registry import Case, Phase
from mailassay.catalogue import Catalogue
from mailassay.judging import Inconclusive, Judging
from mailassay.report.findings import verdict_of
from mailassay.verdicts import CaseResult, Edition, Verdict


Progress = Callable[[CaseResult], None]


async def run_trials(trials: Iterable[Judging], progress: Progress) -> list[CaseResult]:
    """All trials of a phase at once, phase by phase; results in the order of the trials.

    `Trial.look_back` runs when all are over, so that a late transmission is not missed."""
    listed = list(trials)
    found: dict[str, CaseResult] = {}
    for phase in Phase:
        now = [t for t in listed if t.case.phase is phase]
        for result in await asyncio.gather(*(_run_one(t, progress) for t in now)):
            found[result.name] = result
    results = [found[t.case.name] for t in listed]
    for trial, result in zip(listed, results, strict=True):
        before = len(trial.checks)
        trial.look_back()
        if len(trial.checks) != before:
            result.checks = list(trial.checks)
            result.verdict, result.reason = verdict_of(trial.checks, trial.catalogue)
    return results


async def _run_one(trial: Judging, progress: Progress) -> CaseResult:
    begun = time.monotonic()
    trial.recorder.restart()
    try:
        verdict, reason = await _drive(trial)
    finally:
        await trial.leave()
    result = CaseResult(
        name=trial.case.name,
        title=trial.case.title,
        description=trial.case.description,
        roles=trial.case.roles,
        requirements=translated(trial.case, trial.edition, trial.catalogue),
        verdict=verdict,
        reason="; ".join([reason, *trial.remarks]) if reason else "; ".join(trial.remarks),
        seconds=time.monotonic() - begun,
        checks=list(trial.checks),
        conversations=trial.conversations(),
    )
    progress(result)
    return result


async def _drive(trial: Judging) -> tuple[Verdict, str]:
    """Runs the case's function; what goes wrong in the harness is an error, never a failure."""
    doubt = ""
    try:
        async with asyncio.timeout(trial.patience.case):
            await trial.case.run(trial)
    except Inconclusive as why:
        doubt = str(why)
    except TimeoutError:
        doubt = f"not over within {trial.patience.case:.0f} s"
    except (OSError, EOFError) as problem:
        doubt = f"the conversation with the target broke off: {problem}"
    except Exception as fault:  # a bug of ours must not end the other cases
        where = traceback.extract_tb(fault.__traceback__)[-1]
        told = f"{type(fault).__name__}: {fault} (line {where.lineno} of {where.name})"
        return Verdict.ERROR, told
    verdict, reason = verdict_of(trial.checks, trial.catalogue)
    if trial.misbehaved is not None and verdict is Verdict.FAIL:
        return trial.misbehaved, reason
    doubts = [d for d in (doubt, *trial.doubts) if d]
    if verdict is not Verdict.FAIL and (doubts or not trial.checks):
        return Verdict.INCONCLUSIVE, "; ".join(doubts) or "nothing was checked"
    return verdict, reason


def not_applicable(case: Case, edition: Edition, catalogue: Catalogue, why: str) -> CaseResult:
    """The result of a case that the target's declaration leaves out."""
    return CaseResult(
        name=case.name,
        title=case.title,
        description=case.description,
        roles=case.roles,
        requirements=translated(case, edition, catalogue),
        verdict=Verdict.NOT_APPLICABLE,
        reason=why,
        seconds=0.0,
    )


def translated(case: Case, edition: Edition, catalogue: Catalogue) -> tuple[str, ...]:
    """The case's requirements in the edition that is run."""
    ids = (catalogue.translate(r, edition) for r in case.requirements)
    return tuple(dict.fromkeys(i for i in ids if i is not None))
