"""What is to be judged, and the way into the private network where it is done.

A job is made outside, where root file systems are prepared, and carried out inside by
`mailassay.inside`, as process 1 of the namespace.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from mailassay import paths
from mailassay.baseline import Baseline
from mailassay.exits import Exit, Stop
from mailassay.lab.namespace import NamespaceUnavailable, enter
from mailassay.targets import npm, rootfs
from mailassay.targets.model import Target
from mailassay.trial import Patience
from mailassay.verdicts import Edition, TargetResult, Unavailable

PYTHON = "/usr/bin/python3"


@dataclass(frozen=True)
class Job:
    """Cases by name, to be run on each target under each edition.  With several `workers` the
    targets are shared out to namespaces of their own, which run side by side."""

    targets: tuple[Target, ...]
    editions: tuple[Edition, ...]
    cases: tuple[str, ...]
    filters: tuple[str, ...]
    out: Path
    patience: Patience = field(default_factory=Patience)
    workers: int = 1
    reports: bool = True
    baseline: Baseline | None = None
    unavailable: tuple[Unavailable, ...] = ()
    # By target, where not all of `cases` are to be run on it.
    cases_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def judge(job: Job) -> int:
    """Carries out the job and writes the report; returns the exit code."""
    _refuse_bad_out(job.out)
    return _carry_out(job)[0]


def run_apart(job: Job) -> list[TargetResult]:
    """Carries out the job and returns its results instead of a report."""
    code, results = _carry_out(replace(job, reports=False))
    if code != 0 or not results:
        raise Stop(Exit.HARNESS_ERROR, f"the run inside the namespace ended with {code}")
    loaded = pickle.loads(results)
    assert isinstance(loaded, list)
    return loaded


def _carry_out(job: Job) -> tuple[int, bytes]:
    """The exit code, and the pickled results of a job that makes no report.

    Job and results travel in anonymous memory, so that no file is left if we are killed."""
    job = _with_what_is_there(job)
    environment = {**os.environ, "PYTHONPATH": str(paths.HARNESS)}
    with _memory("job") as carried, _memory("results") as results:
        carried.write(pickle.dumps(job))
        carried.flush()
        numbers = (carried.fileno(), results.fileno())
        program = [PYTHON, "-m", "mailassay.inside", *(f"/proc/self/fd/{n}" for n in numbers)]
        try:
            code = enter(program, environment, numbers)
        except NamespaceUnavailable as why:
            raise Stop(Exit.HARNESS_ERROR, str(why)) from None
        results.seek(0)
        return code, results.read()


def _with_what_is_there(job: Job) -> Job:
    """The job without the targets that can't be had; they are told of in its report.  Ends the
    program when none can and there is no report to tell it, or no more than one to tell of."""
    there: list[Target] = []
    absent: list[Unavailable] = []
    for target in job.targets:
        why = _why_absent(target)
        if why is None:
            there.append(target)
        else:
            absent.append(Unavailable(target.name, why, target.declaration.mechanisms))
    if not there and (len(absent) == 1 or not job.reports):
        raise Stop(Exit.HARNESS_ERROR, absent[0].reason)
    return replace(job, targets=tuple(there), unavailable=tuple(absent))


def _why_absent(target: Target) -> str | None:
    try:
        if (lodging := rootfs.lodging_of(target)) is not None:
            rootfs.ensure(lodging)
        if target.npm is not None:
            npm.ensure(target)
    except (rootfs.RootfsError, npm.NpmError, OSError) as problem:
        return str(problem)
    except subprocess.TimeoutExpired as late:
        return f"{target.name}: {late.cmd[0]} took more than {late.timeout:.0f} s"
    if any(c[0] == "${program}" for c in target.commands if c) and not paths.PROGRAM.is_file():
        return f"{paths.PROGRAM} is not there; run ci/build first"
    return None


def _memory(name: str) -> BinaryIO:
    return os.fdopen(os.memfd_create(f"mailassay-{name}", 0), "w+b")


def _refuse_bad_out(out: Path) -> None:
    """Says at once, not after the run, that the report can't be written."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as problem:
        print(f"mailassay: {out}: the report can't be written: {problem.strerror}", file=sys.stderr)
        raise Stop(Exit.USAGE, "nothing was run") from None
