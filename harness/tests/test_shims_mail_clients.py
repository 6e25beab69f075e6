"""Mail clients as verifiers: screens are read rightly, or not at all."""

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import controls
import kinds
import lines
import mail_client
import neomutt
import thunderbird
from controls import Control, Controls, Shown
from kinds import Kind, holds_envelope, kinds_of
from mail_client import Display, Unreadable, Verifier
from marionette import Marionette, MarionetteError
from thunderbird import Seen
from vt52 import Screen

from mailassay.vectors import vectors_of
from mailassay.verdicts import Edition

SHIMS = Path(controls.__file__).parent
PATIENCE = 60.0


# The terminal

def painted(*octets: bytes, rows: int = 4, columns: int = 20) -> Screen:
    screen = Screen(rows, columns)
    for some in octets:
        screen.feed(some)
    return screen


def test_the_screen_shows_what_was_painted() -> None:
    screen = painted(b"one\r\ntwo\x1bY\x23\x25last\x1bH\x1bB\x1bCX")
    assert screen.text() == "one\ntXo\n\n     last\n"


def test_erasing_and_scrolling() -> None:
    assert painted(b"one\r\ntwo\r\nthree\x1bH\x1bK\x1bB\x1bC\x1bJ").text() == "\nt\n"
    assert painted(b"1\r\n2\r\n3\r\n4\r\n5").text() == "2\n3\n4\n5\n"
    assert painted(b"1\r\n2\x1bH\x1bI0").text() == "0\n1\n2\n"


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_sequence_may_be_cut_anywhere(cut: int) -> None:
    octets = "aé\x1bY!!界z\x1bKq".encode()
    assert painted(octets[:cut], octets[cut:]).text() == painted(octets).text() == "aé\n 界zq\n"


def test_nothing_is_painted_outside_of_the_screen() -> None:
    screen = painted(b"\x1bY\xff\xffX", b"wrap" * 20, "界".encode())
    assert [len(screen.row(n)) for n in range(3)] == [0, 0, 0]
    assert screen.row(-1).endswith("界")


# NeoMutt

def of_neomutt(mark: str, sentence: str, text: str = "") -> Screen:
    screen = Screen(6, 100)
    body = text.encode().replace(b"\n", b"\r\n")
    screen.feed(body + f"\x1bY$ [crypt:{mark}]\x1bY% {sentence}".encode())
    return screen


@pytest.mark.parametrize(
    ("mark", "sentence", "shown"),
    [
        ("S", neomutt.GOOD, Shown.GOOD),
        ("S", neomutt.MISADDRESSED, Shown.MISADDRESSED),
        ("s", neomutt.BAD, Shown.BAD),
        ("-", neomutt.BAD, Shown.BAD),
        ("-", neomutt.PARTLY, Shown.UNSIGNED),
        ("-", "", Shown.UNSIGNED),
    ],
)
def test_neomutt_mark_and_sentence(mark: str, sentence: str, shown: Shown) -> None:
    display = neomutt.read(of_neomutt(mark, sentence))
    assert display.shown is shown
    assert sentence in display.words
    assert f"[crypt:{mark}]" in display.evidence["screen"]


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("S", neomutt.BAD),
        ("S", ""),
        ("s", neomutt.GOOD),
        ("s", ""),
        ("-", neomutt.GOOD),
        ("-", "Key is not bound."),
        ("P", ""),
    ],
)
def test_neomutt_mark_and_sentence_that_disagree(mark: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=f"mark '{mark}' beside the sentence '{sentence}'"):
        neomutt.read(of_neomutt(mark, sentence))


def test_neomutt_is_not_read_in_the_text_of_a_message() -> None:
    text = f"[crypt:S]\n{neomutt.GOOD}\n"
    assert neomutt.read(of_neomutt("s", neomutt.BAD, text)).shown is Shown.BAD
    with pytest.raises(Unreadable, match="not where it should be"):
        neomutt.read(painted(text.encode(), rows=6, columns=100))


# Thunderbird

