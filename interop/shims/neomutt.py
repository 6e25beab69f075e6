#!/usr/bin/python3
"""NeoMutt as an unaware verifier: it runs on a terminal of its own, and its screen is read.

    neomutt.py gpgme | openssl

says what does the cryptography: GnuPG by way of GPGME, as is its default, or the openssl program.

Each message is opened by a process of its own, from a Maildir with nothing else in it.  Two things
on the screen have to agree: the mark in the status bar (whether the message is signed, and whether
the signature was found good) and the sentence in the last line.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

import controls
import mail_client
import pseudoterminal
from controls import Shown
from gnupg_home import GnupgError, GnupgHome
from lifetime import end_descendants
from mail_client import Display, Unreadable
from pseudoterminal import Terminal
from vt52 import Screen

DEADLINE = 12.0
VERSION_DEADLINE = 20.0
# What it says last when it goes on after any key: the sender of a good signature can't be checked.
ANY_KEY = (
    "Press any key to continue...",
    "no mbox",
    "no certfile",
    "Failed to figure out sender",
)
NO_MESSAGE = "There are no messages"
# The marks of `crypt_chars`: good signature, encrypted, signed, holds a key, none of these.
MARKS = "SPsK-"
BAR = re.compile(r"\[crypt:(.)\]")
GOOD = "S/MIME signature successfully verified"
MISADDRESSED = "S/MIME certificate owner does not match sender"
BAD = "S/MIME signature could NOT be verified"
PARTLY = "Warning: Part of this message has not been signed"

# Without the system's file (-n).  The commands of S/MIME are those that NeoMutt's own sample
# gives.  Nothing in a message may start a program.
CONFIGURATION = f"""
set crypt_verify_sig = yes
set crypt_chars = "{MARKS}"
set smime_ca_location = "roots.pem"
set smime_verify_command = "openssl smime -verify -inform DER -in %s %C -content %f"
set smime_verify_opaque_command = "openssl smime -verify -inform DER -in %s %C || \
openssl smime -verify -inform DER -in %s -noverify 2>/dev/null"
set smime_pk7out_command = "openssl smime -verify -in %f -noverify -pk7out"
set smime_get_cert_command = "openssl pkcs7 -print_certs -in %f"
set smime_get_signer_cert_command = "openssl smime -verify -in %f -noverify -signer %c \
-out /dev/null"
set smime_get_cert_email_command = "openssl x509 -in %f -noout -email"
set folder = "."
set mailcap_path = "no-mailcap"
set implicit_autoview = no
set help = no
set status_on_top = no
set status_format = "index"
set pager_format = "[crypt:%zc]"
set pager_index_lines = 0
set pager_stop = yes
set beep = no
set mark_old = no
set quit = yes
push <display-message>
"""


class Backend(StrEnum):
    """What does the cryptography."""

    GPGME = "gpgme"
    OPENSSL = "openssl"


class NeoMutt:
    """The program `neomutt`, in a home of its own."""

    def __init__(self, home: Path, backend: Backend) -> None:
        self.title = f"NeoMutt with {backend}"
        self._home = home
        self._roots = home / "roots.pem"
        self._message = home / "mail" / "cur" / "1.1.mailassay:2,"
        for folder in ("cur", "new", "tmp"):
            (home / "mail" / folder).mkdir(parents=True)
        use = "yes" if backend is Backend.GPGME else "no"
        (home / "neomuttrc").write_text(
            f"set crypt_use_gpgme = {use}\n{CONFIGURATION}", encoding="ascii"
        )
        (home / "tmp").mkdir()
        self._environment = {
            "HOME": str(home),
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TMPDIR": str(home / "tmp"),
        }
        self._gnupg = None
        if backend is Backend.GPGME:
            self._gnupg = GnupgHome(home, self._environment)

    def version(self) -> str:
        """As `neomutt -v` says it."""
        told = subprocess.run(
            ["neomutt", "-v"], env=self._environment, stdin=subprocess.DEVNULL,
            capture_output=True, timeout=VERSION_DEADLINE,
        ).stdout.decode("utf-8", errors="replace")
        return told.splitlines()[0].removeprefix("NeoMutt ") if told else "unknown"

    def trust(self, roots: Sequence[str]) -> None:
        self._roots.write_text(controls.pem_bundle(roots), encoding="utf-8")
        if self._gnupg is not None:
            try:
                self._gnupg.trust(roots)
            except GnupgError as problem:
                raise Unreadable(str(problem)) from None

    def show(self, message: bytes) -> Display:
        # As a delivery agent of Unix writes it.
        self._message.write_bytes(message.replace(b"\r\n", b"\n"))
        if self._gnupg is not None:
            self._gnupg.forget()
        command = ["neomutt", "-n", "-F", "neomuttrc", "-f", "mail"]
        try:
            with pseudoterminal.running(command, self._environment, self._home) as terminal:
                _open(terminal)
                return read(terminal.screen)
        except pseudoterminal.Ended as problem:
            raise Unreadable(str(problem)) from None
        finally:
            # What GPGME started is our child by now; unless it is gone GnuPG takes its locks for
            # held.
            agent = self._gnupg.agent if self._gnupg is not None else None
            end_descendants(but={agent.pid} if agent is not None else ())


@contextlib.contextmanager
def ready(home: Path) -> Iterator[NeoMutt]:
    """Nothing but GnuPG's agent runs between two messages."""
    if shutil.which("neomutt") is None:
        raise SystemExit("neomutt: it is not installed (package neomutt)")
    [backend] = sys.argv[1:] or [Backend.GPGME]
    yield NeoMutt(home, Backend(backend))


