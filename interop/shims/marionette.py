"""A client of Marionette, the remote control that Mozilla's programs have built in.

Over TCP each side sends its messages as LENGTH:JSON.  A command is [0, ID, NAME, PARAMETERS], its
answer [1, ID, ERROR, RESULT].
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

MAX_MESSAGE = 32 * 1024 * 1024
MAX_LENGTH_DIGITS = 9
READ_SIZE = 65_536
COMMAND = 0
ANSWER = 1


class MarionetteError(Exception):
    """The program does not answer, or answers with an error; the text is one line."""


class Marionette:
    """A connection; every command has to be answered within `seconds`."""

    def __init__(self, port: int, seconds: float) -> None:
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._received = b""
        self._last = 0
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), seconds)
        except OSError as problem:
            raise MarionetteError(f"no connection: {problem}") from None
        greeting = self._message()
        if not isinstance(greeting, dict) or greeting.get("marionetteProtocol") != 3:
            raise MarionetteError("another protocol than 3")

    def __enter__(self) -> Marionette:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._socket.close()

    def begin(self) -> None:
        """Begins a session in which scripts run with the rights of the program itself."""
        limit = int(self._seconds * 1000)
        self.command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self.command("WebDriver:SetTimeouts", {"script": limit})
        self.command("Marionette:SetContext", {"value": "chrome"})

    def run(self, script: str, *arguments: Any) -> Any:
        """Runs the body of an async function in the program's main window; what it returns."""
        # The last argument that the script sees is what it calls with its result.
        wrapped = (
            "const [done, ...given] = [arguments[arguments.length - 1], "
            "...Array.prototype.slice.call(arguments, 0, -1)];"
            f"(async function () {{ {script} }}).apply(window, given)"
            ".then(value => done({value}), error => done({error: String(error)}));"
        )
        told = self.command(
            "WebDriver:ExecuteAsyncScript",
            {"script": wrapped, "args": list(arguments), "sandbox": "system"},
        )["value"]
        if not isinstance(told, dict) or "error" in told:
            raise MarionetteError(f"a script failed: {told}")
        return told.get("value")

    def command(self, name: str, parameters: Mapping[str, Any]) -> Any:
        """One command and its result."""
        self._last += 1
        self._deadline = time.monotonic() + self._seconds
        text = json.dumps([COMMAND, self._last, name, parameters]).encode()
        try:
            self._socket.settimeout(self._seconds)
            self._socket.sendall(b"%d:%s" % (len(text), text))
        except OSError as problem:
            raise MarionetteError(f"{name}: {problem}") from None
        answer = self._message()
        if not isinstance(answer, list) or answer[:2] != [ANSWER, self._last] or len(answer) != 4:
            raise MarionetteError(f"{name}: not the answer to it")
        if answer[2] is not None:
            raise MarionetteError(f"{name}: {_told(answer[2])}")
        return answer[3]

    def _message(self) -> Any:
        while b":" not in self._received[: MAX_LENGTH_DIGITS + 1]:
            if len(self._received) > MAX_LENGTH_DIGITS:
                raise MarionetteError("a message without a length")
            self._receive()
        digits, _, rest = self._received.partition(b":")
        if not digits.isdigit() or int(digits) > MAX_MESSAGE:
            raise MarionetteError("a message without a fit length")
        length = int(digits)
        parts = bytearray(rest)
        self._received = b""
        while len(parts) < length:
            self._receive()
            parts += self._received
            self._received = b""
        self._received = bytes(parts[length:])
        try:
            return json.loads(bytes(parts[:length]))
        except (ValueError, RecursionError):
            raise MarionetteError("a message that is no JSON") from None

    def _receive(self) -> None:
        left = self._deadline - time.monotonic()
        try:
            self._socket.settimeout(max(left, 0.001))
            octets = self._socket.recv(READ_SIZE)
        except OSError as problem:
            raise MarionetteError(f"no answer: {problem}") from None
        if not octets:
            raise MarionetteError("the connection was closed")
        self._received += octets


def _told(error: Any) -> str:
    """Error and message, without the stack."""
    words: Sequence[Any] = [error]
    if isinstance(error, dict):
        words = [error.get("error"), error.get("message")]
    return ": ".join(str(word) for word in words)[:500]
