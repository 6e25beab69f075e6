"""An engine that is a library of another language: a helper program answers a line with a line.

What the helper reads and writes stands at its head.  It is started once, and again when it died."""

from __future__ import annotations

import base64
import calendar
import subprocess
import time
from pathlib import Path

import engine
import lines
from cryptographer import Holder, NotARecipientError, RefusedError, Sealing, UnopenedError
from lifetime import die_with_parent

OUTCOMES = {
    "good": engine.Said.GOOD, "bad": engine.Said.BAD, "unreadable": engine.Said.UNREADABLE
}


class Helper:
    """A program that answers a line with a line."""

    def __init__(self, title: str, command: tuple[str, ...]) -> None:
        self.title = title
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, *words: str) -> str:
        """Raises `lines.RequestError` when it ends instead of answering."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                preexec_fn=die_with_parent,
            )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(" ".join(words).encode("ascii") + b"\n")
        self._process.stdin.flush()
        said = self._process.stdout.readline()
        if not said.endswith(b"\n"):
            raise lines.RequestError(f"{self.title} ended with {self._process.wait()}")
        return said.decode("utf-8", "replace").rstrip("\n")


class Peer:
    """A helper program that checks CMS objects."""

    def __init__(self, title: str, command: tuple[str, ...]) -> None:
        self.title = title
        self._helper = Helper(title, command)

    def version(self) -> str:
        return engine.words_of(self._helper.ask("version").encode())

    def check(self, question: engine.Question) -> engine.Word:
        content = "-"
        if question.content is not None:
            # So that no content at all is a word as well.
            content = "=" + _coded(question.content.read_bytes())
        roots = ",".join(_coded(root.encode("ascii")) for root in question.roots)
        cms = _coded(question.cms.read_bytes())
        said = self._helper.ask(cms, content, roots, str(_milliseconds(question.time)))
        outcome, _, words = said.partition(" ")
        if outcome not in OUTCOMES:
            raise lines.RequestError(f"{self.title} answered {said[:200]!r}")
        return engine.Word(OUTCOMES[outcome], engine.words_of(words.encode()))


class Envelopes:
    """A helper program that encrypts and decrypts."""

    def __init__(self, title: str, command: tuple[str, ...]) -> None:
        self._helper = Helper(title, command)

    def encrypt(self, sealing: Sealing) -> bytes:
        listed = ",".join(_coded(recipient.encode("ascii")) for recipient in sealing.recipients)
        outcome, words = self._ask("encrypt", sealing.cipher, _coded(sealing.entity), listed)
        if outcome != "done":
            raise RefusedError(words)
        return base64.b64decode(words)

    def decrypt(self, cms: bytes, holder: Holder) -> bytes:
        outcome, words = self._ask(
            "decrypt", _coded(cms), _coded(holder.certificate.encode("ascii")),
            _coded(holder.key.encode("ascii")),
        )
        if outcome == "done":
            return base64.b64decode(words)
        raise (NotARecipientError if outcome == "not-a-recipient" else UnopenedError)(words)

    def _ask(self, *words: str) -> tuple[str, str]:
        outcome, _, rest = self._helper.ask(*words).partition(" ")
        done = outcome == "done"
        return outcome, rest if done else engine.words_of(rest.encode())


def _coded(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _milliseconds(moment: str) -> int:
    seconds = time.time()
    if moment:
        seconds = calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))
    return int(seconds * 1000)


def beside(name: str) -> str:
    """A file of this folder."""
    return str(Path(__file__).resolve().parent / name)