def _open(terminal: Terminal) -> None:
    """Waits until the message is open and NeoMutt waits for a key."""
    deadline = time.monotonic() + DEADLINE
    while not _is_open(terminal.screen):
        left = deadline - time.monotonic()
        if not terminal.wait_until_idle(_is_settled, left):
            raise Unreadable(
                f"no message on the screen within {DEADLINE:.0f} s; {_last_words(terminal.screen)}"
            )
        if _last_line(terminal.screen) == NO_MESSAGE:
            raise Unreadable("it finds no message in the folder")
        if not _is_open(terminal.screen):
            terminal.type(" ")


def _is_settled(screen: Screen) -> bool:
    last = _last_line(screen)
    return _is_open(screen) or last.endswith(ANY_KEY) or last == NO_MESSAGE


def _is_open(screen: Screen) -> bool:
    return BAR.fullmatch(screen.row(-2)) is not None


def _last_line(screen: Screen) -> str:
    return screen.text().rstrip().rpartition("\n")[2]


def read(screen: Screen) -> Display:
    """What the screen of an open message says.  Raises `Unreadable`."""
    bar = BAR.fullmatch(screen.row(-2))
    sentence = screen.row(-1)
    if bar is None:
        raise Unreadable(f"the status bar is not where it should be; {_last_words(screen)}")
    shown = _judge(bar[1], sentence)
    if shown is None:
        raise Unreadable(f"the mark '{bar[1]}' beside the sentence '{sentence}'")
    words = sentence or "no word of a signature"
    return Display(shown, words, {"screen": screen.text()})


def _judge(mark: str, sentence: str) -> Shown | None:
    """None when mark and sentence do not agree."""
    good_mark = mark == "S"
    if sentence == GOOD and good_mark:
        return Shown.GOOD
    if sentence == MISADDRESSED and good_mark:
        return Shown.MISADDRESSED
    if sentence == BAD and not good_mark:
        return Shown.BAD
    if sentence in ("", PARTLY) and mark == "-":
        return Shown.UNSIGNED
    return None


def _last_words(screen: Screen) -> str:
    """The last lines of the screen, on one line."""
    lines = [line.strip() for line in screen.text().splitlines() if line.strip()]
    return "the screen ends in: " + (" / ".join(lines[-3:]) or "nothing")


if __name__ == "__main__":
    sys.exit(mail_client.main(ready))
