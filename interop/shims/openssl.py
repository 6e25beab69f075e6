"""OpenSSL's `cms -verify`."""

from __future__ import annotations

import calendar
import time
from pathlib import Path

import engine

VERIFY_ERROR = 4


class OpenSsl:
    """The openssl program; its exit codes tell a bad signature from a bad object."""

    title = "OpenSSL"

    def __init__(self, home: Path) -> None:
        self._roots = home / "roots.pem"

    def version(self) -> str:
        return engine.words_of(engine.run("openssl", "version").stdout)

    def check(self, question: engine.Question) -> engine.Word:
        self._roots.write_text("".join(question.roots), encoding="ascii")
        detached = ("-content", str(question.content)) if question.is_detached else ()
        trust = ("-CAfile", str(self._roots)) if question.roots else ("-no-CAfile",)
        told = engine.run(
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(question.cms),
            *detached, *trust, "-no-CApath", "-no-CAstore", *_at(question.time),
            "-out", "/dev/null",
        )
        words = engine.words_of(told.stderr)
        if told.returncode == 0:
            return engine.Word(engine.Said.GOOD, words)
        bad = told.returncode == VERIFY_ERROR
        return engine.Word(engine.Said.BAD if bad else engine.Said.UNREADABLE, words)


def _at(moment: str) -> tuple[str, ...]:
    if not moment:
        return ()
    seconds = calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))
    return ("-attime", str(seconds))


if __name__ == "__main__":
    raise SystemExit(engine.main(OpenSsl))
