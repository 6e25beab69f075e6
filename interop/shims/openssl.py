"""OpenSSL's `cms -verify`, `-encrypt` and `-decrypt`."""

from __future__ import annotations

import calendar
import time
from pathlib import Path

import engine
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptographer import Holder, NotARecipientError, RefusedError, Sealing, UnopenedError

VERIFY_ERROR = 4
NO_RECIPIENT = b"no matching recipient"
NO_ENVELOPE = b"content type not enveloped data"


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


class Envelopes:
    """The openssl program as one that encrypts and decrypts."""

    def __init__(self, home: Path) -> None:
        self._home = home / "envelopes"
        self._home.mkdir()

    def encrypt(self, sealing: Sealing) -> bytes:
        options: list[str] = []
        for number, recipient in enumerate(sealing.recipients):
            options += ["-recip", self._file(f"{number}.pem", recipient)]
            certificate = x509.load_pem_x509_certificate(recipient.encode("ascii"))
            if isinstance(certificate.public_key(), ec.EllipticCurvePublicKey):
                # SHA-1 unless told otherwise.
                options += ["-keyopt", "ecdh_kdf_md:sha256"]
        told = engine.run(
            "openssl", "cms", "-encrypt", "-binary", "-outform", "DER", f"-{sealing.cipher}",
            *options, given=sealing.entity,
        )
        if told.returncode != 0:
            raise RefusedError(engine.words_of(told.stderr))
        return told.stdout

    def decrypt(self, cms: bytes, holder: Holder) -> bytes:
        told = engine.run(
            "openssl", "cms", "-decrypt", "-binary", "-inform", "DER",
            "-recip", self._file("certificate.pem", holder.certificate),
            "-inkey", self._file("key.pem", holder.key), given=cms,
        )
        if told.returncode == 0:
            return told.stdout
        is_other = NO_RECIPIENT in told.stderr and NO_ENVELOPE not in told.stderr
        raise (NotARecipientError if is_other else UnopenedError)(engine.words_of(told.stderr))

    def _file(self, name: str, text: str) -> str:
        file = self._home / name
        file.write_text(text, encoding="ascii")
        return str(file)


def _at(moment: str) -> tuple[str, ...]:
    if not moment:
        return ()
    seconds = calendar.timegm(time.strptime(moment, "%Y-%m-%dT%H:%M:%SZ"))
    return ("-attime", str(seconds))


if __name__ == "__main__":
    raise SystemExit(engine.main(OpenSsl, Envelopes))
