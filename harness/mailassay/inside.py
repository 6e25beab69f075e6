"""Process 1 of the private network: carries out a job and writes the report."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO

from mailassay import __version__, paths
from mailassay.baseline import Names, compare
from mailassay.cases.registry import Case, all_cases
from mailassay.catalogue import Catalogue, load
from mailassay.exits import Exit
from mailassay.job import PYTHON, Job
from mailassay.lab.lab import Lab
from mailassay.lab.namespace import (
    NamespaceUnavailable,
    prepare,
    reexecute_apart,
    watch_lifeline,
)
from mailassay.lab.plan import plan
from mailassay.lab.resolver import ResolverError
from mailassay.milter_session import judge_milter
from mailassay.report import write_all
from mailassay.report.findings import judge
from mailassay.report.summary import print_summary
from mailassay.session import judge_target
from mailassay.shim_session import judge_shim
from mailassay.targets.cache import cache_folder
from mailassay.targets.launch import LaunchError
from mailassay.targets.model import Reach, Target
from mailassay.verdicts import Edition, Mechanism, RunResult, TargetResult, Unavailable

# Targets that need no lab around them.
ALONE = (Reach.SHIM, Reach.MILTER)


def main(arguments: Sequence[str]) -> int:
    """`python3 -m mailassay.inside JOB RESULTS [worker]`: both are files of `mailassay.job`'s."""
    job = pickle.loads(Path(arguments[0]).read_bytes())
    assert isinstance(job, Job)
    # Opened at once: a worker's files disappear under its own scratch space.
    results = open(arguments[1], "wb")
    is_worker = arguments[2:] == ["worker"]
    if not is_worker:
        watch_lifeline()
    try:
        words = (w for t in job.targets for command in t.commands for w in command)
        programs = (Path(w) for w in words if w.startswith("/"))
        clear = (paths.ROOT, job.out, cache_folder(), paths.PROGRAM, *programs)
        scratch = prepare([p.absolute() for p in clear if p != Path()])
        if job.workers > 1:
            return _share_out(job, scratch, results)
        return asyncio.run(_carry_out(job, scratch, results))
    except (NamespaceUnavailable, LaunchError, ResolverError) as problem:
        print(f"mailassay: {problem}", file=sys.stderr)
        return int(Exit.HARNESS_ERROR)
    except subprocess.SubprocessError as problem:
        print(f"mailassay: {_told(problem)}", file=sys.stderr)
        return int(Exit.HARNESS_ERROR)
    except Exception:
        # A fault of ours must never look like a verdict, which Python's own exit code 1 would.
        traceback.print_exc()
        return int(Exit.HARNESS_ERROR)


async def _carry_out(job: Job, scratch: Path, answer: BinaryIO) -> int:
    begun = time.monotonic()
    started = datetime.now(timezone.utc).isoformat(timespec="seconds")
    catalogue = load(paths.CATALOGUE)
    cases = [c for c in all_cases() if c.name in set(job.cases)]
    results, absent = await _judge_all(job, cases, catalogue, scratch)
    if not job.reports:
        answer.write(pickle.dumps(results))
        answer.flush()
        return int(Exit.CONFORMANT)
    run = RunResult(
        program="mailassay",
        program_version=__version__,
        started=started,
        seconds=time.monotonic() - begun,
        peak_memory_kib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        exit_code=0,
        outcome="",
        filters=job.filters,
        targets=results,
        unavailable=[*job.unavailable, *absent],
    )
    if job.baseline is not None:
        today = datetime.now(timezone.utc).date()
        run.baseline = compare(results, job.baseline, catalogue, _names(job), today)
    code, run.outcome = judge(run)
    run.exit_code = int(code)
    notes = {t.name: dict(t.notes) for t in job.targets}
    write_all(run, catalogue, notes, job.out)
    print_summary(run, job.out)
    return run.exit_code


