"""A mail client as an unaware verifier: what it shows of a signature is its answer.

No answer rests on a screen alone.  Under the same trusted roots the client is first shown
messages of which it is known how they look (`controls`); if it shows any of them in another way,
or if anything on its screen can't be read, the answer is an error and never an outcome.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import controls
import lines
from controls import Control, Controls, Shown
from kinds import Kind, holds_envelope, kinds_of
from lifetime import private_home

# Seconds for a start with all controls, and for an answer.
INFO_SECONDS = 100.0
ANSWER_SECONDS = 18.0

OUTCOMES = {
    Shown.GOOD: "no-secure-headers",
    # The signature holds, and the client says who else it is of: that is about the From field.
    Shown.MISADDRESSED: "no-secure-headers",
    # The signature holds, and the client holds its signing time against the field Date.
    Shown.MISDATED: "no-secure-headers",
    Shown.BAD: "signature-invalid",
    Shown.UNSIGNED: "not-signed",
}


class Unreadable(lines.RequestError):
    """What the client shows can't be read, or it shows nothing; the text is one line."""


@dataclass(frozen=True)
class Display:
    """A message as the client shows it."""

    shown: Shown
    # What it says of the signature, word for word.
    words: str
    # The screen, for the report.
    evidence: Mapping[str, str]


class MailClient(Protocol):
    """A mail client under the shim's control."""

    @property
    def title(self) -> str: ...

    def version(self) -> str: ...

    def trust(self, roots: Sequence[str]) -> None:
        """Makes these the trusted roots (PEM), and no others beside those that it ships."""

    def show(self, message: bytes) -> Display:
        """Opens the message.  Raises `Unreadable`."""


class Verifier:
    """Answers `info` and `verify`; one message at a time."""

    def __init__(self, client: MailClient, made: Controls) -> None:
        self._client = client
        self._controls = made
        # The roots under which all controls were read rightly, and nothing went wrong since.
        self._proved: tuple[str, ...] | None = None
        # What the client makes of kinds that it treats in its own way.
        self._own_ways: dict[Kind, Shown] = {}

    def operations(self) -> dict[str, lines.Operation]:
        """Both, each within its time."""

        def info(request: Mapping[str, Any]) -> dict[str, Any]:
            with _time_limit(INFO_SECONDS):
                return self.info(request)

        def verify(request: Mapping[str, Any]) -> dict[str, Any]:
            with _time_limit(ANSWER_SECONDS):
                return self.verify(request)

        return {"info": info, "verify": verify}

    def info(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Proves the client before it is called ready."""
        self._prove(())
        return {
            "name": self._client.title,
            "version": self._client.version(),
            "operations": ["verify"],
        }

    def verify(self, request: Mapping[str, Any]) -> dict[str, Any]:
        message = lines.octets(request, "message")
        if holds_envelope(message):
            raise lines.LeftOut("its text is in an envelope, for which the client has no key")
        self._prove(lines.roots(request))
        try:
            display = self._client.show(message)
        except Unreadable:
            self._proved = None
            raise
        for kind, shown in self._own_ways.items():
            if display.shown is shown and kind in kinds_of(message):
                raise lines.LeftOut(f"without the attribute as well, {kind} is shown as {shown}")
        return {
            "outcome": OUTCOMES[display.shown],
            "reason": display.words,
            "evidence": dict(display.evidence),
        }

    def _prove(self, roots: tuple[str, ...]) -> None:
        if roots == self._proved:
            return
        self._proved = None
        self._client.trust([self._controls.root, *roots])
        for control in self._controls.each:
            shown = self._shown(control)
            if shown not in control.shown:
                raise Unreadable(
                    f"control '{control.name}' should be shown as "
                    f"{' or '.join(control.shown)}, and is as {shown}"
                )
        ways = {kind: self._shown(c) for kind, c in self._controls.of_kinds.items()}
        self._own_ways = {
            kind: shown
            for kind, shown in ways.items()
            if shown not in self._controls.of_kinds[kind].shown
        }
        self._proved = roots

    def _shown(self, control: Control) -> Shown:
        try:
            return self._client.show(control.message).shown
        except Unreadable as problem:
            raise Unreadable(f"control '{control.name}': {problem}") from None


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Ends what takes longer, as unreadable: the harness does not wait forever either."""

    def expire(number: int, frame: FrameType | None) -> None:
        raise Unreadable(f"it is not done within {seconds:.0f} s")

    signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def main(make: Callable[[Path], AbstractContextManager[MailClient]]) -> int:
    """Serves requests on standard input until it ends; the exit code."""
    with private_home() as home, make(home) as client:
        return lines.serve(Verifier(client, controls.make(home)).operations())
