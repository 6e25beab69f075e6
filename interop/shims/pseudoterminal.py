"""A program on a terminal of its own: typing, and reading the screen."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import lifetime
from vt52 import Screen

ROWS = 50
COLUMNS = 100
READ_SIZE = 65_536
# Nothing announces that a program has fallen asleep, so it is asked again.
IDLE_POLL = 0.005


class Ended(Exception):
    """The program is gone."""


class Terminal:
    """A running program; `screen` is what it showed when it was last looked at."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.screen = Screen(ROWS, COLUMNS)
        self._process = process
        self._descriptor = descriptor

    def wait_until(self, seen: Callable[[Screen], bool], seconds: float) -> bool:
        """Reads until the screen is so; False when it is not within the time.  Raises `Ended`."""
        deadline = time.monotonic() + seconds
        while not seen(self.screen):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            ready, _, _ = select.select([self._descriptor], [], [], left)
            if ready:
                self._read()
        return True

    def wait_until_idle(self, seen: Callable[[Screen], bool], seconds: float) -> bool:
        """As `wait_until`, and until the program has painted all and waits for a key."""
        deadline = time.monotonic() + seconds
        while self.wait_until(seen, deadline - time.monotonic()):
            idle = lifetime.sleeps_alone(self._process.pid)
            # What it painted before it fell asleep is there to be read by now.
            ready, _, _ = select.select([self._descriptor], [], [], 0 if idle else IDLE_POLL)
            if ready:
                self._read()
            elif idle:
                return True
            if time.monotonic() >= deadline:
                return False
        return False

    def type(self, keys: str) -> None:
        """Presses keys."""
        os.write(self._descriptor, keys.encode())

    def _read(self) -> None:
        try:
            octets = os.read(self._descriptor, READ_SIZE)
        except OSError:  # EIO: nobody has the other side open
            octets = b""
        if not octets:
            raise Ended(f"the program ended with {self._process.wait()}")
        self.screen.feed(octets)


@contextlib.contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator[Terminal]:
    """The program, in a session of its own which ends with the context."""
    ours, theirs = os.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

        def settle() -> None:
            lifetime.die_with_parent()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        process = subprocess.Popen(
            command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "vt52"},
            cwd=folder,
            start_new_session=True,
            preexec_fn=settle,
        )
    except OSError:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(ours)
