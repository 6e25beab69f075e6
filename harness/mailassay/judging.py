"""What every case has, whatever it talks to: the checks that it makes and the evidence it leaves.

`Trial` (SMTP peers around a server) and `ShimTrial` (requests to an adapter) build on it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mailassay.cases.registry import Case
from mailassay.catalogue import Catalogue
from mailassay.peers.transcript import Recorder
from mailassay.verdicts import Check, Conversation, Edition, Verdict
from mailassay.verdicts import Outcome as CheckOutcome


class Inconclusive(Exception):
    """The case cannot be decided; the text says why."""


@dataclass(frozen=True)
class Patience:
    """How long to wait, in seconds.  `event`: for a thing that should happen; `ending`: for a
    session to end; `retry`: for the second try of a target that retries soon; `answer`: for what a
    milter answers; `case`: for the whole case, after which it is inconclusive."""

    event: float = 8.0
    ending: float = 5.0
    retry: float = 12.0
    answer: float = 30.0
    case: float = 60.0


@dataclass(kw_only=True)
class Judging:
    """One case on one target: its checks."""

    case: Case
    edition: Edition
    catalogue: Catalogue
    patience: Patience
    recorder: Recorder
    checks: list[Check] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    # How the target failed to answer at all, if it did: one of the verdicts for that.
    misbehaved: Verdict | None = None

    def declares(self, requirement: str) -> bool:
        return requirement in self.case.requirements

    def judge(
        self,
        requirement: str,
        held: bool,
        *,
        expected: str,
        observed: str,
        reading: str | None = None,
    ) -> None:
        """Records whether a clause was met."""
        if not self.declares(requirement):
            raise ValueError(f"{self.case.name} does not declare {requirement}")
        outcome = CheckOutcome.HELD if held else CheckOutcome.BROKEN
        self._record(requirement, outcome, expected, observed, reading)

    def note(self, requirement: str, observed: str, reading: str | None = None) -> None:
        """Records an observation on a clause that leaves the choice to the target."""
        self._record(requirement, CheckOutcome.NOTED, "", observed, reading)

    def remark(self, text: str) -> None:
        """Something worth reading beside the verdict."""
        self.remarks.append(text)

    def inconclusive(self, why: str) -> None:
        """The case cannot be decided in this respect; what was checked stands."""
        self.doubts.append(why)

    # -- for the runner ---------------------------------------------------------------------

    def conversations(self) -> list[Conversation]:
        """All that was recorded of this case."""
        return self.recorder.conversations

    def look_back(self) -> None:
        """Called when all cases of the target are over."""

    async def leave(self) -> None:
        """Called when the case is over."""

    def _record(
        self,
        requirement: str,
        outcome: CheckOutcome,
        expected: str,
        observed: str,
        reading: str | None,
    ) -> None:
        translated = self.catalogue.translate(requirement, self.edition)
        if translated is not None:
            self.checks.append(Check((translated,), outcome, expected, observed, reading))
