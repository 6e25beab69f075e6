"""The peers, by the word of programs that we did not write: swaks and openssl."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mailassay.world import Answer, Faults, Requiretls, Starttls
from peers_support import HOST, LOOPBACK, PATIENCE, Stage, run, staged


async def witness(*command: str, said: bytes = b"") -> tuple[int, str]:
    """Exit code and output of a program; the server runs on meanwhile."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, _ = await process.communicate(said)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, output.decode("utf-8", errors="replace")


async def swaks(stage: Stage, *more: str) -> tuple[int, str]:
    return await witness(
        "swaks", "--server", LOOPBACK, "--port", str(stage.server.port), "--helo", "a.example",
        "--from", "a@from.example", "--to", "b@to.example,c@to.example", "--timeout", "15",
        "--data", "Subject: from a witness\\n\\n.dot\\n..dots\\n%NEW_HEADERS%", *more,
    )


def test_swaks_sends_in_tls(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            code, told = await swaks(stage, "--tls", "--tls-sni", HOST, "--pipeline")
            assert code == 0, told
            assert "250 REQUIRETLS" in told and f"/CN={HOST}" in told
            attempt = await stage.ended()
            (delivery,) = stage.deliveries
            assert delivery.recipients == ("b@to.example", "c@to.example")
            assert delivery.content.startswith(b"Subject: from a witness\r\n\r\n.dot\r\n..dots\r\n")
            assert attempt.quit_in_tls and attempt.tls is not None
            assert attempt.tls.server_name == HOST and attempt.hellos == [False, True]

    run(body())


def test_swaks_sends_in_plaintext(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(starttls=Starttls.ABSENT)) as stage:
            code, told = await swaks(stage, "--tls-optional")
            assert code == 0, told
            attempt = await stage.ended()
            assert attempt.content_in_plaintext and attempt.envelope_in_plaintext and attempt.quit

    run(body())


@pytest.mark.parametrize(
    "faults, seen",
    [
        (Faults(starttls=Starttls.STRUCK), "host did not advertise STARTTLS"),
        (Faults(starttls=Starttls.REFUSED_TEMPORARILY), "454 4.7.0"),
        (Faults(starttls=Starttls.REFUSED_PERMANENTLY), "554 5.7.0"),
        (Faults(starttls=Starttls.GARBLED), "TLS startup failed"),
        (Faults(starttls=Starttls.CLOSED), "TLS startup failed"),
        (Faults(starttls=Starttls.HANDSHAKE_ALERT), "TLS startup failed"),
    ],
    ids=lambda value: str(value.starttls) if isinstance(value, Faults) else "",
)
def test_swaks_finds_no_tls(tmp_path: Path, faults: Faults, seen: str) -> None:
    async def body() -> None:
        async with staged(tmp_path, faults) as stage:
            code, told = await swaks(stage, "--tls")
            assert code != 0 and seen.lower() in told.lower(), told
            await stage.ended()
            assert not stage.deliveries and not stage.attempts[0].mails

    run(body())


@pytest.mark.parametrize("step", ["greeting", "mail", "rcpt", "data", "end_of_data"])
def test_swaks_is_refused(tmp_path: Path, step: str) -> None:
    async def body() -> None:
        refusal = Answer(550, "5.7.1 Not today")
        async with staged(tmp_path, Faults(**{step: refusal})) as stage:
            code, told = await swaks(stage, "--tls")
            assert code != 0 and "550 5.7.1 Not today" in told
            assert (await stage.ended()).quit

    run(body())


# A line that begins with a capital Q is a command to s_client itself.
async def s_client(stage: Stage, *more: str, said: bytes = b"quit\n") -> tuple[int, str]:
    return await witness(
        "openssl", "s_client", "-starttls", "smtp", "-connect", f"{LOOPBACK}:{stage.server.port}",
        "-crlf", "-ign_eof", *more, said=said,
    )


@pytest.mark.parametrize(
    "maximum, version",
    [("TLSv1", "TLSv1"), ("TLSv1.1", "TLSv1.1"), ("TLSv1.2", "TLSv1.2"), (None, "TLSv1.3")],
)
def test_openssl_names_the_version(tmp_path: Path, maximum: str | None, version: str) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(maximum_tls=maximum)) as stage:
            code, told = await s_client(stage, "-cipher", "DEFAULT:@SECLEVEL=0")
            assert code == 0, told
            assert f"New, {version}, Cipher is" in told or f"Protocol  : {version}\n" in told
            attempt = await stage.ended()
            assert attempt.tls is not None and attempt.tls.version == version
            assert attempt.quit_in_tls and attempt.tls.cipher in told

    run(body())


@pytest.mark.parametrize("kind", [Requiretls.IN_TLS, Requiretls.NEVER])
def test_openssl_sees_requiretls_in_tls(tmp_path: Path, kind: Requiretls) -> None:
    async def body() -> None:
        async with staged(tmp_path, Faults(requiretls=kind)) as stage:
            _, told = await s_client(stage, "-quiet", said=b"EHLO witness.example\nQUIT\n")
            assert ("250 REQUIRETLS" in told) is (kind is Requiretls.IN_TLS)
            assert "221 2.0.0 Goodbye" in told

    run(body())


def test_openssl_verifies_the_chain(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            anchor = tmp_path / "certificates" / "ca.pem"
            _, told = await s_client(
                stage, "-CAfile", str(anchor), "-verify_hostname", HOST, "-verify_return_error"
            )
            assert "Verify return code: 0 (ok)" in told and f"CN = {HOST}" in told

    run(body())


def test_openssl_closing_without_quit_is_told(tmp_path: Path) -> None:
    async def body() -> None:
        async with staged(tmp_path) as stage:
            await witness(
                "openssl", "s_client", "-starttls", "smtp", "-crlf", "-quiet", "-no_ign_eof",
                "-connect", f"{LOOPBACK}:{stage.server.port}", said=b"",
            )
            attempt = await stage.ended()
            assert attempt.ending == "connection closed without QUIT"
            assert attempt.handshake is True and attempt.alive_to_the_end and not attempt.quit

    run(body())
