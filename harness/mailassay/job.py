"""What is to be judged, and the way into the private network where it is done.

A job is made outside, where root file systems are prepared, and carried out inside by
`mailassay.inside`, as process 1 of the namespace.
"""

from __future__ import annotations

import os
import pickle
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from mailassay import paths
from mailassay.exits import Exit, Stop
from mailassay.lab.namespace import NamespaceUnavailable, enter
from mailassay.targets import rootfs
from mailassay.targets.model import Reach, Target
from mailassay.trial import Patience
from mailassay.verdicts import Edition, TargetResult

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
    results: Path | None = None


def judge(job: Job) -> int:
    """Carries out the job and writes the report; returns the exit code."""
    _refuse_bad_out(job.out)
    return _carry_out(job)


def run_apart(job: Job) -> list[TargetResult]:
    """Carries out the job and returns its results instead of a report."""
    with tempfile.TemporaryDirectory(prefix="mailassay-") as folder:
        results = Path(folder) / "results"
        code = _carry_out(replace(job, results=results))
        if code != 0 or not results.is_file():
            raise Stop(Exit.HARNESS_ERROR, f"the run inside the namespace ended with {code}")
        loaded = pickle.loads(results.read_bytes())
        assert isinstance(loaded, list)
        return loaded


def _carry_out(job: Job) -> int:
    for target in job.targets:
        if target.reach is Reach.ROOTFS:
            try:
                rootfs.ensure(target)
            except (rootfs.RootfsError, OSError) as problem:
                raise Stop(Exit.HARNESS_ERROR, str(problem)) from None
        elif "${program}" in target.command[0] and not paths.PROGRAM.is_file():
            raise Stop(Exit.HARNESS_ERROR, f"{paths.PROGRAM} is not there; run ci/build first")
    with tempfile.TemporaryDirectory(prefix="mailassay-") as folder:
        file = Path(folder) / "job"
        file.write_bytes(pickle.dumps(job))
        environment = {**os.environ, "PYTHONPATH": str(paths.HARNESS)}
        try:
            return enter([PYTHON, "-m", "mailassay.inside", str(file)], environment)
        except NamespaceUnavailable as why:
            raise Stop(Exit.HARNESS_ERROR, str(why)) from None


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
