"""NSS's `cmsutil -D`.  Its exit code says nothing of the signature: `signerN.status` does.

It can't be told the time: chains are judged now."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import engine

STATUS = re.compile(rb"signer\d+\.status=(\w+)")
EMAIL_SIGNER = "4"
TRUSTED_FOR_MAIL = ",C,"


class Nss:
    """The cmsutil program, with a database of its own for the roots of a question."""

    title = "NSS cmsutil"

    def __init__(self, home: Path) -> None:
        self._folder = home / "nss"
        self._roots: tuple[str, ...] | None = None

    def version(self) -> str:
        told = engine.run("dpkg-query", "-W", "-f", "${Version}", "libnss3")
        return engine.words_of(told.stdout) or "unknown"

    def check(self, question: engine.Question) -> engine.Word:
        if question.roots != self._roots:
            self._trust(question.roots)
        detached = ("-c", str(question.content)) if question.is_detached else ()
        told = engine.run(
            "cmsutil", "-D", "-d", f"sql:{self._folder}", "-i", str(question.cms), *detached,
            "-h", "1", "-n", "-u", EMAIL_SIGNER,
        )
        said = told.stdout + told.stderr
        found = STATUS.findall(said)
        words = engine.words_of(*(line for line in said.splitlines() if b"signer" in line
                                  or b"cmsutil" in line))
        if not found:
            return engine.Word(engine.Said.UNREADABLE, words)
        good = all(status == b"GoodSignature" for status in found)
        return engine.Word(engine.Said.GOOD if good else engine.Said.BAD, words)

    def _trust(self, roots: tuple[str, ...]) -> None:
        self._roots = None
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir()
        database = ("-d", f"sql:{self._folder}")
        engine.run("certutil", "-N", *database, "--empty-password").check_returncode()
        for number, root in enumerate(roots):
            engine.run(
                "certutil", "-A", *database, "-a", "-n", f"root{number}", "-t", TRUSTED_FOR_MAIL,
                given=root.encode("ascii"),
            ).check_returncode()
        self._roots = roots


if __name__ == "__main__":
    raise SystemExit(engine.main(Nss))
