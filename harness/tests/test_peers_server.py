"""The scripted mail server: correct by default, and each fault exactly what it says."""

import asyncio
import socket
import struct
from pathlib import Path

import pytest

from mailassay.peers import smtp_server
from mailassay.peers.smtp_client import Submission
from mailassay.peers.envelope import Envelope, parse_envelope
from mailassay.peers.smtp_server import Attempt
from mailassay.peers.streams import PatientReader
from mailassay.peers.wire import HandshakeFailed, PeerProblem
from mailassay.verdicts import Kind, Party
from mailassay.world import Answer, Faults, Requiretls, Service, Starttls
from peers_support import HOST, LOOPBACK, MESSAGE, Stage, run, send, staged, told, unused_port


async def secured(client: Submission) -> None:
    await client.ehlo()
    await client.starttls()
    await client.ehlo()


async def session(stage: Stage, *parameters: str, tls: bool = True) -> Attempt:
    """One message in a session that a correct client would lead."""
    async with await stage.client() as client:
        await (secured(client) if tls else client.ehlo())
        await send(client, *parameters)
        await client.quit()
    return await stage.ended()


# -- the correct server --------------------------------------------------------------------------


def test_a_correct_session(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            attempt = await session(stage, "RequireTLS", "BODY=8BITMIME")
            assert attempt.tls is not None and attempt.tls.version == "TLSv1.3"
            assert attempt.handshake is True and attempt.hellos == [False, True]
            assert attempt.quit and attempt.quit_in_tls and attempt.ending == "QUIT"
            assert attempt.alive_to_the_end and attempt.gave_requiretls
            assert not attempt.envelope_in_plaintext and not attempt.content_in_plaintext
            assert attempt.content_in_tls == len(MESSAGE)
            (delivery,) = stage.deliveries
            assert delivery.content == MESSAGE and delivery.complete
            assert delivery.mail_parameters == (("RequireTLS", None), ("BODY", "8BITMIME"))
            assert (delivery.reverse_path, delivery.recipients) == (
                "a@from.example",
                ("b@to.example",),
            )
            assert delivery.attempt is attempt and delivery.tls == attempt.tls

    run(body())


def test_what_is_offered_in_plaintext_and_in_tls(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage, await stage.client() as client:
            plain = await client.ehlo()
            assert plain.has("starttls") and not plain.has("REQUIRETLS")
            await client.starttls()
            inside = await client.ehlo()
            assert inside.has("REQUIRETLS") and not inside.has("STARTTLS")
            for keyword in ("PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"):
                assert plain.has(keyword) and inside.has(keyword)
            assert inside.parameters("SIZE") == [str(smtp_server.MAX_MESSAGE)]

    run(body())


def test_the_record_of_a_session(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            attempt = await session(stage, "REQUIRETLS")
            said = told(attempt.conversation, Party.TARGET, Kind.LINE)
            assert "MAIL FROM:<a@from.example> REQUIRETLS" in said and said[-1] == "QUIT"
            assert told(attempt.conversation, Party.LAB, Kind.TLS)[0].startswith("established: TLS")
            assert told(attempt.conversation, Party.PEER, Kind.CLOSE) == ["closed"]
            (data,) = told(attempt.conversation, Party.TARGET, Kind.DATA)
            assert data.startswith("From: <a@from.example>\\r\\nSubject")
            assert attempt.conversation is stage.recorder.conversations[0]
            times = [e.at for e in attempt.conversation.entries]
            assert times == sorted(times)

    run(body())


def test_plaintext_is_told_from_tls(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            attempt = await session(stage, tls=False)
            assert attempt.tls is None and attempt.handshake is None
            assert attempt.envelope_in_plaintext and attempt.content_in_plaintext == len(MESSAGE)
            assert attempt.quit and not attempt.quit_in_tls

    run(body())


def test_several_messages_and_recipients_pipelined(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage, await stage.client() as client:
            await secured(client)
            for _ in range(2):
                replies = await client.transaction(
                    "", ["REQUIRETLS"], ["b@x.example", "c@x.example"], b"x\r\n", pipelined=True
                )
                assert [r.code for r in replies.rcpt] == [250, 250]
            await client.quit()
            await stage.until(lambda: len(stage.deliveries) == 2)
            assert {d.recipients for d in stage.deliveries} == {("b@x.example", "c@x.example")}

    run(body())


@pytest.mark.parametrize(
    "line, code",
    [
        ("DATA", 503),
        ("RCPT TO:<b@to.example>", 503),
        ("RSET", 250),
        ("NOOP", 250),
        ("VRFY b", 252),
        ("BDAT 10", 500),
        ("", 500),
        ("MAIL", 501),
        ("MAIL FROM", 501),
        ("MAIL TO:<a@from.example", 501),
        ("RCPT TO:", 501),
        ("HELO me", 250),
    ],
)
def test_single_commands(tmp_path: Path, line: str, code: int) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage, await stage.client() as client:
            assert (await client.command(line)).code == code

    run(body())


def test_starttls_inside_tls_is_refused(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage, await stage.client() as client:
            await secured(client)
            assert (await client.command("STARTTLS")).code == 503
            await send(client)

    run(body())


@pytest.mark.parametrize(
    "text, path, parameters",
    [
        ("MAIL FROM:<>", "", ()),
        ("mail from:<a@b> requiretls=", "a@b", (("requiretls", ""),)),
        ("MAIL FROM: <a@b>  SIZE=10   REQUIRETLS ", "a@b", (("SIZE", "10"), ("REQUIRETLS", None))),
        ('RCPT TO:<"a>b \\" c"@d> ORCPT=rfc822;x=y', '"a>b \\" c"@d', (("ORCPT", "rfc822;x=y"),)),
        ("MAIL FROM:a@b BODY=7BIT", "a@b", (("BODY", "7BIT"),)),
        ("RCPT TO:<@relay:a@b>", "@relay:a@b", ()),
    ],
)
def test_envelope_commands(
    text: str, path: str, parameters: tuple[tuple[str, str | None], ...]
) -> None:
    assert parse_envelope(text, True) == Envelope(path, parameters, True)


def test_an_unfinished_message_is_kept_as_such(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            await stage.exchange(b"MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nSubject: x")
            attempt = await stage.ended()
            (delivery,) = stage.deliveries
            assert delivery.content == b"Subject: x" and not delivery.complete
            assert attempt.content_in_plaintext == 10
            assert attempt.alive_to_the_end and not attempt.quit
            assert attempt.ending == "connection closed without QUIT"

    run(body())


def test_an_empty_message(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            said = await stage.exchange(
                b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n.\r\nQUIT\r\n"
            )
            assert said.endswith(b"250 2.0.0 Taken\r\n221 2.0.0 Goodbye\r\n")
            assert stage.deliveries[0].content == b"" and stage.deliveries[0].complete

    run(body())


# -- faults of STARTTLS --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, listed, code",
    [
        (Starttls.ABSENT, False, 502),
        (Starttls.STRUCK, False, 502),
        (Starttls.REFUSED_TEMPORARILY, True, 454),
        (Starttls.REFUSED_PERMANENTLY, True, 554),
    ],
)
def test_starttls_not_to_be_had(tmp_path: Path, kind: Starttls, listed: bool, code: int) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(starttls=kind)) as stage:
            async with await stage.client() as client:
                hello = await client.ehlo()
                assert hello.has("STARTTLS") is listed
                assert hello.has("XXXXXXXX") is (kind is Starttls.STRUCK)
                assert (await client.command("STARTTLS")).code == code
                await send(client)
                await client.quit()
            attempt = await stage.ended()
            assert attempt.handshake is None and attempt.alive_to_the_end and attempt.quit

    run(body())


@pytest.mark.parametrize(
    "kind, why",
    [
        (Starttls.GARBLED, "WRONG_VERSION_NUMBER"),
        (Starttls.HANDSHAKE_ALERT, "HANDSHAKE_FAILURE"),
        (Starttls.CLOSED, "connection was closed"),
    ],
)
def test_no_tls_behind_220(tmp_path: Path, kind: Starttls, why: str) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(starttls=kind)) as stage:
            async with await stage.client() as client:
                await client.ehlo()
                with pytest.raises(HandshakeFailed, match=why):
                    await client.starttls()
            attempt = await stage.ended()
            assert attempt.handshake is False and attempt.tls is None and attempt.hung_up
            assert not attempt.alive_to_the_end and str(kind) in attempt.ending

    run(body())


def test_what_is_said_after_a_sabotaged_handshake_is_recorded(tmp_path: Path) -> None:
    """A target that goes on in plaintext on the same connection can't do so unseen."""

    async def body() -> None:
        async with staged(tmp_path, Faults(starttls=Starttls.CLOSED)) as stage:
            await stage.exchange(b"EHLO x\r\nSTARTTLS\r\nMAIL FROM:<a@b>\r\n")
            attempt = await stage.ended()
            raw = told(attempt.conversation, Party.TARGET, Kind.RAW)
            assert raw == ["MAIL FROM:<a@b>\\r\\n"]

    run(body())


def test_replies_are_injected_behind_220(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(starttls=Starttls.INJECTING)) as stage:
            async with await stage.client() as client:
                await secured(client)
                assert client.wire.behind_starttls == f"250-{HOST}\r\n250 REQUIRETLS\r\n".encode()
                await send(client, "REQUIRETLS")
            assert stage.deliveries[0].tls is not None

    run(body())


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1.1", "TLSv1.2"])
def test_an_old_version(tmp_path: Path, version: str) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(maximum_tls=version)) as stage:
            attempt = await session(stage)
            assert attempt.tls is not None and attempt.tls.version == version

    run(body())


@pytest.mark.parametrize(
    "kind, plain, inside",
    [
        (Requiretls.IN_TLS, False, True),
        (Requiretls.NEVER, False, False),
        (Requiretls.ONLY_IN_PLAINTEXT, True, False),
        (Requiretls.ALWAYS, True, True),
    ],
)
def test_where_requiretls_is_listed(
    tmp_path: Path, kind: Requiretls, plain: bool, inside: bool
) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(requiretls=kind)) as stage:
            async with await stage.client() as client:
                assert (await client.ehlo()).has("REQUIRETLS") is plain
                await client.starttls()
                assert (await client.ehlo()).has("REQUIRETLS") is inside

    run(body())


# -- replies in the place of the normal ones -----------------------------------------------------

REFUSAL = Answer(550, "5.7.1 Not today")


def test_lmtp_has_its_own_hello_and_a_reply_for_each_recipient(tmp_path: Path) -> None:
    faults = Faults(end_of_data=Answer(552, "5.2.2 Full"))

    async def body() -> None:
        async with staged(tmp_path, faults, service=Service.LMTP) as stage:
            async with await stage.client() as client:
                assert (await client.command("EHLO c.example")).code == 500
                await client.lhlo()
                await client.starttls()
                assert (await client.lhlo()).has("REQUIRETLS")
            said = await stage.exchange(
                b"LHLO c.example\r\nMAIL FROM:<>\r\nRCPT TO:<a@x.example>\r\n"
                b"RCPT TO:<b@x.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n"
            )
            assert [line[:3] for line in said.split(b"\r\n")[-5:-1]] == [
                b"354", b"250", b"552", b"221"
            ]
            await stage.ended(2)
            assert stage.deliveries[0].recipients == ("a@x.example", "b@x.example")

    run(body())


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "end_of_data"])
def test_a_refusal_at_each_step(tmp_path: Path, step: str) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(**{step: REFUSAL})) as stage:
            async with await stage.client() as client:
                await secured(client)
                replies = await client.transaction("a@b", (), ["c@d"], MESSAGE)
                refused = {
                    "mail": replies.mail,
                    "rcpt": replies.rcpt[0] if replies.rcpt else None,
                    "data": replies.data,
                    "end_of_data": replies.end_of_data,
                }
                for name, reply in refused.items():
                    if name == step:
                        assert reply is not None and reply.code == 550
                        assert reply.enhanced == "5.7.1"
                        break
                    assert reply is not None and reply.code in (250, 354)
                await client.quit()
            attempt = await stage.ended()
            assert attempt.quit and len(attempt.mails) == 1
            # What was transmitted is kept, although it was refused then.
            assert len(stage.deliveries) == (1 if step == "end_of_data" else 0)

    run(body())


