"""The submitting peer, against servers that do anything but answer."""

import asyncio
from pathlib import Path

import pytest

from mailassay.peers.smtp_client import MAX_REPLY_LINES, Hello, Injection, Reply, Submission
from mailassay.peers.tls import server_context
from mailassay.peers.transcript import Recorder
from mailassay.peers.wire import ConnectionEnded, Ending, HandshakeFailed, PeerProblem, Wire
from mailassay.verdicts import Kind, Party
from mailassay.world import Answer, Certificate, Faults
from peers_support import (
    HOST,
    LOOPBACK,
    Script,
    hostile,
    issue,
    run,
    short,
    staged,
    told,
    unused_port,
)

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


def says(*answers: bytes) -> Script:
    """Greets with the first answer, gives the next one to each line, then closes its side."""

    async def script(reader: Reader, writer: Writer) -> None:
        for number, answer in enumerate(answers):
            if number:
                await reader.readline()
            writer.write(answer)
            await writer.drain()
        writer.write_eof()
        await reader.read()

    return script


async def never(reader: Reader, writer: Writer) -> None:
    """Says nothing, for as long as the other side is there."""
    await reader.read()


def after_greeting(script: Script) -> Script:
    async def greeted(reader: Reader, writer: Writer) -> None:
        writer.write(b"220 hostile ESMTP\r\n")
        await reader.readline()
        await script(reader, writer)

    return greeted


async def answer_to_ehlo(script: Script, deadline: float = 5.0) -> Hello:
    async with hostile(script) as there, await there.client(deadline) as client:
        return await client.ehlo()


@pytest.mark.parametrize(
    "answers, problem",
    [
        ((b"",), "the connection was closed"),
        ((b"554 go away\r\n",), "the greeting was 554 go away"),
        ((b"SSH-2.0-x\r\n",), "no SMTP reply: SSH-2.0-x"),
        ((b"\x00\x01\x02\r\n",), r"no SMTP reply: \x00\x01\x02"),
        ((b"220 ok\r\n", b"250-a\r\n550 b\r\n"), "no SMTP reply: 550 b"),
        ((b"220 ok\r\n", b"250-a\r\n"), "the connection was closed"),
        ((b"220 ok\r\n", b"250-a\r\n25"), "the connection was closed"),
        ((b"220 ok\r\n", b"250_a\r\n"), "no SMTP reply: 250_a"),
        ((b"220 ok\r\n", b"999 a\r\n"), "no SMTP reply: 999 a"),
        ((b"220 ok\r\n", b"\r\n"), "no SMTP reply: "),
        ((b"220 ok\r\n", b"250 " + b"x" * 9_000 + b"\r\n"), "a line of more than 8192 octets"),
        ((b"220 ok\r\n", b"x" * 200_000), "a line of more than 8192 octets"),
        ((b"220 ok\r\n", b"250-x\r\n" * 50_000), "a reply of more than 200 lines"),
        ((b"220 ok\r\n", b"502 5.5.1 what\r\n"), "EHLO was answered 502 5.5.1 what"),
    ],
    ids=short,
)
def test_no_answer_that_makes_sense(answers: tuple[bytes, ...], problem: str) -> None:
    with pytest.raises(PeerProblem) as raised:
        run(answer_to_ehlo(says(*answers)))
    assert raised.value.what == problem
    assert raised.value.where.startswith(f"submission, target at {LOOPBACK}:")
    assert str(raised.value).isprintable()


@pytest.mark.parametrize("script", [never, after_greeting(never)])
def test_silence(script: Script) -> None:
    with pytest.raises(PeerProblem) as raised:
        run(answer_to_ehlo(script, deadline=0.05))
    assert raised.value.what == "no line came within 0.05 s"


def test_a_trickle_is_bounded_in_time() -> None:
    """The deadline is for the whole line, not for each octet of it."""

    async def trickle(reader: Reader, writer: Writer) -> None:
        while not writer.is_closing():
            writer.write(b"2")
            await asyncio.sleep(0.01)

    with pytest.raises(PeerProblem, match="no line came within 0.1 s"):
        run(answer_to_ehlo(trickle, deadline=0.1))