GOOD = Seen(
    "S/MIME", thunderbird.ICON, thunderbird.ICON_TEXT, thunderbird.VALID, "",
    thunderbird.VALID_WORDS,
)
BAD = Seen("S/MIME", None, None, thunderbird.INVALID, thunderbird.INVALID_WORDS, "Altered.")
MISDATED = Seen(
    "S/MIME", None, None, thunderbird.INVALID, thunderbird.INVALID_WORDS, "Unknown. (1041)"
)
OF_ANOTHER = Seen(
    "S/MIME", None, None, thunderbird.OF_ANOTHER, thunderbird.OF_ANOTHER_WORDS, "The address"
)
NOTHING = Seen(None, None, None, None, None, None)


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (GOOD, Shown.GOOD),
        (BAD, Shown.BAD),
        (MISDATED, Shown.MISDATED),
        (OF_ANOTHER, Shown.MISADDRESSED),
        (NOTHING, Shown.UNSIGNED),
    ],
)
def test_thunderbird_icon_and_words(seen: Seen, shown: Shown) -> None:
    assert thunderbird.judge(seen) is shown


@pytest.mark.parametrize("icon", [None, thunderbird.ICON.replace("ok", "mismatch")])
def test_thunderbird_words_without_the_icon(icon: str | None) -> None:
    with pytest.raises(Unreadable, match="does not agree with itself"):
        thunderbird.judge(
            Seen("S/MIME", icon, GOOD.alt, GOOD.label, GOOD.header, GOOD.explanation)
        )


@pytest.mark.parametrize(
    "seen",
    [
        Seen("S/MIME", GOOD.icon, GOOD.alt, BAD.label, BAD.header, BAD.explanation),
        Seen("S/MIME", None, None, "Some other words", "", ""),
        Seen("OpenPGP", None, None, None, None, None),
    ],
)
def test_thunderbird_that_says_something_else(seen: Seen) -> None:
    with pytest.raises(Unreadable, match="does not agree with itself"):
        thunderbird.judge(seen)


@pytest.mark.parametrize("told", [None, [], 7, {}, {"settled": 1}, {"settled": True, "icon": 1}])
def test_thunderbird_script_that_returns_something_else(told: Any) -> None:
    with pytest.raises(Unreadable):
        thunderbird.seen_from(told)


# Marionette

def framed(value: Any) -> bytes:
    text = json.dumps(value).encode()
    return b"%d:%s" % (len(text), text)


GREETING = framed({"applicationType": "gecko", "marionetteProtocol": 3})


def connection_to(*answers: bytes) -> Marionette:
    """A connection to a server that greets, takes a command, says the rest, and closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as peer:
            greeting, *rest = answers
            peer.sendall(greeting)
            for answer in rest:
                if answer is rest[0]:
                    peer.recv(65_536)
                peer.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return Marionette(listener.getsockname()[1], PATIENCE)


def test_marionette_command_and_answer() -> None:
    answer = framed([1, 1, None, {"value": 41}])
    with connection_to(GREETING, answer[:5], answer[5:]) as marionette:
        assert marionette.command("One", {}) == {"value": 41}


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"", "closed"),
        (b"5:[1,", "closed"),
        (b"x:", "fit length"),
        (b"99999999:", "fit length"),
        (b"12345678901234", "without a length"),
        (b"3:abc", "no JSON"),
        (framed({}), "not the answer"),
        (framed([1, 2, None, None]), "not the answer"),
        (framed([1, 1, {"error": "no", "message": "m"}, None]), "no: m"),
    ],
)
def test_marionette_that_talks_nonsense(answer: bytes, complaint: str) -> None:
    with connection_to(GREETING, answer) as marionette:
        with pytest.raises(MarionetteError, match=complaint):
            marionette.command("One", {})


def test_marionette_of_another_protocol() -> None:
    with pytest.raises(MarionetteError, match="another protocol"):
        connection_to(framed({"marionetteProtocol": 2}))


# The controls

class Client:
    """Shows each message as it is told to."""

    title = "Client"

    def __init__(self) -> None:
        self.shows = {b"good": Shown.GOOD, b"bad": Shown.BAD}
        self.trusted: list[Sequence[str]] = []
        self.shown: list[bytes] = []

    def version(self) -> str:
        return "1"

    def trust(self, roots: Sequence[str]) -> None:
        self.trusted.append(roots)

    def show(self, message: bytes) -> Display:
        self.shown.append(message)
        if message not in self.shows:
            raise Unreadable("a blank screen")
        return Display(self.shows[message], str(self.shows[message]), {"screen": "-"})


CONTROLS = Controls(
    "ROOT", (Control("g", b"good", (Shown.GOOD,)), Control("b", b"bad", (Shown.BAD,)))
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Controls:
    """Messages by an authority that is not the shim's own."""
    return controls.make(tmp_path_factory.mktemp("controls"))


