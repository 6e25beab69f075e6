"""GnuTLS's `certtool --p7-verify`.  It can't be told the time: chains are judged now."""

from __future__ import annotations

import re
from pathlib import Path

import engine
import lines

STATUS = re.compile(rb"Signature status: (.*)")
GOOD = b"ok"


class GnuTls:
    """The certtool program.  Its exit code is of the last signer alone: each has its status."""

    title = "GnuTLS certtool"

    def __init__(self, home: Path) -> None:
        self._roots = home / "roots.pem"

    def version(self) -> str:
        return engine.words_of(engine.run("certtool", "--version").stdout.split(b"\n")[0])

    def check(self, question: engine.Question) -> engine.Word:
        if not question.roots:
            return self._look_at(question)
        self._roots.write_text("".join(question.roots), encoding="ascii")
        detached = ("--load-data", str(question.content)) if question.is_detached else ()
        told = engine.run(
            "certtool", "--p7-verify", "--inder", "--infile", str(question.cms), *detached,
            "--load-ca-certificate", str(self._roots),
        )
        words = engine.words_of(told.stderr, *told.stdout.splitlines()[-4:])
        both = told.stdout + told.stderr
        found = STATUS.findall(both)
        if not found:
            return engine.Word(engine.Said.UNREADABLE, words)
        good = told.returncode == 0 and all(status.strip() == GOOD for status in found)
        return engine.Word(engine.Said.GOOD if good else engine.Said.BAD, words)

    @staticmethod
    def _look_at(question: engine.Question) -> engine.Word:
        """Without a root it can say whether it can read the object, and no more."""
        told = engine.run("certtool", "--p7-info", "--inder", "--infile", str(question.cms))
        if told.returncode == 0:
            raise lines.RequestError("certtool can't be told to trust nobody")
        return engine.Word(engine.Said.UNREADABLE, engine.words_of(told.stderr))


if __name__ == "__main__":
    raise SystemExit(engine.main(GnuTls))
