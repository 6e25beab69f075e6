"""`mailassay milter --role opes` as an MTA meets it, with milters behind it as services: correct
ones, packaged ones and hostile ones."""

from __future__ import annotations

import asyncio
import json
import struct
import subprocess
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from milter_role_support import (
    LARGE,
    PROGRAM,
    URI,
    Milter,
    callout,
    config,
    letter,
    milter,
    service,
    session,
)
from milter_support import DOMAIN, opendkim, run, scripted

from mailassay import paths
from mailassay.callout_mail import dkim_fault, dkim_signed, encrypted, smime_fault, smime_signed
from mailassay.milter.client import Caller, Fate, Outcome, open_connection
from mailassay.milter.codec import texts
from mailassay.milter.message import Mail
from mailassay.milter.words import Answer, Command, Quarantine
from mailassay.milter_session import settings_for
from mailassay.targets.launch import running
from mailassay.targets.model import load
from mailassay.verdicts import Edition

MESSAGE = (
    f"From: Ann <ann@{DOMAIN}>\r\nTo: bob@to.example\r\nSubject: a subject\r\n"
    "Date: Thu, 01 Jan 2026 12:00:00 +0000\r\nMessage-ID: <1@signed.example>\r\n\r\nA line.\r\n"
).encode()
MARKED = MESSAGE + b"mailassay-mark-of-the-lab\r\n"
ASKING = b"OPES-Bypass: *\r\n" + MESSAGE


INSIDE = replace(Caller(), macros={**Caller().macros, b"{auth_authen}": b"ann"})


async def carried(opes: Milter, mail: Mail, caller: Caller | None = None) -> Outcome:
    async with session(opes.socket, caller) as connection:
        return await connection.carry(mail)


def test_two_services_are_called_and_told(tmp_path: Path) -> None:
    async def body() -> None:
        async with AsyncExitStack() as stack:
            dkim = await stack.enter_async_context(opendkim(tmp_path))
            other = await stack.enter_async_context(callout(tmp_path))
            opes = await stack.enter_async_context(
                milter(tmp_path, "opes", config(service("dkim", dkim), service("x", other)))
            )
            outcome = await carried(opes, letter(MESSAGE))
            assert outcome.fate is Fate.ACCEPTED, opes.log
            after = outcome.after
            assert after.values(b"OPES-System") == (f'{URI}; policy="{URI}policy"'.encode(),)
            assert after.values(b"OPES-Via") == (f"{URI}dkim, {URI}x".encode(),)
            assert len(after.values(b"Authentication-Results")) == 2
            # The second has seen the field of the first, the trace and five others.
            assert b" in 8 fields " in after.values(b"X-Callout")[0]
            assert after.octets.endswith(MESSAGE)
            assert opes.messages()[0]["called"] == f"{URI}dkim {URI}x"

    run(body())


@pytest.mark.parametrize("stage", ["message", "sender"])
def test_a_refusal_says_why_and_where(tmp_path: Path, stage: str) -> None:
    async def refusing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for kind in commands(reader):
            if kind == b"O":
                writer.write(answer(b"O" + struct.pack(">III", 6, 1, 0)))
            elif kind == b"M":
                writer.write(answer(b"y550-5.7.1 not\r\n550 5.7.1 this 100%\0"))
            elif kind not in b"DAQ":
                writer.write(answer(b"c"))

    async def body() -> None:
        async with scripted(tmp_path, refusing) as socket:
            services = service("no", socket, f'stage = "{stage}"')
            async with milter(tmp_path, "opes", config(services)) as opes:
                outcome = await carried(opes, letter(MESSAGE))
                assert outcome.fate is Fate.REJECTED
                wanted = Command.MAIL if stage == "sender" else Command.END_OF_MESSAGE
                assert outcome.at is wanted
                assert outcome.reply.text.split(b"\r\n") == [
                    b"550-5.7.1 not", b"550-5.7.1 this 100%%",
                    b"550 5.7.1 OPES-System: " + URI.encode(),
                ]
                assert not outcome.changes

    run(body())