def asked(verifier: Verifier, **request: Any) -> dict[str, Any]:
    return lines.answer(verifier.operations(), json.dumps({"id": "7", **request}).encode())


def verify(verifier: Verifier, message: bytes, *trust: str) -> dict[str, Any]:
    encoded = base64.b64encode(message).decode("ascii")
    return asked(verifier, op="verify", message=encoded, trust=trust)


@pytest.mark.parametrize(
    ("shown", "outcome"),
    [
        (Shown.GOOD, "no-secure-headers"),
        (Shown.MISADDRESSED, "no-secure-headers"),
        (Shown.MISDATED, "no-secure-headers"),
        (Shown.BAD, "signature-invalid"),
        (Shown.UNSIGNED, "not-signed"),
    ],
)
def test_what_is_shown_is_the_outcome(shown: Shown, outcome: str) -> None:
    client = Client()
    client.shows[b"message"] = shown
    assert verify(Verifier(client, CONTROLS), b"message", "A") == {
        "id": "7",
        "result": {"outcome": outcome, "reason": str(shown), "evidence": {"screen": "-"}},
    }
    assert client.trusted == [["ROOT", "A"]]


@pytest.mark.parametrize("message", [b"good", b"bad"])
@pytest.mark.parametrize("shown", [Shown.UNSIGNED, Shown.MISDATED, None])
def test_no_answer_when_a_control_is_misread(message: bytes, shown: Shown | None) -> None:
    client = Client()
    client.shows[b"message"] = Shown.BAD
    if shown is None:
        del client.shows[message]
    else:
        client.shows[message] = shown
    verifier = Verifier(client, CONTROLS)
    for told in (asked(verifier, op="info"), *[verify(verifier, b"message")] * 2):
        assert list(told) == ["id", "error"]
        assert told["error"].startswith("control '")
    assert b"message" not in client.shown


def test_controls_are_shown_once_for_the_same_roots_and_again_for_others() -> None:
    client = Client()
    verifier = Verifier(client, CONTROLS)
    for trust in ((), (), ("A",), ("A",), ("B",)):
        assert "result" in verify(verifier, b"good", *trust)
    assert client.shown == [b"good", b"bad", b"good", b"good"] + (
        [b"good", b"bad", b"good", b"good"] + [b"good", b"bad", b"good"]
    )


def test_controls_are_shown_again_after_an_unreadable_screen() -> None:
    client = Client()
    verifier = Verifier(client, CONTROLS)
    assert verify(verifier, b"strange") == {"id": "7", "error": "a blank screen"}
    assert "result" in verify(verifier, b"good")
    assert client.shown == [b"good", b"bad", b"strange", b"good", b"bad", b"good"]


OWN = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" + (
    base64.encodebytes(b"..." + kinds.PSS + b"...").replace(b"\n", b"\r\n")
)