def test_a_server_that_takes_nothing() -> None:
    async def deaf(reader: Reader, writer: Writer) -> None:
        writer.write(b"220 ok\r\n")
        await asyncio.Event().wait()

    async def body() -> None:
        async with hostile(deaf) as there, await there.client(deadline=0.05) as client:
            with pytest.raises(PeerProblem, match="nothing was taken within 0.05 s"):
                await client.send_raw(b"x" * 20_000_000)

    run(body())


def test_nobody_there() -> None:
    async def body() -> None:
        recorder = Recorder()
        with pytest.raises(PeerProblem, match="no connection could be made: .*Connect call failed"):
            await Submission.open(LOOPBACK, unused_port(), recorder)
        assert told(recorder.conversations[0], Party.LAB, Kind.NOTE)[0].startswith("not connected")

    run(body())


def test_a_problem_is_an_end_of_file_where_it_is_one() -> None:
    async def body() -> None:
        async with hostile(says(b"220 ok\r\n")) as there, await there.client() as client:
            with pytest.raises(EOFError) as raised:
                await client.ehlo()
            assert isinstance(raised.value, ConnectionEnded)
            assert raised.value.ending is Ending.CLOSED

    run(body())


# -- replies -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "octets, code, enhanced, lines",
    [
        (b"250 2.1.0 Ok\r\n", 250, "2.1.0", ("2.1.0 Ok",)),
        (b"250\r\n", 250, None, ("",)),
        (b"550-5.7.30 a\r\n550 5.7.30 b\r\n", 550, "5.7.30", ("5.7.30 a", "5.7.30 b")),
        (b"550 5.7.30\n", 550, "5.7.30", ("5.7.30",)),
        (b"250 5.7.30 of another class\r\n", 250, None, ("5.7.30 of another class",)),
        (b"550 5.7.30.1 no code\r\n", 550, None, ("5.7.30.1 no code",)),
        (b"550 \xff\x00<b>\r\n", 550, None, (r"\xff\x00<b>",)),
    ],
)
def test_replies(octets: bytes, code: int, enhanced: str | None, lines: tuple[str, ...]) -> None:
    async def body() -> Reply:
        async with hostile(says(b"220 ok\r\n", octets)) as there, await there.client() as client:
            return await client.command("NOOP")

    assert run(body()) == Reply(code, enhanced, lines)


def test_a_reply_is_shown_bounded() -> None:
    reply = Reply(250, None, ("x" * 8_000,) * MAX_REPLY_LINES)
    assert len(str(reply)) < 400


def test_what_ehlo_lists() -> None:
    listed = b"250-hi all\r\n250-size 100\r\n250-AUTH PLAIN LOGIN\r\n250-\r\n250 RequireTLS\r\n"
    hello = run(answer_to_ehlo(says(b"220 ok\r\n", listed)))
    assert hello.has("REQUIRETLS") and hello.has("Size") and not hello.has("hi")
    assert hello.parameters("AUTH") == ["PLAIN", "LOGIN"]
    assert hello.parameters("REQUIRETLS") == [] == hello.parameters("DSN")
    assert hello.summary() == "size 100, AUTH PLAIN LOGIN, , RequireTLS"


# -- TLS -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behind, problem",
    [
        (b"", "the connection was closed"),
        (b"\x00\x01\x02\x03\x04\x05", "WRONG_VERSION_NUMBER"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "HANDSHAKE_FAILURE"),
        (b"plaintext\r\n", "the connection was closed"),
        (b"x" * 20_000, "WRONG_VERSION_NUMBER"),
        (b"250 more\r\n" * 20_000, "plaintext without end"),
    ],
    ids=short,
)
def test_no_handshake_behind_220(behind: bytes, problem: str) -> None:
    async def body() -> None:
        script = says(b"220 ok\r\n", b"220 go ahead\r\n" + behind)
        async with hostile(script) as there, await there.client() as client:
            with pytest.raises(HandshakeFailed, match=problem):
                await client.starttls()
            told_of = told(there.recorder.conversations[0], Party.LAB, Kind.TLS)
            assert told_of[-1].startswith("handshake failed: ")

    run(body())


