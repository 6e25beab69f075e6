"""`mailassay authorize`: what a releasing officer sees and decides, and input that nobody should
send: bounded time and memory, one line with the reason, and the draft stays where it is."""

from __future__ import annotations

import json
import subprocess
import time
from email import message_from_bytes
from pathlib import Path

import pytest
from milter_role_support import PROGRAM
from support import ROOT

VECTORS = ROOT / "vectors" / "release"
TRUSTED = ROOT / "vectors" / "secure-headers" / "keys" / "root.pem"
DRAFT = (VECTORS / "messages/agent/origin/signed.eml").read_bytes()
SEALED = (VECTORS / "messages/agent/sealed/for-others.eml").read_bytes()
UNSIGNED_SEALED = (VECTORS / "messages/agent/sealed/not-signed.eml").read_bytes()
FOR_USER = (VECTORS / "messages/agent/triple-wrapped/signed-again.eml").read_bytes()
USER = "one@mil.example"
CERTIFICATE, KEY = VECTORS / "keys/officer-one.pem", VECTORS / "keys/officer-one.key.pem"
PATIENCE = 60.0
# What the process may hold: several copies of a message of 11 MB and 20 MB for the program itself.
MOST_DATA = 128_000_000
# No field takes seconds on a quiet machine; this is for one that is not.
LONGEST = 20.0


class Ended:
    """The program, once it has ended."""

    def __init__(self, done: subprocess.CompletedProcess[bytes], seconds: float) -> None:
        self.code = done.returncode
        self.out = done.stdout
        self.seconds = seconds
        self._errors = done.stderr.decode("utf-8", "replace")

    @property
    def line(self) -> str:
        lines = [x for x in self._errors.splitlines() if x]
        assert len(lines) == 1, self._errors
        return lines[0]

    @property
    def told(self) -> dict[str, str]:
        return dict(json.loads(self.line))


def authorize(
    folder: Path, decision: str, message: bytes, *more: str, config: str = "", signs: bool = True
) -> Ended:
    (folder / "release.toml").write_text(
        f'officers = ["{USER}", "two@mil.example"]\ntrust = ["{TRUSTED}"]\n{config}\n'
    )
    signer = ["--certificate", CERTIFICATE, "--key", KEY] if signs else []
    begun = time.monotonic()
    done = subprocess.run(
        ["prlimit", f"--data={MOST_DATA}", PROGRAM, "authorize", "--config",
         folder / "release.toml", "--user", USER, "--decision", decision, *signer, *more],
        input=message, capture_output=True, timeout=PATIENCE,
    )
    return Ended(done, time.monotonic() - begun)


def openssl_verifies(message: bytes, folder: Path) -> bool:
    (folder / "message.eml").write_bytes(message)
    return subprocess.run(
        ["openssl", "cms", "-verify", "-in", folder / "message.eml", "-CAfile", TRUSTED,
         "-purpose", "smimesign", "-out", "/dev/null"], capture_output=True,
    ).returncode == 0


# -- what is decided ---------------------------------------------------------------------------


def test_a_review_shows_and_decides_nothing(tmp_path: Path) -> None:
    done = authorize(tmp_path, "review", DRAFT)
    text = done.out.decode()
    assert done.code == 0
    for part in ("Ann <ann@mil.example>", "proven by a signature", "Needed        1 of 2",
                 f"{USER}: may authorize it", "The fleet sails at dawn."):
        assert part in text, text
    assert "MMHS-Authorizing-Users" not in text


def test_what_is_encrypted_to_the_user_he_sees(tmp_path: Path) -> None:
    assert "The fleet sails at dawn." in authorize(tmp_path, "review", FOR_USER).out.decode()
    shown = authorize(tmp_path, "review", SEALED).out.decode()
    assert "it can't be shown" in shown and "fleet" not in shown
    done = authorize(tmp_path, "release", FOR_USER, "--json")
    assert (done.code, done.told["outcome"]) == (0, "released")
    assert openssl_verifies(done.out, tmp_path)


@pytest.mark.parametrize(
    ("decision", "more", "outcome"),
    [
        ("release", (), "released"), ("forward", ("--to", "two@mil.example"), "to-next"),
        ("return", ("--reason", "No"), "returned"), ("discard", (), "discarded"),
        ("redraft", (), "redrafted"),
    ],
)
def test_each_decision_is_told_and_written(
    tmp_path: Path, decision: str, more: tuple[str, ...], outcome: str
) -> None:
    done = authorize(tmp_path, decision, DRAFT, "--json", *more)
    assert (done.code, done.told["outcome"]) == (0, outcome)
    assert (done.out == b"") is (decision == "discard")
    for_a_person = authorize(tmp_path, decision, DRAFT, *more)
    assert for_a_person.code == 0 and for_a_person.line.startswith(outcome)


def test_the_output_is_whole_or_not_there(tmp_path: Path) -> None:
    out = tmp_path / "released.eml"
    assert authorize(tmp_path, "release", DRAFT, "--out", str(out)).code == 0
    assert openssl_verifies(out.read_bytes(), tmp_path)
    before = out.read_bytes()
    refused = authorize(tmp_path, "release", b"Subject: s\r\n\r\nx\r\n", "--out", str(out))
    assert refused.code == 1 and out.read_bytes() == before
    nowhere = authorize(tmp_path, "release", DRAFT, "--out", str(tmp_path / "none" / "x"))
    assert nowhere.code == 2 and not (tmp_path / "none").exists()


