#!/usr/bin/python3
"""Thunderbird as an unaware verifier: it runs without a display, and its header pane is read.

It is driven by Marionette.  Each message is opened in a tab, from a file.  Beside a signature that
it finds good Thunderbird shows an icon; of one that is not good it says nothing until the user
presses the button `S/MIME`.  So both are read: the icon, and the words behind the button.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mail_client
from controls import Shown
from lifetime import die_with_parent, end_descendants
from mail_client import Display, Unreadable
from marionette import Marionette, MarionetteError

HERE = Path(__file__).resolve().parent
TRUST = (HERE / "thunderbird_trust.js").read_text(encoding="utf-8")
SHOW = (HERE / "thunderbird_show.js").read_text(encoding="utf-8")
PROGRAM = "/usr/lib/thunderbird/thunderbird"
START_DEADLINE = 60.0
COMMAND_DEADLINE = 30.0
SHOW_DEADLINE = 12.0
# Nothing announces that the port is known, so it is asked again.
POLL = 0.02
# A screenshot of 900 x 600 has about 70 KB.
MAX_SCREENSHOT = 150_000
# A message that shows no signature is opened again: see `settled` in the script.
MAX_OPENINGS = 6

# No network, no questions at the start, no updates, the language that is read here.
PREFERENCES: Mapping[str, bool | int | str] = {
    "app.update.enabled": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "intl.locale.requested": "en-US",
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mail.winsearch.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "marionette.port": 0,
    "network.dns.disabled": True,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.type": 1,
    "offline.startup_state": 3,  # always offline
    "security.OCSP.enabled": 0,
    "toolkit.telemetry.enabled": False,
}

ICON = "chrome://messenger/skin/icons/message-signed-ok.svg"
ICON_TEXT = "Good signature"
VALID = "Message Is Signed"
VALID_WORDS = (
    "This message includes a valid digital signature. The message has not been altered since it "
    "was sent."
)
INVALID = "Digital Signature Is Not Valid"
INVALID_WORDS = "This message includes a digital signature, but the signature is invalid."
OF_ANOTHER = "Message is signed"
OF_ANOTHER_WORDS = (
    "Although the digital signature is valid, it is unknown whether sender and signer are the "
    "same person."
)
# The number of a signature that holds and was made more than an hour from the field Date.
MISDATED_NUMBER = "(1041)"


# What the script tells of the header pane: texts, and null for what is not visible.
FIELDS = ("technology", "icon", "alt", "label", "header", "explanation")


@dataclass(frozen=True)
class Seen:
    """The header pane of an open message; None stands for what is not visible."""

    technology: str | None
    icon: str | None
    alt: str | None
    label: str | None
    header: str | None
    explanation: str | None
    # Thunderbird did not change its mind about who is to look at signatures.
    settled: bool = True

    def words(self) -> str:
        """All that it says of a signature, on one line."""
        said = (self.alt, self.label, self.header, self.explanation)
        return " / ".join(word for word in said if word) or "no word of a signature"


def seen_from(told: Any) -> Seen:
    """What the script returned.  Raises `Unreadable`."""
    if told is None:
        raise Unreadable(f"the message was not shown within {SHOW_DEADLINE:.0f} s")
    texts = {field: told.get(field) for field in FIELDS} if isinstance(told, dict) else {}
    settled = texts and told.get("settled")
    if not isinstance(settled, bool) or not all(isinstance(t, str | None) for t in texts.values()):
        raise Unreadable("the script did not return what it should")
    return Seen(**texts, settled=settled)


def judge(seen: Seen) -> Shown:
    """What the header pane says, when all of it says the same.  Raises `Unreadable`."""
    if seen == Seen(None, None, None, None, None, None):
        return Shown.UNSIGNED
    if seen.technology == "S/MIME":
        said = (seen.alt, seen.label, seen.explanation)
        if seen.icon == ICON and said == (ICON_TEXT, VALID, VALID_WORDS):
            return Shown.GOOD
        if seen.icon is None and (seen.label, seen.header) == (OF_ANOTHER, OF_ANOTHER_WORDS):
            return Shown.MISADDRESSED
        if seen.icon is None and (seen.label, seen.header) == (INVALID, INVALID_WORDS):
            misdated = (seen.explanation or "").endswith(MISDATED_NUMBER)
            return Shown.MISDATED if misdated else Shown.BAD
    raise Unreadable(f"the header pane does not agree with itself: {seen}")


class Thunderbird:
    """The program `thunderbird`; before a root is trusted no more it is started anew, with a new
    profile."""

    title = "Thunderbird"

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stack = contextlib.ExitStack()
        self._marionette: Marionette | None = None
        self._trusted: frozenset[str] = frozenset()
        self._version = "unknown"
        self._shown = 0

    def version(self) -> str:
        return self._version

    def trust(self, roots: Sequence[str]) -> None:
        wanted = frozenset(body for root in roots for body in _bodies(root))
        try:
            if self._marionette is None or not wanted >= self._trusted:
                self.end()
                self._marionette = self._stack.enter_context(_started(self._home))
            self._version = str(self._marionette.run(TRUST, *sorted(wanted - self._trusted)))
            self._trusted = wanted
        except MarionetteError as problem:
            self.end()
            raise Unreadable(f"Thunderbird: {problem}") from None

    def show(self, message: bytes) -> Display:
        try:
            seen = self._settled(message)
            shown = judge(seen)
            return Display(shown, seen.words(), self._evidence(seen, shown))
        except (MarionetteError, Unreadable) as problem:
            # It is started anew for the next message.
            self.end()
            raise Unreadable(f"Thunderbird: {problem}") from None

    def end(self) -> None:
        """Ends the program and forgets its profile."""
        self._marionette = None
        self._trusted = frozenset()
        self._stack.close()

    def _settled(self, message: bytes) -> Seen:
        """The pane of the message; one without a signature has to be the same twice."""
        before = None
        for _ in range(MAX_OPENINGS):
            seen = self._look(message)
            if seen.technology is not None or (seen.settled and seen == before):
                return seen
            before = seen
        raise Unreadable(f"it is shown in another way each time; the last was {before}")

    def _look(self, message: bytes) -> Seen:
        if self._marionette is None:
            raise Unreadable("it does not run")
        # A name of its own, so that no other message is taken for it.
        self._shown += 1
        file = self._home / f"message-{self._shown}.eml"
        file.write_bytes(message)
        try:
            return seen_from(self._marionette.run(SHOW, str(file), int(SHOW_DEADLINE * 1000)))
        finally:
            file.unlink()

    def _evidence(self, seen: Seen, shown: Shown) -> Mapping[str, str]:
        """The words and the icon; and a picture where the signature is not shown as good."""
        words = {field: told for field in FIELDS if (told := getattr(seen, field))}
        return words if shown is Shown.GOOD else {**words, **self._picture()}

    def _picture(self) -> Mapping[str, str]:
        assert self._marionette is not None, "something was seen, so it runs"
        taken = self._marionette.command("WebDriver:TakeScreenshot", {"full": True})["value"]
        small = isinstance(taken, str) and len(taken) <= MAX_SCREENSHOT
        return {"png": taken} if small else {}


@contextlib.contextmanager
def _started(home: Path) -> Iterator[Marionette]:
    """Thunderbird with a new profile, and a session of Marionette."""
    profile = home / "profile"
    end_descendants()
    shutil.rmtree(profile, ignore_errors=True)
    profile.mkdir()
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in PREFERENCES.items()
    )
    (profile / "user.js").write_text("".join(lines), encoding="ascii")
    if not Path(PROGRAM).exists():
        raise MarionetteError("it is not installed (package thunderbird)")
    process = subprocess.Popen(
        [PROGRAM, "--headless", "--no-remote", "--profile", str(profile),
         "--marionette", "--remote-allow-system-access"],
        env=_environment(home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent,
    )
    try:
        port = _port(process, profile / "MarionetteActivePort")
        with Marionette(port, COMMAND_DEADLINE) as marionette:
            marionette.begin()
            yield marionette
    finally:
        # The processes that it started do not share its group.
        end_descendants()
        process.wait()
        shutil.rmtree(profile, ignore_errors=True)


def _port(process: subprocess.Popen[bytes], file: Path) -> int:
    deadline = time.monotonic() + START_DEADLINE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise MarionetteError(f"it ended with {process.returncode}")
        with contextlib.suppress(OSError, ValueError):
            return int(file.read_text(encoding="ascii"))
        time.sleep(POLL)
    raise MarionetteError(f"no port within {START_DEADLINE:.0f} s")


def _environment(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "TMPDIR": str(home),
        "XDG_RUNTIME_DIR": str(home),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "MOZ_HEADLESS_WIDTH": "900",
        "MOZ_HEADLESS_HEIGHT": "600",
    }


def _bodies(pem: str) -> list[str]:
    """The base64 of each certificate."""
    found = re.findall(r"-----BEGIN CERTIFICATE-----([^-]+)-----END CERTIFICATE-----", pem)
    return ["".join(body.split()) for body in found]


@contextlib.contextmanager
def running(home: Path) -> Iterator[Thunderbird]:
    """Not started yet: it starts when it is told what to trust."""
    client = Thunderbird(home)
    try:
        yield client
    finally:
        client.end()


if __name__ == "__main__":
    sys.exit(mail_client.main(running))
