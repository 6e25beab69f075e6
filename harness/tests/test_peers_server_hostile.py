"""The scripted mail server, against clients that do anything but lead a session."""

import asyncio
import ssl
from pathlib import Path

import pytest

from mailassay.peers import smtp_server
from mailassay.peers.wire import HandshakeFailed, PeerProblem
from mailassay.verdicts import Kind, Party
from peers_support import HOST, MESSAGE, run, send, short, staged, told


def test_plaintext_behind_starttls_is_reported_and_forgotten(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            async with await stage.client() as client:
                await client.ehlo()
                injection = await client.starttls_with_injection("MAIL FROM:<evil@x.example>")
                assert injection.starttls.code == 220 and injection.answered is None
                assert injection.hello is not None and injection.hello.has("REQUIRETLS")
                await send(client)
                await client.quit()
            attempt = await stage.ended()
            assert attempt.behind_starttls == b"MAIL FROM:<evil@x.example>\r\n"
            assert [m.path for m in attempt.mails] == ["a@from.example"]

    run(body())


@pytest.mark.parametrize("split", [1, 5, 12, 14, 30])
def test_plaintext_and_hello_in_any_split(tmp_path: Path, split: int) -> None:
    """Where plaintext ends and the client's hello begins does not depend on segments."""

    async def body() -> None:
        async with staged(tmp_path) as stage:
            reader, writer = await stage.raw()
            writer.write(b"EHLO x\r\n")
            await reader.readuntil(b"STARTTLS\r\n")
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            tls = context.wrap_bio(incoming, outgoing, server_hostname=HOST)
            with pytest.raises(ssl.SSLWantReadError):
                tls.do_handshake()
            octets = b"NOOP\r\nRSET\r\n" + outgoing.read()
            writer.write(b"STARTTLS\r\n" + octets[:split])
            await reader.readuntil(b"220 2.0.0 Go ahead\r\n")
            writer.write(octets[split:])
            while True:
                incoming.write(await reader.read(10_000))
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    continue
            writer.write(outgoing.read())
            tls.write(b"QUIT\r\n")
            writer.write(outgoing.read())
            writer.write_eof()
            await reader.read()
            writer.close()
            attempt = await stage.ended()
            assert attempt.behind_starttls == b"NOOP\r\nRSET\r\n"
            assert attempt.quit_in_tls and attempt.tls is not None
            assert attempt.tls.server_name == HOST

    run(body())


@pytest.mark.parametrize(
    "octets, ending",
    [
        (b"", "connection closed without QUIT"),
        (b"x" * 100_000, "given up: a line of more than 8192 octets"),
        (b"NOOP\r\n" * 1_001, "given up: more than 1000 commands"),
        (b"STARTTLS\r\n\x00\x01\x02garbage\r\n", "the TLS handshake failed"),
        (b"STARTTLS\r\n" + b"NOOP\r\n" * 20_000, "plaintext without end"),
        (b"STARTTLS\r\n" + b"x" * 20_000, "the TLS handshake failed"),
    ],
    ids=short,
)
def test_a_client_that_talks_nonsense(tmp_path: Path, octets: bytes, ending: str) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            reader, writer = await stage.raw()
            writer.write(octets)
            writer.write_eof()
            attempt = await stage.ended()
            assert ending in attempt.ending
            writer.close()

    run(body())


def test_odd_octets_are_answered_and_escaped(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            said = await stage.exchange(b"\x00\xff\x1b[31m\r\nMAIL FROM:<\x00\xfe>\nQUIT\r\n")
            assert [x[:3] for x in said.split(b"\r\n")] == [b"220", b"500", b"250", b"221", b""]
            attempt = await stage.ended()
            lines = told(attempt.conversation, Party.TARGET, Kind.LINE)
            assert lines[:2] == [r"\x00\xff\x1b[31m", r"MAIL FROM:<\x00\xfe>"]
            assert all(line.isprintable() for line in lines)

    run(body())


def test_a_message_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_server, "MAX_MESSAGE", 10_000)

    async def body() -> None:
        async with staged(tmp_path) as stage:
            reader, writer = await stage.raw()
            writer.write(b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n")
            writer.write(b"line\r\n" * 100_000)
            attempt = await stage.ended()
            assert attempt.ending == "given up: message content without an end"
            assert not stage.deliveries[0].complete
            assert 10_000 < len(stage.deliveries[0].content) < 100_000
            writer.close()

    run(body())


def test_more_mail_than_can_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_server, "MAX_KEPT", 3 * len(MESSAGE))

    async def body() -> None:
        async with staged(tmp_path) as stage, await stage.client() as client:
            await client.ehlo()
            with pytest.raises(PeerProblem):
                for _ in range(4):
                    await send(client)
            attempt = await stage.ended()
            assert "octets of mail" in attempt.ending and len(stage.deliveries) == 3

    run(body())


def test_a_silent_client(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path, deadline=0.05) as stage:
            _, writer = await stage.raw()
            attempt = await stage.ended()
            assert attempt.ending == "given up: no line came within 0.05 s"
            assert attempt.hung_up and not attempt.alive_to_the_end
            writer.close()

    run(body())


def test_a_client_silent_in_the_handshake(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path, deadline=0.05) as stage:
            reader, writer = await stage.raw()
            writer.write(b"STARTTLS\r\n\x16\x03\x01")
            await reader.read()
            writer.close()
            attempt = await stage.ended()
            assert attempt.ending == "the TLS handshake failed: no handshake within 0.05 s"

    run(body())


def test_many_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp_server, "MAX_CONNECTIONS", 3)

    async def body() -> None:
        async with staged(tmp_path) as stage:
            answers = await asyncio.gather(*(stage.exchange(b"QUIT\r\n") for _ in range(5)))
            assert sorted(bool(a) for a in answers) == [False, False, True, True, True]
            assert len(stage.attempts) == 3

    run(body())


def test_a_certificate_that_the_client_refuses(tmp_path: Path) -> None:
    """The alert that a verifying client sends is told, and leaves no session to be quit."""

    async def body() -> None:
        async with staged(tmp_path) as stage:
            client = await stage.client()
            await client.ehlo()
            assert (await client.command("STARTTLS")).code == 220
            with pytest.raises(HandshakeFailed, match="CERTIFICATE_VERIFY_FAILED"):
                await client.wire.start_tls_client(ssl.create_default_context(), HOST)
            await client.wire.close()
            attempt = await stage.ended()
            assert "UNKNOWN_CA" in attempt.ending and attempt.handshake is False
            assert not attempt.alive_to_the_end

    run(body())


def test_stopping_ends_open_sessions(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            client = await stage.client()
            await client.ehlo()
            await stage.server.stop()
            assert stage.attempts[0].ended
            with pytest.raises(PeerProblem):
                await client.ehlo()
            await client.wire.close()

    run(body())


def test_stopping_while_the_last_word_is_heard_out(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            reader, writer = await stage.raw()
            writer.write(b"QUIT\r\n")
            await reader.read()
            await stage.server.stop()
            assert stage.attempts[0].ended and stage.attempts[0].quit
            writer.close()

    run(body())
