"""Nothing outlives a run, whatever ends it: no process, no mount, no file."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support import COMMAND, ENVIRONMENT, hostile

PATIENCE = 60.0


def descendants(marker: str) -> list[int]:
    """Processes whose environment holds the marker."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            if marker.encode() in (entry / "environ").read_bytes():
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def wait_until(condition) -> bool:
    """Polls, since a process that was killed tells nobody when it is gone."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return True
        os.sched_yield()
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_a_run_that_is_ended(tmp_path: Path, number: signal.Signals) -> None:
    marker = f"MAILASSAY_TEST_RUN={os.getpid()}-{number}"
    name, _, value = marker.partition("=")
    scratch = tmp_path / "tmp"
    scratch.mkdir()
    mounts = Path("/proc/self/mounts").read_text()
    run = subprocess.Popen(
        [*COMMAND, "run", "--target", str(hostile(tmp_path, "never-answers")),
         "--out", str(tmp_path / "out")],
        env={**ENVIRONMENT, name: value, "TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    # The runner itself, unshare, process 1, the resolver and the target with its own unshare.
    assert wait_until(lambda: len(descendants(marker)) >= 6)
    run.send_signal(number)
    run.wait(PATIENCE)
    assert wait_until(lambda: not descendants(marker))
    assert Path("/proc/self/mounts").read_text() == mounts
    assert not list(scratch.iterdir())
    assert not (tmp_path / "out" / "report.json").exists()
