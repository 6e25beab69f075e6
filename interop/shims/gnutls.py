"""GnuTLS's `certtool --p7-verify`.  It can't be told the time: chains are judged now."""

from __future__ import annotations

from pathlib import Path

import engine

GOOD = b"Signature status: ok"
BAD = b"Signature status: "


class GnuTls:
    """The certtool program; its exit code is not 0 on a bad signature."""

    title = "GnuTLS certtool"

    def __init__(self, home: Path) -> None:
        self._roots = home / "roots.pem"

    def version(self) -> str:
        return engine.words_of(engine.run("certtool", "--version").stdout.split(b"\n")[0])

    def check(self, question: engine.Question) -> engine.Word:
        self._roots.write_text("".join(question.roots), encoding="ascii")
        detached = ("--load-data", str(question.content)) if question.is_detached else ()
        told = engine.run(
            "certtool", "--p7-verify", "--inder", "--infile", str(question.cms), *detached,
            "--load-ca-certificate", str(self._roots),
        )
        words = engine.words_of(told.stderr, *told.stdout.splitlines()[-4:])
        both = told.stdout + told.stderr
        if told.returncode == 0 and GOOD in both:
            return engine.Word(engine.Said.GOOD, words)
        return engine.Word(engine.Said.BAD if BAD in both else engine.Said.UNREADABLE, words)


if __name__ == "__main__":
    raise SystemExit(engine.main(GnuTls))
