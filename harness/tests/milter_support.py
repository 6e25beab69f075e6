"""Milters for the tests: opendkim as it is packaged, and scripted ones over a socket."""

from __future__ import annotations

import asyncio
import base64
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from mailassay.milter.client import Caller
from mailassay.milter.message import Mail, mail

PATIENCE = 30.0
INSIDE = Caller(host=b"localhost", address="127.0.0.1", helo=b"localhost")
OUTSIDE = Caller()
DOMAIN = "signed.example"

MESSAGE = (
    b"From: Ann <ann@signed.example>\r\nTo: bob@to.example\r\nSubject: a folded\r\n  subject\r\n"
    b"Date: Thu, 01 Jan 2026 12:00:00 +0000\r\nMessage-ID: <1@signed.example>\r\n\r\n"
    b"One line.\r\n\r\nAnother, and no more.\r\n"
)


def message(octets: bytes = MESSAGE) -> Mail:
    return mail(octets, b"<ann@signed.example>", (b"<bob@to.example>",))


def run(body: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(2 * PATIENCE):
            await body

    asyncio.run(bounded())


@asynccontextmanager
async def opendkim(folder: Path, *more: str) -> AsyncIterator[str]:
    """A running opendkim that signs mail of ours and verifies the rest; its socket."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    (folder / "key.pem").chmod(0o600)
    public = base64.b64encode(
        key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    ).decode()
    (folder / "keys").write_text(f"s._domainkey.{DOMAIN} v=DKIM1; k=rsa; p={public}\n")
    lines = [
        f"Socket local:{folder}/socket", "Syslog no", f"Domain {DOMAIN}", "Selector s",
        f"KeyFile {folder}/key.pem", f"TestPublicKeys {folder}/keys", "Mode sv",
        "Canonicalization relaxed/simple", "AlwaysAddARHeader yes", "AuthservID mx.example",
        "Background no", "RequireSafeKeys no", *more,
    ]
    (folder / "conf").write_text("\n".join(lines) + "\n")
    process = await asyncio.create_subprocess_exec(
        "/usr/sbin/opendkim", "-f", "-x", str(folder / "conf"), stdout=subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(PATIENCE):
            while not (folder / "socket").exists() or not await _listens(folder / "socket"):
                assert process.returncode is None, "opendkim ended at once"
                # Nothing announces that it listens.
                await asyncio.sleep(0.01)
        yield f"unix:{folder}/socket"
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _listens(path: Path) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(str(path))
    except OSError:
        return False
    writer.close()
    return True


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def scripted(folder: Path, script: Script) -> AsyncIterator[str]:
    """A milter that does what the script says; its socket.  What the script waits for ends with the
    context."""
    tasks: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        try:
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_unix_server(serve, str(folder / "scripted"))
    try:
        yield f"unix:{folder}/scripted"
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
