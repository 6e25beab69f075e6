"""GnuPG's `gpgsm --verify`, with a home of its own."""

from __future__ import annotations

import hashlib
import shutil
import ssl
from pathlib import Path

import engine


class Gpgsm:
    """The gpgsm program; what it says on its status channel is meant for programs."""

    title = "GnuPG gpgsm"

    def __init__(self, home: Path) -> None:
        self._home = home / "gnupg"
        self._pristine = home / "pubring.kbx"
        self._roots: tuple[str, ...] | None = None

    def version(self) -> str:
        return engine.words_of(engine.run("gpgsm", "--version").stdout.split(b"\n")[0])

    def check(self, question: engine.Question) -> engine.Word:
        if question.roots != self._roots:
            self._trust(question.roots)
        self._forget()
        detached = (str(question.content),) if question.is_detached else ()
        told = self._gpgsm(
            *_at(question.time), "--status-fd", "1", "--verify", str(question.cms), *detached
        )
        status = [line[9:] for line in told.stdout.splitlines() if line.startswith(b"[GNUPG:] ")]
        words = engine.words_of(*status[-6:])
        kinds = {line.split(b" ")[0] for line in status}
        if told.returncode == 0 and b"GOODSIG" in kinds and not kinds & {b"BADSIG", b"ERRSIG"}:
            return engine.Word(engine.Said.GOOD, words)
        judged = kinds & {b"GOODSIG", b"BADSIG", b"ERRSIG", b"VALIDSIG", b"TRUST_NEVER"}
        return engine.Word(engine.Said.BAD if judged else engine.Said.UNREADABLE, words)

    def _trust(self, roots: tuple[str, ...]) -> None:
        self._roots = None
        if self._home.exists():
            engine.run("gpgconf", "--homedir", str(self._home), "--kill", "all")
            shutil.rmtree(self._home)
        self._home.mkdir(mode=0o700)
        fingerprints = [
            hashlib.sha1(ssl.PEM_cert_to_DER_cert(_certificate(root))).hexdigest().upper()
            for root in roots
        ]
        text = "".join(f"{print_} S relax\n" for print_ in fingerprints)
        (self._home / "trustlist.txt").write_text(text, encoding="ascii")
        for root in roots:
            self._gpgsm("--import", given=root.encode("ascii")).check_returncode()
        self._pristine.unlink(missing_ok=True)
        if self._keys.exists():
            shutil.copy(self._keys, self._pristine)
        self._roots = roots

    def _forget(self) -> None:
        """It keeps the certificates that came with a message; they would complete another chain."""
        self._keys.unlink(missing_ok=True)
        if self._pristine.exists():
            shutil.copy(self._pristine, self._keys)

    @property
    def _keys(self) -> Path:
        return self._home / "pubring.kbx"

    def _gpgsm(self, *options: str, given: bytes = b"") -> engine.Completed:
        return engine.run(
            "gpgsm", "--homedir", str(self._home), "--batch", "--disable-crl-checks",
            "--disable-dirmngr", *options, given=given,
        )


def _certificate(pem: str) -> str:
    """From its first line to its last, as the ssl module wants it."""
    return pem[pem.index("-----BEGIN"):].strip() + "\n"


def _at(moment: str) -> tuple[str, ...]:
    if not moment:
        return ()
    return ("--faked-system-time", moment.replace("-", "").replace(":", "").removesuffix("Z"))


if __name__ == "__main__":
    raise SystemExit(engine.main(Gpgsm))
