"""An S/MIME engine as an unaware verifier: what it says of a CMS object is the answer.

The message is taken apart by the harness's own reader, so the engine sees the very octets that are
signed.  An engine is a class with `version` and `check`, and a call of `main`; one that encrypts
and decrypts too has a second class (`cryptographer`).
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import cryptographer
import lines
from lifetime import die_with_parent, private_home

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "harness"))

from mailassay.smime import SmimeError, split  # noqa: E402

CERTIFICATE = "-----BEGIN CERTIFICATE-----"
COMMAND_DEADLINE = 15.0
MAX_WORDS = 400


Completed = subprocess.CompletedProcess[bytes]


class Said(StrEnum):
    """What an engine makes of a signature, as the protocol's outcomes."""

    GOOD = "no-secure-headers"
    BAD = "signature-invalid"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Question:
    """A CMS object in a file, what it is over (None: the content is within), and whom to trust."""

    cms: Path
    content: Path | None
    roots: tuple[str, ...]
    time: str  # 2026-06-01T12:00:00Z, or empty: now

    @property
    def is_detached(self) -> bool:
        return self.content is not None


@dataclass(frozen=True)
class Word:
    """What an engine said, and its own words."""

    said: Said
    words: str


class Engine(Protocol):
    """An engine under the shim's control."""

    @property
    def title(self) -> str: ...

    def version(self) -> str: ...

    def check(self, question: Question) -> Word: ...


def run(*command: str, given: bytes = b"", **environment: str) -> Completed:
    """Runs a program to its end, within its time; it dies with us."""
    return subprocess.run(
        command, input=given, capture_output=True, timeout=COMMAND_DEADLINE,
        env={**os.environ, "LC_ALL": "C", **environment}, preexec_fn=die_with_parent,
    )


def words_of(*said: bytes) -> str:
    """Octets on one printable line, the last of them."""
    parts = (part.decode("utf-8", "replace") for part in said)
    text = " / ".join(line for part in parts for line in part.splitlines())
    return "".join(c if c.isprintable() else "?" for c in text)[-MAX_WORDS:]


def main(
    make: Callable[[Path], Engine],
    make_cryptographer: Callable[[Path], cryptographer.Cryptographer] | None = None,
) -> int:
    """Serves requests until standard input ends."""
    with private_home() as home, contextlib.chdir(home):
        engine = make(home)
        operations: dict[str, lines.Operation] = {}

        def info(request: Mapping[str, Any]) -> dict[str, Any]:
            known = [name for name in operations if name != "info"]
            return {"name": engine.title, "version": engine.version(), "operations": known}

        def verify(request: Mapping[str, Any]) -> dict[str, Any]:
            return _verify(engine, home, request)

        operations |= {"info": info, "verify": verify}
        if make_cryptographer is not None:
            operations |= cryptographer.operations(make_cryptographer(home))
        return lines.serve(operations)


def _verify(engine: Engine, home: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    try:
        signed = split(lines.octets(request, "message"))
    except SmimeError as problem:
        unsigned = "not signed" in str(problem)
        return {"outcome": "not-signed" if unsigned else "unreadable", "reason": str(problem)}
    roots = lines.roots(request)
    if not all(root.isascii() and CERTIFICATE in root for root in roots):
        raise lines.RequestError("trust should be a list of certificates in PEM")
    cms, content = home / "question.p7", home / "question.content"
    cms.write_bytes(signed.cms)
    if signed.content is not None:
        content.write_bytes(signed.content)
    word = engine.check(
        Question(
            cms, None if signed.content is None else content, roots, lines.moment(request)
        )
    )
    return {"outcome": str(word.said), "reason": word.words}
