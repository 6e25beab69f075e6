"""`mailassay milter --role release` with input that nobody should send: it answers in bounded time
and memory, says why, and the message stays with its client."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from milter_role_support import PATIENCE, PROGRAM, Milter, carried, milter
from milter_support import run
from support import ROOT

from mailassay.milter.client import Fate, Outcome

TRUSTED = ROOT / "vectors" / "secure-headers" / "keys" / "root.pem"
MESSAGES = ROOT / "vectors" / "release" / "messages"
RELEASED = (MESSAGES / "submission/authorized/one.eml").read_bytes()
DRAFT = (MESSAGES / "submission/draft/signed.eml").read_bytes()
REST = RELEASED.partition(b"\r\n")[2]
USER = b"one@mil.example"
# What the process may hold: it needs 20 MB for the program itself and several copies of a message.
MOST_DATA = 128_000_000


def config(more: str = "", place: str = "submission", trust: Path = TRUSTED) -> str:
    return (
        f'place = "{place}"\nofficers = ["one@mil.example"]\ntrust = ["{trust}"]\n'
        f'envelopes = "envelopes"\nhanded_in_by = "anybody"\n{more}\n'
    )


def with_field(body: bytes) -> bytes:
    return b"MMHS-Authorizing-Users: " + body + b"\r\n" + REST


def of_megabytes(line: bytes, megabytes: int) -> bytes:
    return b"\r\n ".join([line] * (megabytes * 1_000_000 // len(line)))


# No more than what it should be: the user's address.
STRANGE = {
    "octets that are no UTF-8": with_field(b'"\xff\xfe" <' + USER + b">"),
    "an encoded-word that does not end": with_field(b"=?utf-8?q?one <" + USER + b">"),
}
FIELD = b"MMHS-Authorizing-Users: " + USER + b"\r\n"
HOSTILE = {
    "a megabyte of comments": with_field(of_megabytes(b"(x)", 1) + USER),
    "ten thousand addresses": with_field(b",\r\n ".join([USER] * 10_000)),
    "ten thousand others": with_field(USER + b",\r\n x@mil.example" * 10_000),
    "comments within comments": with_field(b"(" * 900 + b")" * 900 + USER),
    "comments that do not end": with_field(b"\r\n ".join([b"(" * 900] * 100) + USER),
    "nobody": with_field(b""),
    "ten thousand fields": FIELD * 10_000 + REST,
}
# A header may have four.
TEN_MEGABYTES = with_field(of_megabytes(b"(" + b"x" * 900 + b")", 10) + USER)


def refused(outcome: Outcome) -> None:
    assert outcome.fate is Fate.REJECTED
    assert outcome.reply.text.startswith(b"550 5.7.1 Not released: ")
    assert not outcome.changes


async def still_works(running: Milter) -> None:
    assert (await carried(running.socket, RELEASED)).fate is Fate.ACCEPTED


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_field_is_read(tmp_path: Path, name: str) -> None:
    async def body() -> None:
        async with milter(tmp_path, "release", config(), most_data=MOST_DATA) as running:
            assert (await carried(running.socket, STRANGE[name])).fate is Fate.ACCEPTED
            assert running.messages()[0]["release"] == "passes"

    run(body())


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_field_is_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    async def body() -> None:
        async with milter(tmp_path, "release", config(), most_data=MOST_DATA) as running:
            refused(await carried(running.socket, HOSTILE[name]))
            told = running.messages()[0]
            assert (told["outcome"], told["release"]) == ("refused", "refused")
            assert told["why"].startswith(("release.", "imf."))
            await still_works(running)

    run(body())


def test_a_field_of_ten_megabytes_is_refused_with_a_reason(tmp_path: Path) -> None:
    async def body() -> None:
        async with milter(tmp_path, "release", config(), most_data=MOST_DATA) as running:
            outcome = await carried(running.socket, TEN_MEGABYTES)
            assert outcome.fate is Fate.REJECTED
            assert outcome.reply.text.startswith(b"552 5.3.4 ")
            assert running.messages()[0]["why"] == "milter.header.too-large"
            await still_works(running)

    run(body())


def test_a_nul_is_refused(tmp_path: Path) -> None:
    """The protocol ends a value at its first NUL; the body has the rest."""
    async def body() -> None:
        async with milter(tmp_path, "release", config(), most_data=MOST_DATA) as running:
            refused(await carried(running.socket, RELEASED.replace(b"dawn", b"d\0wn")))
            await still_works(running)

    run(body())


def test_an_envelope_outlives_a_kill(tmp_path: Path) -> None:
    """What was taken finds its recipients again, whatever ends the program."""
    async def body() -> None:
        (tmp_path / "envelopes").mkdir()
        async with milter(tmp_path, "release", config()) as running:
            taken = await carried(running.socket, DRAFT)
            assert taken.fate is Fate.ACCEPTED
            assert running.messages()[0]["release"] == "to-officers"
            running.process.kill()
            await running.process.wait()
        (name,) = (tmp_path / "envelopes").iterdir()
        reference = f"Draft-Reference: {name.name}\r\n".encode()
        async with milter(tmp_path, "release", config()) as running:
            back = await carried(running.socket, reference + RELEASED)
            assert back.fate is Fate.ACCEPTED
            assert running.messages()[0]["envelope"] == "restored"

    run(body())


def test_it_is_started_with_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "release.toml").write_text(config(trust=tmp_path / "none.pem"))
    ended = subprocess.run(
        [PROGRAM, "milter", "--role", "release", "--config", tmp_path / "release.toml",
         "--socket", f"unix:{tmp_path}/socket"],
        capture_output=True, text=True, timeout=PATIENCE,
    )
    assert ended.returncode == 2
    assert "cli.input.unreadable" in ended.stderr and len(ended.stderr.splitlines()) == 1