def test_silence_in_the_handshake() -> None:
    async def script(reader: Reader, writer: Writer) -> None:
        writer.write(b"220 ok\r\n")
        await reader.readline()
        writer.write(b"220 go ahead\r\n")
        await never(reader, writer)

    async def body() -> None:
        async with hostile(script) as there, await there.client(0.1) as client:
            with pytest.raises(HandshakeFailed, match="no handshake within 0.1 s"):
                await client.starttls()

    run(body())


def test_starttls_refused() -> None:
    async def body() -> None:
        script = says(b"220 ok\r\n", b"454 4.7.0 no\r\n")
        async with hostile(script) as there, await there.client() as client:
            with pytest.raises(PeerProblem, match="STARTTLS was answered 454 4.7.0 no"):
                await client.starttls()

    run(body())


@pytest.mark.parametrize(
    "kind, subject",
    [(Certificate.TRUSTED, HOST), (Certificate.WEAK, HOST), (Certificate.SELF_SIGNED, HOST)],
)
def test_the_certificate_is_recorded_whatever_it_is(
    tmp_path: Path, kind: Certificate, subject: str
) -> None:
    async def body() -> None:
        async with staged(tmp_path, certificate=kind) as stage:
            async with await stage.client() as client:
                await client.ehlo()
                facts = await client.starttls()
                assert facts.certificate is not None and len(facts.certificate.digest) == 64
                assert subject in facts.certificate.subject and subject in str(facts)
            assert (await stage.ended()).ending == "connection closed without QUIT"

    run(body())


def remembers(folder: Path, answer: bytes | None) -> Script:
    """A server that answers, inside TLS, what came in plaintext behind STARTTLS."""

    async def script(reader: Reader, writer: Writer) -> None:
        issued = issue(folder)
        track = Recorder().open("witness", HOST, "")
        wire = Wire(reader, writer, track, us=Party.TARGET, them=Party.PEER)
        await wire.write_line("220 ok")
        await wire.read_line()
        injected = await wire.read_line()
        await wire.write_line("220 go ahead")
        await wire.start_tls_server(server_context(issued.chain_file, issued.key_file))
        assert injected == b"NOOP"
        if answer is not None:
            await wire.write_raw(answer)
        await wire.read_line()
        await wire.write_lines([f"250-{HOST}", "250 REQUIRETLS"])
        await wire.read_line()
        await wire.write_line("500 what")
        await wire.close(linger=1.0)

    return script


@pytest.mark.parametrize("answer", [b"250 2.0.0 done\r\n", b"502 5.5.1 no\r\n", None])
def test_a_command_that_is_remembered_across_starttls(tmp_path: Path, answer: bytes | None) -> None:
    async def body() -> Injection:
        async with hostile(remembers(tmp_path, answer)) as there:
            async with await there.client() as client:
                return await client.starttls_with_injection("NOOP")

    found = run(body())
    assert found.hello is not None and found.hello.has("REQUIRETLS")
    if answer is None:
        assert found.answered is None
    else:
        assert found.answered is not None and str(found.answered).encode() in answer


def test_an_injection_where_starttls_is_refused() -> None:
    async def body() -> Injection:
        script = says(b"220 ok\r\n", b"454 4.7.0 no\r\n")
        async with hostile(script) as there, await there.client() as client:
            return await client.starttls_with_injection("NOOP")

    assert run(body()) == Injection(Reply(454, "4.7.0", ("4.7.0 no",)))