@pytest.mark.parametrize(
    ("name", "message", "code"),
    [
        ("sound-callout", MARKED, b"550-5.7.1 "),
        ("callout-discards", MARKED, b"550-5.7.1 "),
        ("callout-refuses-without-reason", MARKED, b"550-5.7.1 "),
        ("callout-silent-without-author", b"To: bob@to.example\r\n\r\nx\r\n", b"451-4.3.0 "),
        ("callout-answers-twice", MESSAGE, b"451-4.3.0 "),
        ("callout-changes-early", MESSAGE, b"451-4.3.0 "),
    ],
)
def test_what_services_do_ends_in_a_verdict(
    tmp_path: Path, name: str, message: bytes, code: bytes
) -> None:
    async def body() -> None:
        async with callout(tmp_path, name) as socket:
            settings = config(service("x", socket), more="timeout = 1")
            async with milter(tmp_path, "opes", settings) as opes:
                outcome = await carried(opes, letter(message))
                assert outcome.reply.text.startswith(code), outcome.told
                assert outcome.reply.text.endswith(b"OPES-System: " + URI.encode())
                # The next message has nothing of this one.
                if message == MARKED:
                    assert (await carried(opes, letter(MESSAGE))).fate is Fate.ACCEPTED

    run(body())


async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def closes(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def talks_nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await reader.read()


async def says_a_gigabyte(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    async for kind in commands(reader):
        if kind == b"O":
            writer.write(answer(b"O" + struct.pack(">III", 6, 0x7F, 0)))
        elif kind == b"E":
            piece = answer(b"b" + b"x" * 65_535)
            for _ in range(20_000):
                writer.write(piece)
                await writer.drain()
        elif kind not in b"DAQ":
            writer.write(answer(b"c"))


async def talks_without_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b"O" + struct.pack(">III", 6, 0x7F, 0)))
    piece = answer(b"b" + b"x" * 65_535)
    while not writer.is_closing():
        writer.write(piece)
        await writer.drain()


