"""A mail client as an unaware verifier: what it shows of a signature is its answer.

No answer rests on a screen alone.  Under the same trusted roots the client is first shown
messages of which it is known how they look (`controls`); if it shows any of them in another way,
or if anything on its screen can't be read, the answer is an error and never an outcome.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import controls
from controls import Control, Controls, Shown
from kinds import Kind, kinds_of
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


class OwnWay(Exception):
    """The message is of a kind that the client treats in its own way; which, on one line."""


class Unreadable(Exception):
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

    def info(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Proves the client before it is called ready."""
        self._prove(())
        return {
            "name": self._client.title,
            "version": self._client.version(),
            "operations": ["verify"],
        }

    def verify(self, request: Mapping[str, Any]) -> dict[str, Any]:
        message = _octets(request.get("message"))
        self._prove(_roots(request.get("trust")))
        try:
            display = self._client.show(message)
        except Unreadable:
            self._proved = None
            raise
        for kind, shown in self._own_ways.items():
            if display.shown is shown and kind in kinds_of(message):
                raise OwnWay(f"without the attribute as well, {kind} is shown as {shown}")
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


class RequestError(Exception):
    """A request is not what it should be; the text is one line."""


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


def _octets(told: Any) -> bytes:
    try:
        return base64.b64decode(told, validate=True)
    except (TypeError, binascii.Error, ValueError) as problem:
        raise RequestError(f"message should be base64: {problem}") from None


def _roots(told: Any) -> tuple[str, ...]:
    if told is None:
        return ()
    if not isinstance(told, list) or not all(isinstance(root, str) for root in told):
        raise RequestError("trust should be a list of certificates")
    return tuple(told)


def main(make: Callable[[Path], AbstractContextManager[MailClient]]) -> int:
    """Serves requests on standard input until it ends; the exit code."""
    with private_home() as home, make(home) as client:
        made = controls.make(home)
        verifier = Verifier(client, made)
        for line in sys.stdin.buffer:
            print(json.dumps(answer(verifier, line)), flush=True)
    return 0


def answer(verifier: Verifier, line: bytes) -> dict[str, Any]:
    """The answer to one line."""
    try:
        request = json.loads(line)
        assert isinstance(request, dict)
    except (ValueError, AssertionError, RecursionError):
        return {"id": None, "error": "this line is no JSON object"}
    who = {"id": request.get("id")}
    operations = {"info": verifier.info, "verify": verifier.verify}
    carry_out = operations.get(str(request.get("op")))
    if carry_out is None:
        return {**who, "unimplemented": True}
    limit = INFO_SECONDS if carry_out == verifier.info else ANSWER_SECONDS
    try:
        with _time_limit(limit):
            return {**who, "result": carry_out(request)}
    except OwnWay as way:
        return {**who, "unimplemented": True, "reason": str(way)}
    except (RequestError, Unreadable, OSError, subprocess.SubprocessError) as problem:
        return {**who, "error": " ".join(str(problem).split())}
