"""`mailassay milter` as an MTA meets it: the roles of a Domain Confidentiality Authority over the
protocol, with the harness's own client on the other side."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest
from milter_role_support import PATIENCE, PROGRAM, carried, letter, milter, session
from milter_support import run
from support import ROOT

from mailassay.leaks import look_for
from mailassay.milter import codec
from mailassay.milter.client import Fate, open_connection
from mailassay.milter.words import Command

SIGNERS = ROOT / "vectors" / "secure-headers" / "keys"
AUTHORITIES = ROOT / "vectors" / "dca" / "keys"

SUBJECT = "the seventh quarterly figures"
PLAIN = (
    f"From: Alice <alice@example.org>\r\nSubject: {SUBJECT}\r\nTo: bob@example.net\r\n"
    "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nA body that nobody else reads.\r\n"
).encode()
HIDDEN = {"Subject": SUBJECT, "body": "A body that nobody else reads."}


def out_config(certificate: str = "dca-rsa.pem", more: str = "") -> str:
    return f'{more}\n[domains]\n"example.net" = ["{AUTHORITIES}/{certificate}"]\n'


def in_config(name: str = "dca-rsa", more: str = "") -> str:
    keys = AUTHORITIES / name
    return f'certificate = "{keys}.pem"\nkey = "{keys}.key.pem"\n{more}\n'


def signed(folder: Path, message: bytes = PLAIN) -> bytes:
    policy = folder / "policy.toml"
    policy.write_text('algorithm = "simple"\n[secured]\nFrom = "duplicated"\nSubject = "deleted"\n')
    made = subprocess.run(
        [PROGRAM, "sign", "--policy", policy, "--certificate", SIGNERS / "alice-rsa.pem",
         "--key", SIGNERS / "alice-rsa.key.pem"],
        input=message, capture_output=True, timeout=PATIENCE, check=True,
    )
    return made.stdout


def verdict(octets: bytes) -> str:
    judged = subprocess.run(
        [PROGRAM, "verify", "--json", "--ca-file", SIGNERS / "root.pem", "-"],
        input=octets, capture_output=True, timeout=PATIENCE,
    )
    return str(json.loads(judged.stdout)["outcome"])


@pytest.mark.parametrize("chunk", [1, 65_535])
def test_what_one_hides_the_other_restores(tmp_path: Path, chunk: int) -> None:
    async def body() -> None:
        message = signed(tmp_path)
        async with (
            milter(tmp_path, "dca-out", out_config()) as outside,
            milter(tmp_path, "dca-in", in_config()) as inside,
        ):
            sent = await carried(outside.socket, message, chunk)
            assert sent.fate is Fate.ACCEPTED
            assert not look_for(HIDDEN, {"wire": sent.after.octets, "log": outside.log})
            came = await carried(inside.socket, sent.after.octets, chunk)
            assert came.after.octets == message
            assert verdict(came.after.octets) == "valid"
            assert not look_for(HIDDEN, {"log": inside.log})
            assert [(m["outcome"], m["header"]) for m in outside.messages()] == [
                ("changed", "hidden")
            ]
            assert [(m["outcome"], m["header"]) for m in inside.messages()] == [
                ("changed", "restored")
            ]

    run(body())


def test_the_leak_check_would_see_a_leak(tmp_path: Path) -> None:
    """The control: what is not signed is encrypted under the header that it has."""
    async def body() -> None:
        async with milter(tmp_path, "dca-out", out_config()) as outside:
            sent = await carried(outside.socket, PLAIN)
            assert [leak.name for leak in look_for(HIDDEN, {"wire": sent.after.octets})] == [
                "Subject"
            ]
            assert outside.messages()[0]["header"] == "not-signed"

    run(body())


def test_messages_follow_on_one_connection(tmp_path: Path) -> None:
    async def body() -> None:
        message = signed(tmp_path)
        async with milter(tmp_path, "dca-out", out_config()) as outside:
            async with session(outside.socket) as connection:
                for _ in range(3):
                    outcome = await connection.carry(letter(message))
                    assert b"pkcs7-mime" in outcome.after.octets
                await connection.command(Command.MAIL, codec.texts((b"<alice@example.org>",)))
                await connection.abort()
                assert (await connection.carry(letter(message))).fate is Fate.ACCEPTED
            assert len(outside.messages()) == 4

    run(body())


def test_what_can_not_be_opened_is_refused_as_configured(tmp_path: Path) -> None:
    async def body() -> None:
        async with milter(tmp_path, "dca-out", out_config()) as outside:
            sealed = (await carried(outside.socket, signed(tmp_path))).after.octets
        head, _, envelope = sealed.partition(b"\r\n\r\n")
        damaged = head + b"\r\n\r\n" + envelope[: len(envelope) // 8 * 4] + b"\r\n"
        for word, fate, code in (
            ("temporary", Fate.DEFERRED, b"451 4.7.5"), ("permanent", Fate.REJECTED, b"554 5.7.5")
        ):
            more = f'on_fault = "{word}"\non_foreign = "{word}"'
            async with milter(tmp_path, "dca-in", in_config(more=more)) as inside:
                outcome = await carried(inside.socket, damaged)
                assert outcome.fate is fate
                assert outcome.reply.text.startswith(code)
                assert not outcome.changes
                assert [m["outcome"] for m in inside.messages()] == ["refused"]
            async with milter(tmp_path, "dca-in", in_config("dca-p256", more)) as other:
                assert (await carried(other.socket, sealed)).fate is fate
        async with milter(tmp_path, "dca-in", in_config("dca-p256")) as other:
            delivered = await carried(other.socket, sealed)
            assert (delivered.fate, delivered.changes) == (Fate.ACCEPTED, ())
            assert delivered.after.octets == sealed
            assert other.messages()[0]["why"] == "crypto.decrypt.not-a-recipient"

    run(body())


def test_a_message_is_for_encrypted_recipients_or_for_others(tmp_path: Path) -> None:
    async def body() -> None:
        both = letter(
            signed(tmp_path), (b"<bob@example.net>", b"<carol@example.com>", b"<dave@example.net>")
        )
        async with milter(tmp_path, "dca-out", out_config()) as outside:
            async with session(outside.socket) as connection:
                outcome = await connection.carry(both)
            assert list(outcome.refused) == [b"<carol@example.com>"]
            assert outcome.refused[b"<carol@example.com>"].text.startswith(b"452 4.5.3")
            assert outcome.after.recipients == (b"<bob@example.net>", b"<dave@example.net>")
            assert not look_for(HIDDEN, {"wire": outcome.after.octets})

    run(body())


def test_it_ends_when_asked_and_leaves_nothing(tmp_path: Path) -> None:
    async def body() -> None:
        async with milter(tmp_path, "dca-out", out_config()) as outside:
            async with open_connection(outside.socket) as open_to_the_end:
                await open_to_the_end.negotiate()
                outside.process.terminate()
                async with asyncio.timeout(PATIENCE):
                    assert await outside.process.wait() == 0
            assert not (tmp_path / "dca-out.sock").exists()

    run(body())


@pytest.mark.parametrize(
    ("role", "config", "told"),
    [
        ("dca-out", "", "cli.config.missing"),
        ("dca-out", "[domains]\n", "cli.config.missing"),
        ("dca-out", '[domains]\n"example.net" = []\n', "cli.config.wrong-type"),
        ("dca-out", '[domains]\n"example.net" = ["none.pem"]\n', "cli.input.unreadable"),
        ("dca-out", out_config(more='cipher = "rot13"'), "cli.config.wrong-type"),
        ("dca-out", out_config(more='surprise = 1'), "cli.config.unknown-key"),
        ("dca-out", out_config(more="[replace]\nSubject = 1"), "cli.config.wrong-type"),
        ("dca-out", out_config(more='[replace]\nSubject = "a\\nb"'), "imf."),
        ("dca-out", "domains = \n", "cli.config.syntax"),
        ("dca-in", "", "cli.config.missing"),
        ("dca-in", in_config(more='on_foreign = "drop"'), "cli.config.wrong-type"),
        ("dca-elsewhere", "", "not known"),
    ],
)
def test_a_wrong_configuration_is_told_in_one_line(
    tmp_path: Path, role: str, config: str, told: str
) -> None:
    (tmp_path / "config.toml").write_text(config)
    ended = subprocess.run(
        [PROGRAM, "milter", "--role", role, "--config", tmp_path / "config.toml",
         "--socket", f"unix:{tmp_path}/socket"],
        capture_output=True, text=True, timeout=PATIENCE,
    )
    assert ended.returncode == 2
    assert told in ended.stderr and len(ended.stderr.splitlines()) == 1


def test_a_hundred_megabytes_take_no_memory(tmp_path: Path) -> None:
    """Through both roles, whose processes may hold 48 MB of data."""
    async def body() -> None:
        line = b"a line of a body that has a hundred megabytes\r\n"
        message = signed(tmp_path, PLAIN + line * (100_000_000 // len(line)))
        async with (
            milter(tmp_path, "dca-out", out_config(), most_data=48_000_000) as outside,
            milter(tmp_path, "dca-in", in_config(), most_data=48_000_000) as inside,
        ):
            sent = await carried(outside.socket, message)
            assert sent.fate is Fate.ACCEPTED, outside.log
            came = await carried(inside.socket, sent.after.octets)
            assert came.fate is Fate.ACCEPTED, inside.log
            assert came.after.octets == message

    run(body())
