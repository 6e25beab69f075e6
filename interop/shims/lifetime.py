"""Nothing that a shim starts outlives it, and no file of it does.

Programs that put themselves in the background come back to the shim as its children, and are
killed with the rest.  When the shim is killed without a warning, its direct children die with it,
by order of the kernel.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# Between two looks at what is left; each round kills whole generations.
MAX_ROUNDS = 1000

_libc = ctypes.CDLL(None)


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel kills the process when its parent ends."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@contextlib.contextmanager
def private_home() -> Iterator[Path]:
    """A directory for everything that the client keeps.  At the end, by SIGTERM or the loss of
    our parent as well, it is gone, and so are all processes that were started meanwhile."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    signal.signal(signal.SIGTERM, _leave)
    # A short name: the path of a socket in it may have no more than 108 octets.
    home = Path(tempfile.mkdtemp(prefix="shim-"))
    try:
        yield home
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end_descendants()
        shutil.rmtree(home, ignore_errors=True)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def end_descendants(but: Collection[int] = ()) -> None:
    """Kills all children `but` these, and theirs as they become ours, until none is left."""
    for _ in range(MAX_ROUNDS):
        children = [child for child in _children(os.getpid()) if child not in but]
        if not children:
            return
        for child in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        for child in children:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(child, 0)


def sleeps_alone(process: int) -> bool:
    """It waits for something, and not for a child: it has none."""
    told = _status(process)
    return told is not None and told.state == "S" and not _children(process)


@dataclass(frozen=True)
class _Status:
    state: str
    parent: int


def _status(process: int) -> _Status | None:
    """As the kernel tells it; None when there is no such process."""
    try:
        told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The name, in parentheses, may hold anything; state and parent follow it.
    state, parent = told.rpartition(")")[2].split()[:2]
    return _Status(state, int(parent))


def _children(of: int) -> list[int]:
    """The processes whose parent that is."""
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [n for n in numbers if (told := _status(n)) is not None and told.parent == of]