async def asks_for_more(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(answer(b"O" + struct.pack(">III", 6, 0xFFFFFFFF, 0xFFFFFFFF)))
    await reader.read()


async def commands(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while True:
        (length,) = struct.unpack(">I", await reader.readexactly(4))
        yield (await reader.readexactly(length))[:1]


def answer(octets: bytes) -> bytes:
    return struct.pack(">I", len(octets)) + octets


@pytest.mark.parametrize(
    "script",
    [hangs, closes, talks_nonsense, talks_without_end, asks_for_more, says_a_gigabyte],
)
def test_a_hostile_service_is_bounded(tmp_path: Path, script: object) -> None:
    async def body() -> None:
        assert callable(script)
        async with scripted(tmp_path, script) as socket:
            temporary, optional = service("x", socket), service("x", socket, 'on_failure = "go-on"')
            for services, fate in ((temporary, Fate.DEFERRED), (optional, Fate.ACCEPTED)):
                settings = config(services, more="timeout = 2")
                async with milter(tmp_path, "opes", settings, most_data=600_000_000) as opes:
                    outcome = await carried(opes, letter(MESSAGE))
                    assert outcome.fate is fate, opes.log
                    if fate is Fate.ACCEPTED:
                        assert outcome.after.values(b"OPES-System")
                        assert not outcome.after.values(b"OPES-Via")
                        assert outcome.after.octets.endswith(MESSAGE)

    run(body())


def test_a_body_without_end_is_cut_off_and_harms_nobody(tmp_path: Path) -> None:
    """More of it than a message may have is told; the processor holds no memory for it, and its
    end, should it come, is a refusal."""
    piece = b"A line of a body that does not end.\r\n" * 1_700

    async def body() -> None:
        async with callout(tmp_path) as socket:
            settings = config(service("x", socket))
            async with (
                milter(tmp_path, "opes", settings, most_data=100_000_000) as opes,
                open_connection(opes.socket, limits=LARGE) as endless,
            ):
                await endless.negotiate()
                await endless.greet(Caller())
                await endless.command(Command.MAIL, texts((b"<ann@from.example>",)))
                await endless.command(Command.RCPT, texts((b"<bob@to.example>",)))
                await endless.command(Command.END_OF_HEADER)
                for _ in range(2 ** 28 // len(piece) + 10):
                    reply = await endless.command(Command.BODY, piece)
                    if reply.answer is not Answer.CONTINUE:
                        break
                assert (await carried(opes, letter(MESSAGE))).fate is Fate.ACCEPTED
                reply = await endless.command(Command.END_OF_MESSAGE)
                assert reply.text.startswith(b"552 5.3.4 "), reply
                assert (await carried(opes, letter(MESSAGE))).fate is Fate.ACCEPTED

    run(body())


def test_a_bypass_is_for_whoever_may_ask(tmp_path: Path) -> None:
    async def body() -> None:
        async with callout(tmp_path) as one, scripted(tmp_path, closes) as other:
            needed = service("needed", one, "indispensable = true")
            # It would refuse all.
            settings = config(needed, service("optional", other))
            async with milter(tmp_path, "opes", settings) as opes:
                assert (await carried(opes, letter(ASKING))).fate is Fate.DEFERRED
                heard = await carried(opes, letter(ASKING), INSIDE)
                assert heard.fate is Fate.ACCEPTED
                assert heard.after.values(b"OPES-Via") == (f"{URI}needed".encode(),)
                assert heard.after.octets.endswith(ASKING)

    run(body())


def test_a_bypass_is_for_own_clients(tmp_path: Path) -> None:
    async def body() -> None:
        async with scripted(tmp_path, closes) as socket:
            own = f'own_clients = ["198.51.100.1", "{Caller().address}"]'
            settings = config(service("optional", socket), more=own)
            async with milter(tmp_path, "opes", settings) as opes:
                heard = await carried(opes, letter(ASKING))
                assert heard.fate is Fate.ACCEPTED
                assert heard.after.values(b"OPES-System")
                assert not heard.after.values(b"OPES-Via")

    run(body())


@asynccontextmanager
async def packaged_opendkim(folder: Path) -> AsyncIterator[str]:
    """opendkim as its target file has it; its socket."""
    target = load(paths.TARGETS / "opendkim.toml")
    async with running(target, settings_for(Edition.RFC, folder), folder, None) as launched:
        yield launched.socket


def test_a_packaged_service_refuses_in_its_own_words(tmp_path: Path) -> None:
    async def body() -> None:
        folder = tmp_path / "opendkim"
        folder.mkdir()
        told = load(paths.TARGETS / "opendkim.toml").refused
        message = told.lstrip().replace("\n", "\r\n").encode()
        async with packaged_opendkim(folder) as dkim:
            settings = config(service("dkim", dkim))
            async with milter(tmp_path, "opes", settings) as opes:
                outcome = await carried(opes, letter(message))
                assert outcome.fate is Fate.REJECTED, outcome.told
                assert b"bad DKIM signature data" in outcome.reply.text
                assert outcome.reply.text.endswith(b"OPES-System: " + URI.encode())

    run(body())


def test_a_bypass_of_the_dialogue_is_read(tmp_path: Path) -> None:
    async def body() -> None:
        async with scripted(tmp_path, closes) as socket:
            async with milter(tmp_path, "opes", config(service("x", socket))) as opes:
                asking = replace(letter(MESSAGE), sender_parameters=(b"XOPESBYPASS=*",))
                heard = await carried(opes, asking, INSIDE)
                assert heard.fate is Fate.ACCEPTED
                assert heard.after.values(b"OPES-Bypass") == (b"*",)
                wrong = replace(asking, sender_parameters=(b"XOPESBYPASS=+zz",))
                refused = await carried(opes, wrong, INSIDE)
                assert (refused.at, refused.fate) == (Command.MAIL, Fate.REJECTED)
                assert refused.reply.text.startswith(b"501 5.5.4 ")

    run(body())


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("callout-adds-footer", smime_signed("detached")),
        ("callout-retypes", smime_signed("opaque")),
        ("callout-folds-encrypted", encrypted()),
    ],
)
def test_what_is_signed_or_encrypted_is_whole_whatever_a_service_does(
    tmp_path: Path, name: str, held: Mail
) -> None:
    """Each service breaks it where it is asked by itself; openssl says so of signatures."""
    kind = b"Content-Type"

    def fault(outcome: Outcome) -> bool:
        whole = (held.body, held.values(kind)) == (outcome.after.body, outcome.after.values(kind))
        return not whole or ("folds" not in name and smime_fault(outcome.after) is not None)

    async def body() -> None:
        async with callout(tmp_path, name) as socket:
            async with session(socket) as connection:
                assert fault(await connection.carry(held))
            async with milter(tmp_path, "opes", config(service("x", socket))) as opes:
                outcome = await carried(opes, held)
                assert outcome.after.values(b"OPES-Via") == (f"{URI}x".encode(),)
                assert not fault(outcome)

    run(body())


def test_a_dkim_signature_holds_beneath_the_trace(tmp_path: Path) -> None:
    async def body() -> None:
        folder = tmp_path / "opendkim"
        folder.mkdir()
        async with (
            packaged_opendkim(folder) as dkim, callout(tmp_path) as other,
            milter(tmp_path, "opes", config(service("x", other), service("dkim", dkim))) as opes,
        ):
            held = dkim_signed()
            after = (await carried(opes, held)).after
            assert after.values(b"OPES-Via") == (f"{URI}x, {URI}dkim".encode(),)
            assert dkim_fault(held, after) is None
            # opendkim has verified it with the trace above it.
            told = after.values(b"Authentication-Results")
            assert any(b"dkim=pass" in value for value in told), told

    run(body())


def test_what_is_refused_can_be_held(tmp_path: Path) -> None:
    async def body() -> None:
        async with callout(tmp_path) as socket:
            settings = config(service("x", socket, 'on_refusal = "quarantine"'))
            async with milter(tmp_path, "opes", settings) as opes:
                outcome = await carried(opes, letter(MARKED))
                assert outcome.fate is Fate.ACCEPTED, outcome.told
                reason = b"Refused: it has the mark of the lab; OPES-System: " + URI.encode()
                assert [c.reason for c in outcome.changes if isinstance(c, Quarantine)] == [reason]
                assert outcome.after.values(b"OPES-Via") == (f"{URI}x".encode(),)
                assert outcome.after.octets.endswith(MARKED)
                assert opes.messages()[-1]["held"] == f"{URI}x"

    run(body())


def test_a_pair_is_let_through_from_when_it_is_on_the_list(tmp_path: Path) -> None:
    async def body() -> None:
        allowed = tmp_path / "allowed"
        async with callout(tmp_path) as one, callout(tmp_path, "callout-discards") as other:
            services = service("one", one), service("other", other, "indispensable = true")
            settings = config(*services, more=f'allow_list = "{allowed}"')
            async with milter(tmp_path, "opes", settings) as opes:
                before = await carried(opes, letter(MESSAGE))
                assert before.after.values(b"OPES-Via") == (f"{URI}one, {URI}other".encode(),)
                allowed.write_text("alice@example.org bob@example.net  # asked for on the page\n")
                after = await carried(opes, letter(MESSAGE))
                assert after.after.values(b"OPES-Via") == (f"{URI}other".encode(),)
                two = letter(MESSAGE, (b"<bob@example.net>", b"<cid@example.net>"))
                apart = await carried(opes, two)
                assert apart.refused[b"<cid@example.net>"].text.startswith(b"452 4.5.3 ")
                assert apart.after.recipients == (b"<bob@example.net>",)

    run(body())


def test_the_statement_is_for_machines_and_tells_no_addresses(tmp_path: Path) -> None:
    text = config(
        service("spam", "unix:/x", 'handling = { sees = "header", shared_with = ["Example"] }'),
        more='[[consent]]\nside = "sender"\nwho = ["ann@example.org"]\nservices = ["*"]',
    )
    (tmp_path / "opes.toml").write_text(text)
    command = [PROGRAM, "statement", "--config", tmp_path / "opes.toml"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    told = json.loads(ended.stdout)
    schema = json.loads((paths.ROOT / "vectors/schema/opes-statement.schema.json").read_text())
    jsonschema.validate(told, schema)
    assert told["responsible"] == f"{URI}imprint" and told["policy"] == f"{URI}policy"
    assert told["services"][0]["handling"]["shared_with"] == ["Example"]
    assert [c["addresses"] for c in told["consent"]] == [1, 0]
    assert "ann@example.org" not in ended.stdout
    (tmp_path / "opes.toml").write_text(text.replace("responsible", "irresponsible"))
    assert subprocess.run(command, capture_output=True, timeout=20).returncode == 2


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cli.config.missing"),
        ('uri = "opes"', "cli.config.wrong-type"),
        (f'uri = "{URI}"', "cli.config.missing"),
        (config(more="surprise = 1"), "cli.config.unknown-key"),
        (config(more="timeout = 0"), "cli.config.wrong-type"),
        (config(more="own_clients = [1]"), "cli.config.wrong-type"),
        (config(more="service = 1"), "cli.config.wrong-type"),
        (config(more="handling = 1"), "cli.config.wrong-type"),
        (config(more='handling = { sees = "all" }'), "cli.config.wrong-type"),
        (config(more="handling = { kept_days = -1 }"), "cli.config.wrong-type"),
        (config(more='[[consent]]\nwho = ["nobody"]\nservices = ["*"]'), "cli.config.wrong-type"),
        (config(more='[[consent]]\nwho = ["*"]'), "cli.config.missing"),
        (config(service("a", "unix:/x")).replace('services = ["*"]', f'services = ["{URI}b"]'),
         "cli.config.unconsented"),
        (config(service("a", "nowhere")), "roles.service.socket"),
        (config(service("a", "unix:/x", "stage = 1")), "cli.config.wrong-type"),
        (config(service("a", "unix:/x"), service("a", "unix:/y")), "cli.config.repeated"),
    ],
)
def test_a_wrong_configuration_is_told(tmp_path: Path, text: str, told: str) -> None:
    async def body() -> None:
        with pytest.raises(AssertionError):
            async with milter(tmp_path, "opes", text):
                pass
        assert told.encode() in (tmp_path / "opes.log").read_bytes()

    run(body())
