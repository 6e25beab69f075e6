"""Exit codes of the program, and the way to end it with one clear line."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of `mailassay run` means."""

    CONFORMANT = 0
    NONCONFORMANT = 1
    USAGE = 2
    NOTHING_RAN = 3
    HARNESS_ERROR = 4
    REGRESSION = 5
    STALE_BASELINE = 6


class Stop(Exception):
    """Ends the program with one line on standard error: what, and where."""

    def __init__(self, code: Exit, line: str) -> None:
        super().__init__(line)
        self.code = code
        self.line = line