def _names(job: Job) -> Names:
    """What there is, and what was asked for by a path."""
    asked = (*(t.name for t in job.targets), *(u.target for u in job.unavailable))
    kept = (file.stem for file in paths.TARGETS.glob("*.toml"))
    return Names(frozenset((*asked, *kept)), frozenset(c.name for c in all_cases()))


async def _judge_all(
    job: Job, cases: list[Case], catalogue: Catalogue, scratch: Path
) -> tuple[list[TargetResult], list[Unavailable]]:
    """What became of each target, and which of them did not come up.  Raises what went wrong when
    the only one did not, or when results and not a report are wanted."""
    results: list[TargetResult] = []
    absent: list[Unavailable] = []
    async with AsyncExitStack() as stack:
        lab: Lab | None = None
        for target in job.targets:
            asked = job.cases_of.get(target.name, job.cases)
            of_its_own = target.declaration.mechanisms
            mine = [c for c in cases if c.name in asked and c.mechanism in of_its_own]
            if target.reach not in ALONE and lab is None:
                worlds = {c.slug: c.world for c in cases if c.mechanism is Mechanism.REQUIRETLS}
                lab = await stack.enter_async_context(Lab(plan(worlds), scratch))
            for edition in job.editions:
                if edition not in target.declaration.editions:
                    print(f"{target.name}: does not declare the edition {edition}: left out")
                    continue
                try:
                    judged = _judge(job, target, edition, mine, catalogue, lab, scratch)
                    results.append(await judged)
                except (LaunchError, subprocess.SubprocessError) as problem:
                    if not job.reports or len(job.targets) + len(job.unavailable) == 1:
                        raise
                    told = _told(problem)
                    print(f"mailassay: {told}", file=sys.stderr)
                    mechanisms = target.declaration.mechanisms
                    absent.append(Unavailable(target.name, told, mechanisms))
                    break
    return results, absent


async def _judge(
    job: Job,
    target: Target,
    edition: Edition,
    cases: list[Case],
    catalogue: Catalogue,
    lab: Lab | None,
    scratch: Path,
) -> TargetResult:
    quiet = not job.reports
    if target.reach is Reach.SHIM:
        return await judge_shim(target, edition, cases, catalogue, scratch, quiet)
    if target.reach is Reach.MILTER:
        return await judge_milter(
            target, edition, cases, catalogue, scratch, job.patience, quiet
        )
    assert lab is not None, "a server is judged in a lab"
    return await judge_target(
        target, edition, cases, catalogue, lab, scratch, job.patience, quiet
    )


def _told(problem: Exception) -> str:
    """What went wrong, in one line."""
    if isinstance(problem, subprocess.CalledProcessError):
        said = (problem.stderr or b"").strip()
        return f"{problem.cmd[0]} failed: {said[:300]!r}"
    if isinstance(problem, subprocess.TimeoutExpired):
        return f"{problem.cmd[0]} took more than {problem.timeout:.0f} s"
    return str(problem)


def _share_out(job: Job, folder: Path, answer: BinaryIO) -> int:
    """Runs the workers, each with every n-th target, and joins what they found."""
    workers = []
    for number in range(job.workers):
        share = job.targets[number::job.workers]
        if not share:
            continue
        results = folder / f"results-{number}"
        file = folder / f"job-{number}"
        file.write_bytes(pickle.dumps(replace(job, targets=share, workers=1)))
        command = [PYTHON, "-m", "mailassay.inside", str(file), str(results), "worker"]
        workers.append((reexecute_apart(command), results))
    codes = [process.wait() for process, _ in workers]
    if any(codes):
        return int(Exit.HARNESS_ERROR)
    found = [r for _, results in workers for r in pickle.loads(results.read_bytes())]
    answer.write(pickle.dumps(found))
    answer.flush()
    return int(Exit.CONFORMANT)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        code = main(sys.argv[1:])
        sys.stdout.flush()
        # Threads that wait on the lifeline must not keep process 1 alive.
        os._exit(code)
    os._exit(130)
