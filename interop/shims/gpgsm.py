"""GnuPG's `gpgsm --verify`, `--encrypt` and `--decrypt`, with homes of its own."""

from __future__ import annotations

import hashlib
import shutil
import ssl
from pathlib import Path

import engine
import gpg_keys
from cryptographer import Holder, NotARecipientError, RefusedError, Sealing, UnopenedError

CIPHERS = {"aes-128-cbc": "AES", "aes-256-cbc": "AES256"}
NO_KEY = b"message decryption failed: No secret key"
OPTIONS = ("--batch", "--disable-crl-checks", "--disable-dirmngr")


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
        fingerprints = [_fingerprint(_certificate(root)) for root in roots]
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
            "gpgsm", "--homedir", str(self._home), *OPTIONS, *options, given=given
        )


class Envelopes:
    """The gpgsm program as one that encrypts and decrypts.  It encrypts to nobody whose chain does
    not end at a root that it trusts."""

    def __init__(self, home: Path) -> None:
        self._home = home / "envelopes"
        self._keys = self._home / "private-keys-v1.d"
        self._trusted = self._home / "trustlist.txt"
        self._home.mkdir(mode=0o700)
        self._keys.mkdir(mode=0o700)
        self._imported: set[str] = set()

    def encrypt(self, sealing: Sealing) -> bytes:
        if sealing.cipher not in CIPHERS:
            raise RefusedError(f"gpgsm does not encrypt by {sealing.cipher}")
        if not sealing.recipients:
            raise RefusedError("there is no recipient")
        for root in sealing.roots:
            self._trust(root)
        options = ["--cipher-algo", CIPHERS[sealing.cipher]]
        for recipient in sealing.recipients:
            options += ["--recipient", self._import(recipient)]
        told = self._gpgsm(*options, "--encrypt", given=sealing.entity)
        if told.returncode != 0 or not told.stdout:
            raise RefusedError(engine.words_of(told.stderr))
        return told.stdout

    def decrypt(self, cms: bytes, holder: Holder) -> bytes:
        fingerprint = self._hold(holder)
        told = self._gpgsm("--status-fd", "2", "--decrypt", given=cms)
        # The exit code tells of other recipients' certificates too, which it has not.
        if b"[GNUPG:] DECRYPTION_OKAY" in told.stderr:
            return told.stdout
        is_ours = f"[GNUPG:] ENC_TO {fingerprint[-16:]}".encode("ascii") in told.stderr
        is_other = NO_KEY in told.stderr and not is_ours
        raise (NotARecipientError if is_other else UnopenedError)(engine.words_of(told.stderr))

    def _trust(self, root: str) -> None:
        fingerprint = self._import(root)
        line = f"{fingerprint} S relax\n"
        known = self._trusted.read_text("ascii") if self._trusted.exists() else ""
        if line not in known:
            self._trusted.write_text(known + line, encoding="ascii")
            engine.run("gpgconf", "--homedir", str(self._home), "--reload", "gpg-agent")

    def _import(self, pem: str) -> str:
        """The fingerprint."""
        block = _certificate(pem)
        fingerprint = _fingerprint(block)
        if fingerprint not in self._imported:
            self._gpgsm("--import", given=block.encode("ascii"))
            self._imported.add(fingerprint)
        return fingerprint

    def _hold(self, holder: Holder) -> str:
        """The agent has this key and no other; the certificate's fingerprint."""
        fingerprint = self._import(holder.certificate)
        listed = self._gpgsm("--with-colons", "--with-keygrip", "--list-keys", fingerprint)
        grips = [ln.split(b":")[9] for ln in listed.stdout.splitlines() if ln.startswith(b"grp:")]
        if len(grips) != 1:
            raise UnopenedError("no keygrip: " + engine.words_of(listed.stderr))
        for file in self._keys.iterdir():
            file.unlink()
        (self._keys / f"{grips[0].decode('ascii')}.key").write_bytes(
            gpg_keys.expression(holder.key)
        )
        return fingerprint

    def _gpgsm(self, *options: str, given: bytes = b"") -> engine.Completed:
        return engine.run(
            "gpgsm", "--homedir", str(self._home), *OPTIONS, *options, given=given
        )


def _fingerprint(pem: str) -> str:
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(pem)).hexdigest().upper()


def _certificate(pem: str) -> str:
    """From its first line to its last, as the ssl module wants it."""
    return pem[pem.index("-----BEGIN"):].strip() + "\n"


def _at(moment: str) -> tuple[str, ...]:
    if not moment:
        return ()
    return ("--faked-system-time", moment.replace("-", "").replace(":", "").removesuffix("Z"))


if __name__ == "__main__":
    raise SystemExit(engine.main(Gpgsm, Envelopes))