def test_a_kind_that_the_client_treats_in_its_own_way_is_no_verdict() -> None:
    client = Client()
    client.shows |= {OWN: Shown.BAD, b"of the kind": Shown.BAD, b"other": Shown.BAD}
    of_kind = {Kind.PSS: Control("k", b"of the kind", (Shown.GOOD,))}
    verifier = Verifier(client, Controls("ROOT", CONTROLS.each, of_kind))
    told = verify(verifier, OWN)
    assert told["unimplemented"] is True
    assert "RSASSA-PSS is shown as not good" in told["reason"]
    assert verify(verifier, b"other")["result"]["outcome"] == "signature-invalid"
    # Where it shows it as it does its own control, but that is what it should do.
    client.shows[b"of the kind"] = Shown.GOOD
    assert verify(verifier, OWN, "A")["result"]["outcome"] == "signature-invalid"


def test_the_kinds_of_the_controls(made: Controls) -> None:
    assert {kind: kinds_of(c.message) for kind, c in made.of_kinds.items()} == {
        kind: frozenset({kind}) for kind in Kind
    }
    assert [kinds_of(c.message) for c in made.each] == [frozenset()] * len(made.each)


def test_what_is_in_an_envelope_is_asked_of_no_client() -> None:
    groups = ("/wrapped-and-closed/", "/wrapped-and-opened/")
    closed = [v for v in vectors_of(Edition.RFC) if holds_envelope(v.message)]
    assert closed == [v for v in vectors_of(Edition.RFC) if any(g in v.id for g in groups)]
    client = Client()
    told = verify(Verifier(client, CONTROLS), closed[0].message)
    assert told["unimplemented"] is True and client.shown == []


@pytest.mark.parametrize("message", [b"", b"\r\n", b"\xff" * 99, b"Content-Type: multipart/x\r\n"])
def test_messages_of_no_kind(message: bytes) -> None:
    assert kinds_of(message) == frozenset()


def test_an_answer_does_not_take_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_client, "ANSWER_SECONDS", 0.05)
    client = Client()
    monkeypatch.setattr(client, "trust", lambda roots: time.sleep(PATIENCE))
    told = verify(Verifier(client, CONTROLS), b"good")
    assert told == {"id": "7", "error": "it is not done within 0 s"}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"", "no JSON object"),
        (b"[]", "no JSON object"),
        (b"[" * 100_000, "no JSON object"),
        (b'{"op": "verify"}', "base64"),
        (b'{"op": "verify", "message": "?"}', "base64"),
        (b'{"op": "verify", "message": "", "trust": [1]}', "list of certificates"),
    ],
)
def test_requests_that_are_none(line: bytes, told: str) -> None:
    answer = lines.answer(Verifier(Client(), CONTROLS).operations(), line)
    assert told in answer["error"]
    assert "\n" not in answer["error"]


def test_operations_that_no_mail_client_has() -> None:
    for operation in ("sign", "canonicalize", None, ["verify"]):
        told = asked(Verifier(Client(), CONTROLS), op=operation)
        assert told == {"id": "7", "unimplemented": True}


# The real ones

def client_named(name: str, program: str) -> Any:
    installed = shutil.which(program) is not None
    why = f"{program} is not installed (ci/packages, ci/packages-interop)"
    return pytest.param(name, marks=pytest.mark.skipif(not installed, reason=why))


CLIENTS = [
    client_named("neomutt.py openssl", "neomutt"),
    client_named("neomutt.py gpgme", "neomutt"),
    client_named("thunderbird.py", thunderbird.PROGRAM),
]


class Shim:
    """A shim that runs, in a temporary directory of its own."""

    def __init__(self, name: str, scratch: Path) -> None:
        self.marker = f"MAILASSAY_TEST_SHIM={os.getpid()}-{scratch}"
        key, _, value = self.marker.partition("=")
        program, *arguments = name.split()
        self.process = subprocess.Popen(
            ["/usr/bin/python3", str(SHIMS / program), *arguments],
            env={"PATH": os.environ["PATH"], "TMPDIR": str(scratch), key: value},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"id": "1", **request}).encode() + b"\n")
        self.process.stdin.flush()
        told = json.loads(self.process.stdout.readline())
        assert isinstance(told, dict)
        return told

    def verify(self, message: bytes, *trust: str) -> Any:
        encoded = base64.b64encode(message).decode("ascii")
        told = self.ask(op="verify", edition="rfc", message=encoded, trust=trust)
        assert "result" in told, told
        return told["result"]