def test_mail_refused_in_plaintext_only(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(mail_in_plaintext=REFUSAL)) as stage:
            async with await stage.client() as client:
                await client.ehlo()
                assert (await client.mail("a@b")).code == 550
                await client.starttls()
                await client.ehlo()
                assert (await client.mail("a@b")).code == 250
            attempt = await stage.ended()
            assert [m.in_tls for m in attempt.mails] == [False, True]

    run(body())


def test_turned_away_by_the_greeting(tmp_path: Path) -> None:
    """With 554 the client may still say QUIT; anything else is out of order."""

    async def body() -> None:
        async with staged(tmp_path, Faults(greeting=Answer(554, "No service"))) as stage:
            with pytest.raises(PeerProblem, match="the greeting was 554 No service"):
                await stage.client()
            await stage.ended()
            said = await stage.exchange(b"EHLO x\r\nMAIL FROM:<a@b>\r\nQUIT\r\n")
            assert [x[:3] for x in said.split(b"\r\n")] == [b"554", b"503", b"503", b"221", b""]
            attempt = await stage.ended(2)
            assert attempt.quit and not attempt.mails

    run(body())


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data", "end_of_data"])
def test_421_closes(tmp_path: Path, step: str) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(**{step: Answer(421, "4.3.2 Closing")})) as stage:
            said = await stage.exchange(
                b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nx\r\n.\r\nNOOP\r\n"
            )
            assert said.split(b"\r\n")[-2:] == [b"421 4.3.2 Closing", b""]
            attempt = await stage.ended()
            assert attempt.hung_up and not attempt.alive_to_the_end

    run(body())