@pytest.mark.parametrize("goodbye", [True, False])
def test_how_tls_ended(tmp_path: Path, goodbye: bool) -> None:
    async def script(reader: Reader, writer: Writer) -> None:
        issued = issue(tmp_path)
        wire = Wire(
            reader, writer, Recorder().open("witness", HOST, ""), Party.TARGET, Party.PEER
        )
        await wire.write_line("220 ok")
        await wire.read_line()
        await wire.write_line("220 go ahead")
        await wire.start_tls_server(server_context(issued.chain_file, issued.key_file))
        if goodbye:
            await wire.close()

    async def body() -> None:
        async with hostile(script) as there, await there.client() as client:
            await client.starttls()
            with pytest.raises(ConnectionEnded) as raised:
                await client.ehlo()
            wanted = Ending.CLOSE_NOTIFY if goodbye else Ending.TRUNCATED
            assert raised.value.ending is wanted
            closings = told(there.recorder.conversations[0], Party.TARGET, Kind.CLOSE)
            assert closings == [str(wanted)]

    run(body())


def test_tls_broken_by_garbage(tmp_path: Path) -> None:
    async def script(reader: Reader, writer: Writer) -> None:
        issued = issue(tmp_path)
        wire = Wire(
            reader, writer, Recorder().open("witness", HOST, ""), Party.TARGET, Party.PEER
        )
        await wire.write_line("220 ok")
        await wire.read_line()
        await wire.write_line("220 go ahead")
        await wire.start_tls_server(server_context(issued.chain_file, issued.key_file))
        writer.write(b"250 in plaintext\r\n")
        await reader.read()

    async def body() -> None:
        async with hostile(script) as there, await there.client() as client:
            await client.starttls()
            with pytest.raises(PeerProblem, match="TLS broke: "):
                await client.ehlo()

    run(body())


# -- transactions --------------------------------------------------------------------------------


def test_steps_one_by_one(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            async with await stage.client() as client:
                await client.ehlo()
                await client.mail("a@b", ["SIZE=10", "RET=HDRS"])
                await client.rcpt("c@d", ["NOTIFY=FAILURE"])
                asked, taken = await client.data(b".\r\n..\r\n\r\nx")
                assert asked.code == 354 and taken is not None and taken.enhanced == "2.0.0"
                await client.quit()
                await client.quit()
            (delivery,) = stage.deliveries
            assert delivery.content == b".\r\n..\r\n\r\nx\r\n"
            assert delivery.mail_parameters == (("SIZE", "10"), ("RET", "HDRS"))
            assert delivery.recipient_parameters == ((("NOTIFY", "FAILURE"),),)
            attempt = await stage.ended()
            assert told(attempt.conversation, Party.TARGET, Kind.LINE).count("QUIT") == 1

    run(body())


@pytest.mark.parametrize("content", [b"", b".", b"..\r\n", b"a\r\n.\r\nb\r\n", b"\r\n.\r\n\r\n"])
def test_content_arrives_as_it_is(tmp_path: Path, content: bytes) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage, await stage.client() as client:
            await client.ehlo()
            await client.transaction("a@b", (), ["c@d"], content)
            sent = content + b"\r\n" if content == b"." else content
            assert stage.deliveries[0].content == sent

    run(body())


def test_quit_does_not_mind_a_target_that_is_gone(tmp_path: Path) -> None:
    async def body() -> None:
        async with hostile(says(b"220 ok\r\n", b"250 ok\r\n")) as there:
            async with await there.client() as client:
                await client.ehlo()
                await client.quit()
                await client.quit()

    run(body())


def test_a_transaction_that_is_refused_is_reset(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(rcpt=Answer(550, "5.1.1 no"))) as stage:
            async with await stage.client() as client:
                await client.ehlo()
                for pipelined in (False, True):
                    replies = await client.transaction("a@b", (), ["c@d"], b"x", pipelined)
                    assert replies.rcpt[0].code == 550 and replies.data is None
                await client.quit()
            attempt = await stage.ended()
            assert told(attempt.conversation, Party.TARGET, Kind.LINE).count("RSET") == 2

    run(body())