@pytest.mark.parametrize("name", CLIENTS)
def test_a_client_shows_what_is_so(name: str, made: Controls, tmp_path: Path) -> None:
    shim = Shim(name, tmp_path)
    told = shim.ask(op="info")
    assert told["result"]["operations"] == ["verify"], told
    for control in made.each:
        result = shim.verify(control.message, made.root)
        assert result["outcome"] in {mail_client.OUTCOMES[s] for s in control.shown}, control.name
        assert result["reason"]
    for kind, control in made.of_kinds.items():
        encoded = base64.b64encode(control.message).decode("ascii")
        told = shim.ask(op="verify", message=encoded, trust=[made.root])
        outcomes = {mail_client.OUTCOMES[s] for s in control.shown}
        assert told.get("unimplemented") or told["result"]["outcome"] in outcomes, kind
    # Nobody trusts that authority any more.
    result = shim.verify(made.each[0].message)
    assert result["outcome"] == "signature-invalid"
    assert shim.ask(op="sign") == {"id": "1", "unimplemented": True}
    shim.process.communicate(timeout=PATIENCE)
    assert shim.process.returncode == 0
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(shutil.which("neomutt") is None, reason="neomutt is not installed")
@pytest.mark.parametrize(
    ("line", "instead", "complaint"),
    [
        ("openssl smime -verify -inform DER -in %s %C -content",
         "openssl smime -verify -inform DER -in %s -noverify -content",
         "control 'signed by a stranger' should be shown as not good"),
        ("openssl smime -verify -inform DER -in %s %C -content %f",
         "echo Verification successful >&2; true",
         "control 'tampered' should be shown as not good"),
        ("openssl x509 -in %f -noout -email", "echo somebody.else@mailassay.test",
         "control 'signed' should be shown as good, and is as good, of somebody else"),
        ('smime_ca_location = "roots.pem"', 'smime_ca_location = "neomuttrc"',
         "control 'signed' should be shown as good, and is as not good"),
        ("crypt_verify_sig = yes", "crypt_verify_sig = no", "control 'signed'"),
        ("status_on_top = no", "status_on_top = yes", "no message on the screen"),
    ],
)
def test_a_client_that_shows_what_is_not_so_is_found_out(
    line: str, instead: str, complaint: str, made: Controls, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert line in neomutt.CONFIGURATION
    changed = neomutt.CONFIGURATION.replace(line, instead)
    monkeypatch.setattr(neomutt, "CONFIGURATION", changed)
    monkeypatch.setattr(neomutt, "DEADLINE", 3.0)
    client = neomutt.NeoMutt(tmp_path, neomutt.Backend.OPENSSL)
    told = verify(Verifier(client, made), made.each[0].message)
    assert complaint in told["error"], told


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("end", ["end of input", "SIGTERM"])
def test_nothing_outlives_a_shim(name: str, end: str, tmp_path: Path) -> None:
    shim = Shim(name, tmp_path)
    assert "result" in shim.ask(op="info")
    assert list(tmp_path.iterdir())
    if end == "SIGTERM":
        shim.process.send_signal(signal.SIGTERM)
    shim.process.communicate(timeout=PATIENCE)
    assert not list(tmp_path.iterdir())
    assert processes_in(tmp_path) == []


@pytest.mark.parametrize("name", CLIENTS)
def test_no_process_outlives_a_shim_that_is_killed(name: str, tmp_path: Path) -> None:
    shim = Shim(name, tmp_path)
    assert "result" in shim.ask(op="info")
    shim.process.kill()
    shim.process.communicate(timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while left := processes_in(tmp_path):
        assert time.monotonic() < deadline, left
        os.sched_yield()


def processes_in(folder: Path) -> list[str]:
    """The command lines of processes whose environment or command line names the folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            told = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if bytes(folder) in told:
            found.append(told.decode(errors="replace"))
    return found