def test_nobody_listens(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(listening=False)) as stage:
            stage.server.port = unused_port()
            await stage.server.start()
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection(LOOPBACK, stage.server.port)
            assert not stage.attempts

    run(body())


def abandon(connection: socket.socket, last_words: bytes) -> None:
    """Says it and resets the connection in one go: nothing runs in between."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.send(last_words)
    connection.close()


@pytest.mark.parametrize("reader", [PatientReader, asyncio.StreamReader])
def test_a_reader_gives_out_what_came_before_a_reset(reader: type[asyncio.StreamReader]) -> None:
    async def body() -> list[bytes]:
        stream = reader()
        stream.feed_data(b"QUIT\r\n")
        stream.set_exception(ConnectionResetError())
        return [await stream.read(100), await stream.read(100)]

    if reader is PatientReader:
        assert run(body()) == [b"QUIT\r\n", b""]
    else:  # what asyncio's own does, and why there is another
        with pytest.raises(ConnectionResetError):
            run(body())


def test_a_quit_survives_the_reset_behind_it(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            with socket.create_connection((LOOPBACK, stage.server.port)) as connection:
                await stage.until(lambda: len(stage.attempts) == 1)
                abandon(connection, b"EHLO x\r\nQUIT\r\n")
            attempt = await stage.ended()
            assert attempt.quit and attempt.alive_to_the_end

    run(body())


def test_after_a_reset_under_a_reply_nothing_is_concluded(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            with socket.create_connection((LOOPBACK, stage.server.port)) as connection:
                await stage.until(lambda: len(stage.attempts) == 1)
                abandon(connection, b"EHLO x\r\n")
            attempt = await stage.ended()
            assert not attempt.quit and attempt.unsent and not attempt.alive_to_the_end

    run(body())


def test_a_port_in_use(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            other = smtp_server.ScriptedServer(
                HOST,
                stage.server.address,
                stage.server.port,
                stage.server.manner.ssl_context,
                Faults(),
                stage.recorder,
                "next hop",
                stage.changed,
            )
            with pytest.raises(OSError, match="address already in use"):
                await other.start()

    run(body())


# -- a submission server -------------------------------------------------------------------------


def test_a_login_is_offered_within_tls_only(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path, service=Service.SUBMISSION) as stage:
            async with await stage.client() as client:
                assert not (await client.ehlo()).has("AUTH")
                assert (await client.command("AUTH PLAIN AGEAYg==")).code == 504
                await client.starttls()
                assert (await client.ehlo()).parameters("AUTH") == ["PLAIN"]
                assert (await client.log_in("a", "b")).code == 235
                assert (await client.command("AUTH PLAIN")).code == 334
                assert (await client.command("AGEAYg==")).code == 235
                assert (await client.command("AUTH LOGIN")).code == 504

    run(body())


def test_a_next_hop_offers_no_login(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage, await stage.client() as client:
            await client.ehlo()
            await client.starttls()
            assert not (await client.ehlo()).has("AUTH")
            assert (await client.command("AUTH PLAIN AGEAYg==")).code == 504

    run(body())


def test_the_parameter_alone_is_refused(tmp_path: Path) -> None:
    async def body() -> None:
        faults = Faults(mail_with_requiretls=Answer(555, "no"))
        async with staged(tmp_path, faults) as stage, await stage.client() as client:
            await secured(client)
            assert (await client.mail("a@from.example", ("RequireTLS",))).code == 555
            assert (await client.mail("a@from.example")).code == 250

    run(body())


def test_a_keyword_that_only_resembles(tmp_path: Path) -> None:
    async def body() -> None:
        faults = Faults(requiretls=Requiretls.RESEMBLED)
        async with staged(tmp_path, faults) as stage, await stage.client() as client:
            assert not (await client.ehlo()).has("X-REQUIRETLS")
            await client.starttls()
            inside = await client.ehlo()
            assert inside.has("X-REQUIRETLS") and inside.has("REQUIRETLS-NOT")
            assert not inside.has("REQUIRETLS")
            assert inside.parameters("XFEATURES") == ["REQUIRETLS"]

    run(body())


def test_helo_alone_within_tls(tmp_path: Path) -> None:
    async def body() -> None:
        faults = Faults(ehlo_in_tls=Answer(502, "no"))
        async with staged(tmp_path, faults) as stage, await stage.client() as client:
            assert (await client.ehlo()).has("STARTTLS")
            await client.starttls()
            assert (await client.command("EHLO me")).code == 502
            assert (await client.command("HELO me")).code == 250

    run(body())
