"""A home of GnuPG's for S/MIME: which roots it trusts, and its agent, which ends with us."""

from __future__ import annotations

import hashlib
import shutil
import socket
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lifetime import die_with_parent

DEADLINE = 20.0
CONFIGURATION = "disable-crl-checks\ndisable-dirmngr\nno-autostart\n"


class GnupgError(Exception):
    """GnuPG does not do what it has to; the text is one line."""


class GnupgHome:
    """The folder `.gnupg` of a home.  `agent` is its process while there is one."""

    def __init__(self, home: Path, environment: Mapping[str, str]) -> None:
        self.agent: subprocess.Popen[bytes] | None = None
        self._folder = home / ".gnupg"
        self._pristine = home / "pubring.kbx"
        self._environment = environment

    def trust(self, roots: Sequence[str]) -> None:
        """Makes a new one, which trusts these (PEM) and no others.  Raises `GnupgError`."""
        self.end()
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700)
        (self._folder / "gpgsm.conf").write_text(CONFIGURATION, encoding="ascii")
        (self._folder / "gpg-agent.conf").write_text("disable-scdaemon\n", encoding="ascii")
        try:
            prints = [hashlib.sha1(ssl.PEM_cert_to_DER_cert(r)).hexdigest().upper() for r in roots]
        except ValueError as problem:
            raise GnupgError(f"a root is no certificate: {problem}") from None
        trusted = "".join(f"{fingerprint} S relax\n" for fingerprint in prints)
        (self._folder / "trustlist.txt").write_text(trusted, encoding="ascii")
        self._start_agent()
        self._import(roots)
        shutil.copy(self._folder / "pubring.kbx", self._pristine)

    def forget(self) -> None:
        """Forgets what it learned from messages since `trust`."""
        shutil.copy(self._pristine, self._folder / "pubring.kbx")

    def end(self) -> None:
        """Ends the agent."""
        if self.agent is not None:
            self.agent.kill()
            self.agent.wait()
            self.agent = None

    def _import(self, roots: Sequence[str]) -> None:
        try:
            done = subprocess.run(
                ["gpgsm", "--import"], input="".join(roots).encode(), env=self._environment,
                capture_output=True, timeout=DEADLINE,
            )
        except (OSError, subprocess.TimeoutExpired) as problem:
            raise GnupgError(f"gpgsm: {problem}") from None
        if done.returncode != 0 or not (self._folder / "pubring.kbx").exists():
            raise GnupgError(f"gpgsm --import ended with {done.returncode}")

    def _start_agent(self) -> None:
        """In the foreground; it is handed the socket that it listens on."""
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self._folder / "S.gpg-agent"))
            listener.listen()
            self.agent = subprocess.Popen(
                # Descriptor 3 is where it expects the first socket, if the number is its own.
                ["/bin/sh", "-c", "LISTEN_PID=$$ exec gpg-agent --supervised 3<&0 </dev/null"],
                env={**self._environment, "LISTEN_FDS": "1", "LISTEN_FDNAMES": "std"},
                stdin=listener.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=die_with_parent,
            )
