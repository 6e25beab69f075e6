"""Progress of a run: one line that moves on a terminal, one line a case elsewhere."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TextIO

from mailassay.verdicts import FAILED, CaseResult, Verdict

WORTH_A_LINE = (*FAILED, Verdict.INCONCLUSIVE, Verdict.ERROR)


@dataclass
class Progress:
    """Tells how far a target's run is.  `total` counts the cases that will report."""

    label: str
    total: int
    stream: TextIO = sys.stdout
    done: int = 0
    _on_terminal: bool = field(init=False)

    def __post_init__(self) -> None:
        self._on_terminal = self.stream.isatty()

    def begin(self) -> None:
        self._say(f"{self.label}: {self.total} cases")

    def case(self, result: CaseResult) -> None:
        """One case is over."""
        self.done += 1
        if result.verdict in WORTH_A_LINE or not self._on_terminal:
            seconds = f"{result.seconds:5.2f} s"
            self._say(f"{result.verdict.upper():14} {seconds}  {result.name}")
        if self._on_terminal:
            self.stream.write(f"\r\x1b[K{self.label}: {self.done} of {self.total}")
            if self.done == self.total:
                self.stream.write("\r\x1b[K")
        self.stream.flush()

    def _say(self, line: str) -> None:
        self.stream.write(("\r\x1b[K" if self._on_terminal else "") + line + "\n")