# -- what can't be read --------------------------------------------------------------------------


def test_the_sender_of_what_can_not_be_decrypted_hears_of_it(tmp_path: Path) -> None:
    done = authorize(tmp_path, "release", SEALED, "--json", signs=False)
    assert (done.code, done.told["outcome"]) == (1, "returned")
    assert done.told["notice"] == "ann@mil.example"
    report = message_from_bytes(done.out)
    assert report.get_content_type() == "multipart/report"
    assert report["To"] == "ann@mil.example"
    assert b"Action: failed" in done.out and b"Status: 5.7.5" in done.out
    # By the MAY of the text: what could not be decrypted.
    assert b"enveloped-data" in done.out


def test_a_flood_of_such_mail_reaches_nobody(tmp_path: Path) -> None:
    """Whose it is nothing proves: it is kept, and whom it names hears nothing of it."""
    for _ in range(20):
        done = authorize(tmp_path, "release", UNSIGNED_SEALED, "--json")
        assert (done.code, done.out) == (1, b"")
        assert done.told["outcome"] == "set-aside"
        assert "sealed" in done.told["reason"]
    kept = authorize(tmp_path, "release", SEALED, "--json", config='unreadable = "hold"')
    assert (kept.told["outcome"], kept.out) == ("set-aside", b"")


# -- bad input -----------------------------------------------------------------------------------

FIELD = b"MMHS-Authorizing-Users: "
HOSTILE = {
    "ten megabytes": b"\r\n ".join([b"(" + b"x" * 900 + b")"] * 11_000) + USER.encode(),
    "a megabyte of comments": b"\r\n ".join([b"(x)"] * 330_000) + USER.encode(),
    "ten thousand addresses": b",\r\n ".join([b"x@mil.example"] * 10_001),
    "comments within comments": b"(" * 900 + b")" * 900 + USER.encode(),
    "comments that do not end": b"\r\n ".join([b"(" * 900] * 100) + USER.encode(),
    "a NUL": b"two@mil.example\0, three@mil.example",
    "an encoded-word that does not end": b"=?utf-8?q?one, two@mil.example",
    "half a character": b'"\xff\xc3" <two@',
    "nobody": b"",
    "twice": b"two@mil.example\r\n" + FIELD + b"two@mil.example",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("decision", ["release", "review"])
def test_a_hostile_field_is_kept_and_the_reason_said(
    tmp_path: Path, name: str, decision: str
) -> None:
    done = authorize(tmp_path, decision, FIELD + HOSTILE[name] + b"\r\n" + DRAFT)
    assert done.seconds < LONGEST
    if decision == "review":
        shown = done.out.decode()
        told = shown if done.code == 0 else done.line
        assert "CAN'T BE READ" in told or "too-large" in told, told[:2000]
        return
    assert done.code == 1
    assert any(word in done.line for word in ("imf.", "release.field.")), done.line
    # Whatever is to be handed in is a note; nothing is released.
    assert not done.out or b"Not released" in done.out


@pytest.mark.parametrize(
    ("replaced", "complaint"),
    [
        (("--certificate", "none.pem"), "cli.input.unreadable"),
        (("--key", "none.pem"), "cli.input.unreadable"),
        (("--key", str(TRUSTED)), "crypto.key.none"),
        (("--key", str(VECTORS / "keys/eve.key.pem")), "cli.key.mismatch"),
        (("--key", "locked.pem"), "crypto.key.password"),
        (("--password-file", "none"), "cli.input.unreadable"),
        (("--user", "nobody"), "imf.address."),
        (("--decision", "perhaps"), "cli.authorize.decision"),
        (("--to", USER), "--to goes with forward"),
        (("--config", "none.toml"), "cli.input.unreadable"),
    ],
)
def test_bad_arguments_are_told_in_one_line(
    tmp_path: Path, replaced: tuple[str, str], complaint: str
) -> None:
    (tmp_path / "release.toml").write_text(
        f'officers = ["{USER}"]\ntrust = ["{TRUSTED}"]\n'
    )
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-in", KEY, "-out", tmp_path / "locked.pem",
         "-passout", "pass:right"], check=True,
    )
    (tmp_path / "wrong").write_text("wrong\n")
    arguments = {
        "--config": "release.toml", "--user": USER, "--decision": "release",
        "--certificate": str(CERTIFICATE), "--key": str(KEY), "--password-file": "wrong",
    } | dict([replaced])
    done = subprocess.run(
        [PROGRAM, "authorize", *(x for pair in arguments.items() for x in pair)],
        input=DRAFT, capture_output=True, cwd=tmp_path, timeout=PATIENCE,
    )
    ended = Ended(done, 0)
    assert ended.code == 2 and complaint in ended.line and ended.out == b""


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ('needed = 3', "release.policy.needed"), ('order = "sorted"', "cli.config.wrong-type"),
        ('officer = "x"', "cli.config.unknown-key"), ("[[[", "cli.config.syntax"),
        ('mailbox = "x y"', "cli.config.wrong-type"), ('dkim_keys = "none"', "unreadable"),
        ('dkim_keys = "release.toml"', "dkim."), ("needed = 99999999999999999999", "cli.config."),
        ("x = " + "[" * 100_000, "cli.config.syntax"),
    ],
)
def test_a_bad_configuration_is_told_in_one_line(
    tmp_path: Path, config: str, complaint: str
) -> None:
    done = authorize(tmp_path, "release", DRAFT, config=config)
    assert done.code == 2 and complaint in done.line and done.out == b""
